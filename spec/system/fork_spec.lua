-- SPDX-License-Identifier: MIT
-- fork: parent and child both go on, whatever the engine was doing, and the child touches nothing of the parent's.

local faults = require "support.faults"
local netns = require "support.netns"
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
  -- A child whose descriptors were all closed, and that has opened 40 of a kind: still has them after `use`.
  local function own_ones(kind, use)
    return child(function()
      fork.close_from(3)
      local own = {}
      for i = 1, 40 do own[i] = fork.open(kind) end
      use()
      for i = 1, 40 do assert(fork.is_open(own[i]), kind .. " " .. own[i] .. " was closed") end
    end)
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

local function run(text, within)
  local good, slow = server:open {mode = "ok"}, server:open {mode = "slow"}
  local program = process.program(PRELUDE .. text .. "\nprint 'done'", {within = within}, good.url, slow.url)
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

  -- What the engine may have open when it is forked: idle connections, calls in flight, a name that resolves.
  local busy = [[
    local engine = core.engine()
    engine:pollfd()
    assert(finish(engine, engine:start("1:x", "getMe", nil, options(good))).ok)
    local call = engine:start("1:x", "logOut", nil, options(slow))
    local named = engine:start("1:x", "logOut", nil, options((slow:gsub("127.0.0.1", "localhost"))))
    for _ = 1, 5 do engine:step(0.01) end
  ]]

  for _, kind in ipairs {"socket", "pipe", "epoll", "eventfd", "timerfd", os.tmpname()} do
    it(("a child keeps what it opened on the numbers that were the engine's: %s"):format(kind:gsub("^/.*", "file")),
    function()
      local _, told = run(busy .. ([[
        for _, use in ipairs {
          function() engine:step(0) end,
          function() engine:close() end,
          function() engine, call, named = nil, nil, nil collectgarbage() collectgarbage() end,
        } do
          assert(fork.wait(own_ones(%q, use)) == 0)
        end
        assert(finish(engine, call).ok and finish(engine, named).ok)
        engine:close()
      ]]):format(kind))
      assert.equal(2, told.seen())
      os.remove(kind)
    end)
  end

  it("a child keeps an engine of its own on the numbers of an inherited one", function()
    local told = run(busy .. [[
      local pid = child(function()
        fork.close_from(3)
        local own = core.engine()
        own:pollfd()
        local first = own:start("1:x", "getMe", nil, options(good))
        engine, call, named = nil, nil, nil
        collectgarbage() collectgarbage()
        assert(finish(own, first).ok)
        assert(finish(own, own:start("1:x", "getMe", nil, options(good))).ok)
      end)
      assert(fork.wait(pid) == 0)
      assert(finish(engine, call).ok and finish(engine, named).ok)
    ]])
    assert.equal(3, told.seen())
  end)

  it("a child that doesn't call closes all that is known of an engine's", function()
    run(COUNT .. busy .. [[
      local pid = child(function()
        local had = count()
        engine:close()
        -- libcurl's own stay: nobody knows which they are
        assert(had - count() >= 7, had - count())
        os.exit(0)                      -- what counts lines gets to know of them
      end)
      assert(fork.wait(pid) == 0)
      assert(finish(engine, call).ok and finish(engine, named).ok)
    ]])
  end)

  -- Processes that are each other's copies, with the pid 1 in two namespaces.
  local try = netns.try(it, pending)
  for how, start in pairs {
    ["by unshare and fork"] = "fork.unshare() pid = fork.fork()",
    ["by clone"] = "pid = fork.clone()",
  } do
    try(("a child with its parent's pid takes nothing from the parent's call: %s"):format(how), function()
      for _, use in ipairs {"engine, call, named = nil, nil, nil collectgarbage() collectgarbage()", "engine:close()",
        "engine:step(0) assert(call:done())", "os.exit(0, true)"} do
        local _, told = run(busy .. ([[
          assert(fork.pid() == 1)
          local pid
          %s
          if pid == 0 then
            local ok, why = pcall(function() assert(fork.pid() == 1) %s end)
            if not ok then io.stderr:write("child: ", tostring(why), "\n") end
            fork.exit(ok and 0 or 1)
          end
          assert(fork.wait(pid) == 0)
          assert(finish(engine, call).ok and finish(engine, named).ok)
          engine:close()
        ]]):format(start, use), {"unshare", "-p", "-f", "--kill-child"})
        assert.equal(2, told.seen(), use)
        assert.equal(2, told.connections, use)
      end
    end)
  end
