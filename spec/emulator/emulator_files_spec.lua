-- SPDX-License-Identifier: MIT
-- Owns the specs of files on the emulator: uploads, their identifiers, getFile, and `/file/bot<token>/<path>`.

local support = require "spec.support.emulator"
local json = require "botapi.emulator.json"
local slurp = require "support.process".slurp

local BYTES = "PDF\0\r\n--X\r\n\r\n\255 end"

local MEGABYTE = ("x"):rep(1024 * 1024)

local function part(name, content, file_name)
  return '--XX\r\nContent-Disposition: form-data; name="' .. name .. '"'
    .. (file_name and '; filename="' .. file_name .. '"\r\nContent-Type: application/octet-stream' or "")
    .. "\r\n\r\n" .. content .. "\r\n"
end

describe("emulator: files", function()
  local servers, id = {}, nil

  setup(function()
    for _, as in ipairs {"local", "cloud"} do servers[as] = support.start {as = as} end
  end)
  teardown(function()
    for _, here in pairs(servers) do here.emu:close() end
  end)
  before_each(function() id = support.new_id() end)

  local function post(as, method, ...)
    return servers[as].post(id, method, table.concat {...} .. "--XX--\r\n", "multipart/form-data; boundary=XX")
  end

  local function result(answer)
    assert.equal(200, answer.status, answer.body)
    return json.decode(answer.body).result
  end

  local function send_document(as)
    return result(post(as, "sendDocument", part("chat_id", "5"), part("document", BYTES, "a b.pdf"))).document
  end

  -- The answer to a document of so many megabytes, however busy the machine is.
  local function send_large(as, megabytes)
    local here = servers[as]
    local body = part("chat_id", "5") .. part("document", MEGABYTE:rep(megabytes), "x") .. "--XX--\r\n"
    local peer = support.connect(here.url)
    peer.socket:settimeout(120)
    peer:send(support.post_bytes("/bot" .. here.emu:token(id) .. "/sendDocument", "multipart/form-data; boundary=XX",
      body))
    local answer = peer:read()
    peer:close()
    return answer
  end

  local function get_file(as, file_id) return servers[as].call(id, "getFile", "file_id=" .. file_id) end

  local function download(as, path, bot)
    return servers[as].get("/file/bot" .. servers[as].emu:token(bot or id) .. "/" .. path)
  end

  it("that are uploaded have their name and size in the Message", function()
    local document = send_document "local"
    assert.equal("a b.pdf", document.file_name)
    assert.equal("application/pdf", document.mime_type)
    assert.equal(#BYTES, document.file_size)
    local photo = result(post("local", "sendPhoto", part("chat_id", "5"), part("photo", BYTES, "p.jpg"))).photo
    assert.equal(#BYTES, photo[1].file_size)
    assert.are_not.equal(document.file_id, photo[1].file_id)
  end)

  it("are on a local server where file_path says, in the bot's directory", function()
    local file = result(get_file("local", send_document "local".file_id))
    assert.equal(BYTES, slurp(file.file_path))
    assert.equal(#BYTES, file.file_size)
    local directory, place = file.file_path:match "^/.*/([^/]+)/(documents/file_%d+%.pdf)$"
    assert.equal(servers["local"].emu:token(id), directory)
    assert.equal(404, download("local", place).status)
  end)

  it("are given by a public server at /file, after getFile", function()
    local file_id = send_document "cloud".file_id
    local file = result(get_file("cloud", file_id))
    assert.truthy(file.file_path:find "^documents/file_%d+%.pdf$", file.file_path)
    local answer = download("cloud", file.file_path)
    assert.equal("HTTP/1.1 200 OK\nConnection: keep-alive\nContent-Type: application/octet-stream\n"
      .. "Accept-Ranges: bytes\nContent-Length: " .. #BYTES, answer.head)
    assert.equal(BYTES, answer.body)
  end)

  it("are given in part at /file, as nginx does", function()
    local here, size = servers.cloud, #BYTES
    local file = result(get_file("cloud", send_document "cloud".file_id))
    local path = "/file/bot" .. here.emu:token(id) .. "/" .. file.file_path
    local function part_of(range)
      local answer = support.exchange(here.url, ("GET %s HTTP/1.1\r\nHost: x\r\nRange: %s\r\n\r\n"):format(path, range))
      return answer.status, answer.head:match "Content%-Range: ([^\n]*)", answer.body
    end
    for range, bounds in pairs {["bytes=0-"] = {0, size - 1}, ["bytes=3-"] = {3, size - 1}, ["bytes=2-4"] = {2, 4},
      ["bytes=-5"] = {size - 5, size - 1}, ["bytes=5-5"] = {5, 5}, ["bytes=1-99999"] = {1, size - 1},
      ["bytes=-99999"] = {0, size - 1}} do
      assert.same({206, ("bytes %d-%d/%d"):format(bounds[1], bounds[2], size), BYTES:sub(bounds[1] + 1, bounds[2] + 1)},
        {part_of(range)}, range)
    end
    for _, range in ipairs {"bytes=" .. size .. "-", "bytes=9-3"} do
      assert.same({416, "bytes */" .. size, ""}, {part_of(range)}, range)
    end
    for _, range in ipairs {"bytes=0-1,3-4", "lines=1-2", "bytes=-", "bytes=x-"} do
      assert.same({200, BYTES}, {part_of(range), select(3, part_of(range))}, range)
    end
  end)

  it("that were uploaded come down the same, byte for byte, by botapi.download", function()
    local botapi = require "botapi"
    local content = {}
    for i = 1, 3 * 1024 do content[i] = ("%d,"):format(i):rep(300):sub(1, 1024) end
    content = table.concat(content)
    for _, as in ipairs {"cloud", "local"} do
      local document = result(post(as, "sendDocument", part("chat_id", "5"), part("document", content, "x"))).document
      local path = os.tmpname()
      assert(botapi.check(botapi.download(servers[as].emu:token(id), document, path, {server = servers[as].url})))
      assert.equal(content, slurp(path))
      os.remove(path)
    end
  end)

  it("are cut at /file where a rule says so", function()
    local botapi = require "botapi"
    local here = servers.cloud
    local file_id = send_document "cloud".file_id
    here.emu:rule {skip = 1, ["then"] = {bytes = 135, ["end"] = "close"}}
    local _, err = botapi.download(here.emu:token(id), file_id, "/dev/null", {server = here.url})
    assert.same({"network", "maybe"}, {err.kind, err.sent})
  end)

  it("that aren't there are 404 at /file", function()
    local path = result(get_file("cloud", send_document "cloud".file_id)).file_path
    local answer = download("cloud", "documents/file_0.pdf")
    assert.equal('{"ok":false,"error_code":404,"description":"Not Found"}', answer.body)
    assert.equal(404, answer.status)
    assert.equal(404, download("cloud", path, support.new_id()).status)
    assert.equal(404, download("cloud", "documents/../" .. path).status)
    assert.equal(404, servers.cloud.get("/file/botx/" .. path).status)
  end)

  it("are the bot's alone", function()
    local file_id = send_document "local".file_id
    local other = support.new_id()
    local here = servers["local"]
    assert.equal('{"ok":false,"error_code":400,"description":"Bad Request: invalid file_id"}',
      here.call(other, "getFile", "file_id=" .. file_id).body)
    assert.equal('{"ok":false,"error_code":400,"description":"Bad Request: wrong file identifier/HTTP URL specified"}',
      here.call(other, "sendDocument", "chat_id=5&document=" .. file_id).body)
  end)

  it("that a bot knows are sent again by their identifier", function()
    local document = send_document "local"
    local again = result(servers["local"].call(id, "sendDocument", "chat_id=5&document=" .. document.file_id)).document
    assert.same({document.file_id, document.file_unique_id, #BYTES},
      {again.file_id, again.file_unique_id, again.file_size})
  end)

  it("stand in media behind attach://", function()
    local media = '[{"type":"photo","media":"attach://one"},{"type":"document","media":"attach://two","caption":"c"}]'
    local album = result(post("local", "sendMediaGroup", part("chat_id", "5"), part("media", media),
      part("one", "1", "1.jpg"), part("two", "22", "2.txt")))
    assert.equal(1, album[1].photo[1].file_size)
    assert.equal(2, album[2].document.file_size)
    assert.equal("c", album[2].caption)
    assert.equal("22", slurp(result(get_file("local", album[2].document.file_id)).file_path))
  end)

  it("of an update can be fetched", function()
    servers["local"].emu:updates(id, {message = {message_id = 1, date = 1, chat = {id = 5, type = "private"},
      document = {file_id = "BQACAgIAAx", file_unique_id = "u", file_name = "x.txt", file_size = 3}}})
    local file = result(get_file("local", "BQACAgIAAx"))
    assert.equal("u", file.file_unique_id)
    assert.equal("\0\0\0", slurp(file.file_path))
  end)

  it("are uploaded up to 50 MB to a public server, and given up to 20 MB", function()
    local document = result(send_large("cloud", 21)).document
    assert.equal('{"ok":false,"error_code":400,"description":"Bad Request: file is too big"}',
      get_file("cloud", document.file_id).body)
    assert.equal('{"ok":false,"error_code":413,"description":"Request Entity Too Large"}', send_large("cloud", 51).body)
  end)

  it("are never in memory as a whole", function()
    local function most_memory()
      return tonumber(slurp("/proc/" .. servers["local"].emu.pid .. "/status"):match "VmHWM:%s*(%d+)")
    end
    local before = most_memory()
    assert.equal(48 * #MEGABYTE, result(send_large("local", 48)).document.file_size)
    assert.is_true(most_memory() - before < 16 * 1024, "kB: " .. most_memory() - before)
  end)

  it("are never in memory as a whole when they are given", function()
    local here = servers.cloud
    local function most_memory()
      return tonumber(slurp("/proc/" .. here.emu.pid .. "/status"):match "VmHWM:%s*(%d+)")
    end
    local file_id = result(send_large("cloud", 19)).document.file_id
    local path = "/file/bot" .. here.emu:token(id) .. "/" .. result(get_file("cloud", file_id)).file_path
    local before = most_memory()
    assert.equal(19 * #MEGABYTE, #here.get(path).body)
    assert.is_true(most_memory() - before < 8 * 1024, "kB: " .. most_memory() - before)
  end)

  it("are recorded with a call by name and size, not by content", function()
    send_document "local"
    local call = servers["local"].emu:calls({bot = id, method = "sendDocument"})[1]
    assert.same({file_name = "a b.pdf", file_size = #BYTES}, call.params.document)
  end)

  it("are on both servers of a pair, and in a directory of their own in the test environment", function()
    local here = support.start {pair = true}
    finally(function() here.emu:close() end)
    local body = part("chat_id", "5") .. part("voice", BYTES, "v.oga") .. "--XX--\r\n"
    for _, more in ipairs {"", "/test"} do
      local path = "/bot" .. here.emu:token(id) .. more
      local sent = support.exchange(here.url, support.post_bytes(path .. "/sendVoice",
        "multipart/form-data; boundary=XX", body))
      local query = path .. "/getFile?file_id=" .. result(sent).voice.file_id
      local place = result(support.get(here.url, query)).file_path
      assert.equal(BYTES, here.get("/file/bot" .. here.emu:token(id) .. more .. "/" .. place).body)
      local file_path = result(support.get(here.emu.local_url, query)).file_path
      assert.equal(BYTES, slurp(file_path))
      local directory = file_path:match "/([^/]+)/voice/file_%d+%.oga$"
      assert.equal(here.emu:token(id) .. (more == "" and "" or ":T"), directory)
    end
  end)

  it("leave nothing on the disk when the emulator ends", function()
    local here = support.start {as = "local"}
    local bot = support.new_id()
    local body = part("chat_id", "5") .. part("document", "abc", "a.txt") .. "--XX--\r\n"
    local document = result(here.post(bot, "sendDocument", body, "multipart/form-data; boundary=XX")).document
    local path = result(here.call(bot, "getFile", "file_id=" .. document.file_id)).file_path
    assert.equal("abc", slurp(path))
    here.emu:reset()
    assert.is_nil((io.open(path)))
    here.emu:close()
    assert.is_nil((io.open(path:match "^(.*)/[^/]+/[^/]+/[^/]+$")))
  end)
end)
