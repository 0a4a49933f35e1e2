-- SPDX-License-Identifier: MIT
-- Owns one run of a command against a server: token, server and bot read, each step shown, one end.

local botapi = require "botapi"
local core = require "botapi.core"
local document = require "botapi.cli.document"
local ID_DIGITS = require "botapi.facts".ID_DIGITS
local journal = require "botapi.journal"
local outcomes = require "botapi.outcome"
local terminal = require "botapi.cli.terminal"
local token = require "botapi.cli.token"
local common = require "botapi.cli.common"
local texts = require "botapi.text"

local session = {}
session.__index = session

--- A run of a command; `session.current` is the last one.
-- @string command its name
-- @tparam table parsed
function session.new(command, parsed)
  session.current = setmetatable({ command = command, parsed = parsed, out = terminal.new(parsed), attempts = 0,
    clean = document.cleaner(nil), bot = {}, api = botapi }, session)
  return session.current
end

-- Reading -------------------------------------------------------------------------------

--- Reads which server is meant.
-- @treturn ?string why it can't be used
function session:read_server(server)
  local side, why = common.read_server(server, self.parsed)
  self.side = side
  return why
end

--- Reads the token; the bot's id is in it.
-- @treturn ?string why there is none
function session:read_token()
  local found, why = token.read(self.parsed)
  if not found then return why end
  self.token, self.out.token, self.clean = found, found, document.cleaner(found)
  local options = {}
  for name, value in pairs(self.side and self.side.options or {}) do options[name] = value end
  options.retries, options.max_wait = self.parsed.retries, self.parsed.max_wait
  options.on_event = function(event) self:observe(event) end
  options.heartbeat = self.out.redraws and 1 or nil
  self.client = botapi.bot(found, options)
  self.bot.id = self.client.id
  if not self.bot.id or #self.bot.id > ID_DIGITS then
    return "the token is malformed: it looks like 123456:secret. Copy it again from\n"
      .. "@BotFather, whole, without quotes and line ends."
  end
end

--- What the journal knows of the bot on this server: a departure, a try whose end isn't known.
-- @treturn ?table departure
-- @treturn ?table intent
function session:read_past()
  local path = journal.path(self.bot.id)
  local log = path and journal.read(path)
  if not log then return nil end
  return self:past_of(log)
end

function session:past_of(log)
  local departure, unsettled = log:left(self.bot.id, self.client.identity), nil
  for _, intent in ipairs(log:unsettled(self.bot.id)) do
    if intent.server == self.client.identity and outcomes.leaves(intent.method) then
      unsettled = unsettled or intent
    end
  end
  return departure, unsettled
end

--- Why a server may not be asked, since the bot has left it, or may have.
-- @treturn ?string
function session:refuses(departure, unsettled)
  if self.parsed.anyway then return nil end
  local name = self.side.name
  if unsettled then
    return ("%s on %s:\n  not known whether it left %s; asking might log it in again (--anyway).\nRun the command that "
      .. "began it again (%s): it settles that."):format(texts.name_of(self.bot), name, texts.ago(unsettled.age),
      unsettled.method == "close" and "close or migrate" or "logout or migrate")
  elseif departure and departure.method == "close" then
    return ("%s on %s:\n  closed %s; asking would open it again (--anyway)."):format(texts.name_of(self.bot), name,
      texts.ago(departure.age))
  elseif departure then
    return ("%s on %s:\n  left %s; asking would log it in again (--anyway).\nAsk the server that it runs on now.")
      :format(texts.name_of(self.bot), name, texts.ago(departure.age))
  end
end

--- Whether a name that was given or typed is the bot's; its id is one, too, since a bot that is out tells no name.
function session:is_meant(name)
  name = name:match "^%s*@?(.-)%s*$":lower()
  return name == self.bot.id or self.bot.username ~= nil and name == self.bot.username:lower()
end

--- Why it isn't.
function session:another_bot()
  if self.bot.username then
    return ("the token is @%s's, not @%s's. Nothing was changed; give the right token or name."):format(
      self.bot.username, (self.parsed.confirm:gsub("^@", "")))
  end
  return ("nobody tells the name of bot %s here. Nothing was changed; give its id: --confirm %s"):format(self.bot.id,
    self.bot.id)
