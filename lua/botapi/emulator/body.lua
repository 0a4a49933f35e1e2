-- SPDX-License-Identifier: MIT
-- Owns the body of a request as a stream: of a length, in chunks, or compressed.

local inflate = require "botapi.emulator.inflate"
local stream = require "botapi.emulator.stream"

local body = {}

local MAX_LENGTH = 2 ^ 32 - 1
local MAX_CHUNK_LINE = 8
local MAX_INFLATED = 8 * 1024 * 1024   -- bytes, which take sixteen times the memory; the real server has no such limit

-- The next bytes of a connection, of which so many belong to the body.
local function of_length(connection, left)
  return function()
    if left == 0 then return nil end
    local bytes, why = connection:some(left)
    left = left - #(bytes or "")
    return bytes, why
  end
end

-- The real server reads the digits that a line begins with, and skips two bytes after each chunk, whatever they are.
local function in_chunks(connection)
  local left, is_last = 0, false
  return function()
    if is_last then return nil end
    if left == 0 then
      local line, why = connection:text_until("\r\n", MAX_CHUNK_LINE, 400)
      if not line then return nil, why end
      left = tonumber(line:match "^%x+" or "0", 16)
      is_last = left == 0
    end
    local bytes, why = connection[is_last and "take" or "some"](connection, left)
    if not bytes then return nil, why end
    left = left - #bytes
    local ok = left > 0 or connection:take(2)
    if not ok then return nil, "ended" end
    return not is_last and bytes or nil
  end
end

local function inflated(packed)
  local is_read = false
  return function()
    if is_read then return nil end
    is_read = true
    local text, why = packed:text(MAX_LENGTH, 413)
    if not text then return nil, why end
    text = inflate(text, MAX_INFLATED)
    if not text then return nil, 400 end
    return text ~= "" and text or nil
  end
end

--- The body of a request whose head was read, as a stream; false when it has none; nil and the status of one that is
-- refused unread.
function body.open(connection, head)
  local transfer, encoding = head.transfer, head.encoding
  if transfer == "" and head.length == 0 then return false end
  if transfer ~= "" and transfer ~= "chunked" then return nil, 501 end
  local is_packed = encoding == "gzip" or encoding == "deflate"
  if not is_packed and encoding ~= "" and encoding ~= "none" then return nil, 415 end
  if head.length >= MAX_LENGTH then return nil, 413 end
  local opened = stream.new(transfer == "" and of_length(connection, head.length) or in_chunks(connection))
  return is_packed and stream.new(inflated(opened)) or opened
end

return body
