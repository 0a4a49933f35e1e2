-- SPDX-License-Identifier: MIT
-- fork: parent and child both go on, whatever the engine was doing, and the child touches nothing of the parent's.

local faults = require "support.faults"
local process = require "support.process"
local wire = require "support.wire"

local server
lazy_setup(function() server = faults.start() end)
lazy_teardown(function() server:stop() end)

-- `check(ok, text)` in parent and child; the parent prints what both say.
local PRELUDE = [[
  local core, fork, wire = require "botapi.core", require "support.fork", require "support.wire"
  local good, slow = ...
  local function options(url, more)
    more = more or {}
    more.server, more.timeout = url, 10
    return more
  end
  local function child(f)
    local pid = fork.fork()
    if pid == 0 then
      local ok, why = pcall(f)
      if not ok then io.stderr:write("child: ", tostring(why), "\n") end
      fork.exit(ok and 0 or 1)
    end
    return pid
  end
  local function finish(engine, call)
    while not call:done() do engine:step(10) end
    return call:result()
  end
]]

-- A function of the program: how many descriptors it has.
local COUNT = [[
  local lfs = require "lfs"
  local function count()
    local n = 0
    for _ in lfs.dir("/proc/self/fd") do n = n + 1 end
    return n
  end
]]

local function run(text)
  local good, slow = server:open {mode = "ok"}, server:open {mode = "slow"}
  local program = process.program(PRELUDE .. text .. "\nprint 'done'", nil, good.url, slow.url)
  program:wait(30)
  assert.equal("", program:errors())
  assert.equal("done", program.lines[#program.lines])
  local one, two = good:close(), slow:close()
  return one, two, wire
end

describe("after a fork", function()
  it("a warm default engine works on in both, and the parent's idle connection with it", function()
    local told = run [[
      assert(core.get_me("1:x", options(good)).ok)
      local pid = child(function()
        assert(core.get_me("1:x", options(good)).ok)
        assert(core.get_me("1:x", options(good)).ok)
        assert(core.logout("1:x", options(good)).ok)
      end)
      assert(fork.wait(pid) == 0)
      assert(core.get_me("1:x", options(good)).ok)
      assert(core.get_me("1:x", options(good)).ok)
    ]]
    assert.equal(6, told.seen())
    local connections = {}
    for i, request in ipairs(told.requests) do
      connections[i] = request.connection
    end
    assert.same({1, 2, 2, 3, 1, 1}, connections)
    -- in whichever order the server has seen them end
    assert.is_truthy(table.concat(told.ends, " "):find("eof", 1, true), "the parent's connection, at its end")
  end)

  it("calls in flight go on in the parent, and are cancelled in the child", function()
    local _, told = run [[
      local engine = core.engine()
      engine:pollfd()
      local calls = {}
      for i = 1, 5 do calls[i] = engine:start("1:x", "logOut", nil, options(slow)) end
      for _ = 1, 5 do engine:step(0.01) end
      local pid = child(function()
        for i = 1, 5 do
          assert(calls[i]:done())
          local res, err = calls[i]:result()
          assert(res == nil and err.kind == "cancelled", tostring(err))
        end
        local call = engine:start("1:x", "getMe", nil, options(good))
        assert(finish(engine, call).ok)
        engine:close()
      end)
      assert(fork.wait(pid) == 0)
      for i = 1, 5 do assert(finish(engine, calls[i]).ok) end
      engine:close()
    ]]
    assert.equal(5, told.seen("logOut"))
  end)

  for name, use in pairs {
    ["collects it"] = "engine, call = nil, nil collectgarbage() collectgarbage()",
    ["closes it"] = "engine:close()",
    ["steps it"] = "assert(engine:step(0) == 0)",
    ["cancels its call"] = "call:cancel() assert(select(2, call:result()).kind == 'cancelled')",
    ["waits for its call"] = "assert(call:wait(5)) assert(select(2, call:result()).kind == 'cancelled')",
    ["asks for what is finished"] = "local n = 0 for c in engine:finished() do n = n + 1 c:result() end assert(n == 1)",
    ["asks for its descriptor"] = "assert(engine:pollfd() >= 0)",
    ["starts a timer"] = "local t = engine:timer(0.01) assert(t:wait(5))",
    ["ends its Lua state"] = "os.exit(0, true)",
    ["just ends"] = "",
  } do
    it(("a child that %s takes nothing from the parent's call"):format(name), function()
      local _, told = run([[
        local engine = core.engine()
        local call = engine:start("1:x", "logOut", nil, options(slow))
        for _ = 1, 5 do engine:step(0.01) end
        local pid = child(function() ]] .. use .. [[ end)
        assert(fork.wait(pid) == 0)
        assert(finish(engine, call).ok)
        engine:close()
      ]])
      assert.equal(1, told.seen())
      assert.equal(1, told.connections)
    end)
  end

  it("a child closes its copies of the parent's connections, in use and idle", function()
    run(COUNT .. [[
      local engine = core.engine()
      engine:pollfd()
      assert(finish(engine, engine:start("1:x", "getMe", nil, options(good))).ok)
      local calls = {}
      for i = 1, 5 do calls[i] = engine:start("1:x", "logOut", nil, options(slow)) end
      for _ = 1, 5 do engine:step(0.01) end
      local pid = child(function()
        local had = count()
        engine:step(0)
        assert(had - count() >= 6, had - count())
      end)
      assert(fork.wait(pid) == 0)
      for i = 1, 5 do assert(finish(engine, calls[i]).ok) end
      engine:close()
    ]])
  end)

  it("a child may live on while the parent works: neither spins", function()
    run [[
      local engine = core.engine()
      local calls = {}
      for i = 1, 20 do
        calls[i] = engine:start("1:x", "logOut", nil, options(slow))
        engine:step(0)
      end
      local pid = child(function() fork.pause() end)
      local steps = 0
      for i = 1, 20 do
        while not calls[i]:done() do
          engine:step(10)
          steps = steps + 1
        end
        assert(calls[i]:result().ok)
      end
      assert(steps < 2000, steps .. " steps")
      local timer = engine:timer(0.1)
      steps = 0
      while not timer:done() do engine:step(10) steps = steps + 1 end
      assert(steps < 50, steps .. " steps for a timer")
      fork.kill(pid, 9)
      fork.wait(pid)
      engine:close()
    ]]
  end)

  it("a hundred children one after another leave no descriptor in the parent", function()
    run(COUNT .. [[
      assert(core.get_me("1:x", options(good)).ok)
      local had = count()
      for _ = 1, 100 do
        local pid = child(function()
          local _, err = core.logout("1:x", {server = "http://127.0.0.1:1"})
          assert(err.kind == "network")
        end)
        assert(fork.wait(pid) == 0)
      end
      assert(core.get_me("1:x", options(good)).ok)
      assert(count() == had)
    ]])
  end)

  it("a grandchild works as a child does", function()
    local told = run [[
      assert(core.get_me("1:x", options(good)).ok)
      local pid = child(function()
        assert(core.get_me("1:x", options(good)).ok)
        local inner = child(function() assert(core.get_me("1:x", options(good)).ok) end)
        assert(fork.wait(inner) == 0)
        assert(core.get_me("1:x", options(good)).ok)
      end)
      assert(fork.wait(pid) == 0)
      assert(core.get_me("1:x", options(good)).ok)
    ]]
    local connections = {}
    for i, request in ipairs(told.requests) do
      connections[i] = request.connection
    end
    assert.same({1, 2, 3, 2, 1}, connections)
  end)
end)
