-- SPDX-License-Identifier: MIT
-- Owns the steps of a move, as data and in their order: what each does, and what its failure means.

local outcomes = require "botapi.outcome"
local patience = require "botapi.migrate.patience"
local facts = require "botapi.facts"
local limit = require "botapi.text".limit
local webhook = require "botapi.migrate.webhook"

local steps = {}

-- What a step returns when it didn't work: the status of the whole, and the answer or the error.
local function failed(status, res, err, more)
  local failure = more or {}
  failure.status, failure.res, failure.err = status, res, err
  return failure
end

local function unread(run, res, err)
  return failed(outcomes.of_read(res, err, run.api.reason(res, err)), res, err)
end

-- Whether it is this bot that answers on the new server.
local function see_bot(run, res)
  local me = type(res.result) == "table" and res.result or {}
  if type(me.id) ~= "number" or ("%.0f"):format(me.id) ~= run.id then
    return failed("partly", nil, nil, { message = "another bot answers there" })
  end
  run.bot.username, run.bot.first_name = me.username or run.bot.username, me.first_name or run.bot.first_name
  run.arrived = true
end

-- Off the old server ----------------------------------------------------------------

local function take_webhook_off(run)
  local outcome, res, err = run.changes:send(run.from, "deleteWebhook")
  if outcome == "done" then return end
  run.touched = outcome == "unknown"
  return failed(outcome, res, err)
end

local function last_id(list)
  local last = 0
  for _, update in ipairs(list) do last = math.max(last, update.update_id or 0) end
  return last
end

-- Confirms what was taken by asking for what comes after it; the last question has nothing left to confirm.
local function drain(run)
  local offset, taken = 0, 0
  while true do
    local res, err = run.from:call("getUpdates", { offset = offset, limit = facts.MAX_UPDATES, timeout = 0 })
    if not (res and res.ok and type(res.result) == "table") then
      return unread(run, res, err)
    end
    if #res.result == 0 then break end
    local next_offset = last_id(res.result) + 1
    if next_offset <= offset then
      return failed("refused", nil, nil, { message = "the old server gives the same updates again and again" })
    end
    for _, update in ipairs(res.result) do run.settings.drain(update) end
    taken, offset = taken + #res.result, next_offset
  end
  run.drained = taken
  run.changes:note("note", { what = "drained", taken = taken })
  local res, err = run.from:get_webhook_info()
  if not (res and res.ok and type(res.result) == "table") then
    return unread(run, res, err)
  end
  run.plan.pending = res.result.pending_update_count or 0
  if run.plan.pending > 0 then
    return failed("refused", nil, nil, { message = "more updates came while they were taken" })
  end
end

local function leave(run)
  if not run.drained then run.lost = run.plan.pending end
  local unsettled = run.past.unsettled and true or nil
  local outcome, res, err = run.changes:send(run.from, "logOut", nil, { unsettled = unsettled })
  if outcomes.is_done(outcome) then
    run.left_at = run.now()
    return
  end
  return failed(outcome, res, err, { in_doubt = outcome == "unknown" })
end

local function close(run)
  local policy = { max_wait = run.settings.close_timeout, deadline = run.settings.close_timeout, retries = 20 }
  local outcome, res, err = run.changes:send(run.from, "close", nil, policy)
  if outcomes.is_done(outcome) then
    run.left_at = run.now()
    return
  end
  return failed(outcome, res, err, { in_doubt = outcome == "unknown" })
end

-- A person says that it is out, and that it runs on the new server: it is asked before that is believed.
local function settle(run)
  local res, err = run.to:get_me()
  if not (res and res.ok) then return failed("unknown", res, err, { in_doubt = true, not_settled = true }) end
  local failure = see_bot(run, res)
  if failure then
    failure.status, failure.in_doubt, failure.not_settled = "unknown", true, true
    return failure
  end
  if run.journal then
    run.journal:result(run.settling.id, { outcome = "done", sent = "maybe", settled = true })
  end
  run.left_at = run.settling.at
  if run.settings.how == "logout" and not run.drained then run.lost = run.plan.pending end
  run.changes:note("arrival", { server = run.to.identity })
end

