-- SPDX-License-Identifier: MIT
-- The server: every form that people paste, what is refused and why, what counts as near, and whose proxy is used.

local botapi = require "botapi"
local core = require "botapi.core"
local faults = require "support.faults"
local live = require "support.live"
local process = require "support.process"

local TOKEN = "110201543:AAHCANARYabcdefghijklmnopqrst"

local function base(server, options)
  options = options or {}
  options.server = server
  return core.base(options)
end

local function refused(server, options)
  local ok, message = pcall(base, server, options)
  assert.is_false(ok, server .. " is taken")
  assert.is_truthy(message:find("option 'server'", 1, true), message)
  return message
end

describe("a server", function()
  it("has names for those that are known", function()
    assert.equal("https://api.telegram.org", (base "telegram"))
    assert.equal("https://tapi.bale.ai", (base "bale"))
    assert.equal("http://127.0.0.1:8081", (base "local"))
  end)

  local FORMS = {
    {"https://h.example", "https://h.example"},
    {"https://h.example/", "https://h.example"},
    {"https://h.example//", "https://h.example"},
    {"https://h.example/bot", "https://h.example"},
    {"https://h.example/bot/", "https://h.example"},
    {"https://h.example/bot//", "https://h.example"},
    {"https://h.example:8443", "https://h.example:8443"},
    {"https://h.example:8443/prefix", "https://h.example:8443/prefix"},
    {"https://h.example:8443/prefix/", "https://h.example:8443/prefix"},
    {"https://h.example:8443/prefix/bot", "https://h.example:8443/prefix"},
    {"https://h.example:8443/prefix/bot/", "https://h.example:8443/prefix"},
    {"https://h.example/a/b/c", "https://h.example/a/b/c"},
    {"https://h.example/robot", "https://h.example/robot"},
    {"https://h.example/bots", "https://h.example/bots"},
    {"https://h.example/bot/x", "https://h.example/bot/x"},
    {"https://bot.example", "https://bot.example"},
    {"https://robot", "https://robot"},
    {"http://bot:8081", "http://bot:8081"},
    {"http://[::1]:8081/bot/", "http://[::1]:8081"},
    {"http://localhost/bot", "http://localhost"},
    {"https://1.2.3.4", "https://1.2.3.4"},
    {"https://[2001:db8::1]", "https://[2001:db8::1]"},
    {"https://h.example/file", "https://h.example/file"},
    {"https://h.example/v1.0-x_y~z", "https://h.example/v1.0-x_y~z"},
    {"https://h.example/123", "https://h.example/123"},
    {"https://h.example/bottoken", "https://h.example/bottoken"},
    {"https://h.example/botAPI", "https://h.example/botAPI"},
    {"http://botTOKEN", "http://botTOKEN"},
  }
  for _, form in ipairs(FORMS) do
    it(("may be written %s"):format(form[1]), function()
      assert.equal(form[2], (base(form[1])))
    end)
  end

  -- What is pasted, and the one server that it can mean.
  local PASTED = {
    {"Telegram", "https://api.telegram.org"}, {" BALE ", "https://tapi.bale.ai"},
    {" https://h.example/x ", "https://h.example/x"}, {'"https://h.example"', "https://h.example"},
    {"'https://h.example/bot'", "https://h.example"}, {"`local`", "http://127.0.0.1:8081"},
    {"<https://h.example>", "https://h.example"}, {" \"'telegram'\" ", "https://api.telegram.org"},
    {"\226\128\156https://h.example\226\128\157", "https://h.example"},
    {"https://h.example/bot{token}/{method}", "https://h.example"},
    {"https://h.example/bot{token}", "https://h.example"}, {"https://h.example/bot{}/{}", "https://h.example"},
    {"https://h.example/p/bot{0}/{1}", "https://h.example/p"}, {"https://h.example/bot%s/%s", "https://h.example"},
    {"https://h.example/bot<token>/METHOD_NAME", "https://h.example"},
    {"https://h.example/bot<your bot token>/getMe?offset=5", "https://h.example"},
    {"https://h.example/bot$TOKEN/getMe", "https://h.example"}, {"https://h.example/bot${TOKEN}", "https://h.example"},
    {"https://h.example/botTOKEN/getMe", "https://h.example"}, {"https://h.example/botYOUR_TOKEN", "https://h.example"},
    {"https://h.example/bot%7Btoken%7D/x", "https://h.example"}, {"https://h.example/bot***/x", "https://h.example"},
    {"https://h.example/file/bot{token}/{path}", "https://h.example"},
    {"api.telegram.org", "https://api.telegram.org"}, {"api.telegram.org:443/bot", "https://api.telegram.org:443"},
    {"API.telegram.org/bot{token}/{method}", "https://API.telegram.org"}, {"tapi.bale.ai/", "https://tapi.bale.ai"},
    {"127.0.0.1:8081", "http://127.0.0.1:8081"}, {"localhost:8081/", "http://localhost:8081"},
    {"10.0.0.5:8081/bot%s/%s", "http://10.0.0.5:8081"}, {"[::1]:8081", "http://[::1]:8081"},
    {"telegram-bot-api:8081", "http://telegram-bot-api:8081"}, {"nas.local:80/x", "http://nas.local:80/x"},
    {"nas.lan:443", "https://nas.lan:443"},
  }
  for _, form in ipairs(PASTED) do
    it(("may be pasted as %s"):format(form[1]), function()
      assert.equal(form[2], (base(form[1])))
    end)
  end

  -- What isn't clear or is wrong, why, and the form that the message has.
  local UNCLEAR = {
    {"h.example:8443", "URL expected", "https://h.example:8443"}, {"h.example", "URL expected", "https://h.example"},
    {"203.0.113.5:8081/bot{token}", "URL expected", "https://203.0.113.5:8081"},
    {"localhost", "URL expected", "http://localhost"}, {"10.0.0.5", "URL expected", "http://10.0.0.5"},
    {"//h.example/x", "URL expected", "https://h.example"}, {"https:/h.example/x", "URL expected", "https://h.example"},
    {"https//h.example", "URL expected", "https://h.example"},
    {"http:\\\\10.0.0.5:81", "URL expected", "http://10.0.0.5:81"},
    {"ws://10.0.0.5:8081/x", "neither http nor https", "http://10.0.0.5:8081"},
    {"htps://h.example:8443/bot", "neither http nor https", "https://h.example:8443"},
    {"https://h.example?a=1", "a query", "https://h.example"},
    {"https://h.example/#a", "a fragment", "https://h.example"},
    {"https://u:p@h.example:81", "a user or password", "https://h.example:81"},
    {"https://https://h.example", "two schemes", "https://api.telegram.org"},
    {"http://https://h.example/bot{token}", "two schemes", nil}, {"https://HTTP:/h.example", "two schemes", nil},
    {"https://h.example/bot/{token}", "stands for a token", "https://h.example"},
    {"https://h.example/bot" .. TOKEN .. "/getMe", "a token", "https://h.example"},
    {"https://h.example/bot{" .. TOKEN .. "}/getMe", "a token", "https://h.example"},
    {"https://h.example/bot<" .. TOKEN .. ">", "a token", "https://h.example"},
    {"https://h.example/bot{token}/test/{method}", "test environment", "https://h.example"},
    {"telegram:443", "URL expected", "https://api.telegram.org"}, {"bale:8081", "URL expected", nil},
    {"telegarm", "URL expected", "https://api.telegram.org"}, {"8081", "URL expected", "https://api.telegram.org"},
    {"123456789:8081", "URL expected", "https://api.telegram.org"}, {TOKEN, "URL expected", "https://api.telegram.org"},
    {"bot" .. TOKEN, "URL expected", "https://api.telegram.org"}, {'"https://h.example', "not a URL", nil},
    {"http:8081", "URL expected", "https://api.telegram.org"}, {"u:p@h.example", "URL expected", "https://h.example"},
    {"https://u:a/b@h.example", "not a URL", "https://api.telegram.org"},
    {"ftp://user:1234/b@h.example", "neither http", "https://api.telegram.org"}, {"{server}", "URL expected", nil},
    {"https://", "not a URL", "https://api.telegram.org"}, {"''", "URL expected", "https://api.telegram.org"},
    {"https://" .. ("h"):rep(101) .. ".example:x", "not a URL", "https://api.telegram.org"},
  }
  for _, row in ipairs(UNCLEAR) do
    it(("is refused with the form that is right: %s"):format(row[1]), function()
      local message = refused(row[1])
      assert.is_truthy(message:find(row[2], 1, true), message)
      if row[3] then assert.equal(row[3], message:match 'write it like "([^"]*)"$', message) end
      assert.is_nil(message:find("110201543", 1, true), message)
      assert.is_nil(message:find("CANARY", 1, true), message)
    end)
    it(("isn't refused in that form again: %s"):format(row[1]), function()
      local form = refused(row[1]):match 'write it like "([^"]*)"$'
      assert.equal(form, (base(form)))
    end)
  end

  it("keeps a name that isn't ASCII", function()
    assert.equal("https://b\195\188cher.example", (base "https://b\195\188cher.example"))
  end)

  it("isn't taken with a query, a fragment, a user, a password or another scheme, and isn't repeated then", function()
    local cases = {
      {"https://h.example/?CANARY", "query"}, {"https://h.example?a=CANARY", "query"},
      {"https://h.example/#CANARY", "fragment"}, {"https://h.example#CANARY", "fragment"},
      {"https://CANARY@h.example", "user or password"}, {"https://u:CANARY@h.example", "user or password"},
      {"https://:CANARY@h.example", "user or password"}, {"https://@h.example/CANARY", nil},
      {"ftp://h.example/CANARY", "neither http nor https"}, {"file:///CANARY", "neither http nor https"},
      {"ws://h.example/CANARY", "neither http nor https"}, {"javascript://CANARY", "neither http nor https"},
      {"h.example/CANARY", "URL expected"}, {"//h.example/CANARY", "URL expected"}, {"CANARY", "URL expected"},
      {"https:/h.example/CANARY", "URL expected"}, {"Telegramm", "URL expected"},
      {"https://", "not a URL"}, {"https:///CANARY", nil}, {"://h/CANARY", "not a URL"},
      {"https://h.example:x/CANARY", "not a URL"}, {"https://h.example:99999/CANARY", "not a URL"},
      {"https://h.example:-1/", "not a URL"}, {"https://h.example/a CANARY", "not a URL"},
      {"'https://h.example/CANARY", "not a URL"}, {"CANARY.secret:pass@h.example", "URL expected"},
      {"https://[::1/CANARY", "not a URL"}, {"https://[CANARY]", "not a URL"}, {"https://a b/", "not a URL"},
      {"https://h<CANARY>/", "not a URL"}, {"http://:80", "not a URL"},
      {"http://CANARY%252Eexample", "not a URL"}, {"https://CANARY%25", "not a URL"},
      {"https://CANARY%7f", "not a URL"}, {"https://CANARY%09.example", "not a URL"},
    }
    for _, case in ipairs(cases) do
      local ok, message = pcall(base, case[1])
      if case[2] then
        assert.is_false(ok, case[1])
        assert.is_truthy(message:find(case[2], 1, true), case[1] .. ": " .. message)
      end
      assert.is_true(ok or not message:find("CANARY", 1, true), message)
    end
  end)

  it("isn't taken with a token in it, in any form, and the token isn't repeated", function()
    for _, path in ipairs {"/bot%s", "/bot%s/", "/bot%s/getMe", "/bot/%s", "/prefix/bot%s", "/file/bot%s/x",
      "/bot%s/test/getMe", "/%s", "/a/%s/b"} do
      for _, token in ipairs {TOKEN, (TOKEN:gsub(":", "%%3A")), (TOKEN:gsub(":", "%%3a"))} do
        local message = refused("https://h.example" .. path:gsub("%%s", function() return token end))
        assert.is_truthy(message:find("a token doesn't belong in it", 1, true), message)
        assert.is_nil(message:find("CANARY", 1, true))
        assert.is_nil(message:find("110201543", 1, true))
      end
    end
  end)
end)

