-- SPDX-License-Identifier: MIT
-- Moves a bot from Telegram's cloud to a server of your own: shows the plan, asks, moves, reports.
--
--   BOT_TOKEN=… lua5.4 examples/migrate.lua http://10.0.0.5:8081
--
-- It asks on a terminal only. Interrupted, it goes on where it was when it is run again.

local botapi = require "botapi"

local to = assert(arg[1] or os.getenv "BOTAPI_SERVER_LOCAL", "usage: BOT_TOKEN=… migrate.lua URL-OF-THE-NEW-SERVER")
local from = os.getenv "BOTAPI_SERVER" or "telegram"

-- What a person has to have seen before anything changes.
local function ask(plan)
  io.write(plan.text, "\n\nType the bot's name to move it: ")
  io.flush()
  return io.read "*l" == plan.bot.username
end

-- One line a step; a wait is told every ten seconds.
local function tell(event)
  if event.type == "step" then print(event.text) end
end

local report = botapi.migrate(assert(os.getenv "BOT_TOKEN", "BOT_TOKEN isn't set"), {
  from = { server = from, as = "cloud" },
  to = to,
  webhook = "keep",                                   -- set again on the new server, as it was
  secret_token = os.getenv "WEBHOOK_SECRET" or false, -- no server tells it; false: it has none
  confirm = ask,
  on_event = tell,
})

print(report.text)
os.exit(report.exit)
