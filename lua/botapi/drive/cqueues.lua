-- SPDX-License-Identifier: MIT
-- How to wait in cqueues: each controller is a loop, and each call has a condition.
local condition = require "cqueues.condition"
local cqueues = require "cqueues"

local loop = {}

function loop.current()
  return cqueues.running() or error("botapi.cqueues: call it from a coroutine of a cqueues controller", 0)
end

function loop.spawn(fn) cqueues.running():wrap(fn) end

function loop.readable(engine) cqueues.poll(engine) end

function loop.caller() return condition.new() end

function loop.suspend(caller) caller:wait() end

function loop.resume(caller) caller:signal() end

-- A controller remembers the descriptors that it has watched, and must forget one before it is closed.
function loop.leave(engine)
  local has_one, fd = pcall(engine.pollfd, engine)
  if has_one then cqueues.cancel(fd) end
end

return require "botapi.drive".new(loop)
