-- SPDX-License-Identifier: MIT
-- Owns what is looked at before anything changes, and the plan that comes of it.

local core = require "botapi.core"
local ending = require "botapi.migrate.run".ending
local facts = require "botapi.facts"
local outcomes = require "botapi.outcome"
local steps = require "botapi.migrate.steps"
local rules = require "botapi.migrate.webhook_rules"
local webhook = require "botapi.migrate.webhook"
local texts = require "botapi.text"

local counted = texts.counted

local checks = {}

local SPARE = 60                -- seconds

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
local function failed(run, name, text, res, err, hint)
  add(run, "FAIL", name, text, hint)
  return ending(outcomes.of_read(res, err, run.api.reason(res, err)), { check = name, res = res, err = err })
end

-- The new server, without the token -------------------------------------------------

-- A token that no bot has: a Bot API server refuses it at once and logs nothing in, but says whether it serves the bot.
-- A front that passes only this bot's calls passes this one.
local NO_SECRET, QUESTION = ":x", "probe"

-- The core hides the token that it was given: an answer to another one may have the bot's, too.
local function hidden(token, res, err)
  if res then return core.envelope(res, token) end
  for name, value in pairs(err) do
    if type(value) == "string" then err[name] = core.redact(value, token) end
  end
  return nil, err
end

local function check_probe(run)
  local to = run.settings.to
  run:count "probe"
  local res, err = hidden(run.to.token, run.api.call(run.bot.id .. NO_SECRET, QUESTION, nil, to.options))
  local reason = run.api.reason(res, err)
  if not res or reason == "rate_limited" or reason == "not_found" and to.kind == "local" then
    return failed(run, "probe", to.name .. " doesn't answer as a Bot API server", res, err)
  elseif reason == "misdirected" then
    return failed(run, "filter", to.name .. " doesn't serve this bot (its --filter)", res)
  end
  add(run, "ok", "probe", to.name .. " is a Bot API server (asked without the token)")
end

-- A server that the bot has left ------------------------------------------------------

-- Since when the bot was logged in on the new server before it left, as far as the journal knows.
local function came_at(run, left)
  local at
  for _, record in ipairs(run.journal.log:records(run.bot.id)) do
    if record.type == "arrival" and record.server == run.to.identity and record.at <= left.at then at = record.at end
  end
  return at
end

-- Until when the new server may refuse the bot, since it has left it; nil: it doesn't.
local function refused_until(run)
  local left = run.journal.log and run.journal.log:left(run.bot.id, run.to.identity)
  if not left or left.method ~= "logOut" or run.settings.force then return nil end
  local is_cloud, came = run.settings.to.kind == "cloud", came_at(run, left)
  if not is_cloud and came and left.at - came > facts.REMEMBERED then return nil end
  local until_when = left.at + (is_cloud and facts.LOCK_OUT or facts.REMEMBERED)
  return left.at <= os.time() and os.time() < until_when and until_when or nil
end

-- Before the bot leaves the old server this is a reason not to; afterwards a longer wait.
local function check_back(run)
  local to, until_when = run.settings.to, refused_until(run)
  if not until_when then return nil end
  local left = ("the bot left %s, which may refuse it until %s"):format(to.name, texts.minute(until_when))
  if run.plan.resumed or to.kind == "cloud" then
    run:allow(until_when - os.time() + SPARE)
    return add(run, "ok", "back", left .. ": waited for")
  end
  local stop = refused(run, "back", left, "back")
  stop.status, stop.wait, stop.message = "later", until_when - os.time(), left
  return stop
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
      or " gave no answer to getMe"), res, err, err and "gone" or nil)
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
  if pending == 0 then return end
  local is_one = pending == 1
  local text, are = counted(pending, "update") .. (is_one and " waits" or " wait") .. " on the old server",
    is_one and "is" or "are"
  if settings.drain then return add(run, "ok", "updates", ("%s and %s taken first"):format(text, are)) end
  if settings.accept_loss then return add(run, "ok", "updates", ("%s and %s lost (accepted)"):format(text, are)) end
  add(run, "LOSS", "updates", text .. " and can't be taken along", "updates")
