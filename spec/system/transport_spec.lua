-- SPDX-License-Identifier: MIT
-- The transport: for every fault of the table the right kind, the right `sent`, and never a second request.

local callers = require "support.callers"
local canary = require "support.canary"
local certs = require "support.certs"
local faults = require "support.faults"
local live = require "support.live"
local matrix = require "support.matrix"
local process = require "support.process"

matrix.run(callers.blocking(), {name = "a blocking call"})

describe("on an engine", function()
  local call, close = callers.engine()
  teardown(close)
  matrix.run(call, {name = "a call"})
end)

describe("the transport", function()
  local botapi = require "botapi"
  local server, before
  lazy_setup(function() server = faults.start() end)
  lazy_teardown(function() server:stop() end)
  before_each(function() before = live.note() end)
  after_each(function() before:check() end)

  local function logout(listener, options)
    options = options or {}
    options.server = options.server or listener.url
    options.ca_file = options.ca_file or certs.ca()
    options.timeout = options.timeout or 10
    return botapi.logout(canary.token, options)
  end

  it("sends one POST with an empty body, to /bot<token>/logOut", function()
    local listener = server:open {mode = "ok"}
    assert.is_true(logout(listener).ok)
    local told = listener:close()
    assert.equal(1, #told.requests)
    assert.equal("POST", told.requests[1].verb)
    assert.equal("/bot" .. canary.token .. "/logOut", told.requests[1].path)
    assert.equal("", told.requests[1].body)
    assert.is_truthy(told.requests[1].head:lower():find("\r\ncontent-length: 0\r\n", 1, true))
  end)

  it("takes a fresh connection for each logOut unless told otherwise", function()
    local listener = server:open {mode = "ok"}
    for _ = 1, 3 do
      assert.is_true(logout(listener).ok)
    end
    assert.equal(3, listener:close().connections)
  end)

  it("reuses a connection for getMe, and for logOut when told so", function()
    local listener = server:open {mode = "ok", tls = "server"}
    local options = {server = listener.url, ca_file = certs.ca(), timeout = 10}
    assert.is_true(botapi.get_me(canary.token, options).ok)
    assert.is_true(botapi.get_me(canary.token, options).ok)
    options.reuse = true
    assert.is_true(botapi.logout(canary.token, options).ok)
    local told = listener:close()
    assert.equal(3, #told.requests)
    assert.equal(1, told.connections)
  end)

  it("doesn't take the junk behind an answer for the answer to the next call", function()
    local listener = server:open {mode = "excess"}
    local options = {server = listener.url, timeout = 10, reuse = true}
    assert.is_true(botapi.get_me(canary.token, options).ok)
    assert.equal(true, botapi.logout(canary.token, options).result)
    assert.equal(2, listener:close().seen())
  end)

  -- A connection that is kept, and what may befall it before the next call takes it.
  for _, tls in ipairs {false, "server"} do
    local how = tls and "TLS" or "plain"
    local function after_getme(mode)
      local listener = server:open {mode = mode, tls = tls or nil}
      local options = {server = listener.url, ca_file = certs.ca(), timeout = 10, reuse = true}
      assert.is_true(botapi.get_me(canary.token, options).ok)
      listener:wait {marks = 1}
      local res, err = botapi.logout(canary.token, options)
      local told = listener:close()
      matrix.check_count(res, err, told.seen("logOut"))
      return res, err
    end

    it("opens another connection when the server has closed the kept one, " .. how, function()
      local res, err = after_getme "idle_close"
      assert.is_nil(err)
      assert.is_true(res.ok)
    end)

    it("opens another connection by default, too, and keeps that one, " .. how, function()
      local listener = server:open {mode = "idle_close_once", tls = tls or nil}
      local options = {server = listener.url, ca_file = certs.ca(), timeout = 10}
      assert.is_true(botapi.get_me(canary.token, options).ok)
      listener:wait {marks = 1}
      for _ = 1, 16 do
        local res, err = botapi.get_me(canary.token, options)
        assert.is_nil(err)
        assert.is_true(res.ok)
        botapi.sleep(0.1)                               -- libcurl drops the closed one within a second
      end
      local told = listener:close()
      assert.equal(17, told.seen())
      assert.is_true(told.connections < 17, told.connections .. " connections for 17 calls")
    end)

    it("leaves the connections to other servers alone when one was closed, " .. how, function()
      local closing = server:open {mode = "idle_close", tls = tls or nil}
      local other = server:open {mode = "ok", tls = tls or nil}
      for _ = 1, 3 do
        assert.is_true(botapi.get_me(canary.token, {server = other.url, ca_file = certs.ca(), timeout = 10}).ok)
        if closing then
          assert.is_true(botapi.get_me(canary.token, {server = closing.url, ca_file = certs.ca(), timeout = 10}).ok)
          closing:wait {marks = 1}
          closing = closing:close() and nil
        end
      end
      local told = other:close()
      assert.equal("3/1", told.seen() .. "/" .. told.connections)
    end)

    it("leaves the connections to other unix sockets alone when one was closed, " .. how, function()
      local function open(mode)
        local path = process.directory() .. mode .. how
        local options = {server = tls and "https://localhost" or "http://localhost", unix_socket = path, timeout = 10,
          ca_file = certs.ca()}
        return server:open {mode = mode, tls = tls or nil, unix = path}, function()
          assert.is_true(botapi.get_me(canary.token, options).ok)
        end
      end
      local closing, call_closing = open "idle_close"
      local other, call_other = open "ok"
      call_other()
      call_closing()
      closing:wait {marks = 1}
      closing:close()
      call_other()
      call_other()
      local told = other:close()
      assert.equal("3/1", told.seen() .. "/" .. told.connections)
    end)

    it("doesn't take a 408 that the server said while idle for the answer, " .. how, function()
      local res, err = after_getme "idle_408"
      assert.is_nil(err)
      assert.is_true(res.ok)
    end)

    it("doesn't take an answer that came while idle for its own, " .. how, function()
      local res, err = after_getme "idle_answer"
      assert.is_true(err ~= nil or res.error_code == 401, "it took a foreign answer")
    end)

    it("doesn't take what came behind another call's answer for its own, " .. how, function()
      local res, err = after_getme "idle_surplus"
      assert.is_nil(err)
      assert.equal(401, res.error_code, "it took a foreign answer")
    end)

    it("doesn't take what came behind another call's answer for its own on a shared engine, " .. how, function()
      local listener = server:open {mode = "idle_surplus", tls = tls or nil}
      local options = {server = listener.url, ca_file = certs.ca(), timeout = 10, reuse = true}
      local engine, calls = botapi.engine(), {}
      for round = 1, 20 do
        for i = 1, 6 do
          calls[i] = engine:start(canary.token, i % 2 == 0 and "logOut" or "getMe", nil, options)
        end
        while engine:step(1) > 0 do end
        for i = 1, 6 do
          local res, err = calls[i]:result()
          assert.is_true(err and err.sent ~= "yes" or res.error_code == (i % 2 == 0 and 401 or nil),
            ("call %d of round %d took a foreign answer"):format(i, round))
        end
      end
      engine:close()
      listener:close()
    end)

    it("doesn't take the late answer of a call that timed out for its own, " .. how, function()
      local listener = server:open {mode = "slow", tls = tls or nil}
      local options = {server = listener.url, ca_file = certs.ca(), timeout = 0.15, reuse = true}
      local _, err = botapi.get_me(canary.token, options)
      assert.equal("timeout", err.kind)
      options.timeout = 10
      assert.equal(true, botapi.logout(canary.token, options).result)
      assert.equal(2, listener:close().connections)
    end)
  end

  it("opens another connection to a proxy that has closed the one of another server's call", function()
    local proxy = server:open {mode = "idle_close_once"}
    for port = 1, 2 do
      local res, err = botapi.get_me(canary.token, {server = "http://127.0.0.1:" .. port, plain_http = true,
        proxy = "http://127.0.0.1:" .. proxy.port, timeout = 10})
      assert.is_nil(err)
      assert.is_true(res.ok)
      proxy:wait {marks = 1}
    end
    assert.equal(2, proxy:close().seen())
  end)

  it("ends at its deadline, not before, when the server is slow", function()
    local listener = server:open {mode = "slow"}
    local res, err = logout(listener, {timeout = 0.1})
    assert.is_nil(res)
    assert.equal("timeout", err.kind)
    assert.equal("maybe", err.sent)
    matrix.check_count(res, err, listener:close().seen())
  end)

  it("keeps max_response to the byte", function()
    local exact = server:open {mode = "ok"}
    assert.is_true(logout(exact, {max_response = 25}).ok)
    local res, err = logout(exact, {max_response = 24})
    assert.is_nil(res)
    assert.equal("limit", err.kind)
    assert.equal("maybe", err.sent)
    assert.equal(2, exact:close().seen())
  end)

  it("never unpacks an answer that nobody asked to be packed", function()
    local listener = server:open {mode = "bomb"}
    collectgarbage()
    local function resident()
      return tonumber(process.slurp("/proc/self/status"):match("VmRSS:%s*(%d+)"))
    end
    local was = resident()
    local _, err = logout(listener)
    assert.equal("protocol", err.kind)
    assert.is_true(resident() - was < 8192, ("%d KiB more"):format(resident() - was))
    listener:close()
  end)

  it("says tls, sent no, when the CA file isn't there", function()
    local listener = server:open {mode = "ok", tls = "server"}
    local res, err = logout(listener, {ca_file = process.root .. "build/certs/none.pem"})
    assert.is_nil(res)
    assert.equal("tls", err.kind)
    assert.equal("no", err.sent)
    assert.equal(0, listener:close().seen())
  end)

  it("doesn't trust a server whose CA is only the test's without ca_file", function()
    local listener = server:open {mode = "ok", tls = "server"}
    local res, err = botapi.logout(canary.token, {server = listener.url, timeout = 10})
    assert.is_nil(res)
    assert.equal("tls/no", err.kind .. "/" .. err.sent)
    assert.equal(0, listener:close().seen())
  end)

  it("speaks over a unix socket, with the same claims", function()
    local path = process.directory() .. "unix.sock"
    local good = server:open {mode = "ok", unix = path}
    assert.is_true(botapi.logout(canary.token, {server = "http://localhost", unix_socket = path, timeout = 10}).ok)
    assert.equal(1, good:close().seen())
    local bad = server:open {mode = "request_close", unix = path}
    local _, err = botapi.logout(canary.token, {server = "http://localhost", unix_socket = path, timeout = 10})
    assert.equal("network/maybe", err.kind .. "/" .. err.sent)
    assert.equal(1, bad:close().seen())
    _, err = botapi.logout(canary.token, {server = "http://localhost", unix_socket = path .. ".none", timeout = 10})
    assert.equal("network/no", err.kind .. "/" .. err.sent)
  end)

  it("speaks over IPv6", function()
    for _, tls in ipairs {false, "server"} do
      local listener = server:open {mode = "ok", host = "::1", tls = tls or nil}
      assert.is_true(logout(listener).ok)
      assert.equal(1, listener:close().seen())
    end
  end)

  it("sends the parameters of setWebhook once, as a form", function()
    local listener = server:open {mode = "ok"}
    local res = botapi.set_webhook(canary.token, {url = "https://bot.example/a?b&c", max_connections = 40},
      {server = listener.url, timeout = 10})
    assert.is_true(res.ok)
    local told = listener:close()
    assert.equal(1, #told.requests)
    assert.is_truthy(told.requests[1].body:find("url=https%3A%2F%2Fbot.example%2Fa%3Fb%26c", 1, true))
    assert.is_truthy(told.requests[1].body:find("max_connections=40", 1, true))
  end)

  it("sends nothing for a malformed token", function()
    local listener = server:open {mode = "ok"}
    for _, token in ipairs {"", "1", "a b:c", "1:a/b", "1:a?b", "1:a#b", "1:a%b", "1:a\\b", "1:a\nb", "1:\195\188",
      "1:a\0b", "1:" .. ("a"):rep(300)} do
      local res, err = botapi.logout(token, {server = listener.url, timeout = 10})
      assert.is_nil(res)
      assert.equal("token/no", err.kind .. "/" .. err.sent)
    end
    assert.equal(0, listener:close().connections)
  end)

  it("never sends twice on a connection that resets while others run on the same engine", function()
    local bad = server:open {mode = "request_reset", skip = 1}
    local good = server:open {mode = "slow"}
    local engine = botapi.engine()
    local options = {server = bad.url, timeout = 10, reuse = true}
    local opened = engine:start(canary.token, "getMe", nil, options)
    while not opened:done() do engine:step(1) end
    local calls = {engine:start(canary.token, "logOut", nil, options)}
    for i = 2, 10 do
      calls[i] = engine:start(canary.token, "logOut", nil, {server = good.url, timeout = 10})
    end
    while engine:step(1) > 0 do end
    local res, err = calls[1]:result()
    assert.is_nil(res)
    assert.equal("network/maybe", err.kind .. "/" .. err.sent)
    for i = 2, 10 do
      assert.is_true(calls[i]:result().ok)
    end
    engine:close()
    assert.equal(1, bad:close().seen("logOut"))
    assert.equal(9, good:close().seen("logOut"))
  end)
end)
