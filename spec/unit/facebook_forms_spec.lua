-- SPDX-License-Identifier: MIT
-- Specifies the forms of an appstate: each is read, as text, from a file and as a table, and written without a session.

local base64 = require "botapi.base64"
local cookies = require "botapi.facebook.cookies"
local facebook = require "botapi".facebook
local forms = require "botapi.facebook.forms"
local process = require "support.process"
local support = require "support.facebook"

local USER, XS, OTHER = "100001234567890", "23%3ACANARY-xs%3A2", "a%20b=="
local HEADER = ("c_user=%s; xs=%s"):format(USER, XS)

-- As the unofficial chat libraries, extensions of browsers, and drivers of browsers write them.
local LIBRARY = ([[[
  { "key": "c_user", "value": "%s", "expires": "2099-01-01T00:00:00.000Z", "domain": "facebook.com", "path": "/",
    "hostOnly": false, "creation": "2024-01-01T00:00:00.000Z", "lastAccessed": "2024-01-01T00:00:00.000Z" },
  { "key": "xs", "value": "%s", "domain": "facebook.com", "path": "/" }
]
]]):format(USER, XS)
local EXTENSION = ([[[{"domain":".facebook.com","expirationDate":1790000000.123456,"hostOnly":false,"httpOnly":true,]]
  .. [["name":"c_user","path":"/","sameSite":"no_restriction","secure":true,"session":false,"storeId":null,]]
  .. [["value":"%s"},{"domain":".facebook.com","name":"xs","path":"/","value":"%s","id":7}]
]]):format(USER, XS)
local JAR = table.concat({ "# Netscape HTTP Cookie File", "# http://curl.haxx.se/rfc/cookie_spec.html", "",
  ".facebook.com\tTRUE\t/\tTRUE\t1790000000\tc_user\t" .. USER,
  "#HttpOnly_.facebook.com\tTRUE\t/\tTRUE\t1790000000\txs\t" .. XS, "" }, "\n")

local function folded(text, line_end) return (base64.encode(text):gsub(("."):rep(76), "%0" .. line_end)) end

local FORMS = {
  { "a list with key", LIBRARY },
  { "a list with name", EXTENSION },
  { "the storage state of a browser's driver", '{"cookies": ' .. EXTENSION .. ', "origins": []}' },
  { "an object with a list behind its address", '{"url":"https://www.facebook.com","cookies":' .. EXTENSION .. "}" },
  { "names and values", ('{"c_user": "%s", "xs": "%s", "noscript": null}'):format(USER, XS) },
  { "names and values, a number among them", ('{"c_user": %s, "xs": "%s"}'):format(USER, XS) },
  { "names and values in an object", ('{"cookies": {"c_user": "%s", "xs": "%s"}}'):format(USER, XS) },
  { "a header", HEADER },
  { "a header without spaces, with an end", "c_user=" .. USER .. ";xs=" .. XS .. ";\n" },
  { "a header with its name", "Cookie: " .. HEADER .. "\r\n" },
  { "a header with its name in small letters", "  cookie:" .. HEADER },
  { "a Netscape file", JAR },
  { "a Netscape file of Windows", (JAR:gsub("\n", "\r\n")) },
  { "a Netscape file without a heading", JAR:match "\n\n(.*)\n$" },
  { "base64 of a list", base64.encode(LIBRARY) },
  { "base64 of a list in lines", folded(LIBRARY, "\n") .. "\n" },
  { "base64 of a header without its padding", (base64.encode(HEADER):gsub("=", "")) },
  { "base64 of names and values", base64.encode(('{"c_user": "%s", "xs": "%s"}'):format(USER, XS)) },
  { "base64 of a Netscape file, in the letters for URLs", (base64.encode(JAR):gsub("%+", "-"):gsub("/", "_")) },
}

local TABLES = {
  { "a list", { { key = "c_user", value = USER }, { name = "xs", value = XS } } },
  { "an object with a list", { cookies = { { key = "c_user", value = USER }, { key = "xs", value = XS } } } },
  { "names and values", { c_user = USER, xs = XS, is_old = true } },
  { "names and values in an object", { cookies = { c_user = tonumber(USER), xs = XS } } },
}

