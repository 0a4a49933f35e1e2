-- SPDX-License-Identifier: MIT
-- Owns what a prompt shows of this library: the list of its functions, a page for each, and what a wrong name is told.

local core = require "botapi.core"
local bot_api = require "botapi.bot_api"
local manual = require "botapi.manual"
local methods = require "botapi.methods"
local misuse = require "botapi.misuse"
local nearest = require "botapi.nearest"
local policy = require "botapi.policy"

local help = {}

local names, by_name = {}, {}
for i, page in ipairs(manual) do names[i], by_name[page.name] = page.name, page end

-- What there is -------------------------------------------------------------------

local TITLE = "botapi %s: logs Telegram bots out of Bot API servers, moves them, and says what happened."

--- All functions, with a line each.
-- @treturn string
function help.list()
  local lines = { TITLE:format(core._VERSION), "" }
  for _, page in ipairs(manual) do lines[#lines + 1] = ("  %-16s  %s"):format(page.name, page.line) end
  lines[#lines + 1] = '\nMore of each: botapi.help "logout". Options of every call: botapi.help "options".'
  return table.concat(lines, "\n")
end

local function default_of(option)
  if option.default == nil or option.default == "none" then return "" end
  return (" (%s %s)"):format(tostring(option.default), option.unit):gsub(" %)$", ")")
end

local function options_page()
  local lines = { "Options of every call, in a table behind the other arguments", "" }
  local function add(list)
    for _, option in ipairs(list) do
      lines[#lines + 1] = ("  %s%s\n      %s"):format(option.name, default_of(option), option.meaning)
    end
  end
  add(core.options())
  lines[#lines + 1] = "\nOf a bot, besides these\n"
  add(policy.list)
  return table.concat(lines, "\n")
end

-- Wrong names ---------------------------------------------------------------------

-- What to write in the place of a method of the Bot API.
local function of_method(entry)
  local known = methods[entry.name:lower()]
  if known and known.lua then return nearest.question(known.lua) end
  return ("write bot:%s(), of a bot, or botapi.call(token, \"%s\")"):format(entry.lua, entry.name)
end

--- What is said of a name that no function has: which one was meant, or how a method of the Bot API is called.
-- @return nil: it is like none
function help.meant(name)
  if type(name) ~= "string" or not name:find "^%a[%w_]*$" then return nil end
  local entry = bot_api.find(name)
  if entry then return of_method(entry) end
  local function_name = nearest.of(name, names)
  if function_name then return nearest.question(function_name) end
  local method = bot_api.nearest(name)
  return method and of_method(bot_api.find(method)) or nil
end

-- Of a name that is the beginning of others, which these are.
local function begun(name)
  local found = {}
  for _, each in ipairs(names) do
    if name ~= "" and each:sub(1, #name) == name then found[#found + 1] = each end
  end
  return found[1] and nearest.question(table.concat(found, "' or '"))
end

--- Prints a page, or without a name the list.
-- @tparam ?string name
function help.show(name)
  if name == nil then return print(help.list()) end
  if name == "options" then return print(options_page()) end
  if type(name) ~= "string" then misuse("help", "name: a string expected, got " .. type(name)) end
  local page = by_name[name]
  if not page then
    misuse("help", ("there is no function '%s'; %s"):format(name, help.meant(name) or begun(name) or "see botapi"))
  end
  print(("botapi.%s%s\n\n%s"):format(name, page.arguments, page.page))
end

return help
