-- SPDX-License-Identifier: MIT
-- The token is in no text: no error, no tostring, no traceback, no output, whatever the server and the caller do.

local botapi = require "botapi"
local canary = require "support.canary"
local certs = require "support.certs"
local faults = require "support.faults"
local live = require "support.live"
local process = require "support.process"

describe("the canary itself", function()
  it("is found plain, in part, percent-encoded, and behind tostring and upvalues", function()
    assert.is_truthy(canary.shown("x" .. canary.token))
    assert.is_truthy(canary.shown(canary.secret:sub(5, 14)))
    local encoded = canary.token:gsub(".", function(c) return ("%%%02x"):format(c:byte()) end)
    assert.is_truthy(canary.shown(encoded))
    assert.is_truthy(canary.shown("proxy http://u:" .. canary.password .. "@h"))
    local hidden = canary.token
    assert.equal(1, #canary.search {a = {b = function() return hidden end}})
    assert.equal(1, #canary.search(setmetatable({}, {__tostring = function() return canary.token end})))
    assert.same({}, canary.search {"nothing", 110201543, {true}})
    assert.has_error(function() canary.check(setmetatable({}, {__index = {canary.secret}})) end)
  end)
end)

describe("no text shows the token", function()
  local server, before
  lazy_setup(function() server = faults.start() end)
  lazy_teardown(function() server:stop() end)
  before_each(function() before = live.note() end)
  after_each(function() before:check() end)

  -- Every mode in which a server or a proxy sends back what it was asked.
  for _, mode in ipairs {"echo_html", "echo_reason_html", "echo_encoded"} do
    it(("in an error when the server answers with %s"):format(mode), function()
      local listener = server:open {mode = mode}
      local res, err = botapi.logout(canary.token, {server = listener.url, timeout = 10})
      assert.is_nil(res)
      canary.check(err)
      canary.check(botapi.reason(res, err))
      canary.check(botapi.explain(res, err))
      local _, failure = botapi.check(res, err)
      canary.check(failure)
      listener:close()
    end)
  end

  -- The envelope's members are the server's own words; what we make of them is not.
  for _, mode in ipairs {"echo_json", "echo_reason"} do
    it(("in what is made of an envelope when the server answers with %s"):format(mode), function()
      local listener = server:open {mode = mode}
      local res, err = botapi.logout(canary.token, {server = listener.url, timeout = 10})
      assert.is_nil(err)
      assert.is_false(res.ok)
      local _, failure = botapi.check(res, err)
      local made = {tostring = tostring(res), explain = botapi.explain(res, err), check = tostring(failure)}
      for name, text in pairs(made) do
        assert.is_nil(canary.shown(text), name .. ": " .. canary.masked(text))
      end
      listener:close()
    end)
  end

  it("in tostring of an engine, a call, or a call that was cancelled", function()
    local listener = server:open {mode = "request_silence"}
    local engine = botapi.engine()
    local call = engine:start(canary.token, "logOut", nil, {server = listener.url, timeout = 5})
    canary.check(engine, "engine")
    canary.check(call, "call")
    engine:step(0.05)
    call:cancel()
    local _, err = call:result()
    canary.check(err)
    canary.check(call, "call")
    engine:close()
    listener:close()
  end)

  it("in an error of a token that is malformed", function()
    local bad = {canary.token .. "#", canary.token .. "?x", canary.token .. " ", canary.token .. "/..",
      canary.token .. "\n", "%" .. canary.token, canary.token .. "\0", canary.secret, canary.token:rep(10),
      "bot" .. canary.token .. "/"}
    for _, token in ipairs(bad) do
      local res, err = botapi.logout(token, {server = "http://127.0.0.1:9"})
      assert.is_nil(res)
      assert.equal("token", err.kind)
      canary.check(err)
    end
  end)

  it("in an error that is raised for the caller's mistakes", function()
    local token, near = canary.token, "https://127.0.0.1:1"
    local mistakes = {
      function() botapi.logout(token, {server = "https://h/bot" .. token}) end,
      function() botapi.logout(token, {server = "https://h/bot" .. token .. "/"}) end,
      function() botapi.logout(token, {server = "https://u:" .. token .. "@h/"}) end,
      function() botapi.logout(token, {server = "ftp://" .. token}) end,
      function() botapi.logout(token, {server = "https://h/?" .. token}) end,
      function() botapi.logout(token, {server = "https://h/#" .. token}) end,
      function() botapi.logout(token, {server = "http://far.example/" .. token}) end,
      function() botapi.logout(token, {server = near, timeout = token}) end,
      function() botapi.logout(token, {server = near, timeout = -1}) end,
      function() botapi.logout(token, {server = near, [token] = true}) end,
      function() botapi.logout(token, token) end,
      function() botapi.logout({token}) end,
      function() botapi.call(token, "log/out") end,
      function() botapi.call("getMe", token) end,
      function() botapi.set_webhook(token, {url = 1, unknown = token}) end,
      function() botapi.logout(token, {server = near, proxy = "http://u:" .. canary.password .. "@["}) end,
      function() botapi.logout(token, {server = near, proxy = "nonsense://u:" .. canary.password .. "@h"}) end,
      function() botapi.logout(token, {server = near, headers = {["X-A"] = token .. "\r\n"}}) end,
      function() botapi.logout(token, {server = near, resolve = {token}}) end,
    }
    local shown = {}
    for i, mistake in ipairs(mistakes) do
      local ok, trace = xpcall(mistake, function(message) return debug.traceback(tostring(message)) end)
      if not ok and canary.shown(trace) then
        shown[#shown + 1] = i
      end
    end
    assert.same({}, shown, "the numbers of the mistakes whose message shows it")
  end)

  it("in what is told of a journal whose path holds it", function()
    local directory = os.tmpname()
    os.remove(directory)
    for _, part in ipairs {canary.token, canary.token .. "/journal"} do
      local path = ("%s/%s"):format(directory, part)
      process.run("mkdir -p " .. process.quote(path))
      local texts = {}
      local function see(event)
        local report = event.report
        if report then
          for _, text in ipairs {report.text, report.message, tostring(report)} do texts[#texts + 1] = text end
        end
      end
      assert.equal("journal", botapi.fleet({canary.token}, {action = "logout", server = "http://127.0.0.1:1",
        journal = path, on_event = see}).stopped)
      assert.equal("journal", botapi.migrate(canary.token, {from = "http://127.0.0.1:1", to = "http://127.0.0.1:2",
        how = "logout", journal = path, on_event = see}).cause)
      assert.equal(6, #texts)
      canary.check(texts)
    end
    os.execute("rm -rf " .. process.quote(directory))
  end)

  it("in an error of any network failure", function()
    local silence = server:open {mode = "request_silence"}
    local wrong = server:open {mode = "ok", tls = "wrong_host"}
    local options = {
      {server = "http://127.0.0.1:1"},
      {server = "https://127.0.0.1:1"},
      {server = silence.url, timeout = 0.1},
      {server = wrong.url, ca_file = certs.ca()},
      {server = wrong.url, ca_file = "/nowhere/" .. canary.password},
      {server = "https://localhost:1", proxy = "http://u:" .. canary.password .. "@127.0.0.1:1"},
      {server = "https://localhost:1", proxy = "http://u:" .. canary.password .. "@no-such-name.invalid:1",
        timeout = 0.3},
      {server = "http://localhost", unix_socket = "/nowhere"},
    }
    for i, option in ipairs(options) do
      local res, err = botapi.logout(canary.token, option)
      assert.is_nil(res)
      if i ~= 5 then  -- that path is the caller's own words
        canary.check(err, "err of " .. i)
      end
    end
    silence:close()
    wrong:close()
  end)
end)

describe("no output shows the token", function()
  -- Whatever a careless program prints: results, errors, tracebacks, and at last an error that nobody caught.
  local PROGRAM = [[
    local token = io.read("*l")
    local botapi = require "botapi"
    local function trace(message) return debug.traceback(tostring(message)) end
    for url in io.lines() do
      if url == "end" then break end
      local options = {server = url, timeout = 0.2}
      local res, err = botapi.logout(token, options)
      print(url:match("//[^/]*"), res, err, res and res.ok)
      print(botapi.reason(res, err), botapi.explain(res, err))
      print(botapi.check(res, err))
      print(xpcall(function() assert(botapi.check(botapi.logout(token, options))) end, trace))
      print(xpcall(function() botapi.logout(token, {server = url, nonsense = 1}) end, trace))
      print(xpcall(function() error(err or res) end, trace))
      io.stderr:write(tostring(err), "\n")
    end
    print(botapi.bot and pcall(botapi.bot, token))
    print(botapi.engine(), require("botapi.core").live())
    local res, err = botapi.logout(token, {server = "http://127.0.0.1:1"})
    error(err)
  ]]

  local server
  lazy_setup(function() server = faults.start() end)
  lazy_teardown(function() server:stop() end)

  it("of a program that prints all it gets, and dies of it", function()
    local child = process.program(PROGRAM)
    local file = io.open("/proc/" .. child.pid .. "/cmdline")
    local cmdline = file:read("*a")
    file:close()
    assert.is_nil(canary.shown(cmdline))
    child:send(canary.token)
    local listeners = {}
    for _, mode in ipairs {"ok", "unauthorized", "logged_out", "rate_limited", "html_502", "redirect_302", "not_http",
      "request_close", "request_reset", "request_silence", "header_close", "body_close", "echo_html", "echo_json",
      "echo_reason", "echo_reason_html", "echo_encoded", "refused", "headers_many", "nul", "misdirected"} do
      local listener = server:open {mode = mode}
      listeners[#listeners + 1] = listener
      child:send(listener.url)
    end
    child:send("https://localhost:1")
    child:send("end")
    local code = child:wait(30)
    assert.equal(1, code)
    assert.is_true(#child.lines > 100)
    local told = {}
    for _, line in ipairs(child.lines) do
      if canary.shown(line) then
        told[#told + 1] = canary.masked(line)
      end
    end
    assert.same({}, told)
    assert.is_nil(canary.shown(process.slurp(child.out)))
    assert.is_nil(canary.shown(child:errors()))
    assert.is_truthy(child:errors():find("botapi: ", 1, true))
    for _, listener in ipairs(listeners) do
      listener:close()
    end
  end)
end)
