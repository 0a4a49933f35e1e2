-- SPDX-License-Identifier: MIT
-- Owns the grammar of the JSON that is taken from outside: RFC 8259, no more.

local decode = require "botapi.core".decode

local REFUSED = {
  numbers = {"-2.", "[-2.]", "[0.e1]", "[.5]", "[-.5]", "[1.]", "[01]", "[-01]", "[+1]", "[1e]", "[1e+]", "[1 000]",
    "[0x1]", "[1eE2]", "[-]", "[NaN]", "[Infinity]", "[-Infinity]", "[2.e3]", "[9.e+]", "[0e]", "[0e+]", "[1.0e-]",
    "[0.3e+]", "[- 1]", "[1_0]"},
  strings = {'["a\nb"]', '["\tx"]', '["\0"]', '["\\a"]', '["\\x00"]', '["\\u00A"]', '["\\u{1}"]', '["a', '["\\',
    '["\\u', "['a']", '["\\\226\128\168"]', '["\\\0"]'},
  structures = {"", " ", "[", "{", "[1,]", "[,1]", "[1,,2]", '{"a":1,}', "{'a':1}", "{a:1}", '{"a" 1}', "[1] x", "[1]]",
    "1]", '{"a":1 "b":2}', "[1/**/]", "// x\n[1]", "[]#", "[a]", '{"":', '{"a"', "{1:1}", '{"a":1,2}', "[}", "{]"},
  words = {"nul", "TRUE", "[tru]", "[truth]", "[True]", "undefined", "[nulll]"},
  space = {"\239\187\191{}", "[1\f]", "[\v1]", "[\194\160]", "[1]\0", "\0[1]", "[\0]"},
  depth = {("["):rep(100000), ("["):rep(2000) .. ("]"):rep(2000), ('{"a":'):rep(100000)},
}

local TAKEN = {"[]", "{}", "[0]", "[-0]", "[0.5]", "[1e5]", "[1E-2]", "[20e1]", "[123.456e78]", "[true]", "[null]",
  "12", '["\\u0060\\u012a\\u12AB"]', '["\\"\\\\\\/\\b\\f\\n\\r\\t"]', '[""]', ' [1 , 2 ] ', "\t[\r\n1]", '"x"',
  '["\127"]',
  '{"a":{"b":[1,{}]}}', '["\195\188"]', ("["):rep(500) .. ("]"):rep(500), '{"a":1,"a":2}'}

describe("JSON from outside", function()
  for kind, list in pairs(REFUSED) do
    it("is refused for its " .. kind, function()
      for _, text in ipairs(list) do assert.is_nil(decode(text), text:sub(1, 40)) end
    end)
  end

  it("is taken where it is right", function()
    for _, text in ipairs(TAKEN) do assert.is_not_nil(decode(text), text) end
  end)

  it("keeps what it says", function()
    assert.same({1, {a = "\195\188\n"}, true, -0.5}, decode '[1, {"a":"\\u00fc\\n"}, true, -5e-1]')
  end)

  it("is taken apart as it is written: the elements of an array, the members of an object", function()
    local items = require "botapi.core".items
    assert.same({ "1.0", "[ 2 ]", '"\\u0061"' }, items ' [1.0, [ 2 ] ,"\\u0061"] ')
    assert.same({ '"a" : 12345678901234567890', '"a":{"b":[]}', '"\\u0061":null' },
      items ' { "a" : 12345678901234567890,"a":{"b":[]} , "\\u0061":null } ')
    assert.same({}, items "{ }")
    assert.same({}, items "[]")
    for _, text in ipairs { "", "1", '"a"', "{1}", '{"a"}', '{"a":1,}', '["a":1]', '{"a":1]', "[1}", "[1] x", "{} {",
      "{}{" } do
      assert.is_nil(items(text), text)
    end
  end)
end)
