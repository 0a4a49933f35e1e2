-- SPDX-License-Identifier: MIT
-- The public module for copas: the functions of botapi, suspending only the calling copas thread.

--- The functions of `botapi` for copas threads.
-- @module botapi.copas
-- @usage
-- local copas = require "copas"
-- local botapi = require "botapi.copas"
-- local err
-- copas.addthread(function()
--   err = select(2, botapi.logout("123456:AAEm-ul8d_T0k3n-0f_N0-r3al_B0t-x1y2z", {server = "http://127.0.0.1:9"}))
-- end)
-- while not err do copas.step(1) end
-- assert(err.sent == "no")
return require "botapi.api"(require "botapi.drive.copas")
