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
local methods = require "botapi.methods"
local unpack = table.unpack or unpack

local api = require "botapi.api"(require "botapi.drive.luv")
local sleep = api.sleep

-- Never before the function has returned that the callback was given to.
local function deliver(call, res, err)
  if not call.returned then sleep(0) end
  call.callback(err, res)
end

-- Runs fn in a coroutine of its own; a wrong argument still raises, at the caller's caller.
local function begin(fn, callback, ...)
  local call = { callback = callback }
  local ok, why = coroutine.resume(coroutine.create(function(...) deliver(call, fn(...)) end), ...)
  call.returned = true
  if not ok then error((tostring(why):gsub("^.-(bad argument )", "%1", 1)), 3) end
end

-- fn, which also takes a callback.
local function with_callback(fn)
  return function(...)
    local count = select("#", ...)
    local last = count > 0 and select(count, ...)
    if type(last) ~= "function" then return fn(...) end
    begin(fn, last, unpack({ ... }, 1, count - 1))
  end
end

local function take_callbacks(functions)
  for _, method in pairs(methods) do
    if method.lua then functions[method.lua] = with_callback(functions[method.lua]) end
  end
  functions.call = with_callback(functions.call)
end

take_callbacks(api)
api.probe = with_callback(api.probe)
api.sleep = with_callback(api.sleep)

-- What is loaded when it is first used takes them then.
local lazily = getmetatable(api)
local load_first = lazily.__index

function lazily.__index(t, name)
  local found = load_first(t, name)
  if name == "bot" then take_callbacks(getmetatable(found "").__index) end
  if name == "migrate" then
    found = with_callback(found)
    rawset(t, name, found)
  end
  return found
end

return api
