-- SPDX-License-Identifier: MIT
-- What the benchmark runs in an nginx worker: one call for a request, and a watch over the loop's delays.
-- luacheck: std ngx_lua

local in_worker = {}

local TOKEN = "123456789:an-invented-secret-of-no-bot-at-all0"
local TICK = 0.001

local longest, watching = 0, false

local function watch(premature)
  local core = require "botapi.core"
  while not premature and not ngx.worker.exiting() do
    local before = core.host.monotonic()
    ngx.sleep(TICK)
    longest = math.max(longest, core.host.monotonic() - before - TICK)
  end
end

--- Answers with the longest delay since the last time, in seconds; the first time begins the watch.
function in_worker.stall()
  if not watching then
    watching = true
    ngx.timer.at(0, watch)
  end
  ngx.print(("%.6f"):format(longest))
  longest = 0
end

--- Makes one call and passes its answer on.
function in_worker.call(settings)
  local botapi = require "resty.botapi".with(settings)
  local res, err = botapi.logout(TOKEN, { server = ngx.var.backend })
  if not (res and res.ok) then
    ngx.status = 502
    return ngx.print(tostring(err or res))
  end
  ngx.print '{"ok":true,"result":true}'
end

return in_worker
