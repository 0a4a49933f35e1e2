-- SPDX-License-Identifier: MIT
-- Owns one run of botapi.migrate from the command line: options read, the plan shown, the question, progress, the end.

local common = require "botapi.cli.common"
local document = require "botapi.cli.document"
local history = require "botapi.cli.history"
local json = require "botapi.json"
local move_options = require "botapi.migrate.options"
local outcomes = require "botapi.outcome"
local progress = require "botapi.cli.progress"
local rehearsal = require "botapi.cli.rehearsal"
local session = require "botapi.cli.session"
local terminal = require "botapi.cli.terminal"

local move = {}

-- Options -------------------------------------------------------------------------------

local function read_file(path)
  local file, why = io.open(path, "r")
  if not file then return nil, why end
  local text = file:read "*a"
  file:close()
  return text
end

-- The webhook: "keep", a table for setWebhook, false, or nil where nothing was said.
local function webhook_of(parsed, into)
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
    into.webhook = false
  elseif parsed.webhook == "keep" then
    into.webhook, into.certificate = "keep", certificate
    if secret then into.secret_token = secret ~= "" and secret end
  elseif parsed.webhook and not parsed.webhook:find "^%a+://" then
    return "--webhook is keep, none or a URL, such as https://shop.example/hook."
  elseif parsed.webhook then
    into.webhook = { url = parsed.webhook, secret_token = secret ~= "" and secret or nil, certificate = certificate }
  elseif secret or certificate then
    return "--webhook-secret-file and --webhook-certificate need --webhook keep or a URL."
  end
end

local function both_ways(parsed)
  if parsed.rehearse then
    parsed.from, parsed.to = parsed.from or "telegram", parsed.to or "local"
  end
  if parsed.settle then return nil end
  if not parsed.from or not parsed.to then return "migrate needs --from and --to: the old server and the new one." end
end

local function check_call(parsed)
  if parsed.yes and parsed.confirm then return "--yes and --confirm don't go together: choose one." end
  local wrong = both_ways(parsed)
  if wrong then return wrong end
  if not (parsed.yes or parsed.confirm or parsed.dry_run or terminal.is_asked()) then
    return "migrate asks before it acts; add --confirm NAME (or --yes)"
  end
end

-- A side of the move: the way to both servers is the same.
local function side_of(self, server, as)
  local side, why = common.read_server(server, self.parsed)
  if not side then return nil, why end
  local options = common.call_options(self.parsed)
  options.server, options.as = server, as
  return options, side
end

local function read_sides(self, into)
  local parsed = self.parsed
  local as = self.rehearsal or {}
  local from, side = side_of(self, as.from or parsed.from, as.from_as)
  if not from then return "--from: " .. side end
  local to, why = side_of(self, as.to or parsed.to, as.to_as)
  if not to then return "--to: " .. why end
  into.from, into.to, self.side = from, to, side
  into.how = parsed.close and "close" or "logout"
end

-- Asking ----------------------------------------------------------------------------------

local function typed(self)
  local answer = self.out:ask(("Type the bot's %s to move it: "):format(self.bot.username and "name" or "id"))
  if answer and self:is_meant(answer) then return true end
  self.out:say(answer and answer ~= "" and ('You typed "%s". Nothing was sent.'):format(answer)
    or "Nothing was typed. Nothing was sent.")
  return false
end

local function agreed(self)
  local answer = self.out:ask "Move it? [y/N] "
  if answer and answer:lower():find "^%s*y" then return true end
  self.out:say "Nothing was sent."
  return false
end

-- The plan, in colour where there is one.
local function painted(self, text)
  return (text:gsub("\n  (%a+)( +)", function(word, gap)
    if word == "ok" or word == "LOSS" or word == "FAIL" then
      return "\n  " .. self.out:paint(word, word) .. gap
    end
  end))
end

local function confirm(self, plan)
  self.bot.username, self.bot.first_name = plan.bot.username or self.bot.username, plan.bot.first_name
  local parsed = self.parsed
  self.out:note(painted(self, plan.text) .. "\n")
  if parsed.yes then return true end
  if parsed.confirm then
    if plan.resumed and not plan.bot.username or self:is_meant(parsed.confirm) then return true end
    self.mistaken = self:another_bot()
    return false
  end
  if parsed.quiet then self.out:say(painted(self, plan.text) .. "\n") end
  -- a rehearsal's cloud is on this machine, and asks as the real one
  if self.side.is_loopback and plan.from.kind ~= "cloud" then return agreed(self) end
  return typed(self)
