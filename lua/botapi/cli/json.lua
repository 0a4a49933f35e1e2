-- SPDX-License-Identifier: MIT
-- Owns the JSON that the command prints: members in their order, null where it is meant, no secret.

local cjson = require "cjson.safe".new()

local json = {}

--- JSON's null.
json.null = {}

-- What Lua can't tell from an empty object.
local lists = { allowed_updates = true, result = true, entities = true, photo = true }

-- Members of the Bot API first, in the order of its documents; others follow by name.
local order = { "v", "event", "command", "ok", "result", "error_code", "description", "parameters", "id", "is_bot",
  "first_name", "last_name", "username", "url", "has_custom_certificate", "pending_update_count" }
local rank = {}
for i, name in ipairs(order) do rank[name] = i end

local function before(a, b)
  local x, y = rank[a] or 99, rank[b] or 99
  return x < y or x == y and tostring(a) < tostring(b)
end

local function text(value)
  return (cjson.encode(value):gsub("\\/", "/"))
end

local function number(value)
  if value % 1 == 0 and math.abs(value) < 2 ^ 63 then
    return math.type and math.type(value) == "integer" and tostring(value) or ("%.0f"):format(value)
  end
  return value == value and math.abs(value) ~= math.huge and ("%.14g"):format(value) or "null"
end

local encode

local function list(value, clean)
  local out = {}
  for i, each in ipairs(value) do out[i] = encode(each, clean) end
  return "[" .. table.concat(out, ",") .. "]"
end

local function object(value, clean)
  local names, out = {}, {}
  for name in pairs(value) do names[#names + 1] = name end
  table.sort(names, before)
  for i, name in ipairs(names) do
    out[i] = text(clean(tostring(name))) .. ":" .. encode(value[name], clean, name)
  end
  return "{" .. table.concat(out, ",") .. "}"
end

-- A table with `ordered` is a list of pairs: an object whose members stand as they are.
local function ordered(pairs_of, clean)
  local out = {}
  for i, pair in ipairs(pairs_of) do out[i] = text(pair[1]) .. ":" .. encode(pair[2], clean, pair[1]) end
  return "{" .. table.concat(out, ",") .. "}"
end

function encode(value, clean, name)
  if value == nil or value == json.null then return "null" end
  if type(value) == "string" then return text(clean(value)) end
  if type(value) == "number" then return number(value) end
  if type(value) ~= "table" then return tostring(value) end
  if value.ordered then return ordered(value.ordered, clean) end
  if #value > 0 or next(value) == nil and lists[name] then return list(value, clean) end
  return object(value, clean)
end

--- One line of JSON.
-- @param value a table; {ordered = {{name, value}, …}} keeps the order
-- @tparam[opt] function clean what takes secrets out of each string
-- @tparam[opt] string name of the member that it is, which tells an empty list from an empty object
-- @treturn string
function json.encode(value, clean, name)
  return encode(value, clean or function(each) return each end, name)
end

--- The value of a number whose digits are known as text.
function json.digits(digits)
  return digits and tonumber(digits) or json.null
end

return json
