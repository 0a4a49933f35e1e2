-- SPDX-License-Identifier: MIT
-- Owns one run of a command against a server: token, server and bot, each step shown, one end.

local botapi = require "botapi"
local core = require "botapi.core"
local document = require "botapi.cli.document"
local journal = require "botapi.journal"
local json = require "botapi.json"
local machine = require "botapi.machine"
local line_of = require "botapi.reason".line
local options = require "botapi.cli.options"
local outcomes = require "botapi.outcome"
local terminal = require "botapi.cli.terminal"
local texts = require "botapi.text"
local token = require "botapi.cli.token"

local null = json.null

local session = {}
session.__index = session

-- All fields are made here: another name is a mistake.
function session.__newindex(_, name) error("no such field: " .. tostring(name), 2) end

--- Makes the state of a command, which has no fields but those that it is made with; false stands for none.
function session.state(fields)
  return setmetatable(fields, { __newindex = session.__newindex })
end

---@return botapi.cli.Session
local function new(command, parsed)
  return setmetatable({ command = command, parsed = parsed, out = terminal.new(parsed), clean = document.cleaner(nil),
    attempts = 0, bot = {}, server = false, token = false, secrets = false, client = false, on_event = false }, session)
end

-- Ctrl-C --------------------------------------------------------------------------------

local function after(stopped, ok, ...)
  if ok then return ... end
  local raised = (...)
  local interruption = core.interruption(raised)
  if not interruption then error(raised, 0) end
  io.stderr:write "\n"
  return stopped(interruption)
end

--- Calls a function. When Ctrl-C ends it, what `stopped` returns comes in its place.
-- @tparam function stopped is given the interruption
function session.guard(stopped, fn, ...)
  return after(stopped, pcall(fn, ...))
end

--- Ends the command after Ctrl-C.
-- @tparam ?string text where something may have been done, what isn't known; else nothing has changed
function session:stopped(text)
  return self:finish { outcome = text and "unknown" or "cancelled", sent = text and "maybe" or "no",
    reason = "cancelled",
    failed = text or "stopped; sent: no. Nothing was changed. Run the same command to start again." }
end

--- Runs a command.
-- @string command its name
-- @tparam function perform is given the session and returns the exit code
-- @treturn number the exit code
function session.run(command, parsed, perform)
  local self = new(command, parsed)
  return session.guard(function() return self:stopped() end, perform, self)
end

-- Reading -------------------------------------------------------------------------------

--- Reads which server is meant.
-- @treturn ?string why it can't be used
function session:read_server(name)
  local found, why = options.read_server(name, self.parsed)
  self.server = found or false
  return why
end

--- Nothing that is shown has the token, nor the login of the proxy that these options of a call lead through.
function session:hide(call)
  self.secrets = core.secrets(self.secrets or self.token, call)
  self.out.token, self.clean = self.secrets, document.cleaner(self.secrets)
end

--- Sets the token; the bot's id is in it.
function session:set_token(found)
  self.token = found
  local given = {}
  for name, value in pairs(self.server and self.server.options or {}) do given[name] = value end
  given.retries, given.max_wait = self.parsed.retries, self.parsed.max_wait
  given.on_event = function(event)
    self:observe(event)
    if self.on_event then self.on_event(event) end
  end
  given.heartbeat = self.out.redraws and 1 or nil
  self.client = botapi.bot(found, given)
  self.bot.id = self.client.id
  self.secrets = false
  self:hide(self.server and self.server.options or nil)
end

--- Reads the token.
-- @treturn ?string why there is none
function session:read_token()
  local found, why, warning = token.read(self.parsed)
  if not found then return why end
  if warning then self.out:note(warning) end
  self:set_token(found)
  local problem = core.token(found):problem()
  if problem then return problem .. ".\nCopy it again from @BotFather, whole, and nothing else." end
end

--- Notes what getMe said.
function session:note_bot(res)
  local me = type(res.result) == "table" and res.result or {}
  self.bot.username, self.bot.first_name = me.username, me.first_name
end

--- `@shop_bot`, or its id.
function session:name() return texts.name_of(self.bot) end

--- `Bot` and `Server`: two lines for people.
function session:head()
  local bot = self.bot
  local name = bot.username and texts.name_of(bot) or "bot"
  local first = bot.first_name and (' "%s"'):format(texts.said(bot.first_name)) or ""
  return ("Bot      %s%s (id %s)\nServer   %s"):format(name, first, bot.id, self.server.title)
end

--- Whether a name that was given or typed is the bot's. Its id is one, too: a bot that is logged out tells no name.
function session:is_meant(name)
  name = name:match "^%s*@?(.-)%s*$":lower()
  return name == self.bot.id or self.bot.username ~= nil and name == self.bot.username:lower()
