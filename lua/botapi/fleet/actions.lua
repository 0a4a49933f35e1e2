-- SPDX-License-Identifier: MIT
-- Owns what a fleet does with one bot: the four actions, and the wait of a bot that the server refuses for a while.

local core = require "botapi.core"
local outcomes = require "botapi.outcome"
local retry = require "botapi.retry"
local scheduler = require "botapi.fleet.scheduler"

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
  local bot = run.api.bot(task.token, run.settings.bots)
  local res, err = bot[named[run.settings.action]](bot, { may_have_left = task.may_have_left })
  if task.is_open then err = retry.remembered(err) end
  return of_call(run, method, task, res, err)
end

-- Why a move that no server has refused doesn't begin: the check that stands in its way.
local function obstacle(report)
  if report.status ~= "refused" or report.answer ~= nil or report.error ~= nil then return nil end
  for _, check in ipairs(report.plan and report.plan.checks or {}) do
    if check.state == "LOSS" then return "loss", check.text end
    if check.state == "FAIL" then return "check", check.text end
  end
end

-- A move's statuses are outcomes, but for these: what our own checks stop can be asked again with other options.
local function of_report(report)
  local outcome = outcomes.of_status(report.status)
  local reason, message = obstacle(report)
  if reason then return { outcome = "not_sent", reason = reason, sent = "no", message = message, report = report } end
  return { outcome = outcome, reason = report.reason, sent = report.sent, res = report.answer, err = report.error,
    report = report }
end

local function migrate(run, task)
  return of_report(run.api.migrate(task.token, run.settings.bots))
end

local function is_answer(value)
  return type(value) == "table" and type(value.ok) == "boolean"
end

-- What a function of the caller's returned: a call's values, a report, or simply whether it worked.
local function of_values(run, task, res, err)
  if type(res) == "table" and type(res.status) == "string" then return of_report(res) end
  if is_answer(res) or res == nil and type(err) == "table" and err.kind then
    return of_call(run, "", task, res, err)
  end
  local message = not res and err ~= nil and core.clean(tostring(err)) or nil
  return { outcome = res and "done" or "refused", reason = not res and "function" or nil,
    sent = task.requests > 0 and "yes" or "no", message = message }
end

local function own_function(run, task)
  local bot = run.api.bot(task.token, run.settings.bots)
  return of_values(run, task, run.settings.action(bot, run.api))
end

local by_name = { logout = named_call, close = named_call, migrate = migrate }

-- A bot that is asked to wait waits by itself, as long as the one policy of repeats says; nil: it is over.
local function postponement(run, task, result)
  if result.outcome == "partly" and not (result.report and result.report.resumable) then return nil end
  if result.res == nil and result.err == nil then return nil end
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

--- The result of a bot whose coroutine raised.
function actions.raised(task, message)
  local text = core.clean(tostring(message))
  return { outcome = task.requests > 0 and "unknown" or "not_sent", reason = "raised",
    sent = task.requests > 0 and "maybe" or "no", message = text }
end

return actions
