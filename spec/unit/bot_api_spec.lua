-- SPDX-License-Identifier: MIT
-- Specifies the one table of the Bot API's methods: names, parameters and their kinds, and what only reads.

local bot_api = require "botapi.bot_api"
local methods = require "botapi.methods"
local process = require "support.process"

local unpack = table.unpack or unpack

local KINDS = {}
for kind in ("string integer number boolean chat file object integers strings objects"):gmatch "%S+" do
  KINDS[kind] = true
end

-- What a kind is in botapi.methods.
local TYPES = { string = "string", integer = "integer", boolean = "boolean", file = "file", strings = "array" }

describe("the table of the Bot API", function()
  local names = bot_api.names()

  it("has each method once: 181 of the server of 10.0, and 4 of 10.1", function()
    local seen, newer = {}, 0
    for _, name in ipairs(names) do
      assert.is_nil(seen[name:lower()])
      seen[name:lower()] = true
      if bot_api.find(name).since then newer = newer + 1 end
    end
    assert.equal(185, #names)
    assert.equal(4, newer)
  end)

  it("is what the guides say of the command and of the emulator", function()
    local old = 0
    for _, name in ipairs(names) do old = old + (bot_api.find(name).since and 0 or 1) end
    for path, said in pairs { ["docs/command.md"] = { #names, bot_api.version },
      ["docs/emulator.md"] = { old, bot_api.emulated_version } } do
      local text = process.slurp(process.root .. path):gsub("%s+", " ")
      assert.is_truthy(text:find(("the %d methods of Bot API %s "):format(unpack(said)), 1, true), path)
    end
  end)

  it("finds a method by its spelling, in any case, and by its name in Lua", function()
    for _, name in ipairs(names) do
      local entry = bot_api.find(name)
      assert.equal(name, entry.name)
      for _, other in ipairs { name:lower(), name:upper(), entry.lua, (name:gsub("%u", "_%0"):lower()) } do
        assert.equal(entry, bot_api.find(other))
      end
    end
    assert.equal("send_message", bot_api.find "sendMessage".lua)
    assert.equal("get_my_default_administrator_rights", bot_api.find "getMyDefaultAdministratorRights".lua)
    assert.equal("sendMessage", bot_api.find "send_message".name)
  end)

  it("doesn't find what isn't there", function()
    for _, name in ipairs { "", "_", "sendMesage", "getMe2", "send message", "\0", "find" } do
      assert.is_nil(bot_api.find(name))
    end
  end)

  it("gives each documented parameter a kind, and knows which are required", function()
    for _, name in ipairs(names) do
      local entry = bot_api.find(name)
      local n = 0
      for _, param in ipairs(entry.params) do
        assert.matches("^[%l_]+$", param)
        assert.is_true(KINDS[entry.kinds[param]], name .. "." .. param)
      end
      for _ in pairs(entry.kinds) do n = n + 1 end
      assert.equal(#entry.params, n)
      for param in pairs(entry.required) do assert.is_truthy(entry.kinds[param], name .. "." .. param) end
    end
    local send = bot_api.find "sendMessage"
    assert.same({ "link_preview_options", "text", "parse_mode", "entities" }, { unpack(send.params, 1, 4) })
    assert.same({ chat_id = true, text = true }, send.required)
    assert.equal("chat", send.kinds.chat_id)
    assert.equal("objects", send.kinds.entities)
    assert.equal("object", send.kinds.reply_markup)
    assert.equal("integers", bot_api.find "deleteMessages".kinds.message_ids)
    assert.equal("file", bot_api.find "sendDocument".kinds.thumbnail)
  end)

  it("leaves out what the server takes and the documentation doesn't have", function()
    local entry = bot_api.find "forwardMessage"
    assert.is_nil(entry.kinds.reply_markup)
    assert.is_not_nil(entry.checks.reply_markup)
    assert.is_true(bot_api.find "sendChecklist".required.business_connection_id)
    assert.is_nil(bot_api.find "sendMessage".required.business_connection_id)
  end)

  it("knows of other names of a method", function()
    assert.equal("banChatMember", bot_api.find "kickChatMember".same)
    assert.equal(bot_api.find "banChatMember".params, bot_api.find "kickChatMember".params)
    assert.equal("kick_chat_member", bot_api.find "kickChatMember".lua)
  end)

  it("says of nothing that changes something that it only reads", function()
    local readers = 0
    for _, name in ipairs(names) do
      local entry = bot_api.find(name)
      assert.is_boolean(entry.reads)
      if entry.reads then
        readers = readers + 1
        assert.matches("^get", name)
      end
    end
    assert.equal(32, readers)
    assert.is_false(bot_api.find "getUpdates".reads)      -- it confirms
  end)

  it("agrees with what the named functions know", function()
    for key, method in pairs(methods) do
      local entry = bot_api.find(key)
      assert.equal(method.name, entry.name)
      assert.equal(method.lua or "get_updates", entry.lua)
      assert.equal(entry, bot_api.find(entry.lua))
      assert.is_false(entry.reads and method.lifecycle or false)
      local n = 0
      for name, info in pairs(method.params or {}) do
        n = n + 1
        assert.equal(info.type, TYPES[entry.kinds[name]], method.name .. "." .. name)
        assert.equal(info.required, entry.required[name])
      end
      if method.params then assert.equal(#entry.params, n) end
    end
  end)

  it("tells lists and files from other kinds", function()
    for kind in pairs(KINDS) do
      assert.equal(kind == "integers" or kind == "strings" or kind == "objects", bot_api.is_list(kind))
      assert.equal(kind == "file", bot_api.is_file(kind))
    end
    assert.is_false(bot_api.is_list(nil))
    assert.same({ 2, 2, 1, 1 }, { bot_api.lists.keyboard, bot_api.lists.inline_keyboard, bot_api.lists.entities,
      bot_api.lists.tasks })
    assert.is_nil(bot_api.lists.media)
  end)

  it("knows which name was meant", function()
    for wrong, right in pairs { sendMesage = "sendMessage", sendmessages = "sendMessage", send_mesage = "sendMessage",
      getme2 = "getMe", get_web_hook_inof = "getWebhookInfo", editMesageText = "editMessageText" } do
      assert.equal(right, bot_api.nearest(wrong))
    end
    for _, wrong in ipairs { "", "send", "handlers", "sendFancyThing", ("x"):rep(1000) } do
      assert.is_nil(bot_api.nearest(wrong))
    end
  end)

  it("gives lists that may be changed", function()
    local list = bot_api.names()
    list[1] = nil
    assert.equal(185, #bot_api.names())
  end)
end)
