-- SPDX-License-Identifier: MIT
-- Owns the hard end of a connection: a reset instead of an orderly close.

local has_socket, socket = pcall(require, "socket")

--- Closes a cqueues socket so that the peer gets a reset (SO_LINGER with 0 seconds).
-- cqueues can't set SO_LINGER; LuaSocket can, on a borrowed descriptor.
-- @param connection a cqueues socket
-- @treturn boolean false when LuaSocket is missing and the close was an orderly one
local function reset(connection)
  local borrowed = has_socket and socket.tcp()
  if borrowed then
    local own = borrowed:getfd()
    borrowed:setfd(connection:pollfd())
    borrowed:setoption("linger", {on = true, timeout = 0})
    borrowed:setfd(own)
    borrowed:close()
  end
  connection:close()
  return has_socket
end

return reset
