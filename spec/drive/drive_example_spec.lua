-- SPDX-License-Identifier: MIT
-- The example of a loop that there is no driver for runs, on every Lua that has LuaSocket.

local process = require "support.process"

describe("examples/loop.lua", function()
  local missing = not pcall(require, "socket") and "no LuaSocket for " .. _VERSION
  if missing then
    pending(missing)
    return
  end

  it("makes three calls and a pause in LuaSocket's select", function()
    local emulator = require "botapi.emulator".start()
    local child = process.start { process.lua, process.root .. "examples/loop.lua", name = "loop",
      env = { BOT_TOKEN = "123456:CANARY-of-the-example-00000000000000", BOTAPI_SERVER = emulator.url } }
    local seen = {}
    for _ = 1, 4 do -- in any order
      local line = assert(child:line(20))
      local method, answer = line:match "^(%a+)\t(.*)$"
      seen[method or line] = answer or true
    end
    local code = child:wait(20)
    emulator:close()
    assert.equal(0, code, child:errors())
    assert.equal("{ok = true, result = true}", seen.logOut)
    assert.is_true(seen["slept 50 ms"])
    assert.is_truthy(seen.getMe and seen.getWebhookInfo)
    assert.is_nil(child:output():find("CANARY", 1, true))
  end)
end)
