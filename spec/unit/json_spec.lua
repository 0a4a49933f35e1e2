-- SPDX-License-Identifier: MIT
-- Owns the specs of the JSON that is written: order, integers, strings, what has none.

local json = require "botapi.json"

describe("JSON", function()
  it("keeps the order that an object was made in, leaves nil out and writes null", function()
    assert.equal('{"z":1,"a":null,"m":{"b":true,"a":"x"}}', json.encode(json.object("z", 1, "none", nil,
      "a", json.null, "m", json.object("b", true, "a", "x"))))
  end)

  it("orders other members by rank, then by name", function()
    assert.equal('{"id":1,"a":1,"b":1}', json.encode({ a = 1, b = 1, id = 1 }, { rank = { id = 1 } }))
    assert.equal('{"5":1,"a":2}', json.encode { a = 2, [5] = 1 })
  end)

  it("writes integers exactly, and no number that JSON doesn't have", function()
    assert.equal("-1002147483648123", json.encode(-1002147483648123))
    assert.equal("[9007199254740992,100,1.5,-0.25,null,null]", json.encode { 2 ^ 53, 1e2, 1.5, -0.25, 0 / 0, 1 / 0 })
  end)

  it("writes each number in as many digits as it takes to read it back", function()
    for _, text in ipairs { "0.1", "0.30000000000000004", "55.755826123456792", "1e+21", "-1.5e-07" } do
      assert.equal(text, json.encode(tonumber(text)))
    end
    assert.equal(5e-324, tonumber(json.encode(5e-324)))
  end)

  it("has [] for an empty list where it is known to be one", function()
    assert.equal('{"a":[],"b":{},"list":[]}', json.encode({ a = json.array(), b = {}, list = {} },
      { lists = { list = 1 } }))
    assert.equal("[]", json.encode({}, { lists = { result = 1 } }, "result"))
    assert.equal('{"rows":[[],[{}]]}', json.encode({ rows = { {}, { {} } } }, { lists = { rows = 2 } }))
  end)

  it("escapes what must be, and in ASCII all that isn't", function()
    assert.equal('"a/\\\\/\\"\\n\\u0001\\u007fé"', json.encode 'a/\\/"\n\1\127é')
    assert.equal('"\\u00e9\\u20ac\\ud83d\\ude00\\ufffd"', json.encode("é€😀\255", { ascii = true }))
  end)

  it("has each string cleaned, names included", function()
    local function clean(text, is_name) return (is_name and "n" or "v") .. text end
    assert.equal('{"na":"vb","nc":["vd"]}', json.encode({ a = "b", c = { "d" } }, { clean = clean }))
  end)

  it("raises for what has none", function()
    local cycle = {}
    cycle.a = cycle
    for _, value in ipairs { print, io.stdout, coroutine.create(function() end) } do
      assert.has_error(function() json.encode { { f = value } } end, "f: a " .. type(value) .. " has no JSON")
    end
    assert.has_error(function() json.encode(cycle) end, "a: too deep, or holds itself")
  end)
end)
