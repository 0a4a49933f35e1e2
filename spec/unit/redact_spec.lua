-- SPDX-License-Identifier: MIT
-- Redaction: the token, its secret part, their percent-encoded forms, what a cut has left of them, and passwords in
-- URLs are starred in every text that is made here.

local botapi = require "botapi"
local core = require "botapi.core"
local faults = require "support.faults"
local live = require "support.live"
local process = require "support.process"
local replies = require "support.replies"

local TOKEN, SECRET = replies.token, replies.secret

-- An envelope that mentions its token, which makes core.clean redact it.
local envelope
local function clean(text)
  envelope = envelope or replies.json('{"ok":false,"description":"' .. TOKEN .. '"}', "404 Not Found")
  return core.clean(text, envelope)
end

local function encoded(text, format)
  return (text:gsub(".", function(c) return format:format(c:byte()) end))
end

-- Every second character encoded, with digits in lower and upper case in turns.
local function mixed(text)
  local n = 0
  return (text:gsub(".", function(c)
    n = n + 1
    return n % 4 == 1 and ("%%%02x"):format(c:byte()) or n % 4 == 3 and ("%%%02X"):format(c:byte()) or c
  end))
end

describe("redaction", function()
  lazy_teardown(function() envelope = nil end)

  it("stars the token and the secret part, anywhere and each time", function()
    assert.equal("a *** b *** c", clean("a " .. TOKEN .. " b " .. SECRET .. " c"))
    assert.equal("/bot***/logOut", clean("/bot" .. TOKEN .. "/logOut"))
    assert.equal("***", clean(TOKEN .. TOKEN))
    assert.equal("******", core.redact(TOKEN .. TOKEN, TOKEN, "own"))
    assert.equal("***", clean(TOKEN))
    assert.equal("x***", clean("x" .. SECRET))
  end)

  it("stars them percent-encoded, in lower case, upper case and both", function()
    for _, secret in ipairs {TOKEN, SECRET} do
      assert.equal("a *** b", clean("a " .. encoded(secret, "%%%02x") .. " b"))
      assert.equal("a *** b", clean("a " .. encoded(secret, "%%%02X") .. " b"))
      assert.equal("a *** b", clean("a " .. mixed(secret) .. " b"))
    end
    assert.equal("a *** b", clean("a " .. (TOKEN:gsub(":", "%%3A")) .. " b"))
    assert.equal("a *** b", clean("a " .. (TOKEN:gsub(":", "%%3a")) .. " b"))
  end)

  it("takes no IPv6 address for a token, whatever its groups, port and zone", function()
    local number = 7
    local function random(most)
      number = number * 16807 % 2147483647
      return number % most
    end
    for _ = 1, 2000 do
      local groups = {}
      for i = 1, 2 + random(7) do
        groups[i] = random(3) == 0 and tostring(random(10000)) or ("%x"):format(random(65536))
      end
      local address = table.concat(groups, random(4) == 0 and "::" or ":")
      local url = ("http://[%s%s]:%d/a (test) (unix:/run/%d)"):format(address,
        random(3) == 0 and "%25enp0s31f6a" or "", 1 + random(65535), random(99999))
      assert.equal(url, core.redact(url, nil, "tokens"))
      assert.equal(url, core.redact(url))
    end
  end)

  it("stars what control bytes in the middle were to hide", function()
    assert.equal("a *** b", clean("a " .. TOKEN:sub(1, 20) .. "\1\27\127" .. TOKEN:sub(21) .. " b"))
    assert.equal("a *** b", clean("a " .. SECRET:sub(1, 5) .. "\194\155" .. SECRET:sub(6) .. " b"))
  end)

  it("stars what a cut has left of one at the end, plain and encoded", function()
    for length = #TOKEN - 1, #replies.id + 7, -1 do
      assert.equal("a ***", clean("a " .. TOKEN:sub(1, length)), "of length " .. length)
    end
    for length = #SECRET - 1, 6, -1 do
      assert.equal("a ***", clean("a " .. SECRET:sub(1, length)), "of length " .. length)
    end
    local percent = encoded(SECRET, "%%%02x")
    for cut = #percent - 1, 3 * 7, -1 do
      assert.equal("a ***", clean("a " .. percent:sub(1, cut)), "cut at " .. cut)
    end
  end)

  it("stars before it cuts: a token across the 200th byte leaves nothing", function()
    for at = 150, 200 do
      local text = clean(("x"):rep(at) .. TOKEN .. (" y"):rep(25))
      local whole = ("x"):rep(at) .. "***" .. (" y"):rep(25)
      assert.equal(#whole > 200 and whole:sub(1, 197) .. "…" or whole, text)
    end
  end)

  it("leaves alone what only looks like it", function()
    for _, text in ipairs {"bot 110201543 is", "11020", SECRET:lower(), SECRET:sub(1, 5), "%", "%4", "%zz", "***",
      TOKEN:sub(1, 9) .. ";xyz"} do
      assert.equal(text, clean(text))
    end
  end)

  it("stars what looks like a token where none is known", function()
    assert.equal("***", core.clean(TOKEN, {}))
    for _, text in ipairs {TOKEN, TOKEN:sub(1, #replies.id + 21), (TOKEN:gsub(":", "%%3A")),
      (TOKEN:gsub(":", "%%253a")), encoded(TOKEN, "%%%02x"), encoded(TOKEN, "\\u%04x"), (TOKEN:gsub(".", "%0\1"))} do
      assert.equal("a ***", (core.redact("a " .. text):gsub("\1$", "")))
    end
    assert.equal("/bot***/getMe of ***.", core.redact("/bot" .. TOKEN .. "/getMe of " .. TOKEN .. "."))
  end)

  it("takes no address, time or short word for a token", function()
    for _, text in ipairs {"http://[fd00::1:2345:6789:abcd:ef01:2345]:8081/hook",
      "http://[fd00::1]:8081/abcdefghijklmnopqrstuvw", "14:03:06", "2026-01-01T10:20:30.123456789012345Z",
      "10.0.0.5:8081", "1:short", "1:" .. ("x"):rep(19)} do
      assert.equal(text, core.redact(text))
    end
  end)

  it("stars what was encoded twice, or as JSON escapes", function()
    assert.equal("a *** b", core.redact("a " .. encoded(SECRET, "%%25%02x") .. " b", TOKEN))
    assert.equal("a *** b", core.redact("a " .. encoded(SECRET, "\\u%04X") .. " b", TOKEN))
    assert.equal("a *** b", core.redact("a " .. TOKEN:gsub("[:_]", {[":"] = "%253A", _ = "\\u005f"}) .. " b", TOKEN))
  end)

  it("stars it in other encodings, and one within another", function()
    local forms = {"\\\\u%04x", "\\\\\\\\u%04X", "%%5Cu%04x", "%%5c%%5Cu%04x", "%%255Cu%04x", "%%u%04X", "%%25u%04x",
      "&#%d;", "&#%d",
      "&#00%d;", "&#x%x;", "&#X%04X;", "&amp;#%d;", "&amp;amp;#x%X;", "%%26%%23%d%%3B", "\\x%02x", "\\\\x%02X",
      "\\U%08x",
      "\\\\u{%x}", "&#x%x"}
    for _, form in ipairs(forms) do
      for _, secret in ipairs {TOKEN, SECRET, SECRET:sub(5, 12)} do
        local text = core.redact("a " .. encoded(secret, form) .. " b", TOKEN)
        assert.equal("a *** b", text, form)
      end
      assert.equal("ok " .. form:rep(40), core.redact("ok " .. form:rep(40), TOKEN))
    end
    for _, text in ipairs {"&", "&#", "&#;", "&#x;", "&amp;", "&amp;#", "%u", "%u00", "%5C", "\\\\", "&#g",
      "\\U0041", "\\x4"} do
      assert.equal(text, core.redact(text, TOKEN))
      assert.equal(text .. " ***", core.redact(text .. " " .. TOKEN, TOKEN, "own"))
    end
    assert.equal("https://h/?a=1&b=%41&#38;c=\\d", core.redact("https://h/?a=1&b=%41&#38;c=\\d", TOKEN))
  end)

  it("finds it between spaces and ends of lines, and takes no words for one", function()
    for _, space in ipairs {"\n", "\r", "\t", "\r\n", " ", "  ", "\194\160", "\226\128\131", "\227\128\128", "%20",
      "%0A", "\\n",
      "\\u0020", "&#32;", "&#xa;"} do
      local text = TOKEN:gsub(".", function(c) return c .. space end)
      local shown = core.clean(text, replies.json('{"ok":false,"description":"' .. TOKEN .. '"}', "404 Not Found"))
      assert.is_nil(shown:gsub("\\n", ""):gsub("%%20", ""):gsub("%A", ""):find("CANARY", 1, true), shown)
      assert.is_truthy(shown:find("***", 1, true), shown)
      assert.is_true(#shown <= 3 + #space, shown)
    end
    local words = "at 12:30 a meeting with twenty people and others too\n5: and so on and so forth and further"
    assert.equal(words, core.redact(words, TOKEN))
  end)

  it("finds it between control bytes, which it leaves to others", function()
    for _, control in ipairs {"\0", "\1", "\27", "\127", "\194\133", "\255"} do
      local text = ("a" .. TOKEN .. "b"):gsub(".", "%0" .. control)
      assert.equal("a" .. control .. "***" .. control .. "b" .. control, core.redact(text, TOKEN, "own"))
      if control ~= "\0" then assert.equal("***", core.clean((TOKEN:gsub(".", "%0" .. control)))) end
    end
  end)

  it("finds it between what has no width, which a clean text is without", function()
    for _, hidden in ipairs {"\226\128\139", "\226\128\174", "\226\129\160", "\239\187\191", "\194\173",
      "\216\156", "\225\160\142", "\239\184\143", "\243\160\129\129"} do
      local text = ("a" .. TOKEN .. "b"):gsub(".", "%0" .. hidden)
      assert.equal("a" .. hidden .. "***" .. hidden .. "b" .. hidden, core.redact(text, TOKEN, "own"))
      assert.equal("a *** b", clean(("a " .. TOKEN .. " b"):gsub(".", "%0" .. hidden)))
    end
    local seen = "e\204\129 \206\177 \226\130\172 \240\159\152\128 \239\188\161"
    assert.equal(seen, clean(seen))
  end)

  it("finds it between codes of control bytes", function()
    for _, code in ipairs {"%00", "%1b", "%7F", "%c2%9B", "%E2%80%8b", "%250a", "%25C2%259b", "\\u0001",
      "\\u007f", "\\u200b", "\\u{1}", "\\u{200B}", "\\u{e0001}"} do
      local text = ("a" .. TOKEN .. "b"):gsub(".", "%0" .. code:gsub("%%", "%%%%"))
      assert.equal("a" .. code .. "***" .. code .. "b" .. code, core.redact(text, TOKEN, "own"))
      assert.equal(("x" .. code):rep(40), core.redact(("x" .. code):rep(40), TOKEN))
    end
    assert.equal("a ***", core.redact("a " .. encoded(TOKEN, "\\u{%x}"), TOKEN))
    for _, text in ipairs {"\\", "\\u", "\\u{", "\\u{}", "\\u{1", "\\u{1234567}", "\\u12", "\\u{g}", "\\ux"} do
      assert.equal(text, core.redact(text, TOKEN))
      assert.equal(text .. "***", core.redact(text .. TOKEN, TOKEN, "own"))
    end
    local url = "https://h/?t=12:30%C3%A9meeting%D0%BFwith%20people_and_others_too"
    assert.equal(url, core.redact(url, TOKEN))
    assert.equal("a b%20c %41%42 \\u00e9", core.redact("a b%20c %41%42 \\u00e9", TOKEN))
  end)

  it("finds a secret behind a %, which makes a code of its first two characters", function()
    assert.equal("%***", core.redact("%41Abcdef", "1:41Abcdef"))
    assert.equal("***", core.redact("%2541%41bcdef", "1:AAbcdef"))
  end)

  it("leaves what it isn't asked for", function()
    local text = "http://u:word@h/" .. SECRET .. " 7:" .. ("x"):rep(30)
    assert.equal("http://***@h/*** ***", core.redact(text, TOKEN))
    assert.equal("http://u:word@h/*** ***", core.redact(text, core.token(TOKEN), "tokens"))
    assert.equal("http://u:word@h/*** 7:" .. ("x"):rep(30), core.redact(text, TOKEN, "own"))
    assert.has_error(function() core.redact(text, TOKEN, "nothing") end)
  end)

  it("isn't stalled by a text of 1 MiB, whatever it repeats", function()
    local six, size = SECRET:sub(3, 8), 2 ^ 20
    local texts = {six, six .. " ", "://a@ ", "://", ":", "1:", "%", "%25", "25", SECRET:sub(1, 5), TOKEN .. " ", "\1",
      "response=", "basic A", "ntlm negotiate ", "\\", "%5C", "\\u00", "&amp;", "&#0", "&", "%u", " ", "A A", "\n"}
    local began = os.clock()
    for _, text in ipairs(texts) do
      text = text:rep(math.floor(size / #text))
      assert.is_true(#core.redact(text, TOKEN) <= size)
      assert.is_true(#clean(text) <= 200)
    end
    local same = "7:" .. ("Q"):rep(254)
    core.redact(("QQQQQx"):rep(size / 8), same)
    assert.is_true(os.clock() - began < 60, "it took minutes before")
  end)

  it("stars user and password behind any ://, and not the host", function()
    local cases = {
      {"proxy http://u:CANARYpass@h:80 failed", "proxy http://***@h:80 failed"},
      {"'socks5h://user:CANARYp@ss@h'", "'socks5h://***@h'"},
      {"a://u@h b://v:w@i", "a://*@h b://***@i"},
      {"http://h:80/x@y", "http://h:80/x@y"},
      {"://u:CANARY@", "://***@"},
      {"http://a:@h", "http://**@h"},
      {"http://u%3aCANARY@h", "http://***@h"},
      {"mail a@b", "mail a@b"},
      {"http://", "http://"},
      {"\"http://u:CANARY@h\"", "\"http://***@h\""},
      {"<http://u:CANARY@h>", "<http://***@h>"},
    }
    for _, case in ipairs(cases) do
      assert.equal(case[2], core.clean(case[1]))
    end
  end)

  it("stars what a proxy gets for a password, where somebody repeats it", function()
    for text, shown in pairs {
      ["Basic dXNlcjpwcjB4eUNhTmFSeQ=="] = "Basic ***", ["got basic dXNlcjpwcjB4, sorry"] = "got basic ***, sorry",
      ["NTLM TlRMTVNTUAADAAAAGAAYAFgAAAA="] = "NTLM ***", ["negotiate YIIFzQYGKwYBBQUCoIIFwTCCBb2g"] = "negotiate ***",
      ['Digest username="u", response="6629fae49393a05397450978507c4ef1", opaque'] =
        'Digest username="u", response="***", opaque',
      ["response=6629fae49393a05397450978507c4ef1"] = "response=***",
      ["Basic dXNlcjpwcjB4 Basic dXNlcjpwcjB4"] = "Basic *** Basic ***",
    } do
      assert.equal(shown, clean(text))
    end
    for _, text in ipairs { "Basic authentication required", "NTLM Authentication", "negotiate protocols", "Basic abc",
        "no response=none", 'Digest realm="proxy", nonce="6629fae4"' } do
      assert.equal(text, clean(text))
    end
  end)

  it("takes texts of every short length without harm", function()
    for length = 0, 60 do
      assert.is_string(clean(TOKEN:sub(1, length)))
      assert.is_string(clean(("://"):rep(length)))
      assert.is_string(clean(("@"):rep(length)))
      assert.is_string(clean("://" .. ("%"):rep(length) .. "@"))
    end
  end)
end)

describe("no message shows", function()
  local before
  before_each(function() before = live.note() end)
  after_each(function() before:check() end)

  it("the token that a server put into its reason phrase, whole or cut by us", function()
    for filler = 0, 60, 5 do
      local _, err = replies.json("<html>", "404 " .. ("x"):rep(filler) .. TOKEN)
      assert.is_nil(err.message:find("CANARY", 1, true), "filler " .. filler)
      assert.is_nil(err.message:find(SECRET:sub(1, 8), 1, true), "filler " .. filler)
    end
  end)

  it("short secrets of four characters and more, in the token's own form and alone", function()
    for _, token in ipairs {"1:abcd", "12345:CANARY", "7:" .. ("Q"):rep(254)} do
      local _, err = replies.json("<html>", "404 x" .. token .. "y", nil, {token = token})
      assert.is_nil(err.message:find(token, 1, true))
      local res = replies.json('{"ok":false,"description":"' .. token .. " " .. token:match(":(.*)") .. '"}',
        "404 Not Found", nil, {token = token})
      -- a secret that repeats itself goes on behind the space
      local shown = token:find "QQ" and "***" or "*** ***"
      assert.is_truthy(tostring(res):find('description = "' .. shown .. '"', 1, true), tostring(res))
    end
  end)

  it("a token with a secret of one character as more than its stars, and stays readable", function()
    local res = replies.json('{"ok":false,"description":"bot 123:a is gone"}', "404 Not Found", nil, {token = "123:a"})
    assert.equal('{ok = false, error_code = 404, description = "bot *** is gone"}', tostring(res))
  end)

  it("the password of a proxy that can't be reached, from the option or the environment", function()
    local server = faults.start()
    local proxy = server:open {mode = "refused"}
    local url = "u:CANARYpass@127.0.0.1:" .. proxy.port
    local program = [[
      local botapi = require "botapi"
      local _, err = botapi.logout("]] .. TOKEN .. [[", {server = "https://far.example", proxy = ...})
      print(tostring(err))
      print(botapi.explain(nil, err))
    ]]
    for _, scheme in ipairs {"http://", "https://", "socks5h://", "socks4a://", ""} do
      local given = process.program(program, nil, scheme .. url)
      local taken = process.program(program, {env = {https_proxy = scheme .. url}})
      for _, child in ipairs {given, taken} do
        child:wait()
        assert.is_truthy(child:output():find("botapi: logOut: ", 1, true), child:errors())
        assert.is_nil(child:output():find("CANARY", 1, true))
        assert.equal("", child:errors())
      end
    end
    proxy:close()
    server:stop()
  end)

  it("the password of a proxy whose URL makes no sense", function()
    for _, url in ipairs {"nonsense://u:CANARYp@h", "http://u:CANARYp@[", "http://u:CANARYp@h:99999",
      "http://u:CANARYp@", "ftp://u:CANARYp@h", "http://u:CANARYp@h h"} do
      local ok, message = pcall(botapi.logout, TOKEN, {server = "https://far.example", proxy = url})
      assert.is_false(ok)
      assert.is_nil(message:find("CANARY", 1, true), "it shows the password")
      assert.is_truthy(message:find("option 'proxy'", 1, true))
    end
  end)

  it("the credentials of one call's proxy to the proxy of the next", function()
    local server = faults.start()
    for _, mode in ipairs {"proxy_403", "proxy_407", "proxy_502", "proxy_garbage", "proxy_tunnel_close"} do
      local one, two = server:open {mode = mode}, server:open {mode = "proxy_502"}
      botapi.logout(TOKEN, {server = "https://far.example", timeout = 10,
        proxy = "http://u:CANARY@127.0.0.1:" .. one.port})
      botapi.logout(TOKEN, {server = "https://far.example", timeout = 10, proxy = "http://127.0.0.1:" .. two.port})
      local first, second = one:close().requests[1].head, two:close().requests[1].head
      assert.is_truthy(first:lower():find("proxy-authorization:", 1, true), mode)
      assert.is_nil(second:lower():find("proxy-authorization:", 1, true), mode)
    end
    server:stop()
  end)
end)
