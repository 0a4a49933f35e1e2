-- SPDX-License-Identifier: MIT
-- What the Lua language server knows of botapi.change: the object that sends a bot's changes, and its last request.
---@meta botapi.change

---@class botapi.Change a request that is on its way, or was the last one
---@field method string the Bot API's name
---@field intent? integer its number in the journal
---@field may_have_left? boolean an earlier program may have logged the bot out with it
---@field is_open boolean an attempt was begun, and no answer that says what it did has come
---@field outcome? string
---@field is_noted boolean its result is in the journal

---@class botapi.Changes
---@field api botapi
---@field id? string the bot's number
---@field journal? table an open journal; nil: nothing is noted
---@field warn fun(text: string) is told that the journal couldn't be written
---@field tell fun(event: table) is told `intent` and `result`
---@field may_have_left table<string, boolean> by method: an attempt of this run may have been carried out
---@field current? botapi.Change
