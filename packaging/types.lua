-- SPDX-License-Identifier: MIT
-- Prints a file of types/, arg[1], with what it says of the program's own lists: the members of classes, the words of
-- aliases. `make docs` writes it to its place.

local core = require "botapi.core"
local methods = require "botapi.methods"
local policy = require "botapi.policy"
local rows = require "botapi.reason.rows"

local outcomes = {}
for i, outcome in ipairs(require "botapi.outcome".list) do outcomes[i] = { outcome.name } end

local statuses = { { "move_directory" } }
for _, row in ipairs(outcomes) do statuses[#statuses + 1] = row end

local function faults()
  local list = {}
  for i, fault in ipairs(require "botapi.emulator.faults") do list[i] = { fault.name } end
  return list
end

-- The words of each alias: the first member of each row.
local ALIASES = { ["botapi.Kind"] = rows.kinds, ["botapi.Sent"] = rows.sent, ["botapi.Refusal"] = rows.reasons,
  ["botapi.Problem"] = rows.problems,
  ["botapi.FleetOutcome"] = outcomes, ["botapi.MigrateStatus"] = statuses, ["botapi.FaultName"] = faults }

-- What the program knows as a table or a string, and the language server as more.
local TYPES = { server = "botapi.Server", resolve = "string[]", headers = "table<string, string>",
  on_event = "fun(event: botapi.BotEvent)", on_progress = "fun(done: integer, total: integer)", array = "string[]",
  file = "string|botapi.InputFile" }

local function field(name, type_of, is_optional, words)
  return ("---@field %s%s %s %s"):format(name, is_optional and "?" or "", TYPES[name] or TYPES[type_of] or type_of,
    words)
end

local function options(list)
  local lines = {}
  for _, option in ipairs(list) do
    local default = option.default ~= nil and option.default ~= "none"
      and ("(%s) "):format((tostring(option.default) .. " " .. option.unit):gsub(" $", "")) or ""
    lines[#lines + 1] = field(option.name, option.type, true, default .. option.meaning)
  end
  return lines
end

local function params(method)
  local lines, names = {}, {}
  for name in pairs(method.params) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local info = method.params[name]
    local unit = info.type == "string" and " bytes" or ""
    local range = info.min and ("%d to %d%s: "):format(info.min, info.max, unit) or ""
    lines[#lines + 1] = field(name, info.type, not info.required, range .. info.meaning)
  end
  return lines
end

local CLASSES = {
  ["botapi.Options"] = options(core.options()), ["botapi.BotOptions"] = options(policy.list),
  ["botapi.SetWebhook"] = params(methods.setwebhook), ["botapi.DeleteWebhook"] = params(methods.deletewebhook),
}

local function words_of(list)
  local words = {}
  for i, row in ipairs(type(list) == "function" and list() or list) do words[i] = '"' .. row[1] .. '"' end
  return table.concat(words, "|")
end

local fields                    -- of the class whose lines are passed by
for line in io.lines((assert(arg[1], "usage: types.lua FILE"))) do
  local alias, class = line:match "^%-%-%-@alias (%S+)", line:match "^%-%-%-@class (%S+)"
  fields = class and CLASSES[class] or line:find "^%-%-%-@field" and fields or nil
  if ALIASES[alias] then
    print(("---@alias %s %s"):format(alias, words_of(ALIASES[alias])))
  elseif class or not fields then
    print(line)
  end
  if class and fields then print(table.concat(fields, "\n")) end
end
