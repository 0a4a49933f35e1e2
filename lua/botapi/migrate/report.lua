-- SPDX-License-Identifier: MIT
-- Owns the report of a move as a table: what was done, kept and lost, and what is left to do by hand.

local facts = require "botapi.facts"
local line = require "botapi.reason".line
local outcomes = require "botapi.outcome"
local texts = require "botapi.text"

local counted = texts.counted

local report = {}

-- What every report says, first of what is left to do.
local STOP = "stop every program that uses this token on the old server"

local function side(of)
  return { server = of.base, kind = of.kind, name = of.name, title = of.title }
end

local function steps_of(run)
  local list = {}
  for i, step in ipairs(run.steps) do
    list[i] = { name = step.name, text = step.text, state = step.state, seconds = step.seconds or nil,
      earlier = step.earlier or nil }
  end
  return list
end

local function kept(run)
  local list, drained = {}, run.updates.drained
  if run.webhook.is_read_back then list[1] = "the webhook " .. run:shown_webhook() end
  if drained and drained > 0 then list[#list + 1] = counted(drained, "update") .. ", taken from the old server" end
  return list
end

local function lost(run)
  local list = {}
  if not run.left_at and not run.plan.gone then return list end
  if run.updates.lost > 0 then list[1] = counted(run.updates.lost, "update") .. " (accepted)" end
  if run.webhook.old and not run.webhook.new then list[#list + 1] = "the webhook " .. run.webhook.old.shown end
  return list
end

-- What a call to the old server would do now.
local function warning_of(run)
  if run.plan.gone then return "if %s comes back, log the bot out there: it would be logged in on both" end
  return "don't call %s with this token, not even getMe: it would " .. (run.settings.how == "close"
    and "open the bot there again" or "log the bot in there a second time")
end

local function by_hand(run)
  local from, to = run.settings.from, run.settings.to
  local list = { STOP }
  if not run.left_at and not run.plan.gone then return list end
  list[2] = "point your programs at " .. to.name
  list[3] = warning_of(run):format(from.name)
  list[4] = "update_id starts anew there: a program that drops ids below the last one has to forget that one"
  if to.kind == "local" then
    list[5] = "with --local, file_path is a path on that machine"
  elseif from.kind == "local" then
    list[5] = "file_path is a part of a URL again, and no file over 20 MB can be fetched"
  end
  return list
end

local function sent_of(run, ending, failed)
  if run.left_at then return "yes" end
  if ending.in_doubt then return "maybe" end
  if ending.err then return ending.err.sent end
  return failed == "leave" and ending.res and "yes" or "no"
end

-- What went wrong: one word, one sentence, and the answer or the error itself.
local function add_cause(run, ending, into)
  local res, err = ending.res or nil, ending.err or nil
  into.reason, into.message = ending.reason or nil, ending.message or nil
  if res == nil and err == nil then return end
  into.answer, into.error = res, res == nil and err or nil
  into.retry_after = outcomes.retry_after(res, err)
  local _, failure = run.api.check(res, into.error)
  into.reason, into.message = failure and failure.reason, line(failure)
  into.explanation = run.api.explain(res, into.error)
end

--- Makes the report of a run.
-- @tparam botapi.migrate.Run run
-- @tparam botapi.migrate.Ending ending
-- @treturn table the report, but for its text
function report.of(run, ending)
  local settings, status, left_at = run.settings, ending.status, run.left_at or nil
  local failed = ending.step and run.steps[ending.step].name or nil
  local made = { status = status, exit = outcomes.exits[outcomes.of_status(status)], ok = outcomes.is_done(status),
    cause = ending.cause or nil, check = ending.check or nil, step = ending.step or nil, failed = failed,
    in_doubt = ending.in_doubt, pid = ending.pid or nil, bot = run.bot, from = side(settings.from),
    to = side(settings.to), how = settings.how, plan = run.plan, steps = steps_of(run), seconds = run:elapsed(),
    at = os.time(), left_at = left_at, kept = kept(run), lost = lost(run), by_hand = by_hand(run),
    requests = run.requests, sent = sent_of(run, ending, failed), arrived = run.has_arrived,
    drained = run.updates.drained or nil, waiting = run.updates.there or nil, put_back = run.webhook.put_back or nil,
    resumable = run.changes.journal ~= nil, journal = run.journal.path or nil, warnings = run.warnings }
  if left_at and settings.from.kind == "cloud" then made.back_at = left_at + facts.LOCK_OUT end
  made.tried_at = ending.tried_at or run.unanswered and run.unanswered.at or run.tried_at or nil
  if run.webhook.new and run.webhook.new.url then
    made.webhook = { url = run:shown_webhook(), set = run.webhook.is_set, read_back = run.webhook.is_read_back,
      differs = run.webhook.differs or nil }
  end
  if run.webhook.is_looked_at then made.webhook_there = run.webhook.stands end
  add_cause(run, ending, made)
  made.retry_after = ending.wait or made.retry_after
  return made
end

return report
