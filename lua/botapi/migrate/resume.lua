-- SPDX-License-Identifier: MIT
-- Owns what the journal says of a move: where an interrupted one stands, and what may be asked now.

local facts = require "botapi.facts"
local journal = require "botapi.journal"
local outcomes = require "botapi.outcome"
local webhook = require "botapi.migrate.webhook"

local resume = {}

-- Opening ---------------------------------------------------------------------------

local function open(path)
  local log, why, errno, pid = journal.open(path)
  if not log and pid then
    -- a call of this very process that was interrupted leaves its lock to the collector
    collectgarbage()
    collectgarbage()
    log, why, errno, pid = journal.open(path)
  end
  return log, why, pid, errno
end

-- Plan and report say so: what is interrupted can't be gone on with.
local function note_missing(run, why)
  run.plan.unresumable = true
  run.warn("not resumable, as there is no journal: " .. why)
end

--- Opens the journal of the bot, where one is wanted; a rehearsal only reads it.
-- @treturn ?table why it ends here
function resume.open(run)
  local wanted = run.settings.journal
  if wanted == false then return note_missing(run, "no journal is wanted") end
  local path, why = wanted, nil
  if type(wanted) ~= "string" then path, why = journal.path(run.id) end
  if not path and wanted == nil then
    return note_missing(run, why)
  end
  local log, pid = nil, nil
  if path then
    if run.settings.dry_run then log, why = journal.read(path) else log, why, pid = open(path) end
  end
  if not log then
    return { status = "refused", message = "the journal can't be used: " .. tostring(why), pid = pid, journal = true }
  end
  run.log, run.path = log, path
  run.journal = not run.settings.dry_run and log or nil
  run.changes.journal = run.journal
end

-- Reading ---------------------------------------------------------------------------

