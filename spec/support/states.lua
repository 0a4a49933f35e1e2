-- SPDX-License-Identifier: MIT
-- Builds states.c, when it is first needed: a host of several Lua states, each in a thread of its own.

local process = require "support.process"

local states = {}

local program

--- The path of the host for the Lua that runs this code.
function states.program()
  if program then
    return program
  end
  local made = process.directory() .. "states"
  local command = ("${CC:-gcc} -std=c99 -O1 -Wall -Wextra -Wl,-E $(pkg-config --cflags %s) -o %s %s " ..
    "$(pkg-config --libs %s) -lpthread"):format(process.lua, process.quote(made), process.quote(process.root ..
    "spec/support/states.c"), process.lua)
  assert(process.run(command), "can't build spec/support/states.c")
  program = made
  return program
end

--- Runs a Lua program in `threads` states at once: true, or nil and what they said on stderr.
function states.run(threads, text, ...)
  local path = process.directory() .. "states.lua"
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
  local words = {name = "states", states.program(), tostring(threads), path}
  for i = 1, select("#", ...) do
    words[#words + 1] = tostring((select(i, ...)))
  end
  local child = process.start(words)
  local code = child:wait(60)
  if code == 0 and child:errors() == "" then
    return true
  end
  return nil, ("ended with %s: %s"):format(tostring(code), child:errors())
end

return states
