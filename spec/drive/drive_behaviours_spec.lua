-- SPDX-License-Identifier: MIT
-- The same behaviours on every event loop, and the same number of them.

local behaviours = require "support.behaviours"
local faults = require "support.faults"
local live = require "support.live"
local loops = require "support.loops"

local list, left_out = loops.list()

describe("the functions on", function()
  local server, before
  local ran = {}
  lazy_setup(function()
    server = faults.start()
    loops.warm_up()
  end)
  lazy_teardown(function()
    server:stop()
    for _, loop in ipairs(list) do
      print(("behaviours on %s, %s: %d"):format(loop.name, _VERSION, ran[loop.name] or 0))
    end
  end)
  before_each(function() before = live.note() end)

  for _, loop in ipairs(list) do
    describe(loop.name, function()
      for _, behaviour in ipairs(behaviours) do
        it(behaviour.title, function()
          loops.try(behaviour, server, function(...) return loop.run(behaviour.body, ...) end)
          ran[loop.name] = (ran[loop.name] or 0) + 1
          before:check()
        end)
      end
    end)
  end

  -- counted as skipped: that a loop isn't here must be seen
  for _, loop in ipairs(left_out) do
    it(loop.name, function() pending(loop.why) end)
  end

  it("every loop, in the same number", function()
    for _, loop in ipairs(list) do assert.equal(#behaviours, ran[loop.name], loop.name) end
  end)
end)
