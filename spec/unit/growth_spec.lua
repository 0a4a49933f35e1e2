-- SPDX-License-Identifier: MIT
-- Growth: many calls need no more memory and no more descriptors than few. (`make sanitize` makes 10,000.)

local emulator = require "botapi.emulator"
local process = require "support.process"
local wire = require "support.wire"

describe("a process that makes many calls", function()
  -- Answers, refusals, failures and malformed tokens in turns, blocking and on an engine.
  local PROGRAM = [[
    local core, wire = require "botapi.core", require "support.wire"
    local url, how, first, last = arg[1], arg[2], tonumber(arg[3]), tonumber(arg[4])
    local lfs = require "lfs"
    local function resident()
      local file = io.open("/proc/self/status")
      local text = file:read("*a")
      file:close()
      return tonumber(text:match("VmRSS:%s*(%d+)"))
    end
    local function descriptors()
      local n = 0
      for _ in lfs.dir("/proc/self/fd") do n = n + 1 end
      return n
    end
    local engine = core.engine()
    local ways = {}
    function ways.blocking(i)
      local which = i % 5
      if which == 0 then return core.get_me("77:CANARYabcdefghijklmnopqrstuv", {server = url}) end
      if which == 1 then return core.set_webhook("77:CANARYabcdefghijklmnopqrstuv", {url = "https://x.example/",
        allowed_updates = {"message"}}, {server = url, headers = {["X-A"] = "b"}}) end
      if which == 2 then return core.logout("malformed", {server = url}) end
      if which == 3 then return core.logout("1:x", {server = "http://127.0.0.1:1"}) end
      return core.call("1:x", "getMe", nil, {server = url})
    end
    function ways.engine(i)
      for _ = 1, 10 do
        engine:start("77:CANARYabcdefghijklmnopqrstuv", "getMe", nil, {server = url, reuse = i % 2 == 0})
      end
      engine:timer(0)
      engine:start("malformed", "getMe"):cancel()
      local cancelled = engine:start("1:x", "logOut", nil, {server = url})
      engine:step(0)
      cancelled:cancel()
      while engine:step(1) > 0 do end
      for call in engine:finished() do call:result() end
    end
    for i = 1, first do ways[how](i) end
    collectgarbage() collectgarbage()
    local was, had, lua = resident(), descriptors(), collectgarbage "count"
    for i = 1, last do ways[how](i) end
    collectgarbage() collectgarbage()
    print(wire.write {grown = resident() - was, more = descriptors() - had, lua = collectgarbage "count" - lua,
      calls = core.live().calls})
  ]]

  local emu
  lazy_setup(function() emu = emulator.start {as = "local"} end)
  lazy_teardown(function() emu:close() end)

  local function run(how, first, last)
    local child = process.program(PROGRAM, nil, emu.url, how, first, last)
    local line = child:line(60)
    child:wait()
    assert.is_string(line, child:errors())
    return wire.read(line)
  end

  for how, counts in pairs {blocking = {500, 1500}, engine = {50, 150}} do
    it(("grows less than 1 MiB after the first calls, and not by a descriptor: %s"):format(how), function()
      local told = run(how, counts[1], counts[2])
      assert.is_true(told.grown < 1024, told.grown .. " KiB")
      assert.is_true(told.lua < 64, ("%.1f KiB of Lua"):format(told.lua))
      assert.is_true(told.more <= 0, told.more .. " descriptors")
      assert.equal(0, told.calls)
    end)
  end
end)
