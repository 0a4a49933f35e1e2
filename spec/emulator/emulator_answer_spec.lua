-- SPDX-License-Identifier: MIT
-- Owns the specs of what the emulator answers, byte for byte, as docs/internals/server.md says.

local support = require "spec.support.emulator"

local function envelope(code, description, parameters)
  return '{"ok":false,"error_code":' .. code .. ',"description":"' .. description .. '"'
    .. (parameters and ',"parameters":' .. parameters or "") .. "}"
end

describe("emulator: an answer", function()
  local here, emu, id, token

  setup(function()
    here = support.start()
    emu = here.emu
  end)
  teardown(function() emu:close() end)
  before_each(function()
    id = support.new_id()
    token = emu:token(id)
  end)

  local function assert_refused(path, code, description, parameters)
    local answer = here.get(path)
    assert.equal(code, answer.status)
    assert.equal(envelope(code, description, parameters), answer.body)
    return answer
  end

  it("of success has exactly these headers in this order", function()
    local peer = here.begin(id, "logOut")
    local expected = "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Type: application/json\r\n"
      .. 'Content-Length: 25\r\n\r\n{"ok":true,"result":true}'
    assert.equal(expected, (peer.socket:receive(#expected)))
    peer:close()
  end)

  it("of an error has the code as its status", function()
    local answer = here.get "/bot1:short/getMe"
    assert.equal("HTTP/1.1 401 Unauthorized\nConnection: keep-alive\nContent-Type: application/json\n"
      .. "Content-Length: " .. #answer.body, answer.head)
  end)

  it("of a 429 has Retry-After between type and length", function()
    emu:rule {bot = id, ["then"] = {error_code = 429, retry_after = 7}}
    local answer = here.call(id, "getMe")
    assert.equal("HTTP/1.1 429 Too Many Requests\nConnection: keep-alive\nContent-Type: application/json\n"
      .. "Retry-After: 7\nContent-Length: " .. #answer.body, answer.head)
    assert.equal(envelope(429, "Too Many Requests: retry after 7", '{"retry_after":7}'), answer.body)
  end)

  it("escapes what isn't ASCII, above the first plane as a pair", function()
    emu:put(id, {first_name = "Füchse 🦊"})
    assert.truthy(here.call(id, "getMe").body:find('"F\\u00fcchse \\ud83e\\udd8a"', 1, true))
  end)

  it("to getMe has the bot, members in order", function()
    emu:put(id, {first_name = "Shop", username = "shop_bot"})
    assert.truthy(here.call(id, "getMe").body:find('^{"ok":true,"result":{"id":' .. id
      .. ',"is_bot":true,"first_name":"Shop","username":"shop_bot","can_join_groups":true,'
      .. '"can_read_all_group_messages":false,"supports_inline_queries":false'))
  end)

  it("to getWebhookInfo without a webhook has three members", function()
    emu:put(id, {pending = 14})
    assert.equal('{"ok":true,"result":{"url":"","has_custom_certificate":false,"pending_update_count":14}}',
      here.call(id, "getWebhookInfo").body)
  end)

  it("to getWebhookInfo with a webhook has the rest in order", function()
    emu:put(id, {webhook = {url = "https://shop.example/hook", max_connections = 7, ip_address = "192.0.2.1",
      last_error_date = 5, last_error_message = "Connection refused", allowed_updates = {"message"},
      secret_token = "x"}})
    assert.equal('{"ok":true,"result":{"url":"https://shop.example/hook","has_custom_certificate":false,'
      .. '"pending_update_count":0,"last_error_date":5,"last_error_message":"Connection refused",'
      .. '"max_connections":7,"ip_address":"192.0.2.1","allowed_updates":["message"]}}',
      here.call(id, "getWebhookInfo").body)
  end)

  it("to setWebhook says that it was set, then that it already is", function()
    local query = "url=https://shop.example/hook"
    assert.equal('{"ok":true,"result":true,"description":"Webhook was set"}', here.call(id, "setWebhook", query).body)
    emu:advance(1)
    assert.equal('{"ok":true,"result":true,"description":"Webhook is already set"}',
      here.call(id, "setWebhook", query).body)
  end)

  it("to setWebhook with an empty url is deleteWebhook's", function()
    emu:put(id, {webhook = {url = "https://shop.example/hook"}})
    assert.equal('{"ok":true,"result":true,"description":"Webhook was deleted"}', here.call(id, "setWebhook").body)
  end)

  it("to deleteWebhook says that it was deleted, then that it already is", function()
    emu:put(id, {webhook = {url = "https://shop.example/hook"}})
    assert.equal('{"ok":true,"result":true,"description":"Webhook was deleted"}', here.call(id, "deleteWebhook").body)
    assert.equal('{"ok":true,"result":true,"description":"Webhook is already deleted"}',
      here.call(id, "deleteWebhook").body)
  end)

  for _, path in ipairs {"/", "/foo", "/bot", "/Bot1:a/getMe", "/file/bot1:abc/x", "/bot123:abc"} do
    it("to the path " .. path .. " is 404", function() assert_refused(path, 404, "Not Found") end)
  end

  it("to /test and more letters is 404", function()
    assert_refused("/bot" .. token .. "/testX", 404, "Not Found")
    assert_refused("/bot" .. token .. "/test", 404, "Not Found")
  end)

  for what, bad in pairs {["that starts with 0"] = "0123:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ["without a colon"] = "123", ["of over 80 bytes"] = "1:" .. ("a"):rep(79), ["that is empty"] = "",
    ["with a negative id"] = "-5:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ["with an id of 2^54"] = "18014398509481984:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"} do
    it("to a token " .. what .. " is 401 invalid token specified", function()
      assert_refused("/bot" .. bad .. "/getMe", 401, "Unauthorized: invalid token specified")
    end)
  end

  for _, bad in ipairs {"abc", "+5", "1x", "5%20", ""} do
    it("to the id '" .. bad .. "' is 421", function()
      assert_refused("/bot" .. bad .. ":aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/getMe", 421,
        "Misdirected Request: unallowed token specified")
    end)
  end

  it("to an id right below 2^54 is the bot, exactly", function()
    local answer = here.get "/bot18014398509481983:aaaaaaaaaaaaaaaaaaaaaaaaaaaa/getMe"
    assert.truthy(answer.body:find('"id":18014398509481983,', 1, true))
  end)

  it("to a secret shorter than 24 is 401, and to one that isn't base64url", function()
    assert_refused("/bot5:" .. ("a"):rep(23) .. "/getMe", 401, "Unauthorized")
    assert_refused("/bot5:" .. ("a"):rep(30) .. "!/getMe", 401, "Unauthorized")
  end)

  it("to a secret with bits left over, or of a length that base64url has not, is 401", function()
    assert_refused("/bot5:" .. ("a"):rep(25) .. "/getMe", 401, "Unauthorized")
    for _, case in ipairs {{26, "Q", 200}, {26, "B", 401}, {27, "0", 200}, {27, "1", 401}, {28, "1", 200}} do
      local secret = ("a"):rep(case[1] - 1) .. case[2]
      assert.equal(case[3], here.get("/bot" .. support.new_id() .. ":" .. secret .. "/getMe").status, secret)
    end
  end)

  it("to a secret with padding is that of the same secret without it, or 401", function()
    local secret = ("a"):rep(26) .. "A"
    assert.equal(200, here.get("/bot" .. id .. ":" .. secret .. "=/getMe").status)
    for _, bad in ipairs {"==", "===", "A=", "=A"} do
      assert_refused("/bot" .. id .. ":" .. secret .. bad .. "/getMe", 401, "Unauthorized")
    end
  end)

  it("to close with a secret that can't be one is 400 before, and 401 after another method", function()
    assert_refused("/bot" .. id .. ":AA/close", 400, "Bad Request: the bot has already been closed")
    assert_refused("/bot" .. id .. ":AA/getMe", 401, "Unauthorized")
    assert_refused("/bot" .. id .. ":AA/close", 401, "Unauthorized")
    assert.equal(0, emu:bot(id).logins)
  end)

  it("to a revoked token is 401", function()
    here.call(id, "getMe")
    emu:revoke(id)
    assert_refused("/bot" .. token .. "/getMe", 401, "Unauthorized")
    assert.equal("revoked", emu:bot(id).state)
  end)

  it("to a wrong token stays 401 for 1800 s though it became right", function()
    emu:put(id, {revoked = true})
    assert_refused("/bot" .. token .. "/getMe", 401, "Unauthorized")
    emu:put(id, {revoked = false})
    emu:advance(1799)
    assert_refused("/bot" .. token .. "/getMe", 401, "Unauthorized")
    emu:advance(2)
    assert.equal(200, here.call(id, "getMe").status)
  end)

  it("to an unknown method is 404, and the bot is logged in by it", function()
    assert_refused("/bot" .. token .. "/getMeNot", 404, "Not Found: method not found")
    assert.equal("logged_in", emu:bot(id).state)
  end)

  it("to close of a bot that isn't loaded is 400", function()
    assert_refused("/bot" .. token .. "/close", 400, "Bad Request: the bot has already been closed")
    assert.equal(0, emu:bot(id).logins)
  end)

  it("to close in the first 600 s of a young instance is 429, counting down", function()
    emu:clock {freeze = true}
    emu:advance(601)
    here.call(id, "getMe")
    assert_refused("/bot" .. token .. "/close", 429, "Too Many Requests: retry after 600", '{"retry_after":600}')
    emu:advance(100)
    local body = here.call(id, "close").body
    assert.truthy(body:find('"retry_after":500', 1, true))
    emu:advance(499.5)   -- whole seconds count
    assert.equal(200, here.call(id, "close").status)
    emu:clock {freeze = false}
  end)

  it("to getUpdates while a webhook is set is 409", function()
    emu:put(id, {webhook = {url = "https://shop.example/hook"}})
    assert_refused("/bot" .. token .. "/getUpdates", 409, "Conflict: can't use getUpdates method while webhook is "
      .. "active; use deleteWebhook to delete the webhook first")
  end)

  it("about a supergroup has the new id, exact", function()
    emu:rule {bot = id, ["then"] = "supergroup"}
    assert_refused("/bot" .. token .. "/sendMessage", 400,
      "Bad Request: group chat was upgraded to a supergroup chat", '{"migrate_to_chat_id":-1002147483648123}')
  end)

  it("to sendMessage is a plausible Message", function()
    local body = here.post(id, "sendMessage", '{"chat_id":-1002147483648123,"text":"hi"}').body
    assert.truthy(body:find('^{"ok":true,"result":{"message_id":1,"from":{"id":' .. id))
    assert.truthy(body:find('"chat":{"id":-1002147483648123,', 1, true))
    assert.truthy(body:find('"text":"hi"}}$'))
  end)

  it("to editMessageText is the Message with its id and an edit_date", function()
    local body = here.post(id, "editMessageText", '{"chat_id":5,"message_id":77,"text":"new"}').body
    assert.truthy(body:find('"message_id":77,', 1, true))
    assert.truthy(body:find('"edit_date":', 1, true))
  end)

  it("to deleteMessage is true, to getChat the chat, to getMyCommands a list", function()
    assert.equal('{"ok":true,"result":true}', here.post(id, "deleteMessage", '{"chat_id":5,"message_id":7}').body)
    assert.truthy(here.call(id, "getChat", "chat_id=5").body:find('"type":"private"', 1, true))
    assert.equal('{"ok":true,"result":[]}', here.call(id, "getMyCommands").body)
  end)
end)

describe("emulator: with limits", function()
  local here, emu

  setup(function()
    here = support.start {limits = true}
    emu = here.emu
  end)
  teardown(function() emu:close() end)

  it("the 21st new token of a minute gets 429, and an old one goes on", function()
    local first = support.new_id()
    here.call(first, "getMe")
    for _ = 2, 20 do assert.equal(200, here.call(support.new_id(), "getMe").status) end
    local late = support.new_id()
    assert.equal(429, here.call(late, "getMe").status)
    assert.equal(200, here.call(first, "getMe").status)
    emu:advance(61)
    assert.equal(200, here.call(late, "getMe").status)
  end)
end)

describe("emulator: without limits", function()
  local here

  setup(function() here = support.start() end)
  teardown(function() here.emu:close() end)

  it("loopback isn't limited, but an X-Real-IP is", function()
    for _ = 1, 25 do assert.equal(200, here.call(support.new_id(), "getMe").status) end
    local function through_proxy()
      return support.exchange(here.url, "GET /bot" .. here.emu:token(support.new_id())
        .. "/getMe HTTP/1.1\r\nX-Real-IP: 192.0.2.7\r\n\r\n").status
    end
    for _ = 1, 20 do assert.equal(200, through_proxy()) end
    assert.equal(429, through_proxy())
  end)
end)

describe("emulator: with --bot", function()
  local here, emu

  setup(function()
    here = support.start {bot = "77:the-only-valid-token-of-this-emulator"}
    emu = here.emu
  end)
  teardown(function() emu:close() end)

  it("that token is a bot and every other is 401", function()
    assert.equal(200, here.get("/bot77:the-only-valid-token-of-this-emulator/getMe").status)
    assert.equal(401, here.call(78, "getMe").status)
    assert.equal(401, here.get("/bot77:another-secret-of-the-same-bot-id/getMe").status)
    assert.equal(200, here.get("/bot77:the-only-valid-token-of-this-emulator/getMe").status)
  end)
end)

describe("emulator: as the cloud", function()
  local here

  setup(function() here = support.start {as = "cloud"} end)
  teardown(function() here.emu:close() end)

  it("/ is a 302 with HTML, and /bot is 404 as JSON", function()
    local answer = here.get "/"
    assert.equal(302, answer.status)
    assert.truthy(answer.head:find "Location: https://core.telegram.org/bots")
    assert.truthy(answer.head:find "Content%-Type: text/html")
    assert.equal(envelope(404, "Not Found"), here.get("/bot").body)
  end)
end)

describe("emulator: as Bale", function()
  local here

  setup(function() here = support.start {as = "bale"} end)
  teardown(function() here.emu:close() end)

  it("refuses an id that is no bot's", function()
    for _, number in ipairs {"99999999999999999999", "18014398509481984", "0", "-5", "x"} do
      local answer = here.get("/bot" .. number .. ":" .. ("a"):rep(35) .. "/getMe")
      assert.truthy(answer, number)
      assert.truthy(answer.body:find('"ok":false', 1, true), number)
    end
    assert.equal(200, here.get("/bot9007199254740991:" .. ("a"):rep(35) .. "/getMe").status)
  end)

  it("any text behind the colon is a token, and names have any case", function()
    assert.equal(200, here.get("/bot123:x%20!y/GETME").status)
  end)

  it("a wrong token is 400 Token not found", function()
    assert.equal(envelope(400, "Bad Request: Token not found"), here.get("/botx:abc/getMe").body)
  end)

  it("there is no test environment", function()
    assert.equal(404, here.get("/bot123:abc/test/getMe").status)
  end)

  it("logout is true, and the bot may come back", function()
    assert.equal('{"ok":true,"result":true}', here.get("/bot123:abc/logout").body)
    assert.equal(200, here.get("/bot123:abc/getMe").status)
  end)
end)
