-- SPDX-License-Identifier: MIT
-- Specifies the way of close: what waits on the old server is taken or accepted as lost, since no directory holds it.

local moves = require "support.moves"

local URL = "https://bot.example/h"

describe("a move by close", function()
  local servers, id, token, journal

  setup(function() servers = moves.servers() end)
  teardown(function() servers.close() end)
  before_each(function()
    id, token = moves.new_bot()
    journal = moves.journal()
  end)
  after_each(function() moves.remove(journal) end)

  local function move(more, on_event)
    return moves.move(token, moves.with({ from = servers.one.url, to = servers.two.url, journal = journal,
      how = "close", webhook = "keep", secret_token = "CANARY_hook", continue = true }, more), on_event)
  end

  local function with_webhook(pending)
    servers.one:put(id, { state = "logged_in", pending = pending, webhook = { url = URL } })
  end

  local function collect(into)
    return function(update) into[#into + 1] = update.message.text end
  end

  it("says beforehand that what waits can't go along, and changes nothing until that is accepted", function()
    with_webhook(5)
    local report = move()
    assert.same({ "refused", 1, "updates" }, { report.status, report.exit, report.plan.losses[1].name })
    assert.matches("LOSS  5 updates wait on the old server", report.text)
    assert.equal("getMe getWebhookInfo", moves.asked(servers.one, id))
    report = move { accept_loss = true }
    assert.equal("done", report.status)
    assert.same({ "5 updates (accepted)" }, report.lost)
    assert.same({ "the webhook " .. URL }, report.kept)
  end)

  it("takes what waits before it closes, and claims to have kept only that", function()
    with_webhook(5)
    local taken = {}
    local report = move { drain = collect(taken) }
    assert.equal("done", report.status, report.text)
    assert.equal(5, #taken)
    assert.same({ "the webhook " .. URL, "5 updates, taken from the old server" }, report.kept)
    assert.same({}, report.lost)
    assert.matches("\n  kept       5 updates, taken from the old server\n", report.text)
    assert.equal("getMe getWebhookInfo deleteWebhook getUpdates getUpdates getWebhookInfo close",
      moves.asked(servers.one, id))
  end)

  it("looks at the new server and says what waits there, whoever moved what", function()
    servers.two:put(id, { state = "logged_in", pending = 3 })
    local report = move { webhook = false }
    assert.equal("done", report.status)
    assert.equal(3, report.waiting)
    assert.same({}, report.kept)
    assert.matches("\n  waiting    3 updates on " .. servers.two.url:gsub("%p", "%%%0") .. "\n", report.text)
  end)

  it("says of no update that it was kept, with or without a moved directory", function()
    local report = move()
    assert.equal("done", report.status)
    assert.same({}, report.kept)
    assert.equal(0, report.waiting)
    assert.is_nil(report.text:find("directory", 1, true))
  end)

  it("also takes what comes after the look, before it closes", function()
    with_webhook(0)
    local taken = {}
    local report = move({ drain = collect(taken) }, function(event)
      if event.type == "result" and event.method == "deleteWebhook" then servers.one:updates(id, { text = "late" }) end
    end)
    assert.equal("done", report.status)
    assert.same({ "late" }, taken)
  end)

  it("is refused with the webhook back where an update came that nobody takes", function()
    with_webhook(0)
    local report = move({}, function(event)
      if event.type == "result" and event.method == "deleteWebhook" then servers.one:updates(id, { text = "late" }) end
    end)
    assert.same({ "refused", "see_queue", "done" }, { report.status, report.failed, report.put_back })
    assert.matches("1 update waits there now", report.text)
    assert.equal(URL, servers.one:bot(id).webhook.url)
    assert.equal("logged_in", servers.one:bot(id).state)
  end)

  it("waits with the webhook on while the server closes no bot, and then takes what came", function()
    with_webhook(0)
    servers.one:rule { bot = id, method = "close", answer = { error_code = 429, retry_after = 3 } }
    local taken, hooks = {}, {}
    local report = move({ drain = collect(taken) }, function(event)
      if event.type ~= "tick" then return end
      local hook = servers.one:bot(id).webhook
      hooks[#hooks + 1] = hook and hook.url or "none"
      if #hooks == 1 then servers.one:updates(id, { text = "meanwhile" }) end
    end)
    assert.equal("done", report.status, report.text)
    assert.is_true(#hooks >= 2)
    for _, url in ipairs(hooks) do assert.equal(URL, url) end
    assert.same({ "meanwhile" }, taken)
    assert.equal("getMe getWebhookInfo deleteWebhook getUpdates getWebhookInfo close setWebhook deleteWebhook "
      .. "getUpdates getUpdates getWebhookInfo close", moves.asked(servers.one, id))
    assert.is_nil(report.put_back)
  end)

  it("doesn't ask in a loop where the wait that it is told is none", function()
    for _, answer in ipairs { { error_code = 429, retry_after = 0 }, { error_code = 429, description = "Too Many" } } do
      servers.one:forget()
      servers.one:rule { bot = id, method = "close", times = 0, answer = answer }
      local report = move { close_timeout = 11 }
      assert.equal("later", report.status)
      servers.one:unrule()
      assert.is_true(#servers.one:calls { bot = id, method = "close" } <= 12)
    end
  end)

  it("names the directory, and what mv shows of it", function()
    local report = move { continue = false }
    assert.equal("move_directory", report.status)
    assert.truthy(report.text:find(id .. ":*", 1, true), report.text)
    assert.matches("whole%s+name%s+is%s+the%s+token:%s+while%s+mv%s+runs", report.text)
  end)

  it("that was sent and not answered is settled by close alone: a look would open the bot there again", function()
    with_webhook(0)
    servers.one:rule { bot = id, method = "close", answer = "lost_answer" }
    assert.equal("unknown", move({ drain = function() end, retries = 0 }).status)
    local before = moves.asked(servers.one, id)
    assert.equal("done", move({ drain = function() end }).status)
    assert.equal(before .. " close", moves.asked(servers.one, id))
  end)
end)

describe("taking updates", function()
  local servers

  setup(function() servers = moves.servers() end)
  teardown(function() servers.close() end)

  it("asks for fewer at a time where their answer is larger than allowed", function()
    local id, token = moves.new_bot()
    servers.pair:put(id, { state = "logged_in" }, "cloud")
    for n = 1, 100 do servers.pair:updates(id, { text = n .. ("\208\175"):rep(4000) }) end
    local path, taken, last = moves.journal(), 0, nil
    local report = moves.move(token, { from = { server = servers.cloud, as = "cloud" }, to = servers.near,
      journal = path, drain = function(_, left)
        taken, last = taken + 1, left
      end })
    moves.remove(path)
    assert.equal("done", report.status, report.text)
    assert.equal(100, taken)
    assert.equal(0, last)
    assert.same({}, report.lost)
  end)

  it("says that even one is too large", function()
    local id, token = moves.new_bot()
    servers.pair:put(id, { state = "logged_in" }, "cloud")
    servers.pair:updates(id, { text = ("\208\175"):rep(4000) })
    local report = moves.move(token, { from = { server = servers.cloud, as = "cloud", max_response = 4096 },
      to = servers.near, journal = false, drain = function() end })
    assert.equal("limit", report.reason)
    assert.matches("max_response", report.text)
    assert.equal("logged_in", servers.pair:bot(id, "cloud").state)
  end)
end)