describe("http://", function()
  local NEAR = {"http://127.0.0.1", "http://127.0.0.1:8081/x", "http://127.255.255.254", "http://10.0.0.1",
    "http://10.255.255.255", "http://172.16.0.1", "http://172.31.255.255", "http://192.168.0.1", "http://169.254.1.1",
    "http://localhost", "http://LOCALHOST", "http://api", "http://telegram-bot-api:8081", "http://my_container",
    "http://[::1]", "http://[0:0:0:0:0:0:0:1]:80", "http://[fc00::1]", "http://[fdff::1]", "http://[fe80::1]",
    "http://[febf::1]", "http://[::ffff:127.0.0.1]", "http://[::ffff:10.1.2.3]", "http://[fe80::1%25eth0]",
    "HTTP://127.0.0.1", "http://127.1", "http://0x7f.0.0.1", "http://100.64.0.1", "http://100.127.255.255",
    "http://[::ffff:100.64.0.1]", "http://api.internal", "http://host.docker.internal:8081", "http://API.Internal.",
    "http://bots.default.svc.cluster.local", "http://nas.local", "http://nas.LAN", "http://nas.home.arpa",
    "http://a.b.home.arpa.", "http://x.localhost", "http://localhost."}
  local FAR = {"http://api.telegram.org", "http://h.example", "http://localhost.example", "http://1.2.3.4",
    "http://11.0.0.1", "http://9.255.255.255", "http://172.15.255.255", "http://172.32.0.1", "http://192.167.0.1",
    "http://192.169.0.1", "http://128.0.0.1", "http://126.255.255.255", "http://169.253.1.1", "http://0.0.0.0",
    "http://127.0.0.1.example", "http://10.example", "http://[2001:db8::1]", "http://[fbff::1]", "http://[fe00::1]",
    "http://[fec0::1]", "http://[::ffff:8.8.8.8]", "http://[::]", "http://[::2]", "http://h.", "http://evil%2Eexample",
    "http://8.8.8.8:8081/bot", "http://100.63.255.255", "http://100.128.0.0", "http://internal.example",
    "http://xinternal.example", "http://a.xlan", "http://arpa.example", "http://home.arpa.example", "http://x.arpa",
    "http://b\195\188cher.internal"}

  it("is taken for loopback, private and link-local addresses and names that only private networks have", function()
    for _, server in ipairs(NEAR) do
      local _, near = base(server)
      assert.is_true(near, server)
    end
  end)

  it("raises for every other host, and says that the token would be readable", function()
    for _, server in ipairs(FAR) do
      assert.is_truthy(refused(server):find("plain_http", 1, true), server)
    end
  end)

  it("is taken for any other host with plain_http = true, which makes it no nearer", function()
    for _, server in ipairs(FAR) do
      local _, near = base(server, {plain_http = true})
      assert.is_false(near, server)
    end
    refused("http://h.example", {plain_http = false})
  end)

  it("is taken for any name behind a unix socket", function()
    assert.equal("http://h.example", (base("http://h.example", {unix_socket = "/run/x"})))
  end)

  it("raises with a proxy, which would read the token, unless plain_http = true", function()
    local ok, message = pcall(base, "http://127.0.0.1", {proxy = "http://127.0.0.1:3128"})
    assert.is_false(ok)
    assert.is_truthy(message:find("option 'proxy'", 1, true), message)
    assert.is_string((base("http://127.0.0.1", {proxy = ""})))
    assert.is_string((base("http://127.0.0.1", {proxy = "http://127.0.0.1:3128", plain_http = true})))
    assert.is_string((base("https://127.0.0.1", {proxy = "http://127.0.0.1:3128"})))
  end)
end)

