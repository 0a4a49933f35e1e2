-- SPDX-License-Identifier: MIT
-- The module in its process: the end of a Lua state while threads of libcurl run, several states at once, SIGPIPE, no
-- descriptors left, and what it exports.

local certs = require "support.certs"
local faults = require "support.faults"
local netns = require "support.netns"
local process = require "support.process"
local states = require "support.states"

local try = netns.try(it, pending)

local server
lazy_setup(function() server = faults.start() end)
lazy_teardown(function() server:stop() end)

local function module_path()
  for template in package.cpath:gmatch("[^;]+") do
    local path = template:gsub("%?", "botapi/core")
    if io.open(path) then
      return path
    end
  end
end

local function run(text, spec, ...)
  local child = process.program(text, spec, ...)
  local code = child:wait(60)
  assert.equal("", child:errors())
  assert.equal(0, code)
  return child
end

describe("the end of a Lua state", function()
  -- One process of many states, each of which ends while its resolver thread waits for a silent name server.
  local SILENT = [[
    local core = require "botapi.core"
    local engine = core.engine()
    for i = 1, 5 do
      engine:start("1:x", "logOut", nil, {server = "https://h" .. i .. ".nowhere.example", proxy = "", timeout = 20})
    end
    for _ = 1, 3 do engine:step(0.01) end
    if ... == "close" then engine:close() end
    if ... == "blocking" then
      assert(select(2, core.logout("1:x", {server = "https://x.nowhere.example", proxy = "", timeout = 0.02})).kind ==
        "timeout")
    end
  ]]

  for _, how in ipairs {"leave", "close", "blocking"} do
    try(("while its resolver threads run doesn't crash the process, twenty times: %s"):format(how), function()
      local path = process.directory() .. "state.lua"
      local file = assert(io.open(path, "w"))
      file:write(SILENT)
      file:close()
      local words = netns.private {net = true}
      -- the name server: bound and silent; each host ends its state, then lives on for its threads to wake up
      local child = process.program([[
        local states, path, how = ...
        local silent = assert(require("socket").udp4())
        assert(silent:setsockname("127.0.0.1", 53))
        for _ = 1, 20 do
          local a, b, c = os.execute(("%s 2 %s %s"):format(states, path, how))
          if not (a == true or a == 0) then error("ended with " .. tostring(c or a)) end
        end
        print "done"
      ]], {within = words}, states.program(), path, how)
      child:wait(60)
      assert.equal("", child:errors())
      assert.equal("done", child.lines[#child.lines])
    end)
  end

  it("leaves the module in the process: it is never unloaded", function()
    local binding = module_path():gsub("core%.so$", "binding.so")
    local out = process.capture("readelf -d " .. process.quote(binding) .. " 2>/dev/null")
    if out ~= "" then
      assert.is_truthy(out:find("NODELETE", 1, true))
    end
    local child = run [[
      local core = require "botapi.core"
      local where = debug.getinfo(core.logout, "S").what
      package.loaded["botapi.core"] = nil
      core = nil
      collectgarbage()
      for line in io.lines("/proc/self/maps") do
        if line:find("botapi/binding.so", 1, true) then print "mapped" break end
      end
    ]]
    assert.equal("mapped", child.lines[2])
  end)

  it("explains a failure where no file can be opened, whatever the size of the files it keeps", function()
    local place = process.directory() .. "padded/"
    process.capture(("mkdir -p %s && cp -r %slua/. %s"):format(place, process.root, place))
    for _, name in ipairs { "botapi/reason.lua", "botapi/show.lua" } do
      local text = process.slurp(place .. name)
      local file = assert(io.open(place .. name, "w"))
      file:write(text, ("-"):rep(1023 - #text % 1024), "\n")
      file:close()
    end
    local child = process.program([[
      package.path = ... .. "?.lua;" .. package.path
      local botapi = require "botapi"
      local open = io.open
      function io.open() return nil, "no descriptor is left" end
      local searchers = package.searchers or package.loaders
      for i = 2, package.searchpath and #searchers or 1 do searchers[i] = nil end
      print(botapi.explain(botapi.logout "malformed"))
      io.open = open
    ]], nil, place)
    child:wait(60)
    assert.equal("", child:errors())
    assert.is_truthy(child.lines[#child.lines]:find("^The token is malformed"), child.lines[#child.lines])
  end)

  it("says what is missing, where its loader stands alone", function()
    local place = process.directory() .. "alone/"
    process.capture(("mkdir -p %sbotapi && cp %s %sbotapi/"):format(place, process.quote(module_path()), place))
    local child = process.program([[
      package.cpath = ... .. "?.so;" .. package.cpath
      print(pcall(require, "botapi.core"))
    ]], nil, place)
    child:wait(60)
    assert.equal("", child:errors())
    local said = table.concat(child.lines, "\n")
    assert.is_truthy(said:find("alone/botapi/binding.so: cannot open shared object file", 1, true), said)
  end)

  it("with calls in flight ends their connections, and no call is made late", function()
    local silent = server:open {mode = "request_silence"}
    run([[
      local engine = require "botapi.core".engine()
      for _ = 1, 5 do engine:start("1:x", "logOut", nil, {server = ..., timeout = 20}) end
      for _ = 1, 10 do engine:step(0.01) end
    ]], nil, silent.url)
    assert.equal(5, #silent:wait({closed = 5}).ends)
    assert.equal(5, silent:close().seen())
  end)
end)

describe("several Lua states in threads of one process", function()
  local PROGRAM = [[
    local core = require "botapi.core"
    local url, ca = ...
    for i = 1, 25 do
      local res, err = core.logout("1:x", {server = url, ca_file = ca ~= "" and ca or nil, timeout = 20})
      assert(res and res.ok, tostring(err))
      local _, failed = core.logout("malformed", {server = url})
      assert(failed.kind == "token")
    end
    local engine = core.engine()
    for i = 1, 25 do
      engine:start("1:x", "logOut", nil, {server = url, ca_file = ca ~= "" and ca or nil, timeout = 20})
    end
    while engine:step(1) > 0 do end
    for call in engine:finished() do assert(call:result().ok) end
    engine:close()
  ]]

  for _, tls in ipairs {false, "server"} do
    it(("make fifty calls each, at once, %s"):format(tls and "over TLS" or "plain"), function()
      local listener = server:open {mode = "ok", tls = tls or nil}
      assert(states.run(2, PROGRAM, listener.url, tls and certs.ca() or ""))
      assert.equal(100, listener:close().seen())
    end)
  end

  it("start and end at any time, eight of them", function()
    local listener = server:open {mode = "ok"}
    assert(states.run(8, [[
      local core = require "botapi.core"
      local engine = core.engine()
      engine:start("1:x", "logOut", nil, {server = ..., timeout = 20})
      engine:step(0)
      assert(core.get_me("1:x", {server = ..., timeout = 20}).ok)
    ]], listener.url))
    listener:close()
  end)
end)

describe("SIGPIPE", function()
  it("doesn't end a process that writes to a connection that is gone", function()
    for _, mode in ipairs {"accept_reset", "tls_reset", "tls_close", "request_reset", "request_close"} do
      for _, tls in ipairs {false, "server"} do
        if tls or not mode:find("^tls") then
          local listener = server:open {mode = mode, tls = tls or nil}
          local child = process.program([[
            local core = require "botapi.core"
            local engine = core.engine()
            for _ = 1, 5 do
              engine:start("1:x", "sendMessage", {text = ("x"):rep(300000)}, {server = arg[1], ca_file = arg[2],
                timeout = 10})
            end
            while engine:step(1) > 0 do end
            for call in engine:finished() do
              local res, err = call:result()
              assert(res == nil and err.sent ~= "yes", tostring(err))
            end
            engine:close()
            print "alive"
          ]], nil, listener.url, tls and certs.ca() or nil)
          child:wait(30)
          assert.equal("alive", child.lines[#child.lines], mode .. ": " .. child:errors())
          listener:close()
        end
      end
    end
  end)
end)

describe("a process without descriptors", function()
  -- The limit is lowered in the shell; the program uses up the rest and gives them back.
  local function limited(text, ...)
    return run(text, {within = {"sh", "-c", 'ulimit -n 40; exec "$@"', "sh"}}, ...)
  end
  local PRELUDE = [[
    local core = require "botapi.core"
    require "botapi.reason"
    local url = ...
    local held = {}
    local function use_up()
      while true do
        local file = io.open("/dev/null")
        if not file then break end
        held[#held + 1] = file
      end
    end
    local function give_back()
      for i = 1, #held do held[i]:close() end
      held = {}
    end
    local function count()
      local n = 0
      for i = 0, 39 do
        local link = io.open("/proc/self/fdinfo/" .. i)
        if link then
          n = n + 1
          link:close()
        end
      end
      return n
    end
  ]]

  it("gets system or network, sent no, from a blocking call, and the next call works", function()
    local listener = server:open {mode = "ok"}
    limited(PRELUDE .. [[
      assert(core.logout("1:x", {server = url}).ok)
      local had = count()
      for _ = 1, 20 do
        use_up()
        local res, err = core.logout("1:x", {server = url})
        give_back()
        assert(res == nil and err.sent == "no", tostring(err))
        assert(err.kind == "system" or err.kind == "network", err.kind)
      end
      assert(core.logout("1:x", {server = url}).ok)
      assert(count() <= had + 1, count() .. " descriptors, " .. had .. " before")
    ]], listener.url)
    assert.equal(2, listener:close().seen())
  end)

  it("gets it at its very first call, too, when not even an engine can be opened", function()
    local listener = server:open {mode = "ok"}
    limited(PRELUDE .. [[
      use_up()
      local res, err = core.logout("1:x", {server = url})
      assert(res == nil and err.sent == "no" and err.kind == "system", tostring(err))
      assert(err.method == "logOut")
      give_back()
      assert(core.logout("1:x", {server = url}).ok)
    ]], listener.url)
    assert.equal(1, listener:close().seen())
  end)

  it("gets it for some of many calls on an engine, and the others are answered", function()
    local listener = server:open {mode = "ok"}
    limited(PRELUDE .. [[
      local engine = core.engine()
      engine:pollfd()
      local had = count()
      for _ = 1, 3 do
        local calls = {}
        for i = 1, 60 do calls[i] = engine:start("1:x", "logOut", nil, {server = url, timeout = 20}) end
        while engine:step(1) > 0 do end
        local good, bad = 0, 0
        for i = 1, 60 do
          local res, err = calls[i]:result()
          if res then good = good + 1
          else
            bad = bad + 1
            assert(err.sent == "no" and (err.kind == "system" or err.kind == "network"), tostring(err))
          end
        end
        assert(good > 0 and good + bad == 60)
      end
      engine:close()
      assert(count() <= had, count() .. " descriptors, " .. had .. " before")
    ]], listener.url)
    listener:close()
  end)
end)

describe("the module", function()
  it("exports luaopen_botapi_core alone", function()
    local out = process.capture("nm -D --defined-only " .. process.quote(module_path()) .. " 2>/dev/null")
    local names = {}
    for name in out:gmatch("%x+ [A-Za-z] (%S+)") do
      if not name:find("^_") and name ~= "__odr_asan" and not name:find("asan") then
        names[#names + 1] = name
      end
    end
    if out ~= "" then
      assert.same({"luaopen_botapi_core"}, names)
    end
  end)

  it("is loaded without a terminal or a home", function()
    run("require 'botapi.core'", {env = {HOME = "", TERM = ""}})
  end)
end)
