-- SPDX-License-Identifier: MIT
-- Owns which line an error of the caller's is told with: the nearest one that isn't this library's own.

local getinfo = debug.getinfo

-- Where the files of this library begin: "@/usr/share/lua/5.4/".
local root = getinfo(1, "S").source:match "^(@.*)botapi/place%.lua$"

local function is_own(source)
  if not root or source:sub(1, #root) ~= root then return false end
  local path = source:sub(#root + 1)
  return path:find "^botapi/" ~= nil or path:find "^resty/botapi/" ~= nil
end

-- Functions written in C have no lines, nor has what Lua 5.1 keeps of a tail call.
local function is_users(info)
  return info.currentline > 0 and not is_own(info.source)
end

-- Whose line it is. What was loaded from a string without a name is named by its text, which may hold a token.
local function name_of(info)
  return info.source:find "^[@=]" and info.short_src or '[string "..."]'
end

--- `file:line: `, as Lua writes it before an error; empty where no function of the caller's is on the stack, as a tail
-- call takes it off.
-- @treturn string
return function()
  local level = 2
  local info = getinfo(level, "Sl")
  while info and not is_users(info) do
    level = level + 1
    info = getinfo(level, "Sl")
  end
  return info and ("%s:%d: "):format(name_of(info), info.currentline) or ""
end
