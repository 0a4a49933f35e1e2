-- SPDX-License-Identifier: MIT
-- What the specs' nginx serves: the bodies of support.behaviours, one a request, and a few requests of its own.
-- luacheck: std ngx_lua

local world = require "support.world"

local in_nginx = {}

local function now()
  ngx.update_time()
  return ngx.now()
end

local function all(functions)
  local threads = {}
  for i, fn in ipairs(functions) do threads[i] = ngx.thread.spawn(fn) end
  for _, thread in ipairs(threads) do
    local ok, why = ngx.thread.wait(thread)
    if not ok then error(why, 0) end
  end
end

local function api(way)
  local botapi = require "resty.botapi"
  if way == "thread" then return botapi.with { fallback = false } end
  if way == "step" then return botapi.with { thread_pool = false } end
  return botapi
end

--- GET /behave?way=step&n=1&url=…[&home=…]: one body; answers with its failures, a line each.
function in_nginx.behave()
  local args = ngx.req.get_uri_args()
  local behaviour = require "support.behaviours"[tonumber(args.n)]
  local w = world.new(api(args.way), now, all)
  behaviour.body(w, args.url, args.home)
  ngx.print(table.concat(w.failures, "\n"))
end

--- GET /call?way=step&url=…[&timeout=…]: one logOut; answers with its outcome.
function in_nginx.call()
  local args = ngx.req.get_uri_args()
  local res, err = api(args.way).logout(world.token, { server = args.url, timeout = tonumber(args.timeout) or 10 })
  ngx.print(res and tostring(res) or err.kind .. "/" .. err.sent)
end

--- GET /timer: the same in a timer; its outcome comes back through a shared table.
function in_nginx.in_timer()
  local args, outcome = ngx.req.get_uri_args(), nil
  ngx.timer.at(0, function()
    local res, err = api(args.way).logout(world.token, { server = args.url })
    outcome = tostring(res or err)
  end)
  while not outcome do ngx.sleep(0.005) end
  ngx.print(outcome)
end

--- GET /fleet?way=step&url=…&bots=…[&journal=…]: a fleet; answers with what became of how many.
function in_nginx.fleet()
  local args, i = ngx.req.get_uri_args(), 0
  local report = api(args.way).fleet(function()
    i = i + 1
    if i <= tonumber(args.bots) then return ("%d:CANARY-secret-of-a-bot-in-nginx"):format(7000 + i) end
  end, { server = args.url, concurrency = 20, journal = args.journal })
  ngx.print(report.by_outcome.done, " done, ", report.failed, " failed, ", report.skipped, " skipped, ",
    report.requests, " requests")
end

--- A header filter, which can't wait.
function in_nginx.in_filter()
  local ok = pcall(api "auto".logout, world.token, { server = ngx.req.get_uri_args().url })
  ngx.header["X-Botapi"] = ok and "it called" or "it raised"
end

--- GET /live: the calls that this worker still has.
function in_nginx.live()
  local core = require "botapi.core"
  ngx.print(core.live().calls, " ", ngx.worker.pid())
end

return in_nginx
