-- SPDX-License-Identifier: MIT
-- Owns the command `botapi close`: what it says of close. What it does is in leave.lua.

local leave = require "botapi.cli.leave"
local options = require "botapi.cli.options"
local texts = require "botapi.text"

local command = {}

local act = { method = "close", done = "closed", purpose = "close it", again = "open it again",
  proof = '"already been closed" or true' }

function act.plan(add, _, info)
  local n = info.pending_update_count or 0
  add "\nClosing"
  if n > 0 then add("keeps", leave.waiting(n) .. " here, in its directory") end
  if (info.url or "") ~= "" then
    add("keeps", "the webhook " .. info.url)
    add("", "(delete it first: two servers would serve it)")
  end
  add("frees", "the bot's directory, to be moved to another local server")
  add "Stop every program that uses this token first: any call to this server\nopens the bot again."
end

function act.text(session, at)
  return ("Closed: %s is no longer open on %s (%s).\nMove its directory (named %s) now; any call here opens it again.")
    :format(session:name(), session.server.name, texts.clock(at), session.bot.id)
end

function act.already(session)
  return ("Already closed: %s isn't open on %s.\nMove its directory (named %s); any call here opens it again.")
    :format(session:name(), session.server.name, session.bot.id)
end

function command.describe(parser)
  parser:summary "Close a bot on a local server, to move its directory."
  parser:description("Closes a bot on a local Bot API server, so that its directory can be moved to another one: "
    .. "session, webhook and waiting updates stay. Any call there opens it again. `botapi migrate --close` does the "
    .. "whole move.")
  parser:epilog("A server refuses it (429, exit 5) in the first 10 minutes after it opened the bot.")
  options.add_server(parser):count "1"
  leave.describe(parser, act.method)
end

function command.run(parsed) return leave.run("close", parsed, act) end

return command
