-- SPDX-License-Identifier: MIT
-- Files inside of parameters that are JSON: each becomes a part of the request, which the JSON names as `attach://…`.

local core = require "botapi.core"

local DEPTH = 100               -- what is nested deeper is refused by who writes the JSON

local attach = {}

-- Each table is looked at once, however often it is there.
local function holds_file(value, seen, depth)
  if type(value) == "userdata" then return core.is_file(value) end
  if type(value) ~= "table" or seen[value] or depth > DEPTH then return false end
  seen[value] = true
  for _, member in next, value do
    if holds_file(member, seen, depth + 1) then return true end
  end
  return false
end

--- Whether a value is a file, or a table that holds one.
function attach.holds_file(value) return holds_file(value, {}, 0) end

-- A name that no parameter has: the first of a file, which may be there more than once.
local function name_of(file, given, attached)
  if attached[file] then return attached[file] end
  local n = #attached
  repeat n = n + 1 until given["file_" .. n] == nil
  for _ = #attached + 1, n do attached[#attached + 1] = false end
  attached[n], attached[file] = file, "file_" .. n
  return attached[file]
end

-- A metatable that hides itself isn't the copy's.
local function like(copy, value)
  local meta = getmetatable(value)
  return type(meta) == "table" and setmetatable(copy, meta) or copy
end

-- `copies`: of the tables that were met, so that one which holds itself does so in its copy, too.
local function replaced(value, name, copies, depth)
  if type(value) == "userdata" and core.is_file(value) then return "attach://" .. name(value) end
  if type(value) ~= "table" or depth > DEPTH then return value end
  if copies[value] then return copies[value] end
  local copy = {}
  copies[value] = copy
  for key, member in next, value do copy[key] = replaced(member, name, copies, depth + 1) end
  return like(copy, value)
end

--- A table in which files are texts that name them.
-- @tparam table value it stays as it is
-- @tparam table given all parameters
-- @tparam table attached each file that is to be sent gets the name of its part here, and a place
function attach.replaced(value, given, attached)
  if not attach.holds_file(value) then return value end
  return replaced(value, function(file) return name_of(file, given, attached) end, {}, 0)
end

return attach
