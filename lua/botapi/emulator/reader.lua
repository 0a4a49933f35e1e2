-- SPDX-License-Identifier: MIT
-- Owns the requests of one connection: reads each with its arguments, and knows when the client has left.

local errno = require "cqueues.errno"
local body = require "botapi.emulator.body"
local head = require "botapi.emulator.head"
local stream = require "botapi.emulator.stream"

local reader = {}
reader.__index = reader

local MAX_HEAD = 256 * 1024
local MAX_BUFFER = 1100 * 1024   -- what the real server reads at once: a longer head is read when it is there at once
local SOON = 0.1                 -- seconds; "at once"
local MAX_BODY = 64 * 1024 * 1024   -- of a request to the control API
local READ_SIZE = 65536
local MAX_DRAINED = 1024

--- The bytes of a cqueues socket in mode "bn" as a stream. `wait()` may limit the seconds of a read; then it is "late".
function reader.bytes_of(socket, wait)
  return stream.new(function()
    local bytes, why = socket:xread(-READ_SIZE, nil, wait and wait())
    if bytes and bytes ~= "" then return bytes end
    if why ~= errno.ETIMEDOUT then return nil, "ended" end
    socket:clearerr "r"
    return nil, "late"
  end)
end

--- A reader of the requests of a socket.
function reader.new(socket)
  local self = setmetatable({socket = socket, wait = nil}, reader)
  self.bytes = reader.bytes_of(socket, function() return self.wait end)
  return self
end

local function read_head(self)
  local parts, size = {}, 0
  local ok, why = self.bytes:pass_until("\r\n\r\n", function(bytes)
    parts[#parts + 1], size = bytes, size + #bytes
    if size > MAX_HEAD then self.wait = SOON end
    return size > MAX_BUFFER and 431 or nil
  end)
  self.wait = nil
  if not ok then return nil, why == "late" and 431 or why end
  return table.concat(parts) .. "\r\n"
end

--- Reads the body of a request as the text `body`.
function reader.read_text(request, opened)
  local text, why = "", nil
  if opened then text, why = opened:text(MAX_BODY, 413) end
  request.body = text
  return text, why
end

--- Reads the next request: verb, target, headers (names in lower case), and what the handler's `read` makes of its
-- body: without one it is the text `body`.
-- The handler may have `allows(verb, target)`, for more verbs than GET and POST; `head(socket, request)`, called before
-- the body is read, which returns false when it has ended the connection; and `read(request, body)`, which gets the
-- body as a stream, or false, and returns true, or nil and the status that the request gets.
-- Without a request it returns nil, and the status that a malformed one gets or "ended".
function reader:request(handler)
  local text, request, opened, ok, why
  text, why = read_head(self)
  if not text then return nil, why end
  request, why = head.parse(text, handler.allows)
  if not request then return nil, why end
  if handler.head and not handler.head(self.socket, request) then return nil, "ended" end
  opened, why = body.open(self.bytes, request)
  if opened == nil then return nil, why end
  ok, why = (handler.read or reader.read_text)(request, opened)
  if not ok then return nil, why end
  return request
end

--- Has the client ended the connection, or its side of it? Then the real server drops it, whatever it was to answer.
function reader:has_left()
  local bytes, why = self.socket:recv(-READ_SIZE)
  if bytes then self.bytes:add(bytes) end
  return not bytes and why ~= errno.EAGAIN
end

--- Discards what the client still sends, for a second at most; otherwise closing would be a reset.
function reader:drain()
  self.wait = 1
  for _ = 1, MAX_DRAINED do
    if not self.bytes:some(math.huge) then return end
  end
end

return reader
