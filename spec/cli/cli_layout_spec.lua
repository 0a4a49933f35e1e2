-- SPDX-License-Identifier: MIT
-- Owns the specs of how the command's texts are laid out: by layout.lua, and in real terminals of six widths.

local command = require "support.command"
local journal = require "botapi.journal"
local layout = require "botapi.cli.layout"
local process = require "support.process"
local start = require "botapi.emulator".start
local terminal = require "support.terminal"

local quote = process.quote
local ID, NAME = 123456789, "shop_bot"
local WIDTHS = { 40, 60, 80, 100, 120, 160 }
local COUNTDOWNS = { 40, 80, 120 }
local LINES = 250

local function longest(text)
  local most, where = 0, ""
  for line in text:gmatch "[^\n]+" do
    if layout.width(line) > most then most, where = layout.width(line), line end
  end
  return most, where
end

describe("a text's layout", function()
  it("breaks lines between words, below where their text begins", function()
    assert.equal("  ok    one two\n        three four\n        five\nnext",
      layout.fit("  ok    one two three four five\nnext", 20))
    assert.equal("  one two\n    three", layout.fit("  one two three", 10))
    assert.equal("\n\nx\n", layout.fit("\n\nx\n", 10))
  end)

  it("breaks no word, so that it can be copied", function()
    local url = "https://shop.example/a/long/path"
    assert.equal("hook\n  " .. url .. "\n  end", layout.fit("hook " .. url .. " end", 20))
    assert.equal("  url   " .. url, layout.fit("  url   " .. url, 20))
    assert.equal("  url\n    " .. url .. "\n        end", layout.fit("  url   " .. url .. " end", 37))
  end)

  it("never joins two lines, and a broken one goes on further in than the next one begins", function()
    for _, indent in ipairs { "", "  ", "   " } do
      local first, second = indent .. ("word "):rep(14) .. "word", indent .. ("next "):rep(5) .. "end"
      for _, columns in ipairs(WIDTHS) do
        local text = layout.fit(first .. "\n" .. second, columns)
        assert.truthy(text:find("word\n" .. indent .. "next", 1, true), text)
        if columns >= #first then assert.equal(first .. "\n" .. second, text) end
        assert.is_true(longest(text) <= columns)
        assert.equal(2, select(2, ("\n" .. text):gsub("\n" .. indent .. "%f[%w]", "")), text)
      end
    end
  end)

  it("counts columns, not bytes, and none for a colour", function()
    assert.equal(6, layout.width "\27[33;1mLOSS\27[0m \195\188")
    local line = "\27[33;1mLOSS\27[0m b\195\188cher b\195\188cher"
    assert.equal(line, layout.fit(line, 18))
    assert.equal((line:gsub(" (%S+)$", "\n  %1")), layout.fit(line, 17))
  end)

  it("knows how many rows there are", function()
    assert.equal(3, layout.rows("12345\n1234567890", 5))
    assert.equal(1, layout.rows("", 5))
  end)
end)

