-- SPDX-License-Identifier: MIT
-- Owns the steps of a move, as data and in their order: what each does, and what its failure means.

local ending = require "botapi.migrate.run".ending
local outcomes = require "botapi.outcome"
local patience = require "botapi.migrate.patience"
local facts = require "botapi.facts"
local limit = require "botapi.text".limit
local webhook = require "botapi.migrate.webhook"

local steps = {}

local function unread(run, res, err)
  return ending(outcomes.of_read(res, err, run.api.reason(res, err)), { res = res, err = err })
end

-- Whether it is this bot that answers on the new server.
local function see_bot(run, res)
  if not run:recognize(res) then return ending("partly", { message = "another bot answers there" }) end
  run.has_arrived = true
end

local function note_loss(run)
  if run.settings.how == "logout" and not run.updates.drained then run.updates.lost = run.plan.pending end
end

-- Off the old server ----------------------------------------------------------------

local function take_webhook_off(run)
  local outcome, res, err = run.changes:send(run.from, "deleteWebhook")
  if outcome == "done" then return end
  run.webhook.may_be_off = outcome == "unknown"
  return ending(outcome, { res = res, err = err })
end

local function last_id(list)
  local last = 0
  for _, update in ipairs(list) do last = math.max(last, update.update_id or 0) end
  return last
end

-- One answer of getUpdates to the caller: how many updates it had, and the next offset; or why it ends here.
local function take(run, offset)
  local res, err = run.from:call("getUpdates", { offset = offset, limit = facts.MAX_UPDATES, timeout = 0 })
  if not (res and res.ok and type(res.result) == "table") then return nil, unread(run, res, err) end
  local next_offset = last_id(res.result) + 1
  if #res.result > 0 and next_offset <= offset then
    return nil, ending("refused", { message = "the old server gives the same updates again and again" })
  end
  for _, update in ipairs(res.result) do run.settings.drain(update) end
  return #res.result, next_offset
end

-- Confirms what was taken by asking for what comes after it; the last question has nothing left to confirm.
local function drain(run)
  local taken, n, more = 0, take(run, 0)
  while n and n > 0 do
    taken = taken + n
    n, more = take(run, more)
  end
  if not n then return more end
  run.updates.drained = taken
  run.changes:note("note", { what = "drained", taken = taken })
  local res, err = run.from:get_webhook_info()
  if not (res and res.ok and type(res.result) == "table") then return unread(run, res, err) end
  run.plan.pending = res.result.pending_update_count or 0
  if run.plan.pending > 0 then return ending("refused", { message = "more updates came while they were taken" }) end
end

-- Sends the request that leaves the old server.
local function leave_by(run, method, policy)
  local outcome, res, err = run.changes:send(run.from, method, nil, policy)
  if not outcomes.is_done(outcome) then
    return ending(outcome, { res = res, err = err, in_doubt = outcome == "unknown" })
  end
  run.left_at = os.time()
end

local function leave(run)
  note_loss(run)
  return leave_by(run, "logOut", { may_have_left = run.unanswered and true or nil })
end

local function close(run)
  local wait = run.settings.close_timeout
  return leave_by(run, "close", { max_wait = wait, deadline = wait, retries = 20 })
end

-- A person says that the bot has left and runs on the new server, which is asked before that is believed.
local function settle(run)
  local res, err = run.to:get_me()
  local stop = not (res and res.ok) and unread(run, res, err) or see_bot(run, res)
  if stop then
    stop.status, stop.cause, stop.in_doubt = "unknown", "not_settled", true
    return stop
  end
  local log, intent = run.changes.journal, run.unanswered
  if log then log:result(intent.id, { outcome = "done", sent = "maybe", settled = true }) end
  run.left_at = intent.at
  note_loss(run)
  run.changes:note("arrival", { server = run.to.identity })
end

-- The directory is moved by hand: the caller says when.
local function move_directory(run)
  local ready = run.settings.continue or run.settings.ready and run.settings.ready(run.plan)
  if not ready then return ending "move_directory" end
  run.changes:note("note", { what = "moved" })
end

-- On the new server -----------------------------------------------------------------

