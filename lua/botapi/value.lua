-- SPDX-License-Identifier: MIT
-- Owns the JSON of parameters: what the caller wrote, exactly, or an error that names the place.

local core = require "botapi.core"
local json = require "botapi.json"

local sort = table.sort

local value = {}

local EXACT = 2 ^ 53            -- beyond it doubles no longer tell integers apart
local MOST = 2 ^ 25             -- bytes, about, of all tables: a table that is in another one twice is written twice
local DEPTH = 100               -- levels that the real server reads
local LONGEST_SHOWN = 32        -- a secret is longer than the names that are repeated
local MOST_SHOWN = 10           -- keys of a path

-- Mistakes ----------------------------------------------------------------------------

local function shown(name) return #name <= LONGEST_SHOWN and name or "…" end

-- The keys of a path as Lua has them: `reply_markup.inline_keyboard[1]`.
local function place(path, depth)
  local text = shown(path[1])
  for i = 2, math.min(depth, MOST_SHOWN) do
    local key = path[i]
    local is_name = type(key) == "string" and key:find "^[%w_]+$"
    text = text .. (type(key) == "number" and ("[%d]"):format(key) or "." .. (is_name and shown(key) or "…"))
  end
  return depth > MOST_SHOWN and text .. "…" or text
end

--- Raises what is wrong with a parameter, as a table, whose `mistake` is that. The C module makes an error of the
-- function that was called of it; what else is raised while parameters are read is a hook's.
function value.refuse(name, why)
  error({ mistake = ("parameter '%s': %s"):format(shown(name), why) }, 0)
end

local function fail(why, path, depth)
  value.refuse(path[1], depth == 1 and why or ("in %s %s"):format(place(path, depth), why))
end

-- Numbers -----------------------------------------------------------------------------

--- The text of a number, or nil and why it has none.
function value.number(n)
  if math.type and math.type(n) == "integer" then return json.number(n) end
  if n ~= n or n == math.huge or n == -math.huge then return nil, "a finite number expected" end
  if n % 1 == 0 and not (-EXACT <= n and n <= EXACT) then
    return nil, "an integer that is too large to be sent exactly: use a string"
  end
  return json.number(n)
end

-- Tables ------------------------------------------------------------------------------

-- How many elements a list has; nil: it is no list, and the first position that it lacks.
local function count(list)
  local n = 0
  for _ in next, list do n = n + 1 end
  for i = 1, n do
    if list[i] == nil then return nil, i end
  end
  return n
end

-- Why a table that isn't empty is no list; `hole` is the first position that it lacks.
local function mistake_in_list(list, hole)
  local position, name
  for key in next, list do
    if type(key) == "number" then position = key else name = key end
    if type(key) ~= "number" and type(key) ~= "string" then return ("a %s can't be a name"):format(type(key)) end
    if type(key) == "number" and not (key >= 1 and key % 1 == 0) then
      return ("[%s] is no position in a list"):format(tostring(key))
    end
  end
  if position and name then return "a list or an object expected, this one is both" end
  if name then return "it is marked as a list and has names" end
  return ("a list without holes expected, [%d] is nil: botapi.null is JSON's"):format(hole)
end

-- The names of an object, and how many there are; nil: it has other keys.
local function names_of(object)
  local names, n = {}, 0
  for name in next, object do
    if type(name) ~= "string" then return nil end
    n = n + 1
    names[n] = name
  end
  if n > 1 then sort(names) end
  return names, n
end

-- What is inherited can't be listed, so it would be left out.
local function check_plain(t, path, depth)
  local why = core.not_plain(t)
  local meta = getmetatable(t)
  if type(meta) == "table" and rawget(meta, "__tojson") ~= nil then
    why = why or "a plain table expected: this one has __tojson; JSON's null is botapi.null"
  end
  if why then fail(why, path, depth) end
end

-- Is an empty table a list?
local function is_list(mark, style, path, depth)
  if mark then return mark == "array" end
  local at = json.last_name(path, depth)
  return depth - at < style.levels(path[at], at == 1)
end

local function shape(t, style, path, depth)
  local mark
  if getmetatable(t) ~= nil then
    check_plain(t, path, depth)
    mark = json.mark_of(t)
  end
  local names, n, hole
  if t[1] == nil then names, n = names_of(t) end
  if n == 0 and is_list(mark, style, path, depth) then return 0 end
  if names and (n == 0 or mark ~= "array") then return nil, names end
  n, hole = count(t)
  return n or fail(mistake_in_list(t, hole), path, depth)
end

local function number(n, path, depth)
  local text, why = value.number(n)
  return text or fail(why, path, depth)
end

--- How parameters are written, for json.encode.
-- @tparam function levels gets a name, and whether it is a parameter's own; returns how many levels of lists an empty
--   table is part of that stands there
-- @treturn table
function value.style(levels)
  return { levels = levels, shape = shape, number = number, fail = fail, depth = DEPTH, left = MOST, clean = false,
    ascii = false }
end

return value
