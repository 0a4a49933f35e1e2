-- SPDX-License-Identifier: MIT
-- Owns the JSON that the emulator reads and writes: members keep their order, integers are exact, output is ASCII.

local writer = require "botapi.json"

local json = setmetatable({}, {__index = writer})

local MAX_DEPTH = 100   -- as in the real server

-- May this name of a member be a token? Ours are shorter and have no colon after a digit.
local function may_be_token(name)
  return #name >= 24 or name:find "%d:" or name:find "%%3[aA]"
end

--- Encodes a value as compact JSON. `change` gets each string that is a value, or a name that may be a token; what it
-- returns is written.
function json.encode(value, change)
  return writer.encode(value, {ascii = true, clean = change and function(text, is_name)
    return is_name and not may_be_token(text) and text or change(text)
  end})
end

local decode_value

local function fail(position, what)
  error("at byte " .. position .. ": " .. what, 0)
end

local ESCAPES = {b = "\b", f = "\f", n = "\n", r = "\r", t = "\t"}
local BYTES = {{0x80, 0}, {0x800, 0xC0}, {0x10000, 0xE0}, {0x110000, 0xF0}}

-- A code point as UTF-8, half a surrogate pair too.
local function utf8_of(code)
  local row, rest = 1, ""
  while code >= BYTES[row][1] do row = row + 1 end
  for _ = 2, row do
    rest = string.char(0x80 + code % 64) .. rest
    code = math.floor(code / 64)
  end
  return string.char(BYTES[row][2] + code) .. rest
end

local function is_surrogate(code)
  return code ~= nil and 0xD800 <= code and code < 0xE000
end

local function code_at(text, at)
  local digits = text:match("^%x%x%x%x", at)
  return digits and tonumber(digits, 16)
end

-- The character of the escape whose digits begin at `at`.
local function unicode(text, at)
  local code = code_at(text, at)
  if not code then return nil end
  at = at + 4
  local second = is_surrogate(code) and text:sub(at, at + 1) == "\\u" and code_at(text, at + 2)
  if second and is_surrogate(second) then
    return at + 6, utf8_of(code % 0x400 * 0x400 + second % 0x400 + 0x10000)
  end
  return at, utf8_of(code)
end

--- Reads the string that begins at `at` as loosely as the real server does: control characters may stand in it, and a
-- backslash before any character. Returns the position after it, and the string; nil when it is malformed.
function json.read_string(text, at)
  if text:sub(at, at) ~= '"' then return nil end
  local parts, from = {}, at + 1
  while true do
    local stop = text:find('["\\]', from)
    if not stop then return nil end
    parts[#parts + 1] = text:sub(from, stop - 1)
    if text:sub(stop, stop) == '"' then return stop + 1, table.concat(parts) end
    local c = text:sub(stop + 1, stop + 1)
    from, parts[#parts + 1] = stop + 2, ESCAPES[c] or c
    if c == "u" then from, parts[#parts] = unicode(text, from) end
    if not from then return nil end
  end
end

--- The position of what comes after the space at `at`.
function json.skip_space(text, at)
  return text:find("[^ \t\r\n]", at) or #text + 1
end

local skip = json.skip_space

local function decode_string(text, position)
  local after, value = json.read_string(text, position)
  if not after then fail(position, "a string without an end, or with a wrong escape") end
  return value, after
end

local function decode_number(text, position)
  local literal = text:match("^-?%d+%.?%d*[eE]?[+-]?%d*", position)
  local number = literal and tonumber(literal)
  if not number or literal:find("^-?0%d") then fail(position, "not a value") end
  if literal:find("^-?%d+$") and math.type and math.type(number) == "float" then
    number = math.tointeger(number) or number
  end
  return number, position + #literal
end

-- Reads what stands between brackets: `read_member` gets the position of each member and returns the one after it.
local function decode_members(text, position, close, read_member)
  position = skip(text, position + 1)
  if text:sub(position, position) == close then return position + 1 end
  while true do
    position = skip(text, read_member(position))
    local c = text:sub(position, position)
    if c == close then return position + 1 end
    if c ~= "," then fail(position, "expected , or " .. close) end
    position = position + 1
  end
end

local function decode_array(text, position, depth)
  local list, n = json.array(), 0
  return list, decode_members(text, position, "]", function(at)
    n = n + 1
    list[n], at = decode_value(text, at, depth)
    return at
  end)
end

local function decode_object(text, position, depth)
  local object, names, name = {}, {}, nil
  position = decode_members(text, position, "}", function(at)
    at = skip(text, at)
    if text:sub(at, at) ~= '"' then fail(at, "expected a member's name") end
    name, at = decode_string(text, at)
    at = skip(text, at)
    if text:sub(at, at) ~= ":" then fail(at, "expected :") end
    if object[name] == nil then names[#names + 1] = name end
    object[name], at = decode_value(text, at + 1, depth)
    return at
  end)
  return json.ordered(object, names), position
end

local words = {t = {"true", true}, f = {"false", false}, n = {"null", json.null}}

function decode_value(text, position, depth)
  if depth > MAX_DEPTH then fail(position, "too deep") end
  position = skip(text, position)
  local c = text:sub(position, position)
  if c == "{" then return decode_object(text, position, depth + 1) end
  if c == "[" then return decode_array(text, position, depth + 1) end
  if c == '"' then return decode_string(text, position) end
  local word = words[c]
  if word and text:sub(position, position + #word[1] - 1) == word[1] then
    return word[2], position + #word[1]
  end
  return decode_number(text, position)
end

--- Decodes JSON: integers stay integers, members keep their order, `null` is json.null; or returns nil and a message.
function json.decode(text)
  local ok, value, position = pcall(decode_value, text, 1, 0)
  if not ok then return nil, value end
  position = skip(text, position)
  if position <= #text then return nil, "at byte " .. position .. ": more text after the value" end
  return value
end

return json
