-- SPDX-License-Identifier: MIT
-- Owns the emulator's time: it runs with the real clock, can be frozen and moved on, and keeps the timers.

local cqueues = require "cqueues"
local condition = require "cqueues.condition"

local clock = {}
clock.__index = clock

--- A clock that starts at the real time.
-- @treturn clock
function clock.new()
  return setmetatable({
    offset = os.time() - cqueues.monotime(),
    frozen_at = nil,
    timers = {},
    serial = 0,
    changed = condition.new(),
  }, clock)
end

--- Seconds since 1970, with fractions, as the emulator sees them.
function clock:now()
  return self.firing_at or self.frozen_at or cqueues.monotime() + self.offset
end

local function is_before(a, b)
  if a.at ~= b.at then return a.at < b.at end
  return a.serial < b.serial
end

-- A binary heap: timers[1] is always the next one.
local function sift_up(timers, i)
  while i > 1 do
    local parent = (i - i % 2) / 2
    if not is_before(timers[i], timers[parent]) then return end
    timers[i], timers[parent] = timers[parent], timers[i]
    i = parent
  end
end

local function sift_down(timers)
  local i, n = 1, #timers
  while true do
    local least = i
    for child = 2 * i, 2 * i + 1 do
      if child <= n and is_before(timers[child], timers[least]) then least = child end
    end
    if least == i then return end
    timers[i], timers[least] = timers[least], timers[i]
    i = least
  end
end

local function pop(timers)
  local first, n = timers[1], #timers
  timers[1] = timers[n]
  timers[n] = nil
  sift_down(timers)
  return first
end

--- Calls a function once, when the clock has reached a time. It must not yield.
-- @tparam number seconds from now, at least 0
-- @tparam function run
-- @treturn table the timer; `cancelled = true` in it takes it back
function clock:after(seconds, run)
  self.serial = self.serial + 1
  local timer = {at = self:now() + seconds, serial = self.serial, run = run}
  self.timers[#self.timers + 1] = timer
  sift_up(self.timers, #self.timers)
  if self.timers[1] == timer then self.changed:signal() end
  return timer
end

--- Runs the timers that are due, in their order, each at its own time.
function clock:fire()
  local now = self:now()
  while self.timers[1] and self.timers[1].at <= now do
    local timer = pop(self.timers)
    if not timer.cancelled then
      self.firing_at = timer.at
      local ok, message = pcall(timer.run)
      self.firing_at = nil
      if not ok then io.stderr:write("botapi emulator: a timer failed: ", tostring(message), "\n") end
    end
  end
end

--- Suspends the calling coroutine until the clock has moved on that far.
-- @tparam number seconds
-- @param[opt] wake a cqueues condition that ends the sleep early
-- @treturn boolean true when the time has passed, false when woken
function clock:sleep(seconds, wake)
  if seconds <= 0 then return true end
  local passed, done = false, wake or condition.new()
  local timer = self:after(seconds, function()
    passed = true
    done:signal()
  end)
  done:wait()
  timer.cancelled = not passed
  return passed
end

--- Moves the clock on; what is due fires before this returns.
-- @tparam number seconds, 0 or more
function clock:advance(seconds)
  if self.frozen_at then
    self.frozen_at = self.frozen_at + seconds
  else
    self.offset = self.offset + seconds
  end
  self:fire()
  self.changed:signal()
end

--- Stops the clock, or lets it go on from where it stands.
-- @tparam boolean frozen
function clock:freeze(frozen)
  if frozen then
    self.frozen_at = self:now()
  elseif self.frozen_at then
    self.offset = self.frozen_at - cqueues.monotime()
    self.frozen_at = nil
  end
  self.changed:signal()
end

--- Back to the real time; timers stay, each with the time that it had left.
function clock:reset()
  local before = self:now()
  self.frozen_at = nil
  self.offset = os.time() - cqueues.monotime()
  local shift = self:now() - before
  for _, timer in ipairs(self.timers) do timer.at = timer.at + shift end
  self.changed:signal()
end

--- The loop that fires timers as real time passes; runs as a coroutine of the server.
function clock:run()
  while true do
    self:fire()
    local first = self.timers[1]
    local wait = first and not self.frozen_at and math.max(first.at - self:now(), 0) or nil
    self.changed:wait(wait)
  end
end

return clock
