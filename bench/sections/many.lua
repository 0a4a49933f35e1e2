-- SPDX-License-Identifier: MIT
-- Many calls in flight at once, on an engine, against a server that answers after 100 ms.

local measure = require "measure"
local programs = require "programs"
local report = require "report"

local ROUNDS = 5
local levels = { { 10, 200 }, { 100, 2000 }, { 1000, 10000 }, { 5000, 20000 } }

local function list_of(at, at_once, calls)
  local url = at.server.http .. "/slow"
  local list = { { name = programs.FLOOR, command = programs.floor(at, url, calls, at_once, "fresh") } }
  for _, program in ipairs(at.programs) do
    if program.ours then
      list[#list + 1] = { name = program.name, command = ("%s many %s %d %d fresh"):format(program.command, url, calls,
        at_once) }
    end
  end
  for _, each in ipairs(list) do
    each.run = function()
      return at.server:expect(calls + 1, each.name, function() return measure.client(each.command, measure.SAME) end)
    end
  end
  return list
end

local function row_of(each, all, at_once, calls)
  local mine = all[each.name]
  local cpu = measure.of(mine, "cpu")
  local ideal = math.max(calls / at_once * 0.1, cpu)
  return { ("%d"):format(at_once), each.name, report.number(cpu / calls * 1e6),
    report.ratio(measure.ratio(mine, all[programs.FLOOR], "cpu")), report.number(measure.of(mine, "wall")),
    ("%.2f"):format(measure.of(mine, "wall") / ideal), report.number(measure.of(mine, "kb") / at_once) }
end

return function(at, out)
  local rows, ours, floors, ratios = {}, {}, {}, {}
  for i, level in ipairs(levels) do
    local at_once, calls = level[1], math.max(level[1] * 2, math.floor(level[2] * at.share))
    local list = list_of(at, at_once, calls)
    local all = measure.rounds(list, math.max(2, math.floor(ROUNDS * at.share)))
    for _, each in ipairs(list) do rows[#rows + 1] = row_of(each, all, at_once, calls) end
    ours[i] = measure.of(all["botapi, lua5.4"], "cpu") / calls
    if at_once >= 1000 then
      local mine = all["botapi, lua5.4"]
      out:short("%d calls, %d in flight, to a server that takes 100 ms: %.1f s, %.0f us of CPU and %.0f KiB each",
        calls, at_once, measure.of(mine, "wall"), measure.of(mine, "cpu") / calls * 1e6,
        measure.of(mine, "kb") / at_once)
    end
    floors[i] = measure.of(all[programs.FLOOR], "cpu") / calls
    ratios[i] = measure.ratio(all["botapi, lua5.4"], all[programs.FLOOR], "cpu")
  end
  out:table("Many in flight", "Fresh connections, plain HTTP, on one core with the server. The ideal wall time is 100 "
    .. "ms a window, or the client's CPU time where that is more: the server's comes on top.",
    { "in flight", "", "CPU, us a call", "CPU to the floor", "wall, s", "wall to the ideal",
      "memory, KiB a call in flight" }, rows)
  local function growth(list)
    local _, least, largest = measure.middle(list)
    return largest / least
  end
  out:target(("CPU per call from 10 to 5,000 in flight: largest to least (the floor: %.2f)"):format(growth(floors)),
    1.15, growth(ours))
  out:target("the same, as ratios to the floor at each", 1.15, growth(ratios))
end
