-- SPDX-License-Identifier: MIT
-- Owns the JSON document at the end of a command.

local json = require "botapi.cli.json"
local redact = require "botapi.core".redact

local document = {}

--- A function that takes tokens out of a text.
-- @tparam ?string token
-- @tparam ?string what "own": that token alone, see core.redact
function document.cleaner(token, what)
  return function(text) return (redact(text, token, what)) end
end

--- The document, version 1.
-- @tparam table facts command, outcome, bot (id, username), server, sent, reason, attempts, exit, response,
--   retry_after; `event` and `to` for the last line of several
-- @tparam function clean
-- @treturn string one line
function document.line(facts, clean)
  local null = json.null
  local bot = facts.bot and facts.bot.id and { ordered = {
    { "id", json.digits(facts.bot.id) }, { "username", facts.bot.username or null } } } or null
  local members = { { "v", 1 } }
  if facts.event then members[2] = { "event", facts.event } end
  for _, pair in ipairs { { "command", facts.command }, { "outcome", facts.outcome }, { "bot", bot },
    { "server", facts.server or null }, { "sent", facts.sent }, { "reason", facts.reason or null },
    { "attempts", facts.attempts or 0 }, { "exit", facts.exit }, { "response", facts.response or null } } do
    members[#members + 1] = pair
  end
  if facts.retry_after then members[#members + 1] = { "retry_after", facts.retry_after } end
  return json.encode({ ordered = members }, clean)
end

return document
