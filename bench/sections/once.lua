-- SPDX-License-Identifier: MIT
-- A whole process that logs one bot out over HTTPS, with the system's CA store.

local measure = require "measure"
local programs = require "programs"
local report = require "report"

local ROUNDS = 15

return function(at, out)
  local url = at.server.https
  local list = { { name = programs.FLOOR, command = programs.floor(at, url, 0, 1, "fresh") } }
  for _, program in ipairs(at.programs) do
    list[#list + 1] = { name = program.name, ours = program.ours, command = ("env %s once %s"):format(program.command,
      url) }
  end
  list[#list + 1] = { name = "curl command", command = ("curl -q -s -S -X POST -d '' %s/bot1:a/logOut"):format(url) }
  local calls = 0
  for _, each in ipairs(list) do
    local command = each.command
    each.run = function()
      calls = calls + 1
      return measure.process(at.bin .. "/spend", command, measure.SAME)
    end
  end
  local before = at.server:requests()
  local all = measure.rounds(list, math.max(2, math.floor(ROUNDS * at.share)))
  assert(at.server:requests() - before == calls, "once: the server saw another number of requests")
  local ours, curl = all["botapi, lua5.4"], all["curl command"]
  local rows = {}
  for _, each in ipairs(list) do
    local mine = all[each.name]
    rows[#rows + 1] = { each.name, report.number(measure.of(mine, "cpu") * 1e3),
      report.number(measure.of(mine, "wall") * 1e3), report.number(measure.of(mine, "kb") / 1024),
      report.ratio(measure.ratio(mine, all[programs.FLOOR], "cpu")), report.ratio(measure.ratio(mine, ours, "cpu")) }
  end
  out:table("One process, one logOut over HTTPS", "From start to end, the system's CA store of some 140 roots with the "
    .. "test's root added.", { "", "CPU, ms", "wall, ms", "peak, MiB", "CPU to the floor", "CPU to botapi, lua5.4" },
    rows)
  local grammy = all["grammy, node"]
  out:short("a process that logs one bot out over HTTPS: %.1f ms of CPU, %.2f of the `curl` command's%s",
    measure.of(ours, "cpu") * 1e3, (measure.ratio(ours, curl, "cpu")),
    grammy and (", %.2f of a Node process with grammY"):format((measure.ratio(ours, grammy, "cpu"))) or "")
  out:target("one process: CPU to the curl command's", 0.4, (measure.ratio(ours, curl, "cpu")))
end
