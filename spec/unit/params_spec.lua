-- SPDX-License-Identifier: MIT
-- Parameters: how each value is sent, which are refused by name, and what the named functions know of theirs.

local botapi = require "botapi"
local cjson = require "cjson"
local core = require "botapi.core"
local faults = require "support.faults"
local live = require "support.live"
local methods = require "botapi.methods"
local process = require "support.process"
local replies = require "support.replies"

local OK = replies.http '{"ok":true,"result":true}'

-- The request as it was sent: head, body.
local function sent(method, params)
  local res, err, request = replies.to(OK, {start = function(engine, url)
    return engine:start(replies.token, method, params, {server = url, timeout = 10})
  end})
  assert.is_nil(err, tostring(err))
  assert.is_true(res.ok)
  return request:match("^(.-\r\n)\r\n(.*)$")
end

local function decoded(text)
  return (text:gsub("+", " "):gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

-- The form's fields, decoded.
local function fields(params)
  local _, body = sent("sendMessage", params)
  local list, count = {}, 0
  for name, value in body:gmatch("([^&=]+)=([^&]*)") do
    list[decoded(name)] = decoded(value)
    count = count + 1
  end
  return list, count, body
end

local function refused(params, pattern)
  local ok, message = pcall(botapi.call, replies.token, "sendMessage", params, {server = "http://127.0.0.1:1"})
  assert.is_false(ok, "it is taken")
  assert.is_truthy(message:find(pattern, 1, true), message)
  assert.is_truthy(message:find("bad argument #3", 1, true), message)
  return message
end

describe("parameters", function()
  local before
  before_each(function() before = live.note() end)
  after_each(function() before:check() end)

  it("are sent as form fields, with the length and the type that say so", function()
    local head, body = sent("sendMessage", {text = "hi"})
    assert.equal("text=hi", body)
    assert.is_truthy(head:find("\r\nContent-Length: 7\r\n", 1, true))
    assert.is_truthy(head:find("\r\nContent-Type: application/x-www-form-urlencoded\r\n", 1, true))
    assert.is_nil(head:lower():find("\r\nexpect:", 1, true))
  end)

  it("that are none make an empty body", function()
    for _, params in ipairs {{}, false} do
      local head, body = sent("sendMessage", params or nil)
      assert.equal("", body)
      assert.is_truthy(head:find("\r\nContent-Length: 0\r\n", 1, true))
    end
  end)

  it("keep every byte of a string", function()
    local all = {}
    for byte = 0, 255 do
      all[byte + 1] = string.char(byte)
    end
    local text = table.concat(all)
    local list, _, body = fields {text = text, caption = "a&b=c+d %41;\r\n\195\188"}
    assert.equal(text, list.text)
    assert.equal("a&b=c+d %41;\r\n\195\188", list.caption)
    assert.is_nil(body:find("[^%w%-._~%%&=]"), "a byte is sent bare")
  end)

  it("keep numbers exactly", function()
    local list = fields {chat_id = -1002147483648123, big = 9007199254740991, zero = 0, minus = -5, half = 0.5,
      float = 3.0, large = 1e15, small = 1e-3}
    assert.same({chat_id = "-1002147483648123", big = "9007199254740991", zero = "0", minus = "-5", half = "0.5",
      float = "3", large = "1000000000000000", small = "0.001"}, list)
  end)

  it("keep integers of 64 bits where Lua has them", function()
    if math.type then
      local list = fields {max = math.maxinteger, min = math.mininteger, odd = 9007199254740993}
      assert.same({max = "9223372036854775807", min = "-9223372036854775808", odd = "9007199254740993"}, list)
    end
  end)

  it("write booleans as true and false", function()
    assert.same({a = "true", b = "false"}, (fields {a = true, b = false}))
  end)

  it("write tables as JSON, with integers exactly", function()
    local list = fields {reply_markup = {keyboard = {{"a", "b"}}, n = 5, id = -100214748364, flag = false},
      list = {1, 2, 3}, empty = {}}
    assert.same({keyboard = {{"a", "b"}}, n = 5, id = -100214748364, flag = false}, cjson.decode(list.reply_markup))
    assert.equal("[1,2,3]", list.list)
    assert.is_truthy(list.reply_markup:find("-100214748364", 1, true))
  end)

  it("come with every name, a hundred of them", function()
    local params = {}
    for i = 1, 100 do
      params["name_" .. i] = ("x"):rep(i)
    end
    local list, count = fields(params)
    assert.equal(100, count)
    assert.same(params, list)
  end)

  it("take a body of a megabyte", function()
    local list = fields {text = ("\255"):rep(400000)}
    assert.equal(400000, #list.text)
  end)

  it("are left as they were", function()
    local params = {text = "a", list = {1, {2}}, n = 1.5}
    fields(params)
    assert.same({text = "a", list = {1, {2}}, n = 1.5}, params)
  end)
end)

describe("a parameter", function()
  it("with a number inside a table is as it was, to its last digit", function()
    for _, number in ipairs {-1002147483648123, 1e15, 9007199254740992, -9007199254740992, 0.1, 0.1 + 0.2, 1 / 3,
      55.755826123456789, 5e-324, 2.2250738585072014e-308, -1e-7, 123456.5} do
      for _, wrapped in ipairs {{number}, {{{number}}}, {id = number}, {a = {{c = number}}}} do
        local text = (fields {reply_markup = wrapped}).reply_markup
        assert.equal(number, tonumber(text:match "[-%d][%d.e+-]*"), text)
      end
      assert.equal(number, tonumber((fields {n = number}).n))
    end
    assert.equal("[-1002147483648123,0.1,0.30000000000000004]",
      (fields {a = {-1002147483648123, 0.1, 0.1 + 0.2}}).a)
  end)

  -- The largest and the smallest that this Lua has, and how they are written.
  local function extremes()
    if math.type then
      return {[math.maxinteger] = "9223372036854775807", [math.mininteger] = "-9223372036854775808",
        [9007199254740993] = "9007199254740993"}
    end
    return {[9007199254740992] = "9007199254740992", [-9007199254740992] = "-9007199254740992",
      [9007199254740991] = "9007199254740991"}
  end

  it("has its integers exactly, at each depth that a server reads", function()
    for number, digits in pairs(extremes()) do
      local value, text, params = number, digits, {}
      for depth = 1, 100 do
        if depth % 2 == 0 then
          value, text = {a = value}, '{"a":' .. text .. "}"
        else
          value, text = {value}, "[" .. text .. "]"
        end
        params["p" .. depth] = value
      end
      local list = fields(params)
      for depth = 1, 100 do assert.is_truthy(list["p" .. depth]:find(digits, 1, true), depth) end
      assert.equal(text, list.p100)
    end
  end)

  it("may be one of LuaJIT's integers of 64 bits, at the top and in tables", function()
    if not rawget(_G, "jit") then return end
    local text = "return 9223372036854775807LL, -9223372036854775807LL - 1LL, 18446744073709551615ULL"
    local big, small, unsigned = (loadstring or load)(text)()
    local list = fields {a = big, b = small, c = unsigned, d = {big, {n = small}}}
    assert.same({a = "9223372036854775807", b = "-9223372036854775808", c = "18446744073709551615",
      d = '[9223372036854775807,{"n":-9223372036854775808}]'}, list)
    local ffi = require "ffi"
    refused({a = ffi.new "int[2]"}, "parameter 'a': a cdata has no JSON")
    refused({a = {ffi.new "complex"}}, "parameter 'a': in a[1] a cdata has no JSON")
    for _, kind in ipairs {"void *", "char *", "int *"} do
      local null = ffi.new(kind)
      refused({a = null}, "parameter 'a': a cdata has no JSON")
      refused({a = {b = null}}, "parameter 'a': in a.b a cdata has no JSON")
      refused({a = {1, null}}, "parameter 'a'")
      refused({a = {null}}, "parameter 'a'")
    end
  end)

  it("that isn't finite raises", function()
    for _, value in ipairs {0 / 0, 1 / 0, -1 / 0} do
      refused({a = value}, "parameter 'a'")
      refused({a = {value}}, "parameter 'a'")
    end
  end)

  it("that is a float too large to be exact raises, as it may have been another integer", function()
    for _, number in ipairs {2 ^ 53 + 2, -1e18, 2 ^ 62, -2 ^ 63, 2 ^ 63, 9223372036854775808, -2 ^ 64, 2 ^ 70, 1e21,
      1.7976931348623157e308} do
      refused({a = number}, "parameter 'a': an integer that is too large to be sent exactly")
      refused({a = {b = {number}}}, "parameter 'a': in a.b[1] an integer that is too large to be sent exactly")
    end
  end)

  it("of a type that nothing can be made of raises and names the type", function()
    for kind, value in pairs {["function"] = print, userdata = io.stdout, thread = coroutine.create(function() end)} do
      assert.is_truthy(refused({a = value}, "parameter 'a'"):find(kind, 1, true))
      refused({a = {value}}, "parameter 'a'")
    end
  end)

  it("or a method, whose name is a part of the token's secret, isn't repeated by any error", function()
    local token = "123456:AAEabcdefghijklmnopqrstuvwxyz012345"
    local function said(...)
      local ok, why = pcall(...)
      assert.is_false(ok)
      for i = 8, #token - 5 do assert.is_nil(tostring(why):find(token:sub(i, i + 5), 1, true), tostring(why)) end
      return tostring(why)
    end
    local options = {server = "http://127.0.0.1:1"}
    for _, part in ipairs {token:sub(8, 20), token:sub(10, 33), token:sub(8, 13)} do
      local method = said(botapi.call, token, part, {}, options)
      assert.is_truthy(method:find("method: it is a part of the token", 1, true), method)
      assert.is_truthy(said(function() return botapi.bot(token, options):call(part) end):find("method: ", 1, true))
      said(botapi.call, token, "getFoo", {[part] = print}, options)
      said(botapi.call, token, "getFoo", {a = {[part] = print}}, options)
      said(botapi.set_webhook, token, {url = "https://h", [part] = 1}, options)
      said(function() return botapi.bot(token, options):send_message {[part] = {1, nil, 3}} end)
    end
    local _, err = botapi.call(token, "getAAE", nil, options)
    assert.equal("network", err.kind)
  end)

  it("that grows beyond all use, since a table is in others many times, raises soon", function()
    for _, leaf in ipairs {1, "x", ("x"):rep(1000)} do
      local list, object = {leaf}, {a = leaf}
      for _ = 1, 60 do list, object = {list, list}, {a = object, b = object} end
      refused({a = list}, "parameter 'a': in a")
      refused({a = object}, "too much: is a table in others many times?")
    end
    local long, name = {}, {[("n"):rep(1e6)] = 1}
    for i = 1, 1000 do long[i] = name end
    refused({a = long}, "too much")
    local many = {}
    for i = 1, 1000 do many["p" .. i] = {("x"):rep(1e5)} end
    refused(many, "too much")
  end)

  it("may be large, and have a table in it twice", function()
    local list, one = {}, {text = ("x"):rep(50)}
    for i = 1, 5000 do list[i] = {one, one} end
    local text = (fields {a = list}).a
    assert.equal(10000, select(2, text:gsub("text", "")))
  end)

  it("nested without end raises", function()
    local loop = {}
    loop[1] = loop
    refused({a = loop}, "parameter 'a': in a[1][1][1][1][1][1][1][1][1]… too deep, or holds itself")
    local a, b = {}, {}
    a.b, b.a = b, a
    refused({a = {a, b}}, "parameter 'a'")
    local deep = {}
    for _ = 1, 1000 do
      deep = {deep}
    end
    refused({a = deep}, "parameter 'a'")
  end)

  it("with a hole in a list raises, and the error names the place", function()
    local why = "a list without holes expected, [2] is nil: botapi.null is JSON's"
    refused({reply_markup = {inline_keyboard = {{{text = "a"}, nil, {text = "b"}}}}},
      "parameter 'reply_markup': in reply_markup.inline_keyboard[1] " .. why)
    refused({a = {1, nil, 3}}, "parameter 'a': " .. why)
    refused({a = {1, nil, 3, nil, 5}}, "parameter 'a': " .. why)
    refused({a = {1, 2, nil, 4, nil, nil, 7}}, "[3] is nil")
    refused({a = {nil, 2}}, "[1] is nil")
    refused({a = {[1] = 1, [1000000] = 2}}, "[2] is nil")
    refused({a = {[7] = 1}}, "[1] is nil")
    refused({a = {[9007199254740992] = 1}}, "[1] is nil")
  end)

  it("that is both a list and an object raises, and the error names the place", function()
    local why = "a list or an object expected, this one is both"
    refused({a = {1, b = 2}}, "parameter 'a': " .. why)
    refused({a = {1, nil, 3, b = 2}}, "parameter 'a': " .. why)
    refused({a = {b = {{c = {1, 2, d = 3}}}}}, "parameter 'a': in a.b[1].c " .. why)
    refused({a = {{n = 1, 5}}}, "in a[1] " .. why)
    refused({a = {b = 1, [3] = 2}}, why)
    refused({a = botapi.array {b = 1}}, "it is marked as a list and has names")
  end)

  it("with a key that JSON doesn't have raises, and the error names the place", function()
    for _, position in ipairs {0, -1, 1.5, 1 / 0, -1 / 0} do
      local shown = ("[%s]"):format(tostring(position))
      refused({a = {b = {[position] = 1}}}, "in a.b " .. shown .. " is no position in a list")
      refused({a = {1, 2, [position] = 3}}, "parameter 'a': " .. shown .. " is no position in a list")
    end
    for kind, key in pairs {boolean = true, table = {}, ["function"] = print, userdata = io.stdout} do
      refused({a = {[key] = 1}}, ("parameter 'a': a %s can't be a name"):format(kind))
      refused({a = {1, {x = 1, [key] = 1}}}, ("parameter 'a': in a[2] a %s can't be a name"):format(kind))
    end
  end)

  it("has the names of its objects in one order, and so have the parameters", function()
    local markup = {}
    for i = 1, 30 do markup["name" .. (i * 7 % 31)] = i end
    local first = select(2, sent("sendMessage", {text = "a", chat_id = 1, reply_markup = markup, disable = true}))
    local other = {}
    for i = 30, 1, -1 do other["name" .. (i * 7 % 31)] = i end
    local _, second = sent("sendMessage", {disable = true, reply_markup = other, chat_id = 1, text = "a"})
    assert.equal(first, second)
    assert.is_truthy(first:find "^chat_id=1&disable=true&reply_markup=[^&]+&text=a$", first)
  end)

  it("may have any string in a table, and any name", function()
    local every = {}
    for byte = 0, 127 do every[byte + 1] = string.char(byte) end
    local text = table.concat(every) .. "é€😀/"
    local list = fields {a = {text, {[text] = text}}, b = {""}, c = {[""] = "1", ["1"] = 1}}
    local back = cjson.decode(list.a)
    assert.equal(text, back[1])
    assert.equal(text, back[2][text])
    assert.is_truthy(list.a:find("é€😀/", 1, true), list.a)
    assert.is_nil(list.a:find "%c")
    assert.equal('[""]', list.b)
    assert.equal('{"":"1","1":1}', list.c)
  end)

  it("must have a name of letters, digits and _, which isn't repeated when it has not", function()
    for _, name in ipairs {"", "a b", "a=b", "a&b", "a\r\n", "110201543:CANARY", "\195\188", ("x"):rep(65)} do
      local message = refused({[name] = 1}, "name")
      assert.is_nil(message:find("CANARY", 1, true))
    end
    for _, key in ipairs {1, 1.5, true, print} do
      refused({[key] = "x"}, "name must be a string")
    end
  end)

  it("isn't an option, which would be sent to the server while the call goes elsewhere", function()
    for _, row in ipairs(core.options()) do
      if row.name ~= "timeout" then refused({[row.name] = "x"}, "'" .. row.name .. "': that is an option") end
    end
  end)

  it("isn't an option of bots, by whichever way the call is made", function()
    local server = {server = "http://127.0.0.1:1"}
    local bot, engine = botapi.bot(replies.token, server), core.engine()
    for _, name in ipairs {"retries", "max_wait", "deadline", "may_have_left", "on_event", "heartbeat"} do
      local params = {[name] = 1}
      refused(params, "'" .. name .. "': that is an option")
      for _, method in ipairs {"getMe", "getupdates", "aMethodOfTomorrow"} do
        for _, call in ipairs {
          function() bot:call(method, params) end,
          function() botapi.call(replies.token, method, params, server) end,
          function() engine:start(replies.token, method, params, server) end,
        } do
          local ok, why = pcall(call)
          assert.is_false(ok, name .. " is taken")
          assert.is_truthy(why:find("parameter '" .. name .. "': that is an option of bots", 1, true), why)
        end
      end
      local ok, why = pcall(bot.delete_webhook, bot, params)
      assert.is_false(ok)
      assert.is_truthy(why:find("parameter '" .. name .. "': that is an option of bots", 1, true), why)
    end
    engine:close()
  end)

  it("is timeout where the method may have one, or get one: any that has no function of its own", function()
    for _, method in ipairs {"getMe", "GETME", "logOut", "close", "getWebhookInfo", "deleteWebhook", "setWebhook"} do
      local ok, why = pcall(botapi.call, replies.token, method, {timeout = 1}, {server = "http://127.0.0.1:1"})
      assert.is_false(ok, method .. " takes it")
      assert.is_truthy(why:find("parameter 'timeout': that is an option", 1, true), why)
    end
    for _, method in ipairs {"getUpdates", "GetUpdates", "getChat", "sendMessage", "aMethodOfTomorrow"} do
      local _, body = sent(method, {timeout = 1})
      assert.equal("timeout=1", body)
    end
  end)

  it("isn't inherited: what can't be listed would be left out", function()
    refused(setmetatable({}, {__index = {chat_id = 1}}), "a plain table expected")
    refused(setmetatable({}, {__pairs = function() return next, {chat_id = 1} end}), "a plain table expected")
  end)

  it("isn't inherited inside a table either, and the error names the place", function()
    local function nothing() end
    for _, meta in ipairs {{__index = {inline_keyboard = {}}}, {__index = nothing}, {__pairs = nothing},
      {__index = false}, {__index = {}, __metatable = "hidden"}} do
      local function odd() return setmetatable({}, meta) end
      refused({reply_markup = odd()}, "parameter 'reply_markup': a plain table expected")
      refused({reply_markup = {a = {{b = odd()}}}}, "in reply_markup.a[1].b")
      refused({reply_markup = {1, {}, odd()}}, "in reply_markup[3]")
      local message = refused({reply_markup = {[replies.token] = {odd()}}}, "in reply_markup.…[1]")
      assert.is_nil(message:find("CANARY", 1, true))
      refused({[("a"):rep(40)] = {odd()}}, "parameter '…': in …[1] a plain table expected")
      local ok, why = pcall(botapi.set_webhook, replies.token, {url = "x", allowed_updates = odd()},
        {server = "http://127.0.0.1:1"})
      assert.is_false(ok)
      assert.is_truthy(why:find("parameter 'allowed_updates': a plain table expected", 1, true), why)
    end
  end)

  it("may be a table with a metatable that adds nothing: of an array, an envelope, a list with a length", function()
    local array = setmetatable({1}, {__name = "array"})
    local res = replies.to(replies.http '{"ok":true,"result":{"a":[1]}}')
    local known = fields {a = array, b = res, c = res.result, d = {array}}
    assert.equal("[1]", known.a)
    assert.same({ok = true, result = {a = {1}}}, cjson.decode(known.b))
    assert.equal('{"a":[1]}', known.c)
    assert.equal("[[1]]", known.d)
    local _, body = sent("setWebhook", {allowed_updates = setmetatable({"message"}, {__len = function() return 0 end})})
    assert.equal('["message"]', decoded(body:match "=(.*)"))
  end)

  it("is read by what the library knows, whatever a program does to its tables", function()
    local child = process.program([[
      local methods = require "botapi.methods"
      local botapi = require "botapi"
      methods.setwebhook.params.url = {}
      methods.setwebhook.params.self = methods
      methods.setwebhook.params = setmetatable({}, {__index = function() error "mine" end})
      methods.getme = 5
      local options = {server = "http://127.0.0.1:1"}
      local _, err = botapi.set_webhook("1:x", {url = "https://a.example"}, options)
      print(err.kind)
      print(select(2, pcall(botapi.set_webhook, "1:x", {}, options)))
      print(select(2, botapi.get_me("1:x", options)).kind)
      package.loaded["botapi.params"] = function() end
      print(pcall(botapi.set_webhook, "1:x", {url = "https://a.example"}, options))
      package.loaded["botapi.params"] = function(t) return t(t) end
      print(pcall(botapi.set_webhook, "1:x", {url = "https://a.example"}, options))
    ]])
    assert.equal("network", child:line() or child:errors())
    assert.is_truthy(child:line():find("parameter 'url': missing", 1, true))
    assert.equal("network", child:line())
    for _ = 1, 2 do assert.is_truthy(child:line():find "^false") end
    assert.equal(0, child:wait(), child:errors())
  end)

  it("can't come alone: parameters are a table or nothing", function()
    for _, value in ipairs {"x", 5, true, print} do
      assert.is_truthy(refused(value, "table expected"))
    end
  end)
end)

describe("an empty table", function()
  -- What is sent of each parameter, where the method has that name.
  local function body_of(method, params)
    local _, body = sent(method, params)
    return decoded(body)
  end

  it("is a list where the Bot API has one: a parameter, whatever the case of its method", function()
    for _, row in ipairs {{"answerInlineQuery", "results"}, {"ANSWERINLINEQUERY", "results"},
      {"getUpdates", "allowed_updates"}, {"setWebhook", "allowed_updates"}, {"sendMessage", "entities"},
      {"sendPhoto", "caption_entities"}, {"sendPoll", "options"}, {"sendMediaGroup", "media"},
      {"deleteMessages", "message_ids"}, {"setMyCommands", "commands"}, {"setMessageReaction", "reaction"},
      {"sendInvoice", "prices"}, {"setPassportDataErrors", "errors"}, {"answerShippingQuery", "shipping_options"}} do
      assert.equal(row[2] .. "=[]", body_of(row[1], {[row[2]] = {}}))
    end
  end)

  it("is a list inside keyboards, entities, media, checklists, at each level of it", function()
    for _, row in ipairs {
      {{inline_keyboard = {}}, '{"inline_keyboard":[]}'},
      {{inline_keyboard = {{}}}, '{"inline_keyboard":[[]]}'},
      {{inline_keyboard = {{}, {{text = "a", callback_data = "b"}}, {}}},
        '{"inline_keyboard":[[],[{"callback_data":"b","text":"a"}],[]]}'},
      {{inline_keyboard = {{{text = "a", pay = true, callback_game = {}}}}},
        '{"inline_keyboard":[[{"callback_game":{},"pay":true,"text":"a"}]]}'},
      {{keyboard = {{}, {}}, selective = true}, '{"keyboard":[[],[]],"selective":true}'},
      {{inline_keyboard = {{{}}}}, '{"inline_keyboard":[[{}]]}'},
      {{}, "{}"},
    } do
      assert.equal("reply_markup=" .. row[2], body_of("sendMessage", {reply_markup = row[1]}))
      assert.equal("reply_markup=" .. row[2], body_of("aMethodOfTomorrow", {reply_markup = row[1]}))
    end
    assert.equal('media=[{"caption_entities":[],"media":"a","type":"photo"},{}]', body_of("sendMediaGroup",
      {media = {{type = "photo", media = "a", caption_entities = {}}, {}}}))
    assert.equal('results=[{"input_message_content":{"entities":[]},"reply_markup":{"inline_keyboard":[[]]}}]',
      body_of("answerInlineQuery", {results = {{reply_markup = {inline_keyboard = {{}}},
        input_message_content = {entities = {}}}}}))
    assert.equal('checklist={"tasks":[],"title_entities":[]}', body_of("sendChecklist",
      {checklist = {tasks = {}, title_entities = {}}}))
    assert.equal('reply_parameters={"quote_entities":[]}', body_of("sendMessage",
      {reply_parameters = {quote_entities = {}}}))
    assert.equal('options=[{"text_entities":[]},{}]', body_of("sendPoll", {options = {{text_entities = {}}, {}}}))
  end)

  it("is an object everywhere else", function()
    for _, row in ipairs {{"sendMessage", "reply_markup"}, {"sendMessage", "link_preview_options"},
      {"aMethodOfTomorrow", "anything"}, {"sendMessage", "anything"}, {"editMessageMedia", "media"}} do
      assert.equal(row[2] .. "={}", body_of(row[1], {[row[2]] = {}}))
      assert.equal(row[2] .. '=[{"a":{}}]', body_of(row[1], {[row[2]] = {{a = {}}}}))
    end
  end)

  it("comes from an answer, too: what a server sent goes back as it was", function()
    local res = replies.to(replies.http '{"ok":true,"result":{"entities":[],"reply_markup":{"inline_keyboard":[[]]}}}')
    assert.equal('entities=[]&reply_markup={"inline_keyboard":[[]]}', body_of("sendMessage", res.result))
  end)

  it("needs no table of the Bot API in a plain call", function()
    local child = process.program([[
      local botapi = require "botapi"
      local options = {server = "http://127.0.0.1:1"}
      botapi.call("1:x", "sendMessage", {text = "a", chat_id = 1, reply_markup = {inline_keyboard = {{{text = "a"}}}}},
        options)
      botapi.set_webhook("1:x", {url = "", allowed_updates = {}}, options)
      botapi.logout("1:x", options)
      print(package.loaded["botapi.bot_api"] == nil, package.loaded["botapi.params"] ~= nil)
      botapi.call("1:x", "sendMessage", {entities = {}}, options)
      print(package.loaded["botapi.bot_api"] ~= nil)
    ]])
    assert.equal("true\ttrue", child:line() or child:errors())
    assert.equal("true", child:line() or child:errors())
    assert.equal(0, child:wait(), child:errors())
  end)
end)

describe("botapi.array", function()
  it("marks a list, so that an empty one is []", function()
    local list = {}
    assert.equal(list, botapi.array(list))
    assert.equal(list, botapi.array(list))
    local text = fields {a = botapi.array(), b = list, c = {x = botapi.array {}, y = {}}, d = botapi.array {1, 2},
      e = botapi.array {botapi.array()}}
    assert.same({a = "[]", b = "[]", c = '{"x":[],"y":{}}', d = "[1,2]", e = "[[]]"}, text)
    list[1] = "x"
    assert.equal('["x"]', (fields {a = list}).a)
  end)

  it("is checked as every list is", function()
    refused({a = botapi.array {1, nil, 3}}, "[2] is nil")
    refused({a = botapi.array {nil, 2}}, "[1] is nil")
    refused({a = botapi.array {1, x = 2}}, "both")
  end)

  it("takes a table without another metatable, or nothing", function()
    for _, wrong in ipairs {"x", 5, true, print, setmetatable({}, {}), setmetatable({}, {__metatable = false})} do
      local ok, why = pcall(botapi.array, wrong)
      assert.is_false(ok)
      assert.is_truthy(why:find("bad argument #1 to 'array'", 1, true), why)
    end
  end)
end)

describe("botapi.null", function()
  it("is JSON's null inside a table, and lua-cjson's", function()
    assert.equal(cjson.null, botapi.null)
    local list = fields {a = {botapi.null, 2, cjson.null}, b = {x = botapi.null}, c = {{botapi.null}}}
    assert.same({a = "[null,2,null]", b = '{"x":null}', c = "[[null]]"}, list)
    assert.equal("null", cjson.encode(botapi.null))
  end)

  it("leaves a parameter out, where a server would take the word for its value", function()
    assert.same({text = "a"}, (fields {text = "a", reply_markup = botapi.null, chat_id = cjson.null}))
    local _, body = sent("sendMessage", {text = botapi.null})
    assert.equal("", body)
    refused({proxy = botapi.null}, "'proxy': that is an option")
    for params, why in pairs {[{url = botapi.null}] = "parameter 'url': missing",
      [{url = "x", nonsense = botapi.null}] = "unknown parameter 'nonsense'"} do
      local ok, message = pcall(botapi.set_webhook, replies.token, params, {server = "http://127.0.0.1:1"})
      assert.is_false(ok)
      assert.is_truthy(message:find(why, 1, true), message)
    end
    local res, err = botapi.set_webhook(replies.token, {url = "x", max_connections = botapi.null},
      {server = "http://127.0.0.1:1"})
    assert.equal("network", res == nil and err.kind)
  end)
end)

describe("what other JSON libraries mark", function()
  -- Debian's lua-cjson 2.1.0 has none of the three: then a stand-in's are tried, in a process of their own.
  it("is understood: lua-cjson's empty_array, array_mt and empty_array_mt", function()
    local child = process.program([[
      local cjson = require "cjson.safe"
      cjson.empty_array = cjson.empty_array or io.stdout
      cjson.array_mt, cjson.empty_array_mt = cjson.array_mt or {}, cjson.empty_array_mt or {}
      local params = require "botapi".engine and require "botapi.params"
      local function say(t)
        print((params({a = t}):gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end)))
      end
      local function marked(t, meta) return setmetatable(t, meta) end
      say(cjson.empty_array)
      say {x = cjson.empty_array, y = {cjson.empty_array}}
      say {marked({}, cjson.array_mt), marked({}, cjson.empty_array_mt), marked({1}, cjson.array_mt)}
      say {marked({x = 1}, cjson.empty_array_mt), marked({2}, cjson.empty_array_mt)}
      print(pcall(params, {a = marked({x = 1}, cjson.array_mt)}))
      print(require "botapi".array(marked({}, cjson.array_mt)) ~= nil)
    ]])
    for _, wanted in ipairs {"a=[]", 'a={"x":[],"y":[[]]}', "a=[[],[],[1]]", 'a=[{"x":1},[2]]'} do
      assert.equal(wanted, child:line() or child:errors())
    end
    assert.is_truthy(child:line():find "^false")
    assert.equal("true", child:line())
    assert.equal(0, child:wait(), child:errors())
  end)

  it("is understood: dkjson's types; its null is refused, as it looks like an empty table", function()
    local dkjson = require "dkjson"
    local list = fields {a = dkjson.decode "[]", b = dkjson.decode "{}", c = dkjson.decode '{"x":[],"y":{},"z":[{}]}',
      entities = dkjson.decode '{"entities":{}}'}
    assert.same({a = "[]", b = "{}", c = '{"x":[],"y":{},"z":[{}]}', entities = '{"entities":{}}'}, list)
    refused({a = {dkjson.null}}, "in a[1] a plain table expected: this one has __tojson; JSON's null is botapi.null")
  end)
end)

describe("a named function", function()
  local OPTIONS = {server = "http://127.0.0.1:1"}

  local function set(params, pattern)
    local ok, message = pcall(botapi.set_webhook, replies.token, params, OPTIONS)
    assert.is_false(ok, "it is taken")
    assert.is_truthy(message:find(pattern, 1, true), message)
    return message
  end

  it("raises for a parameter that it doesn't know, and for one that is missing", function()
    set({url = "x", nonsense = 1}, "unknown parameter 'nonsense'")
    set({}, "parameter 'url': missing")
    set(nil, "parameter 'url': missing")
    assert.is_false(pcall(botapi.delete_webhook, replies.token, {url = "x"}, OPTIONS))
  end)

  it("says so when an option stands in the place of a parameter", function()
    for _, row in ipairs(core.options()) do
      set({url = "x", [row.name] = 5}, "parameter '" .. row.name ..
        "': that is an option: pass it after the parameters")
    end
  end)

  it("raises for each wrong type of each of its parameters", function()
    local values = {string = "x", integer = 5, boolean = true, array = {"a"}, file = "x"}
    local lua = {string = "string", integer = "number", boolean = "boolean", array = "table", file = "string"}
    for _, method in pairs(methods) do
      for name, info in pairs(method.params or {}) do
        for kind, value in pairs(values) do
          if lua[kind] ~= lua[info.type] then
            local params = {url = "x"}
            if method.lua ~= "set_webhook" then
              params = {}
            end
            params[name] = value
            local ok, message = pcall(botapi[method.lua], replies.token, params, OPTIONS)
            assert.is_false(ok, name .. " takes a " .. kind)
            assert.is_truthy(message:find("parameter '" .. name .. "'", 1, true), message)
          end
        end
      end
    end
  end)

  it("raises for what is out of range, not a whole number, or has a character that it can't", function()
    local most = methods.setwebhook.params.max_connections.max
    for _, n in ipairs {0, most + 1, -1, 1.5, 0 / 0, 1 / 0} do
      set({url = "x", max_connections = n}, "parameter 'max_connections'")
    end
    for _, text in ipairs {"", ("x"):rep(257), "a b", "a:b", "\195\188", "a\n"} do
      set({url = "x", secret_token = text}, "parameter 'secret_token'")
    end
  end)

  it("takes what is in range", function()
    for _, params in ipairs {{url = ""}, {url = "x", max_connections = 1}, {url = "x", max_connections = 100},
      {url = "x", max_connections = methods.setwebhook.params.max_connections.max},
      {url = "x", secret_token = ("x"):rep(256)}, {url = "x", secret_token = "aZ09_-"},
      {url = "x", allowed_updates = {}}, {url = "x", max_connections = 40.0}} do
      local res, err = botapi.set_webhook(replies.token, params, OPTIONS)
      assert.is_nil(res)
      assert.equal("network", err.kind)
    end
  end)

  it("never shows the value of a parameter that it refuses", function()
    for _, params in ipairs {{url = "x", secret_token = "CANARY secret"}, {url = {"CANARY"}},
      {url = "x", certificate = {"CANARY"}}, {url = "x", max_connections = "CANARY"}} do
      assert.is_nil(set(params, "parameter"):find("CANARY", 1, true))
    end
  end)

  it("sends an empty list as a list, where JSON has two empty things", function()
    local server = faults.start()
    local listener = server:open {mode = "ok"}
    assert.is_true(botapi.set_webhook(replies.token, {url = "x", allowed_updates = {}}, {server = listener.url}).ok)
    assert.is_true(botapi.set_webhook(replies.token, {url = "x", allowed_updates = {"a"}}, {server = listener.url}).ok)
    local told = listener:close()
    assert.is_truthy(decoded(told.requests[1].body):find("allowed_updates=[]", 1, true))
    assert.is_truthy(decoded(told.requests[2].body):find('allowed_updates=["a"]', 1, true))
    server:stop()
  end)
end)

describe("core.check_params", function()
  it("raises as the named functions do, and takes what they take", function()
    core.check_params(methods.setwebhook, {url = "x"})
    core.check_params(methods.deletewebhook, nil)
    core.check_params(methods.deletewebhook, {drop_pending_updates = true})
    for _, params in ipairs {{}, {url = 5}, {url = "x", nonsense = 1}, {url = "x", timeout = 1}, "x"} do
      assert.is_false(pcall(core.check_params, methods.setwebhook, params))
    end
    assert.is_false(pcall(core.check_params, {}, {}))
    assert.is_false(pcall(core.check_params))
  end)
end)
