-- SPDX-License-Identifier: MIT
-- Owns the specs of rules: which call they take, whether it's executed, and what gets out.

local faults = require "botapi.emulator.faults"
local socket = require "socket"
local support = require "spec.support.emulator"

describe("emulator: a rule", function()
  local here, emu, id

  setup(function()
    here = support.start()
    emu = here.emu
  end)
  teardown(function() emu:close() end)
  before_each(function() id = support.new_id() end)

  local function last_call()
    local calls = emu:calls {bot = id}
    return calls[#calls]
  end

  -- What a client sees of one request: the bytes, and how it ends (libuv tells a reset from an end).
  local function see(method, port)
    local uv = require "luv"
    local client, bytes, ending = uv.new_tcp(), {}, nil
    client:connect("127.0.0.1", port or tonumber(here.url:match ":(%d+)$"), function()
      client:write("GET /bot" .. emu:token(id) .. "/" .. method .. " HTTP/1.1\r\n\r\n")
      client:read_start(function(why, chunk)
        if chunk then bytes[#bytes + 1] = chunk else ending = why or "EOF" end
        if ending then client:close() end
      end)
    end)
    local guard = uv.new_timer()
    guard:start(5000, 0, function() ending = "timeout"; client:close() end)
    while not ending do uv.run "once" end
    guard:close()
    uv.run "nowait"
    return table.concat(bytes), ending
  end

  it("lost_answer executes the call; the client sees a reset and not one byte", function()
    emu:rule {method = "logOut", bot = id, ["then"] = "lost_answer"}
    local bytes, ending = see "logOut"
    assert.same({"", "ECONNRESET"}, {bytes, (ending:match "^%u+")})
    assert.equal("logged_out", emu:bot(id).state)
    local call = last_call()
    assert.same({true, "none"}, {call.executed, call.answered})
  end)

  it("lost_request doesn't execute it; the client sees the same", function()
    emu:rule {method = "logOut", bot = id, ["then"] = "lost_request"}
    local bytes, ending = see "logOut"
    assert.same({"", "ECONNRESET"}, {bytes, (ending:match "^%u+")})
    assert.equal("new", emu:bot(id).state)
    assert.is_false(last_call().executed)
  end)

  it("with bytes and reset lets so much out, and then resets", function()
    emu:rule {method = "logOut", bot = id, ["then"] = {execute = true, bytes = 12, ["end"] = "reset"}}
    -- after bytes libuv takes a reset for an end; curl tells them apart
    local pipe = io.popen("curl -sS " .. here.url .. "/bot" .. emu:token(id) .. "/logOut 2>&1")
    assert.equal("curl: (56) Recv failure: Connection reset by peer\n", pipe:read "*a")
    pipe:close()
    assert.equal(12, last_call().answered)
  end)

  it("silence executes the call and never answers", function()
    emu:rule {bot = id, ["then"] = "silence"}
    local peer = here.begin(id, "logOut")
    peer.socket:settimeout(0.1)
    local _, why = peer.socket:receive(1)
    assert.equal("timeout", why)
    assert.equal("logged_out", emu:bot(id).state)
    peer:close()
  end)

  it("slow answers when the clock has moved on", function()
    emu:rule {bot = id, ["then"] = "slow"}
    local peer = here.begin(id, "getMe")
    assert(emu:calls {bot = id, expect = 1, wait = 5})
    assert.is_nil(last_call().status)
    emu:advance(5)
    assert.equal(200, peer:read().status)
    peer:close()
  end)

  it("truncated sends half of the answer and ends in order", function()
    emu:rule {bot = id, ["then"] = "truncated"}
    local bytes, ending = see "logOut"
    assert.equal("EOF", ending)
    assert.equal(last_call().answered, #bytes)
    assert.is_nil(bytes:find('result":true', 1, true))
  end)

  it("garbage sends what isn't HTTP", function()
    emu:rule {bot = id, ["then"] = "garbage"}
    assert.is_nil(see("logOut"):find "^HTTP")
    assert.equal("logged_out", emu:bot(id).state)
  end)

  it("trickle sends the answer a byte at a time", function()
    emu:rule {bot = id, ["then"] = "trickle"}
    local peer = here.begin(id, "logOut")
    local start = socket.gettime()
    assert.equal(200, peer:read().status)
    assert.is_true(socket.gettime() - start > 0.5)
    peer:close()
  end)

  local texts = {
    rate_limited = {429, "Too Many Requests: retry after 3"},
    unauthorized = {401, "Unauthorized"},
    logged_out = {400, "Logged out"},
    closing = {400, "Bad Request: already logging out"},
    conflict = {409, "Conflict: terminated by other getUpdates request; "
      .. "make sure that only one bot instance is running"},
    restart = {500, "Internal Server Error: restart"},
    supergroup = {400, "Bad Request: group chat was upgraded to a supergroup chat"},
  }
  for name, expected in pairs(texts) do
    it(name .. " answers exactly that, and doesn't execute", function()
      emu:rule {bot = id, ["then"] = name}
      local answer = here.call(id, "logOut")
      assert.equal(expected[1], answer.status)
      assert.truthy(answer.body:find('"description":"' .. expected[2] .. '"', 1, true))
      assert.equal("new", emu:bot(id).state)
    end)
  end

  for name, status in pairs {bad_gateway = 502, gateway_timeout = 504} do
    it(name .. " is HTML of the front, and the call is executed behind it", function()
      emu:rule {bot = id, ["then"] = name}
      local answer = here.call(id, "logOut")
      assert.equal(status, answer.status)
      assert.truthy(answer.head:find("Content-Type: text/html", 1, true))
      assert.truthy(answer.body:find "^<html>")
      assert.equal("logged_out", emu:bot(id).state)
    end)
  end

  it("for every name of the table is taken", function()
    for _, fault in ipairs(faults) do
      assert.is_number(emu:rule {bot = id, ["then"] = fault.name})
    end
    emu:reset(id)
  end)

  it("with a result stubs a method, one that doesn't exist too", function()
    emu:rule {bot = id, times = 0, method = "getChat", ["then"] = {result = {id = 5, type = "private"}}}
    emu:rule {bot = id, method = "getFuture", ["then"] = {result = {1, 2}}}
    for _ = 1, 2 do
      assert.equal('{"ok":true,"result":{"id":5,"type":"private"}}', here.call(id, "getChat", "chat_id=5").body)
    end
    assert.equal('{"ok":true,"result":[1,2]}', here.call(id, "getFuture").body)
  end)

  it("with a result doesn't hide that the bot is logged out", function()
    emu:rule {bot = id, times = 0, method = "getChat", ["then"] = {result = true}}
    here.call(id, "logOut")
    assert.equal(400, here.call(id, "getChat").status)
  end)

  it("with status, type and body answers just that", function()
    emu:rule {bot = id, ["then"] = {status = 302, type = "text/plain", body = "x", headers = {Location = "http://h/"}}}
    local answer = here.call(id, "getMe")
    assert.equal("HTTP/1.1 302 Found\nConnection: keep-alive\nContent-Type: text/plain\nLocation: http://h/\n"
      .. "Content-Length: 1", answer.head)
    assert.equal("x", answer.body)
  end)

  it("takes one call unless told otherwise", function()
    emu:rule {bot = id, ["then"] = "restart"}
    assert.same({500, 200}, {here.call(id, "getMe").status, here.call(id, "getMe").status})
  end)

  it("skips as many as it says, then takes as many as it says, and counts", function()
    local rule = emu:rule {bot = id, skip = 1, times = 2, ["then"] = "restart"}
    local seen = {}
    for i = 1, 5 do seen[i] = here.call(id, "getMe").status end
    assert.same({200, 500, 500, 200, 200}, seen)
    for _, each in ipairs(emu:rules()) do assert.not_equal(rule, each.id) end
    assert.equal(rule, emu:calls({bot = id, status = 500})[1].rule)
  end)

  it("is looked at newest first", function()
    emu:rule {bot = id, ["then"] = "restart"}
    emu:rule {bot = id, ["then"] = "unauthorized"}
    assert.same({401, 500}, {here.call(id, "getMe").status, here.call(id, "getMe").status})
  end)

  it("takes only its method, in any case, and its bot", function()
    local rule = emu:rule {bot = id, method = "LOGOUT", times = 0, ["then"] = "restart"}
    assert.equal(200, here.call(id, "getMe").status)
    assert.equal(200, here.call(support.new_id(), "logOut").status)
    assert.equal(500, here.call(id, "logOut").status)
    emu:unrule(rule)
    assert.equal(200, here.call(id, "logOut").status)
  end)

  it("takes only what its match finds in the arguments, form or JSON", function()
    emu:rule {bot = id, times = 0, match = {chat_id = 5}, ["then"] = "restart"}
    assert.equal(200, here.call(id, "sendMessage", "chat_id=6&text=x").status)
    assert.equal(500, here.call(id, "sendMessage", "chat_id=5&text=x").status)
    assert.equal(500, here.post(id, "sendMessage", '{"chat_id":5,"text":"x"}').status)
    emu:reset(id)
  end)

  it("at request takes the call before its body is read", function()
    emu:rule {bot = id, ["then"] = {at = "request", ["end"] = "reset"}}
    local bytes, ending = see "logOut"
    assert.same({"", "ECONNRESET"}, {bytes, (ending:match "^%u+")})
    assert.is_false(last_call().executed)
  end)

  it("at accept takes the next connection", function()
    emu:state()   -- the control connection is open now: the rule can't take it
    emu:rule {["then"] = {at = "accept", ["end"] = "close"}}
    local peer = support.connect(here.url)
    assert.equal("", peer:rest())
    assert.equal(200, here.call(id, "getMe").status)
  end)

  for body, sentence in pairs {
    ['{"method":"logOut","then":{"delya":"1s"}}'] = 'rule: unknown member \\"delya\\"; did you mean \\"delay\\"?',
    ['{"metod":"logOut"}'] = 'rule: unknown member \\"metod\\"; did you mean \\"method\\"?',
    ['{"then":"lost_anser"}'] = 'rule: unknown fault \\"lost_anser\\"; did you mean \\"lost_answer\\"?',
    ['{"then":"lost"}'] = 'rule: unknown fault \\"lost\\"; there are lost_answer, lost_request, silence, slow, '
      .. "truncated, garbage, trickle, rate_limited, unauthorized, logged_out, closing, conflict, restart, supergroup, "
      .. "bad_gateway, gateway_timeout",
    ['{"then":"slow","answer":"slow"}'] = 'rule: \\"answer\\" is \\"then\\" by another name: give one',
    ["{}"] = 'rule: \\"then\\" is missing',
    ['{"then":{"end":"maybe"}}'] = 'rule: then: \\"end\\" must be one of keep, close, reset, hang',
    ['{"then":{"bytes":-1}}'] = 'rule: \\"bytes\\" must be a whole number, 0 or more, or \\"half\\"',
    ['{"times":1.5,"then":"slow"}'] = 'rule: \\"times\\" must be a whole number, 0 or more',
    ['{"then":{"error_code":400,"result":1}}'] = "rule: an error, a result and a raw answer exclude each other",
  } do
    it("that is wrong is refused with a sentence: " .. body, function()
      local answer = support.exchange(here.url, support.post_bytes("/_emulator/rules", nil, body))
      assert.same({400, '{"error":"' .. sentence .. '"}\n'}, {answer.status, answer.body})
    end)
  end

  it("says what happens as then or as answer, over HTTP and in Lua", function()
    for _, name in ipairs {"then", "answer"} do
      local body = ('{"bot":%d,"method":"getMe","%s":"restart"}'):format(id, name)
      assert.equal(200, support.exchange(here.url, support.post_bytes("/_emulator/rules", nil, body)).status)
      emu:rule {bot = id, method = "getMe", [name] = "restart"}
      for _, rule in ipairs(emu:rules()) do
        if rule.bot == id then assert.same({"restart"}, {rule["then"], rule.answer}) end
      end
      for _ = 1, 2 do assert.equal(500, here.call(id, "getMe").status) end
      assert.equal(200, here.call(id, "getMe").status)
    end
    assert.equal(4, #emu:calls {bot = id, status = 500})
  end)

  it("that delays doesn't hold up other connections", function()
    emu:rule {bot = id, ["then"] = {delay = "1h"}}
    local peer = here.begin(id, "getMe")
    assert.equal(200, here.call(support.new_id(), "getMe").status)
    peer:close()
  end)
end)
