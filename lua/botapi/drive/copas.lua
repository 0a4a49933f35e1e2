-- SPDX-License-Identifier: MIT
-- How to wait in copas: pseudo-sockets, no timers.
local copas = require "copas"
local drive = require "botapi.drive"

local loop = {}

local function nothing() end

-- What copas and LuaSocket's select ask of a socket. Copas closes what it resumed a coroutine with last.
local function pseudo_socket(getfd, dirty, is_ready)
  local function receive()
    if is_ready() then return true end
    return nil, "timeout"
  end
  return { close = nothing, settimeout = nothing, getfd = getfd, dirty = dirty, receive = receive }
end

function loop.current()
  drive.running "botapi.copas: call it from a copas thread"
  return copas
end

function loop.spawn(fn) copas.addthread(fn) end

function loop.readable(engine)
  local was_asked = true
  copas.receive(pseudo_socket(function() return engine:pollfd() end, function() return engine:dirty() end, function()
    was_asked = not was_asked -- asked once, it waits; asked again, it has waited
    return was_asked
  end))
end

-- In copas 1.2, which can't suspend a thread, it reads from a socket: one without a descriptor, so that select doesn't
-- watch it, until its call is done; "dirty" from then on.
function loop.waiter(call, engine)
  local function done() return call:done() end
  return pseudo_socket(function() return done() and engine:pollfd() or -1 end, done, done)
end

function loop.suspend(waiter) copas.receive(waiter) end

loop.resume = nothing

-- In copas 4 it is suspended.
if copas.pauseforever then
  -- copas knows a thread of Lua 5.1 by its outer coroutine: a pcall that yields runs in another.
  local running = coroutine.running
  if _VERSION == "Lua 5.1" and not rawget(_G, "jit") then running = require "coxpcall".running end

  local calls = setmetatable({}, { __mode = "k" }) -- by the thread that waits for it

  function loop.waiter(call)
    return { call = call, thread = running() }
  end

  function loop.suspend(waiter)
    calls[waiter.thread] = waiter.call
    copas.pauseforever()
    calls[waiter.thread] = nil
  end

  function loop.resume(waiter)
    if coroutine.status(waiter.thread) == "suspended" then copas.wakeup(waiter.thread) end
  end

  -- copas tells nobody that a thread was removed, and resumes it no more: now the call that it waits for is cancelled.
  local removethread = copas.removethread
  function copas.removethread(thread, ...)
    removethread(thread, ...)
    if calls[thread] then calls[thread]:cancel() end
  end
end

return drive.new(loop)
