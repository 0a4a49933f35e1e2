-- SPDX-License-Identifier: MIT
-- What befalls a process: signals by the thousand, a wall clock that jumps, a full disk, no standard streams, TSan.

local canary = require "support.canary"
local certs = require "support.certs"
local faults = require "support.faults"
local process = require "support.process"
local wire = require "support.wire"

local root = process.capture("pwd"):gsub("%s+$", "") .. "/"
local made = root .. "build/torture/process/"

local function build(name, words)
  assert(process.run(("mkdir -p %s && gcc -std=c99 -Wall -Wextra -Werror -O1 -g -shared -fPIC $(pkg-config --cflags " ..
    "lua5.4) -o %s%s.so spec/torture/process/%s.c %s"):format(made, made, name, name, words or "")))
  return made .. name .. ".so"
end

describe("a process", function()
  local server
  lazy_setup(function() server = faults.start() end)
  lazy_teardown(function() server:stop() end)

  -- Runs a program; its last line is what it tells.
  local function run(text, spec, ...)
    local child = process.program("local TOKEN = '" .. canary.token .. "'\n" .. text, spec, ...)
    local line = assert(child:line(60), child:errors())
    assert.equal(0, child:wait(30), child:errors())
    assert.equal("", child:errors())
    return wire.read(line)
  end

  it("is interrupted a thousand times a second: each call ends as it would, in its time", function()
    local good, slow, silent = server:open {mode = "trickle"}, server:open {mode = "slow"},
      server:open {mode = "request_silence"}
    build "alarms"
    local told = run([[
      local botapi, wire = require "botapi", require "support.wire"
      local alarms = require "alarms"
      local monotime = require("botapi.core").host.monotonic
      local good, slow, silent = ...
      alarms(1000)
      local told = {}
      for i = 1, 10 do
        assert(botapi.logout(TOKEN, {server = good, timeout = 10}).ok)
        assert(botapi.logout(TOKEN, {server = slow, timeout = 10}).ok)
      end
      local began = monotime()
      local _, err = botapi.logout(TOKEN, {server = silent, timeout = 0.3})
      told.took, told.kind, told.sent, told.count = monotime() - began, err.kind, err.sent, alarms(0)
      print(wire.write(told))
    ]], {env = {LUA_CPATH = made .. "?.so;" .. os.getenv "LUA_CPATH"}}, good.url, slow.url, silent.url)
    assert.equal("timeout/maybe", told.kind .. "/" .. told.sent)
    assert.is_true(told.took >= 0.29 and told.took < 1, told.took)
    assert.is_true(told.count > 500, told.count .. " signals")
    assert.equal(10, good:close().seen())
    assert.equal(10, slow:close().seen())
    assert.equal(1, silent:close().seen())
  end)

  it("is told to stop by SIGINT in a call: Lua's own word, and whether it was sent", function()
    local listener = server:open {mode = "request_silence"}
    local child = process.program("local TOKEN = '" .. canary.token .. "'\n" .. [[
      local botapi = require "botapi"
      io.stdout:write "ready\n" io.stdout:flush()
      local ok, why = pcall(botapi.logout, TOKEN, {server = ..., timeout = 20})
      print(ok, tostring(why))
      print(botapi.logout(TOKEN, {server = "http://127.0.0.1:1"}) == nil)
    ]], nil, listener.url)
    child:expect "^ready$"
    listener:wait {requests = 1, seconds = 20}
    child:kill "INT"
    local line = child:line(20)
    child:wait()
    assert.is_truthy(line:match "^false\t.*interrupted", line)
    assert.is_truthy(line:find("may have been carried out", 1, true), line)
    assert.is_nil(canary.shown(line))
    assert.equal(1, listener:close().seen())
  end)

  it("whose wall clock jumps by hours at each look calls and times out as ever", function()
    local shim = build "clock"
    local good, tls, silent = server:open {mode = "ok"}, server:open {mode = "ok", tls = "server"},
      server:open {mode = "request_silence"}
    local told = run([[
      local botapi, wire = require "botapi", require "support.wire"
      local monotime = require("botapi.core").host.monotonic
      local good, tls, silent, ca = ...
      assert(os.time() ~= os.time() or os.time() ~= os.time(), "the clock doesn't jump")
      for _ = 1, 50 do
        assert(botapi.logout(TOKEN, {server = good, timeout = 10}).ok)
        assert(botapi.logout(TOKEN, {server = tls, ca_file = ca, timeout = 10}).ok)
        assert(botapi.get_me(TOKEN, {server = good, timeout = 10}).ok)
      end
      local told, began = {}, monotime()
      local _, err = botapi.logout(TOKEN, {server = silent, timeout = 0.4})
      told.took, told.kind, told.sent = monotime() - began, err.kind, err.sent
      print(wire.write(told))
    ]], {env = {LD_PRELOAD = shim}}, good.url, tls.url, silent.url, certs.ca())
    assert.equal("timeout/maybe", told.kind .. "/" .. told.sent)
    assert.is_true(told.took >= 0.39 and told.took < 1.5, told.took)
    assert.equal(100, good:close().seen())
    assert.equal(50, tls:close().seen())
    silent:close()
  end)

  it("without stdin, stdout and stderr calls, and writes nothing into its sockets", function()
    local listener = server:open {mode = "ok"}
    local path = process.directory() .. "closed"
    local program = process.directory() .. "closed.lua"
    local file = assert(io.open(program, "w"))
    file:write([[
      local botapi = require "botapi"
      local n = 0
      for _ = 1, 5 do
        local res = botapi.logout("]] .. canary.token .. [[", {server = arg[1], timeout = 10, reuse = true})
        print "to nobody"
        io.stderr:write "to nobody"
        if res and res.ok then n = n + 1 end
      end
      local out = io.open(arg[2], "w")
      out:write(n)
      out:close()
    ]])
    file:close()
    assert(process.run(("%s %s %s %s <&- >&- 2>&-"):format(process.lua, process.quote(program), listener.url,
      process.quote(path))))
    assert.equal("5", process.slurp(path))
    local told = listener:close()
    assert.equal(5, told.seen())
    for _, request in ipairs(told.requests) do
      assert.is_nil(request.head:find("to nobody", 1, true))
    end
  end)

  it("whose disk is full is told so by the journal, and nothing is half written there", function()
    local told = run([[
      local core, journal, wire = require "botapi.core", require "botapi.journal", require "support.wire"
      local told = {}
      local file = assert(core.host.append "/dev/full")
      local ok, why, code = file:write "a line\n"
      told.full = ok == nil and type(why) == "string" and code
      file:close()
      -- a file system of 64 KiB, of this process alone
      local path = (...) .. "/journal.jsonl"
      local log = assert(journal.open(path))
      local filler = assert(io.open((...) .. "/filler", "w"))
      filler:setvbuf "no"
      while filler:write(("x"):rep(4096)) do end
      filler:close()
      local failed
      for i = 1, 200 do
        local id, said, errno = log:intent {bot = i, server = "https://api.telegram.org", method = "logOut"}
        if not id then
          told.said, told.errno, failed = said, errno, i
          break
        end
      end
      told.failed = failed
      log:close()
      os.remove((...) .. "/filler")
      local again, problem = journal.open(path)
      told.again, told.problem = again ~= nil, problem
      if again then again:close() end
      print(wire.write(told))
    ]], {within = {"unshare", "-m", "sh", "-e", "-c", "mkdir -p " .. made .. "disk; mount -t tmpfs -o size=64k none " ..
      made .. "disk; exec \"$@\"", "sh"}}, made .. "disk")
    assert.equal(28, told.full)
    assert.is_truthy(told.failed, "the disk was never full")
    assert.equal(28, told.errno)
    assert.is_nil(canary.shown(told.said))
    assert.is_true(told.again, told.problem)
  end)

  it("has four threads with a Lua state each: TSan finds nothing", function()
    local plain, tls, dead = server:open {mode = "ok"}, server:open {mode = "ok", tls = "server"},
      server:open {mode = "request_silence"}
    local log = process.directory() .. "tsan"
    local command = ("TSAN_OPTIONS='exitcode=66 suppressions=%sspec/torture/process/tsan.supp' " ..
      "LUA_PATH='lua/?.lua;;' timeout 200 build/torture/tsan/states 4 spec/torture/process/states.lua " ..
      "%s %s %s %s >%s 2>&1"):format(root,
      plain.url, tls.url, certs.ca(), dead.url, process.quote(log))
    assert(process.run(command), process.slurp(log))
    assert.equal(4 * (80 + 50), plain:close().seen())
    assert.equal(4 * 10, tls:close().seen())
    dead:close()
  end)
end)
