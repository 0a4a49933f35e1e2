-- SPDX-License-Identifier: MIT
-- A call in a thread of nginx's, where there is a pool of them: plain values go in and come out.
-- luacheck: std ngx_lua, read globals ngx.run_worker_thread
local beside = require "botapi.drive.ngx_beside"
local core = require "botapi.core"

local phases = { rewrite = true, access = true, content = true }

-- What nginx copies from one Lua state to another: plain values, and tables of them down to a depth of 100. It leaves
-- metatables behind, which mark lists and hand down options.
local PLAIN = { boolean = true, number = true, string = true }
local DEEPEST = 99

local function is_plain(value, depth)
  if type(value) ~= "table" then return PLAIN[type(value)] or value == ngx.null end
  if depth == 0 or getmetatable(value) ~= nil then return false end
  for key, member in pairs(value) do
    if not (is_plain(key, depth - 1) and is_plain(member, depth - 1)) then return false end
  end
  return true
end

local PAUSE = 0.1 -- seconds

-- Whether the thread has begun, and what ngx.run_worker_thread returned. It waits only when the thread has begun, and
-- ngx.thread.spawn returns as soon as its light thread waits: an answer that is there by then is a refusal. A worker
-- that quits waits for its timers, but not for its threads: the wait has a limit and is repeated. When the caller was
-- killed nobody wants the answer.
local function ask(caller, ...)
  local answer
  local arrival = require "ngx.semaphore".new()
  local waiting = ngx.thread.spawn(function(...)
    answer = { pcall(ngx.run_worker_thread, ...) }
    arrival:post()
  end, ...)
  local has_begun = not answer
  while not answer and beside.is_alive(caller) do arrival:wait(PAUSE) end
  ngx.thread.kill(waiting)
  return has_begun, answer
end

local function run(pool, ...)
  local has_begun, answer = beside.run(ask, pool, "resty.botapi.thread", "run", ...)
  if not answer[1] then error(answer[2], 0) end
  return has_begun, unpack(answer, 2, 5)
end

-- Tables lose their metatables between the threads.
local function received(token, ran, how, res, err)
  if not ran then
    return nil, core.error { kind = "system", sent = "maybe", cause = tostring(how) }
  end
  if how == "failed" then return nil, core.error(err) end
  return core.envelope(res, token) -- tostring leaves the token out
end

--- A driver's `run`: a function of `botapi`, to its end.
-- @tparam table settings see botapi.drive.ngx
-- @string name of the function
-- @param first the token, or a probe's server
-- @return true and the result; nil: the engine is to do it
return function(settings, name, first, ...)
  if not ngx.run_worker_thread or not phases[ngx.get_phase()] then return nil end
  -- a token in a userdata stays in this Lua state; other values that aren't plain are mistakes, which the engine raises
  if not is_plain({ first, ... }, DEEPEST) then return nil end
  local has_begun, ran, how, res, err = run(settings.thread_pool or "botapi", name, first, ...)
  if has_begun then return true, received(name ~= "probe" and first or nil, ran, how, res, err) end
  if settings.fallback ~= false then return nil end
  return true, nil, core.error { kind = "busy", sent = "no", cause = tostring(how) }
end
