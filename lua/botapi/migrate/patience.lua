-- SPDX-License-Identifier: MIT
-- Owns the wait until the new server takes the bot: which answers mean "not yet", and for how long.

local core = require "botapi.core"
local asked = require "botapi.outcome".retry_after

local patience = {}

local FIRST, MOST = 1, 15       -- seconds between two questions: as long again by half each time

-- What may pass. A local server says no for good to 401 (its api_id isn't Telegram's fault) and 421 (--filter).
local passing = {
  cloud = { logged_out = true, unauthorized = true, not_found = true, server = true, rate_limited = true },
  ["local"] = { logged_out = true, server = true, rate_limited = true },
}
local passing_errors = { network = true, timeout = true, busy = true, protocol = true }

local reasons = {
  logged_out = "it still remembers a logout", unauthorized = "the lock-out", not_found = "the lock-out",
  server = "it has an error of its own", network = "it can't be reached", timeout = "it doesn't answer",
  protocol = "something else answers in its place",
}

local function is_passing(run, res, err)
  local reason = run.api.reason(res, err)
  if res then return passing[run.settings.to.kind][reason] end
  return passing_errors[err.kind]
end

local function why_of(run, res, err)
  local reason = run.api.reason(res, err)
  if reason == "rate_limited" then return "429" end
  if res and res.error_code and run.settings.to.kind == "cloud" and reason == "logged_out" then
    return "the lock-out"
  end
  return reasons[reason] or reason
end

-- One question, which doesn't outlast the whole.
local function ask(run, began)
  local left = run.settings.verify_timeout - (run:elapsed() - began)
  return run.to:get_me { retries = 0, deadline = math.max(left, 1) }
end

--- Asks getMe on the new server until it answers.
-- @treturn ?table the answer
-- @treturn ?table the error that ended it
-- @treturn ?table the answer that ended it
function patience.until_logged_in(run)
  local began, pause = run:elapsed(), FIRST
  local res, err = ask(run, began)
  while not (res and res.ok) do
    local left = run.settings.verify_timeout - (run:elapsed() - began)
    local seconds = asked(res, err) or math.min(pause, left)
    if not is_passing(run, res, err) or left <= 0 or seconds > left then return nil, err, res end
    if not run:wait(seconds, why_of(run, res, err), began, run.settings.verify_timeout) then
      return nil, core.error { kind = "cancelled", sent = "no", method = "getMe", message = "interrupted" }
    end
    pause = math.min(pause * 1.5, MOST)
    run.requests.repeated = run.requests.repeated + 1
    res, err = ask(run, began)
  end
  return res
end

return patience
