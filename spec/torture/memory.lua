-- SPDX-License-Identifier: MIT
-- Failing memory: every scenario of memory/scenarios.lua, each allocation of Lua, the module and libcurl once, and from
-- each one on; of the TLS library every so many-th.

local shell = require "torture.shell"

local memory = {}

memory.WRAP = "-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free"
memory.SOURCES = "spec/torture/memory/host.c spec/torture/peer.c"

-- Where a run waits between its tries, or has thousands of allocations, it is so many jobs, of which a sample is one.
local SLICES = {bot = {lua = 23, curl = 5}, crowd = {lua = 3, curl = 29}, open = {lua = 5}, bot_done = {lua = 11}}
-- Of the TLS library only every so many-th.
local TLS = {tls = 37, web = 61}

function memory.scenarios()
  local names = {}
  for line in io.lines "spec/torture/memory/scenarios.lua" do
    names[#names + 1] = line:match '^call%("([%w_]+)"' or line:match "^function scenarios%.([%w_]+)"
  end
  return names
end

-- What a person would type, for as many runs as there are: behind setsid there is no terminal to ask at.
local LINES = "yes 110201543:CANARY-failing-memory-000000000000000000 | "

--- The command that tries one scenario on a host.
function memory.command(host, name, family, mode, step, first)
  local ca, pem, key = shell.certificate()
  return ("%sASAN_OPTIONS=detect_leaks=0 LUA_PATH='lua/?.lua;;' %s %s spec/torture/memory/scenarios.lua %s %s %s " ..
    "%s %s %s %d 100000 %d"):format(name == "secret" and LINES or "", name == "secret" and "setsid -w" or "",
    shell.quote(host), name, family, mode, shell.quote(ca), shell.quote(pem), shell.quote(key), first or 1, step or 1)
end

-- The jobs of one scenario, family of allocations and mode.
local function add_jobs(jobs, host, name, family, mode, sampled)
  local slices = (SLICES[name] or {})[family] or 1
  for slice = 1, sampled and 1 or slices do
    jobs[#jobs + 1] = {name = ("memory-%s-%s-%s%s"):format(name, family, mode, slices > 1 and "-" .. slice or ""),
      family = family, seconds = 400, command = memory.command(host, name, family, mode,
        family == "tls" and TLS[name] or slices, slice)}
  end
end

--- The jobs, for shell.all. `sampled`: of the longest scenarios only some allocations.
function memory.jobs(host, sampled)
  local jobs = {}
  for _, name in ipairs(memory.scenarios()) do
    for _, family in ipairs {"lua", "module", "curl", TLS[name] and "tls"} do
      for _, mode in ipairs {"once", "from"} do add_jobs(jobs, host, name, family, mode, sampled) end
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
