-- SPDX-License-Identifier: MIT
-- Owns the command `botapi migrate`: its options, and which of its ways is taken.

local common = require "botapi.cli.common"

local command = {}

--- Adds the command's options to its parser.
function command.describe(parser)
  parser:summary "Move a bot from one server to another."
  parser:description("Moves a bot from one Bot API server to another: looks at everything, shows the plan, asks, "
    .. "logs out of the old server, waits until the new one takes the bot, sets the webhook there and reads it "
    .. "back. What it does is noted in a journal; after an interruption the same command goes on.")
  parser:epilog("Example:\n  botapi migrate --from telegram --to http://10.0.0.5:8081 -n\n"
    .. "Without --yes and --confirm it asks, which needs a terminal. More: botapi help exit-codes, environment, json.")
  parser:option("--from", "The old server: telegram, local, or a URL."):argname "S"
  parser:option("--to", "The new server."):argname "S"
  parser:flag("--close", "Between two local servers: close, don't log out; what waits goes along with the "
    .. "bot's directory, which is moved by hand.")
  parser:flag("--continue", "The directory is in its new place: go on."):target "go_on"
  parser:option("--webhook", "On the new server: keep, none, or a URL."):argname "keep|none|URL"
  parser:option("--webhook-secret-file", "Its secret_token, in a file; an empty file: it has none."):argname "F"
  parser:option("--webhook-certificate", "Its certificate, PEM."):argname "F"
  parser:flag("--accept-loss", "Updates that wait on the old server may be lost.")
  common.consent(parser, "Don't ask: move it as planned, if all checks pass.")
  parser:flag("--rehearse", "Play the move on two emulated servers; no real one is asked, no token is needed.")
  parser:flag("--show", "Show the bot's journal and end.")
  parser:flag("--settle", "It is known to run on --to: ask there, and if it answers, close the try that was never "
    .. "answered and go on.")
  common.anyway(parser)
  common.token(parser)
  common.everywhere(parser)
end

--- Runs it.
-- @treturn number the exit code
function command.run(parsed)
  if parsed.show then return require "botapi.cli.history".show(parsed) end
  return require "botapi.cli.move".run(parsed)
end

return command
