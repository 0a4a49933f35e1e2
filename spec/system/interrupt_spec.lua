-- SPDX-License-Identifier: MIT
-- Ctrl-C and other signals during a call that hangs: an error that says what was sent, and the next call works.

local faults = require "support.faults"
local monotime = require("cqueues").monotime
local process = require "support.process"
local pty = require "support.pty"
local socket = require "cqueues.socket"

local available = process.run "script -qec true /dev/null </dev/null >/dev/null 2>&1"
local try = available and it or function(title)
  pending(title .. ": needs script(1), apt-get install bsdutils")
end

local PRELUDE = [[
  local stat = io.open("/proc/self/stat") io.stdout:write("pid ", stat:read("*n"), "\n") stat:close()
  io.stdout:flush()
  botapi = require "botapi"
  hang = {server = os.getenv "HANG", timeout = 20}
  good = {server = os.getenv "GOOD", timeout = 20}
]]

local server, silent, good
lazy_setup(function() server = faults.start() end)
lazy_teardown(function() server:stop() end)
before_each(function()
  silent, good = server:open {mode = "request_silence"}, server:open {mode = "ok"}
end)
after_each(function()
  silent:close()
  good:close()
end)

local function script_file(text)
  local path = process.directory() .. "interrupt.lua"
  local file = assert(io.open(path, "w"))
  file:write(PRELUDE, text)
  file:close()
  return path
end

local function start(command)
  local terminal = pty.start(command, {HANG = silent.url, GOOD = good.url})
  return terminal
end

-- Waits until the request is at the server: the call hangs then.
local function until_it_hangs(n)
  assert.is_true(silent:wait({requests = n or 1, seconds = 10}).seen() >= (n or 1), "no request came")
end

local function ctrl_c(terminal, pattern)
  local began = monotime()
  terminal:interrupt()
  local found = terminal:expect(pattern)
  assert.is_true(monotime() - began < 5, "it took too long")
  return found
end

