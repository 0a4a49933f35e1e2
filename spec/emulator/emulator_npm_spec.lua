-- SPDX-License-Identifier: MIT
-- Owns the specs that run other people's clients from npm, unmodified, against the emulator: each makes the same calls,
-- and what it reports is compared with what the real server answered (spec/real_server/data).

local json = require "botapi.emulator.json"
local npm = require "support.npm"
local support = require "spec.support.emulator"

local CLIENTS = {"grammy", "telegraf", "node-telegram-bot-api", "gramio", "puregram"}
local RECORDED = "spec/real_server/data/methods-public.jsonl"

-- The body that the real server answered in a step of a recorded scenario.
local function recorded(name, step, id)
  for line in io.lines(RECORDED) do
    local scenario = assert(json.decode(line))
    if scenario.name == name then
      local body = scenario.steps[step].answer:match "\r\n\r\n(.*)$"
      return assert(json.decode((body:gsub("{id}", tostring(id)))))
    end
  end
  error(name .. ": no such scenario")
end

local HOOK = "https://93.184.216.34:8443/hook"     -- nothing is delivered there: no update waits

-- Each call, and where its answer is recorded: a scenario and its step. `wait` is in milliseconds.
local STEPS = {
  {"getMe", nil, "getMe", 1},
  {"setWebhook", {url = HOOK}, "set then bad", 1},
  {"wait", 1200},
  {"setWebhook", {url = "not a url"}, "set then bad", 2},
  {"getWebhookInfo", nil, "set then bad", 3},
  {"noSuchMethod", nil, "unknown", 1},
  {"close", nil, "poll then close", 2},
  {"wait", 300},
  {"close", nil, "poll then close", 3},
  {"getMe", nil, "poll then close", 4},
  {"logOut", nil, "logOut first", 1},
  {"wait", 300},
  {"logOut", nil, "webhook then logOut then info", 3},
  {"getMe", nil, "webhook then logOut then info", 3},
}

local function quote(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

-- What a client reports of calls, each a method and perhaps its parameters.
local function reports(name, emu, id, calls)
  local pipe = io.popen(("BOTAPI_SERVER=%s BOT_TOKEN=%s node spec/npm/clients.js %s %s 2>&1"):format(emu.url,
    emu:token(id), name, quote(json.encode(calls))))
  local text = pipe:read "*a"
  pipe:close()
  return assert(json.decode(text:match "([^\n]*)\n*$"), text)
end

-- The bot's name is the server's own.
local function comparable(answer)
  local result = answer.result
  if type(result) == "table" then result.username, result.first_name = nil, nil end
  return {result = result, error_code = answer.error_code, description = answer.error_code and answer.description}
end

local function calls_of(steps)
  local list = json.array()
  for i, step in ipairs(steps) do list[i] = json.array {step[1], step[2]} end
  return list
end

describe("emulator: a client from npm", function()
  local here, emu, why

  setup(function()
    why = npm.missing(CLIENTS)
    if why then return end
    here = support.start {as = "cloud"}
    emu = here.emu
  end)
  teardown(function() if emu then emu:close() end end)

  for _, name in ipairs(CLIENTS) do
    it("gets its updates once: " .. name, function()
      if why then return pending(why) end
      local id = support.new_id()
      emu:put(id, {username = "shop_bot", pending = 1})
      local seen = reports(name, emu, id, calls_of {{"getMe"}, {"getUpdates", {timeout = 1}}})
      assert.equal("shop_bot", seen[1].result.username)
      local update = seen[2].result[1]
      assert.equal("/start", update.message.text)
      seen = reports(name, emu, id, calls_of {{"getUpdates", {offset = update.update_id + 1}}})
      assert.equal(0, #seen[1].result)
    end)

    it("reports what the real server answers: " .. name, function()
      if why then return pending(why) end
      local id = support.new_id()
      local seen, at = reports(name, emu, id, calls_of(STEPS)), 0
      for i, step in ipairs(STEPS) do
        if step[3] then
          at = at + 1
          local wanted = comparable(recorded(step[3], step[4], id))
          assert.same(wanted, comparable(seen[at]), ("step %d, %s"):format(i, step[1]))
        end
      end
      assert.equal(#seen, at)
      assert.equal("logged_out", emu:bot(id).state)
      assert(emu:calls {bot = id, method = "logOut", expect = 2})
    end)
  end
end)
