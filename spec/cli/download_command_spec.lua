-- SPDX-License-Identifier: MIT
-- `botapi download`: where the file goes, its exit codes, its JSON, the journal, the progress line, and no token shown.

local cjson = require "cjson.safe".new()
local command = require "support.command"
local files = require "support.files"
local faults = require "support.faults"
local process = require "support.process"
local start = require "botapi.emulator".start
local terminal = require "support.terminal"

local quote, run, sh = process.quote, command.run, command.sh
local TOKEN = "110201543:CANARY-secret-of-no-bot-at-all-01234"
local SIZE = 500000

local directory, server = terminal.directory(), nil
local env = { BOT_TOKEN = TOKEN, HOME = directory .. "home" }      -- paths below HOME are shown from there

local function id(stop, ending, flags)
  return ("%d_%d_%s%s"):format(SIZE, stop or SIZE, ending or "keep", flags and "_" .. flags or "")
end

describe("botapi download", function()
  local listener
  setup(function() server = faults.start() end)
  teardown(function() server:stop() end)
  before_each(function()
    os.execute("rm -rf " .. quote(directory .. "d") .. "; mkdir " .. quote(directory .. "d"))
    listener = server:open { mode = "file" }
  end)
  after_each(function() listener:close() end)

  local function path() return directory .. "d/file" end

  local function download(file, more)
    return run(("download %s --server %s %s"):format(quote(file), listener.url, more or "-o " .. quote(path())), env)
  end

  local function names() return process.capture("ls -A " .. quote(directory .. "d")) end

  it("writes the file to a path, and says so", function()
    local code, out, said = download(id())
    assert.same({ 0, path() .. ": 0.5 MB.\n", "" }, { code, out, said })
    assert.is_true(files.is(process.slurp(path()), SIZE))
    assert.equal("file\n", names())
    assert.equal(2, listener:count().seen())
  end)

  it("takes a file_path, and writes to standard output", function()
    local code, out = sh(("%s | { md5sum; }"):format(command.line(("download d/%s --server %s -o -"):format(id(),
      listener.url), env)))
    local whole = io.open(path(), "w")
    for part in files.parts(0, SIZE) do whole:write(part) end
    whole:close()
    assert.same({ 0, process.capture("md5sum <" .. quote(path())) }, { code, out })
  end)

  it("leaves a link to standard output as it is, and writes there", function()
    os.execute("ln -s /proc/self/fd/1 " .. quote(path()))
    local result = directory .. "d/result"
    for _, to in ipairs { path(), "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1" } do
      local code = sh(("%s >%s"):format(command.line(("download %s --server %s -o %s"):format(id(), listener.url,
        quote(to)), env), quote(result)))
      assert.equal(0, code)
      local got = process.slurp(result)
      assert.is_true(files.is(got:sub(1, SIZE), SIZE))
      assert.equal(to == path() and path() .. ": 0.5 MB.\n" or "", got:sub(SIZE + 1))
      assert.equal("file\nresult\n", names())
      assert.equal("/proc/self/fd/1\n", process.capture("readlink " .. quote(path())))
    end
  end)

  it("prints the document with --json", function()
    local code, out = download(id(), "--json -o " .. quote(path()))
    local document = cjson.decode(out)
    assert.equal(0, code)
    assert.same({ "download", "done", "yes", SIZE, path() }, { document.command, document.outcome, document.sent,
      document.response.result.file_size, document.response.result.path })
    code, out = download(id(), "--json -o " .. quote(directory .. "none/x"))
    document = cjson.decode(out)
    assert.same({ 3, "not_sent", "no", "system" }, { code, document.outcome, document.sent, document.reason })
  end)

  it("fails as each call does, and leaves nothing", function()
    local code, _, said = download(id(1000, "close"))
    assert.equal(4, code)
    assert.is_truthy(said:find "sent" or said:find "repeated")
    assert.equal(1, (download "d/none"))
    assert.equal(3, (download(id(), "--max-size 10 -o " .. quote(path()))))
    assert.equal(4, (download(id(), "-o /dev/full")))
    assert.equal("", names())
    code, _, said = sh(command.line(("download %s --server %s -o - >/dev/full"):format(id(), listener.url), env))
    assert.equal(74, code)
    assert.is_truthy(said:find "standard output can't be written")
  end)

  it("goes on with --resume", function()
    local part = id(SIZE / 2, "close")
    assert.equal(4, (download(part, "--resume -o " .. quote(path()))))
    assert.equal("file.u500000.part\n", names())
    local code, out = download(id(), "--resume -o " .. quote(path()))
    assert.same({ 0, path() .. ": 0.5 MB, of which a part was there.\n" }, { code, out })
    assert.is_true(files.is(process.slurp(path()), SIZE))
    assert.equal("file\n", names())
  end)

  it("refuses what can't be meant, before anything is sent", function()
    for _, words in ipairs { "a/../b -o x", "'' -o x", "x -o ''", "x -o - --json", "x -o - --resume", "x",
      "x -o y --max-size 1.5", "/proc/self/environ -o " .. path() } do
      local code = run("download " .. words .. " --server " .. listener.url, env)
      assert.equal(2, code, words)
    end
    assert.equal("", names())
    assert.equal(0, listener:count().seen())
  end)

  it("asks the journal first: a bot that has left isn't logged in again", function()
    local emu = start { bot = TOKEN }
    assert.equal(0, (run("logout --yes --server " .. emu.url, env)))
    local before = #emu:calls()
    local code, _, said = run("download x -o " .. quote(path()) .. " --server " .. emu.url, env)
    assert.equal(1, code)
    assert.is_truthy(said:find "left")
    assert.equal(before, #emu:calls())
    emu:close()
    os.execute("rm -rf " .. quote(command.state))
  end)

  it("draws its progress on a terminal, and Ctrl-C leaves nothing", function()
    local screen = terminal.start(command.line(("download %s --server %s -o %s"):format(id(SIZE / 2, "hold"),
      listener.url, quote(path())), env))
    assert.is_nil(screen:await "0%.%d of 0%.5 MB, %d+ %%":find("CANARY", 1, true))
    screen:type "C-c"
    screen:await "stopped; sent: no.*%[exit 130%]"
    screen:close()
    assert.equal("", names())
  end)

  it("into a pipe that takes no more is ended by the first Ctrl-C", function()
    local pipe = quote(path())
    os.execute("mkfifo " .. pipe)
    local line = command.line(("download d/%s --server %s -o %s"):format(id(), listener.url, pipe), env)
    local screen = terminal.start(("exec 3<>%s; %s 3<&-"):format(pipe, line))
    screen:await "MB"
    screen:type "C-c"
    screen:await "stopped; sent: no.*%[exit 130%]"
    screen:close()
    line = command.line(("download d/%s --server %s -o -"):format(id(), listener.url), env)
    screen = terminal.start(("exec 3<>%s; %s >%s 3<&-"):format(pipe, line, pipe))
    screen:await "MB"
    screen:type "C-c"
    screen:await "stopped; sent: no.*%[exit 130%]"
    screen:close()
  end)
end)
