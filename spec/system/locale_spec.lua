-- SPDX-License-Identifier: MIT
-- Owns the proof that nothing depends on the locale, set before the module is loaded or afterwards.

local canary = require "support.canary"
local faults = require "support.faults"
local locales = require "support.locales"
local process = require "support.process"

local CHILD = [[
  local name, when, url = ...
  local function set() assert(os.setlocale(name), "no locale " .. name) end
  if when == "before" then set() end
  local botapi = require "botapi"
  local core = require "botapi.core"
  if when == "afterwards" then set() end
  local TOKEN = "]] .. canary.token .. [["
  local function say(...) io.stdout:write(table.concat({...}, "|"), "\n") io.stdout:flush() end

  for _, header in ipairs {"TRANSFER-ENCODING", "CONNECTION", "connection", "Content-Length"} do
    local ok, why = pcall(botapi.logout, TOKEN, {server = url, headers = {[header] = "x"}})
    say(tostring(ok), tostring(why):match "set by the library alone" or tostring(why))
  end
  local res, err = botapi.call(TOKEN, "sendLocation", {latitude = 52.5, n = 1e15,
    markup = {x = 52.5, y = {0.25, 0.1 + 0.2}}}, {server = url:gsub("^http", "HTTP")})
  say(tostring(res and res.ok), err and err.sent or "yes")
  local value = core.decode('{"x":1.5,"y":[0.25,1e-3]}')
  say(tostring(value.x * 2 == 3), tostring(value.y[1] * 4 == 1), tostring(value.y[2] * 1000 == 1))
  local path = os.tmpname()
  local journal = require "botapi.journal"
  local log = assert(journal.open(path))
  assert(log:note {bot = "123", what = "x", seconds = 1.5})
  log:close()
  say(tostring(assert(journal.read(path)):records("123")[1].seconds == 1.5))
  os.remove(path) os.remove(path .. ".lock")
  local bot_api = require "botapi.bot_api"
  say(bot_api.find "SENDINVOICE".lua, bot_api.find "send_invoice".name, bot_api.nearest "sendInvoise")
]]

describe("a locale", function()
  local server, directory

  setup(function()
    server = faults.start()
    directory = locales.make()
  end)
  teardown(function() server:stop() end)

  for _, name in ipairs(locales.names) do
    for _, when in ipairs {"before", "afterwards"} do
      it(("changes nothing: %s, set %s"):format(name, when), function()
        if not directory then return pending "no locales here: apt-get install locales" end
        local listener = server:open {mode = "length_capitals"}
        local child = process.program(CHILD, {env = {LOCPATH = directory}}, name, when, listener.url)
        for _ = 1, 4 do
          assert.equal("false|set by the library alone", child:line() or child:errors())
        end
        assert.equal("true|yes", child:line() or child:errors())
        assert.equal("true|true|true", child:line() or child:errors())
        assert.equal("true", child:line() or child:errors())
        assert.equal("send_invoice|sendInvoice|sendInvoice", child:line() or child:errors())
        assert.equal(0, child:wait(), child:errors())
        local body = listener:close().requests[1].body
        assert.is_truthy(body:find("latitude=52.5", 1, true), body)
        assert.is_truthy(body:find("%7B%22x%22%3A52.5%2C%22y%22%3A%5B0.25%2C0.30000000000000004%5D%7D", 1, true), body)
      end)
    end
  end
end)
