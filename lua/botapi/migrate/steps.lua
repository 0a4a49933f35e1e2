-- SPDX-License-Identifier: MIT
-- Owns the steps of a move, as data and in their order: what each does, and what its failure means.

local ending = require "botapi.migrate.run".ending
local limit = require "botapi.text".limit
local old_server = require "botapi.migrate.old_server"
local patience = require "botapi.migrate.patience"
local updates = require "botapi.migrate.updates"
local webhook = require "botapi.migrate.webhook"

local steps = {}

-- Whether it is this bot that answers on the new server.
local function see_bot(run, res)
  if not run:recognize(res) then return ending("partly", { message = "another bot answers there" }) end
  run.has_arrived = true
end

-- Between the servers ----------------------------------------------------------------

-- A person says that the bot has left and runs on the new server, which is asked before that is believed.
local function settle(run)
  local res, err = run.to:get_me()
  local stop = not (res and res.ok) and updates.unread(run, res, err) or see_bot(run, res)
  if stop then
    stop.status, stop.cause, stop.in_doubt = "unknown", "not_settled", true
    return stop
  end
  local log, intent = run.changes.journal, run.unanswered
  if log then log:result(intent.id, { outcome = "done", sent = "maybe", settled = true }) end
  run.left_at = intent.at
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

-- Asks the new server what is set there, and what waits.
local function look_there(run)
  local res, err = run.to:get_webhook_info()
  if not (res and res.ok) then return nil, ending("partly", { res = res, err = err }) end
  if run.settings.how == "close" then run.updates.there = res.result.pending_update_count or 0 end
  local found = webhook.read(res)
  run.webhook.is_looked_at, run.webhook.stands = true, found and found.shown or false
  return res.result
end

-- What is otherwise there than it was asked for; nil and why it ends here.
local function differences_there(run)
  local info, stop = look_there(run)
  if not info then return nil, stop end
  return webhook.differences(run.webhook.new, info, run.urls.for_people)
end

-- An earlier run may have set what this one no longer asks for.
local function read_back(run)
  local differences, stop = differences_there(run)
  if differences and #differences > 0 and run.earlier.set_webhook then
    stop = set_webhook(run)
    if not stop then differences, stop = differences_there(run) end
  end
  if stop then return stop end
  if #differences > 0 then
    run.webhook.differs = differences
    return ending("partly", { message = table.concat(differences, "; ") })
  end
  run.webhook.is_read_back = true
end

local function delete_there(run)
  local outcome, res, err = run.changes:send(run.to, "deleteWebhook")
  if outcome ~= "done" then return ending("partly", { res = res, err = err }) end
  run:warn(("the webhook %s was set on %s, and is deleted"):format(run.webhook.stands, run.settings.to.name))
  run.webhook.stands = false
end

-- Where this move sets none: one that stands there takes the updates, and getUpdates gets 409.
local function look(run)
  local info, stop = look_there(run)
  if not info then return stop end
  if not run.webhook.stands then return nil end
  if webhook.is_none(run.settings) then return delete_there(run) end
  run:warn(("the webhook %s is set on %s, and not by this move: the updates go there, and getUpdates gets 409 "
    .. "until deleteWebhook is called")
    :format(run.webhook.stands, run.settings.to.name))
end

-- The table -------------------------------------------------------------------------

local function at_from(text)
  return function(run) return text:format(run.settings.from.name) end
end

local function up_to(run) return "up to " .. limit(run.settings.verify_timeout) end

local function is_settling(run) return run.plan.settling end
local function by_close(run) return run.settings.how == "close" and not is_settling(run) end
local function is_closing(run) return by_close(run) and not run.plan.gone end
local function is_draining(run) return run.settings.drain ~= nil and not is_settling(run) and not run.plan.gone end
local function is_looking(run) return is_closing(run) and not is_draining(run) end
local function takes_off(run) return run.webhook.old ~= false and (is_closing(run) or is_draining(run)) end
local function sets_webhook(run) return run.webhook.new ~= false end
local function look_title(run)
  return webhook.is_none(run.settings) and "see that no webhook is set there" or "see what webhook is set there"
end

-- `applies`: is it part of this move? `before`: on the old server, can be undone. `leaves`: no way back from here.
local all = {
  { name = "take_off", title = at_from "take the webhook off %s", run = old_server.take_off, before = true,
    applies = takes_off },
  { name = "drain", title = at_from "take the updates that wait on %s", run = updates.drain, before = true,
    applies = is_draining },
  { name = "see_queue", title = at_from "see how many updates wait on %s", run = updates.look, before = true,
    applies = is_looking },
  { name = "leave", title = at_from "log out of %s", run = old_server.log_out, leaves = true, before = true,
    applies = function(run) return run.settings.how == "logout" and not is_settling(run) and not run.plan.gone end },
  { name = "leave", title = at_from "close the bot on %s", run = old_server.close, leaves = true, before = true,
    applies = is_closing },
  { name = "move_directory", title = function() return "move the bot's directory there" end,
    detail = function() return "by hand" end, run = move_directory, applies = by_close },
  { name = "settle", title = function(run) return "see that the bot runs on " .. run.settings.to.name end,
    run = settle, applies = is_settling },
  { name = "arrive", title = function(run) return "log in on " .. run.settings.to.name end, detail = up_to,
    run = arrive, applies = function(run) return not is_settling(run) end },
  { name = "set_webhook", title = function() return "set the webhook there" end, run = set_webhook,
    applies = sets_webhook },
  { name = "read_back", title = function() return "read it back" end, run = read_back, applies = sets_webhook },
  { name = "look", title = look_title, run = look, applies = function(run) return not sets_webhook(run) end },
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

return steps
