-- SPDX-License-Identifier: MIT
-- Owns JSON as the emulator needs it: members in order, exact integers, [] apart from {}.

local cjson = require "cjson"

local json = {}

--- What JSON's `null` is decoded to.
json.null = cjson.null

local INTEGER_LIMIT = 2 ^ 53
local MAX_DEPTH = 200
local ARRAY = {array = true}

local shapes = setmetatable({}, {__mode = "v"})

-- One metatable for each list of member names: it holds their order.
local function shape_of(names)
  local id = table.concat(names, "\0")
  local shape = shapes[id]
  if not shape then
    shape = {names = names}
    shapes[id] = shape
  end
  return shape
end

--- Makes an object whose members are encoded in the order given here.
-- Members whose value is nil are left out.
-- @param ... name, value, name, value …
-- @treturn table a plain table of the members
-- @usage json.encode(json.object("ok", true, "result", 1)) --> {"ok":true,"result":1}
function json.object(...)
  local names, object = {}, {}
  for i = 1, select("#", ...), 2 do
    local name, value = select(i, ...)
    if value ~= nil then
      if object[name] == nil then names[#names + 1] = name end
      object[name] = value
    end
  end
  return setmetatable(object, shape_of(names))
end

--- Marks a list as a JSON array, so that an empty one is `[]`.
-- @tparam[opt] table list
-- @treturn table the same list
-- @usage json.encode(json.array()) --> []
function json.array(list)
  return setmetatable(list or {}, ARRAY)
end

--- Is it a list? True for what `array` made, for a decoded array and for a plain table with a [1].
function json.is_array(value)
  if type(value) ~= "table" then return false end
  local shape = getmetatable(value)
  if shape == ARRAY then return true end
  return not (shape and shape.names) and value[1] ~= nil
end

--- The member names of an object: in their order where it is known, then the others sorted.
-- @treturn table list of names
function json.names(object)
  local shape, list, seen, rest = getmetatable(object), {}, {}, {}
  for _, name in ipairs(shape and shape.names or {}) do
    if object[name] ~= nil then list[#list + 1] = name end
    seen[name] = true
  end
  for name in pairs(object) do
    if not seen[name] then rest[#rest + 1] = tostring(name) end
  end
  table.sort(rest)
  for _, name in ipairs(rest) do list[#list + 1] = name end
  return list
end

-- Encoding ------------------------------------------------------------------------------------

local escapes = {['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f",
  ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t"}

local function escape_unit(unit)
  return string.format("\\u%04x", unit)
end

local function escape_control(c)
  return escapes[c] or escape_unit(c:byte())
end

-- One UTF-8 sequence as \uXXXX, a pair of them above the first plane.
local function escape_sequence(sequence)
  local first = sequence:byte()
  local code = first >= 0xF0 and first % 8 or first >= 0xE0 and first % 16 or first % 32
  for i = 2, #sequence do code = code * 64 + sequence:byte(i) % 64 end
  if #sequence == 1 then return "\\ufffd" end
  if code < 0x10000 then return escape_unit(code) end
  code = code - 0x10000
  return escape_unit(0xD800 + math.floor(code / 1024)) .. escape_unit(0xDC00 + code % 1024)
end

local function encode_string(text)
  if text:find('[%c"\\\128-\255]') then
    text = text:gsub('[%c"\\]', escape_control)
    text = text:gsub("[\194-\244][\128-\191]+", escape_sequence):gsub("[\128-\255]", "\\ufffd")
    text = text:gsub("\127", "\\u007f")
  end
  return '"' .. text .. '"'
end

local function encode_number(number)
  if number ~= number or number == math.huge or number == -math.huge then return "null" end
  if math.type and math.type(number) == "integer" then return string.format("%d", number) end
  if math.floor(number) == number and math.abs(number) <= INTEGER_LIMIT then
    return string.format("%.0f", number)
  end
  return (string.format("%.14g", number):gsub(",", "."))
end

local encode_value

-- A name that somebody chose may be a token: longer than our own, or with an id's colon.
local function encode_name(name, change)
  local foreign = change and (#name >= 24 or name:find("%d:") or name:find "%%3[aA]")
  return encode_string(foreign and change(name) or name)
end

local function encode_array(list, out, change)
  out[#out + 1] = "["
  for i = 1, #list do
    if i > 1 then out[#out + 1] = "," end
    encode_value(list[i], out, change)
  end
  out[#out + 1] = "]"
end

local function encode_object(object, out, change)
  out[#out + 1] = "{"
  for i, name in ipairs(json.names(object)) do
    if i > 1 then out[#out + 1] = "," end
    out[#out + 1] = encode_name(name, change)
    out[#out + 1] = ":"
    local value = object[name]
    if value == nil then value = object[tonumber(name)] end
    encode_value(value, out, change)
  end
  out[#out + 1] = "}"
end

function encode_value(value, out, change)
  local kind = type(value)
  if kind == "table" then
    return (json.is_array(value) and encode_array or encode_object)(value, out, change)
  end
  if kind == "string" then
    out[#out + 1] = encode_string(change and change(value) or value)
  elseif kind == "number" then
    out[#out + 1] = encode_number(value)
  elseif kind == "boolean" then
    out[#out + 1] = tostring(value)
  else
    out[#out + 1] = "null"
  end
end

--- Encodes a value as compact JSON: integers exact, everything beyond ASCII as \uXXXX.
-- @param value table, string, number, boolean, nil or json.null
-- @tparam[opt] function change gets each string that is a value, or a name that may be a token; returns what stands in
-- @treturn string
-- @usage json.encode(-1002147483648123) --> "-1002147483648123"
function json.encode(value, change)
  local out = {}
  encode_value(value, out, change)
  return table.concat(out)
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
  if text:sub(position, position) == "}" then
    return setmetatable(object, shape_of(names)), position + 1
  end
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
    if c == "}" then return setmetatable(object, shape_of(names)), position + 1 end
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
