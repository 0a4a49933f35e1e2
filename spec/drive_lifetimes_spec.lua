-- SPDX-License-Identifier: MIT
-- What each loop holds, and lets go of: idle loops, abandoned and killed coroutines, controllers, callbacks.

local core = require "botapi.core"
local faults = require "support.faults"
local live = require "support.live"
local loops = require "support.loops"
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
  lazy_setup(function() server = faults.start() end)
  lazy_teardown(function() server:stop() end)
  before_each(function() before = live.note() end)
  after_each(function() before:check(1) end)

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
      local resume, resumes = coroutine.resume, 0
      coroutine.resume = function(...) -- luacheck: ignore
        resumes = resumes + 1
        return resume(...)
      end
      for _ = 1, 10 do
        coroutine.wrap(function() api.logout(token, { server = listener.url }) end)()
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

    it("copas: wakes each thread once", function()
      local listener = server:open { mode = "slow" }
      local receive, woken, ended = copas.receive, 0, 0
      local function counting(socket, ...)
        if not socket.call then return receive(socket, ...) end
        local asked = socket.receive
        socket.receive = function(...)
          woken = woken + 1
          return asked(...)
        end
        return receive(socket, ...)
      end
      copas.receive = counting -- luacheck: ignore
      for _ = 1, 10 do
        copas.addthread(function()
          api.logout(token, { server = listener.url })
          ended = ended + 1
        end)
      end
      while ended < 10 do copas.step(1) end
      copas.receive = receive -- luacheck: ignore
      assert.equal(20, woken) -- once when it begins to wait, once when it is done
      assert.equal(10, listener:close().seen())
    end)
  end
end)
