-- SPDX-License-Identifier: MIT
-- Owns what the journal says of a move: where an interrupted one stands, and what may be asked now.

local journal = require "botapi.journal"
local machine = require "botapi.machine"
local ending = require "botapi.migrate.run".ending
local outcomes = require "botapi.outcome"
local place = require "botapi.journal.place"
local webhook = require "botapi.migrate.webhook"

local resume = {}

-- Opening ---------------------------------------------------------------------------

-- A call of this very process that was interrupted leaves its lock to the collector.
local function open(path)
  local log, why, errno, pid = journal.open(path)
  if log or not pid then return log, why, errno, pid end
  collectgarbage()
  collectgarbage()
  return journal.open(path)
end

local function stopped_by_journal(status, message, pid)
  return ending(status, { cause = "journal", message = message, pid = pid })
end

-- Plan and report say so: an interrupted move can't go on.
local function note_missing(run, why)
  run.plan.unresumable = true
  run:warn("not resumable, as there is no journal: " .. why)
end

--- Opens the journal of the bot, where one is wanted; a dry run only reads it.
-- @treturn ?botapi.migrate.Ending why it ends here
function resume.open(run)
  local path, is_dry = run.settings.journal, run.settings.dry_run
  if path == false then return note_missing(run, "no journal is wanted") end
  local log, why, errno, pid
  if type(path) ~= "string" then path, why = journal.path(run.bot.id) end
  if not path and run.settings.journal == nil then return note_missing(run, why) end
  if path then log, why, errno, pid = (is_dry and journal.read or open)(path) end
  if not log then
    local elsewhere = path and place.elsewhere(run.bot.id, path, errno)
    return stopped_by_journal(is_dry and "not_sent" or "refused", "the journal can't be used: "
      .. machine.told(tostring(why), errno) .. (elsewhere and "; " .. elsewhere or ""), not is_dry and pid or nil)
  end
  run.journal.log, run.journal.path = log, path
  if not is_dry then run.changes.journal = log end
end

-- Reading ---------------------------------------------------------------------------