local function arrive(run)
  local res, err, answer = patience.until_logged_in(run)
  if not res then return ending("partly", { res = answer, err = err }) end
  local stop = see_bot(run, res)
  if stop then return stop end
  run.changes:note("arrival", { server = run.to.identity })
end

local function set_webhook(run)
  local outcome, res, err = run.changes:send(run.to, "setWebhook", run.webhook.new)
  if outcome ~= "done" then return ending("partly", { res = res, err = err }) end
  run.webhook.is_set = true
end

local function read_back(run)
  local res, err = run.to:get_webhook_info()
  if not (res and res.ok and type(res.result) == "table") then return ending("partly", { res = res, err = err }) end
  if res.result.url ~= run.webhook.new.url then
    return ending("partly", { message = "another webhook is set there than the one that was asked for" })
  end
  run.webhook.is_read_back = true
end

-- The table -------------------------------------------------------------------------

local function at_from(text)
  return function(run) return text:format(run.settings.from.name) end
end

local function up_to(run) return "up to " .. limit(run.settings.verify_timeout) end

local function is_settling(run) return run.plan.settling end
local function is_closing(run) return run.settings.how == "close" and not is_settling(run) end
local function is_draining(run)
  return run.settings.how == "logout" and run.settings.drain ~= nil and run.plan.pending > 0 and not is_settling(run)
end
local function sets_webhook(run) return run.webhook.new ~= false end

-- `applies`: is it part of this move? `before`: on the old server, can be undone. `leaves`: no way back from here.
local all = {
  { name = "take_off", title = at_from "take the webhook off %s", run = take_webhook_off, before = true,
    applies = function(run) return run.webhook.old ~= false and (is_closing(run) or is_draining(run)) end },
  { name = "drain", title = at_from "take the updates that wait on %s", run = drain, before = true,
    applies = is_draining },
  { name = "leave", title = at_from "log out of %s", run = leave, leaves = true, before = true,
    applies = function(run) return not is_closing(run) and not is_settling(run) end },
  { name = "leave", title = at_from "close the bot on %s", run = close, leaves = true, before = true,
    applies = is_closing },
  { name = "move_directory", title = function() return "move the bot's directory there" end,
    detail = function() return "by hand" end, run = move_directory, applies = is_closing },
  { name = "settle", title = function(run) return "see that the bot runs on " .. run.settings.to.name end,
    run = settle, applies = is_settling },
  { name = "arrive", title = function(run) return "log in on " .. run.settings.to.name end, detail = up_to,
    run = arrive, applies = function(run) return not is_settling(run) end },
  { name = "set_webhook", title = function() return "set the webhook there" end, run = set_webhook,
    applies = sets_webhook },
  { name = "read_back", title = function() return "read it back" end, run = read_back, applies = sets_webhook },
}

--- The steps of this move.
-- @treturn {botapi.migrate.Step,...}
function steps.of(run)
  local list = {}
  for _, step in ipairs(all) do
    if step.applies(run) then
      local title, earlier = step.title(run), run.earlier[step.name] ~= nil
      list[#list + 1] = { name = step.name, title = title, run = step.run, leaves = step.leaves or false,
        text = step.detail and ("%s (%s)"):format(title, step.detail(run)) or title, before = step.before or false,
        state = earlier and "done" or "open", earlier = earlier, began = false, seconds = false, told_at = false,
        told_why = false }
    end
  end
  return list
end

--- Sets the webhook again on the old server, where a step took it off, or may have, and the bot hasn't left.
function steps.undo(run)
  local is_off = run.webhook.taken_off ~= false
  for _, step in ipairs(run.steps) do
    if step.name == "take_off" and (step.state == "done" or run.webhook.may_be_off) then is_off = true end
  end
  local old = run.webhook.old
  if not is_off or not old then return end
  local outcome, res, err = run.changes:send(run.from, "setWebhook", webhook.restored(run.settings, old))
  run.webhook.put_back = outcome
  if outcome ~= "done" then
    run:warn("the webhook could not be put back on " .. run.settings.from.name .. ": " .. run.api.explain(res, err))
  end
end

return steps
