-- SPDX-License-Identifier: MIT
-- Compiles a C module of this directory when it is first needed, and loads it: `require "support.native" "fork"`.

local process = require "support.process"

local directory = process.root .. "build/" .. process.lua .. "/"

local function build(source, object)
  local made = object .. "." .. process.pid_of_self()
  local command = ("mkdir -p %s && ${CC:-gcc} -std=gnu99 -O1 -Wall -Wextra -shared -fPIC $(pkg-config --cflags %s) " ..
    "-o %s %s -ldl && mv %s %s"):format(process.quote(directory), process.lua, process.quote(made),
    process.quote(source), process.quote(made), process.quote(object))
  assert(process.run(command), "can't build " .. source)
end

return function(name)
  local source, object = process.root .. "spec/support/" .. name .. ".c", directory .. name .. ".so"
  if not process.run(("test %s -nt %s"):format(process.quote(object), process.quote(source))) then
    build(source, object)
  end
  return assert(package.loadlib(object, "luaopen_" .. name))()
end
