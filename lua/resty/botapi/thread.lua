-- SPDX-License-Identifier: MIT
-- What runs in a thread of nginx's for resty.botapi: a blocking call, whose outcome leaves as plain values.
local core = require "botapi.core"

local thread = {}

local function plain(res, err)
  if err then return "failed", nil, err end
  return "answered", res
end

--- One call, to its end.
-- @string name of the function, such as `"call"` or `"logout"`; its arguments follow
-- @treturn string `"answered"` or `"failed"`
-- @treturn ?table the answer
-- @treturn ?table the error object, without its metatable
function thread.run(name, ...)
  return plain(core[name](...))
end

return thread
