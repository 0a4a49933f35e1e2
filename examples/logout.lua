#!/usr/bin/env lua5.4
-- SPDX-License-Identifier: MIT
-- Logs a bot out: BOT_TOKEN is its token, BOTAPI_SERVER the server it shall leave (default: Telegram's cloud).

local botapi = require "botapi"

local token = assert(os.getenv "BOT_TOKEN", "set BOT_TOKEN")
local result, failure = botapi.check(botapi.logout(token, {server = os.getenv "BOTAPI_SERVER"}))

if result then
  print "logged out"
elseif failure.reason == "logged_out" then
  print "had logged out before"
else
  io.stderr:write(tostring(failure), "\n", botapi.explain(nil, failure), "\n")
  os.exit(failure.sent == "no" and 3 or failure.sent == "maybe" and 4 or 1)
end
