-- SPDX-License-Identifier: MIT
-- Owns the check that the library's numbers of the servers and the emulator's own ones are the same.

local emulator = require "botapi.emulator"
local facts = require "botapi.facts"

describe("the servers' numbers", function()
  local emu
  before_each(function() emu = emulator.start { as = "cloud" } end)
  after_each(function() emu:close() end)

  local function code(method)
    local res = assert(require "botapi".call(emu:token(1), method, nil, { server = emu.url }))
    return res.ok and "ok" or res.description
  end

  it("are those of the emulator: the lock-out after a logout", function()
    assert.equal("ok", code "logOut")
    emu:advance(facts.LOCK_OUT - 5)
    assert.equal("Logged out", code "getMe")
    emu:advance(5)
    assert.equal("ok", code "getMe")
  end)

  it("are those of the emulator: the pause before a close", function()
    emu:advance(facts.CLOSE_PAUSE + 1)
    assert.equal("ok", code "getMe")
    emu:advance(facts.CLOSE_PAUSE - 5)
    assert.matches("retry after %d$", code "close")
    emu:advance(5)
    assert.equal("ok", code "close")
  end)
end)
