-- SPDX-License-Identifier: MIT
-- How to wait in a cqueues controller: one engine and, while calls run, one coroutine that steps it for each.
local condition = require "cqueues.condition"
local core = require "botapi.core"
local cqueues = require "cqueues"

local drive = {}

-- By controller: {engine, waits: condition by call, stepping: whether one does}. Nothing in it may hold the
-- controller: before Lua 5.2 a value that does would keep its key for ever.
local states = setmetatable({}, { __mode = "k" })

local function state()
  local controller = cqueues.running()
  if not controller then error("botapi.cqueues: call it from a coroutine of a cqueues controller", 0) end
  if not states[controller] then
    states[controller] = { engine = core.engine(), waits = setmetatable({}, { __mode = "k" }) }
  end
  return states[controller], controller
end

-- Wakes exactly those whose calls are done, and ends with the last call: an idle controller's loop ends, too.
local function step(s)
  repeat
    cqueues.poll(s.engine)
    local running = s.engine:step(0)
    for call in s.engine:finished() do
      if s.waits[call] then s.waits[call]:signal() end
    end
  until running == 0
  s.stepping = false
end

local function see_to_steps(s, controller)
  if s.stepping then return end
  s.stepping = true
  controller:wrap(step, s)
end

local function wait(s, call)
  while not call:done() do
    s.waits[call]:wait()
  end
end

local function once(_, turn)
  if not turn then return true end
end

--- The engine of the controller that runs; raises outside of one.
-- @treturn botapi.engine
function drive.engine()
  return (state()).engine
end

--- Suspends the calling coroutine until a call of `engine()` is done.
-- @tparam botapi.call call
function drive.await(call)
  local s, controller = state()
  if call:done() then return end
  s.waits[call] = condition.new()
  see_to_steps(s, controller)
  -- from Lua 5.4 on the fourth value is closed with the coroutine: that cancels the call
  for _ in once, nil, nil, call do
    wait(s, call)
  end
  s.waits[call] = nil
end

--- Suspends the calling coroutine.
-- @tparam number seconds
function drive.sleep(seconds)
  state()
  cqueues.sleep(seconds)
end

return drive
