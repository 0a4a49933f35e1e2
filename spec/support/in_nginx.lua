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

--- GET /poll?url=…&token=…&last=…: the bot of support.polling; says its worker's pid first, then each line at once.
function in_nginx.poll()
  local args = ngx.req.get_uri_args()
  local function say(line)
    ngx.say(line)
    ngx.flush(true)
  end
  say("pid " .. ngx.worker.pid())
  require "support.polling".run(api "auto", args.url, args.token, args.last, say)
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
    if i <= tonumber(args.bots) then return ("%d:CANARY-secret-of-a-bot-in-nginx0"):format(7000 + i) end
  end, { server = args.url, concurrency = 20, journal = args.journal })
  ngx.print(report.by_outcome.done, " done, ", report.failed, " failed, ", report.skipped, " skipped, ",
    report.requests, " requests")
end

--- A header filter, which can't wait.
function in_nginx.in_filter()
  local ok = pcall(api "auto".logout, world.token, { server = ngx.req.get_uri_args().url })
  ngx.header["X-Botapi"] = ok and "it called" or "it raised"
end

-- Waits until the spec has made the file `go`.
local function await_go(args)
  repeat
    ngx.sleep(0.01)
    local file = io.open(args.go)
  until file
end

-- What ends a light thread that waits for its call, by name: (thread, its arguments).
local endings = {}

function endings.kill(thread)
  assert(ngx.thread.kill(thread))
end

function endings.exit()
  ngx.print "ended"
  ngx.exit(200)
end

function endings.first(thread, args)
  local first = ngx.thread.spawn(function() ngx.sleep(0.01) end)
  assert(ngx.thread.wait(thread, first))
  endings.kill(thread, args)
end

-- The entry thread is over, the other one goes on.
function endings.none() end

-- The light thread that calls, with what it calls from.
local callers = {}

function callers.thread(call)
  return ngx.thread.spawn(call)
end

function callers.coroutine(call)
  return ngx.thread.spawn(function() coroutine.wrap(call)() end)
end

function callers.pcall(call)
  return ngx.thread.spawn(function() pcall(call) end)
end

local function ended(args)
  local told = "it goes on"
  local thread = callers[args.from or "thread"](function()
    local res, err = api(args.way).logout(world.token, { server = args.url, timeout = tonumber(args.timeout) })
    told = res and tostring(res) or err.kind .. "/" .. err.sent
    if args.ending == "none" and not args.quiet then ngx.print(told) end
  end)
  await_go(args)
  endings[args.ending](thread, args)
  if args.ending ~= "none" and not args.quiet then ngx.print("ended, ", told) end
end

--- GET /ended?way=thread&url=…&timeout=…&go=…&ending=kill[&from=coroutine]: a call whose light thread is ended by
-- another one.
function in_nginx.ended()
  ended(ngx.req.get_uri_args())
end

--- GET /ended_timer: the same in a timer.
function in_nginx.ended_timer()
  local args, is_over = ngx.req.get_uri_args(), false
  ngx.timer.at(0, function()
    local print = ngx.print
    ngx.print = function() end -- luacheck: ignore 122
    ended(args)
    ngx.print = print -- luacheck: ignore 122
    is_over = true
  end)
  while not is_over do ngx.sleep(0.005) end
  ngx.print "ended"
end

-- C functions that run a function, which can't wait then.
local below = {}

function below.require(fn)
  package.loaded.calling, package.preload.calling = nil, fn
  return pcall(require, "calling")
end

function below.gsub(fn)
  return pcall(string.gsub, "x", "x", fn)
end

function below.sort(fn)
  return pcall(table.sort, { 1, 2 }, fn)
end

function below.metamethod(fn)
  return pcall(api "step".logout, world.token, setmetatable({}, { __index = fn }))
end

-- What may be made there, and is refused.
local wanted = {}

function wanted.call(botapi, args)
  return botapi.logout(world.token, { server = args.url })
end

function wanted.bot(botapi, args)
  return botapi.bot(world.token, { server = args.url }):logout()
end

function wanted.sleep(botapi)
  return botapi.sleep(0.001)
end

function wanted.fleet(botapi, args)
  return botapi.fleet({ world.token }, { server = args.url })
end

--- GET /below?way=step&what=require&makes=call&url=…: answers with what is raised.
function in_nginx.below()
  local args = ngx.req.get_uri_args()
  local ok, why = below[args.what](function() return wanted[args.makes](api(args.way), args) end)
  ngx.print(ok and "it returned" or tostring(why))
end

--- GET /live: the calls that this worker still has.
function in_nginx.live()
  local core = require "botapi.core"
  ngx.print(core.live().calls, " ", ngx.worker.pid())
end

return in_nginx
