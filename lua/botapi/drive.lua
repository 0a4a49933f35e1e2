-- SPDX-License-Identifier: MIT
-- Owns what drivers share. A driver says how to wait in one event loop; each is a file of its own in `drive/`.
--
-- A driver is a table:
--
-- * `engine()`: the engine of the loop; raises where the caller can't wait
-- * `await(call)`: suspends the calling coroutine until a call of that engine is done; when it raises, the call is
--   cancelled
-- * `sleep(seconds)`: suspends it for that long; returns true, or nil and an error object when it was cut short
-- * `check()`, optional: raises where the caller can't wait, before many calls begin; without it `engine` is asked
-- * `wait(engine, seconds)`, optional: suspends it until another engine has something to do, at most `seconds` (nil: no
--   limit), and steps that engine; without it the engine is stepped between sleeps
-- * `leave(engine)`, optional: called before an engine that was waited for is closed
-- * `run(name, …)`, optional: carries out the function of that name, such as `"logout"`, in another way; returns true
--   and the result, or nil: the engine is to do it
-- * `wrap(fn, check)`, optional: what users get in place of a function. `check`, which there may be, takes the same
--   arguments, and raises at the line that called the function which calls it
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

--- The coroutine that runs; raises in the main one.
-- @string message
function drive.running(message)
  local co, is_main = coroutine.running()
  if not co or is_main then error(message, 0) end
  return co
end

-- Waits that an error ends ----------------------------------------------------------

--- Whether a coroutine can yield inside of a pcall: not in Lua 5.1.
drive.yields_in_pcall = _VERSION ~= "Lua 5.1" or rawget(_G, "jit") ~= nil

-- For what yields.
local protected = drive.yields_in_pcall and pcall or function(fn, ...) return true, fn(...) end

local CANT_WAIT = "nothing can wait inside of string.gsub, table.sort, require or another function that is written " ..
  "in C" .. (drive.yields_in_pcall and "" or ", as pcall is in Lua 5.1") .. ": make the call outside of it"

-- The functions written in C that can be waited in, where Lua doesn't tell whether the coroutine that runs can wait.
local open_to_waits = drive.yields_in_pcall and { [pcall] = true, [xpcall] = true, [dofile] = true } or {}

-- Whether no other function that is written in C has called what runs. In Lua 5.1 nothing can wait in iterators and
-- metamethods, either, which the stack doesn't show: see `cancel_abandoned`.
local function stack_can_wait()
  local level = 1
  local info = debug.getinfo(level, "Sf")
  while info and (info.what ~= "C" or open_to_waits[info.func]) do
    level = level + 1
    info = debug.getinfo(level, "Sf")
  end
  return not info
end

local can_wait = coroutine.isyieldable or stack_can_wait

-- The call whose wait an error has ended is cancelled. A text becomes an error object that says what was sent; what
-- isn't a text is raised as it is.
local function give_up(call, raised)
  call:cancel()
  local _, err = call:result()
  if not err or type(raised) ~= "string" then error(raised, 0) end
  error(core.error { kind = err.kind, method = err.method, sent = err.sent, cause = raised, raised = raised }, 0)
end

--- A driver's `await`, made of one that doesn't cancel the call when it raises.
-- @tparam function await
-- @treturn function
function drive.guarded(await)
  return function(call)
    if call:done() then return end
    if not can_wait() then give_up(call, CANT_WAIT) end
    local ok, raised = protected(await, call)
    if not ok then give_up(call, raised) end
  end
end

--- How to wait for an engine of the caller's own.
-- @tparam table driver
-- @treturn function `wait(engine, seconds)`, as above
-- @raise where the caller can't wait
function drive.wait_of(driver)
  local check = driver.check or not driver.blocking and driver.engine
  if check then check() end
  return driver.wait or drive.step_between(driver.sleep)
end

-- One loop --------------------------------------------------------------------------

-- Waits until the engine's descriptor is readable. Where the loop can't watch it, its calls end: nothing else would
-- tell when they are done.
local function watch(loop, engine)
  local ok, raised, why = pcall(engine.pollfd, engine)
  if ok then ok, raised, why = protected(loop.readable, engine) end
  if not ok then why = tostring(raised) end
  if not why then return end
  if loop.leave then loop.leave(engine) end
  engine:fail("the event loop can't watch the engine: " .. why)
end

-- Resumes exactly those whose calls are done.
local function resume_done(loop, state)
  for call in state.engine:finished() do
    local caller = state.callers[call]
    state.callers[call] = nil
    if caller then loop.resume(caller) end
  end
end

local await

