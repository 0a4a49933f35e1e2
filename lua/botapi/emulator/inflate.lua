-- SPDX-License-Identifier: MIT
-- Owns the unpacking of gzip and zlib data, by arithmetic, since Lua 5.1 has no operators for bits.

local MAX_BITS = 15
local ORDER = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

local function fail()
  error("malformed", 0)
end

local function byte(self)
  local c = self.text:byte(self.at)
  if not c then fail() end
  self.at = self.at + 1
  return c
end

-- The next n bits as a number, the lowest first.
local function bits(self, n)
  while self.count < n do
    self.held = self.held + byte(self) * 2 ^ self.count
    self.count = self.count + 8
  end
  local value = self.held % 2 ^ n
  self.held = (self.held - value) / 2 ^ n
  self.count = self.count - n
  return value
end

-- A code of Huffman's from the lengths of symbols first to last: how many have each length, and the symbols in order.
local function new_code(lengths, first, last)
  local code, at, left = {symbols = {}}, {}, 1
  for length = 1, MAX_BITS do code[length] = 0 end
  for symbol = first, last do
    local length = lengths[symbol]
    if length > 0 then code[length] = code[length] + 1 end
  end
  at[1] = 1
  for length = 1, MAX_BITS do
    left = left * 2 - code[length]
    if left < 0 then fail() end
    at[length + 1] = at[length] + code[length]
  end
  for symbol = first, last do
    local length = lengths[symbol]
    if length > 0 then
      code.symbols[at[length]] = symbol - first
      at[length] = at[length] + 1
    end
  end
  return code
end

local function symbol_of(self, code)
  local value, first, index = 0, 0, 1
  for length = 1, MAX_BITS do
    value = value + bits(self, 1)
    local count = code[length]
    if value - first < count then return code.symbols[index + value - first] end
    index, first, value = index + count, (first + count) * 2, value * 2
  end
  fail()
end

-- The smallest value and the number of extra bits of each symbol for a length, and of each for a distance.
local function ranges(first, steps, size)
  local list, value = {}, first
  for i = 0, size do
    local extra = math.max(math.floor(i / steps) - 1, 0)
    list[i] = {value, extra}
    value = value + 2 ^ extra
  end
  return list
end

local LENGTHS, DISTANCES = ranges(3, 4, 27), ranges(1, 2, 29)
LENGTHS[28] = {258, 0}

local function number_of(self, list, symbol)
  local range = list[symbol] or fail()
  return range[1] + bits(self, range[2])
end

local function put(self, c)
  self.size = self.size + 1
  if self.size > self.limit then error("long", 0) end
  self.out[self.size] = c
end

local function copy(self, length, distance)
  if distance > self.size then fail() end
  for _ = 1, length do put(self, self.out[self.size + 1 - distance]) end
end

local function read_block(self, literals, distances)
  while true do
    local symbol = symbol_of(self, literals)
    if symbol == 256 then return end
    if symbol < 256 then
      put(self, symbol)
    else
      local length = number_of(self, LENGTHS, symbol - 257)
      copy(self, length, number_of(self, DISTANCES, symbol_of(self, distances)))
    end
  end
end

local function read_stored(self)
  self.held, self.count = 0, 0
  local low, high = byte(self), byte(self)
  if byte(self) ~= 255 - low or byte(self) ~= 255 - high then fail() end
  for _ = 1, low + 256 * high do put(self, byte(self)) end
end

local function fixed_codes()
  local lengths = {}
  for symbol = 0, 287 do lengths[symbol] = symbol < 144 and 8 or symbol < 256 and 9 or symbol < 280 and 7 or 8 end
  for symbol = 288, 317 do lengths[symbol] = 5 end
  return new_code(lengths, 0, 287), new_code(lengths, 288, 317)
end

local function read_codes(self)
  local literals, distances, lengths = 257 + bits(self, 5), 1 + bits(self, 5), {}
  local count = 4 + bits(self, 4)
  for i, symbol in ipairs(ORDER) do lengths[symbol] = i <= count and bits(self, 3) or 0 end
  local code, i = new_code(lengths, 0, 18), 0
  lengths = {}
  while i < literals + distances do
    local symbol, value, times = symbol_of(self, code), 0, 1
    if symbol < 16 then value = symbol
    elseif symbol == 16 then value, times = lengths[i - 1] or fail(), 3 + bits(self, 2)
    elseif symbol == 17 then times = 3 + bits(self, 3)
    else times = 11 + bits(self, 7) end
    for _ = 1, times do lengths[i], i = value, i + 1 end
  end
  if i > literals + distances then fail() end
  return new_code(lengths, 0, literals - 1), new_code(lengths, literals, i - 1)
end

local function read_blocks(self)
  repeat
    local is_last, kind = bits(self, 1) == 1, bits(self, 2)
    if kind == 0 then read_stored(self)
    elseif kind == 1 then read_block(self, fixed_codes())
    elseif kind == 2 then read_block(self, read_codes(self))
    else fail() end
  until is_last
end

local function skip(self, n)
  self.at = self.at + n
  if self.at > #self.text + 1 then fail() end
end

local function skip_text(self)
  self.at = (self.text:find("\0", self.at, true) or fail()) + 1
end

local function has(flags, bit)
  return flags % (2 * bit) >= bit
end

-- Skips the head of gzip or zlib; returns the size of what follows the data.
local function skip_head(self)
  local first, second = byte(self), byte(self)
  if first ~= 31 or second ~= 139 then
    if first % 16 ~= 8 or first >= 128 or (first * 256 + second) % 31 ~= 0 or has(second, 32) then fail() end
    return 4
  end
  local method, flags = byte(self), byte(self)
  if method ~= 8 or flags >= 32 then fail() end
  skip(self, 6)
  if has(flags, 4) then skip(self, byte(self) + 256 * byte(self)) end
  if has(flags, 8) then skip_text(self) end
  if has(flags, 16) then skip_text(self) end
  if has(flags, 2) then skip(self, 2) end
  return 8
end

local function text_of(bytes)
  local parts, unpack = {}, table.unpack or unpack   -- luacheck: ignore
  for from = 1, #bytes, 4096 do
    parts[#parts + 1] = string.char(unpack(bytes, from, math.min(from + 4095, #bytes)))
  end
  return table.concat(parts)
end

--- Unpacks gzip or zlib data. Returns the text; nil and "long" beyond the limit, nil and "malformed" for anything else.
-- Its checksum isn't compared.
return function(text, limit)
  local self = {text = text, at = 1, held = 0, count = 0, out = {}, size = 0, limit = limit}
  local ok, why = pcall(function()
    local rest = skip_head(self)
    read_blocks(self)
    skip(self, rest)
  end)
  if not ok and why ~= "long" and why ~= "malformed" then error(why, 0) end
  return ok and text_of(self.out) or nil, why
end