end

-- Steps ---------------------------------------------------------------------------------

local function seconds(event)
  return ("%.1f s"):format(event.elapsed or 0)
end

local shown = {}

function shown.attempt(event)
  return event.attempt > 1 and ("attempt %d"):format(event.attempt) or "asking"
end

function shown.answer(event)
  return ("answered %s%s, %s"):format(event.http_status or "", event.reason and " (" .. event.reason .. ")" or "",
    seconds(event))
end

function shown.failure(event)
  return ("failed: %s, sent: %s, %s"):format(event.reason, event.sent, seconds(event))
end

function shown.wait(event)
  return ("again in %.1f s (%s)"):format(event.wait, event.why)
end

local waits = { rate_limited = "the server asks for it (429)", unsent = "nothing was sent, it is tried again" }
local SHORT = 1                 -- seconds that nobody needs to be told of

-- A wait between two tries: a terminal counts it down, a log has a line for each heartbeat.
local function show_wait(self, event)
  if self.command == "migrate" or event.wait < SHORT or self.parsed.verbose and event.type == "wait" then return end
  local text = ("waiting %.0f s of %.0f: %s"):format(event.wait - (event.left or event.wait), event.wait,
    waits[event.why] or "no answer yet")
  if self.out.redraws then self.out:draw(text) else self.out:note(text) end
end

--- Shows an event of a bot, with -v, and keeps what the end needs.
function session:observe(event)
  if event.type == "wait" or event.type == "waiting" then show_wait(self, event) end
  if event.type == "attempt" then
    self.attempts = event.attempt
    self.pending = event.method
  elseif event.type == "answer" or event.type == "failure" then
    self.pending = nil
  end
  local text = shown[event.type]
  if text then
    local server = tostring(event.server):gsub("^%a+://", "")
    self.out:step(("%s at %s: %s"):format(event.method, server, text(event)))
  end
end

-- The end -------------------------------------------------------------------------------

--- Why a call of the library came to nothing, as the end of a command.
-- @treturn table outcome, sent, reason, response, retry_after, res, err
function session:failure_of(res, err)
  local reason = self.api.reason(res, err)
  return { res = res, err = err, reason = reason, response = res, outcome = outcomes.of_failure(res, err, reason),
    sent = outcomes.sent(res, err), retry_after = outcomes.retry_after(res, err) }
end

--- What went wrong, in two or three lines.
function session:explained(res, err)
  local _, said = self.api.check(res, err)
  return tostring(said):gsub("^botapi: ", "") .. "\n" .. texts.filled(self.api.explain(res, err), "  ")
end

--- Ends the command: text for people, or the document.
-- @tparam table facts outcome; and sent, reason, response, retry_after, exit; `text` or `document` (the result),
--   `failed` (a text for stderr)
-- @treturn number the exit code
function session:finish(facts)
  local exit = facts.exit or outcomes.exits[facts.outcome]
  if facts.failed then self.out:fail(facts.failed) end
  if self.parsed.json then
    self.out:document(document.line({ command = self.command, outcome = facts.outcome, bot = self.bot,
      server = self.side and self.side.base, sent = facts.sent or "no", reason = facts.reason,
      attempts = self.attempts, exit = exit, response = facts.response, event = facts.event,
      retry_after = facts.outcome == "later" and facts.retry_after or nil }, self.clean))
  elseif facts.text then
    self.out:result(facts.text)
  elseif facts.document then
    self.out:document(facts.document)
  end
  return exit
end

--- Ends it as a call that must be corrected: exit 2.
function session:misused(text, reason)
  return self:finish { outcome = "refused", exit = outcomes.exits.usage, reason = reason or "usage", failed = text }
end

--- Whether an error is that of Ctrl-C, and whether the request that it ended was sent: "no", "maybe" or nil.
function session.interrupted(raised)
  local interruption = core.interruption(raised)
  return interruption and (interruption.sent == "no" and "no" or "maybe")
end

return session
