-- SPDX-License-Identifier: MIT
-- A small event loop, and all that botapi needs to know of it: what a driver for a new loop takes.

local cqueues = require "cqueues"
local drive = require "botapi.drive"
local unpack = table.unpack or unpack

-- The loop: coroutines that can go on, and descriptors that others wait for.

local toy = {}
local ready, watched = {}, {}

--- Runs a function in a coroutine of the loop.
function toy.spawn(fn) ready[#ready + 1] = coroutine.create(fn) end

--- Suspends the coroutine that runs until another one gives it to `toy.wake`.
toy.suspend = coroutine.yield

function toy.wake(co) ready[#ready + 1] = co end

--- Suspends the coroutine that runs until a descriptor is readable.
function toy.readable(fd)
  watched[#watched + 1] = { pollfd = fd, events = "r", co = coroutine.running() }
  coroutine.yield()
end

local function poll()
  cqueues.poll(unpack(watched))
  local still = {}
  for _, each in ipairs(watched) do
    if cqueues.poll(each, 0) == each then toy.wake(each.co) else still[#still + 1] = each end
  end
  watched = still
end

--- Runs the loop until nothing is left to do.
function toy.run()
  while ready[1] or watched[1] do
    local co = table.remove(ready, 1)
    if co then assert(coroutine.resume(co)) else poll() end
  end
end

-- The driver.

local loop = { spawn = toy.spawn, suspend = toy.suspend, resume = toy.wake }

function loop.current()
  drive.running "the toy loop: call it from a coroutine"
  return toy
end

function loop.caller() return coroutine.running() end

function loop.readable(engine) toy.readable(engine:pollfd()) end

toy.driver = drive.new(loop)

return toy
