-- SPDX-License-Identifier: MIT
-- Owns the command `botapi logout`: what it says of logOut. What it does is in leave.lua.

local facts = require "botapi.facts"
local leave = require "botapi.cli.leave"
local options = require "botapi.cli.options"
local texts = require "botapi.text"

local command = {}

local act = { method = "logOut", done = "logged out", purpose = "log it out", already = leave.already_logged_out }

function act.plan(add, session, info)
  local n = info.pending_update_count or 0
  add "\nLogging out"
  if (info.url or "") ~= "" then add("erases", "the webhook " .. texts.said(info.url)) end
  if n > 0 then add("loses", leave.waiting(n) .. " here, unread") end
  if session.server.kind == "cloud" then
    add("closes", "this server to the bot for about 10 minutes")
  else
    add("ends", "the bot's session on this server")
  end
  add("Stop every program that uses this token first: any call to this server\n"
    .. "logs the bot in again. A restart of your program needs no logout.")
end

-- What was there when it was looked at, where nobody was asked.
local function erased(session, info)
  local list = {}
  if not session.parsed.confirm then return "" end
  if (info.url or "") ~= "" then list[1] = "the webhook " .. texts.said(info.url) end
  local n = info.pending_update_count or 0
  if n > 0 then list[#list + 1] = texts.counted(n, "update") .. " that waited there" end
  return list[1] and "Erased: " .. table.concat(list, "; ") .. ".\n" or ""
end

function act.text(session, at, info)
  local kind = session.server.kind
  local where = kind == "bale" and "You can stop its programs now; " or "It can log in on another server now; "
  local back = "any call here logs it in again."
  if kind == "cloud" then back = "here again from about " .. texts.minute(at + facts.LOCK_OUT) .. "." end
  if kind == "bale" then back = "any call here may log it in again." end
  return ("Logged out: %s has left %s (%s).\n%s%s%s"):format(session:name(), session.server.name, texts.clock(at),
    erased(session, info), where, back)
end

function command.describe(parser)
  parser:summary "Log a bot out of a server."
  parser:description("Logs a bot out of a Bot API server: its webhook there is erased, its updates there are lost, and "
    .. "the cloud takes it back only after about 10 minutes. Shows what that means, asks, and sends one logOut.")
  parser:epilog("Without --yes and --confirm it asks, which needs a terminal. If the answer is lost (exit 4), run "
    .. "the same command again soon. More: botapi help exit-codes, environment, json.")
  options.add_server(parser, " (telegram); required with --yes")
  options.add_as(parser)
  leave.describe(parser, act.method)
end

function command.run(parsed) return leave.run("logout", parsed, act) end

return command
