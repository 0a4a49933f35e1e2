-- SPDX-License-Identifier: MIT
-- Owns how a fleet waits for its own engine in each loop: until it has something to do, or a time is over.

local waiting = {}

local function nothing() end

-- Where nothing better is known (nginx): the engine is stepped between sleeps.
local SHORTEST, LONGEST, GROWTH = 0.001, 0.010, 1.25

local function by_sleeping(drive)
  local pause = SHORTEST
  return function(engine, seconds)
    if engine:dirty() then
      pause = SHORTEST
    else
      drive.sleep(math.min(pause, seconds or pause))
      pause = math.min(pause * GROWTH, LONGEST)
    end
    engine:step(0)
  end
end

local function blocking()
  return function(engine, seconds) engine:step(seconds) end
end

-- The engine's descriptor is readable at its deadlines, too: a timer of the engine ends the wait.
local function by_descriptor(wait)
  return function(engine, seconds)
    local alarm = seconds and seconds > 0 and engine:timer(seconds)
    if seconds ~= 0 and not engine:dirty() then wait(engine) end
    if alarm then alarm:cancel() end
    engine:step(0)
  end
end

-- A controller remembers descriptors that it has watched: it must forget this one before it is closed.
local function cqueues()
  local loop = require "cqueues"
  return by_descriptor(function(engine) loop.poll(engine) end), function(engine) loop.cancel(engine:pollfd()) end
end

local function copas()
  local receive = require "copas".receive
  return by_descriptor(function(engine)
    local pseudo = { close = nothing, settimeout = nothing, getfd = function() return engine:pollfd() end,
      dirty = function() return engine:dirty() end }
    local asked = false
    function pseudo.receive()
      if asked then return true end
      asked = true
      return nil, "timeout"
    end
    receive(pseudo)
  end)
end

local function luv()
  local uv = require "luv"
  return by_descriptor(function(engine)
    local poll, co = assert(uv.new_poll(engine:pollfd())), coroutine.running()
    poll:start("r", function()
      poll:stop()
      poll:close()
      assert(coroutine.resume(co))
    end)
    coroutine.yield()
  end)
end

local known = { ["botapi.drive.cqueues"] = cqueues, ["botapi.drive.copas"] = copas, ["botapi.drive.luv"] = luv }

--- How to wait for an engine that isn't the driver's.
-- @tparam table drive the driver
-- @treturn function `wait(engine, seconds)`: steps the engine; at most so long, nil: until something happened
-- @treturn function `leave(engine)`: to be called before the engine is closed
-- @raise outside of a coroutine of the loop
function waiting.of(drive)
  if drive.blocking then return blocking(), nothing end
  for name, make in pairs(known) do
    if package.loaded[name] == drive then
      drive.engine()            -- raises where the loop can't suspend
      local wait, leave = make()
      return wait, leave or nothing
    end
  end
  return by_sleeping(drive), nothing
end

return waiting
