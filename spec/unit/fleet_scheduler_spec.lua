-- SPDX-License-Identifier: MIT
-- Specifies when the scheduler of a fleet has something to do without an answer from a server.

local core = require "botapi.core"
local gate = require "botapi.fleet.gate"
local scheduler = require "botapi.fleet.scheduler"

describe("the scheduler of a fleet", function()
  local engine, tasks
  local hooks = { ended = function() end, answered = function() end, sleeps = function() end }
  before_each(function()
    engine = core.engine()
    tasks = scheduler.new(engine, gate.new(), hooks, require "botapi.api")
  end)
  after_each(function() engine:close() end)

  it("is due at once while a task can begin, and at no time when none is left", function()
    assert.is_nil(tasks:due())
    tasks:add({}, function() end)
    assert.equal(0, tasks:due())
    assert.is_false(tasks:is_idle())
    tasks:run()
    assert.is_nil(tasks:due())
    assert.is_true(tasks:is_idle())
  end)

  it("is due when the first of its sleeping tasks wakes, and at once when it is stopped", function()
    for _, seconds in ipairs { 300, 100, 200 } do tasks:add({}, function() tasks.api.sleep(seconds) end) end
    tasks:run()
    local due = tasks:due()
    assert.is_true(99 < due and due <= 100, due)
    tasks:stop()
    assert.equal(0, tasks:due())
  end)
end)
