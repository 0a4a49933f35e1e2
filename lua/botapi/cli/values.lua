-- SPDX-License-Identifier: MIT
-- Owns what can stand behind each option and in the place of each argument, for completions: from the parsers.

local topics = require "botapi.cli.topics"

local values = {}

local words = { S = { "telegram", "bale", "local" }, WAY = { "basic", "digest", "ntlm", "negotiate", "any" } }
local kinds = { FILE = "file", F = "file", PATH = "file", NAME = "bot", METHOD = "method",
  ["NAME=VALUE"] = "parameter" }

-- `keep|none|URL`: those that are written as they stand.
local function alternatives(name)
  local list = {}
  for word in name:gmatch "[^|]+" do
    if word:find "^%l+$" then list[#list + 1] = word end
  end
  return list[1] and list
end

local function topic_words(commands)
  local list = {}
  for _, name in ipairs(commands) do list[#list + 1] = name end
  for _, topic in ipairs(topics) do list[#list + 1] = topic.name end
  return list
end

-- Its kind ("words", "file", "bot", "method", "parameter", "none"), and the words.
local function value_of(element, commands)
  local name = element._argname or ""
  name = type(name) == "table" and name[1] or name
  local list = element._choices or words[name] or alternatives(name) or name == "TOPIC" and topic_words(commands)
  return { kind = list and "words" or kinds[name] or "none", words = list or nil }
end

local function sentence(text)
  text = type(text) == "string" and text or ""
  return text:match "^(.-)%.%s" or text:match "^(.-)%.?$"
end

local function options_of(parser, commands)
  local list = {}
  for i, option in ipairs(parser._options) do
    list[i] = { names = option._aliases, text = sentence(option._description), again = option._maxcount > 1,
      value = option._maxargs > 0 and value_of(option, commands) or nil }
  end
  return list
end

local function arguments_of(parser, commands)
  local list = {}
  for i, argument in ipairs(parser._arguments) do
    list[i] = value_of(argument, commands)
    list[i].again = argument._maxargs == math.huge
  end
  return list
end

--- What the command line can have.
-- @tparam argparse.Parser parser
-- @tparam table parsers those of the commands, by name
-- @tparam table names the commands in their order
-- @treturn table options of the whole; commands, a list of name, text, options, arguments. An option has names, text,
--   again (it may be repeated) and, unless it is a flag, a value; that and an argument have a kind and words.
function values.of(parser, parsers, names)
  local model = { options = options_of(parser, names), commands = {} }
  for i, name in ipairs(names) do
    model.commands[i] = { name = name, text = sentence(parsers[name]._summary),
      options = options_of(parsers[name], names), arguments = arguments_of(parsers[name], names) }
  end
  return model
end

--- The options that take a value: each name with the commands that have it, by what it takes.
-- @treturn table a list of {name = option, groups = list of {value = value, commands = names}}
function values.of_options(model)
  local list, by_name = {}, {}
  for _, command in ipairs(model.commands) do
    for _, option in ipairs(command.options) do
      for _, name in ipairs(option.value and option.names or {}) do
        local entry = by_name[name] or { name = name, groups = {}, by_key = {} }
        if not by_name[name] then
          by_name[name], list[#list + 1] = entry, entry
        end
        local key = option.value.kind .. table.concat(option.value.words or {}, " ")
        if not entry.by_key[key] then
          entry.by_key[key] = { value = option.value, commands = {} }
          table.insert(entry.groups, entry.by_key[key])
        end
        table.insert(entry.by_key[key].commands, command.name)
      end
    end
  end
  return list
end

return values
