-- SPDX-License-Identifier: MIT
-- Owns how the steps of a move are shown, and what they say of where the bot is.

local progress = {}
progress.__index = progress

--- Methods by which a bot leaves a server.
progress.leaves = { logOut = true, close = true }

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
  elseif event.type == "intent" and progress.leaves[event.method] then
    self.leaving = true
  elseif event.type == "result" and progress.leaves[event.method] then
    self.leaving = event.outcome == "unknown"
    self.left = event.outcome == "done" or event.outcome == "already" or nil
  elseif event.type == "check" then
    self.out:step(event.name .. ": " .. event.state)
  elseif event.type == "plan" then
    self.unsettled = event.plan.unsettled
    for _, step in ipairs(event.plan.steps) do
      if step.name == "leave" and step.earlier then self.left = true end
    end
  end
  if event.unsettled then self.unsettled = true end
end

return progress
