-- SPDX-License-Identifier: MIT
-- The same measurement in an nginx worker, in one request: threads of nginx's, or steps.
-- luacheck: std ngx_lua

local core = require "botapi.core"

local bench = {}

local TICK = 0.005
local token = "123456:an-invented-secret-of-no-bot"

function bench.run(way, scenario, url, ca)
  local botapi = require "resty.botapi".with { thread_pool = way == "thread" and "botapi" or false, fallback = false }
  local plans = {
    idle = { calls = 0, seconds = 0.5 },
    calls = { calls = 200, options = { server = url, timeout = 20 } },
    dns = { calls = 200, options = { server = "https://dead.test", timeout = 0.5 }, fails = "timeout" },
    tls = { calls = 50, options = { server = url, ca_file = ca, timeout = 20 } },
  }
  local plan, now = plans[scenario], core.host.monotonic
  local began, longest, done, wrong = now(), 0, 0, 0
  local threads = {}
  for _ = 1, plan.calls do
    threads[#threads + 1] = ngx.thread.spawn(function()
      local res, err = botapi.logout(token, plan.options)
      local right = plan.fails and err and err.kind == plan.fails or not plan.fails and res and res.ok
      if not right then wrong = wrong + 1 end
      done = done + 1
    end)
  end
  local last = now()
  while done < plan.calls or now() - began < (plan.seconds or 0) do
    ngx.sleep(TICK)
    local at = now()
    longest = math.max(longest, at - last - TICK)
    last = at
  end
  ngx.say(("%-8s %-6s %3d calls  total %.3f s  longest wait %5.1f ms%s"):format("ngx/" .. way, scenario, plan.calls,
    now() - began, longest * 1000, wrong > 0 and "  WRONG: " .. wrong or ""))
end

return bench
