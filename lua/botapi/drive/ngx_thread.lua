-- SPDX-License-Identifier: MIT
-- A call in a thread of nginx's, where there is a pool of them: plain values go in and come out.
-- luacheck: std ngx_lua, read globals ngx.run_worker_thread
local core = require "botapi.core"

local phases = { rewrite = true, access = true, content = true }

-- Parts of what ngx.run_worker_thread answers when the function wasn't run.
local NO_PLAIN_VALUE = "unsupported Lua type"
local not_run = { "no available Lua vm", "not found", NO_PLAIN_VALUE, "ngx_thread_task_post" }

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

local function run(pool, ...)
  local holding = ngx.thread.spawn(hold)
  local outcome = { pcall(ngx.run_worker_thread, pool, "resty.botapi.thread", "run", ...) }
  ngx.thread.kill(holding)
  if not outcome[1] then error(outcome[2], 0) end
  return unpack(outcome, 2, 5)
end

-- Tables lose their metatables between the threads.
local function received(token, ran, how, res, err)
  if not ran then return nil, refused(tostring(how)) end
  if how == "failed" then return nil, core.error(err) end
  return core.envelope(res, token) -- tostring leaves the token out
end

--- A driver's `run`: a function of `botapi`, to its end.
-- @tparam table settings see botapi.drive.ngx
-- @string name of the function
-- @param first the token, or a probe's server
-- @return true and the result; nil: it is to be done in another way
return function(settings, name, first, ...)
  -- a token that was put away in a userdata can't leave this Lua state
  if not ngx.run_worker_thread or not phases[ngx.get_phase()] or type(first) == "userdata" then return nil end
  local res, err = received(name ~= "probe" and first or nil, run(settings.thread_pool or "botapi", name, first, ...))
  if err and err.kind == "busy" and settings.fallback ~= false then return nil end
  return true, res, err
end
