-- SPDX-License-Identifier: MIT
-- Owns how a response is sent: whole, in part, slowly or not at all, and how the connection ends.

local cqueues = require "cqueues"
local connection = require "botapi.emulator.connection"
local content = require "botapi.emulator.content"
local responses = require "botapi.emulator.responses"

local response_writer = {PENDING_LIMIT = 500}   -- seconds; then a request without a byte of a response is dropped

--- The bytes of a response, changed as a fault says, and the status. Without a response it is 404.
function response_writer.bytes(response, fault)
  if fault.raw then return fault.raw, nil end
  if fault.status or fault.body or fault.type or fault.headers then
    return responses.raw(fault.status or 200, fault.type or "text/html", fault.body or "", fault.headers)
  end
  if fault.error_code then
    return responses.encode(responses.error(fault.error_code, fault.description, fault.parameters))
  end
  if fault.result ~= nil and response and (response.ok or response.error_code == 404) then
    return responses.encode(responses.success(fault.result))
  end
  return responses.encode(response or responses.named_error "not_found")
end

-- Waits until the client leaves, or until the server drops the request.
local function hang(client, clock)
  local timer = clock:after(response_writer.PENDING_LIMIT, function() client:shutdown "rw" end)
  repeat
    local bytes = client:xread(-4096)
  until not bytes or bytes == ""
  timer.cancelled = true
end

-- Each returns how many bytes of a text were sent.

local function write_slowly(client, bytes, rate, clock)
  local step = math.max(1, math.floor(rate / 100))
  for from = 1, #bytes, step do
    if from > 1 then clock:sleep(step / rate) end
    if not client:xwrite(bytes:sub(from, from + step - 1)) then return from - 1 end
  end
  return #bytes
end

local function write(client, bytes, rate, clock)
  if rate then return write_slowly(client, bytes, rate, clock) end
  return (bytes == "" or client:xwrite(bytes)) and #bytes or 0
end

-- How many of the first `most` bytes of a response were sent.
local function write_pieces(client, response, most, how)
  local sent = 0
  for bytes in content.pieces(response, most) do
    if how.rate and sent > 0 then how.clock:sleep(1 / 100) end
    local n = write(client, bytes, how.rate, how.clock)
    sent = sent + n
    if n < #bytes then break end
  end
  content.close(response)
  return sent
end

--- Ends a connection as a fault says. Returns whether it is kept.
function response_writer.finish(client, fault, clock)
  local how = fault["end"] or "keep"
  if how == "keep" then return true end
  if how == "hang" then hang(client, clock) end
  if how == "reset" then connection.reset_on_close(client) end
  if how == "close" then
    client:shutdown "w"
    cqueues.sleep(0)
  end
  client:close()
  return false
end

--- Sends the bytes of a response, or the part that a fault leaves, and fills in the call's `answered`.
-- Returns whether the connection is kept.
function response_writer.send(client, bytes, fault, call, clock)
  local size = content.length(bytes)
  local part = math.min(size, fault.bytes == "half" and math.floor(size / 2) or fault.bytes or size)
  call.answered = part == size and "all" or part > 0 and part or "none"
  local sent = write_pieces(client, bytes, part, {rate = fault.rate, clock = clock})
  if sent < part then
    call.answered = sent > 0 and sent or "none"
    client:close()
    return false
  end
  return response_writer.finish(client, fault, clock)
end

return response_writer
