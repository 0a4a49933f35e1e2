-- SPDX-License-Identifier: MIT
-- Owns the kinds of updates: their names and order, and what allowed_updates makes of a list of them.

local json = require "botapi.emulator.json"

local update_kinds = {}

-- In the order in which getWebhookInfo shows them.
local NAMES = {"message", "edited_message", "channel_post", "edited_channel_post", "inline_query",
  "chosen_inline_result", "callback_query", "custom_event", "custom_query", "shipping_query", "pre_checkout_query",
  "poll", "poll_answer", "my_chat_member", "chat_member", "chat_join_request", "chat_boost", "removed_chat_boost",
  "message_reaction", "message_reaction_count", "business_connection", "business_message", "edited_business_message",
  "deleted_business_messages", "purchased_paid_media", "managed_bot", "guest_message"}

local HIDDEN = {custom_event = true, custom_query = true}   -- getWebhookInfo doesn't show them
local ON_REQUEST = {chat_member = true, message_reaction = true, message_reaction_count = true}

-- Is it the default, every kind but those of ON_REQUEST?
local function is_default(wanted)
  for _, name in ipairs(NAMES) do
    if (wanted[name] or false) == (ON_REQUEST[name] or false) then return false end
  end
  return true
end

--- Reads the parameter allowed_updates, a list or its JSON. Returns whether it says anything, and what: a set of kinds,
-- or nil for the default. Unknown names don't count; a list without a known one is the default.
function update_kinds.read(list)
  if type(list) == "string" then list = json.decode(list) end
  if not json.is_array(list) then return false end
  local wanted, known = {}, false
  for _, name in ipairs(list) do
    if type(name) ~= "string" then return false end
    wanted[name:lower()] = true
  end
  for _, name in ipairs(NAMES) do known = known or wanted[name] end
  if not known or is_default(wanted) then return true, nil end
  return true, wanted
end

--- A set as getWebhookInfo shows it; nil for the default.
function update_kinds.list(wanted)
  if not wanted then return nil end
  local list = json.array()
  for _, name in ipairs(NAMES) do
    if wanted[name] and not HIDDEN[name] then list[#list + 1] = name end
  end
  return list
end

--- Does a bot with this set, or with nil for the default, get this update?
function update_kinds.allows(wanted, update)
  for _, name in ipairs(json.names(update)) do
    if name ~= "update_id" then
      if wanted then return wanted[name] == true end
      return not ON_REQUEST[name]
    end
  end
  return false
end

return update_kinds
