-- SPDX-License-Identifier: MIT
-- Specifies examples/bot.lua, run against the emulator: what it answers, and that it logs out for its owner alone.

local process = require "support.process"
local moves = require "support.moves"
local start = require "botapi.emulator".start

local OWNER, STRANGER = 41, 42

describe("examples/bot.lua", function()
  local emu, id, token, child

  setup(function() emu = start() end)
  teardown(function() emu:close() end)
  before_each(function()
    id, token = moves.new_bot()
    emu:put(id, { username = "echo_bot", first_name = "Echo" })
  end)
  after_each(function()
    child:stop "KILL"
    for _, text in ipairs { child:output(), child:errors() } do moves.check_clean(text, "bot.lua") end
  end)

  local function run(env)
    local all = { BOT_TOKEN = token, BOTAPI_SERVER = emu.url, OWNER_ID = tostring(OWNER) }
    for name, value in pairs(env or {}) do all[name] = value end
    child = process.start { process.lua, process.root .. "examples/bot.lua", name = "bot", env = all }
    child:expect "^@echo_bot listens$"
  end

  local function write(user, text)
    local person = user and { id = user, is_bot = false, first_name = "Ada" }
    emu:updates(id, { message = { message_id = 1, date = 1, from = person or nil, text = text,
      chat = { id = user or -100, type = user and "private" or "channel" } } })
  end

  -- The parameters of the only call of a method, which may be under way.
  local function sent(method)
    return assert(emu:calls { bot = id, method = method, status = 200, expect = 1, wait = 20 })[1].params
  end

  -- The methods that were called, in order, without polls.
  local function asked()
    local names = {}
    for _, call in ipairs(emu:calls { bot = id }) do
      if call.method ~= "getUpdates" then names[#names + 1] = call.method end
    end
    return names
  end

  it("repeats what it is told", function()
    run()
    write(STRANGER, "hello\n& <so> on")
    assert.same({ chat_id = "42", text = "hello\n& <so> on" }, sent "sendMessage")
  end)

  it("takes no command of another bot's", function()
    run()
    write(OWNER, "/logout@another_bot")
    assert.equal("/logout@another_bot", sent "sendMessage".text)
    assert.equal("logged_in", emu:bot(id).state)
  end)

  it("has a keyboard, and answers who uses it", function()
    run()
    write(STRANGER, "/start")
    local markup = require "cjson".decode(sent "sendMessage".reply_markup)
    assert.equal("red", markup.inline_keyboard[1][1].callback_data)
    emu:updates(id, { callback_query = { id = "77", chat_instance = "1", data = "red",
      from = { id = STRANGER, is_bot = false, first_name = "Ada" } } })
    assert.same({ callback_query_id = "77", text = "You like red." }, sent "answerCallbackQuery")
  end)

  it("sends a file", function()
    run()
    write(STRANGER, "/file@echo_bot")
    assert.same({ file_name = "hello.txt", file_size = #"Hello from Echo\n" }, sent "sendDocument".document)
  end)

  it("logs out for nobody but its owner", function()
    run()
    write(STRANGER, "/logout")
    assert.equal("Only my owner may do that.", sent "sendMessage".text)
    assert.equal("logged_in", emu:bot(id).state)
  end)

  for name, user in pairs { ["who is somebody"] = OWNER, ["who is nobody"] = false } do
    it("logs out for nobody where no owner is named: " .. name, function()
      run { OWNER_ID = "" }
      write(user, "!logout")
      assert.equal("Only my owner may do that.", sent "sendMessage".text)
      assert.equal("logged_in", emu:bot(id).state)
    end)
  end

  for _, command in ipairs { "/logout", "!logout", "/logout@echo_bot" } do
    it("tells its owner, logs out, and ends: " .. command, function()
      run()
      write(OWNER, command)
      write(OWNER, "and this is lost")
      child:expect("^logged out$", 20)
      assert.equal(0, child:wait(20), child:errors())
      assert.same({ "getMe", "sendMessage", "logOut" }, asked())
      assert.equal("I log out of this server now. Updates that wait here are lost.", sent "sendMessage".text)
      assert.equal("logged_out", emu:bot(id).state)
      assert.equal("", child:errors())
    end)
  end

  it("asks again where the answer was lost", function()
    emu:rule { bot = id, method = "logOut", answer = "lost_answer" }
    run()
    write(OWNER, "/logout")
    child:expect("^logged out$", 20)
    assert.equal(0, child:wait(20), child:errors())
    assert.equal("logged_out", emu:bot(id).state)
  end)

  it("ends without another call where nobody can know whether it has left", function()
    emu:rule { bot = id, method = "logOut", times = 0, answer = "bad_gateway" }
    run()
    write(OWNER, "/logout")
    assert.equal(1, child:wait(30), child:errors())
    local names = asked()
    assert.equal("logOut", names[#names])
    assert.is_truthy(child:errors():find "%S")
  end)

  it("stays where the server refuses the logout for now", function()
    emu:rule { bot = id, method = "logOut", times = 0, answer = { error_code = 429, retry_after = 3600 } }
    run()
    write(OWNER, "/logout")
    assert(emu:calls { bot = id, method = "sendMessage", status = 200, expect = 2, wait = 20 })
    assert.same({ "getMe", "sendMessage", "logOut", "sendMessage" }, asked())
    write(OWNER, "still there?")
    assert(emu:calls { bot = id, method = "sendMessage", status = 200, expect = 3, wait = 20 })
  end)
end)
