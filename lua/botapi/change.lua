-- SPDX-License-Identifier: MIT
-- Owns requests that change something: each is sent between its intent and its result in the journal.

local core = require "botapi.core"
local outcomes = require "botapi.outcome"

---@class botapi.Changes
local methods = {}
local meta = { __index = methods }

local change = {}

local function ignore() end

--- Makes what sends a bot's changes and notes them.
-- @tparam table given `api`, `id`, and what there is of `journal`, `warn`, `tell`
function change.new(given)
  return setmetatable({ api = given.api, id = given.id, journal = given.journal, warn = given.warn or ignore,
    tell = given.tell or ignore, may_have_left = {} }, meta)
end

-- What the journal's functions returned.
local function check_noted(self, ok, why)
  if not ok then self.warn("the journal couldn't be written: " .. tostring(why)) end
end

local function note_result(self, request, fields)
  fields.outcome = outcomes.recorded(request.outcome)
  if request.intent then check_noted(self, self.journal:result(request.intent, fields)) end
  request.is_noted = true
end

--- Follows what a bot object tells, since a raised error may end its call at any point.
function methods:follow(event)
  local current = self.current
  if event.may_have_left then self.may_have_left[event.method] = true end
  if not current then return end
  if event.type == "attempt" then
    current.is_open = true
  elseif event.type == "answer" or event.type == "failure" then
    current.is_open = event.reason == nil
  end
end

local function note_intent(self, bot, method, more)
  if not self.journal then return nil end
  local fields = { bot = self.id, server = bot.identity, method = method }
  for name, value in pairs(more or {}) do fields[name] = value end
  return self.journal:intent(fields)
end

--- Sends one request that changes something; nothing is sent that can't be noted.
-- @tparam string method the Bot API's name
-- @tparam ?table policy options of this call
-- @tparam ?table more fields of the intent
-- @treturn string the outcome
-- @treturn ?table res
-- @treturn ?table err
function methods:send(bot, method, params, policy, more)
  local intent, why, errno = note_intent(self, bot, method, more)
  if self.journal and not intent then
    local message = "the journal can't be written: " .. tostring(why)
    return "not_sent", nil, core.error { kind = "system", sent = "no", method = method, message = message,
      errno = errno }
  end
  local request = { method = method, intent = intent, may_have_left = policy and policy.may_have_left, is_open = false,
    is_noted = false }
  self.current = request
  self.tell { type = "intent", method = method, server = bot.server }
  local res, err = bot:call(method, params, policy)
  local reason = self.api.reason(res, err)
  request.outcome = outcomes.of_change(method, res, err, reason, self.may_have_left[method] or request.may_have_left)
  note_result(self, request, { sent = outcomes.sent(res, err), reason = reason })
  self.tell { type = "result", method = method, server = bot.server, outcome = request.outcome }
  return request.outcome, res, err
end

-- What came of a request that a raised error has ended: the core's says what was sent.
local function abandoned(self, request, interruption)
  local it = interruption or {}       -- one that came between two calls has no method
  local unsent = not request.is_open or it.method == request.method and it.sent == "no"
  return unsent and not self.may_have_left[request.method] and not request.may_have_left and "not_sent" or "unknown"
end

--- Closes the last request, after a raised error: it may have ended there, or just before.
-- @tparam ?table interruption what Ctrl-C raised, where it was that
-- @treturn ?string its outcome; nil when there was none
-- @treturn ?table the request
function methods:abandon(interruption)
  local request = self.current
  if not request then return nil end
  request.outcome = request.outcome or abandoned(self, request, interruption)
  if not request.is_noted then
    note_result(self, request, { reason = "cancelled", sent = request.outcome == "not_sent" and "no" or "maybe" })
  end
  return request.outcome, request
end

--- Adds a record of another kind to the journal.
-- @string kind "note" or "arrival"
function methods:note(kind, fields)
  if not self.journal then return end
  fields.bot = self.id
  check_noted(self, self.journal[kind](self.journal, fields))
end

return change
