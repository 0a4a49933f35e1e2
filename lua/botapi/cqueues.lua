-- SPDX-License-Identifier: MIT
-- The public module for cqueues: the functions of botapi, suspending only the calling coroutine.

--- The functions of `botapi` for coroutines of a cqueues controller.
-- @module botapi.cqueues
-- @usage
-- local cqueues = require "cqueues"
-- local botapi = require "botapi.cqueues"
-- local loop = cqueues.new()
-- loop:wrap(function()
--   local _, err = botapi.logout("123456:AAEm-ul8d_T0k3n-0f_N0-r3al_B0t-x1y2z", {server = "http://127.0.0.1:9"})
--   assert(err.sent == "no")
-- end)
-- assert(loop:loop())
return require "botapi.api"(require "botapi.drive.cqueues")
