-- SPDX-License-Identifier: MIT
-- How to wait without a loop: the thread sleeps.
local core = require "botapi.core"

local blocking = { blocking = true }

local engine

--- The engine that sleeps, and that runs the calls of those who want many.
function blocking.engine()
  engine = engine or core.engine()
  return engine
end

--- Waits until a call of `engine()` is done; Ctrl-C ends the wait.
function blocking.await(call)
  call:wait()
end

--- Waits until an engine has something to do, and steps it.
-- @tparam botapi.engine other any engine
-- @tparam[opt] number seconds at most
function blocking.wait(other, seconds)
  other:step(seconds)
end

--- Sleeps; Ctrl-C ends it as it ends a call.
-- @tparam ?table earlier `method` and `sent` of a call that waits for its next try: Ctrl-C tells them
-- @treturn ?boolean true, or nil
-- @treturn ?table the error object, when it was cut short
function blocking.sleep(seconds, earlier)
  local call = blocking.engine():timer(seconds, earlier)
  call:wait()
  return call:result()
end

return blocking
