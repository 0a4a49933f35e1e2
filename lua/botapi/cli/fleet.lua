-- SPDX-License-Identifier: MIT
-- Owns the command `botapi fleet`: its options.

local common = require "botapi.cli.common"

local command = {}

local function positive(most)
  return function(text)
    local number = tonumber(text)
    if not number or not (0 < number and number <= most) then return nil, "'" .. text .. "' is out of range" end
    return number
  end
end

local function add_fleet_options(parser)
  parser:option("--journal", "What was done is noted in F and never done twice (FILE.journal)."):argname "F"
  parser:option("--jobs", "Bots in hand at once (100)."):argname "N":convert(positive(10000))
  parser:option("--rate", "Requests a second at most."):argname "N":convert(positive(1e6))
  parser:option("--max-failures", "Begin no more bots when more than N have failed."):argname "N"
    :convert(function(text) return tonumber(text:match "^%d+$") end)
  parser:flag("--again", "Ask bots again that were refused by an earlier run.")
  parser:flag("--anyway", "Also those whose try was never settled and is too old to be repeated.")
end

--- Adds the command's options to its parser.
function command.describe(parser)
  parser:summary "Log out, close or move thousands of bots."
  parser:description("Does one thing with each bot whose token stands in FILE, one a line: many at once, each once. "
    .. "Killed at any moment and started again it goes on where it was. A bot that fails never stops the others.")
  parser:epilog "Example: botapi fleet logout tokens --server telegram --jobs 50 --yes"
  parser:argument("action", "What to do."):choices { "logout", "close", "migrate" }
  parser:argument("file", "The tokens; -: standard input."):argname "FILE"
  common.server(parser)
  parser:option("--from", "With migrate: the old server."):argname "S"
  parser:option("--to", "With migrate: the new one."):argname "S"
  parser:option("--webhook", "With migrate, on the new server: keep or none."):choices { "keep", "none" }
  parser:flag("--close", "With migrate between two local servers: close, don't log out.")
  parser:flag("--accept-loss", "With migrate: updates that wait may be lost.")
  add_fleet_options(parser)
  parser:flag("-y --yes", "Don't ask.")
  parser:flag("-n --dry-run", "Count and estimate; ask the server only whether it is there.")
  common.retries(parser, require "botapi.policy".of_fleets)
  common.everywhere(parser)
end

--- Runs it.
-- @treturn number the exit code
function command.run(parsed)
  return require "botapi.cli.fleet_run".run(parsed)
end

return command
