-- SPDX-License-Identifier: MIT
-- Owns the specs of a call's options in the command: each of them, and in a move for both servers or for one.

local certs = require "support.certs"
local command = require "support.command"
local core = require "botapi.core"
local faults = require "support.faults"
local process = require "support.process"
local start = require "botapi.emulator".start
local terminal = require "support.terminal"

local quote = process.quote
local TOKEN = "110201543:CANARY-secret-of-no-bot-at-all-01234"     -- the bot that the fault server answers for
local directory = terminal.directory()

local function run(words) return command.run(words, { BOT_TOKEN = TOKEN }) end

describe("an option of a call", function()
  local _, parsers = require "botapi.cli".parser()

  local function flags_of(name)
    local flags = {}
    for _, option in ipairs(parsers[name]._options) do flags[option._aliases[1]] = option end
    return flags
  end

  -- How the command writes a name of the core's list.
  local function flag_of(name) return (name == "headers" and "header" or name):gsub("_", "-") end

  for _, option in ipairs(core.options()) do
    if option.name ~= "server" and option.type ~= "function" then
      it("is one of each command that calls a server: " .. option.name, function()
        for _, name in ipairs { "logout", "close", "status", "call", "migrate", "fleet" } do
          local flag = flags_of(name)["--" .. flag_of(option.name)]
          assert.is_truthy(flag, name)
          assert.is_truthy(flag._description:find "^%u.*%.$", name)
        end
      end)

      it("is also one of each side of a move: " .. option.name, function()
        for _, name in ipairs { "migrate", "fleet" } do
          for _, side in ipairs { "from", "to" } do
            assert.is_truthy(flags_of(name)[("--%s-%s"):format(side, flag_of(option.name))], name .. " " .. side)
          end
        end
        assert.is_nil(flags_of "logout"["--from-" .. flag_of(option.name)])
      end)
    end
  end

  it("that is misspelt says which one was meant, before anything is asked or sent", function()
    for words, meant in pairs {
      ["logout --timout 3"] = "'--timeout'", ["status --porxy x"] = "'--proxy'", ["call getMe --retry 3"] = false,
      ["fleet logout x --concurency 4"] = "'--concurrency'", ["migrate --form telegram"] = "'--from'",
      ["migrate --from-timout 3"] = "'--from-timeout'", ["emulator --prot 3"] = "'--port'", ["logot"] = "'logout'",
      ["help logot"] = "'logout'", ["help exitcodes"] = "'exit-codes'",
    } do
      local code, out, said = run(words)
      assert.same({ 2, "" }, { code, out }, words)
      assert.truthy(said:lower():find(meant and "did you mean " .. meant or "unknown option", 1, true), said)
    end
  end)

  it("has its side forms in one line of the help, and each in the completions", function()
    for _, name in ipairs { "migrate", "fleet" } do
      local help = parsers[name]:get_help()
      assert.truthy(help:find("(also for one side, as --from-NAME and --to-NAME)", 1, true))
      assert.is_nil(help:find("--from-proxy", 1, true))
    end
    local parser = require "botapi.cli".parser()
    for _, shell in ipairs { "bash", "zsh", "fish" } do
      local script = parser["get_" .. shell .. "_complete"](parser)
      assert.truthy(script:find("from-proxy", 1, true), shell)
      assert.truthy(script:find("to-ca-file", 1, true), shell)
    end
  end)
end)