-- The last plan, what came after it, and the status with which it ended.
local function last_plan(run)
  local plan, after, ended = nil, {}, nil
  for _, record in ipairs(run.journal.log:records(run.bot.id)) do
    if record.type == "note" and record.what == "plan" then
      plan, after, ended = record, {}, nil
    elseif plan then
      after[#after + 1] = record
      if record.type == "note" and record.what == "end" then ended = record.status end
    end
  end
  return plan, after, ended
end

-- The last record with these members.
local function last(records, wanted)
  local found
  for _, record in ipairs(records) do
    local fits = true
    for name, value in pairs(wanted) do fits = fits and record[name] == value end
    if fits then found = record end
  end
  return found
end

local function done(after, method, server)
  local record = last(after, { type = "result", method = method, server = server })
  return record and outcomes.is_done(record.outcome) and record or nil
end

local function leaving(how) return how == "close" and "close" or "logOut" end

-- The oldest try to leave of which no answer is known.
local function unanswered(run)
  for _, intent in ipairs(run.journal.log:unsettled(run.bot.id)) do
    if intent.server == run.from.identity and intent.method == leaving(run.settings.how) then return intent end
  end
end

local function is_of_this_move(run, plan)
  return plan ~= nil and plan.from == run.from.identity and plan.to == run.to.identity and plan.how == run.settings.how
end

-- The webhook that a plan noted.
local function webhook_of(run, plan)
  local noted = plan and type(plan.webhook) == "table" and plan.webhook
  return noted and webhook.copy(noted, run.urls.from_journal(noted.url)) or false
end

-- Taken off the old server by a run that was interrupted, and not put back.
local function taken_off(run, plan, after)
  if not plan or plan.from ~= run.from.identity then return false end
  local is_off = false
  for _, record in ipairs(after) do
    if record.server == plan.from then
      if record.method == "deleteWebhook" and record.type == "intent" then is_off = true end
      if record.method == "setWebhook" and outcomes.is_done(record.outcome) then is_off = false end
    end
  end
  return is_off and webhook_of(run, plan)
end

-- Going on --------------------------------------------------------------------------

-- What a plan of this move says; nil: there is none.
local function take_plan(run, plan, after)
  local old = webhook_of(run, plan)
  run.webhook.old, run.webhook.kinds = old, plan and type(plan.kinds) == "table" and plan.kinds or false
  run.webhook.new = webhook.new(run.settings, run.webhook)
  run.plan.webhook, run.plan.pending = webhook.copy(old, old and old.shown), plan and plan.pending or 0
  run.bot.username = plan and plan.username or run.bot.username
  run.bot.first_name = plan and plan.first_name or run.bot.first_name
  run.plan.resumed, run.journal.has_plan = true, plan ~= nil
  run.webhook.may_be_off = done(after, "deleteWebhook", run.from.identity) ~= nil
  local drained = last(after, { type = "note", what = "drained" })
  local looked = last(after, { type = "note", what = "looked" })
  run.updates.drained = drained and drained.taken or false
  run.updates.lost = (drained or looked or run.plan).pending or 0
end

-- What comes before the request that leaves is over, once that was sent: only it may be sent again.
local function skip_until_left(run, record)
  for _, name in ipairs { "take_off", "drain", "see_queue" } do run.earlier[name] = record end
end

-- What an earlier run has done on the new server.
local function take_arrival(run, plan, after)
  local earlier = run.earlier
  take_plan(run, plan, after)
  earlier.move_directory = last(after, { type = "note", what = "moved" })
  earlier.arrive = last(after, { type = "arrival", server = run.to.identity })
  earlier.set_webhook = earlier.arrive and done(after, "setWebhook", run.to.identity)
  run.has_arrived, run.webhook.is_set = earlier.arrive ~= nil, earlier.set_webhook ~= nil
end

-- The bot has left.
local function go_on(run, plan, after, left)
  run.earlier.leave, run.left_at = left, left.at
  take_arrival(run, plan, after)
  skip_until_left(run, left)
end

-- The old server is gone: what the journal knows of it, and what an earlier run has done on the new one.
local function go_on_without(run, plan, after, is_open)
  if is_open then return take_arrival(run, plan, after) end
  if plan and plan.from == run.from.identity then run.webhook.old = webhook_of(run, plan) end
end

-- The bot may have left. `settle`: a person says that it has.
local function go_on_unanswered(run, plan, after, intent)
  run.unanswered, run.plan.unanswered = intent, intent
  take_plan(run, plan, after)
  skip_until_left(run, intent)
  run.plan.settling = run.settings.settle or false
  local is_too_old = run.settings.how == "logout" and not outcomes.is_fresh(intent.at)
  if is_too_old and not run.settings.settle and not run.settings.force then
    return ending("unknown", { cause = "too_old", in_doubt = true, tried_at = intent.at })
  end
end

local function unfinished_elsewhere(run, plan, after, ended)
  if not plan or ended or is_of_this_move(run, plan) or run.settings.force then return nil end
  local intent = last(after, { type = "intent", method = leaving(plan.how), server = plan.from })
  local result = intent and last(after, { type = "result", of = intent.id })
  if not intent or result and result.outcome ~= "unknown" and not outcomes.is_done(result.outcome) then return nil end
  return stopped_by_journal("refused", ("a move from %s to %s is unfinished: finish that one first"):format(plan.from,
    plan.to))
end

-- What the journal says is done.
local function read(run)
  local plan, after, ended = last_plan(run)
  local is_mine, may_ask_again = is_of_this_move(run, plan), run.settings.force
  local stop = unfinished_elsewhere(run, plan, after, ended)
  if stop then return stop end
  local open_plan = is_mine and not ended and plan or nil
  local open_after = open_plan and after or {}
  local intent, left = unanswered(run), run.journal.log:left(run.bot.id, run.from.identity)
  local is_done = is_mine and ended == "done" and not may_ask_again
  local runs_there = not run.journal.log:left(run.bot.id, run.to.identity)
  if is_done and runs_there and (left or run.plan.gone or plan.gone) then
    run.left_at, run.bot.username = left and left.at or false, plan.username
    if type(run.settings.webhook) == "table" and run.settings.webhook.url ~= "" then
      run:warn("no webhook is set by a move that is over; if this is another one, call setWebhook on "
        .. run.settings.to.name)
    end
    return ending "already"
  elseif run.plan.gone then
    return go_on_without(run, plan, after, open_plan ~= nil)
  elseif intent then
    return go_on_unanswered(run, open_plan, open_after, intent)
  elseif left and is_done then    -- and it has left the new one, too
    go_on(run, plan, {}, left)
    run.plan.is_anew, run.plan.pending, run.updates.lost = true, 0, 0
    return nil
  elseif left and not may_ask_again then
    return go_on(run, open_plan, open_after, left)
  end
  local damage = not may_ask_again and run.journal.log:damage()
  if damage then
    return stopped_by_journal("not_sent", "the journal can't be read: " .. damage
      .. "; it would say whether the bot has left: repair it, or restore it")
  end
  run.webhook.taken_off = not ended and taken_off(run, plan, after)
end

--- Finds where this move stands, by the journal alone.
-- @treturn ?botapi.migrate.Ending why it ends here; else `run.earlier` says what is done, and `run.plan.resumed` that
--   the checks are over
function resume.locate(run)
  local settings = run.settings
  if run.journal.log then return read(run) end
  if settings.how == "close" and not (settings.ready or settings.continue or settings.dry_run) then
    return stopped_by_journal("refused",
      "close stops half way for the directory: without a journal to go on from, it needs ready")
  end
end

-- Writing ---------------------------------------------------------------------------

--- Notes the plan, before its first request that changes something.
-- @treturn ?botapi.migrate.Ending why it ends here: nothing may be done that isn't noted
function resume.begin(run)
  local log, plan, bot, old = run.changes.journal, run.plan, run.bot, run.webhook.old
  if log and (not plan.resumed or plan.is_anew) then
    local ok, why, errno = log:note { bot = bot.id, what = "plan", from = run.from.identity, to = run.to.identity,
      how = plan.how, gone = plan.gone or nil, pending = plan.pending, username = bot.username,
      first_name = bot.first_name, kinds = run.webhook.kinds or nil,
      webhook = old and webhook.copy(old, run.urls.for_journal(old.url)) or nil }
    if not ok then
      return stopped_by_journal("not_sent", "the journal can't be written: " .. machine.told(tostring(why), errno))
    end
    if run.earlier.leave and not plan.resumed then    -- it had left before
      local id = log:intent { bot = bot.id, server = run.from.identity, method = "logOut" }
      if id then log:result(id, { outcome = "already" }) end
    end
  end
  run.journal.has_begun = true
end

-- The same call goes on after these.
local goes_on = { partly = true, unknown = true, move_directory = true }

--- Notes the end of a move that needs no more, and closes the journal.
function resume.finish(run, status)
  local put_back = run.webhook.put_back
  if run.journal.has_begun and not goes_on[status] and (not put_back or put_back == "done") then
    run.changes:note("note", { what = "end", status = status })
  end
  resume.close(run)
end

--- Closes the journal, for others to open.
function resume.close(run)
  if run.changes.journal then run.changes.journal:close() end
end

return resume
