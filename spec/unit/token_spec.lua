-- SPDX-License-Identifier: MIT
-- The token: which ones are malformed, that those send nothing, and the userdata that holds one out of sight.

local botapi = require "botapi"
local core = require "botapi.core"
local faults = require "support.faults"
local live = require "support.live"

local server
lazy_setup(function() server = faults.start() end)
lazy_teardown(function() server:stop() end)

local GOOD = "110201543:AAHCANARYabcdefghijklmnopqrst"

local function malformed()
  local list = {"", "a", "123456", "secret"}
  for byte = 0, 255 do
    local c = string.char(byte)
    if byte <= 32 or byte >= 127 or ("/?#%\\"):find(c, 1, true) then
      list[#list + 1] = "1:CANARY" .. c .. "x"
      list[#list + 1] = c .. "1:CANARY"
      list[#list + 1] = "1:CANARY" .. c
    end
  end
  for length = 257, 300, 43 do
    list[#list + 1] = "1:" .. ("a"):rep(length - 2)
  end
  list[#list + 1] = "1:" .. ("a"):rep(100000)
  for _, c in ipairs { ",", ";", ":", "\"", "'", "`", "|", "(", ")", "<", ">", "[", "]", "{", "}", "^", "&" } do
    list[#list + 1] = "1:CANARY" .. c
    list[#list + 1] = c .. "1:CANARY"
  end
  for _, token in ipairs { ":", "1:", ":CANARY", "a:CANARY", "-1:CANARY", "+1:CANARY", "0:CANARY", "0123456:CANARY",
    "1.5:CANARY", ("1"):rep(18) .. ":CANARY", "\239\188\145:CANARY", "\239\187\1911:CANARY", "1:CANARY\194\160",
    "1:CANARY\226\128\139", "1:CANARY,mine", "1:CANARY # mine", "1:CANARY 2:CANARY", "1:CANARY/test",
    "'1:CANARY'" } do
    list[#list + 1] = token
  end
  list[#list + 1] = "bot" .. GOOD .. "/getMe"
  list[#list + 1] = "https://api.telegram.org/bot" .. GOOD
  return list
end

describe("a malformed token", function()
  local before
  before_each(function() before = live.note() end)
  after_each(function() before:check() end)

  it("is nil and an error of kind token, nothing sent, and the server sees no connection", function()
    local listener = server:open {mode = "ok"}
    for _, token in ipairs(malformed()) do
      local res, err = botapi.logout(token, {server = listener.url, timeout = 10})
      assert.is_nil(res)
      assert.equal("token/no", err.kind .. "/" .. err.sent)
      assert.equal("logOut", err.method)
      assert.is_nil(err.curl_code)
      assert.is_nil(err.message:find("CANARY", 1, true))
    end
    assert.equal(0, listener:close().connections)
  end)

  it("is told apart by what is wrong with it", function()
    local function says(token)
      return select(2, botapi.logout(token, {server = "http://127.0.0.1:1"})).message
    end
    assert.is_truthy(says(""):find("empty", 1, true))
    assert.is_truthy(says("1:" .. ("a"):rep(300)):find("256", 1, true))
    assert.is_truthy(says("123456"):find("colon", 1, true))
    assert.is_truthy(says("1:a b"):find("a space", 1, true))
    assert.is_truthy(says("1:a,b"):find("separates columns", 1, true))
    assert.is_truthy(says("'1:a'"):find("a quote", 1, true))
    assert.is_truthy(says("1:a\t"):find("a tab or a line end", 1, true))
    assert.is_truthy(says("1:a:b"):find("a second colon", 1, true))
    assert.is_truthy(says("1:a\194\160"):find("isn't ASCII", 1, true))
    assert.is_truthy(says("\239\187\1911:a"):find("a byte order mark", 1, true))
    assert.is_truthy(says("1:a/b"):find("that no token has", 1, true))
    assert.is_truthy(says("0123456:a"):find("a bot's number", 1, true))
    assert.is_truthy(says("bot1:a"):find("a bot's number", 1, true))
    assert.is_truthy(says("1:"):find("no secret", 1, true))
  end)

  it("is the same for every function, and never raises", function()
    local options = {server = "http://127.0.0.1:1"}
    local engine = core.engine()
    local results = {
      {botapi.logout("x", options)}, {botapi.close_instance("x", options)}, {botapi.get_me("x", options)},
      {botapi.get_webhook_info("x", options)}, {botapi.delete_webhook("x", nil, options)},
      {botapi.set_webhook("x", {url = ""}, options)}, {botapi.call("x", "getMe", nil, options)},
      {engine:start("x", "getMe", nil, options):result()},
    }
    engine:close()
    for i, result in ipairs(results) do
      assert.is_nil(result[1], i)
      assert.equal("token/no", result[2].kind .. "/" .. result[2].sent)
    end
  end)

  it("doesn't hide a mistake of the caller: that raises first", function()
    assert.has_error(function() botapi.logout("x", {nonsense = true}) end)
    assert.has_error(function() botapi.call("x", "get/Me") end)
    assert.has_error(function() botapi.set_webhook("x", {}) end)
  end)
end)

describe("a token of another type", function()
  it("raises and says what it got, without the value", function()
    for _, token in ipairs {123456, true, {"1:CANARY"}, print, coroutine.create(function() end), io.stdout} do
      local ok, message = pcall(botapi.logout, token)
      assert.is_false(ok)
      assert.is_truthy(message:find("token", 1, true) and message:find(type(token), 1, true), message)
      assert.is_nil(message:find("CANARY", 1, true))
    end
    assert.has_error(function() botapi.logout() end)
    assert.has_error(function() botapi.logout(nil, {}) end)
  end)
end)

describe("a well-formed token", function()
  local before
  before_each(function() before = live.note() end)
  after_each(function() before:check() end)

  it("is sent as it is, up to 256 bytes", function()
    local listener = server:open {mode = "ok"}
    local tokens = {GOOD, "1:x", "12345678901234567:x", "1:" .. ("a"):rep(254)}
    for c in ("ZAZaz09_-.~+=*!$@"):gmatch "." do
      tokens[#tokens + 1] = "1:a" .. c .. "b"
      tokens[#tokens + 1] = "1:" .. c
    end
    for _, token in ipairs(tokens) do
      local res, err = botapi.logout(token, {server = listener.url, timeout = 10})
      assert.is_nil(err, tostring(err))
      assert.is_true(res.ok)
    end
    local told = listener:close()
    assert.equal(#tokens, #told.requests)
    for i, token in ipairs(tokens) do
      assert.equal("/bot" .. token .. "/logOut", told.requests[i].path)
    end
  end)

  it("isn't changed by dots: a path is sent as it stands", function()
    local listener = server:open {mode = "ok"}
    assert.is_true(botapi.logout("1:..", {server = listener.url .. "/a", timeout = 10}).ok)
    assert.equal("/a/bot1:../logOut", listener:close().requests[1].path)
  end)
end)

describe("the userdata of a token", function()
  local function hidden(value)
    assert.is_nil(tostring(value):find("CANARY", 1, true))
    return value
  end

  it("shows the bot's id and nothing of the secret", function()
    local token = core.token(GOOD)
    assert.equal("userdata", type(token))
    assert.equal("botapi.token: bot 110201543", tostring(token))
    assert.equal("botapi.token: bot 110201543", ("%s"):format(tostring(token)))
    assert.equal("botapi.token", tostring(core.token "CANARY"))
    assert.equal("botapi.token", tostring(core.token ":CANARY"))
    assert.equal("botapi.token", tostring(core.token(("1"):rep(30) .. ":CANARY")))
    assert.equal("botapi.token", tostring(core.token ""))
  end)

  it("gives the id as a string, exactly, and nothing where there is none", function()
    assert.equal("110201543", core.token(GOOD):id())
    assert.equal("9007199254740993", core.token("9007199254740993:x"):id())
    assert.is_nil((core.token "CANARY:1":id()))
    assert.is_nil((core.token(("1"):rep(30) .. ":CANARY"):id()))
  end)

  it("has no way in for Lua: no fields, no pairs, no length, no user value, no metatable", function()
    local token = core.token(GOOD)
    for _, name in ipairs {"bytes", "len", "token", 1, "__gc", "__tostring", "__index"} do
      assert.is_nil(token[name])
    end
    assert.has_error(function() token.x = 1 end)
    assert.has_error(function() return #token end)
    assert.has_error(function() return token .. "" end)
    assert.is_false(pcall(function()
      for key, value in pairs(token) do
        hidden(key)
        hidden(value)
      end
    end))
    assert.equal("botapi.token", getmetatable(token))
    assert.has_error(function() setmetatable(token, {}) end)
    local get = debug.getuservalue or debug.getfenv
    local inside = get(token)
    assert.is_true(inside == nil or inside == _G or type(inside) == "table" and inside[1] == nil)
    for key, value in pairs(debug.getmetatable(token)) do
      hidden(key)
      hidden(value)
    end
  end)

  it("is taken wherever a token is, a second userdata included", function()
    local listener = server:open {mode = "ok"}
    local options = {server = listener.url, timeout = 10}
    local token = core.token(core.token(GOOD))
    local engine = core.engine()
    assert.is_true(botapi.logout(token, options).ok)
    assert.is_true(botapi.close_instance(token, options).ok)
    assert.is_true(botapi.get_me(token, options).ok)
    assert.is_true(botapi.get_webhook_info(token, options).ok)
    assert.is_true(botapi.delete_webhook(token, nil, options).ok)
    assert.is_true(botapi.set_webhook(token, {url = ""}, options).ok)
    assert.is_true(botapi.call(token, "sendMessage", {text = "x"}, options).ok)
    local call = engine:start(token, "getMe", nil, options)
    assert.is_true(call:wait(10))
    assert.is_true(call:result().ok)
    engine:close()
    local told = listener:close()
    assert.equal(8, #told.requests)
    for _, request in ipairs(told.requests) do
      assert.equal("/bot" .. GOOD .. "/", request.path:match("^.*/"))
    end
  end)

  it("is wiped when it is collected, and harmless if that is done early", function()
    local token = core.token(GOOD)
    debug.getmetatable(token).__gc(token)
    assert.equal("botapi.token", tostring(token))
    local res, err = botapi.logout(token, {server = "http://127.0.0.1:1"})
    assert.is_nil(res)
    assert.equal("token/no", err.kind .. "/" .. err.sent)
  end)

  it("isn't made of anything but a string", function()
    for _, value in ipairs {1, true, {}, print} do
      assert.has_error(function() core.token(value) end)
    end
    assert.has_error(function() core.token() end)
  end)
end)
