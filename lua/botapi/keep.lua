-- SPDX-License-Identifier: MIT
-- Reads modules before they are needed: a program that can't open a file any more still finds them.

local read = require "botapi.core".host.read

-- Where the files of this library are: "/usr/share/lua/5.4/".
local here = debug.getinfo(1, "S").source:match "^@(.*)botapi/keep%.lua$"

local function read_here(name)
  local path = here and here .. name:gsub("%.", "/") .. ".lua"
  return path and read(path), path
end

-- Lua 5.1 has no package.searchpath.
local function read_elsewhere(name)
  for template in package.path:gmatch "[^;]+" do
    local path = template:gsub("%?", (name:gsub("%.", "/")))
    local text = read(path)
    if text then return text, path end
  end
end

--- Reads a module now, and compiles it when it is first required: most programs that make one call never need these,
-- and compiling takes longer than the rest of botapi.
-- @string name
return function(name)
  if package.loaded[name] or package.preload[name] then return end
  local text, path = read_here(name)
  if not text then text, path = read_elsewhere(name) end
  if not text then return require(name) end     -- a searcher of the user's own
  package.preload[name] = function(...) return assert((loadstring or load)(text, "@" .. path))(...) end
end
