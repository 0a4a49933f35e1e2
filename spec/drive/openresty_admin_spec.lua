-- SPDX-License-Identifier: MIT
-- The admin endpoint of examples/openresty, by HTTP: who may ask, what it answers, what it never tells.

local blocks = require "support.blocks"
local canary = require "support.canary"
local demo = require "support.demo"
local emulator = require "botapi.emulator"
local json = require("cjson.safe").new()
local nginx = require "support.nginx"
local process = require "support.process"

local missing = nginx.missing() or demo.missing()

local SECRETS = { "T0k3n-0f_N0" }

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

  it("takes the key in a header of its own, beside a login for a proxy in front", function()
    for _, other in ipairs { "", "Basic dXNlcjp3b3Jk", "Bearer CANARY" } do
      assert.equal(200, admin:ask("GET", "/admin/bots",
        { Authorization = other, ["X-Botapi-Key"] = admin.key }).status, other)
    end
    assert.equal(401, admin:ask("GET", "/admin/bots", { ["X-Botapi-Key"] = "CANARY" }).status)
  end)

  it("knows its own page by what browsers say, whatever a proxy in front has made of the host", function()
    local headers = { Origin = "https://bots.example.org", ["Sec-Fetch-Site"] = "same-origin" }
    assert.equal(200, admin:ask("GET", "/admin/bots", headers).status)
    headers["Sec-Fetch-Site"] = nil
    local answer = admin:ask("GET", "/admin/bots", headers)
    assert.equal(403, answer.status)
    assert.is_truthy(answer.body:find("a proxy in front doesn't pass the header Host on", 1, true))
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
    for _, force in ipairs { "null", '"yes"', "1", "0", "{}" } do
      assert.equal(400, (logout("shop", { body = '{"name":"shop","force":' .. force .. "}" })).status, force)
    end
    answer, body = logout("shop", { body = '{"name":"shop","force":false}' })
    assert.same({ 409, "left", bot.at }, { answer.status, body.state, body.at })
    assert.equal(1, admin:calls())
    answer, body = logout("shop", { body = '{"name":"shop","force":true}' })
    assert.equal("200 logged_out", answer.status .. " " .. tostring(body.reason))
    assert.equal(2, admin:calls())
  end)

  it("says what it knows when no server answers", function()
    local answer, body = logout "gone"
    assert.equal(502, answer.status)
    assert.same({ false, "network", "no", "network", "not_sent" },
      { body.ok, body.kind, body.sent, body.reason, body.outcome })
    assert.is_true(#body.explanation > 20)
    assert.equal("unknown", json.decode(admin:ask("GET", "/admin/bots").body).result.bots[4].state)
  end)

  it("answers in JSON whatever a server sends", function()
    for _, text in ipairs { '{"ok":false,"error_code":429,"description":"x","parameters":{"retry_after":1e999}}',
      '{"ok":false,"error_code":400,"description":"x","retry_after":-1e999}', '{"ok":false,"error_code":1e999}',
      '{"ok":false,"error_code":400,"description":{"a":[1e999]},"b":1e999}', '{"ok":true,"result":{"a":1e999}}' } do
      admin:rule { bot = 1000002, times = 3, ["then"] = { status = 400, type = "application/json", body = text } }
      local answer, body = logout("news", { body = '{"name":"news","force":true}' })
      assert.is_table(body, answer.body)
      admin:forget_rules()
    end
  end)

  it("doesn't take ok for done where the result is another one", function()
    admin:rule { bot = 1000002, ["then"] = { result = false } }
    local answer, body = logout("news", { body = '{"name":"news","force":true}' })
    assert.same({ 409, true, false, "refused" }, { answer.status, body.ok, body.result, body.outcome })
  end)

  it("shows no form of the token that a hostile server sends", function()
    local token = "1000002:AAEm-ul8d_T0k3n-0f_N0-r3al_B0t-x1y2z"
    local secrets = { (token:match ":(.*)") }
    local shown = {}
    for _, form in ipairs(canary.forms(token)) do
      for _, answer in ipairs {
        { error_code = 403, description = form[2] },
        { status = 302, headers = { Location = "https://h/" .. form[2]:gsub("%c", "") }, body = form[2] },
        { raw = ("HTTP/1.1 404 %s\r\nContent-Length: 0\r\n\r\n"):format(form[2]) },
        { status = 200, type = "application/json", body = json.encode { ok = false, [form[2]] = form[2] } } } do
        admin:rule { bot = 1000002, ["then"] = answer }
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

  it("writes slashes as they are", function()
    for _, body in ipairs { admin:ask("GET", "/admin/bots").body, (logout "a/b").body } do
      assert.is_nil(body:find("\\/", 1, true), body)
    end
    assert.equal("http://127.0.0.1:9", json.decode(admin:ask("GET", "/admin/bots").body).result.bots[4].server)
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

describe("the admin endpoint, when its code is loaded anew,", function()
  if missing then
    pending(missing)
    return
  end
  local admin
  before_each(function() admin = demo.start() end)
  after_each(function() admin:stop() end)

  local function logout(name)
    return admin:ask("POST", "/admin/bots/" .. name .. "/logout", { ["Content-Type"] = "application/json" },
      ('{"name":"%s"}'):format(name))
  end

  -- Of each bot, as every worker sees it.
  local function states()
    local seen = {}
    for _ = 1, 8 do
      for _, bot in ipairs(json.decode(admin:ask("GET", "/admin/bots").body).result.bots) do
        seen[bot.name .. " " .. bot.state] = true
      end
    end
    return seen
  end

  -- Logs shop out; whoever is asked from then on knows it.
  local function check_shared(calls)
    assert.equal(200, logout "shop".status)
    for _ = 1, 8 do assert.equal(409, logout "shop".status) end
    local expected = { ["shop left"] = true, ["news unknown"] = true, ["weather unknown"] = true,
      ["gone unknown"] = true }
    assert.same(expected, states())
    assert.equal(calls, admin:calls())
    return expected
  end

  it("knows in all workers what any of them has done, also before a HUP", function()
    local expected = check_shared(1)
    admin:reload("worker_processes 2", "worker_processes 4")
    assert.same(expected, states())
    for _ = 1, 8 do assert.equal(409, logout "shop".status) end
    assert.equal(1, admin:calls())
  end)

  it("knows it where each request loads the code: lua_code_cache off", function()
    admin:reload("lua_shared_dict", "lua_code_cache off;\n  %0")
    check_shared(1)
  end)

  it("knows of a logout that runs in a worker from before a HUP", function()
    admin:rule { bot = 1000001, method = "logOut", ["then"] = { execute = true, delay = "50s" } }
    local child = process.start { "curl", "-s", "-H", "Authorization: Bearer " .. admin.key, "--json",
      '{"name":"shop"}', admin.url .. "bots/shop/logout", name = "curl" }
    admin:await_calls(1)
    admin:reload("worker_processes 2", "worker_processes 4", nil, "go on")
    local said = logout "shop"
    assert.same({ 409, "running" }, { said.status, json.decode(said.body).state })
    assert.is_true(states()["shop running"])
    admin:advance "50s"
    assert.is_true(json.decode(child:line()).ok)
    assert.is_true(states()["shop left"])
    assert.equal(1, admin:calls())
  end)

  it("has another key after a HUP, and other bots", function()
    local key = ("another-key-"):rep(3)
    admin:reload("%x+", key, "key")
    assert.equal(401, admin:ask("GET", "/admin/bots").status)
    admin.key = key
    admin:reload("news +%S+ %S+\n", "", "bots")
    assert.is_nil(states()["news unknown"])
    assert.equal(404, logout "news".status)
  end)

  local function await_log(text)
    admin.client:await(function() return admin:log "error":find(text, 1, true) end, text)
  end

  it("says at its start that a worker can't write a journal, and logs why a logout gets 500", function()
    local place = process.quote(admin.dir .. "journal")
    assert(process.run(("rm -r %s && touch %s"):format(place, place)))
    admin:reload("worker_processes 2", "worker_processes 1")
    local user = process.capture "id -un":match "%S+"
    await_log("botapi admin: BOTAPI_JOURNAL: this worker, of the user " .. user .. ", can't write to ")
    await_log "/journal: "
    assert.equal(500, logout "shop".status)
    await_log "botapi admin: nothing was sent: the journal can't be opened: "
    assert.equal(0, admin:calls())
  end)

  it("names the user of nginx.conf whom the directory of the journals isn't for", function()
    if process.capture "id -u" ~= "0\n" then return pending "only root may have workers of another user" end
    admin:reload("user root;", "user www-data;")
    await_log "this worker, of the user www-data, can't write to "
    await_log "/journal: "
    await_log "Permission denied"
  end)
end)

describe("the setup of docs/openresty.md", function()
  if missing then
    pending(missing)
    return
  end
  local prefix = process.root .. "build/demo-openresty/recipe"
  local port = nginx.free_port()
  local emu, user

  lazy_setup(function() emu = emulator.start() end)
  lazy_teardown(function() emu:close() end)

  local function here() return process.capture("cd " .. process.quote(process.root) .. " && pwd"):match "[^\n]+" end

  -- Whom the workers can run as here: who doesn't have to be able to read this tree.
  local function user_here()
    local reads = ("setpriv --reuid www-data --clear-groups test -r %s/lua/botapi.lua"):format(process.quote(here()))
    return process.run("(" .. reads .. ") 2>/dev/null") and "www-data" or process.capture "id -un":match "%S+"
  end

  -- A block with this place, this port and this bot.
  local function run(text)
    text = text:gsub("/srv/botapi%-admin", here() .. "/build/demo-openresty/recipe"):gsub("8088", port)
    text = text:gsub("chown www%-data", "chown " .. user):gsub("http://127.0.0.1:8081", emu.url)
    text = text:gsub("(cp %-R [^\n]+)", "%1\nsed -i -e 's,8088," .. port .. ",' -e 's,www-data," .. user
      .. ",' $prefix/nginx.conf")
    local ok, said = blocks.shell("BOT_TOKEN=" .. emu:token(5) .. "\n" .. text)
    assert(ok, said)
    return said
  end

  it("works as it is written: the list, a logout, and other bots after a reload", function()
    user = user_here()
    assert(process.run("rm -rf " .. process.quote(prefix)))
    local found = {}
    for _, block in ipairs(blocks.read(process.slurp(process.root .. "docs/openresty.md"))) do
      if block.info == "sh admin" then found[#found + 1] = block.text end
    end
    assert.equal(2, #found)
    local place = found[1]:match "[^\n]+\n"
    finally(function() process.run("kill $(cat " .. process.quote(prefix .. "/logs/nginx.pid") .. ")") end)
    run(found[1])
    local client = nginx.at(port)
    client:await(function() return client:get "/admin/" end, "the endpoint starts")
    local said = run(place .. found[2]:gsub("nginx %-p", "echo \"other $BOT_TOKEN\" >>$prefix/bots\n%0"))
    assert.is_truthy(said:find('"name":"shop"', 1, true), said)
    assert.is_truthy(said:find('"outcome":"done"', 1, true), said)
    assert.equal(1, #emu:calls { method = "logOut" })
    local key = process.slurp(prefix .. "/key"):match "%x+"
    client:await(function()
      return client:get("/admin/bots", { ["X-Botapi-Key"] = key }).body:find('"name":"other"', 1, true)
    end, "the reload")
    assert.is_nil((process.slurp(prefix .. "/logs/error.log") or ""):find("botapi admin", 1, true))
    assert.equal("5.jsonl\n5.jsonl.lock\n", process.capture("ls -A " .. process.quote(prefix .. "/journal")))
  end)
end)
