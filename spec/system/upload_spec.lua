-- SPDX-License-Identifier: MIT
-- Files that are sent: the same bytes as the `curl` command sends, failures that say what was sent, and servers that
-- don't wait for the end of the body. What is claimed is held against what the server saw.

local botapi = require "botapi"
local canary = require "support.canary"
local certs = require "support.certs"
local cjson = require "cjson"
local core = require "botapi.core"
local faults = require "support.faults"
local live = require "support.live"
local process = require "support.process"
local shim = require "support.shim"

local TOKEN = canary.token
local PEM = process.slurp(certs.ca())
local LARGE = 64 * 1024 * 1024  -- half of it is more than the buffers of a connection on loopback take

local server, before, directory
lazy_setup(function()
  server = faults.start()
  directory = process.directory() .. "upload/"
  assert(process.run("mkdir -p " .. process.quote(directory)))
end)
lazy_teardown(function() server:stop() end)
before_each(function() before = live.note() end)
after_each(function() before:check() end)

local function write(name, text)
  local path = directory .. name
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  return path
end

-- A file of so many bytes that takes no room.
local function sparse(name, size)
  assert(process.run(("truncate -s 0 %s && truncate -s %d %s"):format(process.quote(directory .. name), size,
    process.quote(directory .. name))))
  return directory .. name
end

