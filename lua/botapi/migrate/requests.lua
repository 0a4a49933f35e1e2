-- SPDX-License-Identifier: MIT
-- Owns the requests of a move: each that changes something between its intent and its result in the journal.

local core = require "botapi.core"
local outcomes = require "botapi.outcome"

local requests = {}

-- Counts ---------------------------------------------------------------------------

-- A wait of the bot object, in the words of the step that runs.
local function note_wait(run, event)
  if not run.waiting then return end
  local limited = event.why == "rate_limited"
  local closing = limited and event.method == "close"
  run.waiting { seconds = event.elapsed, again = event.left or event.wait,
    limit = event.method == "close" and run.settings.close_timeout or run.settings.deadline,
    why = closing and "429, it closes no bot in its first 10 minutes" or limited and "429" or "no answer yet" }
end

--- Follows what a bot object tells: whether logOut may have happened, and whether an attempt is on its way or was done,
-- since a raised error may end it there.
function requests.follow(run, event)
  local current = run.under_way
  if event.unsettled then run.unsettled[event.method] = true end
  if not current then return end
  if event.type == "attempt" then
    current.open = true
  elseif event.type == "answer" or event.type == "failure" then
    current.open = event.reason == nil
  end
end

--- Notes what a bot object tells: counts, and what `abandon` wants to know.
function requests.observe(run, event)
  if event.type == "attempt" then
    requests.count(run, event.method, event.attempt > 1)
  end
  if event.type == "attempt" and event.side == "from" and outcomes.leaves(event.method) then
    run.tried_at = run.tried_at or run.now()
  end
  requests.follow(run, event)
  if event.type ~= "waiting" then run.tell(event) end
  if event.type == "wait" or event.type == "waiting" then note_wait(run, event) end
end

function requests.count(run, method, repeated)
  local counts = run.requests
  if not counts.by_method[method] then
    counts.order[#counts.order + 1] = method
    counts.by_method[method] = 0
  end
  counts.by_method[method] = counts.by_method[method] + 1
  counts.total = counts.total + 1
  if repeated then counts.repeated = counts.repeated + 1 end
end

-- The journal ----------------------------------------------------------------------

local function note_result(run, intent, outcome, res, err)
  if not intent then return end
  local ok, why = run.journal:result(intent, { outcome = outcomes.recorded(outcome), sent = outcomes.sent(res, err),
    reason = run.api.reason(res, err) })
  if not ok then run.warn("the journal couldn't be written: " .. tostring(why)) end
end

local function note_intent(run, side, method)
  if not run.journal then return nil end
  return run.journal:intent { bot = run.id, server = run[side].identity, method = method }
end

--- One request that changes something.
-- @tparam table run
-- @tparam string side "from" or "to"
-- @tparam string method the Bot API's name
-- @tparam ?table params
-- @tparam ?table policy of this call
-- @treturn string the outcome
-- @treturn ?table res
-- @treturn ?table err
function requests.change(run, side, method, params, policy)
  local intent, why = note_intent(run, side, method)
  if run.journal and not intent then
    local message = "the journal can't be written: " .. tostring(why)
    return "not_sent", nil, core.error { kind = "system", sent = "no", method = method, message = message }
  end
  local unsettled = policy and policy.unsettled
  run.under_way = { intent = intent, method = method, side = side, unsettled = unsettled }
  run.tell { type = "intent", method = method, server = run.settings[side].base }
  local res, err = run[side]:call(method, params, policy)
  local outcome = outcomes.of_change(method, res, err, run.api.reason(res, err), run.unsettled[method] or unsettled)
  run.under_way.outcome = outcome
  note_result(run, intent, outcome, res, err)
  run.under_way.noted = true
  run.tell { type = "result", method = method, server = run.settings[side].base, outcome = outcome }
  return outcome, res, err
end

-- What came of a request that a raised error has ended: the core's says what was sent.
local function abandoned(run, current, interruption)
  local it = interruption or {}       -- one that came between two calls has no method
  local unsent = not current.open or it.method == current.method and it.sent == "no"
  return unsent and not run.unsettled[current.method] and not current.unsettled and "not_sent" or "unknown"
end

--- Closes the last request that changes something, after a raised error: it may have ended there, or just before.
-- @tparam table run
-- @tparam ?table interruption what Ctrl-C raised, where it was that
-- @treturn ?string its outcome; nil when there was none
-- @treturn ?table method, side
function requests.abandon(run, interruption)
  local current = run.under_way
  if not current then return nil end
  current.outcome = current.outcome or abandoned(run, current, interruption)
  if current.intent and not current.noted then
    current.noted = true
    local ok, why = run.journal:result(current.intent, { outcome = outcomes.recorded(current.outcome),
      reason = "cancelled", sent = current.outcome == "not_sent" and "no" or "maybe" })
    if not ok then run.warn("the journal couldn't be written: " .. tostring(why)) end
  end
  return current.outcome, current
end

--- Notes anything in the journal.
function requests.note(run, kind, fields)
  if not run.journal then return end
  fields.bot = run.id
  local ok, why = run.journal[kind](run.journal, fields)
  if not ok then run.warn("the journal couldn't be written: " .. tostring(why)) end
end

return requests
