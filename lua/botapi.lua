-- SPDX-License-Identifier: MIT
-- The public module: the functions that block. What each does is said in types/botapi.lua.

--- Logs bots out of Bot API servers, moves them, and tells the truth about what happened.
--
-- `require "botapi"` blocks the thread. `botapi.cqueues`, `botapi.luv`, `botapi.copas` and `resty.botapi` have the same
-- functions with the same arguments and results, and suspend the coroutine that calls.
--
-- What comes back: where a Bot API server answered, its answer, a table: `{ok = true, result = …}`, or
-- `{ok = false, error_code = …, description = …, parameters = …}`. Where none came, `nil` and an error object: `kind`,
-- `message`, `cause`, `sent` (`"no"`: not one byte of the request was written; `"yes"`: an HTTP answer came, though not
-- a Bot API's; `"maybe"`: anything else), and where known `method`, `http_status`, `retry_after` (seconds),
-- `curl_code` and `errno`. `docs/errors.md` has the kinds. What is the caller's own mistake raises an error that names
-- the argument, option or parameter.
--
-- Options of every call are in a table: `docs/options.md` has them, made from the program's own, with types, ranges and
-- defaults.
--
-- `bot`, `migrate`, `fleet`, `facebook` and `emulator` are loaded when they are first used; each has a page of its own.
--
-- @module botapi
-- @usage
-- local botapi = require "botapi"
-- local res, err = botapi.logout("123456:AAEm-ul8d_T0k3n-0f_N0-r3al_B0t-x1y2z", {server = "http://127.0.0.1:1"})
-- assert(res == nil and err.sent == "no")

return require "botapi.api"(require "botapi.drive.blocking")
