-- SPDX-License-Identifier: MIT
-- Plants the bugs of planted/*.patch one by one, each in a copy of src/ with a build of its own, and shows which case
-- catches it. A patch that no longer applies fails, and so does a case that fails without the bug. What is a bug only
-- with some versions of libcurl says so ("# since libcurl: 8.17", "# before libcurl: 8.4"): with the others it can't
-- fail, and is named, not counted.

local libcurl = require "support.libcurl"
local matrix = require "torture.matrix"
local memory = require "torture.memory"
local shell = require "torture.shell"

local planted = {}

-- Those that are bugs with this libcurl, and the names of the others.
local function patches()
  local list, others = {}, {}
  for _, path in ipairs(shell.lines "ls spec/torture/planted/*.patch") do
    local name, text = path:match "([^/]+)%.patch$", shell.slurp(path)
    local word, version = text:match "\n# (%l+) libcurl: ([%d.]+)\n"
    if word and libcurl.at_least(version) ~= (word == "since") then
      others[#others + 1] = ("%s (%s %s)"):format(name, word, version)
    else
      list[#list + 1] = {name = name, path = path, what = text:match "^# ([^\n]+)\n",
        check = assert(text:match "\n# caught by: ([^\n]+)\n", path .. ": no check")}
    end
  end
  return list, others
end

-- The job that runs a check with the module built in a directory (with a slash at its end).
local function job_of(bug, build)
  local words = {}
  for name, value in bug.check:gmatch "(%w+)=(%S+)" do words[name] = value end
  local name = "planted-" .. bug.name
  if words.memory then
    local scenario, family, mode = words.memory:match "^([%w_]+),(%w+),(%w+)$"
    return {name = name, seconds = 200, command = memory.command(build .. "host", scenario, family, mode)}, true
  end
  local path = words.path and "spec/torture/matrix_torture.lua" or shell.spec(words.spec)
  local environment = words.path and ("TORTURE_PATH=%s TORTURE_ONLY=%s"):format(words.path, shell.quote(words.only))
    or ""
  if words.filter then path = "--filter=" .. shell.quote(words.filter) .. " " .. path end
  local job = matrix.busted(name, path, environment .. " LUA_CPATH=" .. shell.quote(build .. "?.so;;"), 200)
  return job, false
end

-- The planted module, and the memory host where the check needs it.
local BUILD = [[set -e
  rm -rf @; mkdir -p @; cp -r src Makefile @
  patch -d @ -p1 --no-backup-if-mismatch --fuzz=2 <PATCH
  make --no-print-directory -s -C @ B=build CFLAGS='-g -O1' build/botapi/core.so
  mv @/build/botapi @/build/obj @/
  if [ HOST = true ]; then
    gcc -std=c99 -g -O1 $(pkg-config --cflags lua5.4 libcurl) -Ispec/torture -o @/host SOURCES \
      $(ls @/obj/*.o | grep -v /loader.o) WRAP $(pkg-config --libs lua5.4 libcurl) -lssl -lcrypto -lpthread -ldl
  fi]]

local function build(bug, at, host)
  local command = BUILD:gsub("%f[%w]PATCH%f[%W]", bug.path):gsub("HOST", tostring(host)):gsub("SOURCES",
    memory.SOURCES):gsub("WRAP", memory.WRAP):gsub("@", (at:gsub("/$", "")))
  return {name = "plant-" .. bug.name, command = command, seconds = 300}
end

local function says_no(job)
  local counts = job.counts and shell.slurp(job.counts):match "^%d+ (%d+)"
  if job.counts then return job.code ~= 0 and (tonumber(counts) or 1) > 0 end
  return job.code ~= 0
end

-- The first case that said no.
local function caught_by(job)
  local title = job.output:match "\nFailure %->[^\n]*\n([^\n]+)" or job.output:match "\nError %->[^\n]*\n([^\n]+)"
  return title or job.output:match "([^\n]+)" or "exit " .. tostring(job.code)
end

local function check_sound(t, bugs)
  local jobs = {}
  for _, bug in ipairs(bugs) do
    local job, host = job_of(bug, shell.build .. "plain/")
    if host then job.command = memory.command(memory.host(), bug.check:match "=([%w_]+),(%w+),(%w+)") end
    jobs[#jobs + 1] = job
  end
  shell.all(jobs, 3, function(job)
    if job.code ~= 0 then t:case(job.name .. ": its check fails without the bug", false, job) end
  end)
end

function planted.run(t)
  matrix.build()
  local bugs, others = patches()
  local builds, checks, told = {}, {}, {}
  check_sound(t, bugs)
  for i, bug in ipairs(bugs) do
    bug.at = shell.build .. "planted/" .. bug.name .. "/"
    local job, host = job_of(bug, bug.at)
    builds[i], checks[i] = build(bug, bug.at, host), job
    job.bug = bug
  end
  shell.all(builds, 2)
  local able = {}
  for i, job in ipairs(builds) do
    if job.code == 0 then able[#able + 1] = checks[i]
    else t:case(bugs[i].name .. ": the patch doesn't apply or build", false, job) end
  end
  shell.all(able, 3, function(job)
    local caught = says_no(job)
    t:case(job.bug.name .. " isn't caught by " .. job.bug.check, caught, job)
    if caught then told[#told + 1] = job.bug.name end
    print(("    %-12s %-50s %s"):format(job.bug.name, job.bug.what, caught and caught_by(job) or "NOT CAUGHT"))
  end)
  t:figure(("%d of %d planted bugs were caught: %s"):format(#told, #bugs, table.concat(told, ", ")))
  if #others > 0 then t:figure("no bugs with this libcurl: " .. table.concat(others, ", ")) end
end

return planted
