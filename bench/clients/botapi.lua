-- SPDX-License-Identifier: MIT
-- The library under measurement: once, one after the other, many at once, a fleet. Prints CPU s, wall s, peak kB.

local botapi = require "botapi"
local monotonic = require "botapi.core".host.monotonic

local TOKEN = "123456789:an-invented-secret-of-no-bot-at-all0"
local mode, url, calls, at_once, reuse = ...
calls, at_once = tonumber(calls), tonumber(at_once)
local options = { server = url, reuse = reuse == "reuse" }

local function peak()
  for line in io.lines "/proc/self/status" do
    local kb = line:match "^VmHWM:%s+(%d+)"
    if kb then return tonumber(kb) end
  end
end

local function check(res, err)
  if not (res and res.ok) then error(tostring(err or res)) end
end

local modes = {}

function modes.once() check(botapi.logout(TOKEN, options)) end

function modes.sequence()
  for _ = 1, calls do check(botapi.logout(TOKEN, options)) end
end

function modes.many()
  local engine = botapi.engine { keep = reuse == "reuse" and at_once or nil }
  local started, ended = 0, 0
  while ended < calls do
    while started < calls and started - ended < at_once do
      engine:start(TOKEN, "logOut", nil, options)
      started = started + 1
    end
    engine:step()
    for call in engine:finished() do
      check(call:result())
      ended = ended + 1
    end
  end
end

function modes.fleet()
  local i = 0
  local report = botapi.fleet(function()
    i = i + 1
    if i <= calls then return ("%d:an-invented-secret-of-no-bot-at-all0"):format(1000000 + i) end
  end, { server = url, concurrency = at_once, journal = reuse ~= "" and reuse or nil })
  assert(report.ok and report.requests == calls, report.text)
end

if mode == "once" then return modes.once() end
if mode ~= "fleet" then check(botapi.logout(TOKEN, options)) end       -- not measured: the first one
local before, wall, cpu = peak(), monotonic(), os.clock()
modes[mode]()
print(("%.6f %.6f %d"):format(os.clock() - cpu, monotonic() - wall, peak() - (mode == "fleet" and 0 or before)))
