-- SPDX-License-Identifier: MIT
-- What copas 4 asks of the module `timerwheel`, which Debian hasn't: callbacks at times. A list, for few timers.

local timerwheel = {}
timerwheel.__index = timerwheel

--- `options`: now, a function that tells the time; err_handler, which gets what a callback raises.
function timerwheel.new(options)
  return setmetatable({ now = options.now, err_handler = options.err_handler or print, timers = {}, last = 0 },
    timerwheel)
end

--- Calls `fn(argument)` in so many seconds; returns the timer's id.
function timerwheel:set(seconds, fn, argument)
  self.last = self.last + 1
  self.timers[self.last] = { at = self.now() + seconds, fn = fn, argument = argument }
  return self.last
end

--- Whether it was set still.
function timerwheel:cancel(id)
  local was_set = self.timers[id] ~= nil
  self.timers[id] = nil
  return was_set
end

function timerwheel:count()
  local n = 0
  for _ in pairs(self.timers) do n = n + 1 end
  return n
end

--- Seconds until the next one; nil: there is none.
function timerwheel:peek()
  local first
  for _, timer in pairs(self.timers) do first = math.min(first or timer.at, timer.at) end
  return first and math.max(first - self.now(), 0)
end

--- Calls what is due, earliest first.
function timerwheel:step()
  local now, due = self.now(), {}
  for id, timer in pairs(self.timers) do
    if timer.at <= now then due[#due + 1] = id end
  end
  table.sort(due, function(a, b) return self.timers[a].at < self.timers[b].at end)
  for _, id in ipairs(due) do
    local timer = self.timers[id]
    self.timers[id] = nil
    if timer then -- one before it may have cancelled it
      local ok, why = pcall(timer.fn, timer.argument)
      if not ok then self.err_handler(why) end
    end
  end
end

return timerwheel
