-- SPDX-License-Identifier: MIT
-- Owns one action on thousands of bots: the window of those that are in hand, and the order of disk and network.

--- Logs out, closes or moves any number of bots.
--
-- `report = botapi.fleet(tokens, options)`. `tokens` is a list, or an iterator: a function that returns the next one,
-- and nil at the end. It is asked for no more than there are free places: memory doesn't grow with their number.
-- A bot that fails never stops the others. It always returns a report; it raises for the caller's own mistakes only,
-- before anything is sent.
--
-- In the place of a token there may be a table of what this bot alone needs:
--
-- * `token`
-- * `server`: the server that the bot is on, a name or a URL, in place of the fleet's `server`; with
--   `action = "migrate"` in place of `from`
-- * `webhook`, `secret_token`, `certificate` (the bytes of a PEM file): of migrate, in place of its options of these
--   names. Other actions ignore them.
--
-- A wrong table in a list raises; one from an iterator is a bot that fails, with the reason `entry`.
--
-- Options of the fleet:
--
-- * `action` (`"logout"`): `"logout"`, `"close"`, `"migrate"`, or a function that gets the bot (see `botapi.bot`) and
--   the functions of `botapi`, and returns what a call returns, a report, or true; or nil or false and why. It may wait
--   by those alone. It is called again when what it returns is a 429.
-- * `concurrency` (100): bots in hand at once
-- * `rate`: requests a second at most, repeats included
-- * `journal`: a path. Killed at any moment and started again with it, the fleet goes on: a bot whose outcome is
--   recorded as done, already done or refused isn't asked again; one that may have been logged out more than ten
--   minutes ago isn't either, and is `unknown`.
-- * `again` (false): bots that an earlier run's servers refused are asked again
-- * `force` (false): so are those that may have been logged out long ago
-- * `max_failures`: when more bots than that have failed, no others begin
-- * `max_wait` (3600 seconds), `patience` (86400): a bot that the server asks to wait (429) comes back then, and others
--   take its place. A wait over `max_wait` isn't waited for, nor are more than `patience` in all for a bot.
-- * `count`: how many bots, where `tokens` is an iterator: for the estimate
-- * `shard`: `{i, n}` or `"i/n"`: only the bots of the i-th of n parts, for n machines with the same list. Each bot
--   is in exactly one part, by its id: in whatever order a machine has the list, and with nothing said between them.
-- * `on_event`: a function that is told everything. It must not yield; an error raised in it is kept in
--   `report.event_error`.
-- * `bot_journal`: of migrate: its option `journal`, for each bot
-- * `continue`: of migrate with `how = "close"`: the directories of those bots are in their new place that an earlier
--   run has closed. Other bots are closed now, and wait for theirs.
--
-- The function `drain` of migrate is given the bot's id as its third argument.
--
-- All others are those of `botapi.bot` (`server`, `retries`, which is 2 here, `deadline`, `timeout`, …), or with
-- `action = "migrate"` those of `botapi.migrate`. Connections are reused by logOut and close, since these converge.
--
-- Events, each a table with `type`: `estimate` (`bots`, `seconds`, `limited_seconds`: where the server limits new
-- bots; `text`), `result` (`bot`, its id; `n`, its number in `tokens`; `outcome`, `reason`, `sent`, `attempts`, and
-- `res`, `err`, `progress`: the counts so far), `wait` (`bot`, `wait`, `reason`), `slow` (`wait`, `rate`: several bots
-- got a 429, so all wait and then go slower), `progress` (`progress`, each second), `report` (`report`), `interrupted`
-- (Ctrl-C or an error of `tokens`, which is raised then: `sent`, the requests that were or may have been sent;
-- `in_hand`, those of them that have no answer; `progress`). Never a token.
--
-- `outcome`: `done`, `already`, `refused`, `not_sent`, `later` (a 429), `unknown` (it may have happened), `partly`,
-- `cancelled`. `partly` with the reason `move_directory`: the bot is closed and waits for its directory; it isn't
-- counted for `max_failures`. Where a check of migrate stopped the bot, `check` is its name and `message` its text. The
-- report: `ok`, `exit` (of the command), `total`, `failed`, `skipped` (settled by an earlier run),
-- `by_outcome`, `by_reason` (of those that failed), `seconds`, `rate`, `requests`, `text`; where it ended early
-- `stopped` (`"max_failures"` or `"journal"`) and `message`.
--
-- @module botapi.fleet
-- @usage
-- local botapi = require "botapi"
-- local tokens = { "123456:AAEm-ul8d_T0k3n-0f_N0-r3al_B0t-x1y2z" }
-- local report = botapi.fleet(tokens, { server = "http://127.0.0.1:1", rate = 9 })
-- assert(report.total == 1 and report.by_reason.network == 1 and report.exit == 3)

