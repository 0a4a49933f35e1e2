-- SPDX-License-Identifier: MIT
-- A fleet: one logOut for each of 10,000 bots, and of 100,000.

local measure = require "measure"
local programs = require "programs"
local report = require "report"

local AT_ONCE = 100

local function entry(at, name, calls, command)
  return { name = name, calls = calls, run = function()
    os.remove(at.bin .. "/fleet.journal")
    return at.server:expect(calls + (name == programs.FLOOR and 1 or 0), name, function()
      return measure.client(command, measure.OTHER)
    end)
  end }
end

local function list_of(at, calls)
  local journal = at.bin .. "/fleet.journal"
  local list = { entry(at, programs.FLOOR, calls, programs.floor(at, at.server.http, calls, AT_ONCE, "reuse")) }
  for _, program in ipairs(at.programs) do
    if program.ours then
      local command = ("%s fleet %s %d %d "):format(program.command, at.server.http, calls, AT_ONCE)
      list[#list + 1] = entry(at, program.name, calls, command .. "''")
      list[#list + 1] = entry(at, program.name .. ", with a journal", calls, command .. measure.quote(journal))
    end
  end
  return list
end

local function row_of(each, all, calls)
  local mine = all[each.name]
  local floor = each.name == programs.FLOOR
  return { ("%d"):format(calls), each.name, report.number(measure.of(mine, "wall")),
    report.number(measure.of(mine, "cpu") / calls * 1e6), report.ratio(measure.ratio(mine, all[programs.FLOOR], "cpu")),
    floor and "" or report.number(measure.of(mine, "kb") / 1024) }
end

return function(at, out)
  local rows, peaks = {}, {}
  for i, size in ipairs { { 10000, 5 }, { 100000, 1 } } do
    local calls = math.floor(size[1] * at.share)
    local list = list_of(at, calls)
    local all = measure.rounds(list, math.max(1, math.floor(size[2] * at.share)))
    for _, each in ipairs(list) do rows[#rows + 1] = row_of(each, all, calls) end
    local mine = all["botapi, lua5.4, with a journal"]
    peaks[i] = measure.of(mine, "kb") / 1024
    out:short("a fleet of %d bots, with a journal: %.1f s, %.0f us of CPU a bot, %.0f MiB at most", calls,
      measure.of(mine, "wall"), measure.of(mine, "cpu") / calls * 1e6, peaks[i])
  end
  out:table("A fleet", ("%d in hand, plain HTTP, connections reused; the bots from an iterator."):format(AT_ONCE),
    { "bots", "", "wall, s", "CPU, us a bot", "CPU to the floor", "peak, MiB" }, rows)
  out:target("10,000 bots: peak memory", 64, peaks[1], " MiB")
  out:target("100,000 bots: peak memory to that of 10,000", 1.1, peaks[2] / peaks[1])
end
