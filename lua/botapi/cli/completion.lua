-- SPDX-License-Identifier: MIT
-- Owns the command `botapi completion`: the script of a shell, from the parser.

local command = {}

--- Adds the command's options to its parser.
function command.describe(parser)
  parser:summary "Print a shell's completion script."
  parser:description("Prints the completion script of a shell. `make install` puts it where the shell looks.")
  parser:epilog("Example: botapi completion bash >~/.local/share/bash-completion/completions/botapi")
  parser:argument("shell", "bash, zsh or fish."):choices { "bash", "zsh", "fish" }
end

--- The script.
-- @string shell
-- @treturn string
function command.script(shell)
  local parser = require "botapi.cli".parser()
  return parser["get_" .. shell .. "_complete"](parser)
end

--- Runs it.
-- @treturn number the exit code
function command.run(parsed)
  io.stdout:write(command.script(parsed.shell))
  return 0
end

return command