describe("Ctrl-C while a call hangs", function()
  try("raises interrupted in a REPL, says what was sent, and the next call works", function()
    local terminal = start(process.lua .. " -i " .. process.quote(script_file ""))
    terminal:expect "^.*pid %d+"
    terminal:type [[botapi.logout("1:CANARY", hang)]]
    until_it_hangs()
    local line = ctrl_c(terminal, ".*interrupted.*")
    assert.is_truthy(line:find("logOut: interrupted; it may have been carried out", 1, true), line)
    assert.is_nil(line:find("CANARY", 1, true))
    terminal:type [[print("next " .. tostring(botapi.logout("1:CANARY", good)))]]
    terminal:expect "next {ok = true, result = true}"
    terminal:type [[botapi.logout("1:CANARY", hang)]]
    until_it_hangs(2)
    ctrl_c(terminal, ".*interrupted.*")
    terminal:type "os.exit(0)"
    terminal:wait(10)
    assert.equal(2, silent:count().seen())
  end)

  try("ends a script with interrupted and a traceback without the token", function()
    local terminal = start(process.lua .. " " .. process.quote(script_file [[
      botapi.logout("1:CANARY", hang)
      print "never"
    ]]))
    until_it_hangs()
    ctrl_c(terminal, ".*interrupted.*")
    assert.equal(1, (terminal:wait(10)))
    local text = terminal:output()
    assert.is_nil(text:find("never", 1, true))
    assert.is_nil(text:find("CANARY", 1, true))
  end)

  try("is an error object for a program, and a line of text for Lua 5.1, whose prompt shows no object", function()
    local terminal = start(process.lua .. " " .. process.quote(script_file [[
      local core = require "botapi.core"
      local ok, raised = pcall(botapi.logout, "1:CANARY", hang)
      local err = core.interruption(raised)
      print("caught", ok, type(raised), err.kind, err.sent, err.method, core.interruption "interrupted!")
    ]]))
    until_it_hangs()
    local shown = process.lua == "lua5.1" and "string" or "table"
    ctrl_c(terminal, "caught\tfalse\t" .. shown .. "\tcancelled\tmaybe\tlogOut\tnil")
    terminal:wait(10)
  end)

  try("in the wait between two tries speaks of both", function()
    local terminal = start(process.lua .. " " .. process.quote(script_file [[
      local bot = botapi.bot("1:CANARY", {server = hang.server, retries = 5, timeout = 0.3, deadline = 60})
      local waits = 0
      bot.policy.on_event = function(event)
        if event.type == "wait" then print("waits", event.method) io.stdout:flush() end
      end
      local retry = require "botapi.retry"
      local wait = retry.wait
      function retry.wait(...) return wait(...) and 30 end
      local ok, raised = pcall(bot.logout, bot)
      local err = require "botapi.core".interruption(raised)
      print("caught", ok, err.sent, err.method, tostring(raised))
    ]]))
    terminal:expect "waits\tlogOut"
    require "botapi".sleep(0.5)         -- the handler has returned by then
    ctrl_c(terminal, "caught\tfalse\tmaybe\tlogOut\tbotapi: logOut: interrupted; it may have been carried out")
    terminal:wait(10)
  end)

  try("is caught by pcall, and the next call works", function()
    local terminal = start(process.lua .. " " .. process.quote(script_file [[
      local ok, message = pcall(botapi.logout, "1:CANARY", hang)
      print("caught", ok, message)
      print("next", botapi.logout("1:CANARY", good))
    ]]))
    until_it_hangs()
    ctrl_c(terminal, "caught\tfalse\t.*interrupted")
    terminal:expect "next\t{ok = true, result = true}"
    terminal:wait(10)
  end)

  try("before anything was sent says so", function()
    local hello = server:open {mode = "hello_silence", tls = "server"}
    local terminal = pty.start(process.lua .. " " .. process.quote(script_file [[
      print("caught", pcall(botapi.logout, "1:CANARY", hang))
    ]]), {HANG = hello.url, GOOD = good.url})
    local limit = monotime() + 10
    while hello:count().connections == 0 do
      assert.is_true(monotime() < limit)
    end
    local line = ctrl_c(terminal, "caught\tfalse\t.*interrupted.*")
    assert.is_truthy(line:find("nothing was sent", 1, true), line)
    terminal:wait(10)
    assert.equal(0, hello:close().seen())
  end)

  try("ends a call in a coroutine, and the program outside of it is interrupted", function()
    local terminal = start(process.lua .. " " .. process.quote(script_file [[
      local told
      local thread = coroutine.create(function()
        local ok, res, err = pcall(botapi.logout, "1:CANARY", hang)
        told = ok and tostring(err and err.kind) .. "/" .. tostring(err and err.sent) or "raised " .. tostring(res)
      end)
      print("outside", pcall(function() coroutine.resume(thread) for _ = 1, 10 do local _ = {} end end))
      print("inside", told)
      print("next", botapi.logout("1:CANARY", good))
    ]]))
    until_it_hangs()
    local outside = ctrl_c(terminal, "outside\t.*")
    local inside = terminal:expect "inside\t.*"
    if process.lua == "luajit" then       -- whose hooks are those of all threads: the call itself is interrupted
      assert.matches("outside\ttrue", outside)
      assert.matches("raised .*interrupted; it may have been carried out", inside)
    else
      assert.matches("outside\tfalse\t.*interrupted", outside)
      assert.matches("cancelled/maybe", inside, 1, true)
    end
    terminal:expect "next\t{ok = true, result = true}"
    terminal:wait(10)
  end)

  try("in a coroutine is raised outside with what was sent, and the coroutine sends nothing more", function()
    local terminal = start(process.lua .. " " .. process.quote(script_file [[
      local kinds = {}
      local thread = coroutine.create(function()
        for i = 1, 3 do
          local _, err = botapi.logout("1:CANARY", i == 1 and hang or good)
          kinds[i] = err and err.kind .. "/" .. err.sent or "answered"
        end
      end)
      local ok, raised = pcall(function()
        assert(coroutine.resume(thread))
        for _ = 1, 10 do local _ = {} end
      end)
      local err = require "botapi.core".interruption(raised)
      print("outside", ok, err.kind, err.sent, err.method, table.concat(kinds, " "))
      print("next", botapi.logout("1:CANARY", good))
    ]]))
    until_it_hangs()
    local outside = ctrl_c(terminal, "outside\t.*")
    assert.is_truthy(outside:find("outside\tfalse\tcancelled\tmaybe\tlogOut", 1, true), outside)
    if process.lua ~= "luajit" then     -- whose one hook raises inside
      assert.is_truthy(outside:find("cancelled/maybe cancelled/no cancelled/no", 1, true), outside)
    end
    terminal:expect "next\t{ok = true, result = true}"
    terminal:wait(10)
    assert.equal(1, good:count().seen())
  end)

  try("ends wait of a call on an engine, and the engine's other calls go on", function()
    local terminal = start(process.lua .. " " .. process.quote(script_file [[
      local engine = botapi.engine()
      local hanging = engine:start("1:CANARY", "logOut", nil, hang)
      local other = engine:start("1:CANARY", "logOut", nil, hang)
      print("caught", pcall(hanging.wait, hanging))
      print("states", hanging:done(), other:done())
      local more = engine:start("1:CANARY", "logOut", nil, good)
      more:wait()
      print("next", more:result())
      engine:close()
    ]]))
    until_it_hangs(2)
    ctrl_c(terminal, "caught\tfalse\t.*interrupted")
    terminal:expect "states\ttrue\tfalse"
    terminal:expect "next\t{ok = true, result = true}"
    terminal:wait(10)
  end)

  it("that came while its arguments were read ends it, too", function()
    local child = process.program([[
      local core, fork = require "botapi.core", require "support.fork"
      local listener = require("cqueues.socket").listen("127.0.0.1", 0)
      listener:listen()
      local _, host, port = listener:localname()
      local url = ("http://%s:%d"):format(host, port)    -- where nobody accepts
      local long = (" "):rep(2^24)                       -- takes longer to read than the alarm
      core.check.call("1:x", "sendMessage", {text = ""}) -- loads what reads it
      fork.alarm(5, function() error("stop", 0) end)
      print(pcall(core.call, "1:x", "sendMessage", {text = long}, {server = url, timeout = 20}))
    ]])
    local line = child:line(40)
    child:wait()
    assert.is_truthy(line and line:find("^false\tbotapi: sendMessage: interrupted; "), line or child:errors())
  end)

  it("that raises in a coroutine runs its handler once, and what it raised is raised outside", function()
    local child = process.program([[
      local core, fork = require "botapi.core", require "support.fork"
      local run, told = 0, nil
      fork.alarm(200, function()
        run = run + 1
        error({mine = run}, 0)
      end)
      local thread = coroutine.create(function()
        local ok, res, err = pcall(core.logout, "1:x", {server = arg[1], timeout = 20})
        told = ok and err.kind .. "/" .. err.sent or "raised " .. tostring(res.mine)
      end)
      local ok, raised = pcall(function() coroutine.resume(thread) for _ = 1, 10 do local _ = {} end end)
      print(run, ok and "nothing" or raised.mine, told)
    ]], nil, silent.url)
    local line = child:line(15)
    child:wait()
    -- LuaJIT has one hook: it raises inside
    local expected = process.lua == "luajit" and "1\tnothing\traised 1" or "1\t1\tcancelled/maybe"
    assert.equal(expected, line, child:errors())
  end)

  it("that a hook of the program's own answers with a table raises that table while parameters are read", function()
    local child = process.program([[
      local core, fork = require "botapi.core", require "support.fork"
      local long = {text = (" "):rep(2^24)}
      core.check.call("1:x", "sendMessage", {text = ""})
      local function try(...)
        fork.alarm(5, function() error({mine = true}, 0) end)
        local ok, raised = pcall(...)
        return ok, type(raised) == "table" and raised.mine
      end
      print(try(core.call, "1:x", "sendMessage", long))
      print(try(core.check_params, {params = {text = {type = "string"}}}, long))
    ]])
    for _ = 1, 2 do assert.equal("false\ttrue", child:line(40)) end
    assert.equal(0, child:wait(), child:errors())
  end)

  try("ends botapi.sleep", function()
    local terminal = start(process.lua .. " " .. process.quote(script_file [[
      print "asleep"
      io.stdout:flush()
      print("caught", pcall(botapi.sleep, 100))
    ]]))
    terminal:expect "asleep"
    ctrl_c(terminal, ".*interrupted.*")
    terminal:wait(10)
  end)
end)

