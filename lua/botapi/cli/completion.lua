-- SPDX-License-Identifier: MIT
-- Owns the command `botapi completion`: the script of a shell, from the parser.

local command = {}

function command.describe(parser)
  parser:summary "Print a shell's completion script."
  parser:description("Prints the completion script of a shell. `make install` puts it where the shell looks.")
  parser:epilog("Example: botapi completion bash >~/.local/share/bash-completion/completions/botapi")
  parser:argument("shell", "bash, zsh or fish."):choices { "bash", "zsh", "fish" }
end

function command.run(parsed, _, parser_of_all)
  local parser = parser_of_all()
  io.stdout:write(parser["get_" .. parsed.shell .. "_complete"](parser))
  return 0
end

return command
