-- SPDX-License-Identifier: MIT
-- Owns the state of a bot as the control API shows and changes it.

local validate = require "botapi.emulator.validate"
local json = require "botapi.emulator.json"
local webhook = require "botapi.emulator.webhook"
local webhook_settings = require "botapi.emulator.webhook_settings"

local bot_state = {}

local MAX_PENDING = 100000

local members = {state = {"new", "logged_in", "logging_out", "logged_out", "closed", "revoked"}, age = "duration",
  pending = "count", username = "string", first_name = "string", webhook = "any", revoked = "boolean",
  locked_for = "duration"}

local webhook_members = {url = "string", max_connections = "count", ip_address = "string", secret_token = "string",
  allowed_updates = "strings", has_custom_certificate = "boolean", last_error_date = "count",
  last_error_message = "string"}

--- A bot's id as text, as it stands in a path.
function bot_state.id_text(value)
  return type(value) == "number" and string.format("%.0f", value) or tostring(value)
end

local function webhook_view(session)
  local hook = session.webhook or session.saved_webhook
  if not hook then return json.null end
  return json.object("url", hook.url, "max_connections", hook.max_connections, "ip_address", hook.ip_address,
    "has_secret_token", hook.secret_token ~= "", "last_error_date", hook.last_error_date,
    "last_error_message", hook.last_error_message)
end

local function state_view(session, id, ...)
  return json.object("id", id, "username", session.account.username, "state", session.state, "since", session.since,
    "locked_until", session.locked_until or json.null, "polling", session.poller ~= nil,
    "pending", session.queue:size(), "webhook", webhook_view(session), "logins", session.logins, ...)
end

--- Shows a bot as one server sees it; in a pair also as each of both does.
function bot_state.view(instance, server, account)
  local session = server:session(account.id, account.test)
  local id = account.test and bot_state.id_text(account.id) .. "/test" or account.id
  if #instance.servers == 1 then return state_view(session, id) end
  local views, names = {}, {}
  for i, each in ipairs(instance.servers) do
    names[i] = each.as
    views[each.as] = state_view(each:session(account.id, account.test), id)
  end
  return state_view(session, id, "double_login", #account.sessions > 1, "servers", json.ordered(views, names))
end

-- Each state that needs more than its name.
local reach = {}

function reach.closed(session)
  session:login()
  session:close()
end

function reach.logging_out(session)
  session:login()
  session:end_poller()
  session:set_state "logging_out"
end

function reach.logged_out(session)
  session:login()
  session:logout()
end

function reach.logged_in(session) session:login() end
function reach.revoked(session) session:revoke() end
function reach.new(session) session:forget() end

local function change_state(session, state)
  if state == session.state then return end
  session.account.is_revoked = state == "revoked"
  reach[state](session)
  session.ending_until = nil
  if state ~= "revoked" then session.server:forget_refusals(session.account) end
end

local function change_age(session, age)
  local start = session.clock:now() - age
  session.since, session.logged_in_at = start, start
  if session.started_at then session.started_at = start end
end

-- Makes or drops updates for this bot on this server alone, whatever its allowed_updates say.
local function change_pending(session, count)
  if session.state == "new" then session:login() end
  session.queue:cut(count)
  for _ = session.queue:size() + 1, count do
    session:enqueue(session.telegram:update(session.account, {text = "/start"}))
  end
end

-- Why the bot can't have so many updates waiting; nil: it can.
local function refuse_pending(session, given)
  local state = given.state or session.state
  if not given.pending or given.pending == 0 then return nil end
  if given.pending > MAX_PENDING then return string.format('bot: "pending" can be %d at most', MAX_PENDING) end
  if state == "logged_out" or state == "revoked" then
    return string.format('bot: "pending" needs a bot that is logged in; this one is %s', state)
  end
end

local function ends_webhook(value)
  return value == json.null or (type(value) == "table" and value.url == "")
end

-- The settings of a webhook, or nil and a message.
local function check_webhook(value)
  local settings, message = validate.members("webhook", value, webhook_members)
  if settings and not settings.url then return nil, 'webhook: "url" is missing' end
  return settings, message
end

local function change_webhook(session, settings)
  if not settings then
    session.saved_webhook = nil
    return webhook.stop(session)
  end
  if session.state == "new" then session:login() end
  session:allow(settings.allowed_updates)
  local hook = webhook_settings.read(session.server, settings, settings.url)
  hook.has_certificate = settings.has_custom_certificate or false
  webhook_settings.resolve(hook)
  session.saved_webhook = hook
  if not session.started_at then return end
  webhook.start(session, hook)
  hook = session.webhook
  hook.last_error_date, hook.last_error_message = settings.last_error_date, settings.last_error_message
end

--- Changes a bot as the members of an object say. Returns true, or nil and a message.
function bot_state.change(session, value)
  local given, message = validate.members("bot", value, members)
  if not given then return nil, message end
  local hook
  if given.webhook ~= nil and not ends_webhook(given.webhook) then hook, message = check_webhook(given.webhook) end
  message = message or refuse_pending(session, given)
  if message then return nil, message end
  local account = session.account
  account.username = given.username or account.username
  account.first_name = given.first_name or account.first_name
  if given.revoked ~= nil then account.is_revoked = given.revoked end
  -- the lock-out after a logout depends on the age, which therefore comes first
  if given.age and given.state == "logged_out" and session.state == "new" then session:login() end
  if given.age and session.state ~= "new" then change_age(session, given.age) end
  if given.state then change_state(session, given.state) end
  if given.age and given.state and given.state ~= "logged_out" then change_age(session, given.age) end
  if given.locked_for then
    session.locked_until, session.locked_by = session.clock:now() + given.locked_for, "logged_out"
  end
  if given.webhook ~= nil then change_webhook(session, hook) end
  if given.pending then change_pending(session, given.pending) end
  return true
end

return bot_state
