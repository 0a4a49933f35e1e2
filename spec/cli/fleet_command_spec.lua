-- SPDX-License-Identifier: MIT
-- `botapi fleet`: what it takes, shows and returns, through a pipe and on a terminal.

local certs = require "support.certs"
local command = require "support.command"
local faults = require "support.faults"
local json = require "cjson.safe"
local process = require "support.process"
local start = require "botapi.emulator".start
local terminal = require "support.terminal"

local botapi = command.run

describe("the command botapi fleet", function()
  local emu, path, count

  lazy_setup(function()
    emu = start {}
    count = 0
  end)
  lazy_teardown(function() emu:close() end)

  before_each(function()
    emu:reset()
    count = count + 1
    path = process.directory() .. "tokens" .. count
    local file = assert(io.open(path, "w"))
    file:write "# my bots\n\n"
    for i = 1, 30 do file:write(("%d:CANARY-secret-of-bot-%07d\n"):format(3000 + i, i)) end
    file:close()
  end)

  it("asks before it acts, and without a terminal says how not to", function()
    local code, _, errors = botapi(("fleet logout %s --server %s"):format(path, emu.url))
    assert.equal(2, code)
    assert.is_truthy(errors:find("--yes", 1, true))
    assert.equal(0, #emu:calls {})
  end)

  it("says how many lines of the list are bots", function()
    local code, out = botapi(("fleet logout %s --server %s -n"):format(path, emu.url))
    assert.equal(0, code)
    assert.is_truthy(out:find("list     " .. path .. ": 30 of 32 lines are bots", 1, true), out)
    code, out = botapi(("fleet logout %s --server %s -n --json"):format(path, emu.url))
    assert.equal(0, code)
    assert.equal(32, json.decode(out).lines)
    process.run(("echo 'no token' >>%s"):format(path))
    local _, _, said = botapi(("fleet logout %s --server %s --yes"):format(path, emu.url))
    assert.is_truthy(said:find("1 line can't be used, so nothing was sent (" .. path .. ": 30 of 33 lines are bots):",
      1, true), said)
    assert.equal(0, #emu:calls { method = "logOut" })
  end)

  it("says that others can read the list, where they can", function()
    local copy = os.tmpname()             -- every user enters /tmp, and maybe nobody the directory of this tree
    process.run(("cat %s >%s; chmod 600 %s"):format(path, copy, copy))
    local line = ("fleet logout %s --server %s -n"):format(copy, emu.url)
    assert.equal("", (select(3, botapi(line))))
    process.run("chmod 604 " .. copy)
    assert.is_truthy(select(3, botapi(line)):find("can read .*, which has tokens: chmod 600 "))
    os.remove(copy)
  end)

  it("redraws one line in a terminal, with the rate and the time left; a log has none that is redrawn", function()
    local line = ("fleet logout %s --server %s --concurrency 1 --rate 10 "):format(path, emu.url)
    for _, columns in ipairs { 40, 80 } do
      local t = terminal.start(command.line(line .. "--journal " .. path .. columns, {}), { TERM = "screen" },
        { columns, 60 })
      t:await "To log out 30 bots, type 30:$"
      local screen = t:type("30", "Enter"):await "%d+ of 30 .*%sabout.*%sleft"
      local _, n = screen:gsub("%d+ of 30 ", "")
      assert.equal(1, n, screen)
      assert.truthy(screen:gsub("%s+", " "):find "%d+ of 30 done %d+ [%d.]+/s about [%d.]+ %l+ left", screen)
      local code, text = t:finish()
      assert.equal(0, code)
      assert.is_nil(text:find(" left", 1, true), text)
      emu:reset()
    end
    local code, out, said = botapi(line .. "--yes")
    assert.equal(0, code)
    assert.is_nil((out .. said):find "[\r\27]")
  end)

  it("says what to type where y is typed for the number", function()
    local line = ("fleet logout %s --server %s"):format(path, emu.url)
    local t = terminal.start(command.line(line, {}), { TERM = "screen" })
    t:await "To log out 30 bots, type 30:$"
    local code, text = t:type("y", "Enter"):finish()
    assert.equal(130, code)
    assert.is_truthy(text:find('You typed "y". Nothing was sent.\nTo log out 30 bots, run the command again and type '
      .. "the number of bots: 30", 1, true), text)
    assert.equal(0, #emu:calls {})
  end)

  it("logs all out, and a second run has nothing left to do", function()
    local line = ("fleet logout %s --server %s --yes --concurrency 7"):format(path, emu.url)
    local code, out = botapi(line)
    assert.equal(0, code)
    assert.is_truthy(out:find "30  done")
    code, out = botapi(line)
    assert.equal(0, code)
    assert.is_truthy(out:find "30  settled by an earlier run")
    assert.equal(30, #emu:calls { method = "logOut" })
  end)

  it("has a line for each bot that isn't done, and the exit code of the worst", function()
    emu:revoke(3003)
    local code, _, errors = botapi(("fleet logout %s --server %s --yes"):format(path, emu.url))
    assert.equal(6, code)
    assert.is_truthy(errors:find("bot 3003: refused (unauthorized): 401 Unauthorized", 1, true), errors)
    emu:rule { method = "logOut", times = 0, answer = "lost_request" }
    code = botapi(("fleet logout %s --server %s --yes --retries 0 --journal %s.other"):format(path, emu.url, path))
    assert.equal(4, code)
  end)

  it("writes JSON, a line for each bot and a report", function()
    local code, out = botapi(("fleet logout %s --server %s --yes --json"):format(path, emu.url))
    assert.equal(0, code)
    local bots, last = 0, nil
    for line in out:gmatch "[^\n]+" do
      last = assert(json.decode(line))
      if last.event == "bot" then bots = bots + 1 end
    end
    assert.equal(30, bots)
    assert.equal("report fleet done 30 0", ("%s %s %s %d %d"):format(last.event, last.command, last.outcome, last.bots,
      last.exit))
  end)

  it("looks only, with -n", function()
    local code, out = botapi(("fleet logout %s --server %s -n"):format(path, emu.url))
    assert.equal(0, code)
    assert.is_truthy(out:find("Log out 30 bots", 1, true))
    assert.is_truthy(out:find "\n\nNothing was changed%.\n$", out)
    assert.equal(0, #emu:calls { method = "logOut" })
  end)

  it("looks only, as JSON, with -n --json", function()
    local code, out = botapi(("fleet logout %s --server %s -n --json"):format(path, emu.url))
    local plan = json.decode(out)
    assert.same({ 0, "plan", "logout", 30 }, { code, plan.event, plan.action, plan.bots })
    code, out = botapi(("fleet logout %s --server http://127.0.0.1:1 -n --json"):format(path))
    assert.same({ 3, "not_sent" }, { code, json.decode(out).outcome })
    assert.equal(0, #emu:calls { method = "logOut" })
  end)

  -- An earlier run had the first 12 bots of the list.
  local function begin()
    local journal = path .. ".journal"
    process.run(("head -14 %s >%s.first; chmod 600 %s*"):format(path, path, path))
    assert.equal(0, (botapi(("fleet logout %s.first --server %s --yes --journal %s"):format(path, emu.url, journal))))
    assert.equal(12, #emu:calls { method = "logOut" })
    return journal
  end

  it("continues: plan, time and question are of the bots that are left", function()
    local line = ("fleet logout %s --server %s --concurrency 1"):format(path, emu.url)
    local said = begin() .. ": 12 settled by an earlier run, 18 left"
    local code, out = botapi(line .. " -n")
    assert.equal(0, code)
    assert.is_truthy(out:find("^Log out 18 bots\n"), out)
    assert.is_truthy(out:find(said .. "\n  time     about 9 s\n", 1, true), out)
    local plan = json.decode((select(2, botapi(line .. " -n --json"))))
    assert.same({ 30, 12, 18, 9 }, { plan.bots, plan.settled, plan.left, plan.seconds })
    local t = terminal.start(command.line(line, {}), { TERM = "screen" }, { 200, 60 })
    t:await "To log out 18 bots, type 18:$"
    local text
    code, text = t:type("18", "Enter"):finish()
    assert.equal(0, code, text)
    assert.is_truthy(text:find(said, 1, true) and text:find("\n18 bots: about 9 s", 1, true), text)
    assert.is_truthy(text:find "18  done" and text:find "12  settled by an earlier run", text)
    assert.equal(30, #emu:calls { method = "logOut" })
    code, text = terminal.start(command.line(line, {}), { TERM = "screen" }, { 200, 60 }):finish()
    assert.equal(0, code, text)               -- nothing is left, and nothing is asked
    assert.is_truthy(text:find "30  settled by an earlier run", text)
    assert.equal(30, #emu:calls { method = "logOut" })
  end)

  it("counts only those bots of the journal that are in the list", function()
    begin()
    process.run(("tail -19 %s >%s.last; chmod 600 %s.last"):format(path, path, path))
    local code, out = botapi(("fleet logout %s.last --server %s -n --journal %s.journal"):format(path, emu.url, path))
    assert.equal(0, code)
    assert.is_truthy(out:find(": 1 settled by an earlier run, 18 left\n", 1, true), out)
  end)

  it("takes tokens from standard input", function()
    local code, out = command.sh(("cat %s | "):format(path)
      .. command.line(("fleet logout - --server %s --yes"):format(emu.url)))
    assert.equal(0, code)
    assert.is_truthy(out:find "30  done")
  end)

  for _, case in ipairs {
    { "no server", "fleet logout %s --yes" }, { "no file", "fleet logout %s.none --server local --yes" },
    { "no such action", "fleet erase %s --server local --yes" }, { "no new server",
      "fleet migrate %s --from local --yes" },
  } do
    it("refuses " .. case[1], function() assert.equal(2, (botapi(case[2]:format(path)))) end)
  end

  it("takes tokens from a pipe, and makes no journal beside it", function()
    local code, out, errors = command.sh(("mkfifo %s.pipe; cat %s >%s.pipe & "):format(path, path, path)
      .. command.line(("fleet logout %s.pipe --server %s --yes"):format(path, emu.url)))
    assert.equal(0, code, errors)
    assert.is_truthy(out:find("30 bots", 1, true), out)
    assert.is_nil(process.slurp(path .. ".pipe.journal"))
  end)

  it("says what is wrong with a directory, and with options of another action", function()
    local code, _, errors = botapi(("fleet logout %s --server %s --yes"):format(process.directory(), emu.url))
    assert.equal(2, code)
    assert.is_truthy(errors:find("Is a directory", 1, true), errors)
    assert.equal(2, (botapi(("fleet logout %s --server %s --to local --yes"):format(path, emu.url))))
    assert.equal(0, #emu:calls { method = "logOut" })
  end)

  it("asks for the number of bots on a terminal, and draws one line", function()
    local typed = command.line(("fleet logout %s --server %s"):format(path, emu.url))
    local out = process.capture(("{ sleep 1; echo %s; } | TERM=xterm script -qec %s /dev/null"):format("30",
      process.quote(typed)))
    assert.is_truthy(out:find("To log out 30 bots, type 30: ", 1, true), out)
    assert.is_truthy(out:find "30  done")
    assert.is_nil(out:find("CANARY", 1, true))
    assert.equal(30, #emu:calls { method = "logOut" })
  end)

  describe("stopped by Ctrl-C", function()
    local server
    lazy_setup(function() server = faults.start() end)
    lazy_teardown(function() server:stop() end)

    -- Stops it when `ready` is true: the exit code, the JSON report, what stands on standard error.
    local function stopped(url, more, ready)
      local child = process.start { process.lua, process.root .. "bin/botapi", "fleet", "logout", path, "--server", url,
        "--yes", "--json", more and "--ca-file" or nil, more }
      local limit = os.time() + 20
      while not ready() do assert(os.time() < limit, "nothing came") end
      child:kill "INT"
      local code = child:wait()
      local out, errors = child:output(), child:errors()
      assert.is_nil((out .. errors):find("CANARY", 1, true))
      return code, json.decode((out:match "([^\n]+)\n*$")), errors
    end

    it("says that nothing was sent where nothing was, with 130", function()
      local listener = server:open { mode = "hello_silence", tls = "server" }
      local code, report, errors = stopped(listener.url, certs.ca(), function()
        process.run "sleep 1"
        return true
      end)
      assert.equal(130, code)
      assert.equal("cancelled", report.outcome)
      assert.is_truthy(errors:find("nothing was sent", 1, true), errors)
      assert.equal(0, listener:close().seen())
    end)

    it("says that those who wait out a 429 were asked, with 6", function()
      emu:rule { method = "logOut", answer = { error_code = 429, retry_after = 60 }, times = 60 }
      local asked = 0
      local code, report, errors = stopped(emu.url, nil, function()
        local before = asked
        process.run "sleep 1"                   -- once nobody asks any more, none is in hand
        asked = #emu:calls { method = "logOut" }
        return asked >= 1 and asked == before
      end)
      assert.equal(6, code, errors)
      assert.equal("partly", report.outcome)
    end)

    it("says how many in hand may have been asked, with 4, and settles them in a second run", function()
      emu:rule { method = "logOut", answer = "silence", times = 30 }
      local code, report, errors = stopped(emu.url, nil, function()
        return #emu:calls { method = "logOut" } == 30
      end)
      assert.equal(4, code)
      assert.equal("unknown", report.outcome)
      assert.is_truthy(errors:find("30 more may have been asked", 1, true), errors)
      emu:reset()
      assert.equal(0, (botapi(("fleet logout %s --server %s --yes"):format(path, emu.url))))
      assert.equal(30, #emu:calls { method = "logOut" })
    end)
  end)
end)
