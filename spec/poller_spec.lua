-- SPDX-License-Identifier: MIT
-- The two pollers: each alone, through a program in C; and the module that is built with the portable one.

local faults = require "support.faults"
local process = require "support.process"

local quote = process.quote
local directory = process.root .. "build/poller-spec/"

-- Sanitizers where the compiler has them: what the program does wrong in memory shows, too.
local function compile(which)
  local program = directory .. which
  local command = ("mkdir -p %s && cd %s && ${CC:-gcc} -std=c99 -g -O1 -Wall -Wextra -fsanitize=address,undefined " ..
    "-fno-sanitize-recover=undefined -Isrc -o %s.$$ spec/support/poller.c src/poller_%s.c src/poller_slots.c && " ..
    "mv %s.$$ %s"):format(quote(directory), quote(process.root), quote(program), which, quote(program), quote(program))
  assert(process.run(command), "can't build spec/support/poller.c")
  return program
end

for which, least in pairs {epoll = 30, poll = 22} do
  describe(("the %s poller"):format(which), function()
    it("watches, forgets, and tells the lives of a number apart", function()
      local pipe = io.popen("env -u LD_PRELOAD " .. quote(compile(which)) .. " 2>&1; echo ended $?")
      local oks, last = 0, nil
      for line in pipe:lines() do
        assert.is_nil(line:match("^not ok .*"), line)
        assert.is_truthy(line:match("^ok ") or line:match("^ended 0$"), line)
        oks = oks + (line:match("^ok ") and 1 or 0)
        last = line
      end
      pipe:close()
      assert.equal("ended 0", last)
      assert.is_true(oks >= least, oks .. " checks")
    end)
  end)
end

describe("the module built with POLLER=poll", function()
  local version = process.lua
  local built = process.root .. "build/poll-" .. version
  local server
  lazy_setup(function()
    server = faults.start()
    assert(process.run(("make -s -C %s LUA=%s POLLER=poll B=build/poll-%s >/dev/null 2>&1"):format(
      quote(process.root), version, version)), "make POLLER=poll failed")
  end)
  lazy_teardown(function() server:stop() end)

  local PRELUDE = [[
    local core = require "botapi.core"
    local monotime = require("cqueues").monotime
    local good, silent, refused, slow = ...
    local function options(url, more)
      more = more or {}
      more.server, more.timeout = url, more.timeout or 10
      return more
    end
    local function drain(engine)
      local limit = monotime() + 10
      while engine:step(1) > 0 do assert(monotime() < limit, "the engine hangs") end
    end
  ]]

  local function run(text)
    local listeners = {}
    for i, mode in ipairs {"ok", "request_silence", "refused", "slow"} do
      listeners[i] = server:open {mode = mode}
    end
    local child = process.program(PRELUDE .. text .. "\nprint 'done'", {env = {
      LUA_CPATH = built .. "/?.so;" .. package.cpath}}, listeners[1].url, listeners[2].url, listeners[3].url,
      listeners[4].url)
    child:wait(30)
    assert.equal("", child:errors())
    assert.equal("done", child.lines[#child.lines])
    local told = {}
    for i, listener in ipairs(listeners) do
      told[i] = listener:close()
    end
    return told
  end

  it("raises for the descriptor that it can't have, and for nothing else", function()
    run [[
      local engine = core.engine()
      for _, name in ipairs {"pollfd", "getfd"} do
        local ok, message = pcall(engine[name], engine)
        assert(not ok and message:find("POLLER=poll", 1, true), message)
      end
      assert(engine:events() == "r" and engine:timeout() == nil and engine:dirty() == false)
      engine:close()
    ]]
  end)

  it("makes blocking calls, on a fresh and on a reused connection", function()
    local told = run [[
      assert(core.logout("1:x", options(good)).ok)
      assert(core.get_me("1:x", options(good)).ok)
      assert(core.get_me("1:x", options(good)).ok)
      local _, err = core.logout("1:x", options(refused))
      assert(err.kind == "network" and err.sent == "no")
      _, err = core.logout("1:x", options(silent, {timeout = 0.1}))
      assert(err.kind == "timeout" and err.sent == "maybe")
    ]]
    assert.equal(3, told[1].seen())
    assert.equal(1, told[1].connections, "getMe takes what is open")
    assert.equal(1, told[2].seen())
  end)

  it("steps: hundreds of calls, timers, time-outs and cancels", function()
    local told = run [[
      local engine = core.engine()
      for _ = 1, 200 do engine:start("1:x", "logOut", nil, options(slow)) end
      local timer = engine:timer(0.05)
      local late = engine:start("1:x", "logOut", nil, options(silent, {timeout = 0.1}))
      local cancelled = engine:start("1:x", "logOut", nil, options(silent))
      engine:step(0.01)
      cancelled:cancel()
      drain(engine)
      local good_ones = 0
      for call in engine:finished() do
        local res, err = call:result()
        if type(res) == "table" then good_ones = good_ones + 1 end
      end
      assert(good_ones == 200)
      assert(timer:result() == true)
      assert(select(2, late:result()).kind == "timeout")
      assert(select(2, cancelled:result()).kind == "cancelled")
      engine:close()
    ]]
    assert.equal(200, told[4].seen())
  end)

  it("doesn't lose a wake-up", function()
    run [[
      local engine = core.engine()
      local began = monotime()
      for i = 1, 30 do
        local call = i % 2 == 0 and engine:timer(0) or engine:start("1:x", "logOut", nil, options(refused))
        while not call:done() do engine:step(30) end
      end
      assert(monotime() - began < 10)
      engine:close()
    ]]
  end)

  it("reaches the address that works", function()
    run [[
      local port = good:match("(%d+)$")
      local res, err = core.logout("1:x", {server = "http://h:" .. port, timeout = 6,
        resolve = {"h:" .. port .. ":127.0.0.2,127.0.0.3,127.0.0.1"}})
      assert(res and res.ok, tostring(err))
    ]]
  end)

  it("goes on in a forked child and its parent", function()
    run [[
      local fork = require "support.fork"
      local engine = core.engine()
      local call = engine:start("1:x", "logOut", nil, options(slow))
      for _ = 1, 5 do engine:step(0.01) end
      local pid = fork.fork()
      if pid == 0 then
        local _, err = (call:done() and call or error("not done")):result()
        fork.exit(err.kind == "cancelled" and core.logout("1:x", options(good)).ok and 0 or 1)
      end
      assert(fork.wait(pid) == 0)
      while not call:done() do engine:step(1) end
      assert(call:result().ok)
      engine:close()
    ]]
  end)
end)
