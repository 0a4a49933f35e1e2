-- SPDX-License-Identifier: MIT
-- The envelope: what the server sent, integers as integers, null as nothing, completed from HTTP and never overridden.

local live = require "support.live"
local replies = require "support.replies"

local function is_integer(value)
  return type(value) == "number" and (not math.type or math.type(value) == "integer")
end

describe("an envelope", function()
  local before
  before_each(function() before = live.note() end)
  after_each(function() before:check() end)

  local function envelope(body, status, headers)
    local res, err = replies.json(body, status, headers)
    assert.is_nil(err, tostring(err))
    return res
  end

  local function refused(body, status, headers)
    local res, err = replies.json(body, status, headers)
    assert.is_nil(res, tostring(res))
    assert.equal("protocol/yes", err.kind .. "/" .. err.sent)
    return err
  end

  it("has the members that the server sent, and no others", function()
    assert.same({ok = true, result = {id = 5, name = "a", flag = false, list = {1, 2, {}}}, extra = {x = "y"}},
      envelope '{"ok":true,"result":{"id":5,"name":"a","flag":false,"list":[1,2,[]]},"extra":{"x":"y"}}')
  end)

  it("keeps a description beside ok = true", function()
    assert.same({ok = true, result = true, description = "Webhook was deleted"},
      envelope '{"ok":true,"result":true,"description":"Webhook was deleted"}')
  end)

  it("keeps members of a refusal that nobody knows", function()
    assert.same({ok = false, error_code = 400, description = "Bad Request: x", trace = {1}},
      envelope('{"ok":false,"error_code":400,"description":"Bad Request: x","trace":[1]}', "400 Bad Request"))
  end)

  it("has nothing where the server sent null, at any depth", function()
    local res = envelope '{"ok":true,"result":{"a":null,"b":[null,1,null,{"c":null,"d":0}]},"description":null}'
    assert.is_nil(rawget(res, "description"))
    assert.is_nil(res.result.a)
    assert.is_nil(res.result.b[1])
    assert.equal(1, res.result.b[2])
    assert.is_nil(res.result.b[3])
    assert.same({d = 0}, res.result.b[4])
  end)

  it("has no lightuserdata anywhere in it", function()
    local function search(value)
      assert.is_not_equal("userdata", type(value))
      if type(value) == "table" then
        for key, member in pairs(value) do
          search(key)
          search(member)
        end
      end
    end
    search(envelope '{"ok":true,"result":[[[null,{"a":[null]}]],null]}')
  end)

  it("has integers where the server sent whole numbers, with all of their 52 bits", function()
    local res = envelope('{"ok":false,"error_code":400,"description":"x","parameters":' ..
      '{"migrate_to_chat_id":-1002147483648123,"retry_after":7,"big":9007199254740991,"exponent":1e3,"deep":[[3]]}}',
      "400 Bad Request")
    local p = res.parameters
    assert.is_true(is_integer(res.error_code))
    assert.equal("400", tostring(res.error_code))
    assert.equal("-1002147483648123", ("%.0f"):format(p.migrate_to_chat_id))
    assert.equal("9007199254740991", ("%.0f"):format(p.big))
    for _, value in ipairs {p.migrate_to_chat_id, p.retry_after, p.big, p.exponent, p.deep[1][1]} do
      assert.is_true(is_integer(value), tostring(value))
    end
  end)

  it("leaves fractions, and what is beyond the integers, as floats", function()
    local res = envelope '{"ok":true,"result":[1.5,1e300,123456789012345678901234]}'
    assert.same({1.5, 1e300, 123456789012345678901234}, res.result)
    if math.type then
      for i = 1, 3 do
        assert.equal("float", math.type(res.result[i]))
      end
    end
  end)

  it("takes the error_code from HTTP where the server left it out or said null", function()
    for _, body in ipairs {'{"ok":false,"description":"x"}', '{"ok":false,"error_code":null,"description":"x"}'} do
      local res = envelope(body, "403 Forbidden")
      assert.same({ok = false, error_code = 403, description = "x"}, res)
      assert.is_true(is_integer(res.error_code))
    end
  end)

  it("has no error_code where neither the server nor HTTP gave one", function()
    assert.is_nil(envelope('{"ok":false,"description":"x"}', "200 OK").error_code)
  end)

  it("takes the description from the reason phrase where the server left it out", function()
    assert.same({ok = false, error_code = 403, description = "Forbidden"}, envelope('{"ok":false}', "403 Forbidden"))
    assert.equal("HTTP 403", envelope('{"ok":false}', "403 ").description)
    assert.equal("HTTP 200", envelope('{"ok":false}', "200 OK").description)
  end)

  it("takes retry_after from the header of a 429 where the server left it out", function()
    local header = "Retry-After: 17\r\n"
    for _, body in ipairs {'{"ok":false}', '{"ok":false,"parameters":{}}', '{"ok":false,"parameters":null}',
      '{"ok":false,"parameters":{"retry_after":null}}'} do
      local res = envelope(body, "429 Too Many Requests", header)
      assert.same({retry_after = 17}, res.parameters)
      assert.is_true(is_integer(res.parameters.retry_after))
    end
    assert.is_nil(envelope('{"ok":false}', "400 Bad Request", header).parameters)
    assert.is_nil(envelope('{"ok":false}', "429 Too Many Requests").parameters)
    assert.is_nil(envelope('{"ok":true,"result":1}', "429 Too Many Requests", header).parameters)
  end)

  it("is never overridden by HTTP", function()
    local res = envelope('{"ok":false,"error_code":400,"description":"","parameters":{"retry_after":3}}',
      "429 Too Many Requests", "Retry-After: 99\r\n")
    assert.same({ok = false, error_code = 400, description = "", parameters = {retry_after = 3}}, res)
    assert.same({ok = false, error_code = "x", description = 5, parameters = "y"},
      envelope('{"ok":false,"error_code":"x","description":5,"parameters":"y"}', "429 Slow", "Retry-After: 9\r\n"))
    assert.same({ok = true, result = 1}, envelope('{"ok":true,"result":1}', "500 Internal Server Error"))
  end)

  it("is what Bale sends: without an error_code, with its own texts", function()
    local res = envelope('{"ok":false,"description":"Bad Request: Token not found"}', "400 Bad Request")
    assert.same({ok = false, error_code = 400, description = "Bad Request: Token not found"}, res)
    assert.same({ok = true, result = {logged_out = true}}, envelope '{"ok":true,"result":{"logged_out":true}}')
    assert.same({ok = false, error_code = 429, description = "local_rate_limited"},
      envelope('{"ok":false,"description":"local_rate_limited"}', "429 Too Many Requests"))
  end)

  it("keeps bytes that aren't UTF-8, and characters that were escaped", function()
    assert.equal("a\255\254b", envelope '{"ok":true,"result":"a\255\254b"}'.result)
    assert.equal("\195\188 \240\159\152\128", envelope '{"ok":true,"result":"\\u00fc \\ud83d\\ude00"}'.result)
    assert.equal("a\0b", envelope '{"ok":true,"result":"a\\u0000b"}'.result)
  end)

  it("takes one boolean ok out of two", function()
    assert.is_boolean(envelope '{"ok":false,"ok":true,"result":true}'.ok)
  end)

  it("takes 900 levels of nesting, and a string of a million bytes", function()
    local deep = envelope('{"ok":true,"result":' .. ("["):rep(900) .. ("]"):rep(900) .. "}").result
    local levels = 1
    while deep[1] do
      deep, levels = deep[1], levels + 1
    end
    assert.equal(900, levels)
    assert.equal(1000000, #envelope('{"ok":true,"result":"' .. ("x"):rep(1000000) .. '"}').result)
  end)

  it("takes an answer with whitespace around it", function()
    assert.same({ok = true, result = true}, envelope ' \r\n\t{"ok" : true ,\n"result":true}\r\n\r\n')
  end)

  it("is made of nothing else: anything that isn't one is a protocol error that says why", function()
    local cases = {
      {"", "empty"}, {" ", "JSON"}, {"true", "JSON object"}, {"null", "JSON object"}, {'"ok"', "JSON object"},
      {"5", "JSON object"}, {"{}", "ok"}, {"[]", "ok"}, {'[{"ok":true}]', "ok"}, {'{"ok":"true"}', "ok"},
      {'{"ok":1}', "ok"}, {'{"ok":null}', "ok"}, {'{"ok":{}}', "ok"}, {'{"Ok":true}', "ok"},
      {'{"ok":true,"result":tr', "JSON"}, {'{"ok":true}}', "JSON"}, {'{"ok":true},', "JSON"},
      {'{"ok":true}{"ok":true}', "JSON"}, {"{ok:true}", "JSON"}, {"{'ok':true}", "JSON"}, {'{"ok":True}', "JSON"},
      {'{"ok":true,"result":NaN}', "JSON"}, {'{"ok":true,"result":Infinity}', "JSON"},
      {'{"ok":true,"result":0x10}', "JSON"}, {'{"ok":true}\0', "JSON"}, {'\0{"ok":true}', "JSON"},
      {'{"ok":true,"result":"a\0b"}', "JSON"}, {'{"ok":true}\0{"ok":false}', "JSON"},
      {'\239\187\191{"ok":true}', "JSON"}, {"<html>502</html>", "JSON"},
      {'{"ok":true,"result":' .. ("["):rep(5000) .. ("]"):rep(5000) .. "}", "JSON"},
    }
    for _, case in ipairs(cases) do
      local err = refused(case[1])
      assert.is_truthy(err.message:find(case[2], 1, true), ("%q: %s"):format(case[1]:sub(1, 40), err.message))
      assert.equal(200, err.http_status)
      assert.equal("getMe", err.method)
    end
  end)

  it("is no envelope when a cache answered, which isn't told as a redirect", function()
    local err = refused('{"ok":true,"result":true}', "304 Not Modified")
    assert.equal(304, err.http_status)
    assert.is_nil(err.message:find("redirect", 1, true))
  end)

  it("is no envelope when it comes with a redirect", function()
    local err = refused('{"ok":true,"result":true}', "302 Found", "Location: http://127.0.0.1:1/\r\n")
    assert.equal(302, err.http_status)
  end)

  it("of an answer that the server cut is no envelope, and may have been carried out", function()
    local bytes = replies.http '{"ok":true,"result":true}'
    local res, err = replies.to(bytes:sub(1, -3))
    assert.is_nil(res)
    assert.equal("network/maybe", err.kind .. "/" .. err.sent)
  end)

  it("is a table of its own each time: changing one changes no other", function()
    local one, two = envelope '{"ok":true,"result":[]}', envelope '{"ok":true,"result":[]}'
    one.result[1] = "mine"
    assert.same({}, two.result)
  end)
end)
