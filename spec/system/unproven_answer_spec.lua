-- SPDX-License-Identifier: MIT
-- What is made of an answer that is ok and proves nothing, and of one that a front gives: library, bot, move and fleet.

local botapi = require "botapi"
local moves = require "support.moves"
local replies = require "support.replies"

-- The real server answers each of these methods with true (spec/real_server/data). Other servers may say what they
-- did in other words, as Bale's do; without a result nothing is said.
local changes = { logOut = { "logout" }, close = { "close_instance" }, deleteWebhook = { "delete_webhook" },
  setWebhook = { "set_webhook", { url = "https://bot.example/" } } }
local none = { ["null"] = '{"ok":true,"result":null}', ["absent"] = '{"ok":true}' }
local other = { ["a string"] = '{"ok":true,"result":"x"}', ["a number"] = '{"ok":true,"result":1}',
  ["an object"] = '{"ok":true,"result":{"logged_out":true}}' }
local FALSE = '{"ok":true,"result":false}'

describe("an answer that is ok", function()
  for method in pairs(changes) do
    for name, body in pairs(none) do
      it(("isn't told as done where the result of %s is %s"):format(method, name), function()
        local res, err = replies.json(body, nil, nil, { method = method })
        assert.same({ { ok = true } }, { res, err })
        local said = botapi.explain(res)
        assert.matches("isn't known what it did", said)
      end)
    end

    it("is a result where " .. method .. " gets true or false, and only true is told as done", function()
      assert.is_true(botapi.explain(replies.json('{"ok":true,"result":true}', nil, nil, { method = method }))
        :find("The server did it", 1, true) ~= nil)
      local res, err = replies.json(FALSE, nil, nil, { method = method })
      assert.same({ false, nil }, { res.result, err })
      assert.is_nil(botapi.explain(res):find("did it", 1, true))
    end)
  end

  it("is taken as it is of a method that answers something else", function()
    for _, body in pairs(other) do
      local res = replies.json(body, nil, nil, { method = "getMe" })
      assert.is_true(res.ok)
      assert.is_nil(botapi.explain(res):find("did it", 1, true))
    end
  end)
end)

