-- SPDX-License-Identifier: MIT
-- Specifies the bot object: what it repeats, what it tells, and that it never logs a bot in again by accident.

local botapi = require "botapi"
local moves = require "support.moves"
local start = require "botapi.emulator".start

local monotonic = require "botapi.core".host.monotonic

local NOWHERE = "http://127.0.0.1:1"

describe("a bot", function()
  local emu, other, id, token

  setup(function() emu, other = start { as = "cloud" }, start { as = "local" } end)
  teardown(function()
    emu:close()
    other:close()
  end)
  before_each(function() id, token = moves.new_bot() end)

  local make = botapi.bot

  local function bot(options)
    local all = { server = emu.url }
    for name, value in pairs(options or {}) do all[name] = value end
    return make(token, all)
  end

  local function rule(method, answer, more)
    local fault = { bot = id, method = method, answer = answer }
    for name, value in pairs(more or {}) do fault[name] = value end
    emu:rule(fault)
  end

  local function asked(method) return #emu:calls { bot = id, method = method } end

  it("shows its id and its server, and nowhere its secret", function()
    local b = bot()
    assert.equal("botapi.bot: bot " .. id .. " on " .. emu.url, tostring(b))
    assert.equal(tostring(id), b.id)
    assert.equal(emu.url, b.server)
    moves.check_clean(b, "bot")
    assert.equal("botapi.bot: a malformed token on https://api.telegram.org", tostring(botapi.bot "CANARY"))
  end)

  it("has the methods of botapi, which return what those return", function()
    local b = bot()
    assert.equal(id, b:get_me().result.id)
    assert.equal("Webhook was set", b:set_webhook({ url = "https://bot.example/h" }).description)
    assert.equal("https://bot.example/h", b:get_webhook_info().result.url)
    assert.equal("Webhook was deleted", b:delete_webhook().description)
    assert.is_true(b:call("getChat", { chat_id = 5 }).ok)
    assert.is_true(b:close_instance().result)
    local _, err = botapi.bot("CANARY", { server = emu.url }):get_me()
    assert.equal("token", err.kind)
  end)

  it("returns as many values as they do: one for an answer, two where there is none", function()
    local b = bot()
    assert.equal(1, select("#", b:get_me()))
    assert.equal(1, select("#", b:call "getMe"))
    assert.equal(2, select("#", botapi.bot("CANARY", { server = emu.url }):get_me()))
  end)

  it("is on a server of its own behind a unix socket, and in the test environment", function()
    local servers = {}
    for _, more in ipairs { {}, { test = true }, { unix_socket = "/run/a" }, { unix_socket = "/run/b" } } do
      servers[bot(more).identity] = true
    end
    assert.same({ [emu.url] = true, [emu.url .. " (test)"] = true,
      ["http://localhost (unix:/run/a)"] = true, ["http://localhost (unix:/run/b)"] = true }, servers)
    local b = bot()
    b:logout()
    local _, err = b:on(emu.url, { unix_socket = "/nonexistent" }):get_me()
    assert.equal("network", err.kind)
  end)

  describe("after its own logOut", function()
    local function refuses(b)
      local before = #emu:calls { bot = id }
      for _, name in ipairs { "get_me", "get_webhook_info", "delete_webhook", "logout", "close_instance" } do
        local res, err = b[name](b)
        assert.is_nil(res)
        assert.equal("logged_out", err.kind)
        assert.equal("no", err.sent)
        assert.equal("logged_out", botapi.reason(res, err))
        moves.check_clean(err, "error")
      end
      local _, err = b:call("sendMessage", { chat_id = 1, text = "x" })
      assert.equal("logged_out", err.kind)
      assert.equal(before, #emu:calls { bot = id })
    end

    it("was answered with true it refuses every call, and sends none", function()
      local b = bot()
      assert.is_true(b:logout().result)
      refuses(b)
    end)

    it("was answered with Logged out it refuses every call, too", function()
      botapi.logout(token, { server = emu.url })
      emu:advance "10ms"   -- right after the first it would be 401
      local b = bot()
      assert.equal("logged_out", botapi.reason(b:logout()))
      refuses(b)
    end)

    it("by call it is the same, in any case of the name", function()
      local b = bot()
      b:call "LOGOUT"
      refuses(b)
    end)

    it("it still speaks to another server, and not by a detour to the old one", function()
      local b = bot()
      b:logout()
      local there = b:on(other.url)
      assert.is_true(there:get_me().ok)
      refuses(there:on(emu.url .. "/bot"))
    end)

    it("that on_event made when another call was about to be sent, it sends none", function()
      local methods = { get_me = "getMe", close_instance = "close", logout = "logOut" }
      for name, method in pairs(methods) do
        id, token = moves.new_bot()
        local b, told
        b = bot { retries = 2, on_event = function(e)
          if told then return end
          told = e.type
          assert(b:logout().result)
        end }
        local res, err = b[name](b)
        assert.same({ nil, "logged_out", "no", method }, { res, err.kind, err.sent, err.method })
        assert.same({ "attempt", nil, 1 }, { told, b.event_error, asked() })
        assert.equal("logged_out", emu:bot(id).state)
      end
    end)

    it("that on_event made between two tries of another, it leaves that one in doubt", function()
      rule("logOut", "lost_request")
      local b
      b = bot { retries = 1, on_event = function(e)
        if e.type == "attempt" and e.attempt == 2 then assert(b:logout { on_event = function() end }.result) end
      end }
      local _, err = b:logout()
      assert.same({ "logged_out", "maybe", 2 }, { err.kind, err.sent, asked "logOut" })
      assert.is_nil(b.event_error)
      assert.is_nil(err.message:find("nothing was sent", 1, true))
    end)

    it("was refused it goes on", function()
      rule("logOut", "rate_limited")
      local b = bot()
      b:logout()
      assert.is_true(b:get_me().ok)
    end)

    it("got no answer it goes on, as nothing is known", function()
      rule("logOut", "lost_request")
      local b = bot()
      assert.equal("maybe", select(2, b:logout()).sent)
      assert.is_true(b:logout().result)
    end)
  end)

  describe("repeats", function()
    setup(function() make = moves.hurried(10).bot end)      -- ten seconds in one
    teardown(function() make = botapi.bot end)

    it("nothing when retries isn't given", function()
      rule("getMe", { error_code = 429, retry_after = 1 })
      assert.equal(429, bot():get_me().error_code)
      assert.equal(1, asked "getMe")
    end)

    it("what was not sent, any method, and not for ever", function()
      local b = bot { server = NOWHERE, retries = 2 }
      local attempts = 0
      local _, err = b:set_webhook({ url = "https://h/" }, { on_event = function(e)
        if e.type == "attempt" then attempts = e.attempt end
      end })
      assert.equal("no", err.sent)
      assert.equal(3, attempts)
    end)

    it("429 after the time that the server asks for", function()
      rule("setWebhook", { error_code = 429, retry_after = 1 })
      local waited
      local b = bot { retries = 1, on_event = function(e) waited = e.wait or waited end }
      assert.is_true(b:set_webhook({ url = "https://bot.example/h" }).ok)
      assert.is_true(waited >= 1)
    end)

    it("429 not at all when it asks for more than max_wait", function()
      rule("getMe", { error_code = 429, retry_after = 30 })
      assert.equal(30, bot { retries = 3, max_wait = 29 }:get_me().parameters.retry_after)
      assert.equal(1, asked "getMe")
    end)

    it("logOut with its answer lost: Logged out, two sent, one executed", function()
      rule("logOut", "lost_answer")
      local res, err = bot { retries = 1 }:logout()
      assert.equal("logged_out", botapi.reason(res, err))
      assert.equal(2, asked "logOut")
      assert.equal(1, moves.executed(emu, id, "logOut"))
    end)

    it("logOut through its closing window: 401, already logging out, then Logged out", function()
      rule("logOut", "closing")
      rule("logOut", "unauthorized")
      rule("logOut", "lost_answer")
      local res, err = bot { retries = 1 }:logout()
      assert.equal("logged_out", botapi.reason(res, err))
      assert.equal(4, asked "logOut")
    end)

    it("logOut through the window of an earlier program, when it is told of it", function()
      rule("logOut", "unauthorized")
      assert.is_true(bot { retries = 1 }:logout({ may_have_left = true }).result)
      rule("logOut", "unauthorized")
      assert.equal(401, bot { retries = 1 }:logout().error_code)
    end)

    for _, name in ipairs { "lost_answer", "lost_request", "bad_gateway" } do
      it("no other method after " .. name, function()
        rule("setWebhook", name)
        local res, err = bot { retries = 3 }:set_webhook({ url = "https://bot.example/h" })
        assert.is_nil(res)
        assert.not_equal("no", err.sent)
        assert.equal(1, asked "setWebhook")
      end)
    end

    for code, name in pairs { [400] = "Bad Request: x", [401] = "Unauthorized", [403] = "Forbidden: x",
      [404] = "Not Found", [421] = "Misdirected Request: x" } do
      it("nothing that was answered with " .. code, function()
        rule("logOut", { error_code = code, description = name })
        assert.equal(code, bot { retries = 3 }:logout().error_code)
        assert.equal(1, asked "logOut")
      end)
    end
  end)

  describe("remembers an attempt that may have been carried out", function()
    local server

    before_each(function() server = start { as = "cloud" } end)
    after_each(function() server:close() end)

    -- A logOut whose first attempt came to `answer`, and whose server is gone before the second.
    local function left(answer, options, method)
      local seen = {}
      server:rule { method = "logOut", answer = answer }
      local b = botapi.bot(token, { server = server.url, retries = options and options.retries or 1,
        on_event = function(e)
          seen[#seen + 1] = e
          if e.type == "wait" and e.attempt == 1 then server:close() end
        end })
      local res, err = b:call(method or "logOut")
      assert.is_nil(res)
      return err, seen
    end

    for _, answer in ipairs { "lost_answer", "lost_request", "bad_gateway" } do
      it("when nothing was sent of the last one, after " .. answer, function()
        local err = left(answer)
        assert.same({ "network", "maybe", 7 }, { err.kind, err.sent, err.curl_code })
        assert.truthy(err.message:find("; an earlier attempt may have been carried out$"), err.message)
        assert.is_nil(err.message:find("nothing was sent", 1, true))
        assert.equal("botapi: " .. err.message, tostring(err))
        local _, failure = botapi.check(nil, err)
        assert.same({ "maybe", "botapi: " .. err.message }, { failure.sent, tostring(failure) })
        local said = botapi.explain(nil, err)
        assert.truthy(said:find("it isn't known whether the bot was logged out", 1, true), said)
        assert.is_nil(said:find("may be repeated", 1, true))
        moves.check_clean(err, "error")
      end)
    end

    it("after a 500 of the server, too, over more than one later attempt, and in any case of the name", function()
      local err, seen = left({ error_code = 500, description = "Internal Server Error" }, { retries = 2 }, "LOGOUT")
      assert.equal("maybe", err.sent)
      assert.equal(3, seen[#seen].attempt)
      assert.equal(1, select(2, err.message:gsub("earlier attempt", "")))
    end)

    it("in its events", function()
      local _, seen = left("lost_answer", { retries = 2 })
      local told = {}
      for _, e in ipairs(seen) do
        if e.type == "failure" then
          told[#told + 1] = ("%d %s %s"):format(e.attempt, e.sent, tostring(e.may_have_left))
        end
      end
      assert.same({ "1 maybe true", "2 maybe true", "3 maybe true" }, told)
    end)

    it("when the last one was cancelled", function()
      local core = require "botapi.core"
      local lost = core.error { kind = "timeout", sent = "maybe", message = "late" }
      local stopped = core.error { kind = "cancelled", sent = "no", message = "stopped" }
      local n = 0
      local api = setmetatable({}, { __index = botapi })
      api.logout = function()
        n = n + 1
        return nil, n == 1 and lost or stopped
      end
      local _, err = require "botapi.bot"(api)(token, { server = NOWHERE, retries = 3 }):logout()
      assert.same({ "cancelled", "maybe", "stopped; an earlier attempt may have been carried out" },
        { err.kind, err.sent, err.message })
      assert.same({ "no", "stopped" }, { stopped.sent, stopped.message })
    end)

    it("when another call has logged out in the meantime", function()
      local api, b = setmetatable({}, { __index = botapi }), nil
      local lost = require "botapi.core".error { kind = "timeout", sent = "maybe", message = "late" }
      api.logout = function(_, options)
        if options.timeout == 9 then return { ok = true, result = true } end
        return nil, lost
      end
      api.sleep = function(seconds)
        botapi.sleep(seconds)
        b:logout { timeout = 9 }
      end
      b = require "botapi.bot"(api)(token, { server = NOWHERE, retries = 3 })
      assert.equal("maybe", select(2, b:logout()).sent)
    end)

    it("until an answer settles it", function()
      server:rule { method = "logOut", answer = "lost_answer" }
      local res, err = botapi.bot(token, { server = server.url, retries = 1 }):logout()
      assert.equal("logged_out", botapi.reason(res, err))
    end)

    it("and not one that was refused", function()
      local err = left { error_code = 429, retry_after = 0 }
      assert.equal("no", err.sent)
    end)

    it("in a fleet that is stopped while the bot waits for the end of its 429", function()
      local twin, other_token = moves.new_bot()
      server:rule { method = "logOut", bot = id, times = 0, answer = { error_code = 429, retry_after = 20 } }
      server:rule { method = "logOut", bot = id, answer = "lost_answer" }
      server:rule { method = "logOut", bot = twin, answer = { delay = "1500ms", error_code = 400 } }
      local result
      local report = botapi.fleet({ token, other_token }, { server = server.url, retries = 1, max_failures = 0,
        on_event = function(e)
          if e.type == "result" and e.bot == tostring(id) then result = e end
        end })
      assert.same({ "max_failures", "unknown", "maybe" }, { report.stopped, result.outcome, result.sent })
      assert.same({ "cancelled", "maybe" }, { result.err.kind, result.err.sent })
      assert.truthy(result.err.message:find("; an earlier attempt may have been carried out$"))
    end)

    it("in the bot's journal", function()
      local path = moves.journal()
      local log = assert(require "botapi.journal".open(path))
      server:rule { method = "logOut", answer = "lost_answer" }
      local changes = require "botapi.change".new { api = botapi, id = tostring(id), journal = log, warn = error }
      local here = botapi.bot(token, { server = server.url, retries = 2, on_event = function(e)
        changes:follow(e)
        if e.type == "wait" and e.attempt == 1 then server:close() end
      end })
      assert.equal("unknown", (changes:send(here, "logOut")))
      log:close()
      local noted = moves.slurp(path)
      moves.remove(path)
      assert.truthy(noted:find('"sent":"maybe"', 1, true), noted)
      assert.is_nil(noted:find('"sent":"no"', 1, true), noted)
    end)
  end)

  it("has one deadline for all attempts, waits and the attempt that runs", function()
    rule("getMe", "silence", { times = 0 })
    local began = monotonic()
    local _, err = bot { retries = 3, deadline = 0.3, timeout = 20 }:get_me()
    assert.equal("timeout", err.kind)
    assert.is_true(monotonic() - began < 2)
    emu:unrule()
  end)

  it("makes no further attempt when its wait was cut short without an error that is raised", function()
    local cut = moves.interruption("logOut", "no")
    local api = setmetatable({ sleep = function() return nil, cut end }, { __index = botapi })
    rule("getMe", { error_code = 429, retry_after = 20 })
    local _, err = require "botapi.bot"(api)(token, { server = emu.url, retries = 1 }):get_me()
    assert.equal(cut, err)
    assert.equal(1, asked "getMe")
    rule("logOut", "lost_answer")
    _, err = require "botapi.bot"(api)(token, { server = emu.url, retries = 1 }):logout()
    assert.same({ "network", "maybe" }, { err.kind, err.sent })
    assert.equal(1, asked "logOut")
  end)

  it("has no deadline of its own when nothing is repeated", function()
    rule("getMe", { delay = "300ms" })
    assert.is_true(bot { timeout = 5 }:get_me().ok)
  end)

  describe("tells", function()
    it("each step, with its method, server, attempt and time, and never the token", function()
      rule("logOut", "lost_answer")
      local seen = {}
      local b = bot { retries = 1, on_event = function(e)
        moves.check_clean(e, "event")
        assert(e.method == "logOut" and e.server == emu.url and e.elapsed >= 0)
        seen[#seen + 1] = ("%s %d %s"):format(e.type, e.attempt, tostring(e.http_status))
      end }
      b:logout()
      assert.same({ "attempt 1 nil", "failure 1 nil", "wait 1 nil", "attempt 2 nil", "answer 2 400" }, seen)
      assert.is_nil(b.event_error)
    end)

    it("a long wait again and again, with what is left of it", function()
      rule("getMe", { error_code = 429, retry_after = 1 })
      local left = {}
      local b = bot { retries = 1, heartbeat = 0.3, on_event = function(e)
        if e.type == "waiting" then left[#left + 1] = e.left end
      end }
      assert.is_true(b:get_me().ok)
      assert.is_true(#left >= 3)
      assert.is_true(left[1] > left[2] and left[#left] > 0)
    end)

    it("and passes that of Ctrl-C on, which may come there, too, but none that only looks like it", function()
      local interruption = moves.interruption("getMe", "no")
      local b = bot { on_event = function() error(interruption, 0) end }
      assert.same({ false, interruption }, { pcall(b.get_me, b) })
      b = bot { on_event = function() error("interrupted!", 0) end }
      assert.is_true(b:get_me().ok)
      assert.equal("interrupted!", b.event_error)
    end)

    it("and keeps an error that is raised there aside", function()
      local b = bot { on_event = function() error("mine", 0) end }
      assert.is_true(b:get_me().ok)
      assert.equal("mine", b.event_error)
    end)
  end)

  it("on another server has its timeouts and its policy, and neither proxy nor CA", function()
    local seen = 0
    local b = botapi.bot(token, { server = emu.url, timeout = 7, retries = 1, proxy = "", user_agent = "x",
      headers = { ["X-A"] = "b" }, test = true, on_event = function() seen = seen + 1 end })
    local there = b:on(other.url, { connect_timeout = 3 })
    assert.same({ server = other.url, timeout = 7, connect_timeout = 3, test = true }, there.options)
    there:get_me()
    assert.is_true(seen > 0)
    assert.same({}, emu:calls { bot = id })
  end)

  local mistakes = {
    { "a token that is no string", function() botapi.bot(5) end, "token: string expected" },
    { "an unknown option", function() botapi.bot("x", { retires = 1 }) end, "retires" },
    { "retries that are no integer", function() botapi.bot("x", { retries = 1.5 }) end, "'retries': integer" },
    { "retries below 0", function() botapi.bot("x", { retries = -1 }) end, "'retries': out of range" },
    { "a deadline that is not a number", function() botapi.bot("x", { deadline = 0 / 0 }) end, "'deadline'" },
    { "a heartbeat of 0", function() botapi.bot("x", { heartbeat = 0 }) end, "'heartbeat': out of range" },
    { "on_event that is no function", function() botapi.bot("x", { on_event = 1 }) end, "'on_event': function" },
    { "a server in a call's options", function() botapi.bot("x"):get_me { server = "local" } end, "bot:on" },
    { "options that are no table", function() botapi.bot("x"):get_me(5) end, "options: table" },
    { "an unknown option of on", function() botapi.bot("x"):on("local", { retires = 1 }) end, "retires" },
    { "a server of on that is no URL", function() botapi.bot("x"):on "ftp://h" end, "scheme" },
    { "no server for on", function() botapi.bot("x"):on() end, "server: string" },
    { "a parameter that isn't known", function() botapi.bot("x"):set_webhook { url = "https://h/", timeout = 5 } end,
      "timeout" },
  }
  for _, mistake in ipairs(mistakes) do
    it("raises at the user's line for " .. mistake[1], function()
      local ok, message = pcall(mistake[2])
      assert.is_false(ok)
      assert.truthy(tostring(message):find(mistake[3], 1, true), message)
      local line = debug.getinfo(mistake[2], "S").linedefined
      assert.equal(line, tonumber(message:match "bot_spec%.lua:(%d+): "), message)
    end)
  end

  it("frees its token with itself", function()
    local kept = setmetatable({}, { __mode = "k" })
    do kept[bot()] = true end
    collectgarbage()
    collectgarbage()
    assert.is_nil(next(kept))
  end)
end)
