-- SPDX-License-Identifier: MIT
-- Owns the wait until the new server takes the bot: which answers mean "not yet", and for how long.

local core = require "botapi.core"

local patience = {}

local monotonic = core.host.monotonic
local FIRST, MOST = 1, 15       -- seconds between two questions: as long again by half each time
local HEARTBEAT = 10            -- seconds between two words to the person who waits

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

local function asked_wait(res, err)
  local said = err or type(res.parameters) == "table" and res.parameters or {}
  return type(said.retry_after) == "number" and said.retry_after or nil
end

-- Sleeps, with a word every ten seconds.
local function wait(run, seconds, why, began)
  local until_when = monotonic() + seconds
  repeat
    local left = until_when - monotonic()
    run.waiting { seconds = monotonic() - began, limit = run.settings.verify_timeout, why = why,
      again = math.max(0, left) }
    if left > 0 then run.api.sleep(math.min(left, HEARTBEAT)) end
  until monotonic() >= until_when
end

-- One question, which doesn't outlast the whole.
local function ask(run, began)
  local left = run.settings.verify_timeout - (monotonic() - began)
  return run.to:get_me { retries = 0, deadline = math.max(left, 1) }
end

--- Asks getMe on the new server until it answers.
-- @treturn ?table the answer
-- @treturn ?table the error that ended it
-- @treturn ?table the answer that ended it
function patience.until_logged_in(run)
  local began, pause = monotonic(), FIRST
  local res, err = ask(run, began)
  while not (res and res.ok) do
    local left = run.settings.verify_timeout - (monotonic() - began)
    local seconds = res and asked_wait(res) or err and asked_wait(nil, err) or math.min(pause, left)
    if not is_passing(run, res, err) or left <= 0 or seconds > left then return nil, err, res end
    wait(run, seconds, why_of(run, res, err), began)
    pause = math.min(pause * 1.5, MOST)
    run.requests.repeated = run.requests.repeated + 1
    res, err = ask(run, began)
  end
  return res
end

return patience