end)

describe("a journal after a fork", function()
  local path
  before_each(function() path = os.tmpname() end)
  after_each(function()
    os.remove(path)
    os.remove(path .. ".lock")
  end)

  local function journal(text, within)
    run(([[
      local journal = require "botapi.journal"
      local path = %q
      local log = assert(journal.open(path))
      local fields = {bot = 1, server = "http://127.0.0.1", method = "logOut"}
      local id = assert(log:intent(fields))
    ]]):format(path) .. text, within)
  end

  it("stays the parent's, locked, when a child collects its copy or closes it", function()
    journal [[
      for _, use in ipairs {
        function() log = nil collectgarbage() collectgarbage() end,
        function() log:close() end,
      } do
        assert(fork.wait(child(function()
          use()
          assert(not journal.open(path))
        end)) == 0)
        assert(fork.wait(child(function() assert(not journal.open(path)) end)) == 0)
      end
      assert(log:result(id, {outcome = "done"}))
    ]]
  end)

  it("isn't written by a child, which is told so", function()
    journal [[
      assert(fork.wait(child(function()
        local ok, why, errno = log:result(id, {outcome = "done"})
        assert(not ok and why:find(path, 1, true) and errno, why)
        log:close()
        os.exit(0)
      end)) == 0)
      assert(#log:unsettled(1) == 1 and #journal.read(path):unsettled(1) == 1)
    ]]
  end)

  it("isn't written by a child with its parent's pid", function()
    if not netns.available() then return pending "needs namespaces" end
    journal([[
      local pid = fork.clone()
      if pid == 0 then
        fork.exit(log:result(id, {outcome = "done"}) and 1 or 0)
      end
      assert(fork.wait(pid) == 0)
      assert(#journal.read(path):unsettled(1) == 1)
    ]], {"unshare", "-p", "-f", "--kill-child"})
  end)

  it("is free once the parent closes it, though a child lives on", function()
    journal [[
      local pid = child(function() fork.pause() end)
      log:close()
      assert(assert(journal.open(path)):result(id, {outcome = "done"}))
      fork.kill(pid, 9)
      fork.wait(pid)
    ]]
  end)

  it("is the child's once the child has closed its copy and the parent has ended", function()
    journal [[
      local pid = child(function()
        log:close()
        while true do
          local own = journal.open(path)
          if own then return assert(own:result(id, {outcome = "done"})) end
        end
      end)
      log:close()
      assert(fork.wait(pid) == 0)
      assert(#journal.read(path):unsettled(1) == 0)
    ]]
  end)

  for _, kind in ipairs {"socket", "pipe", "epoll", os.tmpname()} do
    it("leaves a child what it opened on the journal's numbers: " .. kind:gsub("^/.*", "file"), function()
      journal(([[
        for _, use in ipairs {
          function() log = nil collectgarbage() collectgarbage() end,
          function() log:close() end,
        } do
          assert(fork.wait(own_ones(%q, use)) == 0)
        end
        assert(log:result(id, {outcome = "done"}))
      ]]):format(kind))
      os.remove(kind)
    end)
  end

  it("leaves a child its own one, opened again on the same numbers", function()
    journal [[
      local pid = child(function()
        fork.close_from(3)
        local own
        repeat own = journal.open(path) until own
        log = nil
        collectgarbage() collectgarbage()
        assert(own:result(id, {outcome = "done"}))
      end)
      log:close()
      assert(fork.wait(pid) == 0)
    ]]
  end)
end)
