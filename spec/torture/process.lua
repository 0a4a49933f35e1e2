-- SPDX-License-Identifier: MIT
-- Threads under TSan, signals, clocks, disks and streams of process_torture.lua, and the specs of forks,
-- locales, descriptors and processes; what surrounds every loop is in loops_torture.lua.

local matrix = require "torture.matrix"
local shell = require "torture.shell"

local part = {}

function part.run(t)
  matrix.build()
  shell.program("tsan", "spec/support/states.c spec/torture/process/preload.c", {flags = "-g -O1 -fsanitize=thread",
    out = "states", link = "-Wl,--wrap=luaL_openlibs"})
  local jobs, told = {matrix.busted("process", "spec/torture/process_torture.lua"),
    matrix.busted("loops", "spec/torture/loops_torture.lua")}, {}
  for _, name in ipairs {"fork", "process", "growth", "poller", "journal", "canary", "locale", "drive_errors"} do
    jobs[#jobs + 1] = matrix.busted("spec-" .. name, shell.spec(name))
  end
  shell.all(jobs, 2, function(job)
    told[#told + 1] = ("%s %d"):format(job.name, matrix.count(t, job))
  end)
  t:figure("cases: " .. table.concat(told, ", "))
end

return part
