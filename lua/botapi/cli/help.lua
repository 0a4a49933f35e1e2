-- SPDX-License-Identifier: MIT
-- Owns the command `botapi help`: topics, and the help of the other commands.

local topics = require "botapi.cli.topics"

local command = {}

local function known(word)
  for _, topic in ipairs(topics) do
    if topic.name == word then return word end
  end
  for _, name in ipairs(require "botapi.cli".commands) do
    if name == word then return word end
  end
  return nil, "there is no help about that; a command, exit-codes, environment or json is expected"
end

--- Adds the command's options to its parser.
function command.describe(parser)
  parser:summary "Show help about a command or a topic."
  parser:description("Shows the help of a command or of a topic: exit-codes, environment, json.")
  parser:argument("topic", "A command or a topic."):args "?":argname "TOPIC":convert(known)
end


--- Runs it.
-- @treturn number the exit code
function command.run(parsed)
  local parser, parsers = require "botapi.cli".parser()
  if not parsed.topic then
    print(parser:get_help())
    return 0
  end
  for _, topic in ipairs(topics) do
    if topic.name == parsed.topic then
      io.stdout:write(topic.text)
      return 0
    end
  end
  print(parsers[parsed.topic]:get_help())
  return 0
end

return command
