-- SPDX-License-Identifier: MIT
-- Owns how an answer leaves: whole, in part, slowly, late, or not at all, and how the connection ends.

local responses = require "botapi.emulator.responses"
local cqueues = require "cqueues"
local reset = require "botapi.emulator.reset"

local response_writer = {}

local PENDING_LIMIT = 500   -- a request without any byte of an answer is dropped after as many seconds

--- The bytes of an answer that a fault changes.
-- @tparam table|nil answer what the method returned
-- @tparam table fault
-- @treturn string bytes
-- @treturn number|nil status
function response_writer.bytes(answer, fault)
  if fault.raw then return fault.raw, nil end
  if fault.status or fault.body or fault.type or fault.headers then
    return responses.raw(fault.status or 200, fault.type or "text/html", fault.body or "", fault.headers)
  end
  if fault.error_code then
    return responses.serialise(responses.failure(fault.error_code, fault.description, fault.parameters))
  end
  if fault.result ~= nil and answer and (answer.ok or answer.error_code == 404) then
    return responses.serialise(responses.success(fault.result))
  end
  return responses.serialise(answer or responses.known "not_found")
end

-- Waits until the client leaves; the server drops what it left pending for too long.
local function hang(connection, clock)
  local timer = clock:after(PENDING_LIMIT, function() connection:shutdown "rw" end)
  repeat
    local bytes = connection:xread(-4096)
  until not bytes or bytes == ""
  timer.cancelled = true
end

local function write_slowly(connection, bytes, rate, clock)
  local step = math.max(1, math.floor(rate / 100))
  for from = 1, #bytes, step do
    if from > 1 then clock:sleep(step / rate) end
    if not connection:xwrite(bytes:sub(from, from + step - 1)) then return from - 1 end
  end
  return #bytes
end

local function write(connection, bytes, fault, clock)
  if #bytes == 0 then return 0 end
  if fault.rate then return write_slowly(connection, bytes, fault.rate, clock) end
  return connection:xwrite(bytes) and #bytes or 0
end

local function part_of(bytes, fault)
  local n = fault.bytes
  if n == "half" then n = math.floor(#bytes / 2) end
  return n and bytes:sub(1, n) or bytes
end

--- Ends a connection as a fault says.
-- @treturn boolean does it go on?
function response_writer.finish(connection, fault, clock)
  local how = fault["end"] or "keep"
  if how == "keep" then return true end
  if how == "reset" then
    reset(connection)
  elseif how == "hang" then
    hang(connection, clock)
    connection:close()
  else
    connection:shutdown "w"
    cqueues.sleep(0)
    connection:close()
  end
  return false
end

--- Sends an answer, or what a fault leaves of it.
-- @param connection a cqueues socket
-- @tparam string bytes the whole answer
-- @tparam table fault
-- @tparam table call its `answered` is filled in
-- @tparam clock clock
-- @treturn boolean does the connection go on?
function response_writer.send(connection, bytes, fault, call, clock)
  local part = part_of(bytes, fault)
  call.answered = #part == #bytes and "all" or #part > 0 and #part or "none"
  local sent = write(connection, part, fault, clock)
  if sent < #part then
    call.answered = sent > 0 and sent or "none"
    connection:close()
    return false
  end
  return response_writer.finish(connection, fault, clock)
end

return response_writer
