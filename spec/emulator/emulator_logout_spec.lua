-- SPDX-License-Identifier: MIT
-- Owns the specs of a bot's life: log in, logOut in time, close, as docs/internals/server.md says.

local support = require "spec.support.emulator"

local LOGGED_OUT = '{"ok":false,"error_code":400,"description":"Logged out"}'
local TRUE = '{"ok":true,"result":true}'

describe("emulator: logOut", function()
  local here, emu, id

  setup(function()
    here = support.start()
    emu = here.emu
  end)
  teardown(function() emu:close() end)
  before_each(function() id = support.new_id() end)

  it("of a bot that wasn't there logs it in first, then out, and is true", function()
    assert.equal(TRUE, here.call(id, "logOut").body)
    assert.equal(1, emu:bot(id).logins)
    assert.equal("logged_out", emu:bot(id).state)
  end)

  it("erases the webhook and the updates", function()
    emu:put(id, {pending = 3, webhook = {url = "https://shop.example/hook"}})
    here.call(id, "logOut")
    local bot = emu:bot(id)
    assert.is_nil(bot.webhook)
    assert.equal(0, bot.pending)
  end)

  it("of a young session makes every method answer Logged out for 1800 s, logOut too", function()
    here.call(id, "logOut")
    emu:advance "10ms"
    for _, method in ipairs {"getMe", "logOut", "close", "getUpdates", "noSuchMethod"} do
      assert.equal(LOGGED_OUT, here.call(id, method).body)
    end
    emu:advance(1799)
    assert.equal(LOGGED_OUT, here.call(id, "getMe").body)
    emu:advance(2)
    assert.equal(200, here.call(id, "getMe").status)
    assert.equal(2, emu:bot(id).logins)
  end)

  it("of an old session makes every method answer Logged out for 1 s", function()
    emu:clock {freeze = true}
    emu:put(id, {state = "logged_in", age = "30m"})
    here.call(id, "logOut")
    emu:advance "10ms"
    assert.equal(LOGGED_OUT, here.call(id, "logOut").body)
    emu:advance(1)
    assert.equal(200, here.call(id, "getMe").status)
    emu:clock {freeze = false}
  end)

  it("after the time logs the bot in and out again, and is true", function()
    here.call(id, "logOut")
    emu:advance(1801)
    assert.equal(TRUE, here.call(id, "logOut").body)
    assert.equal(2, emu:bot(id).logins)
  end)

  it("while it runs answers a second logOut and every other method", function()
    emu:rule {method = "logOut", bot = id, ["then"] = {delay = "3s"}}
    local first = here.begin(id, "logOut")
    assert(emu:calls {bot = id, expect = 1, wait = 5})
    assert.equal("logging_out", emu:bot(id).state)
    assert.equal('{"ok":false,"error_code":400,"description":"Bad Request: already logging out"}',
      here.call(id, "logOut").body)
    assert.equal(LOGGED_OUT, here.call(id, "getMe").body)
    emu:advance(3)
    assert.equal(TRUE, first:read().body)
    emu:advance(1)
    assert.equal(LOGGED_OUT, here.call(id, "logOut").body)
    first:close()
  end)

  it("is not cancelled by a client that leaves", function()
    emu:rule {method = "logOut", bot = id, ["then"] = {delay = "3s"}}
    here.begin(id, "logOut"):close()
    assert(emu:calls {bot = id, expect = 1, wait = 5})
    emu:advance(4)
    assert.equal("logged_out", emu:bot(id).state)
  end)

  it("ends a waiting getUpdates with an empty list", function()
    local poll = here.begin(id, "getUpdates", "timeout=50")
    assert(emu:calls {bot = id, expect = 1, wait = 5})
    here.call(id, "logOut")
    assert.equal('{"ok":true,"result":[]}', poll:read().body)
    poll:close()
  end)

  it("ends calls in flight with 401", function()
    emu:rule {method = "sendMessage", bot = id, ["then"] = {delay = "5s"}}
    local call = here.begin(id, "sendMessage", "chat_id=5&text=x")
    assert(emu:calls {bot = id, expect = 1, wait = 5})
    here.call(id, "logOut")
    emu:advance(5)
    assert.equal('{"ok":false,"error_code":401,"description":"Unauthorized"}', call:read().body)
    call:close()
  end)

  it("is followed for some milliseconds by 401 for a second one, and by Logged out for the rest", function()
    emu:clock {freeze = true}
    here.call(id, "logOut")
    assert.equal('{"ok":false,"error_code":401,"description":"Unauthorized"}', here.call(id, "logOut").body)
    assert.equal(LOGGED_OUT, here.call(id, "getMe").body)
    emu:advance "10ms"
    assert.equal(LOGGED_OUT, here.call(id, "logOut").body)
    emu:clock {freeze = false}
  end)

  it("and a close in these milliseconds: true, and the bot isn't locked out", function()
    emu:clock {freeze = true}
    here.call(id, "logOut")
    assert.equal(TRUE, here.call(id, "close").body)
    assert.equal(LOGGED_OUT, here.call(id, "getMe").body)
    emu:advance "10ms"
    assert.equal(200, here.call(id, "getMe").status)
    assert.equal(2, emu:bot(id).logins)
    emu:clock {freeze = false}
  end)

  it("that is under way is aborted by close: all is erased, and the bot isn't locked out", function()
    emu:put(id, {pending = 3, webhook = {url = "https://shop.example/hook"}})
    emu:rule {method = "logOut", bot = id, ["then"] = {delay = "3s"}}
    local logout = here.begin(id, "logOut")
    assert(emu:calls {bot = id, expect = 1, wait = 5})
    assert.equal(TRUE, here.call(id, "close").body)
    emu:advance(3)
    assert.equal('{"ok":false,"error_code":500,"description":"Internal Server Error: request aborted"}',
      logout:read().body)
    assert.equal(200, here.call(id, "getMe").status)
    assert.same({0, 2}, {emu:bot(id).pending, emu:bot(id).logins})
    logout:close()
  end)

  it("may meet the 401 around its end, by a rule", function()
    emu:rule {method = "logOut", bot = id, ["then"] = "unauthorized"}
    assert.equal(401, here.call(id, "logOut").status)
    assert.equal(TRUE, here.call(id, "logOut").body)
  end)

  it("can be put under way by its state", function()
    emu:put(id, {state = "logging_out"})
    assert.equal('{"ok":false,"error_code":400,"description":"Bad Request: already logging out"}',
      here.call(id, "logOut").body)
    emu:put(id, {state = "logged_out"})
    assert.equal(LOGGED_OUT, here.call(id, "logOut").body)
  end)

  it("shows how long it is locked", function()
    here.call(id, "logOut")
    local bot = emu:bot(id)
    assert.is_true(math.abs(bot.locked_until - bot.since - 1800) < 0.01)
  end)
end)

