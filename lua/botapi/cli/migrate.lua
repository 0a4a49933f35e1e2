-- SPDX-License-Identifier: MIT
-- Owns the command `botapi migrate`: options read, the plan shown, the question, progress, the end; and its journal.

local botapi = require "botapi"
local journal = require "botapi.journal"
local json = require "botapi.json"
local options = require "botapi.cli.options"
local outcomes = require "botapi.outcome"
local plan_text = require "botapi.migrate.text".plan
local read_options = require "botapi.migrate.options".read
local report_text = require "botapi.migrate.report_text"
local session = require "botapi.cli.session"
local texts = require "botapi.text"

local command = {}

--- How the command names what its user adds to a move; the library's texts name it in Lua.
command.words = {
  updates = "drain them first, or accept with --accept-loss", webhook = "--webhook keep, none, or a URL",
  secret = "--webhook-secret-file FILE", certificate = "--webhook-certificate FILE",
  continue = "run the same command with --continue", settle = "`botapi migrate --settle` with `--to` checks there",
  force = "--force", noted = ("Exit %d. Noted in "):format(outcomes.exits.unknown),
}

function command.describe(parser)
  parser:summary "Move a bot from one server to another."
  parser:description("Moves a bot from one Bot API server to another: checks everything, shows the plan, asks, "
    .. "logs out of the old server, waits until the new one accepts the bot, sets the webhook there and reads it "
    .. "back. A journal records what it does; after an interruption the same command continues.")
  parser:epilog("Example:\n  botapi migrate --from telegram --to http://10.0.0.5:8081 -n\n"
    .. "Without --yes and --confirm it asks, which needs a terminal. More: botapi help exit-codes, environment, json.")
  parser:option("--from", "The old server: telegram, local, or a URL."):argname "S"
  parser:option("--to", "The new server."):argname "S"
  parser:flag("--close", "Between two local servers: close the bot, don't log it out. Waiting updates go along with "
    .. "its directory, which you move by hand.")
  parser:flag("--continue", "The directory is in its new place: continue."):target "continue_move"
  parser:option("--webhook", "The webhook on the new server: keep, none, or a URL."):argname "keep|none|URL"
  parser:option("--webhook-secret-file", "File with its secret_token; empty: it has none."):argname "F"
  parser:option("--webhook-certificate", "Its certificate (PEM)."):argname "F"
  parser:flag("--accept-loss", "Updates that wait on the old server may be lost.")
  options.add_consent(parser, "Don't ask; move it as planned, if all checks pass.")
  parser:flag("--rehearse", "Play the move on two emulated servers, without a token and without any real server.")
  parser:flag("--show", "Show the bot's journal and end.")
  parser:flag("--settle", "You know that the bot runs on --to: ask there, and if it answers, close the "
    .. "attempt that was never answered, and continue.")
  options.add_bot(parser)
end

-- The journal ---------------------------------------------------------------------------

-- A record as a line for people.
local describe = {}

function describe.intent(record) return ("%s at %s: begun"):format(record.method, record.server) end

function describe.result(record)
  return ("%s at %s: %s%s"):format(record.method or "?", record.server or "?", record.outcome,
    record.reason and " (" .. record.reason .. ")" or "")
end

function describe.arrival(record) return "runs on " .. record.server end

function describe.note(record)
  if record.what == "plan" then return ("planned: from %s to %s (%s)"):format(record.from, record.to, record.how) end
  if record.what == "end" then return "the move ended: " .. tostring(record.status) end
  return tostring(record.what)
end

local function line_of(record)
  local text = describe[record.type] and describe[record.type](record) or record.type
  return os.date("%Y-%m-%d %H:%M:%S", record.at) .. "  " .. text
end

