-- SPDX-License-Identifier: MIT
-- Owns the specs of what a caller's own mistake is told: the name that was typed, what to write, and the caller's line.

local botapi = require "botapi"

local TOKEN = "123456:an-invented-secret-of-no-bot"
local NOWHERE = { server = "http://127.0.0.1:1" }
local FILE = "misuse_spec.lua:"

local bot = botapi.bot(TOKEN, NOWHERE)
local engine = botapi.engine()
local call = engine:timer(0)
local _, err = botapi.logout("malformed", NOWHERE)
local facebook = botapi.facebook
local session = facebook.session { { key = "c_user", value = "1" }, { key = "xs", value = "2" } }

-- Each: the message behind the line, and who makes the mistake, on one line.
local mistakes = {
  -- options
  { "bad argument #2 to 'logout' (unknown option 'timout'; did you mean 'timeout'?)",
    function() botapi.logout(TOKEN, { timout = 3 }) end },
  { "bad argument #4 to 'call' (unknown option 'connectTimeout'; did you mean 'connect_timeout'?)",
    function() botapi.call(TOKEN, "getMe", {}, { connectTimeout = 3 }) end },
  { "bad argument #2 to 'probe' (unknown option 'porxy'; did you mean 'proxy'?)",
    function() botapi.probe("telegram", { porxy = "" }) end },
  { "bad argument #4 to 'start' (unknown option 'timout'; did you mean 'timeout'?)",
    function() engine:start(TOKEN, "getMe", {}, { timout = 3 }) end },
  { "bad argument to 'bot' (unknown option 'retrys'; did you mean 'retries'?)",
    function() botapi.bot(TOKEN, { retrys = 3 }) end },
  { "bad argument to 'logout' (unknown option 'timout'; did you mean 'timeout'?)",
    function() bot:logout { timout = 3 } end },
  { "bad argument to 'on' (unknown option 'deadlin'; did you mean 'deadline'?)",
    function() bot:on("local", { deadlin = 3 }) end },
  { "bad argument to 'updates' (unknown option 'limt'; did you mean 'limit'?)",
    function() bot:updates { limt = 3 } end },
  { "bad argument to 'download' (unknown option 'maxsize'; did you mean 'max_size'?)",
    function() bot:download("a", "b", { maxsize = 3 }) end },
  { "bad argument to 'download' (unknown option 'resum'; did you mean 'resume'?)",
    function() botapi.download(TOKEN, "a", "b", { resum = true }) end },
  { "bad argument to 'fleet' (unknown option 'concurency'; did you mean 'concurrency'?)",
    function() botapi.fleet({ TOKEN }, { concurency = 3 }) end },
  { "bad argument to 'fleet' (unknown option 'webhok'; did you mean 'webhook'?)",
    function() botapi.fleet({ TOKEN }, { action = "migrate", webhok = 3 }) end },
  { "bad argument to 'fleet' (tokens[1]: unknown member 'tokn'; did you mean 'token'?)",
    function() botapi.fleet { { tokn = TOKEN } } end },
  { "bad argument to 'migrate' (unknown option 'form'; did you mean 'from'?)",
    function() botapi.migrate(TOKEN, { form = "telegram" }) end },
  { "bad argument to 'session' (unknown option 'retrys'; did you mean 'retries'?)",
    function() facebook.session("[]", { retrys = 1 }) end },
  { "bad argument to 'bot' (unknown option (not shown: it may be a secret))",
    function() botapi.bot(TOKEN, { [TOKEN] = 1 }) end },
  -- parameters
  { "bad argument #2 to 'set_webhook' (unknown parameter 'ulr'; did you mean 'url'?)",
    function() botapi.set_webhook(TOKEN, { ulr = "https://a.example/" }) end },
  { "bad argument to 'delete_webhook' (unknown parameter 'dropPendingUpdates'; did you mean 'drop_pending_updates'?)",
    function() bot:delete_webhook { dropPendingUpdates = true } end },
  -- names
  { "botapi has no function 'getMe': did you mean 'get_me'?", function() return botapi.getMe(TOKEN) == 1 end },
  { "botapi has no function 'log_out': did you mean 'logout'?", function() return botapi.log_out(TOKEN) == 1 end },
  { "botapi has no function 'sendMessage': write bot:send_message(), of a bot, or botapi.call(token, \"sendMessage\")",
    function() return botapi.sendMessage == 1 end },
  { "bad argument to 'help' (there is no function 'logot'; did you mean 'logout'?)",
    function() botapi.help "logot" end },
  { "bad argument to 'help' (there is no function 'log'; did you mean 'logout'?)",
    function() botapi.help "log" end },
  { "bad argument to 'help' (there is no function 'get_'; did you mean 'get_me' or 'get_webhook_info'?)",
    function() botapi.help "get_" end },
  { "bad argument to 'help' (there is no function ''; see botapi)", function() botapi.help "" end },
  { "bot has no method 'send_mesage': did you mean 'send_message'?", function() return bot.send_mesage == 1 end },
  { "botapi.facebook has no function 'logot': did you mean 'logout'?", function() facebook.logot() end },
  { "botapi.emulator has no function 'strat': did you mean 'start'?", function() botapi.emulator.strat() end },
  { "botapi.engine has no function 'strat': did you mean 'start'?", function() engine:strat(TOKEN, "getMe") end },
  { "botapi.call has no function 'reslt': did you mean 'result'?", function() call:reslt() end },
  { "emulator.start: unknown option 'prot'; did you mean 'port'?", function() botapi.emulator.start { prot = 1 } end },
  -- a dot in the place of a colon
  { "bad argument to 'logout' (a bot expected, got nil: call it with a colon, bot:logout())",
    function() bot.logout() end },
  { "bad argument to 'sendMessage' (a bot expected, got table: call it with a colon, bot:sendMessage())",
    function() bot.sendMessage { chat_id = 1 } end },
  { "bad argument to 'logOut' (a bot expected, got nil: call it with a colon, bot:logOut())",
    function() bot.logOut() end },
  { "bad argument to 'updates' (a bot expected, got nil: call it with a colon, bot:updates())",
    function() bot.updates() end },
  { "bad argument to 'download' (a bot expected, got string: call it with a colon, bot:download())",
    function() bot.download("a", "b") end },
  { "bad argument to 'on' (a bot expected, got string: call it with a colon, bot:on())",
    function() bot.on "telegram" end },
  { "bad argument to 'step' (botapi.engine expected, got no value: call it with a colon, engine:step())",
    function() engine.step() end },
  { "bad argument to 'start' (botapi.engine expected, got string: call it with a colon, engine:start())",
    function() engine.start(TOKEN, "getMe") end },
  { "bad argument to 'wait' (botapi.call expected, got no value: call it with a colon, call:wait())",
    function() call.wait() end },
  { "bad argument to 'logout' (a session expected, got nil: call it with a colon, session:logout())",
    function() session.logout() end },
  -- a bot in the place of its token
  { "bad argument #1 to 'logout' (token: string expected, got a bot: write bot:logout(), without the token)",
    function() botapi.logout(bot) end },
  { "bad argument #1 to 'call' (token: string expected, got a bot: write bot:call(), without the token)",
    function() botapi.call(bot, "getMe") end },
  { "bad argument to 'download' (token: string expected, got a bot: write bot:download(), without the token)",
    function() botapi.download(bot, "a", "b") end },
  { "bad argument to 'bot' (token: string expected, got a bot: give its token)", function() botapi.bot(bot) end },
  { "bad argument to 'migrate' (token: string expected, got a bot: give its token)",
    function() botapi.migrate(bot, { from = "telegram", to = "http://127.0.0.1:1" }) end },
  { "bad argument to 'fleet' (tokens[1]: a token expected, got a bot: give its token)",
    function() botapi.fleet { bot } end },
  { "bad argument #1 to 'start' (token: string expected, got a bot: give its token)",
    function() engine:start(bot, "getMe") end },
  -- a colon in the place of a dot
  { "bad argument #1 to 'logout' (token: string expected, got botapi: call it with a dot, botapi.logout())",
    function() botapi:logout(TOKEN) end },
  { "bad argument #1 to 'call' (token: string expected, got botapi: call it with a dot, botapi.call())",
    function() botapi:call(TOKEN, "getMe") end },
  { "bad argument to 'bot' (token: string expected, got botapi: call it with a dot)",
    function() botapi:bot(TOKEN) end },
  { "bad argument to 'migrate' (token: string expected, got botapi: call it with a dot)",
    function() botapi:migrate(TOKEN) end },
  -- the error first
  { "bad argument to 'explain' (res: an envelope expected, got an error: write botapi.explain(nil, err))",
    function() botapi.explain(err) end },
  { "bad argument to 'reason' (res: an envelope expected, got an error: write botapi.reason(nil, err))",
    function() botapi.reason(err) end },
  { "bad argument to 'check' (res: an envelope expected, got an error: write botapi.check(nil, err))",
    function() botapi.check(err) end },
  { "bad argument to 'check' (err: an error object expected, as res is nil: a call returns two values, write "
    .. "res, err = … and botapi.check(res, err))", function() botapi.check(nil) end },
  -- others
  { "bad argument #1 to 'logout' (token: string expected, got nil)", function() botapi.logout() end },
  { "bad argument #2 to 'call' (string expected, got nil)", function() botapi.call(TOKEN) end },
  { "bad argument #1 to 'engine' (unknown option: an engine has only 'keep')",
    function() botapi.engine { kepp = 1 } end },
  { "bad argument #1 to 'timer' (number expected, got no value)", function() engine:timer() end },
  { "bad argument #1 to 'wait' (seconds must not be negative)", function() call:wait(-1) end },
  { "bad argument to 'sleep' (seconds: a number from 0 to 1e9 expected)", function() botapi.sleep "x" end },
  { "bad argument #1 to 'array' (table expected, got number)", function() botapi.array(3) end },
  { "bad argument #1 to 'file' (path: string expected, got nil)", function() botapi.file() end },
  { "bad argument to 'session' (appstate: a string or a table expected, got number)",
    function() facebook.session(3) end },
}

