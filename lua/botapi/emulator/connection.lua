-- SPDX-License-Identifier: MIT
-- Owns what every connection needs: its mode, calls that may wait in it, and a reset at its end.

local resume = require "cqueues.auxlib".resume
local has_luasocket, luasocket = pcall(require, "socket")

local connection = {}

--- Sets a cqueues socket to binary mode without buffers; its errors are returned, not raised.
function connection.prepare(socket)
  socket:setmode("bn", "bn")
  socket:onerror(function(_, _, why) return why end)
end

--- A pcall of a function that waits in cqueues, for Lua 5.1, whose own pcall can't be waited in.
function connection.pcall(run, ...)
  return resume(coroutine.create(run), ...)
end

--- Makes the close of a socket a reset (SO_LINGER with 0 seconds); without LuaSocket it does nothing.
-- cqueues can't set SO_LINGER; LuaSocket can, on a borrowed descriptor.
function connection.reset_on_close(socket)
  local borrowed = has_luasocket and luasocket.tcp()
  if not borrowed then return end
  local own = borrowed:getfd()
  borrowed:setfd(socket:pollfd())
  borrowed:setoption("linger", {on = true, timeout = 0})
  borrowed:setfd(own)
  borrowed:close()
end

return connection
