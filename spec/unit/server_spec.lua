-- SPDX-License-Identifier: MIT
-- Owns the check of what is known of a server by its address: kind, names, identity, what is private.

local core = require "botapi.core"
local process = require "support.process"
local server = require "botapi.server"

local function read(name, more)
  local options = { server = name }
  for key, value in pairs(more or {}) do options[key] = value end
  return assert(server.read(options))
end

describe("a server", function()
  it("has a kind and the names that texts use", function()
    local cloud, bale, own = read "telegram", read "https://tapi.bale.ai/", read "http://10.0.0.5:8081/bot"
    assert.same({ "cloud", "api.telegram.org", "api.telegram.org, Telegram's cloud", "api.telegram.org" },
      { cloud.kind, cloud.name, cloud.title, cloud.plain })
    assert.same({ "bale", "tapi.bale.ai", "tapi.bale.ai, Bale" }, { bale.kind, bale.name, bale.title })
    assert.same({ "local", "http://10.0.0.5:8081", "http://10.0.0.5:8081, a local server", "10.0.0.5:8081" },
      { own.kind, own.name, own.title, own.plain })
    assert.equal("cloud", server.read({}).kind)
  end)

  it("is of another kind where its user says so", function()
    local side = server.read({ server = "local" }, "cloud")
    assert.equal("cloud", side.kind)
    assert.equal("127.0.0.1:8081, Telegram's cloud", side.title:gsub("^http://", ""))
  end)

  it("is private or on this machine by its address", function()
    for name, is_loopback in pairs { ["http://127.0.0.1:81"] = true, ["http://localhost"] = true,
      ["http://[::1]:81"] = true, ["http://LOCALHOST.:81"] = true, ["http://[0:0::1]"] = true,
      ["http://[::ffff:127.0.0.1]"] = true, ["http://10.0.0.5"] = false, ["http://box"] = false } do
      local side = read(name)
      assert.is_true(side.is_private, name)
      assert.equal(is_loopback, side.is_loopback, name)
    end
    assert.is_false(read("telegram").is_private)
    local socket = read("telegram", { unix_socket = "/run/bot" })
    assert.is_true(socket.is_private and socket.is_loopback)
  end)

  -- Each row is one server.
  local SAME = {
    { "telegram", "https://api.telegram.org", "https://API.Telegram.org", "HTTPS://api.telegram.org/",
      "https://api.telegram.org:443", "https://api.telegram.org:0443//", "https://api.telegram.org.",
      "https://api.telegram.org.:443/bot/", "https://api%2Etelegram.org", "https://%61pi.telegram.org",
      "https://api.telegram.org/a/..", "https://api.telegram.org/%62ot", "Telegram",
      "api.telegram.org", "'https://api.telegram.org/bot{0}/{1}'", "<https://api.telegram.org/file/bot%s/%s>" },
    { "bale", "https://TAPI.bale.ai", "https://tapi.bale.ai.:443/bot" },
    { "local", "http://127.0.0.1:8081", "http://127.1:8081", "http://0x7f000001:8081", "http://2130706433:08081/",
      "http://[::ffff:127.0.0.1]:8081", "http://[::FFFF:7f00:1]:8081", "http://[0:0:0:0:0:ffff:7f00:0001]:8081",
      "http://127.0.0.1.:8081", "127.0.0.1:8081", "127.0.0.1:8081/bot<token>/getMe" },
    { "http://localhost", "http://LOCALHOST", "http://localhost.:80", "http://LocalHost:80/bot" },
    { "http://[fd00::8081:1]:8081", "http://[FD00::8081:1]:8081", "http://[fd00:0:0:0:0:0:8081:1]:8081/",
      "http://[fd00:0000::8081:0001]:8081" },
    { "https://[2001:db8::1]", "https://[2001:DB8:0:0:0:0:0:1]:443", "https://[2001:0db8::0001]" },
    { "http://[fe80::1%25eth0]:81", "http://[fe80::1%eth0]:81", "http://[FE80:0::1%25eth0]:81" },
    { "https://h.example/~a/b", "https://H.example/%7Ea/%62/", "https://h.example/~a/./b/bot",
      "https://h.example/~a/%2e/b", "https://h.example/~a/b/bot/%2e/bot//", "https://h.example/x/%2e%2e/~a/b" },
    { "https://h.example/a%2Fb", "https://h.example/a%2fb/" },
    { "https://h.example/a:b@c", "https://h.example/a%3ab%40c" },
    { "https://h.example/%C3%BC", "https://h.example/\195\188", "https://h.example/%c3%bc" },
    { "https://xn--bcher-kva.example", "https://XN--BCHER-KVA.example." },
  }

  for _, row in ipairs(SAME) do
    it("is the same one in each spelling: " .. row[1], function()
      local first = read(row[1], { plain_http = true })
      for _, name in ipairs(row) do
        local one = read(name, { plain_http = true })
        assert.equal(first.identity, one.identity, name)
        assert.equal(first.kind, one.kind, name)
        assert.equal(first.identity, server.spelled(name), name)
        assert.equal(first.identity, server.spelled(one.base), name)
        assert.equal(first.identity, server.spelled(first.identity), name)
      end
    end)
  end

  it("is another one where the address is another, or might be", function()
    local seen = {}
    for _, row in ipairs(SAME) do
      local identity = server.spelled(row[1])
      assert.is_nil(seen[identity], row[1])
      seen[identity] = true
    end
    for _, name in ipairs { "http://127.0.0.1", "http://[::1]", "http://localhost:8081", "https://localhost",
      "http://[fe80::1%25ETH0]:81", "http://[fe80::1]:81", "https://h.example/~A/b", "https://h.example/a/b",
      "https://h.example/a%252Fb", "https://h.example", "https://sub.h.example", "https://h.example:80" } do
      local identity = read(name).identity
      assert.is_nil(seen[identity], name)
      seen[identity] = true
    end
  end)

  it("has a name in other letters that is the DNS's, where libcurl can read them", function()
    local program = [[
      os.setlocale(...)
      local server = require "botapi.server"
      print(server.spelled("https://b\195\188cher.example:443") == server.spelled("https://xn--bcher-kva.example"),
        server.spelled "https://b\195\188cher.example")]]
    local child = process.program(program, {}, "C.UTF-8")
    assert.equal("true\thttps://xn--bcher-kva.example", child:line(20), child:errors())
    child:wait()
  end)

  it("is the cloud or Bale in each spelling, and has their names", function()
    for _, name in ipairs { "https://API.telegram.org", "https://api.telegram.org:443", "https://api.telegram.org." } do
      local side = read(name)
      assert.same({ "cloud", "api.telegram.org", "api.telegram.org, Telegram's cloud" },
        { side.kind, side.name, side.title })
    end
    assert.equal("bale", read "https://TAPI.BALE.AI:443/bot".kind)
    assert.equal("cloud", read("http://api.telegram.org", { plain_http = true }).kind)
    assert.equal("local", read "https://api.telegram.org.example".kind)
  end)

  it("keeps the spelling that was given for the request", function()
    assert.equal("https://API.telegram.org.:443", read "https://API.telegram.org.:443/bot/".base)
    assert.equal("http://LOCALHOST:8081", read "http://LOCALHOST:8081".name)
  end)

  it("has an identity of its own in the test environment, and behind a unix socket", function()
    local side = read("https://H", { test = true, unix_socket = "/run//./bot" })
    assert.equal("https://localhost (test) (unix:/run/bot)", side.identity)
    assert.same({ server = "https://localhost", test = true, unix_socket = "/run/bot" },
      server.options_of(side.identity))
    assert.same({ server = "https://h" }, server.options_of "https://h")
    assert.same({ server = "https://h", test = true }, server.options_of "https://h (test)")
    assert.same({ server = "http://h", unix_socket = "/a b" }, server.options_of "http://h (unix:/a b)")
    assert.equal("https://localhost (test) (unix:/run/bot)", server.spelled "https://H:443 (test) (unix:/run/./bot)")
  end)

  it("behind a unix socket is the same one in each spelling of that, whatever the URL's host", function()
    local base = os.tmpname()            -- a short path: that of a socket has at most 107 bytes
    process.run(("B=%s; rm -rf $B; mkdir -p $B/a/b && cd $B && ln -s a link && ln -s ../us.sock a/far "
      .. "&& ln -s loop loop && ln -s $B/a/b absolute"):format(base))
    local working = core.host.current_directory()
    local up = ("../"):rep(select(2, working:gsub("[^/]+", "")))
    local first
    for is_there = 0, 1 do
      if is_there == 1 then process.run((": >%s/us.sock"):format(base)) end
      for _, path in ipairs { "/us.sock", "//us.sock", "/./us.sock", "/a/../us.sock", "/a/b/../../us.sock",
        "/link/../us.sock", "/a/far", "/link/far", "/absolute/../far", "/absolute/../../us.sock",
        "/gone/../us.sock" } do
        for _, from in ipairs { base, up .. base:sub(2), "/proc/self/cwd/" .. up .. base:sub(2) } do
          for _, host in ipairs { "localhost", "127.0.0.1:8081", "BOX", "[::1]:5" } do
            local side = read("http://" .. host, { unix_socket = from .. path, plain_http = true })
            first = first or side.identity
            assert.equal(first, side.identity, from .. path)
            assert.equal(first, server.spelled(("http://%s (unix:%s%s)"):format(host, from, path)))
          end
        end
      end
    end
    assert.matches("^http://localhost %(unix:/.*/us%.sock%)$", first)
    for _, other in ipairs { "/us.sock2", "/a/us.sock", "/loop", "/a" } do
      assert.not_equal(first, read("http://localhost", { unix_socket = base .. other }).identity)
    end
    assert.not_equal(first, read("http://localhost/prefix", { unix_socket = base .. "/us.sock" }).identity)
    process.run("rm -rf " .. base)
  end)

  it("that isn't one stays as it was written", function()
    for _, text in ipairs { "nonsense", "ftp://H", "https://user@H", "", "http://H x", "***" } do
      assert.equal(text, server.spelled(text))
    end
  end)

  it("is none where the options are wrong, and says why", function()
    local side, why = server.read { server = "nonsense" }
    assert.is_nil(side)
    assert.matches("^option 'server': ", why)
    assert.matches("unknown option 'as'", select(2, server.read { as = "cloud" }))
  end)

  it("of Facebook has a port only where it isn't https's own", function()
    assert.equal("https://www.facebook.com", server.facebook())
    assert.equal("https://www.facebook.com", server.facebook(443))
    assert.equal("https://www.facebook.com:8443", server.facebook(8443))
  end)
end)
