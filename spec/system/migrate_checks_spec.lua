-- SPDX-License-Identifier: MIT
-- Specifies what a move refuses before anything changes: each check, each option, and what nobody may ask.

local botapi = require "botapi"
local moves = require "support.moves"

local NOWHERE = "http://127.0.0.1:1"

describe("before a move changes anything", function()
  local servers, id, token

  setup(function() servers = moves.servers() end)
  teardown(function() servers.close() end)
  before_each(function() id, token = moves.new_bot() end)

  local function move(more)
    return moves.move(token, moves.with({ from = { server = servers.cloud, as = "cloud" }, to = servers.near,
      journal = false, retries = 0 }, more))
  end

  local function unchanged()
    for _, method in ipairs { "logOut", "close", "deleteWebhook", "setWebhook" } do
      assert.same({}, servers.pair:calls { bot = id, method = method })
    end
  end

  local function losses(report)
    local names = {}
    for i, loss in ipairs(report.plan.losses) do names[i] = loss.name end
    return table.concat(names, " ")
  end

  it("a new server that isn't there is found before the token is sent anywhere", function()
    local report = move { to = NOWHERE }
    assert.equal("not_sent", report.status)
    assert.equal(3, report.exit)
    assert.equal("probe", report.check)
    assert.same({}, servers.pair:calls { bot = id })
    assert.matches("FAIL  http://127.0.0.1:1 doesn't answer as a Bot API server", report.text)
  end)

  it("from and to are one server, however each is spelled", function()
    local port = servers.near:match ":(%d+)$"
    for _, pair in ipairs { { "telegram", "https://API.telegram.org:443" },
      { "https://api.telegram.org.", "https://api%2Etelegram.org/bot/" }, { servers.near, "http://127.1:" .. port },
      { "http://LOCALHOST:" .. port, "http://localhost:" .. port .. "/" },
      { "http://[::1]:" .. port, "http://[0:0:0::1]:" .. port } } do
      local report = move { from = pair[1], to = pair[2], how = pair[1] ~= servers.near and "logout" or "close",
        ready = function() return true end }
      assert.equal("refused/from and to are the same server/0", ("%s/%s/%d"):format(report.status, report.message,
        report.requests.total), pair[2])
    end
    unchanged()
  end)

  it("from and to are both the cloud, by whatever way", function()
    for _, to in ipairs { "telegram", { server = servers.near, as = "cloud" } } do
      local report = move { to = to }
      assert.equal("refused/from and to are both Telegram's cloud/0", ("%s/%s/%d"):format(report.status,
        report.message, report.requests.total))
    end
    local report = move { from = "telegram", to = { server = "http://api.telegram.org", plain_http = true } }
    assert.equal("refused", report.status)
  end)

  it("a token that the old server doesn't take stops it", function()
    servers.pair:revoke(id)
    local report = move { webhook = "keep", secret_token = "CANARY_hook" }
    assert.equal("refused", report.status)
    assert.equal("unauthorized", report.reason)
    assert.equal(1, report.exit)
    assert.is_nil(table.concat(report.warnings, " "):find("webhook", 1, true))
    unchanged()
  end)

  it("an old server that isn't there leaves nothing sent", function()
    local report = move { from = { server = NOWHERE, as = "cloud" } }
    assert.equal("not_sent", report.status)
    assert.equal("network", report.reason)
  end)

  it("a 429 over the limit is told with its time", function()
    servers.pair:rule { bot = id, method = "getMe", answer = { error_code = 429, retry_after = 900 } }
    local report = move { retries = 2 }
    assert.equal("later", report.status)
    assert.equal(900, report.retry_after)
    assert.equal(5, report.exit)
  end)

  it("a 429 under the limit is waited for", function()
    servers.pair:rule { bot = id, method = "getMe", answer = { error_code = 429, retry_after = 1 } }
    local report = move { retries = 2 }
    assert.equal("done", report.status)
    assert.equal(1, report.requests.repeated)
  end)

  -- Sent, and no Bot API answer: exit 4, as for any. All that may have happened is a login.
  for _, each in ipairs {
    { "getWebhookInfo", "bad_gateway", "webhook", "protocol", "yes" },
    { "getMe", "bad_gateway", "token", "protocol", "yes" },
    { "getMe", "lost_answer", "token", "network", "maybe" },
    { "getMe", "silence", "token", "timeout", "maybe" },
  } do
    it(("no answer to %s, by %s, stops it, and nobody says nothing was sent"):format(each[1], each[2]), function()
      servers.pair:rule { bot = id, method = each[1], answer = each[2] }
      local report = move { timeout = 0.3 }
      assert.same({ "unknown", 4, each[3], each[4], each[5] },
        { report.status, report.exit, report.check, report.reason, report.sent })
      assert.matches("\nIt was only looked at: the same command starts again.$", report.text)
      for line in report.text:gmatch "[^\n]+" do assert.is_true(#line <= 80, line) end
      assert.is_nil(report.text:find("logged out", 1, true))
      unchanged()
      assert.equal("done", move().status)
    end)
  end

  it("a web server in the place of the new one is 4, too, and is asked without the token", function()
    servers.pair:rule { method = "probe", answer = { status = 200, type = "text/html", body = "<html>" } }
    local report = move()
    assert.same({ "unknown", 4, "probe" }, { report.status, report.exit, report.check })
    unchanged()
    servers.pair:unrule()
  end)

  it("says in every report to stop every program first", function()
    servers.pair:put(id, { pending = 3 }, "cloud")
    for _, report in ipairs { move(), move { dry_run = true }, move { to = NOWHERE }, move { to = "bale" },
      (move { accept_loss = true }) } do
      assert.equal("stop every program that uses this token on the old server", report.by_hand[1], report.status)
    end
  end)

  it("updates that wait stop it, until their loss is accepted", function()
    servers.pair:put(id, { pending = 14 }, "cloud")
    local report = move()
    assert.equal("refused", report.status)
    assert.equal("updates", losses(report))
    assert.matches("LOSS  14 updates wait on the old server and can't be taken along", report.text)
    assert.matches("1 loss isn't accepted yet. Nothing was changed.", report.text)
    unchanged()
  end)

  it("updates that come while a person reads the plan stop it, too", function()
    local function read()
      servers.pair:updates(id, { text = "late" })
      botapi.sleep(0.15)                  -- of ten times as long
      return true
    end
    local report = move { confirm = read }
    assert.same({ "refused", 1, "updates", "no" }, { report.status, report.exit, losses(report), report.sent })
    assert.matches("LOSS  1 update waits on the old server", report.text)
    unchanged()
    report = move { confirm = read, accept_loss = true }
    assert.same({ "done", { "2 updates (accepted)" } }, { report.status, report.lost })
  end)

  it("no answer to the question what waits by then stops it", function()
    local report = move { confirm = function()
      servers.pair:rule { bot = id, method = "getWebhookInfo", answer = "restart" }
      botapi.sleep(0.15)
      return true
    end }
    assert.equal("updates", report.check)
    unchanged()
  end)

  it("a webhook of which nothing is said stops it", function()
    servers.pair:put(id, { webhook = { url = "https://bot.example/h" } }, "cloud")
    assert.equal("webhook", losses(move()))
    assert.equal("webhook", losses(move { accept_loss = true }))
    unchanged()
  end)

  it("a webhook to be kept stops it, until its secret is given or declared absent", function()
    servers.pair:put(id, { state = "logged_in", webhook = { url = "https://bot.example/h" } }, "cloud")
    local report = move { webhook = "keep", accept_loss = true }
    assert.equal("secret", losses(report))
    assert.matches('\n        %(secret_token = "%.%.%."; or false, if it has none%)\n', report.text)
    assert.equal("done", move { webhook = "keep", secret_token = false }.status)
  end)

  it("a certificate that can't be read back stops it", function()
    servers.pair:put(id, { state = "logged_in", webhook = { url = "https://bot.example/h",
      has_custom_certificate = true } }, "cloud")
    assert.equal("certificate", losses(move { webhook = "keep", secret_token = false }))
    unchanged()
  end)

  it("a webhook that is not to be set again is erased by choice", function()
    servers.pair:put(id, { state = "logged_in", webhook = { url = "https://bot.example/h" } }, "cloud")
    local report = move { webhook = false }
    assert.equal("done", report.status)
    assert.same({ "the webhook https://bot.example/h" }, report.lost)
  end)

  for url, problem in pairs { ["http://shop.example/h"] = "https only", ["https://shop.example:8080/h"] = "8443" } do
    it("the cloud's rules for a webhook are known: " .. url, function()
      local report = move { from = servers.near, to = { server = servers.cloud, as = "cloud" },
        webhook = { url = url } }
      assert.equal("refused", report.status)
      assert.equal("webhook_url", report.check)
      assert.matches(problem, report.text)
      unchanged()
    end)
  end

  for _, url in ipairs { "kep", "ftp://h/", "https://", "shop.example/hook" } do
    it("what is no URL is no webhook, and found before the bot has left: " .. url, function()
      local report = move { webhook = { url = url } }
      assert.same({ "refused", "webhook_url" }, { report.status, report.check })
      unchanged()
    end)
  end

  it("to and from Bale nothing moves, and nobody is asked", function()
    assert.equal("refused", move { to = "bale" }.status)
    assert.equal("refused", move { from = "bale" }.status)
    assert.same({}, servers.pair:calls { bot = id })
  end)

  it("the same server on both sides is refused, however it is written", function()
    local report = move { from = servers.near .. "/bot/", to = servers.near, how = "logout" }
    assert.equal("refused", report.status)
    assert.matches("same server", report.text)
  end)

  it("another unix socket is another server, and the test environment no place to move to", function()
    local function over(path) return { server = "http://localhost", unix_socket = path } end
    assert.equal("probe", move { from = over "/nonexistent/a", to = over "/nonexistent/b", how = "logout" }.check)
    assert.matches("same server", move { from = over "/a", to = over "/a", how = "logout" }.text)
    local report = move { to = { server = servers.near, test = true } }
    assert.equal("refused", report.status)
    assert.matches("test environment", report.text)
  end)

  it("a malformed token is refused without a request and isn't shown", function()
    local report = botapi.migrate("CANARY", { from = "telegram", to = servers.near, journal = false })
    assert.equal("refused", report.status)
    moves.check_clean(report, "report")
  end)

  it("a journal that can't be written stops it", function()
    local report = move { journal = "/proc/no/such/journal" }
    assert.equal("refused", report.status)
    assert.matches("journal", report.text)
    assert.same({}, servers.pair:calls { bot = id })
  end)

  it("close without a journal to go on from is refused, unless ready moves the directory", function()
    local report = move { from = servers.one.url, to = servers.two.url, how = "close" }
    assert.equal("refused", report.status)
    assert.matches("needs ready", report.text)
    assert.equal("", moves.asked(servers.one, id))
  end)

  it("a journal that another run has open stops it", function()
    local path = moves.journal()
    local log = assert(require "botapi.journal".open(path))
    local report = move { journal = path }
    log:close()
    moves.remove(path)
    assert.equal("refused", report.status)
    assert.matches("in use by%s+process %d+", report.text)
    assert.same({}, servers.pair:calls { bot = id })
  end)

  describe("the caller's own mistake", function()
    local mistakes = {
      { "no server", { to = "local" }, "'from' is missing" },
      { "an unknown option", { from = "telegram", to = "local", webhok = false },
        "unknown option 'webhok'; did you mean 'webhook'" },
      { "a wrong type", { from = "telegram", to = "local", drain = true }, "'drain': function expected" },
      { "a number out of range", { from = "telegram", to = "local", max_wait = -1 }, "'max_wait': out of range" },
      { "how not said", { from = "local", to = "http://127.0.0.1:1" }, "'how'" },
      { "close at the cloud", { from = "telegram", to = "local", how = "close" }, "two local servers only" },
      { "an unknown how", { from = "telegram", to = "local", how = "move" }, "'how'" },
      { "a webhook's unknown parameter", { from = "telegram", to = "local", webhook = { url = "https://h/", x = 1 } },
        "'webhook'" },
      { "true as webhook", { from = "telegram", to = "local", webhook = true }, "true says nothing" },
      { "a server that is none", { from = "telegram", to = "ftp://h" }, "'to'" },
    }
    for _, mistake in ipairs(mistakes) do
      it("raises and names it: " .. mistake[1], function()
        local ok, message = pcall(botapi.migrate, token, mistake[2])
        assert.is_false(ok)
        assert.truthy(tostring(message):find(mistake[3], 1, true), message)
      end)
    end

    it("raises for a token in the wrong place without repeating it", function()
      local ok, message = pcall(botapi.migrate, token, { from = "telegram", to = "local", [token] = true })
      assert.is_false(ok)
      moves.check_clean(message, "message")
    end)
  end)
end)
