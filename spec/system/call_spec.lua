-- SPDX-License-Identifier: MIT
-- The blocking functions, each against the emulator's own record of what came, and against the bytes of the request.

local botapi = require "botapi"
local core = require "botapi.core"
local emulator = require "botapi.emulator"
local certs = require "support.certs"
local faults = require "support.faults"
local live = require "support.live"
local monotime = require("cqueues").monotime
local process = require "support.process"

local CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIICANARY\n-----END CERTIFICATE-----\n"

local emu, server, before
lazy_setup(function()
  emu = emulator.start {as = "local"}
  server = faults.start()
end)
lazy_teardown(function()
  emu:close()
  server:stop()
end)
before_each(function() before = live.note() end)
after_each(function() before:check() end)

local id = 1000
local function bot()
  id = id + 1
  return emu:token(id), id
end

-- The only call that the emulator saw of a bot.
local function seen(number)
  local calls = assert(emu:calls {bot = number, expect = 1, wait = 5})
  return calls[1]
end

local function is_integer(value)
  return not math.type or math.type(value) == "integer"
end

describe("a blocking function", function()
  local CASES = {
    {"logout", "logOut", {}}, {"close_instance", "close", {}}, {"get_me", "getMe", {}},
    {"get_webhook_info", "getWebhookInfo", {}}, {"delete_webhook", "deleteWebhook", {n = 1}},
  }
  for _, case in ipairs(CASES) do
    it(("%s is one executed POST of %s without parameters"):format(case[1], case[2]), function()
      local token, number = bot()
      local options = {server = emu.url, timeout = 10}
      emu:put(number, {state = "logged_in", age = "2h"})
      local res, err
      if case[3].n then
        res, err = botapi[case[1]](token, nil, options)
      else
        res, err = botapi[case[1]](token, options)
      end
      assert.is_nil(err)
      assert.is_true(res.ok)
      local call = seen(number)
      assert.equal(case[2]:lower(), call.method:lower())
      assert.equal("POST", call.verb)
      assert.is_nil(next(call.params))
      assert.is_true(call.executed)
      assert.equal(200, call.status)
    end)
  end

  it("set_webhook is one POST with its parameters, which the server then has", function()
    local token, number = bot()
    local res, err = botapi.set_webhook(token, {url = "https://bot.example/hook?a=b&c", max_connections = 7,
      allowed_updates = {"message", "callback_query"}, drop_pending_updates = true, secret_token = "CANARY_secret"},
      {server = emu.url, timeout = 10})
    assert.is_nil(err)
    assert.equal("Webhook was set", res.description)
    local call = seen(number)
    assert.equal("setwebhook", call.method:lower())
    assert.equal("https://bot.example/hook?a=b&c", call.params.url)
    assert.equal("7", tostring(call.params.max_connections))
    local info = botapi.get_webhook_info(token, {server = emu.url, timeout = 10}).result
    assert.equal("https://bot.example/hook?a=b&c", info.url)
    assert.equal(7, info.max_connections)
    assert.same({"message", "callback_query"}, info.allowed_updates)
  end)

  it("call is one POST of any method, spelled as the caller spells it", function()
    local token, number = bot()
    local res, err = botapi.call(token, "sendMessage", {chat_id = -1002147483648123, text = "x"},
      {server = emu.url, timeout = 10})
    assert.is_nil(err)
    assert.is_true(res.ok)
    assert.equal("-1002147483648123", ("%s"):format(seen(number).params.chat_id))
  end)

  it("probe is true for a Bot API server, logs nobody in and sends no token", function()
    local calls = emu:state().calls
    for _, url in ipairs {emu.url, emu.url .. "/", emu.url .. "/bot", emu.url .. "/bot/"} do
      local res, err = botapi.probe(url, {timeout = 10})
      assert.is_nil(err)
      assert.equal("{ok = true, result = true}", tostring(res))
    end
    for _, call in ipairs(emu:calls {since = calls}) do
      assert.is_nil(call.bot)
    end
    local options = {server = emu.url, timeout = 10}
    assert.is_true(botapi.probe(nil, options).ok)
    assert.is_nil(options.ok)
  end)

  it("answers a refusal with the envelope of the server", function()
    local token, number = bot()
    emu:rule {method = "logOut", bot = number, answer = "rate_limited"}
    local res, err = botapi.logout(token, {server = emu.url, timeout = 10})
    assert.is_nil(err)
    assert.same({ok = false, error_code = 429, description = "Too Many Requests: retry after 3",
      parameters = {retry_after = 3}}, res)
    assert.is_true(is_integer(res.error_code) and is_integer(res.parameters.retry_after))
  end)

  it("gets a number of 52 bits as an integer", function()
    local token, number = bot()
    emu:rule {method = "sendMessage", bot = number, answer = "supergroup"}
    local res = botapi.call(token, "sendMessage", {chat_id = 5, text = "x"}, {server = emu.url, timeout = 10})
    assert.equal(-1002147483648123, res.parameters.migrate_to_chat_id)
    assert.is_true(is_integer(res.parameters.migrate_to_chat_id))
    assert.equal("-1002147483648123", ("%.0f"):format(res.parameters.migrate_to_chat_id))
  end)

  it("says maybe for an answer that was lost, whether the server executed it or not", function()
    for name, executed in pairs {lost_answer = true, lost_request = false} do
      local token, number = bot()
      emu:rule {method = "logOut", bot = number, answer = name}
      local res, err = botapi.logout(token, {server = emu.url, timeout = 10})
      assert.is_nil(res)
      assert.equal("network/maybe", err.kind .. "/" .. err.sent)
      local call = seen(number)
      assert.equal(executed, call.executed)
    end
  end)

  it("leaves the state that the server has: the second logOut is refused, another bot isn't", function()
    local token = bot()
    local options = {server = emu.url, timeout = 10}
    assert.is_true(botapi.logout(token, options).ok)
    emu:advance "10ms"   -- right after the first it would be 401
    local res = botapi.logout(token, options)
    assert.equal("Logged out", res.description)
    assert.equal("logged_out", botapi.reason(res))
    assert.is_true(botapi.get_me((bot()), options).ok)
  end)

  it("speaks to a server on IPv6", function()
    local there = emulator.start {as = "local", host = "::1"}
    assert.is_truthy(there.url:find("[::1]", 1, true))
    local res, err = botapi.get_me(there:token(77), {server = there.url, timeout = 10})
    assert.is_nil(err)
    assert.equal(77, res.result.id)
    assert.is_true(botapi.probe(there.url).ok)
    there:close()
  end)
end)

