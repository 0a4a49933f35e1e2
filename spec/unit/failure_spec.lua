-- SPDX-License-Identifier: MIT
-- The error object: its fields, its one line, and the texts in it that came from outside.

local botapi = require "botapi"
local core = require "botapi.core"
local live = require "support.live"
local process = require "support.process"
local replies = require "support.replies"

describe("an error object", function()
  local before
  before_each(function() before = live.note() end)
  after_each(function() before:check() end)

  -- Where nobody listens: port 1 of loopback.
  local function failed(call, ...)
    local res, err = call(...)
    assert.is_nil(res)
    return err
  end

  local function odd_answer(reason, body)
    local res, err = replies.json(body or "<html>", reason)
    assert.is_nil(res)
    return err
  end

  it("has kind, message, sent, method and the code of libcurl, and its line is its message", function()
    local err = failed(botapi.logout, replies.token, {server = "http://127.0.0.1:1"})
    assert.equal("network", err.kind)
    assert.equal("no", err.sent)
    assert.equal("logOut", err.method)
    assert.equal(7, err.curl_code)
    assert.is_nil(err.http_status)
    assert.is_nil(err.retry_after)
    assert.equal("botapi: " .. err.message, tostring(err))
  end)

  it("has no field that isn't one of them", function()
    local known = {kind = true, message = true, cause = true, sent = true, method = true, http_status = true,
      retry_after = true, curl_code = true, problem = true, errno = true}
    for _, err in ipairs {failed(botapi.logout, "x"), odd_answer "502 Bad Gateway",
      failed(botapi.logout, replies.token, {server = "http://127.0.0.1:1"})} do
      for name in pairs(err) do
        assert.is_true(known[name], tostring(name))
      end
    end
  end)

  it("names the method as it was sent, and none where there is none", function()
    assert.equal("close", failed(botapi.close_instance, "x").method)
    assert.equal("sendMessage", failed(botapi.call, "x", "sendMessage").method)
    assert.is_truthy(failed(botapi.call, "x", "sendMessage").message:find("^sendMessage: "))
    local engine = core.engine()
    local timer = engine:timer(100)
    timer:cancel()
    local err = failed(timer.result, timer)
    assert.is_nil(err.method)
    assert.equal("cancelled/no", err.kind .. "/" .. err.sent)
    engine:close()
  end)

  it("tells what may have happened: the sentence agrees with sent", function()
    local says = {no = "nothing was sent", maybe = "it may have been carried out",
      yes = "whether it was carried out isn't known"}
    local errors = {failed(botapi.logout, "x"), odd_answer "502 Bad Gateway",
      (select(2, replies.to "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")),
      failed(botapi.logout, replies.token, {server = "http://127.0.0.1:1"})}
    local seen = {}
    for _, err in ipairs(errors) do
      seen[err.sent] = true
      assert.is_truthy(err.message:find(says[err.sent], 1, true), err.message)
    end
    assert.same({no = true, maybe = true, yes = true}, seen)
  end)

  it("has the status and the wait of an answer that is not the Bot API's", function()
    local res, err = replies.json("<html>", "429 Slow Down", "Retry-After: 12\r\n")
    assert.is_nil(res)
    assert.equal(429, err.http_status)
    assert.equal(12, err.retry_after)
    if math.type then
      assert.equal("integer", math.type(err.http_status))
      assert.equal("integer", math.type(err.retry_after))
    end
    assert.is_truthy(err.message:find("HTTP 429 Slow Down", 1, true))
  end)

  -- RFC 9110: seconds are digits and nothing else. More than three years aren't waited.
  local WAITS = {["1"] = 1, ["007"] = 7, [" 12\t"] = 12, ["100000000"] = 100000000}
  local NO_WAITS = {"Fri, 31 Dec 2038 23:59:59 GMT", "-5", "+5", "", " ", "x", "0", "000", "0x10", "0x10x", "1e3",
    "1.5",
    "2, 3", "2 3", "2;a", "100000001", ("9"):rep(23), ("9"):rep(400), "18446744073709551617"}

  it("has no wait but of Retry-After's digits alone, from a second to three years", function()
    for value, seconds in pairs(WAITS) do
      local _, err = replies.json("<html>", "429 Slow", "Retry-After: " .. value .. "\r\n")
      assert.equal(seconds, err.retry_after, value)
    end
    for _, value in ipairs(NO_WAITS) do
      local _, err = replies.json("<html>", "429 Slow", "Retry-After: " .. value .. "\r\n")
      assert.is_nil(err.retry_after, value)
    end
  end)

  it("isn't an envelope with a wait that nobody named", function()
    for value, seconds in pairs(WAITS) do
      local res = replies.json('{"ok":false}', "429 Slow", "Retry-After: " .. value .. "\r\n")
      assert.same({retry_after = seconds}, res.parameters, value)
    end
    for _, value in ipairs(NO_WAITS) do
      local res = replies.json('{"ok":false}', "429 Slow", "Retry-After: " .. value .. "\r\n")
      assert.is_nil(res.parameters, value)
    end
  end)

  it("has no control byte in its message, whatever the server says: C0, DEL and C1", function()
    for byte = 1, 31 do
      if byte ~= 10 and byte ~= 13 then
        local err = odd_answer("502 a" .. string.char(byte) .. "b")
        assert.is_nil(err.message:find("%c"), "byte " .. byte)
        assert.is_truthy(err.message:find(byte == 9 and "a b" or "ab", 1, true), err.message)
      end
    end
    for byte = 128, 159 do
      local err = odd_answer("502 a\194" .. string.char(byte) .. "b")
      assert.is_truthy(err.message:find("502 ab", 1, true), "C1 byte " .. byte)
    end
    assert.is_truthy(odd_answer("502 a\127b").message:find("502 ab", 1, true))
  end)

  it("keeps what isn't a control byte", function()
    local text = "502 \195\188\194\160\226\130\172 !~"
    assert.is_truthy(odd_answer(text).message:find(text, 1, true))
  end)

  it("raised, shows its line: assert and error pass it on unchanged", function()
    local err = failed(botapi.logout, "x")
    local ok, raised = pcall(error, err)
    assert.is_false(ok)
    assert.equal(err, raised)
    assert.is_truthy(tostring(raised):find("^botapi: logOut: "))
  end)

  it("has what happened alone in `cause`, of which the message is made", function()
    local err = failed(botapi.logout, replies.token, {server = "http://127.0.0.1:1"})
    assert.equal("logOut: " .. err.cause .. "; nothing was sent", err.message)
    assert.equal("full; nothing was sent", core.error({kind = "busy", sent = "no", cause = "full"}).message)
  end)

  it("is made by core.error for the Lua layer, and shows its message", function()
    local err = core.error {kind = "busy", message = "full", sent = "no"}
    assert.equal("botapi: full", tostring(err))
    assert.equal("busy", err.kind)
    assert.equal("botapi: error", tostring(core.error {}))
    assert.has_error(function() core.error() end)
    assert.has_error(function() core.error "x" end)
    assert.equal(getmetatable(err), getmetatable(failed(botapi.logout, "x")))
  end)

  it("isn't raised for anything that the environment does", function()
    local program = [[
      local botapi = require "botapi"
      local res, err = botapi.logout("1:CANARYsecret", {server = "https://127.0.0.1:1", timeout = 5})
      assert(res == nil and err.sent == "no", tostring(err))
      print(err.kind)
    ]]
    for _, env in ipairs {{SSL_CERT_FILE = "/nowhere"}, {CURL_CA_BUNDLE = "/nowhere"}, {HOME = "/nowhere"},
      {https_proxy = "nonsense://x"}, {all_proxy = "@:"}, {no_proxy = ("x,"):rep(10000)},
      {SSLKEYLOGFILE = "/nowhere/x"},
      {LC_ALL = "xx_YY"}, {TMPDIR = "/nowhere"}, {RES_OPTIONS = "nonsense"}} do
      local child = process.program(program, {env = env})
      local line = child:line(20)
      assert.equal(0, (child:wait()), child:errors())
      assert.is_truthy(line == "network" or line == "tls", tostring(line))
    end
  end)
end)

