-- SPDX-License-Identifier: MIT
-- Owns what each method does to a bot's session, and its response without a fault.

local condition = require "cqueues.condition"
local responses = require "botapi.emulator.responses"
local json = require "botapi.emulator.json"
local result_of = require "botapi.emulator.results"
local method_names = require "botapi.emulator.method_names"
local request = require "botapi.emulator.request"
local webhook = require "botapi.emulator.webhook"

local MAX_POLL = 50
local MAX_UPDATES = 100

local handlers = {}

local function integer(value, default)
  local number = tonumber(value)
  if not number or number ~= number or math.abs(number) >= 2 ^ 53 then return default end
  number = number < 0 and math.ceil(number) or math.floor(number)
  return math.tointeger and math.tointeger(number) or number
end

local function is_true(value)
  return value == true or value == "true" or value == "True" or tonumber(value) == 1
end

-- A list of names in JSON, or nil when the parameter is absent or isn't one.
local function name_list(value)
  local list = request.decoded(value)
  return json.is_array(list) and list or nil
end

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
    "supports_inline_queries", false, "can_connect_to_business", false, "has_main_web_app", false))
end

handlers["getWebhookInfo"] = function(session)
  local hook, kinds = session.webhook or {url = "", has_certificate = false}, session.allowed_updates
  return responses.success(json.object("url", hook.url, "has_custom_certificate", hook.has_certificate,
    "pending_update_count", #session.queue, "last_error_date", hook.last_error_date,
    "last_error_message", hook.last_error_message, "max_connections", hook.max_connections,
    "ip_address", hook.ip_address, "allowed_updates", kinds and #kinds > 0 and kinds or nil))
end

handlers["deleteWebhook"] = function(session, params)
  local was_set = session.webhook ~= nil
  webhook.stop(session)
  if is_true(params.drop_pending_updates) then session.queue = {} end
  return responses.success(true, was_set and "Webhook was deleted" or "Webhook is already deleted")
end

handlers["setWebhook"] = function(session, params)
  local url = tostring(params.url or "")
  if url == "" then return handlers["deleteWebhook"](session, params) end
  local settings = {
    url = url,
    max_connections = integer(params.max_connections, 40),
    ip_address = params.ip_address,
    secret_token = params.secret_token,
    has_certificate = type(params.certificate) == "table",     -- text is ignored, without an error
  }
  local refusal = webhook.check(session, settings)
  if refusal then return refusal end
  local kinds = name_list(params.allowed_updates)
  if is_true(params.drop_pending_updates) then session.queue = {} end
  if webhook.is_same(session, settings) and not kinds then return responses.success(true, "Webhook is already set") end
  session.allowed_updates = kinds or session.allowed_updates
  session:end_poller(responses.named_error "webhook_came")
  webhook.start(session, settings)
  return responses.success(true, "Webhook was set")
end

-- Waits for an update, for the end of the time, or for end_poller; returns the response that end_poller gave.
local function wait_for_updates(session, timeout)
  local poller = {wake = condition.new(), response = nil}
  session.poller = poller
  session.clock:sleep(timeout, poller.wake)
  if session.poller == poller then session.poller = nil end
  return poller.response
end

handlers["getUpdates"] = function(session, params)
  if session.webhook then return responses.named_error "webhook_active" end
  session:end_poller(responses.named_error "other_poller")
  session.allowed_updates = name_list(params.allowed_updates) or session.allowed_updates
  local limit = integer(params.limit, MAX_UPDATES)
  if not (1 <= limit and limit <= MAX_UPDATES) then limit = MAX_UPDATES end
  local offset = integer(params.offset, 0)
  if offset ~= 0 then session:confirm(offset) end
  local timeout = math.min(integer(params.timeout, 0), MAX_POLL)
  if #session.queue == 0 and timeout > 0 then
    local ended = wait_for_updates(session, timeout)
    if ended then return ended end
  end
  local list = json.array()
  for i = 1, math.min(limit, #session.queue) do list[i] = session.queue[i] end
  return responses.success(list)
end

local methods = {}

--- The name as the Bot API writes it, or an unknown one unchanged; and whether it is known.
function methods.canonical(name)
  local known = method_names[name:lower()]
  return known or name, known ~= nil
end

--- Runs a method of a bot that is logged in and returns the response. The call has method, params and delay: the
-- seconds that a logOut or a close takes.
function methods.run(session, call)
  local method, is_known = methods.canonical(call.method)
  if handlers[method] then return handlers[method](session, call.params, call) end
  if not is_known then return responses.named_error "method_not_found" end
  return responses.success(result_of(method, call.params, session.account, session.clock:now()))
end

return methods
