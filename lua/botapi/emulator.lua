-- SPDX-License-Identifier: MIT
-- Owns the public module of the emulator: starting one from Lua.

--- A Bot API server to test bots against. See docs/emulator.md.
-- @module botapi.emulator
-- @usage
-- local emu <close> = require "botapi.emulator".start {as = "local"}
-- print(emu.url, emu:token(123))

local emulator = {}

--- Starts an emulator as a process of its own; returns when it answers.
-- @function start
-- @tparam[opt] table options see `botapi.emulator.client.start`
-- @treturn botapi.emulator.client
function emulator.start(options)
  return require "botapi.emulator.client".start(options)
end

return emulator
