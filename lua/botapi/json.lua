-- SPDX-License-Identifier: MIT
-- Owns JSON as it is written everywhere: members in order, exact integers, [] apart from {}, strings cleaned.

local cjson = require "cjson.safe".new()

local json = {}

--- JSON's null.
json.null = cjson.null

local INTEGERS = 2 ^ 63
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

--- Gives an object the order of its members.
-- @tparam table object
-- @tparam table names list of them
-- @treturn table the same object
function json.ordered(object, names)
  return setmetatable(object, shape_of(names))
end

--- Makes an object whose members are encoded in the order given here.
-- Members whose value is nil are left out.
-- @param ... name, value, name, value …
-- @treturn table a plain table of the members
-- @usage json.encode(json.object("ok", true, "result", 1)) --> {"ok":true,"result":1}
function json.object(...)
  local names, object, given = {}, {}, {...}
  for i = 1, select("#", ...), 2 do
    local name, value = given[i], given[i + 1]
    if value ~= nil then
      if object[name] == nil then names[#names + 1] = name end
      object[name] = value
    end
  end
  return json.ordered(object, names)
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
  return not (shape and shape.names) and #value > 0
end

--- The member names of an object: in their order where it is known, then the others, ranked and sorted.
-- @tparam table object
-- @tparam[opt] table rank numbers by name
-- @treturn table list of names
function json.names(object, rank)
  local shape, list, seen, rest = getmetatable(object), {}, {}, {}
  for _, name in ipairs(shape and shape.names or {}) do
    seen[name] = true
    if object[name] ~= nil then list[#list + 1] = name end
  end
  for name in pairs(object) do
    if not seen[name] then rest[#rest + 1] = tostring(name) end
  end
  if not rest[1] then return list end
  table.sort(rest, rank and function(a, b)
    local x, y = rank[a] or math.huge, rank[b] or math.huge
    return x < y or x == y and a < b
  end)
  for _, name in ipairs(rest) do list[#list + 1] = name end
  return list
end

-- Encoding ------------------------------------------------------------------------------------

local function escape_unit(unit)
  return string.format("\\u%04x", unit)
end

-- One UTF-8 sequence as \uXXXX, a pair of them above the first plane.
local function escape_sequence(sequence)
  local first = sequence:byte()
  local code = first >= 0xF0 and first % 8 or first >= 0xE0 and first % 16 or first % 32
  for i = 2, #sequence do code = code * 64 + sequence:byte(i) % 64 end
  if code < 0x10000 then return escape_unit(code) end
  code = code - 0x10000
  return escape_unit(0xD800 + math.floor(code / 1024)) .. escape_unit(0xDC00 + code % 1024)
end

local function encode_string(text, style)
  if not text:find '[%c"\\\127-\255]' then return '"' .. text .. '"' end
  text = cjson.encode(text):gsub("\\/", "/")
  if style.ascii and text:find "[\128-\255]" then
    text = text:gsub("[\194-\244][\128-\191]+", escape_sequence):gsub("[\128-\255]", "\\ufffd")
  end
  return text
end

local function encode_number(number)
  if number ~= number or number == math.huge or number == -math.huge then return "null" end
  if math.type and math.type(number) == "integer" then return ("%d"):format(number) end
  if number % 1 == 0 and math.abs(number) < INTEGERS then return ("%.0f"):format(number) end
  return (("%.14g"):format(number):gsub(",", "."))
end

local encode_value

local function encode_array(list, style, depth)
  local out = {}
  for i = 1, #list do out[i] = encode_value(list[i], style, depth) end
  return "[" .. table.concat(out, ",") .. "]"
end

local function encode_object(object, style, depth)
  local out = {}
  for i, name in ipairs(json.names(object, style.rank)) do
    local value = object[name]
    if value == nil then value = object[tonumber(name)] end
    if style.clean then name = style.clean(name, true) end
    out[i] = encode_string(name, style) .. ":" .. encode_value(value, style, depth, name)
  end
  return "{" .. table.concat(out, ",") .. "}"
end

function encode_value(value, style, depth, name)
  local kind = type(value)
  if kind == "string" then return encode_string(style.clean and style.clean(value) or value, style) end
  if kind == "number" then return encode_number(value) end
  if kind == "boolean" then return tostring(value) end
  if value == nil or value == json.null then return "null" end
  if kind ~= "table" then error(("%s: a %s has no JSON"):format(name or "value", kind), 0) end
  if depth > MAX_DEPTH then error(("%s: too deep, or holds itself"):format(name or "value"), 0) end
  local is_list = json.is_array(value) or next(value) == nil and style.lists and style.lists[name]
  return (is_list and encode_array or encode_object)(value, style, depth + 1)
end

--- Encodes a value as one line of JSON; raises a string for what has none.
-- @param value table, string, number, boolean, nil or json.null
-- @tparam[opt] table style `clean`, a function that gets each string, and whether it is a name, and returns what is
--   written for it; `rank`, numbers by name, of objects whose order isn't known; `lists`, the names of those that are
--   arrays though empty; `ascii`, to have everything beyond ASCII as \uXXXX
-- @tparam[opt] string name of the member that it is, for `lists`
-- @treturn string
-- @usage json.encode(-1002147483648123) --> "-1002147483648123"
function json.encode(value, style, name)
  return encode_value(value, style or {}, 0, name)
end

return json
