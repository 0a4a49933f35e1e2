-- SPDX-License-Identifier: MIT
-- Every Lua file of the tree is one for every Lua that is here: none assigns to a loop's variable, which 5.5 forbids.

local process = require "support.process"

local LUAS = { "lua5.1", "lua5.2", "lua5.3", "lua5.4", "lua5.5", "luajit" }

-- `make torture` is run by Lua 5.4 alone, and divides integers: these don't know that.
local NO_TORTURE = { ["lua5.1"] = true, ["lua5.2"] = true, luajit = true }

-- Loads each file that its arguments name, runs none, and says what is wrong.
local READ = [[
for _, path in ipairs(arg) do
  local chunk, why = loadfile(path)
  if not chunk then print(why) end
end
]]

local function files(lua)
  local list = {}
  local found = process.capture("cd " .. process.quote(process.root) ..
    " && find lua spec examples packaging bench types bin -name '*.lua' -o -path bin/botapi | grep -v node_modules")
  for path in found:gmatch "[^\n]+" do
    if not (NO_TORTURE[lua] and path:match "^spec/torture/") then list[#list + 1] = process.root .. path end
  end
  return list
end

describe("every Lua file of the tree", function()
  local reader
  lazy_setup(function()
    reader = process.directory() .. "reader.lua"
    local file = assert(io.open(reader, "w"))
    file:write(READ)
    file:close()
  end)

  for _, lua in ipairs(LUAS) do
    if process.run("command -v " .. lua .. " >/dev/null") then
      it("is read by " .. lua, function()
        local list = files(lua)
        assert.is_true(#list > 200, #list .. " files")
        assert.equal("", process.capture(("%s %s %s 2>&1"):format(lua, process.quote(reader), process.words(list))))
      end)
    end
  end
end)
