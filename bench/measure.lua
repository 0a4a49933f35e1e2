-- SPDX-License-Identifier: MIT
-- Owns how the benchmark measures: one program after the other, round by round, and what the rounds amount to.

local measure = {}

--- A word for the shell.
function measure.quote(word)
  return "'" .. tostring(word):gsub("'", "'\\''") .. "'"
end

--- Runs a shell command.
-- @treturn ?string what it prints on both outputs; nil when it fails
-- @treturn ?string the same then
function measure.shell(command)
  local pipe = io.popen("{ " .. command .. "\n} 2>&1 && echo && echo ok", "r")
  local text = pipe:read "*a"
  pipe:close()
  local said = text:match "^(.*)\nok\n$"
  if said then return said end
  return nil, text
end

--- The core that the server's worker has, and another one, where there is one. On one core with the server nothing
-- wakes a sleeping core, which costs a virtual machine more than a call, and not the same twice.
measure.SAME = 0
measure.OTHER = measure.shell "test $(nproc) -gt 1" and 1 or 0

-- The command on one core.
local function pinned(command, core)
  return ("taskset -cp %d $$ >/dev/null; %s"):format(core, command)
end

--- Runs a client that measures itself, on one core: it prints CPU s, wall s, kB.
-- @treturn table cpu, wall, kb
function measure.client(command, core)
  local said, why = measure.shell(pinned(command, core))
  local cpu, wall, kb = (said or ""):match "([%d.e-]+) ([%d.e-]+) (%-?%d+)%s*$"
  if not cpu then error("the benchmark's client failed: " .. command .. "\n" .. tostring(said or why), 0) end
  return { cpu = tonumber(cpu), wall = tonumber(wall), kb = tonumber(kb) }
end

--- Runs a whole process on one core and measures it from outside.
function measure.process(spend, command, core)
  local said, why = measure.shell(pinned(measure.quote(spend) .. " " .. command, core))
  local cpu, wall, kb, code = (said or ""):match "spent ([%d.]+) ([%d.]+) (%d+) (%d+)"
  if code ~= "0" then error("the benchmark's process failed: " .. command .. "\n" .. tostring(said or why), 0) end
  return { cpu = tonumber(cpu), wall = tonumber(wall), kb = tonumber(kb) }
end

--- All programs in turn, so many rounds: what disturbs the machine disturbs all alike.
-- @tparam {table,...} programs each `name` and `run`, a function that returns one measurement
-- @treturn table by name, a list of measurements
function measure.rounds(programs, rounds)
  local all = {}
  for _, program in ipairs(programs) do all[program.name] = {} end
  for round = 1, rounds do
    for _, program in ipairs(programs) do all[program.name][round] = program.run() end
  end
  return all
end

--- The middle of a list of numbers, its least and its largest.
function measure.middle(list)
  local sorted = {}
  for i, value in ipairs(list) do sorted[i] = value end
  table.sort(sorted)
  local n = #sorted
  local middle = n % 2 == 1 and sorted[(n + 1) / 2] or (sorted[n / 2] + sorted[n / 2 + 1]) / 2
  return middle, sorted[1], sorted[n]
end

--- The middle of one field.
function measure.of(list, field)
  local values = {}
  for i, each in ipairs(list) do values[i] = each[field] end
  return measure.middle(values)
end

--- The ratio of two programs, round by round: middle, least, largest.
function measure.ratio(list, floor, field)
  local values = {}
  for i, each in ipairs(list) do values[i] = each[field] / floor[i][field] end
  return measure.middle(values)
end

return measure
