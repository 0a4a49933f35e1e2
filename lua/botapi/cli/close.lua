-- SPDX-License-Identifier: MIT
-- Owns the command `botapi close`: what it says of close. What it does is in leave.lua.

local leave = require "botapi.cli.leave"
local options = require "botapi.cli.options"
local texts = require "botapi.text"

local command = {}

local act = { method = "close", done = "closed", purpose = "close it" }

local REOPENS = "at its next start the server opens the bot again"

function act.plan(add, session, info)
  local n = info.pending_update_count or 0
  add "\nClosing"
  if n > 0 then add("leaves", leave.waiting(n) .. " here: the directory has none") end
  if (info.url or "") ~= "" and session.parsed.delete_webhook then
    add("deletes", "the webhook " .. texts.said(info.url))
  elseif (info.url or "") ~= "" then
    add("keeps", "the webhook " .. texts.said(info.url))
    add("", "(" .. REOPENS .. ";\n            --delete-webhook takes it off)")
  end
  if session.server.kind == "local" then add("frees", "the bot's directory, to be moved to another local server") end
  add "Stop every program that uses this token first: any call to this server\nopens the bot again."
end

-- The next step, where the bot has a directory that can be moved.
local function directory(session)
  if session.server.kind ~= "local" then return "Any call here opens it again." end
  return ("Move its directory (%s:*) now; any call here opens it again. The whole\nname is the token: while mv runs, "
    .. "the other users of the machine see it."):format(session.bot.id)
end

function act.text(session, at, info)
  local is_off = info.url == ""
  local hook = info.url and "Its webhook is still set: " or "If a webhook is set, take it off: "
  return ("Closed: %s is no longer open on %s (%s).\n%s%s"):format(session:name(), session.server.name,
    texts.clock(at), directory(session), is_off and "" or "\n" .. hook .. REOPENS .. ".")
end

function act.already(session)
  return ("Already closed: %s isn't open on %s.\n%s"):format(session:name(), session.server.name, directory(session))
end

function command.describe(parser)
  parser:summary "Close a bot on a local server, to move its directory."
  parser:description("Closes a bot on a local Bot API server, so that its directory, which holds its session, can be "
    .. "moved to another one. Its webhook and the updates that wait stay behind. Any call there opens it again. "
    .. "`botapi migrate --close` does the whole move.")
  parser:epilog("A server refuses it (429, exit 5) in the first 10 minutes after it opened the bot.")
  options.add_server(parser):count "1"
  parser:flag("--delete-webhook", "Take the webhook off first; with one, the server opens the bot at its next start.")
  leave.describe(parser, act.method)
end

function command.run(parsed) return leave.run("close", parsed, act) end

return command