end

--- Why it isn't.
function session:another_bot()
  if self.bot.username then
    return ("the token belongs to %s, not to @%s. Nothing was changed. Use the right token or name."):format(
      texts.name_of(self.bot), (self.parsed.confirm:gsub("^@", "")))
  end
  return ("the name of bot %s isn't known here. Nothing was changed. Use its id: --confirm %s"):format(
    self.bot.id, self.bot.id)
end

-- Asking --------------------------------------------------------------------------------

--- Asks whether to go on: for y or N, or for the bot's name (its id, where the name isn't known).
-- @string purpose such as "log it out"
function session:agrees(purpose, by_letter)
  local answer = self.out:ask(by_letter and purpose:gsub("^%l", string.upper) .. "? [y/N] "
    or ("Type the bot's %s to %s: "):format(self.bot.username and "name" or "id", purpose)) or ""
  if by_letter and answer:lower():find "^%s*y" or not by_letter and self:is_meant(answer) then return true end
  self.out:say((by_letter or answer == "") and "Nothing was sent." or session.mistyped(answer, purpose, "the bot's "
    .. (self.bot.username and "name" or "id"), self.bot.username or self.bot.id))
  return false
end

--- What is said of an answer that isn't the one that was asked for, such as `y`.
-- @string purpose such as "log it out"
-- @string what is wanted, such as "the bot's name"
-- @string wanted itself
function session.mistyped(answer, purpose, what, wanted)
  return ('You typed "%s". Nothing was sent.\nTo %s, run the command again and type %s: %s'):format(answer, purpose,
    what, wanted)
end

--- Why a command that changes something can't begin: it asks first, and can't ask.
function session:check_consent()
  local parsed = self.parsed
  if parsed.yes and parsed.confirm then return "--yes and --confirm can't be used together." end
  if not (parsed.yes or parsed.confirm or parsed.dry_run or terminal.can_ask()) then
    return self.command .. " asks before it changes anything; add --confirm NAME (or --yes)"
  end
end

-- The journal ---------------------------------------------------------------------------

--- What a journal knows of the bot on this server.
-- @treturn ?table departure
-- @treturn ?table an attempt to leave that was never answered
function session:past_of(log)
  if not log then return nil end
  local unanswered = nil
  for _, intent in ipairs(log:unsettled(self.bot.id)) do
    local is_here = intent.server == self.client.identity and outcomes.leaves(intent.method)
    unanswered = unanswered or is_here and intent or nil
  end
  return log:left(self.bot.id, self.client.identity), unanswered
end

--- Ends the command where the bot has left the server, or may have: a call might log it in there again.
-- @treturn ?number the exit code
function session:refuse(departure, unanswered)
  local last = unanswered or departure
  if self.parsed.force or not last then return nil end
  local happened = unanswered and "may have left" or last.method == "close" and "was closed on" or "left"
  local next_step = unanswered and ("To settle it, run `botapi %s` or `botapi migrate` again."):format(
    last.method:lower()) or "Ask the server that it runs on now."
  return self:finish { outcome = "refused", reason = departure and "logged_out" or "unsettled",
    failed = ("%s %s %s %s.\nA call might %s there again; use --force to call anyway.\n%s"):format(self:name(),
      happened, self.server.name, texts.ago(last.age), last.method == "close" and "open it" or "log it in", next_step) }
end

-- Ends the command where nobody knows whether the bot has left this server.
local function refuse_unread(self, why)
  if self.parsed.force then return nil end
  return self:finish { outcome = "not_sent", reason = "journal",
    failed = ("the journal can't be read: %s.\nIt would say whether %s has left %s, where a call might log it in "
      .. "again.\nRepair it, or use --force to call anyway."):format(why, self:name(), self.server.name) }
end

--- Says how many lines of a journal can't be read.
function session:note_damage(log)
  if log.torn == 0 then return end
  self.out:note(("Note: %s of %s can't be read. A crash may have cut the last one, of which nothing was done; if there "
    .. "are others, restore the file."):format(texts.counted(log.torn, "line"), texts.path(log.path)))
end

--- Ends the command where lines of the journal are damaged: they would say whether the bot has left.
-- @tparam ?table log the journal
-- @treturn ?number the exit code
function session:refuse_damage(log, departure)
  local why = log and log:damage()
  if why and not (departure or self.parsed.force) then return refuse_unread(self, why) end
  if log then self:note_damage(log) end
  return why and self:refuse(departure) or nil
end

