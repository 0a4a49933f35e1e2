-- SPDX-License-Identifier: MIT
-- Owns the specs of the command without a terminal: exit codes, JSON, sources of the token, and that it shows nowhere.

local cjson = require "cjson.safe".new()
local command = require "support.command"
local process = require "support.process"
local start = require "botapi.emulator".start
local support = require "spec.support.emulator"
local terminal = require "support.terminal"

local quote, run, sh, state = process.quote, command.run, command.sh, command.state
local SECRET = "CANARY-secret-of-no-bot-at-all-01234"
local directory = terminal.directory()

local function token_of(id) return ("%d:%s"):format(id, SECRET) end

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
  local here, emu, second

  setup(function()
    here = support.start()
    emu, second = here.emu, start {}
  end)
  teardown(function()
    emu:close()
    second:close()
  end)

  it("fails when what it has to say can't be written, and says what it did", function()
    local id = support.new_id()
    emu:put(id, { state = "logged_in" })
    local env = { BOT_TOKEN = token_of(id) }
    local logout = ("logout --server %s --yes"):format(emu.url)
    for _, words in ipairs { logout .. " --json", "help", "completion zsh", "--help", "--version", "status -h",
      "facebook --help", "emulator", "emulator --exit-with-stdin" } do
      for _, lost in ipairs { " >/dev/full", " >&-", " <&- >&-", " 1</dev/null" } do
        local code, _, said = sh("timeout 20 " .. command.line(words .. lost, env))
        assert.equal(74, code, words .. lost .. ": " .. said)
        assert.is_truthy(said:find("standard output can't be written", 1, true), said)
        env = { BOT_TOKEN = token_of(support.new_id()) }
      end
      assert.equal(74, (sh("timeout 20 " .. command.line(words .. " >&- 2>&-", env))), words)
    end
    assert(emu:calls { bot = id, method = "logOut", expect = 1 })
    assert.equal(0, (run "help >/dev/null"))
  end)

  -- What a server says of a bot, with an escape, a bell, C1, text from right to left, and characters without a width.
  it("shows what comes from a server as text, whatever a terminal would do with it", function()
    local HOSTILE = "a\\u001b[31;1mb\\u0007\\u009b0m\\u202e\\u200b\\u2066\\ufeff\\u00ad"
      .. "\\u034f\\u115f\\u17b4\\u180b\\u2800\\u3164\\ufe0f\\uffa0\\ufff0\\ud82f\\udca0\\n  LOSS  c\\r"
    local function answer(result) return { body = '{"ok":true,"result":' .. result:gsub("HOSTILE", HOSTILE) .. "}" } end
    local hidden = { "[%z\1-\9\11-\31\127]", "\194[\128-\159\173]", "\226\128[\139-\143\168-\174]",
      "\226\129[\160-\175]", "\239\187\191", "\205\143", "\225\133\159", "\225\158\180", "\225\160\139",
      "\226\160\128", "\227\133\164", "\239\184\143", "\239\190\160", "\239\191\176", "\240\155\178\160" }
    for _, words in ipairs { "status", "status --json", "call getMe", "call getMe --json", "logout -n",
      "logout --yes -v", "logout --confirm ID", "migrate -n --to NEW --from SERVER",
      "status -v --color always" } do
      local id = support.new_id()
      emu:put(id, { state = "logged_in" })
      emu:rule { bot = id, method = "getMe", times = 0, answer = answer('{"id":' .. id
        .. ',"is_bot":true,"first_name":"HOSTILE","username":"HOSTILE"}') }
      emu:rule { bot = id, method = "getWebhookInfo", times = 0, answer = answer [[{"url":"https://x.example/HOSTILE",
        "has_custom_certificate":false,"pending_update_count":1,"last_error_date":5,"last_error_message":"HOSTILE"}]] }
      if words ~= "logout --confirm ID" then
        emu:rule { bot = id, method = "logOut", answer = { status = 400,
          body = '{"ok":false,"error_code":400,"description":"' .. HOSTILE .. '"}' } }
      end
      local line = words:find "SERVER" and words:gsub("SERVER", emu.url):gsub("NEW", second.url)
        or words:gsub("ID", id) .. " --server " .. emu.url
      local _, out, said = run(line, { BOT_TOKEN = token_of(id) })
      assert.is_truthy((out .. said):find("[31;1mb", 1, true), words)
      for _, text in ipairs { out, said } do
        text = words:find "always" and text:gsub("\27%[%d[%d;]*m", "") or text
        for _, pattern in ipairs(hidden) do assert.is_nil(text:find(pattern), words .. ": " .. ("%q"):format(text)) end
        assert.is_nil(text:find "\n  LOSS  c", words)
      end
    end
  end)

  it("passes on each answer that it can read, however deep", function()
    for _, levels in ipairs { 190, 201, 999 } do
      local deep = ("["):rep(levels) .. "1" .. ("]"):rep(levels)
      for words, method in pairs { ["logout --yes --json"] = "logOut", ["call getFoo"] = "getFoo",
        ["call getFoo --json"] = "getFoo" } do
        local id = support.new_id()
        emu:put(id, { state = "logged_in" })
        emu:rule { bot = id, method = method, times = 0, answer = { body = '{"ok":true,"result":' .. deep .. "}" } }
        local code, out, said = run(words .. " --server " .. emu.url, { BOT_TOKEN = token_of(id) })
        assert.not_equal(70, code, said)
        assert.is_truthy(out:find(deep, 1, true), words .. ": " .. out .. said)
      end
    end
  end)

  it("asks no server while its journal can't be read, and says what to do", function()
    local id = support.new_id()
    emu:put(id, { state = "logged_in" })
    local env = { BOT_TOKEN = token_of(id) }
    assert.equal(0, (run(("logout --server %s --yes"):format(emu.url), env)))
    local path = ("%s/botapi/%d.jsonl"):format(state, id)
    local kept = process.slurp(path)
    local before = #emu:calls { bot = id }
    for _, text in ipairs { '{"v":99,"id":1,"at":1,"type":"intent","bot":"1"}\n' .. kept, "a directory" } do
      os.remove(path)
      if text == "a directory" then
        process.run("mkdir " .. quote(path))
      else
        local file = assert(io.open(path, "w"))
        file:write(text)
        file:close()
      end
      for _, words in ipairs { "status", "call getMe" } do
        local code, _, said = run(("%s --server %s"):format(words, emu.url), env)
        assert.equal(3, code, said)
        assert.is_truthy(said:find("can't be read", 1, true) and said:find("--force", 1, true), said)
      end
      local code, _, said = run(("migrate --settle --to %s --yes"):format(emu.url), env)
      assert.equal(2, code, said)
      assert.is_truthy(said:find("the journal can't be read: ", 1, true) and not said:find("nil", 1, true), said)
    end
    assert.equal(before, #emu:calls { bot = id })
    process.run("rmdir " .. quote(path))
    local file = assert(io.open(path, "w"))
    file:write("garbage\n", kept)
    file:close()
    process.run("chmod 600 " .. quote(path))
    local code, _, said = run(("status --server %s"):format(emu.url), env)
    assert.equal(1, code)
    assert.is_truthy(said:find("1 line of", 1, true), said)
    assert.equal(before, #emu:calls { bot = id })
  end)

  -- A bot that has left the emulator by the command: its environment, its journal's path and text, and a function that
  -- says how many calls the server has had since.
  local function departed()
    local id = support.new_id()
    emu:put(id, { state = "logged_in" })
    local env = { BOT_TOKEN = token_of(id) }
    assert.equal(0, (run(("logout --server %s --yes"):format(emu.url), env)))
    local path, before = ("%s/botapi/%d.jsonl"):format(state, id), #emu:calls { bot = id }
    return env, path, process.slurp(path), function() return #emu:calls { bot = id } - before end
  end

  local function refuses(words, env, what)
    local code, out, said = command.sh("timeout 20 " .. command.line(words, env))
    assert.equal(3, code, what .. ": " .. words .. ": " .. said)
    said = out .. said
    assert.is_truthy(said:find("journal can't be ", 1, true), words .. ": " .. said)
    return said
  end

  -- What becomes of a journal: each a function of its text.
  local DAMAGES = {
    brace = function(text) return (text:gsub("{", "X")) end,
    ["end"] = function(text) return (text:gsub("}", "X")) end,
    quote = function(text) return (text:gsub('"', "X")) end,
    bytes = function() return "\200\3\255\n{\1\0\127" end,
    tail = function(text) return "\200\3\255" .. text:sub(1, 9) end,
    nuls = function(text) return ("\0"):rep(#text) end,
    nul_lines = function(text) return (text:gsub("[^\n]", "\0")) end,
    half = function(text) return (text:gsub("[^\n]+", function(line) return line:sub(1, 60) end)) end,
    whole = function() return '{"v":1,"id":1}' end,
    at = function(text) return (text:gsub('"at":%d+', '"at":"x"')) end,
    at_huge = function(text) return (text:gsub('"at":%d+', '"at":1e308')) end,
    at_far = function(text) return (text:gsub('"at":%d+', '"at":1e18')) end,
    at_old = function(text) return (text:gsub('"at":%d+', '"at":-1e308')) end,
    reason = function(text) return (text:gsub('"outcome":"done"', '"outcome":"done","reason":{}')) end,
    sent = function(text) return (text:gsub('"sent":"yes"', '"sent":{}')) end,
    v = function(text) return (text:gsub('"v":1', '"v":"x"')) end,
    bot = function(text) return (text:gsub('"bot":"%d+"', '"bot":{}')) end,
    method = function(text) return (text:gsub('"method":"%a+"', '"method":7')) end,
    server = function(text) return (text:gsub('"server":"[^"]+"', '"server":{}')) end,
    outcome = function(text) return (text:gsub('"outcome":"%a+"', '"outcome":false')) end,
    of = function(text) return (text:gsub('"of":%d+', '"of":77')) end,
    other_server = function(text) return (text:gsub('"server":"[^"]+"', '"server":"x"', 1)) end,
    near_server = function(text) return (text:gsub('("server":"http://[^"]+)"', '%1/x"', 1)) end,
    results_server = function(text)
      return (text:gsub('(\n[^\n]*"server":"http://[^"]+)"', '%1/x"', 1))
    end,
    other_method = function(text) return (text:gsub('"method":"logOut"', '"method":"logIn"', 1)) end,
    results_method = function(text) return (text:gsub('(\n[^\n]*)"method":"logOut"', '%1"method":"getMe"', 1)) end,
    other_bot = function(text) return (text:gsub('"bot":"', '"bot":"9', 1)) end,
    no_intent = function(text) return (text:gsub('[^\n]+"intent"[^\n]+\n', "")) end,
  }

  -- The intent is whole: a move sends only the request that leaves.
  local SETTLES = { outcome = true, of = true, results_server = true, results_method = true,
    reason = true, sent = true }

  it("asks no server while a line of its journal is damaged, whatever the damage", function()
    for name, damage in pairs(DAMAGES) do
      local env, path, text, asked = departed()
      local damaged = damage(text)
      assert.not_equal(text, damaged, name)
      local file = assert(io.open(path, "wb"))
      file:write(damaged)
      file:close()
      local words = { "status", "call getMe", "logout --yes", name == "brace" and "logout -n" or nil,
        name == "brace" and "close --yes" or nil }
      for _, each in ipairs(words) do
        local said = refuses(each .. " --server " .. emu.url, env, name)
        assert.is_truthy(said:find("--force", 1, true), said)
        assert.is_truthy(said:find(path:match "[^/]+$", 1, true), said)
      end
      local move = ("migrate --from %s --to %s "):format(emu.url, second.url)
      if not SETTLES[name] then refuses(move .. "-n", env, name) end
      if name == "brace" then refuses(move .. "--yes", env, name) end
      assert.equal(0, asked(), name)
      assert.equal(damaged, process.slurp(path), name)
      local _, out, said = run("migrate --show", env)
      assert.is_truthy((out .. said):find("can't be read", 1, true), name)
      run(("status --force --server %s"):format(emu.url), env)
      assert.is_true(asked() > 0, name)
    end
  end)

  it("goes on after a kill in the middle of a line, and after the next run has ended that line", function()
    local env, path, text, asked = departed()
    local file = assert(io.open(path, "ab"))
    file:write(text:sub(1, 60))
    file:close()
    local code, _, said = run(("status --server %s"):format(emu.url), env)
    assert.equal(1, code, said)
    assert.is_truthy(said:find("1 line of", 1, true), said)
    assert.equal(0, asked())
    assert.equal(0, (run(("logout --force --server %s --yes"):format(second.url), env)))
    code, _, said = run(("status --server %s"):format(emu.url), env)
    assert.equal(1, code, said)
    assert.equal(0, asked())
  end)

  it("asks no server while its journal is behind a link that leads nowhere, or is no file", function()
    local home = directory .. "home/"
    for name, spoil in pairs {
      link = "ln -s /no/such/file %s",
      ["link to a place that can be made"] = "ln -s elsewhere.jsonl %s",
      fifo = "mkfifo %s",
      socket = "ln -s /dev/null %s",
      directory = "D=%s; rm -r ${D%%/*}; ln -s /no/such/directory ${D%%/*}",
      ["state directory"] = "D=%s; rm -r ${D%%/*/*}; ln -s nowhere ${D%%/*/*}",
    } do
      local env, path, _, asked = departed()
      path = path:sub(#state + 1)
      env.XDG_STATE_HOME = home .. "state"
      process.run(("mkdir -p %s && "):format(quote(home .. "state/botapi"))
        .. spoil:format(quote(home .. "state" .. path)))
      for _, words in ipairs { "status --server " .. emu.url, "call getMe --server " .. emu.url,
        "logout --yes --server " .. emu.url, "migrate --show",
        ("migrate -n --from %s --to %s"):format(emu.url, second.url) } do
        local said = refuses(words, env, name)
        assert.is_nil(said:find("nil", 1, true), said)
      end
      assert.equal(0, asked(), name)
      process.run("rm -rf " .. quote(home))
    end
  end)

  it("writes no line of its own into a file that has the number of a closed stream", function()
    for _, closed in ipairs { "<&-", ">&-", "2>&-", "<&- >&- 2>&-" } do
      local id = support.new_id()
      emu:put(id, { state = "logged_in" })
      process.run(("( %s ) >/dev/null 2>&1"):format(command.line(("logout --server %s --yes -v %s"):format(emu.url,
        closed), { BOT_TOKEN = token_of(id) })))
      assert(emu:calls { bot = id, method = "logOut", expect = 1 })
      local path, records = ("%s/botapi/%d.jsonl"):format(state, id), 0
      for line in io.lines(path) do
        records = records + 1
        assert.is_table(cjson.decode(line), closed .. ": " .. line)
      end
      assert.is_true(records >= 2, closed)
      assert.matches("^%d+\n$", process.slurp(path .. ".lock"), nil, nil, closed)
    end
  end)

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
      for _, words in ipairs { "status", "call getMe", "close --yes" } do
        local again, _, said = run(words .. " --server " .. here.url, env)
        assert.equal(1, again)
        assert.truthy(said:find("left %S+ %d+ seconds? ago%.\nA call might log it in there again; use %-%-force"))
      end
      for _, words in ipairs { "--yes", "-n", "--confirm " .. id } do
        local again, out = run(("logout %s --server %s"):format(words, here.url), env)
        assert.equal(0, again)
        assert.truthy(out:find "^Already logged out: ", out)
        assert.truthy(out:find("\nNothing was sent: the journal says that this was done %d+ seconds? ago"), out)
      end
      local again, out = run("logout --json --yes --server " .. here.url, env)
      assert.equal(0, again)
      local document = cjson.decode(out)
      check_document(document)
      assert.same({ "already", "no", "logged_out", 0 }, { document.outcome, document.sent, document.reason,
        document.exit })
      local other, _, said = run("logout --confirm shop_bot --server " .. here.url, env)
      assert.equal(2, other)
      assert.truthy(said:find("the name of bot " .. id .. " isn't known here", 1, true), said)
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
      assert(emu:calls { bot = id, method = "getWebhookInfo", expect = 1 })
      assert(emu:calls { bot = id, expect = 3 })
    end)

    it("knows by its journal which bot has left before", function()
      local id = support.new_id()
      emu:put(id, { username = "shop_bot", state = "logged_in" })
      for name, code in pairs { shop_bot = 0, other_bot = 2 } do
        local words, env = "logout --server " .. here.url .. " --confirm ", { BOT_TOKEN = token_of(id) }
        run(words .. "shop_bot", env)
        assert.equal(code, (run(words .. name, env)))
      end
      assert(emu:calls { bot = id, expect = 3 })
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
    local again, text = run("close --yes --server " .. here.url, { BOT_TOKEN = token_of(id) })
    assert.equal(0, again)
    assert.truthy(text:find "^Already closed: ", text)
    assert.truthy(text:find("\nNothing was sent: ", 1, true), text)
    assert(emu:calls { bot = id, method = "close", expect = 1 })
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

    it("ends with 2 for an option among the parameters, and sends nothing", function()
      for _, name in ipairs { "retries", "timeout", "max_response" } do
        local code, _, said, id = with_bot(("call getMe %s=1 --server SERVER"):format(name))
        assert.equal(2, code)
        assert.truthy(said:find(name .. " is no parameter", 1, true), said)
        assert.equal(0, #emu:calls { bot = id })
      end
    end)

    it("ends with 2 where the method is a part of the token, and doesn't repeat it", function()
      local env = { BOT_TOKEN = "110201543:AAEabcdefghijklmnopqrstuvwxyz012345" }
      local code, out, said = run("call abcdefghijkl --server " .. emu.url, env)
      assert.equal(2, code, said)
      assert.is_nil((out .. said):find("abcdef", 1, true), out .. said)
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

    it("sends what it doesn't know untouched, and says which was meant when the server doesn't either", function()
      for method, hint in pairs { sendMesage = "Did you mean sendMessage?", getMee = "Did you mean getMe?",
        sendRichMessage = "It came with Bot API 10.1." } do
        local code, _, said, id = with_bot("call " .. method .. " chat_id=5 brand_new=1 --server SERVER")
        assert.equal(1, code)
        assert.truthy(said:gsub("%s+", " "):find(hint, 1, true), said)
        local calls = emu:calls { bot = id }
        assert.equal(1, #calls)
        assert.equal(method, calls[1].method)
        assert.same({ chat_id = "5", brand_new = "1" }, calls[1].params)
      end
      for _, words in ipairs { "sendFancyThing", "sendMessage" } do
        local _, _, said = with_bot("call " .. words .. " --server SERVER")
        assert.is_nil(said:find("mean", 1, true), said)
      end
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
      assert.truthy(said:find("run the same command with --continue: it goes on at step 3", 1, true), said)
      assert.equal(0, (close "--continue"))
    end)

    it("is rehearsed on emulated servers, without a token", function()
      local code, out = run "migrate --rehearse --yes --accept-loss --webhook keep --webhook-secret-file /dev/null"
      assert.equal(0, code)
      assert.truthy(out:find("^Moved: @shop_bot runs on"))
      assert.truthy(out:find("This was a rehearsal", 1, true))
      assert.equal(1, (run "migrate --rehearse -n"))
      local exit, _, said = run "migrate --rehearse --yes --close --webhook none --accept-loss"
      assert.equal(0, exit)
      assert.truthy(said:find("(In a rehearsal the directory counts as moved.)", 1, true))
    end)

    it("names --close where it can't be, as its user does", function()
      local code, _, said = with_bot "migrate --from SERVER --to telegram --close --yes --webhook none"
      assert.equal(2, code)
      assert.equal("botapi: --close is for a move between two local servers only; without it, the bot is logged out.\n",
        said)
    end)
  end)

  describe("on a server that is spelled in another way", function()
    local port

    setup(function() port = here.url:match ":(%d+)$" end)

    it("refuses to ask where the bot has left, and where it may have", function()
      local id = support.new_id()
      local env = { BOT_TOKEN = token_of(id) }
      assert.equal(0, (run("logout --yes --server http://localhost:" .. port, env)))
      for _, server in ipairs { "http://LOCALHOST:%d", "http://localhost:0%d//", "http://loc%%61lhost:%d/bot" } do
        local code, _, said = run("status --server " .. server:format(port), env)
        assert.equal(1, code, server)
        assert.truthy(said:find("A call might log it in there again", 1, true))
      end
      assert(emu:calls { bot = id, expect = 1 })
      assert.equal(0, (run("status --force --server http://LOCALHOST:" .. port, env)))
    end)

    it("settles an attempt that was never answered", function()
      local id = support.new_id()
      local env = { BOT_TOKEN = token_of(id) }
      emu:put(id, { state = "logged_in" })
      emu:rule { bot = id, method = "logOut", answer = "lost_answer" }
      assert.equal(4, (run("logout --yes --retries 0 --server http://LocalHost:" .. port, env)))
      local code, _, said = run("logout --yes --server http://localhost:" .. port .. "/", env)
      assert.equal(0, code)
      assert.truthy(said:find("was never answered: only it is sent again", 1, true))
    end)

    it("knows it by its unix socket, in whatever spelling, and in a journal of an earlier version", function()
      local base = os.tmpname()
      process.run(("B=%s; rm -f $B; mkdir -p $B/a && ln -s a $B/link && ln -s ../us.sock $B/a/far"):format(base))
      local id = support.new_id()
      local env = { BOT_TOKEN = token_of(id) }
      local path, what = ("%s/botapi/%d.jsonl"):format(state, id), '"at":%d,"bot":"%d","server":"%s","method":"logOut"'
      for _, written in ipairs { "http://localhost (unix:%s/us.sock)", "http://127.0.0.1:8081 (unix:%s/us.sock)",
        "http://BOX (unix:%s//a/../us.sock)" } do
        process.run("mkdir -p " .. quote(state .. "/botapi"))
        local file = assert(io.open(path, "w"))
        local members = what:format(os.time() - 5, id, written:format(base))
        file:write('{"v":1,"id":1,"type":"intent",', members, "}\n",
          '{"v":1,"id":2,"type":"result","of":1,"outcome":"done",', members, "}\n")
        file:close()
        process.run("chmod 600 " .. quote(path))
        for _, spelling in ipairs { "--server local --unix-socket %s/us.sock", "--server BOX --unix-socket %s/us.sock",
          "--server http://localhost --unix-socket %s/us.sock", "--server local --unix-socket %s/link/far",
          "--server http://[::1]:5 --unix-socket %s/a/../us.sock", "--server local --unix-socket us.sock" } do
          spelling = spelling:gsub("BOX", "http://box"):format(base)
          local line = ("cd %s; %s"):format(base, command.line("call getFoo " .. quote(spelling):sub(2, -2), env))
          local code, _, said = command.sh(line)
          assert.equal(1, code, written .. ": " .. spelling .. ": " .. said)
          assert.truthy(said:find("A call might log it in there again", 1, true), said)
        end
        assert.equal(3, (run("call getFoo --server local --unix-socket " .. base .. "/other.sock", env)))
      end
      process.run("rm -rf " .. base)
    end)

    it("knows it by its IPv6 address", function()
      local six = start { host = "::1" }
      local id = support.new_id()
      local env = { BOT_TOKEN = token_of(id) }
      local at = six.url:match ":(%d+)$"
      assert.equal(0, (run(("logout --yes --server 'http://[::1]:%s'"):format(at), env)))
      assert.equal(1, (run(("status --server 'http://[0:0:0:0::0001]:%s/'"):format(at), env)))
      assert(six:calls { bot = id, expect = 1 })
      six:close()
    end)
  end)

  describe("takes the token", function()
    local server, file, env

    setup(function()
      server = here.url
      file = write("token", token_of(900001) .. "\n")
      env = { BOT_TOKEN = token_of(900004), BOT_TOKEN_FILE = write("token2", token_of(900002) .. "\r\n") }
    end)

    local function id_of(words, with)
      local code, out = run(words .. " --json --server " .. server, with)
      assert.equal(0, code)
      return cjson.decode(out).bot.id
    end

    it("from --token-file before the environment, and - is standard input", function()
      assert.equal(900001, id_of("status --token-file " .. quote(file), env))
      assert.equal(900001, id_of("status --token-file - <" .. quote(file), env))
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

    it("from a place that has one line, and names a place that has more", function()
      emu:forget()
      local one, other = token_of(900001), token_of(900002)
      for _, text in ipairs { one, one .. "\n\n", one .. "\r\n \t\r\n", "\n" .. one .. "\n" } do
        assert.equal(900001, id_of("status --token-file " .. quote(write("lines", text))))
      end
      local before = #emu:calls {}
      for _, text in ipairs { one .. "\n" .. other, one .. "\r\n" .. other .. "\r\n", one .. "\r" .. other,
        one .. "\n\n# mine\n", "# mine\n" .. one } do
        local path = write("lines", text)
        for place, how in pairs { [path] = { "--token-file " .. quote(path) },
          ["standard input"] = { "--token-file - <" .. quote(path) },
          ["lines has"] = { "", { BOT_TOKEN_FILE = path } }, ["BOT_TOKEN has"] = { "", { BOT_TOKEN = text } } } do
          local code, _, said = run(("status --server %s %s"):format(server, how[1]), how[2])
          assert.equal(2, code, said)
          assert.truthy(said:find("more than one line", 1, true) and said:find(place, 1, true), said)
        end
      end
      assert.equal(before, #emu:calls {})
      local shown = quote(write("lines", one .. "\nurl: x\n"))
      assert.equal(900001, id_of("status --token-command " .. quote("cat " .. shown)))
    end)

    it("which is a number, a colon and a secret and nothing else, whatever the command", function()
      emu:forget()
      for _, token in ipairs { "0" .. token_of(5), token_of(5) .. "\194\160", token_of(5) .. "\226\128\139",
        "\239\188\149:" .. SECRET, "\239\187\191" .. token_of(5), token_of(5) .. "/test", token_of(5) .. " # mine",
        token_of(5) .. ",mine", '"' .. token_of(5) .. '"', "5:", ":" .. SECRET, ("5"):rep(18) .. ":" .. SECRET } do
        local code, _, said = run("status --server " .. server, { BOT_TOKEN = token })
        assert.equal(2, code, said)
        assert.truthy(said:find("the token ", 1, true), said)
      end
      for _, words in ipairs { "call getMe --server SERVER", "logout --yes --server SERVER",
        "close --yes --server SERVER", "migrate --from SERVER --to local --yes" } do
        local code, _, said = run(words:gsub("SERVER", server), { BOT_TOKEN = "0" .. token_of(5) })
        assert.equal(2, code, said)
        assert.truthy(said:find("a bot's number", 1, true), said)
      end
      assert.equal(0, #emu:calls {})
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
        ("migrate --dry-run --from %s --to %s --close --webhook none --accept-loss"):format(here.url, second.url),
        "call getWebhookInfo", "call getWebhookInfo --json" } do
        local code, out, said = run(words .. (words:find "%-%-from" and "" or " --server " .. here.url), env)
        local text = (out .. said):gsub("\\u00%x%x", ""):gsub("%c", ""):gsub("\194\155", ""):gsub("%%25", "%%")
          :gsub("%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end)
        assert.equal(0, code, words .. ": " .. said)
        assert.is_truthy(text:find("@shop.example/hook", 1, true), words .. ": " .. text)
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
    local code, out = run("call getManagedBotToken user_id=5 --server " .. here.url, { BOT_TOKEN = token_of(id) })
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
    local pages = { "--help" }
    for _, name in ipairs(require "botapi.cli".commands) do pages[#pages + 1] = name end
    for _, topic in ipairs(require "botapi.cli.topics") do pages[#pages + 1] = topic.name end
    for _, words in ipairs(pages) do
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
      for _, option in ipairs(parser._options) do
        assert.truthy(option._hidden or page:find(option._aliases[1], 1, true), option._aliases[1])
      end
    end
    if process.run "command -v groff >/dev/null" then
      assert.equal("", process.capture(("groff -man -ww -z -Tutf8 %s 2>&1"):format(quote(made .. "/botapi.1"))))
    end
  end)

  it("is a man page with the version and day of the release, all sections, and common options once", function()
    local page = process.slurp(made .. "/botapi.1"):gsub("\\", "")
    local day, version = page:match '\n.TH BOTAPI 1 "([%d-]+)" "botapi ([%d.]+)"'
    assert.equal(require "botapi"._VERSION, version)
    assert.truthy(process.slurp "CHANGELOG.md":find("\n## " .. version .. " - " .. day .. "\n", 1, true))
    local sections = {}
    for name in page:gmatch '\n.SH "([%u ]+)"' do sections[#sections + 1] = name end
    assert.same({ "NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "COMMON OPTIONS", "EXIT STATUS", "ENVIRONMENT", "JSON",
      "FILES", "EXAMPLES", "SEE ALSO" }, sections)
    for _, option in ipairs { "--token-file", "--proxy", "--json", "--connect-timeout", "--plain-http" } do
      assert.equal(1, select(2, page:gsub("\n.TP\n[^\n]*fB" .. option:gsub("%-", "%%-") .. "fR", "")), option)
    end
  end)

  it("is a man page whose lines are filled at any width, but for examples and JSON", function()
    if not process.run "command -v groff >/dev/null" then return pending "no groff here" end
    for _, width in ipairs { 50, 80, 120 } do
      local n, longest = 0, 0
      for line in process.capture(("groff -man -Tascii -P-cbou -rLL=%dn %s"):format(width, quote(made .. "/botapi.1")))
        :gmatch "[^\n]+" do
        local is_example = line:find "^ +botapi %l" or line:find "^ +source " or line:find '^ +"' or line:find "^ +{"
        assert.is_true(#line <= width or is_example ~= nil, line)
        n, longest = n + 1, is_example and longest or math.max(longest, #line)
      end
      assert.is_true(n > 300 and longest > width - 3, n .. " " .. longest)
    end
  end)

  it("is a man page whose examples the command's parser takes", function()
    local page = process.slurp(made .. "/botapi.1"):gsub("\\", "")
    local n = 0
    for line in page:match '\n.SH "EXAMPLES"(.*)\n.SH "SEE':gmatch "%f[%w]botapi ([^\n)]+)" do
      local words = {}
      for word in line:gsub(" %-%- .*$", ""):gsub("'(%a+) (%a+)'", "%1_%2"):gmatch "%S+" do words[#words + 1] = word end
      local ok, why = require "botapi.cli".parser(words[1]):pparse(words)
      assert.is_true(ok, line .. ": " .. tostring(why))
      n = n + 1
    end
    assert.equal(9, n)
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
