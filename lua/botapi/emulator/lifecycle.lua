-- SPDX-License-Identifier: MIT
-- Owns the methods of a bot's life: logOut and close, webhooks, getUpdates and getMe.

local condition = require "cqueues.condition"
local json = require "botapi.emulator.json"
local responses = require "botapi.emulator.responses"
local update_kinds = require "botapi.emulator.update_kinds"
local webhook = require "botapi.emulator.webhook"
local webhook_settings = require "botapi.emulator.webhook_settings"
local values = require "botapi.emulator.values"

local MAX_POLL = 50            -- seconds
local MAX_UPDATES = 100
local SOON, AT_ONCE = 3, 0.5   -- seconds since a getUpdates with the same offset

local handlers = {}

handlers["logOut"] = function(session, _, call)
  session:logout(call.delay)
  return responses.success(true)
end

handlers["close"] = function(session, _, call)
  local wait = session:close_wait()
  if wait then return responses.rate_limited(wait) end
  session:close(call.delay)
  return responses.success(true)
end

handlers["getMe"] = function(session)
  local account = session.account
  return responses.success(json.object("id", account.id, "is_bot", true, "first_name", account.first_name,
    "username", account.username, "can_join_groups", true, "can_read_all_group_messages", false,
    "supports_inline_queries", false, "supports_guest_queries", false, "can_connect_to_business", false,
    "has_main_web_app", false, "has_topics_enabled", false, "allows_users_to_create_topics", false,
    "can_manage_bots", false))
end

handlers["getWebhookInfo"] = function(session)
  local hook = session.webhook or {url = "", has_certificate = false}
  return responses.success(json.object("url", hook.url, "has_custom_certificate", hook.has_certificate,
    "pending_update_count", session.queue:size(), "last_error_date", hook.last_error_date,
    "last_error_message", hook.last_error_message, "max_connections", hook.max_connections,
    "ip_address", hook.ip_address, "allowed_updates", update_kinds.list(session.allowed)))
end

-- Sets a webhook: the old one is gone already, and stays gone when this one is refused.
local function set(session, settings, params)
  local target, refusal = webhook_settings.check(settings)
  if refusal then return refusal end
  session:allow(params.allowed_updates)
  refusal = webhook_settings.choose_address(settings, target, session.server)
  if refusal then
    session.saved_webhook = nil
    return refusal
  end
  webhook.start(session, settings)
  return responses.success(true, "Webhook was set")
end

-- setWebhook, with an empty URL also deleteWebhook.
local function change(session, params, url)
  local now = session.clock:now()
  if url ~= "" then
    if now < session.next_webhook_at then return responses.rate_limited(1) end
    session.next_webhook_at = now + 1
  end
  local settings = webhook_settings.read(session.server, params, url)
  local drops, old = values.is_true(params.drop_pending_updates), session.webhook
  if not drops and webhook_settings.are_same(old, settings) then
    session:allow(params.allowed_updates)
    return responses.success(true, url == "" and "Webhook is already deleted" or "Webhook is already set")
  end
  if url ~= "" and session.poller then session:end_poller(session:conflict "webhook_came") end
  webhook.remove(session)
  if drops then session.queue:clear() end
  if url ~= "" then return set(session, settings, params) end
  return responses.success(true, old and "Webhook was deleted" or "Webhook is already deleted")
end

handlers["deleteWebhook"] = function(session, params)
  return change(session, params, "")
end

handlers["setWebhook"] = function(session, params)
  return change(session, params, values.text(params.url))
end

-- Waits for an update, for the end of the time, or for end_poller; returns the response that end_poller gave.
local function wait_for_updates(session, timeout)
  local poller = {wake = condition.new(), response = nil, delay = nil}
  session.poller = poller
  session.clock:sleep(timeout, poller.wake)
  if session.poller == poller then session.poller = nil end
  if poller.delay then session.clock:sleep(poller.delay) end
  return poller.response
end

-- Those who ask again with the same offset wait for an answer without updates, and at once get one update only.
local function slow_down(session, offset, limit, timeout)
  local now, since = session.clock:now(), math.huge
  if offset == session.poll_offset then since = now - session.poll_at end
  session.poll_offset, session.poll_at = offset, now
  return since < AT_ONCE and 1 or limit, since < SOON and math.max(timeout, SOON) or timeout
end

handlers["getUpdates"] = function(session, params)
  if session.webhook then
    local response, delay = session:conflict "webhook_active"
    session.clock:sleep(delay)
    return response
  end
  local offset = values.integer(params.offset, 0)
  local limit = values.integer(params.limit, MAX_UPDATES, 1, MAX_UPDATES)
  local timeout = values.integer(params.timeout, 0, 0, MAX_POLL)
  session:allow(params.allowed_updates)
  limit, timeout = slow_down(session, offset, limit, timeout)
  local from = session.queue:start(offset)
  local list = session.queue:take(from, limit)
  if #list == 0 and timeout > 0 then
    if session.poller then session:end_poller(session:conflict "other_poller") end
    local ended = wait_for_updates(session, timeout)
    if ended then return ended end
    list = session.queue:take(from, limit)
  end
  return responses.success(list)
end

return handlers
