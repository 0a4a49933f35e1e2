#!/usr/bin/env lua5.4
-- SPDX-License-Identifier: MIT
-- A bot that repeats what it is told, has a keyboard, sends a file, and logs out when its owner says so.
--
--   BOT_TOKEN=… OWNER_ID=… lua5.4 examples/bot.lua
--
-- OWNER_ID is the user id of the one who may write /logout (or !logout); without it nobody may. BOTAPI_SERVER is the
-- server (default: Telegram's cloud). Ctrl-C ends the program, and the bot stays logged in: a logout is for the day
-- when the bot leaves a server for good (examples/graceful_shutdown.lua says why).

local botapi = require "botapi"

local bot = botapi.bot(assert(os.getenv "BOT_TOKEN", "set BOT_TOKEN"), {
  server = os.getenv "BOTAPI_SERVER",
  retries = 3,
})
local owner = tonumber(os.getenv "OWNER_ID")
local me = assert(botapi.check(bot:get_me()))

local COLOURS = {
  inline_keyboard = { { { text = "red", callback_data = "red" }, { text = "blue", callback_data = "blue" } } },
}

-- A call whose failure is told, and no reason to end.
local function tell(method, params)
  local result, failure = botapi.check(bot[method](bot, params))
  if not result then io.stderr:write(method, ": ", botapi.explain(nil, failure), "\n") end
  return result
end

local function say(chat, text, markup)
  return tell("send_message", { chat_id = chat.id, text = text, reply_markup = markup })
end

local commands = {}

function commands.start(message)
  say(message.chat, "I repeat what you write. /file sends you a file. Which colour do you like?", COLOURS)
end

function commands.file(message)
  local hello = botapi.file { data = "Hello from " .. me.first_name .. "\n", name = "hello.txt" }
  tell("send_document", { chat_id = message.chat.id, document = hello })
end

-- Whoever can log a bot out can silence it: the owner alone. Says so first, since nothing can be said afterwards.
function commands.logout(message)
  local sender = message.from and message.from.id
  if not owner or sender ~= owner then
    return say(message.chat, "Only my owner may do that.")
  end
  say(message.chat, "I log out of this server now. Updates that wait here are lost.")
  local done, failure = botapi.check(bot:logout())
  if done or failure.reason == "logged_out" then return print "logged out" end     -- which ends the loop below
  io.stderr:write(botapi.explain(nil, failure), "\n")
  -- where nobody knows whether it has left, any other call could log it in again: the loop below ends, too
  local is_here = failure.sent == "no" or failure.ok == false and failure.reason ~= "server"
  if is_here then say(message.chat, "The logout didn't work: I'm still here.") end
end

-- The command of a text: "/logout", "!logout", in groups also "/logout@this_bot"; that of another bot is none of ours.
local function command_of(text)
  local name, bot_name = text:match "^[/!](%a+)@?([%w_]*)"
  return (bot_name == "" or bot_name == me.username) and commands[name] or nil
end

local function handle(update)
  local message, query = update.message, update.callback_query
  if message and message.text then
    local command = command_of(message.text)
    if command then return command(message) end
    say(message.chat, message.text)
  elseif query then
    tell("answer_callback_query", { callback_query_id = query.id, text = "You like " .. tostring(query.data) .. "." })
  end
end

io.stdout:setvbuf "line"        -- Lua 5.1 would keep what it prints into a pipe
print("@" .. me.username .. " listens")
local updates = bot:updates { allowed_updates = { "message", "callback_query" } }
for update in updates do handle(update) end
if updates.error then
  io.stderr:write(botapi.explain(nil, updates.error), "\n")
  os.exit(1)
end
