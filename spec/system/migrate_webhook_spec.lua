-- SPDX-License-Identifier: MIT
-- Specifies the webhook of a move: what of it arrives, what is refused before anything changes, what is read back.

local botapi = require "botapi"
local certs = require "support.certs"
local moves = require "support.moves"
local process = require "support.process"

local URL = "https://shop.example/hook"
local CERTIFICATE = process.slurp(certs.ca())
local KEY = "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n"

describe("the webhook of a move", function()
  local servers, id, token, journal

  setup(function() servers = moves.servers() end)
  teardown(function() servers.close() end)
  before_each(function()
    id, token = moves.new_bot()
    journal = moves.journal()
  end)
  after_each(function()
    servers.pair:unrule()
    moves.remove(journal)
  end)

  local function cloud() return { server = servers.cloud, as = "cloud" } end

  local function move(more)
    return moves.move(token, moves.with({ from = cloud(), to = servers.near, journal = journal, retries = 0 }, more))
  end

  -- A server takes no second setWebhook within a second.
  local function again(more)
    servers.pair:advance(2)
    return move(more)
  end

  local function to_cloud(more)
    more.from, more.to = servers.near, cloud()
    return move(more)
  end

  -- A bot with this webhook on one side; an URL alone for one of the cloud.
  local function with_webhook(webhook, side)
    webhook.url = webhook.url or URL
    servers.pair:put(id, { state = "logged_in", webhook = webhook }, side or "cloud")
  end

  -- The parameters of each setWebhook that a side got.
  local function sent(side)
    local list = {}
    for i, call in ipairs(servers.pair:calls { bot = id, method = "setWebhook", server = side or "local" }) do
      list[i] = call.params
    end
    return list
  end

  local function unchanged()
    for _, method in ipairs { "logOut", "close", "deleteWebhook", "setWebhook" } do
      assert.same({}, servers.pair:calls { bot = id, method = method })
    end
  end

  local function answer_info(result, side)
    local members = '"pending_update_count":0'
    if not result:find "has_custom" then members = members .. ',"has_custom_certificate":false' end
    servers.pair:rule { bot = id, method = "getWebhookInfo", server = side or "local", times = 1,
      answer = { status = 200, type = "application/json",
        body = '{"ok":true,"result":{' .. result .. "," .. members .. "}}" } }
  end

  describe("to be kept", function()
    it("arrives with its connections and kinds of update", function()
      with_webhook { max_connections = 17, allowed_updates = { "message", "poll" } }
      assert.equal("done", move { webhook = "keep", secret_token = "CANARY_s" }.status)
      assert.same({ { url = URL, max_connections = "17", allowed_updates = '["message","poll"]',
        secret_token = "CANARY_s" } }, sent())
    end)

    it("with the default kinds says so, as the new server may have a list of its own", function()
      with_webhook {}
      assert.equal("done", move { webhook = "keep", secret_token = false }.status)
      assert.equal("[]", sent()[1].allowed_updates)
    end)

    it("with the default kinds gets them where the bot had asked for fewer", function()
      assert(botapi.call(token, "getUpdates", { allowed_updates = { "poll" } }, { server = servers.near }).ok)
      with_webhook {}
      assert.equal("done", move { webhook = "keep", secret_token = false }.status)
      assert.is_nil(botapi.get_webhook_info(token, { server = servers.near }).result.allowed_updates)
    end)

    it("takes what the caller says in place of what was", function()
      with_webhook { max_connections = 17, allowed_updates = { "message" } }
      answer_info('"url":"' .. URL .. '","max_connections":9,"allowed_updates":["poll"],"ip_address":"8.8.4.4"')
      local report = move { webhook = "keep", secret_token = false, max_connections = 9, allowed_updates = { "poll" },
        ip_address = "8.8.4.4" }
      assert.equal("done", report.status, report.text)
      assert.same({ { url = URL, max_connections = "9", allowed_updates = '["poll"]', ip_address = "8.8.4.4" } },
        sent())
    end)

    it("gets the default kinds where the caller wants them", function()
      with_webhook { allowed_updates = { "message" } }
      assert.equal("done", move { webhook = "keep", secret_token = false, allowed_updates = {} }.status)
      assert.equal("[]", sent()[1].allowed_updates)
    end)

    it("is taken off and put back with all that is known of it", function()
      servers.one:put(id, { state = "logged_in", webhook = { url = URL, max_connections = 17,
        allowed_updates = { "poll" } } })
      servers.one:rule { bot = id, method = "close", answer = { error_code = 429, retry_after = 599 } }
      local report = move { from = servers.one.url, to = servers.two.url, how = "close", webhook = "keep",
        secret_token = "CANARY_s", max_connections = 5, allowed_updates = { "message" }, close_timeout = 30 }
      assert.equal("later", report.status)
      local back = servers.one:calls { bot = id, method = "setWebhook" }
      assert.same({ { url = URL, max_connections = "17", allowed_updates = '["poll"]', secret_token = "CANARY_s" } },
        { back[1].params })
    end)

    it("or not, is put back with a word on what isn't known of it", function()
      for _, each in ipairs { { nil, true }, { false, false }, { "CANARY_s", false } } do
        id, token = moves.new_bot()
        servers.one:put(id, { state = "logged_in", webhook = { url = URL } })
        servers.one:rule { bot = id, method = "close", answer = { error_code = 429, retry_after = 599 } }
        local report = move { from = servers.one.url, to = servers.two.url, how = "close", webhook = false,
          secret_token = each[1], close_timeout = 30 }
        assert.equal("later", report.status)
        assert.equal(each[2], table.concat(report.warnings):find("set it again yourself", 1, true) ~= nil)
        moves.remove(journal)
      end
    end)

    it("or another one that drops what waits is told in the plan", function()
      for _, drops in ipairs { true, false } do
        local plan = move({ webhook = { url = URL, drop_pending_updates = drops }, dry_run = true }).plan
        assert.equal(drops, plan.text:find("drop_pending_updates: updates that wait", 1, true) ~= nil, plan.text)
      end
    end)

    it("or not, is put back without the certificate of another one", function()
      for _, has in ipairs { false, true } do
        id, token = moves.new_bot()
        servers.one:put(id, { state = "logged_in" })
        assert(botapi.set_webhook(token, { url = URL, certificate = has and CERTIFICATE or nil },
          { server = servers.one.url }).ok)
        servers.one:forget()
        servers.one:advance(2)
        servers.one:rule { bot = id, method = "close", answer = { error_code = 429, retry_after = 599 } }
        local report = move { from = servers.one.url, to = servers.two.url, how = "close", close_timeout = 30,
          webhook = { url = URL .. "2", certificate = CERTIFICATE, secret_token = "CANARY_s" } }
        assert.equal("later", report.status)
        local back = servers.one:calls { bot = id, method = "setWebhook" }[1].params
        assert.same({ URL, has }, { back.url, back.certificate ~= nil })
        assert.matches("set it again yourself", table.concat(report.warnings))
        moves.remove(journal)
      end
    end)

    it("or not, is no more told of once it is taken off again", function()
      servers.one:put(id, { state = "logged_in", webhook = { url = URL } })
      servers.one:rule { bot = id, method = "close", times = 1, answer = { error_code = 429, retry_after = 5 } }
      local report = move { from = servers.one.url, to = servers.two.url, how = "close", continue = true,
        webhook = false }
      assert.equal("done", report.status, report.text)
      assert.equal(1, #servers.one:calls { bot = id, method = "setWebhook" })
      assert.same({}, report.warnings)
    end)

    it("without a scheme is one for https, as servers read it", function()
      with_webhook { url = "shop.example/hook" }
      answer_info '"url":"shop.example/hook","max_connections":40'
      local report = move { webhook = "keep", secret_token = false, dry_run = true }
      assert.equal("done", report.status, report.text)
    end)

    it("keeps no address, and says so", function()
      with_webhook { ip_address = "8.8.4.4" }
      local report = move { webhook = "keep", secret_token = false }
      assert.is_nil(sent()[1].ip_address)
      assert.matches("ip_address +looked up there: one that was set is not kept", report.plan.text)
    end)

    it("opens no more connections than the cloud does, and says so", function()
      with_webhook({ max_connections = 5000 }, "local")
      local report = to_cloud { webhook = "keep", secret_token = false }
      assert.equal("100", sent("cloud")[1].max_connections)
      assert.matches("max_connections +100 %(it was 5000; the cloud opens no more%)", report.plan.text)
    end)
  end)

  describe("with another URL", function()
    it("keeps the old kinds and connections", function()
      with_webhook { max_connections = 17, allowed_updates = { "poll" } }
      assert.equal("done", move { webhook = { url = "https://new.example/" } }.status)
      assert.same({ { url = "https://new.example/", max_connections = "17", allowed_updates = '["poll"]' } }, sent())
    end)

    it("keeps the kinds that a bot without a webhook had asked for", function()
      assert(botapi.call(token, "getUpdates", { allowed_updates = { "poll" } }, { server = servers.cloud }).ok)
      assert.equal("done", move { webhook = { url = URL } }.status)
      assert.equal('["poll"]', sent()[1].allowed_updates)
    end)

    it("keeps them also where the move is made again", function()
      assert(botapi.call(token, "getUpdates", { allowed_updates = { "poll" } }, { server = servers.cloud }).ok)
      servers.pair:rule { bot = id, method = "setWebhook", times = 1, answer = { error_code = 400, description = "x" } }
      assert.equal("partly", move { webhook = { url = URL } }.status)
      assert.equal("done", again { webhook = { url = URL } }.status)
      assert.equal('["poll"]', sent()[2].allowed_updates)
    end)

    it("has what its table says", function()
      with_webhook { max_connections = 17, allowed_updates = { "poll" } }
      answer_info('"url":"https://new.example/","max_connections":3,"ip_address":"8.8.4.4"')
      local report = move { webhook = { url = "https://new.example/", max_connections = 3, allowed_updates = {},
        ip_address = "8.8.4.4", secret_token = "CANARY_n" } }
      assert.equal("done", report.status, report.text)
      assert.same({ url = "https://new.example/", max_connections = "3", allowed_updates = "[]",
        ip_address = "8.8.4.4", secret_token = "CANARY_n" }, sent()[1])
    end)
  end)

  it("is in the plan, parameter by parameter", function()
    with_webhook { max_connections = 17, allowed_updates = { "message", "poll" } }
    local text = move { webhook = "keep", secret_token = "CANARY_s", certificate = CERTIFICATE, dry_run = true,
      max_connections = 9 }.text
    assert.truthy(text:find([[

Webhook there
  url              https://shop.example/hook (as it was)
  secret_token     as given
  certificate      as given
  max_connections  9
  allowed_updates  message, poll (as it was)
  ip_address       looked up there: one that was set is not kept
]], 1, true), text)
  end)

  it("that only a server with --local takes is told so", function()
    assert.matches("note +only a server that was started with %-%-local takes it: the cloud takes https",
      move { webhook = { url = "http://10.0.0.9:7777/h" }, dry_run = true }.text:gsub("\n +", " "))
  end)

  describe("its certificate", function()
    local wrong = {
      ["a private key"] = { KEY, "PRIVATE KEY" }, ["both"] = { CERTIFICATE .. KEY, "PRIVATE KEY" },
      ["a key behind a zero"] = { CERTIFICATE .. "\0" .. KEY, "PRIVATE KEY" },
      ["an RSA key"] = { (KEY:gsub("PRIVATE", "RSA PRIVATE")), "PRIVATE KEY" },
      ["a path"] = { "/etc/ssl/hook.pem", "not the path of its file" },
      ["a name"] = { "hook.pem", "not the path of its file" },
      ["a request"] = { (CERTIFICATE:gsub("CERTIFICATE", "CERTIFICATE REQUEST")), "BEGIN CERTIFICATE" },
      ["half of one"] = { CERTIFICATE:sub(1, 300), "cut off", true },
      ["one without its middle"] = { (CERTIFICATE:gsub("\n%S+\n", "\n", 1)), "cut off", true },
      ["no certificate within its lines"] = { "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
        "damaged", true },
      ["nothing"] = { "", "BEGIN CERTIFICATE" }, ["DER"] = { "\48\130\1\10\n\0\1", "BEGIN CERTIFICATE" },
    }
    for name, each in pairs(wrong) do
      it("can't be " .. name .. ", and nothing is sent", function()
        for _, more in ipairs { { webhook = "keep", certificate = each[1] },
          { webhook = { url = URL, certificate = each[1] } } } do
          local ok, why = pcall(move, more)
          assert.is_false(ok)
          assert.truthy(tostring(why):find("certificate", 1, true) and tostring(why):find(each[2], 1, true), why)
        end
        local params, options = { url = URL, certificate = each[1] }, { server = servers.near }
        if not each[3] then
          assert.truthy(select(2, pcall(botapi.set_webhook, token, params, options)):find(each[2], 1, true))
          assert.truthy(select(2, pcall(botapi.call, token, "setWebhook", params, options)):find(each[2], 1, true))
        end
        assert.same({}, servers.pair:calls { bot = id })
      end)
    end

    it("arrives as a file, with other text around it, too", function()
      with_webhook { has_custom_certificate = true }
      local report = move { webhook = "keep", secret_token = false, certificate = "subject: me\n" .. CERTIFICATE }
      assert.equal("done", report.status, report.text)
      assert.is_true(botapi.get_webhook_info(token, { server = servers.near }).result.has_custom_certificate)
    end)
  end)

  describe("is refused by a mistake that no server takes:", function()
    local mistakes = {
      { { secret_token = "a b" }, "A-Z a-z 0-9 _ -" }, { { secret_token = ("x"):rep(257) }, "256" },
      { { secret_token = "" }, "256" }, { { max_connections = 0 }, "100000" }, { { max_connections = 1.5 }, "integer" },
      { { max_connections = 100001 }, "100000" }, { { allowed_updates = { "message", 1 } }, "list of strings" },
      { { allowed_updates = { message = true } }, "list of strings" }, { { ip_address = "nope" }, "IP address" },
      { { ip_address = "1.2.3" }, "IP address" }, { { ip_address = "1.2.3.4:80" }, "IP address" },
      { { ip_address = "" }, "IP address" },
    }
    for _, mistake in ipairs(mistakes) do
      local name, value = next(mistake[1])
      it(name .. ", " .. require "botapi.show"(value):sub(1, 30), function()
        for _, more in ipairs { { webhook = "keep", [name] = value }, { webhook = { url = URL, [name] = value } } } do
          local ok, why = pcall(move, more)
          assert.is_false(ok)
          assert.truthy(tostring(why):find("'" .. name .. "'", 1, true), why)
          assert.truthy(tostring(why):find(mistake[2], 1, true), why)
        end
        assert.same({}, servers.pair:calls { bot = id })
      end)
    end

    for _, name in ipairs { "max_connections", "allowed_updates", "ip_address" } do
      it("beside no webhook to keep: " .. name, function()
        local value = ({ max_connections = 1, allowed_updates = {}, ip_address = "8.8.4.4" })[name]
        for _, webhook in ipairs { false, { url = URL } } do
          local ok, why = pcall(move, { webhook = webhook, [name] = value })
          assert.is_false(ok)
          assert.truthy(tostring(why):find("'" .. name .. "' goes with", 1, true), why)
        end
      end)
    end
  end)

  describe("at the cloud", function()
    local refused = {
      ["http://shop.example/h"] = "https", ["https://shop.example:8080/h"] = "443, 80, 88 and 8443",
      ["https://127.0.0.1/h"] = "127.0.0.1 is a private or reserved", ["https://127.1:8443/h"] = "reserved",
      ["https://2130706433/"] = "reserved", ["https://user:word@10.0.0.5/"] = "10.0.0.5",
      ["https://0.1.2.3/"] = "reserved",
      ["https://100.64.0.1/"] = "reserved", ["https://172.31.255.255/"] = "reserved",
      ["https://192.0.2.7/"] = "reserved", ["https://198.19.0.1/"] = "reserved", ["https://203.0.113.9/"] = "reserved",
      ["https://224.0.0.1/"] = "reserved", ["https://255.255.255.255/"] = "reserved",
      ["https://169.254.1.1/"] = "reserved", ["https://[2606:4700::1111]/h"] = "IPv6",
      ["https://[::1]:8443/h"] = "IPv6",
      ["https://localhost/h"] = "private", ["https://hook/h"] = "private",
    }
    for url, why in pairs(refused) do
      it("isn't set, and the bot stays: " .. url, function()
        local report = to_cloud { webhook = { url = url } }
        assert.same({ "refused", "webhook_url" }, { report.status, report.check })
        assert.truthy(report.text:gsub("\n +", " "):find(why, 1, true), report.text)
        unchanged()
      end)
    end

    for _, url in ipairs { URL, "HTTPS://shop.example:8443", "https://shop.example:0443/h?a=b#c",
      "https://u:p@shop.example:88/", "https://172.32.0.1/", "https://100.128.0.1:80/", "https://1.1.1.1/",
      "https://198.20.0.1/", "https://223.255.255.255/" } do
      it("isn't in the way: " .. url, function()
        local report = to_cloud { webhook = { url = url }, dry_run = true }
        assert.equal("done", report.status, report.text)
      end)
    end

    it("opens at most 100 connections, and goes to a public IPv4 address", function()
      for name, value in pairs { max_connections = 101, ip_address = "10.0.0.5" } do
        local report = to_cloud { webhook = { url = URL, [name] = value } }
        assert.same({ "refused", "webhook_" .. name }, { report.status, report.check })
      end
      assert.equal("webhook_ip_address", to_cloud { webhook = { url = URL, ip_address = "2606:4700::1111" } }.check)
      unchanged()
    end)

    it("is refused before the bot leaves, also where it is to be kept", function()
      with_webhook({ url = "http://10.0.0.5:7777/h" }, "local")
      local report = to_cloud { webhook = "keep", secret_token = false }
      assert.same({ "refused", "webhook_url" }, { report.status, report.check })
      unchanged()
    end)
  end)

  describe("at a local server", function()
    for _, url in ipairs { "not a url", "ftp://127.0.0.1/x", "http://127.0.0.1:0/", "http://127.0.0.1:99999/",
      "http:///x", "http:\\\\127.0.0.1\\x", "http://h:/", "http://[::z]/", "http://a b/", "https://h:8x/", "https://./",
      "https://[1.2.3.4]/" } do
      it("isn't set, as no server takes it: " .. url, function()
        local report = move { webhook = { url = url } }
        assert.same({ "refused", "webhook_url" }, { report.status, report.check })
        unchanged()
      end)
    end

    for _, url in ipairs { "HTTP://127.0.0.1:7777/h", "http://127.0.0.1", "http://u:p@127.0.0.1:7777/h",
      "http://[::1]:7777/h", "http://[::1]/", "http://a_b.example/x", "http://127.0.0.1:7777/h#x",
      "http://127.0.0.1:7777?x=1", "http://127.0.0.1:7777/\195\169", "http://127.0.0.1:7777/a b",
      "http://127.0.0.1:7777/a\nb", "http://10.0.0.5:9000/h", "http://h\195\169.example/" } do
      it("isn't in the way: " .. url:gsub("\n", "\\n"), function()
        local report = move { webhook = { url = url }, dry_run = true }
        assert.equal("done", report.status, report.text)
      end)
    end
  end)

  describe("when it is read back", function()
    local wanted = { url = URL, max_connections = 40, allowed_updates = { "Poll", "message", "poll" } }
    local same = { url = '"url":"' .. URL .. '"', max = '"max_connections":40',
      kinds = '"allowed_updates":["message","poll"]',
      certificate = '"x":1', ip = '"ip_address":"8.8.4.4"' }
    local others = {
      { "url", "url", '"url":"https://other.example/"' }, { "no url", "url", '"url":""', "url" },
      { "max_connections", "max", '"max_connections":30' },
      { "allowed_updates", "kinds", '"allowed_updates":["message"]' },
      { "allowed_updates", "kinds", '"x":2' }, { "certificate", "certificate", '"has_custom_certificate":true' },
    }

    local function info(change, text)
      local list = {}
      for name, value in pairs(same) do list[#list + 1] = name == change and text or value end
      return table.concat(list, ",")
    end

    it("is done where the server writes the same in its own way", function()
      answer_info(info())
      local report = move { webhook = wanted }
      assert.equal("done", report.status, report.text)
      assert.is_true(report.webhook.read_back)
    end)

    for _, each in ipairs(others) do
      it("is named where it differs, and set again by the same call: " .. each[1] .. " " .. each[3], function()
        local name = each[4] or each[1]
        answer_info(info(each[2], each[3]))
        local report = move { webhook = wanted }
        assert.same({ "partly", 6, "read_back" }, { report.status, report.exit, report.failed })
        assert.same({}, report.kept)
        assert.is_false(report.webhook.read_back)
        assert.equal(1, #report.webhook.differs)
        assert.truthy(report.text:find("\n  " .. name .. ": asked for ", 1, true), report.text)
        servers.pair:rule { bot = id, method = "getWebhookInfo", server = "local", times = 1, skip = 1,
          answer = { result = { url = URL, max_connections = 40, pending_update_count = 0,
            allowed_updates = { "message", "poll" } } } }
        answer_info(info(each[2], each[3]))
        assert.equal("done", again { webhook = wanted }.status)
        assert.equal(2, #sent())
      end)
    end

    it("is named where the server doesn't know a kind, and done without it", function()
      local report = move { webhook = { url = URL, allowed_updates = { "message", "dream" } } }
      assert.same({ "allowed_updates: asked for dream, message, set is message" }, report.webhook.differs)
      assert.equal("done", again { webhook = { url = URL, allowed_updates = { "message" } } }.status)
    end)

    it("is compared with the address where one was asked for", function()
      wanted.ip_address = "8.8.8.8"
      answer_info(info())
      local report = move { webhook = wanted }
      wanted.ip_address = nil
      assert.same({ "ip_address: asked for 8.8.8.8, set is 8.8.4.4" }, report.webhook.differs)
    end)

    it("is another one when the same move asks for another", function()
      servers.pair:rule { bot = id, method = "getWebhookInfo", server = "local", times = 1,
        answer = { error_code = 400, description = "x" } }
      assert.equal("partly", move { webhook = { url = URL } }.status)
      assert.equal("done", again { webhook = { url = "https://right.example/" } }.status)
      assert.equal("https://right.example/", servers.pair:bot(id, "local").webhook.url)
    end)
  end)

  describe("that stands on the new server", function()
    local OLD = "https://old.example/hook"

    it("is deleted where none was asked for", function()
      with_webhook({ url = OLD }, "local")
      local report = move { webhook = false }
      assert.equal("done", report.status, report.text)
      assert.equal("getMe getWebhookInfo deleteWebhook", moves.asked(servers.pair, id, "local"))
      assert.is_falsy(servers.pair:bot(id, "local").webhook)
      assert.matches("\n  webhook    none on ", report.text)
      assert.matches("was set on .* and is deleted", (report.text:gsub("\n", " ")))
    end)

    it("is reported where nothing was said of webhooks", function()
      with_webhook({ url = OLD }, "local")
      local report = move()
      assert.equal("done", report.status)
      assert.equal(OLD, report.webhook_there)
      assert.equal(OLD, servers.pair:bot(id, "local").webhook.url)
      assert.matches("Note: the webhook https://old.example/hook is set on .* not by this move.*getUpdates gets 409",
        (report.text:gsub("\n", " ")))
      assert.is_nil(report.text:find("none on", 1, true))
    end)

    it("is reported where there was none to keep", function()
      with_webhook({ url = OLD }, "local")
      assert.equal(OLD, move { webhook = "keep" }.webhook_there)
    end)

    it("is not said to be none unless it was seen", function()
      local report = move { webhook = false }
      assert.equal("done", report.status)
      assert.is_false(report.webhook_there)
      assert.matches("\n  webhook    none on ", report.text)
      assert.matches("\nWebhook there\n  none; one that is set there is deleted\n", report.plan.text)
    end)

    it("isn't known where the question fails, and the same call asks again", function()
      with_webhook({ url = OLD }, "local")
      servers.pair:rule { bot = id, method = "getWebhookInfo", server = "local", times = 1, answer = "bad_gateway" }
      local report = move { webhook = false }
      assert.same({ "partly", "look" }, { report.status, report.failed })
      assert.is_nil(report.webhook_there)
      assert.matches("but its webhook there isn't known:", report.text)
      report = move { webhook = false }
      assert.equal("done", report.status, report.text)
      assert.is_falsy(servers.pair:bot(id, "local").webhook)
    end)

    it("stays where a move that is over is made again with another, and that is told", function()
      local path = process.directory() .. "again.jsonl"
      local first = move { webhook = { url = OLD }, journal = path }
      local second = move { webhook = { url = OLD .. "2" }, journal = path }
      assert.same({ "done", "already" }, { first.status, second.status })
      assert.matches("call setWebhook on", second.warnings[1])
      assert.equal(0, #move({ journal = path }).warnings)
      assert.equal(OLD, servers.pair:bot(id, "local").webhook.url)
    end)

    it("that can't be deleted leaves the move unfinished", function()
      with_webhook({ url = OLD }, "local")
      servers.pair:rule { bot = id, method = "deleteWebhook", answer = { error_code = 403, description = "x" } }
      local report = move { webhook = false }
      assert.same({ "partly", OLD }, { report.status, report.webhook_there })
      assert.matches("but its webhook there couldn't be deleted:", (report.text:gsub("%s+", " ")))
      assert.equal("done", move { webhook = false }.status)
    end)

    it("is replaced by the one that was asked for", function()
      with_webhook({ url = OLD, allowed_updates = { "poll" } }, "local")
      assert.equal("done", move { webhook = { url = URL } }.status)
      assert.equal("[]", sent()[1].allowed_updates)
      assert.equal(URL, servers.pair:bot(id, "local").webhook.url)
    end)

    it("shows no token", function()
      with_webhook({ url = "https://old.example/" .. token }, "local")
      assert.equal("https://old.example/***", move().webhook_there)
    end)
  end)
end)
