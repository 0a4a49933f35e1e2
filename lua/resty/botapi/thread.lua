-- SPDX-License-Identifier: MIT
-- What runs in a thread of nginx's for resty.botapi: a blocking call, whose outcome leaves as plain values.
local blocking = require "botapi.drive.blocking"

local thread = {}

local function plain(res, err)
  if err then return "failed", nil, err end
  return "answered", res
end

-- Started on the engine as elsewhere, so that what it raises counts the arguments as elsewhere. That must leave as a
-- string: nginx turns any other error into an empty one.
local function outcome(verb, ...)
  local engine = blocking.engine()
  local ok, call = pcall(engine[verb], engine, ...)
  if not ok then return "raised", tostring(call) end
  blocking.await(call)
  return plain(call:result())
end

--- One call of any method.
-- @treturn string `"answered"`, `"failed"` or `"raised"`
-- @return what was answered, or raised
-- @return the error object, without its metatable
function thread.start(...)
  return outcome("start", ...)
end

--- One probe, likewise.
function thread.probe(...)
  return outcome("probe", ...)
end

return thread
