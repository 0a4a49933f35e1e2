-- SPDX-License-Identifier: MIT
-- Owns bytes that come piece by piece: so many of them, those before a mark, or all of them.

local stream = {}
stream.__index = stream

--- A stream of what `read` returns: bytes; nil at the end; or nil and why there are no more: "ended" when the
-- connection has, "late", or the status that a malformed request gets. The functions below return nil and the same.
function stream.new(read)
  return setmetatable({read = read, buffer = "", at = 1}, stream)
end

--- Adds bytes that were read elsewhere.
function stream:add(bytes)
  self.buffer, self.at = self.buffer:sub(self.at) .. bytes, 1
end

--- Waits for more bytes. Returns true when there are some.
function stream:fill()
  local bytes, why = self.read()
  if not bytes then return nil, why end
  self:add(bytes)
  return true
end

local function shift(self, n)
  local bytes = self.buffer:sub(self.at, self.at + n - 1)
  self.at = self.at + n
  return bytes
end

--- Takes what is there, at least one byte and at most so many.
function stream:some(most)
  local left = #self.buffer - self.at + 1
  if left == 0 then
    local ok, why = self:fill()
    if not ok then return nil, why end
    left = #self.buffer
  end
  return shift(self, math.min(left, most))
end

--- The next n bytes, which stay.
function stream:peek(n)
  while #self.buffer - self.at + 1 < n do
    local ok, why = self:fill()
    if not ok then return nil, why end
  end
  return self.buffer:sub(self.at, self.at + n - 1)
end

--- Takes n bytes.
function stream:take(n)
  local parts = {}
  while n > 0 do
    local bytes, why = self:some(n)
    if not bytes then return nil, why end
    parts[#parts + 1], n = bytes, n - #bytes
  end
  return table.concat(parts)
end

--- Calls `pass` with each piece before a mark, and takes the mark. What `pass` returns is a status and ends it.
function stream:pass_until(mark, pass)
  while true do
    local from, to = self.buffer:find(mark, self.at, true)
    -- without a mark, its beginning may be at the end of the buffer
    local n = (from or #self.buffer - #mark + 2) - self.at
    local status = n > 0 and pass(shift(self, n))
    if status then return nil, status end
    if from then
      self.at = to + 1
      return true
    end
    local ok, why = self:fill()
    if not ok then return nil, why end
  end
end

--- Calls `pass` with each piece up to the end, likewise.
function stream:pass_all(pass)
  while true do
    local bytes, why = self:some(math.huge)
    if not bytes then return not why or nil, why end
    local status = pass(bytes)
    if status then return nil, status end
  end
end

-- A function that keeps pieces, up to a limit; and one that returns them as one text.
local function keeper(limit, status)
  local parts, size = {}, 0
  return function(bytes)
    parts[#parts + 1], size = bytes, size + #bytes
    return size > limit and status or nil
  end, function() return table.concat(parts) end
end

--- The text before a mark; beyond the limit nil and the status.
function stream:text_until(mark, limit, status)
  local keep, text = keeper(limit, status)
  local ok, why = self:pass_until(mark, keep)
  return ok and text(), why
end

--- All that comes, as a text, likewise.
function stream:text(limit, status)
  local keep, text = keeper(limit, status)
  local ok, why = self:pass_all(keep)
  return ok and text(), why
end

return stream
