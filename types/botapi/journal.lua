-- SPDX-License-Identifier: MIT
-- What the Lua language server knows of botapi.journal.
---@meta botapi.journal

---@class botapi.journal
local journal = {}

---@param bot integer|string
---@return string? path
---@return string? why
function journal.path(bot) end

---@param path string
---@param options? { now?: fun(): number }
---@return botapi.Journal? journal
---@return string? why
---@return integer? errno
---@return integer? holder
function journal.open(path, options) end

---@param path string
---@param options? { now?: fun(): number }
---@return botapi.Journal? journal
---@return string? why
---@return integer? errno
function journal.read(path, options) end

---@class botapi.Journal
local log = {}

---@param fields { bot: integer|string, server: string, method: string }
---@return integer? id
---@return string? why
---@return integer? errno
function log:intent(fields) end

---@param id integer
---@param fields { outcome: "done"|"already"|"refused"|"not_sent"|"later"|"unknown" }
---@return integer? id
---@return string? why
---@return integer? errno
function log:result(id, fields) end

---@param fields { bot: integer|string, server: string }
---@return integer? id
---@return string? why
---@return integer? errno
function log:arrival(fields) end

---@param fields { bot: integer|string }
---@return integer? id
---@return string? why
---@return integer? errno
function log:note(fields) end

---@param bot? integer|string
---@return table[]
function log:records(bot) end

---@param bot integer|string
---@return table[]
function log:unsettled(bot) end

---@param bot integer|string
---@param server string
---@return { at: integer, age: number, method: string, server: string }?
function log:left(bot, server) end

---@return string? why
function log:damage() end

function log:close() end

return journal
