-- SPDX-License-Identifier: MIT
-- Owns the command `botapi completion`: the script of a shell, from the parsers.

local shells = require "botapi.cli.shells"
local terminal = require "botapi.cli.terminal"
local values = require "botapi.cli.values"

local command = {}

function command.describe(parser)
  parser:summary "Print a shell's completion script."
  parser:description("Prints the completion script of a shell. `make install` puts it where the shell looks.")
  parser:epilog("Example: source <(botapi completion bash)")
  parser:argument("shell", "bash, zsh or fish."):choices { "bash", "zsh", "fish" }
end

function command.run(parsed, _, parser_of_all)
  local parser, parsers, names = parser_of_all()
  terminal.write(shells[parsed.shell](values.of(parser, parsers, names)))
  return 0
end

return command
