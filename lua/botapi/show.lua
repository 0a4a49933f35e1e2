-- SPDX-License-Identifier: MIT
-- How a table of the Bot API looks as Lua: in one line, or in some where that is long.

local RANK = require "botapi.json".rank

local MOST = 2048       -- of a line; whoever asked cuts it to its own length
local DEPTH = 20
local WIDTH = 79        -- columns of a line, where there may be some
local MOST_OF_ALL = 8192
local STRING = 1024     -- of one string in lines
local CUT = "…"

local ESCAPES = {
  ["\a"] = "\\a", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n",
  ["\r"] = "\\r", ["\t"] = "\\t", ["\v"] = "\\v", ['"'] = '\\"',
  ["\\"] = "\\\\",
}

local function escape(c)
  return ESCAPES[c] or ("\\%03d"):format(c:byte())
end

-- At most so many bytes, cut between two characters.
local function cut(s, most)
  if #s <= most then return s end
  return (s:sub(1, most):gsub("[\192-\255]?[\128-\191]*$", "")) .. CUT
end

local function quote(s, most)
  return '"' .. cut(s, most or MOST):gsub('[%c"\\]', escape) .. '"'
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
  return "[" .. quote(k) .. "]"
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
    if line.size > MOST then
      line.is_cut = true
      break
    end
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
  if kind == "string" then return quote(line.redact(v), line.string) end
  if kind == "number" then return number(v) end
  if kind ~= "table" then return tostring(v) end
  return depth > DEPTH and "{…}" or members(v, line, depth)
end

-- Lines ---------------------------------------------------------------------------

local function new_line(redact, most) return { size = 0, redact = redact, string = most } end

-- In one line, or nil: it gets long.
local function in_one(v, all, room)
  local line = new_line(all.redact, STRING)
  line.size = MOST - 2 * WIDTH          -- what is in two tables is counted twice
  local one = value(v, line, 0)
  local fits = not line.is_cut and #one < room
  return (fits or type(v) ~= "table" or next(v) == nil) and one or nil
end

local in_lines

-- The members of a table, a line each or more; `all.size` counts what was written, once.
local function add_members(t, all, indent, depth)
  local n, lines = row(t), {}
  for _, k in ipairs(sorted(t)) do
    if all.size > MOST_OF_ALL then
      lines[#lines + 1] = indent .. CUT
      break
    end
    local is_listed = type(k) == "number" and k >= 1 and k <= n and k == math.floor(k)
    local name = is_listed and "" or key(k, new_line(all.redact, STRING)) .. " = "
    local size = all.size
    lines[#lines + 1] = indent .. name .. in_lines(t[k], all, indent, #name, depth + 1)
    if all.size == size then all.size = size + #lines[#lines] end
  end
  return "{\n" .. table.concat(lines, ",\n") .. "\n" .. indent:sub(3) .. "}"
end

function in_lines(v, all, indent, taken, depth)
  local one = in_one(v, all, WIDTH - #indent - taken)
  if one then return one end
  if depth > DEPTH then return "{" .. CUT .. "}" end
  return add_members(v, all, indent .. "  ", depth)
end

local function as_it_is(s) return s end

-- A line of lines: what cleans one gets no line ends.
local function each_line(text, clean)
  return (text:gsub("[^\n]+", clean))
end

--- A value that came from JSON, as Lua.
-- @param v any value
-- @tparam[opt] function redact what every string goes through first
-- @tparam[opt] function clean each line goes through it, and there may be some; without it, it is one
-- @treturn string
-- @usage
-- local show = require "botapi.show"
-- assert(show {ok = true, result = true} == "{ok = true, result = true}")
return function(v, redact, clean)
  redact = redact or as_it_is
  if not clean then return value(v, new_line(redact), 0) end
  return each_line(in_lines(v, { size = 0, redact = redact }, "", 0, 0), clean)
end
