#!/usr/bin/env lua5.4
-- SPDX-License-Identifier: MIT
-- botapi in a loop of one's own: here LuaSocket's select, with a socket of the program's beside the engine.
--
-- The engine is an object that select understands: `getfd` is its descriptor, readable whenever `step` has something to
-- do, deadlines included; `dirty` is true when there is something to do that no descriptor shows.

local botapi = require "botapi"
local socket = require "socket"

local token = os.getenv "BOT_TOKEN" or "123456:AAEm-ul8d_T0k3n-0f_N0-r3al_B0t-x1y2z"
local server = os.getenv "BOTAPI_SERVER" or "http://127.0.0.1:9"

local engine = botapi.engine()
local waiting = {} -- by call: the coroutine that wants its result

-- Waits for a call in a coroutine: the loop below resumes it.
local function await(call)
  waiting[call] = coroutine.running()
  while not call:done() do coroutine.yield() end
  return call:result()
end

local function spawn(fn)
  assert(coroutine.resume(coroutine.create(fn)))
end

-- The program's own business in the same loop.
local clock = assert(socket.udp())
assert(clock:setsockname("127.0.0.1", 0))

for _, method in ipairs { "getMe", "getWebhookInfo", "logOut" } do
  spawn(function()
    local res, err = await(engine:start(token, method, nil, { server = server, timeout = 5 }))
    print(method, res or err)
  end)
end
spawn(function()
  await(engine:timer(0.05))
  print "slept 50 ms"
end)

repeat
  local ready = socket.select({ engine, clock }, nil, 1)
  if ready[clock] then clock:receive() end
  local running = engine:step(0)
  for call in engine:finished() do
    local co = waiting[call]
    waiting[call] = nil
    if co then assert(coroutine.resume(co)) end
  end
until running == 0

engine:close()
clock:close()
