-- SPDX-License-Identifier: MIT
-- Owns the specs of `botapi status`: what it shows of a webhook; and what is said of a token's file.

local command = require "support.command"
local process = require "support.process"
local start = require "botapi.emulator".start

local quote = process.quote
local ID = 987654321

describe("botapi status", function()
  local emu, token
  setup(function()
    emu = start { as = "cloud" }
    token = emu:token(ID)
  end)
  teardown(function() emu:close() end)
  before_each(function() emu:reset() end)

  local function status(change, more)
    change.username, change.first_name, change.state = "shop_bot", "Shop", "logged_in"
    emu:put(ID, change)
    return command.run(("status --server %s %s"):format(emu.url, more or ""), { BOT_TOKEN = token })
  end

  it("shows the webhook with its certificate, address and kinds of update, and the last error with its age", function()
    local code, out = status { pending = 3, webhook = { url = "https://shop.example/hook",
      has_custom_certificate = true, ip_address = "203.0.113.9", max_connections = 7,
      allowed_updates = { "message", "poll" },
      last_error_date = os.time() - 7300, last_error_message = "Connection refused" } }
    assert.equal(0, code)
    assert.equal("\nWebhook  https://shop.example/hook\n         certificate      its own\n"
      .. "         ip_address       203.0.113.9\n         max_connections  7\nUpdates  message, poll\n"
      .. "Waiting  3 updates\n", out:match "(\nWebhook.-)Error")
    assert.matches("\nError    Connection refused %(%d%d%d%d%-%d%d%-%d%d %d%d:%d%d:%d%d, 2 hours ago%)\n$", out)
  end)

  it("says where there is none, and that the server has a default", function()
    local code, out = status {}
    assert.equal(0, code)
    assert.equal("Webhook  none\nUpdates  the server's default\nWaiting  0 updates\n", out:match "Webhook.*")
  end)

  it("shows what a server says, and nothing that a terminal would obey", function()
    local code, out = status { webhook = { url = "https://shop.example/hook", last_error_date = 1,
      last_error_message = "a\27[2Jb\nc", allowed_updates = { "message" } } }
    assert.equal(0, code)
    assert.is_nil(out:find "\27")
    assert.truthy(out:find("a\\u{1b}[2Jb c", 1, true), out)
  end)
end)

describe("a token's file", function()
  local emu, directory
  setup(function()
    emu = start {}
    directory = os.tmpname()              -- every user enters /tmp, and maybe nobody the directory of this tree
  end)
  teardown(function()
    process.run("rm -rf " .. quote(directory))
    emu:close()
  end)
  before_each(function()
    process.run(("rm -rf %s; mkdir -m 755 %s"):format(quote(directory), quote(directory)))
    local file = assert(io.open(directory .. "/token", "w"))
    file:write(emu:token(ID), "\n")
    file:close()
  end)

  local WARNING = "Note: every user of this machine can read "

  local function warning(mode, at, env, words)
    process.run(("chmod %s %s/token; chmod %s %s"):format(mode, quote(directory), at, quote(directory)))
    local code, _, said = command.run(("status --server %s %s"):format(emu.url, words or "--token-file "
      .. quote(directory .. "/token")), env)
    assert.equal(0, code, said)
    return said:find(WARNING, 1, true) and said:match "(chmod [^\n]*)"
  end

  it("that others can read is warned about, with the command that helps", function()
    assert.equal("chmod 600 " .. directory .. "/token", warning("644", "755"))
    assert.equal("chmod 600 " .. directory .. "/token", warning("604", "711"))
    local env = { BOT_TOKEN_FILE = directory .. "/token" }
    assert.equal("chmod 600 " .. directory .. "/token", warning("644", "755", env, ""))
  end)

  it("that its owner or a group alone can read isn't, nor one in a directory that others can't enter", function()
    for _, mode in ipairs { "600", "400", "640", "660" } do assert.is_nil(warning(mode, "755")) end
    assert.is_nil(warning("644", "700"))
    assert.is_nil(warning("644", "750"))
  end)

  it("is no matter with -q, and none for standard input", function()
    local words = "--token-file " .. quote(directory .. "/token")
    assert.is_nil(warning("644", "755", nil, "-q " .. words))
    assert.is_nil(warning("644", "755", nil, "--token-file - <" .. quote(directory .. "/token")))
  end)
end)
