-- SPDX-License-Identifier: MIT
-- Owns the command `botapi close`: its options.

local common = require "botapi.cli.common"

local command = {}

local act = { name = "close", method = "close", done = "closed", question = "Close it? [y/N] ",
  ask = "Type the bot's name to close it: " }

--- Adds the command's options to its parser.
function command.describe(parser)
  parser:summary "Close a bot on a local server, to move its directory."
  parser:description("Closes a bot on a local Bot API server, so that its directory can be moved to another one: "
    .. "session, webhook and waiting updates stay. Any call there opens it again. `botapi migrate --close` does the "
    .. "whole move.")
  parser:epilog("A server refuses it (429, exit 5) in the first 10 minutes after it opened the bot.")
  common.server(parser):count "1"
  common.consent(parser, "Don't ask, don't look: send one close.")
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
