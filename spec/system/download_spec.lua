-- SPDX-License-Identifier: MIT
-- Downloads, from outside: what is on the disk, what the server counted, what is said of every way that one can fail.

local botapi = require "botapi"
local certs = require "support.certs"
local faults = require "support.faults"
local files = require "support.files"
local fork = require "support.fork"
local host = require "botapi.core".host
local lfs = require "lfs"
local live = require "support.live"
local loops = require "support.loops"
local monotime = require("cqueues").monotime
local netns = require "support.netns"
local process = require "support.process"
local shim = require "support.shim"
local world = require "support.world"

local TOKEN = "110201543:AAHCANARYabcdefghijklmnopqrst"
local SIZE = 1000 * 1000

local try = netns.try(it, pending)

local server, before, directory
lazy_setup(function()
  server = faults.start()
  loops.warm_up()
end)
lazy_teardown(function() server:stop() end)
before_each(function()
  directory = os.tmpname()
  os.remove(directory)
  assert(lfs.mkdir(directory))
  before = live.note()
end)
after_each(function()
  os.execute("rm -rf " .. process.quote(directory))
  before:check()
end)

local function id(size, stop, ending, flags)
  return ("%d_%d_%s%s"):format(size, stop or size, ending or "keep", flags and "_" .. flags or "")
end

