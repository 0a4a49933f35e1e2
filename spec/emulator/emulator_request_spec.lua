-- SPDX-License-Identifier: MIT
-- Owns the specs of how the emulator reads requests, as docs/internals/server.md says.

local socket = require "socket"
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
      assert.equal("HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\n\r\n", peer:rest())
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

  it("that brings a file to Facebook is recorded with its name and size", function()
    local other = support.start {as = "facebook"}
    local at = other.url:match "//(.*)"
    local pipe = io.popen(("printf bytes | curl -s --cacert %s --resolve %s:127.0.0.1 -F 'ref=@-;filename=a' %s/x")
      :format(other.emu.ca_file, at, other.url))
    pipe:read "*a"
    pipe:close()
    local params = other.emu:calls()[1].params
    other.emu:close()
    assert.same({ref = {file_name = "a", file_size = 5}}, params)
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

  it("with broken JSON has the arguments before the break", function()
    ok(here.post(id, "getMe", '{"a":'))
    ok(here.post(id, "getMe", '{"text":"x","more":[1,2'))
    assert.same({text = "x"}, emu:calls({bot = id})[2].params)
  end)

  it("with JSON and no content type, or another one, has no arguments but a file", function()
    for _, kind in ipairs {false, "text/plain"} do
      ok(support.exchange(url, support.post_bytes("/bot" .. token .. "/getMe", kind or nil, '{"text":"x"}')))
    end
    local calls = emu:calls {bot = id}
    assert.equal(2, #calls)
    for _, call in ipairs(calls) do assert.same({file = {file_name = "", file_size = 12}}, call.params) end
  end)

  for _, kind in ipairs {"application/json; charset=utf-8", "APPLICATION/JSON", "x-application/json+y"} do
    it("with the content type " .. kind .. " is JSON", function()
      ok(here.post(id, "getMe", '{"text":"x"}', kind))
      assert.equal("x", emu:calls({bot = id})[1].params.text)
    end)
  end

  it("has the first of two arguments with a name, and those of the query first", function()
    local form = "application/x-www-form-urlencoded"
    ok(here.post(id, "getMe?text=query", "text=body", form))
    ok(here.post(id, "getMe", "text=first&text=second", form))
    ok(here.post(id, "getMe", '{"text":"first","text":"second"}'))
    ok(here.post(id, "?method=getMe", "method=logOut", form))
    local calls = emu:calls {bot = id}
    assert.equal("query", calls[1].params.text)
    assert.equal("first", calls[2].params.text)
    assert.equal("first", calls[3].params.text)
    assert.equal("getMe", calls[4].method)
  end)

  it("has JSON's strings as loosely as the real server", function()
    local texts = {["\\u20ac\\u00e9"] = "€é", ["\\ud83d\\ude00"] = "😀", ["a\nb"] = "a\nb", ["\\q\\/"] = "q/"}
    for sent, text in pairs(texts) do
      ok(here.post(id, "getMe", '{"text":"' .. sent .. '"}'))
      local calls = emu:calls {bot = id}
      assert.equal(text, calls[#calls].params.text)
    end
  end)

  it("has a text alone as its argument content", function()
    ok(here.post(id, "getMe", ' "x"'))
    assert.same({content = "x"}, emu:calls({bot = id})[1].params)
  end)

  -- As the program gzip packs it: a short text with fixed codes, a long one with codes of its own, random bytes as
  -- they are.
  local function gzip(text)
    local name = os.tmpname()
    local file = assert(io.open(name, "wb"))
    file:write(text)
    file:close()
    local pipe = io.popen("gzip -n <" .. name)
    local packed = pipe:read "*a"
    pipe:close()
    os.remove(name)
    return packed
  end

  local function post_packed(bytes)
    return support.exchange(url, support.post_bytes("/bot" .. token .. "/getMe", "application/json", bytes,
      "Content-Encoding: GZIP\r\n"))
  end

  it("may be compressed", function()
    local words, random = {}, {}
    for i = 1, 20000 do words[i] = "word " .. i % 97 * i end
    for i = 1, 60000 do random[i] = ("%c"):format(math.random(35, 91)) end
    for _, text in ipairs {"x", table.concat(words, " "), table.concat(random)} do
      ok(post_packed(gzip('{"text":"' .. text .. '"}')))
      local calls = emu:calls {bot = id}
      assert.equal(text:sub(1, 60000), calls[#calls].params.text:sub(1, 60000))
    end
  end)

  it("is answered 400 when what is compressed is malformed or cut off, and 413 when it is too long", function()
    local packed = gzip('{"text":"' .. ("one two three"):rep(100) .. '"}')
    assert.equal(400, post_packed(packed:sub(1, -10)).status)
    assert.equal(400, post_packed(packed:sub(1, 12) .. "\255\255\255\255" .. packed:sub(17)).status)
    assert.equal(400, post_packed("no gzip at all").status)
    assert.equal(413, post_packed(gzip('{"text":"' .. ("x"):rep(1048576) .. '"}')).status)
    assert.equal(400, post_packed(gzip(("x"):rep(9000000))).status)
    assert.equal(0, #emu:calls {bot = id})
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

  it("that isn't HTTP is answered 501 without a body", function()
    local peer = support.connect(url):send "nonsense\r\n\r\n"
    assert.equal("HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\n\r\n", peer:rest())
  end)

  it("whose head doesn't end within 256 KiB is answered 431", function()
    local peer = support.connect(url):send("GET / HTTP/1.1\r\nX: " .. ("x"):rep(262200))
    assert.equal("HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\n\r\n", peer:rest())
  end)

  it("is answered where a longer head came at once", function()
    ok(support.exchange(url, "GET /bot" .. token .. "/getMe HTTP/1.1\r\nX: " .. ("x"):rep(262200) .. "\r\n\r\n"))
  end)

  it("with 255 KiB of headers is answered", function()
    ok(support.exchange(url, "GET /bot" .. token .. "/getMe HTTP/1.1\r\nX: " .. ("x"):rep(261000) .. "\r\n\r\n"))
  end)

  it("with over 1 MiB of arguments is answered 413", function()
    local peer = support.connect(url):send(support.post_bytes("/bot" .. token .. "/getMe?a=b",
      "application/x-www-form-urlencoded", "a=" .. ("x"):rep(1048572)))
    assert.equal("HTTP/1.1 413 Request Entity Too Large\r\nContent-Length: 0\r\n\r\n", peer:rest())
  end)

  it("may have files of any size, and other bodies", function()
    local head = '--X\r\nContent-Disposition: form-data; name=document; filename="a%20\\"b\\"; c"\r\n\r\n'
    ok(here.post(id, "getMe", head .. ("x"):rep(3000000) .. "\r\n--X--\r\n",
      'multipart/form-data; charset=x; boundary="X"; more'))
    ok(here.post(id, "getMe", ("x"):rep(3000000), "application/octet-stream"))
    local calls = emu:calls {bot = id}
    assert.same({file_name = 'a "b"; c', file_size = 3000000}, calls[1].params.document)
    assert.equal(3000000, calls[2].params.file.file_size)
  end)

  it("in chunks is put together", function()
    ok(support.exchange(url, "POST /bot" .. token .. "/sendMessage HTTP/1.1\r\nContent-Type: application/json\r\n"
      .. "Transfer-Encoding: chunked\r\n\r\n" .. '8\r\n{"chat_i\r\n10\r\nd":5,"text":"x"}\r\n0\r\n\r\n'))
    assert.equal("x", emu:calls({bot = id})[1].params.text)
  end)

  it("with a line before a chunk that is too long for a size is answered 400", function()
    assert.equal(400, support.exchange(url, "POST /bot" .. token
      .. "/getMe HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n000000001\r\n").status)
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

  it("whose client ends its side of the connection isn't answered", function()
    emu:rule {method = "getMe", bot = id, ["then"] = {delay = 9}}
    local peer = here.begin(id, "getMe")
    assert(emu:calls {bot = id, expect = 1, wait = 5})
    peer.socket:shutdown "send"
    emu:advance(9)
    assert.equal("", peer:rest())
    assert.equal("none", emu:calls({bot = id})[1].answered)
    assert.is_true(emu:calls({bot = id})[1].executed)
  end)

  it("that is malformed is answered even then", function()
    local peer = support.connect(url):send "PUT / HTTP/1.1\r\n\r\n"
    peer.socket:shutdown "send"
    assert.equal("HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\n\r\n", peer:rest())
  end)

  -- What takes a time that grows with the square of the length shows at these lengths: it takes over ten seconds.
  for what, head in pairs {
    ["a header of 100,000 spaces"] = "X: x" .. (" "):rep(100000) .. "x",
    ["a header of spaces alone"] = "X:" .. (" "):rep(100000),
    ["a name of spaces"] = (" "):rep(100000) .. "X: y",
    ["25,000 headers"] = ("X: y\r\n"):rep(25000) .. "X: y",
    ["a header folded 25,000 times"] = "X: y" .. ("\r\n y"):rep(25000),
  } do
    it("with " .. what .. " is answered at once", function()
      local began = socket.gettime()
      ok(support.exchange(url, "GET /bot" .. token .. "/getMe HTTP/1.1\r\n" .. head .. "\r\n\r\n"))
      assert.is_true(socket.gettime() - began < 3)
    end)
  end

  local PART = "--X\r\nContent-Disposition: form-data; name="

  for what, body in pairs {
    ["a form of spaces"] = {"application/x-www-form-urlencoded", ("+"):rep(1000000)},
    ["a form of 500,000 arguments"] = {"application/x-www-form-urlencoded", ("a&"):rep(500000)},
    ["JSON of spaces"] = {"application/json", (" "):rep(1000000)},
    ["JSON of escapes"] = {"application/json", '{"a":"' .. ("\\n"):rep(500000) .. '"}'},
    ["a part with a header of spaces"] = {"multipart/form-data; boundary=X",
      PART .. (" "):rep(200000) .. "a\r\n\r\n1\r\n--X--\r\n"},
    ["a part of what is nearly a boundary"] = {"multipart/form-data; boundary=X",
      PART .. "a\r\n\r\n" .. ("\r\n--"):rep(200000) .. "\r\n--X--\r\n"},
  } do
    it("with " .. what .. " is answered at once", function()
      local began = socket.gettime()
      ok(here.post(id, "getMe", body[2], body[1]))
      assert.is_true(socket.gettime() - began < 5)
    end)
  end

  -- As the real server's source has it; PATH stands for the path of getMe.
  for what, row in pairs {
    ["of a response's form"] = {404, "HTTP/1.1 200 OK\r\n\r\n"},
    ["of a response of another version"] = {505, "HTTP/2 200 OK\r\n\r\n"},
    ["with a field without a colon"] = {400, "GET PATH HTTP/1.1\r\nHost\r\n\r\n"},
    ["with a field whose name has two lines"] = {200, "GET PATH HTTP/1.1\r\nHost\r\nX: y\r\n\r\n"},
    ["with CR alone"] = {400, "GET PATH HTTP/1.1\r\nX: y\rZ: z\r\n\r\n"},
    ["with CR alone after its first line"] = {400, "GET PATH HTTP/1.1\rX: y\r\n\r\n"},
    ["after an empty line"] = {501, "\r\nGET PATH HTTP/1.1\r\n\r\n"},
    ["with spaces in its target"] = {404, "GET PATH and more HTTP/1.1\r\n\r\n"},
    ["without a body, whatever its encoding"] = {200, "POST PATH HTTP/1.1\r\nContent-Encoding: br\r\n\r\n"},
    ["of multipart without a body"] = {200, "POST PATH HTTP/1.1\r\nContent-Type: multipart/form-data\r\n\r\n"},
    ["with an unknown encoding of a body that is too long"] =
      {415, "POST PATH HTTP/1.1\r\nContent-Encoding: br\r\nContent-Length: 5000000000\r\n\r\n"},
    ["with the last of two lengths"] =
      {200, "POST PATH HTTP/1.1\r\nContent-Length: 5000000000\r\nContent-Length: 1\r\n\r\nx"},
    ["with a length of 64 bits and more"] =
      {200, "POST PATH HTTP/1.1\r\nContent-Length: 18446744073709551617\r\n\r\nx"},
    ["with a length of 2^32 - 1"] = {413, "POST PATH HTTP/1.1\r\nContent-Length: 4294967295\r\n\r\nx"},
    ["in chunks, whatever ends a chunk"] =
      {200, "POST PATH HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxXX0 1\r\nXX"},
  } do
    it(what .. " is answered " .. row[1], function()
      local bytes = row[2]:gsub("PATH", "/bot" .. token .. "/getMe")
      assert.equal(row[1], support.exchange(url, bytes).status)
    end)
  end

  local FIELD = '--X\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'

  for what, row in pairs {
    ["between other texts"] = {200, "before" .. FIELD .. "--X--after"},
    ["with names without quotes and in another case"] =
      {200, "--X\r\nCONTENT-DISPOSITION:form-data;name = a ;y=z\r\n\r\n1\r\n--X--"},
    ["with a form in a part"] =
      {200, '--X\r\nContent-Disposition: form-data; name="b"\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n'
        .. "a=1&c=2\r\n--X--"},
    ["with two of a name"] = {200, FIELD .. FIELD:gsub("1\r\n$", "2\r\n") .. "--X--"},
    ["without an end"] = {400, FIELD .. "--X"},
    ["without parts"] = {400, "--X--"},
    ["with a part without a head"] = {400, "--X\r\n\r\n\r\n1\r\n--X--"},
    ["with a quote that isn't closed"] = {400, '--X\r\nContent-Disposition: form-data; name="a\r\n\r\n1\r\n--X--'},
    ["with more behind a quote"] = {400, '--X\r\nContent-Disposition: form-data; name="a" b\r\n\r\n1\r\n--X--'},
    ["with an empty name"] = {400, '--X\r\nContent-Disposition: form-data; name=""\r\n\r\n1\r\n--X--'},
    ["with another disposition"] = {400, '--X\r\nContent-Disposition: attachment; name="a"\r\n\r\n1\r\n--X--'},
    ["with heads of 256 KiB"] = {431, "--X\r\nA: " .. ("x"):rep(262144) .. "\r\n\r\n1\r\n--X--"},
  } do
    it("of multipart " .. what .. " is answered " .. row[1], function()
      assert.equal(row[1], here.post(id, "getMe", row[2], "multipart/form-data; boundary=X").status)
      if row[1] == 200 then assert.equal("1", emu:calls({bot = id})[1].params.a) end
    end)
  end

  it("that waits is dropped after 500 s without any byte", function()
    emu:rule {method = "getMe", bot = id, ["then"] = {delay = "1h"}}
    local peer = here.begin(id, "getMe")
    assert(emu:calls {bot = id, expect = 1, wait = 5})
    emu:advance(499)
    emu:advance(2)
    assert.equal("", peer:rest())
  end)
end)
