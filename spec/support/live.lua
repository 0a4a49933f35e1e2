-- SPDX-License-Identifier: MIT
-- What may be left after a test: idle connections. No call, no engine and no other descriptor that wasn't there before.

local lfs = require "lfs"

local live = {}

-- An engine keeps at most this many connections open for its next calls.
local IDLE = 8

-- What each descriptor of this process is, by its number.
local function descriptors()
  local names, list = {}, {}
  for name in lfs.dir "/proc/self/fd" do names[#names + 1] = name end
  -- that of the directory is closed by now
  for _, name in ipairs(names) do list[name] = lfs.symlinkattributes("/proc/self/fd/" .. name, "target") end
  return list
end

-- The inodes of the TCP connections that are open at this end.
local function connections()
  local set = {}
  for _, name in ipairs { "tcp", "tcp6" } do
    for line in io.lines("/proc/self/net/" .. name) do
      local state, inode = line:match "^%s*%d+: %x+:%x+ %x+:%x+ (%x%x) %x+:%x+ %x+:%x+ %x+%s+%d+%s+%d+ (%d+)"
      if state == "01" or state == "08" then set["socket:[" .. inode .. "]"] = true end
    end
  end
  return set
end

local function collect()
  for _ = 1, 4 do collectgarbage() end
end

-- What opens descriptors when it is first used, and keeps them: the default engine, that of sleeps, and what reads from
-- children.
local function open_what_stays()
  require "botapi.core".get_me("1:x", { server = "http://127.0.0.1:1" })
  require "botapi.drive.blocking".sleep(0)
  local child = require "support.process".program "print(1)"
  child:line(20)
  child:wait()
end

--- Notes what there is now; `before:check()` raises if there is more of it then.
function live.note()
  local core = require "botapi.core"
  if open_what_stays then open_what_stays() end
  open_what_stays = nil
  collect()
  local engines = core.live().engines
  return setmetatable({ descriptors = descriptors(), engines = engines }, { __index = live })
end

--- Raises when something is left. The loops that the test runs on have been run before: they keep what they open.
function live:check()
  collect()
  local now = require("botapi.core").live()
  if now.calls ~= 0 then error(("%d calls are still alive"):format(now.calls), 2) end
  if now.engines > self.engines then error(("%d engines, %d before"):format(now.engines, self.engines), 2) end
  local idle, is_connection = 0, connections()
  for number, target in pairs(descriptors()) do
    if self.descriptors[number] ~= target then
      if not is_connection[target] then error(("descriptor %s is left: %s"):format(number, target), 2) end
      idle = idle + 1
    end
  end
  if idle > IDLE then error(("%d connections are left"):format(idle), 2) end
end

return live
