-- SPDX-License-Identifier: MIT
-- When a fleet's next call may go out, on a clock of the spec's own; and what a heap of sleepers gives back.

local gates = require "botapi.fleet.gate"
local heap = require "botapi.fleet.heap"

describe("the gate of a fleet", function()
  it("is open without a rate", function()
    local gate = gates.new()
    for _ = 1, 1000 do
      assert.equal(0, gate:wait(5))
      gate:pass(5)
    end
  end)

  it("lets out exactly as many as the rate says", function()
    local gate, now, out = gates.new(40), 0, 0
    while now < 10 do
      if gate:wait(now) == 0 then
        gate:pass(now)
        out = out + 1
      else
        now = now + gate:wait(now) + 1e-9
      end
    end
    assert.is_true(399 <= out and out <= 402, out .. " in ten seconds")
  end)

  it("catches up no more than a moment after a pause", function()
    local gate, out = gates.new(100), 0
    gate:pass(0)
    while gate:wait(60) == 0 do
      gate:pass(60)
      out = out + 1
    end
    assert.is_true(out <= 6, out .. " at once")
  end)

  it("leaves a single bot's 429 to that bot", function()
    local gate = gates.new()
    for i = 1, 100 do
      gate:pass(i / 10)
      if i % 10 == 0 then assert.is_nil(gate:refused("7", 30, i / 10)) else gate:answered() end
      assert.equal(0, gate:wait(i / 10))
    end
  end)

  it("leaves rare 429s of different bots to them", function()
    local gate = gates.new()
    for i = 1, 1000 do
      gate:pass(i / 10)
      if i % 12 == 0 then assert.is_nil(gate:refused(tostring(i), 3600, i / 10)) else gate:answered() end
    end
    assert.is_nil(gate:limit())
  end)

  it("closes when several bots get one, for the shortest of their times", function()
    local gate = gates.new()
    for i = 1, 20 do
      gate:pass(1)
      if i <= 18 then gate:answered() else assert.is_nil(gate:refused(tostring(i), 40 - i, 1)) end
    end
    assert.equal(12, gate:refused("21", 12, 1))
    assert.equal(12, gate:wait(1))
    assert.is_true(gate:limit() < 20 / 12)
  end)

  it("pauses a minute at most, whatever single bots are told", function()
    local gate = gates.new()
    gate:pass(0)
    for i = 1, 2 do gate:refused(tostring(i), 86400, 0) end
    assert.equal(60, gate:refused("3", 86400, 0))
  end)

  it("doesn't come to a stop where nothing had passed before", function()
    local gate = gates.new()
    gate:pass(0)
    for i = 1, 3 do gate:refused(tostring(i), 1, 0.01) end
    assert.is_true(gate:limit() > 0.5)
  end)

  it("goes faster again after a time without any", function()
    local gate, now = gates.new(100), 0
    gate:pass(0)
    for i = 1, 3 do gate:refused(tostring(i), 1, now) end
    now = 1
    for _ = 1, 400 do
      now = now + gate:wait(now)
      gate:pass(now)
      gate:answered()
    end
    assert.equal(100, gate:limit())
  end)

  -- Bots come again when they were told to; the server takes 20 in each minute.
  it("comes to terms with a server that takes 20 bots a minute", function()
    local BOTS, WINDOW = 400, 100
    local gate, now, minute, taken, refusals, done = gates.new(), 0, 0, 0, 0, 0
    local waiting, asleep, left = 0, {}, BOTS
    while done < BOTS do
      while asleep[1] and asleep[1].wakes <= now do
        heap.pop(asleep)
        waiting = waiting + 1
      end
      while waiting < WINDOW and left > 0 do waiting, left = waiting + 1, left - 1 end
      if waiting > 0 and gate:wait(now) == 0 then
        gate:pass(now)
        waiting = waiting - 1
        if math.floor(now / 60) > minute then minute, taken = math.floor(now / 60), 0 end
        if taken < 20 then
          taken, done = taken + 1, done + 1
          gate:answered()
        else
          refusals = refusals + 1
          local wait = math.ceil((minute + 1) * 60 - now)
          gate:refused(tostring(refusals), wait, now)
          heap.push(asleep, { wakes = now + wait * 1.05 })
        end
      else
        local next_at = waiting > 0 and now + gate:wait(now) or asleep[1].wakes
        now = math.max(next_at, now) + 1e-6
      end
    end
    assert.is_true(now < 2.2 * BOTS * 3, ("%.0f minutes"):format(now / 60))
    assert.is_true(refusals < BOTS / 2, refusals .. " refusals")
  end)
end)

describe("the sleepers of a fleet", function()
  it("wake in the order of their times", function()
    local list, last, n = {}, 0, 0
    for i = 1, 1000 do heap.push(list, { wakes = i * 7919 % 1009 }) end
    for item in function() return heap.pop(list) end do
      assert.is_true(item.wakes >= last)
      last, n = item.wakes, n + 1
    end
    assert.equal(1000, n)
  end)
end)
