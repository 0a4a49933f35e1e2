-- SPDX-License-Identifier: MIT
-- Owns what a fleet does with one bot: the four actions, and the wait of a bot that the server refuses for a while.

local core = require "botapi.core"
local outcomes = require "botapi.outcome"
local retry = require "botapi.retry"
local scheduler = require "botapi.fleet.scheduler"
local texts = require "botapi.text"

require "botapi.bot"           -- now, while a file can be opened

local actions = {}

local names = { logout = "logOut", close = "close" }
local named = { logout = "logout", close = "close_instance" }

-- A call's or a function's two values as a result.
local function of_call(run, method, task, res, err)
  local reason = run.api.reason(res, err)
  local outcome = outcomes.of_change(method, res, err, reason, task.may_have_left)
  if err and err.kind == "token" then outcome = "not_sent" end
  return { outcome = outcome, reason = reason, sent = outcomes.sent(res, err), res = res, err = err }
end

local function named_call(run, task)
  local method = names[run.settings.action]
  local bot = run.api.bot(task.token, task.options)
  local res, err = bot[named[run.settings.action]](bot, { may_have_left = task.may_have_left })
  if task.is_open then err = retry.remembered(err) end
  return of_call(run, method, task, res, err)
end

local reasons = { LOSS = "loss", FAIL = "check" }

-- Why a move that no server has refused doesn't begin: a reason, and the check that stands in its way, if it's one.
local function obstacle(report)
  if report.status ~= "refused" or report.answer ~= nil or report.error ~= nil then return nil end
  local checks = report.plan and report.plan.checks or {}
  for i = 1, core.not_plain(checks) and 0 or #checks do         -- a caller's own may have no end
    local check = checks[i]
    if reasons[check.state] then return reasons[check.state], check end
  end
  return report.cause == "journal" and "journal" or report.reason or "check"
end

-- The members of a report that are read here.
local REPORT = { "status", "cause", "reason", "message", "sent", "plan", "answer", "error" }

-- A move's statuses are outcomes, but for these: what our own checks stop can be asked again with other options.
local function of_report(report)
  local outcome = outcomes.of_status(report.status)
  local reason, check = obstacle(report)
  if reason then
    return { outcome = "not_sent", reason = reason, sent = "no", check = check and check.name or nil,
      message = check and check.text or report.message, report = report }
  end
  reason = report.status == "move_directory" and report.status or report.reason
  return { outcome = outcome, reason = reason, sent = report.sent, res = report.answer, err = report.error,
    report = report }
end

-- The function that takes the updates of many bots is told whose they are.
local function with_id(drain, id)
  return drain and function(update, left, text) return drain(update, left, id, text) end
end

local function migrate(run, task)
  local own = {}
  for name, value in pairs(task.options) do own[name] = value end
  own.drain = with_id(own.drain, task.id)
  own.on_event = function(event) task.report = event.report or task.report end
  return of_report(run.api.migrate(task.token, own))
end

local function is_answer(value)
  return type(value) == "table" and type(value.ok) == "boolean"
end

-- What a function of the caller's says, without the bot's token.
local function said(task, value)
  if value == nil then return nil end
  return core.clean((core.redact(texts.of(value), task.token or nil)))
end

-- A report of the caller's, each member read once: what it inherits may change.
local function copied(report)
  local copy = {}
  for _, name in ipairs(REPORT) do copy[name] = report[name] end
  return copy
end

local is_sent = { yes = true, no = true, maybe = true }

-- The result, of which all but the caller's own tables is words of ours, and texts.
local function worded(task, result)
  if not is_sent[result.sent] then result.sent = task.requests > 0 and "maybe" or "no" end
  result.reason, result.message = said(task, result.reason), said(task, result.message)
  return result
end

-- What a function of the caller's returned: a call's values, a report, or simply whether it worked.
local function of_values(run, task, res, err)
  local report = type(res) == "table" and copied(res)
  if report and outcomes.is_status(report.status) then
    local result = of_report(report)
    result.report = res
    return worded(task, result)
  end
  if is_answer(res) or res == nil and type(err) == "table" and err.kind then
    return worded(task, of_call(run, "", task, res, err))
  end
  local message = not res and said(task, err) or nil
  return { outcome = res and "done" or "refused", reason = not res and "function" or nil,
    sent = task.requests > 0 and "yes" or "no", message = message }
end

local function own_function(run, task)
  local bot = run.api.bot(task.token, task.options)
  return of_values(run, task, run.settings.action(bot, run.api))
end

local by_name = { logout = named_call, close = named_call, migrate = migrate }

-- A bot that is asked to wait waits by itself, as long as the one policy of repeats says; nil: it is over, also where
-- the server doesn't say how long: then only the tries count that were asked for.
local function postponement(run, task, result)
  if result.outcome == "partly" and not (result.report and result.report.resumable) then return nil end
  if not outcomes.retry_after(result.res, result.err) then return nil end
  local wait, why = retry.wait("logOut", { res = result.res, err = result.err }, 1, core.host.monotonic() - task.began,
    { retries = 1, max_wait = run.settings.max_wait, deadline = run.settings.patience })
  return why == "rate_limited" and wait or nil
end

--- What a bot's coroutine runs: the action, until it isn't postponed any more.
-- @tparam table run `api`, `settings`, `tell`
-- @treturn function of the task, returns its result: `outcome`, `reason`, `sent`, `res` or `err`, `report`
function actions.of(run)
  local action = by_name[run.settings.action] or own_function
  return function(task)
    task.began = core.host.monotonic()
    while true do
      scheduler.pass_gate()
      local result = action(run, task)
      local wait = postponement(run, task, result)
      if not wait or run.counts.stopped then return result end
      run.api.sleep(wait)
    end
  end
end

--- Notes for logOut whether it may have been done, so that a repeat knows what 401 may mean; `open`: in this run.
function actions.observe(run, task, res, err)
  if run.settings.action == "logout" and retry.may_have_left("logOut", { res = res, err = err }) then
    task.may_have_left, task.is_open = true, true
  end
end

-- What a move has told of itself before it raised what a function of the caller's raised.
local function of_raised_move(report)
  local result = of_report(report)
  result.outcome = outcomes.recorded(result.outcome)
  result.message = report.message
  return result
end

--- The result of a bot whose coroutine raised.
function actions.raised(task, message)
  if task.report then return of_raised_move(task.report) end
  local text = said(task, message)
  return { outcome = task.requests > 0 and "unknown" or "not_sent", reason = "raised",
    sent = task.requests > 0 and "maybe" or "no", message = text }
end

return actions
