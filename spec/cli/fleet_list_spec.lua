-- SPDX-License-Identifier: MIT
-- The list of `botapi fleet`: tokens and JSON objects, what is wrong with a line, shards, and moves by close.

local certs = require "support.certs"
local command = require "support.command"
local json = require "cjson.safe"
local process = require "support.process"
local start = require "botapi.emulator".start

local unpack = table.unpack or unpack
local HOOK = "https://hook.example/h"

local function token(id) return ("%d:CANARY-secret-of-bot-%07d"):format(id, id) end

describe("the list of botapi fleet", function()
  local emu, other, pair, path, count

  lazy_setup(function()
    emu, other, pair = start { as = "local" }, start { as = "local" }, start { pair = true }
    count = 0
  end)
  lazy_teardown(function()
    for _, each in ipairs { emu, other, pair } do each:close() end
  end)
  before_each(function()
    for _, each in ipairs { emu, other, pair } do each:reset() end
    count = count + 1
    path = process.directory() .. "list" .. count
  end)

  local function write(...)
    local file = assert(io.open(path, "w"))
    file:write(table.concat({ ... }, "\n"), "\n")
    file:close()
    process.run("chmod 600 " .. path)
  end

  local function typed(arguments) return command.line(arguments, { XDG_STATE_HOME = path .. ".state" }) end

  local function botapi(arguments) return command.sh(typed(arguments)) end

  local function asked(emulator, method)
    local ids = {}
    for _, call in ipairs(emulator:calls { method = method }) do ids[#ids + 1] = call.bot end
    table.sort(ids)
    return ids
  end

  local TOKENS = {
    { "a name behind it", token(2) .. ",shop", "separates columns" },
    { "a name behind a semicolon", token(2) .. ";shop", "separates columns" },
    { "a byte order mark", "\239\187\191" .. token(2), "a byte order mark" },
    { "a no-break space", token(2) .. "\194\160", "isn't ASCII" },
    { "a zero-width space", token(2) .. "\226\128\139", "isn't ASCII" },
    { "full-width digits", "\239\188\145\239\188\146:CANARY-secret", "isn't ASCII" },
    { "quotes", '"' .. token(2) .. '"', "a quote" },
    { "two tokens", token(2) .. " " .. token(3), "a space" },
    { "a comment behind it", token(2) .. " # mine", "a space" },
    { "a leading zero", "0" .. token(2), "a bot's number" },
    { "no secret", "2:", "no secret" },
    { "no number", ":CANARY-secret", "a bot's number" },
    { "the test environment", token(2) .. "/test", "that no token has" },
  }

  for _, case in ipairs(TOKENS) do
    it("names the line with " .. case[1] .. " and what is wrong, and sends nothing", function()
      write(token(1), "# mine", case[2], token(4))
      local code, _, errors = botapi(("fleet logout %s --server %s --yes"):format(path, emu.url))
      assert.equal(2, code, errors)
      assert.is_truthy(errors:find("1 line can't be used", 1, true), errors)
      assert.is_truthy(errors:find("line 3: the token", 1, true), errors)
      assert.is_truthy(errors:find(case[3], 1, true), errors)
      code = botapi(("fleet logout %s --server %s -n"):format(path, emu.url))
      assert.equal(2, code)
      assert.equal(0, #emu:calls {})
      assert.is_nil(process.slurp(path .. ".journal"))
    end)
  end

  for _, case in ipairs {
    { "that isn't JSON", "{" .. token(2) .. "}", "isn't a JSON object" },
    { "with two tokens", '{"token":"2:CANARY2","token" :"3:CANARY3"}', "'token' stands there twice" },
    { "with a server in two spellings of its name", '{"token":"2:CANARY2","server":"local","ser\\u0076er":"bale"}',
      "'server' stands there twice" },
    { "with two tokens, both spelled", [[{"\u0074oken":"2:CANARY2","a":"\\\"","toke\u006E" :"3:CANARY3"}]],
      "'token' stands there twice" },
    { "with the webhook's URL twice", '{"token":"2:CANARY2","webhook":"none","\\u0077ebhook":"keep"}',
      "'webhook' stands there twice" },
    { "without a token", '{"server":"local"}', "'token' is missing" },
    { "with a member that isn't known", '{"token":"2:CANARY2","tokne":1}', "unknown member 'tokne'" },
    { "with a number as its token", '{"token":2}', "'token': string expected, got number" },
    { "with null", '{"token":"2:CANARY2","secret_token":null}', "'secret_token': string or boolean expected" },
    { "with a list", '{"token":"2:CANARY2","server":["local"]}', "'server': string expected, got table" },
    { "with a malformed token", '{"token":"2:CANARY2,x"}', "separates columns" },
    { "with a server that is none", '{"token":"2:CANARY2","server":"ftp://h"}', "server" },
    { "with a certificate that isn't there", '{"token":"2:CANARY2","certificate":"/nonexistent"}',
      "'certificate' can't be read" },
    { "with a certificate that is none", '{"token":"2:CANARY2","certificate":"README.md"}', "'certificate'" },
    { "with a secret that no server takes", '{"token":"2:CANARY2","secret_token":"a b"}', "'secret_token'" },
    { "with another word for the webhook", '{"token":"2:CANARY2","webhook":"same"}', "keep, none or a URL" },
    { "with an object for the webhook", '{"token":"2:CANARY2","webhook":{}}', "keep, none or a URL" },
  } do
    it("names the line " .. case[1] .. ", and sends nothing", function()
      write(token(1), case[2], token(4))
      local code, _, errors = botapi(("fleet migrate %s --from %s --to %s --close --yes"):format(path, emu.url,
        other.url))
      assert.equal(2, code, errors)
      assert.is_truthy(errors:find("line 2: ", 1, true), errors)
      assert.is_truthy(errors:find(case[3], 1, true), errors)
      assert.equal(0, #emu:calls {})
    end)
  end

  it("names each line that is wrong, but not a thousand", function()
    local lines = {}
    for i = 1, 1000 do lines[i] = "CANARY,x" end
    write(unpack(lines))
    local code, _, errors = botapi(("fleet logout %s --server %s --yes"):format(path, emu.url))
    assert.equal(2, code)
    assert.is_truthy(errors:find("1000 lines can't be used", 1, true), errors)
    assert.is_truthy(errors:find("and 980 more", 1, true), errors)
    assert.equal(20, select(2, errors:gsub("\n  line ", "")))
  end)

  it("is looked at before anything is sent, from a pipe too", function()
    write(token(1), token(2) .. ",shop")
    local code, _, errors = command.sh(("cat %s | %s"):format(path,
      typed(("fleet logout - --server %s --yes"):format(emu.url))))
    assert.equal(2, code)
    assert.is_truthy(errors:find("line 2: ", 1, true), errors)
    assert.equal(0, #emu:calls {})
  end)

  it("may say on each line what the bot needs", function()
    for id = 1, 4 do pair:put(id, { state = "logged_in", webhook = { url = HOOK } }, "cloud") end
    write(('{"token":"%s","secret_token":"hook1"}'):format(token(1)), token(2),
      ('  {"token":"%s","secret_token":""}'):format(token(3)),
      ('{"token":"%s","webhook":"%s2","secret_token":"hook4"}'):format(token(4), HOOK), token(5))
    local line = ("fleet migrate %s --from %s --to %s --webhook keep --yes"):format(path, pair.urls[1], pair.urls[2])
    local code, out, errors = botapi(line)
    assert.equal(6, code, errors)
    assert.is_truthy(errors:find("bot 2: not_sent (loss): the webhook's secret_token can't be read back; give", 1,
      true), errors)
    assert.is_truthy(out:find "4  done", out)
    assert.same({ 1, 3, 4, 5 }, asked(pair, "logOut"))
    local secrets = {}
    for _, call in ipairs(pair:calls { method = "setWebhook" }) do
      secrets[call.bot] = (call.params.secret_token or "none") .. " " .. call.params.url
    end
    assert.same({ [1] = "hook1 " .. HOOK, [3] = "none " .. HOOK, [4] = "hook4 " .. HOOK .. "2" }, secrets)
  end)

  it("may have the text of a member in another one's value, which is no second member", function()
    write([[{"token":"2:CANARY2","webhook":"https://i/\"server\":x","server":"]] .. emu.url .. '"}',
      '{"token":"3:CANARY3","webhook":"https://h/?server:[{\\\\"}')
    local code, _, errors = botapi(("fleet migrate %s --from %s --to %s --close -n"):format(path, emu.url, other.url))
    assert.equal(0, code, errors)
  end)

  it("may name a certificate, which is sent as it is in its file", function()
    pair:put(6, { state = "logged_in", webhook = { url = HOOK, has_custom_certificate = true } }, "cloud")
    pair:put(7, { state = "logged_in", webhook = { url = HOOK, has_custom_certificate = true } }, "cloud")
    write(('{"token":"%s","secret_token":false,"certificate":"%s"}'):format(token(6), certs.ca()),
      ('{"token":"%s","secret_token":false}'):format(token(7)))
    local code, _, errors = botapi(("fleet migrate %s --from %s --to %s --webhook keep --yes"):format(path,
      pair.urls[1], pair.urls[2]))
    assert.equal(6, code, errors)
    assert.is_truthy(errors:find("bot 7: not_sent (loss): the webhook's certificate can't be read back; give", 1, true),
      errors)
    local set = pair:calls { method = "setWebhook" }
    assert.equal("1 6", #set .. " " .. set[1].bot)
    assert.equal(#process.slurp(certs.ca()), set[1].params.certificate.file_size)
  end)

  it("is moved with the updates that wait, which are written with their bots", function()
    pair:put(8, { state = "logged_in", pending = 3 }, "cloud")
    pair:put(9, { state = "logged_in", pending = 2 }, "cloud")
    write(token(8), token(9), token(10))
    local line = ("fleet migrate %s --from %s --to %s --yes"):format(path, pair.urls[1], pair.urls[2])
    local code, _, errors = botapi(line)
    assert.equal(6, code, errors)
    assert.is_truthy(errors:find("bot 8: not_sent (loss): 3 updates wait", 1, true), errors)
    assert.is_truthy(errors:find("--drain FILE", 1, true), errors)
    code, _, errors = botapi(("%s --drain %s.updates"):format(line, path))
    assert.equal(0, code, errors)
    local taken = {}
    for text in io.lines(path .. ".updates") do
      local record = assert(json.decode(text))
      assert.is_number(record.update.update_id)
      taken[record.bot] = (taken[record.bot] or 0) + 1
    end
    assert.same({ [8] = 3, [9] = 2 }, taken)
    assert.same({ 8, 9, 10 }, asked(pair, "logOut"))
  end)

  it("is only counted with -n: no file for the updates is made", function()
    write(token(8))
    local code, _, errors = botapi(("fleet migrate %s --from %s --to %s -n --drain %s.updates"):format(path,
      pair.urls[1], pair.urls[2], path))
    assert.equal(0, code, errors)
    assert.is_nil(io.open(path .. ".updates"))
  end)

  it("isn't moved where the updates can't be written", function()
    pair:put(8, { state = "logged_in", pending = 3, webhook = { url = HOOK } }, "cloud")
    write(token(8))
    local line = ("fleet migrate %s --from %s --to %s --webhook none --yes --drain "):format(path, pair.urls[1],
      pair.urls[2])
    assert.equal(2, (botapi(line .. "/nonexistent/x")))
    assert.equal(0, #pair:calls { kind = "api", bot = 8 })
    local code, _, errors = botapi(line .. "/dev/full")
    assert.equal(3, code, errors)
    assert.is_truthy(errors:find("the updates can't be written", 1, true), errors)
    assert.same({}, asked(pair, "logOut"))
    assert.equal(HOOK, pair:bot(8, "cloud").webhook.url)
  end)

  it("shows what is wrong with a line in one line, whatever a name in it holds", function()
    write('{"token":"2:CANARY2","certificate":"/nonexistent\\n  line 9: forged"}')
    local code, _, errors = botapi(("fleet migrate %s --from %s --to %s --yes"):format(path, emu.url, other.url))
    assert.equal(2, code, errors)
    assert.is_truthy(errors:find("line 1: ", 1, true), errors)
    assert.is_nil(errors:find "\n *line 9", errors)
  end)

  it("has a bot twice where its server is written in two ways", function()
    emu:rule { bot = 1, method = "logOut", times = 0, answer = { delay = 0.3 } }
    write(token(1), ('{"token":"%s","server":"%s"}'):format(token(1), emu.url),
      ('{"token":"%s","server":"%s/"}'):format(token(1), emu.url:gsub("http", "HTTP")))
    local code, _, errors = botapi(("fleet logout %s --server %s --yes"):format(path, emu.url))
    assert.equal(6, code, errors)
    assert.equal(2, select(2, errors:gsub("bot 1: not_sent %(twice%)", "")), errors)
    assert.same({ 1 }, asked(emu, "logOut"))
  end)

  it("counts with -n what --again would ask", function()
    emu:rule { bot = 2, method = "logOut", answer = { error_code = 403, description = "Forbidden: whatever" } }
    write(token(1), token(2))
    local line = ("fleet logout %s --server %s "):format(path, emu.url)
    assert.equal(6, (botapi(line .. "--yes")))
    local _, out = botapi(line .. "-n")
    assert.is_truthy(out:find(".journal: 2 settled by an earlier run, 0 left\n", 1, true), out)
    _, out = botapi(line .. "-n --again")
    assert.is_truthy(out:find(".journal: 1 settled by an earlier run, 1 left\n", 1, true), out)
  end)

  it("says which server to ask", function()
    write(token(1), ('{"token":"%s","server":"%s"}'):format(token(2), other.url))
    local code, _, errors = botapi(("fleet logout %s --server %s --yes"):format(path, emu.url))
    assert.equal(0, code, errors)
    assert.same({ 1 }, asked(emu, "logOut"))
    assert.same({ 2 }, asked(other, "logOut"))
  end)

  it("is shared by machines that know only their number", function()
    local lines, total, seen = {}, 0, {}
    for i = 1, 40 do lines[i] = token(100 + i) end
    for i = 1, 3 do
      write(unpack(lines))
      local code, out, errors = botapi(("fleet logout %s --server %s --yes --json --shard %d/3"):format(path, emu.url,
        i))
      assert.equal(0, code, errors)
      for line in out:gmatch "[^\n]+" do
        local document = assert(json.decode(line))
        if document.event == "report" then total = total + document.bots end
      end
      table.insert(lines, 1, table.remove(lines))
      local journal = process.slurp(("%s.%d-of-3.journal"):format(path, i))
      assert.is_truthy(journal:find(('"shard":"%d/3"'):format(i), 1, true), journal)
    end
    for _, id in ipairs(asked(emu, "logOut")) do
      assert.is_nil(seen[id])
      seen[id] = true
    end
    assert.equal(40, total)
    assert.equal(40, #emu:calls { method = "logOut" })
  end)

  it("has a plan that says the shard", function()
    write(token(1), token(2), token(3))
    local _, out = botapi(("fleet logout %s --server %s -n --shard 1/2"):format(path, emu.url))
    assert.is_truthy(out:find("shard    1/2 of a list of 3 bots", 1, true), out)
    local _, document = botapi(("fleet logout %s --server %s -n --shard 1/2 --json"):format(path, emu.url))
    assert.equal("1/2", json.decode(document).shard)
    local code, _, errors = botapi(("fleet logout %s --server %s --yes --shard 3/2"):format(path, emu.url))
    assert.equal(2, code)
    assert.is_truthy(errors:find("shard", 1, true), errors)
  end)

  it("says of one bot that was closed what to do with its directory", function()
    emu:put(1, { state = "logged_in", age = "2h" })
    write(token(1))
    local _, _, errors = botapi(("fleet migrate %s --from %s --to %s --close --yes"):format(path, emu.url, other.url))
    assert.is_truthy(errors:find("1 bot was closed: move its directory (ID:*)", 1, true), errors)
  end)

  it("is moved by close in two runs, with the directories moved between them", function()
    for id = 1, 3 do emu:put(id, { state = "logged_in", age = "2h" }) end
    write(token(1), token(2), token(3))
    local line = ("fleet migrate %s --from %s --to %s --close --yes"):format(path, emu.url, other.url)
    local code, out, errors = botapi(line)
    assert.equal(6, code, errors)
    assert.is_truthy(out:find "3  move_directory", out)
    assert.is_truthy(errors:find("bot 2: partly (move_directory): closed; its directory is 2:*", 1, true), errors)
    assert.is_truthy(errors:find("3 bots were closed: move their directories (ID:*)", 1, true), errors)
    assert.is_truthy(errors:find("--continue", 1, true), errors)
    assert.equal(3, #emu:calls { method = "close" })
    assert.equal(0, #other:calls { method = "getMe" })
    code, out, errors = botapi(line .. " --continue")
    assert.equal(0, code, errors)
    assert.is_truthy(out:find "3  done", out)
    assert.equal(3, #emu:calls { method = "close" })
    assert.same({ 1, 2, 3 }, asked(other, "getMe"))
  end)

  it("is moved on with --continue only by close", function()
    write(token(1))
    assert.equal(2, (botapi(("fleet migrate %s --from %s --to %s --continue --yes"):format(path, emu.url, other.url))))
    assert.equal(2, (botapi(("fleet logout %s --server %s --continue --yes"):format(path, emu.url))))
    assert.equal(0, #emu:calls {})
  end)
end)
