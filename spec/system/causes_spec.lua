-- SPDX-License-Identifier: MIT
-- Specifies what is told where this machine refuses something: threads, descriptors, unix sockets, names, disks. Each
-- has its own cause and step, and none speaks of another's.

local cqueues_socket = require "cqueues.socket"
local netns = require "support.netns"
local process = require "support.process"
local shim = require "support.shim"
local start = require "botapi.emulator".start
local support = require "spec.support.emulator"

local quote = process.quote
local botapi = quote(process.lua) .. " " .. quote(process.root .. "bin/botapi")
local root = process.capture("id -u"):match "^0" ~= nil
local as_root = root and it or function(title) pending(title .. ": needs root") end
-- Another user, who may yet read what is in root's home; and root without the rights of root.
local NOBODY = { "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=+dac_read_search",
  "--ambient-caps=+dac_read_search" }
local POWERLESS = { "setpriv", "--inh-caps=-all", "--bounding-set=-all" }

-- `tell(f, ...)` prints a line of what the call's error says.
local PRELUDE = [[
  local botapi, core = require "botapi", require "botapi.core"
  local TOKEN = "123456789:CANARY-secret-of-no-bot-at-all-01234"
  local function show(res, err)
    assert(res == nil and err, "it went well")
    print(table.concat({ err.kind, err.sent, tostring(err.errno), err.message, err.cause,
      botapi.explain(nil, err) }, "\t"))
  end
  local function tell(options)
    options.timeout = options.timeout or 3      -- since 8.20 libcurl says nothing until it is up
    show(botapi.get_me(TOKEN, options))
  end
]]

local try = netns.try(it, pending)

