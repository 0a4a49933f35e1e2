-- SPDX-License-Identifier: MIT
-- Owns the specs of the control API: bots, calls and expectations, the clock, and that no token appears.

local json = require "botapi.emulator.json"
local socket = require "socket"
local support = require "spec.support.emulator"

describe("emulator: the control API", function()
  local here, emu, id

  setup(function()
    here = support.start()
    emu = here.emu
  end)
  teardown(function() emu:close() end)
  before_each(function() id = support.new_id() end)

  -- The body is without its newline.
  local function control(verb, path, body)
    local answer = support.exchange(here.url, verb .. " /_emulator" .. path .. " HTTP/1.1\r\nHost: localhost\r\n"
      .. "Content-Length: " .. #(body or "") .. "\r\n\r\n" .. (body or ""))
    answer.body, answer.ending = answer.body:match "^(.*)(\n)$"
    return answer
  end

  it("ends its answers with a newline, so that a prompt comes on a line of its own", function()
    for _, path in ipairs {"", "/bots", "/calls", "/clock", "/bots/" .. id, "/nowhere"} do
      assert.equal("\n", control("GET", path).ending, path)
    end
  end)

  -- By a browser on this machine: another origin's page, and a name that its DNS leads here.
  for _, header in ipairs {"Origin: https://evil.example", "Origin: null", "Sec-Fetch-Site: cross-site",
    "Sec-Fetch-Site: same-site", "Host: evil.example", "Host: evil.example.:80", "Host: 127.0.0.1.nip.io:8081",
    "Host: evil", "Host: evil:8081", "Host: notlocalhost", "Host: localhost.evil", "Host: localhost:1:2", "Host: ",
    "Host: :8081", "Host: [evil]", "Host: localhost, evil", "X-None: of a host"} do
    it("isn't for a web page: " .. header, function()
      emu:put(id, {username = "kept_bot"})
      local host = header:find "[Hh]ost" and "" or "Host: localhost\r\n"
      for _, verb in ipairs {"GET", "POST", "PUT", "DELETE"} do
        local answer = support.exchange(here.url, verb .. " /_emulator/bots/" .. id .. " HTTP/1.1\r\n" .. host .. header
          .. "\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}")
        assert.equal(403, answer.status)
        assert.is_nil(answer.body:find("kept_bot", 1, true))
      end
      assert.equal("kept_bot", emu:bot(id).username)
    end)
  end

  it("is for programs by each address and local name of this machine", function()
    for _, host in ipairs {"localhost:1", "LocalHost", "127.0.0.1", "127.0.0.2:", "[::1]:8081", "[::1]", "a.localhost",
      "a.b.localhost:8081", "localhost.", "10.0.0.5:1"} do
      assert.equal(200, support.exchange(here.url, "GET /_emulator HTTP/1.1\r\nHost: " .. host .. "\r\n\r\n").status)
    end
  end)

  it("says what the emulator is", function()
    local state = json.decode(control("GET", "").body)
    assert.equal("local", state.as)
    assert.equal(here.url, state.servers[1].url)
    assert.is_number(state.now)
  end)

  it("answers an unknown place with 404 and a sentence", function()
    local answer = control("GET", "/bts")
    assert.same({404, '{"error":"there is no GET /_emulator/bts"}'}, {answer.status, answer.body})
  end)

  it("answers a body that isn't JSON with 400 and a sentence", function()
    assert.truthy(control("POST", "/rules", "{").body:find '^{"error":"body: not JSON')
  end)

  it("shows a bot with every member", function()
    local bot = json.decode(control("GET", "/bots/" .. id).body)
    assert.same({"id", "username", "state", "since", "locked_until", "polling", "pending", "webhook", "logins"},
      json.names(bot))
    assert.equal("new", bot.state)
  end)

  it("refuses a bot that isn't a numeric id, without repeating a token", function()
    local token = emu:token(id)
    here.call(id, "getMe")
    local body = control("GET", "/bots/" .. token).body
    assert.is_nil(body:find(token:match ":(.*)", 1, true))
    assert.equal(400, control("GET", "/bots/abc").status)
  end)

  it("merges what is put into a bot", function()
    control("PUT", "/bots/" .. id, '{"state":"logged_in","age":"2h","pending":14,"username":"shop_bot",'
      .. '"webhook":{"url":"https://shop.example/hook"}}')
    local bot = emu:bot(id)
    assert.same({"logged_in", 14, "shop_bot", "https://shop.example/hook"},
      {bot.state, bot.pending, bot.username, bot.webhook.url})
    assert.is_true(math.abs(emu:state().now - bot.since - 7200) < 1)
    control("PUT", "/bots/" .. id, '{"pending":0}')
    assert.same({"shop_bot", 0}, {emu:bot(id).username, emu:bot(id).pending})
  end)

  it("refuses an unknown member of a bot, and suggests one", function()
    assert.equal('{"error":"bot: unknown member \\"sate\\"; did you mean \\"state\\"?"}',
      control("PUT", "/bots/" .. id, '{"sate":"new"}').body)
  end)

  it("has updates waiting whatever the webhook asks for", function()
    emu:put(id, {webhook = {url = "https://shop.example/hook", allowed_updates = {"callback_query"}}, pending = 3})
    assert.equal(3, emu:bot(id).pending)
  end)

  for _, state in ipairs {"logged_out", "revoked"} do
    it("refuses updates that wait for a bot that is " .. state .. ", and changes nothing", function()
      local sentence = '{"error":"bot: \\"pending\\" needs a bot that is logged in; this one is ' .. state .. '"}'
      local answer = control("PUT", "/bots/" .. id, '{"state":"' .. state .. '","pending":3}')
      assert.same({400, sentence, "new"}, {answer.status, answer.body, emu:bot(id).state})
      emu:put(id, {state = state, pending = 0})
      answer = control("PUT", "/bots/" .. id, '{"pending":1}')
      assert.same({400, sentence, state}, {answer.status, answer.body, emu:bot(id).state})
    end)
  end

  it("has at most 100,000 updates waiting", function()
    local answer = control("PUT", "/bots/" .. id, '{"pending":100001}')
    assert.same({400, '{"error":"bot: \\"pending\\" can be 100000 at most"}'}, {answer.status, answer.body})
    assert.equal(0, emu:bot(id).pending)
    emu:put(id, {pending = 100000})
    assert.equal(100000, emu:bot(id).pending)
  end)

  for _, list in ipairs {"5", "null", '"message"', "{}", "[5]", '["message",null]'} do
    it("refuses a webhook's allowed_updates of " .. list .. ", and changes nothing", function()
      local answer = control("PUT", "/bots/" .. id, '{"username":"other","webhook":{"url":"https://h.example/",'
        .. '"allowed_updates":' .. list .. '},"pending":1}')
      assert.same({400, '{"error":"webhook: \\"allowed_updates\\" must be an array of strings"}'},
        {answer.status, answer.body})
      assert.not_equal("other", emu:bot(id).username)
    end)
  end

  it("has a state for each life that can be put", function()
    for _, state in ipairs {"logged_in", "logging_out", "logged_out", "closed", "revoked", "new"} do
      emu:put(id, {state = state})
      assert.equal(state, emu:bot(id).state)
    end
    assert.equal(200, here.call(id, "getMe").status)
  end)

  it("resets one bot and leaves the others", function()
    local other = support.new_id()
    here.call(id, "logOut")
    here.call(other, "getMe")
    emu:rule {bot = id, ["then"] = "restart"}
    emu:reset(id)
    assert.same({"new", 0, 0}, {emu:bot(id).state, #emu:calls {bot = id}, #emu:rules()})
    assert.equal("logged_in", emu:bot(other).state)
    assert.equal(1, #emu:calls {bot = other})
  end)

  it("shows a call with every member", function()
    here.call(id, "logOut")
    local call = json.decode(control("GET", "/calls?bot=" .. id).body)[1]
    assert.same({"seq", "at", "kind", "bot", "method", "verb", "params", "status", "executed", "answered"},
      json.names(call))
    assert.same({id, "logOut", "GET", 200, true, "all"},
      {call.bot, call.method, call.verb, call.status, call.executed, call.answered})
  end)

  it("filters calls by method, status and since", function()
    here.call(id, "getMe")
    here.call(id, "logOut")
    here.call(id, "getMe")
    assert.equal(2, #emu:calls {bot = id, method = "getMe"})
    local refused = emu:calls {bot = id, status = 400}
    assert.equal(1, #refused)
    assert.equal(1, #emu:calls {bot = id, since = refused[1].seq - 1})
    assert.equal(0, #emu:calls {bot = id, kind = "webhook"})
  end)

  it("answers an expectation that fails with 417 and a sentence", function()
    here.call(id, "logOut")
    here.call(id, "logOut")
    local answer = control("GET", "/calls?expect=1&method=logOut&bot=" .. id)
    assert.equal(417, answer.status)
    local value = json.decode(answer.body)
    assert.equal("expected 1 logOut of bot " .. id .. ", saw 2", value.error)
    assert.equal(2, #value.calls)
  end)

  -- Waits for calls on a connection of its own: the answer comes soon after `fn` made the last of them.
  local function expecting(what, before, fn)
    local waiting = support.connect(here.url):send("GET /_emulator/calls?" .. what .. "&wait=20s&bot=" .. id
      .. " HTTP/1.1\r\nHost: localhost\r\n\r\n")
    before()
    local start = socket.gettime()
    fn()
    assert.equal(200, waiting:read().status)
    assert.is_true(socket.gettime() - start < 5)
    waiting:close()
  end
  local function ask() here.call(id, "getMe") end

  it("meets an expectation as soon as the calls have come", function() expecting("expect=2", ask, ask) end)

  it("meets an expectation of a status as soon as an answer has it", function()
    expecting("expect=1&status=200", function() emu:rule {bot = id, ["then"] = {delay = "300ms"}} end, ask)
  end)

  it("waits as long as it was told, then fails", function()
    local start = socket.gettime()
    local calls, sentence, seen = emu:calls {bot = id, method = "logOut", expect = "1..", wait = "200ms"}
    assert.is_nil(calls)
    assert.equal("expected 1.. logOut of bot " .. id .. ", saw 0", sentence)
    assert.same({}, seen)
    assert.is_true(socket.gettime() - start >= 0.19)
  end)

  it("expecting 0 waits whether one comes", function()
    assert.same({}, emu:calls {bot = id, expect = 0, wait = 0.1})
    here.call(id, "getMe")
    assert.is_nil((emu:calls {bot = id, expect = 0}))
  end)

  it("forgets calls", function()
    here.call(id, "getMe")
    emu:forget()
    assert.equal(0, #emu:calls())
  end)

  it("freezes and moves the clock", function()
    emu:clock {freeze = true}
    local now = emu:clock().now
    assert.equal(now, emu:clock().now)
    assert.equal(now + 600, emu:advance("10m").now)
    assert.is_false(emu:clock({freeze = false}).frozen)
  end)

  it("has fired what is due before the clock's answer", function()
    emu:rule {method = "logOut", bot = id, ["then"] = {delay = "10m"}}
    local peer = here.begin(id, "logOut")
    assert(emu:calls {bot = id, expect = 1, wait = 5})
    emu:advance("10m")
    assert.equal("logged_out", emu:bot(id).state)
    peer:close()
  end)

  it("lists rules with what is left of them", function()
    local rule = emu:rule {bot = id, times = 3, ["then"] = "restart"}
    here.call(id, "getMe")
    local shown = json.decode(control("GET", "/rules/" .. rule).body)
    assert.same({2, 1, "restart"}, {shown.left, shown.hits, shown["then"]})
    assert.equal(200, control("DELETE", "/rules/" .. rule).status)
    assert.equal(404, control("DELETE", "/rules/" .. rule).status)
  end)

  it("never shows a token, neither as a webhook's URL nor as an argument nor in part", function()
    local token = emu:token(id)
    local secret = token:match ":(.*)"
    here.call(id, "sendMessage", "chat_id=5&text=" .. token)
    here.call(id, "setWebhook", "url=https://shop.example/" .. token:gsub(":", "%%3A"))
    here.call(id, "setWebhook", "url=https://shop.example/hook/" .. secret)
    emu:rule {bot = id, match = {text = token}, ["then"] = "restart"}
    local stranger = ("Unknown_secret-"):rep(3)
    here.call(id, "sendMessage", "chat_id=5&text=https://h/bot77:" .. stranger .. "/getMe")
    assert.is_nil(control("GET", "/calls").body:find(stranger, 1, true))
    for _, path in ipairs {"", "/bots", "/bots/" .. id, "/calls", "/calls?expect=9", "/rules", "/" .. token} do
      assert.is_nil(control("GET", path).body:find(secret, 1, true), path)
    end
    emu:reset(id)
  end)

  it("never shows a token that came as an argument's name", function()
    local token = id .. ":CANARYabcdefghijklmnopqrstuvwxyz0123"
    local body = token:gsub(":", "%%3A") .. "=1"
    support.exchange(here.url, "POST /bot" .. token .. "/getChat HTTP/1.1\r\n"
      .. "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body)
    local calls = control("GET", "/calls?bot=" .. id).body
    assert.is_truthy(calls:find("getChat", 1, true), calls)
    assert.is_nil(calls:find("CANARY", 1, true), calls)
  end)

  it("keeps its JSON whole whatever a malformed token holds", function()
    for _, secret in ipairs {"1", "bot", "seq", "true", "api", "getMe", "%22", "%00", ":", ",", "%7B", "%5C", "%25",
      '"%2C"kind":"api"%2C"'} do
      here.get("/bot1:" .. secret .. "/getMe?text=seq")
      local list = json.decode(control("GET", "/calls").body)
      assert.is_table(list, secret)
      local call = list[#list]
      assert.same({1, "getMe", "api", "seq"}, {call.bot, call.method, call.kind, call.params.text}, secret)
    end
    here.get("/bot1:short/getMe?text=short+1:short+2%253Ashort")
    here.get("/bot1:a%22b/getMe?text=a%22b+1:a%22b")
    assert.equal("short 1:<token> 2%3A<token>", emu:calls {bot = 1}[15].params.text)
    assert.equal('a"b 1:<token>', emu:calls {bot = 1}[16].params.text)
    emu:forget()
  end)

  it("keeps odd secrets out, too, and forgets them with a reset", function()
    local secret = 'odd"\\secret' .. ("x"):rep(20)
    local quoted = secret:gsub("%W", function(c) return ("%%%02X"):format(c:byte()) end)
    here.get("/bot1:" .. quoted .. "/getMe?text=" .. quoted)
    assert.equal("<token>", emu:calls {bot = 1}[1].params.text)
    emu:reset()
    here.call(id, "sendMessage", "chat_id=5&text=" .. quoted)
    assert.equal(secret, emu:calls {bot = id}[1].params.text)
  end)

  it("keeps those of --bot out for good, however short", function()
    local other = support.start {bot = "5:short"}
    finally(function() other.emu:close() end)
    for _ = 1, 2 do
      local text = "here_is=1&text=short"
      other.get("/bot5:x/getMe?" .. text)
      assert.equal("<token>", other.emu:calls {bot = 5}[1].params.text)
      other.emu:reset()
    end
  end)

  it("refuses an update without a usable update_id", function()
    assert.equal('{"error":"updates: \\"update_id\\" must be a whole number"}',
      control("POST", "/bots/" .. id .. "/updates", '{"update_id":"x","message":{}}').body)
  end)

  it("answers PUT and DELETE only below its prefix", function()
    assert.equal(501, support.exchange(here.url, "PUT /bot1:a/getMe HTTP/1.1\r\n\r\n").status)
  end)
end)

describe("emulator: its JSON", function()
  it("keeps the order of members, integers, and [] apart from {}", function()
    local text = '{"b":[],"a":{},"n":-1002147483648123,"f":1.5,"s":"\\u00e9\\n","x":null,"t":[1,true,{"z":1,"y":2}]}'
    assert.equal(text, json.encode(json.decode(text)))
  end)

  for _, text in ipairs {"", "{", '{"a"}', '{"a":1,}', "[1,]", "01", "nul", '"a', "1 2",
    ("["):rep(102) .. ("]"):rep(102)} do
    it("refuses " .. text:sub(1, 9):gsub("%c", "?"), function()
      local value, why = json.decode(text)
      assert.is_nil(value)
      assert.is_string(why)
    end)
  end
end)
