-- SPDX-License-Identifier: MIT
-- Specifies the reading of Facebook's pages: JSON, forms, tokens, and which page it is.

local page = require "botapi.facebook.page"

local function menu(markup, entry)
  return { jsmods = { instances = { { "i", { "M" }, { { { value = "help" }, entry or { value = "logout",
    markup = { __m = "m1" } } } } } }, markup = { { "m0", { __html = "<b>" } }, { "m1", { __html = markup }, 1 } } } }
end

local FORM = '<form method="post" action="https://www.facebook.com/logout.php?x=1"><input value="a&amp;b&#x3a;c" '
  .. "name='fb_dtsg'/><input type=hidden name=\"ref\" value=\"mb\"><input name=\"h\" value=\"&quot;h&#39;\"></form>"

describe("the settings menu", function()
  it("is JSON behind for (;;);, with whatever spaces", function()
    for _, text in ipairs { 'for (;;);{"a":1}', ' for(;;); {"a":1}', '{"a":1}', "for ( ; ; ) ;{\"a\":1}" } do
      assert.equal(1, page.decode(text).a)
    end
    for _, text in ipairs { "", "for (;;);", "<html>", "for (;;);{", "[1]", "1", "null", '"x"',
      'for (;;);{"a":NaN}' } do
      assert.is_nil(page.decode(text), text)
    end
  end)

  it("has the form of its entry logout, its values unescaped", function()
    assert.same({ fb_dtsg = "a&b:c", ref = "mb", h = "\"h'" }, page.logout_form(menu(FORM)))
  end)

  it("without any part of that is a page that has changed", function()
    local broken = {
      {}, { jsmods = 1 }, { jsmods = { instances = {} } }, { jsmods = { instances = { { 1, 2, 3 } } } },
      { jsmods = { instances = { { 1, 2, { 5 } } } } }, menu(FORM, { value = "help" }), menu(FORM, "logout"),
      menu(FORM, { value = "logout" }), menu(FORM, { value = "logout", markup = {} }), menu(5), menu(""),
      menu(FORM, { value = "logout", markup = { __m = "m7" } }), menu "<input name=h value=x>",
      menu((FORM:gsub("logout%.php", "login.php"))), menu((FORM:gsub(' action="[^"]*"', ""))),
      menu((FORM:gsub("fb_dtsg", "fb"))),
      menu((FORM:gsub('"ref"', '"r"'))), menu((FORM:gsub('name="h"', 'name="i"'))),
      menu((FORM:gsub('value="&quot;h&#39;"', 'value=""'))),
    }
    for i, data in ipairs(broken) do
      local form, why = page.logout_form(data)
      assert.is_nil(form, i)
      assert.equal("string", type(why), i)
    end
  end)

  it("is a refusal where it has an error, as a number or as text", function()
    assert.same({ 1357001, "Not Logged In: Please log in" }, { page.refusal { error = 1357001,
      errorSummary = "Not Logged In", errorDescription = "Please <b>log in</b>" } })
    assert.equal("integer", math.type and math.type((page.refusal { error = 1357001 })) or "integer")
    assert.equal(1357004, (page.refusal { error = "1357004" }))
    for _, data in ipairs { {}, { error = 0 }, { error = {} }, { error = "x" }, { error = 1.5 }, { error = 1e300 } } do
      assert.is_nil(page.refusal(data))
    end
  end)
end)

describe("a page", function()
  it("gives its fb_dtsg by a form or by a script, and the revision", function()
    assert.same({ fb_dtsg = "AQ:1", revision = "100" },
      page.tokens '<input type="hidden" name="fb_dtsg" value="AQ:1"/>{"client_revision":100,')
    assert.same({ fb_dtsg = "NA:2", revision = "7" },
      page.tokens '["DTSGInitialData",[],{"token":"NA:2"},258],{"server_revision": 7}')
    assert.same({ fb_dtsg = "x" }, page.tokens '["DTSGInitData",[],{"token":"x"}')
    assert.is_nil(page.tokens '<input name="fb_dtsg" value="">')
    assert.is_nil(page.tokens "")
  end)

  it("is a checkpoint by where it leads or what it has", function()
    for _, answer in ipairs { { location = "https://www.facebook.com/checkpoint/?next", body = "" },
      { body = '<a href="/checkpoint/block/?next=1">' }, { body = '{"r":"\\/checkpoint\\/block\\/?next"}' },
      { body = '<form action="https://www.facebook.com/checkpoint/1501/">' } } do
      assert.is_true(page.is_checkpoint(answer))
    end
    for _, answer in ipairs { { location = "https://www.facebook.com/?next=/checkpoint/", body = "" }, { body = "" },
      { body = "<form action='/search/'>/checkpoint/</form>" } } do
      assert.is_false(page.is_checkpoint(answer))
    end
  end)

  it("asks for a password by where it leads or what it has", function()
    assert.is_true(page.is_login { location = "https://www.facebook.com/login.php?next", body = "" })
    assert.is_true(page.is_login { body = '<input type="password" name="pass">' })
    assert.is_false(page.is_login { location = "https://www.facebook.com/?login", body = "" })
    assert.is_false(page.is_login { body = "pass" })
  end)

  it("of many open tags is read in no time", function()
    local began = os.clock()
    page.tokens(("<input "):rep(300000))
    page.is_checkpoint { body = ('action="'):rep(300000) }
    page.is_login { body = ("<input name="):rep(300000) }
    assert.is_true(os.clock() - began < 2)
  end)
end)

describe("a form", function()
  it("is encoded, and what has no value is left out", function()
    assert.equal("a=1&b%20c=%26%3D%25%C3%A9", page.form { { "a", "1" }, { "x", nil }, { "b c", "&=%\195\169" } })
  end)

  it("has the jazoest of its fb_dtsg: 2 and the code of each character", function()
    assert.equal("265816558", page.jazoest "AQA:")
    assert.equal("2", page.jazoest "")
  end)
end)
