-- SPDX-License-Identifier: MIT
-- What the Lua language server knows of resty.botapi: the functions of botapi, and `with`.
---@meta resty.botapi

---@class resty.botapi : botapi
local botapi = {}

---@param settings { thread_pool?: string|false, fallback?: boolean }
---@return resty.botapi
function botapi.with(settings) end

return botapi
