-- SPDX-License-Identifier: MIT
-- Owns the specs of how the emulator reads requests, as docs/internals/server.md says.

local support = require "spec.support.emulator"

describe("emulator: a request", function()
  local here, emu, url, id, token

  setup(function()
    here = support.start()
    emu, url = here.emu, here.url
  end)
  teardown(function() emu:close() end)
  before_each(function()
    id = support.new_id()
    token = emu:token(id)
  end)

  local function ok(answer)
    assert.equal(200, answer and answer.status)
    return answer
  end

  it("has its path percent-decoded before it is read", function()
    ok(here.get("/%62ot" .. token:gsub(":", "%%3A") .. "/get%4de"))
  end)

  it("keeps + as + in its path", function()
    assert.equal(404, here.get("/bot" .. token .. "/get+Me").status)
    assert.equal("get+Me", emu:calls({bot = id})[1].method)
  end)

  it("names the method in any case", function()
    for _, name in ipairs {"getMe", "getme", "GETME"} do ok(here.call(id, name)) end
    assert.equal(3, #emu:calls {bot = id, method = "getMe"})
  end)

  it("names the method by an argument when the path ends before it", function()
    ok(here.get("/bot" .. token .. "/?method=getMe"))
    assert.equal("getMe", emu:calls({bot = id})[1].method)
  end)

  it("has /bot in lower case only", function()
    assert.equal(404, here.get("/Bot" .. token .. "/getMe").status)
  end)

  it("reaches the test environment's bot, another one, with /test", function()
    ok(here.get("/bot" .. token .. "/test/getMe"))
    assert.is_true(emu:calls({bot = id})[1].test)
    assert.equal("new", emu:bot(id).state)
  end)

  it("may be GET or POST; a GET logs out as well", function()
    ok(here.call(id, "logOut"))
    assert.equal("logged_out", emu:bot(id).state)
  end)

  for _, verb in ipairs {"PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"} do
    it("with the verb " .. verb .. " is answered 501 without a body, and the connection closes", function()
      local peer = support.connect(url):send(verb .. " /bot" .. token .. "/getMe HTTP/1.1\r\n\r\n")
      assert.equal("HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\n\r\n", (peer:rest()))
      assert.equal(0, #emu:calls {bot = id})
    end)
  end

  it("takes arguments as JSON", function()
    ok(here.post(id, "sendMessage", '{"chat_id":-1002147483648123,"text":"h\\u00e9"}'))
    local call = emu:calls({bot = id})[1]
    assert.equal(-1002147483648123, call.params.chat_id)
    assert.equal("hé", call.params.text)
  end)

  it("takes arguments as a form", function()
    ok(here.post(id, "sendMessage", "chat_id=5&text=a+b%26c", "application/x-www-form-urlencoded"))
    assert.equal("a b&c", emu:calls({bot = id})[1].params.text)
  end)

  it("takes arguments as multipart, files too", function()
    local body = '--XX\r\nContent-Disposition: form-data; name="chat_id"\r\n\r\n5\r\n'
      .. '--XX\r\nContent-Disposition: form-data; name="document"; filename="a.txt"\r\n\r\nHELLO\r\n--XX--\r\n'
    ok(here.post(id, "sendDocument", body, "multipart/form-data; boundary=XX"))
    local params = emu:calls({bot = id})[1].params
    assert.equal("5", params.chat_id)
    assert.equal(5, params.document.file_size)
  end)

  it("takes arguments of the query", function()
    ok(here.call(id, "sendMessage", "chat_id=5&text=a%20b"))
    assert.equal("a b", emu:calls({bot = id})[1].params.text)
  end)

  it("with broken JSON runs without arguments", function()
    ok(here.post(id, "getMe", '{"a":'))
  end)

  it("with JSON and no content type is read as JSON", function()
    ok(support.exchange(url, support.post_bytes("/bot" .. token .. "/sendMessage", nil, '{"chat_id":5,"text":"x"}')))
    assert.equal("x", emu:calls({bot = id})[1].params.text)
  end)

  it("of HTTP/1.0 is answered as 1.1 keep-alive", function()
    local answer = support.exchange(url, "GET /bot" .. token .. "/getMe HTTP/1.0\r\n\r\n")
    assert.truthy(answer.head:find("^HTTP/1.1 200 OK\nConnection: keep%-alive\n"))
  end)

  it("with Connection: close leaves the connection open", function()
    local peer = support.connect(url)
    for _ = 1, 2 do
      peer:send("GET /bot" .. token .. "/getMe HTTP/1.1\r\nConnection: close\r\n\r\n")
      ok(peer:read())
    end
    peer:close()
  end)

  it("of another HTTP version is answered 505", function()
    assert.equal(505, support.exchange(url, "GET /bot HTTP/2.7\r\n\r\n").status)
  end)

  it("that isn't HTTP is answered 400 without a body", function()
    local peer = support.connect(url):send "nonsense\r\n\r\n"
    assert.equal("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", (peer:rest()))
  end)

  it("with over 256 KiB of headers is answered 431", function()
    local peer = support.connect(url):send("GET / HTTP/1.1\r\nX: " .. ("x"):rep(262200) .. "\r\n\r\n")
    assert.equal(431, peer:read().status)
    peer:close()
  end)

  it("with 255 KiB of headers is answered", function()
    ok(support.exchange(url, "GET /bot" .. token .. "/getMe HTTP/1.1\r\nX: " .. ("x"):rep(261000) .. "\r\n\r\n"))
  end)

  it("with over 1 MiB of arguments is answered 413", function()
    local peer = support.connect(url):send("POST /bot" .. token
      .. "/getMe HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n")
    assert.equal("HTTP/1.1 413 Request Entity Too Large\r\nContent-Length: 0\r\n\r\n", (peer:rest()))
  end)

  it("in chunks is put together", function()
    ok(support.exchange(url, "POST /bot" .. token .. "/sendMessage HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
      .. '8\r\n{"chat_i\r\n10\r\nd":5,"text":"x"}\r\n0\r\n\r\n'))
    assert.equal("x", emu:calls({bot = id})[1].params.text)
  end)

  it("with a chunk that has no size is answered 400", function()
    assert.equal(400, support.exchange(url, "POST /bot" .. token
      .. "/getMe HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n").status)
  end)

  it("that expects 100-continue is not told to continue", function()
    local peer = support.connect(url):send("POST /bot" .. token
      .. "/getMe HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}")
    ok(peer:read())
    peer:close()
  end)

  it("may be sent before the one ahead is answered; answers keep the order", function()
    local one = "GET /bot" .. token .. "/getMe HTTP/1.1\r\n\r\n"
    local two = "GET /bot" .. token .. "/getWebhookInfo HTTP/1.1\r\n\r\n"
    local peer = support.connect(url):send(one .. two .. one)
    assert.truthy(ok(peer:read()).body:find '"is_bot"')
    assert.truthy(ok(peer:read()).body:find '"url"')
    assert.truthy(ok(peer:read()).body:find '"is_bot"')
    peer:close()
  end)

  it("that waits is dropped after 500 s without any byte", function()
    emu:rule {method = "getMe", bot = id, ["then"] = {delay = "1h"}}
    local peer = here.begin(id, "getMe")
    assert(emu:calls {bot = id, expect = 1, wait = 5})
    emu:advance(499)
    emu:advance(2)
    assert.equal("", (peer:rest()))
  end)
end)
