-- SPDX-License-Identifier: MIT
-- Owns a pcall of functions that wait in cqueues: Lua 5.1's own can't be waited in.

local resume = require "cqueues.auxlib".resume

--- Calls a function that may wait, in a coroutine of its own.
-- @treturn boolean whether it raised nothing
-- @return its results, or what it raised
return function(fn, ...)
  return resume(coroutine.create(fn), ...)
end
