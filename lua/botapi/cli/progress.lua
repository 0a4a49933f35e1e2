-- SPDX-License-Identifier: MIT
-- Owns how the steps of a move are shown.

local progress = {}
progress.__index = progress

function progress.new(out)
  return setmetatable({ out = out }, progress)
end

-- A terminal has one line, redrawn; a log has a line for each.
local function show(self, event)
  local out = self.out
  if out.redraws then
    out:draw(event.line)
    if event.state == "done" or event.state == "failed" then out:keep() end
  else
    out:note(event.text)
  end
end

--- Sees an event of botapi.migrate.
function progress:see(event)
  if event.type == "step" then
    show(self, event)
  elseif event.type == "tick" and self.out.redraws then
    self.out:draw(event.line)
  elseif event.type == "check" then
    self.out:step(event.name .. ": " .. event.state)
  end
end

return progress