describe("another signal while a call hangs", function()
  -- The call goes on: the server's answer comes after the signal, and is the result.
  local function answered_after(signals, text)
    local slow = server:open {mode = "slow"}
    local path = script_file(text or [[print("result", botapi.logout("1:CANARY", good))]])
    local child = process.start {process.lua, path, name = "signals", env = {GOOD = slow.url, HANG = silent.url}}
    slow:wait {requests = 1, seconds = 10}
    for _, name in ipairs(signals) do
      child:kill(name)
    end
    local line = child:expect("result\t.*", 10)
    child:wait(10)
    assert.equal(1, slow:close().seen())
    return line
  end

  it("doesn't end it when it is ignored: SIGWINCH, SIGCHLD, SIGURG, SIGCONT", function()
    assert.is_truthy(answered_after({"WINCH", "CHLD", "URG", "CONT", "WINCH"}):find("ok = true", 1, true))
  end)

  it("doesn't end it when a handler catches it: SIGUSR1", function()
    assert.is_truthy(answered_after({"USR1", "USR1"}, [[
      local signal = require "cqueues.signal"
      signal.block(signal.SIGUSR1)
      local loop = require "cqueues".new()
      print("result", botapi.logout("1:CANARY", good))
    ]]):find("ok = true", 1, true))
  end)

  -- Where a program makes its call, by `call`.
  local PLACES = {
    {"on the main thread", "call()"},
    {"in a coroutine", "coroutine.wrap(call)()"},
    {"in a coroutine of another", "coroutine.wrap(function() coroutine.wrap(call)() end)()"},
    {"in a coroutine that has yielded", [[
      local resume = coroutine.wrap(function() coroutine.yield() call() end)
      resume()
      resume()
    ]]},
  }
  local HANDLED = [[
    local function handle() print "handled" io.stdout:flush() end
    local function call() print("result", botapi.logout("1:CANARY", good)) end
  ]]

  -- The server answers when the handler has run, not before.
  local function goes_on_after(name, text)
    local listener = socket.listen("127.0.0.1", 0)
    assert(listener:listen())
    local _, host, port = listener:localname()
    local child = process.start {process.lua, script_file(HANDLED .. text), name = "signals",
      env = {GOOD = ("http://%s:%d"):format(host, port), HANG = silent.url}}
    local connection = assert(listener:accept(10))
    connection:setmode("b", "bn")
    connection:settimeout(10)
    assert.is_truthy(connection:read("*L"):find "/logOut ")
    child:kill(name)
    child:expect("handled", 10)
    connection:write 'HTTP/1.1 200 OK\r\nContent-Length: 25\r\n\r\n{"ok":true,"result":true}'
    child:expect("result\t{ok = true, result = true}", 10)
    child:wait(10)
    connection:close()
    listener:close()
  end

  for _, place in ipairs(PLACES) do
    it("doesn't end it when its handler is called by a hook: " .. place[1], function()
      goes_on_after("ALRM", 'require "support.fork".alarm(100000, handle) ' .. place[2])
    end)

    -- Debian 12 has luaposix for Lua 5.1 to 5.3 and LuaJIT alone; others have the hook of the spec above
    local found = pcall(require, "posix.signal")
    for _, name in ipairs((found or _VERSION < "Lua 5.4") and {"USR1", "CHLD"} or {}) do
      it(("doesn't end it when luaposix handles SIG%s: %s"):format(name, place[1]), function()
        goes_on_after(name, ([[
          local signal = require "posix.signal"
          signal.signal(signal.SIG%s, handle)
        ]]):format(name) .. place[2])
      end)
    end
  end

  it("doesn't end it when a coroutine has set the handler", function()
    goes_on_after("ALRM", [[
      coroutine.wrap(function()
        require "support.fork".alarm(100000, handle)
        call()
      end)()
    ]])
  end)

  it("keeps the deadline across SIGSTOP and SIGCONT", function()
    local path = script_file [[
      local monotime = require("cqueues").monotime
      local began = monotime()
      hang.timeout = 0.5
      local res, err = botapi.logout("1:CANARY", hang)
      print("result", err.kind, err.sent, monotime() - began)
    ]]
    local child = process.start {process.lua, path, name = "stopped", env = {GOOD = good.url, HANG = silent.url}}
    until_it_hangs()
    child:kill "STOP"
    child:kill "CONT"
    local kind, sent, took = child:expect("result\t(%S+)\t(%S+)\t(%S+)", 10)
    child:wait(10)
    assert.equal("timeout/maybe", kind .. "/" .. sent)
    assert.is_true(tonumber(took) >= 0.499 and tonumber(took) < 3, took)
  end)

  it("ends the process when it is one that does: SIGTERM, and the connection is reset", function()
    local path = script_file [[botapi.logout("1:CANARY", hang)]]
    local child = process.start {process.lua, path, name = "killed", env = {GOOD = good.url, HANG = silent.url}}
    until_it_hangs()
    child:kill "TERM"
    assert.equal(128 + 15, (child:wait(10)))
    assert.same({"reset"}, silent:wait({closed = 1}).ends)
  end)
end)

describe("a hook that the program has set itself", function()
  it("doesn't end a call, nor is it lost", function()
    local child = process.start {process.lua, script_file [[
      local n = 0
      debug.sethook(function() n = n + 1 end, "", 100)
      local res = botapi.logout("1:CANARY", good)
      local before = n
      for _ = 1, 100000 do local _ = {} end
      print("result", res, debug.gethook() ~= nil, n > before)
    ]], name = "hooked", env = {GOOD = good.url, HANG = silent.url}}
    child:expect("result\t{ok = true, result = true}\ttrue\ttrue", 10)
    child:wait(10)
  end)
end)