describe("a proxy", function()
  it("may be http, https or socks, or have no scheme", function()
    for _, url in ipairs {"http://h:1", "https://h:1", "socks4://h:1", "socks4a://h:1", "socks5://h:1", "socks5h://h:1",
      "h:1", "h", "1.2.3.4:80", "[::1]:80", "HTTP://h", "http://u:CANARY@h:1", "u:CANARY@h:1"} do
      assert.is_string((base("https://h.example", {proxy = url})))
    end
  end)

  it("of another scheme, or that isn't a URL, raises without being repeated", function()
    for _, url in ipairs {"ftp://CANARY", "nonsense://CANARY", "socks://CANARY", "://CANARY", "http://CANARY:x",
      "http://[CANARY", "CANARY:99999", "http://", "http://CANARY CANARY", "u:CANARY@h:99999", "u:CANARY@[bad"} do
      local ok, message = pcall(base, "https://h.example", {proxy = url})
      assert.is_false(ok, url)
      assert.is_truthy(message:find("option 'proxy'", 1, true), message)
      assert.is_nil(message:find("CANARY", 1, true), "it is repeated")
    end
  end)
end)

describe("a proxy from the environment", function()
  local server, before
  lazy_setup(function() server = faults.start() end)
  lazy_teardown(function() server:stop() end)
  before_each(function() before = live.note() end)
  after_each(function() before:check() end)

  local PROGRAM = [[
    local botapi = require "botapi"
    local server, more = ...
    local options = {server = server, timeout = 10}
    if more == "plain" then options.plain_http = true end
    if more == "none" then options.proxy = "" end
    local res, err = botapi.logout("]] .. TOKEN .. [[", options)
    print(res and "ok" or err.kind .. "/" .. err.sent)
    print(tostring(res or err))
  ]]

  local function call(env, url, more)
    local child = process.program(PROGRAM, {env = env}, url, more)
    local first = child:line(20)
    local code = child:wait()
    assert.equal(0, code, child:errors())
    return first, child:output()
  end

  local function all(url)
    return {http_proxy = url, https_proxy = url, HTTPS_PROXY = url, all_proxy = url, ALL_PROXY = url}
  end

  it("isn't used for a server that is near, and has nothing to say about it", function()
    local listener, proxy = server:open {mode = "ok"}, server:open {mode = "proxy_502"}
    assert.equal("ok", (call(all(proxy.url), listener.url)))
    assert.equal("ok", (call(all "nonsense://x", listener.url)))
    assert.equal("ok", (call(all(proxy.url), "http://localhost:" .. listener.port)))
    assert.equal(0, proxy:close().connections)
    assert.equal(3, listener:close().seen())
  end)

  it("is used for a server that is far: with CONNECT for https, which shows no token", function()
    local proxy = server:open {mode = "proxy_502"}
    assert.equal("network/no", (call({https_proxy = proxy.url}, "https://far.example")))
    local told = proxy:close()
    assert.equal(1, #told.requests)
    assert.equal("CONNECT", told.requests[1].verb)
    assert.equal("far.example:443", told.requests[1].path)
    assert.is_nil(told.requests[1].head:find("CANARY", 1, true))
  end)

  it("is used for http:// that is far and allowed", function()
    local proxy = server:open {mode = "ok"}
    assert.equal("ok", (call({http_proxy = proxy.url}, "http://far.example", "plain")))
    assert.equal("http://far.example/bot" .. TOKEN .. "/logOut", proxy:close().requests[1].path)
    assert.equal("system/no", (call({http_proxy = "http://u:%1f@127.0.0.1:1"}, "http://far.example", "plain")))
  end)

  it("isn't used with proxy = \"\", nor for a host in no_proxy", function()
    local proxy = server:open {mode = "proxy_502"}
    assert.equal("network/no", (call({https_proxy = proxy.url}, "https://127.0.0.2:1", "none")))
    assert.equal("network/no", (call({https_proxy = proxy.url, no_proxy = "192.0.2.1,x"}, "https://x:1")))
    assert.equal(0, proxy:close().connections)
  end)

  it("that makes no sense is an error, never raised, and its password isn't shown", function()
    for _, url in ipairs {"nonsense://u:CANARYp@h", "http://u:CANARYp@", "ftp://u:CANARYp@h", "http://u:CANARYp@h h"} do
      local first, all_said = call({https_proxy = url}, "https://far.example")
      assert.is_truthy(first:find("/no$"), first)
      assert.is_nil(all_said:find("CANARY", 1, true), "it shows the password")
    end
  end)
end)

describe("a server that can't be reached by its name", function()
  it("is an error at the call, not raised", function()
    local res, err = botapi.logout(TOKEN, {server = "https://127.0.0.1:1/prefix", timeout = 5})
    assert.is_nil(res)
    assert.equal("network/no", err.kind .. "/" .. err.sent)
    assert.is_nil(err.message:find("prefix", 1, true))
  end)
end)
