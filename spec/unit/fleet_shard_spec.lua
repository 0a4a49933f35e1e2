-- SPDX-License-Identifier: MIT
-- Specifies which machine of several a bot belongs to: exactly one, the same in each Lua, about as many on each.

local shard = require "botapi.fleet.shard"

local function of(i, n) return assert(shard.read { i, n }) end

describe("a shard", function()
  it("is read from I/N or {I, N}", function()
    assert.same({ i = 2, n = 3, text = "2/3" }, shard.read "2/3")
    assert.same({ i = 2, n = 3, text = "2/3" }, shard.read { 2, 3 })
    assert.same({ i = 1, n = 1, text = "1/1" }, shard.read "1/1")
  end)

  for _, wrong in ipairs { "", "1", "0/3", "4/3", "1/0", "1/3/5", "-1/3", "1.5/3", "a/b", " 1/3", "1/3 ",
    "1/100001" } do
    it("isn't '" .. wrong .. "'", function()
      local found, why = shard.read(wrong)
      assert.is_nil(found)
      assert.is_truthy(why:find("option 'shard'", 1, true))
    end)
  end

  it("isn't a table of anything else", function()
    for _, wrong in ipairs { {}, { 1 }, { 1.5, 3 }, { 0, 3 }, { 4, 3 }, { 0 / 0, 3 }, { 1, 1 / 0 }, { true, 3 } } do
      assert.is_nil((shard.read(wrong)))
    end
  end)

  it("has each bot exactly once, whatever the number of machines", function()
    for _, n in ipairs { 1, 2, 3, 7, 64 } do
      for id = 1, 5e9, 370e6 + 1 do
        local found = 0
        for i = 1, n do found = found + (shard.has(of(i, n), ("%.0f"):format(id)) and 1 or 0) end
        assert.equal(1, found)
      end
    end
  end)

  -- The spread of a sum of so many coins is about its root.
  it("has about as many as each other, whatever lies between the ids", function()
    for _, step in ipairs { 1, 2, 3, 4, 7, 10, 16, 64, 100, 1000, 1024, 10007 } do
      for _, n in ipairs { 2, 3, 4, 5, 8, 10, 16 } do
        local counts, bots = {}, 2000
        for k = 1, bots do
          local i = shard.number(("%.0f"):format(5000000000 + k * step), n)
          counts[i] = (counts[i] or 0) + 1
        end
        for i = 1, n do
          local spread = math.abs((counts[i] or 0) - bots / n)
          assert.is_true(spread < 5 * math.sqrt(bots / n), ("step %d, shard %d/%d has %d"):format(step, i, n,
            counts[i] or 0))
        end
      end
    end
  end)

  it("is the same wherever it is worked out", function()
    local list = {}
    for i, id in ipairs { "1", "12", "110201543", "5000000001", "7999999999", "12345678901234567" } do
      list[i] = shard.number(id, 100)
    end
    assert.same({ 73, 6, 42, 9, 22, 64 }, list)
  end)

  it("without a number is the first", function()
    for n = 1, 20 do assert.is_true(shard.has(of(1, n), false)) end
  end)
end)
