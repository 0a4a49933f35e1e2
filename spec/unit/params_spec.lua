-- SPDX-License-Identifier: MIT
-- Parameters: how each value is sent, which are refused by name, and what the named functions know of theirs.

local botapi = require "botapi"
local cjson = require "cjson"
local core = require "botapi.core"
local faults = require "support.faults"
local live = require "support.live"
local methods = require "botapi.methods"
local replies = require "support.replies"

local OK = replies.http '{"ok":true,"result":true}'

-- The request as it was sent: head, body.
local function sent(method, params)
  local res, err, request = replies.to(OK, {start = function(engine, url)
    return engine:start(replies.token, method, params, {server = url, timeout = 10})
  end})
  assert.is_nil(err, tostring(err))
  assert.is_true(res.ok)
  return request:match("^(.-\r\n)\r\n(.*)$")
end

local function decoded(text)
  return (text:gsub("+", " "):gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

-- The form's fields, decoded.
local function fields(params)
  local _, body = sent("sendMessage", params)
  local list, count = {}, 0
  for name, value in body:gmatch("([^&=]+)=([^&]*)") do
    list[decoded(name)] = decoded(value)
    count = count + 1
  end
  return list, count, body
end

local function refused(params, pattern)
  local ok, message = pcall(botapi.call, replies.token, "sendMessage", params, {server = "http://127.0.0.1:1"})
  assert.is_false(ok, "it is taken")
  assert.is_truthy(message:find(pattern, 1, true), message)
  assert.is_truthy(message:find("bad argument #3", 1, true), message)
  return message
end

describe("parameters", function()
  local before
  before_each(function() before = live.note() end)
  after_each(function() before:check() end)

  it("are sent as form fields, with the length and the type that say so", function()
    local head, body = sent("sendMessage", {text = "hi"})
    assert.equal("text=hi", body)
    assert.is_truthy(head:find("\r\nContent-Length: 7\r\n", 1, true))
    assert.is_truthy(head:find("\r\nContent-Type: application/x-www-form-urlencoded\r\n", 1, true))
    assert.is_nil(head:lower():find("\r\nexpect:", 1, true))
  end)

  it("that are none make an empty body", function()
    for _, params in ipairs {{}, false} do
      local head, body = sent("sendMessage", params or nil)
      assert.equal("", body)
      assert.is_truthy(head:find("\r\nContent-Length: 0\r\n", 1, true))
    end
  end)

  it("keep every byte of a string", function()
    local all = {}
    for byte = 0, 255 do
      all[byte + 1] = string.char(byte)
    end
    local text = table.concat(all)
    local list, _, body = fields {text = text, caption = "a&b=c+d %41;\r\n\195\188"}
    assert.equal(text, list.text)
    assert.equal("a&b=c+d %41;\r\n\195\188", list.caption)
    assert.is_nil(body:find("[^%w%-._~%%&=]"), "a byte is sent bare")
  end)

  it("keep numbers exactly", function()
    local list = fields {chat_id = -1002147483648123, big = 9007199254740991, zero = 0, minus = -5, half = 0.5,
      float = 3.0, large = 1e15, small = 1e-3}
    assert.same({chat_id = "-1002147483648123", big = "9007199254740991", zero = "0", minus = "-5", half = "0.5",
      float = "3", large = "1000000000000000", small = "0.001"}, list)
  end)

  it("keep integers of 64 bits where Lua has them", function()
    if math.type then
      local list = fields {max = math.maxinteger, min = math.mininteger, odd = 9007199254740993}
      assert.same({max = "9223372036854775807", min = "-9223372036854775808", odd = "9007199254740993"}, list)
    end
  end)

  it("write booleans as true and false", function()
    assert.same({a = "true", b = "false"}, (fields {a = true, b = false}))
  end)

  it("write tables as JSON, with integers exactly", function()
    local list = fields {reply_markup = {keyboard = {{"a", "b"}}, n = 5, id = -100214748364, flag = false},
      list = {1, 2, 3}, empty = {}}
    assert.same({keyboard = {{"a", "b"}}, n = 5, id = -100214748364, flag = false}, cjson.decode(list.reply_markup))
    assert.equal("[1,2,3]", list.list)
    assert.is_truthy(list.reply_markup:find("-100214748364", 1, true))
  end)

  it("come with every name, a hundred of them", function()
    local params = {}
    for i = 1, 100 do
      params["name_" .. i] = ("x"):rep(i)
    end
    local list, count = fields(params)
    assert.equal(100, count)
    assert.same(params, list)
  end)

  it("take a body of a megabyte", function()
    local list = fields {text = ("\255"):rep(400000)}
    assert.equal(400000, #list.text)
  end)

  it("are left as they were", function()
    local params = {text = "a", list = {1, {2}}, n = 1.5}
    fields(params)
    assert.same({text = "a", list = {1, {2}}, n = 1.5}, params)
  end)
end)

describe("a parameter", function()
  it("with an integer inside a table that JSON would round raises and names both", function()
    for _, value in ipairs {-1002147483648123, 1e15, 123456789012345678} do
      local text = ("%.0f"):format(value)
      for _, wrapped in ipairs {{value}, {{{value}}}, {id = value}, {a = {b = {c = value}}}} do
        local message = refused({reply_markup = wrapped}, "parameter 'reply_markup'")
        assert.is_truthy(message:find("exactly", 1, true), message)
        assert.is_truthy(message:find(text:sub(1, 6), 1, true) or message:find("e+", 1, true), message)
      end
    end
    if math.type then
      refused({a = {math.maxinteger}}, "parameter 'a'")
      refused({a = {2 ^ 53 + 2}}, "parameter 'a'")
    end
  end)

  it("that isn't finite raises", function()
    for _, value in ipairs {0 / 0, 1 / 0, -1 / 0} do
      refused({a = value}, "parameter 'a'")
      refused({a = {value}}, "parameter 'a'")
    end
  end)

  it("that is a float too large to be exact raises", function()
    refused({a = 2 ^ 53 + 2}, "parameter 'a'")
    refused({a = -1e18}, "parameter 'a'")
  end)

  it("of a type that nothing can be made of raises and names the type", function()
    for kind, value in pairs {["function"] = print, userdata = io.stdout, thread = coroutine.create(function() end)} do
      assert.is_truthy(refused({a = value}, "parameter 'a'"):find(kind, 1, true))
      refused({a = {value}}, "parameter 'a'")
    end
    refused({a = {[{}] = 1}}, "parameter 'a'")
    refused({a = {[1] = 1, [1000000] = 2}}, "parameter 'a'")
  end)

  it("nested without end raises", function()
    local loop = {}
    loop[1] = loop
    refused({a = loop}, "parameter 'a'")
    local deep = {}
    for _ = 1, 1000 do
      deep = {deep}
    end
    refused({a = deep}, "parameter 'a'")
  end)

  it("must have a name of letters, digits and _, which isn't repeated when it has not", function()
    for _, name in ipairs {"", "a b", "a=b", "a&b", "a\r\n", "110201543:CANARY", "\195\188", ("x"):rep(65)} do
      local message = refused({[name] = 1}, "name")
      assert.is_nil(message:find("CANARY", 1, true))
    end
    for _, key in ipairs {1, 1.5, true, print} do
      refused({[key] = "x"}, "name must be a string")
    end
  end)

  it("can't come alone: parameters are a table or nothing", function()
    for _, value in ipairs {"x", 5, true, print} do
      assert.is_truthy(refused(value, "table expected"))
    end
  end)
end)

describe("a named function", function()
  local OPTIONS = {server = "http://127.0.0.1:1"}

  local function set(params, pattern)
    local ok, message = pcall(botapi.set_webhook, replies.token, params, OPTIONS)
    assert.is_false(ok, "it is taken")
    assert.is_truthy(message:find(pattern, 1, true), message)
    return message
  end

  it("raises for a parameter that it doesn't know, and for one that is missing", function()
    set({url = "x", nonsense = 1}, "unknown parameter 'nonsense'")
    set({}, "parameter 'url': missing")
    set(nil, "parameter 'url': missing")
    assert.is_false(pcall(botapi.delete_webhook, replies.token, {url = "x"}, OPTIONS))
  end)

  it("says so when an option stands in the place of a parameter", function()
    for _, row in ipairs(core.options()) do
      set({url = "x", [row.name] = 5}, "parameter '" .. row.name ..
        "': that is an option: pass it as the third argument")
    end
  end)

  it("raises for each wrong type of each of its parameters", function()
    local values = {string = "x", integer = 5, boolean = true, array = {"a"}, file = "x"}
    local lua = {string = "string", integer = "number", boolean = "boolean", array = "table", file = "string"}
    for _, method in pairs(methods) do
      for name, info in pairs(method.params or {}) do
        for kind, value in pairs(values) do
          if lua[kind] ~= lua[info.type] then
            local params = {url = "x"}
            if method.lua ~= "set_webhook" then
              params = {}
            end
            params[name] = value
            local ok, message = pcall(botapi[method.lua], replies.token, params, OPTIONS)
            assert.is_false(ok, name .. " takes a " .. kind)
            assert.is_truthy(message:find("parameter '" .. name .. "'", 1, true), message)
          end
        end
      end
    end
  end)

  it("raises for what is out of range, not a whole number, or has a character that it can't", function()
    local most = methods.setwebhook.params.max_connections.max
    for _, n in ipairs {0, most + 1, -1, 1.5, 0 / 0, 1 / 0} do
      set({url = "x", max_connections = n}, "parameter 'max_connections'")
    end
    for _, text in ipairs {"", ("x"):rep(257), "a b", "a:b", "\195\188", "a\n"} do
      set({url = "x", secret_token = text}, "parameter 'secret_token'")
    end
  end)

  it("takes what is in range", function()
    for _, params in ipairs {{url = ""}, {url = "x", max_connections = 1}, {url = "x", max_connections = 100},
      {url = "x", max_connections = methods.setwebhook.params.max_connections.max},
      {url = "x", secret_token = ("x"):rep(256)}, {url = "x", secret_token = "aZ09_-"},
      {url = "x", allowed_updates = {}}, {url = "x", max_connections = 40.0}} do
      local res, err = botapi.set_webhook(replies.token, params, OPTIONS)
      assert.is_nil(res)
      assert.equal("network", err.kind)
    end
  end)

  it("never shows the value of a parameter that it refuses", function()
    for _, params in ipairs {{url = "x", secret_token = "CANARY secret"}, {url = {"CANARY"}},
      {url = "x", certificate = {"CANARY"}}, {url = "x", max_connections = "CANARY"}} do
      assert.is_nil(set(params, "parameter"):find("CANARY", 1, true))
    end
  end)

  it("sends an empty list as a list, where JSON has two empty things", function()
    local server = faults.start()
    local listener = server:open {mode = "ok"}
    assert.is_true(botapi.set_webhook(replies.token, {url = "x", allowed_updates = {}}, {server = listener.url}).ok)
    assert.is_true(botapi.set_webhook(replies.token, {url = "x", allowed_updates = {"a"}}, {server = listener.url}).ok)
    local told = listener:close()
    assert.is_truthy(decoded(told.requests[1].body):find("allowed_updates=[]", 1, true))
    assert.is_truthy(decoded(told.requests[2].body):find('allowed_updates=["a"]', 1, true))
    server:stop()
  end)
end)

describe("core.check_params", function()
  it("raises as the named functions do, and takes what they take", function()
    core.check_params(methods.setwebhook, {url = "x"})
    core.check_params(methods.deletewebhook, nil)
    core.check_params(methods.deletewebhook, {drop_pending_updates = true})
    for _, params in ipairs {{}, {url = 5}, {url = "x", nonsense = 1}, {url = "x", timeout = 1}, "x"} do
      assert.is_false(pcall(core.check_params, methods.setwebhook, params))
    end
    assert.is_false(pcall(core.check_params, {}, {}))
    assert.is_false(pcall(core.check_params))
  end)
end)
