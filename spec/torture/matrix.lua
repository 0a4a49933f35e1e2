-- SPDX-License-Identifier: MIT
-- The matrix on every path, and late delivery: each a busted of its own, two at a time.

local shell = require "torture.shell"

local part = {}

-- A Lua program: its first line would run it on whatever /usr/bin/lua is.
local BUSTED = shell.lines "command -v busted"[1]

--- A busted on one file, with an environment: its job for shell.all.
function part.busted(name, path, environment, seconds)
  local counts = shell.build .. "log/" .. name .. ".counts"
  os.remove(counts)
  return {name = name, counts = counts, seconds = seconds or 600, command =
    ("env LUA_PATH=%s LUA_CPATH=%s BOTAPI_COUNTS=%s %s lua5.4 %s -v -o spec/support/counts.lua %s"):format(
    shell.quote(shell.root .. "lua/?.lua;" .. shell.root .. "spec/?.lua;;"), shell.quote(shell.build ..
    "plain/?.so;;"), shell.quote(counts), environment or "", shell.quote(BUSTED), path)}
end

--- Counts what a busted counted; one that counted nothing, or crashed, has failed.
function part.count(t, job)
  local passed, failed, skipped = shell.slurp(job.counts):match "^(%d+) (%d+) (%d+)"
  passed, failed, skipped = tonumber(passed) or 0, tonumber(failed) or 0, tonumber(skipped) or 0
  if passed + failed + skipped == 0 or job.code ~= 0 and failed == 0 then
    t:case(job.name .. " ended with " .. tostring(job.code), false, job)
    return 0
  end
  t:count(passed, 0)
  if failed > 0 then
    t:count(0, failed - 1)
    t:case(job.name, false, job)
  end
  if skipped > 0 then
    print(("%s: %d skipped"):format(job.name, skipped))
  end
  return passed
end

function part.build()
  shell.make("plain", "B=build/torture/plain all")
  shell.make("luajit", "LUA=luajit all")
end

function part.run(t)
  package.path = "spec/?.lua;" .. package.path
  part.build()
  local jobs, told = {part.busted("late", "spec/torture/late_torture.lua")}, {}
  for _, name in ipairs(require "torture.path_names") do
    jobs[#jobs + 1] = part.busted("path-" .. name, "spec/torture/matrix_torture.lua", "TORTURE_PATH=" .. name)
  end
  for _, name in ipairs {"transport", "proxy", "late_delivery", "address"} do
    jobs[#jobs + 1] = part.busted("spec-" .. name, shell.spec(name))
  end
  shell.all(jobs, 3, function(job)
    told[#told + 1] = ("%s %d"):format(job.name:gsub("^path%-", ""), part.count(t, job))
  end)
  t:figure("cases: " .. table.concat(told, ", "))
end

return part
