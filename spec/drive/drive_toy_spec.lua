-- SPDX-License-Identifier: MIT
-- A new event loop takes one file: the functions and a fleet behave on it as on every other loop.

local behaviours = require "support.behaviours"
local faults = require "support.faults"
local live = require "support.live"
local loops = require "support.loops"
local toy = require "support.toy_loop"

local api_for = require "botapi.api"
local botapi = require "botapi"

local loop = { spawn = toy.spawn }

function loop.run(fn)
  toy.spawn(fn)
  toy.run()
end

describe("a loop of one file", function()
  local server, before
  local api = api_for(toy.driver)
  lazy_setup(function()
    server = faults.start()
    loop.run(function() api.get_me("1:x", { server = "http://127.0.0.1:1" }) end)
  end)
  lazy_teardown(function() server:stop() end)
  before_each(function() before = live.note() end)
  after_each(function() before:check() end)

  for _, behaviour in ipairs(behaviours) do
    it(behaviour.title, function()
      loops.try(behaviour, server, function(...) return loops.run(loop, api, behaviour.body, ...) end)
    end)
  end

  it("raises outside of a coroutine, for a fleet, too, and sends nothing", function()
    local listener = server:open { mode = "ok" }
    local options = { server = listener.url }
    assert.has_error(function() api.logout("123456:CANARY-of-the-toy-000000000000000000", options) end,
      "the toy loop: call it from a coroutine")
    assert.has_error(function() api.fleet({ "123456:CANARY-of-the-toy-000000000000000000" }, options) end,
      "the toy loop: call it from a coroutine")
    assert.equal(0, listener:close().seen())
  end)

  it("waits for any engine until a call is done or the time is over, and leaves no timer in it", function()
    local engine, monotime = botapi.engine(), require("cqueues").monotime
    loop.run(function()
      local timer, began = engine:timer(0.02), monotime()
      toy.driver.wait(engine, 60)
      assert.is_true(timer:done() and engine:step(0) == 0)
      toy.driver.wait(engine, 0.05)
      assert.equal(0, engine:step(0))
      local took = monotime() - began
      assert.is_true(0.07 <= took and took < 20, took)
    end)
    engine:close()
  end)

  -- A fleet of ten; how often it slept.
  local function run_fleet(driver)
    local listener, tokens, report, sleeps = server:open { mode = "slow" }, {}, nil, 0
    for i = 1, 10 do tokens[i] = ("%d:CANARY-of-the-toy-000000000000000000"):format(1000 + i) end
    function driver.sleep(seconds)
      sleeps = sleeps + 1
      toy.driver.sleep(seconds)
    end
    loop.run(function() report = api_for(driver).fleet(tokens, { server = listener.url, concurrency = 5 }) end)
    assert.is_true(report.ok, report.text)
    assert.equal(10, report.by_outcome.done)
    assert.equal(10, listener:close().seen())
    return sleeps
  end

  it("runs a fleet, which watches its engine's descriptor", function()
    local waits = 0
    local function wait(...)
      waits = waits + 1
      toy.driver.wait(...)
    end
    assert.equal(0, run_fleet { engine = toy.driver.engine, await = toy.driver.await, wait = wait })
    assert.is_true(waits < 200, waits .. " waits")
  end)

  it("runs a fleet without a driver's wait, too, which steps its engine between sleeps", function()
    assert.is_true(run_fleet { engine = toy.driver.engine, await = toy.driver.await } > 0)
  end)
end)
