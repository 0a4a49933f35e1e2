-- SPDX-License-Identifier: MIT
-- The public module for OpenResty: the functions of botapi, suspending only the request's light thread.

--- The functions of `botapi` for nginx's Lua module: in rewrite, access, content and timer contexts.
-- A call runs in nginx's thread pool named `botapi` where there is one, else it is stepped between short sleeps.
-- @module resty.botapi
-- @usage
-- local botapi = require "resty.botapi"
-- local res, err = botapi.logout(token, {timeout = 5})
-- ngx.say(tostring(res or err))
local build = require "botapi.api"
local drive = require "botapi.drive.ngx"

local function with(settings)
  for name in pairs(settings) do
    if name ~= "thread_pool" and name ~= "fallback" then error("unknown setting '" .. tostring(name) .. "'", 2) end
  end
  local api = build(drive(settings))

  --- The same functions, run in another way.
  -- @function with
  -- @tparam table settings `thread_pool`: nginx's name of the pool (default `"botapi"`; `false`: never in a thread);
  --   `fallback` (default true): a full pool, or none, makes the call a stepped one; false: it fails, kind `busy`
  -- @treturn table the functions
  -- @usage
  -- local botapi = require "resty.botapi".with { thread_pool = false }
  api.with = with
  return api
end

return with {}
