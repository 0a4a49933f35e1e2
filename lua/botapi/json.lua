-- SPDX-License-Identifier: MIT
-- Owns JSON as it is written everywhere: members in order, exact numbers, [] apart from {}, strings cleaned.

local cjson = require "cjson.safe"
local place = require "botapi.place"

local concat, find = table.concat, string.find

local json = {}

--- Members of the Bot API in the order of its documents, as numbers by name.
json.rank = {}
for i, name in ipairs { "ok", "result", "error_code", "description", "parameters", "id", "is_bot", "first_name",
  "last_name", "username", "language_code", "can_join_groups", "can_read_all_group_messages",
  "supports_inline_queries", "url", "has_custom_certificate", "pending_update_count", "ip_address", "last_error_date",
  "last_error_message", "last_synchronization_error_date", "max_connections", "allowed_updates", "migrate_to_chat_id",
  "retry_after" } do
  json.rank[name] = i
end

--- JSON's null: lua-cjson's, so that either is understood by both.
json.null = cjson.null

local INTEGERS = 2 ^ 63
local FLAT = 200                -- levels: what isn't an answer has fewer
local AROUND = 20               -- an answer can stand in a document
local ARRAY = {__name = "botapi.array"}

-- What a table with one of these metatables is. lua-cjson has its two since OpenResty's 2.1.0.6, and its `empty_array`.
local marks = {[ARRAY] = "array"}
if cjson.array_mt then marks[cjson.array_mt] = "array" end
if cjson.empty_array_mt then marks[cjson.empty_array_mt] = "empty" end

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
-- @tparam[opt] table list without a metatable
-- @treturn table the same list
-- @usage json.encode(json.array()) --> []
function json.array(list)
  if list == nil then return setmetatable({}, ARRAY) end
  if type(list) ~= "table" then
    error(("%sbad argument #1 to 'array' (table expected, got %s)"):format(place(), type(list)), 0)
  end
  if json.mark_of(list) == "array" then return list end
  if getmetatable(list) ~= nil then
    error(place() .. "bad argument #1 to 'array' (a table without a metatable expected)", 0)
  end
  return setmetatable(list, ARRAY)
end

--- What a table's metatable says that it is, ours, lua-cjson's or dkjson's.
-- @tparam table value
-- @treturn ?string "array"; "object"; nil: its content tells
function json.mark_of(value)
  local meta = getmetatable(value)
  if type(meta) ~= "table" then return nil end
  local mark = marks[meta] or rawget(meta, "__jsontype")
  if mark == "empty" then return next(value) == nil and "array" or nil end
  return (mark == "array" or mark == "object") and mark or nil
end

--- Is it a list? True for what is marked as one, for a decoded array and for a plain table with a [1].
function json.is_array(value)
  if type(value) ~= "table" then return false end
  local mark = json.mark_of(value)
  if mark then return mark == "array" end
  local shape = getmetatable(value)
  return not (type(shape) == "table" and shape.names) and #value > 0
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

--- A character as \uXXXX, a pair of them above the first plane.
-- @int code
-- @treturn string
function json.escape(code)
  if code < 0x10000 then return ("\\u%04x"):format(code) end
  code = code - 0x10000
  return ("\\u%04x\\u%04x"):format(0xD800 + math.floor(code / 1024), 0xDC00 + code % 1024)
end

-- One UTF-8 sequence.
local function escape_sequence(sequence)
  local first = sequence:byte()
  local code = first >= 0xF0 and first % 8 or first >= 0xE0 and first % 16 or first % 32
  for i = 2, #sequence do code = code * 64 + sequence:byte(i) % 64 end
  return json.escape(code)
end

-- All but what stands for itself in a string, in JSON and in JSON that is ASCII. Not by %c, which depends on the
-- locale; the range from ] comes first, or that would end the set.
local ESCAPED, ESCAPED_IN_ASCII = "[^\93-\126\32\33\35-\91\128-\255]", "[^\93-\126\32\33\35-\91]"

