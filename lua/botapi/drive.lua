-- SPDX-License-Identifier: MIT
-- Owns what drivers share. A driver says how to wait in one event loop; each is a file of its own in `drive/`.
--
-- A driver is a table:
--
-- * `engine()`: the engine of the loop; raises where the caller can't wait
-- * `await(call)`: suspends the calling coroutine until a call of that engine is done
-- * `sleep(seconds)`: suspends it for that long
-- * `wait(engine, seconds)`, optional: suspends it until another engine has something to do, at most `seconds` (nil: no
--   limit), and steps that engine; without it the engine is stepped between sleeps
-- * `leave(engine)`, optional: called before an engine that was waited for is closed
-- * `run(name, …)`, optional: carries out the function of that name, such as `"logout"`, in another way; returns true
--   and the result, or nil: the engine is to do it
-- * `blocking`: true where the thread waits

local core = require "botapi.core"

local drive = {}

local SHORTEST, LONGEST, GROWTH = 0.001, 0.010, 1.25 -- seconds between two steps

--- How to wait for an engine by sleeping alone.
-- @tparam function sleep a driver's
-- @treturn function a driver's `wait`
function drive.step_between(sleep)
  local pause = SHORTEST
  return function(engine, seconds)
    if engine:dirty() then
      pause = SHORTEST
    else
      sleep(math.min(pause, seconds or pause))
      pause = math.min(pause * GROWTH, LONGEST)
    end
    engine:step(0)
  end
end

--- How to wait for an engine of the caller's own.
-- @tparam table driver
-- @treturn function `wait(engine, seconds)`, as above
-- @raise where the caller can't wait
function drive.wait_of(driver)
  if not driver.blocking then driver.engine() end
  return driver.wait or drive.step_between(driver.sleep)
end

--- The coroutine that runs; raises in the main one.
-- @string message
function drive.running(message)
  local co, is_main = coroutine.running()
  if not co or is_main then error(message, 0) end
  return co
end

-- Steps a loop's engine while calls run, and resumes exactly those whose calls are done.
local function step(loop, state)
  local engine, left = state.engine
  repeat
    loop.readable(engine)
    left = engine:step(0)
    state.is_stepped = left > 0 -- first: a resumed coroutine may start a call, which needs another stepper
    for call in engine:finished() do
      local caller = state.callers[call]
      state.callers[call] = nil
      if caller then loop.resume(caller) end
    end
  until left == 0
end

-- An iterator's function: the body of `for` runs once.
local function once(_, is_over)
  if not is_over then return true end
end

-- How a coroutine waits for its call.
local function await(loop, state, call)
  local caller = loop.caller(call, state.engine)
  state.callers[call] = caller
  if not state.is_stepped then
    state.is_stepped = true
    loop.spawn(function() step(loop, state) end)
  end
  -- from Lua 5.4 on the fourth value is closed with the coroutine: that cancels the call
  for _ in once, nil, nil, call do
    while not call:done() do loop.suspend(caller) end
  end
  state.callers[call] = nil
end

-- The engine's descriptor is readable at its deadlines, too: a timer of the engine ends the wait.
local function wait(loop, engine, seconds)
  local alarm = seconds and seconds > 0 and engine:timer(seconds)
  if seconds ~= 0 and not engine:dirty() then loop.readable(engine) end
  if alarm then alarm:cancel() end
  engine:step(0)
end

--- Makes a driver of what a loop can do. Each loop that runs gets an engine and, while calls run, a coroutine that
-- steps it: a loop with no call in flight has nothing to do, and ends.
-- @tparam table loop
--
-- * `current()`: the loop that runs, any value that lives as long as it; raises where the caller can't wait
-- * `spawn(fn)`: runs a function in a new coroutine of that loop
-- * `readable(engine)`: suspends the calling coroutine until the engine's descriptor is readable
-- * `caller(call, engine)`: what stands for the calling coroutine in the next two
-- * `suspend(caller)`: suspends it; may return early
-- * `resume(caller)`: resumes it, unless it has ended
-- * `leave(engine)`, optional: as the driver's
-- @treturn table the driver
function drive.new(loop)
  -- By loop. No state may hold its loop: before Lua 5.2 a value that does would keep its key for ever.
  local states = setmetatable({}, { __mode = "k" })
  local driver = { leave = loop.leave }

  local function state()
    local current = loop.current()
    if not states[current] then
      states[current] = { engine = core.engine(), callers = setmetatable({}, { __mode = "k" }), is_stepped = false }
    end
    return states[current]
  end

  function driver.engine() return state().engine end

  function driver.await(call)
    if not call:done() then await(loop, state(), call) end
  end

  function driver.sleep(seconds)
    local timer = driver.engine():timer(seconds)
    driver.await(timer)
    timer:result()
  end

  function driver.wait(engine, seconds) wait(loop, engine, seconds) end

  return driver
end

return drive
