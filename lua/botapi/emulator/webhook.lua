-- SPDX-License-Identifier: MIT
-- Owns webhooks: which ones are accepted, and the delivery of updates to those on this machine.

local condition = require "cqueues.condition"
local socket = require "cqueues.socket"
local connection = require "botapi.emulator.connection"
local http = require "botapi.emulator.http"
local json = require "botapi.emulator.json"
local responses = require "botapi.emulator.responses"

local webhook = {}

local REQUEST_TIMEOUT = 30
local FIRST_RETRY, LAST_RETRY = 1, 60
local MAX_BODY = 1024 * 1024

local function parse(url)
  local scheme, authority, path = url:match "^(%a+)://([^/?#]+)([^#]*)$"
  if not scheme then return nil end
  local host, port = authority:match "^(.-):(%d+)$"
  host = (host or authority):gsub("^%[(.*)%]$", "%1")
  if not path:find "^/" then path = "/" .. path end
  scheme = scheme:lower()
  port = tonumber(port) or (scheme == "https" and 443 or 80)
  return {scheme = scheme, host = host, port = port, authority = authority, path = path}
end

local function is_loopback(host)
  return host == "localhost" or host:find "^127%.%d+%.%d+%.%d+$" ~= nil or host == "::1"
end

--- The error for a webhook that may not be set, else nil.
function webhook.check(session, settings)
  local target = parse(settings.url)
  if not target or not (target.scheme == "http" or target.scheme == "https") then
    return responses.named_error "bad_url"
  end
  if target.scheme == "http" and session.server.as ~= "local" and not is_loopback(target.host) then
    return responses.named_error "https_wanted"
  end
  local secret = settings.secret_token
  if secret ~= nil and not tostring(secret):find "^[%w_-]*$" then return responses.named_error "bad_secret" end
end

--- Is this webhook already set?
function webhook.is_same(session, settings)
  local old = session.webhook or {}
  for _, name in ipairs {"url", "max_connections", "ip_address", "secret_token", "has_certificate"} do
    if old[name] ~= settings[name] then return false end
  end
  return not settings.has_certificate
end

local function read_response(client)
  local reader = http.reader(client)
  local head = reader:take_until("\r\n\r\n", 65536)
  local status, reason = (head or ""):match "^HTTP/%d%.%d (%d%d%d) ?([^\r\n]*)"
  if not status then return nil, "Read error: Connection closed" end
  local length = tonumber(head:lower():match "\ncontent%-length: *(%d+)")
  if length then return tonumber(status), reason, length <= MAX_BODY and reader:take(length) or nil end
  repeat
    local has_more = reader:fill()
  until not has_more or #reader.buffer >= MAX_BODY
  return tonumber(status), reason, reader.buffer
end

local function exchange(client, hook, target, body)
  connection.prepare(client)
  client:settimeout(REQUEST_TIMEOUT)
  if not client:connect() then return nil, "Connection refused" end
  if target.scheme == "https" and not client:starttls() then return nil, "SSL error" end
  local lines = {"POST " .. target.path .. " HTTP/1.1", "Host: " .. target.authority,
    "Content-Type: application/json", "Content-Length: " .. #body, "Connection: close"}
  if hook.secret_token then lines[#lines + 1] = "X-Telegram-Bot-Api-Secret-Token: " .. hook.secret_token end
  client:xwrite(table.concat(lines, "\r\n") .. "\r\n\r\n" .. body)
  return read_response(client)
end

local function post(hook, target, body)
  local host = target.host == "localhost" and "127.0.0.1" or target.host
  local client, why = socket.connect {host = host, port = target.port}
  if not client then return nil, tostring(why) end
  local ok, status, reason, text = connection.pcall(exchange, client, hook, target, body)
  client:close()
  if not ok then return nil, "Connection failed" end
  return status, reason, text
end

-- A webhook may answer with a method to call, as JSON.
local function run_reply(session, text)
  local params = text and json.decode(text)
  if type(params) == "table" and type(params.method) == "string" then session.server:run_reply(session, params) end
end

local function record_failure(session, hook, message)
  hook.last_error_date = math.floor(session.clock:now())
  hook.last_error_message = message
  hook.retry = math.min((hook.retry or FIRST_RETRY / 2) * 2, LAST_RETRY)
end

local function deliver(session, hook, target)
  local update = session.queue[1]
  local record = session.server:record_delivery(session, update)
  local status, reason, text = post(hook, target, json.encode(update))
  record.answered = status and "all" or "none"
  session.server.call_log:set_status(record, status)
  if not status then return record_failure(session, hook, reason) end
  if not (200 <= status and status <= 299) then
    return record_failure(session, hook, "Wrong response from the webhook: " .. status .. " " .. reason)
  end
  hook.retry = nil
  if session.queue[1] == update then table.remove(session.queue, 1) end
  run_reply(session, text)
end

local function run(session, hook, target)
  while session.webhook == hook do
    if hook.retry then session.clock:sleep(hook.retry, hook.stopped) end
    if session.webhook ~= hook then return end
    if session.queue[1] then
      deliver(session, hook, target)
    else
      session.arrived:wait()
    end
  end
end

--- Sets a webhook, and starts the delivery to it if it is on this machine.
function webhook.start(session, hook)
  local target = parse(hook.url)
  hook.max_connections = hook.max_connections or 40
  hook.has_certificate = hook.has_certificate or false
  hook.stopped = condition.new()
  webhook.stop(session)
  session.webhook = hook
  if target and is_loopback(target.host) then
    session.server.spawn(function() run(session, hook, target) end)
  end
end

--- Removes the webhook.
function webhook.stop(session)
  local hook = session.webhook
  session.webhook = nil
  session.arrived:signal()
  if hook then hook.stopped:signal() end
end

return webhook
