-- SPDX-License-Identifier: MIT
-- Owns the command `botapi migrate`: options read, the plan shown, the question, progress, the end; and its journal.

local botapi = require "botapi"
local drain = require "botapi.cli.drain"
local journal = require "botapi.journal"
local json = require "botapi.json"
local machine = require "botapi.machine"
local move_text = require "botapi.migrate.text"
local options = require "botapi.cli.options"
local outcomes = require "botapi.outcome"
local painted = require "botapi.cli.terminal".painted
local read_options = require "botapi.migrate.options".read
local refused = require "botapi.migrate.webhook_rules".refused
local report_text = require "botapi.migrate.report_text"
local server = require "botapi.server"
local session = require "botapi.cli.session"
local texts = require "botapi.text"

local command = {}

--- How the command names what its user adds to a move; the library's texts name it in Lua.
command.words = {
  updates = "--drain FILE takes them first, --accept-loss gives them up", webhook = "--webhook keep, none, or a URL",
  secret = "--webhook-secret-file FILE", certificate = "--webhook-certificate FILE", url = "--webhook URL",
  max_connections = "--webhook-max-connections N", ip_address = "--webhook-ip-address IP",
  back = "wait; or restart that server, and use --force", unknown_webhook = "--webhook URL or none",
  gone = "--from-gone goes on without it, if it is gone for good",
  continue = "run the same command with --continue", settle = "`botapi migrate --settle` with `--to` checks there",
  go_on = "the same command with --settle", force = "--force",
  noted = ("Exit %d. Noted in "):format(outcomes.exits.unknown),
}

function command.describe(parser)
  parser:summary "Move a bot from one server to another."
  parser:description("Moves a bot from one Bot API server to another: checks everything, shows the plan, asks, "
    .. "logs out of the old server, waits until the new one accepts the bot, sets the webhook there and reads it "
    .. "back. A journal records what it does; after an interruption the same command continues.")
  parser:epilog("Example:\n  botapi migrate --from telegram --to http://10.0.0.5:8081 -n\n"
    .. "Without --yes and --confirm it asks, which needs a terminal. More: botapi help exit-codes, environment, json.")
  options.add_sides(parser, "The old server: telegram, local, or a URL.", "The new server.")
  parser:flag("--close", "Between two local servers: close the bot, don't log it out. Its session goes along with its "
    .. "directory, which you move by hand.")
  parser:flag("--continue", "The directory is in its new place: continue."):target "continue_move"
  parser:option("--webhook", "The webhook on the new server: keep, none, or a URL."):argname "keep|none|URL"
  parser:option("--webhook-secret-file", "File with its secret_token; an empty file: it has none."):argname "F"
  parser:option("--webhook-certificate", "File with its certificate (PEM)."):argname "F"
  parser:option("--webhook-max-connections", "How many connections to it may be open at once.")
    :argname "N":convert(options.number)
  parser:option("--webhook-allowed-updates", "The kinds of update that it gets: a,b,c, or default."):argname "LIST"
  parser:option("--webhook-ip-address", "Its address, in place of what DNS says."):argname "IP"
  parser:option("--drain", "Take the updates that wait on the old server; append them to FILE, as JSON Lines.")
    :argname "FILE"
  parser:flag("--accept-loss", "Updates that wait on the old server may be lost.")
  options.add_consent(parser, "Don't ask; move it as planned, if all checks pass.")
  parser:flag("--from-gone", "The old server is gone for good: go on without it. What waits there is lost.")
  parser:flag("--rehearse", "Play the move on two emulated servers, without a token and without any real server.")
  parser:flag("--show", "Show the bot's journal and end.")
  parser:flag("--settle", "An attempt to leave was never answered, and you know that the bot runs on --to: ask "
    .. "there; if the bot answers, count the attempt as done and continue.")
  options.add_bot(parser, options.sides)
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
  if record.what == "plan" then return ("planned: from %s to %s (%s)"):format(tostring(record.from),
    tostring(record.to), tostring(record.how)) end
  if record.what == "end" then return "the move ended: " .. tostring(record.status) end
  return tostring(record.what)
end

local function line_of(record)
  local text = describe[record.type] and describe[record.type](record) or record.type
  return os.date("%Y-%m-%d %H:%M:%S", record.at) .. "  " .. texts.said(text)