-- The last plan, what came after it, and whether it came to an end.
local function last_plan(run)
  local plan, after, ended = nil, {}, nil
  for _, record in ipairs(run.log:records(run.id)) do
    if record.type == "note" and record.what == "plan" then
      plan, after, ended = record, {}, nil
    elseif plan then
      after[#after + 1] = record
      if record.type == "note" and record.what == "end" then ended = record.status end
    end
  end
  return plan, after, ended
end

local function find(records, wanted)
  local found
  for _, record in ipairs(records) do
    local fits = true
    for name, value in pairs(wanted) do fits = fits and record[name] == value end
    if fits then found = record end
  end
  return found
end

local function done(after, method, server)
  local record = find(after, { type = "result", method = method, server = server })
  return record and outcomes.is_done(record.outcome) and record or nil
end

-- The oldest try to leave whose end isn't known.
local function unsettled(run)
  local method = run.settings.how == "close" and "close" or "logOut"
  for _, intent in ipairs(run.log:unsettled(run.id)) do
    if intent.server == run.from.identity and intent.method == method then return intent end
  end
end

local function is_same(run, plan)
  return plan ~= nil and plan.from == run.from.identity and plan.to == run.to.identity and plan.how == run.settings.how
end

-- The webhook of a plan, its URL whole again.
local function webhook_of(run, plan)
  local noted = plan and type(plan.webhook) == "table" and plan.webhook or nil
  if not noted then return nil end
  local url = run.reveal(noted.url)
  return { url = url, shown = noted.shown, max_connections = noted.max_connections,
    allowed_updates = noted.allowed_updates, has_certificate = noted.has_certificate }
end

-- Taken off the old server by a run that was interrupted, and not put back.
local function taken_off(run, plan, after)
  if not plan or plan.from ~= run.from.identity then return nil end
  local off
  for _, record in ipairs(after) do
    if record.server == plan.from and record.method == "deleteWebhook" and record.type == "intent" then off = record end
    local is_back = record.method == "setWebhook" and outcomes.is_done(record.outcome)
    if record.server == plan.from and is_back then off = nil end
  end
  return off and webhook_of(run, plan) or nil
end

-- Going on --------------------------------------------------------------------------

local function take_plan(run, plan, after)
  run.noted = webhook_of(run, plan)
  run.plan.webhook, run.plan.pending = webhook.shown(run.noted), plan and plan.pending or 0
  run.bot.username = plan and plan.username or run.bot.username
  run.bot.first_name = plan and plan.first_name or run.bot.first_name
  run.wanted = webhook.wanted(run.settings, run.noted)
  run.plan.resumed, run.has_plan = true, plan ~= nil
  run.past.take_off = done(after, "deleteWebhook", run.from.identity)
  run.past.drain = find(after, { type = "note", what = "drained" })
  if run.past.drain then run.drained = run.past.drain.taken end
end

local function go_on(run, plan, after, left)
  run.past.leave, run.left_at = left, left.at
  run.past.move_directory = find(after, { type = "note", what = "moved" })
  run.past.arrive = find(after, { type = "arrival", server = run.to.identity })
  run.past.set_webhook = run.past.arrive and done(after, "setWebhook", run.to.identity)
  run.arrived, run.webhook_set = run.past.arrive ~= nil, run.past.set_webhook ~= nil
  take_plan(run, plan, after)
  if run.settings.how == "logout" and not run.drained then run.lost = run.plan.pending end
end

-- `settle`: a person says that it is out; the new server is asked before that is believed.
local function go_on_unsettled(run, plan, after, intent)
  run.past.unsettled, run.plan.unsettled = intent, intent
  take_plan(run, plan, after)
  if run.settings.settle then
    run.settling, run.plan.settling = intent, true
    return nil
  end
  local too_old = run.settings.how == "logout" and intent.age > facts.CONVERGES
  if too_old and not run.settings.anyway then
    return { status = "unknown", too_old = true, in_doubt = true, at = intent.at }
  end
end

local function unfinished_elsewhere(run, plan, after, ended)
  if not plan or ended or is_same(run, plan) or run.settings.anyway then return nil end
  local method = plan.how == "close" and "close" or "logOut"
  local intent = find(after, { type = "intent", method = method, server = plan.from })
  local result = intent and find(after, { type = "result", of = intent.id })
  if not intent or result and result.outcome ~= "unknown" and not outcomes.is_done(result.outcome) then return nil end
  return { status = "refused", journal = true, message = ("a move from %s to %s is unfinished: finish that one first")
    :format(plan.from, plan.to) }
end

--- Finds where this move stands, by the journal alone.
-- @treturn ?table why it ends here; else `run.past` says what is done, and `run.plan.resumed` that checks are over
function resume.locate(run)
  local settings = run.settings
  if not run.log and settings.how == "close" and not (settings.ready or settings.continue or settings.dry_run) then
    return { status = "refused", journal = true,
      message = "close stops half way for the directory: without a journal to go on from, it needs ready" }
  elseif not run.log then
    return nil
  end
  local plan, after, ended = last_plan(run)
  local mine = is_same(run, plan)
  local failure = unfinished_elsewhere(run, plan, after, ended)
  if failure then return failure end
  local usable = mine and not ended and plan or nil
  local intent, left = unsettled(run), run.log:left(run.id, run.from.identity)
  if intent then
    return go_on_unsettled(run, usable, usable and after or {}, intent)
  elseif left and mine and ended == "done" and not run.settings.anyway then
    run.left_at, run.bot.username = left.at, plan.username
    return { status = "already" }
  elseif left and not run.settings.anyway then
    return go_on(run, usable, usable and after or {}, left)
  end
  run.taken_off = not ended and taken_off(run, plan, after) or nil
end

-- Writing ---------------------------------------------------------------------------

--- Notes the plan, before its first request that changes something.
-- @treturn ?table why it ends here: nothing may be done that isn't noted
function resume.begin(run)
  if not run.journal or run.plan.resumed then return nil end
  local noted, settings = run.noted, run.settings
  local ok, why = run.journal:note { bot = run.id, what = "plan", from = run.from.identity, to = run.to.identity,
    how = settings.how, pending = run.plan.pending, username = run.bot.username, first_name = run.bot.first_name,
    webhook = noted and { url = run.hide(noted.url), shown = noted.shown, max_connections = noted.max_connections,
      allowed_updates = noted.allowed_updates, has_certificate = noted.has_certificate } or nil }
  if not ok then
    return { status = "not_sent", journal = true, message = "the journal can't be written: " .. tostring(why) }
  end
  if run.past.leave then    -- it was out before we came
    local id = run.journal:intent { bot = run.id, server = run.from.identity, method = "logOut" }
    if id then run.journal:result(id, { outcome = "already" }) end
  end
end

local open_ended = { partly = true, unknown = true, move_directory = true }

--- Notes the end of a move that needs no more, and lets the journal go.
function resume.finish(run, status)
  if run.journal and run.begun and not open_ended[status] and (run.put_back == nil or run.put_back == "done") then
    run.changes:note("note", { what = "end", status = status })
  end
  resume.close(run)
end

--- Lets the journal go.
function resume.close(run)
  if run.journal then run.journal:close() end
end

return resume
