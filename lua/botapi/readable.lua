-- SPDX-License-Identifier: MIT
-- Owns how tables of ours look at a prompt: reports, plans, what an emulator says of itself.

local core = require "botapi.core"
local show = require "botapi.show"
local visible = require "botapi.text".visible

local readable = {}

local function redact(text) return core.redact(text) end

--- A table as Lua, in lines where it is long.
function readable.text(value) return show(value, redact, visible) end

local meta = { __name = "botapi.table", __tostring = readable.text }

--- Makes a table, and those in it, show what they hold. One that has a metatable stays as it is.
-- @return the same value
function readable.mark(value)
  if type(value) ~= "table" or getmetatable(value) ~= nil then return value end
  setmetatable(value, meta)
  for _, member in next, value do readable.mark(member) end
  return value
end

local function text_of(report) return report.text or readable.text(report) end

local of_reports = { __name = "botapi.report", __tostring = text_of }

--- Makes a report show its text, and some of the tables in it what they hold.
-- @tparam table report with `text`
-- @param ... the names of the members that are the report's own
-- @treturn table the same
function readable.report(report, ...)
  for _, name in ipairs { ... } do readable.mark(report[name]) end
  return setmetatable(report, of_reports)
end

return readable
