-- SPDX-License-Identifier: MIT
-- Owns JSON as the emulator reads it: members in order, exact integers; it writes it in ASCII.

local cjson = require "cjson"
local writer = require "botapi.json"

local json = {null = writer.null, object = writer.object, array = writer.array, is_array = writer.is_array,
  names = writer.names}

local MAX_DEPTH = 200

-- A name that somebody chose may be a token: longer than our own, or with an id's colon.
local function is_foreign(name)
  return #name >= 24 or name:find "%d:" or name:find "%%3[aA]"
end

--- Encodes a value as compact JSON: integers exact, everything beyond ASCII as \uXXXX.
-- @param value table, string, number, boolean, nil or json.null
-- @tparam[opt] function change gets each string that is a value, or a name that may be a token; returns what stands in
-- @treturn string
-- @usage json.encode(-1002147483648123) --> "-1002147483648123"
function json.encode(value, change)
  return writer.encode(value, {ascii = true, clean = change and function(text, is_name)
    return is_name and not is_foreign(text) and text or change(text)
  end})
end

-- Decoding ------------------------------------------------------------------------------------

local decode_value

local function fail(position, what)
  error({json = "at byte " .. position .. ": " .. what}, 0)
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

local function decode_array(text, position, depth)
  local list, n = json.array(), 0
  position = skip(text, position + 1)
  if text:sub(position, position) == "]" then return list, position + 1 end
  while true do
    n = n + 1
    list[n], position = decode_value(text, position, depth)
    position = skip(text, position)
    local c = text:sub(position, position)
    if c == "]" then return list, position + 1 end
    if c ~= "," then fail(position, "expected , or ]") end
    position = position + 1
  end
end

local function decode_object(text, position, depth)
  local object, names, name = {}, {}
  position = skip(text, position + 1)
  if text:sub(position, position) == "}" then return writer.ordered(object, names), position + 1 end
  while true do
    position = skip(text, position)
    if text:sub(position, position) ~= '"' then fail(position, "expected a member's name") end
    name, position = decode_string(text, position)
    position = skip(text, position)
    if text:sub(position, position) ~= ":" then fail(position, "expected :") end
    if object[name] == nil then names[#names + 1] = name end
    object[name], position = decode_value(text, position + 1, depth)
    position = skip(text, position)
    local c = text:sub(position, position)
    if c == "}" then return writer.ordered(object, names), position + 1 end
    if c ~= "," then fail(position, "expected , or }") end
    position = position + 1
  end
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

--- Decodes JSON. Integers stay integers, members keep their order, `null` is json.null.
-- @tparam string text
-- @return the value, or nil and a message
-- @usage local value = json.decode '{"id":-1002147483648123}'
function json.decode(text)
  local ok, value, position = pcall(decode_value, text, 1, 0)
  if not ok then
    if type(value) ~= "table" then error(value, 0) end
    return nil, value.json
  end
  position = skip(text, position)
  if position <= #text then return nil, "at byte " .. position .. ": more text after the value" end
  return value
end

return json