describe("emulator: close", function()
  local here, emu, id

  setup(function()
    here = support.start()
    emu = here.emu
  end)
  teardown(function() emu:close() end)
  before_each(function() id = support.new_id() end)

  it("is true at once, keeps session, queue and webhook, and the next call opens the bot again", function()
    emu:put(id, {pending = 3, webhook = {url = "https://shop.example/hook"}})
    assert.equal(TRUE, here.call(id, "close").body)
    local bot = emu:bot(id)
    assert.same({"closed", 3, "https://shop.example/hook"}, {bot.state, bot.pending, bot.webhook.url})
    emu:advance "10ms"
    assert.equal('{"ok":false,"error_code":400,"description":"Bad Request: the bot has already been closed"}',
      here.call(id, "close").body)
    assert.equal(200, here.call(id, "getMe").status)
    assert.equal(1, emu:bot(id).logins)
  end)

  it("ends a waiting getUpdates with an empty list", function()
    local poll = here.begin(id, "getUpdates", "timeout=50")
    assert(emu:calls {bot = id, expect = 1, wait = 5})
    here.call(id, "close")
    assert.equal('{"ok":true,"result":[]}', poll:read().body)
    poll:close()
  end)

  it("is followed for some milliseconds by 500 restart, and by true for a second one", function()
    emu:clock {freeze = true}
    here.call(id, "getMe")
    assert.equal(TRUE, here.call(id, "close").body)
    assert.equal('{"ok":false,"error_code":500,"description":"Internal Server Error: restart"}',
      here.call(id, "getMe").body)
    assert.equal(TRUE, here.call(id, "close").body)
    emu:advance "10ms"
    assert.equal(200, here.call(id, "getMe").status)
    emu:clock {freeze = false}
  end)

  it("leaves what comes next at Telegram, until the bot is opened again", function()
    here.call(id, "getMe")
    emu:updates(id, {text = "before"})
    here.call(id, "close")
    emu:updates(id, {text = "after"})
    assert.equal(1, emu:bot(id).pending)
    emu:advance "10ms"
    assert.truthy(here.call(id, "getUpdates").body:find '"text":"before".*"text":"after"')
  end)

  it("keeps the webhook in the server's database, and deleteWebhook as the first call leaves it there", function()
    here.call(id, "setWebhook", "url=https://shop.example/hook")
    here.call(id, "close")
    emu:advance "10ms"
    assert.truthy(here.call(id, "deleteWebhook").body:find("already deleted", 1, true))
    assert.truthy(here.call(id, "getWebhookInfo").body:find('"url":""', 1, true))
    here.call(id, "close")
    emu:advance "10ms"
    assert.truthy(here.call(id, "getWebhookInfo").body:find('"url":"https://shop.example/hook"', 1, true))
  end)

  it("that takes a while answers 500 restart meanwhile", function()
    here.call(id, "getMe")
    emu:rule {method = "close", bot = id, ["then"] = {delay = "1s"}}
    local close = here.begin(id, "close")
    assert(emu:calls {bot = id, method = "close", expect = 1, wait = 5})
    assert.equal('{"ok":false,"error_code":500,"description":"Internal Server Error: restart"}',
      here.call(id, "getMe").body)
    emu:advance(1)
    assert.equal(TRUE, close:read().body)
    emu:advance "10ms"
    assert.equal(200, here.call(id, "getMe").status)
    close:close()
  end)
end)

