-- SPDX-License-Identifier: MIT
-- What the torture's nginx serves: calls that are made in it, in a thread of its pool or stepped. A request's body is
-- a list of calls as Lua source, the answer a list of outcomes.
-- luacheck: std ngx_lua

local in_nginx = {}

local function plain(value)
  if type(value) == "number" then
    return ("%.17g"):format(value)
  end
  return type(value) == "string" and ("%q"):format(value):gsub("\\\n", "\\n"):gsub("\r", "\\13"):gsub("%z", "\\0")
    or tostring(value)
end

local function write(value)
  if type(value) ~= "table" then
    return (plain(value))
  end
  local parts = {}
  for key, member in pairs(value) do
    parts[#parts + 1] = "[" .. write(key) .. "]=" .. write(member)
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

local function api(way)
  local botapi = require "resty.botapi"
  return botapi.with(way == "thread" and {fallback = false} or {thread_pool = false})
end

--- POST /calls?way=step: the outcomes of the calls, made one after the other.
function in_nginx.calls()
  ngx.req.read_body()
  local list = assert(loadstring("return " .. ngx.req.get_body_data()))()
  local functions, outcomes = api(ngx.req.get_uri_args().way), {}
  for i, call in ipairs(list) do
    local named = {logOut = functions.logout, getMe = functions.get_me}
    local res, err = named[call.method](call.token, call.options)
    outcomes[i] = {res = res, err = err, text = tostring(res or err)}
  end
  ngx.print(write(outcomes))
end

--- GET /live: how many calls this worker still has.
function in_nginx.live()
  ngx.print(require("botapi.core").live().calls)
end

return in_nginx
