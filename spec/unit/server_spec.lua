-- SPDX-License-Identifier: MIT
-- Owns the check of what is known of a server by its address: kind, names, identity, what is private.

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
      ["http://[::1]:81"] = true, ["http://10.0.0.5"] = false, ["http://box"] = false } do
      local side = read(name)
      assert.is_true(side.is_private, name)
      assert.equal(is_loopback, side.is_loopback, name)
    end
    assert.is_false(read("telegram").is_private)
    local socket = read("telegram", { unix_socket = "/run/bot" })
    assert.is_true(socket.is_private and socket.is_loopback)
  end)

  it("has one identity, and the test environment and a unix socket make another of it", function()
    assert.equal("https://h", server.identity("https://h", {}))
    assert.equal("https://h (test) (unix:/run/bot)", server.identity("https://h", { test = true,
      unix_socket = "/run/bot" }))
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