local actions = require "botapi.fleet.actions"
local core = require "botapi.core"
local estimate = require "botapi.fleet.estimate"
local ledger = require "botapi.fleet.ledger"
local misuse = require "botapi.misuse"
local options = require "botapi.fleet.options"
local outcomes = require "botapi.outcome"
local runs = require "botapi.fleet.run"
local shard = require "botapi.fleet.shard"
local tally = require "botapi.fleet.tally"

local monotonic = core.host.monotonic

local TICK = 1                  -- seconds between two events that tell how far it is
local POSTPONED = 10            -- times the window: so many bots may wait for the end of their 429 at once
local GROUP = 1000              -- the most bots between two writes of the journal

-- Telling ---------------------------------------------------------------------------

local function stop(run, why, message)
  if run.counts.stopped then return end
  run.counts.stopped, run.message = why, (core.redact(message))         -- a path may hold a token
  run.scheduler:stop()
end

-- What is told only when the disk has it.
local function keep(run, task, result)
  result.type, result.bot, result.n, result.attempts = "result", task.id or nil, task.n, task.requests
  if result.res ~= nil then result.err = nil end
  if task.is_noted then run.ledger:result(task.id, result, task.server) end
  result.recorded = task.is_noted or nil
  run.results[#run.results + 1] = result
end

local function tell_results(run)
  local results, most = run.results, run.settings.max_failures
  if not results[1] then return end
  run.results = {}
  for _, result in ipairs(results) do
    tally.add(run.counts, result)
    result.progress = run.counts
    run.tell(result)
  end
  local failed = run.counts.failed - (run.counts.by_reason.move_directory or 0)       -- as it was planned
  if most and failed > most then stop(run, "max_failures", "too many bots failed") end
end

-- Bots ------------------------------------------------------------------------------

-- By what a bot in hand is known: one may be in hand on two servers, unless it is moved.
local function key_of(run, task)
  return task.server and run.settings.action ~= "migrate" and task.id .. " " .. task.server or task.id
end

-- What the scheduler tells.
local hooks = {}

function hooks.answered(run, task, res, err)
  if not outcomes.is_limited(run.api.reason(res, err), err) then
    run.gate:answered()
  else
    local pause = run.gate:refused(task.id or task.n, outcomes.retry_after(res, err), monotonic())
    if pause then run.tell { type = "slow", wait = pause, rate = run.gate:limit() } end
  end
  task.has_answer, task.res, task.err = true, res or false, err or false
  actions.observe(run, task, res, err)
end

function hooks.sleeps(run, task, seconds)
  run.tell { type = "wait", bot = task.id, wait = seconds,
    reason = task.has_answer and run.api.reason(task.res or nil, task.err or nil) or nil }
end

function hooks.ended(run, task, ok, result)
  run.in_hand[key_of(run, task)] = nil
  keep(run, task, ok and result or actions.raised(task, result))
end

-- Whether a bot isn't asked: the result, which is told; or true where an earlier run has settled it.
local function look_back(run, task)
  if task.problem then
    return { outcome = "not_sent", reason = task.token and "token" or "entry", sent = "no", message = task.problem }
  end
  local outcome, since = nil, nil
  if run.ledger then outcome, since = run.ledger:earlier(task.id, task.server) end
  if outcome then
    tally.skip(run.counts, outcome)
    return true
  elseif run.in_hand[key_of(run, task)] then
    return { outcome = "not_sent", reason = "twice", sent = "no" }
  elseif since and run.settings.action == "logout" then
    task.may_have_left = true
    if outcomes.is_fresh(since) or run.settings.force then return nil end
    return { outcome = "unknown", reason = "too_old", sent = "no" }
  end
end

local function admit(run, given)
  local task = runs.task(run, given)
  if not shard.has(run.settings.shard, task.id) then return end
  local known = look_back(run, task)
  if known == true then return end
  if known then return keep(run, task, known) end
  if run.ledger then
    run.ledger:intent(task.id, task.server)
    task.is_noted = true
  end
  run.in_hand[key_of(run, task)] = true
  run.scheduler:add(task, run.action)
end

-- Whether another bot may begin.
local function takes_more(run)
  local most = run.settings.concurrency
  return not run.has_all and not run.counts.stopped and run.scheduler.active < most
    and #run.scheduler.asleep < most * POSTPONED
end

-- Fills the window; not further at once than one group of the journal. Whether there is more to take.
local function fill(run)
  local taken = 0
  while takes_more(run) and taken < GROUP do
    local given = run.next_token()
    if given == nil then run.has_all = true else admit(run, given) end
    taken = taken + 1
  end
  return takes_more(run)
end

-- The run ---------------------------------------------------------------------------

-- What the disk doesn't have isn't told as known: the next run wouldn't know it either.
local function sync(run)
  if not run.ledger then return end
  local ok, why = run.ledger:sync()
  if ok then return end
  stop(run, "journal", "the journal can't be written: " .. tostring(why))
  for _, result in ipairs(run.results) do
    if result.recorded and result.sent ~= "no" then result.outcome, result.reason = "unknown", "journal" end
  end
end

-- Ctrl-C, for instance: what was in hand ends, and how far the fleet had come is told.
local function interrupt(run, raised)
  run.engine:close()
  local in_hand = run.scheduler:collect_ended()
  sync(run)
  tell_results(run)
  run.counts.stopped = run.counts.stopped or "interrupted"
  run.tell { type = "interrupted", sent = run.scheduler.sent, in_hand = in_hand, progress = run.counts }
  if run.ledger then run.ledger:close() end
  error(raised, 0)
end

-- Disk before network, disk before telling: one fsync for all that a turn has brought.
local function turn(run)
  local more = fill(run)
  sync(run)
  tell_results(run)
  run.scheduler:run()
  local due = (more or run.results[1]) and 0 or run.scheduler:due()
  if run.scheduler.in_flight > 0 or due == 0 then
    run.wait(run.engine, due and math.min(due, TICK) or TICK)
  elseif due then
    run.sleep(math.min(due, TICK))              -- an engine without a call waits for nothing
  end
  run.scheduler:collect()
  local now = monotonic()
  if now - run.ticked >= TICK then
    run.ticked = now
    run.tell { type = "progress", progress = run.counts }
  end
end

local function is_over(run)
  return (run.has_all or run.counts.stopped) and run.scheduler:is_idle() and not run.results[1]
end

local function open_ledger(run)
  local settings = run.settings
  if not settings.journal then return true end
  local log, why = ledger.open(ledger.of(settings, settings.journal))
  run.ledger = log or false
  if log then return true end
  stop(run, "journal", "the journal can't be used: " .. tostring(why))
end

local function report_of(run)
  local report = tally.report(run.counts, monotonic() - run.began, run.scheduler.requests, run.message or nil)
  run.tell { type = "report", report = report }
  report.event_error = run.event_error or nil
  return report
end

return function(api)
  --- Does one thing with each of many bots.
  -- @function botapi.fleet
  -- @tparam table|function tokens a list, or an iterator, of tokens or tables: see above
  -- @tparam[opt] table options see above
  -- @treturn table the report
  -- @raise for what is the caller's own mistake: a wrong type, an unknown option, a number out of range
  -- @usage
  -- local botapi = require "botapi"
  -- local report = botapi.fleet({ "malformed" }, { action = "close", server = "http://127.0.0.1:1" })
  -- assert(report.failed == 1 and report.by_reason.token == 1)
  return function(tokens, given)
    local settings, problem = options.read(tokens, given)
    if not settings then misuse("fleet", problem) end
    local run = runs.new(api, tokens, settings, hooks)
    if open_ledger(run) then
      run.tell(estimate(settings.count, settings, settings.side))
      while not is_over(run) do
        -- elsewhere Ctrl-C is the loop's affair, and a pcall can't be waited in by each Lua
        local ok, raised = true, nil
        if api.drive.blocking then ok, raised = pcall(turn, run) else turn(run) end
        if not ok then interrupt(run, raised) end
      end
    end
    if api.drive.leave then api.drive.leave(run.engine) end
    run.engine:close()
    if run.ledger then run.ledger:close() end
    return report_of(run)
  end
end
