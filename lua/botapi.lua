-- SPDX-License-Identifier: MIT
-- The public module: the core's functions, and what is built on them.
local core = require "botapi.core"
local reason = require "botapi.reason"

local botapi = {
  _VERSION = core._VERSION,
  check = reason.check,
  reason = reason.reason,
  explain = reason.explain,
}

for _, name in ipairs {
  "logout", "close_instance", "get_me", "get_webhook_info", "delete_webhook",
  "set_webhook", "call", "probe", "engine",
} do
  botapi[name] = core[name]
end

return botapi
