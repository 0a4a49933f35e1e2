-- SPDX-License-Identifier: MIT
-- Owns long polling: one update after the other, each confirmed once the caller comes back for the next.
-- `class` is what `bot:updates` returns: types/botapi.lua has its page, docs/updates.md what it promises.

local core = require "botapi.core"
local facts = require "botapi.facts"
local misnamed = require "botapi.misnamed"
local misuse = require "botapi.misuse"
local outcomes = require "botapi.outcome"
local policies = require "botapi.policy"
local retry = require "botapi.retry"
local shape = require "botapi.shape"

local monotonic, fraction = core.host.monotonic, core.host.random_fraction

local updates = {}

local LONGEST_POLL = 3600
local SHRINK, GROWN_AFTER = 4, 8        -- fewer in an answer, and after how many full ones more
local PROMPT = 1                        -- seconds: an answer without updates that comes sooner is no wait
local ANEW = facts.SAME_OFFSET + 0.1    -- seconds
local LAST_TIMEOUT = 5                  -- of the question that only confirms
local MARGIN = 1                        -- seconds that a logOut may take beyond its own limits

-- Options -------------------------------------------------------------------------

local known = {
  allowed_updates = { "table" },
  timeout = { "number", min = 0, max = LONGEST_POLL, whole = true },
  limit = { "number", min = 1, max = facts.MAX_UPDATES, whole = true },
  on_conflict = { "string" },
  max_response = { "number" },
}
local of_policy = { on_event = true, heartbeat = true }

