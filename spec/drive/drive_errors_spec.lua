-- SPDX-License-Identifier: MIT
-- What ends a wait by an error, on every loop: places where no coroutine can wait, errors raised into the wait, no
-- descriptor left, and handles that somebody else closes.

local core = require "botapi.core"
local drive = require "botapi.drive"
local faults = require "support.faults"
local live = require "support.live"
local loops = require "support.loops"
local process = require "support.process"
local toy = require "support.toy_loop"
local token = require("support.world").token

local api_for = require "botapi.api"

-- The loops, and the toy: {name, run(body) → failures}.
local function all_loops()
  local list = loops.list()
  local loop, api = { spawn = toy.spawn }, api_for(toy.driver)
  function loop.run(fn)
    toy.spawn(fn)
    toy.run()
  end
  list[#list + 1] = { name = "toy", run = function(body) return loops.run(loop, api, body) end }
  return list
end

local list = all_loops()

-- The places: each calls fn from inside of something. `is_c`: a function that is written in C.
local PLACES = {
  { name = "pcall", is_c = true, enter = function(fn)
    local ok, why = pcall(fn)
    if not ok then error(why, 0) end
  end },
  { name = "string.gsub", is_c = true, enter = function(fn) return (("x"):gsub("x", function() fn() end)) end },
  { name = "table.sort", is_c = true, enter = function(fn)
    table.sort({ 1, 2 }, function(a, b)
      if fn then fn() end
      fn = nil
      return a < b
    end)
  end },
  { name = "require", is_c = true, enter = function(fn)
    local name = "a.module.that.calls"
    package.loaded[name] = nil
    package.preload[name] = function()
      package.preload[name] = nil
      fn()
    end
    return require(name)
  end },
  { name = "tostring", is_c = true, enter = function(fn)
    return tostring(setmetatable({}, { __tostring = function() return fn() or "x" end }))
  end },
  { name = "an iterator", enter = function(fn)
    for _ in function(_, last) if not last then fn() return true end end do end -- luacheck: ignore
  end },
  { name = "a metamethod", enter = function(fn)
    return setmetatable({}, { __index = function() fn() return 1 end }).member -- luacheck: ignore
  end },
}

-- Lua's own word: whether a coroutine can yield there.
local function can_yield(place)
  local yielded = {}
  local ok, res = pcall(coroutine.wrap(function() place.enter(function() coroutine.yield(yielded) end) end))
  return ok and res == yielded
end

-- What a call tells in a place, and what was raised there.
local function try(place, fn)
  local res, err
  local function call() res, err = fn() end
  if can_yield(place) then return place.enter(call), nil, res, err end
  local ok, raised = pcall(place.enter, call)
  return ok, raised, res, err
end

describe("on", function()
  local server, before
  lazy_setup(function()
    server = faults.start()
    for _, loop in ipairs(list) do
      loop.run(function(w) w.api.get_me("1:x", { server = "http://127.0.0.1:1" }) end)
    end
  end)
  lazy_teardown(function() server:stop() end)
  before_each(function() before = live.note() end)
  after_each(function()
    if rawget(_G, "jit") then require("jit").flush() end -- traces keep what they have seen
    before:check()
  end)

  for _, loop in ipairs(list) do
    for _, place in ipairs(PLACES) do
      local works = can_yield(place)
      it(("%s a call in %s %s"):format(loop.name, place.name, works and "waits" or "raises, and isn't sent"), function()
        local listener, raised = server:open { mode = "ok" }, nil
        assert.same({}, loop.run(function(w)
          local ok, why, res = try(place, function() return w.api.logout(token, { server = listener.url }) end)
          raised = why
          w.equal(works, res ~= nil and res.ok)
          if not works then w.check(not ok and raised ~= nil, "it raises") end
          w.api.sleep(0.02)
          w.equal(true, w.api.get_me(token, { server = listener.url }).ok, "the next call")
        end))
        if place.is_c and not works then
          assert.same({ "cancelled", "no", "logOut" }, { raised.kind, raised.sent, raised.method })
          assert.is_truthy(raised.message:find("outside of it", 1, true), raised.message)
        end
        assert.equal(works and 2 or 1, listener:close().seen())
        assert.equal(0, core.live().calls)
      end)
    end

    it(loop.name .. " a bot, a fleet, a move and a sleep send nothing in string.gsub", function()
      local listener = server:open { mode = "ok" }
      local given = { server = listener.url }
      assert.same({}, loop.run(function(w)
        for name, fn in pairs {
          bot = function() return w.api.bot(token, given):logout() end,
          fleet = function() return w.api.fleet({ token }, given) end,
          move = function()
            return w.api.migrate(token, { from = listener.url, to = listener.url .. "/x", how = "logout",
              journal = false })
          end,
          sleep = function() return w.api.sleep(0.01) end,
          call = function() return w.api.call(token, "logOut", nil, given) end,
          facebook = function()
            return w.api.facebook.logout({ { key = "c_user", value = "1" }, { key = "xs", value = "CANARY" } },
              { port = listener.port })
          end,
          probe = function() return w.api.probe(listener.url) end,
        } do
          local ok, raised = try(PLACES[2], fn)
          w.check(not ok, name .. " raises")
          w.check(tostring(raised):find("string.gsub", 1, true), name .. ": " .. tostring(raised))
        end
        w.api.sleep(0.02)
      end))
      assert.equal(0, listener:close().seen())
    end)

    it(loop.name .. " await in string.gsub cancels the call, and tells what was sent", function()
      local listener = server:open { mode = "request_silence" }
      assert.same({}, loop.run(function(w)
        local function start()
          return w.api.drive.engine():start(token, "logOut", nil, { server = listener.url, timeout = 20 })
        end
        for _, expected in ipairs { "no", "maybe" } do
          local call = start()
          while expected == "maybe" and listener:count().seen() == 0 do w.api.sleep(0.01) end
          local ok, raised = try(PLACES[2], function() w.api.drive.await(call) end)
          w.check(not ok and type(raised) == "table", tostring(raised))
          w.equal("cancelled/" .. expected, raised.kind .. "/" .. raised.sent)
          w.equal("logOut", raised.method)
          w.equal("string", type(raised.raised))
          w.check(call:done(), "it is cancelled")
          w.api.sleep(0.02)
        end
      end))
      assert.equal(0, listener:wait({ closed = 1, seconds = 5 }).open)
      assert.equal(1, listener:close().seen())
    end)
  end
end)

-- A loop whose `suspend` raises once its coroutine was resumed.
local function raising_api(raised)
  local function suspend()
    toy.suspend()
    error(raised, 0)
  end
  return api_for(drive.new { current = function() return toy end, spawn = toy.spawn, suspend = suspend,
    caller = function() return (coroutine.running()) end, resume = toy.wake,
    readable = function(engine) toy.readable(engine:pollfd()) end })
end

describe("an error that is raised into a wait", function()
  local server
  lazy_setup(function() server = faults.start() end)
  lazy_teardown(function() server:stop() end)

  -- What the caller sees where the coroutine that waits is woken, and raises.
  local function raise(value)
    local listener, seen = server:open { mode = "request_silence" }, nil
    local api, waiting = raising_api(value), nil
    toy.spawn(function()
      waiting = coroutine.running()
      seen = { pcall(api.logout, token, { server = listener.url, timeout = 20 }) }
    end)
    toy.spawn(function()
      while listener:count().seen() == 0 do toy.driver.sleep(0.01) end
      toy.wake(waiting)
    end)
    toy.run()
    assert.equal(0, listener:wait({ closed = 1, seconds = 5 }).open)
    assert.equal(1, listener:close().seen())
    assert.equal(0, core.live().calls)
    return seen[2]
  end

  if not drive.yields_in_pcall then return end -- nothing catches it in Lua 5.1: its coroutine ends

  it("cancels the call: a text becomes an error object, which tells what was sent", function()
    local raised = raise "enough"
    assert.same({ "cancelled", "maybe", "logOut", "enough" },
      { raised.kind, raised.sent, raised.method, raised.raised })
    assert.is_truthy(raised.message:find("enough", 1, true))
  end)

  it("cancels the call: a value stays what it is", function()
    local value = {}
    assert.equal(value, raise(value))
  end)
end)

-- Of a child: `run(fn)` runs a function in the loop that the first argument names, and the loop to its end. All that
-- a call loads is loaded, and nothing was called yet.
local CHILD = [[
  local name, url = ...
  local api, run
  if name == "blocking" then
    api = require "botapi"
    function run(fn) fn() end
  elseif name == "luv" then
    local uv = require "luv"
    api = require "botapi.luv"
    function run(fn)
      coroutine.wrap(fn)()
      uv.run()
    end
  elseif name == "cqueues" then
    local loop = require "cqueues".new()
    api = require "botapi.cqueues"
    function run(fn)
      loop:wrap(fn)
      assert(loop:loop())
    end
  elseif name == "copas" then
    assert(require "support.copas".find())
    local copas = require "copas"
    api = require "botapi.copas"
    function run(fn)
      local ended
      copas.addthread(function()
        fn()
        ended = true
      end)
      for _ = 1, 1000 do
        if ended then return end
        copas.step(0.01)
      end
    end
  end
  local token, held = "110201543:CANARY-of-the-descriptors-00000000", {}
  local function use_up(count)
    while not count or #held < count do
      local file = io.open "/dev/null"
      if not file then break end
      held[#held + 1] = file
    end
  end
  local function give_back(count)
    for _ = 1, count or #held do table.remove(held):close() end
  end
  local function tell(res, err)
    if res then return "ok" end
    return err.kind .. "/" .. err.sent
  end
  local function logout(server)
    local told = "nothing"
    run(function() told = tell(api.logout(token, { server = server or url, timeout = 10 })) end)
    return told
  end
  local function sleep()
    local told = "nothing"
    run(function() told = tell(api.sleep(0.01)) end)
    return told
  end
]]

-- For a call and a sleep, each with an engine of its own: libcurl 8.22 takes more for one than 7.88 does.
local ENOUGH = 12

local function limited(descriptors)
  return { within = { "sh", "-c", ("ulimit -n %d; exec \"$@\""):format(descriptors), "sh" } }
end

describe("without a descriptor", function()
  local server
  local names = { "blocking" }
  for _, loop in ipairs(loops.list()) do names[#names + 1] = loop.name end
  lazy_setup(function() server = faults.start() end)
  lazy_teardown(function() server:stop() end)

  -- The lines that a child prints, and how many requests came.
  local function lines(name, text, descriptors)
    local listener = server:open { mode = "ok" }
    local child = process.program(CHILD .. text, limited(descriptors or 40), name, listener.url)
    local code, why = child:wait(30)
    assert.equal("0 ", code .. " " .. (why or child:errors()))
    table.remove(child.lines, 1) -- its pid
    return child.lines, listener:close().seen()
  end

  for _, name in ipairs(names) do
    it(name .. ": a first call and a sleep are system/no, whichever is missing, and later ones work", function()
      for free = 0, ENOUGH do
        local told, seen = lines(name, ([[
          use_up()
          give_back(%d)
          print(logout(), sleep())
          give_back()
          print(logout(), sleep())
        ]]):format(free))
        assert.equal("ok\tok", told[2], free)
        local first, slept = told[1]:match "^(%S+)\t(%S+)$"
        assert.is_truthy(first == "ok" or first == "system/no", told[1])
        assert.is_truthy(slept == "ok" or slept == "system/no", told[1])
        if free == 0 then assert.equal("system/no\tsystem/no", told[1]) end
        if free == ENOUGH then assert.equal("ok\tok", told[1]) end
        assert.equal(first == "ok" and 2 or 1, seen)
      end
    end)

    it(name .. ": a later call is system/no, a sleep works, and so do those that come after", function()
      local told, seen = lines(name, [[
        print(logout(), sleep())
        use_up()
        print(logout(), sleep())
        print(logout(), sleep())
        give_back()
        print(logout(), sleep())
      ]])
      assert.same({ "ok\tok", "system/no\tok", "system/no\tok", "ok\tok" }, told)
      assert.equal(2, seen)
    end)

    it(name .. ": a bot's tries and a fleet end, and work later", function()
      local told, seen = lines(name, [[
        require "botapi.fleet"
        local function all()
          local bot, report
          run(function()
            bot = tell(api.bot(token, { server = url, retries = 1 }):get_me())
            report = api.fleet({ token }, { server = url, retries = 1 })
          end)
          return bot, report.ok, report.by_outcome.not_sent
        end
        require "botapi.retry"
        use_up()
        print(all())
        give_back()
        print(all())
      ]])
      assert.same({ "system/no\tfalse\t1", "ok\ttrue\t0" }, told)
      assert.equal(2, seen)
    end)

    it(name .. ": descriptors of high numbers are good, or end the call with system/no", function()
      local told, seen = lines(name, [[
        use_up(1100)
        print(logout(), sleep())
        give_back()
        print(logout(), sleep())
      ]], 1200)
      assert.same({ name == "copas" and "system/no\tsystem/no" or "ok\tok", "ok\tok" }, told)
      assert.equal(name == "copas" and 1 or 2, seen)
    end)
  end

  if loops.find "luv" then
    it("luv: a callback comes after the function has returned", function()
      local told = lines("luv", [[
        local uv, returned = require "luv", false
        use_up()
        api.logout(token, { server = url }, function(err) print(returned, tell(nil, err)) end)
        returned = true
        uv.run()
      ]])
      assert.same({ "true\tsystem/no" }, told)
    end)
  end
end)

-- The ways to close all handles: `early` is a copy of uv.close that was made before botapi.luv was loaded.
local CLOSES = { ["uv.close"] = "uv.close(handle)", ["the method"] = "handle:close()", early = "early(handle)",
  ["the method with a callback"] = "handle:close(function() closed = true end)" }

describe("luv's handles, closed by somebody else,", function()
  local server
  lazy_setup(function() server = faults.start() end)
  lazy_teardown(function() server:stop() end)
  if not loops.find "luv" then return end

  local function lines(text, ...)
    local before = "local uv, closed = require 'luv', true local early = uv.close\n"
    local child = process.program(before .. CHILD .. text, nil, "luv", ...)
    local code, why = child:wait(30)
    assert.equal("0 ", code .. " " .. (why or child:errors()))
    return child.lines
  end

  for name, close in pairs(CLOSES) do
    it("by " .. name .. " end the calls in flight, and later ones work", function()
      local good, silent = server:open { mode = "ok" }, server:open { mode = "request_silence" }
      local told = lines(([[
        local function note(err, res) print(tell(res, err)) end
        api.logout(token, { server = arg[3], timeout = 25 }, note)
        api.logout(token, { server = arg[3], timeout = 25 }, note)
        api.sleep(0.2, function() uv.stop() end)
        uv.run()
        closed = %s
        uv.walk(function(handle) %s end)
        uv.run()
        print(closed)
        print(logout(), sleep())
        print(logout(), sleep())
        uv.walk(function(handle) error(tostring(handle)) end)
      ]]):format(tostring(not close:find "closed"), close), good.url, silent.url)
      local at = name == "early" and { 2, 3 } or { 4, 1 } -- an early copy's calls end with the next call
      assert.equal("true", table.remove(told, at[1]))
      table.sort(told)
      assert.same({ told[1], "ok\tok", "ok\tok", "system/maybe", "system/maybe" }, told)
      assert.equal(0, silent:wait({ closed = 2, seconds = 5 }).open)
      assert.same({ 2, 2 }, { good:close().seen(), silent:close().seen() })
    end)
  end

  it("in the midst of a fleet, harm none of its bots but those in flight", function()
    local good = server:open { mode = "slow" }
    local told = lines([[
      local tokens, report = {}, nil
      for i = 1, 9 do tokens[i] = ("%d:CANARY-of-the-handles-0000000000000000"):format(1000 + i) end
      local timer = uv.new_timer()
      timer:start(100, 0, function()
        uv.walk(function(handle) handle:close() end)
      end)
      run(function() report = api.fleet(tokens, { server = url, concurrency = 3, retries = 0 }) end)
      print(report.by_outcome.done, report.by_outcome.not_sent)
    ]], good.url)
    local done, unsent = told[2]:match "^(%d+)\t(%d+)$"
    assert.equal("6", done)
    assert.equal(9 - unsent, good:close().seen())
  end)
end)

describe("a module that is first required in a coroutine", function()
  for _, loop in ipairs(loops.list()) do
    -- Requires the module in a coroutine that ends, with the loop's library loaded before or not; then makes a call.
    local function first_in_coroutine(library)
      local child = process.program(([[
        local name = %q
        if name == "copas" then assert(require "support.copas".find()) end
        package.loaded[name] = nil
        if %s then require(name) end
        local api
        local ok, why = pcall(coroutine.wrap(function() api = require("botapi." .. name) end))
        collectgarbage()
        collectgarbage()
        if not ok then return print(why) end
        local function fn() print(select(2, api.logout("1:x", { server = "http://127.0.0.1:1" })).kind) end
        if name == "cqueues" then
          local loop = require "cqueues".new()
          loop:wrap(fn)
          assert(loop:loop())
        elseif name == "luv" then
          coroutine.wrap(fn)()
          require "luv".run()
        else
          local copas = require "copas"
          copas.addthread(fn)
          for _ = 1, 50 do copas.step(0.01) end
        end
      ]]):format(loop.name, tostring(library)))
      assert.equal(0, (child:wait(30)))
      assert.equal("", child:errors())
      return child.lines[2]
    end

    it(loop.name .. ", whose library was loaded before, works", function()
      assert.equal("network", first_in_coroutine(true))
    end)

    it(loop.name .. ", whose library wasn't, works, or says what to do", function()
      local told = first_in_coroutine(false)
      if loop.name == "luv" then
        assert.is_truthy(told:find('require "luv" in the main program', 1, true), told)
      else
        assert.equal("network", told)
      end
    end)
  end
end)
