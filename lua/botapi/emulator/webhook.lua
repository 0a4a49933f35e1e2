-- SPDX-License-Identifier: MIT
-- Owns webhooks: which ones are accepted, and the delivery of updates to those on this machine.

local condition = require "cqueues.condition"
local socket = require "cqueues.socket"
local arguments = require "botapi.emulator.arguments"
local connection = require "botapi.emulator.connection"
local bytes_of = require "botapi.emulator.reader".bytes_of
local json = require "botapi.emulator.json"
local webhook_url = require "botapi.emulator.webhook_url"

local webhook = {}

local REQUEST_TIMEOUT = 30
local FIRST_RETRY, LAST_RETRY = 1, 60
local MAX_BODY = 1024 * 1024

local function is_loopback(ip)
  return ip:find "^127%." ~= nil or ip == "::1"
end

local function read_response(client)
  local bytes = bytes_of(client)
  local head = bytes:text_until("\r\n\r\n", 65536, 400)
  local status, reason = (head or ""):match "^HTTP/%d%.%d (%d%d%d) ?([^\r\n]*)"
  if not status then return nil, "Read error: Connection closed" end
  local length = tonumber(head:lower():match "\ncontent%-length: *(%d+)")
  if length then return tonumber(status), reason, length <= MAX_BODY and bytes:take(length) or nil end
  local parts, size = {}, 0
  bytes:pass_all(function(part)
    parts[#parts + 1], size = part, size + #part
    return size >= MAX_BODY and 413 or nil
  end)
  return tonumber(status), reason, table.concat(parts)
end

local function exchange(client, hook, target, body)
  connection.prepare(client)
  client:settimeout(REQUEST_TIMEOUT)
  if not client:connect() then return nil, "Connection refused" end
  if target.scheme == "https" and not client:starttls() then return nil, "SSL error" end
  local lines = {"POST " .. target.path .. " HTTP/1.1", "Host: " .. target.authority,
    "Content-Type: application/json", "Content-Length: " .. #body, "Connection: close"}
  if hook.secret_token ~= "" then lines[#lines + 1] = "X-Telegram-Bot-Api-Secret-Token: " .. hook.secret_token end
  client:xwrite(table.concat(lines, "\r\n") .. "\r\n\r\n" .. body)
  return read_response(client)
end

local function post(hook, target, body)
  local client, why = socket.connect {host = hook.ip_address, port = target.port}
  if not client then return nil, tostring(why) end
  local ok, status, reason, text = connection.pcall(exchange, client, hook, target, body)
  client:close()
  if not ok then return nil, "Connection failed" end
  return status, reason, text
end

local NO_REPLY = {setwebhook = true, deletewebhook = true, logout = true, close = true}

-- A webhook may answer with a method to call, as JSON; but not with one that asks, or ends what runs.
local function run_reply(session, text)
  local reply = arguments.new()
  reply:add_json(text or "")
  local name = (reply.values.method or ""):lower()
  if name ~= "" and not NO_REPLY[name] and not name:find "^get" then session.server:run_reply(session, reply) end
end

local function record_failure(session, hook, message)
  hook.last_error_date = math.floor(session.clock:now())
  hook.last_error_message = message
  hook.retry = math.min((hook.retry or FIRST_RETRY / 2) * 2, LAST_RETRY)
end

local function deliver(session, hook, target)
  local update = session.queue.list[1]
  local record = session.server:record_delivery(session, update)
  local status, reason, text = post(hook, target, json.encode(update))
  record.answered = status and "all" or "none"
  session.server.call_log:set_status(record, status)
  if not status then return record_failure(session, hook, reason) end
  if not (200 <= status and status <= 299) then
    return record_failure(session, hook, "Wrong response from the webhook: " .. status .. " " .. reason)
  end
  hook.retry = nil
  session.queue:remove(update)
  run_reply(session, text)
end

local function run(session, hook, target)
  while session.webhook == hook do
    if hook.retry then session.clock:sleep(hook.retry, hook.stopped) end
    if session.webhook ~= hook then return end
    if session.queue.list[1] then
      deliver(session, hook, target)
    else
      session.arrived:wait()
    end
  end
end

--- Starts the delivery to a webhook that was accepted, if it is on this machine, and saves it. `saved` has url,
-- max_connections, ip_address, is_fixed (the address was given), secret_token and has_certificate. What comes to it
-- while it runs is in a copy: last_error_date, last_error_message and the pause before the next attempt, `retry`.
function webhook.start(session, saved)
  webhook.stop(session)
  local hook = {stopped = condition.new(), retry = nil, last_error_date = nil, last_error_message = nil}
  for name, value in pairs(saved) do hook[name] = value end
  session.webhook, session.saved_webhook = hook, saved
  local target = webhook_url.parse(hook.url)
  if target and is_loopback(hook.ip_address) then
    session.server.spawn(function() run(session, hook, target) end)
  end
end

--- Ends the delivery. The server still has the webhook, for the bot's next instance.
function webhook.stop(session)
  local hook = session.webhook
  session.webhook = nil
  session.arrived:signal()
  if hook then hook.stopped:signal() end
end

--- Removes the webhook.
function webhook.remove(session)
  if session.webhook then session.saved_webhook = nil end
  webhook.stop(session)
end

return webhook