describe("emulator: logOut of the cloud", function()
  local here, emu

  setup(function()
    here = support.start {as = "cloud"}
    emu = here.emu
  end)
  teardown(function() emu:close() end)

  it("keeps the bot out for 600 s, then any call logs it in", function()
    local id = support.new_id()
    here.call(id, "logOut")
    emu:advance(599)
    assert.equal(LOGGED_OUT, here.call(id, "getMe").body)
    emu:advance("2s")
    assert.equal(200, here.call(id, "getMe").status)
  end)
end)

describe("emulator: a pair", function()
  local here, emu, id

  setup(function()
    here = support.start {pair = true}
    emu = here.emu
  end)
  teardown(function() emu:close() end)
  before_each(function() id = support.new_id() end)

  local function on_local(method)
    return support.get(emu.local_url, "/bot" .. emu:token(id) .. "/" .. method)
  end

  it("is a cloud and a local server of one Telegram: a move is seen on both", function()
    assert.equal(200, here.call(id, "getMe").status)
    assert.equal(TRUE, here.call(id, "logOut").body)
    assert.equal(200, on_local("getMe").status)
    assert.equal(LOGGED_OUT, here.call(id, "getMe").body)
    local bot = emu:bot(id)
    assert.same({"logged_out", "logged_in", false},
      {bot.servers.cloud.state, bot.servers["local"].state, bot.double_login})
    assert.equal("local", emu:calls({bot = id, method = "getMe"})[2].server)
  end)

  it("shows a double login, and updates go to both", function()
    here.call(id, "getMe")
    on_local "getMe"
    assert.is_true(emu:bot(id).double_login)
    emu:updates(id, {text = "hi"})
    assert.equal(1, emu:bot(id, "cloud").pending)
    assert.equal(1, emu:bot(id, "local").pending)
  end)

  it("keeps updates and webhooks by server: a close and an open elsewhere move none", function()
    emu:put(id, {pending = 5, webhook = {url = "https://old.example/hook"}})
    here.call(id, "close")
    emu:updates(id, {text = "at Telegram"})
    assert.truthy(on_local("getWebhookInfo").body:find('"url":"","has_custom_certificate":false,' ..
      '"pending_update_count":1}', 1, true))
    local servers = emu:bot(id).servers
    assert.same({5, 1}, {servers.cloud.pending, servers["local"].pending})
    assert.same({"https://old.example/hook"}, {servers.cloud.webhook.url, servers["local"].webhook})
    assert.is_false(emu:bot(id).double_login)
  end)

  it("can have a webhook of the bot on the second server, from before", function()
    emu:put(id, {state = "closed", webhook = {url = "https://old.example/hook"}}, "local")
    here.call(id, "getMe")
    assert.is_false(emu:bot(id).double_login)
    assert.equal("https://old.example/hook", emu:bot(id, "local").webhook.url)
    assert.truthy(on_local("getWebhookInfo").body:find('"url":"https://old.example/hook"', 1, true))
  end)

  it("numbers the updates on each server from a random number", function()
    local first = {}
    for i = 1, 2 do
      local bot = support.new_id()
      for j, url in ipairs {emu.url, emu.local_url} do
        support.get(url, "/bot" .. emu:token(bot) .. "/getMe")
        first[2 * i + j - 2] = true
      end
      emu:updates(bot, {text = "hi"})
      for j, url in ipairs {emu.url, emu.local_url} do
        local body = support.get(url, "/bot" .. emu:token(bot) .. "/getUpdates").body
        first[2 * i + j - 2] = tonumber(body:match '"update_id":(%d+)')
      end
    end
    table.sort(first)
    assert.is_true(first[1] > 2000000 and first[4] <= 1000000000)
    assert.is_true(first[1] < first[2] and first[2] < first[3] and first[3] < first[4])
  end)

  it("keeps what comes while the bot is nowhere for the next login", function()
    here.call(id, "logOut")
    emu:updates(id, {text = "hi"})
    assert.equal(0, emu:bot(id, "cloud").pending)
    assert.truthy(on_local("getUpdates").body:find '"text":"hi"')
  end)

  it("takes a rule for one of its servers", function()
    emu:rule {server = "local", bot = id, ["then"] = "bad_gateway"}
    assert.equal(200, here.call(id, "getMe").status)
    assert.equal(502, on_local("getMe").status)
  end)
end)
