-- SPDX-License-Identifier: MIT
-- Owns the move of a bot from one server to another: its phases, and what each tells.

--- The whole move: look, log out, log in, set the webhook, read it back.
--
-- `report = botapi.migrate(token, options)` returns a report, whatever the servers do; it raises for the caller's own
-- mistakes. An error that comes out of `confirm`, `drain` or `ready`, and that of Ctrl-C, is raised again once
-- the journal says how far it came, a webhook that was taken off is back, and the event `report` was told; a string
-- has the report's text at its end. (With Lua 5.1 on an event loop it passes at once: the journal says the rest to the
-- next call.) Everything is looked at before anything changes, and what is to be done is a plan, which
-- `confirm` sees first. After the logOut no request goes to the old server.
--
-- Options:
--
-- * `from`, `to`: each a server, or a table of options of every call (`server`, `proxy`, `ca_file`, …). `as = "cloud"`
--   in it says that Telegram's cloud is behind that address; `as = "local"` the contrary.
-- * `how`: `"logout"`, or between two local servers `"close"`: the bot's session goes along with its directory, which
--   is moved by hand; no update does. Must be said between two local servers.
-- * `webhook`: what is to be set on the new server: `"keep"`, a table of parameters for setWebhook, or `false`: none,
--   and one that stands there is deleted. A webhook that is set and of which nothing is said stops the move. What a
--   table doesn't say of `max_connections` and `allowed_updates` is as it was on the old server.
-- * `secret_token`, `certificate` (PEM text): of the webhook to keep, since no server tells them;
--   `secret_token = false`: none
-- * `max_connections`, `allowed_updates` (`{}`: the default), `ip_address`: beside `webhook = "keep"`, in place of what
--   was there
-- * `accept_loss`: updates that wait on the old server may be lost
-- * `drain`: `function(update, left, text)` that takes them instead, an update at a time: the webhook is taken off, and
--   getUpdates asked until it is empty. `left` is how many of the same answer are still to come: at 0 it has to keep
--   them, since the next question tells the server to forget them. `text` is the update's JSON as the server wrote it:
--   numbers of any length, empty lists; nil where the answer came through a thread of nginx. An update that it was
--   given may come again after a crash.
-- * `dry_run`: looks only. The getMe of it logs the bot in on `from`, if it wasn't.
-- * `confirm`: `function(plan)`; nothing is changed unless it returns true. `plan.text` is what a person reads.
-- * `continue`, or `ready`, a `function(plan)`: with `how = "close"`, that the directory is in its new place
-- * `journal`: a path; `true`; or `false` for none: then an interrupted move can't be gone on with. By default
--   `botapi.journal.path`, where there is one.
-- * `settle`: of an earlier logOut whose answer was lost, the caller knows that it happened: asks `to` for the bot, and
--   goes on from there if it answers. That shows only that the bot runs there.
-- * `from_gone`: the old server is gone for good: it isn't asked, and what waits there is lost. If it comes back, the
--   bot is logged in on both.
-- * `force`: repeat such a logOut although it is older than ten minutes, ask `from` although the bot has left it, and
--   move to a server that the bot has left, though that may refuse it for half an hour
-- * `verify_timeout` (60 seconds; to the cloud 2100; longer where the journal knows that it takes longer): how long to
--   wait for the new server to take the bot
-- * `close_timeout` (660 seconds): how long to wait, with the webhook set, while close is refused with 429
-- * `timeout`, `connect_timeout`, `test`: of every call, on both sides
-- * `retries` (2), `max_wait` (60), `deadline` (120): of every request, see `botapi.bot`
-- * `on_event`: a function that is told everything. It must not yield; an error raised in it is kept in
--   `report.event_error`.
--
-- The plan: `bot` (`id`, `username`, `first_name`), `from` and `to` (`base`, `kind`, `name`, `title`), `how`, `checks`
-- (each `state` = `"ok"`, `"LOSS"` or `"FAIL"`, `name`, `text`), `losses` (those checks that stop it), `steps` (each
-- `name`, `text`, `state`), `to_set` (what is to be set: pairs of a name and a text, or false), `pending`, `resumed`,
-- `text`.
--
-- The report (`tostring` of it is its text): `status`, `exit` (of the command), `ok`, `text`; `bot`, `from`, `to`,
-- `plan`; `steps` (each `name`, `text`, `state` = `"open"`, `"done"` or `"failed"`, `seconds`, `earlier` when an
-- earlier run did it), `seconds`, `left_at` and `back_at` (seconds since 1970), `kept` and `lost` (sentences: only
-- what was seen to be), `waiting` (with `close`: the updates that were seen on the new server),
-- `by_hand` (sentences: what is left to do), `requests` (`total`, `repeated`, `by_method`), `sent` (`"no"`, `"yes"`,
-- `"maybe"`: of the request that leaves), `resumable`, `journal` (its path), `warnings`. Where something went wrong,
-- also `reason`, `message`, `explanation`, `answer` or `error`, `retry_after`; `check`, or `step` and `failed` (the
-- number and the name of the step that failed); and `cause`. Of the webhook: `webhook` (`url`, `set`, `read_back`,
-- `differs`: sentences on what is otherwise than it was sent), and `webhook_there`, the URL that was seen on the new
-- server, false for none, nil where it wasn't looked at.
--
-- `status`, with `exit`: `done` 0 · `already` 0 · `refused` 1 (nothing changed) · `not_sent` 3 (nothing that changes
-- anything was sent: repeat freely) · `unknown` 4 (it may have logged out; the same call settles it, unless its text
-- says otherwise; with `check`: a question was sent and no answer came, so that all that may have happened is a login
-- on `from`) · `later` 5 (a 429, or the new server may still refuse a bot that left it; `retry_after`) · `partly` 6
-- (the bot has left; the same call goes on) · `move_directory` 6 · `cancelled` 130.
--
-- `cause`, where the status doesn't say it: `dry_run`; `declined` (`confirm` didn't return true); `interrupted`
-- (Ctrl-C); `raised` (by `confirm`, `drain` or `ready`); `journal` (it can't be used); `too_old` (an earlier try to
-- leave, so old that a repeat proves nothing); `not_settled` (`to` doesn't answer as this bot); `not_put_back` (the
-- webhook was taken off, and couldn't be set again).
--
-- Events, each a table with `type`: `check` (`state`, `name`, `message`), `plan` (`plan`), `step` (`step`, `steps`,
-- `name`, `state` = `"started"`, `"waiting"`, `"done"` or `"failed"`, `elapsed`; `text`, a line for a log; `line`, one
-- for a terminal), `tick` (the same as a `step` that is waiting, but each second, for a line that is redrawn), `intent`
-- and `result` (`method`, `server`; the journal has it when this is told), those of `botapi.bot`, and at the end
-- `report` (`report`).
--
-- @module botapi.migrate
-- @usage
-- local botapi = require "botapi"
-- local report = botapi.migrate("123456:AAEm-ul8d_T0k3n-0f_N0-r3al_B0t-x1y2z", {
--   from = "telegram", to = "http://127.0.0.1:1", dry_run = true, journal = false,
-- })
-- assert(report.status == "not_sent" and report.exit == 3)
-- print(report.text)

local checks = require "botapi.migrate.checks"
local core = require "botapi.core"
local misuse = require "botapi.misuse"
local old_server = require "botapi.migrate.old_server"
local options = require "botapi.migrate.options"
local outcomes = require "botapi.outcome"
local readable = require "botapi.readable"
local reports = require "botapi.migrate.report"
local report_text = require "botapi.migrate.report_text"
local resume = require "botapi.migrate.resume"
local runs = require "botapi.migrate.run"
local text = require "botapi.migrate.text"
local texts = require "botapi.text"

local monotonic = core.host.monotonic

-- The phases: each returns nil to go on, or why the move ends --------------------------

-- What no server needs to be asked for.
local function refuse_early(run)
  local from, to, id = run.settings.from, run.settings.to, run.bot.id
  if from.kind == "bale" or to.kind == "bale" then
    return runs.ending("refused", { message = "Bale is another network with other bots: no bot moves to or from it" })
  elseif run.from.identity == run.to.identity then
    return runs.ending("refused", { message = "from and to are the same server" })
  elseif (from.options.test or false) ~= (to.options.test or false) then
    return runs.ending("refused", { message = "one server is Telegram's test environment and the other isn't: a token "
      .. "is good in one of them only" })
  elseif from.kind == "cloud" and to.kind == "cloud" then
    return runs.ending("refused", { message = "from and to are both Telegram's cloud" })
  elseif not id then
    return runs.ending("refused", { message = "the token is malformed: it looks like 123456:secret",
      reason = "token" })
  end
end

local SOON = 1                  -- seconds

-- Updates come while a person reads.
local function confirm(run)
  local began, plan = monotonic(), run.plan
  if not run.settings.confirm(plan) then return runs.ending("cancelled", { cause = "declined" }) end
  if monotonic() - began < SOON then return nil end
  local stop = checks.look_again(run)
  plan.text = text.plan(plan)
  return stop
end

local function prepare(run)
  local settings, plan = run.settings, run.plan
  local stop = checks.run(run)
  plan.text = text.plan(plan)
  run:tell { type = "plan", plan = plan }
  if stop then return stop end
  if settings.dry_run then return runs.ending("done", { cause = "dry_run" }) end
  if settings.confirm then return confirm(run) end
end

local function perform_step(run, i)
  local step = run.steps[i]
  run.step, step.began = i, monotonic()
  run:tell_step "started"
  local stop = step.run(run)
  step.seconds = monotonic() - step.began
  step.state = stop and "failed" or "done"
  if stop and stop.status == "move_directory" then
    step.state = "open"
    run:tell_step("waiting", { first = true, why = "it is moved by hand" })
  else
    run:tell_step(step.state)
  end
  if stop then stop.step = i end
  return stop
end

-- A webhook that a step took off goes back, where it is certain that the bot hasn't left.
local function put_back(run, ending)
  if not ending or not ending.step or not run.steps[ending.step].before or ending.in_doubt then return end
  if old_server.put_back(run) then return old_server.tell_less(run) end
  ending.status, ending.cause = "partly", "not_put_back"
end

local function perform(run)
  local stop = resume.begin(run)
  local i = 1
  while not stop and i <= #run.steps do
    if run.steps[i].state ~= "done" then stop = perform_step(run, i) end
    i = i + 1
  end
  put_back(run, stop)
  return stop
end

local function phases(run)
  return refuse_early(run) or resume.open(run) or resume.locate(run) or prepare(run) or perform(run)
    or runs.ending "done"
end

-- The end ---------------------------------------------------------------------------

local function finish(run, ending)
  resume.finish(run, ending.status)
  local report = reports.of(run, ending)
  report.message = report.message and run:hidden(report.message)
  report.text = run:hidden(report_text(report))
  readable.report(run.plan, "checks", "losses")
  readable.report(report, "bot", "from", "to", "steps", "kept", "lost", "by_hand", "warnings", "webhook")
  run:tell { type = "report", report = report }
  report.event_error = run.event_error or nil
  return report
end

-- What a raised error says: a table of the caller's says nothing by itself.
local function message_of(raised)
  local meta = getmetatable(raised)
  local says = type(raised) ~= "table" or type(meta) == "table" and meta.__tostring
  return says and core.clean(texts.of(raised)) or nil
end

-- Where a raised error has left the bot.
local function abandoned(run, raised)
  local interruption = core.interruption(raised)
  local outcome, request = run.changes:abandon(interruption)
  local ending = runs.ending("cancelled", { cause = interruption and "interrupted" or "raised",
    reason = interruption and "cancelled" or "raised", message = message_of(raised), step = run.step })
  local is_done, leaves = outcomes.is_done(outcome), request and outcomes.leaves(request.method)
  if request and request.method == "deleteWebhook" then run.webhook.may_be_off = is_done or outcome == "unknown" end
  if leaves and is_done then run.left_at = run.left_at or os.time() end
  if run.left_at then
    ending.status = "partly"
  elseif leaves and outcome == "unknown" or run.unanswered then
    ending.status, ending.in_doubt = "unknown", true
  end
  put_back(run, ending)
  return ending
end

-- What is raised again: a text, and an interruption, say how far the move came.
local function with_report(raised, report)
  local interruption = core.interruption(raised)
  if interruption then
    interruption.message = interruption.message .. "\n" .. report.text
    interruption.shown = interruption.shown and tostring(interruption)
    return interruption.shown or interruption
  end
  return type(raised) == "string" and raised .. "\n" .. report.text or raised
end

-- After an error of the caller's or Ctrl-C: noted, put back, told, and raised again.
local function raise_again(run, raised)
  local ok, report = pcall(function() return finish(run, abandoned(run, raised)) end)
  if not ok then resume.close(run) end      -- a second Ctrl-C
  error(ok and with_report(raised, report) or raised, 0)
end

-- In Lua 5.1 nothing may yield within a pcall.
local yields = _VERSION ~= "Lua 5.1" or rawget(_G, "jit") ~= nil -- not tried out: nginx lets nothing yield in require

local function move(run)
  if not (yields or run.api.drive.blocking) then return finish(run, phases(run)) end
  local ok, ending = pcall(phases, run)
  if not ok then raise_again(run, ending) end
  return finish(run, ending)
end

return function(api)
  --- Moves a bot, or says what would be done.
  -- @function botapi.migrate
  -- @tparam string token the bot's token
  -- @tparam table options see above
  -- @treturn table the report
  -- @raise for what is the caller's own mistake: a wrong type, an unknown option, `how` not said
  -- @usage
  -- local botapi = require "botapi"
  -- local plan = botapi.migrate("123456:AAEm-ul8d_T0k3n-0f_N0-r3al_B0t-x1y2z", { from = "http://127.0.0.1:1",
  --   to = "http://127.0.0.1:2", how = "close", dry_run = true, journal = false }).plan
  -- assert(plan.how == "close")
  return function(token, given)
    local ok, why = pcall(core.token, token)        -- only checks: nothing in it yields
    if not ok then misuse("migrate", why) end
    local settings, problem = options.read(given)
    if not settings then misuse("migrate", problem) end
    local run = runs.new(api, token, settings)
    return (move(run))      -- no tail call: the run lives on this stack only
  end
end
