-- SPDX-License-Identifier: MIT
-- Ends a bot as it should end: the poll that runs is finished, what was handled is confirmed, and that is all.
--
--   BOT_TOKEN=… lua5.4 examples/graceful_shutdown.lua      (ends with Ctrl-D, or when its standard input ends)
--
-- Why there is no logOut here. It looks like the counterpart of a start, and is none:
--   * it erases the webhook and every update that waits: what people wrote in that minute is gone;
--   * the cloud doesn't take the bot back for about ten minutes: the restart that was to take a second fails;
--   * the first call after it logs the bot in again anyway, without a word.
-- It isn't a cure for 409 Conflict either: that means two pollers, and one of them is to be stopped.
-- close doesn't belong here, too: it is for moving the bot's directory to another local server.
-- logOut is for the day when the bot leaves a server for good: examples/migrate.lua.

local botapi = require "botapi"

local bot = botapi.bot(assert(os.getenv "BOT_TOKEN", "BOT_TOKEN isn't set"), {
  server = os.getenv "BOTAPI_SERVER" or "telegram",
  retries = 3,
})

local POLL = tonumber(os.getenv "POLL_SECONDS" or 2)  -- an end is waited for at most that long
local offset = 0

local function handle(update)
  print("update " .. ("%.0f"):format(update.update_id))
end

-- Handles what came; the next getUpdates confirms it by its offset.
local function poll(seconds)
  local updates, failure = botapi.check(bot:call("getUpdates", { offset = offset, timeout = seconds }))
  for _, update in ipairs(updates or {}) do
    handle(update)
    offset = update.update_id + 1
  end
  return updates, failure
end

-- In a real program: a flag that SIGTERM sets. Pure Lua has no signals, so here the end of the input is the sign.
local function wanted()
  return io.read "*l" ~= nil
end

repeat
  local updates, failure = poll(POLL)
  if not updates then
    io.stderr:write(botapi.explain(nil, failure), "\n")
  end
until not wanted()

-- The whole shutdown: no new poll, and the last batch confirmed, so that it doesn't come again after the restart.
if offset > 0 then bot:call("getUpdates", { offset = offset, limit = 1, timeout = 0 }) end
print "ended; the bot is still logged in, its updates wait for the next start"
