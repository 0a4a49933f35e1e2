-- SPDX-License-Identifier: MIT
-- Owns the JSON document at the end of a command.

local json = require "botapi.cli.json"

local document = {}

-- What may not leave: the token, its secret, and both percent-encoded.
local function variants(token)
  local secret = token:match ":(.+)$" or token
  local encoded = secret:gsub("[^%w_%.~%-]", function(c) return ("%%%02X"):format(c:byte()) end)
  local list = {}
  for _, each in ipairs { secret, encoded } do
    if #each >= 8 then list[#list + 1] = each:gsub("%W", "%%%0") end
  end
  return list
end

--- A function that takes a token out of a text.
-- @tparam ?string token
function document.cleaner(token)
  local list = token and variants(token) or {}
  return function(text)
    for _, each in ipairs(list) do text = text:gsub(each, "***") end
    return text
  end
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
