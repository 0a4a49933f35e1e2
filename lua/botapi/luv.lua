-- SPDX-License-Identifier: MIT
-- The public module for luv: the functions of botapi, suspending only the calling coroutine, or with a callback.

--- The functions of `botapi` for libuv's loop: in a coroutine they suspend it and return; anywhere else those that call
-- a server, `migrate` and the methods of a bot take a callback `(err, res)` as last argument and return at once.
-- @module botapi.luv
-- @usage
-- local uv = require "luv"
-- local botapi = require "botapi.luv"
-- botapi.logout("123456:AAEm-ul8d_T0k3n-0f_N0-r3al_B0t-x1y2z", {server = "http://127.0.0.1:9"}, function(err, res)
--   assert(res == nil and err.sent == "no")
-- end)
-- uv.run()
return require "botapi.api"(require "botapi.drive.luv")
