-- SPDX-License-Identifier: MIT
-- Makes a module of functions say what it is at a prompt, and refuse names that are nearly those of its functions.

local nearest = require "botapi.nearest"
local place = require "botapi.place"

--- @tparam table functions by name
-- @string what the module's name
-- @treturn table the same
return function(functions, what)
  local names = {}
  for name in pairs(functions) do names[#names + 1] = name end
  table.sort(names)
  return setmetatable(functions, {
    __tostring = function() return ("%s: %s"):format(what, table.concat(names, ", ")) end,
    __index = function(_, name)
      local meant = type(name) == "string" and nearest.of(name, names)
      if not meant then return nil end
      error(("%s%s has no function '%s': %s"):format(place(), what, name, nearest.question(meant)), 0)
    end,
  })
end
