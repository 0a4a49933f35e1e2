-- SPDX-License-Identifier: MIT
-- The event loops that there are on this Lua: how each runs the bodies of support.behaviours.

local monotime = require("cqueues").monotime
local world = require "support.world"
local unpack = table.unpack or unpack

local loops = {}

-- Counts down to its event with what a driver has: a timer that never ends is awaited, and cancelled by the last one.
local function all(spawn, drive)
  return function(functions)
    local left = #functions
    local gate = drive.engine():timer(1e6)
    for _, fn in ipairs(functions) do
      spawn(function()
        fn()
        left = left - 1
        if left == 0 then gate:cancel() end
      end)
    end
    drive.await(gate)
  end
end

-- One body in a loop of its own, to its end and to the end of the loop.
local function in_cqueues(name)
  local cqueues = require "cqueues"
  local api = require(name)
  local function spawn(fn) cqueues.running():wrap(fn) end
  return function(body, ...)
    local w = world.new(api, monotime, all(spawn, api.drive))
    local loop = cqueues.new()
    loop:wrap(body, w, ...)
    assert(loop:loop())
    w.check(loop:empty(), "the loop is empty")
    return w.failures
  end
end

local function in_luv(name)
  local uv = require "luv"
  local api = require(name)
  local function spawn(fn) coroutine.wrap(fn)() end
  return function(body, ...)
    local w = world.new(api, monotime, all(spawn, api.drive))
    local ended = false
    coroutine.wrap(function(...)
      body(...)
      ended = true
    end)(w, ...)
    uv.run()
    w.check(ended, "the loop ends no sooner than the body")
    uv.walk(function(handle) w.check(false, "a handle is left: " .. tostring(handle)) end)
    return w.failures
  end
end

-- copas 4 can tell that nothing is left to do; what copas 1.2 says of a step is as good.
local function idle(copas)
  if copas.finished then return copas.finished() end
  return copas.step(0) == false
end

local function in_copas(name)
  local copas = require "copas"
  local api = require(name)
  local raised
  local function spawn(fn)
    copas.addthread(function()
      -- what a handler raises is lost
      copas.setErrorHandler(function(why, co) raised = raised or debug.traceback(co, tostring(why)) end)
      fn()
    end)
  end
  return function(body, ...)
    local w = world.new(api, monotime, all(spawn, api.drive))
    local ended, args, count = false, { ... }, select("#", ...)
    raised = nil
    spawn(function()
      body(w, unpack(args, 1, count))
      ended = true
    end)
    local until_when = monotime() + 60
    while not ended and not raised and monotime() < until_when do copas.step(1) end
    w.check(ended, "the body ends: " .. tostring(raised))
    while not idle(copas) and monotime() < until_when do copas.step(0) end
    w.check(idle(copas), "nothing is left to do")
    return w.failures
  end
end

local known = {
  { name = "cqueues", needs = "cqueues", module = "botapi.cqueues", make = in_cqueues },
  { name = "luv", needs = "luv", module = "botapi.luv", make = in_luv },
  { name = "copas", needs = "copas", find = require "support.copas".find, module = "botapi.copas", make = in_copas },
}

--- The loops: a list of {name, run = function(body, …) → failures}, and one of {name, why} of those left out.
function loops.list()
  local list, left_out = {}, {}
  for _, loop in ipairs(known) do
    local ok, why = (loop.find or pcall)(require, loop.needs)
    if ok then
      -- busted forgets modules between files, and luv's loop doesn't survive to be loaded twice
      local module = require(loop.needs)
      package.preload[loop.needs] = function() return module end
      list[#list + 1] = { name = loop.name, module = loop.module, run = loop.make(loop.module) }
    else
      left_out[#left_out + 1] = { name = loop.name, why = tostring(why):match "^[^\n]*" }
    end
  end
  return list, left_out
end

--- Tries a behaviour: `run(url, …)` runs its body against a listener of `server` or an emulator, and returns its
-- failures. Raises where there are any, or the server's count isn't what the behaviour says.
function loops.try(behaviour, server, run)
  local failures, counted
  if behaviour.emulator then
    local pair = require "botapi.emulator".start { pair = true, bot = world.token }
    failures = run(pair.urls[1], pair.urls[2])
    pair:close()
  else
    local listener = server:open { mode = behaviour.mode }
    failures = run(listener.url)
    counted = listener:close().seen()
  end
  if #failures > 0 then error(table.concat(failures, "\n"), 2) end
  if counted ~= behaviour.requests then
    error(("%s requests expected, the server counted %s"):format(behaviour.requests, counted), 2)
  end
end

return loops
