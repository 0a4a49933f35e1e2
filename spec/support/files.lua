-- SPDX-License-Identifier: MIT
-- The bytes of the files that the fault server has: each byte tells its place, and nothing is held that needn't be.

local files = {}

local PERIOD, PART = 251, 251 * 256
local block = {}
for i = 0, PERIOD - 1 do block[i + 1] = string.char(i) end
block = table.concat(block)
local blocks = block:rep(PART / PERIOD + 1)

--- The bytes from `first` (the first of all is 0) to before `stop`, where that is at most 64 KiB.
local function part(first, stop)
  local at = first % PERIOD
  return blocks:sub(at + 1, at + stop - first)
end

--- An iterator of strings: the bytes from `first` to before `stop`.
function files.parts(first, stop)
  return function()
    if first >= stop then return nil end
    local next_first = math.min(stop, first + PART)
    local bytes = part(first, next_first)
    first = next_first
    return bytes
  end
end

--- A judge of bytes that come in parts: `judge(bytes)` → whether they are those behind the ones before.
function files.judge(first)
  local at = first or 0
  return function(bytes)
    local begin = at
    at = at + #bytes
    for expected in files.parts(begin, at) do
      if bytes:sub(1, #expected) ~= expected then return false end
      bytes = bytes:sub(#expected + 1)
    end
    return true
  end
end

--- Is it the first `size` bytes of any file?
function files.is(bytes, size) return #bytes == size and files.judge()(bytes) end

return files
