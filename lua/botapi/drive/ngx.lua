-- SPDX-License-Identifier: MIT
-- How to wait in an nginx worker: (a) in a thread of nginx's, or (b) between sleeps that one engine is stepped by.
-- luacheck: std ngx_lua, read globals ngx.run_worker_thread
local core = require "botapi.core"

local SHORTEST, LONGEST, GROWTH = 0.001, 0.010, 1.25 -- seconds between two steps: nginx's timers count milliseconds
local PHASES = "in rewrite, access, content, timer and ssl_certificate contexts"
local sleeps = { rewrite = true, server_rewrite = true, access = true, content = true, timer = true, ssl_cert = true,
  ssl_session_fetch = true, ssl_client_hello = true, preread = true }
local threads = { rewrite = true, access = true, content = true }

-- Parts of what ngx.run_worker_thread answers when the function wasn't run.
local NO_PLAIN_VALUE = "unsupported Lua type"
local not_run = { "no available Lua vm", "not found", NO_PLAIN_VALUE, "ngx_thread_task_post" }

local engine

-- Way (b). The call is cancelled when its light thread is collected: an aborted request's is.
local function guarded(call)
  local guard = newproxy(true)
  getmetatable(guard).__gc = function()
    call:cancel()
    call:result() -- the engine lets it go
  end
  return guard
end

local function once(_, turn)
  if not turn then return true end
end

local function await(call)
  local pause = SHORTEST
  for _ in once, guarded(call) do
    engine:step(0)
    while not call:done() do
      ngx.sleep(pause)
      pause = math.min(pause * GROWTH, LONGEST)
      engine:step(0)
    end
  end
  for _ in engine:finished() do end -- the calls of those who no longer wait, too
end

-- The engine of way (b), in a context that can sleep.
local function stepped()
  if not sleeps[ngx.get_phase()] then error("resty.botapi: call it where ngx.sleep works: " .. PHASES, 0) end
  engine = engine or core.engine()
  return engine
end

-- Way (a). Tables lose their metatables between the threads, and an error must come as a string.
local function refused(why)
  for _, part in ipairs(not_run) do
    if why:find(part, 1, true) then
      return core.error { kind = "busy", sent = "no", message = why .. "; nothing was sent" }
    end
  end
  return core.error { kind = "system", sent = "maybe", message = why .. "; it may have been carried out" }
end

-- A worker that quits waits for its timers, but not for its threads.
local function hold()
  while true do ngx.sleep(60) end
end

local function in_thread(pool, ...)
  local holding = ngx.thread.spawn(hold)
  local outcome = { pcall(ngx.run_worker_thread, pool, "resty.botapi.thread", ...) }
  ngx.thread.kill(holding)
  if not outcome[1] then error(outcome[2], 0) end
  return unpack(outcome, 2, 5)
end

-- As the drivers' `run`: true and the result, false and what was raised.
local function received(verb, first, ran, how, res, err)
  if not ran then return true, nil, refused(tostring(how)) end
  if how == "raised" then return false, res end
  if how == "failed" then return true, nil, core.error(err) end
  return true, core.envelope(res, verb == "start" and first or nil) -- tostring leaves the token out
end

--- A driver.
-- @tparam[opt] table settings `thread_pool`: the name of nginx's, default `"botapi"`, `false`: way (b) alone;
--   `fallback = false`: a full pool is a failure of kind `busy`, and (b) doesn't take over
-- @treturn table the driver
return function(settings)
  local drive = { engine = stepped, await = await }
  local pool = settings.thread_pool
  if pool == nil then pool = "botapi" end

  -- a token that was put away in a userdata can't leave this Lua state
  local function can_thread(first)
    return pool and ngx.run_worker_thread and threads[ngx.get_phase()] and type(first) ~= "userdata"
  end

  function drive.run(verb, first, ...)
    if not can_thread(first) then return nil end
    local ok, res, err = received(verb, first, in_thread(pool, verb, first, ...))
    if not ok or not err or err.kind ~= "busy" then return ok, res, err end
    -- a type that can't leave the state is a mistake, for the engine to raise
    if settings.fallback == false and not err.message:find(NO_PLAIN_VALUE, 1, true) then return ok, res, err end
    return nil
  end

  function drive.sleep(seconds)
    ngx.sleep(math.max(seconds, SHORTEST))
  end

  return drive
end
