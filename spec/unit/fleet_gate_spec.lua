-- SPDX-License-Identifier: MIT
-- When a fleet's next call may go out, on a clock of the spec's own; and what a heap of sleepers gives back.

local gates = require "botapi.fleet.gate"
local heap = require "botapi.fleet.heap"

local LATENCY = 0.05

-- A numbers generator of the spec's own: the same on each Lua.
local function dice()
  local state = 1
  return function()
    state = state * 16807 % 2147483647
    return state / 2147483647
  end
end

-- A fleet of bots 1 to `bots` with `window` in hand; who waits out a 429 makes room. `server(bot, now)` gives the
-- seconds of a 429, or nil. Returns when all were done, and the 429s in each half of the bots done.
local function simulate(gate, bots, window, server)
  local now, done, fresh, active, fast = 0, 0, 1, 0, 0
  local queue, first, events, refusals = {}, 1, {}, { 0, 0 }
  local function at(wakes, fn) heap.push(events, { wakes = wakes, fn = fn }) end
  local function enter(bot)
    active = active + 1
    queue[#queue + 1] = bot
  end
  local function answer(bot, wait)
    active = active - 1
    if not wait then
      done = done + 1
      return gate:answered()
    end
    local half = done < bots / 2 and 1 or 2
    refusals[half] = refusals[half] + 1
    gate:refused(tostring(bot), wait, now)
    at(now + wait * 1.05, function() enter(bot) end)
  end
  while done < bots do
    while events[1] and events[1].wakes <= now do heap.pop(events).fn() end
    while active < window and fresh <= bots do
      enter(fresh)
      fresh = fresh + 1
    end
    while queue[first] and gate:wait(now) == 0 do
      gate:pass(now)
      local bot, wait = queue[first], server(queue[first], now)
      first = first + 1
      fast = fast + 1
      at(now + LATENCY + fast % 7 * 1e-3, function() answer(bot, wait) end)
    end
    local due = events[1] and events[1].wakes or math.huge
    if done == bots then due = now end
    if queue[first] then due = math.min(due, now + gate:wait(now)) end
    now = math.max(due, now) + 1e-6
    assert(done == bots or now < 1e5, "the fleet has come to a stop")
  end
  return now, refusals
end

-- Takes `most` in any `span` seconds, and tells truly when it will take the next.
local function sliding(most, span)
  local times = {}
  return function(_, now)
    local oldest = times[#times - most + 1]
    if oldest and oldest + span > now then return math.ceil(oldest + span - now) end
    times[#times + 1] = now
  end
end

-- Takes `most` from each full minute to the next.
local function by_minute(most)
  local minute, taken = 0, 0
  return function(_, now)
    if math.floor(now / 60) > minute then minute, taken = math.floor(now / 60), 0 end
    if taken == most then return math.max(1, math.ceil((minute + 1) * 60 - now)) end
    taken = taken + 1
  end
end

-- Each of these bots gets one 429.
local function once(wait, is_chosen)
  local seen = {}
  return function(bot)
    if seen[bot] or not is_chosen(bot) then return nil end
    seen[bot] = true
    return wait
  end
end

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

  it("closes when several bots get one in a row, for the shortest of their times", function()
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

  it("isn't slowed for long by 429s of single bots, at any rate", function()
    for _, window in ipairs { 1, 5, 20, 100 } do
      local random, chosen = dice(), {}
      for i = 1, 1000 do chosen[i] = random() < 0.15 end
      local function is_chosen(bot) return chosen[bot] end
      local free = { wait = function() return 0 end, pass = function() end, answered = function() end,
        refused = function() end }
      local unthrottled = simulate(free, 1000, window, once(5, is_chosen))
      for _, rate in ipairs { 10, 50, 1e6 } do
        local took = simulate(gates.new(rate < 1e6 and rate or nil), 1000, window, once(5, is_chosen))
        local most = 2 * math.max(unthrottled, 1150 / rate) + 15
        assert.is_true(took < most, ("%d in hand, %g a second: %.1f s, not %.1f"):format(window, rate, took, most))
      end
    end
  end)

  it("takes seconds when the first half of all bots gets a short 429", function()
    for window, most in pairs { [100] = 25, [300] = 10 } do
      local took = simulate(gates.new(), 300, window, once(2, function(bot) return bot <= 150 end))
      assert.is_true(took < most, ("%d in hand: %.1f s"):format(window, took))
    end
  end)

  it("keeps going at a second each at the worst, where it can't tell bots from the server", function()
    local gate = gates.new()
    local took = simulate(gate, 300, 10, once(2, function(bot) return bot <= 150 end))
    assert.is_true(took < 300, ("%.1f s"):format(took))
  end)

  it("never slows for one bot, or two, that get 429s again and again", function()
    local gate, times = gates.new(), {}
    local took = simulate(gate, 2000, 20, function(bot)
      if bot > 2 then return nil end
      times[bot] = (times[bot] or 0) + 1
      return times[bot] < 8 and 1 or nil
    end)
    assert.is_true(took < 9, ("%.1f s"):format(took))
    assert.is_nil(gate:limit())
  end)

  it("opens again when the calls in flight show that it wasn't the server", function()
    local gate = gates.new(50)
    for _ = 1, 10 do gate:pass(0) end
    for i = 1, 3 do gate:refused(tostring(i), 30, 1) end
    assert.equal(30, gate:wait(1))
    for _ = 1, 3 do gate:answered() end
    assert.equal(0, gate:wait(1))
    assert.equal(50, gate:limit())
  end)

  -- 20 in a minute is Telegram's limit for new bots of one address.
  it("comes to terms with a server that takes so many and no more", function()
    local servers = { { 20, 60 }, { 100, 60 }, { 300, 60 }, { 1000, 60 }, { 30, 10 }, { 10, 1 } }
    for _, each in ipairs(servers) do
      local most, span = each[1], each[2]
      for _, server in ipairs { sliding(most, span), span == 60 and by_minute(most) or nil } do
        local bots = most * 20
        local took, refusals = simulate(gates.new(), bots, 100, server)
        local words = ("%d in %d s: %.0f s, %d and %d refusals of %d"):format(most, span, took, refusals[1],
          refusals[2], bots)
        assert.is_true(took < 1.4 * 20 * span + 60, words)
        assert.is_true(refusals[2] < 0.2 * (bots / 2 + refusals[2]), words)
      end
    end
  end)

  it("doesn't hammer a server that takes nothing for an hour", function()
    local gate, sent = gates.new(), 0
    simulate(gate, 200, 100, function(_, now)
      if now < 3600 and now > 2 then sent = sent + 1 end
      return now < 3600 and math.ceil(3600 - now) or nil
    end)
    assert.is_true(sent < 4 * 60, sent .. " sent")
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
