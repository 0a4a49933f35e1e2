-- SPDX-License-Identifier: MIT
-- Owns the specs of `botapi emulator` as a process, and of the Lua client's start and end.

local process = require "support.process"
local socket = require "socket"
local start = require "botapi.emulator".start
local support = require "spec.support.emulator"

-- What a shell command printed, and its exit code, which pclose of Lua 5.1 doesn't tell.
local function run(command)
  local text, code = process.capture("{ " .. command .. "\n} 2>&1; printf '\001%d' $?"):match "^(.*)\1(%d+)$"
  return text, tonumber(code)
end

local function is_alive(pid)
  return process.run("kill -0 " .. pid .. " 2>/dev/null") == true
end

-- The arguments of each process from this one's children down to that one.
local function arguments_down_to(pid)
  local list, own = {}, tostring(process.pid_of_self())
  pid = tostring(pid)
  while pid ~= own and pid ~= "0" do
    list[#list + 1] = process.slurp("/proc/" .. pid .. "/cmdline")
    pid = process.slurp("/proc/" .. pid .. "/status"):match "PPid:%s*(%d+)"
  end
  assert.equal(own, pid)
  return table.concat(list, " ")
end

describe("botapi emulator", function()
  it("explains itself", function()
    local text, code = run "bin/botapi emulator --help"
    assert.equal(0, code)
    assert.truthy(text:find("--control", 1, true))
    assert.equal(0, select(2, run "bin/botapi --help"))
  end)

  it("takes no file's place for its control API, but that of a socket that was left", function()
    local path = process.directory() .. "control"
    local file = assert(io.open(path, "w"))
    file:write "kept"
    file:close()
    local text, code = run("timeout 10 bin/botapi emulator --control " .. process.quote(path) .. " -- true")
    assert.equal(3, code)
    assert.truthy(text:find("no socket", 1, true), text)
    assert.equal("kept", process.slurp(path))
    os.remove(path)
    for _ = 1, 2 do
      text, code = run("timeout 10 bin/botapi emulator --control " .. process.quote(path) .. " -- true")
      assert.equal(0, code, text)
    end
  end)

  it("has its control API on a unix socket, which no web page reaches, by any Host", function()
    local path = process.quote(process.directory() .. "control-any")
    local text, code = run("timeout 10 bin/botapi emulator --control " .. path .. " -- curl -sS --unix-socket " .. path
      .. " http://any/_emulator")
    assert.equal(0, code, text)
    assert.truthy(text:find('"version":"' .. require "botapi"._VERSION .. '"', 1, true), text)
  end)

  it("ends with its standard input, whatever that is, and not before", function()
    for _, input in ipairs {"</dev/null", "<README.md", "<&-", ":|", "sleep 0.2 |"} do
      local line = input:find "|" and input .. " %s" or "%s " .. input
      local text, code = run(line:format "timeout 20 bin/botapi emulator --exit-with-stdin")
      assert.equal(0, code, input .. ": " .. text)
      assert.matches("^http://127%.0%.0%.1:%d+\nready\n$", text)
    end
    -- timeout's 124: standard input was still open
    assert.equal(124, select(2, run "sleep 3 | timeout 2 bin/botapi emulator --exit-with-stdin"))
  end)

  it("keeps the user's own token from the command", function()
    local text = run("BOT_TOKEN=1:mine BOT_TOKEN_FILE=/mine CREDENTIALS_DIRECTORY=/mine bin/botapi emulator -- env")
    assert.is_nil(text:find("mine", 1, true), text)
    assert.truthy(text:find("BOT_TOKEN=123456789:", 1, true))
  end)

  it("with a wrong option ends with 2", function()
    assert.equal(2, select(2, run "bin/botapi emulator --prot 1"))
    assert.equal(2, select(2, run "bin/botapi emulator --as moon"))
    assert.equal(2, select(2, run "bin/botapi emulator --port 70000"))
    assert.equal(2, select(2, run "bin/botapi emulator --cert x.pem"))
  end)

  it("repeats no token that stands where it shouldn't", function()
    local text, code = run "bin/botapi emulator 5:canary-canary-canary-canary --tokn=5:canary-canary-canary-canary"
    assert.equal(2, code)
    assert.is_nil(text:find "canary")
  end)

  it("prints its URL as the first line, and ends at once with 0 on SIGTERM", function()
    local text, code = run [[sh -c '
      out=$(mktemp); bin/botapi emulator > $out & pid=$!
      while ! [ -s $out ]; do :; done
      kill -TERM $pid; wait $pid; code=$?; cat $out; rm $out; exit $code']]
    assert.equal(0, code)
    assert.truthy(text:find "^http://127%.0%.0%.1:%d+\n$")
  end)

  it("finds its modules from any directory", function()
    local text, code = run "tree=$PWD; cd / && env -u LUA_PATH $tree/bin/botapi emulator -- true"
    assert.same({"", 0}, {text, code})
  end)

  it("runs a command with BOTAPI_SERVER and BOT_TOKEN, and passes its exit code on", function()
    for _, lua in ipairs {"", process.lua .. " "} do              -- its own Lua, and the one under test
      local text, code = run(lua .. [[bin/botapi emulator -- sh -c ]]
        .. [['curl -s "$BOTAPI_SERVER/bot$BOT_TOKEN/logOut"; exit 7']])
      assert.same({'{"ok":true,"result":true}', 7}, {text, code})
    end
  end)

  it("gives its command the token of --bot, quotes and spaces as they are, and standard input", function()
    local text = run([[echo in | bin/botapi emulator --bot 5:aaaaaaaaaaaaaaaaaaaaaaaa ]]
      .. [[-- sh -c 'cat; echo "$BOT_TOKEN|$1"' x "a 'b"]])
    assert.equal("in\n5:aaaaaaaaaaaaaaaaaaaaaaaa|a 'b\n", text)
  end)

  it("gives its command a token that collides with no text for people", function()
    local text = run("bin/botapi emulator -- " .. process.lua .. [[ -e ']]
      .. [[local botapi = require "botapi" ]]
      .. [[print(botapi.get_me(os.getenv "BOT_TOKEN", {server = os.getenv "BOTAPI_SERVER"}))']])
    assert.truthy(text:find('first_name = "Bot 123456789", username = "emulated_123456789_bot"', 1, true), text)
  end)

  it("whose command is killed says so as a shell does", function()
    for _, lua in ipairs {"", process.lua .. " "} do
      assert.equal(143, select(2, run(lua .. [[bin/botapi emulator -- sh -c 'kill -TERM $$']])))
    end
  end)

  it("that can't listen says why and ends with 3", function()
    local taken = assert(socket.bind("127.0.0.1", 0))
    local _, port = taken:getsockname()
    local text, code = run("bin/botapi emulator --port " .. port)
    taken:close()
    assert.equal(3, code)
    assert.truthy(text:find("can't listen on 127.0.0.1 port " .. port .. ": Address already in use", 1, true))
  end)
end)

describe("emulator.start", function()
  it("gives an emulator with a process of its own, which close ends", function()
    local emu = start()
    assert.is_true(is_alive(emu.pid))
    assert.equal("local", emu:state().as)
    emu:close()
    assert.is_false(is_alive(emu.pid))
    emu:close()
  end)

  it("names an unknown option", function()
    assert.has_error(function() start {prot = 1} end, "emulator.start: unknown option 'prot'; did you mean 'port'?")
  end)

  it("is of a session of its own: what a terminal sends to the program isn't meant for it", function()
    local emu = start()
    local function session_of(pid)
      local stat = io.open("/proc/" .. pid .. "/stat"):read "*a"
      return tonumber(stat:match "%) %a %d+ %d+ (%d+)")
    end
    local own, its = session_of "self", session_of(string.format("%d", emu.pid))
    emu:close()
    assert.equal(emu.pid, its)
    assert.are_not.equal(own, its)
  end)

  it("shows what it holds, and says that it is closed", function()
    local emu = start()
    local url, bot = emu.url, tostring(emu:bot(5))
    assert.equal("botapi.emulator: " .. url, tostring(emu))
    assert.matches('^{\n  id = 5,\n  username = "emulated_5_bot",\n', bot)
    assert.matches('state = "new"\n}$', bot)
    assert.equal("{}", tostring(emu:calls()))
    emu:close()
    assert.equal("botapi.emulator: closed", tostring(emu))
    for _, ask in ipairs {emu.calls, emu.state, emu.reset, emu.forget} do
      local ok, why = pcall(ask, emu)
      assert.is_false(ok)
      assert.matches("emulator_command_spec%.lua:%d+: emulator: it is closed$", why)
    end
    emu:close()
  end)

  it("says what to write for a name or a call that is wrong, at the caller's line", function()
    local emu = start()
    local said = {
      {"an emulator has no method 'cals': did you mean 'calls'%?$", function() return emu.cals end},
      {"an emulator has no method 'help': it has advance, bot, calls, clock, close, facebook, forget, put, reset, "
        .. "restart, revoke, rule, rules, state, token, unrule, updates$", function() emu:help() end},
      {"%(an emulator expected, got nil: call it with a colon, emu:calls%(%)%)$", function() emu.calls() end},
      {"%(an emulator expected, got number: call it with a colon, emu:token%(%)%)$", function() emu.token(5) end},
      {"emulator: a bot's id expected, got nil$", function() emu:token() end},
      {'emulator: rule: unknown member "metod"; did you mean "method"%?$', function() emu:rule {metod = "x"} end},
    }
    for _, each in ipairs(said) do
      local ok, why = pcall(each[2])
      assert.is_false(ok)
      assert.matches(each[1], why)
      assert.matches("emulator_command_spec%.lua:" .. debug.getinfo(each[2], "S").linedefined .. ": ", why)
    end
    assert.is_nil(emu.local_url)
    emu:close()
  end)

  it("says what kept it from starting", function()
    local taken = assert(socket.bind("127.0.0.1", 0))
    local _, port = taken:getsockname()
    local ok, why = pcall(start, {port = tonumber(port)})
    taken:close()
    assert.is_false(ok)
    assert.truthy(why:find("Address already in use", 1, true))
  end)

  it("leaves no process behind when the program that started it is killed", function()
    local pid = run [[lua5.4 -e '
      local emu = require "botapi.emulator".start()
      io.write(string.format("%d", emu.pid)); io.flush()
      local pid = io.open("/proc/self/stat"):read "*n"
      os.execute("kill -9 " .. pid)']]
    pid = pid:match "%d+"
    for _ = 1, 500 do
      if not is_alive(pid) then break end
      socket.select(nil, nil, 0.01)
    end
    assert.is_false(is_alive(pid))
  end)

  it("outlives a forked child, which collects or closes its copy", function()
    local fork = require "support.fork"
    local emu = start()
    local pid = fork.fork()
    if pid == 0 then
      pcall(emu.close, emu)
      fork.exit(0)
    end
    assert.equal(0, fork.wait(pid))
    assert.is_true(is_alive(emu.pid))
    assert.equal("local", emu:state().as)
    emu:close()
  end)

  it("keeps tokens out of the process list", function()
    local emu = start {bot = "5:canary-canary-canary-canary"}
    local arguments = arguments_down_to(emu.pid)
    emu:close()
    assert.truthy(arguments:find("lua", 1, true))
    assert.is_nil(arguments:find("canary-canary", 1, true))
  end)

  it("works inside somebody's cqueues loop, without yielding to it", function()
    local cqueues = require "cqueues"
    local loop, other, before, during = cqueues.new(), 0, nil, nil
    loop:wrap(function()
      before = other
      local emu = start()
      emu:state()
      during = other
      emu:close()
    end)
    loop:wrap(function() other = other + 1 end)
    assert(loop:loop())
    assert.equal(before, during)
  end)

  it("serves TLS with a CA made for the run, its control API beside it", function()
    local emu = start {tls = true}
    local text = run("curl -sS --cacert " .. emu.ca_file .. " " .. emu.url .. "/bot" .. emu:token(5) .. "/logOut")
    assert.equal('{"ok":true,"result":true}', text)
    assert.equal("logged_out", emu:bot(5).state)
    assert.truthy(run("curl -sS " .. emu.url .. "/"):find("certificate", 1, true))
    local ca = emu.ca_file
    emu:close()
    assert.is_nil(io.open(ca))
  end)

  it("can have its control API on a port of its own, or none", function()
    local emu = start {control = 0}
    assert.not_equal(emu.url, emu.control_url)
    assert.equal(404, support.get(emu.url, "/_emulator").status)
    assert.equal("local", emu:state().as)
    emu:close()
    local path = os.tmpname()
    os.remove(path)
    emu = start {control = path}
    assert.equal("local", emu:state().as)
    emu:close()
    assert.is_nil(io.open(path))
    emu = start {control = "off"}
    assert.equal(404, support.get(emu.url, "/_emulator").status)
    emu:close()
  end)

  it("answers two thousand connections at once", function()
    local emu = start()
    local peers = {}
    local count = math.min(2000, (tonumber((run "ulimit -n")) or 2000) - 100)   -- descriptors
    for i = 1, count do peers[i] = support.connect(emu.url) end
    for i, peer in ipairs(peers) do
      peer:send("GET /bot" .. emu:token(i) .. "/logOut HTTP/1.1\r\n\r\n")
    end
    for _, peer in ipairs(peers) do
      assert.equal(200, peer:read().status)
      peer:close()
    end
    assert.equal(count, #emu:calls {method = "logOut"})
    emu:close()
  end)
end)
