-- SPDX-License-Identifier: MIT
-- Owns what is looked at before anything changes, and what is made of it: the plan.

local outcomes = require "botapi.outcome"
local requests = require "botapi.migrate.requests"
local steps = require "botapi.migrate.steps"
local webhook = require "botapi.migrate.webhook"
local texts = require "botapi.text"

local counted = texts.counted

local checks = {}

-- One line of the plan: state "ok", "LOSS" or "FAIL".
local function add(run, state, name, text, hint)
  local check = { state = state, name = name, text = text, hint = hint }
  table.insert(run.plan.checks, check)
  run.tell { type = "check", state = state, name = name, message = text }
end

-- Why a request of the checks came to nothing: a status, and what is to be read.
local function stopped(run, name, what, res, err)
  add(run, "FAIL", name, what)
  return { status = outcomes.of_read(res, err, run.api.reason(res, err)), check = name, res = res, err = err }
end

-- The new server, without the token -------------------------------------------------

local function check_probe(run)
  local to = run.settings.to
  requests.count(run, "probe")
  local res, err = run.api.probe(to.base, run.probe_options)
  if not res then
    return stopped(run, "probe", to.name .. " doesn't answer as a Bot API server", nil, err)
  end
  add(run, "ok", "probe", to.name .. " is a Bot API server (asked without the token)")
end

-- The token, on the old server ------------------------------------------------------

-- `Logged out` before the move: there is nothing to leave, and nothing more may be asked there.
local function note_left(run)
  run.past.leave = { outcome = "already" }
  run.plan.was_out = true
  add(run, "ok", "token", "the bot has logged out of " .. run.settings.from.name .. " already")
end

local function check_token(run)
  local res, err = run.from:get_me()
  if run.api.reason(res, err) == "logged_out" and res then return note_left(run) end
  if not (res and res.ok) then
    return stopped(run, "token", run.settings.from.name .. (res and " doesn't take the token"
      or " gave no answer to getMe"), res, err)
  end
  local me = type(res.result) == "table" and res.result or {}
  run.bot.username, run.bot.first_name = me.username, me.first_name
  if type(me.id) ~= "number" or ("%.0f"):format(me.id) ~= run.id then
    add(run, "FAIL", "token", "the token is another bot's")
    return { status = "refused", check = "token" }
  end
  add(run, "ok", "token", "the token is this bot's")
end

-- Its webhook and what waits --------------------------------------------------------

-- What was read now, or what an interrupted run took off and hadn't put back.
local function note_webhook(run, res)
  run.noted = webhook.noted(res) or run.taken_off
  run.plan.webhook = webhook.shown(run.noted)
  run.plan.pending = res.result.pending_update_count or 0
end

local function describe_webhook(run)
  local noted = run.noted
  if not noted then return "no webhook is set" end
  local text = "webhook " .. noted.shown .. " noted"
  if noted.max_connections then text = ("%s: max_connections %d"):format(text, noted.max_connections) end
  if type(noted.allowed_updates) == "table" and #noted.allowed_updates > 0 then
    text = ("%s, %s of update"):format(text, counted(#noted.allowed_updates, "kind"))
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

local function check_wanted(run, wanted)
  if not wanted then return end
  local problem = webhook.problem(wanted.url, run.settings.to.kind)
  if not problem then return end
  add(run, "FAIL", "webhook_url", "the webhook's URL: " .. problem)
  return { status = "refused", check = "webhook_url", message = problem }
end

local function judge_webhook(run)
  local settings = run.settings
  check_waiting(run)
  for _, loss in ipairs(webhook.losses(settings, run.noted)) do
    add(run, "LOSS", loss.name, loss.text, loss.name)
  end
  run.wanted = webhook.wanted(settings, run.noted)
  return check_wanted(run, run.wanted)
end

local function check_webhook(run)
  if run.plan.was_out then
    run.noted, run.plan.pending = run.taken_off, 0
    return judge_webhook(run)
  end
  local res, err = run.from:get_webhook_info()
  if not (res and res.ok and type(res.result) == "table") then
    return stopped(run, "webhook", "what webhook is set can't be read", res, err)
  end
  note_webhook(run, res)
  add(run, "ok", "webhook", describe_webhook(run))
  return judge_webhook(run)
end

-- All -------------------------------------------------------------------------------

local function losses_of(plan)
  local list = {}
  for _, check in ipairs(plan.checks) do
    if check.state == "LOSS" then list[#list + 1] = check end
  end
  return list
end

-- What an interrupted move still needs to be told; no server is asked.
local function check_resumed(run)
  if run.past.set_webhook then return nil end
  for _, loss in ipairs(webhook.losses(run.settings, run.noted)) do
    add(run, "LOSS", loss.name, loss.text, loss.name)
  end
  if run.wanted and not run.wanted.url then
    local text = "the webhook's URL holds the token, which the journal doesn't keep"
    add(run, "FAIL", "webhook_url", text, "webhook")
    return { status = "refused", check = "webhook_url" }
  end
  return check_wanted(run, run.wanted)
end

local function warn_of_unknown(run)
  local unknown = run.plan.was_out or run.plan.resumed and not run.has_plan
  if unknown and run.settings.webhook == "keep" and not run.noted then
    run.warn("what webhook was set can't be known any more, so none is set")
  end
end

--- Looks at everything and makes `run.plan` whole: checks, losses, steps.
-- @treturn ?table why it ends here: status, check, res, err
function checks.run(run)
  local failure
  if run.plan.resumed then
    failure = check_resumed(run)
  else
    failure = check_probe(run) or check_token(run) or check_webhook(run)
  end
  warn_of_unknown(run)
  run.plan.losses = losses_of(run.plan)
  run.steps = steps.of(run)
  run.plan.steps = run.steps
  if failure then return failure end
  if #run.plan.losses > 0 then return { status = "refused", losses = run.plan.losses } end
end

return checks