-- What the program told: a list of tables. It runs in a network without a name server, with the words of `spec.within`
-- before it.
local function told(text, spec, ...)
  local words = netns.available() and netns.private { net = true } or {}
  for _, word in ipairs(spec and spec.within or {}) do words[#words + 1] = word end
  local program = process.program(PRELUDE .. text .. "\nprint 'done'", { within = words, env = spec and spec.env }, ...)
  program:wait(60)
  assert.equal("", program:errors())
  assert.equal("done", table.remove(program.lines))
  local list = {}
  for _, line in ipairs(program.lines) do
    assert.is_nil(line:find("CANARY", 1, true), line)
    local kind, sent, errno, message, cause, explanation = line:match(("([^\t]*)\t"):rep(5) .. "(.*)")
    list[#list + 1] = kind and { kind = kind, sent = sent, errno = tonumber(errno), message = message, cause = cause,
      explanation = explanation } or nil
  end
  return list
end

describe("no thread for the resolver", function()
  local NAMES = [[
    for _, options in ipairs {
      { server = "https://name.invalid" },
      { server = "http://name.invalid:1", plain_http = true },
      { server = "https://127.0.0.1:1", proxy = "http://name.invalid:3128" },
      { server = "https://name.invalid", proxy = "socks5://127.0.0.1:1" },
    } do tell(options) end
    local engine = core.engine()
    local calls = {}
    for i = 1, 5 do calls[i] = engine:start(TOKEN, "logOut", nil, { server = "https://name.invalid", timeout = 3 }) end
    for i = 1, 5 do
      while not calls[i]:done() do engine:step(10) end
      show(calls[i]:result())
    end
  ]]

  local function check(list, errno)
    assert.is_true(#list == 9, #list)
    for _, each in ipairs(list) do
      -- a proxy that no name leads to; libcurl 8.22 connects to it before it looks the server up
      if not each.message:find("port 1 ", 1, true) and not each.message:find("over proxy", 1, true) then
        assert.same({ "system", "no", errno }, { each.kind, each.sent, each.errno }, each.message)
        assert.is_truthy(each.message:find("no thread", 1, true), each.message)
        assert.is_truthy(each.explanation:find("no thread.*ulimit %-u"), each.explanation)
        assert.is_nil((each.message .. each.explanation):find "resolve")
      end
    end
  end

  it("is told so where a sandbox forbids clone", function()
    check(told([[assert(require "support.fork".forbid())]] .. NAMES), 1)
  end)

  as_root("is told so where the user may have no more processes", function()
    local words = {}
    for i, word in ipairs(NOBODY) do words[i] = word end
    for _, word in ipairs { "prlimit", "--nproc=1:1" } do words[#words + 1] = word end
    check(told(NAMES, { within = words }), 11)
  end)

  it("doesn't matter to a server in numbers", function()
    local list = told [[
      assert(require "support.fork".forbid())
      tell { server = "http://127.0.0.1:1" }
    ]]
    assert.equal("network", list[1].kind)
  end)

  try("isn't told where threads can be made", function()
    local list = told [[tell { server = "https://name.invalid" }]]
    assert.equal("network", list[1].kind)
    assert.is_truthy(list[1].explanation:find("doesn't resolve", 1, true))
  end)
end)

describe("no descriptor for the resolver", function()
  try("is told so, not that the name doesn't resolve", function()
    -- how many the engine takes, and a lookup besides, differs between versions of libcurl
    local list = told [[
      local held = {}
      repeat
        local file = io.open "/dev/null"
        held[#held + 1] = file
      until not file
      for _ = 1, 12 do
        table.remove(held):close()
        tell { server = "https://name.invalid" }
      end
    ]]
    local at_lookup = 0
    for i, each in ipairs(list) do
      if each.kind == "network" then break end
      assert.same({ "system", 24 }, { each.kind, each.errno }, i .. ": " .. each.message)
      assert.is_truthy(each.explanation:find("no descriptor left.*ulimit %-n"), each.explanation)
      if each.message:find("to look the name up", 1, true) then at_lookup = at_lookup + 1 end
    end
    assert.is_true(at_lookup > 0)
    assert.equal("network", list[#list].kind)
  end)
end)

describe("a unix socket", function()
  local directory

  setup(function()
    directory = process.directory() .. "sockets/"
    process.run("mkdir -p " .. quote(directory .. "closed") .. " && chmod 755 " .. quote(directory))
    process.run("touch " .. quote(directory .. "plain"))
    process.run("chmod 0 " .. quote(directory .. "closed"))
    process.run("ln -sf loop " .. quote(directory .. "loop"))
    local listening = cqueues_socket.listen { path = directory .. "dead" }
    assert(listening:listen(1))
    listening:close()
  end)

  local function check(each, path, errno)
    local what = ("%s: %s"):format(path, each.message)
    assert.same({ "network", "no", errno }, { each.kind, each.sent, each.errno }, what)
    for _, text in ipairs { each.message, each.cause, each.explanation } do
      assert.is_truthy(text:find(path, 1, true), what)
      assert.is_nil(text:find("localhost", 1, true) or text:find("port %d") or text:find("proxy", 1, true), text)
    end
  end

  for name, row in pairs {
    ["isn't there"] = { "none", 2, "no socket.*unix_socket" },
    ["is a plain file"] = { "plain", 88, "no socket.*unix_socket" },
    ["is a directory"] = { "closed", 88, "no socket" },
    ["is below a file"] = { "plain/x", 20, "can't be used" },
    ["is a link to itself"] = { "loop", 40, "can't be used" },
    ["has nobody who listens"] = { "dead", 111, "Nothing listens.*server runs" },
  } do
    it("that " .. name .. " is named, with its errno", function()
      local path = directory .. row[1]
      local list = told([[
        local path = ...
        tell { unix_socket = path, server = "http://localhost" }
        tell { unix_socket = path, server = "https://api.telegram.org" }
        tell { unix_socket = path, server = "http://127.0.0.1:8081", reuse = true }
        tell { unix_socket = path, server = "http://localhost", proxy = "http://127.0.0.1:1", plain_http = true }
      ]], nil, path)
      for i = 1, 4 do
        check(list[i], path, row[2])
        assert.is_truthy(list[i].explanation:find(row[3]), list[i].explanation)
      end
    end)
  end

  as_root("that this user may not use is named, with its errno", function()
    local path = directory .. "closed/x"
    local list = told([[tell { unix_socket = ..., server = "http://localhost" }]], { within = POWERLESS }, path)
    check(list[1], path, 13)
    assert.is_truthy(list[1].explanation:find "may not use.*write the socket", list[1].explanation)
  end)

  it("whose path is too long is named as an option, with the length that there can be", function()
    local list = told [[
      local ok, raised = pcall(botapi.get_me, TOKEN, { unix_socket = "/" .. ("x"):rep(107) })
      assert(not ok and raised:find("option 'unix_socket': too long: 107 bytes at most", 1, true), raised)
      tell { unix_socket = "/" .. ("x"):rep(106), server = "http://localhost" }
    ]]
    check(list[1], "/" .. ("x"):rep(106), 2)
  end)

  it("whose path has the token in it shows it nowhere", function()
    local list = told [[
      tell { unix_socket = "/tmp/CANARY-secret-of-no-bot-at-all-01234", server = "http://localhost" }
    ]]
    assert.equal(2, list[1].errno)
  end)
end)

describe("a name with letters of other scripts", function()
  local NAMES = [[
    for _, name in ipairs { "b\195\188cher.example", "B\195\156CHER.example", "b%C3%BCcher.example",
      "b\252cher.example", "b\195\188cher\227\128\130example",
      "xn--\195\188.example", "\226\152\131.example", "\195\159.example" } do
      tell { server = "https://" .. name }
      tell { server = "https://" .. name .. ":8443/api" }
      tell { server = "https://127.0.0.1:1", proxy = "http://" .. name .. ":3128" }
    end
  ]]

  local function check(list, kinds)
    assert.equal(24, #list)
    for _, each in ipairs(list) do
      assert.is_nil((each.message .. each.explanation):find "memory", each.explanation)
      assert.is_true(kinds[each.kind], each.message)
      assert.is_truthy(each.explanation:find(each.kind == "system" and "xn%-%-" or "doesn't resolve"), each.explanation)
    end
  end

  it("is told as such where the locale has none, never as a lack of memory", function()
    check(told(NAMES, { env = { LC_ALL = "C" } }), { system = true })
  end)

  try("is looked up where the locale has them", function()
    if not os.setlocale("C.UTF-8", "ctype") then return pending "needs the locale C.UTF-8" end
    os.setlocale("C", "ctype")
    check(told([[assert(os.setlocale("C.UTF-8", "ctype"))]] .. NAMES), { system = true, network = true })
  end)

  try("is told as such where libcurl was built without them", function()
    if not os.setlocale("C.UTF-8", "ctype") then return pending "needs the locale C.UTF-8" end
    os.setlocale("C", "ctype")
    local list = told([[
      assert(os.setlocale("C.UTF-8", "ctype"))
      tell { server = "https://b\195\188cher.example" }
      tell { server = "https://name.invalid" }
    ]], { env = shim "letters" })
    assert.equal("system", list[1].kind)
    assert.is_truthy(list[1].explanation:find("xn--", 1, true))
    assert.equal("network", list[2].kind)
  end)
end)

describe("a disk that refuses", function()
  local emu
  setup(function() emu = start { pair = true } end)
  teardown(function() emu:close() end)

  -- Runs shell commands with a disk of their own at $D: all that was said, without its lines.
  local function within(options, script)
    local directory = process.directory() .. "disk"
    local said = process.capture(("mkdir -p %s; unshare -m sh -c %s 2>&1"):format(quote(directory), quote(([[
      D=%s; mount -t tmpfs -o size=64k,%s none $D
      botapi() { %s "$@"; }; export XDG_STATE_HOME=$D/state
      fill() { dd if=/dev/zero of=$D/zero bs=1k 2>/dev/null; }
      %s]]):format(quote(directory), options, botapi, script))))
    return (said:gsub("%s+", " "))
  end

  local STEPS = {
    full = { "mode=755", "mkdir -p $D/state/botapi; fill", "[Ff]ree some space" },
    ["without inodes"] = { "nr_inodes=4", "mkdir -p $D/state/botapi; touch $D/x", "[Ff]ree some space" },
    ["read-only"] = { "mode=755", "mkdir -p $D/state/botapi; mount -o remount,ro $D", "[Mm]ount it for writing" },
    ["with a limit of files"] = { "mode=755", "mkdir -p $D/state/botapi; ulimit -f 0",
      "[Rr]aise the limit %(ulimit %-f" },
  }

  for name, row in pairs(STEPS) do
    for words, method in pairs {
      ["logout --yes --server " .. "CLOUD"] = "logOut",
      ["migrate --yes --from CLOUD --to LOCAL --accept-loss"] = "logOut",
      ["fleet logout --yes --server CLOUD --journal $D/state/fleet --from-file $D/../list"] = "logOut",
    } do
      local command = words:match "^%a+"
      try(("keeps `%s` from doing anything, and the step is its own: %s"):format(command, name), function()
        local id = support.new_id()
        emu:put(id, { state = "logged_in" }, "cloud")
        local token = ("%d:CANARY-secret-of-no-bot-at-all-01234"):format(id)
        local list = assert(io.open(process.directory() .. "list", "w"))
        list:write(token, "\n")
        list:close()
        local line = words:gsub("CLOUD", emu.url):gsub("LOCAL", emu.local_url):gsub("%-%-from%-file ", "")
        local said = within(row[1], ("%s; export BOT_TOKEN=%s; botapi %s"):format(row[2], quote(token), line))
        assert.is_truthy(said:find(row[3]), said)
        assert.is_nil(said:find("ulimit -n", 1, true), said)
        assert.is_nil(said:find("CANARY", 1, true), said)
        assert(emu:calls { bot = id, method = method, expect = 0 })
      end)
    end
  end

  it("is told of standard output, with its step", function()
    for _, words in ipairs { "help", "completion zsh" } do
      local said = process.capture(botapi .. " " .. words .. " 2>&1 >/dev/full")
      assert.is_truthy(said:find("can't be written.*free some space"), said)
    end
  end)

  it("is told of standard output at a file's limit, with its step", function()
    local said = process.capture(("(ulimit -f 0; %s help 2>&1 >%sout); echo $?"):format(botapi, process.directory()))
    assert.is_truthy(said:find("can't be written.*ulimit %-f.*74\n$"), said)
  end)

  try("leaves an appstate as it is, and tells why with its step", function()
    local program = process.directory() .. "wipe.lua"
    local file = assert(io.open(program, "w"))
    file:write [[
      local path = ...
      local jar = { has_had = function() return false end, is_of_another = function() return false end }
      print(select(2, require "botapi.facebook.file".wipe(path, jar)))
      print(io.open(path):read "*a")
    ]]
    file:close()
    local said = within("mode=755", ("echo '[{\"key\":\"x\"}]' > $D/appstate; fill; %s %s $D/appstate"):format(
      process.lua, quote(program)))
    assert.is_truthy(said:find '; free some space on it %[{"key":"x"}%]', said)
  end)

  try("keeps the updates on their server, and tells why with its step", function()
    local id = support.new_id()
    emu:put(id, { state = "logged_in", pending = 2 }, "cloud")
    local said = within("mode=755", ("fill; export BOT_TOKEN=%d:CANARY-secret-of-no-bot-at-all-01234; "
      .. "export XDG_STATE_HOME=%s; botapi migrate --yes --from %s --to %s --drain $D/updates"):format(id,
      process.directory() .. "state", emu.url, emu.local_url))
    assert.is_truthy(said:find("updates can't be written: .*; free some space"), said)
    assert.equal(2, emu:bot(id, "cloud").pending)
  end)
end)
