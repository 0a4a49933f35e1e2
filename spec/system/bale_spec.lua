-- SPDX-License-Identifier: MIT
-- Owns the specs of Bale from end to end: server = "bale" against an emulated tapi.bale.ai, and what its texts mean.

local cjson = require "cjson.safe".new()
local botapi = require "botapi"
local process = require "support.process"
local stage = require "support.stage"
local support = require "spec.support.emulator"
local terminal = require "support.terminal"

local quote = process.quote
local TOKEN = "987654321:CANARY.of/nobody"          -- Bale's tokens aren't of Telegram's alphabet

describe("server = \"bale\"", function()
  local here, emu

  setup(function()
    here = stage.new()
    emu = here:cloud "bale"
  end)
  teardown(function() here:close() end)
  before_each(function() emu:reset() end)

  local function run(words, token)
    local errors = terminal.directory() .. "bale-errors"
    local text = process.capture(("%s env XDG_STATE_HOME=%s BOT_TOKEN=%s bin/botapi %s --server bale --ca-file %s 2>%s "
      .. "</dev/null; echo \" $?\""):format(here.within, quote(terminal.directory() .. "bale" .. support.new_id()),
      quote(token or "987654321:CANARY-of-nobody-at-bale"), words, quote(here.ca_file), quote(errors)))
    local out, code = text:match "^(.*) (%d+)\n$"
    local said = process.slurp(errors)
    assert.is_nil((out .. said):find("CANARY", 1, true))
    return tonumber(code), out, said
  end

  it("asks tapi.bale.ai over TLS: status, call and logout", function()
    local code, out = run "status"
    assert.equal(0, code)
    assert.truthy(out:find("Server   tapi.bale.ai, Bale\n", 1, true))
    code, out = run "call getMe"
    assert.equal(0, code)
    assert.equal(987654321, cjson.decode(out).id)
    code, out = run "logout --yes --json"
    assert.equal(0, code)
    local document = cjson.decode(out)
    assert.same({ "done", "https://tapi.bale.ai" }, { document.outcome, document.server })
    assert(emu:calls { method = "logOut", expect = 1 })
  end)

  it("takes a result that isn't true for a logout that was done", function()
    emu:rule { method = "logOut", answer = { result = { logged_out = true } } }
    local code, out = run "logout --yes"
    assert.equal(0, code)
    assert.truthy(out:find("^Logged out: bot 987654321 has left tapi.bale.ai"))
    assert.is_nil(out:find("another server", 1, true))
  end)

  it("says what a 404 of a method that Bale may lack means", function()
    emu:rule { method = "logOut", answer = { error_code = 404, description = "Not Found" } }
    local code, _, said = run "logout --yes"
    assert.equal(1, code)
    assert.truthy(said:find("on Bale the%s+method may be missing"))
  end)

  it("settles a lost answer with the same command", function()
    emu:rule { method = "logOut", answer = "lost_answer" }
    assert.equal(0, (run "logout --yes --retries 1"))
    assert(emu:calls { method = "logOut", expect = 2 })
  end)

  it("is no place to move to or from", function()
    local code, _, said = run "migrate --from telegram --to bale --yes --server x"
    assert.equal(2, code)
    assert.truthy(said:find("unknown option '--server'", 1, true))
    local text = process.capture("BOT_TOKEN=5:CANARY-of-nobody-at-bale XDG_STATE_HOME=/nonexistent bin/botapi migrate "
      .. "--from telegram --to bale --yes 2>&1; echo $?")
    assert.truthy(text:find("Bale is another network with other bots", 1, true))
    assert.equal("1", text:match "(%d+)\n$")
  end)
end)

describe("the texts of Bale", function()
  local emu

  setup(function() emu = require "botapi.emulator".start { as = "bale" } end)
  teardown(function() emu:close() end)

  local function reason_of(answer, token)
    if answer then emu:rule { method = "getMe", answer = answer } end
    return botapi.reason(botapi.get_me(token or TOKEN:gsub("[/.]", "-"), { server = emu.url }))
  end

  it("of a wrong token mean unauthorized", function()
    assert.equal("unauthorized", reason_of { error_code = 400, description = "Bad Request: Token not found" })
  end)

  it("of its rate limits mean rate_limited, also without retry_after and error_code", function()
    assert.equal("rate_limited", reason_of { error_code = 400, description = "bot limit exceed" })
    assert.equal("rate_limited", reason_of { status = 429, type = "application/json",
      body = '{"ok":false,"description":"local_rate_limited"}' })
  end)

  it("of a right that is missing and of its own failure mean forbidden and server", function()
    assert.equal("forbidden", reason_of { error_code = 403, description = "permission_denied" })
    assert.equal("server", reason_of { status = 500, type = "application/json",
      body = '{"ok":false,"description":"internal server error"}' })
  end)

  it("without an error_code are completed from HTTP", function()
    emu:rule { method = "getMe", answer = { status = 404, type = "application/json",
      body = '{"ok":false,"description":"Not Found"}' } }
    local res = botapi.get_me("987654321:CANARY-of-nobody", { server = emu.url })
    assert.equal(404, res.error_code)
  end)

  it("come for tokens that Telegram wouldn't take, too", function()
    for _, token in ipairs { "987654321:CANARY", "987654321:CANARY_!$*=@~.+", "5:" .. ("CANARY"):rep(30) } do
      local res, err = botapi.get_me(token, { server = emu.url })
      assert.is_true(res ~= nil or err.kind ~= "token", token)
    end
  end)

  it("move a bot nowhere", function()
    local report = botapi.migrate("987654321:CANARY-of-nobody", { from = "bale", to = emu.url, journal = false,
      how = "logout" })
    assert.same({ "refused", 1 }, { report.status, report.exit })
    assert.truthy(report.text:find("Bale", 1, true))
  end)
end)