end

-- The end ---------------------------------------------------------------------------------

-- What the library's texts leave to the command.
local function text_of(self, report)
  local text = report.text:gsub("^botapi: ", "")
  if self.rehearsal then text = text .. "\n\nThis was a rehearsal on emulated servers: no real one was asked." end
  return text
end

local function document_of(self, report, exit)
  return document.line({ event = "report", command = "migrate", outcome = outcomes.of_status(report.status),
    bot = report.bot, server = report.from.server, sent = report.sent, reason = report.reason,
    attempts = self.attempts, exit = exit, response = report.answer,
    retry_after = report.status == "later" and report.retry_after or nil }, self.clean)
end

local function finish(self, report)
  local exit = self.mistaken and outcomes.exits.usage or report.exit
  if self.mistaken then
    self.out:fail(self.mistaken)
  elseif report.asked then
    exit = outcomes.exits.cancelled       -- the question has said it
  elseif self.parsed.json then
    if exit ~= 0 then self.out:say(text_of(self, report)) end
  elseif exit == 0 or report.dry_run or self.parsed.dry_run then
    self.out:result(text_of(self, report))
  elseif report.status == "unknown" then
    self.out:fail(text_of(self, report))
  else
    self.out:say(text_of(self, report))
  end
  if self.parsed.json then self.out:document(document_of(self, report, exit)) end
  return exit
end

-- Ctrl-C ----------------------------------------------------------------------------------

-- The library has noted it, put back what was taken off, and told its report: Ctrl-C ends with that.
local function finish_stopped(self, raised)
  if not session.interrupted(raised) then error(raised, 0) end
  local report = self.report
  if not report then return nil end
  local exit = report.exit
  self.out:keep()
  io.stderr:write "\n"
  self.out:fail(text_of(self, report))
  if self.parsed.json then self.out:document(document_of(self, report, exit)) end
  return exit
end

-- All of it -------------------------------------------------------------------------------

local function on_event(self, event)
  if event.type == "attempt" or event.type == "answer" or event.type == "failure" or event.type == "wait" then
    local attempts = self.attempts
    self:observe(event)
    if not (event.type == "attempt" and event.side == "from" and outcomes.leaves(event.method)) then
      self.attempts = attempts
    end
  end
  if event.type == "report" then self.report = event.report end
  self.progress:see(event)
  if event.type == "step" and self.parsed.json then
    self.out:document(json.encode(json.object("v", 1, "event", "step", "step", event.step, "steps", event.steps,
      "name", event.name, "state", event.state, "elapsed", event.elapsed)))
  end
end

local function perform(self, options)
  options.dry_run, options.accept_loss = self.parsed.dry_run, self.parsed.accept_loss
  options.continue, options.settle, options.anyway = self.parsed.go_on, self.parsed.settle, self.parsed.anyway
  options.dialect = "command"
  options.on_event = function(event) on_event(self, event) end
  options.confirm = function(plan) return confirm(self, plan) end
  local settings, misuse = move_options.read(options)
  if not settings then return self:misused(misuse) end
  local ok, report = pcall(self.api.migrate, self.token, options)
  if ok then return finish(self, report) end
  return finish_stopped(self, report) or error(report, 0)
end

local function prepare(self, options)
  local parsed = self.parsed
  local wrong = check_call(parsed)
  if wrong then return wrong end
  if parsed.rehearse then
    self.rehearsal, wrong = rehearsal.start(parsed)
    if not self.rehearsal then return wrong end
    self.token, self.bot.id = self.rehearsal.token, self.rehearsal.id
    options.journal = self.rehearsal.journal
    options.ready = parsed.close and function()
      self.out:note "(In a rehearsal the directory counts as moved.)"
      return true
    end or nil
  else
    wrong = self:read_token()
    if wrong then return wrong end
  end
  if parsed.settle then
    wrong = history.unsettled_sides(parsed, self.bot.id)
    if wrong then return wrong end
  end
  return webhook_of(parsed, options) or read_sides(self, options)
end

--- Runs the move.
-- @treturn number the exit code
function move.run(parsed)
  local self = session.new("migrate", parsed)
  local options = {}
  self.progress = progress.new(self.out)
  local wrong = prepare(self, options)
  if wrong then
    if self.rehearsal then self.rehearsal:close() end
    return self:misused(wrong)
  end
  local ok, exit = pcall(perform, self, options)
  if self.rehearsal then self.rehearsal:close() end
  if not ok then error(exit, 0) end
  return exit
end

return move