local names = {}
for _, list in ipairs { known, of_policy } do
  for name in pairs(list) do names[#names + 1] = name end
end
table.sort(names)

local function problem_of(name, value)
  local spec = known[name]
  if of_policy[name] then return policies.problem(name, value) end
  if not spec then return misnamed("option", name, names) end
  return policies.mismatch(name, value, spec)
    or spec.whole and value % 1 ~= 0 and ("option '%s': integer expected"):format(name)
    or name == "on_conflict" and value ~= "wait" and value ~= "stop"
      and 'option \'on_conflict\': "wait" or "stop" expected' or nil
end

local function read(options)
  if options ~= nil and type(options) ~= "table" then
    return nil, "options: table expected, got " .. type(options)
  end
  local settings, policy = { timeout = 50, limit = facts.MAX_UPDATES, on_conflict = "wait" }, {}
  for name, value in pairs(policies.plain(options, known) or {}) do
    local problem = problem_of(name, value)
    if problem then return nil, problem end
    (of_policy[name] and policy or settings)[name] = value
  end
  return settings, policy
end

-- lua-cjson can't know that an empty table is a list.
local function list_of_kinds(kinds)
  return kinds and next(kinds) == nil and "[]" or kinds
end

-- Waits ---------------------------------------------------------------------------

-- Ends what the loop waits for; the loop goes on from there.
local function disturb(poll)
  if not poll.waiting then return end
  poll.is_disturbed = true
  poll.waiting:cancel()
end

-- Only what waits here can be ended from elsewhere.
local function await(poll, call)
  poll.waiting = call
  poll.api.drive.await(call)
  poll.waiting = nil
  return call:result()
end

local function sleep(poll, seconds, earlier)
  return await(poll, poll.api.drive.engine():timer(seconds, earlier))
end

-- One question --------------------------------------------------------------------

-- Those that are updates, in the order of their ids, whatever else the answer holds: one bad update must not keep the
-- others back.
local function read_answer(poll, run, res)
  local list, problem = shape.usable_updates(res.result)
  if not list then return shape.checked("getUpdates", res) end
  if problem then poll.one.tell(poll.bot, run, { type = "malformed", why = problem }) end
  res.result, run.dropped = list, problem
  return res
end

local function new_run(poll, options)
  local policy = { retries = 0, deadline = false }
  for name, value in pairs(poll.policy) do policy[name] = value end
  local run = poll.one.new_run(poll.bot, "getUpdates", options, policy)
  run.attempt = poll.failures
  run.sleep = function(seconds, earlier) return sleep(poll, seconds, earlier) end
  function run.checked(method, res, err)
    if res and res.ok then return read_answer(poll, run, res) end
    return shape.checked(method, res, err)
  end
  return run
end

-- While a logOut is under way another question could log the bot in again.
local function is_leaving(poll) return poll.family.leaving[poll.bot.identity] end

-- Whoever was told of a question may have ended the loop, or may be about to leave.
local function is_pointless(poll)
  return is_leaving(poll) or poll.ended == "left" or poll.ended and not poll.is_over
end

local TOO_LATE = "on_event has ended the loop, or a request to leave the server is under way"

local function take_question_back(poll)
  poll.is_disturbed = true
  return nil, core.error { kind = "cancelled", sent = "no", method = "getUpdates", cause = TOO_LATE,
    message = "getUpdates: " .. TOO_LATE .. "; nothing was sent" }
end

local function ask(poll, params, options)
  local run = new_run(poll, options)
  local res, err = poll.one.tried(poll.bot, poll.api, run, function(given)
    if is_pointless(poll) then return take_question_back(poll) end
    return await(poll, core.begin.call(poll.api.drive.engine(), poll.bot.token, "getUpdates", params, given))
  end)
  if res and res.ok then poll.confirmed = params.offset end
  return run, res, err
end

-- The end -------------------------------------------------------------------------

-- `left`: nothing more may be sent. It stands above a stop.
local function end_poll(poll, how, failure)
  if poll.ended == "left" or poll.ended and how ~= "left" then return end
  poll.ended = how
  if not poll.is_over then poll.error = failure end
  disturb(poll)
end

local function failure_of(poll, res, err)
  return (select(2, poll.api.check(res, err)))
end

-- What was done is confirmed without taking more. Should that fail, it comes again.
local function confirm(poll)
  local timeout = poll.bot.options.timeout or tonumber(policies.timeout.default)
  ask(poll, { offset = poll.offset, limit = 1, timeout = 0 }, { timeout = math.min(timeout, LAST_TIMEOUT) })
end

local function finish(poll)
  local is_done = poll.offset and poll.offset ~= poll.confirmed
  poll.batch, poll.is_over = {}, true
  if poll.ended == "stop" and is_done and not is_leaving(poll) then confirm(poll) end
end

local DOUBT = "a request to leave the server was begun and has no known end, and a question for updates would log the "
  .. "bot in again; nothing was sent"

-- Until the one who leaves has an answer. In a thread that waits nobody else runs: there it has raised an error.
local function hold(poll, leaving)
  local ends = 0
  for request in pairs(leaving) do ends = math.max(ends, request.ends) end
  local left = ends - monotonic()
  if left > 0 and not poll.api.drive.blocking then return sleep(poll, left) end
  end_poll(poll, "left", failure_of(poll, nil, core.error { kind = "logged_out", sent = "no", method = "getUpdates",
    cause = DOUBT, message = "getUpdates: " .. DOUBT }))
end

-- What came of a question ---------------------------------------------------------

local passing = { network = true, timeout = true, busy = true, system = true }

-- Whether asking again may help. What looks like a mistake in the options is one until the server has answered once.
local function may_pass(poll, err)
  if passing[err.kind] then return true end
  if err.kind == "tls" then return poll.has_worked or retry.is_unsent(err) end
  return err.kind == "protocol" and (poll.has_worked or not outcomes.is_front(err))
end

local function pause(poll, run, seconds, why)
  poll.one.pause(poll.bot, run, poll.api, seconds, why)
end

-- Later again: the longer the more often it has failed, or as long as the server asks.
local function wait_out(poll, run, res, err, why)
  poll.failures = poll.failures + 1
  pause(poll, run, retry.poll_wait(poll.failures, outcomes.retry_after(res, err), fraction), why)
end

local function tell_conflict(poll, run, res)
  if poll.has_told then return end
  poll.has_told = true
  poll.one.tell(poll.bot, run, { type = "conflict", http_status = 409, reason = "conflict",
    why = type(res.description) == "string" and core.clean(res.description, res) or nil })
end

local function meet_refusal(poll, run, res)
  local code = res.error_code or 0
  if code == 409 then tell_conflict(poll, run, res) end
  if code == 409 and poll.settings.on_conflict == "wait" then return wait_out(poll, run, res, nil, "conflict") end
  if code == 429 then return wait_out(poll, run, res, nil, "rate_limited") end
  if code >= 500 then return wait_out(poll, run, res, nil, "server") end
  end_poll(poll, "failed", failure_of(poll, res))
end

local function meet_failure(poll, run, err)
  if err.kind == "logged_out" then return end_poll(poll, "left") end
  if err.kind == "limit" and poll.limit > 1 then
    poll.limit, poll.full = math.max(1, math.floor(poll.limit / SHRINK)), 0
    return pause(poll, run, ANEW, "limit")
  end
  if not may_pass(poll, err) then return end_poll(poll, "failed", failure_of(poll, nil, err)) end
  wait_out(poll, run, nil, err, err.http_status == 429 and "rate_limited" or err.kind)
end

-- More in one answer again once nothing is left behind, or many full answers were small enough.
local function grow(poll, n)
  poll.full = n < poll.limit and 0 or poll.full + 1
  local most = poll.settings.limit
  if n < poll.limit then poll.limit = most end
  if poll.full >= GROWN_AFTER then poll.limit, poll.full = math.min(most, poll.limit * 2), 0 end
end

-- A server that doesn't wait, or that gives nothing but what is no update, isn't asked at once again.
local function meet_nothing(poll, run, took)
  if run.dropped then return wait_out(poll, run, nil, nil, "malformed") end
  poll.failures = 0
  if took < PROMPT then pause(poll, run, PROMPT - took, "idle") end
end

local function meet_updates(poll, run, res, took)
  poll.has_worked, poll.has_told = true, false
  grow(poll, #res.result)
  if #res.result == 0 then return meet_nothing(poll, run, took) end
  poll.failures, poll.batch, poll.at = 0, res.result, 0
end

-- One question and what follows; nothing where it was taken back.
local function fetch(poll)
  local began = monotonic()
  poll.is_disturbed = false
  local run, res, err = ask(poll, { offset = poll.offset, limit = poll.limit, timeout = poll.settings.timeout,
    allowed_updates = poll.allowed }, { max_response = poll.settings.max_response })
  if poll.ended or poll.is_disturbed then return end
  if err then return meet_failure(poll, run, err) end
  if not res.ok then return meet_refusal(poll, run, res) end
  meet_updates(poll, run, res, monotonic() - began)
end

-- The object ----------------------------------------------------------------------

local class = { __name = "botapi.updates", __index = {} }

-- The body has come back: what it had in hand is done.
local function take_back(poll)
  local update = poll.in_hand
  if not update then return end
  poll.in_hand, poll.offset = nil, update.update_id + 1
end

function class.__index:next()
  if self.waiting and not self.waiting:done() then
    error("bad argument to 'next' (another coroutine waits for this loop's next update)", 2)
  end
  take_back(self)
  while not (self.ended or self.batch[self.at + 1]) do
    local leaving = is_leaving(self)
    if leaving then hold(self, leaving) else fetch(self) end
  end
  if self.ended then return not self.is_over and finish(self) or nil end
  self.at = self.at + 1
  self.in_hand = self.batch[self.at]
  return self.in_hand
end

-- A `for` begins: what an earlier one had in hand wasn't done, and comes again.
local function put_back(poll)
  if not poll.in_hand then return end
  poll.in_hand, poll.at = nil, poll.at - 1
end

-- `for` gives two arguments, the second of them the update before; users, who call it by hand, give none.
function class:__call(...)
  if select("#", ...) == 2 and select(2, ...) == nil then put_back(self) end
  return self:next()
end

function class:__tostring()
  return ("botapi.updates: of %s, %s"):format(self.bot.id and "bot " .. self.bot.id or "a malformed token",
    self.ended and "ended" or "open")
end

-- Bots ----------------------------------------------------------------------------

--- What the objects of one bot, on all its servers, share: its loops, and whether a request to leave a server is under
-- way there.
function updates.family()
  return { polls = setmetatable({}, { __mode = "k" }), leaving = {} }
end

local function each_poll(bot, fn, ...)
  local here = {}
  for poll in pairs(bot.family.polls) do
    if poll.bot.identity == bot.identity then here[#here + 1] = poll end
  end
  for _, poll in ipairs(here) do fn(poll, ...) end
end

--- A logOut or close begins: no loop asks from now on, and a question in flight is taken back.
-- @number seconds how long it may take
-- @treturn table the request, for `release` or `give_up`
function updates.hold(bot, seconds)
  local leaving = bot.family.leaving[bot.identity] or {}
  local request = { ends = monotonic() + seconds + MARGIN }
  bot.family.leaving[bot.identity], leaving[request] = leaving, true
  each_poll(bot, disturb)
  return request
end

local answered = { done = true, already = true, refused = true }

-- Whether an answer says where the bot is, whatever became of earlier requests. 401 comes while one is carried out.
local function answers_all(outcome, failure)
  return answered[outcome] and not (failure and failure.reason == "unauthorized")
end

local function forget(bot, request, is_known)
  local leaving, now = bot.family.leaving[bot.identity], monotonic()
  for other in pairs(leaving) do
    if other == request or is_known and other.ends <= now then leaving[other] = nil end
  end
  if next(leaving) == nil then bot.family.leaving[bot.identity] = nil end
end

--- It has ended.
-- @tparam table request of `hold`
-- @string outcome as of `botapi.outcome`
-- @tparam ?table failure where it isn't known what became of it
function updates.release(bot, request, outcome, failure)
  forget(bot, request, answers_all(outcome, failure))
  each_poll(bot, function(poll)
    if outcomes.is_done(outcome) then return end_poll(poll, "left") end
    if not outcomes.is_settled(outcome) then return end_poll(poll, "left", failure) end
    disturb(poll)       -- it waits for this
  end)
end

--- It has raised: loops end, unless nothing was sent.
function updates.give_up(bot, request, is_unsent)
  if is_unsent then return updates.release(bot, request, "not_sent") end
  request.ends = 0
  each_poll(bot, disturb)
end

--- What Ctrl-C raised while a loop's body worked on an update, with the update's id.
function updates.tell_in_hand(bot, raised)
  local interruption = core.interruption(raised)
  if not interruption then return end
  each_poll(bot, function(poll)
    if not poll.in_hand then return end
    interruption.update_id = poll.in_hand.update_id
    interruption.message = ("%s; update %.0f was in hand, and comes again"):format(interruption.message,
      poll.in_hand.update_id)
  end)
end

--- Whether the body of a loop works on an update.
function updates.has_in_hand(bot)
  for poll in pairs(bot.family.polls) do
    if poll.in_hand and poll.bot.identity == bot.identity then return true end
  end
  return false
end

local function new_poll(bot, api, one, settings, policy)
  local poll = setmetatable({ bot = bot, api = api, one = one, family = bot.family, settings = settings,
    policy = policy, limit = settings.limit, allowed = list_of_kinds(settings.allowed_updates), batch = {}, at = 0,
    failures = 0, full = 0 }, class)
  bot.family.polls[poll] = true
  return poll
end

--- Adds `updates` and `stop` to the class of bots.
-- @tparam table methods of the class
-- @tparam table api the functions that the bots are of
-- @tparam table one how one call is made: `new_run`, `tried`, `tell`, `pause` and `check_bot` of `botapi.bot`
function updates.add(methods, api, one)
  function methods.updates(bot, options)
    one.check_bot(bot, "updates")
    local settings, policy = read(options)
    if not settings then misuse("updates", policy) end
    local poll = new_poll(bot, api, one, settings, policy)
    one.checked("updates", core.reason.call, bot.token, "getUpdates", { allowed_updates = poll.allowed },
      { max_response = settings.max_response })
    return poll
  end

  function methods.stop(bot)
    one.check_bot(bot, "stop")
    each_poll(bot, function(poll)
      if poll.bot == bot then end_poll(poll, "stop") end
    end)
  end
end

return updates
