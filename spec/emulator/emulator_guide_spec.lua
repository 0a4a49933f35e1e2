-- SPDX-License-Identifier: MIT
-- Owns the check that the guide says what the code does.

local cjson = require "cjson"
local faults = require "botapi.emulator.faults"
local rules = require "botapi.emulator.rules"
local json = require "botapi.emulator.json"

describe("emulator: docs/emulator.md", function()
  local text

  setup(function()
    local file = assert(io.open "docs/emulator.md")
    text = file:read "*a"
    file:close()
  end)

  for _, fault in ipairs(faults) do
    it("has the row of " .. fault.name .. " as the table in the code has it", function()
      local row = string.format("| `%s` | %s | %s | %s |\n", fault.name, fault["then"].execute and "yes" or "no",
        fault.sees, fault.sent)
      assert.truthy(text:find(row, 1, true))
    end)
  end

  it("has only rules that are taken", function()
    local n = 0
    for line in text:gmatch '\n({"method"[^\n]*)' do
      n = n + 1
      assert(rules.check(assert(json.decode(line))))
      assert.is_table(cjson.decode(line))
    end
    assert.equal(5, n)
  end)

  it("names every option of the command", function()
    local pipe = io.popen "bin/botapi emulator --help"
    for name in pipe:read("*a"):gmatch "\n   (%-%-[%a-]+)" do
      assert.truthy(text:find("`" .. name, 1, true) or text:find("[`" .. name, 1, true)
        or text:find(name .. " F", 1, true), name)
    end
    pipe:close()
  end)
end)
