-- SPDX-License-Identifier: MIT
-- Owns the command `botapi logout`: its options.

local common = require "botapi.cli.common"

local command = {}

local act = { name = "logout", method = "logOut", done = "logged out", question = "Log it out? [y/N] ",
  ask = "Type the bot's name to log it out: " }

--- Adds the command's options to its parser.
function command.describe(parser)
  parser:summary "Log a bot out of a server."
  parser:description("Logs a bot out of a Bot API server: its webhook there is erased, its updates there are lost, and "
    .. "the cloud takes it back only after about 10 minutes. Shows what that means, asks, sends one logOut.")
  parser:epilog("Without --yes and --confirm it asks, which needs a terminal. An answer that was lost (exit 4) is "
    .. "settled by the same command, soon. More: botapi help exit-codes, environment, json.")
  common.server(parser, " (telegram); --yes needs it")
  common.consent(parser, "Don't ask, don't look: send one logOut.")
  common.retries(parser)
  common.anyway(parser)
  common.token(parser)
  common.everywhere(parser)
end

--- Runs it.
-- @treturn number the exit code
function command.run(parsed)
  return require "botapi.cli.leave".run(parsed, act)
end

return command