-- What the one call that `send` makes has put on the wire.
local function request_of(send)
  local listener = server:open { mode = "ok" }
  send(listener.url)
  local told = listener:close()
  assert.equal(1, #told.requests)
  return told.requests[1]
end

local function sent(method, params)
  return request_of(function(url)
    local res, err = botapi.call(TOKEN, method, params, { server = url, timeout = 20 })
    assert.is_nil(err, tostring(err))
    assert.is_true(res.ok)
  end)
end

-- The same by the `curl` command: `forms` are arguments of its -F.
local function curled(method, forms)
  return request_of(function(url)
    local words = { "curl", "-sS", "-H", "Expect:" }
    for _, form in ipairs(forms) do
      words[#words + 1] = "-F"
      words[#words + 1] = process.quote(form)
    end
    words[#words + 1] = process.quote(url .. "/bot" .. TOKEN .. "/" .. method)
    assert.equal('{"ok":true,"result":true}', process.capture(table.concat(words, " ")))
  end)
end

-- The body with a boundary of our own; that its head names it, and says its length.
local function body_of(request)
  local boundary = assert(request.head:match "\r\n[Cc]ontent%-[Tt]ype: multipart/form%-data; boundary=([%w-]+)\r\n")
  assert.equal(#request.body, tonumber(request.head:match "\r\n[Cc]ontent%-[Ll]ength: (%d+)\r\n"))
  assert.is_nil(request.head:lower():find("\r\nexpect:", 1, true))
  return (request.body:gsub(boundary:gsub("%-", "%%-"), "BOUNDARY"))
end

-- Its parts in the order of their names: that of a Lua table is any.
local function parts_of(request)
  local body, parts, mark = body_of(request), {}, "--BOUNDARY\r\n"
  assert.equal("--BOUNDARY--\r\n", body:sub(-14))
  body = body:sub(1, -15) .. mark
  local from = #mark + 1
  while from <= #body do
    local at = body:find(mark, from, true)
    parts[#parts + 1], from = body:sub(from, at - 1), at + #mark
  end
  table.sort(parts)
  return parts
end

-- A path as the value of curl's -F.
local function quoted(path) return '"' .. path:gsub('[\\"]', "\\%0") .. '"' end

describe("a file is sent as the curl command sends it", function()
  local all = {}
  for byte = 0, 255 do all[byte + 1] = string.char(byte) end
  local BYTES = table.concat(all):rep(300)

  for _, name in ipairs { "plain.bin", "photo.JPG", "page.html", "no ending", 'quote".txt', "semi;colon,comma.txt",
    "back\\slash.txt", "line\nfeed\rreturn.txt", "percent%22.txt", "x=y&z.pdf",
    "\208\191\209\128\208\184\208\178\208\181\209\130 \226\130\172 \240\159\152\128.png" } do
    it(("from the disk: %q"):format(name), function()
      local path = write(name, BYTES)
      local ours = body_of(sent("sendDocument", { document = botapi.file(path) }))
      assert.equal(body_of(curled("sendDocument", { "document=@" .. quoted(path) })), ours)
      assert.is_truthy(ours:find(BYTES, 1, true))
    end)
  end

  it("from memory, with a name and a type", function()
    local path = write("data.bin", BYTES)
    local ours = sent("sendDocument", { document = botapi.file { data = BYTES, name = 'a"b.csv', type = "text/csv" } })
    local theirs = curled("sendDocument", { 'document=@' .. quoted(path) .. ';filename="a\\"b.csv";type=text/csv' })
    assert.equal(body_of(theirs), body_of(ours))
  end)

  it("from the disk under another name, or none at all", function()
    local path = write("data.bin", "x")
    local ours = sent("sendDocument", { document = botapi.file(path, { name = "other.png" }) })
    assert.equal(body_of(curled("sendDocument", { "document=@" .. path .. ";filename=other.png" })), body_of(ours))
    assert.is_truthy(body_of(sent("sendDocument", { document = botapi.file { data = "x" } }))
      :find('filename="file"\r\nContent-Type: application/octet-stream\r\n\r\nx\r\n', 1, true))
  end)

  it("with no byte in it", function()
    local path = write("empty", "")
    local ours = sent("sendDocument", { document = botapi.file(path) })
    assert.equal(body_of(curled("sendDocument", { "document=@" .. path })), body_of(ours))
    assert.equal(body_of(ours),
      body_of(sent("sendDocument", { document = botapi.file { data = "", name = "empty" } })))
  end)

  it("with other parameters, each of them a part", function()
    local path = write("report.pdf", BYTES)
    local ours = sent("sendDocument", { chat_id = -1002147483648123, caption = 'a"b\r\nc\0d=&\195\169',
      document = botapi.file(path), disable_notification = true, reply_markup = { keyboard = { { "a" } } } })
    local theirs = curled("sendDocument", { "chat_id=-1002147483648123",
      "caption=<" .. write("caption", 'a"b\r\nc\0d=&\195\169'), "document=@" .. path, "disable_notification=true",
      'reply_markup={"keyboard":[["a"]]}' })
    assert.same(parts_of(theirs), parts_of(ours))
    assert.equal(5, #parts_of(ours))
  end)

  it("as the certificate of a webhook", function()
    local path = write("file.pem", PEM)
    local theirs = parts_of(curled("setWebhook", { "url=https://bot.example/hook", "certificate=@" .. path }))
    for _, certificate in ipairs { PEM, botapi.file(path), botapi.file { data = PEM, name = "file.pem" } } do
      local hook = { url = "https://bot.example/hook", certificate = certificate }
      assert.same(theirs, parts_of(sent("setWebhook", hook)))
      assert.same(theirs, parts_of(request_of(function(url)
        assert.is_true(botapi.set_webhook(TOKEN, hook, { server = url }).ok)
      end)))
    end
  end)
end)

describe("files inside of JSON", function()
  local function fields_of(request)
    local fields = {}
    for _, part in ipairs(parts_of(request)) do
      local head, value = part:match "^(.-)\r\n\r\n(.*)\r\n$"
      fields[head:match ' name="([^"]*)"'] = head:find('filename="', 1, true)
        and { head:match 'filename="([^"]*)"', value } or value
    end
    return fields
  end

  it("are parts that it names, wherever they are", function()
    local path = write("a.jpg", "AAA")
    local first, second = botapi.file(path), botapi.file { data = "BBB", name = "b.jpg" }
    local media = { { type = "photo", media = first, caption = "one" },
      { type = "video", media = second, thumbnail = first }, { type = "photo", media = "file_id" } }
    local fields = fields_of(sent("sendMediaGroup", { chat_id = 5, media = media }))
    local sent_media = cjson.decode(fields.media)
    local one, two = sent_media[1].media:match "^attach://(.*)$", sent_media[2].media:match "^attach://(.*)$"
    assert.same({ "a.jpg", "AAA" }, fields[one])
    assert.same({ "b.jpg", "BBB" }, fields[two])
    assert.equal("attach://" .. one, sent_media[2].thumbnail)
    assert.same({ "file_id", "one", "photo" }, { sent_media[3].media, sent_media[1].caption, sent_media[1].type })
    assert.equal(first, media[1].media, "the caller's table was changed")
    local count = 0
    for _ in pairs(fields) do count = count + 1 end
    assert.equal(4, count)
  end)

  it("get names that no parameter has", function()
    local file = botapi.file { data = "x", name = "x" }
    local fields = fields_of(sent("addStickerToSet", { file_1 = "mine", file_2 = file, name = "set",
      sticker = { sticker = file, format = "static", emoji_list = { "\240\159\152\128" } } }))
    assert.equal("mine", fields.file_1)
    assert.same({ "x", "x" }, fields.file_2)
    local name = cjson.decode(fields.sticker).sticker:match "^attach://(.*)$"
    assert.is_true(name ~= "file_1" and name ~= "file_2")
    assert.same({ "x", "x" }, fields[name])
  end)

  it("are looked for once in each table: one that holds itself, or stands often, takes no time", function()
    local node, often = {}, { botapi.file { data = "x", name = "x" } }
    for _, name in ipairs { "a", "b", "c", "d" } do node[name] = { parent = node } end
    for _, name in ipairs { "none", "one" } do
      local ok, why = pcall(botapi.call, TOKEN, "sendMessage", { reply_markup = node })
      assert.is_false(ok, name)
      assert.is_truthy(why:find("holds itself", 1, true), why)
      node.e = { botapi.file { data = "x", name = "x" } }
    end
    for _ = 1, 12 do often = { often, often } end
    local fields = fields_of(sent("sendMediaGroup", { media = often }))
    assert.equal(4096, select(2, fields.media:gsub("attach://", "")))
  end)

  it("may be in tables that hide their metatable", function()
    local hidden = setmetatable({ botapi.file { data = "x", name = "x" } }, { __metatable = "no" })
    local fields = fields_of(sent("sendMediaGroup", { media = { hidden } }))
    assert.equal(1, select(2, fields.media:gsub("attach://", "")))
  end)

  it("come over TLS, on an engine and by a bot in the same way", function()
    local listener = server:open { mode = "ok", tls = "server" }
    local options = { server = listener.url, ca_file = certs.ca(), timeout = 20 }
    local params = { media = { { media = botapi.file(write("a.jpg", ("A"):rep(100000))) } } }
    local engine = core.engine()
    local call = engine:start(TOKEN, "sendMediaGroup", params, options)
    assert.is_true(call:wait(20))
    assert.is_true(call:result().ok)
    engine:close()
    assert.is_true(botapi.bot(TOKEN, options):call("sendMediaGroup", params).ok)
    local told = listener:close()
    assert.equal(2, #told.requests)
    assert.same(parts_of(told.requests[1]), parts_of(told.requests[2]))
  end)
end)

describe("botapi.file", function()
  it("shows its name and its size, and nothing that it holds", function()
    assert.equal("botapi.file: a.txt, 6 bytes", tostring(botapi.file { data = "secret", name = "a.txt" }))
    assert.equal("botapi.file: shown.txt, 3 bytes", tostring(botapi.file(write("shown.txt", "abc"))))
    assert.equal("botapi.file: nothing, No such file or directory", tostring(botapi.file(directory .. "nothing")))
    assert.is_nil(tostring(botapi.file { data = "x", name = TOKEN }):find(canary.secret, 1, true))
  end)

  it("can't be changed or looked into", function()
    local file = botapi.file { data = "secret", name = "a" }
    assert.is_false(pcall(function() file.name = "b" end))
    assert.is_nil(file.name)
    assert.equal("botapi.file", getmetatable(file))
  end)

  it("is in the functions of every loop", function()
    assert.equal(core.file, botapi.file)
    assert.equal(core.file, require "botapi.api"(require "botapi.drive.blocking").file)
  end)

  it("raises for what is no file, with the argument's name", function()
    for _, case in ipairs { { "string expected" }, { "path: empty", "" }, { "path: holds a NUL byte", "a\0b" },
      { "data: string expected, got nil", {} }, { "data, name and type expected", { data = "x", nam = "y" } },
      { "name: holds a NUL byte", { data = "x", name = "a\0" } }, { "type: ", { data = "x", type = "a/b\r\nc: d" } },
      { "a MIME type", { data = "x", type = "text" } }, { "too long", { data = "x", name = ("x"):rep(256) } },
      { "a table with name and type", "x", { data = "y" } }, { "table expected", "x", 5 } } do
      local ok, message = pcall(botapi.file, case[2], case[3])
      assert.is_false(ok)
      assert.is_truthy(message:find("to 'file'", 1, true) and message:find(case[1], 1, true), message)
    end
  end)

  it("with a private key in a certificate's place raises, or fails before anything is sent", function()
    local key = process.slurp(certs.directory() .. "server.key")
    local options = { server = "http://127.0.0.1:1" }
    local ok, message = pcall(botapi.set_webhook, TOKEN, { url = "https://a.b",
      certificate = botapi.file { data = PEM .. key } }, options)
    assert.is_false(ok)
    assert.is_truthy(message:find("parameter 'certificate': holds a PRIVATE KEY", 1, true), message)
    local res, err = botapi.set_webhook(TOKEN, { url = "https://a.b",
      certificate = botapi.file(write("key.pem", PEM .. key)) }, options)
    assert.same({ nil, "system", "file_key", "no", "certificate" },
      { res, err.kind, err.problem, err.sent, err.parameter })
  end)
end)

describe("a file that can't be sent fails before anything is, with its parameter's name:", function()
  local function refused(path, problem, errno)
    local listener = server:open { mode = "ok" }
    local res, err = botapi.call(TOKEN, "sendDocument", { chat_id = 5, document = botapi.file(path) },
      { server = listener.url })
    assert.is_nil(res)
    local told = listener:close()
    assert.equal(0, told.connections)
    assert.same({ "system", problem, "no", "document", errno },
      { err.kind, err.problem, err.sent, err.parameter, err.errno })
    assert.is_truthy(err.message:find("'document'", 1, true))
    return err
  end

  it("a missing one", function()
    refused(directory .. "missing", "file_missing", 2)
    refused(write("file", "x") .. "/below", "file_missing", 20)
  end)
  it("a directory", function() refused(directory, "file_kind", 21) end)
  it("a device", function() refused("/dev/null", "file_kind") end)
  it("a file that the kernel makes up, which has bytes and no size", function()
    refused("/proc/self/status", "file_kind")
  end)
  it("a FIFO that nobody writes to, at once", function()
    local path = directory .. "fifo"
    assert(process.run("rm -f " .. path .. " && mkfifo " .. path))
    refused(path, "file_kind")
  end)
  it("one that can't be opened", function()    -- by root, too: a link to itself
    assert(process.run(("ln -sfn loop %sloop"):format(directory)))
    refused(directory .. "loop", "file_unreadable", 40)
  end)
  it("the second of two, and the first isn't left open", function()
    local res, err = botapi.call(TOKEN, "sendMediaGroup", { media = { botapi.file(write("a", "x")),
      botapi.file(directory .. "missing") } }, { server = "http://127.0.0.1:1" })
    assert.is_nil(res)
    assert.same({ "file_missing", "no" }, { err.problem, err.sent })
    assert.is_truthy(err.parameter:find "^file_%d$")
  end)

  it("and shows no token, which a path may hold", function()
    local err = refused("/var/lib/" .. TOKEN .. "/a.jpg", "file_missing", 2)
    canary.check(tostring(err) .. err.cause .. botapi.explain(nil, err))
  end)
end)

describe("a file that changes while it is sent", function()
  local SIZE = LARGE

  -- The call is in the middle of the body when `change` comes: its server has stopped to read at the fifth tenth.
  local function changed(change, tls)
    local path = sparse("changing", SIZE)
    local listener = server:open { mode = "upload_pause", tls = tls }
    local engine = core.engine()
    local call = engine:start(TOKEN, "sendDocument", { document = botapi.file(path) },
      { server = listener.url, ca_file = certs.ca(), timeout = 120 })
    while listener:count().marks == 0 do
      engine:step(0.05)
      assert.is_false(call:done(), "it ended before its server had the half of it")
    end
    change(path)
    listener:wait { marks = 1 }
    server:ask("resume", { id = listener.id })
    assert.is_true(call:wait(20))
    local res, err = call:result()
    engine:close()
    local told = listener:close()
    assert.same({ 0, 1 }, { #told.requests, told.partial })
    return res, err
  end

  for _, tls in ipairs { false, "server" } do
    for what, size in pairs { shorter = SIZE - 1, ["much shorter"] = 1, longer = SIZE + 1 } do
      it(("%s fails, and its server never has the whole request%s"):format(what, tls and " (TLS)" or ""), function()
        local res, err = changed(function(path) assert(process.run(("truncate -s %d %s"):format(size, path))) end,
          tls or nil)
        assert.is_nil(res)
        assert.same({ "system", "file_changed", "maybe", "document" },
          { err.kind, err.problem, err.sent, err.parameter })
      end)
    end
  end

  it("is sent to its end when it is only renamed or deleted", function()
    local path = sparse("deleted", SIZE)
    local listener = server:open { mode = "upload" }
    local engine = core.engine()
    local call = engine:start(TOKEN, "sendDocument", { document = botapi.file(path) },
      { server = listener.url, timeout = 20 })
    assert(os.remove(path))
    assert.is_true(call:wait(20))
    assert.is_true(call:result().ok)
    engine:close()
    listener:close()
  end)
end)

describe("a server that doesn't wait for the whole body", function()
  local SIZE = 16 * 1024 * 1024
  local path
  lazy_setup(function() path = sparse("large", SIZE) end)

  local function upload(mode, tls, timeout)
    local listener = server:open { mode = mode, tls = tls or nil }
    local res, err = botapi.call(TOKEN, "sendDocument", { chat_id = 5, document = botapi.file(path) },
      { server = listener.url, ca_file = certs.ca(), timeout = timeout or 20 })
    local told = listener:close()
    assert.same({ 0, 1 }, { #told.requests, told.partial })
    return res, err
  end

  for _, tls in ipairs { false, "server" } do
    local over = tls and " (TLS)" or ""
    for tenth = 0, 9 do
      it(("answers 413 at %d tenths: the answer is told%s"):format(tenth, over), function()
        local res, err = upload("upload_413_" .. tenth, tls)
        assert.is_nil(err, tostring(err))
        assert.same({ false, 413, "Request Entity Too Large" }, { res.ok, res.error_code, res.description })
      end)

      it(("stops reading at %d tenths: timeout, maybe%s"):format(tenth, over), function()
        local res, err = upload("upload_silence_" .. tenth, tls, 0.3)
        assert.is_nil(res)
        assert.same({ "timeout", "maybe" }, { err.kind, err.sent })
      end)

      for _, how in ipairs { "close", "reset" } do
        it(("ends with a %s at %d tenths: network, maybe%s"):format(how, tenth, over), function()
          local res, err = upload("upload_" .. how .. "_" .. tenth, tls)
          assert.is_nil(res)
          assert.same({ "network", "maybe" }, { err.kind, err.sent })
        end)
      end
    end
  end
end)

describe("the time of an upload", function()
  local SIZE = LARGE

  -- A call while the clock goes `seconds` ahead, once nothing moves any more since its server has stopped; then that
  -- goes on, or not.
  local function ahead(mode, seconds, goes_on, timeout)
    local path, later = sparse("timed", SIZE), directory .. "later"
    os.remove(later)
    local listener = server:open { mode = mode }
    local child = process.program([[
      local core, url, path, seconds, timeout = require "botapi.core", ...
      local now, engine, is_still, is_ahead = core.host.monotonic, core.engine(), false, false
      local began, moved = now(), now()
      local function tell(text) print(text) io.flush() end
      local call = engine:start("1:x", "sendDocument", { document = core.file(path) },
        { server = url, timeout = tonumber(timeout), on_progress = print })
      while true do
        local was_ahead = now() - began > tonumber(seconds) - 5
        engine:step(0.02)
        local news = call:done() and call:news()
        if news == nil then break end
        if news then moved = now() end
        if not is_still and now() - moved > 1.5 then     -- what moves is told each tenth of a second
          is_still = true
          tell "stopped"
        end
        if was_ahead and not is_ahead then tell "ahead" end
        is_ahead = is_ahead or was_ahead
      end
      local res, err = call:result()
      tell("result: " .. (res and "ok" or err.kind .. " " .. err.sent))
    ]], { env = shim("later", { LATER_FILE = later, LATER_SECONDS = tostring(seconds) }) }, listener.url, path,
      seconds, timeout or "")
    listener:wait { marks = 1 }
    child:expect("^stopped$")
    write("later", "")
    if goes_on then
      child:expect("^ahead$")
      server:ask("resume", { id = listener.id })
    end
    local said = child:expect("^result: (.*)$", 60)
    assert.equal(0, child:wait(), child:errors())
    listener:close()
    return said
  end

  it("has no limit by itself while it moves, and ends when nothing has moved for 30 s", function()
    assert.equal("ok", ahead("upload_pause", 25, true))
    assert.equal("timeout maybe", ahead("upload_pause", 35))
  end)

  it("gives the server ten minutes for its answer once the body is out", function()
    assert.equal("ok", ahead("upload_late", 550, true))
    assert.equal("timeout maybe", ahead("upload_late", 650))
  end)

  it("is at most the timeout that was given", function()
    assert.equal("ok", ahead("upload_pause", 95, true, 100))
    assert.equal("timeout maybe", ahead("upload_pause", 105, false, 100))
    assert.equal("timeout maybe", ahead("upload_late", 105, false, 100))
  end)
end)

describe("the progress of an upload", function()
  it("is told at most ten times a second, grows, and ends with the whole", function()
    local path = sparse("progress", LARGE)
    local listener = server:open { mode = "upload_pause" }
    local told, engine = {}, core.engine()
    local call = engine:start(TOKEN, "sendDocument", { chat_id = 5, document = botapi.file(path),
      thumbnail = botapi.file { data = ("x"):rep(1000) } }, { server = listener.url, on_progress = function() end })
    local total = LARGE + 1000
    local began = core.host.monotonic()
    while listener:count().marks == 0 do engine:step(0.02) end
    server:ask("resume", { id = listener.id })
    repeat
      call:wait(20)
      local done, all = call:news()
      if done then
        assert.equal(total, all)
        assert.is_true(done > (told[#told] or 0))
        told[#told + 1] = done
      end
    until done == nil
    assert.is_true(call:result().ok)
    assert.equal(total, told[#told])
    assert.is_true(#told <= 2 + 10 * (core.host.monotonic() - began), #told .. " times")
    engine:close()
    listener:close()
  end)

  it("ends a call that blocks by what on_progress raises, as it is", function()
    local path = sparse("progress", LARGE)
    for _, raised in ipairs { "a text", {} } do
      local listener = server:open { mode = "upload_pause" }
      local ok, why = pcall(botapi.call, TOKEN, "sendDocument", { document = botapi.file(path) },
        { server = listener.url, on_progress = function() error(raised, 0) end })
      assert.same({ false, raised }, { ok, why })
      local told = listener:close()
      assert.same({ 0, 1 }, { #told.requests, told.partial })
    end
  end)

  it("isn't told of a call without files, and is no option of another type", function()
    local listener = server:open { mode = "ok" }
    assert.is_true(botapi.call(TOKEN, "sendMessage", { text = "x" },
      { server = listener.url, on_progress = error }).ok)
    listener:close()
    local ok, message = pcall(botapi.get_me, TOKEN, { on_progress = true })
    assert.is_false(ok)
    assert.is_truthy(message:find("option 'on_progress': function expected, got boolean", 1, true), message)
  end)
end)

describe("the life of what is sent", function()
  it("is that of the call: bytes in memory stay while it runs, and go with it", function()
    local listener = server:open { mode = "upload_pause" }
    local engine, gone = core.engine(), setmetatable({}, { __mode = "v" })
    local call
    do
      local file = botapi.file { data = ("0123456789abcdef"):rep(LARGE / 16) }
      gone[1] = file
      call = engine:start(TOKEN, "sendDocument", { document = file }, { server = listener.url, timeout = 20 })
    end
    while listener:count().marks == 0 and not call:done() do engine:step(0.02) end
    collectgarbage()
    collectgarbage()
    assert.is_truthy(gone[1])
    server:ask("resume", { id = listener.id })
    assert.is_true(call:wait(20))
    assert.is_true(call:result().ok)
    collectgarbage()
    collectgarbage()
    assert.is_nil(gone[1])
    engine:close()
    listener:close()
  end)

  it("takes no memory: 200 MB in 4 MiB, over TLS, too", function()
    local path = sparse("huge", 200 * 1000 * 1000)
    for _, tls in ipairs { false, "server" } do
      local listener = server:open { mode = "upload", tls = tls or nil }
      local child = process.program([[
        local botapi, url, path, ca_file = require "botapi", ...
        local function most()
          for line in io.lines "/proc/self/status" do
            local kb = line:match "^VmHWM:%s*(%d+)"
            if kb then return tonumber(kb) / 1024 end
          end
        end
        local options = { server = url, ca_file = ca_file }
        botapi.probe("http://127.0.0.1:1")
        local before = most()
        assert(botapi.check(botapi.call("1:x", "sendDocument", { document = botapi.file(path) }, options)))
        print(most() - before)
      ]], nil, listener.url, path, certs.ca())
      local grown = tonumber(child:line(60))
      assert.equal(0, child:wait(), child:errors())
      assert.is_true(grown < (tls and 8 or 4), grown .. " MiB")
      listener:close()
      os.remove(path)
      path = sparse("huge", 200 * 1000 * 1000)
    end
  end)

  it("leaves no descriptor open, however the call ends", function()
    local path = sparse("left", LARGE)
    for _, mode in ipairs { "upload", "upload_413_5", "upload_close_5", "refused" } do
      local listener = server:open { mode = mode }
      local call = { TOKEN, "sendDocument", { document = botapi.file(path) }, { server = listener.url, timeout = 20 } }
      botapi.call((table.unpack or unpack)(call))
      before:check()
      listener:close()
    end
    local listener = server:open { mode = "upload_pause" }
    local engine = core.engine()
    local call = engine:start(TOKEN, "sendDocument", { document = botapi.file(path) }, { server = listener.url })
    while listener:count().marks == 0 do engine:step(0.02) end
    call:cancel()
    local _, err = call:result()
    assert.same({ "cancelled", "maybe" }, { err.kind, err.sent })
    engine:close()
    before:check()
    listener:close()
  end)

  it("is no forked child's: it closes its copies, and the parent's upload goes on", function()
    local path = sparse("forked", LARGE)
    local listener = server:open { mode = "upload_pause" }
    local child = process.program([[
      local core, fork, url, path = require "botapi.core", require "support.fork", ...
      local lfs = require "lfs"
      local function opened()
        local n = 0
        for name in lfs.dir "/proc/self/fd" do
          local target = lfs.symlinkattributes("/proc/self/fd/" .. name, "target")
          if target == path then n = n + 1 end
        end
        return n
      end
      local engine = core.engine()
      local call = engine:start("1:x", "sendDocument", { document = core.file(path) }, { server = url, timeout = 20 })
      repeat engine:step(0.05) until io.read()
      assert(opened() == 1)
      local pid = fork.fork()
      if pid == 0 then
        local _, err = call:result()
        fork.exit(err.kind == "cancelled" and err.sent == "maybe" and opened() == 0 and 0 or 1)
      end
      assert(fork.wait(pid) == 0, "the child")
      assert(opened() == 1)
      print "resume"
      io.flush()
      while not call:done() do engine:step(1) end
      assert(call:result().ok)
      print "done"
    ]], nil, listener.url, path)
    repeat
      assert(child:send "step")
    until listener:count().marks > 0
    assert.equal("resume", child:line(20), child:errors())
    server:ask("resume", { id = listener.id })
    assert.equal("done", child:line(20), child:errors())
    child:wait()
    local told = listener:close()
    assert.equal(1, told.partial)
  end)
end)

describe("a bot that sends files", function()
  it("opens them again for another try", function()
    local path = write("retried", "first")
    local listener = server:open { mode = "rate_limited_once" }
    local waited = 0
    local bot = botapi.bot(TOKEN, { server = listener.url, retries = 2, on_event = function(event)
      if event.type ~= "wait" then return end
      waited = waited + 1
      write("retried", "second one")
    end })
    assert.is_true(bot:call("sendDocument", { document = botapi.file(path) }).ok)
    assert.equal(1, waited)
    local told = listener:close()
    assert.equal(2, #told.requests)
    assert.is_truthy(told.requests[1].body:find("\r\n\r\nfirst\r\n", 1, true))
    assert.is_truthy(told.requests[2].body:find("\r\n\r\nsecond one\r\n", 1, true))
  end)
end)
