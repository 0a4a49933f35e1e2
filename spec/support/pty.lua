-- SPDX-License-Identifier: MIT
-- A command on a terminal of its own, through script(1): what is sent is typed, Ctrl-C is a real one.

local process = require "support.process"

local pty = {}
pty.__index = pty

--- Starts a command line on a terminal that echoes nothing. `env` as in support.process.
function pty.start(command, env)
  local child = process.start {"script", "-qec", "stty -echo; exec " .. command, "/dev/null", name = "pty", env = env}
  return setmetatable({child = child}, pty)
end

--- Types a line.
function pty:type(line)
  assert(self.child:send(line))
end

--- Types Ctrl-C, without a line end.
function pty:interrupt()
  self.child.input:settimeout(20)
  assert(self.child.input:write "\3")
  assert(self.child.input:flush())
end

--- Reads lines until one has the pattern: its captures, or the line.
function pty:expect(pattern, seconds)
  return self.child:expect(pattern, seconds or 10)
end

--- All that was printed so far, without carriage returns.
function pty:output()
  return (self.child:output():gsub("\r", ""))
end

function pty:wait(seconds)
  return self.child:wait(seconds)
end

function pty:stop()
  return self.child:stop "KILL"
end

return pty
