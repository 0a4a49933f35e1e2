-- SPDX-License-Identifier: MIT
-- Owns the check that the pictures of the documentation are there, small, and of the program as it is.

local golden = require "support.golden"
local process = require "support.process"

local function picture(name) return process.slurp(process.root .. "docs/" .. name) end

describe("a picture of the documentation", function()
  if process.lua ~= "lua5.4" then return pending("it is the same for each Lua: checked under Lua 5.4") end

  it("shows a move in a terminal as the command shows it", function()
    assert.equal(golden.normal(picture "move.svg"), golden.normal(require "support.session".svg()), "run make pictures")
  end)

  it("has no token, and is drawn by nothing that a page would run", function()
    local svg = picture "move.svg"
    assert.is_nil(svg:find "%f[%d]123456789:")
    for _, word in ipairs { "CANARY", "<script", "onload", "href" } do assert.is_nil(svg:find(word, 1, true), word) end
  end)

  for name, head in pairs { ["move.svg"] = "<svg ", ["admin.png"] = "\137PNG\r\n" } do
    it("is small, and of the format that its name tells: " .. name, function()
      assert.equal(head, picture(name):sub(1, #head))
      assert.is_true(#picture(name) < 100000)
    end)
  end
end)
