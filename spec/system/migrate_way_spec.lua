-- SPDX-License-Identifier: MIT
-- Specifies the ways of a move that end well: cloud to local, local to cloud, local to local by logOut and by close.

local moves = require "support.moves"

describe("a move", function()
  local servers, id, token, journal

  setup(function() servers = moves.servers() end)
  teardown(function() servers.close() end)
  before_each(function()
    id, token = moves.new_bot()
    journal = moves.journal()
  end)
  after_each(function() moves.remove(journal) end)

  local function cloud() return { server = servers.cloud, as = "cloud" } end

  local function to_local(more)
    return moves.move(token, moves.with({ from = cloud(), to = servers.near, journal = journal }, more))
  end

  it("from the cloud to a local server logs out once, asks the cloud for nothing more, and sets the webhook", function()
    servers.pair:put(id, { state = "logged_in", pending = 14, username = "shop_bot",
      webhook = { url = "https://bot.example/hook", max_connections = 17 } }, "cloud")
    local report = to_local { webhook = "keep", secret_token = "CANARY_hook", accept_loss = true }
    assert.equal("done", report.status)
    assert.equal("getMe getWebhookInfo logOut", moves.asked(servers.pair, id, "cloud"))
    assert.equal("getMe setWebhook getWebhookInfo", moves.asked(servers.pair, id, "local"))
    local there = servers.pair:bot(id, "local")
    assert.equal("https://bot.example/hook", there.webhook.url)
    assert.equal(17, there.webhook.max_connections)
    assert.is_true(there.webhook.has_secret_token)
    assert.equal("logged_out", servers.pair:bot(id, "cloud").state)
    assert.is_false(there.double_login)
  end)

  it("says in its report what was kept, what was lost, what was asked, and what is left to do", function()
    servers.pair:put(id, { state = "logged_in", username = "shop_bot", pending = 14 }, "cloud")
    local own = { url = "https://bot.example/other" }
    local report = to_local { webhook = own, accept_loss = true }
    assert.equal(report.text, tostring(report))
    assert.equal(report.plan.text, tostring(report.plan))
    assert.equal('{"14 updates (accepted)"}', tostring(report.lost))
    assert.matches('name = "leave"', tostring(report.steps))
    assert.is_nil(getmetatable(own))
    assert.same({ "14 updates (accepted)" }, report.lost)
    assert.same({ probe = 1, getMe = 2, getWebhookInfo = 2, logOut = 1, setWebhook = 1 }, report.requests.by_method)
    assert.equal(7, report.requests.total)
    assert.equal(0, report.requests.repeated)
    assert.equal(0, report.exit)
    assert.equal(600, report.back_at - report.left_at)
    assert.matches("^stop every program", report.by_hand[1])
    assert.matches("^Moved: @%S+ runs on " .. servers.near:gsub("%p", "%%%0"), report.text)
    assert.matches("\n  webhook    https://bot.example/other, set and read back\n", report.text)
    assert.matches("\n  lost       14 updates %(accepted%)\n", report.text)
    assert.matches("\n  requests   7, none repeated: probe 1, getMe 2, ", report.text)
  end)

  it("tells the plan before it asks, and changes nothing when the answer is no", function()
    local asked
    local report = to_local { confirm = function(plan)
      asked = plan.text
      return false
    end }
    assert.equal("cancelled", report.status)
    assert.equal(130, report.exit)
    assert.matches("^Move @%S+ %(id %d+%)\n  from  %S+, Telegram's cloud\n  to    %S+, a local server\n", asked)
    assert.matches("\n  1  log out of %S+\n     %-%-%- from here the way back is closed", asked)
    assert.matches("Stop every program that uses this token first", asked)
    assert.equal("getMe getWebhookInfo", moves.asked(servers.pair, id, "cloud"))
  end)

  it("rehearsed makes only requests that read, and writes no journal", function()
    local report = to_local { dry_run = true }
    assert.equal("done", report.status)
    assert.equal("dry_run", report.cause)
    assert.equal("getMe getWebhookInfo", moves.asked(servers.pair, id, "cloud"))
    assert.equal("", moves.slurp(journal))
    assert.matches("Nothing was changed", report.text)
  end)

  it("made twice asks no server the second time", function()
    to_local()
    local before = #servers.pair:calls { bot = id }
    local report = to_local()
    assert.equal("already", report.status)
    assert.equal(0, report.exit)
    assert.equal(before, #servers.pair:calls { bot = id })
    assert.equal(0, report.requests.total)
  end)

  it("notes in the journal each request that changes something, before and after", function()
    to_local { webhook = { url = "https://bot.example/hook", secret_token = "CANARY_hook" } }
    local order = {}
    for kind, method in moves.slurp(journal):gmatch '"type":"(%a+)"[^\n]-"method":"(%a+)"' do
      order[#order + 1] = kind .. " " .. method
    end
    assert.same({ "intent logOut", "result logOut", "intent setWebhook", "result setWebhook" }, order)
  end)

  it("without a journal says that it isn't resumable", function()
    local report = to_local { journal = false }
    assert.is_false(report.resumable)
    assert.matches("not resumable", report.plan.text)
    assert.matches("\nNote: not resumable, as there is no journal", report.text)
  end)

  it("takes the updates that wait to a function, and then loses none", function()
    servers.pair:put(id, { state = "logged_in", pending = 3, webhook = { url = "https://bot.example/h" } }, "cloud")
    local taken = {}
    local report = to_local { webhook = "keep", secret_token = false, drain = function(update)
      taken[#taken + 1] = update.update_id
    end }
    assert.equal("done", report.status)
    assert.equal(3, #taken)
    assert.same({}, report.lost)
    assert.equal("getMe getWebhookInfo deleteWebhook getUpdates getUpdates getWebhookInfo logOut",
      moves.asked(servers.pair, id, "cloud"))
    assert.equal("https://bot.example/h", servers.pair:bot(id, "local").webhook.url)
  end)

  it("goes on when the bot has logged out before", function()
    servers.pair:put(id, { state = "logged_out" }, "cloud")
    local report = to_local()
    assert.equal("done", report.status)
    assert.equal("getMe", moves.asked(servers.pair, id, "cloud"))
    assert.equal("logged_in", servers.pair:bot(id, "local").state)
  end)

  it("puts a webhook whose URL has the token on the new server, and shows the token nowhere", function()
    servers.pair:put(id, { state = "logged_in", webhook = { url = "https://bot.example/" .. token } }, "cloud")
    local report = to_local { webhook = "keep", secret_token = false }
    assert.equal("done", report.status)
    local set = servers.pair:calls { bot = id, method = "setWebhook" }
    assert.equal(1, #set)
    assert.is_true(report.webhook.read_back)
  end)

  it("shows no token in a webhook's URL that the caller gives, whatever holds the token", function()
    local secret = require "botapi.core".token(token)
    local report = moves.move(secret, { from = cloud(), to = servers.near, journal = journal,
      webhook = { url = "https://bot.example/" .. token } })
    assert.equal("done", report.status)
    assert.equal("https://bot.example/***", report.webhook.url)
  end)

  it("to the cloud waits out the lock-out, tells why, and ends well", function()
    to_local()
    local back, waits = moves.journal(), {}
    local report = moves.move(token, { from = servers.near, to = cloud(), journal = back }, function(event)
      if event.type == "step" and event.state == "waiting" then
        waits[#waits + 1] = event
        servers.pair:advance(600)
      end
    end)
    moves.remove(back)
    assert.equal("done", report.status)
    assert.is_true(#waits >= 1)
    assert.equal("the lock-out", waits[1].why)
    assert.matches(": waiting, the lock%-out$", waits[1].text)
    assert.matches("waiting  %d s of 2100 %(the lock%-out, again in 1 s%)$", waits[1].line)
    assert.matches("getMe getWebhookInfo logOut$", moves.asked(servers.pair, id, "local"))
    assert.equal("logged_in", servers.pair:bot(id, "cloud").state)
    assert.equal("logged_out", servers.pair:bot(id, "local").state)
  end)

  for _, answer in ipairs { "unauthorized", "logged_out", "restart", "bad_gateway", "lost_answer",
    { error_code = 404, description = "Not Found" } } do
    it("to the cloud takes " .. (answer.description or answer) .. " there for not yet", function()
      servers.pair:rule { bot = id, method = "getMe", server = "cloud", answer = answer }
      local report = moves.move(token, { from = servers.near, to = cloud(), journal = journal })
      assert.equal("done", report.status)
      assert.equal(3, report.requests.by_method.getMe)
    end)
  end

  it("lets its journal go at its end", function()
    collectgarbage "stop"
    to_local()
    local log = require "botapi.journal".open(journal)
    collectgarbage "restart"
    assert(log):close()
  end)

  local function between(more)
    return moves.move(token, moves.with({ from = servers.one.url, to = servers.two.url, journal = journal,
      how = "close" }, more))
  end

  it("between local servers by logOut is as from the cloud", function()
    local report = between { how = "logout" }
    assert.equal("done", report.status)
    assert.equal("getMe getWebhookInfo logOut", moves.asked(servers.one, id))
    assert.is_nil(report.back_at)
  end)

  it("by close stops for the directory, and goes on when told so", function()
    servers.one:put(id, { state = "logged_in", webhook = { url = "https://bot.example/h" } })
    local report = between { webhook = "keep", secret_token = "CANARY_hook" }
    assert.equal("move_directory", report.status)
    assert.equal(6, report.exit)
    assert.matches("continue = true", report.text)
    assert.equal("getMe getWebhookInfo deleteWebhook getWebhookInfo close", moves.asked(servers.one, id))
    assert.equal("", moves.asked(servers.two, id))
    report = between { webhook = "keep", secret_token = "CANARY_hook" }
    assert.equal("move_directory", report.status)
    report = between { webhook = "keep", secret_token = "CANARY_hook", continue = true }
    assert.equal("done", report.status)
    assert.same({}, report.lost)
    assert.equal("getMe getWebhookInfo deleteWebhook getWebhookInfo close", moves.asked(servers.one, id))
    assert.equal("getMe setWebhook getWebhookInfo", moves.asked(servers.two, id))
  end)

  it("by close goes on at once when ready says so", function()
    assert.equal("done", between { ready = function() return true end }.status)
  end)

  it("by close asks once whether the directory has been moved, also of a run that goes on", function()
    servers.two:rule { bot = id, method = "getMe", answer = { error_code = 403, description = "Forbidden" } }
    assert.equal("partly", between { ready = function() return true end }.status)
    servers.two:unrule()
    assert.equal("done", between { ready = function() error "asked again" end }.status)
    assert.equal(1, moves.executed(servers.one, id, "close"))
  end)

  it("by close waits while the server asks for a short time, and closes once", function()
    servers.one:rule { bot = id, method = "close", answer = { error_code = 429, retry_after = 1 } }
    local report = between { ready = function() return true end }
    assert.equal("done", report.status)
    assert.equal(1, moves.executed(servers.one, id, "close"))
    assert.equal(1, report.requests.repeated)
  end)

  -- A waiting step: how often it was told to who draws, and what stands in the log.
  local function heard(events)
    local ticks, log = 0, {}
    for _, event in ipairs(events) do
      if event.type == "tick" then ticks = ticks + 1 end
      if event.type == "step" and event.state == "waiting" then log[#log + 1] = event.text:match ": (.*)$" end
    end
    return ticks, log
  end

  it("by close tells a wait each second to a terminal, and every ten seconds to a log", function()
    servers.one:rule { bot = id, method = "close", answer = { error_code = 429, retry_after = 12 } }
    local events = {}
    local report = moves.hurried(10).migrate(token, { from = servers.one.url, to = servers.two.url, journal = journal,
      how = "close", on_event = function(event) events[#events + 1] = event end })
    assert.equal("move_directory", report.status)
    local ticks, log = heard(events)
    assert.is_true(ticks >= 11, tostring(ticks))
    assert.equal(3, #log)
    assert.equal("waiting, 429, it closes no bot in its first 10 minutes", log[1])
    assert.matches("^still waiting, 1%d s of 660$", log[2])
    assert.equal("waiting, it is moved by hand", log[3])
  end)

  it("tells a wait for the new server each second to a terminal, and every ten seconds to a log", function()
    servers.pair:rule { bot = id, method = "getMe", server = "local", answer = { error_code = 429, retry_after = 12 } }
    local events = {}
    local report = moves.hurried(10).migrate(token, { from = cloud(), to = servers.near, journal = journal,
      on_event = function(event) events[#events + 1] = event end })
    assert.equal("done", report.status, report.text)
    local ticks, log = heard(events)
    assert.is_true(ticks >= 11, tostring(ticks))
    assert.equal(2, #log)
    assert.equal("waiting, 429", log[1])
    assert.matches("^still waiting, 1%d s of 60$", log[2])
  end)

  it("by close puts the webhook back when the server asks for more time than there is", function()
    servers.one:put(id, { state = "logged_in", webhook = { url = "https://bot.example/h" } })
    servers.one:rule { bot = id, method = "close", answer = { error_code = 429, retry_after = 599 } }
    local report = between { webhook = "keep", secret_token = "CANARY_hook", close_timeout = 30 }
    assert.equal("later", report.status)
    assert.equal(5, report.exit)
    assert.equal(599, report.retry_after)
    assert.equal("https://bot.example/h", servers.one:bot(id).webhook.url)
    assert.is_true(servers.one:bot(id).webhook.has_secret_token)
    assert.equal("done", between { webhook = "keep", secret_token = "CANARY_hook", continue = true }.status)
  end)
end)
