-- SPDX-License-Identifier: MIT
-- Owns the specs of what the command says of losses: logout, close and migrate, through a pipe.

local cjson = require "cjson.safe".new()
local commands = require "support.command"
local json = require "botapi.json"
local process = require "support.process"
local support = require "spec.support.emulator"
local terminal = require "support.terminal"

local quote = process.quote
local SECRET = "CANARY-s3cr3t-0f-n0-b0t-at-all_xyz0A"
local URL = "https://bot.example/h"
local directory = terminal.directory()

describe("botapi", function()
  local pair, id, home

  setup(function() pair = require "botapi.emulator".start { pair = true } end)
  teardown(function() pair:close() end)
  before_each(function()
    id = support.new_id()
    home = directory .. id
    pair:unrule()
  end)

  local function put(change, server)
    change.username, change.state = "shop_bot", "logged_in"
    pair:put(id, change, server or "local")
  end

  local function run(words)
    return commands.run(words:gsub("CLOUD", pair.url):gsub("LOCAL", pair.local_url), { XDG_STATE_HOME = home,
      BOT_TOKEN = ("%d:%s"):format(id, SECRET) })
  end

  it("says XDG_STATE_HOME where the home takes no journal, and sends nothing", function()
    put {}
    for _, words in ipairs { "logout --server LOCAL --yes", "close --server LOCAL --yes",
      "migrate --from CLOUD --from-as cloud --to LOCAL --webhook none --yes" } do
      local code, out, said = commands.run(words:gsub("CLOUD", pair.url):gsub("LOCAL", pair.local_url),
        { XDG_STATE_HOME = "", HOME = "/proc", BOT_TOKEN = ("%d:%s"):format(id, SECRET) })
      assert.is_true(code == 3 or code == 1, said)
      assert.truthy((out .. said):gsub("%s+", " "):find("et XDG_STATE_HOME to a directory that this user can write", 1,
        true), out .. said)
    end
    assert(pair:calls { bot = id, method = "logOut", expect = 0 })
    assert(pair:calls { bot = id, method = "close", expect = 0 })
  end)

  it("logout --confirm says what it is going to erase, and at the end what it has", function()
    put { pending = 3, webhook = { url = URL } }
    local code, out, said = run "logout --server LOCAL --confirm shop_bot"
    assert.equal(0, code)
    assert.truthy(said:find("erases   the webhook " .. URL, 1, true), said)
    assert.truthy(said:find("loses    3 updates that wait here", 1, true), said)
    assert.truthy(out:find("\nErased: the webhook " .. URL .. "; 3 updates that waited there.\n", 1, true), out)
  end)

  it("logout --confirm -q still says at the end what it has erased", function()
    put { pending = 1 }
    local code, out, said = run "logout --server LOCAL --confirm shop_bot -q"
    assert.same({ 0, "" }, { code, said })
    assert.truthy(out:find("\nErased: 1 update that waited there.\n", 1, true), out)
  end)

  it("logout says what 401 means after an attempt of its own that was never answered", function()
    pair:rule { bot = id, method = "logOut", answer = "lost_request" }
    assert.equal(4, (run "logout --server LOCAL --yes"))
    pair:rule { bot = id, method = "logOut", answer = "unauthorized", times = 0 }
    local code, _, said = run "logout --server LOCAL --yes --retries 1"
    assert.equal(4, code)
    assert.truthy(said:find("half an hour, never \"Logged out\"", 1, true), said)
    assert.truthy(said:find("`botapi migrate --settle --to S`", 1, true), said)
    assert.is_nil(said:find("again before", 1, true))
    assert.is_true(#pair:calls { bot = id, method = "logOut" } <= 6)
  end)

  -- What a front says, and where it leads to: with the token, and what a terminal would obey.
  local fronts = {
    { "a redirect", { status = 301, headers = { Location = "https://h.example\194\155/bot%s/x\127" }, body = "" },
      "redirects (HTTP 301) to https://h.example/bot***/x, which isn't followed" },
    { "a page", { status = 404, type = "text/html", body = "<html>%s" }, "no Bot API at this address (HTTP 404)" },
    { "a login page", { status = 200, type = "text/html", body = "<html>%s" }, "it may be a login page" },
  }

  local function with_token(answer)
    local own = ("%d:%s"):format(id, SECRET)
    local made = { status = answer.status, type = answer.type, body = answer.body:gsub("%%s", own) }
    made.headers = answer.headers and { Location = answer.headers.Location:gsub("%%s", own) } or nil
    return made
  end

  for _, command in ipairs { "logout", "close" } do
    for _, front in ipairs(fronts) do
      it(("%s says what %s is, and doesn't advise what would loop"):format(command, front[1]), function()
        pair:rule { bot = id, answer = with_token(front[2]) }
        local code, _, said = run(command .. " --server LOCAL --yes")
        local flat = said:gsub("%s+", " ")
        assert.equal(4, code)
        assert.truthy(flat:find(front[3], 1, true), said)
        assert.truthy(flat:find("Do correct the server's address", 1, true), said)
        assert.is_nil(flat:find("same command", 1, true), said)
        assert.is_nil(flat:find("again before", 1, true), said)
      end)
    end
  end

  for _, front in ipairs(fronts) do
    it("status and call say what " .. front[1] .. " is", function()
      for _, words in ipairs { "status", "call getMe", "call sendMessage" } do
        pair:rule { bot = id, answer = with_token(front[2]) }
        local code, _, said = run(words .. " --server LOCAL")
        assert.equal(4, code)
        assert.truthy(said:gsub("%s+", " "):find(front[3], 1, true), said)
      end
    end)

    it("fleet logout names " .. front[1] .. " once, and doesn't advise what would loop", function()
      local list = home .. ".list"
      local file = assert(io.open(list, "w"))
      for i = 0, 2 do file:write(("%d:%s\n"):format(id + i, SECRET)) end
      file:close()
      for _ = 1, 2 do pair:rule { method = "logOut", answer = with_token(front[2]) } end
      local code, _, said = run("fleet logout " .. quote(list) .. " --server LOCAL --yes --concurrency 1")
      assert.equal(4, code)
      assert.truthy(said:find("2 bots were answered by no Bot API server:\ncorrect its address", 1, true), said)
      assert.is_nil(said:find("same command", 1, true), said)
      if front[2].headers then assert.truthy(said:find("; it leads to https://h.example/bot***/x\n", 1, true), said) end
      os.remove(list .. ".journal")
      pair:rule { method = "logOut", bot = id, answer = with_token(front[2]) }
      pair:rule { method = "logOut", bot = id + 1, answer = "lost_request" }
      said = select(3, run("fleet logout " .. quote(list) .. " --server LOCAL --yes --retries 0"))
      assert.truthy(said:find("1 bot was answered by no Bot API server", 1, true), said)
      assert.truthy(said:find("Run the same command to continue", 1, true), said)
    end)
  end

  for name, body in pairs { ["no result"] = '{"ok":true}', ["null"] = '{"ok":true,"result":null}' } do
    it("logout and close don't take " .. name .. " for done", function()
      for _, command in ipairs { "logout", "close" } do
        pair:rule { bot = id, answer = { status = 200, type = "application/json", body = body } }
        local code, out, said = run(command .. " --server LOCAL --yes")
        assert.same({ 4, "" }, { code, out })
        assert.truthy(said:find("The answer was ok, and had no result.", 1, true), said)
        assert.truthy(said:find("once, before", 1, true), said)
        local journal = process.slurp(("%s/botapi/%d.jsonl"):format(home, id))
        assert.truthy(journal:find('"outcome":"unknown"', 1, true), journal)
        os.remove(("%s/botapi/%d.jsonl"):format(home, id))
      end
    end)
  end

  it("logout, close and call don't take false for done", function()
    for _, words in ipairs { "logout --yes", "close --yes", "call deleteWebhook", "call SETWEBHOOK url=" } do
      pair:rule { bot = id, answer = { status = 200, type = "application/json", body = '{"ok":true,"result":false}' } }
      local code, out, said = run(words .. " --server LOCAL")
      assert.same({ 1, "" }, { code, out })
      assert.truthy(said:find("the server said ok, and not that it was done", 1, true), said)
      assert.truthy(said:find("it wasn't done", 1, true), said)
    end
    pair:rule { bot = id, answer = { status = 200, type = "application/json", body = '{"ok":true,"result":false}' } }
    local code, out = run "call getFutureFlag --server LOCAL"
    assert.same({ 0, "false\n" }, { code, out })
  end)

  for _, words in ipairs { "-n", "--confirm shop_bot" } do
    it("close " .. words .. " says what a webhook that stays does, and how to take it off", function()
      put { pending = 2, webhook = { url = URL } }
      local code, out, said = run("close --server LOCAL " .. words)
      assert.equal(0, code)
      assert.truthy((out .. said):find("leaves   2 updates that wait here: the directory has none", 1, true), said)
      assert.truthy((out .. said):find("at its next start the server opens the bot again;\n"
        .. "            --delete-webhook takes it off)", 1, true), said)
      assert.equal(URL, pair:bot(id, "local").webhook.url)
    end)
  end

  it("close --yes, which doesn't look, says it, too", function()
    put { webhook = { url = URL } }
    local code, out = run "close --server LOCAL --yes"
    assert.equal(0, code)
    assert.truthy(out:find("If a webhook is set, take it off: at its next start the server opens", 1, true), out)
    assert.truthy(out:find(("Move its directory (%d:*) now"):format(id), 1, true), out)
    assert.matches("while mv runs", out)
  end)

  it("close --delete-webhook takes it off first", function()
    put { webhook = { url = URL } }
    local code, out = run "close --server LOCAL --confirm shop_bot --delete-webhook"
    assert.equal(0, code)
    assert.is_nil(out:find("webhook", 1, true), out)
    assert.equal("closed", pair:bot(id, "local").state)
    assert.is_nil(pair:bot(id, "local").webhook)
  end)

  it("close --delete-webhook tells that the webhook is off where the close is refused", function()
    for _, each in ipairs { { "--confirm shop_bot", "Its webhook " .. URL .. " was taken off" },
      { "--yes", "Its webhook, if it had one, was taken off" } } do
      put { webhook = { url = URL } }
      pair:rule { bot = id, method = "close", answer = "rate_limited" }
      local code, _, said = run("close --server LOCAL --retries 0 --delete-webhook " .. each[1])
      assert.equal(5, code)
      assert.truthy(said:find(each[2], 1, true), said)
      assert.is_nil(pair:bot(id, "local").webhook)
    end
    local code, _, said = run "close --server LOCAL --retries 0 --delete-webhook --confirm shop_bot"
    assert.equal(0, code, said)
  end)

  it("close --delete-webhook closes nothing where that fails", function()
    put { webhook = { url = URL } }
    pair:rule { bot = id, method = "deleteWebhook", answer = "restart" }
    local code, _, said = run "close --server LOCAL --confirm shop_bot --delete-webhook"
    assert.equal(1, code)
    assert.truthy(said:find("the webhook was not taken off", 1, true), said)
    assert.equal("logged_in", pair:bot(id, "local").state)
  end)

  it("close at the cloud, which has no directory that could be moved, names none", function()
    local here = require "support.stage".new()
    local emu = here:cloud()
    emu:put(id, { state = "logged_in" })
    local out = process.capture(("env XDG_STATE_HOME=%s BOT_TOKEN=%s %s bin/botapi close --yes --server telegram "
      .. "--ca-file %s 2>&1"):format(quote(home), quote(("%d:%s"):format(id, SECRET)), here.within,
      quote(here.ca_file)))
    here:close()
    assert.truthy(out:find("^Closed: "), out)
    assert.is_nil(out:find("directory", 1, true), out)
    assert.truthy(out:find("\nAny call here opens it again.\n", 1, true), out)
  end)

  it("status of a server that answers nonsense is a failure that names it", function()
    put {}
    pair:rule { bot = id, method = "getWebhookInfo", answer = { result = { url = "", pending_update_count = "3" } } }
    local code, _, said = run "status --server LOCAL"
    assert.equal(4, code)
    assert.truthy(said:find("pending_update_count is not a whole number", 1, true), said)
  end)

  -- migrate ---------------------------------------------------------------------------

  local function lines(path)
    local list = {}
    for line in process.slurp(path):gmatch "[^\n]+" do list[#list + 1] = assert(cjson.decode(line), line) end
    return list
  end

  it("migrate --drain appends the updates that wait to a file, a line of JSON each", function()
    put({ pending = 2 }, "cloud")
    local text = '{"message_reaction":{"old_reaction":[],"new_reaction":[],"message_id":5},'
      .. '"poll_answer":{"option_ids":[],"option_persistent_ids":[]},"message_reaction_count":{"reactions":[]}}'
    pair:put(id, { webhook = { url = URL, allowed_updates = { "message", "message_reaction" } } }, "cloud")
    local update = cjson.decode(text)
    for _, part in pairs(update) do
      for name, value in pairs(part) do part[name] = type(value) == "table" and json.array() or value end
    end
    pair:updates(id, update)
    local path = home .. ".jsonl"
    local file = assert(io.open(path, "w"))
    file:write '{"update_id":1}\n{"upd'     -- cut by a crash
    file:close()
    local code, out = run("migrate --from CLOUD --to LOCAL --yes --webhook none --drain " .. quote(path))
    assert.equal(0, code)
    assert.truthy(out:find("kept       3 updates, taken from the old server", 1, true), out)
    local all = process.slurp(path)
    local cut = all:gsub('{"upd\n', "", 1)
    assert.not_equal(all, cut)
    file = assert(io.open(path, "w"))
    file:write(cut)
    file:close()
    local list = lines(path)
    assert.equal(4, #list)
    assert.equal("/start", list[2].message.text)
    for name in text:gmatch '"([%a_]+)":%[%]' do
      assert.truthy(cut:find(('"%s":[]'):format(name), 1, true), name .. "\n" .. cut)
    end
  end)

  it("migrate --drain leaves the bot where it is when the file is full", function()
    put({ pending = 2, webhook = { url = URL } }, "cloud")
    local code, _, said = run "migrate --from CLOUD --to LOCAL --yes --webhook none --drain /dev/full"
    assert.equal(1, code)
    local _, n = said:gsub("the updates can't be written: /dev/full: No space left on device", "")
    assert.equal(1, n, said)
    assert.is_nil(said:find("table: ", 1, true), said)
    assert.equal(URL, pair:bot(id, "cloud").webhook.url)
    assert.equal(2, pair:bot(id, "cloud").pending)
    assert.equal(2, (run "migrate --from CLOUD --to LOCAL --yes --drain /nonexistent/x"))
  end)

  it("migrate --drain writes each update as the server did, whatever is in it", function()
    put({ pending = 1 }, "cloud")
    local first = [[{"update_id":900000001,"n":9007199254740993,"e":1e400,"a":[],"f":1.0,"z":null,"s":"\u0041\/"}]]
    local second = '{"update_id" : 900000002,\r\n\t"big":[123456789012345678901234567890]}'
    pair:rule { bot = id, method = "getUpdates", answer = { body = '{"ok":true,"result":[]}' } }
    pair:rule { bot = id, method = "getUpdates", answer = { body = '{"result":[1],"ok":true,"resul\\u0074": [' .. first
      .. " ,\n" .. second .. "]\n}" } }
    local code, _, said = run("migrate --from CLOUD --to LOCAL --yes --drain " .. home .. ".drained")
    assert.equal(0, code, said)
    local expected = first .. "\n" .. second:gsub("[\r\n]", " ") .. '\n{"update_id":'
    assert.equal(expected, process.slurp(home .. ".drained"):sub(1, #expected))
  end)

  it("migrate --drain takes no pipe, whoever reads it, and sends nothing", function()
    put({ pending = 2, webhook = { url = URL } }, "cloud")
    local pipe = terminal.directory() .. "drain_pipe"
    process.run(("rm -f %s; mkfifo %s; ln -sf %s %s.link"):format(pipe, pipe, pipe, pipe))
    for _, line in ipairs { "%s", "%s.link" } do
      for _, reader in ipairs { "", "exec 3<>" .. pipe .. "; " } do
        local code, _, said = commands.sh(reader .. "timeout 20 " .. commands.line(("migrate --from %s --to %s --yes "
          .. "--drain %s"):format(pair.url, pair.local_url, line:format(pipe)), { BOT_TOKEN = id .. ":" .. SECRET }))
        assert.equal(2, code, said)
        assert.truthy(said:find("is a pipe", 1, true), said)
      end
    end
    assert.equal(URL, pair:bot(id, "cloud").webhook.url)
    assert.equal(0, #pair:calls { kind = "api", bot = id })
  end)

  it("migrate --drain begins a new line after one that a full disk has cut", function()
    local host = require "botapi.core".host
    local append, written, is_full = host.append, {}, true
    host.append = function()
      return { sync = function() return true end, write = function(_, text)
        written[#written + 1] = is_full and text:sub(1, 5) or text
        return not is_full or nil, "No space left on device"
      end }
    end
    local drain = require "botapi.cli.drain".open "/nonexistent"
    host.append = append
    assert.is_false(pcall(drain, { update_id = 1 }, 0))
    is_full = false
    drain({ update_id = 2 }, 0)
    drain({ update_id = 3 }, 0)
    assert.equal('{"upd\n{"update_id":2}\n{"update_id":3}\n', table.concat(written))
  end)

  it("migrate tells how to go on without a server that is gone", function()
    local code, out, said = run "migrate --from http://127.0.0.1:1 --to LOCAL --yes"
    assert.equal(3, code)
    assert.truthy((out .. said):find("--from-gone goes on without it", 1, true), said)
    code, out = run "migrate --from http://127.0.0.1:1 --to LOCAL --yes --from-gone"
    assert.equal(0, code)
    assert.truthy(out:find("which wasn't asked: it is gone", 1, true), out)
  end)

  it("migrate --webhook keep of a bot that has logged out isn't done without a webhook", function()
    pair:put(id, { state = "logged_out" }, "cloud")
    local code, out, said = run "migrate --from CLOUD --to LOCAL --yes --webhook keep"
    assert.equal(1, code)
    assert.truthy((out .. said):find("--webhook URL or none", 1, true), said)
  end)
end)
