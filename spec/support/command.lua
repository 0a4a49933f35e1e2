-- SPDX-License-Identifier: MIT
-- Owns runs of the command `botapi` by a shell: how each ends, what it says, and that it shows no secret.

local process = require "support.process"
local terminal = require "support.terminal"

local quote = process.quote

local command = { state = terminal.directory() .. "state" }

--- The line by which a shell runs the command. `words` may redirect its streams.
-- @string words
-- @tparam[opt] table env variables; the journals are below `state`, if it has no other place for them
function command.line(words, env)
  local list = { "XDG_STATE_HOME=" .. quote(command.state) }
  for name, value in pairs(env or {}) do list[#list + 1] = name .. "=" .. quote(value) end
  return ("env -u BOT_TOKEN %s %s %s"):format(table.concat(list, " "), quote(process.root .. "bin/botapi"), words)
end

--- Runs a line, without input: the exit code, standard output, standard error.
function command.sh(line)
  local errors = terminal.directory() .. "stderr"
  local text = process.capture(("{ %s; } 2>%s </dev/null; echo \" $?\""):format(line, quote(errors)))
  local out, code = text:match "^(.*) (%d+)\n$"
  local said = process.slurp(errors)
  assert(not (out .. said):find("CANARY", 1, true), "a secret is shown")
  assert(not (out .. said):find("stack traceback", 1, true), "a mistake in the program")
  return tonumber(code), out, said
end

--- Runs the command: the exit code, standard output, standard error.
function command.run(words, env) return command.sh(command.line(words, env)) end

return command