describe("in a terminal", function()
  local emu, token, home

  setup(function()
    emu = start { as = "cloud" }
    token = emu:token(ID)
    home = terminal.directory() .. "layout"
    assert(process.run("mkdir -p " .. quote(home)))
  end)
  teardown(function() emu:close() end)
  before_each(function()
    emu:reset()
    emu:put(ID, { username = NAME, first_name = "Shop", state = "logged_in", age = "2h", pending = 14,
      webhook = { url = "https://shop.example/hook" } })
    process.run(("rm -rf %s/.local"):format(quote(home)))
  end)

  local function run(words, columns, env)
    local all = { HOME = home, XDG_STATE_HOME = false, BOT_TOKEN = token, TERM = "screen" }
    for name, value in pairs(env or {}) do all[name] = value end
    return terminal.start(quote(process.root .. "bin/botapi") .. " " .. words, all, { columns, LINES })
  end

  -- The journal of a bot that has taken its webhook off, and whose logOut was never answered.
  local RECORDS = 4
  local function write_journal()
    local log = assert(journal.open(home .. "/.local/state/botapi/" .. ID .. ".jsonl"))
    log:note { bot = ID, what = "plan", from = emu.url, to = "http://127.0.0.1:8081", how = "logout" }
    local id = log:intent { bot = ID, server = emu.url, method = "deleteWebhook" }
    log:result(id, { outcome = "done", sent = "yes" })
    log:intent { bot = ID, server = emu.url, method = "logOut" }
    log:close()
  end

  -- What is printed, with the exit code.
  local function words_of(columns)
    local url = emu.url
    return { ["--help"] = 0, ["help migrate"] = 0, ["help environment"] = 0, ["help exit-codes"] = 0, ["help json"] = 0,
      ["fleet --help"] = 0, ["status --server " .. url] = 0, ["logout -n --as cloud --server " .. url] = 0,
      ["migrate -n --from-as cloud --from " .. url .. " --to http://127.0.0.1:1"] = 3, ["status"] = 2,
      ["status 123456:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] = 2, ["logout --yes"] = 2,
      ["status --server " .. ("h"):rep(columns < 60 and 8 or 30)] = 2 }
  end

  for _, columns in ipairs(WIDTHS) do
    it(("no line is broken by the terminal: %d columns"):format(columns), function()
      for words, exit in pairs(words_of(columns)) do
        local code, text = run(words, columns):finish()
        assert.equal(exit, code, text)
        local most, where = longest(text)
        local is_word = where:find "^ *%S+$" or where:find "^ +%S+ +%S+$"
        assert.is_true(most <= columns or is_word ~= nil, words .. ": " .. where)
      end
    end)

    it(("records and code keep their lines: %d columns"):format(columns), function()
      local function rows_of(words)
        local code, text = run(words, columns):finish()
        assert.equal(0, code, text)
        local most, where = longest(text)
        assert.is_true(most <= columns or where:find "^Journal  %S+$" ~= nil, text)
        return "\n" .. text
      end
      write_journal()
      local text = rows_of "migrate --show"
      assert.equal(RECORDS, select(2, text:gsub("\n%d%d%d%d%-%d%d%-%d%d %d%d:%d%d:%d%d  %l", "")), text)
      assert.equal(1, select(2, text:gsub("\nNever answered: ", "")), text)
      assert.equal(RECORDS + 2, select(2, text:gsub("\n%S", "")), text)
      text = rows_of "help json"
      for _, line in ipairs { '  {"v":1,', '   "bot":{', '   "server":"', '   "attempts":1,' } do
        assert.truthy(text:find("\n" .. line, 1, true), text)
      end
      for _, name in ipairs { "v ", "outcome", "bot", "sent", "reason", "attempts", "response", "retry_after" } do
        assert.truthy(text:find("\n  " .. name, 1, true), text)
      end
    end)
  end

  for _, columns in ipairs(COUNTDOWNS) do
    it(("a countdown shows its whole reason, in one place: %d columns"):format(columns), function()
      emu:rule { method = "getMe", answer = { error_code = 429, retry_after = 3 } }
      local t = run("logout -n --as cloud --retries 1 --server " .. emu.url, columns)
      local screen = t:await "%(429%)$"
      assert.truthy(screen:gsub("%s+", " "):find("^waiting %d s of %d: the server asked for it %(429%)$"), screen)
      screen = t:await "waiting 2 s of %d[^)]*%)$"
      assert.truthy(screen:gsub("%s+", " "):find("^waiting 2 s of %d: the server asked for it %(429%)$"), screen)
      local code, text = t:finish()
      assert.equal(0, code)
      assert.is_nil(text:find("waiting", 1, true), text)
      assert.equal("Bot ", text:sub(1, 4))
    end)
  end

  it("a step of a move that waits says why, at 40 columns too, and leaves nothing behind", function()
    local pair = start { pair = true }
    finally(function() pair:close() end)
    pair:put(ID, { username = NAME, state = "logged_in", age = "2h" }, "cloud")
    pair:rule { method = "getMe", skip = 1, answer = { error_code = 429, retry_after = 2 } }
    local t = run(("migrate --from-as cloud --from %s --to %s --webhook none --confirm %s"):format(pair.url,
      pair.local_url, NAME), 40, { BOT_TOKEN = pair:token(ID) })
    local screen = t:await "again in%s+%d s%)"
    assert.truthy(screen:gsub("%s+", " "):find "waiting %d s of 60 %(429, again in %d s%)$", screen)
    local code, text = t:finish()
    assert.equal(0, code)
    assert.is_nil(text:find("waiting", 1, true), text)
    assert.truthy(text:find("\n  2  log in on [^\n]* done"), text)
  end)

  it("a countdown stays in one place when the terminal becomes narrower", function()
    emu:rule { method = "getMe", answer = { error_code = 429, retry_after = 4 } }
    local t = run("logout -n --as cloud --retries 1 --server " .. emu.url, 80)
    t:await "%(429%)$"
    t:resize(30, LINES)
    local screen = t:await "waiting 3 s of %d[^)]*%)$"
    assert.equal(1, select(2, screen:gsub("waiting", "")), screen)
    assert.equal(0, (t:finish()))
  end)
end)

describe("colours", function()
  local emu, token
  setup(function()
    emu = start { as = "cloud" }
    token = emu:token(ID)
  end)
  teardown(function() emu:close() end)
  before_each(function()
    emu:reset()
    emu:put(ID, { username = NAME, state = "logged_in", age = "2h", pending = 14,
      webhook = { url = "https://shop.example/hook" } })
  end)

  local LOSS, FAIL = "\27%[33;1m", "\27%[31;1m"

  local function run(words) return command.run(words, { BOT_TOKEN = token }) end

  it("are in a plan wherever it is shown: on standard output and on standard error", function()
    local other = start {}
    finally(function() other:close() end)
    local move = ("migrate --color always --from-as cloud --from %s --to %s --webhook keep"):format(emu.url, other.url)
    local code, out = run(move .. " -n")
    assert.equal(1, code)
    assert.truthy(out:find(LOSS .. "LOSS", 1) and out:find("\27%[32mok", 1), out)
    local _, nothing, said = run(move .. " --confirm " .. NAME)
    assert.truthy((nothing .. said):find(LOSS .. "LOSS"), nothing .. said)
    code, out = run("logout -n --as cloud --color always --server " .. emu.url)
    assert.equal(0, code)
    assert.truthy(out:find("  " .. LOSS .. "loses\27%[0m    14 updates") and out:find(LOSS .. "erases"), out)
    code, out, said = run("migrate --color always -n --from http://127.0.0.1:1 --to " .. other.url)
    assert.equal(3, code)
    assert.truthy((out .. said):find(FAIL), out .. said)
  end)

  it("are for each stream's own terminal: a file has none though standard error is one", function()
    local file = terminal.directory() .. "plan"
    local t = terminal.start(("%s logout -n --as cloud --server %s >%s"):format(quote(process.root .. "bin/botapi"),
      emu.url, quote(file)), { BOT_TOKEN = token, TERM = "screen" })
    assert.equal(0, (t:finish()))
    local text = process.slurp(file)
    assert.truthy(text:find("loses    14 updates", 1, true), text)
    assert.is_nil(text:find "\27")
  end)
end)
