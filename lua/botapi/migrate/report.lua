-- SPDX-License-Identifier: MIT
-- Owns the report of a move as a table: what was done, kept and lost, and what is left to do by hand.

local facts = require "botapi.facts"
local outcomes = require "botapi.outcome"
local texts = require "botapi.text"

local counted = texts.counted

local report = {}

-- What every report says, first of what is left to do.
local STOP = "stop every program that uses this token on the old server first"

local function side(of)
  return { server = of.base, kind = of.kind, name = of.name, title = of.title }
end

local function steps_of(run)
  local list = {}
  for i, step in ipairs(run.steps) do
    list[i] = { name = step.name, text = step.text, state = step.state, seconds = step.seconds,
      earlier = step.earlier or nil }
  end
  return list
end

local function kept(run)
  local list = {}
  if run.webhook_set and run.wanted then list[1] = "the webhook " .. report.shown_webhook(run) end
  if run.drained and run.drained > 0 then list[#list + 1] = counted(run.drained, "update") .. ", taken before" end
  if run.settings.how == "close" and run.left_at then
    list[#list + 1] = "the updates that waited, in the bot's directory"
  end
  return list
end

--- The URL of the webhook that is to be set, fit to be shown.
function report.shown_webhook(run)
  if run.noted and run.wanted.url == run.noted.url then return run.noted.shown end
  return run.redact(run.wanted.url)
end

local function lost(run)
  local list = {}
  if not run.left_at then return list end
  if run.lost and run.lost > 0 then list[1] = counted(run.lost, "update") .. " (accepted)" end
  if run.noted and not run.wanted then list[#list + 1] = "the webhook " .. run.noted.shown end
  return list
end

local function by_hand(run)
  local settings = run.settings
  local list = { STOP }
  if not run.left_at then return list end
  list[2] = "point your programs at " .. settings.to.name
  list[3] = ("don't call %s with this token, not even getMe: it would log the bot in there a second time")
    :format(settings.from.name)
  if settings.to.kind == "local" then
    list[4] = "with --local, file_path is a path on that machine"
  elseif settings.from.kind == "local" then
    list[4] = "file_path is a part of a URL again, and no file over 20 MB can be fetched"
  end
  return list
end

local function sent_of(run, failure)
  if run.left_at then return "yes" end
  if failure.in_doubt then return "maybe" end
  if failure.err then return failure.err.sent end
  return failure.name == "leave" and failure.res and "yes" or "no"
end

-- What went wrong: one word, one sentence, and the answer or the error itself.
local function add_failure(run, failure, into)
  local res, err = failure.res, failure.err
  if res ~= nil or err ~= nil then
    into.answer, into.error = res, res == nil and err or nil
    into.reason = run.api.reason(res, into.error)
    into.retry_after = outcomes.retry_after(res, err)
    local _, said = run.api.check(res, into.error)
    into.message = tostring(said):gsub("^botapi: ", "")
    into.explanation = run.api.explain(res, into.error)
  end
  into.reason, into.message = into.reason or failure.reason, into.message or failure.message
  into.check, into.too_old = failure.check, failure.too_old
  into.tried_at = failure.at or run.past.unsettled and run.past.unsettled.at or run.tried_at
  into.in_doubt, into.not_settled, into.stopped = failure.in_doubt, failure.not_settled, failure.stopped
  into.interrupted = failure.interrupted
  into.asked, into.not_left, into.pid = failure.asked, failure.not_left, failure.pid
  into.step, into.failed = failure.step, failure.name
end

--- Makes the report of a run.
-- @tparam table run
-- @tparam table failure why it ended: at least `status`
-- @treturn table the report, but for its text
function report.of(run, failure)
  local settings, status = run.settings, failure.status
  local made = { status = status, exit = outcomes.exits[outcomes.of_status(status)], ok = outcomes.is_done(status),
    dry_run = failure.dry_run, bot = run.bot, from = side(settings.from), to = side(settings.to), how = settings.how,
    plan = run.plan, steps = steps_of(run), seconds = run.elapsed(), at = run.now(), left_at = run.left_at,
    kept = kept(run), lost = lost(run), by_hand = by_hand(run), requests = run.requests, sent = sent_of(run, failure),
    arrived = run.arrived, drained = run.drained, put_back = run.put_back, resumable = run.journal ~= nil,
    journal = run.path, journal_failed = failure.journal, warnings = run.warnings, dialect = settings.dialect }
  if run.left_at and settings.from.kind == "cloud" then made.back_at = run.left_at + facts.LOCK_OUT end
  if run.wanted and run.wanted.url then
    made.webhook = { url = report.shown_webhook(run), set = run.webhook_set or false,
      read_back = run.webhook_read_back or false }
  end
  add_failure(run, failure, made)
  return made
end

return report
