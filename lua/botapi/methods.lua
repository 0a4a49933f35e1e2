-- SPDX-License-Identifier: MIT
-- The Bot API's methods that have a function here, as data: their Lua names,
-- what their parameters must be, and which are of a bot's lifecycle.

--- The named functions' methods, by their lower-case name, as the server looks
-- them up. All methods of the Bot API are in botapi.bot_api; this table is the
-- part that the C core needs when it is loaded, and checks with.
--
-- An entry: `name`, the spelling that is sent; `lua`, the function's name;
-- `lifecycle`, true where the method decides where the bot is and who gets its
-- updates: such a call opens a connection unless the caller wants otherwise;
-- `poll`, true where it may wait for as long as its parameter `timeout` says,
-- besides the time of the call; `max_response`, of long answers the default of
-- that option; `params`, its parameters; `already`, of a method that takes the
-- bot off its server: the reason of an answer that says that it had been done
-- before. A method that isn't here can be called, too, with any parameters.
--
-- A parameter: `type` ("string", "integer", "boolean", "array" of strings,
-- or "file", the PEM text of a certificate); `required`; `min` and `max`, of
-- an integer its value, of a string its length in bytes; `pattern`, an
-- anchored Lua pattern, and `allowed`, the characters in it for people;
-- `meaning`, for the manual.
--
-- @module botapi.methods
-- @usage
-- local methods = require "botapi.methods"
-- assert(methods.logout.name == "logOut" and methods.logout.lifecycle)

local drop_pending_updates = {
  type = "boolean",
  meaning = "forget the updates that still wait on the server",
}

local methods = {
  logout = {
    name = "logOut", lua = "logout", lifecycle = true, params = {},
    already = "logged_out",
  },
  close = {
    name = "close", lua = "close_instance", lifecycle = true, params = {},
    already = "closed",
  },
  getme = {
    name = "getMe", lua = "get_me", params = {},
  },
  getwebhookinfo = {
    name = "getWebhookInfo", lua = "get_webhook_info",
    params = {},
  },
  -- Telegram's server puts at most some 4 MiB of updates into an answer, by its
  -- source. Other servers may not: this holds 100 updates of 160 KiB, each with
  -- a message, the one that it answers and a pinned one, of 4,096 letters that
  -- JSON writes as \uXXXX, 24 KiB a message, and their entities and keyboards.
  getupdates = {
    name = "getUpdates", poll = true,
    max_response = 16 * 1024 * 1024,
  },
  deletewebhook = {
    name = "deleteWebhook", lua = "delete_webhook", lifecycle = true,
    params = { drop_pending_updates = drop_pending_updates },
  },
  setwebhook = {
    name = "setWebhook", lua = "set_webhook", lifecycle = true,
    params = {
      url = {
        type = "string", required = true,
        meaning = "where the updates go, https; empty: no webhook",
      },
      certificate = {
        type = "file",
        meaning = "the certificate of the webhook: its PEM text, or a botapi.file",
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
        allowed = "A-Z a-z 0-9 _ -",
        meaning = "comes back in X-Telegram-Bot-Api-Secret-Token",
      },
    },
  },
}

return methods