end

local function add_losses(run)
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
  local problem, name = rules.problem(new, run.settings.to.kind, run.settings.webhook == "keep")
  if problem then
    local what = name == "url" and "the webhook's URL" or "the webhook's " .. name
    local stop = refused(run, "webhook_" .. name, what .. ": " .. problem, name)
    stop.message = problem
    return stop
  end
  run.plan.to_set = webhook.lines(run.settings, run.webhook, run:shown_webhook())
end

-- Between the last look and the close there is a moment, and a closed bot's queue can't be read.
local function add_gap(run)
  if run.settings.how == "close" then
    add(run, "ok", "gap", "updates that come between the last look and the close stay behind")
  end
end

-- What of the old webhook can't be kept, and the one that is to be set.
local function check_to_set(run)
  add_losses(run)
  return check_new(run)
end

-- What is set now, or what an interrupted run took off and hadn't put back.
local function read_webhook(run)
  if run.plan.has_left then
    run.webhook.old = run.webhook.taken_off
    return nil
  end
  local res, err = run.from:get_webhook_info()
  if not (res and res.ok) then
    return failed(run, "webhook", "what webhook is set can't be read", res, err)
  end
  local old = webhook.read(res) or run.webhook.taken_off
  run.webhook.kinds = webhook.kinds(res)
  run.webhook.old, run.plan.webhook = old, webhook.copy(old, old and old.shown)
  run.plan.pending = res.result.pending_update_count or 0
  add(run, "ok", "webhook", describe_webhook(old))
end

local function check_webhook(run)
  local stop = read_webhook(run)
  if stop then return stop end
  check_waiting(run)
  add_gap(run)
  run.webhook.new = webhook.new(run.settings, run.webhook)
  return check_to_set(run)
end

-- All -------------------------------------------------------------------------------

-- Nobody can say any more what webhook was set: a move that is to keep it has nothing to set.
local function check_unknown_webhook(run)
  local is_unknown = run.plan.has_left or run.plan.gone or run.plan.resumed and not run.journal.has_plan
  if is_unknown and run.settings.webhook == "keep" and not run.webhook.old then
    add(run, "LOSS", "unknown_webhook", "what webhook was set can't be known any more", "unknown_webhook")
  end
end

-- The old server is gone for good, says the caller.
local function check_gone(run)
  add(run, "ok", "gone", run.settings.from.name .. " isn't asked: what waits there is lost")
  run.webhook.new = webhook.new(run.settings, run.webhook)
  return check_to_set(run)
end

local function look(run)
  if run.plan.resumed then return check_back(run) or check_to_set(run) end     -- the old server isn't asked
  local stop = check_back(run) or check_probe(run)
  if stop or run.plan.gone then return stop or check_gone(run) end
  return check_token(run) or check_webhook(run)
end

-- The losses that stop it.
local function stop_at_losses(run)
  run.plan.losses = {}
  for _, check in ipairs(run.plan.checks) do
    if check.state == "LOSS" then table.insert(run.plan.losses, check) end
  end
  if #run.plan.losses > 0 then return ending "refused" end
end

--- Looks at everything and completes `run.plan`: checks, losses, steps.
-- @treturn ?botapi.migrate.Ending why it ends here
function checks.run(run)
  local stop = look(run)
  check_unknown_webhook(run)
  run.steps = steps.of(run)
  run.plan.steps = run.steps
  local stop_for_loss = stop_at_losses(run)
  return stop or stop_for_loss
end

--- Looks again for updates that wait, since `confirm` took its time; where they are taken, or the bot is closed, a step
-- does that.
-- @treturn ?botapi.migrate.Ending why it ends here
function checks.look_again(run)
  local settings, plan = run.settings, run.plan
  if settings.drain or settings.how == "close" or plan.resumed or plan.has_left or plan.gone then return nil end
  local res, err = run.from:get_webhook_info()
  if not (res and res.ok) then return failed(run, "updates", "what waits now can't be read", res, err) end
  plan.pending = res.result.pending_update_count or 0
  check_waiting(run)
  return stop_at_losses(run)
end

return checks
