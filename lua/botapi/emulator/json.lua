-- SPDX-License-Identifier: MIT
-- Owns the JSON that the emulator reads and writes: members keep their order, integers are exact, output is ASCII.

local cjson = require "cjson"
local writer = require "botapi.json"

local json = setmetatable({}, {__index = writer})

local MAX_DEPTH = 200

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

local function skip(text, position)
  return text:find("[^ \t\r\n]", position) or #text + 1
end

local function decode_string(text, position)
  local from = position + 1
  local stop = from
  while true do
    stop = text:find('["\\%c]', stop)
    if not stop then fail(position, "a string without an end") end
    local c = text:sub(stop, stop)
    if c == '"' then break end
    if c ~= "\\" and c ~= "\127" then fail(stop, "a control character in a string") end
    stop = stop + (c == "\\" and 2 or 1)
  end
  local raw = text:sub(position, stop)
  if not raw:find("\\", 1, true) then return raw:sub(2, -2), stop + 1 end
  local ok, list = pcall(cjson.decode, "[" .. raw .. "]")
  if not ok then fail(position, "a wrong escape in a string") end
  return list[1], stop + 1
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
