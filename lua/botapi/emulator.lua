-- SPDX-License-Identifier: MIT
-- Owns the public module of the emulator: starting one from Lua.

--- A Bot API server to test bots against. See docs/emulator.md.
-- @module botapi.emulator
-- @usage
-- local emu = require "botapi.emulator".start {as = "local"}
-- print(emu.url, emu:token(123))
-- emu:close()

local framed = require "botapi.framed"
local named = require "botapi.named"

local emulator = {}

--- Starts an emulator as a process of its own; returns when it answers.
-- @function start
-- @tparam[opt] table options see `botapi.emulator.client.start`
-- @treturn botapi.emulator.client
-- @raise what kept it from starting
-- @usage
-- local botapi = require "botapi"
-- local emu = botapi.emulator.start {as = "cloud"}
-- assert(botapi.logout(emu:token(5), {server = emu.url}).ok)
-- emu:close()
function emulator.start(options)
  return require "botapi.emulator.client".start(options)
end

emulator.start = framed(emulator.start)

return named(emulator, "botapi.emulator")
