-- SPDX-License-Identifier: MIT
-- Makes copas loadable on every Lua where Debian's package of it is installed. That one is for some Luas only, and
-- copas 4's lacks what it requires: timerwheel, which isn't packaged, and binaryheap for the newest. All of it is Lua
-- alone: what is installed for another Lua serves this one.

local SHARE = "/usr/share/lua/5.%d/%s.lua"

-- A module that is installed for another Lua than this one, the newest first.
local function of_another(name)
  for minor = 5, 1, -1 do
    local path = SHARE:format(minor, name)
    local file = io.open(path)
    if file then
      file:close()
      return assert(loadfile(path))
    end
  end
end

local function has(name)
  return package.preload[name] ~= nil or pcall(require, name)
end

local support = {}

--- Whether `require "copas"` works, after this; else why it doesn't.
-- @treturn boolean
-- @treturn string what is missing, and what would help
function support.find()
  -- copas last: Lua 5.1 remembers one that couldn't be loaded
  if not has "timerwheel" then
    package.preload.timerwheel = function() return require "support.timerwheel" end
  end
  for _, name in ipairs { "coxpcall", "binaryheap", "copas" } do
    if not has(name) then package.preload[name] = of_another(name) end
  end
  local ok, why = pcall(require, "copas")
  if not ok then
    local missing = tostring(why):match "module '([^']*)' not found"
    return false, missing and ("no module %s: apt-get install lua-%s"):format(missing, missing) or tostring(why)
  end
  -- busted forgets modules between files: this one knows the coroutines of copas
  local coxpcall = package.loaded.coxpcall
  if coxpcall then package.preload.coxpcall = function() return coxpcall end end
  return true
end

return support
