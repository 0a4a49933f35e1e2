-- SPDX-License-Identifier: MIT
-- The public module for luv: the functions of botapi, suspending only the calling coroutine, or with a callback.

--- The functions of `botapi` for libuv's loop: in a coroutine they suspend it and return; anywhere else the functions
-- that call a server take a callback `(err, res)` as last argument and return at once.
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

local function finish(callback, res, err)
  callback(err, res)
end

local function run(fn, callback, count, ...)
  finish(callback, fn(unpack({ ... }, 1, count)))
end

-- fn, which also takes a callback: it runs in a coroutine of its own then, and still raises for a wrong argument.
local function with_callback(fn)
  return function(...)
    local count = select("#", ...)
    local last = count > 0 and select(count, ...)
    if type(last) ~= "function" then return fn(...) end
    coroutine.wrap(run)(fn, last, count - 1, ...)
  end
end

for _, method in pairs(methods) do
  if method.lua then api[method.lua] = with_callback(api[method.lua]) end
end
for _, name in ipairs { "call", "probe", "sleep" } do
  api[name] = with_callback(api[name])
end

return api
