-- SPDX-License-Identifier: MIT
-- Owns what a person sees of each way of moving, from the plan to the report: terminals of 60 and 80 columns, by files.

local process = require "support.process"
local same = require "support.golden".same
local stage = require "support.stage"
local terminal = require "support.terminal"

local quote = process.quote
local CANARY = "123456789:CANARY_s3cr3t_0f_the_g0lden_b0t_00_0"
local ID = 123456789
local LINES = 140               -- none scrolls away
local NEAR, FAR, GONE = "http://10.0.0.5:8081", "http://10.0.0.5:8082", "http://10.0.0.5:8083"

-- Each way: where the bot is, the words, how it ends, and the words that go on from there.
local ways = {
  { name = "cloud_to_local", server = "cloud", exit = 0,
    words = "--from telegram --to " .. NEAR .. " --webhook keep --accept-loss --webhook-secret-file SECRET" },
  { name = "local_to_cloud", server = "local", exit = 0,
    words = "--from " .. NEAR .. " --to telegram --webhook none --drain DRAINED" },
  { name = "logout", server = "local", exit = 0,
    words = "--from " .. NEAR .. " --to " .. FAR .. " --webhook https://new.example/hook --accept-loss" },
  { name = "close", server = "local", exit = 6, go_on = " --continue",
    words = "--close --from " .. NEAR .. " --to " .. FAR .. " --webhook none --drain DRAINED" },
  { name = "gone", server = "local", exit = 0,
    words = "--from-gone --from " .. GONE .. " --to " .. FAR .. " --webhook none" },
  { name = "refused", server = "local", exit = 1,
    words = "--from " .. NEAR .. " --to telegram --webhook http://10.0.0.9/hook" },
}

describe("a move in a terminal", function()
  local here, emu, far, home
  local made = 0

  setup(function()
    here = stage.new()
    emu, far = here:pair(), here:emulator { host = "10.0.0.5", port = 8082 }
  end)
  teardown(function() here:close() end)

  local function start_over(server)
    made = made + 1
    home = terminal.directory() .. "way" .. made
    assert(process.run(("mkdir -p %s && echo CANARY-webhook-secret >%s/secret"):format(quote(home), quote(home))))
    emu:reset()
    far:reset()
    stage.shop(emu, ID, server)
    far:put(ID, { username = "shop_bot" })
  end

  local function begin(words, columns)
    words = words:gsub("SECRET", home .. "/secret"):gsub("DRAINED", home .. "/drained")
    return terminal.start(("%s bin/botapi migrate %s --ca-file %s"):format(here.within, words, quote(here.ca_file)),
      { HOME = home, XDG_STATE_HOME = false, BOT_TOKEN = CANARY, LC_ALL = "C" }, { columns, LINES })
  end

  local function seen(words, columns, exit)
    local t = begin(words, columns)
    if exit ~= 1 then
      local question = t:await "Type the bot's %a+ to move it:$"
      t:type(question:find "bot's id" and tostring(ID) or "shop_bot", "Enter")
    end
    local code, text = t:finish()
    assert.equal(exit, code, text)
    return text
  end

  for _, columns in ipairs { 60, 80 } do
    it(("redraws a line that fits into %d columns while a step waits"):format(columns), function()
      start_over "cloud"
      emu:rule { method = "getMe", skip = 1, answer = { error_code = 429, retry_after = 3 } }
      local t = begin(ways[1].words, columns)
      t:await "to move it:$"
      local screen = t:type("shop_bot", "Enter"):await "waiting [^\n]*$"
      same("waiting_" .. columns, screen:match "(  2  log in on [^\n]*)$")
      assert.equal(0, (t:finish()))
    end)
  end

  for _, way in ipairs(ways) do
    for _, columns in ipairs { 60, 80 } do
      it(("reads as its file says: %s, %d columns"):format(way.name, columns), function()
        start_over(way.server)
        local text = seen(way.words, columns, way.exit)
        if way.go_on then text = text .. "\n\n" .. seen(way.words .. way.go_on, columns, 0) end
        same(("way_%s_%d"):format(way.name, columns), text, columns)
      end)
    end
  end
end)
