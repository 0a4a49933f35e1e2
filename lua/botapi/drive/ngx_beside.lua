-- SPDX-License-Identifier: MIT
-- A wait in a light thread of its own, which ends with its request or its caller. What coroutines wait for isn't freed
-- with their request; and a light thread that is killed can't clean up itself.
-- luacheck: std ngx_lua
local beside = {}

--- Whether a light thread, or a coroutine, hasn't ended nor been killed.
-- @tparam thread caller
function beside.is_alive(caller)
  return coroutine.status(caller) ~= "dead"
end

--- Runs a function in a light thread and waits until it is over. When the caller is killed the function goes on, so it
-- asks `is_alive` of it.
-- @tparam function fn it gets the caller, and the arguments
-- @return what it returns
-- @raise what it raises
function beside.run(fn, ...)
  local function ended(ok, ...)
    if not ok then error((...), 0) end
    return ...
  end
  return ended(ngx.thread.wait(ngx.thread.spawn(fn, coroutine.running(), ...)))
end

return beside
