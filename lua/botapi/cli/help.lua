-- SPDX-License-Identifier: MIT
-- Owns the command `botapi help`: topics, and the help of the other commands.

local nearest = require "botapi.nearest"
local terminal = require "botapi.cli.terminal"
local topics = require "botapi.cli.topics"

local command = {}

local function topic_of(word)
  for _, topic in ipairs(topics) do
    if topic.name == word then return topic end
  end
end

function command.describe(parser, commands)
  local function check_known(word)
    if topic_of(word) or commands[word] then return word end
    local names = {}
    for _, topic in ipairs(topics) do names[#names + 1] = topic.name end
    for name in pairs(commands) do names[#names + 1] = name end
    table.sort(names)
    local meant = nearest.of(word, names)
    return nil, "there is no such topic; " .. (meant and nearest.question(meant)
      or "use a command, exit-codes, environment or json")
  end
  parser:summary "Show help about a command or a topic."
  parser:description("Shows the help of a command or of a topic: exit-codes, environment, json.")
  parser:argument("topic", "A command or a topic."):args "?":argname "TOPIC":convert(check_known)
end

function command.run(parsed, _, parser_of_all)
  local topic = topic_of(parsed.topic)
  if topic then
    terminal.page(topics.text(topic, terminal.width()))
  else
    parser_of_all():parse(parsed.topic and { parsed.topic, "--help" } or { "--help" })
  end
  return 0
end

return command