describe("the bytes of a request", function()
  local function request(call)
    local listener = server:open {mode = "ok"}
    local res, err = call("110201543:CANARYsecret", listener.url)
    local told = listener:close()
    assert.is_nil(err, tostring(err))
    assert.is_true(res.ok)
    assert.equal(1, #told.requests)
    return told.requests[1], listener
  end

  it("are a POST with an empty body and its length, for what has no parameters", function()
    for name, method in pairs {logout = "logOut", close_instance = "close", get_me = "getMe",
      get_webhook_info = "getWebhookInfo"} do
      local sent, listener = request(function(token, url) return botapi[name](token, {server = url, timeout = 10}) end)
      assert.equal("/bot110201543:CANARYsecret/" .. method, sent.path)
      assert.equal("", sent.body)
      assert.is_truthy(sent.head:find("\r\nContent-Length: 0\r\n", 1, true))
      assert.is_truthy(sent.head:find("\r\nHost: 127.0.0.1:" .. listener.port .. "\r\n", 1, true))
      assert.is_truthy(sent.head:find("\r\nUser-Agent: botapi/" .. botapi._VERSION .. "\r\n", 1, true))
    end
  end)

  it("have the prefix of the server, and /test in the test environment", function()
    assert.equal("/a/b/bot110201543:CANARYsecret/test/logOut", (request(function(token, url)
      return botapi.logout(token, {server = url .. "/a/b/bot", test = true, timeout = 10})
    end)).path)
    assert.equal("/bot110201543:CANARYsecret/logOut", (request(function(token, url)
      return botapi.logout(token, {server = url, test = false, timeout = 10})
    end)).path)
  end)

  it("reach the test environment's own bot", function()
    local token, number = bot()
    assert.is_true(botapi.get_me(token, {server = emu.url, test = true, timeout = 10}).ok)
    assert.is_true(seen(number).test)
  end)

  it("are a form where there are parameters", function()
    local sent = request(function(token, url)
      return botapi.delete_webhook(token, {drop_pending_updates = true}, {server = url, timeout = 10})
    end)
    assert.equal("drop_pending_updates=true", sent.body)
    assert.is_truthy(sent.head:find("\r\nContent-Type: application/x-www-form-urlencoded\r\n", 1, true))
  end)

  it("are multipart where there is a certificate, with a new boundary each time", function()
    local boundaries = {}
    for i = 1, 2 do
      local sent = request(function(token, url)
        return botapi.set_webhook(token, {url = "https://x/?a=b&c", certificate = CERTIFICATE, max_connections = 5},
          {server = url, timeout = 10})
      end)
      local boundary = sent.head:match("\r\nContent%-Type: multipart/form%-data; boundary=([%w-]+)\r\n")
      assert.is_true(#boundary >= 32)
      boundaries[i] = boundary
      local parts = {}
      local body = sent.body
      assert.equal("--" .. boundary .. "--\r\n", body:sub(-#boundary - 6))
      for head, value in body:gmatch("%-%-" .. boundary:gsub("%-", "%%-") .. "\r\n(.-)\r\n\r\n(.-)\r\n%f[-]") do
        parts[head:match('name="(.-)"')] = {head = head, value = value}
      end
      assert.equal("https://x/?a=b&c", parts.url.value)
      assert.equal("5", parts.max_connections.value)
      assert.is_truthy(body:find("\r\n\r\n" .. CERTIFICATE .. "\r\n--" .. boundary, 1, true))
      assert.is_truthy(parts.certificate.head:find('filename="', 1, true))
      assert.is_nil(parts.url.head:find("filename", 1, true))
    end
    assert.is_not_equal(boundaries[1], boundaries[2])
  end)

  it("of a multipart body are understood by the emulator", function()
    local token = bot()
    local res, err = botapi.set_webhook(token, {url = "https://bot.example/", certificate = process.slurp(certs.ca())},
      {server = emu.url, timeout = 10})
    assert.is_nil(err)
    assert.is_true(res.ok, tostring(res))
    assert.is_true(botapi.get_webhook_info(token, {server = emu.url, timeout = 10}).result.has_custom_certificate)
  end)

  it("of a probe are POST /bot, without a token or anything else", function()
    local listener = server:open {mode = "not_found"}
    assert.is_true(botapi.probe(listener.url .. "/a").ok)
    local sent = listener:close().requests[1]
    assert.equal("POST", sent.verb)
    assert.equal("/a/bot", sent.path)
    assert.equal("", sent.body)
  end)
end)

describe("probe", function()
  it("is nil and a protocol error for what isn't a Bot API server", function()
    for _, mode in ipairs {"ok", "html_200", "html_502", "redirect_302", "empty", "scalar_true", "ok_missing"} do
      local listener = server:open {mode = mode}
      local res, err = botapi.probe(listener.url, {timeout = 10})
      assert.is_nil(res, mode)
      assert.equal("protocol", err.kind, mode)
      assert.equal("probe", err.method)
      assert.equal(1, listener:close().seen())
    end
  end)

  it("is true for any JSON with ok = false, whatever its status", function()
    for _, mode in ipairs {"not_found", "unauthorized", "ok_false_200", "misdirected"} do
      local listener = server:open {mode = mode}
      assert.same({ok = true, result = true}, (botapi.probe(listener.url, {timeout = 10})))
      listener:close()
    end
  end)

  it("tells what kept it from knowing", function()
    local res, err = botapi.probe("http://127.0.0.1:1")
    assert.is_nil(res)
    assert.equal("network/no", err.kind .. "/" .. err.sent)
    local silent = server:open {mode = "request_silence"}
    res, err = botapi.probe(silent.url, {timeout = 0.1})
    assert.is_nil(res)
    assert.equal("timeout/maybe", err.kind .. "/" .. err.sent)
    silent:close()
  end)

  it("goes through a unix socket", function()
    local path = process.directory() .. "probe.sock"
    local listener = server:open {mode = "not_found", unix = path}
    assert.is_true(botapi.probe("http://localhost", {unix_socket = path}).ok)
    listener:close()
  end)

  it("raises for a server that is none, and for options that are wrong", function()
    for _, wrong in ipairs {{"nonsense"}, {5}, {true}, {{}}, {"http://far.example"}, {"http://h", {nonsense = 1}},
      {"http://h", 5}} do
      assert.is_false(pcall(botapi.probe, wrong[1], wrong[2]))
    end
  end)
end)

describe("getUpdates", function()
  it("takes its own timeout besides that of the call", function()
    local silent = server:open {mode = "request_silence"}
    local options = {server = silent.url, timeout = 0.1}
    local function took(method, params)
      local began = monotime()
      local res, err = botapi.call("1:CANARY", method, params, options)
      assert.is_nil(res)
      assert.equal("timeout/maybe", err.kind .. "/" .. err.sent)
      return monotime() - began
    end
    assert.is_true(took("getUpdates", {timeout = 0.3}) >= 0.39)
    assert.is_true(took("GETUPDATES", {timeout = "0.3"}) >= 0.39)
    assert.is_true(took("getUpdates", {timeout = 0}) < 0.3)
    assert.is_true(took("getUpdates", {timeout = -5}) < 0.3)
    assert.is_true(took("getUpdates", {timeout = "x"}) < 0.3)
    assert.is_true(took("getUpdates") < 0.3)
    assert.is_true(took("sendMessage", {timeout = 0.3}) < 0.3)
    silent:close()
  end)

  it("may be given the longest time there is, besides the longest timeout", function()
    local token, number = bot()
    emu:updates(number, {text = "/start"})
    local options = {server = emu.url, timeout = 2147483, connect_timeout = 2147483}
    local res, err = botapi.call(token, "getUpdates", {timeout = 99999}, options)
    assert.is_nil(err)
    assert.equal("/start", res.result[1].message.text)
  end)

  it("takes 100 of the longest messages by default, and no more than it is told", function()
    local token, number = bot()
    for _ = 1, 100 do emu:updates(number, {text = ("\240\159\152\128"):rep(2048)}) end
    local res, err = botapi.call(token, "GETUPDATES", {limit = 100}, {server = emu.url})
    assert.is_nil(err)
    assert.equal(100, #res.result)
    res, err = botapi.call(token, "getUpdates", {offset = 1}, {server = emu.url, max_response = 1048576})
    assert.equal("limit/maybe", tostring(res or err.kind .. "/" .. err.sent))
    local giant = server:open {mode = "body_giant"}
    res, err = botapi.call(token, "getUpdate", nil, {server = giant.url})
    assert.equal("limit/maybe", tostring(res or err.kind .. "/" .. err.sent))
    giant:close()
  end)

  it("is given its updates by the emulator", function()
    local token, number = bot()
    emu:updates(number, {text = "/start"})
    local res, err = botapi.call(token, "getUpdates", {timeout = 5}, {server = emu.url, timeout = 5})
    assert.is_nil(err)
    assert.equal("/start", res.result[1].message.text)
  end)
end)

describe("call", function()
  it("raises for a method that isn't a name of letters, without repeating it", function()
    for _, method in ipairs {"", "log/Out", "get me", "getMe?", "getMe1", "get_me", "../x", "getMe\0", "CANARY:1",
      ("x"):rep(64), "getM\195\169"} do
      local ok, message = pcall(botapi.call, "1:x", method)
      assert.is_false(ok, method)
      assert.is_truthy(message:find("bad argument #2", 1, true), message)
      assert.is_nil(message:find("CANARY", 1, true))
    end
    for _, method in ipairs {true, {}, print} do
      assert.is_false(pcall(botapi.call, "1:x", method))
    end
    assert.is_false(pcall(botapi.call, "1:x"))
  end)

  it("takes any name of up to 63 letters, and knows no parameters", function()
    local listener = server:open {mode = "ok"}
    local name = ("a"):rep(63)
    assert.is_true(botapi.call("1:x", name, {anything = 1}, {server = listener.url}).ok)
    assert.is_true(botapi.call("1:x", "setWebhook", {nonsense = 1}, {server = listener.url}).ok)
    local told = listener:close()
    assert.equal("/bot1:x/" .. name, told.requests[1].path)
  end)
end)

describe("a blocking function in a coroutine", function()
  it("works as outside of one", function()
    local listener = server:open {mode = "ok"}
    local res = coroutine.wrap(function() return botapi.logout("1:x", {server = listener.url}) end)()
    assert.is_true(res.ok)
    listener:close()
  end)

  it("may be made in the handler of an error", function()
    local listener = server:open {mode = "ok"}
    local _, res = xpcall(error, function() return botapi.get_me("1:x", {server = listener.url}) end)
    assert.is_true(res.ok)
    listener:close()
    assert.equal(0, core.live().calls)
  end)
end)
