-- SPDX-License-Identifier: MIT
-- How to wait in copas: one engine and, while calls run, one copas thread that steps it. Pseudo-sockets, no timers.
local copas = require "copas"
local core = require "botapi.core"

local drive = {}

local engine
local stepping = false

-- What copas and LuaSocket's select know of a socket. Copas closes what it resumed a coroutine with last.
local function nothing() end
local pseudo = { close = nothing, settimeout = nothing }
pseudo.__index = pseudo

-- How a thread waits for its call -----------------------------------------------------

-- In copas 1.2, which can't suspend a thread, as one that reads. No descriptor, and so none that select watches, before
-- its call is done; "dirty" from then on.
local waiter = setmetatable({}, pseudo)
waiter.__index = waiter

function waiter:getfd() return self.call:done() and engine:pollfd() or -1 end

function waiter:dirty() return self.call:done() end

function waiter:receive()
  if self.call:done() then return true end
  return nil, "timeout"
end

local function read(call)
  copas.receive(setmetatable({ call = call }, waiter))
end

-- In copas 4, suspended: nothing asks for it until the one that steps wakes it. Threads by call, and calls by thread.
local threads, calls = {}, {}

-- copas knows a thread of Lua 5.1 by its outer coroutine: a pcall that yields runs in another.
local running = coroutine.running
if _VERSION == "Lua 5.1" and not rawget(_G, "jit") then running = require "coxpcall".running end

local function suspend(call)
  local thread = running()
  threads[call], calls[thread] = thread, call
  copas.pauseforever()
  threads[call], calls[thread] = nil, nil
end

local function wake(call)
  local thread = threads[call]
  if not thread then return end
  threads[call], calls[thread] = nil, nil
  if coroutine.status(thread) == "suspended" then copas.wakeup(thread) end
end

local wait = copas.pauseforever and suspend or read

-- copas tells nobody that a thread was removed, and resumes it no more: now the call that it waits for is cancelled.
local removethread = copas.removethread
if copas.pauseforever then
  function copas.removethread(thread, ...)
    removethread(thread, ...)
    if calls[thread] then calls[thread]:cancel() end
  end
end

-- The one that steps -------------------------------------------------------------------

-- It reads from this, readable when there is something to do: asked once, it waits; asked again, it has waited.
local stepper = setmetatable({}, pseudo)

function stepper.getfd() return engine:pollfd() end

function stepper.dirty() return engine:dirty() end

function stepper:receive()
  self.asked = not self.asked
  if self.asked then return nil, "timeout" end
  return true
end

-- copas 4 lets others run whenever something is read: between a step and what it decides nothing is.
local function step()
  while true do
    local left = engine:step(0)
    for call in engine:finished() do wake(call) end -- in copas 1.2 those who wait ask their calls
    if left == 0 then break end
    copas.receive(stepper)
  end
  stepping = false
end

local function see_to_steps()
  if stepping then return end
  stepping = true
  copas.addthread(step)
end

local function once(_, turn)
  if not turn then return true end
end

--- The engine of the loop; raises outside of a coroutine.
-- @treturn botapi.engine
function drive.engine()
  local co, is_main = coroutine.running()
  if not co or is_main then error("botapi.copas: call it from a copas thread", 0) end
  engine = engine or core.engine()
  return engine
end

--- Suspends the calling copas thread until a call of `engine()` is done.
-- @tparam botapi.call call
function drive.await(call)
  see_to_steps()
  -- from Lua 5.4 on the fourth value is closed with the coroutine: that cancels the call
  for _ in once, nil, nil, call do
    while not call:done() do wait(call) end
  end
end

--- Suspends the calling copas thread.
-- @tparam number seconds
function drive.sleep(seconds)
  local call = drive.engine():timer(seconds)
  drive.await(call)
  call:result()
end

return drive
