-- SPDX-License-Identifier: MIT
-- How to wait in libuv's loop: poll handles, and plain coroutines.
local drive = require "botapi.drive"
local text = require "botapi.text"

-- luv before 1.50, and in Lua 5.1 and LuaJIT newer ones, too, runs all callbacks on the stack of the coroutine that has
-- loaded it, and crashes where that has ended.
local co, is_main = coroutine.running()
if co and not (is_main or package.loaded.luv) then
  error('botapi.luv: luv can\'t be loaded in a coroutine: require "luv" in the main program before', 0)
end

local uv = require "luv"
local unpack = table.unpack or unpack

local loop = {}

local failure -- the first error of those that were resumed

function loop.spawn(fn) coroutine.wrap(fn)() end

function loop.caller() return (coroutine.running()) end

function loop.suspend() coroutine.yield() end

function loop.resume(caller)
  if coroutine.status(caller) ~= "suspended" then return end
  local ok, why = coroutine.resume(caller)
  if not ok then failure = failure or debug.traceback(caller, text.of(why)) end
end

-- An error is raised in libuv's callback, as its users know it, after the others were resumed.
local function raise_failure()
  local raised = failure
  failure = nil
  if raised then error(raised, 0) end
end

-- By the handle that a coroutine waits for: what ends the wait where somebody else has closed the handle.
local watched = {}

-- Anybody can close any handle, by uv.walk, and libuv tells nobody: here the one who waits is told, when the handle's
-- close callback would be called. Of a copy of `close` that was made earlier `loop.current` sees it.
local function tell_of_close(functions)
  local close = functions.close
  function functions.close(handle, callback, ...)
    local stop = watched[handle]
    if not stop then return close(handle, callback, ...) end
    watched[handle] = nil
    return close(handle, function(...)
      stop()
      if callback then callback(...) end
      raise_failure()
    end)
  end
end

tell_of_close(uv)

local methods -- of poll handles: another copy of `close`

local function new_poll(engine)
  local poll, why = uv.new_poll(engine:pollfd())
  if poll and not methods then
    methods = getmetatable(poll).__index
    tell_of_close(methods)
  end
  return poll, why
end

function loop.readable(engine)
  local poll, why = new_poll(engine)
  if not poll then return nil, why end
  local waiting, is_over = coroutine.running(), false
  local function stop(problem)
    is_over, why = true, problem
    loop.resume(waiting)
  end
  watched[poll] = function() stop "its handle was closed" end
  local started, problem = poll:start("r", function()
    watched[poll] = nil
    poll:close()
    stop()
    raise_failure()
  end)
  if not started then
    watched[poll] = nil
    poll:close()
    return nil, problem
  end
  while not is_over do coroutine.yield() end
  return nil, why
end

local function next_lost()
  for handle, stop in pairs(watched) do
    if handle:is_closing() then
      watched[handle] = nil
      return stop
    end
  end
end

function loop.current()
  drive.running "botapi.luv: call it from a coroutine, or with a callback as last argument"
  for stop in next_lost do stop() end
  return uv
end

local driver = drive.new(loop)

-- Waits for libuv's next turn, without a descriptor.
local function wait_a_turn()
  local waiting, timer = coroutine.running(), uv.new_timer()
  timer:start(0, 0, function()
    timer:close()
    timer = nil
    loop.resume(waiting)
    raise_failure()
  end)
  while timer do coroutine.yield() end
end

-- Never before the function has returned that the callback was given to.
local function deliver(call, res, err)
  if not call.returned then driver.sleep(0) end
  if not call.returned then wait_a_turn() end
  call.callback(err, res)
end

-- Runs fn in a coroutine of its own.
local function begin(fn, callback, ...)
  local call = { callback = callback }
  local ok, why = coroutine.resume(coroutine.create(function(...) deliver(call, fn(...)) end), ...)
  call.returned = true
  if not ok then error(why, 0) end
end

local function without_last(n, ...)
  return unpack({ ... }, 1, n - 1)
end

--- fn, which also takes a callback as last argument.
function driver.wrap(fn, check)
  return function(...)
    local n = select("#", ...)
    local last = n > 0 and select(n, ...)
    if type(last) ~= "function" then return fn(...) end
    if check then check(without_last(n, ...)) end
    begin(fn, last, without_last(n, ...))
  end
end

return driver
