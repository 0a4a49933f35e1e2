-- SPDX-License-Identifier: MIT
-- The Bot API's methods as data: their Lua names, their parameters, and
-- whether they only read. Data, no code: the C core loads this table too.

--- Methods by their lower-case name, as the server looks them up.
--
-- An entry: `name`, the spelling that is sent; `reads`, whether an open
-- connection may be reused for it; and for the named functions `lua`, the
-- function's name, and `params`, its parameters; `already`, of a method that
-- takes the bot off its server: the reason of an answer that says that it had
-- been done before. A method that isn't here can be called, too: on a fresh
-- connection, with any parameters.
--
-- A parameter: `type` ("string", "integer", "boolean", "array" of strings,
-- or "file", its text); `required`; `min` and `max`, of an integer its
-- value, of a string its length in bytes; `pattern`, an anchored Lua
-- pattern; `meaning`, for the manual.
--
-- @module botapi.methods
-- @usage
-- local methods = require "botapi.methods"
-- assert(methods.logout.name == "logOut" and not methods.logout.reads)

local drop_pending_updates = {
  type = "boolean",
  meaning = "forget the updates that still wait on the server",
}

local methods = {
  logout = {
    name = "logOut", lua = "logout", reads = false, params = {},
    already = "logged_out",
  },
  close = {
    name = "close", lua = "close_instance", reads = false, params = {},
    already = "closed",
  },
  getme = {
    name = "getMe", lua = "get_me", reads = true, params = {},
  },
  getwebhookinfo = {
    name = "getWebhookInfo", lua = "get_webhook_info", reads = true,
    params = {},
  },
  deletewebhook = {
    name = "deleteWebhook", lua = "delete_webhook", reads = false,
    params = { drop_pending_updates = drop_pending_updates },
  },
  setwebhook = {
    name = "setWebhook", lua = "set_webhook", reads = false,
    params = {
      url = {
        type = "string", required = true,
        meaning = "where the updates go, https; empty: no webhook",
      },
      certificate = {
        type = "file",
        meaning = "the public key certificate of the webhook, PEM text",
      },
      ip_address = {
        type = "string",
        meaning = "the address that is used in place of what DNS says",
      },
      max_connections = {
        type = "integer", min = 1, max = 100000,
        meaning = "connections to the webhook at the same time",
      },
      allowed_updates = {
        type = "array",
        meaning = "the kinds of update that are wanted; empty: the default",
      },
      drop_pending_updates = drop_pending_updates,
      secret_token = {
        type = "string", min = 1, max = 256, pattern = "^[A-Za-z0-9_-]+$",
        meaning = "comes back in X-Telegram-Bot-Api-Secret-Token",
      },
    },
  },
}

-- They change nothing on the server, so a repeat by a connection that died
-- would be harmless. Not getUpdates: it confirms the updates before offset.
-- Not a rule on "get": a method that isn't known yet may change something.
local readers = {
  "getAvailableGifts", "getBusinessAccountGifts",
  "getBusinessAccountStarBalance", "getBusinessConnection", "getChat",
  "getChatAdministrators", "getChatGifts", "getChatMember",
  "getChatMemberCount", "getChatMembersCount", "getChatMenuButton",
  "getCustomEmojiStickers", "getFile", "getForumTopicIconStickers",
  "getGameHighScores", "getMyCommands", "getMyDefaultAdministratorRights",
  "getMyDescription", "getMyName", "getMyShortDescription",
  "getMyStarBalance", "getStarTransactions", "getStickerSet",
  "getUserChatBoosts", "getUserGifts", "getUserProfilePhotos",
}

for i = 1, #readers do
  local name = readers[i]
  methods[name:lower()] = { name = name, reads = true }
end

return methods
