-- SPDX-License-Identifier: MIT
-- What each loop holds, and lets go of: idle loops, abandoned and killed coroutines, controllers, callbacks.

local core = require "botapi.core"
local faults = require "support.faults"
local live = require "support.live"
local loops = require "support.loops"
local monotime = require("cqueues").monotime
local token = require("support.world").token

local list = loops.list()

-- Before Lua 5.2 a weak key that has a finalizer goes in the cycle after it ran, and what it leads to later still.
local function collect()
  for _ = 1, 4 do collectgarbage() end
end

local function has(name)
  for _, loop in ipairs(list) do
    if loop.name == name then return true end
  end
end

describe("lifetimes:", function()
  local server, before
  lazy_setup(function()
    server = faults.start()
    loops.warm_up()
  end)
  lazy_teardown(function() server:stop() end)
  before_each(function() before = live.note() end)
  after_each(function() before:check() end)

  for _, loop in ipairs(list) do
    local api = require(loop.module)

    it(loop.name .. " raises outside of a coroutine, and sends nothing", function()
      local listener = server:open { mode = "ok" }
      for _, fn in ipairs { api.logout, api.get_me } do
        local ok, why = pcall(fn, token, { server = listener.url })
        assert.is_false(ok)
        assert.is_truthy(tostring(why):find(loop.module, 1, true), why)
        assert.is_nil(tostring(why):find("CANARY", 1, true))
      end
      assert.is_false((pcall(api.sleep, 0)))
      assert.equal(0, listener:close().seen())
    end)

    it(loop.name .. " has every function of botapi", function()
      local names = {}
      for name, value in pairs(require "botapi") do
        if type(value) == "function" and type(api[name]) ~= "function" then names[#names + 1] = name end
      end
      assert.same({}, names)
    end)

    it(loop.name .. " holds nothing when it was busy and is idle", function()
      local listener = server:open { mode = "ok" }
      for _ = 1, 3 do
        assert.same({}, loop.run(function(w)
          w.api.get_me(w.token, { server = listener.url })
          w.api.sleep(0.001)
        end))
        assert.equal(0, core.live().calls)
      end
      assert.equal(3, listener:close().seen())
    end)
  end
  if has "cqueues" then
    local cqueues = require "cqueues"
    local api = require "botapi.cqueues"

    it("cqueues: each controller has an engine of its own, gone with it", function()
      local function engine_of(loop)
        local engine
        loop:wrap(function() engine = api.drive.engine() end)
        assert(loop:loop())
        return engine
      end
      local one, other = cqueues.new(), cqueues.new()
      assert.equal(engine_of(one), engine_of(one))
      assert.not_equal(engine_of(one), engine_of(other))
      assert.equal(before.engines + 2, core.live().engines)
      one, other = nil, nil -- luacheck: ignore
      collect()
      assert.equal(before.engines, core.live().engines)
    end)

    it("cqueues: wakes each coroutine once", function()
      local listener = server:open { mode = "slow" }
      local condition = require "cqueues.condition"
      local woken = 0
      local wait
      wait = condition.interpose("wait", function(...)
        local ok = wait(...)
        woken = woken + 1
        return ok
      end)
      local loop = cqueues.new()
      for _ = 1, 10 do
        loop:wrap(function() api.logout(token, { server = listener.url }) end)
      end
      assert(loop:loop())
      condition.interpose("wait", wait)
      assert.equal(10, woken)
      assert.equal(10, listener:close().seen())
    end)

    it("cqueues: a controller in a controller waits as well", function()
      local listener = server:open { mode = "ok" }
      local outer, answers = cqueues.new(), 0
      outer:wrap(function()
        local inner = cqueues.new()
        local function call()
          local res = api.logout(token, { server = listener.url })
          if res.ok then answers = answers + 1 end
        end
        for _ = 1, 3 do inner:wrap(call) end
        call()
        assert(inner:loop())
      end)
      assert(outer:loop())
      assert.equal(4, answers)
      assert.equal(4, listener:close().seen())
    end)

    it("cqueues: a controller that is abandoned with calls in flight leaves nothing", function()
      local listener = server:open { mode = "request_silence" }
      local loop = cqueues.new()
      for _ = 1, 5 do
        loop:wrap(function() api.logout(token, { server = listener.url, timeout = 10 }) end)
      end
      for _ = 1, 20 do assert(loop:step(0.01)) end
      assert.equal(5, core.live().calls)
      loop = nil -- luacheck: ignore
      collect()
      assert.equal(0, core.live().calls)
      listener:close()
    end)
  end
  if has "luv" then
    local uv = require "luv"
    local api = require "botapi.luv"

    it("luv: a callback gets (err, res), for an answer and for a failure", function()
      local listener = server:open { mode = "ok" }
      local got = {}
      local function note(err, res) got[#got + 1] = tostring(err and err.kind) .. " " .. tostring(res) end
      api.logout(token, { server = listener.url }, note)
      uv.run()
      api.logout(token, { server = "http://127.0.0.1:1" }, note)
      uv.run()
      api.logout("CANARY", note)
      api.call(token, "getMe", nil, { server = listener.url }, function(err, res) note(err, res and res.ok) end)
      uv.run()
      assert.same({ "nil {ok = true, result = true}", "network nil", "token nil", "nil true" }, got)
      assert.equal(2, listener:close().seen())
    end)

    it("luv: a callback comes after the function has returned, also when nothing was sent", function()
      local came
      api.logout("CANARY", function(err) came = err end)
      api.sleep(0, function() end)
      assert.is_nil(came)
      uv.run()
      assert.equal("token", came.kind)
    end)

    it("luv: a bot's methods and migrate take callbacks, too", function()
      local listener = server:open { mode = "ok" }
      local got = {}
      local function note(err, res) got[#got + 1] = tostring(err and err.kind) .. " " .. tostring(res and res.ok) end
      local bot = api.bot(token, { server = listener.url, retries = 1 })
      bot:get_me(note)
      uv.run()
      bot:call("getMe", nil, { timeout = 10 }, note)
      uv.run()
      bot:on(listener.url):logout(note)
      uv.run()
      bot:logout(note) -- refused without a call
      uv.run()
      assert.same({ "nil true", "nil true", "nil true", "logged_out nil" }, got)
      assert.equal(3, listener:close().seen())
      api.migrate(token, { from = "http://127.0.0.1:1", to = "http://127.0.0.1:1/x", dry_run = true, journal = false,
        how = "logout" }, function(_, report) got = report end)
      uv.run()
      assert.equal("not_sent", got.status)
    end)

    it("luv: a wrong argument raises where the call is, not in the callback", function()
      local function never() error "never" end
      local bot = api.bot(token)
      for _, wrong in ipairs {
        function() api.logout(token, { wait = 1 }, never) end,
        function() bot:logout({ wait = 1 }, never) end,
        function() api.migrate(token, { wait = 1 }, never) end,
      } do
        local ok, why = pcall(wrong)
        assert.is_false(ok)
        assert.matches("^%S*drive_lifetimes_spec.lua:%d+: bad argument .*wait", why)
      end
    end)

    it("luv: wakes each coroutine once", function()
      local listener = server:open { mode = "slow" }
      local resume, waiting, resumes = coroutine.resume, {}, 0
      coroutine.resume = function(co, ...) -- luacheck: ignore
        if waiting[co] then resumes = resumes + 1 end
        return resume(co, ...)
      end
      for _ = 1, 10 do
        coroutine.wrap(function()
          waiting[coroutine.running()] = true
          api.logout(token, { server = listener.url })
        end)()
      end
      uv.run()
      coroutine.resume = resume -- luacheck: ignore
      assert.equal(10, resumes)
      assert.equal(10, listener:close().seen())
    end)

    it("luv: a coroutine that somebody else resumes goes on waiting", function()
      local listener = server:open { mode = "slow" }
      local res
      local co = coroutine.create(function() res = api.logout(token, { server = listener.url }) end)
      assert(coroutine.resume(co))
      assert(coroutine.resume(co))
      assert.is_nil(res)
      uv.run()
      assert.is_true(res.ok)
      assert.equal(1, listener:close().seen())
    end)

    it("luv: a coroutine that has stopped waiting isn't resumed for its call", function()
      local call
      local co = coroutine.create(function()
        call = api.drive.engine():timer(60)
        api.drive.await(call)
        coroutine.yield()
      end)
      assert(coroutine.resume(co))
      call:cancel()
      assert(coroutine.resume(co))
      uv.run()
      assert.equal("suspended", coroutine.status(co))
    end)

    it("luv: an abandoned coroutine's call ends, and is let go", function()
      local listener = server:open { mode = "request_silence" }
      local co = coroutine.create(function() api.logout(token, { server = listener.url, timeout = 0.2 }) end)
      assert(coroutine.resume(co))
      co = nil -- luacheck: ignore
      uv.run()
      assert.equal(0, core.live().calls)
      listener:close()
    end)

    if coroutine.close then
      it("luv: closing the coroutine cancels its call", function()
        local listener = server:open { mode = "request_silence" }
        local co = coroutine.create(function() api.logout(token, { server = listener.url, timeout = 60 }) end)
        assert(coroutine.resume(co))
        for _ = 1, 5 do uv.run("nowait") end
        assert.is_true(coroutine.close(co))
        uv.run()
        assert.equal(0, core.live().calls)
        listener:close()
      end)
    end
  end
  if has "copas" then
    local copas = require "copas"
    local api = require "botapi.copas"

    -- copas 4 suspends and wakes threads; in copas 1.2 they read from pseudo-sockets, and nothing removes them.
    local is_new = copas.pauseforever ~= nil

    -- Runs the loop until a condition holds.
    local function run_until(holds)
      local deadline = monotime() + 20
      while not holds() and monotime() < deadline do copas.step(0.05) end
      assert.is_true(holds())
    end

    -- Runs the loop until nothing is left to do: none of ours but has ended.
    local function run_out()
      if is_new then run_until(copas.finished) else run_until(function() return copas.step(0) == false end) end
    end

    local function logout_from(listener, seconds)
      return function() return api.logout(token, { server = listener.url, timeout = seconds or 60 }) end
    end

    -- A thread whose request is at the server, which answers nothing.
    local function waiting_thread(listener)
      local thread = copas.addthread(logout_from(listener))
      run_until(function() return listener:count().seen() == 1 end)
      assert.equal(1, core.live().calls)
      return thread
    end

    it("copas: wakes each thread once", function()
      local listener = server:open { mode = "slow" }
      local receive, pause, waiting, woken, ended = copas.receive, copas.pauseforever, {}, 0, 0
      function copas.receive(socket, ...) -- luacheck: ignore
        if not waiting[coroutine.running()] then return receive(socket, ...) end
        local asked = socket.receive
        socket.receive = function(...)
          woken = woken + 1
          return asked(...)
        end
        return receive(socket, ...)
      end
      if is_new then
        function copas.pauseforever() -- luacheck: ignore
          pause()
          woken = woken + 1
        end
      end
      for _ = 1, 10 do
        copas.addthread(function()
          waiting[coroutine.running()] = true
          api.logout(token, { server = listener.url })
          ended = ended + 1
        end)
      end
      run_until(function() return ended == 10 end)
      copas.receive, copas.pauseforever = receive, pause -- luacheck: ignore
      assert.equal(is_new and 10 or 20, woken) -- copas 1.2 asks when it begins to wait as well
      run_out()
      assert.equal(10, listener:close().seen())
    end)

    it("copas: one call after another is made, however often others run between", function()
      local listener, random = server:open { mode = "ok" }, math.random
      local made = 0
      math.random = function() return 100 end -- luacheck: ignore -- copas 4 pauses by chance
      copas.addthread(function()
        for _ = 1, 10 do
          if logout_from(listener)().ok then made = made + 1 end
        end
      end)
      local ok, why = pcall(run_until, function() return made == 10 end)
      math.random = random -- luacheck: ignore
      assert.is_true(ok, why)
      run_out()
      assert.equal(10, listener:close().seen())
    end)

    it("copas: a call within a pcall that may yield is woken", function()
      local protected = _VERSION == "Lua 5.1" and not rawget(_G, "jit") and require "coxpcall".pcall or pcall
      local listener, ok, res = server:open { mode = "slow" }, nil, nil
      copas.addthread(function() ok, res = protected(logout_from(listener)) end)
      run_until(function() return ok ~= nil end)
      assert.is_true(ok and res.ok)
      run_out()
      assert.equal(1, listener:close().seen())
    end)

    if is_new then
      it("copas: removing a thread that waits cancels its call", function()
        local listener = server:open { mode = "request_silence" }
        copas.removethread(waiting_thread(listener))
        run_out()
        assert.equal(0, listener:wait({ closed = 1, seconds = 5 }).open)
        collect()
        assert.equal(0, core.live().calls)
        assert.equal(1, listener:close().seen())
      end)

      it("copas: removing a thread that sleeps, or whose call is done, harms no other", function()
        local listener = server:open { mode = "slow" }
        local slept, res
        local sleeper = copas.addthread(function()
          api.sleep(60)
          slept = true
        end)
        local quick = copas.addthread(function() api.sleep(0) end)
        copas.addthread(function() res = logout_from(listener)() end)
        copas.step(0)
        copas.removethread(sleeper)
        run_until(function() return coroutine.status(quick) == "dead" end)
        copas.removethread(quick)
        run_out()
        assert.is_nil(slept)
        assert.is_true(res.ok)
        assert.equal(0, core.live().calls)
        assert.equal(1, listener:close().seen())
      end)

      it("copas: a thread that somebody else wakes goes on waiting, and a timeout of its own comes", function()
        local listener, res, timed_out = server:open { mode = "slow" }, nil, nil
        local thread = copas.addthread(function()
          copas.timeout(0.1, function(co)
            timed_out = true
            copas.wakeup(co)
          end)
          res = logout_from(listener)()
        end)
        run_until(function() return core.live().calls == 1 end)
        copas.wakeup(thread)
        run_until(function() return res ~= nil end)
        assert.is_true(timed_out)
        assert.is_true(res.ok)
        run_out()
        assert.equal(1, listener:close().seen())
      end)
    end

    if is_new and coroutine.close then
      it("copas: closing a thread cancels its call", function()
        local listener = server:open { mode = "request_silence" }
        assert.is_true(coroutine.close(waiting_thread(listener)))
        run_out()
        assert.equal(0, core.live().calls)
        assert.equal(1, listener:close().seen())
      end)
    end
  end
end)
