-- SPDX-License-Identifier: MIT
-- The admin endpoint of examples/openresty, by HTTP: who may ask, what it answers, what it never tells.

local canary = require "support.canary"
local demo = require "support.demo"
local json = require("cjson.safe").new()
local nginx = require "support.nginx"
local process = require "support.process"

local missing = nginx.missing() or demo.missing()

local SECRETS = { "demo-secret" }

describe("the admin endpoint", function()
  if missing then
    pending(missing)
    return
  end
  local admin
  lazy_setup(function() admin = demo.start() end)
  lazy_teardown(function()
    if admin then admin:stop() end
  end)

  -- Logs one out; `change` replaces parts of what is right.
  local function logout(name, change)
    change = change or {}
    local headers = { ["Content-Type"] = "application/json" }
    for key, value in pairs(change.headers or {}) do headers[key] = value end
    local answer = admin:ask(change.verb or "POST", "/admin/bots/" .. name .. "/logout", headers,
      change.body or ('{"name":"%s"}'):format(name))
    return answer, json.decode(answer.body)
  end

  it("tells nobody anything without the key", function()
    for _, key in ipairs { "", "Bearer", "Bearer ", "Bearer CANARY", "Basic " .. admin.key,
      "Bearer " .. admin.key .. "x", "Bearer " .. admin.key:sub(1, -2) } do
      local answer = admin:ask("GET", "/admin/bots", { Authorization = key })
      assert.equal(401, answer.status, key)
      assert.equal('Bearer realm="botapi"', answer.headers["www-authenticate"])
      local body = json.decode(answer.body)
      assert.is_false(body.ok)
      assert.equal(401, body.error_code)
      assert.is_nil(body.result)
    end
  end)

  it("takes no key from a URL", function()
    assert.equal(401, admin:ask("GET", "/admin/bots?key=" .. admin.key, { Authorization = "" }).status)
  end)

  it("lists bots without a request that holds a token", function()
    local answer = admin:ask("GET", "/admin/bots")
    assert.equal(200, answer.status)
    assert.equal("no-store", answer.headers["cache-control"])
    local body = json.decode(answer.body)
    assert.is_true(body.ok)
    local names = {}
    for i, bot in ipairs(body.result.bots) do
      names[i] = bot.name .. " " .. bot.id .. " " .. bot.state .. " " .. bot.server_state
    end
    assert.same({ "shop 1000001 unknown answers", "news 1000002 unknown answers", "weather 1000003 unknown answers",
      "gone 1000004 unknown network" }, names)
    assert.equal(0, admin:calls())
  end)

  it("does nothing that another site asks for", function()
    for _, headers in ipairs { { Origin = "https://example.org" }, { Origin = "null" },
      { ["Sec-Fetch-Site"] = "cross-site" }, { ["Sec-Fetch-Site"] = "same-site" } } do
      assert.equal(403, (logout("news", { headers = headers })).status)
    end
    for _, kind in ipairs { "application/x-www-form-urlencoded", "text/plain", "" } do
      assert.equal(415, (logout("news", { headers = { ["Content-Type"] = kind } })).status)
    end
    assert.is_nil(admin:ask("OPTIONS", "/admin/bots").headers["access-control-allow-origin"])
    assert.equal(0, admin:calls())
  end)

  it("does nothing by GET, for another name, or for none", function()
    assert.equal(405, (logout("news", { verb = "GET", body = "" })).status)
    for _, body in ipairs { '{"name":"shop"}', "{}", "", "null", "[", '"news"' } do
      assert.equal(400, (logout("news", { body = body })).status, body)
    end
    assert.equal(404, (logout "nobody").status)
    assert.equal(404, (logout "..%2f..").status)
    assert.equal(413, (logout("news", { body = ("x"):rep(5000) })).status)
    assert.equal(0, admin:calls())
  end)

  it("logs out, mirrors the envelope, and remembers it", function()
    local answer, body = logout("shop", { headers = { Origin = "http://127.0.0.1:" .. admin.port,
      ["Sec-Fetch-Site"] = "same-origin" } })
    assert.equal(200, answer.status)
    assert.is_true(body.ok)
    assert.is_true(body.result)
    assert.equal(1, admin:calls())
    local bot = json.decode(admin:ask("GET", "/admin/bots").body).result.bots[1]
    assert.equal("left", bot.state)
    assert.is_true(bot.at > 1e9)
    assert.equal(409, (logout "shop").status)
    assert.equal(1, admin:calls())
    answer, body = logout("shop", { body = '{"name":"shop","force":true}' })
    assert.equal("200 logged_out", answer.status .. " " .. tostring(body.reason))
    assert.equal(2, admin:calls())
  end)

  it("says what it knows when no server answers", function()
    local answer, body = logout "gone"
    assert.equal(502, answer.status)
    assert.same({ false, "network", "no", "network" }, { body.ok, body.kind, body.sent, body.reason })
    assert.is_true(#body.explanation > 20)
    assert.equal("unknown", json.decode(admin:ask("GET", "/admin/bots").body).result.bots[4].state)
  end)

  it("shows no form of the token that a hostile server sends", function()
    local token = "1000002:demo-secret-of-the-news-bot-00000020"
    local secrets, emulator = { (token:match ":(.*)") }, nginx.at(admin.emulator)
    local shown = {}
    for _, form in ipairs(canary.forms(token)) do
      for _, answer in ipairs {
        { error_code = 403, description = form[2] },
        { status = 302, headers = { Location = "https://h/" .. form[2]:gsub("%c", "") }, body = form[2] },
        { raw = ("HTTP/1.1 404 %s\r\nContent-Length: 0\r\n\r\n"):format(form[2]) },
        { status = 200, type = "application/json", body = json.encode { ok = false, [form[2]] = form[2] } } } do
        local body = json.encode { bot = 1000002, ["then"] = answer }
        local made = emulator:request("POST", "/_emulator/rules", { Host = "127.0.0.1:" .. admin.emulator,
          ["Content-Type"] = "application/json" }, body)
        assert.is_true(made.status < 300, made.body)
        local said = logout("news", { body = '{"name":"news","force":true}' })
        assert.is_true(said.status >= 400, said.body)
        for _, text in ipairs { said.body, admin:ask("GET", "/admin/bots").body } do
          if canary.shown(text, secrets) then shown[#shown + 1] = form[1] .. ": " .. text end
        end
      end
    end
    for _, which in ipairs { "access", "error" } do
      assert.is_nil(canary.shown(admin:log(which), secrets), which)
    end
    assert.is_nil(canary.shown(process.capture("cat " .. process.quote(admin.dir) .. "journal/*"), secrets))
    assert.same({}, shown)
  end)

  it("slows down who asks too often, in its own words", function()
    local seen, wrong = {}, { Authorization = "Bearer CANARY" }
    assert.equal(401, admin:ask("GET", "/admin/bots", wrong).status)   -- which waits where the specs before were many
    for _ = 1, 60 do
      local answer = admin:ask_once("GET", "/admin/bots", wrong)
      seen[answer.status] = answer
    end
    assert.equal("3", seen[429].headers["retry-after"])
    assert.equal(3, json.decode(seen[429].body).parameters.retry_after)
  end)

  it("serves its page with a policy that runs nothing else", function()
    local answer = admin:ask("GET", "/admin/", { Authorization = "" })
    assert.equal(200, answer.status)
    assert.is_truthy(answer.headers["content-security-policy"]:find("default-src 'none'", 1, true))
    assert.is_nil(answer.body:find("<script>", 1, true))
    assert.equal(404, admin:ask("GET", "/admin/../bots").status)
    for _, name in ipairs { "key", "bots", "admin.lua", "nginx.conf" } do
      assert.equal(404, admin:ask("GET", "/" .. name).status, name)
    end
  end)

  it("writes no token and no key into a log or a journal", function()
    -- but for the one that a request above wrote into its URL
    local texts = { (admin:log "access":gsub("%?key=%x+", "")), admin:log "error",
      process.capture("cat " .. process.quote(admin.dir) .. "journal/*.jsonl") }
    for _, text in ipairs(texts) do
      for _, secret in ipairs { SECRETS[1], admin.key, "CANARY" } do
        assert.is_nil(text:find(secret, 1, true))
      end
    end
    assert.equal("", (texts[2]:gsub("[^\n]*client intended to send too large body[^\n]*\n", "")))
    assert.is_truthy(texts[3]:find("logOut", 1, true))
  end)
end)
