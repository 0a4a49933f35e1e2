-- SPDX-License-Identifier: MIT
-- Specifies the request function of examples/framework_shim.lua: calls of the shapes that frameworks make arrive as
-- they mean them, files too, and no loop of theirs logs a bot in again.

local botapi = require "botapi"
local live = require "support.live"
local moves = require "support.moves"
local process = require "support.process"
local start = require "botapi.emulator".start

local shim = dofile(process.root .. "examples/framework_shim.lua")

local BYTES = "\137PNG\r\n\26\n--\0\255"

describe("the shim for frameworks", function()
  local emu, id, token, path, before

  setup(function()
    emu = start()
    path = process.directory() .. "cat.png"
    local file = assert(io.open(path, "wb"))
    file:write(BYTES)
    file:close()
  end)
  teardown(function() emu:close() end)
  before_each(function()
    id, token = moves.new_bot()
    before = live.note()
  end)
  after_each(function() before:check() end)

  local function new(api)
    api = api or botapi
    return shim(api, api.bot(token, { server = emu.url }))
  end

  local function calls(method) return emu:calls { bot = id, method = method } end

  -- The parameters that arrived with the only call of a method.
  local function arrived(method)
    local list = calls(method)
    assert.equal(1, #list)
    return list[1].params
  end

  -- The bytes that the server has kept of a file.
  local function kept(request, file)
    return process.slurp(request("getFile", { file_id = file.file_id }).result.file_path)
  end

  it("is a page", function()
    local _, lines = process.slurp(process.root .. "examples/framework_shim.lua"):gsub("\n", "")
    assert.is_true(lines < 60)
  end)

  describe("of a URL, texts and one file, as telegram-bot-lua has them,", function()
    local URL = "https://api.telegram.org/botTOKEN"

    it("calls the method, on the bot's own server", function()
      local request = new()
      assert.equal(id, request(URL .. "/getMe").result.id)
      local markup = '{"inline_keyboard":[[{"text":"Button","callback_data":"1"}]]}'
      local answer, err = request(URL .. "/sendMessage", { chat_id = "5", text = "a & b\n", reply_markup = markup })
      assert.is_nil(err)
      assert.equal("a & b\n", answer.result.text)
      assert.same({ chat_id = "5", text = "a & b\n", reply_markup = markup }, arrived "sendMessage")
    end)

    it("sends a file by its path", function()
      local request = new()
      local answer = request(URL .. "/sendDocument", { chat_id = "5", caption = "c" }, { document = path })
      assert.equal("cat.png", answer.result.document.file_name)
      assert.equal(BYTES, kept(request, answer.result.document))
      assert.equal("c", arrived "sendDocument".caption)
    end)

    it("sends a file from memory, and again by what isn't a path", function()
      local request = new()
      local photo = { filename = "p.png", data = BYTES }
      local sent = request(URL .. "/sendPhoto", { chat_id = "5" }, { photo = photo }).result.photo[1]
      assert.equal(BYTES, kept(request, sent))
      local again = request(URL .. "/sendPhoto", { chat_id = "6" }, { photo = sent.file_id }).result.photo[1]
      assert.equal(sent.file_unique_id, again.file_unique_id)
    end)

    it("polls", function()
      local request = new()
      request(URL .. "/getMe")
      emu:updates(id, { text = "hello" })
      local answer = request(URL .. "/getUpdates", { offset = "0", limit = "1", timeout = "0" }, {})
      assert.equal("hello", answer.result[1].message.text)
    end)

    it("returns what a server refused", function()
      local answer = new()(URL .. "/sendMessage", { chat_id = "5", text = "" })
      assert.same({ false, 400 }, { answer.ok, answer.error_code })
    end)
  end)

  describe("of a method, tables and several files, as Lua-Telegram-Bot has them,", function()
    it("makes JSON of tables", function()
      local markup = { keyboard = { { { text = "a" }, { text = "b" } } }, resize_keyboard = true }
      new()("sendMessage", { chat_id = 5, text = "t", reply_markup = markup })
      assert.same(markup, require "cjson".decode(arrived "sendMessage".reply_markup))
    end)

    it("sends files that are open, and sources of LTN12", function()
      local request, chunks = new(), { "ab", "", "c" }
      local document = { filename = "d.png", data = assert(io.open(path, "rb")), len = #BYTES }
      local thumbnail = { filename = "t.jpg", data = function() return table.remove(chunks, 1) end, len = 3 }
      local answer = request("sendDocument", { chat_id = 5, thumbnail = "attach://t.jpg" },
        { document = document, thumbnail = thumbnail }, { timeout = 5 })
      document.data:close()
      assert.equal(BYTES, kept(request, answer.result.document))
      assert.same({ file_name = "t.jpg", file_size = 3 }, arrived "sendDocument".thumbnail)
    end)
  end)

  describe("of a body and the same file twice, as telegram-bot-api has them,", function()
    it("sends it once", function()
      local request, photo = new(), { path = path }
      local answer = request("sendPhoto", { chat_id = 5, photo = photo }, { photo = photo })
      assert.equal(BYTES, kept(request, answer.result.photo[1]))
    end)

    it("takes what botapi.file made, and the type of a content", function()
      local given = {}
      local api = setmetatable({ file = function(file)
        given[#given + 1] = file.type
        return botapi.file(file)
      end }, { __index = botapi })
      local request = new(api)
      local sent = request("sendDocument", { chat_id = 5 }, { document = botapi.file { data = BYTES, name = "a.png" } })
      assert.equal(BYTES, kept(request, sent.result.document))
      request("sendVoice", { chat_id = 5 }, { voice = { filename = "v", data = BYTES, content_type = "audio/ogg" } })
      assert.same({ "audio/ogg" }, given)
    end)

    it("takes keyboards that are objects", function()
      local Keyboard = { row = function() end }
      local markup = setmetatable({ inline_keyboard = { { { text = "a", url = "https://a.example" } } } },
        { __index = Keyboard })
      new()("sendMessage", { chat_id = 5, text = "t", reply_markup = markup })
      assert.same({ inline_keyboard = markup.inline_keyboard },
        require "cjson".decode(arrived "sendMessage".reply_markup))
    end)
  end)

  describe("of one table with a text for nothing, as lua-telegram-bot has it,", function()
    it("sends what has a name, and its file", function()
      local request = new()
      assert.is_true(request("getMe", { "" }).ok)
      assert.same({}, arrived "getMe")
      local answer = request("sendVoice", { "", chat_id = 5,
        voice = { filename = "v.ogg", data = BYTES, content_type = "audio/ogg" } })
      assert.equal("audio/ogg", answer.result.voice.mime_type)
      assert.equal(BYTES, kept(request, answer.result.voice))
    end)
  end)

  it("says of a failure what was sent, without the token", function()
    emu:rule { bot = id, method = "sendMessage", answer = "lost_answer" }
    local answer, err = new()("sendMessage", { chat_id = 5, text = "t" })
    assert.is_nil(answer)
    assert.same({ "network", "maybe" }, { err.kind, err.sent })
    moves.check_clean(err, "shim")
  end)

  -- A loop as frameworks have it: it polls for ever, whatever comes.
  local function poll_forever(request, handle)
    local offset = 0
    while true do
      local answer = request("getUpdates", { offset = offset, timeout = 1 })
      for _, update in ipairs(answer and answer.result or {}) do
        handle(update)
        offset = update.update_id + 1
      end
    end
  end

  it("ends a loop whose bot logs out, and logs no bot in again", function()
    local request = new()
    request "getMe"
    emu:updates(id, { text = "!logout" })
    local refused
    local ok, raised = pcall(poll_forever, request, function(update)
      assert.is_true(request "logOut".ok)
      refused = { request("sendMessage", { chat_id = update.message.chat.id, text = "bye" }) }
    end)
    assert.is_false(ok)
    assert.equal("logged_out", raised.kind)
    assert.is_nil(refused[1])
    assert.equal("logged_out", refused[2].kind)
    assert.equal("logged_out", emu:bot(id).state)
    assert.same({ 1, 1, 0 }, { #calls "getUpdates", #calls "logOut", #calls "sendMessage" })
  end)

  for _, answer in ipairs { "lost_answer", "lost_request", "bad_gateway", "truncated" } do
    it("ends a loop whose bot may have logged out, as after " .. answer .. ", until a logOut is answered", function()
      local request = new()
      request "getMe"
      emu:updates(id, { text = "!logout" })
      emu:rule { bot = id, method = "logOut", answer = answer }
      local refused
      local ok, raised = pcall(poll_forever, request, function(update)
        local _, err = request "logOut"
        assert.not_equal("no", err.sent)
        refused = { pcall(request, "sendMessage", { chat_id = update.message.chat.id, text = "bye" }) }
      end)
      assert.same({ false, "logOut" }, { ok, raised.method })
      assert.same({ false, raised }, refused)
      moves.check_clean(raised, "shim")
      assert.same({ 1, 1, 0 }, { #calls "getUpdates", #calls "logOut", #calls "sendMessage" })
      emu:advance "10ms"
      assert.is_truthy(request "logOut")
      assert.equal("logged_out", emu:bot(id).state)
      assert.is_nil((request("sendMessage", { chat_id = 5, text = "t" })))
    end)
  end

  it("goes on after a logOut that was refused, or of which nothing was sent", function()
    local request = new()
    emu:rule { bot = id, method = "logOut", answer = "lost_answer" }
    emu:rule { bot = id, method = "logOut", answer = "rate_limited" }
    assert.equal(429, request "logOut".error_code)
    assert.is_true(request "getMe".ok)
    local nowhere = shim(botapi, botapi.bot(token, { server = "http://127.0.0.1:1" }))
    for _ = 1, 2 do assert.equal("no", select(2, nowhere "logOut").sent) end
    assert.equal("no", select(2, nowhere "getMe").sent)
    emu:unrule()
  end)

  it("waits after a poll that failed, since no loop of theirs does", function()
    local slept = {}
    local api = setmetatable({ sleep = function(seconds) slept[#slept + 1] = seconds end }, { __index = botapi })
    local request = shim(api, botapi.bot(token, { server = emu.url }))
    request "getMe"
    emu:rule { bot = id, method = "getUpdates", answer = "bad_gateway" }
    emu:rule { bot = id, method = "sendMessage", answer = "bad_gateway" }
    assert.is_nil((request("sendMessage", { chat_id = 5, text = "t" })))
    assert.same({}, slept)
    assert.is_nil((request("getUpdates", { timeout = 0 })))
    assert.same({ 1 }, slept)
    emu:advance(5)      -- or the server lets the same question wait
    assert.is_true(request("getUpdates", { timeout = 0 }).ok)
    assert.same({ 1 }, slept)
  end)

  it("lets other calls go on at once after a logOut that raised", function()
    local api = setmetatable({ sleep = function() error "nothing is under way" end }, { __index = botapi })
    local request = new(api)
    local ok, why = pcall(request, "logOut", nil, nil, { timout = 3 })
    assert.is_false(ok)
    assert.matches("timout", why)
    assert.is_true(request "getMe".ok)
    assert.is_true(request("getUpdates", { timeout = 0 }).ok)
    assert.equal(0, #calls "logOut")
  end)

  it("lets no other call begin while a logOut is under way", function()
    local loop, refused = require "cqueues".new(), {}
    local request = new(require "botapi.cqueues")
    emu:rule { bot = id, method = "logOut", answer = { execute = true, delay = "300ms" } }
    loop:wrap(function()
      for i, method in ipairs { "getChat", "sendMessage" } do   -- they begin when this one waits
        loop:wrap(function() refused[i] = { request(method, { chat_id = 5, text = "t" }) } end)
      end
      assert.is_true(request "logOut".ok)
    end)
    assert(loop:loop())
    assert.equal("logged_out", emu:bot(id).state)
    assert.equal(1, #emu:calls { bot = id })
    for i = 1, 2 do assert.equal("logged_out", refused[i][2].kind) end
  end)

  it("suspends only the coroutine that asks, with the module of a loop", function()
    local loop, order = require "cqueues".new(), {}
    local request = new(require "botapi.cqueues")
    emu:rule { bot = id, method = "getUpdates", answer = { delay = "200ms" } }
    loop:wrap(function()
      request("getUpdates", { timeout = "0" })
      order[#order + 1] = "poll"
    end)
    loop:wrap(function()
      request("sendMessage", { chat_id = 5, text = "t" })
      order[#order + 1] = "message"
    end)
    assert(loop:loop())
    assert.same({ "message", "poll" }, order)
  end)
end)
