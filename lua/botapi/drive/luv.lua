-- SPDX-License-Identifier: MIT
-- How to wait in libuv's loop: one engine and, while calls run, one poll handle on its descriptor.
local core = require "botapi.core"
local uv = require "luv"

local drive = {}

local engine, poll
local waits = {} -- the coroutine that waits, by call
local waiting = 0

local function forget()
  if waiting > 0 then return end
  poll:stop()
  poll:close()
  poll = nil
end

-- Resumes exactly those whose calls are done; an error in one is raised, as libuv's users know it, after the others.
local function ready()
  local failure
  engine:step(0)
  for call in engine:finished() do
    local waiter = waits[call]
    if waiter then
      waits[call], waiting = nil, waiting - 1
      if coroutine.status(waiter) == "suspended" then
        local ok, why = coroutine.resume(waiter)
        if not ok then failure = failure or debug.traceback(waiter, tostring(why)) end
      end
    end
  end
  forget()
  if failure then error(failure, 0) end
end

local function see_to_steps()
  waiting = waiting + 1
  if poll then return end
  poll = assert(uv.new_poll(engine:pollfd()))
  poll:start("r", ready)
end

local function once(_, turn)
  if not turn then return true end
end

local function running()
  local co, is_main = coroutine.running()
  if not co or is_main then
    error("botapi.luv: call it from a coroutine, or with a callback as last argument", 0)
  end
  return co
end

--- The engine of the loop; raises outside of a coroutine.
-- @treturn botapi.engine
function drive.engine()
  running()
  engine = engine or core.engine()
  return engine
end

--- Suspends the calling coroutine until a call of `engine()` is done.
-- @tparam botapi.call call
function drive.await(call)
  if call:done() then return end
  waits[call] = running()
  see_to_steps()
  -- from Lua 5.4 on the fourth value is closed with the coroutine: that cancels the call
  for _ in once, nil, nil, call do
    while not call:done() do
      coroutine.yield()
    end
  end
end

--- Suspends the calling coroutine.
-- @tparam number seconds
function drive.sleep(seconds)
  local call = drive.engine():timer(seconds)
  drive.await(call)
  call:result()
end

return drive
