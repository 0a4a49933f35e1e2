-- SPDX-License-Identifier: MIT
-- Owns terminals for specs: a command in a pty of 80 columns by tmux, what it shows, what is typed.

local process = require "support.process"

local quote = process.quote

local terminal = {}
terminal.__index = terminal

local made = 0
local TRIES = 4000              -- looks at the screen, each a process of some milliseconds

--- The directory of this test process, from the root; ends with a slash.
function terminal.directory()
  local own = process.directory()
  return own:sub(1, 1) == "/" and own or process.capture "pwd":gsub("\n", "/") .. own:gsub("^%./", "")
end

local function tmux(self, words)
  return process.capture(("tmux -S %s %s 2>&1"):format(quote(self.socket), words))
end

-- A script keeps the command's words off the terminal; its exit code is the screen's last line.
local function write_script(self, command, env)
  local lines = { "#!/bin/sh", "trap : INT" }
  for name, value in pairs(env or {}) do
    lines[#lines + 1] = value and "export " .. name .. "=" .. quote(value) or "unset " .. name
  end
  lines[#lines + 1] = command
  lines[#lines + 1] = 'printf "\\n[exit %d]\\n" $?; read -r _'
  local file = assert(io.open(self.script, "w"))
  file:write(table.concat(lines, "\n"), "\n")
  file:close()
end

--- Starts a shell command in a terminal of its own.
-- @string command
-- @tparam[opt] table env variables; false takes one away
-- @tparam[opt] table size columns, lines
function terminal.start(command, env, size)
  made = made + 1
  local base = process.directory() .. "t" .. made
  local self = setmetatable({ socket = base .. ".tmux", script = base .. ".sh" }, terminal)
  write_script(self, command, env)
  tmux(self, ("-f /dev/null new-session -d -x %d -y %d %s \\; set -g remain-on-exit on \\; set -g status off")
    :format(size and size[1] or 80, size and size[2] or 60, quote("sh " .. self.script)))
  return self
end

--- What stands on the screen, without the empty end.
function terminal:screen()
  return (tmux(self, "capture-pane -p -J"):gsub("[ \t]+\n", "\n"):gsub("%s+$", ""))
end

--- The same with its colours, as escape sequences, and with the lines as they are folded.
function terminal:colours()
  return (tmux(self, "capture-pane -p -e"):gsub("%s+$", ""))
end

--- Looks until the screen has a text (a pattern): the screen; raises when it doesn't come.
function terminal:await(pattern)
  local screen
  for _ = 1, TRIES do
    screen = self:screen()
    if screen:find(pattern) then return screen end
  end
  self:close()
  error(("the terminal never showed %q, but:\n%s"):format(pattern, screen), 2)
end

--- Types keys by tmux's names ("Enter", "C-c"), or a text.
function terminal:type(...)
  for _, key in ipairs { ... } do tmux(self, "send-keys " .. quote(key)) end
  return self
end

--- Types a line, sees it, and then Enter: what follows on the screen follows the line.
function terminal:line(text)
  tmux(self, "send-keys -l " .. quote(text))
  self:await(text:gsub("%p", "%%%0") .. "$")
  return self:type "Enter"
end

--- Gives the terminal another size, of which its program is told by a signal.
function terminal:resize(columns, lines)
  tmux(self, ("resize-window -x %d -y %d"):format(columns, lines))
end

--- Its exit code, and what it showed before.
function terminal:finish()
  local screen = self:await "%[exit %d+%]"
  self:close()
  return tonumber(screen:match "%[exit (%d+)%]"), (screen:gsub("%s*%[exit %d+%].*$", ""))
end

function terminal:close()
  tmux(self, "kill-server")
end

return terminal