end

local function journal_text(log, path, id)
  local lines = { "Journal  " .. texts.path(path) }
  for _, record in ipairs(log:records(id)) do lines[#lines + 1] = line_of(record) end
  if #lines == 1 then lines[2] = "The journal has no records of this bot." end
  for _, intent in ipairs(log:unsettled(id)) do
    lines[#lines + 1] = ("Never answered: %s at %s, %s.\n  To settle it, run the same command again soon; or, with S "
      .. "the\n  server that it runs on now: botapi migrate --settle --to S"):format(texts.said(intent.method),
      texts.said(intent.server), texts.ago(intent.age))
  end
  return table.concat(lines, "\n")
end

-- botapi migrate --show
local function show(self)
  local wrong = self:read_token()
  if wrong then return self:misused(wrong) end
  local path, why = journal.path(self.bot.id)
  if not path then return self:misused("there is no journal: " .. why .. ".") end
  local log, message, errno = journal.read(path)
  if not log then
    return self:finish { outcome = "not_sent", reason = "journal", failed = "the journal can't be read: " .. message
      .. ".\n" .. (machine.step(errno) or "Repair the file, or move it away.") }
  end
  self:note_damage(log)
  return self:finish { outcome = "done", text = journal_text(log, path, self.bot.id),
    response = log:records(self.bot.id) }
end

-- The server of one side as the journal has it, where none was given.
local function complete_side(parsed, side, identity)
  if parsed[side] then return end
  local found = server.options_of(identity)
  parsed[side] = found.server
  for _, name in ipairs { "test", "unix_socket" } do
    parsed[side .. "_" .. name] = found[name] or parsed[side .. "_" .. name]
  end
end

-- What --settle is about: fills `from`, `to` and `close` in where the journal knows them. Why it can't.
local function complete_from_journal(parsed, id)
  local path, why = journal.path(id)
  if not path then return "there is no journal: " .. why .. "." end
  local log, message, errno = journal.read(path)
  if not log then return "the journal can't be read: " .. machine.told(message, errno) .. "." end
  local open = log:unsettled(id)
  local intent = open[1]
  for _, each in ipairs(open) do
    if outcomes.leaves(each.method) then intent = each end
  end
  if not intent and log:damage() then return "the journal can't be read: " .. log:damage() .. "." end
  if not intent then return "there is nothing to settle: every request of this bot was answered." end
  local plan = nil
  for _, record in ipairs(log:records(id)) do
    if record.type == "note" and record.what == "plan" then plan = record end
  end
  complete_side(parsed, "from", intent.server)
  parsed.close = intent.method == "close" or parsed.close
  if plan and plan.from == intent.server then complete_side(parsed, "to", plan.to) end
  if not parsed.to then return "--settle needs --to: the server that the bot runs on now, which is asked." end
end

-- Options -------------------------------------------------------------------------------

local function read_file(path)
  local file, why = io.open(path, "rb")
  if not file then return nil, why end
  local text, problem = file:read "*a"
  file:close()
  return text, problem           -- a directory can be opened
end

local function first_line(text) return text:match "^[^\r\n]*" end

-- A list of names with commas between them; "default" is the empty one.
local function list_of(text)
  local list = {}
  for name in (text == "default" and "" or text):gmatch "[^,%s]+" do list[#list + 1] = name end
  return list
end

-- What may be said of the webhook: the parameter, the option, and what becomes of its value; `file`: of what is in it.
local said_of_webhook = {
  { "secret_token", "webhook_secret_file", file = first_line },
  { "certificate", "webhook_certificate", file = function(text) return text end },
  { "max_connections", "webhook_max_connections" },
  { "allowed_updates", "webhook_allowed_updates", convert = list_of },
  { "ip_address", "webhook_ip_address" },
}

local function flag_of(name) return "--" .. name:gsub("_", "-") end

-- Reads one of them: its value, or why it can't be used. An empty secret is none.
local function read_said(each, value)
  local name, flag = each[1], flag_of(each[2])
  if each.file then
    local text, why = read_file(value)
    if not text then return nil, flag .. " can't be read: " .. why end
    value = each.file(text)
  elseif each.convert then
    value = each.convert(value)
  end
  if name == "secret_token" and value == "" then return false end
  local why = refused(name, value)
  if why then return nil, flag .. ": " .. why end
  return value
end

-- Reads the webhook's options: what they are, or why they can't be used.
local function read_webhook(parsed, given)
  local hook, said, flag = parsed.webhook, {}, nil
  for _, each in ipairs(said_of_webhook) do
    local value, why = parsed[each[2]], nil
    if value ~= nil then
      flag = flag or flag_of(each[2])
      said[each[1]], why = read_said(each, value)
    end
    if why then return why end
  end
  if flag and (hook == nil or hook == "none") then return flag .. " needs --webhook keep or a URL." end
  if hook == "none" then
    given.webhook = false
  elseif hook == "keep" then
    given.webhook = "keep"
    for name, value in pairs(said) do given[name] = value end
  elseif hook and not hook:find "^%a+://" then
    return "--webhook is keep, none or a URL, such as https://shop.example/hook."
  elseif hook then
    said.url, said.secret_token = hook, said.secret_token or nil
    given.webhook = said
  end
end

-- Reads one side of the move. Why it can't be used.
local function read_side(run, name)
  local self, rehearsed = run.session, run.rehearsal and run.rehearsal[name] or {}
  local found, why = options.read_server(rehearsed.url or self.parsed[name], self.parsed, name)
  if not found then return why end
  if name == "from" then self.server = found end
  self:hide(found.options)
  local as = rehearsed.as or self.parsed[name .. "_as"]
  if self.parsed.close and (as or found.kind) ~= "local" then
    return "--close is for a move between two local servers only; without it, the bot is logged out."
  end
  run.options[name] = options.side(found, as)
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
  if parsed.rehearse then
    parsed.from, parsed.to = parsed.from or parsed.close and "local" or "telegram", parsed.to or "local"
  end
  if not parsed.settle and not (parsed.from and parsed.to) then
    return "migrate needs --from and --to: the old server and the new one."
  end
  local wrong = self:check_consent()
  if not wrong and parsed.rehearse then wrong = begin_rehearsal(run) elseif not wrong then wrong = self:read_token() end
  if not wrong and parsed.settle then wrong = complete_from_journal(parsed, self.bot.id) end
  wrong = wrong or read_webhook(parsed, given) or read_side(run, "from") or read_side(run, "to")
  if wrong then return wrong end
  given.drain, wrong = drain.option(parsed)
  if wrong then return wrong end
  given.how = parsed.close and "close" or "logout"
  given.dry_run, given.accept_loss, given.settle = parsed.dry_run, parsed.accept_loss, parsed.settle
  given.from_gone, given.continue, given.force = parsed.from_gone, parsed.continue_move, parsed.force
  return select(2, read_options(given))
end

-- Asking ----------------------------------------------------------------------------------

local function confirm(run, plan)
  local self, parsed = run.session, run.session.parsed
  self.bot = plan.bot
  local text = painted(move_text.plan(plan, command.words)) .. "\n"
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

local function draw(out, event) out:draw(move_text.terminal_line(event, out.columns())) end

-- A terminal has one line, redrawn; a log has a line for each.
local function show_step(out, event)
  if not out.redraws then return out:note(event.text) end
  draw(out, event)
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
    draw(out, event)
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
  return painted(text)
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

-- The file of --drain couldn't be written: the library has put back what was taken off, and told its report.
local function not_drained(run, raised)
  if type(raised) ~= "table" or not raised.drain_failed then error(raised, 0) end
  run.session.out:fail(text_of(run))
  return print_document(run, outcomes.exits[run.report.status == "partly" and "partly" or "refused"])
end

-- All of it -------------------------------------------------------------------------------

local function perform_move(run)
  local ok, report = pcall(botapi.migrate, run.session.token, run.options)
  if not ok then return not_drained(run, report) end
  return finish(run, report)
end

local function move(run)
  local wrong = prepare(run)
  if wrong then return run.session:misused(wrong) end
  run.options.on_event = function(event) see(run, event) end
  run.options.confirm = function(plan) return confirm(run, plan) end
  return session.guard(function() return stopped(run) end, perform_move, run)
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
