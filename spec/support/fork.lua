-- SPDX-License-Identifier: MIT
-- Loads fork.c, compiled when it is first needed: fork, wait, exit, pause, kill, cpu.

local process = require "support.process"

local version = process.lua == "luajit" and "luajit" or process.lua
local directory = process.root .. "build/" .. version .. "/"
local object = directory .. "fork.so"
local source = process.root .. "spec/support/fork.c"

local function build()
  local made = object .. "." .. process.pid_of_self()
  local command = ("mkdir -p %s && ${CC:-gcc} -std=gnu99 -O1 -Wall -Wextra -shared -fPIC $(pkg-config --cflags %s) " ..
    "-o %s %s && mv %s %s"):format(process.quote(directory), version, process.quote(made), process.quote(source),
    process.quote(made), process.quote(object))
  assert(process.run(command), "can't build spec/support/fork.c")
end

if not process.run(("test %s -nt %s"):format(process.quote(object), process.quote(source))) then
  build()
end

local open = assert(package.loadlib(object, "luaopen_fork"))
return open()
