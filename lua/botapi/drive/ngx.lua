-- SPDX-License-Identifier: MIT
-- How to wait in an nginx worker: one engine, stepped between sleeps; ngx_thread.lua has the way by nginx's threads.
-- luacheck: std ngx_lua
local core = require "botapi.core"
local drivers = require "botapi.drive"
local in_thread = require "botapi.drive.ngx_thread"

local PHASES = "in rewrite, access, content, timer and ssl_certificate contexts"
local sleeps = { rewrite = true, server_rewrite = true, access = true, content = true, timer = true, ssl_cert = true,
  ssl_session_fetch = true, ssl_client_hello = true, preread = true }

local engine

-- The call is cancelled when its light thread is collected: an aborted request's is.
local function guarded(call)
  local guard = newproxy(true)
  getmetatable(guard).__gc = function()
    call:cancel()
    call:result() -- so that the engine lets it go
  end
  return guard
end

local function await(call)
  local guard, wait = guarded(call), drivers.step_between(ngx.sleep)
  while not call:done() do wait(engine) end
  getmetatable(guard).__gc = nil
  for _ in engine:finished() do end -- lets go of the calls that nobody waits for, too
end

-- The engine, in a context that can sleep.
local function stepped()
  if not sleeps[ngx.get_phase()] then error("resty.botapi: call it where ngx.sleep works: " .. PHASES, 0) end
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
      return in_thread(settings, ...)
    end
  end

  function drive.sleep(seconds)
    ngx.sleep(math.max(seconds, 0.001)) -- nginx's timers count milliseconds
  end

  return drive
end
