-- SPDX-License-Identifier: MIT
-- Specifies what a move knows of servers beforehand and says truly: malformed answers, filters, lock-outs, a server
-- that was killed, one that is gone, and what the journal has of them.

local journal = require "botapi.journal"
local moves = require "support.moves"

local NOWHERE = "http://127.0.0.1:1"

describe("a move", function()
  local servers, id, token, path

  setup(function() servers = moves.servers() end)
  teardown(function() servers.close() end)
  before_each(function()
    id, token = moves.new_bot()
    path = moves.journal()
    servers.pair:put(id, { state = "logged_in", username = "shop_bot" }, "cloud")
  end)
  after_each(function()
    moves.remove(path)
    servers.pair:unrule()
  end)

  local function move(more, on_event)
    return moves.move(token, moves.with({ from = { server = servers.cloud, as = "cloud" }, to = servers.near,
      journal = path, retries = 0 }, more), on_event)
  end

  local function rule(method, answer, more)
    servers.pair:rule(moves.with({ bot = id, method = method, answer = answer }, more))
  end

  -- A record of an earlier time.
  local function note(age, kind, fields, result)
    local log = assert(journal.open(path, { now = function() return os.time() - age end }))
    fields.bot = id
    local number = assert(log[kind](log, fields))
    if result then log:result(number, { outcome = result }) end
    log:close()
  end

  local function logouts() return #servers.pair:calls { bot = id, method = "logOut" } end

  -- Malformed answers -----------------------------------------------------------------

  local info = { url = "", has_custom_certificate = false, pending_update_count = 0 }

  local function with(name, value) return { result = moves.with(info, { [name] = value }) } end

  for _, each in ipairs {
    { "pending_update_count", "3" }, { "pending_update_count", 2.5 }, { "pending_update_count", {} },
    { "max_connections", 40.5 }, { "allowed_updates", "message" }, { "url", 5 },
  } do
    local shown = type(each[2]) == "table" and "an object" or tostring(each[2])
    it(("is refused before anything changes where %s is %s"):format(each[1], shown), function()
      rule("getWebhookInfo", with(each[1], each[2]))
      local report = move()
      assert.same({ "unknown", "protocol", "webhook" }, { report.status, report.reason, report.check })
      assert.truthy(report.message:find(each[1], 1, true), report.message)
      assert.equal(0, logouts())
      assert.equal("done", move().status)
    end)
  end

  for _, each in ipairs { { "id", "5" }, { "username", {} }, { "first_name", 5 } } do
    it("is refused where getMe tells a malformed " .. each[1], function()
      rule("getMe", { result = { id = id, [each[1]] = each[2] } }, { server = "cloud" })
      local report = move()
      assert.same({ "unknown", "protocol", "token" }, { report.status, report.reason, report.check })
      assert.truthy(report.message:find(each[1], 1, true), report.message)
    end)
  end

  it("has partly moved where what is read back is malformed, and goes on", function()
    rule("getWebhookInfo", with("max_connections", 40.5), { server = "local" })
    local hook = { webhook = { url = "https://bot.example/h" } }
    local report = move(hook)
    assert.same({ "partly", "read_back", "protocol" }, { report.status, report.failed, report.reason })
    assert.matches("max_connections is not a whole number", report.text)
    assert.equal("done", move(hook).status)
  end)

  it("ends with a failure where an update is a number, and the webhook is back", function()
    servers.pair:put(id, { pending = 1, webhook = { url = "https://bot.example/h" } }, "cloud")
    rule("getUpdates", { result = { 5 } })
    local report = move { drain = function() end, webhook = "keep", secret_token = false }
    assert.same({ "unknown", "drain", "protocol", "done" },
      { report.status, report.failed, report.reason, report.put_back })
    assert.matches("result%[1%] is not an object", report.message)
  end)

  -- Waits -----------------------------------------------------------------------------

  for _, said in ipairs { 0, 0.001, -5, "x" } do
    it("asks a server no oftener than once a second that says retry after " .. said, function()
      rule("getMe", { status = 429, body = ('{"ok":false,"error_code":429,"description":"Too Many Requests",'
        .. '"parameters":{"retry_after":%s}}'):format(type(said) == "string" and '"x"' or said) },
        { server = "local", times = 0 })
      local report = move { verify_timeout = 6 }
      assert.equal("partly", report.status)
      local asked = #servers.pair:calls { bot = id, method = "getMe", server = "local" }
      assert.is_true(asked >= 2 and asked <= 8, tostring(asked))
    end)
  end

  -- A logOut of which nothing is known ------------------------------------------------

  it("doesn't repeat a logOut that is dated in the future", function()
    note(-3600, "intent", { server = servers.cloud, method = "logOut" })
    local report = move()
    assert.same({ "unknown", "too_old" }, { report.status, report.cause })
    assert.matches("dated in%s+the%s+future", report.text)
    assert.same({}, servers.pair:calls { bot = id })
  end)

  it("says since when updates may be lost where an unanswered logOut hadn't been done", function()
    rule("logOut", "lost_request")
    assert.equal("unknown", move().status)
    local report = move()
    assert.equal("done", report.status)
    assert.matches("was on %S+ until now: updates that came there since %d%d:%d%d are lost",
      table.concat(report.warnings, "\n"))
    id, token = moves.new_bot()
    servers.pair:put(id, { state = "logged_in" }, "cloud")
    moves.remove(path)
    rule("logOut", "lost_answer")
    assert.equal("unknown", move().status)
    assert.same({}, move().warnings)
  end)

  it("says what 401 means after an unanswered logOut, names settle, and soon asks no more", function()
    rule("logOut", "lost_request")
    assert.equal("unknown", move().status)
    rule("logOut", "unauthorized", { times = 0 })
    local report = move { retries = 2 }
    assert.same({ "unknown", 4, "unauthorized" }, { report.status, report.exit, report.reason })
    assert.is_true(logouts() <= 7, tostring(logouts()))
    assert.matches("The answer was 401 Unauthorized%.\n", report.text)
    assert.matches('half an hour, never "Logged out"', report.text)
    assert.matches("\n  Do .*settle = true", report.text)
    assert.is_nil(report.text:find("again before", 1, true))
    report = move { settle = true, dry_run = true }
    assert.matches("that it has left the old server is your word", report.text)
    assert.equal("done", move { settle = true }.status)
  end)

  it("tells what a server says that was killed while the logOut ran, and goes on when told to", function()
    rule("logOut", { execute = true, delay = "30s" })
    assert.equal("unknown", move { timeout = 0.5 }.status)
    servers.pair:restart({ killed = true }, "cloud")
    local report = move { retries = 2 }
    assert.same({ "unknown", "unauthorized" }, { report.status, report.reason })
    assert.matches("was killed while a logOut ran", report.text)
    assert.is_true(logouts() <= 7, tostring(logouts()))
    assert.equal("done", move { settle = true }.status)
    assert.equal("logged_in", servers.pair:bot(id, "local").state)
    assert.is_false(servers.pair:bot(id, "local").double_login)
  end)

  it("doesn't advise the same call where a front answered logOut", function()
    rule("logOut", { status = 301, headers = { Location = "https://h/" }, body = "" })
    local report = move()
    assert.same({ "unknown", 4 }, { report.status, report.exit })
    assert.matches("\n  Do       correct the server's address", report.text)
    assert.is_nil(report.text:find("run the same command again", 1, true))
  end)

  -- The new server --------------------------------------------------------------------

  it("asks the new server beforehand whether it serves the bot, without the token", function()
    rule("probe", { error_code = 421, description = "Misdirected Request: unallowed token specified" },
      { server = "local" })
    local report = move()
    assert.same({ "refused", "filter", "misdirected" }, { report.status, report.check, report.reason })
    assert.matches("%-%-filter", report.text)
    assert.same({}, servers.pair:calls { bot = id, server = "cloud" })
    assert.equal("new", servers.pair:bot(id, "local").state)
  end)

  it("finds the --filter of a real server, which logs nothing in for the question", function()
    local even = require "botapi.emulator".start { as = "local", filter = "0/2" }
    while id % 2 == 0 do id, token = moves.new_bot() end
    local report = move { to = even.url }
    local state = even:bot(id).state
    even:close()
    assert.same({ "refused", "filter", "misdirected" }, { report.status, report.check, report.reason })
    assert.equal("new", state)
    assert.equal(0, logouts())
  end)

  it("finds a wrong path of the new server beforehand", function()
    local report = move { to = servers.near .. "/wrong" }
    assert.same({ "refused", "probe", "not_found" }, { report.status, report.check, report.reason })
  end)

  it("is refused, with a time, where the bot left the new server less than half an hour ago", function()
    note(600, "intent", { server = servers.near, method = "logOut" }, "done")
    local report = move()
    assert.same({ "later", 5, "back" }, { report.status, report.exit, report.check })
    assert.is_true(report.retry_after > 1100 and report.retry_after <= 1200)
    assert.matches("FAIL  the bot left %S+, which may refuse it until %d%d:%d%d\n", report.text)
    assert.same({}, servers.pair:calls { bot = id })
    assert.equal("done", move { force = true }.status)
  end)

  it("isn't where the bot had been there for longer than half an hour, or left longer ago", function()
    note(4000, "arrival", { server = servers.near })
    note(600, "intent", { server = servers.near, method = "logOut" }, "done")
    assert.equal("done", move().status)
    moves.remove(path)
    id, token = moves.new_bot()
    note(2000, "intent", { server = servers.near, method = "logOut" }, "done")
    assert.equal("done", move().status)
  end)

  it("waits as long as it takes where the bot has left the old server already", function()
    note(1200, "intent", { server = servers.near, method = "logOut" }, "done")
    note(60, "intent", { server = servers.cloud, method = "logOut" }, "done")
    local report = move { dry_run = true }
    assert.matches("ok    the bot left %S+, which may refuse it until %d%d:%d%d: waited for\n", report.text)
    assert.matches("up to 11 min", report.text)
  end)

  it("tells beforehand when the cloud takes the bot back", function()
    servers.one:put(id, { state = "logged_in" })
    note(60, "intent", { server = servers.cloud, method = "logOut" }, "done")
    local report = move { from = servers.one.url, to = { server = servers.cloud, as = "cloud" }, dry_run = true }
    assert.equal("done", report.status)
    assert.matches("ok    the bot left %S+, which may refuse it until %d%d:%d%d: waited for\n", report.text)
  end)

  -- The journal -----------------------------------------------------------------------

  it("isn't already done where the bot has left the new server since", function()
    assert.equal("done", move().status)
    assert.equal("already", move().status)
    note(0, "intent", { server = servers.near, method = "logOut" }, "done")
    servers.pair:put(id, { state = "logged_out", locked_for = "0s" }, "local")
    local report = move { force = false }
    assert.equal("done", report.status, report.text)
    assert.equal("logged_in", servers.pair:bot(id, "local").state)
    assert.same({}, report.lost)
    assert.equal("already", move().status)
    assert.equal(1, logouts())
  end)

  it("sends another webhook than the first where the next call corrects its URL", function()
    rule("getWebhookInfo", "restart", { server = "local" })
    assert.equal("partly", move { webhook = { url = "https://bot.example/wrogn" } }.status)
    servers.pair:advance(2)       -- setWebhook is taken once a second
    local report = move { webhook = { url = "https://bot.example/right" } }
    assert.equal("done", report.status, report.text)
    assert.equal("https://bot.example/right", servers.pair:bot(id, "local").webhook.url)
  end)

  it("that is to keep a webhook which nobody knows is refused, and not done without one", function()
    servers.pair:put(id, { state = "logged_out" }, "cloud")
    local report = move { webhook = "keep", secret_token = false }
    assert.same({ "refused", 1, "unknown_webhook" }, { report.status, report.exit, report.plan.losses[1].name })
    assert.equal("done", move { webhook = { url = "https://bot.example/h" } }.status)
    assert.equal("https://bot.example/h", servers.pair:bot(id, "local").webhook.url)
  end)

  -- A server that is gone -------------------------------------------------------------

  it("hints at a server that is gone, and goes on without it when told so", function()
    local gone = { server = NOWHERE, as = "local" }
    local report = move { from = gone, how = "logout" }
    assert.equal("not_sent", report.status)
    assert.matches("from_gone = true", report.text)
    report = move { from = gone, how = "logout", from_gone = true }
    assert.equal("done", report.status, report.text)
    assert.matches("ok    " .. NOWHERE .. " isn't asked: what waits there is lost\n", report.plan.text)
    assert.matches("log the bot out there", report.text)
    assert.same({ probe = 1, getMe = 1, getWebhookInfo = 1 }, report.requests.by_method)
    assert.equal("logged_in", servers.pair:bot(id, "local").state)
    report = move { from = gone, how = "logout", from_gone = true }
    assert.equal("already", report.status)
    assert.is_nil(report.text:find("has left", 1, true), report.text)
    report = move { from = gone, how = "close", from_gone = true }
    assert.equal("move_directory", report.status)
    assert.is_nil(report.text:find("is closed", 1, true), report.text)
  end)

  it("goes on without a server whose logOut was never answered, with the webhook that the journal has", function()
    servers.pair:put(id, { webhook = { url = "https://bot.example/h" } }, "cloud")
    rule("logOut", "lost_request")
    local keep = { webhook = "keep", secret_token = false }
    assert.equal("unknown", move(keep).status)
    keep.from_gone = true
    rule("setWebhook", "restart", { server = "local" })
    assert.equal("partly", move(keep).status)
    local report = move(keep)
    assert.equal("done", report.status, report.text)
    assert.equal("https://bot.example/h", servers.pair:bot(id, "local").webhook.url)
    assert.equal(1, logouts())
  end)
end)
