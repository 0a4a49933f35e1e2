-- SPDX-License-Identifier: MIT
-- Runs the torture's parts, counts, and writes the table of docs/reliability.md that is this libcurl's. Words: the
-- parts, or all. The last line is "N passed, N failed".

local libcurl = require "support.libcurl"
local shell = require "torture.shell"

local PAGE = "docs/reliability.md"
-- Each minor version of libcurl has a table of its own; a new one comes before LAST.
local MINOR = libcurl.version:match "^%d+%.%d+"
local BEGIN = ("<!-- libcurl %s: written by make torture -->"):format(MINOR)
local END, LAST = ("<!-- end of libcurl %s -->"):format(MINOR), "<!-- end of the tables -->"

-- Word, what the table calls it, the module's function.
local PARTS = {
  {"memory", "Failing memory", "torture.memory"},
  {"fuzz", "Fuzzing", "torture.fuzz"},
  {"matrix", "Faults, on every path", "torture.matrix"},
  {"process", "Processes, threads, signals, clocks", "torture.process"},
  {"endurance", "Endurance", "torture.endurance"},
  {"coverage", "Coverage of src/", "torture.coverage"},
  {"planted", "Planted bugs", "torture.planted"},
}

local tally = {}
tally.__index = tally

--- One case. What failed shows its log's end.
function tally:case(name, passed, job)
  self.passed = self.passed + (passed and 1 or 0)
  self.failed = self.failed + (passed and 0 or 1)
  if passed then return end
  print(("FAILED: %s%s"):format(name, job and (" (exit %s, %s)"):format(job.code, job.log or "?") or ""))
  local text = job and job.output or ""
  if #text > 3000 then text = text:sub(1, 1500) .. "\n…\n" .. text:sub(-1500) end
  print((text:gsub("\n*$", "")))
end

--- Many cases at once, as busted counts them.
function tally:count(passed, failed)
  self.passed, self.failed = self.passed + passed, self.failed + failed
end

--- What was measured, for the table.
function tally:figure(text)
  self.figures[#self.figures + 1] = text
end

local function run_part(part)
  local t = setmetatable({passed = 0, failed = 0, figures = {}}, tally)
  local began = shell.now()
  local ok, why = pcall(function() require(part[3]).run(t) end)
  if not ok then t:case(part[1] .. " stopped", false, {output = tostring(why)}) end
  t.took = shell.now() - began
  print(("%-40s %5d passed, %d failed %8.0f s"):format(part[2], t.passed, t.failed, t.took))
  for _, figure in ipairs(t.figures) do print("    " .. figure) end
  io.stdout:flush()
  return t
end

local function row(part, t)
  return ("| %s | %d | %d | %s | %.0f s |"):format(part[2], t.passed, t.failed, (table.concat(t.figures, "; ")
    :gsub("|", "\\|")), t.took)
end

local function system()
  return shell.slurp "/etc/os-release":match 'PRETTY_NAME="([^"]+)"' or "another system"
end

local function versions()
  local kernel = shell.lines("uname -sr | cut -d- -f1")[1]
  local at = shell.lines("git rev-parse --short HEAD 2>/dev/null")[1] or "?"
  return ("%s, commit %s, %s, libcurl %s, %d cores"):format(os.date "!%Y-%m-%d", at, kernel, libcurl.version,
    tonumber(shell.lines("nproc")[1]))
end

-- The page with the table in the place of the one before, or behind the others.
local function with_table(page, lines)
  local from, to = page:find(BEGIN, 1, true), select(2, page:find(END, 1, true))
  local text = table.concat(lines, "\n")
  if from then return page:sub(1, from - 1) .. text .. page:sub(to + 1) end
  from = assert(page:find(LAST, 1, true), PAGE .. " has no place for the table")
  return page:sub(1, from - 1) .. text .. "\n\n" .. page:sub(from)
end

local function write_table(rows, took)
  local lines = {BEGIN, "### " .. system(), "", ("Run of %s, %.0f minutes:"):format(versions(), took / 60), "",
    "| part | passed | failed | figures | time |", "|---|---|---|---|---|"}
  for _, line in ipairs(rows) do lines[#lines + 1] = line end
  lines[#lines + 1] = END
  local page = with_table(shell.slurp(PAGE), lines)
  local file = assert(io.open(PAGE, "w"))
  file:write(page)
  file:close()
end

local wanted = {}
for _, word in ipairs(arg) do wanted[word] = true end
local all = wanted.all or next(wanted) == nil
local passed, failed, rows, began = 0, 0, {}, shell.now()
for _, part in ipairs(PARTS) do
  if all or wanted[part[1]] then
    local t = run_part(part)
    passed, failed = passed + t.passed, failed + t.failed
    rows[#rows + 1] = row(part, t)
  end
end
if all then write_table(rows, shell.now() - began) end
print(("%d passed, %d failed"):format(passed, failed))
os.exit(failed == 0)
