-- SPDX-License-Identifier: MIT
-- Owns the specs that run other people's clients from npm, unmodified, against the emulator.

local json = require "botapi.emulator.json"
local support = require "spec.support.emulator"

local function is_there(path)
  local file = io.open(path)
  if file then file:close() end
  return file ~= nil
end

local function succeeds(command)
  local ok = os.execute(command .. " >/dev/null 2>&1")
  return ok == true or ok == 0
end

local CLIENTS = {grammy = "grammy", ntba = "node-telegram-bot-api"}

local function are_fetched()
  for _, package in pairs(CLIENTS) do
    if not is_there("spec/npm/node_modules/" .. package .. "/package.json") then return false end
  end
  return true
end

-- What would make the clients run, where they can't; nil: they are there.
local function missing()
  if not succeeds "command -v node" then return "no node here: apt-get install nodejs npm" end
  if are_fetched() then return nil end
  if not succeeds "command -v npm" then return "no npm here: apt-get install nodejs npm" end
  -- one try is enough: without a registry npm would go on for a minute
  local fetch = "cd spec/npm && timeout 60 npm ci --no-progress --silent --fetch-retries=0 --fetch-timeout=20000"
  if not succeeds(fetch) or not are_fetched() then
    return "no registry of npm in reach: run (cd spec/npm && npm ci) once where there is one"
  end
end

describe("emulator: a client from npm", function()
  local here, emu, why

  setup(function()
    why = missing()
    if why then return end
    here = support.start()
    emu = here.emu
  end)
  teardown(function() if emu then emu:close() end end)

  for name, title in pairs(CLIENTS) do
    it("gets its bot, its updates and its logout: " .. title, function()
      if why then return pending(why) end
      local id = support.new_id()
      emu:put(id, {username = "shop_bot", pending = 1})
      local pipe = io.popen("BOTAPI_SERVER=" .. emu.url .. " BOT_TOKEN=" .. emu:token(id)
        .. " node spec/npm/clients.js " .. name .. " 2>&1")
      local text = pipe:read "*a"
      pipe:close()
      local seen = assert(json.decode(text:match "([^\n]*)\n*$"), text)
      assert.equal("shop_bot", seen.me.username)
      assert.equal("/start", seen.updates[1].message.text)
      assert.is_true(seen.logout)
      assert.same({400, "Logged out"}, {seen.after[1], seen.after[2]})
      assert.equal("logged_out", emu:bot(id).state)
      assert(emu:calls {bot = id, method = "logOut", expect = 1})
    end)
  end
end)