describe("what proves nothing", function()
  local servers, id, token, path

  setup(function() servers = moves.servers() end)
  teardown(function() servers.close() end)
  before_each(function()
    id, token = moves.new_bot()
    path = moves.journal()
    servers.pair:put(id, { state = "logged_in", username = "shop_bot" }, "cloud")
  end)
  after_each(function()
    moves.remove(path)
    servers.pair:unrule()
  end)

  local function rule(method, answer, more)
    local fault = { bot = id, method = method, answer = answer, times = 0 }
    for name, value in pairs(more or {}) do fault[name] = value end
    servers.pair:rule(fault)
  end

  local function move(more)
    local options = { from = { server = servers.cloud, as = "cloud" }, to = servers.near, journal = path, retries = 0 }
    for name, value in pairs(more or {}) do options[name] = value end
    return moves.move(token, options)
  end

  local function raw(body) return { status = 200, type = "application/json", body = body } end

  for name, body in pairs(other) do
    it("is done in other words, in a move and a fleet: " .. name, function()
      rule("logOut", { status = 200, type = "application/json", body = body, execute = true })
      assert.equal("done", move().status)
      servers.pair:put(id, { state = "logged_in" }, "cloud")
      local report = botapi.fleet({ token }, { action = "logout", server = servers.cloud, retries = 0 })
      assert.same({ 1, 0 }, { report.by_outcome.done, report.exit })
    end)
  end

  for name, body in pairs(none) do
    it("lets a bot go on asking its server: " .. name, function()
      local bot = botapi.bot(token, { server = servers.cloud, retries = 3 })
      rule("logOut", raw(body))
      assert.is_true(bot:logout().ok)
      assert.equal(1, #servers.pair:calls { bot = id, method = "logOut" })
      assert.is_true(bot:get_me().ok)
    end)

    it("leaves a move unknown, and open: " .. name, function()
      rule("logOut", raw(body))
      local report = move()
      assert.same({ "unknown", 4, "maybe" }, { report.status, report.exit, report.sent })
      assert.matches("The answer was ok, and had no result%.", report.text)
      assert.matches("once, before", report.text)
      assert.equal(0, #servers.pair:calls { bot = id, server = "local", method = "getMe" })
      servers.pair:unrule()
      assert.equal("done", move().status)
      assert.is_false(servers.pair:bot(id, "local").double_login)
    end)

    it("isn't done in a fleet: " .. name, function()
      rule("logOut", raw(body))
      local report = botapi.fleet({ token }, { action = "logout", server = servers.cloud, retries = 0 })
      assert.same({ 1, 4 }, { report.by_outcome.unknown, report.exit })
    end)
  end

  it("is false: a move and a fleet are refused, and say so", function()
    rule("logOut", raw(FALSE))
    local report = move()
    assert.same({ "refused", "the server said ok, and not that it was done" }, { report.status, report.message })
    assert.matches("it wasn't done", report.text)
    local fleet = botapi.fleet({ token }, { action = "logout", server = servers.cloud, retries = 0 })
    assert.equal(1, fleet.by_outcome.refused)
  end)

  for _, method in ipairs { "setWebhook", "deleteWebhook" } do
    it("doesn't set or take off a webhook of a move: " .. method, function()
      servers.pair:put(id, { webhook = { url = "https://bot.example/h" } }, "cloud")
      local there = method == "setWebhook" and "local" or "cloud"
      for _, body in ipairs { none.absent, FALSE } do
        rule(method, raw(body), { server = there })
        local report = move { webhook = { url = "https://bot.example/h" }, secret_token = false,
          drain = function() end }
        assert.is_false(report.ok)
        servers.pair:unrule()
      end
      assert.is_true(move { webhook = { url = "https://bot.example/h" }, secret_token = false,
        drain = function() end }.ok)
    end)
  end

  it("is a redirect: an error has where it leads, without the token and in one line", function()
    local _, err = replies.to("HTTP/1.1 301 Moved\r\nLocation: https://h\127\194\133.example/bot" .. replies.token
      .. "/logOut\r\nContent-Length: 0\r\n\r\n", { method = "logOut" })
    assert.matches("^https://h.*%.example/bot%*%*%*/logOut$", err.location)
    assert.is_nil(err.location:find("[%c\127]"))
    assert.is_truthy(botapi.explain(nil, err):find("redirects (HTTP 301) to " .. err.location .. ",", 1, true))
    _, err = replies.to("HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n")
    assert.matches("^http://127%.0%.0%.1:%d+/login$", err.location)
    _, err = replies.to("HTTP/1.1 302 Found\r\nLocation: https://u:word@h/" .. ("x"):rep(5000)
      .. "\r\nContent-Length: 0\r\n\r\n")
    assert.is_true(#err.location <= 200)
    assert.is_nil(err.location:find("word", 1, true))
    _, err = replies.to("HTTP/1.1 404 Not Found\r\nLocation: https://h/\r\nContent-Length: 0\r\n\r\n")
    assert.is_nil(err.location)
  end)

  for name, answer in pairs {
    ["a redirect"] = { status = 301, headers = { Location = "https://login.example/" }, body = "" },
    ["a page"] = { status = 404, type = "text/html", body = "<html>" },
    ["a login page"] = { status = 200, type = "text/html", body = "<html>" },
  } do
    it("is " .. name .. " in answer to a move's logOut: it isn't told to repeat it", function()
      rule("logOut", answer)
      local report = move()
      assert.same({ "unknown", 4 }, { report.status, report.exit })
      local flat = report.text:gsub("%s+", " ")
      assert.is_truthy(flat:find(report.explanation, 1, true), report.text)
      assert.matches("Do correct the server's address", flat)
      assert.is_nil(flat:find("again before", 1, true), flat)
      assert.is_nil(flat:find("same command", 1, true), flat)
      if answer.headers then assert.is_truthy(flat:find("to https://login.example/,", 1, true), flat) end
    end)
  end
end)
