-- SPDX-License-Identifier: MIT
-- Owns the specs of a command's state: it is made in one place, and Ctrl-C ends a command in one.

local core = require "botapi.core"
local process = require "support.process"
local session = require "botapi.cli.session"

describe("a command's session", function()
  local function with(perform) return session.run("status", { quiet = true, color = "never" }, perform) end

  it("takes no field but those that it is made with", function()
    assert.equal(0, with(function(self)
      self.attempts, self.token = 1, "5:x"
      assert.error_matches(function() self.toke = "5:x" end, "no such field: toke")
      return 0
    end))
  end)

  it("has the fields that types/ declares", function()
    local types = process.slurp(process.root .. "types/botapi/cli.lua")
    local declared, known = types:match "@class botapi%.cli%.Session\n(.-)\n\n", 0
    assert.equal(0, with(function(self)
      for name in declared:gmatch "%-%-%-@field ([%a_]+)" do
        known = known + 1
        assert.is_not_nil(rawget(self, name), name)
      end
      for _ in pairs(self) do known = known - 1 end
      return 0
    end))
    assert.equal(0, known)
  end)

  it("makes state that takes no other field either", function()
    local state = session.state { exit = false }
    state.exit = 3
    assert.error_matches(function() state.exist = 4 end, "no such field: exist")
  end)

  it("raises what isn't Ctrl-C, also a text that speaks of one", function()
    for _, raised in ipairs { "interrupted!", { kind = "cancelled" } } do
      assert.is_nil(core.interruption(raised))
      local ok, seen = pcall(with, function() error(raised, 0) end)
      assert.same({ false, raised }, { ok, seen })
    end
  end)
end)
