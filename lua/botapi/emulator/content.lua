-- SPDX-License-Identifier: MIT
-- Owns the answers whose body is a file: the part that a range asks for, and its bytes, which are never in memory as a
-- whole.

local http = require "botapi.emulator.http"

local content = {}

local PIECE = 65536
local TYPE = "application/octet-stream"

-- First and last byte of a range, as nginx reads one: "bytes=5-", "bytes=5-9", "bytes=-5". False: the file has none of
-- it; nil: it says nothing, or more than one.
local function read_range(text, size)
  local first, last = (text or ""):match "^%s*bytes%s*=%s*(%d*)%s*%-%s*(%d*)%s*$"
  if not first or first == "" and last == "" then return nil end
  if first == "" then first, last = math.max(size - tonumber(last), 0), size - 1 end
  first, last = tonumber(first), math.min(tonumber(last) or size - 1, size - 1)
  if first >= size or first > last then return false end
  return first, last
end

--- A response to a request for a file that is open.
-- @param handle of the file, which belongs to the response
-- @param range the request's header of that name, or nil
function content.response(handle, size, range)
  local first, last = read_range(range, size)
  if first == false then
    handle:close()
    return {ok = false, is_content = true, status = 416, headers = {{"Content-Range", "bytes */" .. size}}, length = 0}
  end
  local headers = {{"Connection", "keep-alive"}, {"Content-Type", TYPE}, {"Accept-Ranges", "bytes"}}
  if first then
    headers[#headers + 1] = {"Content-Range", string.format("bytes %.0f-%.0f/%.0f", first, last, size)}
  end
  return {ok = true, is_content = true, status = first and 206 or 200, headers = headers, handle = handle,
    first = first or 0, length = first and last - first + 1 or size}
end

--- How long a response is: a text, or one of a file.
function content.length(response)
  if type(response) == "string" then return #response end
  return #http.head(response.status, response.headers, response.length) + response.length
end

-- The file's bytes, piece by piece.
local function file_pieces(response)
  local left = response.length
  if left > 0 then response.handle:seek("set", response.first) end
  return function()
    local bytes = left > 0 and response.handle:read(math.min(left, PIECE))
    if not bytes then return nil end
    left = left - #bytes
    return bytes
  end
end

local function all_pieces(response)
  if type(response) == "string" then return function() end, response end
  return file_pieces(response), http.head(response.status, response.headers, response.length)
end

--- The first `most` bytes of a response, piece by piece.
function content.pieces(response, most)
  local next_piece, piece = all_pieces(response)
  return function()
    local bytes = piece or next_piece()
    piece = nil
    if not bytes or most <= 0 then return nil end
    bytes = bytes:sub(1, most)
    most = most - #bytes
    return bytes
  end
end

--- Closes its file.
function content.close(response)
  if type(response) == "table" and response.handle then
    response.handle:close()
    response.handle = nil
  end
end

return content
