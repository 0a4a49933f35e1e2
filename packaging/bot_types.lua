-- SPDX-License-Identifier: MIT
-- Prints types/botapi/bot_api.lua: what the Lua language server knows of the Bot API's methods, all from the table of
-- methods. `make docs` writes it to its place.

local bot_api = require "botapi.bot_api"
local methods = require "botapi.methods"

-- What people may give for a parameter of a kind. JSON may be given as its text, too.
local TYPES = { chat = "integer|string", file = "botapi.InputFile|string", object = "table|string",
  objects = "table[]|string", integers = "integer[]|string", strings = "string[]|string" }

local function class_of(entry)
  return "botapi." .. (entry.same or entry.name):gsub("^%l", string.upper)
end

local function show_fields(entry, is_required)
  for _, name in ipairs(entry.params) do
    local kind = entry.kinds[name]
    if (entry.required[name] or false) == is_required then
      print(("---@field %s%s %s"):format(name, is_required and "" or "?", TYPES[kind] or kind))
    end
  end
end

local function show_class(entry)
  print(("\n---Parameters of %s.\n---@class %s"):format(entry.name, class_of(entry)))
  show_fields(entry, true)
  show_fields(entry, false)
end

local function params_of(entry)
  if not entry.params[1] then return "---@param params? {} there are none" end
  return ("---@param params%s %s"):format(next(entry.required) and "" or "?", class_of(entry))
end

local function show_method(entry)
  local about = entry.same and (", another name of %s"):format(entry.same)
    or entry.since and (", new in Bot API %s"):format(entry.since) or ""
  print(("\n---%s%s. Its result: %s."):format(entry.name, about, entry.result))
  if entry.same then print "---@deprecated" end
  print(params_of(entry))
  print "---@param options? botapi.BotOptions"
  print "---@return botapi.Envelope? res"
  print "---@return botapi.Error? err"
  print(("function bot:%s(params, options) end\n"):format(entry.lua))
end

io.write [[
-- SPDX-License-Identifier: MIT
-- What the Lua language server knows of the Bot API's methods, which bots have by name. Made by `make docs`.
---@meta botapi.bot_api

---@alias botapi.Method
]]

local entries = {}
for i, name in ipairs(bot_api.names()) do
  entries[i] = bot_api.find(name)
  print(('---| "%s"'):format(name))
end

-- In types/botapi.lua, with what is checked.
local function is_named(entry)
  local known = methods[entry.name:lower()]
  return known ~= nil and known.lua ~= nil
end

for _, entry in ipairs(entries) do
  if entry.params[1] and not (entry.same or is_named(entry)) then show_class(entry) end
end

print "\n---@class botapi.Bot\nlocal bot = {}"
for _, entry in ipairs(entries) do
  if not is_named(entry) then show_method(entry) end
  if entry.name ~= "close" then print(("bot.%s = bot.%s"):format(entry.name, entry.lua)) end
end
print "\nreturn {}"
