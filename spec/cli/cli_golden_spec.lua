-- SPDX-License-Identifier: MIT
-- Owns the texts of the command: what a person sees in a terminal of 80 columns, and a log through a pipe, by files.

local golden = require "support.golden"
local process = require "support.process"
local stage = require "support.stage"
local terminal = require "support.terminal"

local quote = process.quote
local same = golden.same
local CANARY = "123456789:CANARY_s3cr3t_0f_the_g0lden_b0t_00_0"
local ID = 123456789

local directory = terminal.directory()
local count = 0

-- A home of its own, so that no journal of another test counts.
local function new_home()
  count = count + 1
  local home = directory .. "home" .. count
  assert(process.run("mkdir -p " .. quote(home)))
  return home
end

describe("botapi in a terminal", function()
  local here, emu, home

  local function run(words, env)
    local all = { HOME = home, XDG_STATE_HOME = false, BOT_TOKEN = CANARY, LC_ALL = "C" }
    for name, value in pairs(env or {}) do all[name] = value end
    return terminal.start(("%s bin/botapi %s --ca-file %s"):format(here.within, words, quote(here.ca_file)), all)
  end

  before_each(function() home = new_home() end)

  describe("on the cloud", function()
    setup(function()
      here = stage.new()
      emu = here:cloud()
    end)
    teardown(function() here:close() end)
    before_each(function()
      emu:reset()
      stage.shop(emu, ID)
    end)

    it("shows what a logout means, asks for the name, and tells where the bot can go", function()
      local t = run "logout"
      t:await "log it out:$"
      local code, text = t:type("shop_bot", "Enter"):finish()
      assert.equal(0, code)
      same("logout_cloud", text)
      assert(emu:calls { method = "logOut", expect = 1 })
    end)

    it("does nothing when another name is typed", function()
      local t = run "logout"
      t:await "log it out:$"
      local code, text = t:type("shopbot", "Enter"):finish()
      assert.equal(130, code)
      assert.truthy(text:find('\nYou typed "shopbot". Nothing was sent.', 1, true))
      assert(emu:calls { method = "logOut", expect = 0 })
    end)

    it("says what to type where y is typed for a name", function()
      local t = run "logout"
      t:await "log it out:$"
      local code, text = t:type("y", "Enter"):finish()
      assert.equal(130, code)
      assert.truthy(text:find('\nYou typed "y". Nothing was sent.\nTo log it out, run the command again and type the '
        .. "bot's name: shop_bot", 1, true), text)
      assert(emu:calls { method = "logOut", expect = 0 })
    end)

    it("says what isn't known when the answer is lost, and the same command settles it", function()
      emu:rule { method = "logOut", answer = "lost_answer" }
      local t = run "logout"
      t:await "log it out:$"
      local code, text = t:type("shop_bot", "Enter"):finish()
      assert.equal(4, code)
      same("unknown", text:match "(botapi: .*)$")
      emu:forget()
      code, text = run "logout":finish()
      assert.equal(0, code)
      assert.truthy(text:find("Already logged out: @shop_bot has left api.telegram.org.", 1, true))
      assert(emu:calls { expect = 1 })      -- only logOut again: no getMe
    end)

    it("refuses to repeat by itself what was never settled and is over ten minutes old", function()
      emu:rule { method = "logOut", answer = "lost_answer" }
      local t = run "logout"
      t:await "log it out:$"
      assert.equal(4, (t:type("shop_bot", "Enter"):finish()))
      local path = home .. "/.local/state/botapi/123456789.jsonl"
      local old = process.slurp(path):gsub('"at":(%d+)', function(at) return '"at":' .. ("%d"):format(at - 660) end)
      local file = io.open(path, "w")
      file:write(old)
      file:close()
      emu:forget()
      local code, text = run "logout":finish()
      assert.equal(4, code)
      same("too_old", text)
      assert(emu:calls { expect = 0 })
      assert.equal(0, (run "logout --force":finish()))
    end)

    it("ends at Ctrl-C at the question, with nothing sent", function()
      local t = run "logout"
      t:await "log it out:$"
      local code, text = t:type "C-c":finish()
      assert.equal(130, code)
      assert.truthy(text:find("stopped; sent: no.", 1, true))
      assert(emu:calls { method = "logOut", expect = 0 })
    end)

    it("ends at Ctrl-C while the answer is awaited, and says that it may have happened", function()
      emu:rule { method = "logOut", answer = "silence" }
      local t = run "logout"
      t:await "log it out:$"
      t:type("shop_bot", "Enter")
      assert(emu:calls { method = "logOut", expect = 1, wait = 10 })
      local code, text = t:type "C-c":finish()
      assert.equal(4, code)
      assert.truthy(text:find("(sent: maybe)", 1, true))
      assert.truthy(text:find("it is not known whether @shop_bot was logged out", 1, true))
    end)

    it("ends at Ctrl-C while it looks, with the document", function()
      emu:rule { method = "getMe", answer = "silence" }
      local t = run "logout --json"
      assert(emu:calls { method = "getMe", expect = 1, wait = 10 })
      local code, text = t:type "C-c":finish()
      assert.equal(130, code)
      assert.truthy(text:find('"outcome":"cancelled"', 1, true))
      assert.truthy(text:find("stopped; sent: no.", 1, true))
    end)

    it("prompts for a token that it doesn't show", function()
      local t = run("status --server telegram", { BOT_TOKEN = false })
      t:await "Token %(not shown%):$"
      local code, text = t:type(CANARY, "Enter"):finish()
      assert.equal(0, code)
      assert.is_nil(text:find("CANARY", 1, true))
      same("status", text:match "(Bot .*)$")
    end)
  end)

  describe("between the cloud and a local server", function()
    local secret

    setup(function()
      here = stage.new()
      emu = here:pair()
      secret = directory .. "webhook-secret"
      local file = io.open(secret, "w")
      file:write "CANARY-webhook-secret\n"
      file:close()
    end)
    teardown(function() here:close() end)
    before_each(function()
      emu:reset()
      stage.shop(emu, ID, "cloud")
    end)

    local MOVE = "migrate --from telegram --to http://10.0.0.5:8081 --webhook keep"

    local function whole() return MOVE .. " --accept-loss --webhook-secret-file " .. quote(secret) end

    local function moved(words)
      local t = run(words)
      t:await "move it:$"
      return t:type("shop_bot", "Enter"):finish()
    end

    it("shows the plan, with what would be lost", function()
      local code, text = run(MOVE .. " -n"):finish()
      assert.equal(1, code)
      same("plan", text)
      assert(emu:calls { method = "logOut", expect = 0 })
    end)

    it("moves the bot: the plan, the question, a line for each step, the report", function()
      local code, text = moved(whole())
      assert.equal(0, code)
      same("progress", text:match "\n(  1  log out of api.telegram.org  .-)\nMoved:")
      same("report_80", text:match "\n(Moved: .*)$")
    end)

    it("is rehearsed with the question of the real one", function()
      local t = run "migrate --rehearse --accept-loss --webhook none"
      t:await "Type the bot's name to move it:$"
      local code, text = t:type("shop_bot", "Enter"):finish()
      assert.equal(0, code)
      assert.truthy(text:find("This was a rehearsal", 1, true))
      assert(emu:calls { expect = 0 })
    end)

    it("redraws the line of a step that waits, and says why", function()
      emu:rule { method = "getMe", skip = 1, answer = { error_code = 429, retry_after = 3 } }
      local t = run(whole())
      t:await "move it:$"
      t:type("shop_bot", "Enter")
      local screen = t:await "waiting  0 s of 60 %(429, again in 3 s%)"
      same("waiting", screen:match "(  2  log in on [^\n]*)$")
      t:await "waiting  1 s of 60 %(429, again in 2 s%)$"     -- each second
      t:await "waiting  2 s of 60 %(429, again in 1 s%)$"
      assert.equal(0, (t:finish()))
    end)

    it("says what is left when a later step fails, and goes on there", function()
      emu:rule { method = "setWebhook",
        answer = { error_code = 400, description = "Bad Request: bad webhook: Failed to resolve host" } }
      local code, text = moved(whole())
      assert.equal(6, code)
      same("partly", text:match "\n(Partly moved: .*)$")
      emu:forget()
      code, text = moved(whole())
      assert.equal(0, code)
      assert.truthy(text:find("Moved: @shop_bot runs on", 1, true))
      assert(emu:calls { method = "logOut", expect = 0 })
    end)

    it("ends at Ctrl-C at the question with 130, and during the wait for the new server with 6", function()
      local t = run(whole())
      t:await "move it:$"
      local code, text = t:type "C-c":finish()
      assert.equal(130, code)
      assert.truthy(text:find("stopped; sent: no", 1, true))
      emu:rule { method = "getMe", skip = 1, answer = { error_code = 429, retry_after = 50 } }
      t = run(whole())
      t:await "move it:$"
      t:type("shop_bot", "Enter"):await "again in 50 s"
      code, text = t:type "C-c":finish()
      assert.equal(6, code)
      assert.truthy(text:find("stopped (sent: yes): @shop_bot has left api.telegram.org.", 1, true))
      emu:unrule()
      assert.equal(0, (moved(whole())))
      assert(emu:calls { method = "logOut", expect = 1 })
    end)

    for name, env in pairs { NO_COLOR = { NO_COLOR = "1" }, ["TERM=dumb"] = { TERM = "dumb" } } do
      it("has no colour with " .. name, function()
        local t = run(MOVE .. " -n 2>" .. quote(directory .. "colour"), env)
        t:finish()
        assert.is_nil(process.slurp(directory .. "colour"):find "\27")
      end)
    end

    it("with TERM=dumb redraws nothing and writes a log", function()
      local t = run(whole(), { TERM = "dumb" })
      t:await "move it:$"
      local code, text = t:type("shop_bot", "Enter"):finish()
      assert.equal(0, code)
      same("log", text:match "\n(%d%d:%d%d:%d%d 1/4.-)\nMoved:")
    end)

    it("has colour when it is asked for, and the same words", function()
      local out = directory .. "colour"
      local text = process.capture(("%s env HOME=%s BOT_TOKEN=%s bin/botapi %s --confirm shop_bot --color always "
        .. "--ca-file %s 2>&1 >/dev/null"):format(here.within, quote(new_home()), quote(CANARY), whole(),
        quote(here.ca_file)))
      assert.truthy(text:find("\27[32mok\27[0m    the token", 1, true), out)
      assert.truthy(text:gsub("\27%[[%d;]*m", ""):find("  ok    the token is this bot's", 1, true))
    end)

    it("writes a log through a pipe, and the report alone to standard output", function()
      local command = ("%s env HOME=%s BOT_TOKEN=%s LC_ALL=C bin/botapi %s --confirm shop_bot --ca-file %s"):format(
        here.within, quote(home), quote(CANARY), whole(), quote(here.ca_file))
      local errors = directory .. "log"
      local text = process.capture(command .. " 2>" .. quote(errors) .. " </dev/null")
      same("report", text)
      local log = process.slurp(errors)
      same("log", log:match "(%d%d:%d%d:%d%d 1/4.*)$")
      assert.is_nil(log:find "[\27\r]")
    end)
  end)
end)
