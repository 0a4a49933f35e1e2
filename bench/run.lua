-- SPDX-License-Identifier: MIT
-- The benchmark: each section measured in one run against the floor and the peers, printed, and kept in RESULTS.md.

local root = os.getenv "ROOT"
local at = { root = root, bin = os.getenv "OUT", peers = os.getenv "OUT" .. "/peers",
  ca = root .. "/build/certs/ca.pem" }

local programs = require "programs"
local report = require "report"
local server = require "server"

at.server = server.start { root = root, name = "nginx" }
at.programs = programs.available(at)
-- A hundredth of the work, to see that it runs: run.sh quick
at.share = arg[1] == "quick" and 0.05 or 1
at.only = arg[2]

local sections = { "once", "sequence", "many", "fleet", "files", "openresty", "instructions" }

local function run()
  local out = report.new(at)
  for _, name in ipairs(sections) do
    if not at.only or at.only == name then
      io.stderr:write("bench: ", name, "\n")
      require("sections." .. name)(at, out)
    end
  end
  return out
end

local ok, out = xpcall(run, debug.traceback)
at.server:stop()
if not ok then
  io.stderr:write(tostring(out), "\n")
  os.exit(1)
end
out:print()
if at.share == 1 and not at.only then out:write(root .. "/bench/RESULTS.md", root .. "/docs/compared.md") end
