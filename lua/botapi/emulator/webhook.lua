-- SPDX-License-Identifier: MIT
-- Owns webhooks: which are taken, and the delivery of updates to those on this machine.

local responses = require "botapi.emulator.responses"
local json = require "botapi.emulator.json"
local http = require "botapi.emulator.http"
local protect = require "botapi.emulator.protect"
local socket = require "cqueues.socket"

local webhook = {}

local REQUEST_TIMEOUT = 30
local FIRST_RETRY, LAST_RETRY = 1, 60

local function parse(url)
  local scheme, authority, path = url:match "^(%a+)://([^/?#]+)([^#]*)$"
  if not scheme then return nil end
  local host, port = authority:match "^(.-):(%d+)$"
  host = (host or authority):gsub("^%[(.*)%]$", "%1")
  if not path:find "^/" then path = "/" .. path end
  scheme = scheme:lower()
  return {scheme = scheme, host = host, port = tonumber(port) or (scheme == "https" and 443 or 80),
    authority = authority, path = path}
end

local function is_loopback(host)
  return host == "localhost" or host:find "^127%.%d+%.%d+%.%d+$" ~= nil or host == "::1"
end

--- May this webhook be set?
-- @treturn table|nil the answer that refuses it
function webhook.check(session, settings)
  local target = parse(settings.url)
  if not target or not (target.scheme == "http" or target.scheme == "https") then
    return responses.known "bad_url"
  end
  if target.scheme == "http" and session.server.as ~= "local" and not is_loopback(target.host) then
    return responses.known "https_wanted"
  end
  local secret = settings.secret_token
  if secret ~= nil and not tostring(secret):find "^[%w_-]*$" then return responses.known "bad_secret" end
end

--- Is it the webhook that is already set?
function webhook.is_same(session, settings)
  local old = session.webhook
  if not old then return false end
  for _, name in ipairs {"url", "max_connections", "ip_address", "secret_token", "has_certificate"} do
    if old[name] ~= settings[name] then return false end
  end
  return not settings.has_certificate
end

-- Delivery --------------------------------------------------------------------------------------

local function read_answer(connection, hook)
  local reader = http.reader(connection)
  local head = reader:take_until("\r\n\r\n", 65536)
  local status, reason = (head or ""):match "^HTTP/%d%.%d (%d%d%d) ?([^\r\n]*)"
  if not status then return nil, "Read error: Connection closed" end
  local length = tonumber(head:lower():match "\ncontent%-length: *(%d+)")
  local body = length and length <= 1048576 and reader:take(length) or nil
  if not length then
    while reader:fill() and #reader.buffer < 1048576 do hook.is_reading = true end
    body = reader.buffer
  end
  return tonumber(status), reason, body
end

local function exchange(connection, hook, target, body)
  connection:setmode("bn", "bn")
  connection:onerror(function(_, _, why) return why end)
  connection:settimeout(REQUEST_TIMEOUT)
  if not connection:connect() then return nil, "Connection refused" end
  if target.scheme == "https" and not connection:starttls() then return nil, "SSL error" end
  local lines = {"POST " .. target.path .. " HTTP/1.1", "Host: " .. target.authority,
    "Content-Type: application/json", "Content-Length: " .. #body, "Connection: close"}
  if hook.secret_token then
    lines[#lines + 1] = "X-Telegram-Bot-Api-Secret-Token: " .. hook.secret_token
  end
  connection:xwrite(table.concat(lines, "\r\n") .. "\r\n\r\n" .. body)
  return read_answer(connection, hook)
end

local function post(hook, target, body)
  local host = target.host == "localhost" and "127.0.0.1" or target.host
  local connection, why = socket.connect {host = host, port = target.port}
  if not connection then return nil, tostring(why) end
  local ok, status, reason, text = protect(exchange, connection, hook, target, body)
  connection:close()
  if not ok then return nil, "Connection failed" end
  return status, reason, text
end

-- A webhook's answer may be a call of a method, as JSON.
local function run_reply(session, text)
  local params = text and json.decode(text)
  if type(params) ~= "table" or type(params.method) ~= "string" then return end
  session.server:run_reply(session, params)
end

local function note_failure(session, hook, message)
  hook.last_error_date = math.floor(session.clock:now())
  hook.last_error_message = message
  hook.retry = math.min((hook.retry or FIRST_RETRY / 2) * 2, LAST_RETRY)
end

local function deliver(session, hook, target)
  local update = session.queue[1]
  local record = session.server:record_webhook(session, update)
  local status, reason, text = post(hook, target, json.encode(update))
  record.answered = status and "all" or "none"
  session.server.call_log:set_status(record, status)
  if not status then return note_failure(session, hook, reason) end
  if not (200 <= status and status <= 299) then
    return note_failure(session, hook, "Wrong response from the webhook: " .. status .. " " .. reason)
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

--- Sets a webhook and starts its delivery, if it is on this machine.
function webhook.start(session, hook)
  local target = parse(hook.url)
  hook.max_connections = hook.max_connections or 40
  hook.has_certificate = hook.has_certificate or false
  hook.stopped = require "cqueues.condition".new()
  webhook.stop(session)
  session.webhook = hook
  if target and is_loopback(target.host) then
    session.server.spawn(function() run(session, hook, target) end)
  end
end

--- Takes the webhook away.
function webhook.stop(session)
  local hook = session.webhook
  session.webhook = nil
  session.arrived:signal()
  if hook and hook.stopped then hook.stopped:signal() end
end

return webhook