describe("the command", function()
  local server, emu, old, new

  lazy_setup(function() server, emu = faults.start(), start {} end)
  lazy_teardown(function()
    emu:close()
    server:stop()
  end)
  before_each(function() old, new = server:open { mode = "ok" }, server:open { mode = "ok" } end)

  -- The heads of what a trial run asks each server, when the other one is an emulator.
  local function heads(words)
    local function of(listener, from, to)
      run(words:format(from, to))
      local list = {}
      for i, request in ipairs(listener:close().requests) do list[i] = request.head end
      return table.concat(list)
    end
    return of(old, old.url, emu.url), of(new, emu.url, new.url)
  end

  local function has(text, line) return text:find("\r\n" .. line .. "\r\n", 1, true) ~= nil end

  it("gives a move's options to both servers, and those of one side to that one, which come first", function()
    local from, to = heads("migrate -n --from %s --to %s --user-agent both/1 --to-user-agent to/1 "
      .. "--header 'X-Key: common' --from-header 'X-Key:old: 1' --from-header X-More:2")
    assert.is_true(has(from, "User-Agent: both/1") and has(to, "User-Agent: to/1"))
    assert.is_true(has(from, "X-Key: old: 1") and has(from, "X-More: 2") and has(to, "X-Key: common"))
    assert.is_false(has(from, "X-Key: common") or has(to, "X-More: 2"))
    assert.is_false(has(from, "User-Agent: to/1") or has(to, "User-Agent: both/1"))
  end)

  it("gives one side of a fleet's move its options", function()
    local file = assert(io.open(directory .. "fleet", "w"))
    file:write(TOKEN, "\n")
    file:close()
    local from, to = heads("fleet migrate " .. quote(directory .. "fleet")
      .. " -n --from %s --to %s --to-header X-Key:5 --user-agent one/1")
    assert.is_true(has(to, "X-Key: 5"))
    assert.is_false(has(from, "X-Key: 5"))
    assert.is_true(has(from, "User-Agent: one/1") and has(to, "User-Agent: one/1"))
  end)

  it("says what each side of a fleet's move is", function()
    local file = assert(io.open(directory .. "fleet", "w"))
    file:write(TOKEN, "\n")
    file:close()
    process.run("chmod 600 " .. quote(directory .. "fleet"))
    local other = start {}
    finally(function() other:close() end)
    local words = ("fleet migrate %s -n --from %s --to %s --from-as cloud --to-as local"):format(
      quote(directory .. "fleet"), emu.url, other.url)
    local code, out, said = run(words)
    assert.same({ 0, "" }, { code, said })
    assert.truthy(out:find("from     " .. emu.url .. ", Telegram's cloud", 1, true), out)
    local refused, _, why = run(words .. " --close")
    assert.equal(2, refused, why)
    assert.truthy(why:find("'how'", 1, true), why)
  end)

  it("takes no option of a side where there is one server", function()
    local code, _, said = run("fleet logout x --server local --yes --to-header X-Key:5")
    assert.equal(2, code)
    assert.truthy(said:find("--to-header is for fleet migrate", 1, true))
    assert.equal(2, (run "fleet logout x --server local --yes --from-as cloud"))
    assert.equal(2, (run "status --server local --from-test"))
  end)

  it("reaches one side through a proxy, and the other without", function()
    local other = start {}
    local function move(more)
      return (run(("migrate -n --close --from %s --to %s %s"):format(emu.url, other.url,
        more:gsub("DEAD", "http://127.0.0.1:1"))))
    end
    assert.equal(0, move "--proxy DEAD --from-proxy '' --to-proxy ''")
    assert.equal(3, move "--to-proxy DEAD --to-plain-http")
    assert.equal(3, move "--from-proxy DEAD --plain-http")
    assert.equal(2, move "--to-proxy DEAD")
    other:close()
  end)

  it("trusts a certificate on one side alone", function()
    local safe = start { tls = true }
    local words = ("migrate -n --close --from %s --to %s "):format(emu.url, safe.url)
    assert.equal(0, (run(words .. "--to-ca-file " .. quote(safe.ca_file))))
    assert.equal(3, (run(words .. "--from-ca-file " .. quote(safe.ca_file))))
    safe:close()
  end)

  it("shows the certificate of one side to that one alone, and says what is wrong with it", function()
    local at = certs.directory()
    local function pair(side, name)
      return (" --%scert-file %s --%skey-file %s"):format(side, quote(at .. name .. ".pem"), side,
        quote(at .. name .. ".key"))
    end
    local safe = server:open { mode = "ok", tls = "tls12", client = "required" }
    local words = ("migrate -n --close --from %s --to %s --ca-file %s"):format(emu.url, safe.url, quote(certs.ca()))
    assert.equal(0, (run(words .. pair("to-", "client"))))
    local seen = safe:count().seen()
    assert.is_true(seen > 0)
    assert.equal("client", safe:count().clients[1])
    for _, more in ipairs { "", pair("from-", "client") } do
      local code, out, said = run(words .. more)
      assert.equal(3, code)
      assert.truthy((out .. said):gsub("%s+", " "):find("wants a certificate of the client", 1, true), out .. said)
    end
    assert.equal(seen, safe:close().seen())
    local code, out, said = run("status --server https://localhost:1 --cert-file /nowhere.pem")
    assert.equal(3, code)
    assert.truthy((out .. said):gsub("%s+", " "):find("cert_file doesn't exist", 1, true), out .. said)
    code, out, said = run("migrate -n --from local --to telegram --to-key-file x")
    assert.equal(2, code)
    assert.truthy(said:find("--to-key-file", 1, true), out .. said)
    code, out, said = run("status --server telegram --proxy-auth kerberos")
    assert.equal(2, code)
    assert.truthy(said:find("--proxy-auth", 1, true), out .. said)
  end)

  it("asks in the test environment, behind a unix socket and with a small answer", function()
    local socket = server:open { mode = "ok", unix = directory .. "socket" }
    assert.not_equal(2, (run("status --server http://anywhere.example --unix-socket " .. quote(directory .. "socket")
      .. " --test")))
    assert.equal("/bot" .. TOKEN .. "/test/getMe", socket:close().requests[1].path)
    local code, _, said = run("status --server " .. old.url .. " --max-response 20")
    assert.equal(4, code)
    assert.truthy(said:find("max_response", 1, true), said)
  end)

  it("sends plain http to a name in private use, and to others with --plain-http, which the refusal names", function()
    local port = emu.url:match ":(%d+)$"
    local words = "status --no-token --server http://%s:%d --resolve %s:%d:127.0.0.1 %s"
    local function status(host, more) return run(words:format(host, port, host, port, more or "")) end
    assert.equal(0, (status "bots.default.svc.cluster.local"))
    assert.equal(0, (status "host.docker.internal"))
    local code, _, said = status "bots.example"
    assert.equal(2, code)
    assert.truthy(said:find("server: http:// would show the token to the network; use https://, or add --plain-http", 1,
      true))
    assert.equal(0, (status("bots.example", "--plain-http")))
    local move = "migrate -n --from %s --to http://bots.example:%d --to-resolve bots.example:%d:127.0.0.1 %s"
    code, _, said = run(move:format("http://127.0.0.1:1", port, port, ""))
    assert.equal(2, code)
    assert.truthy(said:find("--to: http:// would show the token to the network; use https://, or add --plain-http", 1,
      true), said)
    local other = start {}
    assert.equal(0, (run(move:format(other.url, port, port, "--close --to-plain-http"))))
    other:close()
  end)

  it("asks the server that a pasted URL means, and no other", function()
    local place = emu.url:gsub("^http://", "")
    for _, form in ipairs { place, emu.url .. "/bot{token}/{method}", "'" .. emu.url .. "/bot%s/%s'", "<" .. emu.url
      .. "/bot>", " " .. place .. "/bot{0}/{1} " } do
      emu:forget()
      local code, _, said = run("status --server " .. quote(form))
      assert.equal(0, code, said)
      assert(emu:calls { expect = 2 })
    end
    emu:forget()
    local code, _, said = run("status --server " .. quote("https:/" .. place))
    assert.equal(2, code)
    assert.truthy(said:find('--server: "telegram", "bale", "local" or a URL expected; write it like "https://' .. place
      .. '"', 1, true), said)
    code, _, said = run("migrate -n --from local --to " .. quote(emu.url .. "/bot/{token}"))
    assert.equal(2, code)
    assert.truthy(said:find("--to: what stands for a token doesn't belong in it; write it like \"" .. emu.url .. '"', 1,
      true), said)
    assert(emu:calls { expect = 0 })
  end)

  it("names the option that is wrong, for a side or for both, and repeats no header", function()
    for words, wrong in pairs { ["--to-proxy ftp://x"] = "--to-proxy: ", ["--proxy ftp://x"] = "--proxy: ",
      ["--to-max-response 0"] = "'0' is not a number from 1 to 1073741824",
      ["--header 'X-Key CANARY'"] = "a header is written as 'NAME: VALUE'",
      ["--from-header 'Host: CANARY'"] = "--from-header: 'Host' is set by the library alone",
      ["--resolve x"] = "--resolve: " } do
      local code, _, said = run(("migrate -n --from %s --to %s %s"):format(old.url, new.url, words))
      assert.equal(2, code, words)
      assert.truthy(said:find(wrong, 1, true), said)
    end
    assert.same({ 0, 0 }, { #old:close().requests, #new:close().requests })
  end)

  it("is told what a server is, where the address doesn't tell", function()
    local pair = start { pair = true }
    local words = ("migrate -n --from %s --to %s "):format(pair.url, pair.local_url)
    assert.truthy(select(2, run(words)):find(pair.url .. ", a local server", 1, true))
    assert.truthy(select(2, run(words .. "--from-as cloud")):find(", Telegram's cloud", 1, true))
    assert.truthy(select(2, run(words .. "--from-as cloud --to-as cloud")):find("are both Telegram's cloud", 1, true))
    assert.truthy(select(2, run("logout -n --as cloud --server " .. pair.url)):find(
      "closes   this server to the bot for about 10 minutes", 1, true))
    pair:close()
  end)

  it("settles an attempt on a server behind a unix socket, in the journal's words", function()
    local id = 110201543
    local path = ("%s/botapi/%d.jsonl"):format(command.state, id)
    emu:put(id, { state = "logged_in" })
    process.run("mkdir -p " .. quote(command.state .. "/botapi"))
    local file = assert(io.open(path, "w"))
    file:write(('{"v":1,"id":1,"at":%d,"utc":"","type":"intent","bot":"%d","server":"http://BOX (unix:/run//bot)",'
      .. '"method":"logOut"}\n'):format(os.time() - 9000, id))
    file:close()
    local code, out, said = run("migrate --settle --yes --webhook none --to " .. emu.url)
    assert.equal(0, code, out .. said)
    assert.truthy(process.slurp(path):find('"server":"http://localhost (unix:/run/bot)"', 1, true))
  end)
end)
