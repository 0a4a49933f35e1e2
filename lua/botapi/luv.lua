-- SPDX-License-Identifier: MIT
-- The public module for luv: the functions of botapi, suspending only the calling coroutine, or with a callback.

--- The functions of `botapi` for libuv's loop: in a coroutine they suspend it and return; anywhere else those that call
-- a server, `migrate` and the methods of a bot take a callback `(err, res)` as last argument and return at once.
-- @module botapi.luv
-- @usage
-- local uv = require "luv"
-- local botapi = require "botapi.luv"
-- botapi.logout("123456:not-a-real-token", {server = "http://127.0.0.1:9"}, function(err, res)
--   assert(res == nil and err.sent == "no")
-- end)
-- uv.run()
local core = require "botapi.core"
local unpack = table.unpack or unpack

local api = require "botapi.api"(require "botapi.drive.luv")
local sleep = api.sleep

-- Never before the function has returned that the callback was given to.
local function deliver(call, res, err)
  if not call.returned then sleep(0) end
  call.callback(err, res)
end

-- Runs fn in a coroutine of its own.
local function begin(fn, callback, ...)
  local call = { callback = callback }
  local ok, why = coroutine.resume(coroutine.create(function(...) deliver(call, fn(...)) end), ...)
  call.returned = true
  if not ok then error(why, 0) end
end

local function without_last(n, ...)
  return unpack({ ... }, 1, n - 1)
end

-- fn, which also takes a callback. `check` raises at the line of the user, which can't be seen from a coroutine.
local function with_callback(fn, check)
  return function(...)
    local n = select("#", ...)
    local last = n > 0 and select(n, ...)
    if type(last) ~= "function" then return fn(...) end
    if check then check(without_last(n, ...)) end
    begin(fn, last, without_last(n, ...))
  end
end

for name, check in pairs(core.check) do api[name] = with_callback(api[name], check) end
api.sleep = with_callback(api.sleep)

local function check_migrate(_, given)
  local settings, why = require "botapi.migrate.options".read(given)
  if not settings then error(("bad argument to 'migrate' (%s)"):format(why), 3) end
end

-- What is loaded when it is first used takes callbacks then.
local lazily = getmetatable(api)
local load_first = lazily.__index

function lazily.__index(t, name)
  local found = load_first(t, name)
  if name == "bot" then
    local class = getmetatable(found "")
    for method, check in pairs(class.checks) do
      class.__index[method] = with_callback(class.__index[method], function(bot, ...) check(bot, 3, ...) end)
    end
  end
  if name == "migrate" then
    found = with_callback(found, check_migrate)
    rawset(t, name, found)
  end
  return found
end

return api
