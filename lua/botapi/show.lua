-- SPDX-License-Identifier: MIT
-- How a table of the Bot API looks as one line of Lua.

local RANK = require "botapi.json".rank

local MOST = 2048       -- of a line; whoever asked cuts it to its own length
local DEPTH = 20

local ESCAPES = {
  ["\a"] = "\\a", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n",
  ["\r"] = "\\r", ["\t"] = "\\t", ["\v"] = "\\v", ['"'] = '\\"',
  ["\\"] = "\\\\",
}

local function escape(c)
  return ESCAPES[c] or ("\\%03d"):format(c:byte())
end

local function quote(s)
  return '"' .. s:gsub('[%c"\\]', escape) .. '"'
end

-- Integers exactly: tostring of Lua 5.1 rounds to 14 digits.
local function number(n)
  if n ~= n then return "0/0" end
  if n == math.huge or n == -math.huge then
    return n > 0 and "math.huge" or "-math.huge"
  end
  if math.type and math.type(n) == "integer" then return tostring(n) end
  if n == math.floor(n) and n > -2^63 and n < 2^63 then
    return ("%.0f"):format(n) .. (math.type and ".0" or "")
  end
  return ("%.14g"):format(n)
end

local function before(a, b)
  local x, y = RANK[a] or math.huge, RANK[b] or math.huge
  if x ~= y then return x < y end
  if type(a) == type(b) and type(a) ~= "boolean" then return a < b end
  return type(a) == "number"
end

local function sorted(t)
  local keys = {}
  for k in pairs(t) do keys[#keys + 1] = k end
  table.sort(keys, before)
  return keys
end

local KEYWORDS = {}
for word in ([[and break do else elseif end false for function goto if in
  local nil not or repeat return then true until while]]):gmatch "%a+" do
  KEYWORDS[word] = true
end

local value

local function key(k, line)
  if type(k) ~= "string" then return "[" .. value(k, line, DEPTH) .. "]" end
  k = line.redact(k)
  if k:match "^[%a_][%w_]*$" and not KEYWORDS[k] then return k end
  return "[" .. quote(k:sub(1, MOST)) .. "]"
end

-- How many elements stand in a row from 1 on: no hole among them.
local function row(t)
  local n = 0
  while t[n + 1] ~= nil do n = n + 1 end
  return n
end

-- `line.size` counts what was written: no more than is going to be shown.
local function members(t, line, depth)
  local out, n = {}, row(t)
  for _, k in ipairs(sorted(t)) do
    if line.size > MOST then break end
    local shown = value(t[k], line, depth + 1)
    local listed = type(k) == "number" and k >= 1 and k <= n
                   and k == math.floor(k)
    out[#out + 1] = listed and shown or key(k, line) .. " = " .. shown
    line.size = line.size + #out[#out]
  end
  return "{" .. table.concat(out, ", ") .. "}"
end

function value(v, line, depth)
  local kind = type(v)
  if kind == "string" then return quote(line.redact(v):sub(1, MOST)) end
  if kind == "number" then return number(v) end
  if kind ~= "table" then return tostring(v) end
  return depth > DEPTH and "{…}" or members(v, line, depth)
end

local function as_it_is(s) return s end

--- One line of Lua for a value that came from JSON.
-- @param v any value
-- @tparam[opt] function redact what every string goes through first
-- @treturn string
-- @usage
-- local show = require "botapi.show"
-- assert(show {ok = true, result = true} == "{ok = true, result = true}")
return function(v, redact)
  return value(v, {size = 0, redact = redact or as_it_is}, 0)
end
