-- SPDX-License-Identifier: MIT
-- Owns the specs of the command without a terminal: exit codes, JSON, sources of the token, and that it shows nowhere.

local cjson = require "cjson.safe".new()
local process = require "support.process"
local support = require "spec.support.emulator"
local terminal = require "support.terminal"

local quote = process.quote
local SECRET = "CANARY-secret-of-no-bot-at-all-0123"
local directory = terminal.directory()
local state = directory .. "state"
local errors = directory .. "errors"

local function token_of(id) return ("%d:%s"):format(id, SECRET) end

-- Runs the command: its exit code, standard output, standard error. The token comes by the environment.
local function run(words, env, stdin)
  local list = { "XDG_STATE_HOME=" .. quote(state) }
  for name, value in pairs(env or {}) do list[#list + 1] = name .. "=" .. quote(value) end
  local text = process.capture(("env -u BOT_TOKEN %s bin/botapi %s 2>%s %s; echo \" $?\""):format(
    table.concat(list, " "), words, quote(errors), stdin or "</dev/null"))
  local out, code = text:match "^(.*) (%d+)\n$"
  local said = process.slurp(errors)
  assert.is_nil((out .. said):find("CANARY", 1, true), "a secret is shown")
  assert.is_nil((out .. said):find("stack traceback", 1, true))
  return tonumber(code), out, said
end

local function write(name, text)
  local path = directory .. name
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
  return path
end

-- The schema of the document, version 1: each member's type; "?" may be null.
local SCHEMA = { v = "number", command = "string", outcome = "string", bot = "table?", server = "string?",
  sent = "string", reason = "string?", attempts = "number", exit = "number", response = "table?" }
local OUTCOMES = { done = true, already = true, refused = true, not_sent = true, unknown = true, later = true,
  partly = true, cancelled = true }

local function check_document(document, extra)
  for name, kind in pairs(SCHEMA) do
    local value = document[name]
    assert.is_not_nil(value, name .. " is missing")
    assert.is_true(value == cjson.null and kind:sub(-1) == "?" or type(value) == kind:gsub("%?", ""), name)
  end
  for name in pairs(document) do
    assert.is_true(SCHEMA[name] ~= nil or (extra or {})[name] == true, "unknown member " .. name)
  end
  assert.equal(1, document.v)
  assert.is_true(OUTCOMES[document.outcome])
  assert.is_true(document.sent == "no" or document.sent == "yes" or document.sent == "maybe")
end

describe("botapi", function()
  local here, emu

  setup(function()
    here = support.start()
    emu = here.emu
  end)
  teardown(function() emu:close() end)

  -- The command with a bot of its own on the emulator.
  local function with_bot(words, rule, env)
    local id = support.new_id()
    emu:put(id, { username = "shop_bot", state = "logged_in" })
    if rule then
      rule.bot = id
      emu:rule(rule)
    end
    local all = { BOT_TOKEN = token_of(id) }
    for name, value in pairs(env or {}) do all[name] = value end
    local code, out, said = run(words:gsub("SERVER", here.url), all)
    return code, out, said, id
  end

  describe("logout --yes", function()
    it("sends one logOut and nothing else, and ends with 0", function()
      local code, out, said, id = with_bot "logout --server SERVER --yes"
      assert.equal(0, code)
      assert.truthy(out:find("^Logged out: bot " .. id))
      assert.equal("", said)
      assert(emu:calls { bot = id, expect = 1 })
    end)

    it("needs --server", function()
      local code, out, said = run("logout --yes", { BOT_TOKEN = token_of(5) })
      assert.equal(2, code)
      assert.equal("", out)
      assert.truthy(said:find("--yes needs --server", 1, true))
    end)

    local cases = {
      { "1 for a refusal", 1, "unauthorized", "refused", "yes", "unauthorized" },
      { "4 when the answer is lost", 4, "lost_answer", "unknown", "maybe", "network" },
      { "4 when the request is lost, which looks the same", 4, "lost_request", "unknown", "maybe", "network" },
      { "4 for a proxy's 504, although it is an answer", 4, "gateway_timeout", "unknown", "yes", "protocol" },
      { "4 for a 500", 4, "restart", "unknown", "yes", "server" },
      { "4 for what isn't HTTP", 4, "garbage", "unknown", nil, "protocol" },
      { "4 while an earlier one runs", 4, "closing", "unknown", "yes", "logging_out" },
      { "5 for a 429, with retry_after", 5, "rate_limited", "later", "yes", "rate_limited" },
      { "0 for Logged out", 0, "logged_out", "already", "yes", "logged_out" },
    }
    for _, case in ipairs(cases) do
      it("ends with " .. case[1], function()
        local code, out = with_bot("logout --server SERVER --yes --json", { method = "logOut", answer = case[3] })
        local document = assert(cjson.decode(out))
        check_document(document, { retry_after = true })
        assert.equal(case[2], code)
        assert.equal(case[2], document.exit)
        assert.equal(case[4], document.outcome)
        if case[5] then assert.equal(case[5], document.sent) end
        assert.equal(case[6], document.reason)
        assert.equal(case[2] == 5 and 3 or nil, document.retry_after)
      end)
    end

    it("ends with 3 when nothing was sent", function()
      local code, out = run("logout --server http://127.0.0.1:1 --yes --json", { BOT_TOKEN = token_of(77) })
      assert.equal(3, code)
      local document = cjson.decode(out)
      check_document(document)
      assert.same({ "not_sent", "no", "network" }, { document.outcome, document.sent, document.reason })
    end)

    it("tries again what is safe, with --retries", function()
      local code, out, _, id = with_bot("logout --server SERVER --yes --retries 1 --json",
        { method = "logOut", answer = "lost_answer" })
      assert.equal(0, code)
      assert.equal("already", cjson.decode(out).outcome)
      assert.equal(2, cjson.decode(out).attempts)
      assert(emu:calls { bot = id, method = "logOut", expect = 2 })
    end)

    it("says that it waits, and why", function()
      local code, _, said = with_bot("logout --server SERVER --yes --retries 1",
        { method = "logOut", answer = { error_code = 429, retry_after = 1 } })
      assert.equal(0, code)
      assert.matches("^waiting 0 s of %d: the server asked for it %(429%)\n$", said)
    end)

    it("repeats only logOut after a lost answer, and then refuses to ask the server that it left", function()
      local code, _, _, id = with_bot("logout --server SERVER --yes", { method = "logOut", answer = "lost_answer" })
      assert.equal(4, code)
      local env = { BOT_TOKEN = token_of(id) }
      assert.equal(1, (run("status --server " .. here.url, env)))
      assert.equal(0, (run("logout --server " .. here.url .. " --confirm shop_bot", env)))
      assert(emu:calls { bot = id, method = "logOut", expect = 2 })
      assert(emu:calls { bot = id, expect = 2 })
      for _, words in ipairs { "status", "call getMe", "logout --yes" } do
        local again, _, said = run(words .. " --server " .. here.url, env)
        assert.equal(1, again)
        assert.truthy(said:find("left %S+ %d+ seconds? ago%.\nA call might log it in there again; use %-%-force"))
      end
      assert(emu:calls { bot = id, expect = 2 })
      assert.equal(0, (run("status --force --server " .. here.url, env)))
    end)

    it("sends nothing when the journal can't be written", function()
      local id = support.new_id()
      local blocked = write("no-directory", "")
      local code, _, said = run("logout --yes --server " .. here.url, { BOT_TOKEN = token_of(id),
        XDG_STATE_HOME = blocked })
      assert.equal(3, code)
      assert.truthy(said:find("Nothing was sent", 1, true))
      assert(emu:calls { bot = id, expect = 0 })
    end)
  end)

  describe("logout --confirm", function()
    it("asks getMe first, and logs out the bot that is meant", function()
      local code, _, _, id = with_bot "logout --server SERVER --confirm @Shop_Bot"
      assert.equal(0, code)
      assert(emu:calls { bot = id, method = "getMe", expect = 1 })
      assert(emu:calls { bot = id, expect = 2 })
    end)

    it("takes the bot's id for its name", function()
      local id = support.new_id()
      assert.equal(0, (run("logout --confirm " .. id .. " --server " .. here.url, { BOT_TOKEN = token_of(id) })))
    end)

    it("refuses another bot", function()
      local code, _, said, id = with_bot "logout --server SERVER --confirm other_bot"
      assert.equal(2, code)
      assert.truthy(said:find("the token belongs to @shop_bot, not to @other_bot", 1, true))
      assert(emu:calls { bot = id, method = "logOut", expect = 0 })
    end)

    it("takes Logged out at the first look as done", function()
      local code, out = with_bot("logout --server SERVER --confirm shop_bot --json",
        { method = "getMe", answer = "logged_out" })
      assert.equal(0, code)
      assert.equal("already", cjson.decode(out).outcome)
    end)
  end)

  it("without a terminal asks for a flag, and sends nothing", function()
    local code, out, said, id = with_bot "logout --server SERVER"
    assert.equal(2, code)
    assert.equal("", out)
    assert.equal("botapi: logout asks before it changes anything; add --confirm NAME (or --yes)\n", said)
    assert(emu:calls { bot = id, expect = 0 })
    assert.equal(2, (with_bot "migrate --from SERVER --to local"))
    assert.equal(2, (with_bot "close --server SERVER"))
  end)

  it("logout -n looks and changes nothing", function()
    local code, out, _, id = with_bot "logout --server SERVER -n"
    assert.equal(0, code)
    assert.truthy(out:find("Logging out\n", 1, true))
    assert(emu:calls { bot = id, method = "logOut", expect = 0 })
  end)

  it("close closes, once more says so, and passes a 429 on", function()
    local code, out, _, id = with_bot "close --server SERVER --yes"
    assert.equal(0, code)
    assert.truthy(out:find("^Closed: "))
    assert.equal(1, (run("close --yes --server " .. here.url, { BOT_TOKEN = token_of(id) })))
    assert.equal(0, (run("close --yes --force --server " .. here.url, { BOT_TOKEN = token_of(id) })))
    assert.equal(5, (with_bot("close --server SERVER --yes", { method = "close", answer = "rate_limited" })))
  end)

  it("status shows the bot, and --no-token only asks whether a server is there", function()
    local code, out = with_bot "status --server SERVER"
    assert.equal(0, code)
    assert.truthy(out:find("^Bot      @shop_bot"))
    code = run("status --no-token --server " .. here.url)
    assert.equal(0, code)
    assert.equal(3, (run "status --no-token --server http://127.0.0.1:1"))
    assert.equal(4, (with_bot("status --timeout 0.3 --server SERVER", { method = "getMe", answer = "silence" })))
  end)

  it("status that is stopped after its question was sent says so: 4, not 130", function()
    local id = support.new_id()
    emu:rule { method = "getMe", bot = id, answer = "silence" }
    local child = process.start { "bin/botapi", "status", "--server", here.url, "--token-file",
      write("token-of-status", token_of(id)), env = { XDG_STATE_HOME = state } }
    assert(emu:calls { bot = id, method = "getMe", expect = 1, wait = 10 })
    child:kill "INT"
    assert.equal(4, (child:wait()))
    assert.truthy(child:errors():find("stopped (sent: maybe)", 1, true))
  end)

  describe("call", function()
    it("prints the result as JSON and sends values as they stand", function()
      local code, out, _, id = with_bot "call sendMessage chat_id=5 text='a=b c' --server SERVER"
      assert.equal(0, code)
      assert.equal("a=b c", cjson.decode(out).text)
      assert.equal("5", emu:calls { bot = id }[1].params.chat_id)
      code, out = with_bot "call getUpdates --server SERVER"
      assert.same({ 0, "[]\n" }, { code, out })
    end)

    it("leaves logOut and close to their commands", function()
      local code, _, said = with_bot "call LogOut --server SERVER"
      assert.equal(2, code)
      assert.truthy(said:find("botapi logout", 1, true))
      assert.equal(2, (with_bot "call close --server SERVER"))
    end)

    it("ends with 1 for what the server refuses", function()
      local code, out = with_bot "call getNothing --server SERVER --json"
      assert.equal(1, code)
      check_document(cjson.decode(out))
      assert.equal("method_not_found", cjson.decode(out).reason)
    end)
  end)

  describe("migrate", function()
    local pair
    setup(function() pair = require "botapi.emulator".start { pair = true } end)
    teardown(function() pair:close() end)

    local function move(words, id)
      return run(("migrate --from %s --to %s %s"):format(pair.url, pair.local_url, words),
        { BOT_TOKEN = token_of(id) })
    end

    local function new_bot(change)
      local id = support.new_id()
      change = change or {}
      change.username, change.state = "shop_bot", "logged_in"
      pair:put(id, change, "cloud")
      return id
    end

    it("prints a line of JSON for each step, and last the document", function()
      local code, out = move("--confirm shop_bot --json", new_bot())
      assert.equal(0, code)
      local last, n = nil, 0
      for line in out:gmatch "[^\n]+" do
        last, n = assert(cjson.decode(line)), n + 1
        assert.equal(1, last.v)
        if last.event == "step" then assert.equal("number", type(last.step)) end
      end
      assert.is_true(n >= 5)
      check_document(last, { event = true })
      assert.same({ "report", "done", "migrate", 1 }, { last.event, last.outcome, last.command, last.attempts })
    end)

    it("ends with 1 when it would lose something, and -n with 0 when it can be done", function()
      local id = new_bot { pending = 3 }
      assert.equal(1, (move("--yes", id)))
      local code, out = move("-n --accept-loss", id)
      assert.equal(0, code)
      assert.truthy(out:find("It can be done. Nothing was changed.", 1, true))
    end)

    it("ends with 2 for another bot, 3 where no server is, 4 for a lost answer, 5 for a 429, 6 half way", function()
      assert.equal(2, (move("--confirm other_bot", new_bot())))
      local gone = new_bot()
      pair:put(gone, { state = "logged_out" }, "cloud")
      local refused, _, hint = move("--confirm shop_bot", gone)
      assert.equal(2, refused)
      assert.truthy(hint:find("Use its id: --confirm " .. gone, 1, true))
      assert.equal(0, (move("--confirm " .. gone, gone)))
      assert.equal(3, (run(("migrate --from %s --to http://127.0.0.1:1 --yes"):format(pair.url),
        { BOT_TOKEN = token_of(new_bot()) })))
      local id = new_bot()
      pair:rule { method = "logOut", bot = id, times = 3, answer = "lost_answer" }
      local unknown, _, words = move("--yes", id)
      assert.equal(4, unknown)
      assert.truthy(words:find("\nbotapi: it is not known whether", 1, true))
      assert.truthy(words:find("\nExit 4. Noted in ", 1, true))
      assert.equal(0, (move("--yes", id)))
      id = new_bot()
      pair:rule { method = "logOut", bot = id, answer = { error_code = 429, retry_after = 100 } }
      local code, out = move("--yes --json", id)
      assert.equal(5, code)
      assert.equal(100, cjson.decode(out:match "([^\n]*)\n$").retry_after)
      id = new_bot()
      pair:rule { method = "setWebhook", bot = id, answer = { error_code = 400, description = "Bad Request: no" } }
      assert.equal(6, (move("--yes --webhook https://shop.example/hook", id)))
    end)

    it("ends with 4 when a question is sent and nothing of a Bot API server comes back, and changes nothing", function()
      for _, answer in ipairs { "lost_answer", "bad_gateway" } do
        local id = new_bot()
        pair:rule { method = "getMe", bot = id, answer = answer }
        local code, out = move("--yes --json", id)
        local document = cjson.decode(out:match "([^\n]*)\n$")
        assert.same({ 4, "unknown" }, { code, document.outcome })
        assert.not_equal("no", document.sent)
        assert(pair:calls { bot = id, method = "logOut", expect = 0 })
      end
    end)

    it("--settle leaves it open where the new server says no", function()
      local id = new_bot()
      pair:rule { method = "logOut", bot = id, times = 3, answer = "lost_answer" }
      assert.equal(4, (move("--yes", id)))
      pair:rule { method = "getMe", bot = id, server = "local", answer = "unauthorized" }
      local env = { BOT_TOKEN = token_of(id) }
      local code, _, said = run("migrate --settle --yes", env)
      assert.equal(4, code)
      assert.truthy(said:find("Not settled: ", 1, true))
      assert.equal(0, (run("migrate --settle --yes", env)))
    end)

    it("shows the journal, and --settle goes on where a person knows the end", function()
      local id = new_bot()
      pair:rule { method = "logOut", bot = id, times = 3, answer = "lost_answer" }
      assert.equal(4, (move("--yes", id)))
      local env = { BOT_TOKEN = token_of(id) }
      local code, out = run("migrate --show", env)
      assert.equal(0, code)
      assert.truthy(out:find("Never answered: logOut at", 1, true))
      assert.equal(0, (run("migrate --settle --yes", env)))
      assert.equal("logged_in", pair:bot(id, "local").state)
      code = run("migrate --settle --yes", env)
      assert.equal(2, code)
    end)

    it("stops with 6 for the directory, and goes on with --continue", function()
      local id = support.new_id()
      local function close(words)
        return run(("migrate --from %s --to %s --close --yes %s"):format(pair.local_url, here.url, words),
          { BOT_TOKEN = token_of(id) })
      end
      local code, out = close "--json"
      assert.equal(6, code)
      assert.truthy(out:find('"name":"move_directory","state":"waiting"', 1, true))
      assert.equal("partly", cjson.decode(out:match "([^\n]*)\n$").outcome)
      local again, _, said = close ""
      assert.equal(6, again)
      assert.truthy(said:find("run the same command with --continue: it goes on at step 2", 1, true), said)
      assert.equal(0, (close "--continue"))
    end)

    it("is rehearsed on emulated servers, without a token", function()
      local code, out = run "migrate --rehearse --yes --accept-loss --webhook keep --webhook-secret-file /dev/null"
      assert.equal(0, code)
      assert.truthy(out:find("^Moved: @shop_bot runs on"))
      assert.truthy(out:find("This was a rehearsal", 1, true))
      assert.equal(1, (run "migrate --rehearse -n"))
      local exit, _, said = run "migrate --rehearse --yes --close --from local --webhook none"
      assert.equal(0, exit)
      assert.truthy(said:find("(In a rehearsal the directory counts as moved.)", 1, true))
    end)
  end)

  describe("takes the token", function()
    local server, file, env

    setup(function()
      server = here.url
      file = write("token", token_of(900001) .. "\n")
      env = { BOT_TOKEN = token_of(900004), BOT_TOKEN_FILE = write("token2", token_of(900002) .. "\r\n") }
    end)

    local function id_of(words, with, stdin)
      local code, out = run(words .. " --json --server " .. server, with, stdin)
      assert.equal(0, code)
      return cjson.decode(out).bot.id
    end

    it("from --token-file before the environment, and - is standard input", function()
      assert.equal(900001, id_of("status --token-file " .. quote(file), env))
      assert.equal(900001, id_of("status --token-file -", env, "<" .. quote(file)))
    end)

    it("from --token-command", function()
      assert.equal(900001, id_of("status --token-command " .. quote("cat " .. quote(file)), env))
      local code, _, said = run("status --token-command 'exit 3' --server " .. server, env)
      assert.equal(2, code)
      assert.truthy(said:find("the token's command failed (exit 3)", 1, true))
    end)

    it("from BOT_TOKEN_FILE, then systemd's credential, then BOT_TOKEN", function()
      assert.equal(900002, id_of("status", env))
      process.run("mkdir -p " .. quote(directory .. "credentials"))
      write("credentials/bot_token", token_of(900003))
      assert.equal(900003, id_of("status", { BOT_TOKEN = env.BOT_TOKEN,
        CREDENTIALS_DIRECTORY = directory .. "credentials" }))
      assert.equal(900004, id_of("status", { BOT_TOKEN = env.BOT_TOKEN, CREDENTIALS_DIRECTORY = directory }))
    end)

    it("from a file that can be read only; none at all is a misuse", function()
      assert.equal(2, (run("status --token-file /nonexistent --server " .. server)))
      assert.equal(2, (run("status --server " .. server)))
      assert.equal(2, (run("status --server " .. server, { BOT_TOKEN = "CANARY-malformed" })))
    end)

    it("never from an argument, and doesn't repeat it", function()
      local token = token_of(5)
      for _, words in ipairs { "logout " .. token, "logout --token " .. token, "logout --token=CANARY",
        "status --server https://api.telegram.org/bot" .. token, "call getMe x=" .. token .. " --server local",
        "status --server " .. token:gsub(":", "%%3A"), token } do
        local code, out, said = run(words)
        assert.equal(2, code)
        assert.equal("", out)
        assert.truthy(said:find("Every user of this machine can see a token", 1, true))
      end
    end)
  end)

  it("names a wrong option, method, server or parameter, and ends with 2", function()
    for _, words in ipairs { "", "logot", "logout --sever x", "status", "status --server ftp://h", "help moon",
      "call getMe nonsense --server local", "call get-Me --server local", "logout --timeout never", "migrate",
      "migrate --from local --to local --close --yes --webhook-secret-file /nonexistent",
      "logout --yes --confirm x --server local", "completion powershell",
      "migrate --from telegram --to local --close --yes", "migrate --from telegram --to local --yes --webhook kep" } do
      local code, out, said = run(words, { BOT_TOKEN = token_of(5) })
      assert.equal(2, code, words)
      assert.equal("", out)
      assert.truthy(said:find("^botapi: "), words)
    end
  end)

  it("says a token nowhere: not with -v or --json, not in the journal, not in the process list", function()
    local id = support.new_id()
    emu:rule { method = "logOut", bot = id, answer = { delay = "1h" } }
    emu:put(id, { webhook = { url = "https://shop.example/" .. token_of(id) }, state = "logged_in" })
    local env = { BOT_TOKEN = token_of(id) }
    local _, out, said = run("status -v --server " .. here.url, env)
    assert.truthy(out:find("https://shop.example/", 1, true))
    assert.truthy(said:find("getMe at 127.0.0.1:%d+: answered 200"))
    assert.is_nil(said:find "://")
    run("status --json --server " .. here.url, env)
    run("call getWebhookInfo --server " .. here.url, env)
    run("call sendMessage chat_id=5 --json -v --server " .. here.url, env)
    local child = process.start { "bin/botapi", "logout", "--server", here.url, "--yes", "-v",
      "--token-file", write("token-of-the-child", token_of(id)), env = { XDG_STATE_HOME = state } }
    assert(emu:calls { bot = id, method = "logOut", expect = 1, wait = 10 })
    local arguments = process.slurp("/proc/" .. child.pid .. "/cmdline"):gsub("%z", " ")
    assert.truthy(arguments:find("logout --server", 1, true))
    assert.is_nil(arguments:find("CANARY", 1, true))
    child:kill "INT"
    assert.equal(4, (child:wait()))
    local text = child:errors() .. child:output() .. process.capture("cat " .. quote(state) .. "/botapi/*.jsonl")
    assert.is_nil(text:find("CANARY", 1, true))
    assert.truthy(text:find("sent: maybe", 1, true))
  end)

  it("shows no form of a token that a server has in the webhook's URL", function()
    local id = support.new_id()
    local function percent(format)
      return (SECRET:gsub(".", function(c) return format:format(c:byte()) end))
    end
    local env = { BOT_TOKEN = token_of(id) }
    for _, form in ipairs { token_of(id), SECRET, SECRET:sub(8, 19), id .. "%3A" .. SECRET, percent "%%%02x",
      percent "%%25%02X", (SECRET:gsub(".", "%0\1")), (SECRET:gsub(".", "%0\194\155")), token_of(77),
      "77%3a" .. SECRET } do
      local url = "https://" .. form .. "@shop.example/hook?x=" .. form
      emu:put(id, { webhook = { url = url }, pending = 1, state = "logged_in" })
      for _, words in ipairs { "status", "status --json", "logout --dry-run", "logout --dry-run --json",
        "migrate --dry-run --from " .. here.url .. " --to http://127.0.0.1:1 --close", "call getWebhookInfo",
        "call getWebhookInfo --json" } do
        local code, out, said = run(words .. (words:find "%-%-from" and "" or " --server " .. here.url), env)
        local text = (out .. said):gsub("\\u00%x%x", ""):gsub("%c", ""):gsub("\194\155", ""):gsub("%%25", "%%")
          :gsub("%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end)
        assert.is_true(code == 0 or code == 3, words .. ": " .. said)
        -- another bot's token is what a call was made for
        if not (form:find "^77" and words:find "^call") then
          assert.is_nil(text:find(SECRET:sub(8, 19), 1, true), words .. " shows " .. form)
        end
      end
    end
  end)

  it("prints whole what a method returns, but for its own token", function()
    local id, other = support.new_id(), "77:" .. ("x"):rep(35)
    emu:rule { method = "getManagedBotToken", bot = id, answer = { result = other } }
    local code, out = run("call getManagedBotToken --server " .. here.url, { BOT_TOKEN = token_of(id) })
    assert.equal(0, code)
    assert.equal('"' .. other .. '"\n', out)
  end)

  it("takes no IPv6 address and no proxy's password for a token", function()
    for _, words in ipairs { "status --server 'http://[fd00::1:2345:6789:abcd:1234]:1'",
      "status --server https://127.0.0.1:1 --proxy http://user:p%3Ass@127.0.0.1:1" } do
      assert.equal(3, (run(words .. " --connect-timeout 1", { BOT_TOKEN = token_of(5) })))
    end
  end)

  it("writes its journal for its owner alone", function()
    assert.equal("600\n", process.capture("stat -c %a " .. quote(state) .. "/botapi/*.jsonl | sort -u"))
  end)

  it("-q leaves out the plan and the progress, and errors stay", function()
    local code, out, said = run("logout -q --yes --server " .. here.url, { BOT_TOKEN = token_of(support.new_id()) })
    assert.equal(0, code)
    assert.truthy(out:find "^Logged out")
    assert.equal("", said)
    assert.not_equal("", select(3, run "logout -q"))
  end)
end)

describe("botapi help", function()
  it("fits 80 columns, for each command and topic", function()
    for _, words in ipairs { "--help", "logout", "close", "status", "migrate", "call", "emulator", "completion", "help",
      "exit-codes", "environment", "json" } do
      local code, out = run((words == "--help" and "" or "help ") .. words)
      assert.equal(0, code)
      for line in out:gmatch "[^\n]+" do
        assert.is_true(#line <= 80, words .. ": " .. line)
        assert.is_nil(line:find "^%s*%S?$", words)            -- what the wrapping has torn off
      end
    end
  end)

  it("names each exit code that a report can have", function()
    local _, out = run "help exit-codes"
    for _, exit in pairs(require "botapi.outcome".exits) do
      assert.truthy(out:find("\n +" .. exit .. "   %a"), exit)
    end
    assert.truthy(out:find("treat an unknown code as failure", 1, true))
  end)
end)

describe("what the build makes of the parser", function()
  local made = directory .. "made"

  setup(function()
    assert(process.run("mkdir -p " .. quote(made)))
    assert(process.run("lua5.4 packaging/generate.lua " .. quote(made)))
  end)

  it("is a man page with each command and option, which man takes without a warning", function()
    local page = process.slurp(made .. "/botapi.1"):gsub("\\", "")
    local _, parsers = require "botapi.cli".parser()
    for name, parser in pairs(parsers) do
      assert.truthy(page:find("botapi " .. name, 1, true))
      for _, option in ipairs(parser._options) do assert.truthy(page:find(option._aliases[1], 1, true)) end
    end
    if process.run "command -v groff >/dev/null" then
      assert.equal("", process.capture(("groff -man -ww -z -Tutf8 %s 2>&1"):format(quote(made .. "/botapi.1"))))
    end
  end)

  it("completes commands and options in bash, and never a token", function()
    local script = ([[. %s/botapi.bash; COMP_WORDS=(botapi %%s); COMP_CWORD=%%d; _botapi; echo "${COMPREPLY[@]}"]])
      :format(made)
    local function complete(words, at)
      return process.capture("BOT_TOKEN=" .. token_of(5) .. " bash -c " .. quote(script:format(words, at)) .. " 2>&1")
    end
    assert.equal("migrate\n", complete("mig", 1))
    assert.truthy(complete("logout --conf", 2):find("--confirm", 1, true))
    assert.is_nil(complete("logout --to", 2):find("%-%-token%f[^%w-]"))
    for _, name in ipairs { "botapi.bash", "_botapi", "botapi.fish", "botapi.1" } do
      assert.is_nil(process.slurp(made .. "/" .. name):find("CANARY", 1, true))
    end
  end)

  it("is what `botapi completion` prints", function()
    for shell, name in pairs { bash = "botapi.bash", zsh = "_botapi", fish = "botapi.fish" } do
      assert.equal(process.slurp(made .. "/" .. name), (select(2, run("completion " .. shell))))
    end
  end)
end)
