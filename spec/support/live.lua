-- SPDX-License-Identifier: MIT
-- What must be left after every test: no live call, no engine but the default one, no descriptor more than before.

local lfs = require "lfs"

local live = {}

-- The default engine keeps at most this many idle connections open; they are no leak.
local IDLE = 8

local function descriptors()
  local n = 0
  for name in lfs.dir("/proc/self/fd") do
    if name:match("^%d+$") then
      n = n + 1
    end
  end
  return n
end

local function collect()
  collectgarbage()
  collectgarbage()
end

--- Notes what there is now; `before:check()` raises if there is more of it then.
function live.note()
  collect()
  local core = require "botapi.core"
  return setmetatable({fds = descriptors(), engines = core.live().engines}, {__index = live})
end

--- `extra`: how many more engines the test has left on purpose.
function live:check(extra)
  collect()
  local now = require("botapi.core").live()
  if now.calls ~= 0 then
    error(("%d calls are still alive"):format(now.calls), 2)
  end
  -- the default engine is made by the first blocking call and stays
  if now.engines > math.max(self.engines, 1) + (extra or 0) then
    error(("%d engines, %d before"):format(now.engines, self.engines), 2)
  end
  -- its descriptor, its timer, and its idle connections
  local allowed = self.fds + IDLE + (self.engines == 0 and 4 or 0)
  if descriptors() > allowed then
    error(("%d descriptors, %d before"):format(descriptors(), self.fds), 2)
  end
end

return live
