-- SPDX-License-Identifier: MIT
-- Owns the command `botapi completion`: the script of a shell, from the parser.

local shells = require "botapi.cli.shells"
local terminal = require "botapi.cli.terminal"

local command = {}

function command.describe(parser)
  parser:summary "Print a shell's completion script."
  parser:description("Prints the completion script of a shell. `make install` puts it where the shell looks.")
  parser:epilog("Example: source <(botapi completion bash)")
  parser:argument("shell", "bash, zsh or fish."):choices { "bash", "zsh", "fish" }
end

function command.run(parsed, _, parser_of_all)
  terminal.write(shells[parsed.shell](parser_of_all()))
  return 0
end

return command
