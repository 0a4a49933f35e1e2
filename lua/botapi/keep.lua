-- SPDX-License-Identifier: MIT
-- Reads modules before they are needed: a program that can't open a file any more still finds them.

-- The file of a module, and its path; Lua 5.1 has no package.searchpath.
local function open_module(name)
  for template in package.path:gmatch "[^;]+" do
    local path = template:gsub("%?", (name:gsub("%.", "/")))
    local file = io.open(path, "rb")
    if file then return file, path end
  end
end

--- Reads a module now, and compiles it when it is first required: most programs that make one call never need these,
-- and compiling takes longer than the rest of botapi.
-- @string name
return function(name)
  if package.loaded[name] or package.preload[name] then return end
  local file, path = open_module(name)
  if not file then return require(name) end     -- a searcher of the user's own
  local parts = {}                              -- small ones: where a buffer grows, the collector isn't asked to help
  for part in function() return file:read(1024) end do parts[#parts + 1] = part end
  file:close()
  package.preload[name] = function(...)
    local i = 0
    local function next_part()
      i = i + 1
      return parts[i]
    end
    return assert(load(next_part, "@" .. path))(...)
  end
end