-- The message and the line that it begins with.
local function raised(fn)
  local ok, why = pcall(fn)
  assert.is_false(ok)
  why = tostring(why)
  local line, text = why:match("^[^\n]*" .. FILE:gsub("%p", "%%%0") .. "(%d+): (.*)$")
  return text or why, tonumber(line)
end

describe("a caller's own mistake", function()
  for _, mistake in ipairs(mistakes) do
    local text, fn = mistake[1], mistake[2]
    it("raises at the caller's line: " .. text, function()
      local said, line = raised(fn)
      assert.equal(text, said)
      assert.equal(debug.getinfo(fn, "S").linedefined, line)
    end)
  end

  local function caught(...) return tostring(select(2, pcall(...))) end

  it("is told by the same name where a pcall makes the call, at the line of the pcall", function()
    for name, said in pairs {
      logout = caught(botapi.logout, TOKEN, { timout = 1 }), engine = caught(botapi.engine, { kepp = 1 }),
      start = caught(engine.start), step = caught(engine.step), wait = caught(call.wait, call, "x"),
      call = caught(botapi.call, TOKEN, 5), file = caught(botapi.file), sleep = caught(botapi.sleep),
      bot = caught(botapi.bot, TOKEN, { timout = 1 }), get_me = caught(bot.get_me),
    } do
      assert.matches("^[^\n]*misuse_spec%.lua:%d+: bad argument.- to '" .. name .. "' ", said)
    end
  end)

  it("is told at a line of the caller's where a tail call has taken the last one off the stack", function()
    local function tail(fn, ...) return fn(...) end
    for _, fn in ipairs { botapi.logout, botapi.bot } do
      local ok, why = pcall(function()
        local res = tail(fn, TOKEN, { timout = 1 })
        return res
      end)
      assert.is_false(ok)
      assert.matches("^[^\n]*misuse_spec%.lua:%d+: ", why)
    end
  end)

  it("is told at the caller's line where the call is all that it returns, as at a prompt, but for Lua 5.1", function()
    if _VERSION == "Lua 5.1" then return end            -- LuaJIT's, too
    for _, call_of in ipairs {
      function() return botapi.bot(TOKEN, { timout = 1 }) end, function() return bot.logout() end,
      function() return bot:sendMessage({}, { timout = 1 }) end, function() return botapi.explain(err) end,
      function() return botapi.migrate(bot, {}) end, function() return botapi.fleet { bot } end,
      function() return botapi.download(bot, "a", "b") end, function() return bot:updates { limt = 1 } end,
      function() return botapi.sleep "x" end, function() return botapi.array(1) end,
      function() return botapi.help "logot" end, function() return facebook.session(3) end,
      function() return session.logout() end, function() return botapi.emulator.start { prot = 1 } end,
    } do
      local text, line = raised(call_of)
      assert.equal(debug.getinfo(call_of, "S").linedefined, line, text)
    end
  end)

  it("is told at the line of the callback that made it, not at that of the call around it", function()
    local line
    local watched = botapi.bot(TOKEN, { server = NOWHERE.server, on_event = function()
      line = debug.getinfo(1, "l").currentline + 1
      botapi.logout(TOKEN, { timout = 1 })
    end })
    watched:get_me()
    assert.matches("misuse_spec%.lua:" .. line .. ": ", watched.event_error)
  end)

  it("is told without a word of the caller's text, where a string was loaded and its text is its name", function()
    local text = ("local botapi, token = ..., %q; local bot = botapi.bot(token, {timout = 1})"):format(TOKEN)
    for _, name in ipairs { text, TOKEN } do
      local load_text = loadstring or load
      local ok, why = pcall(load_text(text, name), botapi)
      assert.is_false(ok)
      assert.equal("[string \"...\"]:1: bad argument to 'bot' (unknown option 'timout'; did you mean 'timeout'?)", why)
    end
    local _, why = pcall((loadstring or load)(text, "=console"), botapi)
    assert.matches("^console:1: ", why)
  end)

  it("has no line where nothing but this library is on the stack", function()
    local ok, why = coroutine.resume(coroutine.create(botapi.bot), TOKEN, { timout = 1 })
    assert.is_false(ok)
    assert.equal("bad argument to 'bot' (unknown option 'timout'; did you mean 'timeout'?)", why)
  end)
end)
