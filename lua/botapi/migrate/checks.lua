-- SPDX-License-Identifier: MIT
-- Owns what is looked at before anything changes, and the plan that comes of it.

local ending = require "botapi.migrate.run".ending
local outcomes = require "botapi.outcome"
local steps = require "botapi.migrate.steps"
local webhook = require "botapi.migrate.webhook"
local texts = require "botapi.text"

local counted = texts.counted

local checks = {}

-- One line of the plan: state "ok", "LOSS" or "FAIL".
local function add(run, state, name, text, hint)
  table.insert(run.plan.checks, { state = state, name = name, text = text, hint = hint })
  run:tell { type = "check", state = state, name = name, message = text }
end

-- A check that no server was needed for.
local function refused(run, name, text, hint)
  add(run, "FAIL", name, text, hint)
  return ending("refused", { check = name })
end

-- A request that got no good answer.
local function failed(run, name, text, res, err)
  add(run, "FAIL", name, text)
  return ending(outcomes.of_read(res, err, run.api.reason(res, err)), { check = name, res = res, err = err })
end

-- The new server, without the token -------------------------------------------------

-- probe takes its server apart from the options.
local function probe_options(settings)
  local given = {}
  for name, value in pairs(settings.to.options) do
    if name ~= "server" and name ~= "test" then given[name] = value end
  end
  return given
end

local function check_probe(run)
  local to = run.settings.to
  run:count "probe"
  local res, err = run.api.probe(to.base, probe_options(run.settings))
  if not res then return failed(run, "probe", to.name .. " doesn't answer as a Bot API server", nil, err) end
  add(run, "ok", "probe", to.name .. " is a Bot API server (asked without the token)")
end

-- The token, on the old server ------------------------------------------------------

-- `Logged out` before the move: there is nothing to leave, and nothing more may be asked there.
local function note_left(run)
  run.earlier.leave = { outcome = "already" }
  run.plan.has_left = true
  add(run, "ok", "token", "the bot has logged out of " .. run.settings.from.name .. " already")
end

local function check_token(run)
  local res, err = run.from:get_me()
  if res and run.api.reason(res) == "logged_out" then return note_left(run) end
  if not (res and res.ok) then
    return failed(run, "token", run.settings.from.name .. (res and " doesn't take the token"
      or " gave no answer to getMe"), res, err)
  end
  if not run:recognize(res) then return refused(run, "token", "the token is another bot's") end
  add(run, "ok", "token", "the token is this bot's")
end

-- Its webhook and what waits --------------------------------------------------------

local function describe_webhook(old)
  if not old then return "no webhook is set" end
  local text = "webhook " .. old.shown .. " noted"
  if old.max_connections then text = ("%s: max_connections %d"):format(text, old.max_connections) end
  if type(old.allowed_updates) == "table" and #old.allowed_updates > 0 then
    text = ("%s, %s of update"):format(text, counted(#old.allowed_updates, "kind"))
  end
  return text
end

local function check_waiting(run)
  local settings, pending = run.settings, run.plan.pending
  if settings.how == "close" or pending == 0 then return end
  local text = counted(pending, "update") .. (pending == 1 and " waits" or " wait") .. " on the old server"
  if settings.drain then return add(run, "ok", "updates", text .. ", to be taken first") end
  if settings.accept_loss then return add(run, "ok", "updates", text .. " and are lost (accepted)") end
  add(run, "LOSS", "updates", text .. " and can't be taken along", "updates")
end

local function add_webhook_losses(run)
  for _, loss in ipairs(webhook.losses(run.settings, run.webhook.old)) do
    add(run, "LOSS", loss.name, loss.text, loss.name)
  end
end

-- The webhook that is to be set.
local function check_new(run)
  local new = run.webhook.new
  if not new then return end
  if not new.url then
    return refused(run, "webhook_url", "the webhook's URL holds the token, which the journal doesn't keep", "webhook")
  end
  local problem = webhook.problem(new.url, run.settings.to.kind)
  if not problem then return end
  local stop = refused(run, "webhook_url", "the webhook's URL: " .. problem)
  stop.message = problem
  return stop
end

-- What is set now, or what an interrupted run took off and hadn't put back.
local function read_webhook(run)
  if run.plan.has_left then
    run.webhook.old = run.webhook.taken_off
    return nil
  end
  local res, err = run.from:get_webhook_info()
  if not (res and res.ok and type(res.result) == "table") then
    return failed(run, "webhook", "what webhook is set can't be read", res, err)
  end
  local old = webhook.read(res) or run.webhook.taken_off
  run.webhook.old, run.plan.webhook = old, webhook.copy(old, old and old.shown)
  run.plan.pending = res.result.pending_update_count or 0
  add(run, "ok", "webhook", describe_webhook(old))
end

local function check_webhook(run)
  local stop = read_webhook(run)
  if stop then return stop end
  check_waiting(run)
  add_webhook_losses(run)
  run.webhook.new = webhook.new(run.settings, run.webhook.old)
  return check_new(run)
end

-- All -------------------------------------------------------------------------------

-- What an interrupted move still needs to be told; no server is asked.
local function check_resumed(run)
  if run.earlier.set_webhook then return nil end
  add_webhook_losses(run)
  return check_new(run)
end

local function warn_of_unknown(run)
  local is_unknown = run.plan.has_left or run.plan.resumed and not run.journal.has_plan
  if is_unknown and run.settings.webhook == "keep" and not run.webhook.old then
    run:warn("what webhook was set can't be known any more, so none is set")
  end
end

--- Looks at everything and completes `run.plan`: checks, losses, steps.
-- @treturn ?botapi.migrate.Ending why it ends here
function checks.run(run)
  local stop
  if run.plan.resumed then
    stop = check_resumed(run)
  else
    stop = check_probe(run) or check_token(run) or check_webhook(run)
  end
  warn_of_unknown(run)
  for _, check in ipairs(run.plan.checks) do
    if check.state == "LOSS" then table.insert(run.plan.losses, check) end
  end
  run.steps = steps.of(run)
  run.plan.steps = run.steps
  if stop then return stop end
  if #run.plan.losses > 0 then return ending "refused" end
end

return checks
