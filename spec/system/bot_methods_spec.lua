-- SPDX-License-Identifier: MIT
-- Specifies the Bot API's methods by name on a bot: each in both spellings, mistyped ones, and what needs no table.

local bot_api = require "botapi.bot_api"
local botapi = require "botapi"
local live = require "support.live"
local moves = require "support.moves"
local process = require "support.process"
local start = require "botapi.emulator".start

local LEAVING = { logOut = true, close = true }

describe("a bot's methods by name", function()
  local emu, id, bot, before

  setup(function() emu = start() end)
  teardown(function() emu:close() end)
  before_each(function()
    local token
    id, token = moves.new_bot()
    bot = botapi.bot(token, { server = emu.url })
    emu:calls()                     -- the client's connection
    before = live.note()
  end)
  after_each(function()
    before:check()
    assert.is_nil(bot.event_error)
  end)

  -- A line for each call that the server counted.
  local function counted()
    local seen = {}
    for _, call in ipairs(emu:calls { bot = id }) do seen[#seen + 1] = call.method end
    return seen
  end

  it("called with a dot raises at the caller's line, and says how to call it", function()
    for _, name in ipairs { "send_message", "sendMessage", "logout", "get_me", "set_webhook", "call", "on", "download",
      "updates", "stop", "close_instance" } do
      for _, given in ipairs { {}, { nil }, { { chat_id = 5 } }, { "getMe" }, { setmetatable({}, {}) } } do
        local ok, why = pcall(function() local res = bot[name](given[1], given[1]) return res end)
        assert.is_false(ok, name)
        assert.matches("bot_methods_spec%.lua:%d+: bad argument to '" .. name .. "' %(a bot expected, got %a+: call it "
          .. "with a colon, bot:" .. name .. "%(%)%)$", why)
      end
    end
    assert.same({}, counted())
    local child = setmetatable({}, { __index = bot })
    assert.is_true(child:get_me().ok)
  end)

  -- What an answer says, without what differs from call to call.
  local function said(res, err)
    assert.is_nil(err)
    return ("%s %s %s"):format(tostring(res.ok), tostring(res.error_code), tostring(res.description))
  end

  it("are all of the table in both spellings, and do what call does", function()
    local expected = {}
    for _, name in ipairs(bot_api.names()) do
      if not LEAVING[name] then
        local entry = bot_api.find(name)
        local given = name == "setWebhook" and { url = "" } or nil        -- which is checked here
        local by_call = said(bot:call(name, given))
        assert.equal(by_call, said(bot[entry.lua](bot, given)), name)
        assert.equal(by_call, said(bot[name](bot, given)), name)
        for _ = 1, 3 do expected[#expected + 1] = name end
      end
    end
    assert.equal(3 * 183, #expected)
    assert.same(expected, counted())
  end)

  it("send their parameters, and take options behind them", function()
    assert.equal("good night", bot:send_message { chat_id = 5, text = "good night" }.result.text)
    local res = bot:sendMessage({ chat_id = "5", text = "x", reply_markup = { remove_keyboard = true } },
      { timeout = 5, retries = 1 })
    assert.is_true(res.ok)
    assert.is_true(bot:get_chat { chat_id = 5 }.ok)
    assert.same({ "sendMessage", "sendMessage", "getChat" }, counted())
  end)

  it("leave the parameters to the server, as call does: a newer one passes", function()
    assert.is_true(bot:send_message { chat_id = 5, text = "x", brand_new = 1 }.ok)
    assert.equal("Bad Request: chat_id is empty", bot:send_message { text = "x" }.description)
    assert.same({ "sendMessage", "sendMessage" }, counted())
  end)

  it("return one value for an answer, and two where there is none", function()
    assert.equal(1, select("#", bot:send_dice { chat_id = 5 }))
    local res, err = botapi.bot("CANARY", { server = emu.url }):send_dice { chat_id = 5 }
    assert.is_nil(res)
    assert.equal("token", err.kind)
  end)

  it("check what the named functions know, where there is one, and are told by the name that was written", function()
    for _, name in ipairs { "getMe", "setWebhook", "logOut", "log_out", "logout" } do
      assert.matches("bad argument to '" .. name .. "' ", select(2, pcall(bot[name])))
    end
    local ok, why = pcall(bot.setWebhook, bot, { url = "", uri = "x" })
    assert.is_false(ok)
    assert.matches("unknown parameter 'uri'", why)
    assert.same({}, counted())
  end)

  it("raise at the caller's line for what can't be sent", function()
    for part, fn in pairs {
      ["bad argument to 'send_dice' %(.*table expected, got number%)"] = function() return (bot:send_dice(5)) end,
      ["bad argument to 'sendDice' %(options: table expected, got number%)"] = function()
        return (bot:sendDice({}, 5))
      end,
      ["bad argument to 'send_dice' %(unknown option 'wait'%)"] = function()
        return (bot:send_dice({}, { wait = 1 }))
      end,
      ["bad argument to 'send_dice' %(options 'server' and 'test' are the bot's"] = function()
        return (bot:send_dice({}, { server = emu.url }))
      end,
      ["bad argument to 'send_dice' %(parameter 'emoji': a function "] = function()
        return (bot:send_dice { emoji = print })
      end,
    } do
      local ok, why = pcall(fn)
      assert.is_false(ok)
      assert.matches("bot_methods_spec%.lua:%d+: " .. part, why)
    end
    assert.same({}, counted())
  end)

  it("say which one was meant", function()
    for wrong, right in pairs { send_mesage = "send_message", sendMesage = "sendMessage", getme = "get_me",
      sendmessage = "send_message", get_webhookinfo = "get_webhook_info", logut = "logout" } do
      local ok, why = pcall(function() return (bot[wrong](bot, {})) end)
      assert.is_false(ok)
      assert.matches("bot_methods_spec%.lua:%d+: bot has no method '" .. wrong .. "': did you mean '" .. right .. "'",
        why)
    end
    assert.same({}, counted())
  end)

  it("don't have close, which in Lua means to free", function()
    local ok, why = pcall(function() return (bot:close()) end)
    assert.is_false(ok)
    assert.matches("close_instance", why)
    assert.same({}, counted())
    bot:get_me()
    assert.is_true(bot:close_instance().result)
  end)

  it("leave other names to the user", function()
    for _, name in ipairs { "handlers", "closed", "state", "commands", "_private", "send", "", "a b", "\0", 1, true } do
      assert.is_nil(bot[name])
    end
    assert.is_false(pcall(function() return (bot:send_fancy_thing {}) end))
    bot.handlers = { 1 }
    assert.same({ 1 }, bot.handlers)
    assert.same({}, counted())
  end)

  it("may be unknown here by call alone, and go out untouched", function()
    assert.equal("method_not_found", botapi.reason(bot:call("sendMesage", { chat_id = 5 })))
    assert.equal("method_not_found", botapi.reason(bot:call("sendFancyThing", { chat_id = 5 })))
    assert.same({ "sendMesage", "sendFancyThing" }, counted())
  end)

  it("are refused once the bot has logged out", function()
    assert.is_true(bot:logOut().result)
    for _, name in ipairs(bot_api.names()) do
      local entry = bot_api.find(name)
      for _, method in ipairs { bot[entry.lua], name ~= "close" and bot[name] or nil } do
        local given = (entry.lua == "set_webhook") and { url = "" } or nil
        local res, err = method(bot, given)
        assert.is_nil(res)
        assert.equal("logged_out", err.kind)
        assert.equal("no", err.sent)
        assert.equal(name, err.method)
      end
    end
    assert.same({ "logOut" }, counted())
  end)

  it("are repeated as others are", function()
    emu:rule { bot = id, method = "sendDice", times = 1, answer = { error_code = 429, retry_after = 0 } }
    assert.is_true(bot:send_dice({ chat_id = 5 }, { retries = 1 }).ok)
    assert.same({ "sendDice", "sendDice" }, counted())
  end)

  it("need no table until one is asked for", function()
    local child = process.program(([[
      local botapi = require "botapi"
      local bot = botapi.bot("%s", { server = "%s" })
      assert(botapi.check(bot:get_me()))
      assert(bot.event_error == nil and botapi.reason(bot:call "getChat") == "bad_request")
      assert(botapi.check(bot:logout()))
      assert(package.loaded["botapi.methods"] and not package.loaded["botapi.bot_api"])
      assert(bot.send_message and package.loaded["botapi.bot_api"])
      io.stderr:write "fine"
    ]]):format(select(2, moves.new_bot()), emu.url))
    child:wait()
    assert.equal("fine", child:errors())
  end)
end)
