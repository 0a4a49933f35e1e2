-- SPDX-License-Identifier: MIT
-- Files of the command `botapi call`: NAME=@FILE, standard input, what begins with @ and is no file, and the line that
-- says how much was sent.

local command = require "support.command"
local faults = require "support.faults"
local process = require "support.process"
local terminal = require "support.terminal"

local TOKEN = "110201543:AAHcaNaRy-CANARY_Kd3xW9pLm2vT8yBn4Rs"
local ENV = { BOT_TOKEN = TOKEN }
local directory = terminal.directory()

local server, listener
lazy_setup(function() server = faults.start() end)
lazy_teardown(function() server:stop() end)
before_each(function() listener = server:open { mode = "ok" } end)

local function write(name, text)
  local file = assert(io.open(directory .. name, "wb"))
  file:write(text)
  file:close()
  return directory .. name
end

-- Runs `botapi call` with these words: the exit code, what it says on stderr, and the one request that came, if any.
local function call(words, before)
  local line = command.line(("call %s --server %s"):format(words, listener.url), ENV)
  local code, out, said = command.sh((before or "") .. line)
  local told = listener:close()
  assert.is_true(#told.requests <= 1)
  return code, said, told.requests[1], out
end

local function part(request, name)
  local head, value = request.body:match('\r\n(Content%-Disposition: form%-data; name="' .. name
    .. '".-)\r\n\r\n(.-)\r\n%-%-')
  return value, head and head:match 'filename="([^"]*)"'
end

describe("botapi call", function()
  it("sends a file by NAME=@FILE, beside other parameters", function()
    local path = write("report.pdf", "%PDF")
    local code, said, request, out = call("sendDocument chat_id=5 document=@" .. path)
    assert.same({ 0, "", "true\n" }, { code, said, out })
    assert.same({ "%PDF", "report.pdf" }, { part(request, "document") })
    assert.equal("5", (part(request, "chat_id")))
  end)

  it("sends a file that the JSON of another parameter names", function()
    local path = write("a.jpg", "JPEG")
    local code, _, request = call(("sendMediaGroup chat_id=5 media='[%s]' a=@%s"):format(
      '{"type":"photo","media":"attach://a"}', path))
    assert.equal(0, code)
    assert.same({ "JPEG", "a.jpg" }, { part(request, "a") })
  end)

  it("sends standard input by NAME=@-, whatever its length", function()
    for _, input in ipairs { "printf ''", "printf short", "head -c 3000000 /dev/zero" } do
      local code, said, request = call("sendDocument chat_id=5 document=@-", input .. " | ")
      assert.same({ 0, "" }, { code, said })
      local value, name = part(request, "document")
      assert.same({ process.capture(input .. " | wc -c"), "stdin" }, { #value .. "\n", name })
      listener = server:open { mode = "ok" }
    end
    listener:close()
  end)

  it("sends a text that begins with @ by NAME=@@TEXT", function()
    local code, _, request = call "sendDocument chat_id=5 document=@@home mine=@@@"
    assert.equal(0, code)
    assert.is_truthy(request.body:find("document=%40home", 1, true), request.body)
    assert.is_truthy(request.body:find("mine=%40%40", 1, true))
  end)

  it("sends @ as it stands where no file can be", function()
    local code, _, request = call "sendMessage chat_id=@channel text=@@me"
    assert.equal(0, code)
    assert.is_truthy(request.body:find("chat_id=%40channel", 1, true))
    assert.is_truthy(request.body:find("text=%40%40me", 1, true))
  end)

  it("sends @ as it stands in such parameters of methods that are newer, too, and files in new ones", function()
    local path = write("c.txt", "its text")
    local code, _, request = call(("newMethod chat_id=@%s text=@%s"):format(path, path))
    assert.equal(0, code)
    assert.is_nil(request.body:find("its text", 1, true))
    assert.is_truthy(request.body:find("chat_id=%40", 1, true))
    listener = server:open { mode = "ok" }
    code, _, request = call("newMethod hologram=@" .. path)
    assert.same({ 0, "its text" }, { code, (part(request, "hologram")) })
  end)

  it("says of a file that isn't there that nothing was sent, and exits as for that", function()
    local code, said, request = call("sendDocument chat_id=5 document=@" .. directory .. "missing")
    assert.equal(3, code)
    assert.is_nil(request)
    assert.is_truthy(said:find("'document' doesn't exist", 1, true) and said:find("nothing was sent", 1, true), said)
  end)

  it("refuses what it can't mean, before it reads standard input", function()
    for words, text in pairs {
      ["sendDocument chat_id=5 document=@"] = "document=@ names no file.",
      ["sendDocument document=@- thumbnail=@-"] = "only one parameter can come from standard input.",
      ["sendDocument document=@- --token-file -"] = "can't be both the token and the parameter document.",
      ["sendDocument document=@- timeout2"] = "a parameter is NAME=VALUE",
    } do
      local code, said, request = call(words, "yes | ")
      assert.equal(2, code)
      assert.is_nil(request)
      assert.is_truthy(said:find(text, 1, true), said)
      listener = server:open { mode = "ok" }
    end
    listener:close()
  end)

  it("says why standard input can't be kept", function()
    local code, said, request = call("sendDocument document=@-", "export TMPDIR=/nonexistent; printf x | ")
    assert.equal(3, code)
    assert.is_nil(request)
    assert.is_truthy(said:find("standard input can't be kept: /nonexistent: No such file", 1, true), said)
  end)

  it("says on a terminal how much was sent, and nothing of it elsewhere", function()
    listener:close()
    listener = server:open { mode = "upload_pause" }
    assert(process.run(("truncate -s 16000000 %slarge"):format(process.quote(directory))))
    local screen = terminal.start(command.line(("call sendDocument chat_id=5 document=@%slarge --server %s"):format(
      directory, listener.url), ENV))
    screen:await "%d%.%d of 16%.0 MB sent"
    listener:wait { marks = 1 }
    server:ask("resume", { id = listener.id })
    local code, shown = screen:finish()
    assert.equal(0, code)
    assert.is_truthy(shown:find "true")
    assert.is_nil(shown:find("MB sent", 1, true), "the line stays")
    screen:close()
    listener:close()
  end)
end)
