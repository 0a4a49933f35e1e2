-- SPDX-License-Identifier: MIT
-- Whether a call is tried again, and after how long: policy only, without a clock, a network or a memory.

local core = require "botapi.core"
local defaults = require "botapi.policy".defaults
local outcomes = require "botapi.outcome"
local reason = require "botapi.reason".reason

local host = core.host

local retry = {}

local FIRST, MOST = 0.5, 30     -- seconds: the first wait is at most FIRST, then twice as long each time, up to MOST
local SETTLED, PROMPT = 0.05, 0.5   -- a server is done with a logOut by then; it may forget it after a second
local CLOSING = 1
local LEAST = 1                 -- a server that limits the rate isn't asked again sooner, whatever it says
-- A server that has logged a bot out answers 401 for some milliseconds. One that was killed meanwhile does so for up to
-- half an hour, and asking again changes nothing.
local ENDING = 3                -- tries

local passing = { network = true, timeout = true, busy = true }
local HANDSHAKE = 35            -- of the failures of TLS, the one that may pass
local refused_by_proxy = { [403] = true, [407] = true }

--- Whether an error says that nothing was sent, for a reason that may pass.
function retry.is_unsent(err)
  return err and err.sent == "no" and not refused_by_proxy[err.http_status] and not err.problem
    and (passing[err.kind] or err.kind == "tls" and err.curl_code == HANDSHAKE)
end

local function is_limited(word, err)
  return word == "rate_limited" or err and err.sent == "yes" and err.http_status == 429
end

--- Whether this outcome leaves open if the bot was logged out, so that a repeat of logOut is safe and useful.
-- @string method the Bot API's name, in any case
-- @tparam table outcome `res` or `err`, as the call gave them
function retry.may_have_left(method, outcome)
  local res, err = outcome.res, outcome.err
  if method:lower() ~= "logout" or err and err.kind == "cancelled" then
    return false
  end
  local status = err and err.sent == "yes" and err.http_status or 0
  return err ~= nil and err.sent == "maybe" or 500 <= status and status < 600
    or res ~= nil and reason(res) == "server"
end

--- The error of a whole call, from that of its last attempt, when `may_have_left` was true for an earlier one: with
-- `sent` "no" it is a new one with "maybe", and says so.
function retry.remembered(err)
  if not err or err.sent ~= "no" then return err end
  local all = {}
  for name, value in pairs(err) do all[name] = value end
  all.sent = "maybe"
  all.message = (err.method and err.method .. ": " or "") .. (err.cause or tostring(err.message))
    .. "; an earlier attempt may have been carried out"
  return core.error(all)
end

local function backoff(attempt, limit, random)
  return (random() or 1) * math.min(FIRST * 2 ^ (attempt - 1), MOST, limit)
end

-- Why to try again, after how long, and what of that the server asked for; nil when the outcome is final.
local function decide(method, outcome, attempt, retries, limit, random)
  local word = reason(outcome.res, outcome.err)
  local closing = word == "logging_out" or word == "unauthorized" and attempt <= retries + ENDING
  if retry.is_unsent(outcome.err) then
    return "unsent", backoff(attempt, limit, random)
  elseif is_limited(word, outcome.err) then
    local asked = outcomes.retry_after(outcome.res, outcome.err)
    return "rate_limited", asked and asked + (random() or 1) * math.max(1, asked / 10)
      or math.max(backoff(attempt, limit, random), LEAST), asked or LEAST
  elseif retry.may_have_left(method, outcome) then
    return "unsettled", SETTLED + (random() or 1) * (PROMPT - SETTLED)
  elseif closing and outcome.may_have_left and method:lower() == "logout" then
    return "closing", CLOSING
  end
  return nil
end

--- How long to wait before a server is asked for updates again.
-- @int failures how often in a row it has failed, 1 or more
-- @tparam ?number asked the seconds that the server asks for
-- @tparam function random returns a number from 0 to below 1
-- @treturn number seconds
function retry.poll_wait(failures, asked, random)
  local part = random() or 1
  if asked then return asked + part * math.max(1, asked / 10) end
  return (1 + part) / 2 * math.min(FIRST * 2 ^ (failures - 1), MOST)
end

--- How long to wait before the next attempt.
-- @string method the Bot API's name, in any case
-- @tparam table outcome `res` or `err`, as the call gave them; and `may_have_left`, true when the function of that name
-- returned true for an earlier attempt of the same call
-- @int attempt how many attempts have been made, 1 or more
-- @number elapsed seconds since the first one began
-- @tparam table options `retries`, `max_wait` and `deadline` (seconds); `random`, a function that returns a number
-- from 0 to below 1 (the system's source)
-- @treturn ?number seconds to wait, or nil: it is over
-- @treturn string why: `unsent`, `rate_limited`, `unsettled` (a logOut that may have happened) or `closing` (a logOut
-- that is ending) with seconds; `final`, `off` (no retries asked for), `retries`, `max_wait` or `deadline` with nil
function retry.wait(method, outcome, attempt, elapsed, options)
  local retries = options.retries or defaults.retries
  local limit = options.max_wait or defaults.max_wait
  local why, wait, asked = decide(method, outcome, attempt, retries, limit, options.random or host.random_fraction)
  if not why then
    return nil, "final"
  elseif retries == 0 then
    return nil, "off"
  elseif attempt > retries and why ~= "closing" then    -- which has no other end than the deadline
    return nil, "retries"
  elseif asked and asked > limit then
    return nil, "max_wait"
  elseif elapsed + wait >= (options.deadline or defaults.deadline) then
    return nil, "deadline"
  end
  return wait, why
end

return retry
