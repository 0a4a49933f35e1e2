-- SPDX-License-Identifier: MIT
-- Coverage of src/ by gcovr: the specs of the core, and every failing allocation. At least 95 % of the lines and 85 %
-- of the branches; each line that isn't reached is named in coverage/uncovered.txt with its reason.

local libcurl = require "support.libcurl"
local matrix = require "torture.matrix"
local memory = require "torture.memory"
local shell = require "torture.shell"

local coverage = {}

local LINES, BRANCHES = 95, 85
local FLAGS = "-O0 -g --coverage -fprofile-update=atomic -fprofile-abs-path"

-- The specs that reach into src/, and those of the command whose way there no other takes.
local SPECS = {"address", "bot", "ca", "call", "canary", "causes", "certificate", "endpoint", "engine", "envelope",
  "failure", "fork", "growth", "host", "interrupt", "journal", "late_delivery", "locale", "options", "params",
  "process", "proxy", "proxy_login", "redact", "regressions", "retry", "server", "show", "strict_json", "token",
  "transport", "unproven_answer", "drive_behaviours", "drive_churn", "drive_crowd", "drive_errors", "drive_lifetimes",
  "facebook_logout", "download", "news", "reuse", "updates", "upload", "cli_exit", "fleet_command", "leave_command",
  "migrate_failure", "upload_command"}
-- gcov exports symbols of its own, costs CPU time, and writes files where another user can't.
local LEFT_OUT = {process = "--filter-out=exports.luaopen_botapi_core.alone ",
  ca = "--filter-out=system.s.CA.store.costs ", causes = "--filter-out=the.user.may.have.no.more.processes "}

local function specs(names, build)
  local jobs = {}
  for _, name in ipairs(names) do
    jobs[#jobs + 1] = matrix.busted("coverage-" .. build .. "-" .. name, (LEFT_OUT[name] or "") .. shell.spec(name),
      ("LUA_CPATH=%s BOTAPI_SLOW=3"):format(shell.quote(shell.build .. build .. "/?.so;;")), 400)
  end
  return jobs
end

-- File and a part of the line → the reason.
local function reasons()
  local list = {}
  for line in io.lines "spec/torture/coverage/uncovered.txt" do
    local name, text, why = line:match "^([%w_.]+)%s+`([^`]+)`%s+(.+)$"
    local word, version = (why or ""):match "^(%l+) libcurl ([%d.]+):"
    if name and (not word or libcurl.at_least(version) == (word == "since")) then
      list[#list + 1] = {name = name, text = text, why = why}
    end
  end
  return list
end

local function reason_of(line, list)
  for _, each in ipairs(list) do
    if each.name == line.name and line.text:find(each.text, 1, true) then return each.why end
  end
end

local function number(text, what)
  return tonumber(text:match('"' .. what .. '":%s*([%d.]+)'))
end

local function report()
  local code, output = shell.run("gcovr", [[set -e; rm -rf build/torture/gcov; mkdir -p build/torture/gcov
    gcovr -r . --filter src/ --exclude-throw-branches --json build/torture/gcov/all.json build/torture/coverage
    gcovr -r . -a build/torture/gcov/all.json --json-summary build/torture/gcov/summary.json
    gcovr -r . -a build/torture/gcov/all.json]], 300)
  if code ~= 0 then error(output, 0) end
  local summary = shell.slurp "build/torture/gcov/summary.json"
  local tail = summary:gsub('"files":%s*%b[]', "")
  return number(tail, "line_percent"), number(tail, "branch_percent")
end

-- gcovr's JSON, read for the lines that no run has reached. A brace at a function's end is one to gcc 16, not to 12.
local function missed()
  local json = require "cjson"
  local data = json.decode(shell.slurp "build/torture/gcov/all.json")
  local list = {}
  for _, file in ipairs(data.files) do
    local text = {}
    for line in io.lines(file.file) do text[#text + 1] = line end
    for _, line in ipairs(file.lines) do
      if line.count == 0 and not line["gcovr/noncode"] and text[line.line_number // 1 | 0] ~= "}" then
        local name = file.file:match "[^/]+$"
        list[#list + 1] = {name = name, at = ("%s:%d"):format(name, line.line_number),
          text = text[line.line_number // 1 | 0]}
      end
    end
  end
  return list
end

-- The program that tries the poller alone, on the object that counts.
local function poller(t)
  local code, output = shell.run("coverage-poller", "gcc --coverage -std=c99 -Isrc -o build/torture/coverage/poller " ..
    "spec/support/poller.c build/torture/coverage/obj/poller.o " ..
    "build/torture/coverage/obj/owner.o && build/torture/coverage/poller", 100)
  t:case("the poller", code == 0 and not output:find "\nnot ok", {output = output})
end

function coverage.run(t)
  os.execute "rm -rf build/torture/coverage"
  local host = shell.program("coverage", memory.SOURCES, {flags = FLAGS, link = memory.WRAP})
  local function failed(job)
    if job.code ~= 0 then t:case(job.name, false, job) end
  end
  shell.all(specs(SPECS, "coverage"), 3, failed)
  shell.all(memory.jobs(host, true), 3, failed)
  poller(t)
  local lines, branches = report()
  t:case(("lines: %.1f %%, at least %d %% wanted"):format(lines, LINES), lines >= LINES)
  t:case(("branches: %.1f %%, at least %d %% wanted"):format(branches, BRANCHES), branches >= BRANCHES)
  local list, nameless = reasons(), {}
  local all = missed()
  for _, line in ipairs(all) do
    if not reason_of(line, list) then nameless[#nameless + 1] = line.at .. ": " .. line.text end
  end
  t:case("lines that aren't reached, without a reason", #nameless == 0, {output = table.concat(nameless, "\n")})
  t:figure(("%.1f %% of the lines, %.1f %% of the branches; %d lines aren't reached, each is named in " ..
    "spec/torture/coverage/uncovered.txt"):format(lines, branches, #all))
end

return coverage
