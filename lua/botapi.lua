-- SPDX-License-Identifier: MIT
-- The public module: the functions that block.

--- Logs bots out of Bot API servers and tells the truth about it.
-- @module botapi
-- @usage
-- local botapi = require "botapi"
-- local res, err = botapi.logout("123456:not-a-real-token", {server = "local", timeout = 1})
-- assert(res == nil and err.sent == "no")
return require "botapi.api"(require "botapi.drive.blocking")
