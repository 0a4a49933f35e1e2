-- SPDX-License-Identifier: MIT
-- Owns the specs of getUpdates and of webhooks.

local json = require "botapi.emulator.json"
local socket = require "socket"
local support = require "spec.support.emulator"

describe("emulator: getUpdates", function()
  local here, emu, id

  setup(function()
    here = support.start()
    emu = here.emu
  end)
  teardown(function() emu:close() end)
  before_each(function()
    id = support.new_id()
    here.call(id, "getMe")
  end)

  local function ids(query)
    local list = {}
    for i, update in ipairs(json.decode(here.call(id, "getUpdates", query).body).result) do
      list[i] = update.update_id
    end
    return list
  end

  it("without updates is an empty list at once", function()
    assert.equal('{"ok":true,"result":[]}', here.call(id, "getUpdates").body)
  end)

  it("gives the same updates until an offset confirms them", function()
    assert.same({1, 2}, emu:updates(id, {{text = "/start"}, {text = "b"}}))
    assert.same({1, 2}, ids())
    assert.same({1, 2}, ids())
    assert.same({2}, ids "offset=2")
    assert.same({2}, ids())
    assert.same({}, ids "offset=3")
  end)

  it("with a negative offset forgets all but the last", function()
    emu:updates(id, {{text = "a"}, {text = "b"}, {text = "c"}})
    assert.same({3}, ids "offset=-1")
    assert.same({3}, ids())
  end)

  it("gives as many as limit says, at most 100", function()
    emu:put(id, {pending = 120})
    assert.equal(2, #ids "limit=2")
    assert.equal(100, #ids "limit=1000")
    assert.equal(100, #ids())
  end)

  it("with a timeout waits for the next update", function()
    local poll = here.begin(id, "getUpdates", "timeout=30")
    assert(emu:calls {bot = id, method = "getUpdates", expect = 1, wait = 5})
    assert.is_true(emu:bot(id).polling)
    emu:updates(id, {text = "/start"})
    assert.truthy(poll:read().body:find('"text":"/start","entities":[{"offset":0,"length":6,"type":"bot_command"}]',
      1, true))
    assert.is_false(emu:bot(id).polling)
    poll:close()
  end)

  it("with a timeout ends with an empty list when the time is over, 50 s at most", function()
    local poll = here.begin(id, "getUpdates", "timeout=5000")
    assert(emu:calls {bot = id, method = "getUpdates", expect = 1, wait = 5})
    emu:advance(51)
    assert.equal('{"ok":true,"result":[]}', poll:read().body)
    poll:close()
  end)

  it("ends the one that waits with 409, and takes its place", function()
    local first = here.begin(id, "getUpdates", "timeout=30")
    assert(emu:calls {bot = id, method = "getUpdates", expect = 1, wait = 5})
    local second = here.begin(id, "getUpdates", "timeout=30")
    assert.equal('{"ok":false,"error_code":409,"description":"Conflict: terminated by other getUpdates request; '
      .. 'make sure that only one bot instance is running"}', first:read().body)
    emu:updates(id, {text = "x"})
    assert.equal(200, second:read().status)
    first:close()
    second:close()
  end)

  it("is ended by setWebhook with 409", function()
    local poll = here.begin(id, "getUpdates", "timeout=30")
    assert(emu:calls {bot = id, method = "getUpdates", expect = 1, wait = 5})
    here.call(id, "setWebhook", "url=https://shop.example/hook")
    assert.equal(409, poll:read().status)
    poll:close()
  end)

  it("keeps allowed_updates until they are changed", function()
    here.call(id, "getUpdates", 'allowed_updates=["callback_query"]')
    emu:updates(id, {{text = "no"}, {callback_query = {id = "1"}}})
    assert.same({2}, ids())
    emu:updates(id, {text = "no"})
    assert.same({2}, ids())
    here.call(id, "getUpdates", "allowed_updates=[]")
    emu:updates(id, {{text = "yes"}, {chat_member = {date = 1}}})
    assert.same({2, 4}, ids())
  end)

  it("gives an Update as it was put, numbers exact", function()
    emu:updates(id, {update_id = 70, message = {message_id = 5, chat = {id = -1002147483648123}}})
    assert.truthy(here.call(id, "getUpdates").body:find('"update_id":70,"message":{', 1, true))
    assert.truthy(here.call(id, "getUpdates").body:find("-1002147483648123", 1, true))
    assert.same({71}, emu:updates(id, {text = "next"}))
  end)
end)

describe("emulator: a webhook", function()
  local here, emu, id, hook, url

  setup(function()
    here = support.start()
    emu = here.emu
  end)
  teardown(function() emu:close() end)
  before_each(function()
    id = support.new_id()
    hook = assert(socket.bind("127.0.0.1", 0))
    hook:settimeout(5)
    local _, port = hook:getsockname()
    url = "http://127.0.0.1:" .. port .. "/hook"
  end)
  after_each(function()
    here.call(id, "deleteWebhook")
    hook:close()
  end)

  -- Takes one delivery and answers it.
  local function take(status, body)
    local client = assert(hook:accept())
    client:settimeout(5)
    local head, line = {}
    repeat
      line = client:receive "*l"
      head[#head + 1] = line
    until not line or line == ""
    head = table.concat(head, "\n")
    local update = json.decode(client:receive(tonumber(head:match "Content%-Length: (%d+)")))
    body = body or ""
    client:send("HTTP/1.1 " .. (status or "200 OK") .. "\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body)
    client:close()
    return update, head
  end

  it("gets each update with the secret header, and the queue is empty then", function()
    here.call(id, "setWebhook", "secret_token=s3-x&url=" .. url)
    emu:updates(id, {{text = "a"}, {text = "b"}})
    local update, head = take()
    assert.equal("a", update.message.text)
    assert.truthy(head:find("POST /hook HTTP/1.1", 1, true))
    assert.truthy(head:find("X-Telegram-Bot-Api-Secret-Token: s3-x", 1, true))
    assert.equal("b", take().message.text)
    assert(emu:calls {bot = id, kind = "webhook", status = 200, expect = 2, wait = 5})
    assert.equal(0, emu:bot(id).pending)
  end)

  it("that refuses an update gets it again, later, and getWebhookInfo says so", function()
    here.call(id, "setWebhook", "url=" .. url)
    emu:updates(id, {text = "a"})
    take "500 Oops"
    assert(emu:calls {bot = id, kind = "webhook", status = 500, expect = 1, wait = 5})
    assert.truthy(here.call(id, "getWebhookInfo").body:find(
      '"last_error_message":"Wrong response from the webhook: 500 Oops"', 1, true))
    assert.equal(1, emu:bot(id).pending)
    emu:advance(2)
    assert.equal("a", take().message.text)
    assert(emu:calls {bot = id, kind = "webhook", status = 200, expect = 1, wait = 5})
    assert.equal(0, emu:bot(id).pending)
  end)

  it("that isn't there is noted as Connection refused", function()
    hook:close()
    here.call(id, "setWebhook", "url=" .. url)
    emu:updates(id, {text = "a"})
    assert(emu:calls {bot = id, kind = "webhook", expect = "1..", wait = 5})
    emu:advance(0)
    assert.truthy(here.call(id, "getWebhookInfo").body:find('"last_error_message":"Connection refused"', 1, true))
  end)

  it("may answer with a method, which is run", function()
    here.call(id, "setWebhook", "url=" .. url)
    emu:updates(id, {text = "a"})
    take("200 OK", '{"method":"sendMessage","chat_id":5,"text":"pong"}')
    local calls = assert(emu:calls {bot = id, method = "sendMessage", expect = 1, wait = 5})
    assert.equal("pong", calls[1].params.text)
    assert.is_true(calls[1].executed)
  end)

  it("elsewhere than on this machine is kept, but nothing is sent to it", function()
    here.call(id, "setWebhook", "url=https://shop.example/hook")
    emu:updates(id, {text = "a"})
    assert.equal(1, emu:bot(id).pending)
    assert(emu:calls {bot = id, kind = "webhook", expect = 0})
  end)

  it("with a wrong secret_token is refused", function()
    assert.equal(400, here.call(id, "setWebhook", "url=" .. url .. "&secret_token=a%20b").status)
  end)
end)
