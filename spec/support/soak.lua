-- SPDX-License-Identifier: MIT
-- 10,000 calls: the process must not grow by 1 MiB after the first 1,000. Needs an emulator:
-- botapi emulator -- lua5.4 spec/support/soak.lua

local botapi = require "botapi"

local CALLS, WARM, LIMIT = 10000, 1000, 1024

local server = assert(os.getenv "BOTAPI_SERVER")
local options = {server = server, timeout = 60}

local function resident()
  collectgarbage()
  collectgarbage()
  for line in io.lines "/proc/self/status" do
    local kib = line:match "^VmRSS:%s*(%d+) kB"
    if kib then return tonumber(kib) end
  end
end

-- The same few bots: the emulator's memory is its own affair.
local function token(i)
  return ("%d:emulated-secret-of-a-bot-0123456789x"):format(1000 + i % 50)
end

-- Of ten calls: seven logouts, a read on a kept connection, a refusal, a failure.
local function call(i)
  if i % 10 == 0 then return botapi.get_me(token(i), options) end
  if i % 10 == 1 then return botapi.logout("1:short", options) end
  if i % 10 == 2 then return botapi.logout(token(i), {server = server, max_response = 1, timeout = 60}) end
  return botapi.logout(token(i), options)
end

local warm
for i = 1, CALLS do
  local res, err = call(i)
  assert(res or err.kind == "limit", err)
  if i == WARM then warm = resident() end
end
local grown = resident() - warm
print(("%d calls: %d KiB resident after the first %d, %+d KiB at the end (limit %d)"):format(CALLS, warm, WARM, grown,
  LIMIT))
assert(grown < LIMIT, "the process grows")