--- The same for a command that only reads the journal.
-- @treturn ?number the exit code
-- @treturn ?table departure of a bot that is asked in spite of it
function session:check_journal()
  local path = journal.path(self.bot.id)
  if not path then return nil end
  local log, why, errno = journal.read(path)
  if not log then return refuse_unread(self, machine.told(why, errno)) end
  local departure, unanswered = self:past_of(log)
  return self:refuse_damage(log, departure) or self:refuse(departure, unanswered), departure
end

--- Records that the bot was logged in again on a server that it had left.
function session:note_arrival(departure)
  if not departure then return end
  local log = journal.open(journal.path(self.bot.id))
  if not log then return end
  log:arrival { bot = self.bot.id, server = self.client.identity }
  log:close()
end

-- Steps ---------------------------------------------------------------------------------

local shown = {}

function shown.attempt(event) return event.attempt > 1 and "attempt " .. event.attempt or "asking" end

function shown.answer(event)
  local reason = event.reason and " (" .. event.reason .. ")" or ""
  return ("answered %s%s, %.1f s"):format(event.http_status or "", reason, event.elapsed or 0)
end

function shown.failure(event)
  return ("failed: %s, sent: %s, %.1f s"):format(event.reason, event.sent, event.elapsed or 0)
end

function shown.wait(event) return ("next attempt in %.1f s (%s)"):format(event.wait, event.why) end

local waits = { rate_limited = "the server asked for it (429)", unsent = "nothing was sent, so it is tried again" }
local SHORT = 1                 -- seconds that aren't worth a line

-- A wait between two attempts: a terminal counts it down, a log has a line for each heartbeat.
local function show_wait(self, event)
  if self.command == "migrate" or event.wait < SHORT or self.parsed.verbose and event.type == "wait" then return end
  local text = ("waiting %.0f s of %.0f: %s"):format(event.wait - (event.left or event.wait), event.wait,
    waits[event.why] or "no answer yet")
  if self.out.redraws then self.out:draw(text) else self.out:note(text) end
end

--- Shows an event of a bot object, and counts attempts.
function session:observe(event)
  if event.type == "wait" or event.type == "waiting" then show_wait(self, event) end
  if event.type == "attempt" then self.attempts = event.attempt end
  local text = shown[event.type]
  if text then
    local server = tostring(event.server):gsub("^%a+://", "")
    self.out:step(("%s at %s: %s"):format(event.method, server, text(event)))
  end
end

-- The end -------------------------------------------------------------------------------

--- A failure in one line.
function session.line(res, err)
  local _, failure = botapi.check(res, err)
  return line_of(failure)
end

--- What went wrong, in two or three lines.
-- @tparam ?function explain of another module
function session.explained(res, err, explain)
  return session.line(res, err) .. "\n" .. texts.filled((explain or botapi.explain)(res, err), "  ")
end

--- Ends the command as a call that failed.
-- @string text what stands before the explanation
-- @tparam ?function explain of another module
-- @treturn number the exit code
function session:finish_failed(text, res, err, explain)
  local reason = botapi.reason(res, err)
  return self:finish { outcome = outcomes.of_failure(res, err, reason), sent = outcomes.sent(res, err),
    reason = reason, response = res, retry_after = outcomes.retry_after(res, err),
    failed = text .. session.explained(res, err, explain) }
end

--- Ends the command: a text for people, or the document.
-- @tparam table result outcome; and sent, reason, response, retry_after, exit; `text` or `document` (the result),
--   `failed` (a text for stderr)
-- @treturn number the exit code
function session:finish(result)
  local exit = result.exit or outcomes.exits[result.outcome]
  if result.failed then self.out:fail(result.failed) end
  if self.parsed.json then
    self:print_document(result, exit)
  elseif result.text then
    self.out:result(result.text)
  elseif result.document then
    self.out:document(result.document)
  end
  return exit
end

--- Prints the document, version 1.
-- @tparam table result as of `finish`, and `event`
function session:print_document(result, exit)
  local id = self.bot.id
  self.out:document(document.encode(json.object("v", 1, "event", result.event, "command", self.command,
    "outcome", result.outcome,
    "bot", id and json.object("id", tonumber(id) or null, "username", self.bot.username or null) or null,
    "server", self.server and self.server.base or null, "sent", result.sent or "no", "reason", result.reason or null,
    "attempts", self.attempts, "exit", exit, "response", result.response or null,
    "retry_after", result.outcome == "later" and result.retry_after or nil), self.clean))
end

--- Ends it as a call that must be corrected: exit 2.
function session:misused(text, reason)
  return self:finish { outcome = "refused", exit = outcomes.exits.usage, reason = reason or "usage", failed = text }
end

return session