describe("a text from outside", function()
  it("is at most 200 bytes, cut between two characters, where a … says so", function()
    assert.equal(("x"):rep(197) .. "…", core.clean(("x"):rep(5000)))
    assert.equal(("x"):rep(200), core.clean(("x"):rep(200)))
    for filler = 0, 3 do
      local text = core.clean(("x"):rep(filler) .. ("\240\159\152\128"):rep(100))
      assert.is_true(#text > 196 and #text <= 200)
      assert.equal(("x"):rep(filler) .. ("\240\159\152\128"):rep(math.floor((#text - filler - 3) / 4)) .. "…", text)
    end
    assert.equal(("\195\188"):rep(98) .. "…", core.clean(("\195\188"):rep(300)))
    assert.equal(("\195\188"):rep(100), core.clean(("\195\188"):rep(100)))
  end)

  it("has spaces where there were line ends and tabs, and none at its end", function()
    assert.equal("a b c  d", core.clean "a\nb\tc\r\nd\n\r\t")
    assert.equal("", core.clean "\n\n")
    assert.equal("", core.clean "")
  end)

  it("loses C0, DEL and C1, and no other byte", function()
    local text = {}
    for byte = 1, 255 do
      text[byte] = string.char(byte)
    end
    local all = table.concat(text)
    assert.equal("   " .. all:sub(32, 126), core.clean(all:sub(1, 127)))
    assert.equal("ab", core.clean "a\194\128\194\155\194\159b")
    assert.equal("a\194\160b", core.clean "a\194\160b")
    assert.equal("a\195\155b", core.clean "a\195\155b")
  end)

  it("loses bytes that are no UTF-8, whatever follows them", function()
    for _, wrong in ipairs { "\128\128\128\128", "\191", "\193\128\128\128", "\245\128\128\128", "\255\128\128\128",
      "\195", "\226\130", "\240\159\152" } do
      assert.equal("ab", core.clean("a" .. wrong .. "b"))
    end
    for _, right in ipairs { "\194\160", "\223\191", "\226\130\172", "\239\191\189", "\240\159\152\128",
      "\244\143\191\191" } do
      assert.equal("a" .. right .. "b", core.clean("a" .. right .. "b"))
    end
  end)

  it("of libcurl that fills its buffer is cut to 200 bytes in the message", function()
    local host = (("x"):rep(58) .. "."):rep(4) .. "x"
    local res, err = botapi.logout(replies.token, {server = "https://" .. host .. ":1", timeout = 5, proxy = "",
      resolve = {host .. ":1:127.0.0.1"}})
    assert.is_nil(res)
    local text = err.message:match("^logOut: (.*); nothing was sent$")
    assert.equal(200, #text)
    assert.is_truthy(text:find(("x"):rep(58), 1, true))
  end)
end)
