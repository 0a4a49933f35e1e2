-- SPDX-License-Identifier: MIT
-- Proxies: a CONNECT that fails sends nothing, a tunnel keeps the promises of a straight connection, no secret shows.

local botapi = require "botapi"
local canary = require "support.canary"
local certs = require "support.certs"
local faults = require "support.faults"
local live = require "support.live"
local matrix = require "support.matrix"
local process = require "support.process"
local wire = require "support.wire"

local server, before

local function both(err)
  return tostring(err.kind) .. "/" .. tostring(err.sent)
end

local function one_of(words, word)
  return ("|" .. words .. "|"):find("|" .. word .. "|", 1, true)
end

describe("through a proxy", function()
  lazy_setup(function() server = faults.start() end)
  lazy_teardown(function()
    server:stop()
    assert.equal("", server.child:errors())
  end)
  before_each(function() before = live.note() end)
  after_each(function() before:check() end)

  -- Calls a good TLS server through a proxy that plays a mode: result, error, what the server and the proxy saw.
  local function through(mode, options, tls)
    options = options or {}
    local target = server:open {mode = options.target or "ok", tls = "server", skip = options.reuse and 1 or 0}
    local proxy = server:open {mode = mode, tls = tls}
    local given = {server = target.url, ca_file = certs.ca(), timeout = options.timeout or 10, reuse = options.reuse,
      proxy = (tls and "https" or "http") .. "://" .. (options.user or "") .. "localhost:" .. proxy.port}
    if options.reuse then
      assert.is_true(botapi.get_me(canary.token, given).ok)
    end
    local res, err = botapi.logout(canary.token, given)
    local saw, heard = target:close(), proxy:close()
    matrix.check_count(res, err, saw.seen("logOut"))
    canary.check(err, "err")
    for _, request in ipairs(heard.requests) do
      assert.equal("CONNECT", request.verb)
      assert.is_nil(canary.shown(request.head))
    end
    return res, err, saw, heard
  end

  it("reaches the server", function()
    local res, _, saw, heard = through("proxy_pass")
    assert.is_true(res.ok)
    assert.equal(1, saw.seen())
    assert.equal(1, heard.seen())
  end)

  it("reaches the server through a proxy that speaks TLS", function()
    local res, err = through("proxy_pass", nil, "server")
    assert.is_nil(err)
    assert.is_true(res.ok)
  end)

  it("doesn't trust a TLS proxy of an unknown CA", function()
    local _, err, saw, heard = through("proxy_pass", nil, "unknown_ca")
    assert.equal("tls/no", both(err))
    assert.equal(0, saw.connections)
    assert.equal(0, heard.seen())
  end)

  local REFUSALS = {
    {"refused", "network"}, {"proxy_403", "network"}, {"proxy_407", "network"}, {"proxy_502", "network"},
    {"proxy_200_json", "network"}, {"proxy_redirect", "network"}, {"proxy_garbage", "network|protocol"},
    {"accept_close", "network"}, {"accept_reset", "network"}, {"request_close", "network"},
    {"request_reset", "network"}, {"proxy_half", "network"}, {"proxy_tunnel_close", "network|tls"},
    {"proxy_tunnel_reset", "network|tls"}, {"html_403", "network"},
    {"request_silence", "timeout"}, {"accept_silence", "timeout"}, {"status_silence", "timeout"},
    {"headers_silence", "timeout"}, {"proxy_tunnel_silence", "timeout"},
    {"proxy_endless", "network|limit|protocol|timeout|system"},
  }
  for _, row in ipairs(REFUSALS) do
    local mode, kind = row[1], row[2]
    it(("%s: %s, nothing was sent"):format(mode, kind), function()
      local res, err, saw = through(mode, {timeout = kind:find("timeout") and 0.4 or 10})
      assert.is_nil(res)
      assert.equal("no", err.sent)
      assert.is_truthy(one_of(kind, err.kind), ("%s expected, got %s"):format(kind, tostring(err)))
      assert.equal(0, saw.connections)
    end)
  end

  local CUT = {"request_close", "request_cut", "request_reset", "status_close", "header_close", "body_close"}
  for _, mode in ipairs(CUT) do
    it(("a reused tunnel whose server plays %s carries the request once"):format(mode), function()
      local res, err, saw = through("proxy_pass", {target = mode, reuse = true})
      assert.is_nil(res)
      assert.equal("network/maybe", both(err))
      assert.equal(1, saw.seen("logOut"))
      assert.equal(1, saw.seen("getMe"))
    end)
    it(("a fresh tunnel whose server plays %s carries the request once"):format(mode), function()
      local _, err, saw = through("proxy_pass", {target = mode})
      assert.equal("network/maybe", both(err))
      assert.equal(1, saw.seen())
    end)
  end

  it("a reused tunnel carries the next call, over one CONNECT", function()
    local res, _, saw, heard = through("proxy_pass", {reuse = true})
    assert.is_true(res.ok)
    assert.equal(2, saw.seen())
    assert.equal(1, saw.connections)
    assert.equal(1, heard.seen())
  end)

  it("a tunnel through a proxy that speaks TLS is not used again: nobody knows what the proxy's TLS holds", function()
    local res, _, saw, heard = through("proxy_pass", {reuse = true}, "server")
    assert.is_true(res.ok)
    assert.equal("2/2", saw.seen() .. "/" .. saw.connections)
    assert.equal(2, heard.seen())
  end)

  it("gives the proxy its password, and nobody else: neither the server nor an error", function()
    local user = "user:" .. canary.password .. "@"
    local _, err, _, heard = through("proxy_407", {user = user})
    assert.equal("network/no", both(err))
    assert.is_truthy(heard.requests[1].head:lower():find("\r\nproxy-authorization: basic ", 1, true))
    local res, _, saw = through("proxy_pass", {user = user})
    assert.is_true(res.ok)
    assert.is_nil(saw.requests[1].head:lower():find("proxy-", 1, true))
    _, err = through("refused", {user = user})
    assert.equal("network/no", both(err))
  end)

  it("an http server behind a proxy raises, unless plain_http: the proxy would read the token", function()
    local proxy = server:open {mode = "ok"}
    local options = {server = "http://bot.example:8081", proxy = proxy.url, timeout = 10, plain_http = nil}
    local ok, why = pcall(botapi.logout, canary.token, options)
    assert.is_false(ok)
    assert.is_truthy(tostring(why):find("plain_http", 1, true))
    assert.is_nil(canary.shown(tostring(why)))
    options.server = "http://127.0.0.1:8081"
    assert.is_false(pcall(botapi.logout, canary.token, options))
    options.plain_http = true
    assert.is_true(botapi.logout(canary.token, options).ok)
    local told = proxy:close()
    assert.equal(1, told.seen())
    assert.equal(1, told.connections)
  end)

  -- A child with a proxy in its environment; prints the outcome.
  local CHILD = [[
    local botapi, wire = require "botapi", require "support.wire"
    local url, ca, proxy = ...
    if proxy == "unset" then proxy = nil end
    local resolve = proxy == "" and {"bot.example:" .. url:match(":(%d+)$") .. ":127.0.0.1"} or nil
    print(wire.outcome(botapi.logout("]] .. canary.token .. [[",
      {server = url, ca_file = ca, timeout = 10, proxy = proxy, resolve = resolve})))
  ]]
  local function in_environment(proxy, url, option)
    local env = {}
    for _, name in ipairs {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"} do
      env[name] = proxy
    end
    env.no_proxy = ""
    local child = process.program(CHILD, {env = env}, url, certs.ca(), option or "unset")
    local line = child:line()
    assert.equal(0, child:wait(), child:errors())
    return wire.read(line)
  end

  it("the environment's proxy is used for a far server, and proxy = \"\" turns it off", function()
    local target = server:open {mode = "ok", tls = "server"}
    local proxy = server:open {mode = "proxy_pass"}
    local far = "https://bot.example:" .. target.port
    assert.is_true(in_environment(proxy.url, far).res.ok)
    assert.equal(1, proxy:count().seen())
    assert.is_true(in_environment(proxy.url, far, "").res.ok)
    assert.equal(1, proxy:close().seen())
    assert.equal(2, target:close().seen())
  end)

  -- libcurl would say nothing and go without the proxy.
  local UNREADABLE = {"u:pw%0a@", "u%00:pw@", "u:%1F%41@", "u:%250a%0d@", "%7f%09@", ":%01@"}

  it("a login with the code of a control character raises, and nothing goes past the proxy", function()
    local target = server:open {mode = "ok", tls = "server"}
    local proxy = server:open {mode = "proxy_pass"}
    for _, scheme in ipairs {"http://", "https://", "socks4://", "socks4a://", "socks5://", "socks5h://", ""} do
      for _, login in ipairs(UNREADABLE) do
        local ok, why = pcall(botapi.logout, canary.token, {server = target.url, ca_file = certs.ca(), timeout = 5,
          proxy = scheme .. login .. "localhost:" .. proxy.port})
        assert.is_false(ok, scheme .. login .. " is taken")
        assert.is_truthy(tostring(why):find("option 'proxy': its user or password", 1, true), tostring(why))
      end
    end
    for _, login in ipairs {"u:%41%20%7f@", "u:%250a@", "%:%0@", "u:%2@", "u:%g0@"} do
      assert.is_true(botapi.logout(canary.token, {server = target.url, ca_file = certs.ca(), timeout = 5,
        proxy = "http://" .. login .. "localhost:" .. proxy.port}).ok)
    end
    assert.equal(5, target:close().connections)
    assert.equal(5, proxy:close().seen())
  end)

  it("such a login in the environment is system/no, and nothing goes past the proxy", function()
    local tls = server:open {mode = "ok", tls = "server"}
    local proxy = server:open {mode = "proxy_pass"}
    for _, login in ipairs(UNREADABLE) do
      for _, scheme in ipairs {"http", "socks5h"} do
        local told = in_environment(scheme .. "://" .. login .. "localhost:" .. proxy.port,
          "https://bot.example:" .. tls.port)
        assert.equal("system/no", both(told.err))
      end
    end
    assert.equal(0, tls:close().connections)
    assert.equal(0, proxy:close().connections)
  end)

  it("nothing goes past the option's proxy, whatever no_proxy says", function()
    local tls = server:open {mode = "ok", tls = "server"}
    for _, scheme in ipairs {"http", "socks4", "socks4a", "socks5", "socks5h"} do
      for _, list in ipairs {"*", "localhost", "localhost,127.0.0.1"} do
        local child = process.program(CHILD, {env = {no_proxy = list, NO_PROXY = list}}, tls.url, certs.ca(),
          scheme .. "://127.0.0.1:1")
        assert.equal("network/no", both(wire.read(child:line()).err), scheme .. ", " .. list)
        assert.equal(0, child:wait(), child:errors())
      end
    end
    assert.equal(0, tls:close().connections)
  end)

  it("an empty variable of the environment is none: the next one counts", function()
    local tls = server:open {mode = "ok", tls = "server"}
    local child = process.program(CHILD, {env = {https_proxy = "", HTTPS_PROXY = "", no_proxy = "",
      all_proxy = "http://u:%0a@127.0.0.1:1"}}, "https://localhost:" .. tls.port, certs.ca(), "unset")
    assert.is_true(wire.read(child:line()).res.ok)
    assert.equal(0, child:wait(), child:errors())
    child = process.program(CHILD, {env = {https_proxy = "", HTTPS_PROXY = "", no_proxy = "",
      all_proxy = "http://u:%0a@127.0.0.1:1"}}, "https://bot.example:" .. tls.port, certs.ca(), "unset")
    assert.equal("system/no", both(wire.read(child:line()).err))
    assert.equal(0, child:wait(), child:errors())
    assert.equal(1, tls:close().connections)
  end)

  it("the environment's proxy isn't used for loopback, and never makes a call raise", function()
    local proxy = server:open {mode = "proxy_403"}
    local plain = server:open {mode = "ok"}
    local tls = server:open {mode = "ok", tls = "server"}
    for _, environment in ipairs {proxy.url, "http://[", "socks9://x:y"} do
      assert.is_true(in_environment(environment, plain.url).res.ok)
      assert.is_true(in_environment(environment, tls.url).res.ok)
    end
    local told = in_environment("http://[", "https://bot.example:" .. tls.port)
    assert.equal("no", told.err.sent)
    assert.equal(0, proxy:close().connections)
    assert.equal(3, plain:close().seen())
    assert.equal(3, tls:close().seen())
  end)
end)
