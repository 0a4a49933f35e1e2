-- SPDX-License-Identifier: MIT
-- How to wait in copas: by objects that it takes for sockets, and where it can, by suspending threads.
local copas = require "copas"
local drive = require "botapi.drive"
local socket = require "socket"

local loop = {}

local function nothing() end

-- What copas and LuaSocket's select ask of a socket. Copas closes what it resumed a coroutine with last.
local function fake_socket(getfd, dirty, is_ready)
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

-- LuaSocket's select raises for a descriptor that is too large, which would end the loop.
function loop.readable(engine)
  if engine:pollfd() >= socket._SETSIZE then return nil, "select can't take a descriptor of its number" end
  local was_asked = true
  copas.receive(fake_socket(function() return engine:pollfd() end, function() return engine:dirty() end, function()
    was_asked = not was_asked -- asked once, it waits; asked again, it has waited
    return was_asked
  end))
end

-- copas 1.2 can't suspend a thread: it reads from a fake socket. Until the call is done that has no descriptor, so that
-- select doesn't watch it; from then on it is "dirty", so that select returns it at once.
function loop.caller(call, engine)
  local function done() return call:done() end
  return fake_socket(function() return done() and engine:pollfd() or -1 end, done, done)
end

function loop.suspend(caller) copas.receive(caller) end

loop.resume = nothing

-- copas 4 can suspend a thread.
if copas.pauseforever then
  -- copas knows a thread of Lua 5.1 by its outer coroutine: a pcall that yields runs in another.
  local running = coroutine.running
  if not drive.yields_in_pcall then running = require "coxpcall".running end

  local calls = setmetatable({}, { __mode = "k" }) -- by the thread that waits for it

  function loop.caller(call)
    return { call = call, thread = running() }
  end

  function loop.suspend(caller)
    calls[caller.thread] = caller.call
    copas.pauseforever()
    calls[caller.thread] = nil
  end

  function loop.resume(caller)
    if coroutine.status(caller.thread) == "suspended" then copas.wakeup(caller.thread) end
  end

  -- copas never resumes a removed thread, and reports no removal: here the call that it waits for is cancelled.
  local removethread = copas.removethread
  function copas.removethread(thread, ...)
    removethread(thread, ...)
    if calls[thread] then calls[thread]:cancel() end
  end
end

return drive.new(loop)