-- The directory is moved by hand: the caller says when.
local function move_directory(run)
  local ready = run.settings.continue or run.settings.ready and run.settings.ready(run.plan)
  if not ready then return failed("move_directory") end
  run.changes:note("note", { what = "moved" })
end

-- On the new server -----------------------------------------------------------------

local function arrive(run)
  local res, err, why = patience.until_logged_in(run)
  if not res then return failed("partly", why, err) end
  local failure = see_bot(run, res)
  if failure then return failure end
  run.changes:note("arrival", { server = run.to.identity })
end

local function set_webhook(run)
  local outcome, res, err = run.changes:send(run.to, "setWebhook", run.wanted)
  if outcome == "done" then
    run.webhook_set = true
    return
  end
  return failed("partly", res, err, { unknown = outcome == "unknown" })
end

local function read_back(run)
  local res, err = run.to:get_webhook_info()
  if not (res and res.ok and type(res.result) == "table") then return failed("partly", res, err) end
  if res.result.url ~= run.wanted.url then
    return failed("partly", nil, nil, { message = "another webhook is set there than the one that was asked for" })
  end
  run.webhook_read_back = true
end

-- The table -------------------------------------------------------------------------

local function at_from(text)
  return function(run) return text:format(run.settings.from.name) end
end

local function log_in_text(run)
  return ("log in on %s (up to %s)"):format(run.settings.to.name, limit(run.settings.verify_timeout))
end

local function is_settling(run) return run.settling ~= nil end
local function is_closing(run) return run.settings.how == "close" and not is_settling(run) end
local function is_draining(run)
  local settings = run.settings
  return settings.how == "logout" and settings.drain ~= nil and (run.plan.pending or 0) > 0 and not is_settling(run)
end

-- `applies`: is it part of this move? `before`: on the old server, can be taken back. `leaves`: no way back from here.
local all = {
  { name = "take_off", text = at_from "take the webhook off %s", run = take_webhook_off, before = true,
    applies = function(run) return run.noted ~= nil and (is_closing(run) or is_draining(run)) end },
  { name = "drain", text = at_from "take the updates that wait on %s", run = drain, before = true,
    applies = is_draining },
  { name = "leave", text = at_from "log out of %s", run = leave, leaves = true, before = true,
    applies = function(run) return not is_closing(run) and not is_settling(run) end },
  { name = "leave", text = at_from "close the bot on %s", run = close, leaves = true, before = true,
    applies = is_closing },
  { name = "move_directory", text = function() return "move the bot's directory there (by hand)" end,
    run = move_directory, applies = is_closing },
  { name = "settle", text = function(run) return "see that the bot runs on " .. run.settings.to.name end,
    run = settle, applies = is_settling },
  { name = "arrive", text = log_in_text, run = arrive, applies = function(run) return not is_settling(run) end },
  { name = "set_webhook", text = function() return "set the webhook there" end, run = set_webhook,
    applies = function(run) return run.wanted ~= nil end },
  { name = "read_back", text = function() return "read it back" end, run = read_back,
    applies = function(run) return run.wanted ~= nil end },
}

--- The steps of this move.
-- @treturn {table,...} each with `name`, `text`, `state` ("open", or "done" by an earlier run)
function steps.of(run)
  local list = {}
  for _, step in ipairs(all) do
    if step.applies(run) then
      list[#list + 1] = { name = step.name, text = step.text(run), run = step.run, leaves = step.leaves,
        before = step.before, state = run.past[step.name] and "done" or "open", earlier = run.past[step.name] ~= nil }
    end
  end
  return list
end

--- Puts the webhook back on the old server, when a step before leaving it was refused.
function steps.undo(run)
  local took_off = run.taken_off ~= nil
  for _, step in ipairs(run.steps) do
    if step.name == "take_off" and (step.state == "done" or run.touched) then took_off = true end
  end
  if not took_off or not run.noted then return end
  local outcome, res, err = run.changes:send(run.from, "setWebhook", webhook.restored(run.settings, run.noted))
  run.put_back = outcome
  if outcome ~= "done" then
    run.warn("the webhook could not be put back on " .. run.settings.from.name .. ": "
      .. run.api.explain(res, err))
  end
end

return steps
