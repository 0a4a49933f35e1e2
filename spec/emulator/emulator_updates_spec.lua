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

  -- The ids of the answer, counted from the first update of the bot. Time enough has passed since the last question.
  local function ids(first, query)
    emu:advance(3)
    local list = {}
    for i, update in ipairs(json.decode(here.call(id, "getUpdates", query).body).result) do
      list[i] = update.update_id - first
    end
    return list
  end

  local function from(first, n)
    return "offset=" .. string.format("%.0f", first + n)
  end

  it("without updates is an empty list at once", function()
    assert.equal('{"ok":true,"result":[]}', here.call(id, "getUpdates").body)
  end)

  it("gives the same updates until an offset confirms them", function()
    local given = emu:updates(id, {{text = "/start"}, {text = "b"}})
    local first = given[1]
    assert.same({first, first + 1}, given)
    assert.same({0, 1}, ids(first))
    assert.same({0, 1}, ids(first))
    assert.same({1}, ids(first, from(first, 1)))
    assert.same({1}, ids(first))
    assert.same({}, ids(first, from(first, 2)))
  end)

  it("with a negative offset forgets all but the last", function()
    local first = emu:updates(id, {{text = "a"}, {text = "b"}, {text = "c"}})[1]
    assert.same({2}, ids(first, "offset=-1"))
    assert.same({2}, ids(first))
  end)

  it("with an offset far above them all forgets none", function()
    local first = emu:updates(id, {{text = "a"}, {text = "b"}})[1]
    assert.same({0, 1}, ids(first, from(first, 1000)))
    assert.same({0, 1}, ids(first, from(first, 13)))
    assert.same({}, ids(first, from(first, 12)))
  end)

  it("gives as many as limit says, from 1 to 100", function()
    emu:put(id, {pending = 120})
    assert.equal(2, #ids(0, "limit=2"))
    assert.equal(1, #ids(0, "limit=0"))
    assert.equal(100, #ids(0, "limit=1000"))
    assert.equal(100, #ids(0))
  end)

  it("gives no more than 4 MiB at once", function()
    for _ = 1, 9 do emu:updates(id, {text = ("x"):rep(500000)}) end
    assert.equal(8, #ids(0))
  end)

  it("with the same offset again at once gives one update, and without updates waits for 3 s", function()
    emu:clock {freeze = true}
    local first = emu:updates(id, {{text = "a"}, {text = "b"}})[1]
    assert.same({0, 1}, ids(first))
    assert.equal(1, #json.decode(here.call(id, "getUpdates").body).result)
    assert.same({}, ids(first, from(first, 2)))
    local poll = here.begin(id, "getUpdates", from(first, 2))
    assert(emu:calls {bot = id, method = "getUpdates", expect = 4, wait = 5})
    emu:advance(2.9)
    assert.is_true(emu:bot(id).polling)
    emu:advance(0.2)
    assert.equal('{"ok":true,"result":[]}', poll:read().body)
    poll:close()
    emu:clock {freeze = false}
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

  it("with updates at hand doesn't end the one that waits", function()
    local first = here.begin(id, "getUpdates", "timeout=30&offset=-1")
    assert(emu:calls {bot = id, method = "getUpdates", expect = 1, wait = 5})
    emu:rule {bot = id, method = "getUpdates", times = 0, ["then"] = {result = {}}}
    assert.equal(200, here.call(id, "getUpdates", "timeout=0").status)
    assert.is_true(emu:bot(id).polling)
    first:close()
  end)

  it("while a webhook is set is 409, the second time 3 s late", function()
    emu:clock {freeze = true}
    here.call(id, "setWebhook", "url=https://shop.example/hook")
    assert.equal(409, here.call(id, "getUpdates").status)
    local second = here.begin(id, "getUpdates")
    assert(emu:calls {bot = id, method = "getUpdates", expect = 2, wait = 5})
    assert(emu:calls {bot = id, method = "getUpdates", status = 409, expect = 1})
    emu:advance(3)
    assert.equal(409, second:read().status)
    second:close()
    emu:clock {freeze = false}
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
    local first = emu:updates(id, {{text = "no"}, {callback_query = {id = "1"}}})
    assert.equal(1, #first)
    first = first[1]
    assert.same({0}, ids(first))
    emu:updates(id, {text = "no"})
    assert.same({0}, ids(first))
    here.call(id, "getUpdates", "allowed_updates=[]")
    emu:updates(id, {{text = "yes"}, {chat_member = {date = 1}}})
    assert.same({0, 1}, ids(first))
  end)

  it("gives an Update as it was put, numbers exact", function()
    emu:updates(id, {update_id = 70, message = {message_id = 5, chat = {id = -1002147483648123}}})
    local body = here.call(id, "getUpdates").body
    assert.truthy(body:find('"update_id":70,"message":{', 1, true))
    assert.truthy(body:find("-1002147483648123", 1, true))
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

  it("gets an update once, also after the server was started again", function()
    here.call(id, "setWebhook", "url=" .. url)
    emu:advance(0)   -- what waits for updates has begun to wait
    emu:restart()
    emu:advance(0)
    emu:updates(id, {text = "a"})
    assert.equal("a", take().message.text)
    assert(emu:calls {bot = id, kind = "webhook", expect = 1, wait = 5})
    hook:settimeout(0.2)
    assert.is_nil(hook:accept())
  end)

  it("may answer with a method, which is run, but not one that asks or ends something", function()
    here.call(id, "setWebhook", "url=" .. url)
    for i, method in ipairs {"getMe", "logOut", "deleteWebhook"} do
      emu:updates(id, {text = "a"})
      take("200 OK", '{"method":"' .. method .. '"}')
      assert(emu:calls {bot = id, kind = "webhook", status = 200, expect = i, wait = 5})
      assert(emu:calls {bot = id, method = method, expect = 0})
    end
  end)

  it("may answer with a method, which is run", function()
    here.call(id, "setWebhook", "url=" .. url)
    emu:updates(id, {text = "a"})
    take("200 OK", '{"method":"sendMessage","chat_id":5,"text":"pong"}')
    local calls = assert(emu:calls {bot = id, method = "sendMessage", expect = 1, wait = 5})
    assert.equal("pong", calls[1].params.text)
    assert.is_true(calls[1].executed)
  end)

  it("may answer with JSON that breaks off, and is read as far as it goes, as a request is", function()
    here.call(id, "setWebhook", "url=" .. url)
    emu:updates(id, {text = "a"})
    take("200 OK", '{"method":"sendMessage","chat_id":5,"text":"' .. ("x"):rep(70000) .. '","silent":')
    local calls = assert(emu:calls {bot = id, method = "sendMessage", expect = 1, wait = 5})
    assert.same({method = "sendMessage", chat_id = 5, text = ("x"):rep(65536) .. "…"}, calls[1].params)
  end)

  it("without a secret_token gets no header of that name", function()
    here.call(id, "setWebhook", "url=" .. url)
    emu:updates(id, {text = "a"})
    local _, head = take()
    assert.is_nil(head:lower():find("secret", 1, true))
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
