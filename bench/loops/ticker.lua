-- SPDX-License-Identifier: MIT
-- One measurement in one loop: ticker.lua LOOP SCENARIO URL CA. Prints total seconds and the ticker's longest wait.
--
-- The ticker sleeps 5 ms again and again; its wait is what a turn took beyond them. Scenarios: `idle` (it alone,
-- half a second), `calls` (200 at once), `dns` (200 to a name that nobody resolves, half a second each), `tls` (50).

local monotime = require("cqueues").monotime

local name, scenario, url, ca = ...
local TICK = 0.005
local token = "123456:an-invented-secret-of-no-bot"

local plans = {
  idle = { calls = 0, seconds = 0.5 },
  calls = { calls = 200, options = { server = url, timeout = 20 } },
  dns = { calls = 200, options = { server = "https://dead.test", timeout = 0.5 }, fails = "timeout" },
  tls = { calls = 50, options = { server = url, ca_file = ca, timeout = 20 } },
}
local plan = assert(plans[scenario])

local loop = assert(require "support.loops".find(name))
local api = require(loop.module)
local began, longest, done, wrong = monotime(), 0, 0, 0

local function tick()
  local last = monotime()
  while done < plan.calls or monotime() - began < (plan.seconds or 0) do
    api.sleep(TICK)
    local now = monotime()
    longest = math.max(longest, now - last - TICK)
    last = now
  end
end

local function call()
  local res, err = api.logout(token, plan.options)
  local right = plan.fails and err and err.kind == plan.fails or not plan.fails and res and res.ok
  if not right then wrong = wrong + 1 end
  done = done + 1
end

local everything = { tick }
for i = 1, plan.calls do everything[i + 1] = call end
loop.run(function(w)
  began = monotime()
  w.all(everything)
end)
print(("%-8s %-6s %3d calls  total %.3f s  longest wait %5.1f ms%s"):format(name, scenario, plan.calls,
  monotime() - began, longest * 1000, wrong > 0 and "  WRONG: " .. wrong or ""))
