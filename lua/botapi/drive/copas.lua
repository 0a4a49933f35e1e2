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

-- The one that steps: readable when there is something to do; done when no call runs.
local stepper = setmetatable({}, pseudo)

function stepper.getfd() return engine:pollfd() end

function stepper.dirty() return engine:dirty() end

function stepper.receive()
  local running = engine:step(0)
  for _ in engine:finished() do end -- those who wait ask their calls
  if running > 0 then return nil, "timeout" end
  return true
end

-- One that waits: no descriptor, and so none that select watches, before its call is done; "dirty" from then on.
local waiter = setmetatable({}, pseudo)
waiter.__index = waiter

function waiter:getfd() return self.call:done() and engine:pollfd() or -1 end

function waiter:dirty() return self.call:done() end

function waiter:receive()
  if self.call:done() then return true end
  return nil, "timeout"
end

local function step()
  while not copas.receive(stepper) do end -- copas 4 gives up after a time
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
    while not call:done() do
      copas.receive(setmetatable({ call = call }, waiter))
    end
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
