-- SPDX-License-Identifier: MIT
-- Compiles a C file of this directory to be preloaded, and gives the environment of a child that has it.

local process = require "support.process"

--- The environment for `process.start`, with what the file reads from it.
-- @string name of the file, such as "later"
-- @tparam ?table env
return function(name, env)
  local object = process.root .. "build/" .. name .. ".so"
  local source = process.root .. "spec/support/" .. name .. ".c"
  assert(process.run(("${CC:-gcc} -std=c99 -shared -fPIC -o %s.$$ %s -ldl && mv %s.$$ %s"):format(object, source,
    object, object)), "can't build " .. source)
  local all = { LD_PRELOAD = (os.getenv "LD_PRELOAD" or "") .. " " .. object }
  for key, value in pairs(env or {}) do all[key] = value end
  return all
end
