-- SPDX-License-Identifier: MIT
-- Specifies what a move does when a step fails: the report, its exit code, and what no server is asked again.

local core = require "botapi.core"
local journal = require "botapi.journal"
local moves = require "support.moves"

describe("a step that fails", function()
  local servers, id, token, path

  setup(function() servers = moves.servers() end)
  teardown(function() servers.close() end)
  before_each(function()
    id, token = moves.new_bot()
    path = moves.journal()
    servers.pair:put(id, { state = "logged_in", username = "shop_bot" }, "cloud")
  end)
  after_each(function() moves.remove(path) end)

  local function move(more)
    return moves.move(token, moves.with({ from = { server = servers.cloud, as = "cloud" }, to = servers.near,
      journal = path, retries = 0, webhook = { url = "https://bot.example/h", secret_token = "CANARY_hook" } }, more))
  end

  local function rule(method, answer, more)
    servers.pair:rule(moves.with({ bot = id, method = method, answer = answer }, more))
  end

  local function logouts() return #servers.pair:calls { bot = id, method = "logOut" } end

  -- After logOut has begun the old server gets nothing but logOut.
  local function check_silence()
    local asked = moves.asked(servers.pair, id, "cloud")
    assert.falsy(asked:match "logOut.* get", asked)
  end

  -- Each failure of logOut: what came, the status without repeats, and what the same call gives afterwards.
  local failures = {
    { "a lost answer", "lost_answer", "unknown", 4, "done" },
    { "a lost request", "lost_request", "unknown", 4, "done" },
    { "an HTML 502 of a front that let it pass", "bad_gateway", "unknown", 4, "done" },
    { "500 restart", "restart", "unknown", 4, "done" },
    { "429 over the limit", { error_code = 429, retry_after = 900 }, "later", 5, "done" },
    { "a refusal", { error_code = 403, description = "Forbidden: whatever" }, "refused", 1, "done" },
  }
  for _, each in ipairs(failures) do
    it("logOut, by " .. each[1] .. ", ends as " .. each[3] .. ", and the same call goes on", function()
      rule("logOut", each[2])
      local report = move()
      assert.equal(each[3], report.status)
      assert.equal(each[4], report.exit)
      assert.equal(1, logouts())
      if each[3] == "unknown" then
        assert.equal("maybe", report.sent)
        assert.matches("^it is not known whether @%S+ was logged out\n", report.text)
        assert.matches("\n  Do       run the same command again before %d%d:%d%d%. It asks the same\n", report.text)
        assert.matches("\nNoted in ", report.text)
      end
      assert.equal(each[5], move().status)
      assert.equal(2, logouts())
      assert.equal(1, moves.executed(servers.pair, id, "logOut"))
      if each[3] == "unknown" then check_silence() end
      assert.equal("https://bot.example/h", servers.pair:bot(id, "local").webhook.url)
    end)
  end

  it("logOut with its answer lost is repeated, and Logged out is the proof: two sent, one executed", function()
    rule("logOut", "lost_answer")
    local report = move { retries = 1 }
    assert.equal("done", report.status)
    assert.equal(1, report.requests.repeated)
    assert.equal(2, logouts())
    assert.equal(1, moves.executed(servers.pair, id, "logOut"))
    check_silence()
  end)

  it("logOut that is still closing is asked again until it is done: 401, then Logged out", function()
    rule("logOut", "unauthorized")
    rule("logOut", "lost_answer")
    local report = move { retries = 1 }
    assert.equal("done", report.status)
    assert.equal(3, logouts())
    assert.equal(1, moves.executed(servers.pair, id, "logOut"))
    check_silence()
  end)

  it("logOut whose answer was lost, and then 401 without an end, is unknown and not refused", function()
    rule("logOut", "unauthorized", { times = 0 })
    rule("logOut", "lost_answer")
    local report = move { retries = 1, deadline = 2 }
    assert.equal("unknown", report.status)
    check_silence()
  end)

  it("an unsettled logOut is settled in the closing window, too", function()
    rule("logOut", "lost_answer")
    assert.equal("unknown", move().status)
    rule("logOut", "unauthorized")
    assert.equal("done", move { retries = 1 }.status)
    check_silence()
  end)

  it("an unsettled logOut that is older than ten minutes is not repeated", function()
    local log = journal.open(path, { now = function() return os.time() - 700 end })
    log:intent { bot = id, server = servers.cloud, method = "logOut" }
    log:close()
    local report = move()
    assert.equal("unknown", report.status)
    assert.equal(4, report.exit)
    assert.equal("too_old", report.cause)
    assert.matches("too old for a repeat to%s+prove%s+anything", report.text)
    assert.same({}, servers.pair:calls { bot = id })
  end)

  it("an old unsettled logOut is finished by settle, without asking the old server", function()
    local log = journal.open(path, { now = function() return os.time() - 700 end })
    log:intent { bot = id, server = servers.cloud, method = "logOut" }
    log:close()
    local report = move { settle = true }
    assert.equal("done", report.status)
    assert.equal("", moves.asked(servers.pair, id, "cloud"))
    assert.equal("getMe setWebhook getWebhookInfo", moves.asked(servers.pair, id, "local"))
    assert.same({}, journal.read(path):unsettled(id))
  end)

  it("settle believes nobody but the new server", function()
    local log = journal.open(path, { now = function() return os.time() - 700 end })
    log:intent { bot = id, server = servers.cloud, method = "logOut" }
    log:close()
    rule("getMe", "unauthorized", { server = "local" })
    local report = move { settle = true }
    assert.same({ "unknown", 4, "maybe" }, { report.status, report.exit, report.sent })
    assert.matches("^Not settled: %S+ doesn't answer as ", report.text)
    assert.equal(1, #journal.read(path):unsettled(id))
    assert.equal("", moves.asked(servers.pair, id, "cloud"))
    assert.equal("getMe", moves.asked(servers.pair, id, "local"))
    assert.matches("counts as done if the bot answers", report.plan.text)
    assert.equal("done", move { settle = true }.status)
  end)

  it("of one server doesn't count for another behind a socket, or in the test environment", function()
    local log = journal.open(path)
    local intent = log:intent { bot = id, server = servers.cloud .. " (unix:/run/x)", method = "logOut" }
    log:result(intent, { outcome = "done" })
    log:close()
    assert.equal("done", move().status)
    assert.equal("getMe getWebhookInfo logOut", moves.asked(servers.pair, id, "cloud"))
    assert.truthy(journal.read(path):left(id, servers.cloud))
  end)

  it("an old unsettled logOut is repeated where the caller says force", function()
    local log = journal.open(path, { now = function() return os.time() - 700 end })
    log:intent { bot = id, server = servers.cloud, method = "logOut" }
    log:close()
    assert.equal("done", move { force = true }.status)
    assert.equal("logOut", moves.asked(servers.pair, id, "cloud"))
  end)

  it("logOut that is refused puts a webhook back that was taken off for draining", function()
    servers.pair:put(id, { pending = 2, webhook = { url = "https://bot.example/old" } }, "cloud")
    rule("logOut", { error_code = 429, retry_after = 900 })
    local report = move { drain = function() end, secret_token = "CANARY_old" }
    assert.equal("later", report.status)
    local now = servers.pair:bot(id, "cloud")
    assert.equal("https://bot.example/old", now.webhook.url)
    assert.is_true(now.webhook.has_secret_token)
  end)

  it("logOut without an answer leaves the old server alone, even where its webhook was taken off", function()
    servers.pair:put(id, { pending = 2, webhook = { url = "https://bot.example/old" } }, "cloud")
    rule("logOut", "lost_answer")
    local more = { drain = function() end, webhook = "keep", secret_token = "CANARY_old" }
    assert.equal("unknown", move(more).status)
    assert.matches("logOut$", moves.asked(servers.pair, id, "cloud"))
    assert.equal("done", move(more).status)
    assert.equal("https://bot.example/old", servers.pair:bot(id, "local").webhook.url)
  end)

  it("a webhook whose URL has the token is set by the call that goes on, and no journal has it", function()
    servers.pair:put(id, { webhook = { url = "https://bot.example/" .. token } }, "cloud")
    rule("setWebhook", "lost_request")
    local more = { webhook = "keep", secret_token = false }
    assert.equal("partly", move(more).status)
    local report = move(more)
    assert.equal("done", report.status)
    assert.is_true(report.webhook.read_back)
  end)

  it("without a journal is never told to be repeated by a call that looks at the old server first", function()
    rule("logOut", "lost_answer")
    local report = move { journal = false }
    assert.equal("unknown", report.status)
    assert.matches("send the same request alone", report.text)
    rule("setWebhook", { error_code = 400, description = "Bad Request: no" })
    report = move { journal = false }
    assert.equal("partly", report.status)
    assert.matches("by%s+hand", report.text)
  end)

  describe("or is ended by an error", function()
    local report

    -- The move with an error in it: the error. Its report is told; and no journal is left locked.
    local function raised(api, more)
      local options = moves.with({ from = { server = servers.cloud, as = "cloud" }, to = servers.near, journal = path,
        retries = 0, webhook = "keep", secret_token = "CANARY_old",
        on_event = function(event) report = event.report or report end }, more)
      report = nil
      collectgarbage "stop"
      local ok, why = pcall(api.migrate, token, options)
      assert(journal.open(path)):close()
      collectgarbage "restart"
      assert.is_false(ok)
      moves.check_clean(report, "report")
      return core.interruption(why) and tostring(why) or why
    end

    local function with_webhook(pending)
      servers.pair:put(id, { pending = pending or 0, webhook = { url = "https://bot.example/old" } }, "cloud")
    end

    local function url() return servers.pair:bot(id, "cloud").webhook.url end

    it("out of confirm changes nothing", function()
      with_webhook()
      assert.equal("mine\n" .. "Stopped before anything was changed.\n  mine", raised(require "botapi",
        { confirm = function() error("mine", 0) end }))
      assert.same({ "cancelled", "no", "raised" }, { report.status, report.sent, report.reason })
      assert.equal("https://bot.example/old", url())
    end)

    it("that can't be shown puts the webhook back, too, and is raised as it is", function()
      for _, meta in ipairs { { __tostring = function() error "boo" end }, { __tostring = function() return {} end },
        { __metatable = { __tostring = function() error "boo" end } } } do
        with_webhook(2)
        local mine = setmetatable({}, meta)
        assert.is_true(rawequal(mine, raised(require "botapi", { drain = function() error(mine) end })))
        assert.same({ "cancelled", "done" }, { report.status, report.put_back })
        assert.equal("https://bot.example/old", url())
        servers.pair:reset()
      end
    end)

    it("out of drain puts the webhook back at once", function()
      with_webhook(2)
      local mine = {}
      assert.equal(mine, raised(require "botapi", { drain = function() error(mine) end }))
      assert.same({ "cancelled", "done" }, { report.status, report.put_back })
      assert.equal("https://bot.example/old", url())
      assert.is_true(servers.pair:bot(id, "cloud").webhook.has_secret_token)
      assert.equal(0, logouts())
      assert.equal("done", move { webhook = "keep", secret_token = "CANARY_old", accept_loss = true }.status)
    end)

    it("of Ctrl-C before logOut was sent is cancelled: 130, and nothing is open", function()
      with_webhook()
      assert.matches("^botapi: logOut: interrupted; nothing was sent\nstopped; sent: no. bot %d+ is still on",
        raised(moves.raising { logOut = moves.interruption("logOut", "no") }):gsub("@%S+", "bot 1"))
      assert.same({ "cancelled", 130, "no" }, { report.status, report.exit, report.sent })
      assert.same({}, journal.read(path):unsettled(id))
      assert.equal(0, logouts())
    end)

    it("of Ctrl-C after logOut was sent is unknown: 4, and the same call settles it", function()
      with_webhook(2)
      raised(moves.raising { logOut = moves.interruption("logOut", "maybe") },
        { drain = function() end })
      assert.same({ "unknown", 4, "maybe" }, { report.status, report.exit, report.sent })
      assert.matches("It was stopped then %(sent: maybe%)%.\n", report.text)
      assert.equal(1, #journal.read(path):unsettled(id))
      assert.matches("getUpdates getWebhookInfo$", moves.asked(servers.pair, id, "cloud"))   -- no setWebhook
      assert.equal("done", move { webhook = "keep", secret_token = "CANARY_old", drain = function() end }.status)
      assert.matches("getWebhookInfo logOut$", moves.asked(servers.pair, id, "cloud"))
    end)

    it("of Ctrl-C while an earlier logOut is repeated is unknown, although the repeat wasn't sent", function()
      rule("logOut", "lost_answer")
      assert.equal("unknown", move().status)
      raised(moves.raising { logOut = moves.interruption("logOut", "no") })
      assert.same({ "unknown", 4 }, { report.status, report.exit })
      assert.is_true(#journal.read(path):unsettled(id) >= 1)
      assert.equal("done", move().status)
    end)

    it("of Ctrl-C while the webhook is taken off puts it back", function()
      with_webhook(2)
      raised(moves.raising { deleteWebhook = moves.interruption("deleteWebhook", "maybe") },
        { drain = function() end })
      assert.same({ "cancelled", 130, "done" }, { report.status, report.exit, report.put_back })
      assert.equal("https://bot.example/old", url())
    end)

    -- Lua's hook may raise at any instruction, and also in on_event.
    for _, each in ipairs {
      { "before logOut", "intent", "cancelled", 130, "done" }, { "with its answer", "answer", "unknown", 4, "done" },
      { "with its result", "result", "partly", 6, "done" },
    } do
      it("of Ctrl-C in on_event " .. each[1] .. " is " .. each[3], function()
        with_webhook()
        raised(require "botapi", { on_event = function(event)
          report = event.report or report
          if event.type == each[2] and event.method == "logOut" then
            error(moves.interruption(nil, "no"), 0)
          end
        end })
        assert.same({ each[3], each[4] }, { report.status, report.exit })
        assert.equal("done", move { webhook = "keep", secret_token = "CANARY_old" }.status)
        assert.equal(1, moves.executed(servers.pair, id, "logOut"))
        if each[2] ~= "intent" then check_silence() end
      end)
    end

    it("of Ctrl-C on the new server has partly moved: 6, and the same call goes on", function()
      with_webhook()
      local why = raised(moves.raising {
        setWebhook = moves.interruption("setWebhook", "maybe") })
      assert.matches("\nstopped %(sent: yes%): .- has left ", why)
      assert.same({ "partly", 6, "yes" }, { report.status, report.exit, report.sent })
      assert.equal("done", move { webhook = "keep", secret_token = "CANARY_old" }.status)
      assert.equal(1, logouts())
    end)
  end)

  it("updates that go on coming while they are taken refuse the move and put the webhook back", function()
    servers.pair:put(id, { pending = 1, webhook = { url = "https://bot.example/old" } }, "cloud")
    rule("getWebhookInfo", { result = { url = "", has_custom_certificate = false, pending_update_count = 1 } },
      { skip = 1, times = 0 })
    local report = move { drain = function() end, secret_token = "CANARY_old" }
    servers.pair:unrule()
    assert.equal("refused", report.status)
    assert.equal(0, logouts())
    assert.equal("https://bot.example/old", servers.pair:bot(id, "cloud").webhook.url)
  end)

  it("a webhook that can't be put back is told, and the next call knows it", function()
    servers.pair:put(id, { pending = 1, webhook = { url = "https://bot.example/old" } }, "cloud")
    rule("logOut", { error_code = 429, retry_after = 900 })
    rule("setWebhook", "restart")
    local more = { drain = function() end, webhook = "keep", secret_token = "CANARY_old" }
    local report = move(more)
    assert.equal("partly", report.status)
    assert.matches("without its webhook", report.text)
    assert.equal("done", move(more).status)
    assert.equal("https://bot.example/old", servers.pair:bot(id, "local").webhook.url)
  end)

  -- The new server. The bot has left the old one by then: partly, and the same call goes on at that step.
  local later_steps = {
    { "getMe", "lost_answer", "arrive", "is waited for" },
    { "getMe", "restart", "arrive", "is waited for" },
    { "getMe", "bad_gateway", "arrive", "is waited for" },
    { "getMe", { error_code = 429, retry_after = 1 }, "arrive", "is waited for" },
    { "getMe", "unauthorized", "arrive" },
    { "getMe", { error_code = 421, description = "Misdirected Request: unallowed token specified" }, "arrive" },
    { "getMe", { error_code = 429, retry_after = 900 }, "arrive" },
    { "setWebhook", { error_code = 400, description = "Bad Request: bad webhook: Failed to resolve host" },
      "set_webhook" },
    { "setWebhook", "lost_answer", "set_webhook" },
    { "setWebhook", "bad_gateway", "set_webhook" },
    { "setWebhook", { error_code = 429, retry_after = 900 }, "set_webhook" },
    { "getWebhookInfo", "restart", "read_back" },
    { "getWebhookInfo", { result = { url = "https://other/", pending_update_count = 0 } }, "read_back" },
  }
  for i, each in ipairs(later_steps) do
    local method, answer, step, waited = each[1], each[2], each[3], each[4]
    local name = type(answer) == "string" and answer or answer.description or answer.retry_after or "another webhook"
    it(("%d: %s on the new server with %s %s"):format(i, method, name, waited or "leaves a bot that has partly moved"),
    function()
      -- the cloud is asked for getMe and getWebhookInfo first
      rule(method, answer, { server = "local" })
      local report = move()
      if waited then
        assert.equal("done", report.status)
        return check_silence()
      end
      assert.equal("partly", report.status)
      assert.equal(6, report.exit)
      assert.equal(step, report.failed)
      assert.matches("^Partly moved: @%S+ has left %S+ and ", report.text)
      assert.matches(("goes%%s+on%%s+at%%s+step%%s+%d%%."):format(report.step), report.text)
      local before = moves.asked(servers.pair, id, "cloud")
      local set = #servers.pair:calls { bot = id, method = "setWebhook" }
      servers.pair:advance(1)   -- in the same second another setWebhook would be 429
      assert.equal("done", move().status)
      assert.equal(before, moves.asked(servers.pair, id, "cloud"))
      local set_again = #servers.pair:calls { bot = id, method = "setWebhook" } - set
      assert.equal(step == "read_back" and 0 or 1, set_again)
      assert.equal(1, logouts())
    end)
  end

  it("a local server's no for good names its causes", function()
    rule("getMe", "unauthorized", { server = "local" })
    assert.matches("api%-id", move().text)
    rule("getMe", { error_code = 421, description = "Misdirected Request: unallowed token specified" },
      { server = "local" })
    assert.matches("%-%-filter", move().text)
  end)

  it("a new server that takes the bot too late leaves a bot that has partly moved", function()
    rule("getMe", "restart", { server = "local", times = 0 })
    local report = move { verify_timeout = 1.5 }
    assert.equal("partly", report.status)
    assert.equal("server", report.reason)
    servers.pair:unrule()
  end)

  it("a move to another place, while one is unfinished, is refused", function()
    rule("setWebhook", { error_code = 400, description = "Bad Request: no" }, { server = "local" })
    assert.equal("partly", move().status)
    local report = move { to = servers.one.url }
    assert.equal("refused", report.status)
    assert.matches("unfinished", report.text)
  end)

  it("an error raised by on_event is kept in the report and stops nothing", function()
    local botapi = require "botapi"
    local report = botapi.migrate(token, { from = { server = servers.cloud, as = "cloud" }, to = servers.near,
      journal = false, on_event = function() error "mine" end })
    assert.equal("done", report.status)
    assert.matches("mine", report.event_error)
  end)
end)
