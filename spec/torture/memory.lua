-- SPDX-License-Identifier: MIT
-- Failing memory: every scenario of memory/scenarios.lua, each allocation of Lua, the module and libcurl once, and from
-- each one on; of the TLS library every so many-th.

local shell = require "torture.shell"

local memory = {}

memory.WRAP = "-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free"
memory.SOURCES = "spec/torture/memory/host.c spec/torture/peer.c"

-- Where a run waits between its tries, or has thousands of allocations, a sample is every so many-th.
local STEPS = {bot = {lua = 23, curl = 5}, crowd = {lua = 3, curl = 29}, open = {lua = 5}, bot_done = {lua = 11}}
local TLS = {tls = 37, web = 61}

function memory.scenarios()
  local names = {}
  for line in io.lines "spec/torture/memory/scenarios.lua" do
    names[#names + 1] = line:match '^call%("([%w_]+)"' or line:match "^function scenarios%.([%w_]+)"
  end
  return names
end

--- The command that tries one scenario on a host.
function memory.command(host, name, family, mode, step)
  local ca, pem, key = shell.certificate()
  return ("%s %s spec/torture/memory/scenarios.lua %s %s %s %s %s %s 1 100000 %d"):format(
    "ASAN_OPTIONS=detect_leaks=0 LUA_PATH='lua/?.lua;;'", shell.quote(host), name, family, mode, shell.quote(ca),
    shell.quote(pem), shell.quote(key), step or 1)
end

--- The jobs, for shell.all. `sampled`: of the longest scenarios only some allocations.
function memory.jobs(host, sampled)
  local jobs = {}
  for _, name in ipairs(memory.scenarios()) do
    for _, family in ipairs {"lua", "module", "curl", TLS[name] and "tls"} do
      for _, mode in ipairs {"once", "from"} do
        local step = family == "tls" and TLS[name] or sampled and (STEPS[name] or {})[family] or 1
        jobs[#jobs + 1] = {name = ("memory-%s-%s-%s"):format(name, family, mode), family = family,
          command = memory.command(host, name, family, mode, step), seconds = 400}
      end
    end
  end
  return jobs
end

function memory.host()
  return shell.program("memory", memory.SOURCES, {link = memory.WRAP})
end

--- Runs all; `t` counts. A job is one case, its runs are the figure.
function memory.run(t)
  local runs = {lua = 0, module = 0, curl = 0, tls = 0}
  shell.all(memory.jobs(memory.host()), 5, function(job)         -- most of them wait most of the time
    local n = tonumber(job.output:match "(%d+) runs, 0 failures")
    if n then runs[job.family] = runs[job.family] + n end
    t:case(job.name, job.code == 0 and n ~= nil, job)
  end)
  t:figure(("cases without a finding made %d runs with a failing allocation of Lua, %d of the module, " ..
    "%d of libcurl, %d of OpenSSL"):format(runs.lua, runs.module, runs.curl, runs.tls))
end

return memory
