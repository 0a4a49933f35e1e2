-- SPDX-License-Identifier: MIT
-- What was once wrong in the core, a spec for each: found by reading it with bad intentions.
local botapi, core = require "botapi", require "botapi.core"
local faults, process, replies = require "support.faults", require "support.process", require "support.replies"
local shim = require "support.shim"
local TOKEN = replies.token
local server

describe("once wrong in", function()
  lazy_setup(function() server = faults.start() end)
  lazy_teardown(function() server:stop() end)

  it("endpoint: a host named bot keeps its name", function()
    assert.equal("http://bot", (core.base {server = "http://bot"}))
    assert.equal("https://bot", (core.base {server = "https://bot/"}))
    assert.equal("https://bot", (core.base {server = "https://bot/bot"}))
  end)
  it("endpoint: a dot of IDNA is a dot: such a host isn't near", function()
    for _, dot in ipairs {"\227\128\130", "\239\188\142", "\239\189\161", "%E3%80%82"} do
      assert.is_false((pcall(core.base, {server = "http://evil" .. dot .. "example"})), dot)
    end
  end)
  it("redact: the beginning of the token is starred in the middle of a text, too", function()
    local res = replies.json('{"ok":false,"description":"no bot' .. TOKEN:sub(1, 30) .. '... here"}', "404 Not Found")
    assert.is_nil(tostring(res):find("CANARY", 1, true))
    local _, err = replies.json("<html>", "404 no bot" .. TOKEN:sub(1, 30) .. "... here")
    assert.is_nil(err.message:find("CANARY", 1, true))
  end)
  it("redact: the end of the token is starred", function()
    local res = replies.json('{"ok":false,"description":"no ...' .. TOKEN:sub(-25) .. ' here"}', "404 Not Found")
    assert.is_nil(tostring(res):find("CANARY", 1, true))
  end)
  it("show: what show cuts out of a nested string is starred", function()
    for n = 30, 60 do
      local res = replies.json('{"ok":false,"parameters":{"x":{"y":{"z":"' .. ("/" .. TOKEN):rep(n) .. '"}}}}', "404 N")
      assert.is_nil(tostring(res):find("CANARY", 1, true))
    end
  end)
  it("show: a token with a quotation mark is starred", function()
    local token = '1234567:abc"CANARYGHIJK'
    local res = replies.json('{"ok":false,"description":"no ' .. token:gsub('"', '\\"') .. '"}', "404 N", nil,
      {token = token})
    assert.is_nil(tostring(res):find("CANARY", 1, true))
  end)
  -- under load libcurl 7.88 loses a timer now and then, and the call with it
  it("engine: a call ends in its time although libcurl has lost its timer", function()
    local listener = server:open {mode = "request_silence"}
    local child = process.program([[
      local botapi, url, name = require "botapi", ...
      local _, err = botapi.logout("1:x", {server = url, timeout = 0.3})
      io.write(err.kind, " ", err.sent, "\n")
    ]], {env = shim "timeless"}, listener.url)
    assert.equal("timeout maybe", child:line(20))
    assert.equal(0, child:wait(), child:errors())
    assert.equal(1, listener:close().seen())
  end)
  it("endpoint: an environment proxy without a scheme, or with a slash, shows no password", function()
    for _, url in ipairs {"u:CANARYp@[bad", "u:CANARYp@h:99999", "http://u:CANA/RYp@h", "u:CANARYp@h/x y"} do
      local child = process.program('print(require "botapi".logout("1:x", {server = "https://far.example"}))',
        {env = {https_proxy = url}})
      child:wait()
      assert.is_nil(child:output():find("CANA", 1, true))
    end
  end)
  it("engine: a parked call with its own resolve doesn't fail with the leader", function()
    local listener = server:open {mode = "ok"}
    local engine = core.engine()
    local url = "http://nope-invalid:" .. listener.port
    engine:start(TOKEN, "logOut", nil, {server = url, timeout = 5})
    local own = engine:start(TOKEN, "logOut", nil, {server = url, timeout = 5,
      resolve = {"nope-invalid:" .. listener.port .. ":127.0.0.1"}})
    while engine:step(1) > 0 do end
    local res, err = own:result()
    engine:close()
    listener:close()
    assert.is_true(res and res.ok, tostring(err))
  end)
  it("engine: wait(0) makes progress", function()
    local listener = server:open {mode = "ok"}
    local engine = core.engine()
    local call = engine:start(TOKEN, "logOut", nil, {server = listener.url, timeout = 5})
    local n = 0
    repeat n = n + 1 until call:wait(0) or n > 300000
    engine:close()
    listener:close()
    assert.is_true(n < 300000)
  end)
  it("interrupt: an interrupted blocking call leaves nothing", function()
    local child = process.program([[
      local core = require "botapi.core"
      local stat = io.open("/proc/self/stat") local pid = stat:read("*n") stat:close()
      local url = ...
      print(pcall(function()
        os.execute("(sleep 0.2; kill -INT " .. pid .. ") &")
        core.logout("1:x", {server = url, timeout = 5})
      end))
      print("live", core.live().calls)
    ]], nil, (server:open {mode = "request_silence"}).url)
    child:wait()
    assert.is_truthy(child:output():find("logOut: interrupted; it may have been", 1, true), child:errors())
    assert.is_truthy(child:output():find("live\t0", 1, true), child:output())
  end)
  it("call: what is raised while an answer is read leaves nothing", function()
    local listener = server:open {mode = "ok"}
    for _ = 1, 5 do
      debug.sethook(function()
        local up = debug.getinfo(3, "f")
        if not (up and up.func == core.logout) then return end
        debug.sethook()
        error "raised by a hook"
      end, "c")
      local ok, raised = pcall(core.logout, TOKEN, {server = listener.url})
      debug.sethook()
      assert.is_false(ok)
      assert.is_truthy(tostring(raised):find("raised by a hook", 1, true), tostring(raised))
    end
    assert.equal(0, core.live().calls)
    assert.equal(5, listener:close().seen())
  end)
  it("call: a fork within a signal's handler leaves the call to the parent", function()
    local listener = server:open {mode = "slow"}
    local child = process.program([[
      local core, fork = require "botapi.core", require "support.fork"
      local pid
      fork.alarm(50, function() pid = fork.fork() end)
      local res, err = core.logout("1:x", {server = ..., timeout = 20})
      if pid == 0 then fork.exit(err and err.kind == "cancelled" and 7 or 1) end
      print(res and res.ok, fork.wait(pid))
    ]], nil, listener.url)
    assert.equal("true\t7", child:line(20), child:errors())
    assert.equal(0, child:wait())
    assert.equal(1, listener:close().seen())
  end)
  local FINALIZED = [[
    local function finalized(by)
      if not newproxy then return setmetatable({}, {__gc = by}) end
      local proxy = newproxy(true)
      getmetatable(proxy).__gc = by
      return proxy
    end
  ]]
  -- Lua never finalizes what is made while it ends: what a refused call has read then is freed with the process, which
  -- a sanitizer calls a leak.
  local REFUSES = os.getenv "BOTAPI_SANITIZED" and "" or "refuses"
  for _, age in ipairs {"older", "younger"} do
    for _, calls in ipairs {"first", "next"} do
      it("core: a finalizer " .. age .. " than the module makes the " .. calls .. " call when Lua ends", function()
        local listener = server:open {mode = "ok"}
        local child = process.program(FINALIZED .. [[
          local url, age, calls, refuses = ...
          local core
          local function refused()
            for _ = 1, refuses == "refuses" and 20 or 0 do
              assert(not pcall(core.logout, "1:x", {server = url, headers = {A = ("v"):rep(3000), B = "a\n"}}))
              assert(not pcall(core.set_webhook, "1:x", {max_connections = 0}, {server = url}))
            end
          end
          local function finalizer()
            refused()
            local res = core.logout("1:x", {server = url})
            refused()
            io.stdout:write(res and res.ok and "done" or "failed", "\n")
            io.stdout:flush()
          end
          if age == "older" then kept = finalized(finalizer) end
          core = require "botapi.core"
          if calls == "next" then assert(core.logout("1:x", {server = url})) end
          if age == "younger" then kept = finalized(finalizer) end
        ]], nil, listener.url, age, calls, REFUSES)
        assert.equal("done", child:line(20), child:errors())
        assert.equal(0, child:wait(), child:errors())
        assert.equal(calls == "first" and 1 or 2, listener:close().seen())
      end)
    end
  end
  it("engine: a finalizer that runs after an engine's own finds it closed", function()
    local child = process.program(FINALIZED .. [[
      local core = require "botapi.core"
      local engine
      local function finalizer()
        for _, name in ipairs {"step", "start", "probe", "web", "timer", "pollfd", "timeout", "dirty"} do
          local ok, err = pcall(engine[name], engine, "1:x", "logOut", nil, {server = "http://127.0.0.1:1"})
          assert(not ok and tostring(err):find("the engine is closed", 1, true), name)
        end
        for call in engine:finished() do error(tostring(call)) end
        io.stdout:write("done\n")
        io.stdout:flush()
      end
      kept = finalized(finalizer)
      engine = core.engine()
      engine:start("1:x", "logOut", nil, {server = "http://127.0.0.1:1"})
    ]])
    assert.equal("done", child:line(20), child:errors())
    assert.equal(0, child:wait(), child:errors())
  end)
  it("core: a finalizer's call that another finalizer frees while it is read isn't sent", function()
    local listener = server:open {mode = "ok"}
    local child = process.program(FINALIZED .. [[
      local url = ...
      local core = require "botapi.core"
      local collects = setmetatable({server = url, headers = {A = ("v"):rep(3000)}}, {__index = function()
        collectgarbage()
        collectgarbage()
      end})
      local function finalizer()
        local res, err = core.call("1:x", "getUpdates", {text = ("u"):rep(3000)}, collects)
        io.stdout:write(res and res.ok and "answered" or err.sent .. ", " .. err.message, "\n")
        io.stdout:flush()
      end
      assert(core.logout("1:x", {server = url}))
      kept = finalized(finalizer)
    ]], nil, listener.url)
    local said = child:line(20)
    assert.equal(0, child:wait(), child:errors())
    local seen = listener:close().seen()
    assert.is_true(said == "answered" and seen == 2
      or said:find "^no, .*collected while it was read" ~= nil and seen == 1, said .. ", requests: " .. seen)
  end)
  it("api: failures are explained when no module can be loaded any more", function()
    local child = process.program([[
      local botapi = require "botapi"
      package.path, package.cpath = "", ""
      local res, err = botapi.logout("1:x", {server = "http://127.0.0.1:1"})
      print(botapi.reason(res, err), botapi.explain(res, err) ~= nil, (select(2, botapi.check(res, err))) ~= nil,
        tostring(require "botapi.core".envelope {ok = true}))
    ]])
    assert.equal("network\ttrue\ttrue\t{ok = true}", child:line(20), child:errors())
    child:wait()
  end)
  it("call: probe's errors name the argument's own place, so does start after close", function()
    local _, message = pcall(core.probe, "ftp://x")
    assert.is_truthy(message:find("argument #1", 1, true), message)
    _, message = pcall(core.probe, "https://x", {timeout = -1})
    assert.is_truthy(message:find("argument #2", 1, true), message)
    local engine = core.engine()
    engine:close()
    _, message = pcall(function() engine:start(TOKEN, "getMe") end)
    assert.is_nil(message:find("#6", 1, true), message)
  end)
  it("options: a name with a NUL byte is not the name before it", function()
    assert.is_false((pcall(core.base, {["timeout\0x"] = 5})))
    assert.is_false((pcall(botapi.call, TOKEN, "getMe", {["a\0b"] = 5}, {server = "http://127.0.0.1:1"})))
  end)
  it("show: is Lua for keys that are words of Lua, for holes and for numbers beyond all bounds", function()
    for _, body in ipairs {'{"ok":true,"result":{"end":1,"nil":2}}', '{"ok":true,"result":[1,null,3]}',
      '{"ok":true,"result":[1e400]}'} do
      local res = replies.json(body)
      assert.same(res, assert((loadstring or load)("return " .. tostring(res)))())
    end
  end)
  it("process: finished yields a refused call though no engine could be opened", function()
    local child = process.program([[
      local core = require "botapi.core"
      local engine = core.engine()
      local held = {}
      while true do local f = io.open("/dev/null") if not f then break end held[#held + 1] = f end
      local call = engine:start("1:x", "getMe", nil, {server = "http://127.0.0.1:1"})
      local ok, why = pcall(function() local n = 0 for c in engine:finished() do n = n + 1 end assert(n == 1) end)
      local ok2, why2 = pcall(engine.step, engine, 0)
      for i = 1, #held do held[i]:close() end
      print(call:done(), ok, why, ok2, why2)
    ]], {within = {"sh", "-c", 'ulimit -n 40; exec "$@"', "sh"}})
    child:wait()
    assert.is_truthy(child:output():find("true\ttrue\tnil\ttrue", 1, true), child:output() .. child:errors())
  end)
  local run = (loadstring or load) "local e = ... local c <close> = e:timer(100)"      -- it came with Lua 5.4
  local closing = run and it or function() end
  closing("engine: calls that <close> has cancelled are reported once, then gone", function()
    local engine, reported = core.engine(), 0
    for _ = 1, 100 do run(engine) end
    for call in engine:finished() do
      local _, err = call:result()
      reported = reported + (err.kind == "cancelled" and 1 or 0)
    end
    local live = core.live().calls
    engine:close()
    assert.same({100, 0}, {reported, live})
  end)
  it("call: a finalizer that takes the same result while it is made harms nothing", function()
    local child = process.program([[
      local botapi, replies = require "botapi", require "support.replies"
      if not pcall(collectgarbage, "setpause", 1) then collectgarbage("param", "pause", 1) end -- Lua 5.5's way
      if not pcall(collectgarbage, "setstepmul", 10000) then collectgarbage("param", "stepmul", 10000) end
      local faults = require "support.faults"
      local server = faults.start()
      local listener = server:open {mode = "ok"}
      local engine, wanted, nested, busy = botapi.engine(), nil, 0, false
      local new = newproxy or function() return setmetatable({}, {}) end
      local function arm()
        local guard = new(true)
        getmetatable(guard).__gc = function()
          if wanted and not busy then
            busy = true
            nested = nested + 1
            wanted:result()
            for call in engine:finished() do call:result() end
            busy = false
          end
          arm()
        end
        if not newproxy then setmetatable(guard, getmetatable(guard)) end
      end
      arm()
      for n = 1, 6000 do
        local call = engine:start(replies.token, "getMe", nil, {server = listener.url})
        while not call:done() do engine:step(1) end
        local garbage = {}
        for i = 1, n % 41 do garbage[i] = {} end              -- the collector's steps end elsewhere each time
        wanted = call
        assert(call:result().ok)
        wanted = nil
        if n >= 600 and nested > 0 then break end
      end
      engine:close()
      server:stop()
      print("nested", nested > 0)
    ]])
    child:wait()
    assert.is_truthy(child:output():find("nested\ttrue", 1, true), child:output() .. child:errors())
  end)
  it("options: a name as long as a secret isn't repeated", function()
    for _, call in ipairs {
      function() botapi.logout(TOKEN, {[replies.secret] = 1}) end,
      function() botapi.set_webhook(TOKEN, {url = "", [replies.secret] = 1}) end,
      function() botapi.call(TOKEN, "getChat", {[replies.secret:gsub("[^%w_]", "_")] = print}) end,
    } do
      local ok, message = pcall(call)
      assert.is_false(ok)
      assert.is_nil(message:find("CANARY", 1, true), message)
    end
  end)
  it("params: an integer that is a key inside a table is sent exactly or not at all", function()
    local ok, message = pcall(botapi.call, TOKEN, "getChat", {x = {a = 1, [1002147483648123] = 2}},
      {server = "http://127.0.0.1:1"})
    assert.is_false(ok)
    assert.is_truthy(message:find("parameter 'x'", 1, true), message)
  end)
end)
