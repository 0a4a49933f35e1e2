-- SPDX-License-Identifier: MIT
-- Owns the emulator's clock, which can be frozen and moved forward, and its timers.

local cqueues = require "cqueues"
local condition = require "cqueues.condition"

local clock = {}
clock.__index = clock

--- A clock that starts at the real time.
function clock.new()
  return setmetatable({
    offset = os.time() - cqueues.monotime(),
    frozen_at = nil,          -- the time that it shows while it is frozen
    firing_at = nil,          -- the time of the timer that is running
    timers = {},              -- the next one first
    changed = condition.new(),
  }, clock)
end

--- Seconds since 1970, with fractions, as the emulator sees them.
function clock:now()
  return self.firing_at or self.frozen_at or cqueues.monotime() + self.offset
end

--- Calls a function once, after some seconds on this clock. It must not yield.
-- Set `cancelled` in the timer that is returned to cancel it.
function clock:after(seconds, run)
  local timers, timer = self.timers, {at = self:now() + seconds, run = run}
  local i = #timers
  while i > 0 and timers[i].at > timer.at do i = i - 1 end   -- a new timer is mostly the last
  table.insert(timers, i + 1, timer)
  if i == 0 then self.changed:signal() end
  return timer
end

--- Runs the timers that are due, in their order, each at its own time.
function clock:fire()
  local now = self:now()
  while self.timers[1] and self.timers[1].at <= now do
    local timer = table.remove(self.timers, 1)
    if not timer.cancelled then
      self.firing_at = timer.at
      local ok, message = pcall(timer.run)
      self.firing_at = nil
      if not ok then io.stderr:write("botapi emulator: a timer failed: ", tostring(message), "\n") end
    end
  end
end

--- Suspends the calling coroutine for some seconds on this clock, or until the condition `wake` is signalled.
-- Returns whether the time has passed.
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

--- Moves the clock forward; timers that are due have run when this returns.
function clock:advance(seconds)
  if self.frozen_at then self.frozen_at = self.frozen_at + seconds end
  self.offset = self.offset + seconds
  self:fire()
  self.changed:signal()
end

--- Stops the clock, or lets it run on from where it stands.
function clock:freeze(frozen)
  if frozen then
    self.frozen_at = self:now()
  elseif self.frozen_at then
    self.offset = self.frozen_at - cqueues.monotime()
    self.frozen_at = nil
  end
  self.changed:signal()
end

--- Sets the real time again; each timer keeps the time that it had left.
function clock:reset()
  local before = self:now()
  self.frozen_at = nil
  self.offset = os.time() - cqueues.monotime()
  local shift = self:now() - before
  for _, timer in ipairs(self.timers) do timer.at = timer.at + shift end
  self.changed:signal()
end

--- Runs timers as real time passes, in a coroutine of its own.
function clock:run()
  while true do
    self:fire()
    local first = self.timers[1]
    local wait = first and not self.frozen_at and math.max(first.at - self:now(), 0) or nil
    self.changed:wait(wait)
  end
end

return clock
