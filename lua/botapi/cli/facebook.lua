-- SPDX-License-Identifier: MIT
-- Owns the command `botapi facebook logout`: its options. What it does is in facebook_run.lua.

local common = require "botapi.cli.common"

local command = {}

local function digit(text)
  return tonumber(text:match "^%d$") or nil, "'" .. text .. "' is not a number from 0 to 9"
end

local function port(text)
  local number = text:match "^%d+$" and tonumber(text)
  if not number or number < 1 or number > 65535 then return nil, "'" .. text .. "' is not a port" end
  return number
end

--- Adds the command's options to its parser.
function command.describe(parser)
  parser:summary "Log a session of the Facebook chat APIs out."
  parser:description("Logs a session of the unofficial Facebook chat APIs out, whose cookies are in FILE (an "
    .. "appstate). Facebook's pages for it are undocumented and may change any day; this is tested against an emulator "
    .. "only.")
  parser:epilog("It doesn't ask: FILE names the session, and nothing else is ended.\n"
    .. "Example: botapi facebook logout --appstate appstate.json --rewrite")
  parser:argument("action", "What to do."):choices { "logout" }
  parser:option("--appstate", "The cookies, JSON; -: standard input."):argname "FILE":count "1"
  parser:flag("--rewrite", "After a success take them out of FILE.")
  parser:option("--retries", "Ask a page that is only read again after a 5xx, N times (2)."):argname "N"
    :convert(digit)
  parser:option("--user-agent", "That of the browser that made the session."):argname "TEXT"
  parser:option("--port", "Of www.facebook.com: an emulator's."):argname "N":convert(port)
  parser:option("--resolve", "Where a host is: an emulator's."):argname "HOST:PORT:ADDRESS":count "*"
  common.everywhere(parser)
end

--- Runs it.
-- @treturn number the exit code
function command.run(parsed)
  return require "botapi.cli.facebook_run"(parsed)
end

return command
