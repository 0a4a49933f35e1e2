-- SPDX-License-Identifier: MIT
-- Calls one after the other in one process: HTTP and HTTPS, on fresh and on reused connections.

local measure = require "measure"
local programs = require "programs"
local report = require "report"

local ROUNDS = 7

local ways = {
  { title = "HTTP, fresh connections", scheme = "http", reuse = "fresh", calls = 3000, limit = nil },
  { title = "HTTP, reused connection", scheme = "http", reuse = "reuse", calls = 10000, limit = 1.3 },
  { title = "HTTPS, fresh connections", scheme = "https", reuse = "fresh", calls = 200, limit = 1.15 },
  { title = "HTTPS, reused connection", scheme = "https", reuse = "reuse", calls = 10000, limit = nil },
}

-- Node makes fewer calls: it is slower.
local function calls_of(program, way, share)
  local calls = program.node and math.min(way.calls, 500) or way.calls
  return math.max(10, math.floor(calls * share))
end

local function entry(at, name, calls, command)
  return { name = name, calls = calls, run = function()
    return at.server:expect(calls + 1, name, function() return measure.client(command, measure.SAME) end)
  end }
end

local function list_of(at, way)
  local url = at.server[way.scheme]
  local calls = math.max(10, math.floor(way.calls * at.share))
  local list = { entry(at, programs.FLOOR, calls, programs.floor(at, url, calls, 1, way.reuse)),
    entry(at, programs.OWN, calls, programs.floor(at, url, calls, 1, way.reuse .. " own")) }
  for _, program in ipairs(at.programs) do
    if program.ours or program[way.reuse] then
      calls = calls_of(program, way, at.share)
      local name = way.scheme == "http" and program.plain or program.name
      list[#list + 1] = entry(at, name, calls, ("%s sequence %s %d 1 %s"):format(program.command, url, calls,
        way.reuse))
      list[#list].peer = not program.ours
    end
  end
  return list
end

local function per_call(list, all)
  for _, each in ipairs(list) do
    for _, round in ipairs(all[each.name]) do
      round.cpu, round.wall = round.cpu / each.calls, round.wall / each.calls
    end
  end
end

-- Of the peers of one kind, the one that the library gains least on; and what the floor itself is to that one.
local function best_peer(list, all, is_node)
  local worst, name = 0, nil
  for _, each in ipairs(list) do
    local ratio = measure.ratio(all["botapi, lua5.4"], all[each.name], "cpu")
    if each.peer and (each.name:find ", node$" ~= nil) == is_node and ratio > worst then
      worst, name = ratio, each.name
    end
  end
  return name, worst, name and (measure.ratio(all[programs.FLOOR], all[name], "cpu"))
end

local function add_targets(out, way, list, all)
  local ours = all["botapi, lua5.4"]
  out:short("a call over %s: %.0f us of CPU, %.2f times those of raw libcurl in C",
    way.title:gsub(",", " and a", 1):gsub("connections", "connection"), measure.of(ours, "cpu") * 1e6,
    (measure.ratio(ours, all[programs.FLOOR], "cpu")))
  if way.limit then
    out:target(way.title .. ": CPU to the floor", way.limit,
      (measure.ratio(all["botapi, lua5.4"], all[programs.FLOOR], "cpu")))
    out:target(way.title .. ": CPU to the floor with a handle for each call, which libcurl before 8.1.1 needs",
      way.limit, (measure.ratio(all["botapi, lua5.4"], all[programs.OWN], "cpu")))
  end
  for _, is_node in ipairs { false, true } do
    local name, ratio, floor = best_peer(list, all, is_node)
    if name then
      out:target(("%s: CPU to %s, the best peer of %s (the floor: %.2f)"):format(way.title, name,
        is_node and "Node" or "Lua", floor), 0.25, ratio)
    end
  end
end

return function(at, out)
  for _, way in ipairs(ways) do
    local list = list_of(at, way)
    local all = measure.rounds(list, math.max(2, math.floor(ROUNDS * at.share)))
    per_call(list, all)
    local rows = {}
    for _, each in ipairs(list) do
      local mine = all[each.name]
      rows[#rows + 1] = { each.name, report.number(measure.of(mine, "cpu") * 1e6),
        report.number(measure.of(mine, "wall") * 1e6), report.ratio(measure.ratio(mine, all[programs.FLOOR], "cpu")),
        report.ratio(measure.ratio(mine, all["botapi, lua5.4"], "cpu")) }
    end
    local text = way.reuse == "fresh" and "Peers that open a connection for each call." or "Peers that keep one open; "
      .. "those of Node use connections as they do by themselves."
    out:table("One after the other: " .. way.title, text,
      { "", "CPU, us a call", "wall, us a call", "CPU to the floor", "CPU to botapi, lua5.4" }, rows)
    add_targets(out, way, list, all)
  end
end