local function check_session(appstate)
  local session = assert(facebook.session(appstate))
  local found = {}
  for _, cookie in ipairs(session:cookies()) do found[cookie.key] = cookie.value end
  assert.same({ c_user = USER, xs = XS }, found)
  for _, cookie in ipairs(session:cookies()) do
    assert.matches("^%.?facebook%.com$", cookie.domain)
    assert.equal("/", cookie.path)
  end
  assert.equal(2, #assert(facebook.session(session:cookies())):cookies())
end

describe("an appstate", function()
  for _, form in ipairs(FORMS) do
    it("may be " .. form[1], function()
      local path = process.directory() .. "appstate"
      for _, text in ipairs { form[2], "\239\187\191" .. form[2] } do
        check_session(text)
        local file = assert(io.open(path, "wb"))
        file:write(text)
        file:close()
        check_session { path = path }
      end
    end)
  end

  for _, form in ipairs(TABLES) do
    it("may be a table: " .. form[1], function() check_session(form[2]) end)
  end

  it("of a Netscape file keeps what its lines say", function()
    local list = assert(facebook.session(JAR)):cookies()
    assert.same({ key = "xs", value = XS, domain = ".facebook.com", path = "/", secure = true, httpOnly = true,
      expires = "2026-09-21T14:13:20.000Z" }, list[2])
    assert.is_nil(list[1].httpOnly)
  end)

  it("in no known form is refused with the forms and the cookies that are needed", function()
    local texts = { "", " \n", "CANARY", "c_user", "<html><a href='CANARY=1'>", "# Netscape HTTP Cookie File\n", "[]",
      "{}", '{"error":"CANARY"}', '{"cookies":[]}', '[{"key":"datr","value":"CANARY"}]', "datr=CANARY", "[{CANARY",
      "cookie:", base64.encode "datr=CANARY", base64.encode "CANARY", "a=CANARY\nb=CANARY",
      ".messenger.com\tTRUE\t/\tTRUE\t0\tc_user\tCANARY" }
    for _, text in ipairs(texts) do
      local session, err = facebook.session(text)
      assert.is_nil(session)
      assert.equal("token", err.kind)
      for _, word in ipairs { "c_user", "xs", "facebook.com", "JSON list", "JSON object", "Cookie header",
        "Netscape cookie file", "base64" } do
        assert.is_truthy(tostring(err):find(word, 1, true), text .. ": " .. tostring(err))
      end
      support.check(err)
      support.check_text(facebook.explain(nil, err))
    end
  end)

  it("of any size is read in no time", function()
    local long = ("a"):rep(2e5)
    for _, text in ipairs { (" "):rep(2e5) .. "x", "a=" .. (" "):rep(2e5) .. "x", long, long .. "=",
      ("\n"):rep(2e5) .. "a", ("a=b;"):rep(5e4), ("\r"):rep(2e5), "[" .. (" "):rep(2e5) .. "1]", "# " .. long,
      ("a\t"):rep(6e4) } do
      local began = os.clock()
      assert.is_nil((facebook.session(text)))
      assert.is_true(os.clock() - began < 10)
    end
  end)
end)

-- Without the session's cookies: what is left of each form, with another site's cookie in it.
local WRITTEN = {
  { ('[{"key":"c_user","value":"%s"}, {"name" : "a","value":"1","domain":"other.example","n":12345678901234567890,'
    .. '"l":[]},{"key":"xs","value":"%s"}]'):format(USER, XS),
    '[{"name" : "a","value":"1","domain":"other.example","n":12345678901234567890,"l":[]}]\n' },
  { ('{ "origins" : [ 1.0 ],\n "cookies" : [{"name":"xs","value":"%s"}, {"name":"a","domain":"other.example","n":1e2},'
    .. '{"name":"c_user","value":"%s"}], "u":{} }'):format(XS, USER),
    '{"origins" : [ 1.0 ],"cookies" : [{"name":"a","domain":"other.example","n":1e2}],"u":{}}\n' },
  { ('{"c_user":%s,"n" : 12345678901234567890, "l":[],"xs":"%s"}'):format(USER, XS),
    '{"n" : 12345678901234567890,"l":[]}\n' },
  { ('{"c\\u005fuser":"%s","xs":"%s"}'):format(USER, XS), "{}\n" },
  { ('{"cookies":{"c_user":"%s","other": "x","xs":"%s"},"n":1.50}'):format(USER, XS),
    '{"cookies":{"other": "x"},"n":1.50}\n' },
  { HEADER .. "; other=" .. OTHER .. "\n", "other=" .. OTHER .. "\n" },
  { "Cookie: other=" .. OTHER .. ";" .. HEADER .. ";flag", "Cookie: other=" .. OTHER .. "; flag" },
  { "cookie: " .. HEADER, "cookie: " },
  { JAR .. "other.example\tFALSE\t/\tFALSE\t0\ta\t" .. OTHER .. "\n",
    "# Netscape HTTP Cookie File\n# http://curl.haxx.se/rfc/cookie_spec.html\n\nother.example\tFALSE\t/\tFALSE\t0\ta\t"
    .. OTHER .. "\n" },
  { ("#HttpOnly_.facebook.com\tTRUE\t/\tTRUE\t0\txs\t%s\r\n\r\n# mine\r\nfacebook.com\tTRUE\t/\tTRUE\t0\tc_user\t%s")
    :format(XS, USER), "\r\n# mine\r\n" },
}

describe("an appstate without a session's cookies", function()
  local jar = assert(cookies.new(forms.list { c_user = USER, xs = XS }))
  local function is_gone(cookie) return jar:has_had(cookie) end

  it("keeps its form, and what else it has as it was written", function()
    for _, case in ipairs(WRITTEN) do
      assert(forms.read(case[1]))
      assert.equal(case[2], forms.without(case[1], is_gone))
      assert.equal("\239\187\191" .. case[2], forms.without("\239\187\191" .. case[1], is_gone))
      assert.equal(base64.encode(case[2]), forms.without(base64.encode(case[1]), is_gone))
    end
  end)

  it("keeps the letters, the padding and the lines of base64", function()
    local before, after = WRITTEN[2][1] .. "  ", WRITTEN[2][2]
    assert.equal(folded(after, "\r\n") .. "\r\n", forms.without(folded(before, "\r\n") .. "\r\n", is_gone))
    before, after = HEADER .. '; other="\255\254\251\239?~";', 'other="\255\254\251\239?~"'
    local function for_urls(text) return (base64.encode(text):gsub("%+", "-"):gsub("/", "_"):gsub("=", "")) end
    assert.is_truthy(for_urls(before):find "[_-]" and #for_urls(before) % 4 ~= 0)
    assert.equal(for_urls(after), forms.without(for_urls(before), is_gone))
  end)
end)