-- A coroutine that isn't kept: it leads to its loop.
local function weakly(co) return setmetatable({ co = co }, { __mode = "v" }) end

local function is_in_await(co)
  if not co then return false end
  local level = 0
  local info = debug.getinfo(co, level, "f")
  while info and info.func ~= await do
    level = level + 1
    info = debug.getinfo(co, level, "f")
  end
  return info ~= nil
end

-- In Lua 5.1 an error that ends a wait before it has begun is seen at the next step, before the call is sent: its
-- coroutine isn't in `await`.
local function cancel_abandoned(state)
  for call, waiting in pairs(state.begun) do
    state.begun[call] = nil
    if not is_in_await(waiting.co) then
      state.callers[call] = nil
      call:cancel()
    end
  end
end

-- Steps a loop's engine while calls run.
local function step(loop, state)
  local engine, left = state.engine
  state.stepper = weakly(coroutine.running())
  repeat
    watch(loop, engine)
    cancel_abandoned(state)
    left = engine:step(0)
    if left == 0 then state.stepper = false end -- first: a resumed coroutine may start a call, which needs another
    resume_done(loop, state)
  until left == 0
end

local BEGINS = { co = false }

-- Whether somebody steps the engine, or will: not one that an error has ended.
local function is_stepped(stepper)
  return stepper == BEGINS or stepper and stepper.co and coroutine.status(stepper.co) ~= "dead"
end

local function ensure_stepper(loop, state)
  if is_stepped(state.stepper) then return end
  state.stepper = BEGINS
  local ok, why = pcall(loop.spawn, function() step(loop, state) end)
  if ok then return end
  state.stepper = false
  state.engine:fail("the event loop runs no coroutine: " .. tostring(why))
  resume_done(loop, state)
end

--- An iterator's function: the body of `for` runs once, and from Lua 5.4 on the loop's fourth value is closed with it.
function drive.once(_, is_over)
  if not is_over then return true end
end

-- What is closed with a coroutine that waits: not with a wait that news have ended, after which the call goes on.
local guard = { __close = function(held)
  if not held.call:done() then held.call:cancel() end
end }

-- How a coroutine waits for its call, until it has news or is done.
function await(loop, state, call)
  local caller = loop.caller(call, state.engine)
  if not drive.yields_in_pcall then state.begun[call] = weakly(coroutine.running()) end
  ensure_stepper(loop, state)
  state.callers[call] = caller -- now: the coroutine that runs isn't resumed
  -- from Lua 5.4 on the fourth value is closed with the coroutine: that cancels the call
  for _ in drive.once, nil, nil, setmetatable({ call = call }, guard) do
    while not call:done() do loop.suspend(caller) end
  end
  state.callers[call], state.begun[call] = nil, nil
end

-- The engine's descriptor is readable at its deadlines, too: a timer of the engine ends the wait.
local function wait(loop, engine, seconds)
  local alarm = seconds and seconds > 0 and engine:timer(seconds)
  if seconds ~= 0 and not engine:dirty() then watch(loop, engine) end
  if alarm then alarm:cancel() end
  engine:step(0)
end

local function new_state()
  local state = { engine = core.engine(), callers = setmetatable({}, { __mode = "k" }), begun = {}, stepper = false }
  pcall(state.engine.pollfd, state.engine) -- asked for: from now on no call begins without a descriptor to watch
  return state
end

--- Makes a driver of what a loop can do. Each loop that runs gets an engine and, while calls run, a coroutine that
-- steps it: a loop with no call in flight has nothing to do, and ends.
-- @tparam table loop
--
-- * `current()`: the loop that runs, any value that lives as long as it; raises where the caller can't wait
-- * `spawn(fn)`: runs a function in a new coroutine of that loop
-- * `readable(engine)`: suspends the calling coroutine until the engine's descriptor is readable; returns nil and why
--   where the loop can't watch it
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
    if not states[current] then states[current] = new_state() end
    return states[current]
  end

  function driver.engine() return state().engine end

  function driver.check()
    loop.current()
    if not can_wait() then error("botapi: " .. CANT_WAIT .. "; nothing was sent", 0) end
  end

  driver.await = drive.guarded(function(call) await(loop, state(), call) end)

  function driver.sleep(seconds)
    local timer = driver.engine():timer(seconds)
    driver.await(timer)
    return timer:result()
  end

  local step_between = drive.step_between(driver.sleep)

  function driver.wait(engine, seconds)
    if not pcall(engine.pollfd, engine) then return step_between(engine, seconds) end
    wait(loop, engine, seconds)
  end

  return driver
end

return drive
