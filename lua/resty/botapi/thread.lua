-- SPDX-License-Identifier: MIT
-- What runs in a thread of nginx's for resty.botapi: a blocking call, whose outcome leaves as plain values.
local core = require "botapi.core"

local thread = {}

-- An error must be a string: nginx turns any other into an empty one.
local function plain(ran, res, err)
  if not ran then return "raised", tostring(res) end
  if err then return "failed", nil, err end
  return "answered", res
end

--- One call of any method.
-- @treturn string `"answered"`, `"failed"` or `"raised"`
-- @return what was answered, or raised
-- @return the error object, without its metatable
function thread.start(...)
  return plain(pcall(core.call, ...))
end

--- One probe, likewise.
function thread.probe(...)
  return plain(pcall(core.probe, ...))
end

return thread
