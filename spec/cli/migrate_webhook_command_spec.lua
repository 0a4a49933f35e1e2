-- SPDX-License-Identifier: MIT
-- Specifies the webhook's options of `botapi migrate`: each arrives, and a wrong one is named before anything is asked.

local certs = require "support.certs"
local command = require "support.command"
local process = require "support.process"
local start = require "botapi.emulator".start
local terminal = require "support.terminal"

local quote = process.quote
local directory = terminal.directory()
local URL = "https://shop.example/hook"
local CERTIFICATE = process.slurp(certs.ca())
local last_id = 700000

local function write(name, text)
  local file = assert(io.open(directory .. name, "wb"))
  file:write(text)
  file:close()
  return quote(directory .. name)
end

describe("botapi migrate, of the webhook", function()
  local pair, id

  setup(function() pair = start { pair = true } end)
  teardown(function() pair:close() end)
  before_each(function()
    last_id = last_id + 1
    id = last_id
    pair:put(id, { state = "logged_in", webhook = { url = URL, max_connections = 17, allowed_updates = { "poll" } } },
      "cloud")
  end)

  local function migrate(words)
    return command.run(("migrate --from %s --to %s %s"):format(pair.url, pair.local_url, words),
      { BOT_TOKEN = id .. ":CANARY-s3cr3t-0f-n0-b0t-at-all_xyz0A" })
  end

  local function sent() return pair:calls({ bot = id, method = "setWebhook", server = "local" })[1].params end

  it("keep takes each of its options in place of what was", function()
    local words = ("--yes --webhook keep --webhook-secret-file %s --webhook-certificate %s --webhook-max-connections 9 "
      .. "--webhook-allowed-updates message,poll"):format(write("secret", "CANARY_s\n"), write("c.pem", CERTIFICATE))
    local code, out, said = migrate(words)
    assert.equal(0, code, out .. said)
    local params = sent()
    assert.same({ URL, "CANARY_s", "9", '["message","poll"]' },
      { params.url, params.secret_token, params.max_connections, params.allowed_updates })
    assert.truthy(said:find("certificate      as given", 1, true), said)
    assert.equal(#CERTIFICATE, params.certificate.file_size)
  end)

  it("a URL keeps the old kinds and connections, and shows it", function()
    local code, out, said = migrate "--yes --webhook https://new.example/h"
    assert.equal(0, code, out .. said)
    assert.same({ url = "https://new.example/h", max_connections = "17", allowed_updates = '["poll"]' }, sent())
    assert.truthy(said:find("\n  allowed_updates  poll (as it was)\n", 1, true), said)
  end)

  it("the default kinds go out as an empty list", function()
    assert.equal(0, (migrate "--yes --webhook https://new.example/h --webhook-allowed-updates default"))
    assert.equal("[]", sent().allowed_updates)
  end)

  it("an address goes out as it is, and is read back", function()
    pair:rule { bot = id, method = "getWebhookInfo", server = "local", answer = { result = { url = URL,
      max_connections = 17, allowed_updates = { "poll" }, ip_address = "8.8.8.8", pending_update_count = 0 } } }
    local code, _, said = migrate(("--yes --webhook keep --webhook-secret-file %s --webhook-ip-address 8.8.4.4")
      :format(write("none", "")))
    assert.equal(6, code)
    assert.equal("8.8.4.4", sent().ip_address)
    assert.truthy(said:find("\n  ip_address: asked for 8.8.4.4, set is 8.8.8.8\n", 1, true), said)
  end)

  it("none deletes one that is set on the new server", function()
    pair:put(id, { state = "logged_in", webhook = { url = "https://old.example/" } }, "local")
    local code, out = migrate "--yes --webhook none"
    assert.equal(0, code)
    assert.is_falsy(pair:bot(id, "local").webhook)
    assert.truthy(out:find("\n  webhook    none on " .. pair.local_url .. "\n", 1, true), out)
  end)

  local key = CERTIFICATE:gsub("CERTIFICATE", "EC PRIVATE KEY")
  local wrong = {
    { "--webhook keep --webhook-certificate " .. write("key.pem", key), "--webhook-certificate: holds a PRIVATE KEY" },
    { "--webhook keep --webhook-certificate " .. write("both.pem", CERTIFICATE .. key), "holds a PRIVATE KEY" },
    { "--webhook keep --webhook-certificate " .. write("empty.pem", ""), "BEGIN CERTIFICATE" },
    { "--webhook keep --webhook-certificate " .. quote(directory), "--webhook-certificate can't be read" },
    { "--webhook keep --webhook-certificate /nonexistent", "--webhook-certificate can't be read" },
    { "--webhook keep --webhook-secret-file " .. write("bad", "a b"),
      "--webhook-secret-file: only these characters are allowed: A-Z a-z 0-9 _ -" },
    { "--webhook keep --webhook-secret-file " .. write("long", ("x"):rep(257)), "--webhook-secret-file: " },
    { "--webhook keep --webhook-max-connections 0", "--webhook-max-connections: " },
    { "--webhook keep --webhook-max-connections many", "'many' is not a number" },
    { "--webhook keep --webhook-ip-address nope", "--webhook-ip-address: an IP address expected" },
    { "--webhook none --webhook-max-connections 5", "--webhook-max-connections needs --webhook keep or a URL" },
    { "--webhook-allowed-updates poll", "--webhook-allowed-updates needs --webhook keep or a URL" },
  }
  for _, each in ipairs(wrong) do
    it("names what is wrong, and asks no server: " .. each[2], function()
      local code, _, said = migrate("--yes " .. each[1])
      assert.equal(2, code, said)
      assert.truthy(said:gsub("\n", " "):find(each[2], 1, true), said)
      assert.same({}, pair:calls { bot = id })
    end)
  end
end)
