-- SPDX-License-Identifier: MIT
-- So many calls on one engine, 64 at a time, against a server with random faults; tells what it holds, ten times.
-- calls.lua <url> <port on which nobody listens> <calls>

local botapi = require "botapi"

local url, closed, calls = arg[1], arg[2], tonumber(arg[3])
local TOKEN = "110201543:CANARY-endurance-0000000000000000000"
local WIDTH, KEEP = 64, 80

local engine = botapi.engine {keep = KEEP}
local reused = {server = url, timeout = 0.5, reuse = true}
local fresh = {server = url, timeout = 0.5}
local nowhere = {server = "http://127.0.0.1:" .. closed, timeout = 0.5}
local params = {text = "a b&c", chat_id = -1002147483648123}

local function status(name)
  for line in io.lines "/proc/self/status" do
    local value = line:match("^" .. name .. ":%s*(%d+)")
    if value then return tonumber(value) end
  end
end

local function descriptors()
  local n = 0
  local list = io.popen "ls /proc/$PPID/fd | wc -l"
  n = tonumber(list:read "*a") or n
  list:close()
  return n
end

-- Of ten calls one goes over a connection of its own, and one has a body; of a thousand, two go nowhere.
local started, cancelled = 0, 0
local function start()
  started = started + 1
  local n = started
  if n % 500 == 0 then return engine:start(TOKEN, "logOut", nil, nowhere) end
  if n % 10 == 0 then return engine:start(TOKEN, "logOut", nil, fresh) end
  if n % 10 == 5 then return engine:start(TOKEN, "sendMessage", params, reused) end
  local call = engine:start(TOKEN, "logOut", nil, reused)
  if n % 1000 == 3 then
    cancelled = cancelled + 1
    call:cancel()
  end
  return call
end

local told = {ok = 0, refused = 0, no = 0, yes = 0, maybe = 0}
local kinds = {}
local function note(call)
  local res, err = call:result()
  if res then
    told[res.ok and "ok" or "refused"] = told[res.ok and "ok" or "refused"] + 1
  else
    told[err.sent] = told[err.sent] + 1
    kinds[err.kind] = (kinds[err.kind] or 0) + 1
    assert(not tostring(err):find "CANARY")
  end
end

local function report(done)
  collectgarbage()
  collectgarbage()
  print(("%d calls: %d KiB, %d descriptors, %d threads"):format(done, status "VmRSS", descriptors(), status "Threads"))
  io.stdout:flush()
end

local done, next_report = 0, calls // 10
for _ = 1, WIDTH do start() end
while done < calls do
  engine:step(1)
  for call in engine:finished() do
    note(call)
    done = done + 1
    if started < calls then start() end
    if done == next_report then
      report(done)
      next_report = next_report + calls // 10
    end
  end
end
engine:close()
local list = {}
for kind, n in pairs(kinds) do list[#list + 1] = kind .. " " .. n end
table.sort(list)
print(("ok %d, refused %d, no %d, yes %d, maybe %d; %s"):format(told.ok, told.refused, told.no, told.yes, told.maybe,
  table.concat(list, ", ")))
