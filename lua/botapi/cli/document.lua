-- SPDX-License-Identifier: MIT
-- Owns the command's JSON, which has no token.

local json = require "botapi.json"
local redact = require "botapi.core".redact

local document = {}

--- A function that takes tokens out of a text.
-- @tparam ?string token
-- @tparam ?string what "own": that token alone, see core.redact
function document.cleaner(token, what)
  return function(text) return (redact(text, token, what)) end
end

-- Members of the Bot API first, in the order of its documents; others follow by name.
local rank = {}
for i, name in ipairs { "v", "event", "command", "ok", "result", "error_code", "description", "parameters", "id",
  "is_bot", "first_name", "last_name", "username", "url", "has_custom_certificate", "pending_update_count" } do
  rank[name] = i
end

-- What Lua can't tell from an empty object.
local lists = { allowed_updates = true, result = true, entities = true, photo = true }

--- One line of JSON.
-- @param value
-- @tparam function clean what takes secrets out of each string
-- @tparam[opt] string name of the member that it is, which tells an empty list from an empty object
function document.encode(value, clean, name)
  return json.encode(value, { clean = clean, rank = rank, lists = lists }, name)
end

return document
