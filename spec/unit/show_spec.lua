-- SPDX-License-Identifier: MIT
-- tostring of an envelope: one line of Lua, in the schema's order, short, with exact integers and without the token.

local core = require "botapi.core"
local live = require "support.live"
local replies = require "support.replies"

local loader = rawget(_G, "loadstring") or load

describe("tostring of an envelope", function()
  local before
  before_each(function() before = live.note() end)
  after_each(function() before:check() end)

  local function shown(body, status, headers, more)
    local res, err = replies.json(body, status, headers, more)
    assert.is_nil(err, tostring(err))
    return tostring(res), res
  end

  it("is what a REPL should show for a logout", function()
    assert.equal("{ok = true, result = true}", (shown '{"result":true,"ok":true}'))
  end)

  it("has the members in the schema's order, whatever the server's was", function()
    assert.equal('{ok = false, error_code = 429, description = "Too Many Requests: retry after 7", ' ..
      "parameters = {retry_after = 7}}", (shown('{"parameters":{"retry_after":7},"description":' ..
      '"Too Many Requests: retry after 7","error_code":429,"ok":false}', "429 Too Many Requests")))
    assert.equal('{ok = true, result = {id = 5, is_bot = true, first_name = "B", username = "b_bot", ' ..
      "can_join_groups = true, another = 1, zebra = 2}}", (shown('{"ok":true,"result":{"zebra":2,"username":"b_bot",' ..
      '"is_bot":true,"another":1,"id":5,"can_join_groups":true,"first_name":"B"}}')))
  end)

  it("is the same each time", function()
    local line, res = shown '{"ok":true,"result":{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6}}'
    for _ = 1, 5 do
      assert.equal(line, tostring(res))
    end
  end)

  it("has integers exactly, on every Lua", function()
    assert.equal("{ok = true, result = {-1002147483648123, 9007199254740991, 1000000000000000, 0, 1.5}}",
      (shown '{"ok":true,"result":[-1002147483648123,9007199254740991,1000000000000000,0,1.5]}'))
  end)

  it("is Lua that gives the same table", function()
    local line, res = shown('{"ok":true,"result":{"a b":"x\\ny\\"z\\\\","9":[1,[2,{"k":"v"}]],"":false,' ..
      '"\\t":"\\u0000\\u0007 \\r","list":["a","b"]}}')
    assert.same(res, assert(loader("return " .. line))())
  end)

  it("shows the index of an element that doesn't stand in a row from 1 on", function()
    local show = require "botapi.show"
    assert.equal('{[2] = "b"}', show { [2] = "b" })
    assert.equal('{"a", [3] = "c"}', show { [1] = "a", [3] = "c" })
    assert.equal('{[0] = "z", "a"}', show { [0] = "z", [1] = "a" })
  end)

  it("is one line without control bytes, the two bytes of C1 among them", function()
    local line = shown '{"ok":true,"result":"a\\nb\\r\\t\\u0000\\u0007\\u001b[31m\\u007f\\u0085\\u009b31m\\u009f z"}'
    assert.is_nil(line:find("%c"))
    assert.is_nil(line:find("\194[\128-\159]"))
    assert.is_truthy(line:find("\\n", 1, true))
    assert.is_truthy(line:find(" z\"}", 1, true))
  end)

  it("keeps characters that are none of them", function()
    assert.equal('{ok = true, result = "\195\188 \226\130\172 \240\159\152\128 \194\160"}',
      (shown '{"ok":true,"result":"\195\188 \226\130\172 \240\159\152\128 \194\160"}'))
  end)

  it("is at most 1 KiB, and cut between two characters, where a … says so", function()
    local line = shown('{"ok":true,"result":"' .. ("x"):rep(100000) .. '"}')
    assert.equal(1024, #line)
    assert.equal(('{ok = true, result = "' .. ("x"):rep(2000)):sub(1, 1021) .. "…", line)
    for filler = 0, 3 do
      line = shown('{"ok":true,"result":"' .. ("x"):rep(filler) .. ("\240\159\152\128"):rep(500) .. '"}')
      assert.is_true(#line <= 1024 and #line > 1020)
      assert.is_truthy(line:match("\240\159\152\128…$"), "cut within a character")
    end
  end)

  it("takes no longer for an answer of a million members", function()
    local list = {}
    for i = 1, 100000 do
      list[i] = '{"a":' .. i .. "}"
    end
    local line = shown('{"ok":true,"result":[' .. table.concat(list, ",") .. "]}", nil, nil,
      {max_response = 4 * 1024 * 1024})
    assert.is_true(#line <= 1024)
    assert.equal("{ok = true, result = {{a = 1}, {a = 2}", line:sub(1, 38))
  end)

  it("doesn't end in an endless or a deep table", function()
    local line = shown('{"ok":true,"result":' .. ("["):rep(900) .. ("]"):rep(900) .. "}")
    assert.is_true(#line < 200)
    local loop = core.envelope {ok = true}
    loop.result = loop
    assert.is_true(#tostring(loop) <= 1024)
  end)

  it("hides the token and leaves the members as the server sent them", function()
    local path = "/bot" .. replies.token .. "/logOut"
    local line, res = shown('{"ok":false,"error_code":404,"description":"Not Found: ' .. path .. '"}', "404 Not Found")
    assert.equal('{ok = false, error_code = 404, description = "Not Found: /bot***/logOut"}', line)
    assert.equal("Not Found: " .. path, res.description)
  end)

  it("hides the token in keys, in lists and in what stands in for a description", function()
    local line = shown('{"ok":true,"result":{"' .. replies.token .. '":["x ' .. replies.secret .. '"]}}')
    assert.is_nil(line:find("CANARY", 1, true), "it is shown")
    line = shown('{"ok":false}', "404 no " .. replies.secret)
    assert.is_nil(line:find("CANARY", 1, true), "it is shown")
  end)

  it("hides it in a copy, too, that has the metatable and the same server's words", function()
    local _, res = shown('{"ok":false,"error_code":404,"description":"' .. replies.token .. '"}', "404 Not Found")
    res.more = "x " .. replies.secret
    assert.is_nil(tostring(res):find("CANARY", 1, true), "it is shown")
  end)

  it("is that of any table that core.envelope marks", function()
    local marked = core.envelope {ok = true, result = {1, 2}}
    assert.equal("{ok = true, result = {1, 2}}", tostring(marked))
    assert.has_error(function() core.envelope() end)
    assert.has_error(function() core.envelope "x" end)
  end)
end)

describe("tostring of a part of an answer", function()
  local function part(result)
    local res, err = replies.json('{"ok":true,"result":' .. result .. "}")
    assert.is_nil(err)
    return res.result
  end

  it("is one line of Lua where it is short", function()
    assert.equal('{id = 5, username = "b_bot", a = {1, {b = 2}}}',
      tostring(part '{"a":[1,{"b":2}],"username":"b_bot","id":5}'))
    assert.equal("{b = 2}", tostring(part '{"a":[1,{"b":2}]}'.a[2]))
    assert.equal("{}", tostring(part "[]"))
  end)

  it("is in lines where it is long, which are Lua that gives the same table", function()
    local long = ("x"):rep(50)
    local value = part(('{"id":5,"list":[1,2],"text":"%s","of":{"one":"%s","two":"%s"}}'):format(long, long, long))
    local text = tostring(value)
    assert.equal(([[
{
  id = 5,
  list = {1, 2},
  of = {
    one = "%s",
    two = "%s"
  },
  text = "%s"
}]]):format(long, long, long), text)
    assert.same(value, assert(loader("return " .. text))())
  end)

  it("has no line over 79 columns but for a string that is long itself", function()
    local list = {}
    for i = 1, 40 do list[i] = ('{"a":%d,"b":[%s]}'):format(i, ("1,"):rep(i) .. "2") end
    local value = part("[" .. table.concat(list, ",") .. "]")
    local text = tostring(value)
    for line in text:gmatch "[^\n]+" do assert.is_true(#line <= 79, line) end
    assert.same(value, assert(loader("return " .. text))())
  end)

  it("is cut where it is very long, where a … says so", function()
    local list = {}
    for i = 1, 2000 do list[i] = '{"number":' .. i .. "}" end
    local text = tostring(part("[" .. table.concat(list, ",") .. "]"))
    assert.is_true(#text < 20000, #text)
    assert.matches(",\n  …\n}$", text)
    assert.matches('"x+…"', tostring(part('{"a":"' .. ("x"):rep(5000) .. '"}')))
    local deep = ('{"a":"%s","b":'):format(("x"):rep(80)):rep(50) .. "1" .. ("}"):rep(50)
    assert.matches("{…}", tostring(part(deep)))
  end)

  it("hides the token at each depth, and what a terminal would obey", function()
    local value = part('{"a":{"b":["x ' .. replies.secret .. '", "' .. ("y"):rep(90) .. '"]},"c":"' .. replies.token
      .. '","d":"\\u001b[2J \\n \\u202e \\u009b"}')
    for _, each in ipairs { value, value.a, value.a.b } do
      assert.is_nil(tostring(each):find("CANARY", 1, true), "it is shown")
      assert.is_nil(tostring(each):find "[\1-\9\11-\31]")
      assert.is_nil(tostring(each):find("\226\128\174", 1, true))
      assert.is_nil(tostring(each):find("\194\155", 1, true))
    end
  end)

  it("leaves nothing of a token that a cut goes through, whosever it is", function()
    local other = "987654321:AAEfOReiGN-FOREIGN_zq7uJ5hG1sFo0eCk6i"
    for _, token in ipairs { replies.token, other } do
      for at = 490, 512 do
        local text = tostring(part('{"a":"' .. ("x "):rep(at) .. token .. '","b":"' .. token .. '"}'))
        assert.is_nil(text:find(token:sub(1, 16), 1, true), text)
      end
    end
  end)

  it("leaves a metatable of somebody's own", function()
    local own = setmetatable({ 1 }, { __tostring = function() return "mine" end })
    assert.equal("mine", tostring(core.envelope({ ok = true, result = own }).result))
  end)
end)

describe("botapi.show", function()
  local show = require "botapi.show"

  it("writes each kind of value", function()
    assert.equal("nil", show(nil))
    assert.equal("true", show(true))
    assert.equal('"a\\"b\\\\c\\n\\000"', show "a\"b\\c\n\0")
    assert.equal("12", show(12))
    assert.equal("{}", show {})
    assert.equal("{1, 2}", show {1, 2})
    assert.equal("{a = 1}", show {a = 1})
    assert.equal('{1, [3] = 2, ["x y"] = 3}', show {1, [3] = 2, ["x y"] = 3})
  end)
end)