local function journal_text(log, path, id)
  local lines = { "Journal  " .. texts.path(path) }
  for _, record in ipairs(log:records(id)) do lines[#lines + 1] = line_of(record) end
  if #lines == 1 then lines[2] = "The journal has no records of this bot." end
  for _, intent in ipairs(log:unsettled(id)) do
    lines[#lines + 1] = ("Never answered: %s at %s, %s. To settle it, run the same command again\nsoon; or: botapi "
      .. "migrate --settle --to S, where the bot runs."):format(intent.method, intent.server, texts.ago(intent.age))
  end
  return table.concat(lines, "\n")
end

-- botapi migrate --show
local function show(self)
  local wrong = self:read_token()
  if wrong then return self:misused(wrong) end
  local path, why = journal.path(self.bot.id)
  if not path then return self:misused("there is no journal: " .. why .. ".") end
  local log, message = journal.read(path)
  if not log then
    return self:finish { outcome = "refused", reason = "journal", failed = "the journal can't be read: " .. message
      .. ".\nRepair the file, or move it away." }
  end
  return self:finish { outcome = "done", text = journal_text(log, path, self.bot.id),
    response = log:records(self.bot.id) }
end

-- What --settle is about: fills `from`, `to` and `close` in where the journal knows them. Why it can't.
local function complete_from_journal(parsed, id)
  local path, why = journal.path(id)
  local log = path and journal.read(path)
  if not log then return "there is no journal: " .. tostring(why) .. "." end
  local open = log:unsettled(id)
  local intent = open[1]
  for _, each in ipairs(open) do
    if outcomes.leaves(each.method) then intent = each end
  end
  if not intent then return "there is nothing to settle: every request of this bot was answered." end
  if intent.server:find(" ", 1, true) then
    return "that attempt went to " .. intent.server .. ",\nwhich only Lua reaches: call botapi.migrate with "
      .. "settle = true."
  end
  local plan = nil
  for _, record in ipairs(log:records(id)) do
    if record.type == "note" and record.what == "plan" then plan = record end
  end
  parsed.from, parsed.close = parsed.from or intent.server, intent.method == "close" or parsed.close
  parsed.to = parsed.to or plan and plan.from == intent.server and plan.to or nil
  if not parsed.to then return "--settle needs --to: the server that the bot runs on now, which is asked." end
end

-- Options -------------------------------------------------------------------------------

local function read_file(path)
  local file, why = io.open(path, "r")
  if not file then return nil, why end
  local text = file:read "*a"
  file:close()
  return text
end

-- Reads the webhook's options: what they are, or why they can't be used.
local function read_webhook(parsed, given)
  local secret, certificate, why
  if parsed.webhook_secret_file then
    secret, why = read_file(parsed.webhook_secret_file)
    if not secret then return "--webhook-secret-file can't be read: " .. why end
    secret = secret:match "^[^\r\n]*"
  end
  if parsed.webhook_certificate then
    certificate, why = read_file(parsed.webhook_certificate)
    if not certificate then return "--webhook-certificate can't be read: " .. why end
  end
  if parsed.webhook == "none" then
    given.webhook = false
  elseif parsed.webhook == "keep" then
    given.webhook, given.certificate = "keep", certificate
    if secret then given.secret_token = secret ~= "" and secret end
  elseif parsed.webhook and not parsed.webhook:find "^%a+://" then
    return "--webhook is keep, none or a URL, such as https://shop.example/hook."
  elseif parsed.webhook then
    given.webhook = { url = parsed.webhook, secret_token = secret ~= "" and secret or nil, certificate = certificate }
  elseif secret or certificate then
    return "--webhook-secret-file and --webhook-certificate need --webhook keep or a URL."
  end
end

-- Reads one side of the move: how to reach both servers is the same. Why it can't be used.
local function read_side(run, name)
  local self, rehearsed = run.session, run.rehearsal and run.rehearsal[name] or {}
  local found, why = options.read_server(rehearsed.url or self.parsed[name], self.parsed)
  if not found then return "--" .. name .. ": " .. why end
  if name == "from" then self.server = found end
  found.options.as = rehearsed.as
  run.options[name] = found.options
end

local function begin_rehearsal(run)
  local self, parsed = run.session, run.session.parsed
  local why
  run.rehearsal, why = require "botapi.cli.rehearsal".start(parsed)
  if why then return why end
  self:set_token(run.rehearsal.token)
  run.options.journal = run.rehearsal.journal
  run.options.ready = parsed.close and function()
    self.out:note "(In a rehearsal the directory counts as moved.)"
    return true
  end or nil
end

-- Reads all: why the move can't begin.
local function prepare(run)
  local self, parsed, given = run.session, run.session.parsed, run.options
  if parsed.rehearse then parsed.from, parsed.to = parsed.from or "telegram", parsed.to or "local" end
  if not parsed.settle and not (parsed.from and parsed.to) then
    return "migrate needs --from and --to: the old server and the new one."
  end
  local wrong = self:check_consent()
  if not wrong and parsed.rehearse then wrong = begin_rehearsal(run) elseif not wrong then wrong = self:read_token() end
  if not wrong and parsed.settle then wrong = complete_from_journal(parsed, self.bot.id) end
  wrong = wrong or read_webhook(parsed, given) or read_side(run, "from") or read_side(run, "to")
  if wrong then return wrong end
  given.how = parsed.close and "close" or "logout"
  given.dry_run, given.accept_loss, given.settle = parsed.dry_run, parsed.accept_loss, parsed.settle
  given.continue, given.force = parsed.continue_move, parsed.force
  return select(2, read_options(given))
end

-- Asking ----------------------------------------------------------------------------------

-- The plan, in colour where there is one.
local function painted(out, text)
  return (text:gsub("\n  (%a+)( +)", function(word, gap)
    if word == "ok" or word == "LOSS" or word == "FAIL" then return "\n  " .. out:paint(word, word) .. gap end
  end))
end

local function confirm(run, plan)
  local self, parsed = run.session, run.session.parsed
  self.bot = plan.bot
  local text = painted(self.out, plan_text(plan, command.words)) .. "\n"
  self.out:note(text)
  if parsed.yes then return true end
  if parsed.confirm then
    if plan.resumed and not plan.bot.username or self:is_meant(parsed.confirm) then return true end
    self.out:fail(self:another_bot())
    run.exit = outcomes.exits.usage
    return false
  end
  if parsed.quiet then self.out:say(text) end
  -- a rehearsal's cloud is on this machine, and asks as the real one
  if self:agrees("move it", self.server.is_loopback and plan.from.kind ~= "cloud") then return true end
  run.exit = outcomes.exits.cancelled
  return false
end

-- Progress ------------------------------------------------------------------------------

-- A terminal has one line, redrawn; a log has a line for each.
local function show_step(out, event)
  if not out.redraws then return out:note(event.text) end
  out:draw(event.line)
  if event.state == "done" or event.state == "failed" then out:keep() end
end

-- Only the attempts of the request that leaves count.
local function count_attempts(self, event)
  local attempts = self.attempts
  self:observe(event)
  if not (event.type == "attempt" and event.side == "from" and outcomes.leaves(event.method)) then
    self.attempts = attempts
  end
end

local function see(run, event)
  local self, out = run.session, run.session.out
  count_attempts(self, event)
  if event.type == "report" then
    run.report = event.report
  elseif event.type == "check" then
    out:step(event.name .. ": " .. event.state)
  elseif event.type == "tick" and out.redraws then
    out:draw(event.line)
  elseif event.type == "step" then
    show_step(out, event)
    if not self.parsed.json then return end
    out:document(json.encode(json.object("v", 1, "event", "step", "step", event.step, "steps", event.steps,
      "name", event.name, "state", event.state, "elapsed", event.elapsed)))
  end
end

-- The end ---------------------------------------------------------------------------------

local function text_of(run)
  local text = report_text(run.report, command.words)
  if run.rehearsal then text = text .. "\n\nThis was a rehearsal on emulated servers: no real one was asked." end
  return text
end

local function print_document(run, exit)
  local report = run.report
  run.session.bot = report.bot
  if run.session.parsed.json then
    run.session:print_document({ event = "report", outcome = outcomes.of_status(report.status), sent = report.sent,
      reason = report.reason, response = report.answer, retry_after = report.retry_after }, exit)
  end
  return exit
end

local function finish(run, report)
  run.report = report
  local out, parsed, exit = run.session.out, run.session.parsed, run.exit or report.exit
  if not (run.exit or parsed.json and exit == 0) then
    local is_result = not parsed.json and (exit == 0 or parsed.dry_run)
    local way = is_result and "result" or not parsed.json and report.status == "unknown" and "fail" or "say"
    out[way](out, text_of(run))
  end
  return print_document(run, exit)
end

-- Ctrl-C: the library has noted it, put back what was taken off, and told its report.
local function stopped(run)
  if not run.report then return run.session:stopped() end
  run.session.out:fail(text_of(run))
  return print_document(run, run.report.exit)
end

-- All of it -------------------------------------------------------------------------------

local function move(run)
  local wrong = prepare(run)
  if wrong then return run.session:misused(wrong) end
  run.options.on_event = function(event) see(run, event) end
  run.options.confirm = function(plan) return confirm(run, plan) end
  return session.guard(function() return stopped(run) end, function()
    return finish(run, botapi.migrate(run.session.token, run.options))
  end)
end

local function perform(self)
  if self.parsed.show then return show(self) end
  ---@type botapi.cli.Move
  local run = session.state { session = self, options = {}, rehearsal = false, report = false, exit = false }
  local ok, exit = pcall(move, run)
  if run.rehearsal then run.rehearsal:close() end
  if not ok then error(exit, 0) end
  return exit
end

function command.run(parsed) return session.run("migrate", parsed, perform) end

return command
