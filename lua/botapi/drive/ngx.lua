-- SPDX-License-Identifier: MIT
-- How to wait in an nginx worker: one engine, stepped between sleeps; ngx_thread.lua has the way by nginx's threads.
-- luacheck: std ngx_lua
local beside = require "botapi.drive.ngx_beside"
local core = require "botapi.core"
local drivers = require "botapi.drive"
local in_thread = require "botapi.drive.ngx_thread"

local PHASES = "in rewrite, access, content, timer and ssl_certificate contexts"
local BELOW_C = "no call can wait while require, string.gsub, table.sort or another C function runs: write a function "
  .. "that makes the call, and run it after the C function has returned"
local sleeps = { rewrite = true, server_rewrite = true, access = true, content = true, timer = true, ssl_cert = true,
  ssl_session_fetch = true, ssl_client_hello = true, preread = true }

local engine

-- The call is cancelled when its light thread is collected: that of a request which was ended is.
local function guarded(call)
  local guard = newproxy(true)
  getmetatable(guard).__gc = function()
    call:cancel()
    call:result() -- so that the engine lets it go
  end
  return guard
end

local function step(caller, call)
  local guard, wait = guarded(call), drivers.step_between(ngx.sleep)
  while not call:done() do
    if not beside.is_alive(caller) then call:cancel() end
    wait(engine)
  end
  getmetatable(guard).__gc = nil
  for _ in engine:finished() do end -- lets go of the calls that nobody waits for, too
end

local function await(call)
  beside.run(step, call)
end

-- Raises where nothing can wait. Below a C function nginx's functions notice too late: a program that catches their
-- error ends the worker.
local function check_place()
  if not sleeps[ngx.get_phase()] then error("resty.botapi: call it where ngx.sleep works: " .. PHASES, 0) end
  if not core.can_yield() then error("resty.botapi: " .. BELOW_C, 0) end
end

local function stepped()
  check_place()
  engine = engine or core.engine()
  return engine
end

--- A driver.
-- @tparam table settings `thread_pool`: the name of nginx's pool, `"botapi"` by default; `false`: no threads;
--   `fallback = false`: a full pool is a failure of kind `busy`, and the engine doesn't take over
-- @treturn table the driver
return function(settings)
  local drive = { engine = stepped, await = await }

  if settings.thread_pool ~= false then
    function drive.run(...)
      check_place()
      return in_thread(settings, ...)
    end
  end

  function drive.sleep(seconds)
    check_place()
    ngx.sleep(math.max(seconds, 0.001)) -- nginx's timers count milliseconds
  end

  return drive
end
