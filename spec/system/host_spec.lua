-- SPDX-License-Identifier: MIT
-- Specifies core.host: files that survive, locks, a line without echo, and the small things of the system.

local host = require "botapi.core".host

local lua = rawget(_G, "jit") and "luajit" or _VERSION:lower():gsub("%s", "")

local ENOENT, EEXIST, ENOTDIR, EISDIR, EINVAL, ENOSPC = 2, 17, 20, 21, 22, 28
local EAGAIN, ENAMETOOLONG, ENOTTY, ENODATA, EMSGSIZE = 11, 36, 25, 61, 90

local home

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function slurp(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

local function spill(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  return path
end

local function capture(command)
  local pipe = assert(io.popen(command, "r"))
  local text = pipe:read("*a")
  pipe:close()
  return text
end

-- How many descriptors are open; by a file, since a pipe to `ls` would be one more or not.
local function descriptors()
  os.execute(("ls /proc/%d/fd >%s"):format(host.getpid(), quote(home .. "/descriptors")))
  return (select(2, slurp(home .. "/descriptors"):gsub("\n", "")))
end

-- A command that runs this Lua program with the paths of this process; `host` is there.
local function program(name, text)
  local file = spill(home .. "/" .. name .. ".lua", "local host = require 'botapi.core'.host\n" .. text)
  return ("env LUA_PATH=%s LUA_CPATH=%s %s %s"):format(quote(package.path), quote(package.cpath), lua, quote(file))
end

local function fails(errno, pattern, ...)
  assert.equal(3, select("#", ...))
  local value, message, code = ...
  assert.is_nil(value)
  assert.matches(pattern, message)
  assert.equal(errno, code)
end

before_each(function()
  home = os.tmpname()
  os.remove(home)
  os.execute("mkdir " .. quote(home))
end)

after_each(function()
  collectgarbage()
  os.execute("rm -rf " .. quote(home))
end)

describe("the target of a link", function()
  it("is what the link says, wherever it leads", function()
    os.execute("ln -s /nonexistent/x " .. home .. "/link")
    assert.equal("/nonexistent/x", host.link_target(home .. "/link"))
    assert.same({ nil, home .. ": Invalid argument", EINVAL }, { host.link_target(home) })
    assert.equal(ENOENT, select(3, host.link_target(home .. "/none")))
  end)
end)

describe("the current directory", function()
  it("is a path from the root", function()
    assert.matches("^/", host.current_directory())
  end)

  it("that was removed has none, and the error says so", function()
    local gone = home .. "/gone"
    local said = io.popen(("mkdir %s; cd %s; rmdir ../gone; %s 2>/dev/null"):format(quote(gone), quote(gone),
      program("gone", "print(require 'botapi.core'.host.current_directory())")))
    assert.matches("^nil\tthe current directory: No such file or directory\t2\n$", said:read "*a")
    said:close()
  end)
end)

describe("what is in a file", function()
  it("is read whole, whatever it is, and what can't be read is told", function()
    for _, text in ipairs { "", "one\n\0two", ("x"):rep(100000) } do
      assert.equal(text, host.read(spill(home .. "/a", text)))
    end
    assert.same({ nil, home .. "/none: No such file or directory", ENOENT }, { host.read(home .. "/none") })
    assert.same({ nil, home .. ": Is a directory", EISDIR }, { host.read(home) })
  end)
end)

describe("a path that is longer than the system's longest", function()
  it("is refused before anything is made", function()
    local long = ("/x"):rep(2100)
    for _, name in ipairs {"follow", "unnamed"} do
      local res, message, errno = host[name](long)
      assert.is_nil(res)
      assert.matches("File name too long", message)
      assert.equal(ENAMETOOLONG, errno)
    end
  end)
end)

describe("fill_streams", function()
  it("leaves streams that are open as they are", function()
    local before = descriptors()
    assert.is_true(host.fill_streams())
    assert.equal(before, descriptors())
  end)
end)

describe("a file", function()
  it("is made for its owner alone, whatever the umask", function()
    os.execute("umask 0; " .. program("make", ("assert(host.append(%q)); assert(host.create(%q))")
      :format(home .. "/a", home .. "/b")))
    assert.equal(384, (host.mode(home .. "/a")))
    assert.equal(384, (host.mode(home .. "/b")))
  end)

  it("grows at its end when it was there", function()
    spill(home .. "/a", "one\n")
    local file = assert(host.append(home .. "/a"))
    assert.is_true(file:write("two\n"))
    assert.is_true(file:write(""))
    assert.is_true(file:sync())
    assert.equal("one\ntwo\n", slurp(home .. "/a"))
    assert.is_true(file:close())
  end)

  it("keeps what two writers append", function()
    local first = assert(host.append(home .. "/a"))
    local second = assert(host.append(home .. "/a"))
    assert(first:write("1\n"))
    assert(second:write("2\n"))
    assert(first:write("3\n"))
    assert.equal("1\n2\n3\n", slurp(home .. "/a"))
  end)

  it("keeps every byte", function()
    local bytes = ("\0\r\n\255"):rep(100000)
    local file = assert(host.create(home .. "/a"))
    assert(file:write(bytes))
    assert.is_true(bytes == slurp(home .. "/a"))
  end)

  it("is created only where there is none", function()
    spill(home .. "/a", "kept")
    fails(EEXIST, "^" .. home .. "/a: .", host.create(home .. "/a"))
    assert.equal("kept", slurp(home .. "/a"))
  end)

  it("says which path could not be opened, and why", function()
    fails(ENOENT, "^" .. home .. "/no/a: .", host.append(home .. "/no/a"))
    fails(EISDIR, "^" .. home .. ": .", host.append(home))
    spill(home .. "/a", "")
    fails(ENOTDIR, "/a/b: .", host.append(home .. "/a/b"))
    fails(ENAMETOOLONG, ".", host.append(("x"):rep(5000)))
    assert.is_nil((host.append("/proc/botapi")))
  end)

  it("isn't waited for where it is a pipe that nobody reads", function()
    local name = home .. "/pipe"
    os.execute("mkfifo " .. name)
    local pipe = io.popen("timeout 20 " .. program("open", ("print(select(3, host.append(%q)))"):format(name)))
    local said = pipe:read "*a"
    pipe:close()
    assert.equal("6\n", said)
  end)

  it("reports a full disk", function()
    local file = assert(host.append("/dev/full"))
    fails(ENOSPC, "^/dev/full: .", file:write("x"))
    assert.is_true(file:close())
  end)

  it("reports that it may grow no more, and the process lives", function()
    local text = program("limit", [[
      local file = assert(host.append(arg[1]))
      print(select(2, host.append(arg[1]):write(("x"):rep(9999))):match "File too large")
      print((select(3, file:write "y")))
    ]])
    assert.equal("File too large\n27\n", capture(("ulimit -f 1; %s %s 2>&1"):format(text, quote(home .. "/f"))))
  end)

  it("reports that it can't be synced", function()
    local file = assert(host.append("/dev/null"))
    fails(EINVAL, "^/dev/null: .", file:sync())
  end)

  it("raises when it is used after its close, which may be repeated", function()
    local file = assert(host.append(home .. "/a"))
    assert.is_true(file:close())
    assert.is_true(file:close())
    assert.error_matches(function() file:write("x") end, "%(file: is closed%)")
    assert.error_matches(function() file:sync() end, "%(file: is closed%)")
  end)

  it("shows its path, or that it is closed", function()
    local file = assert(host.append(home .. "/a"))
    assert.equal("botapi.host.file (" .. home .. "/a)", tostring(file))
    file:close()
    assert.equal("botapi.host.file (closed)", tostring(file))
  end)

  it("is closed when it is collected, and by the end of its scope", function()
    collectgarbage()
    local before = descriptors()
    for _ = 1, 20 do
      assert(host.append(home .. "/a"))
    end
    collectgarbage()
    collectgarbage()
    assert.equal(before, descriptors())
    local file = assert(host.append(home .. "/a"))
    debug.getmetatable(file).__close(file)
    assert.equal("botapi.host.file (closed)", tostring(file))
  end)

  it("leaves nothing open when it can't be opened", function()
    collectgarbage()
    local before = descriptors()
    for _ = 1, 20 do
      assert.is_nil((host.append(home)))
    end
    assert.equal(before, descriptors())
  end)

  it("is not seen by child processes", function()
    local file = assert(host.append(home .. "/secret"))
    assert.is_nil(capture("ls -l /proc/self/fd"):find("secret", 1, true))
    file:close()
  end)
end)

describe("rename", function()
  it("replaces the other file", function()
    spill(home .. "/new", "new")
    spill(home .. "/old", "old")
    assert.is_true(host.rename(home .. "/new", home .. "/old"))
    assert.equal("new", slurp(home .. "/old"))
    assert.is_nil(io.open(home .. "/new"))
  end)

  it("moves between directories", function()
    assert(host.mkdir_p(home .. "/d"))
    spill(home .. "/a", "a")
    assert.is_true(host.rename(home .. "/a", home .. "/d/b"))
    assert.equal("a", slurp(home .. "/d/b"))
  end)

  it("says what it can't find", function()
    fails(ENOENT, "^" .. home .. "/a: .", host.rename(home .. "/a", home .. "/b"))
  end)
end)

describe("the mode of a file", function()
  it("is its permission bits", function()
    spill(home .. "/a", "")
    for bits, mode in pairs { ["644"] = 420, ["600"] = 384, ["7777"] = 4095 } do
      os.execute(("chmod %s %s/a"):format(bits, home))
      assert.equal(mode, (host.mode(home .. "/a")))
    end
  end)

  it("comes with what it is", function()
    spill(home .. "/a", "")
    assert.equal("file", (select(2, host.mode(home .. "/a"))))
    assert.equal("directory", (select(2, host.mode(home))))
    assert.equal("other", (select(2, host.mode("/dev/null"))))
    os.execute("mkfifo " .. home .. "/pipe")
    assert.equal("pipe", (select(2, host.mode(home .. "/pipe"))))
  end)

  it("can't be had of what isn't there", function()
    fails(ENOENT, "^" .. home .. "/a: .", host.mode(home .. "/a"))
  end)
end)

describe("mkdir_p", function()
  it("makes each directory on the way, for the owner alone", function()
    os.execute("umask 0; " .. program("make", ("assert(host.mkdir_p(%q))"):format(home .. "/a//b/c/")))
    assert.equal(448, (host.mode(home .. "/a")))
    assert.equal(448, (host.mode(home .. "/a/b/c")))
  end)

  it("takes directories that are there as they are", function()
    os.execute("mkdir -m 755 " .. quote(home .. "/a"))
    assert.is_true(host.mkdir_p(home .. "/a"))
    assert.is_true(host.mkdir_p("/"))
    assert.is_true(host.mkdir_p("."))
    assert.equal(493, (host.mode(home .. "/a")))
  end)

  it("takes relative paths", function()
    os.execute("cd " .. quote(home) .. " && " .. program("make", "assert(host.mkdir_p('x/y'))"))
    assert.equal(448, (host.mode(home .. "/x/y")))
  end)

  it("fails where a file is in the way or nothing can be made", function()
    spill(home .. "/a", "")
    fails(ENOTDIR, "/a: .", host.mkdir_p(home .. "/a"))
    fails(ENOTDIR, "/a/b/c: .", host.mkdir_p(home .. "/a/b/c"))
    fails(ENOENT, ".", host.mkdir_p(""))
    fails(ENAMETOOLONG, ".", host.mkdir_p(("x/"):rep(5000)))
    assert.is_nil((host.mkdir_p("/proc/botapi")))
  end)
end)

describe("a lock", function()
  -- A child that holds the lock until its standard input ends; its pid.
  local function hold(path)
    local fifo, pid_file = home .. "/fifo", home .. "/held"
    os.execute(("mkfifo %s %s"):format(quote(fifo), quote(pid_file)))
    local child = program("hold", ([[
      local lock = assert(host.lock(%q))
      local out = io.open(%q, "w")
      out:write(host.getpid(), "\n")
      out:close()
      io.read("*a")
      print(lock)
    ]]):format(path, pid_file))
    os.execute(("timeout 20 %s <%s >/dev/null &"):format(child, quote(fifo)))
    local input = assert(io.open(fifo, "w"))
    return tonumber(slurp(pid_file)), input
  end

  -- Returns once the process is gone, which its end of the FIFO in `hold` tells no one.
  local function await_end(pid)
    capture(("tail --pid=%d -s 0.01 -f /dev/null"):format(pid))
  end

  it("leaves a file as it is that isn't one of its own", function()
    for i, text in ipairs { "# yarn lockfile v1\n", "1234567890123456", "12\n{}", ("1"):rep(5000) } do
      local path = home .. "/theirs" .. i
      local file = assert(io.open(path, "wb"))
      file:write(text)
      file:close()
      local lock = assert(host.lock(path))
      assert.is_nil((host.lock(path)))
      lock:release()
      file = assert(io.open(path, "rb"))
      assert.equal(text, file:read "*a")
      file:close()
    end
  end)

  it("is one process's alone, and tells whose", function()
    local path = home .. "/lock"
    local pid, input = hold(path)
    local lock, message, errno, holder = host.lock(path)
    assert.is_nil(lock)
    assert.equal(path .. ": in use by process " .. pid, message)
    assert.equal(EAGAIN, errno)
    assert.equal(pid, holder)
    input:close()
    await_end(pid)
    assert.is_truthy(host.lock(path))
  end)

  it("ends with its process, also by kill -9", function()
    local path = home .. "/lock"
    local pid, input = hold(path)
    os.execute("kill -9 " .. pid)
    await_end(pid)
    input:close()
    local lock = assert(host.lock(path))
    assert.equal(host.getpid() .. "\n", slurp(path))
    assert.is_true(lock:release())
  end)

  it("is refused a second time in the same process, too", function()
    local lock = assert(host.lock(home .. "/lock"))
    local second, _, _, holder = host.lock(home .. "/lock")
    assert.is_nil(second)
    assert.equal(host.getpid(), holder)
    assert.is_true(lock:release())
    assert.is_true(lock:release())
    assert.is_truthy(host.lock(home .. "/lock"))
  end)

  it("doesn't name a holder that the file doesn't know", function()
    local lock = assert(host.lock(home .. "/lock"))
    spill(home .. "/lock", "no number")
    fails(EAGAIN, "^" .. home .. "/lock: .", host.lock(home .. "/lock"))
    lock:release()
  end)

  it("isn't kept by a child process after its release", function()
    local lock = assert(host.lock(home .. "/lock"))
    local child = io.popen("cat >/dev/null", "w")
    assert(lock:release())
    assert.is_truthy(host.lock(home .. "/lock"))
    child:close()
  end)

  it("is released when it is collected, and by the end of its scope", function()
    assert(host.lock(home .. "/lock"))
    collectgarbage()
    collectgarbage()
    local lock = assert(host.lock(home .. "/lock"))
    debug.getmetatable(lock).__close(lock)
    assert.is_truthy(host.lock(home .. "/lock"))
  end)

  it("shows its path, or that it is released", function()
    local lock = assert(host.lock(home .. "/lock"))
    assert.equal("botapi.lock (" .. home .. "/lock)", tostring(lock))
    lock:release()
    assert.equal("botapi.lock (released)", tostring(lock))
  end)

  it("fails where there can be no file", function()
    fails(ENOENT, "^" .. home .. "/no/lock: .", host.lock(home .. "/no/lock"))
    fails(EISDIR, "^" .. home .. ": .", host.lock(home))
  end)

  it("leaves nothing open when it is refused", function()
    local lock = assert(host.lock(home .. "/lock"))
    local before = descriptors()
    for _ = 1, 20 do
      assert.is_nil((host.lock(home .. "/lock")))
    end
    assert.equal(before, descriptors())
    lock:release()
  end)
end)

describe("read_secret", function()
  local ask = [[print("got", host.read_secret("pid " .. host.getpid() .. "> "))]]
  local look = [[stty -a | grep -ow -- "-*echo"]]

  -- Runs a shell command in a terminal; `terminal.screen` is all that it has shown.
  local function open_terminal(shell, command)
    local typed, shown = home .. "/typed", home .. "/shown"
    os.execute(("mkfifo %s %s"):format(quote(typed), quote(shown)))
    os.execute(("timeout 20 script -qefc %s /dev/null <%s >%s &"):format(
      quote("exec " .. shell .. " -c " .. quote(command .. "; echo the end")), quote(typed), quote(shown)))
    return { keys = assert(io.open(typed, "w")), view = assert(io.open(shown, "r")), screen = "" }
  end

  -- Reads until the pattern is seen; its capture.
  local function see(terminal, pattern)
    local from = #terminal.screen + 1
    while not terminal.screen:find(pattern, from) do
      local byte = terminal.view:read(1)
      assert(byte, "waited for " .. pattern .. ", saw " .. terminal.screen)
      terminal.screen = terminal.screen .. byte
    end
    return terminal.screen:match(pattern, from)
  end

  local function press(terminal, keys)
    terminal.keys:write(keys)
    terminal.keys:flush()
  end

  local function leave(terminal)
    see(terminal, "the end\r\n")
    terminal.keys:close()
    terminal.view:close()
    return terminal.screen
  end

  it("reads a line that the terminal doesn't show, and shows again what follows", function()
    local terminal = open_terminal("sh", program("ask", ask) .. "; " .. look)
    see(terminal, "pid %d+> ")
    press(terminal, "123:canary\n")
    see(terminal, "got\t123:canary\r\n")
    local screen = leave(terminal)
    assert.matches("\r\necho\r\n", screen, 1, true)
    local _, shown = screen:gsub("canary", "")
    assert.equal(1, shown)
  end)

  it("lets the line be edited", function()
    local terminal = open_terminal("sh", program("ask", ask))
    see(terminal, "> ")
    press(terminal, "wrong\21canarx\127y\n")
    see(terminal, "got\tcanary\r\n")
    leave(terminal)
  end)

  it("gives the terminal back before Ctrl-C does its work", function()
    local terminal = open_terminal("sh", "trap : INT; " .. program("ask", ask) .. "; " .. look)
    see(terminal, "> ")
    press(terminal, "canary\3")
    local screen = leave(terminal)
    assert.matches("\r\necho\r\n", screen, 1, true)
    assert.matches("interrupted!", screen, 1, true)
    assert.is_nil(screen:find("canary", 1, true))
  end)

  for _, signal in ipairs { "TERM", "USR1", "USR2", "PIPE", "ABRT", "XCPU", "VTALRM", "IO", "40" } do
    it("gives the terminal back before a signal ends the process: " .. signal, function()
      local terminal = open_terminal("sh", "ulimit -c 0; " .. program("ask", ask) .. "; " .. look)
      os.execute(("kill -%s "):format(signal) .. see(terminal, "pid (%d+)> "))
      local screen = leave(terminal)
      assert.matches("\r\necho\r\n", screen, 1, true)
      assert.is_nil(screen:find("got", 1, true))
    end)
  end

  it("is not disturbed by a signal that ends nothing", function()
    local terminal = open_terminal("sh", program("ask", ask))
    local pid = see(terminal, "pid (%d+)> ")
    for _, signal in ipairs { "WINCH", "CHLD", "CONT", "URG" } do os.execute(("kill -%s %s"):format(signal, pid)) end
    press(terminal, "canary\n")
    see(terminal, "got\tcanary\r\n")
    leave(terminal)
  end)

  it("can be stopped and continued, and asks again", function()
    local terminal = open_terminal("sh", "set -m; " .. program("ask", ask) .. "; " .. look .. "; fg >/dev/null")
    local pid = see(terminal, "pid (%d+)> ")
    press(terminal, "canary\26")
    see(terminal, "\r\necho\r\n")
    see(terminal, "pid " .. pid .. "> ")
    press(terminal, "second\n")
    see(terminal, "got\tsecond\r\n")
    assert.is_nil(leave(terminal):find("canary", 1, true))
  end)

  it("is not disturbed by a signal that the process ignores", function()
    local terminal = open_terminal("sh", "trap '' HUP; " .. program("ask", ask))
    os.execute("kill -HUP " .. see(terminal, "pid (%d+)> "))
    press(terminal, "canary\n")
    see(terminal, "got\tcanary\r\n")
    leave(terminal)
  end)

  it("says when there is no line", function()
    local terminal = open_terminal("sh", program("ask", ask) .. "; " .. look)
    see(terminal, "> ")
    press(terminal, "\4")
    local screen = leave(terminal)
    assert.matches("got\tnil\tterminal: [^\t]+\t" .. ENODATA .. "\r\n", screen)
    assert.matches("\r\necho\r\n", screen, 1, true)
  end)

  it("leaves no descriptor open", function()
    local terminal = open_terminal("sh", program("ask", ("local name = %q"):format(home .. "/list") .. [[

      local function list()
        os.execute("ls /proc/" .. host.getpid() .. "/fd >" .. name)
        return io.open(name)
      end
      local file = list()
      local before = file:read("*a")
      file:close()
      host.read_secret("first> ")
      print("as before", before == list():read("*a"))
    ]]))
    see(terminal, "first> ")
    press(terminal, "canary\n")
    see(terminal, "as before\ttrue\r\n")
    leave(terminal)
  end)

  describe("without a terminal", function()
    local function pipe(text, code)
      spill(home .. "/input", text)
      return capture(("timeout 20 setsid -w %s <%s 2>%s"):format(program("ask", code), quote(home .. "/input"),
        quote(home .. "/stderr")))
    end

    it("reads one line of stdin, and asks on stderr", function()
      assert.equal("got\tcanary\nrest\n", pipe("canary\nrest\n",
        [[print("got", host.read_secret("token> ")); io.write(io.read("*a"))]]))
      assert.equal("token> ", slurp(home .. "/stderr"))
    end)

    it("takes a last line without an end, and an empty one", function()
      assert.equal("got\tcanary\n", pipe("canary", ask))
      assert.equal("got\t\n", pipe("\n", ask))
    end)

    it("says when there is no line, or one without measure", function()
      assert.matches("^got\tnil\tterminal: .+\t" .. ENODATA .. "\n$", pipe("", ask))
      assert.matches("^got\tnil\tterminal: .+\t" .. EMSGSIZE .. "\n$", pipe(("x"):rep(5000) .. "\n", ask))
      assert.equal("got\t4095\n", pipe(("x"):rep(4095) .. "\n", [[print("got", #host.read_secret(""))]]))
    end)
  end)
end)

describe("the terminal", function()
  local function in_terminal(columns, code)
    return capture(("timeout 20 script -qefc %s /dev/null </dev/null"):format(
      quote("stty columns " .. columns .. "; " .. program("look", code))))
  end

  it("is known from a pipe", function()
    assert.matches("true", in_terminal(97, "print(host.isatty(0))"))
    assert.equal("false\n", capture(program("look", "print(host.isatty(1))")))
    assert.is_false(host.isatty(12345))
  end)

  it("tells its width", function()
    assert.matches("<97>", in_terminal(97, "print('<' .. host.columns(0) .. '>')"))
    assert.equal("nil\t" .. ENOTTY .. "\n",
      capture(program("look", "print((host.columns(1)), (select(3, host.columns(1))))")))
  end)

  it("may not know its width", function()
    assert.matches("<nil " .. ENODATA .. ">", in_terminal(0,
      "local n, _, errno = host.columns(0) print('<' .. tostring(n) .. ' ' .. errno .. '>')"))
  end)
end)

describe("chance", function()
  it("gives as many bytes as are asked for, and never the same", function()
    for _, n in ipairs { 1, 16, 1024 } do
      assert.equal(n, #host.random(n))
    end
    assert.not_equal(host.random(16), host.random(16))
  end)

  it("gives them as digits too, two for each byte", function()
    for _, n in ipairs { 1, 6, 64 } do assert.matches("^" .. ("%x%x"):rep(n) .. "$", host.random_hex(n)) end
    assert.not_equal(host.random_hex(16), host.random_hex(16))
  end)

  it("gives fractions below one that are spread evenly", function()
    local sum, low, high = 0, 1, 0
    for _ = 1, 10000 do
      local fraction = host.random_fraction()
      sum, low, high = sum + fraction, math.min(low, fraction), math.max(high, fraction)
    end
    assert.is_true(0 <= low and low < 0.01)
    assert.is_true(0.99 < high and high < 1)
    assert.is_true(0.47 < sum / 10000 and sum / 10000 < 0.53)   -- 10 standard deviations
  end)
end)

describe("the clock", function()
  it("goes forward, in seconds", function()
    local before = host.monotonic()
    os.execute("sleep 0.05")
    local passed = host.monotonic() - before
    assert.is_true(0.05 <= passed and passed < 5)
  end)
end)

describe("this process", function()
  it("is known by its number", function()
    assert.equal(host.getpid(), tonumber(slurp("/proc/self/stat"):match("^%d+")))
  end)
end)

describe("misuse", function()
  local cases = {
    { "append", "path", {} },
    { "append", "path", { 1 } },
    { "append", "path", { "a\0b" } },
    { "create", "path", {} },
    { "rename", "from", {} },
    { "rename", "to", { "a" } },
    { "mode", "path", {} },
    { "mkdir_p", "path", {} },
    { "lock", "path", {} },
    { "lock", "path", { "a\0" } },
    { "read_secret", "prompt", {} },
    { "isatty", "fd", {} },
    { "isatty", "fd", { -1 } },
    { "columns", "fd", { "1" } },
    { "random", "n", {} },
    { "random", "n", { 0 } },
    { "random", "n", { 1025 } },
    { "random", "n", { 1.5 } },
    { "random", "n", { 0 / 0 } },
    { "random_hex", "n", { 0 } },
    { "random_hex", "n", { 65 } },
  }

  for i, case in ipairs(cases) do
    local name, argument, arguments = case[1], case[2], case[3]
    it(("raises and names the argument: %s of %s (%d)"):format(argument, name, i), function()
      local unpack = table.unpack or unpack -- luacheck: ignore
      assert.error_matches(function() host[name](unpack(arguments)) end, "%(" .. argument .. ": ")
    end)
  end

  it("raises when a method gets something else than its object", function()
    local file = assert(host.append("/dev/null"))
    local lock = assert(host.lock(home .. "/lock"))
    assert.has_error(function() file.write(lock, "x") end)
    assert.has_error(function() lock.release(file) end)
    assert.error_matches(function() file:write(1) end, "%(text: ")
    assert.error_matches(function() file:write() end, "%(text: ")
  end)
end)
