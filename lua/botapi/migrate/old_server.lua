-- SPDX-License-Identifier: MIT
-- Owns the steps of a move on the old server: the webhook off and on again, and the request that leaves.

local core = require "botapi.core"
local ending = require "botapi.migrate.run".ending
local outcomes = require "botapi.outcome"
local texts = require "botapi.text"
local updates = require "botapi.migrate.updates"
local webhook = require "botapi.migrate.webhook"

local old_server = {}

-- The webhook -----------------------------------------------------------------------

--- Takes the webhook off.
-- @treturn ?botapi.migrate.Ending why it ends here
function old_server.take_off(run)
  local outcome, res, err = run.changes:send(run.from, "deleteWebhook")
  if outcome == "done" or outcome == "unknown" then run.webhook.may_be_off, run.webhook.is_less = true, false end
  if outcome ~= "done" then return ending(outcome, { res = res, err = err }) end
end

--- Sets the webhook again, where it was taken off, or may have been.
-- @treturn boolean whether it is on, or there was none
function old_server.put_back(run)
  local hook = run.webhook
  if not hook.old or not (hook.may_be_off or hook.taken_off) then return true end
  local params = webhook.restored(run.settings, hook.old)
  local outcome, res, err = run.changes:send(run.from, "setWebhook", params)
  hook.put_back = outcome
  if outcome == "done" then
    hook.may_be_off, hook.taken_off, hook.is_less = false, false, webhook.is_less(run.settings, hook.old, params)
    return true
  end
  run:warn("the webhook could not be put back on " .. run.settings.from.name .. ": " .. run.api.explain(res, err))
  return false
end

--- Tells what may be missing of the webhook that was set again, once it stays.
function old_server.tell_less(run)
  if not run.webhook.is_less then return end
  run:warn("the webhook is set again on " .. run.settings.from.name .. ", but no server tells the secret_token or "
    .. "the certificate that it had: if it had one that you didn't give, set it again yourself")
end

-- Leaving ---------------------------------------------------------------------------

-- An earlier try that wasn't answered hadn't done it: nobody could look at what came since.
local function note_gap(run, outcome)
  if not run.unanswered or outcome ~= "done" then return end
  run:warn(("the bot was on %s until now: updates that came there since %s are %s"):format(run.settings.from.name,
    texts.minute(run.unanswered.at), run.settings.how == "close" and "left there" or "lost"))
end

local function leave_by(run, method, policy)
  local outcome, res, err = run.changes:send(run.from, method, nil, policy)
  if not outcomes.is_done(outcome) then
    return ending(outcome, { res = res, err = err, in_doubt = outcome == "unknown" })
  end
  run.left_at = os.time()
  note_gap(run, outcome)
end

--- Logs out.
-- @treturn ?botapi.migrate.Ending why it ends here
function old_server.log_out(run)
  if not run.updates.drained then run.updates.lost = run.plan.pending end
  return leave_by(run, "logOut", { may_have_left = run.unanswered and true or nil })
end

local AT_ONCE = 0.9             -- seconds: less than any wait that a server asks for
local UNSAID = 10               -- seconds, where it doesn't say how long
local YOUNG = "429, it closes no bot in its first 10 minutes"

-- What comes before the close: the webhook off, and nothing left that waits.
local function clear(run)
  local stop = run.webhook.old and old_server.take_off(run) or nil
  if stop then return stop end
  return (run.settings.drain and updates.drain or updates.look)(run)
end

-- A server that refuses for a while is waited for with the webhook on: what comes meanwhile goes where it belongs.
local function wait_out(run, stop, seconds, began)
  if not old_server.put_back(run) then return stop end
  run.webhook.put_back = false
  if run:wait(seconds, YOUNG, began, run.settings.close_timeout) then return clear(run) end
  return ending("cancelled", { err = core.error { kind = "cancelled", sent = "no", method = "close",
    message = "interrupted" } })
end

--- Closes the bot.
-- @treturn ?botapi.migrate.Ending why it ends here
function old_server.close(run)
  local began = run:elapsed()
  local stop = leave_by(run, "close", { max_wait = AT_ONCE })
  while stop and stop.status == "later" do
    local seconds = outcomes.retry_after(stop.res or nil, stop.err or nil) or UNSAID
    if run:elapsed() - began + seconds > run.settings.close_timeout then return stop end
    stop = wait_out(run, stop, seconds, began)
    if stop then return stop end
    run.requests.repeated = run.requests.repeated + 1
    stop = leave_by(run, "close", { max_wait = AT_ONCE })
  end
  return stop
end

return old_server