local escapes = {['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r",
  ["\t"] = "\\t"}
for byte = 0, 127 do
  local char = string.char(byte)
  if char:find(ESCAPED) then escapes[char] = escapes[char] or json.escape(byte) end
end

local function encode_string(text, style)
  if not find(text, style.ascii and ESCAPED_IN_ASCII or ESCAPED) then return '"' .. text .. '"' end
  text = '"' .. text:gsub(ESCAPED, escapes) .. '"'
  if style.ascii then text = text:gsub("[\194-\244][\128-\191]+", escape_sequence):gsub("[\128-\255]", "\\ufffd") end
  return text
end

--- A number as it reads back the same, in as few digits as that takes, with a point whatever the locale.
-- @tparam number n finite
-- @treturn string
function json.number(n)
  if math.type and math.type(n) == "integer" then return ("%d"):format(n) end
  if n % 1 == 0 and -INTEGERS < n and n < INTEGERS then return ("%.0f"):format(n) end
  local digits = ("%.15g"):format(n)
  if tonumber(digits) ~= n then digits = ("%.17g"):format(n) end
  return (digits:gsub("[^%de+-]+", "."))
end

--- LuaJIT's integers of 64 bits, which are no numbers there.
-- @param value a cdata
-- @treturn ?string its digits; nil: it is something else
function json.boxed_integer(value)
  return tostring(value):match "^(-?%d+)U?LL$"
end

local function encode_number(n)
  return (n ~= n or n == math.huge or n == -math.huge) and "null" or json.number(n)
end

--- Where in a path the last key is that is no position in a list.
-- @tparam table path the keys that lead to a value
-- @int depth how many
-- @treturn int 0: there is none
function json.last_name(path, depth)
  while type(path[depth]) == "number" do depth = depth - 1 end
  return depth
end

-- Is an empty table a list by its name, or one in the list of that name?
local function is_listed(lists, path, depth)
  local at = json.last_name(path, depth)
  return depth - at < (lists[path[at]] or 0)
end

local function shape_loosely(value, style, path, depth)
  local is_list = json.is_array(value) or next(value) == nil and style.lists and is_listed(style.lists, path, depth)
  if is_list then return #value end
  return nil, json.names(value, style.rank)
end

local function fail_loosely(why, path, depth)
  local name = path[depth]
  error(("%s: %s"):format(type(name) == "string" and name or "value", why), 0)
end

local encode_value

-- What tables and other values cost, besides the bytes of their strings: about what they take.
local TABLE, OTHER = 64, 8

-- Counts what is written, where the style has a limit: without one, tables that are in others twice grow to any size.
local function spend(cost, style, path, depth)
  style.left = style.left - cost
  if style.left < 0 then style.fail("too much: is a table in others many times?", path, depth) end
end

local function encode_list(list, n, style, path, depth)
  local out = {}
  for i = 1, n do
    path[depth] = i
    out[i] = encode_value(list[i], style, path, depth)
  end
  return "[" .. concat(out, ",") .. "]"
end

local function encode_members(object, names, style, path, depth)
  local out, clean = {}, style.clean
  for i = 1, #names do
    local name = names[i]
    local value = object[name]
    if rawequal(value, nil) then value = object[tonumber(name)] end
    path[depth] = name
    if style.left then spend(#name, style, path, depth) end
    if clean then name = clean(name, true) end
    out[i] = encode_string(name, style) .. ":" .. encode_value(value, style, path, depth)
  end
  return "{" .. concat(out, ",") .. "}"
end

-- What was read can be written. The core says how deep that is; where it doesn't matter it isn't asked, since the
-- command's emulator needs no C module.
local function is_too_deep(depth, most)
  if most then return depth > most end
  return depth > FLAT and depth > require "botapi.core".json_depth + AROUND
end

local function encode_table(value, style, path, depth)
  if is_too_deep(depth, style.depth) then style.fail("too deep, or holds itself", path, depth) end
  local n, names = style.shape(value, style, path, depth)
  if n then return encode_list(value, n, style, path, depth + 1) end
  return encode_members(value, names, style, path, depth + 1)
end

function encode_value(value, style, path, depth)
  local kind = type(value)
  if style.left then
    spend(kind == "table" and TABLE or kind == "string" and OTHER + #value or OTHER, style, path, depth)
  end
  if kind == "string" then return encode_string(style.clean and style.clean(value) or value, style) end
  if kind == "table" then return encode_table(value, style, path, depth) end
  if kind == "number" then return style.number(value, path, depth) end
  if kind == "boolean" then return tostring(value) end
  if kind == "nil" or rawequal(value, json.null) then return "null" end    -- a NULL pointer of LuaJIT is no null
  if rawequal(value, cjson.empty_array) then return "[]" end
  return kind == "cdata" and json.boxed_integer(value) or style.fail(("a %s has no JSON"):format(kind), path, depth)
end

-- What a style decides, as it is without one.
local DEFAULT = {shape = shape_loosely, number = encode_number, fail = fail_loosely}
DEFAULT.__index = DEFAULT

--- Encodes a value as one line of JSON; raises a string for what has none.
-- @param value table, string, number, boolean, nil or json.null
-- @tparam[opt] table style `clean`, a function that gets each string, and whether it is a name, and returns what is
--   written for it; `rank`, numbers by name, of objects whose order isn't known; `lists`, by the names of those that
--   are arrays though empty, how many levels of lists there are; `ascii`, to have everything beyond ASCII as \uXXXX.
--   What it decides in place of this module: `depth`, the most levels; `left`, about how many bytes may be written;
--   `shape(value, style, path, depth)`: how many elements a list has, or nil and the names of an object in their order;
--   `number(n, path, depth)`: its text; `fail(why, path, depth)`, which raises. A path is the keys that lead to a
--   value, depth how many
-- @tparam[opt] string name of the member that it is, for `lists`
-- @treturn string
-- @usage json.encode(-1002147483648123) --> "-1002147483648123"
function json.encode(value, style, name)
  style = style or DEFAULT
  if not style.shape then setmetatable(style, DEFAULT) end
  return encode_value(value, style, {name}, name and 1 or 0)
end

return json
