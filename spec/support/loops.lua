-- SPDX-License-Identifier: MIT
-- The event loops that there are on this Lua: how each runs the bodies of support.behaviours.

local monotime = require("cqueues").monotime
local world = require "support.world"
local unpack = table.unpack or unpack

local loops = {}

-- Each opens one: `spawn(fn)` runs a function in a coroutine of the loop; `run(fn, check)` does, too, and runs the loop
-- until nothing is left to do; `kill(fn, steps)`, where it can, runs a function for so many steps, then ends its
-- coroutine.

local function cqueues()
  local loop = require "cqueues".new()
  local self = {}
  function self.spawn(fn) loop:wrap(fn) end
  function self.run(fn, check)
    loop:wrap(fn)
    assert(loop:loop())
    check(loop:empty(), "the loop is empty")
  end
  function self.kill(fn, steps) -- with the whole controller
    for _ = 1, 5 do loop:wrap(fn) end
    for _ = 1, steps do loop:step(0.001) end
    loop = nil
  end
  return self
end

local function luv()
  local uv = require "luv"
  local self = {}
  function self.spawn(fn) coroutine.wrap(fn)() end
  function self.run(fn, check)
    self.spawn(fn)
    uv.run()
    uv.walk(function(handle) check(false, "a handle is left: " .. tostring(handle)) end)
  end
  if not coroutine.close then return self end
  function self.kill(fn, steps)
    local co = coroutine.create(fn)
    assert(coroutine.resume(co))
    for _ = 1, steps do uv.run "nowait" end
    assert(coroutine.close(co))
    uv.run()
  end
  return self
end

local function copas()
  local loop = require "copas"
  local self, raised = {}, nil
  function self.spawn(fn)
    loop.addthread(function()
      -- what a handler raises is lost
      loop.setErrorHandler(function(why, co) raised = raised or debug.traceback(co, tostring(why)) end)
      fn()
    end)
  end
  -- copas 4 can tell that nothing is left to do; what copas 1.2 says of a step is as good.
  local function is_idle()
    if loop.finished then return loop.finished() end
    return loop.step(0) == false
  end
  function self.run(fn, check)
    local ended, until_when = false, monotime() + 60
    raised = nil
    self.spawn(function()
      fn()
      ended = true
    end)
    while not ended and not raised and monotime() < until_when do loop.step(1) end
    if raised then error(raised, 0) end
    while not is_idle() and monotime() < until_when do loop.step(0) end
    check(is_idle(), "nothing is left to do")
  end
  if not loop.pauseforever then return self end -- copas 1.2 can't remove a thread
  function self.kill(fn, steps)
    local thread = loop.addthread(fn)
    for _ = 1, steps do loop.step(0.001) end
    loop.removethread(thread)
    while not loop.finished() do loop.step(0.001) end
  end
  return self
end

local known = {
  { name = "cqueues", open = cqueues },
  { name = "luv", open = luv },
  { name = "copas", open = copas, find = require "support.copas".find },
}

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

--- Runs a body in a loop that was opened, to its end and to the end of the loop; returns its failures.
function loops.run(loop, api, body, ...)
  local w = world.new(api, monotime, all(loop.spawn, api.drive))
  local ended, args, count = false, { ... }, select("#", ...)
  loop.run(function()
    body(w, unpack(args, 1, count))
    ended = true
  end, w.check)
  w.check(ended, "the body ends before the loop")
  return w.failures
end

--- The loops: a list of {name, module, open() → spawn, run, kill; run(body, …) → failures}, and one of {name, why} of
-- those left out.
function loops.list()
  local list, left_out = {}, {}
  for _, loop in ipairs(known) do
    local ok, why = (loop.find or pcall)(require, loop.name)
    if ok then
      -- busted forgets modules between files, and luv's loop doesn't survive to be loaded twice
      local library = require(loop.name)
      package.preload[loop.name] = function() return library end
      local module = "botapi." .. loop.name
      local function run(body, ...) return loops.run(loop.open(), require(module), body, ...) end
      list[#list + 1] = { name = loop.name, module = module, open = loop.open, run = run }
    else
      left_out[#left_out + 1] = { name = loop.name, why = tostring(why):match "^[^\n]*" }
    end
  end
  return list, left_out
end

--- Runs each loop once: what it and its engine open then, they keep.
function loops.warm_up()
  for _, loop in ipairs(loops.list()) do
    loop.run(function(w) w.api.get_me("1:x", { server = "http://127.0.0.1:1" }) end)
  end
end

--- The names of all, also of those that aren't here.
function loops.names()
  local names = {}
  for i, loop in ipairs(known) do names[i] = loop.name end
  return names
end

--- The loop of that name, or nil and why it isn't here.
function loops.find(name)
  local list, left_out = loops.list()
  for _, loop in ipairs(list) do
    if loop.name == name then return loop end
  end
  for _, loop in ipairs(left_out) do
    if loop.name == name then return nil, loop.why end
  end
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
    local told = listener:close()
    counted = told.seen()
    for _, problem in ipairs(behaviour.judge and behaviour.judge(told.requests) or {}) do
      failures[#failures + 1] = problem
    end
  end
  if #failures > 0 then error(table.concat(failures, "\n"), 2) end
  if counted ~= behaviour.requests then
    error(("%s requests expected, the server counted %s"):format(behaviour.requests, counted), 2)
  end
end

return loops
