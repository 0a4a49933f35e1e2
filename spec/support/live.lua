-- SPDX-License-Identifier: MIT
-- What may be left after a test: idle connections. No call, no engine and no other descriptor that wasn't there before.

local lfs = require "lfs"

local live = {}

-- An engine keeps at most this many connections open for its next calls.
local IDLE = 8

-- How many descriptors of each kind this process has: the kernel's word for each, without its number.
local function descriptors()
  local names, counts = {}, {}
  for name in lfs.dir "/proc/self/fd" do names[#names + 1] = name end
  for _, name in ipairs(names) do
    local target = lfs.symlinkattributes("/proc/self/fd/" .. name, "target")
    local kind = target and target:gsub(":%[%d+%]$", "") or "closed"       -- that of the directory
    counts[kind] = (counts[kind] or 0) + 1
  end
  return counts
end

local function collect()
  if rawget(_G, "jit") then require("jit").flush() end  -- traces keep what they have seen
  for _ = 1, 4 do collectgarbage() end
end

-- What each file's first call or child would open and keep.
local function warm_up()
  local blocking = require "botapi.drive.blocking"
  require "botapi.core".get_me("1:x", { server = "http://127.0.0.1:1" })
  blocking.sleep(0)
  require "cqueues".poll(0)
end

--- Notes what there is now; `before:check()` raises if there is more of it then.
function live.note()
  warm_up()
  collect()
  local engines = require("botapi.core").live().engines
  return setmetatable({ descriptors = descriptors(), engines = engines }, { __index = live })
end

--- Raises when something is left. The loops that the test runs on have been run before: they keep what they open.
function live:check()
  collect()
  local now = require("botapi.core").live()
  if now.calls ~= 0 then error(("%d calls are still alive"):format(now.calls), 2) end
  if now.engines > self.engines then error(("%d engines, %d before"):format(now.engines, self.engines), 2) end
  for kind, count in pairs(descriptors()) do
    local before = self.descriptors[kind] or 0
    if count > before + (kind == "socket" and IDLE or 0) then
      error(("%d descriptors of %s, %d before"):format(count, kind, before), 2)
    end
  end
end

return live