local function names()
  local list = {}
  for name in lfs.dir(directory) do
    if name ~= "." and name ~= ".." then list[#list + 1] = name end
  end
  table.sort(list)
  return list
end

local function options(listener, more)
  more = more or {}
  more.server = listener.url
  return more
end

local function path(name) return directory .. "/" .. (name or "file") end

-- No text of it shows the token.
local function clean(err)
  for _, value in pairs(err) do assert.is_nil(tostring(value):find("CANARY", 1, true)) end
  assert.is_nil(tostring(err):find("CANARY", 1, true))
  return err
end

local function fails(kind, sent, res, err)
  assert.is_nil(res)
  assert.same({ kind, sent, "download" }, { err.kind, err.sent, err.method }, tostring(err))
  return clean(err)
end

describe("a download to a path", function()
  it("asks getFile, then for the file; it is there whole, with the mode that files have", function()
    local listener = server:open { mode = "file" }
    local res = assert(botapi.download(TOKEN, id(SIZE), path(), options(listener)))
    assert.same({ file_id = id(SIZE), file_unique_id = "u" .. SIZE, file_size = SIZE, file_path = "d/" .. id(SIZE),
      path = path() }, res.result)
    assert.is_true(res.ok)
    assert.is_true(files.is(process.slurp(path()), SIZE))
    assert.same({ "file" }, names())
    local umask = process.capture "umask":match "%d+"
    assert.equal(umask == "0022" and "rw-r--r--" or lfs.attributes(path(), "permissions"),
      lfs.attributes(path(), "permissions"))
    local told = listener:close()
    assert.equal(2, told.seen())
    assert.equal("GET", told.requests[2].verb)
    assert.equal("/file/bot" .. TOKEN .. "/d/" .. id(SIZE), told.requests[2].path)
    assert.equal("", told.requests[2].body)
  end)

  it("takes a file_path, a File and a Document; in the test environment from there; and escapes the path", function()
    local listener = server:open { mode = "file" }
    local test = options(listener, { test = true })
    assert(botapi.download(TOKEN, "d/" .. id(9), path "a", test))
    assert(botapi.download(TOKEN, { file_path = "d/" .. id(9), file_size = 9 }, path "b", options(listener)))
    assert(botapi.download(TOKEN, { file_id = id(9), file_name = "x" }, path "c", options(listener)))
    local refusal = botapi.download(TOKEN, "ä b/%2e?#&x;y", path "d", options(listener))
    assert.same({ false, 404 }, { refusal.ok, refusal.error_code })
    assert.same({ "a", "b", "c" }, names())
    local told = listener:close()
    assert.equal(5, told.seen())
    assert.equal("/file/bot" .. TOKEN .. "/test/d/" .. id(9), told.requests[1].path)
    assert.equal("/file/bot" .. TOKEN .. "/%C3%A4%20b/%252e%3F%23%26x%3By", told.requests[5].path)
  end)

  it("replaces a file at once, and is empty where the file is", function()
    local listener = server:open { mode = "file" }
    local file = assert(io.open(path(), "w"))
    file:write "old"
    file:close()
    fails("network", "maybe", botapi.download(TOKEN, id(SIZE, 10, "close"), path(), options(listener)))
    assert.equal("old", process.slurp(path()))
    assert.equal(0, assert(botapi.download(TOKEN, id(0), path(), options(listener))).result.file_size)
    assert.equal("", process.slurp(path()))
    assert.same({ "file" }, names())
    listener:close()
  end)

  it("keeps the mode of the file that it replaces; nobody else reads the part meanwhile", function()
    local listener = server:open { mode = "file" }
    for _, mode in ipairs { "rw-------", "rw-rw-r--", "r--------", "rwxr-x--x" } do
      local file = assert(io.open(path(), "w"))
      file:close()
      os.execute(("chmod u=%s,g=%s,o=%s %s"):format(mode:sub(1, 3):gsub("-", ""), mode:sub(4, 6):gsub("-", ""),
        mode:sub(7, 9):gsub("-", ""), process.quote(path())))
      local meanwhile
      assert(botapi.download(TOKEN, "d/" .. id(SIZE), path(), options(listener, { on_progress = function()
        for _, name in ipairs(names()) do
          if name ~= "file" then meanwhile = lfs.attributes(path(name), "permissions") end
        end
      end })))
      assert.same({ mode, "rw-------" }, { lfs.attributes(path(), "permissions"), meanwhile or "rw-------" })
      assert.same({ "file" }, names())
      os.remove(path())
    end
    assert.equal(4, listener:close().seen())
  end)

  try("keeps the owner of the file that it replaces, where it may", function()
    local listener = server:open { mode = "file" }
    local file = assert(io.open(path(), "w"))
    file:close()
    os.execute(("chown 65534:65533 %s; chmod 4640 %s"):format(process.quote(path()), process.quote(path())))
    assert(botapi.download(TOKEN, "d/" .. id(SIZE), path(), options(listener)))
    local there = lfs.attributes(path())
    assert.same({ 65534, 65533, "rw-r-----" }, { there.uid, there.gid, there.permissions })
    listener:close()
  end)

  it("has any name that a file may have, and fails at once with a longer one", function()
    local listener = server:open { mode = "file" }
    local opts = options(listener, { resume = true })
    local function of(name, stop)
      return botapi.download(TOKEN, { file_path = "d/" .. id(SIZE, stop, stop and "close"), file_size = SIZE,
        file_unique_id = ("u"):rep(50) }, path(name), opts)
    end
    for _, name in ipairs { ("n"):rep(255), ("n"):rep(234), "n" .. ("\195\164"):rep(127) } do
      for _, resume in ipairs { true, false } do
        opts.resume = resume
        fails("network", "maybe", of(name, SIZE / 2))
        assert.equal(resume and 1 or 0, #names())
        assert.equal(resume or nil, assert(of(name)).result.resumed)
        assert.same({ name }, names())
        os.remove(path(name))
      end
    end
    assert.equal(36, fails("system", "no", of(("n"):rep(256))).errno)
    assert.equal(12, listener:close().seen())
  end)

  for _, ending in ipairs { "close", "reset", "hold" } do
    for _, tls in ipairs { false, "server" } do
      it(("that ends at a tenth by %s%s fails, and leaves nothing"):format(ending, tls and ", TLS" or ""), function()
        local listener = server:open { mode = "file", tls = tls or nil }
        local more = { timeout = ending == "hold" and 0.25 or nil, ca_file = tls and certs.ca() or nil }
        for tenth = 0, 9 do
          local bytes, name = 0, id(SIZE, SIZE / 10 * tenth, ending)
          fails(ending == "hold" and "timeout" or "network", "maybe", botapi.download(TOKEN, "d/" .. name, path(),
            options(listener, more)))
          fails(ending == "hold" and "timeout" or "network", "maybe", botapi.download(TOKEN, "d/" .. name,
            function(chunk) bytes = bytes + #chunk end, options(listener, more)))
          assert.is_true(bytes <= SIZE / 10 * tenth)
          -- a slow machine may not have got all of it in the time
          if ending == "close" then assert.equal(SIZE / 10 * tenth, bytes) end
          assert.same({}, names())
        end
        assert.equal(20, listener:close().seen())
      end)
    end
  end

  it("whose size isn't what the server said is a failure", function()
    local listener = server:open { mode = "file" }
    local err = fails("protocol", "maybe", botapi.download(TOKEN, id(SIZE, SIZE, "keep", "l"), path(),
      options(listener)))
    assert.equal("file_other", err.problem)
    assert.is_truthy(botapi.explain(nil, err):find "isn't the file that it had told of")
    assert.same({}, names())
    assert.equal(2, listener:close().seen())
  end)

  it("without a length is whole only if its size is known", function()
    local listener = server:open { mode = "file" }
    local opts = options(listener)
    assert(botapi.download(TOKEN, id(SIZE, SIZE, "close", "u"), path "a", opts))
    local function of(size, stop)
      return botapi.download(TOKEN, { file_path = "d/" .. id(SIZE, stop or SIZE, "close", "u"), file_size = size },
        path "b", opts)
    end
    fails("protocol", "maybe", of(nil))
    fails("protocol", "maybe", of(SIZE + 1))
    fails("protocol", "maybe", of(SIZE - 1))
    fails("protocol", "maybe", of(SIZE, SIZE - 1))
    assert.same({ "a" }, names())
    listener:close()
  end)

  it("that the server refuses is its envelope; and a redirect is never followed", function()
    for mode, status in pairs { not_found = 404, unauthorized = 401, rate_limited = 429 } do
      local listener = server:open { mode = mode }
      local res = botapi.download(TOKEN, "d/x", path(), options(listener))
      assert.same({ false, status }, { res.ok, res.error_code })
      res = botapi.download(TOKEN, "x", path(), options(listener))
      assert.same({ false, status }, { res.ok, res.error_code })
      assert.equal(2, listener:close().seen())
    end
    for _, mode in ipairs { "redirect_302", "html_502", "ok_true_500", "body_giant" } do
      local listener = server:open { mode = mode }
      local res, err = botapi.download(TOKEN, "d/x", path(), options(listener, { max_size = 1000 }))
      assert.is_nil(res)
      assert.is_truthy(err.kind == "protocol" or err.kind == "limit", err.kind)
      clean(err)
      assert.equal(1, listener:close().seen())
    end
    assert.same({}, names())
  end)

  it("that is a link replaces the file that it leads to; the link stays", function()
    local listener = server:open { mode = "file" }
    assert(lfs.mkdir(path "d"))
    assert(lfs.link("d/real", path "second", true))
    assert(lfs.link(path "second", path(), true))
    for _ = 1, 2 do                     -- it isn't there; it is
      local res = assert(botapi.download(TOKEN, "d/" .. id(SIZE), path(), options(listener)))
      assert.equal(path(), res.result.path)
      assert.is_true(files.is(process.slurp(path "d/real"), SIZE))
      assert.same({ "d", "file", "second" }, names())
      assert.same({ "link", "link" }, { lfs.symlinkattributes(path(), "mode"),
        lfs.symlinkattributes(path "second", "mode") })
    end
    assert(lfs.link("loop", path "loop", true))
    assert.equal(40, fails("system", "no", botapi.download(TOKEN, "d/" .. id(SIZE), path "loop",
      options(listener))).errno)
    assert.equal(2, listener:close().seen())
  end)

  it("that leads to what a process has open is written there, behind what it has", function()
    local listener = server:open { mode = "file" }
    assert(lfs.link("/proc/self/fd/7", path "link", true))
    local program = ([[
      local botapi = require "botapi"
      assert(botapi.download(%q, "d/%s", %q, {server = %q}))
    ]]):format(TOKEN, id(SIZE), path "link", listener.url)
    local file = assert(io.open(path "program", "w"))
    file:write(program)
    file:close()
    for _, how in ipairs { ">", "1<>" } do
      os.remove(path "out")
      process.run(("{ printf head; %s %s 7>&1; printf tail; } %s%s"):format(os.getenv "LUA" or "lua5.4",
        process.quote(path "program"), how, process.quote(path "out")))
      local got = process.slurp(path "out")
      assert.same({ "head", "tail", SIZE + 8 }, { got:sub(1, 4), got:sub(-4), #got })
      assert.is_true(files.is(got:sub(5, -5), SIZE))
      assert.equal("link", lfs.symlinkattributes(path "link", "mode"))
      assert.same({ "link", "out", "program" }, names())
    end
    local out = assert(io.open(path "out", "w"))       -- as of another process: to open it anew
    out:write "head"
    out:flush()
    assert(lfs.link(("/proc/self/task/%d/fd"):format(fork.pid()), path "fds", true))
    local number
    for entry in lfs.dir(path "fds") do
      local there = lfs.attributes(path "fds/" .. entry)
      if there and there.ino == lfs.attributes(path "out", "ino") then number = entry end
    end
    assert(botapi.download(TOKEN, "d/" .. id(SIZE), path "fds/" .. number, options(listener)))
    out:close()
    assert.equal(SIZE + 4, lfs.attributes(path "out", "size"))
    assert.equal(3, listener:close().seen())
  end)

  try("through another user's link, in a directory that others can write, isn't begun", function()
    local listener = server:open { mode = "file" }
    assert(lfs.link("real", path(), true))
    os.execute(("chown -h 65534 %s; chmod 1777 %s"):format(process.quote(path()), process.quote(directory)))
    assert.equal(1, fails("system", "no", botapi.download(TOKEN, "d/" .. id(SIZE), path(), options(listener))).errno)
    assert.same({ "file" }, names())
    assert.equal(0, listener:close().seen())
  end)

  it("that can't be written is a failure with its errno", function()
    local listener = server:open { mode = "file" }
    local opts = options(listener)
    local err = fails("system", "maybe", botapi.download(TOKEN, id(SIZE), "/dev/full", opts))
    assert.equal(28, err.errno)
    assert.equal("file_unwritable", err.problem)
    assert.is_truthy(botapi.explain(nil, err):find "The file can't be written: .*No space left")
    assert.equal(2, fails("system", "no", botapi.download(TOKEN, "d/" .. id(SIZE), path "none/x", opts)).errno)
    assert.equal(21, fails("system", "no", botapi.download(TOKEN, "d/" .. id(SIZE), directory, opts)).errno)
    assert.equal(2, listener:close().seen())
  end)

  try("on a disk that is full is a failure, and nothing is left", function()
    local listener = server:open { mode = "file" }
    local program = ([[
      local res, err = require "botapi".download(%q, %q, %q, {server = %q})
      print(err.kind, err.sent, err.errno)
      os.execute "ls -A %s"
    ]]):format(TOKEN, id(SIZE), path(), listener.url, directory)
    local file = assert(io.open(path "program", "w"))
    file:write(program)
    file:close()
    local command = ("unshare -m sh -e -c 'cp %s/program /tmp/program.$$; mount -t tmpfs -o size=512k none %s; "
      .. "%s /tmp/program.$$; rm /tmp/program.$$'"):format(directory, directory, os.getenv "LUA" or "lua5.4")
    assert.equal("system\tmaybe\t28\n", process.capture(command))
    assert.equal(2, listener:close().seen())
  end)

  it("shows no token that is in its path, in no field and no text", function()
    local listener = server:open { mode = "file" }
    for _, name in ipairs { "none/" .. TOKEN .. "/x", "none/" .. TOKEN:match ":(.*)" } do
      local res, err = botapi.download(TOKEN, "d/" .. id(SIZE), path(name), options(listener))
      fails("system", "no", res, err)
      assert.is_nil(botapi.explain(res, err):find("CANARY", 1, true))
      res, err = botapi.bot(TOKEN, { server = listener.url, on_event = function(event)
        if event.failure then clean(event.failure) end
      end }):download("d/" .. id(SIZE), path(name))
      fails("system", "no", res, err)
    end
    assert.equal(0, listener:close().seen())
  end)

  it("ends no process: into a pipe that nobody reads any more, into a file larger than one may be", function()
    local listener = server:open { mode = "file" }
    local program = ([[
      local res, err
      repeat                            -- until there is who reads
        res, err = require "botapi".download(%q, %q, arg[1], {server = %q})
      until res or err.errno ~= 6
      print(err.kind, err.sent, err.errno)
    ]]):format(TOKEN, "d/" .. id(SIZE), listener.url)
    local file = assert(io.open(path "program", "w"))
    file:write(program)
    file:close()
    local run = ("env --default-signal=PIPE %s %s "):format(os.getenv "LUA" or "lua5.4", process.quote(path "program"))
    os.execute("mkfifo " .. process.quote(path "pipe"))
    assert.equal("system\tmaybe\t32\n", process.capture(("head -c 9 %s >/dev/null & %s %s"):format(
      process.quote(path "pipe"), run, process.quote(path "pipe"))))
    assert.equal("system\tmaybe\t27\n", process.capture(("ulimit -f 100; %s %s"):format(run,
      process.quote(path()))))
    assert.same({ "pipe", "program" }, names())
    assert.equal(2, listener:close().seen())
  end)

  -- What is told of a download to a pipe, between a shell's words: what opens it, and what reads the rest.
  local function piped(around, to, more)
    local program = ([[
      local botapi = require "botapi"
      local res, err = %s:download(%%s, %q, %%s)
      print(res and res.ok, err and err.kind, err and err.sent, err and err.errno, err and err.problem)
      print(botapi.explain(res, err))
    ]]):format(("botapi.bot(%q, {server = %q})"):format(TOKEN, more.url), to)
    local file = assert(io.open(path "program", "w"))
    file:write(program:format(more.file, more.options or "nil"))
    file:close()
    return process.capture(("pipe=%s; got=%s; %s\ntimeout 20 %s %s 3<&- 2>&1; %s"):format(process.quote(to),
      process.quote(path "got"), around[1], os.getenv "LUA" or "lua5.4", process.quote(path "program"), around[2]))
  end

  it("waits for no reader of a pipe, and for a slow one no longer than its time", function()
    local listener = server:open { mode = "file" }
    local pipe = path "pipe"
    os.execute("mkfifo " .. process.quote(pipe))
    local disk = assert(io.open(path "disk", "w"))
    disk:write(("x"):rep(SIZE))
    disk:close()
    local remote, nearby = ("%q"):format("d/" .. id(SIZE)), ("{file_path = %q}"):format(path "disk")
    for file, sent in pairs { [remote] = "maybe", [nearby] = "no" } do
      local said = piped({ ":", ":" }, pipe, { url = listener.url, file = file })
      assert.equal("nil\tsystem\tno\t6\tfile_unwritable\nThe file can't be written: " .. pipe .. ": nobody reads it.",
        said:match "^.-reads it%.")
      said = piped({ "exec 3<>$pipe", ":" }, pipe,
        { url = listener.url, file = file, options = "{timeout = 0.5, retries = 3}" })
      assert.equal("nil\ttimeout\t" .. sent .. "\tnil\tfile_unwritable\nThe file wasn't taken in the time allowed: "
        .. pipe .. ": takes no more.", said:match "^.-no more%.")
    end
    assert.equal(1, listener:close().seen())
  end)

  it("is all there for who reads a pipe slowly", function()
    local listener = server:open { mode = "file" }
    os.execute("mkfifo " .. process.quote(path "pipe"))
    local said = piped({ "exec 3<>$pipe; (sleep 0.3; head -c 100000; sleep 0.3; cat) <$pipe 3<&- >$got &",
      "exec 3<&-; wait" }, path "pipe", { url = listener.url, file = ("%q"):format("d/" .. id(SIZE)) })
    assert.equal("true\tnil\tnil\tnil\tnil", said:match "^[^\n]*")
    assert.is_true(files.is(process.slurp(path "got"), SIZE))
    assert.equal(1, listener:close().seen())
  end)

  it("stops at max_size, before it is asked for where getFile tells", function()
    local listener = server:open { mode = "file" }
    local opts = options(listener, { max_size = SIZE - 1 })
    assert.equal("file_large", fails("limit", "no", botapi.download(TOKEN, id(SIZE), path(), opts)).problem)
    fails("limit", "maybe", botapi.download(TOKEN, "d/" .. id(SIZE), path(), opts))
    fails("limit", "maybe", botapi.download(TOKEN, "d/" .. id(SIZE, SIZE, "close", "u"), path(), opts))
    assert.same({}, names())
    assert(botapi.download(TOKEN, id(SIZE - 1), path(), opts))
    assert.equal(5, listener:close().seen())
  end)

  it("tells its progress, at the end that all is there, and passes on what that raises", function()
    local listener = server:open { mode = "file" }
    local last, told = 0, 0
    local size = 40 * 64256
    local function note(done, total)
      assert.equal(size, total)
      assert.is_true(done > last)
      last, told = done, told + 1
    end
    assert(botapi.download(TOKEN, id(size, size, "keep", "s"), path(), options(listener, { on_progress = note })))
    assert.equal(size, last)
    assert.is_true(1 < told and told < 30)
    local mine = {}
    local ok, raised = pcall(botapi.download, TOKEN, "d/" .. id(size, size, "keep", "s"), path "b", options(listener, {
      on_progress = function() error(mine) end }))
    assert.same({ false, mine }, { ok, raised })
    assert.equal(mine, raised)
    assert.same({ "file" }, names())
    assert.equal(3, listener:close().seen())
  end)
end)

describe("a download that may be resumed", function()
  local function interrupted(listener, flags, more)
    more = more or {}
    more.resume = true
    local part = { file_path = "d/" .. id(SIZE, SIZE / 2, "close", flags), file_size = SIZE,
      file_unique_id = "AQAD-x_1" }
    fails("network", "maybe", botapi.download(TOKEN, part, path(), options(listener, more)))
    assert.same({ "file.AQAD-x_1.part" }, names())
    local whole = { file_path = "d/" .. id(SIZE, SIZE, "close", flags), file_size = SIZE, file_unique_id = "AQAD-x_1" }
    return botapi.download(TOKEN, whole, path(), options(listener, more))
  end

  it("goes on where the one before ended", function()
    local listener = server:open { mode = "file" }
    local told = {}
    local res = assert(interrupted(listener, nil, { on_progress = function(done) told[#told + 1] = done end }))
    assert.is_true(res.result.resumed)
    assert.is_true(files.is(process.slurp(path()), SIZE))
    assert.same({ "file" }, names())
    assert.equal(SIZE, told[#told])
    local seen = listener:close()
    assert.equal(2, seen.seen())
    assert.is_nil(seen.requests[1].head:find "Range")
    assert.is_truthy(seen.requests[2].head:find(("\r\nRange: bytes=%d-\r\n"):format(SIZE / 2), 1, true))
  end)

  it("begins anew where the server has no ranges", function()
    local listener = server:open { mode = "file" }
    local res = assert(interrupted(listener, "n"))
    assert.is_nil(res.result.resumed)
    assert.is_true(files.is(process.slurp(path()), SIZE))
    assert.same({ "file" }, names())
    assert.equal(2, listener:close().seen())
  end)

  it("fails where the server sends another part, or speaks of another file", function()
    for _, flag in ipairs { "w", "t" } do
      local listener = server:open { mode = "file" }
      fails("protocol", "maybe", interrupted(listener, flag))
      assert.same({ "file.AQAD-x_1.part" }, names())
      assert.equal(2, listener:close().seen())
      os.remove(path "file.AQAD-x_1.part")
    end
  end)

  it("keeps what is there where the server answers with something of another size", function()
    local listener = server:open { mode = "file" }
    local file = { file_path = "d/" .. id(SIZE, SIZE / 2, "close"), file_size = SIZE, file_unique_id = "A" }
    local opts = options(listener, { resume = true })
    fails("network", "maybe", botapi.download(TOKEN, file, path(), opts))
    file.file_path = "d/" .. id(SIZE / 4, SIZE / 4, "keep", "n")
    fails("protocol", "maybe", botapi.download(TOKEN, file, path(), opts))
    assert.equal(SIZE / 2, lfs.attributes(path "file.A.part", "size"))
    listener:close()
  end)

  it("has no part whose name a server has made of the token", function()
    local listener = server:open { mode = "file" }
    local secret = TOKEN:match ":(.*)"
    for _, unique in ipairs { secret, "x" .. secret, secret:sub(1, 20) } do
      local file = { file_path = "d/" .. id(SIZE, SIZE / 2, "close"), file_size = SIZE, file_unique_id = unique }
      fails("network", "maybe", botapi.download(TOKEN, file, path(), options(listener, { resume = true })))
      assert.same({}, names())
      fails("system", "no", botapi.download(TOKEN, file, path "none/x", options(listener, { resume = true })))
    end
    listener:close()
  end)

  it("has no part whose name a proxy has made of its login", function()
    local res, err = botapi.download(TOKEN, { file_path = "d/x", file_size = 1, file_unique_id = "Password9" },
      path "none/x", { server = "http://127.0.0.1:1", plain_http = true, proxy = "http://me:Password9@127.0.0.1:1",
      resume = true })
    assert.is_nil((tostring(fails("system", "no", res, err)) .. err.cause):find("Password9", 1, true))
  end)

  it("begins anew where there is more than the file has, and doesn't take what isn't a file of ours", function()
    local listener = server:open { mode = "file" }
    local opts = options(listener, { resume = true })
    local whole = { file_path = "d/" .. id(SIZE), file_size = SIZE, file_unique_id = "A" }
    local file = assert(io.open(path "file.A.part", "w"))
    file:write(("x"):rep(SIZE + 1))
    file:close()
    assert(botapi.download(TOKEN, whole, path(), opts))
    assert.is_true(files.is(process.slurp(path()), SIZE))
    assert.same({ "file" }, names())
    assert(lfs.link(path "other", path "file.A.part", true))
    fails("system", "no", botapi.download(TOKEN, whole, path(), opts))
    os.remove(path "file.A.part")
    assert(lfs.link(path(), path "file.A.part"))
    fails("system", "no", botapi.download(TOKEN, whole, path(), opts))
    assert.is_true(files.is(process.slurp(path()), SIZE))
    assert.equal(1, listener:close().seen())
  end)

  -- A part with half of the file, a download that goes on there, and what happens in its midst.
  local function in_midst(listener, flags, first_flags, act)
    local file = assert(io.open(path "file.A.part", "w"))
    for part in files.parts(0, SIZE / 2) do file:write(part) end
    file:close()
    local function start(its_flags, on_progress)
      return botapi.download(TOKEN, { file_path = "d/" .. id(SIZE, SIZE, "keep", its_flags), file_size = SIZE,
        file_unique_id = "A" }, path(), options(listener, { resume = true, on_progress = on_progress }))
    end
    local acted
    local res, err = start(first_flags, function()
      if acted then return end
      acted = true
      act(function() return start(flags) end)
    end)
    assert.is_true(acted)
    return res, err
  end

  for flag, what in pairs { n = "has no ranges", g = "says 416" } do
    it("has its part for itself: another one at the same time, whose server " .. what .. ", harms nothing", function()
      local listener = server:open { mode = "file" }
      local inner
      local res = assert(in_midst(listener, flag, "s", function(start)
        inner = assert(start())
        assert.is_true(files.is(process.slurp(path()), SIZE))
        assert.same({ "file", "file.A.part" }, names())
      end))
      assert.is_true(res.result.resumed)
      assert.is_nil(inner.result.resumed)
      assert.is_true(files.is(process.slurp(path()), SIZE))
      assert.same({ "file" }, names())
      local told = listener:close()
      assert.equal(2, told.seen())
      assert.is_nil(told.requests[2].head:find "Range")
    end)
  end

  it("is refused as the file once something else has its part's name", function()
    local listener = server:open { mode = "file" }
    local err = fails("system", "yes", in_midst(listener, nil, "s", function()
      os.remove(path "file.A.part")
      local file = assert(io.open(path "file.A.part", "w"))
      file:write "another's"
      file:close()
    end))
    assert.equal("file_unwritable", err.problem)
    assert.same({ "file.A.part" }, names())
    assert.equal("another's", process.slurp(path "file.A.part"))
    assert.equal(1, listener:close().seen())
  end)

  it("begins anew in the same part where the server says 416; a child that lives on doesn't keep it", function()
    local listener = server:open { mode = "file" }
    local part = path "file.A.part"
    local file = assert(io.open(part, "w"))
    file:write "other"
    file:close()
    local held = assert(host.part(part))
    local child = fork.fork()
    if child == 0 then fork.pause() end
    held:close()
    local res, err = botapi.download(TOKEN, { file_path = "d/" .. id(SIZE, SIZE, "keep", "g"), file_size = SIZE,
      file_unique_id = "A" }, path(), options(listener, { resume = true }))
    fork.kill(child, 9)
    fork.wait(child)
    assert(res, err)
    assert.is_nil(res.result.resumed)
    assert.is_true(files.is(process.slurp(path()), SIZE))
    assert.same({ "file" }, names())
    local told = listener:close()
    assert.equal(2, told.seen())                -- with the range, and without
    assert.is_truthy(told.requests[1].head:find "Range: bytes=5%-")
    assert.is_nil(told.requests[2].head:find "Range")
  end)

  it("on a disk without locks is as one that may not: whole, or nothing stays", function()
    local listener = server:open { mode = "file" }
    local child = process.program([[
      local lfs = require "lfs"
      local token, url, directory = ...
      for _, name in ipairs { select(4, ...) } do
        local res, err = require "botapi".download(token, name, directory .. "/file", { server = url, resume = true })
        local n = 0
        for _ in lfs.dir(directory) do n = n + 1 end
        print(res and res.ok or err.kind, n - 2)
      end
    ]], { env = shim "lockless" }, TOKEN, listener.url, directory, id(SIZE, 10, "close"), id(SIZE))
    child:wait(60)
    assert.equal("", child:errors())
    assert.same({ "network\t0", "true\t1" }, { child.lines[2], child.lines[3] })      -- behind its pid
    assert.is_true(files.is(process.slurp(path()), SIZE))
    assert.equal(4, listener:close().seen())
  end)

  it("needs to know which file it is: otherwise nothing stays", function()
    local listener = server:open { mode = "file" }
    fails("network", "maybe", botapi.download(TOKEN, "d/" .. id(SIZE, 10, "close"), path(), options(listener,
      { resume = true })))
    assert.same({}, names())
    listener:close()
  end)
end)

describe("a download to a function", function()
  it("gives all bytes in order", function()
    local listener = server:open { mode = "file" }
    local judge, bytes = files.judge(), 0
    local res = assert(botapi.download(TOKEN, id(SIZE), function(chunk)
      assert.is_true(judge(chunk))
      bytes = bytes + #chunk
    end, options(listener)))
    assert.equal(SIZE, bytes)
    assert.is_nil(res.result.path)
    assert.equal(2, listener:close().seen())
  end)

  it("ends where that returns false, and where it raises, which is passed on", function()
    local listener = server:open { mode = "file" }
    local large = "d/" .. id(64 * SIZE)
    fails("cancelled", "maybe", botapi.download(TOKEN, large, function() return false end, options(listener)))
    local mine = {}
    local ok, raised = pcall(botapi.download, TOKEN, large, function() error(mine) end, options(listener))
    assert.is_false(ok)
    assert.equal(mine, raised)
    assert.equal(2, listener:close().seen())
  end)
end)

describe("a file of a server on this machine", function()
  local function of_disk(size, more)
    local file = assert(io.open(path "disk", "w"))
    for part in files.parts(0, SIZE) do file:write(part) end
    file:close()
    more = more or {}
    more.server = more.server or "http://127.0.0.1:1"
    return botapi.download(TOKEN, { file_path = path "disk", file_size = size }, more.to or path(),
      { server = more.server, max_size = more.max_size, on_progress = more.on_progress })
  end

  it("is copied, and nothing is asked", function()
    local last
    local res = assert(of_disk(SIZE, { on_progress = function(done, total) last = done / total end }))
    assert.equal(SIZE, res.result.file_size)
    assert.is_true(files.is(process.slurp(path()), SIZE))
    assert.equal(1, last)
    local bytes = 0
    assert(of_disk(nil, { to = function(chunk) bytes = bytes + #chunk end }))
    assert.equal(SIZE, bytes)
    assert.same({ "disk", "file" }, names())
  end)

  it("has to have its size, may not be too large, and must be a file here", function()
    fails("protocol", "no", of_disk(SIZE - 1))
    fails("limit", "no", of_disk(SIZE, { max_size = 10 }))
    fails("limit", "no", of_disk(nil, { max_size = 10 }))
    local _, err = botapi.download(TOKEN, { file_path = "/nowhere/" .. TOKEN .. "/x" }, path(),
      { server = "http://127.0.0.1:1" })
    assert.same({ 2, "file_elsewhere" }, { fails("system", "no", nil, err).errno, err.problem })
    fails("system", "no", botapi.download(TOKEN, { file_path = "/dev/zero" }, path(),
      { server = "http://127.0.0.1:1" }))
    assert.same({ "disk" }, names())
  end)

  it("that can't be read to its end is a failure, and nothing is left", function()
    local file = { file_path = "/proc/self/mem" }       -- a regular file, whose first page is nobody's
    for _, to in ipairs { path(), function() end } do
      local err = fails("system", "no", botapi.download(TOKEN, file, to, { server = "http://127.0.0.1:1" }))
      assert.same({ 5, "file_elsewhere" }, { err.errno, err.problem })
    end
    assert.same({}, names())
  end)

  it("is not taken from this disk because a server far away says so", function()
    fails("protocol", "no", of_disk(SIZE, { server = "https://api.telegram.org" }))
    fails("protocol", "no", botapi.download(TOKEN, { file_path = "/etc/passwd" }, path()))
    assert.same({ "disk" }, names())
  end)

  it("is not taken where only the server's name is nearby, and `resolve` leads it far away", function()
    local file = assert(io.open(path "disk", "w"))
    file:write "disk"
    file:close()
    local function of(name, addresses)
      return botapi.download(TOKEN, { file_path = path "disk" }, path(), { server = ("http://%s:8081"):format(name),
        resolve = { name .. ":8081:" .. addresses } })
    end
    for _, name in ipairs { "tgserver", "bots.internal", "localhost" } do
      for _, addresses in ipairs { "203.0.113.5", "127.0.0.1,203.0.113.5", "2001:db8::1", "[2001:db8::1]" } do
        fails("protocol", "no", of(name, addresses))
      end
    end
    assert.same({ "disk" }, names())
    for _, addresses in ipairs { "127.0.0.1", "10.0.0.5,192.168.1.1", "::1", "[fd00::1]" } do
      assert(of("tgserver", addresses))
      assert.equal("disk", process.slurp(path()))
    end
  end)
end)

describe("the arguments of a download", function()
  it("raise at the caller's line", function()
    for _, case in ipairs {
      { "file: a file_id", 5, "x" }, { "file: it has neither", {}, "x" },
      { "file: a list", { { file_id = "a" } }, "x" },
      { "file: a place on the server's disk", "/proc/self/environ", "x" },
      { "file: its file_path", "a/../b", "x" }, { "file: it has neither", { file_id = "a\0" }, "x" },
      { "to: a path or a function", "a", nil }, { "to: a path or a function", "a", "" },
      { "unknown option 'foo'", "a", "x", { foo = 1 } }, { "option 'max_size': number", "a", "x", { max_size = "1" } },
      { "option 'max_size': out of range", "a", "x", { max_size = -1 } }, { "options: table", "a", "x", 5 },
      { "option 'resume': it needs a path", "a", print, { resume = true } },
    } do
      local ok, raised = pcall(function() local res = botapi.download(TOKEN, case[2], case[3], case[4]) return res end)
      assert.is_false(ok)
      assert.is_truthy(raised:find(case[1], 1, true), raised)
      assert.is_truthy(raised:find("download_spec.lua:%d+: bad argument to 'download'"), raised)
      local bot = botapi.bot(TOKEN, { server = "http://127.0.0.1:1" })
      ok, raised = pcall(function() local res = bot:download(case[2], case[3], case[4]) return res end)
      assert.is_false(ok)
      assert.is_truthy(raised:find(case[1], 1, true), raised)
      assert.is_truthy(raised:find("download_spec.lua:%d+: bad argument to 'download'"), raised)
    end
    fails("token", "no", botapi.download("x", "a/b", path()))
  end)
end)

describe("a bot's download", function()
  it("is the same, with the bot's options and its repeats", function()
    local listener = server:open { mode = "file" }
    local bot = botapi.bot(TOKEN, { server = listener.url })
    assert.is_true(bot:download(id(SIZE), path()).ok)
    assert.is_true(files.is(process.slurp(path()), SIZE))
    assert.equal(2, listener:close().seen())
    local tries = 0
    bot = botapi.bot(TOKEN, { server = "http://127.0.0.1:1", retries = 1, on_event = function(event)
      if event.type == "attempt" then tries = tries + 1 end
    end })
    local _, err = bot:download("d/x", path())
    assert.same({ "network", "no", 2 }, { err.kind, err.sent, tries })
  end)

  it("is refused after the bot's logout: it would log it in again", function()
    local listener = server:open { mode = "ok" }
    local bot = botapi.bot(TOKEN, { server = listener.url })
    assert(bot:logout().ok)
    for _, file in ipairs { "x", "d/x" } do
      local _, err = bot:download(file, path())
      assert.same({ "logged_out", "no" }, { err.kind, err.sent })
    end
    assert.equal(1, listener:close().seen())
  end)
end)

describe("a download that nobody waits for any more", function()
  -- Some steps of a loop, then its coroutine is closed or forgotten.
  for _, loop in ipairs(loops.list()) do
    it("leaves no call and no file: " .. loop.name, function()
      local opened = loop.open()
      if not opened.kill then return end
      local listener = server:open { mode = "file" }
      local api = require(loop.module)
      opened.kill(function() api.download(TOKEN, "d/" .. id(SIZE, SIZE / 2, "hold"), path(), options(listener)) end, 30)
      opened = nil -- luacheck: ignore 311
      for _ = 1, 4 do collectgarbage() end
      assert.same({}, names())
      listener:close()
    end)
  end

  it("is its own process's: a child that ends takes nothing away", function()
    local listener = server:open { mode = "file" }
    local program = ([[
      local fork = require "support.fork"
      local forked
      local res, err = require "botapi".download(%q, %q, %q, {server = %q, on_progress = function()
        if forked then return end
        forked = fork.fork()
        if forked == 0 then error "the child ends" end        -- and lua_close runs its finalizers
        fork.wait(forked)
      end})
      assert(res and res.ok, tostring(err))
    ]]):format(TOKEN, id(SIZE), path(), listener.url)
    local file = assert(io.open(path "program", "w"))
    file:write(program)
    file:close()
    process.run((os.getenv "LUA" or "lua5.4") .. " " .. process.quote(path "program") .. " 2>/dev/null")
    assert.is_true(files.is(process.slurp(path()), SIZE))
    assert.same({ "file", "program" }, names())
    listener:close()
  end)
end)

describe("a large download", function()
  -- How much a process of its own grows by, in KiB.
  local function measured(url, to)
    local program = ([[
      local botapi = require "botapi"
      local function status(name)
        return tonumber(io.open "/proc/self/status":read "*a":match(name .. ":%%s*(%%d+)"))
      end
      botapi.get_me(%q, {server = %q})
      local before = status "VmHWM"
      local res, err = botapi.download(%q, %q, %s, {server = %q})
      assert(res and res.ok, tostring(err))
      print(status "VmHWM" - before)
    ]]):format(TOKEN, url, TOKEN, "d/" .. id(200 * 1024 * 1024), to, url)
    local file = assert(io.open(path "program", "w"))
    file:write(program)
    file:close()
    return tonumber(process.capture((os.getenv "LUA" or "lua5.4") .. " " .. process.quote(path "program")))
  end

  it("takes no memory for it: under 16 MiB for 200 MiB, to a path and to a function", function()
    local listener = server:open { mode = "file" }
    for _, to in ipairs { ("%q"):format(path()), "function() end" } do
      local grown = measured(listener.url, to)
      assert.is_true(grown < 16 * 1024, grown .. " KiB")
    end
    assert.equal(200 * 1024 * 1024, lfs.attributes(path(), "size"))
    listener:close()
  end)
end)

-- What every loop does, and nothing is left of it.
local function body(w, url)
  local judge, bytes = files.judge(), 0
  local res, err = w.api.download(w.token, id(SIZE), path(), { server = url })
  w.check(res and res.ok, tostring(err))
  w.check(files.is(process.slurp(path()), SIZE), "other bytes")
  res, err = w.api.bot(w.token, { server = url }):download("d/" .. id(SIZE), function(chunk)
    w.check(judge(chunk), "other bytes")
    bytes = bytes + #chunk
    w.api.sleep(0)
  end)
  w.check(res and res.ok, tostring(err))
  w.equal(SIZE, bytes)
  res, err = w.api.download(w.token, id(SIZE, 10, "reset"), path(), { server = url })
  w.check(res == nil and err.kind == "network" and err.sent == "maybe", tostring(err))
end

-- Meanwhile another coroutine runs, and a pipe that nobody empties ends none of them.
local function body_of_pipe(w, url)
  local pipe = path "pipe"
  os.execute("mkfifo " .. process.quote(pipe))
  local reader = assert(io.open(pipe, "r+"))
  local res, err = w.api.download(w.token, "d/" .. id(SIZE), pipe, { server = url, timeout = 0.3 })
  w.check(res == nil and err.kind == "timeout" and err.problem == "file_unwritable", tostring(err))
  reader:close()
end

describe("downloads on every loop", function()
  for _, loop in ipairs(loops.list()) do
    it("that fill a pipe end in time: " .. loop.name, function()
      loops.try({ mode = "file", requests = 1 }, server, function(url) return loop.run(body_of_pipe, url) end)
      os.remove(path "pipe")
    end)
  end

  it("blocking", function()
    local listener = server:open { mode = "file" }
    local w = world.new(botapi, monotime)
    body(w, listener.url)
    assert.same({}, w.failures)
    assert.equal(5, listener:close().seen())
    assert.same({ "file" }, names())
  end)

  for _, loop in ipairs(loops.list()) do
    it(loop.name, function()
      loops.try({ mode = "file", requests = 5 }, server, function(url) return loop.run(body, url) end)
      assert.same({ "file" }, names())
    end)
  end

  it("luv, with a callback", function()
    local loop = loops.find "luv"
    if not loop then return pending "no luv here" end
    local listener = server:open { mode = "file" }
    local bytes, got = 0, nil
    require "botapi.luv".download(TOKEN, id(SIZE), function(chunk) bytes = bytes + #chunk end, options(listener),
      function(err, res) got = res or err end)
    require "luv".run()
    assert.is_true(got.ok)
    assert.equal(SIZE, bytes)
    assert.equal(2, listener:close().seen())
  end)
end)
