-- SPDX-License-Identifier: MIT
-- Whether a call is tried again, and after how long: policy only, without a clock, a network or a memory.

--- Retry policy.
--
-- @module botapi.retry
-- @usage
-- local retry = require "botapi.retry"
-- local failed = { err = { kind = "network", sent = "no" } }
-- assert(retry.wait("getMe", failed, 1, 0.2, { retries = 1 }))
-- assert(not retry.wait("getMe", failed, 2, 0.4, { retries = 1 }))

local core = require "botapi.core"
local outcomes = require "botapi.outcome"
local reason = require "botapi.reason".reason

local host = core.host

local retry = {}

--- What counts where an option isn't given: `retries` (0), and in seconds `max_wait` (60) and `deadline` (120).
retry.defaults = require "botapi.policy".defaults

local FIRST, MOST = 0.5, 30     -- seconds: the first wait is at most FIRST, then twice as long each time, up to MOST
local PROMPT = 0.5              -- the server may forget a logout after a second
local CLOSING = 1

local passing = { network = true, timeout = true, busy = true }
local HANDSHAKE = 35            -- of the failures of TLS, the one that may pass
local refused_by_proxy = { [403] = true, [407] = true }

local function is_unsent(err)
  return err and err.sent == "no" and not refused_by_proxy[err.http_status]
    and (passing[err.kind] or err.kind == "tls" and err.curl_code == HANDSHAKE)
end

local function is_limited(word, err)
  return word == "rate_limited" or err and err.sent == "yes" and err.http_status == 429
end

--- Whether this outcome leaves open if the bot was logged out, so that a repeat of logOut is safe and useful.
--
-- @string method the Bot API's name, in any case
-- @tparam table outcome `res` or `err`, as the call gave them
-- @treturn boolean
-- @usage
-- local retry = require "botapi.retry"
-- assert(retry.may_have_left("logOut", { err = { kind = "timeout", sent = "maybe" } }))
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
--
-- @tparam ?table err as the last attempt gave it
-- @treturn ?table the error object, or nil
-- @usage
-- local retry = require "botapi.retry"
-- local err = retry.remembered { kind = "network", sent = "no", message = "logOut: no route; nothing was sent" }
-- assert(err.sent == "maybe" and err.message == "logOut: no route; an earlier attempt may have been carried out")
function retry.remembered(err)
  if not err or err.sent ~= "no" then return err end
  local all = {}
  for name, value in pairs(err) do all[name] = value end
  all.sent = "maybe"
  all.message = tostring(err.message):gsub("; nothing was sent$", "")
    .. "; an earlier attempt may have been carried out"
  return core.error(all)
end

local function backoff(attempt, limit, random)
  return (random() or 1) * math.min(FIRST * 2 ^ (attempt - 1), MOST, limit)
end

-- Why to try again, after how long, and what of that the server asked for; nil when the outcome is final.
local function decide(method, outcome, attempt, limit, random)
  local word = reason(outcome.res, outcome.err)
  local closing = word == "unauthorized" or word == "logging_out"
  if is_unsent(outcome.err) then
    return "unsent", backoff(attempt, limit, random)
  elseif is_limited(word, outcome.err) then
    local asked = outcomes.retry_after(outcome.res, outcome.err)
    return "rate_limited", asked and asked + (random() or 1) * math.max(1, asked / 10)
      or backoff(attempt, limit, random), asked
  elseif retry.may_have_left(method, outcome) then
    return "unsettled", (random() or 1) * PROMPT
  elseif closing and outcome.may_have_left and method:lower() == "logout" then
    return "closing", CLOSING
  end
  return nil
end

--- How long to wait before the next attempt.
--
-- @string method the Bot API's name, in any case
-- @tparam table outcome `res` or `err`, as the call gave them; and `may_have_left`, true when the function of that name
-- returned true for an earlier attempt of the same call
-- @int attempt how many attempts have been made, 1 or more
-- @number elapsed seconds since the first one began
-- @tparam ?table options `retries`, `max_wait` and `deadline` (seconds); `random`, a function that returns a number
-- from 0 to below 1 (the system's source)
-- @treturn ?number seconds to wait, or nil: it is over
-- @treturn string why: `unsent`, `rate_limited`, `unsettled` (a logOut that may have happened) or `closing` (a logOut
-- that is ending) with seconds; `final`, `off` (no retries asked for), `retries`, `max_wait` or `deadline` with nil
-- @usage
-- local retry = require "botapi.retry"
-- local limited = { res = { ok = false, error_code = 429, parameters = { retry_after = 7 } } }
-- local seconds, why = retry.wait("getMe", limited, 1, 0.2, { retries = 1 })
-- assert(seconds >= 7 and why == "rate_limited")
function retry.wait(method, outcome, attempt, elapsed, options)
  options = options or {}
  local retries = options.retries or retry.defaults.retries
  local limit = options.max_wait or retry.defaults.max_wait
  local why, wait, asked = decide(method, outcome, attempt, limit, options.random or host.random_fraction)
  if not why then
    return nil, "final"
  elseif retries == 0 then
    return nil, "off"
  elseif attempt > retries and why ~= "closing" then    -- which has no other end than the deadline
    return nil, "retries"
  elseif asked and asked > limit then
    return nil, "max_wait"
  elseif elapsed + wait >= (options.deadline or retry.defaults.deadline) then
    return nil, "deadline"
  end
  return wait, why
end

return retry
