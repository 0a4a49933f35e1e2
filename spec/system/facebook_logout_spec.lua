-- SPDX-License-Identifier: MIT
-- Specifies the logout of a Facebook session against the emulator: each fault at each step, and the requests that came.

local base64 = require "botapi.base64"
local botapi = require "botapi"
local facebook = botapi.facebook
local libcurl = require "support.libcurl"
local live = require "support.live"
local process = require "support.process"
local support = require "support.facebook"

local STEPS = { "home", "settings_menu", "logout", "landing" }

describe("a Facebook session", function()
  local emu, before
  lazy_setup(function() emu = require "botapi.emulator".start { as = "facebook" } end)
  lazy_teardown(function() emu:close() end)
  before_each(function()
    emu:reset()
    before = live.note()
  end)
  after_each(function()
    support.check_calls(emu)
    before:check()
  end)

  local function options(more)
    local all = emu:facebook()
    all.timeout, all.retries = 10, 0
    for name, value in pairs(more or {}) do all[name] = value end
    return all
  end

  -- How often each page was asked for: {1, 1, 1, 1}.
  local function counts()
    local list = {}
    for i, step in ipairs(STEPS) do list[i] = #emu:calls { method = step } end
    assert.equal(list[1] + list[2] + list[3] + list[4], #emu:calls())
    return list
  end

  local function logout(more)
    local res, err = facebook.logout(support.appstate(), options(more))
    for _, value in pairs { res or err, facebook.explain(res, err), botapi.reason(res, err) } do
      support.check(value)
    end
    if not (res and res.ok) then support.check(select(2, botapi.check(res, err))) end
    return res, err
  end

  it("is logged out with four requests, its forms filled and its cookies kept", function()
    local res, err = logout()
    assert.is_nil(err)
    assert.same({ ok = true, result = true }, res)
    assert.equal("{ok = true, result = true}", tostring(res))
    assert.same({ 1, 1, 1, 1 }, counts())
    local calls = emu:calls()
    assert.same({ "GET", "POST", "POST", "GET" }, { calls[1].verb, calls[2].verb, calls[3].verb, calls[4].verb })
    assert.equal("0", calls[2].params.pmid)
    assert.equal("mb", calls[3].params.ref)
    assert.is_true(calls[3].executed)
  end)

  it("is dead afterwards: it refuses, sends nothing, and has no cookies", function()
    local session = assert(facebook.session(support.appstate(), options()))
    assert.is_true(session:logout().ok)
    for _ = 1, 2 do
      local res, err = session:logout()
      assert.is_nil(res)
      assert.same({ "logged_out", "no", "logged_out" }, { err.kind, err.sent, botapi.reason(res, err) })
      support.check(err)
    end
    assert.same({}, session:cookies())
    assert.is_truthy(tostring(session):find(", logged out", 1, true))
    assert.same({ 1, 1, 1, 1 }, counts())
  end)

  it("that has logged out elsewhere gets no further than the first page", function()
    local appstate = support.appstate()
    assert.is_true(facebook.logout(appstate, options()).ok)
    emu:forget()
    local res, err = facebook.logout(appstate, options())
    assert.is_nil(res)
    assert.same({ "logged_out", "no", "login" }, { err.kind, err.sent, err.page })
    assert.same({ 1, 0, 0, 0 }, counts())
  end)

  it("keeps the cookies that an answer brings", function()
    emu:rule { method = "settings_menu", times = 0, answer = "no_form" }
    local session = assert(facebook.session(support.appstate(), options()))
    session:logout()
    local fr
    for _, cookie in ipairs(session:cookies()) do fr = cookie.key == "fr" and cookie or fr end
    assert.equal("emulated.1", fr.value)
    -- libcurl from 8.12 on keeps no cookie for more than 400 days (curl 386f570df6); where time_t has 32 bits, neither
    -- libcurl nor Lua has a later time than 2038
    local far = pcall(os.time, {year = 2100, month = 1, day = 1}) and "2100-01-01T" or "2038-01-19T"
    local latest = os.date("!%Y-%m-%dT", os.time() + 400 * 86400 + 60)
    assert.equal(libcurl.at_least "8.12" and latest or far, fr.expires:match "^.-T")
    assert.equal(5, #session:cookies())
  end)

  it("keeps a cookie that is too long to be sent", function()
    emu:rule { method = "settings_menu", answer = "no_form" }
    local appstate = support.appstate()
    appstate[5] = { key = "long", value = ("x"):rep(5000) }
    local session = assert(facebook.session(appstate, options()))
    session:logout()
    assert.equal(6, #session:cookies())
  end)

  -- Fault, step, requests, what comes back: kind/sent/page, an error_code, or "ok".
  local cases = {
    { "not_logged_in", "settings_menu", { 1, 1, 0, 0 }, 1357001 },
    { "not_logged_in", "logout", { 1, 1, 1, 0 }, 1357001 },
    { "refused", "settings_menu", { 1, 1, 0, 0 }, 1357004 },
    { "no_token", "home", { 1, 0, 0, 0 }, "protocol/no" },
    { "no_entry", "settings_menu", { 1, 1, 0, 0 }, "protocol/no" },
    { "no_form", "settings_menu", { 1, 1, 0, 0 }, "protocol/no" },
    { "not_json", "settings_menu", { 1, 1, 0, 0 }, "protocol/no" },
    { "checkpoint", "home", { 1, 0, 0, 0 }, "protocol/no/checkpoint" },
    { "checkpoint", "settings_menu", { 1, 1, 0, 0 }, "protocol/no/checkpoint" },
    { "checkpoint", "logout", { 1, 1, 1, 0 }, "protocol/yes/checkpoint" },
    { "checkpoint_page", "home", { 1, 0, 0, 0 }, "protocol/no/checkpoint" },
    { "checkpoint_page", "settings_menu", { 1, 1, 0, 0 }, "protocol/no/checkpoint" },
    { "checkpoint_page", "logout", { 1, 1, 1, 0 }, "protocol/yes/checkpoint" },
    { "login", "home", { 1, 0, 0, 0 }, "logged_out/no/login" },
    { "login", "settings_menu", { 1, 1, 0, 0 }, "logged_out/no/login" },
    { "login_page", "home", { 1, 0, 0, 0 }, "logged_out/no/login" },
    { "cleared", "home", { 1, 0, 0, 0 }, "logged_out/no/login" },
    { "elsewhere", "home", { 1, 0, 0, 0 }, "protocol/no" },
    { "elsewhere", "settings_menu", { 1, 1, 0, 0 }, "protocol/no" },
    { "elsewhere", "logout", { 1, 1, 1, 0 }, "protocol/yes" },
    { "messenger", "home", { 1, 0, 0, 0 }, "protocol/no" },
    { "messenger", "logout", { 1, 1, 1, 0 }, "ok" },
    { "nothing", "logout", { 1, 1, 1, 0 }, "protocol/yes" },
    { "cleared", "logout", { 1, 1, 1, 0 }, "ok" },
    { "unavailable", "home", { 1, 0, 0, 0 }, "protocol/no" },
    { "unavailable", "settings_menu", { 1, 1, 0, 0 }, "protocol/no" },
    { "unavailable", "logout", { 1, 1, 1, 0 }, "protocol/yes" },
    { "unavailable", "landing", { 1, 1, 1, 1 }, "ok", "HTTP 503" },
    { "lost_answer", "home", { 1, 0, 0, 0 }, "network/no" },
    { "lost_answer", "settings_menu", { 1, 1, 0, 0 }, "network/no" },
    { "lost_answer", "logout", { 1, 1, 1, 0 }, "network/maybe" },
    { "lost_request", "logout", { 1, 1, 1, 0 }, "network/maybe" },
    { "truncated", "logout", { 1, 1, 1, 0 }, "network/maybe" },
    { "garbage", "logout", { 1, 1, 1, 0 }, "protocol/maybe" },
    { "lost_answer", "landing", { 1, 1, 1, 1 }, "ok", "network" },
    { "elsewhere", "landing", { 1, 1, 1, 1 }, "ok" },
    { "checkpoint", "landing", { 1, 1, 1, 1 }, "ok" },
  }
  for _, case in ipairs(cases) do
    it(("gets %s for %s at %s"):format(case[4], case[1], case[2]), function()
      emu:rule { method = case[2], answer = case[1] }
      local res, err = logout()
      assert.same(case[3], counts())
      if type(case[4]) == "number" then
        assert.same({ false, case[4] }, { res.ok, res.error_code })
        assert.equal(case[4] == 1357001 and "logged_out" or "bad_request", botapi.reason(res))
      elseif case[4] == "ok" then
        assert.is_true(res.ok)
        assert.equal(case[5] ~= nil, res.description ~= nil and res.description:find(case[5], 1, true) ~= nil)
      else
        assert.is_nil(res)
        assert.equal(case[4], err.kind .. "/" .. err.sent .. (err.page and "/" .. err.page or ""))
        if err.page == "checkpoint" then assert.is_truthy(tostring(err):find("checkpoint", 1, true)) end
      end
    end)
  end

  it("isn't believed to be logged out where the page after a redirect is that of one who is logged in", function()
    emu:rule { method = "logout", times = 1, answer = { status = 302, headers = { Location = "/" } } }
    local res, err = logout()
    assert.is_nil(res)
    assert.same({ "protocol", "yes" }, { err.kind, err.sent })
    assert.same({ 2, 1, 1, 0 }, counts())
  end)

  it("follows no redirect but to the same host, scheme and port", function()
    local there = { "https://www.facebook.com:1/?stype=lo", "http://www.facebook.com/?stype=lo",
      "https://m.facebook.com/?stype=lo", "https://www.facebook.com@elsewhere.example/",
      "https://facebook.com.example/", "https://elsewhere.example/www.facebook.com", "//elsewhere.example/",
      "ftp://www.facebook.com/", "https://notfacebook.com/" }
    for i, location in ipairs(there) do
      emu:reset()
      emu:rule { method = "logout", answer = { status = 302, headers = { Location = location } } }
      local res, err = logout()
      assert.equal(i <= 3, res ~= nil and res.ok, location)
      if err then assert.same({ "protocol", "yes" }, { err.kind, err.sent }) end
      assert.same({ 1, 1, 1, 0 }, counts())
    end
  end)

  it("follows no redirect to the same host and port without TLS", function()
    local location = "http://www.facebook.com:" .. emu:facebook().port .. "/?stype=lo"
    emu:rule { method = "logout", answer = { status = 302, headers = { Location = location } } }
    assert.same({ ok = true, result = true }, (logout()))
    assert.same({ 1, 1, 1, 0 }, counts())
  end)

  it("whose request to logout.php never left is where it was", function()
    emu:rule { skip = 2, answer = { at = "accept", ["end"] = "reset" } }
    local session = assert(facebook.session(support.appstate(), options()))
    local _, err = session:logout()
    assert.equal("no", err.sent)
    assert.same({ 1, 1, 0, 0 }, counts())
    emu:rule { method = "settings_menu", answer = "not_logged_in" }
    assert.equal(1357001, session:logout().error_code)
    assert.is_true(#session:cookies() > 0)
  end)

  it("asks the pages that are only read again after a 5xx, as often as it is told", function()
    local events = {}
    emu:rule { method = "home", times = 1, answer = { status = 500, body = "x" } }
    emu:rule { method = "settings_menu", times = 2, answer = "unavailable" }
    local res = logout { retries = 2, on_event = function(event)
      events[#events + 1] = event.type == "wait" and "wait" or nil
      for _, member in pairs(event) do support.check_text(tostring(member)) end
    end }
    assert.is_true(res.ok)
    assert.same({ 2, 3, 1, 1 }, counts())
    assert.same({ "wait", "wait", "wait" }, events)
  end)

  it("gives up after that", function()
    emu:rule { method = "home", times = 0, answer = { status = 599, body = "x" } }
    local res, err = logout { retries = 1 }
    assert.is_nil(res)
    assert.same({ "protocol", "no", 599 }, { err.kind, err.sent, err.http_status })
    assert.same({ 2, 0, 0, 0 }, counts())
  end)

  it("never repeats the request that changes something", function()
    for _, fault in ipairs { "unavailable", "lost_answer", "lost_request", "nothing" } do
      emu:reset()
      emu:rule { method = "logout", answer = fault }
      logout { retries = 5 }
      assert.same({ 1, 1, 1, 0 }, counts())
    end
  end)

  it("is settled by the same logout after a lost answer, and dead then", function()
    for fault, settled in pairs { lost_answer = "logged_out", lost_request = "ok" } do
      emu:reset()
      emu:rule { method = "logout", answer = fault }
      local session = assert(facebook.session(support.appstate(), options()))
      local _, err = session:logout()
      assert.equal("maybe", err.sent)
      assert.is_true(#session:cookies() > 0)
      local res, later = session:logout()
      assert.equal(settled, res and res.ok and "ok" or later.kind)
      assert.same({}, session:cookies())
      assert.is_truthy(tostring(session):find(", logged out", 1, true))
    end
  end)

  it("that Facebook doesn't know after a logout without an answer is wiped", function()
    local session = assert(facebook.session(support.appstate(), options()))
    emu:rule { method = "logout", answer = "lost_request" }
    session:logout()
    emu:rule { method = "settings_menu", answer = "not_logged_in" }
    assert.equal(1357001, session:logout().error_code)
    assert.same({}, session:cookies())
    assert.equal("logged_out", select(2, session:logout()).kind)
  end)

  it("that Facebook doesn't know, and that was never logged out, keeps its cookies", function()
    local session = assert(facebook.session(support.appstate(), options()))
    emu:rule { method = "settings_menu", answer = "not_logged_in" }
    assert.equal(1357001, session:logout().error_code)
    assert.is_true(#session:cookies() > 0)
    assert.is_true(session:logout().ok)
  end)

  it("leaves out words of Facebook's that repeat a secret", function()
    for _, said in ipairs { "it is 23%3ACANARY-xs%3A2", "it is 23:CANARY-xs:2", "user 123456 CANARY-datr" } do
      emu:rule { method = "settings_menu", answer = { status = 200,
        body = 'for (;;);{"error":5,"errorSummary":"' .. said .. '"}' } }
      local res = logout()
      assert.same({ false, 5, "Facebook gives no reason" }, { res.ok, res.error_code, res.description })
    end
    emu:rule { method = "settings_menu", answer = { status = 200,
      body = 'for (;;);{"error":5,"errorSummary":"Try\\nlater","errorDescription":{}}' } }
    assert.equal("Try later", logout().description)
  end)

  it("says what kept it from being reached: nothing was changed", function()
    local appstate = support.appstate()
    local unreachable = { { resolve = { "www.facebook.com:9:127.0.0.1" }, port = 9 }, { ca_file = "/dev/null" },
      { timeout = 0.2 }, { max_response = 10 } }
    emu:rule { method = "home", answer = "silence" }
    local kinds = { "network", "tls", "timeout", "limit" }
    for i, more in ipairs(unreachable) do
      local res, err = facebook.logout(appstate, options(more))
      assert.is_nil(res)
      assert.same({ kinds[i], "no" }, { err.kind, err.sent })
      assert.is_truthy(tostring(err):find("nothing was changed", 1, true), tostring(err))
      support.check(err)
    end
  end)

  it("tells what is wrong with a certificate as of any call", function()
    local res, err = facebook.logout(support.appstate(), options { cert_file = "/nowhere" })
    assert.is_nil(res)
    assert.same({ "tls", "no", "cert_missing" }, { err.kind, err.sent, err.problem })
    assert.is_truthy(facebook.explain(nil, err)
      :find "^The file of the option cert_file doesn't exist.*nothing was changed")
  end)

  it("keeps an error of on_event aside", function()
    local session = assert(facebook.session(support.appstate(), options { on_event = function() error "mine" end }))
    assert.is_true(session:logout().ok)
    assert.is_truthy(tostring(session.event_error):find("mine", 1, true))
  end)

  it("sends the headers of a browser, and those that it is given in their place", function()
    assert.is_true(logout { headers = { ORIGIN = "https://x.example" }, user_agent = "Mozilla/5.0" }.ok)
  end)

  describe("with appstate_path", function()
    local path
    before_each(function() path = process.directory() .. "appstate.json" end)

    local function write(text)
      process.run("rm -f " .. process.quote(path))
      local file = assert(io.open(path, "wb"))
      file:write(text)
      file:close()
      process.run("chmod 644 " .. process.quote(path))
    end

    local function mode() return process.capture("stat -c %a " .. process.quote(path)):match "%d+" end

    local function owned() return process.capture("stat -c '%u %g %a' " .. process.quote(path)) end

    local function leftovers() return process.capture("ls " .. process.quote(path) .. ".* 2>/dev/null") end

    it("has its cookies out of the file in one step; all else stays as it was, its owner and mode too", function()
      local others = { [[{"key":"a","value":"1","domain":"other.example","expires":1790000000123456789,"extra":[]}]],
        [[{ "name" : "b", "value":"\u00fc", "domain":".other.example", "list": {}, "n": 1.0e5, "t": 1.123456789012}]] }
      local appstate = support.appstate()
      write((support.json(appstate):gsub("^%[", function() return "[" .. others[1] .. ",\n " end)
        :gsub("%]%s*$", function() return " , " .. others[2] .. "]" end)))
      local is_root = process.capture "id -u":match "%d+" == "0"
      process.run((is_root and "chown 65534:65534 " .. process.quote(path) .. " && " or "") .. "chmod 640 "
        .. process.quote(path))
      local before_it = owned()
      assert.same({ ok = true, result = true }, facebook.logout(appstate, options { appstate_path = path }))
      assert.equal(("[%s,%s]\n"):format(others[1], others[2]), process.slurp(path))
      assert.equal(before_it, owned())
      assert.equal("", leftovers())
    end)

    it("keeps its form, and the cookies of other sites in it, with its owner and mode", function()
      local user, mine = support.new_user(), support.appstate()
      local pairs_text = ("c_user=%s; xs=%s"):format(user, mine[2].value)
      local listed = [[{"name":"xs","value":"CANARY-messenger","domain":".messenger.com"}]]
      local other = [[{"domain":"other.example","name":"a","value":"x;y","id":12345678901234567890,"l":[]}]]
      local list = ([[{"name":"c_user","value":"%s","domain":".facebook.com"},{"name":"xs","value":"%s"},%s,%s]])
        :format(user, mine[2].value, listed, other)
      local forms = {
        { '{"cookies":[' .. list .. '],"origins":[]}', '{"cookies":[' .. other .. '],"origins":[]}\n' },
        { ('{"c_user":%s,"xs":"%s"}'):format(user, mine[2].value), "{}\n" },
        { "Cookie: " .. pairs_text .. "\n", "Cookie: \n" },
        { ("# mine\r\n.facebook.com\tTRUE\t/\tTRUE\t0\tc_user\t%s\r\n#HttpOnly_.facebook.com\tTRUE\t/\tTRUE\t0\txs\t%s"
          .. "\r\na.example\tTRUE\t/\tTRUE\t0\ta\tb\r\n"):format(user, mine[2].value),
          "# mine\r\na.example\tTRUE\t/\tTRUE\t0\ta\tb\r\n" },
        { base64.encode("[" .. list .. "]"), base64.encode("[" .. other .. "]\n") },
        { "\239\187\191[" .. list .. "]", "\239\187\191[" .. other .. "]\n" },
      }
      for _, form in ipairs(forms) do
        emu:reset()
        write(form[1])
        process.run("chmod 640 " .. process.quote(path))
        local before_it = owned()
        assert.same({ ok = true, result = true }, facebook.logout({ path = path }, options { appstate_path = path }))
        assert.equal(form[2], process.slurp(path))
        assert.equal(before_it, owned())
        assert.same({ 1, 1, 1, 1 }, counts())
      end
    end)

    it("keeps the other cookies behind a link to the file", function()
      local target, other = path .. "-target", "other.example\tTRUE\t/\tTRUE\t0\ta\tb\n"
      write((".facebook.com\tTRUE\t/\tTRUE\t0\t%s\n.facebook.com\tTRUE\t/\tTRUE\t0\txs\tCANARY\n%s"):format(
        "c_user\t" .. support.new_user(), other))
      process.run(("mv %s %s && ln -s %s %s"):format(path, target, target, path))
      assert.is_true(facebook.logout({ path = path }, options { appstate_path = path }).ok)
      assert.equal(other, process.slurp(path))
      assert.equal(other, (process.slurp(target):gsub("\n+$", "\n")))
    end)

    it("leaves an empty list where nothing else was in it", function()
      write(support.json(support.appstate "100002"))
      assert.is_true(facebook.logout({ path = path }, options { appstate_path = path }).ok)
      assert.equal("[]\n", process.slurp(path))
      assert.is_true(facebook.session({ path = path }) == nil)
    end)

    it("leaves no cookie behind a link to the file", function()
      local target = path .. "-target"
      write(support.json(support.appstate "100003"))
      process.run(("mv %s %s && ln -s %s %s"):format(path, target, target, path))
      assert.is_true(facebook.logout({ path = path }, options { appstate_path = path }).ok)
      support.check_text(process.slurp(path) .. process.slurp(target))
      assert.is_truthy(process.slurp(target):find "^%[%]%s*$")
    end)

    it("touches nothing after a failure", function()
      local text = support.json(support.appstate "100004")
      write(text)
      for _, fault in ipairs { "nothing", "lost_answer", "elsewhere" } do
        emu:reset()
        emu:rule { method = "logout", answer = fault }
        facebook.logout({ path = path }, options { appstate_path = path })
        assert.equal(text, process.slurp(path))
      end
      assert.equal("644", mode())
    end)

    it("leaves a file alone that has another session by then, and says so", function()
      local other = support.appstate "100005"
      other[2].value = "another"
      write(support.json(other))
      local res = facebook.logout(support.appstate "100005", options { appstate_path = path })
      assert.is_true(res.ok)
      assert.is_truthy(res.description:find("another session", 1, true), res.description)
      assert.equal(support.json(other), process.slurp(path))
    end)

    it("is logged out all the same where the file can't be rewritten, and says so", function()
      for _, each in ipairs { "/nowhere/appstate.json", "/proc/version" } do
        local res = facebook.logout(support.appstate(), options { appstate_path = each })
        assert.is_true(res.ok)
        assert.is_truthy(res.description:find("still has its cookies", 1, true))
      end
    end)
  end)
end)
