-- SPDX-License-Identifier: MIT
-- Owns the command's JSON, which has no token.

local json = require "botapi.json"
local redact = require "botapi.core".redact

local document = {}

--- A function that takes tokens out of a text.
-- @tparam ?string what "own": that token alone, see core.redact
function document.cleaner(token, what)
  return function(text) return (redact(text, token, what)) end
end

-- What Lua can't tell from an empty object: the lists that a server writes though they are empty.
local lists = {}
for _, name in ipairs { "allowed_updates", "result", "entities", "caption_entities", "photo", "old_reaction",
  "new_reaction", "reactions", "option_ids", "option_persistent_ids", "options", "new_chat_members", "message_ids",
  "tasks", "paid_media", "users", "user_ids", "chats", "winners", "photos", "audios", "gifts", "boosts", "stickers",
  "transactions" } do
  lists[name] = 1
end

--- One line of JSON.
-- @tparam function clean what takes secrets out of each string
-- @tparam[opt] string name of the member that it is, which tells an empty list from an empty object
function document.encode(value, clean, name)
  return json.encode(value, { clean = clean, rank = json.rank, lists = lists }, name)
end

return document
