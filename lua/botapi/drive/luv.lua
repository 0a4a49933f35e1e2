-- SPDX-License-Identifier: MIT
-- How to wait in libuv's loop: poll handles, and plain coroutines.
local drive = require "botapi.drive"
local uv = require "luv"

local loop = {}

local failure -- the first error of those that were resumed

function loop.current()
  drive.running "botapi.luv: call it from a coroutine, or with a callback as last argument"
  return uv
end

function loop.spawn(fn) coroutine.wrap(fn)() end

function loop.caller() return (coroutine.running()) end

function loop.suspend() coroutine.yield() end

function loop.resume(co)
  if coroutine.status(co) ~= "suspended" then return end
  local ok, why = coroutine.resume(co)
  if not ok then failure = failure or debug.traceback(co, tostring(why)) end
end

-- An error is raised in libuv's callback, as its users know it, after the others were resumed.
function loop.readable(engine)
  local co, poll = coroutine.running(), assert(uv.new_poll(engine:pollfd()))
  poll:start("r", function()
    poll:close()
    poll = nil
    loop.resume(co)
    local raised = failure
    failure = nil
    if raised then error(raised, 0) end
  end)
  while poll do coroutine.yield() end
end

return drive.new(loop)
