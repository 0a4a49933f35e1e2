-- SPDX-License-Identifier: MIT
-- Specifies that bots and moves wait by their driver alone: on one that really yields, also where Lua 5.1 can't
-- yield across pcall.

local core = require "botapi.core"
local moves = require "support.moves"

-- A driver that yields until its caller has stepped the engine.
local function yielding_drive()
  local engine = core.engine()
  return {
    engine = function() return engine end,
    await = function(call)
      while not call:done() do coroutine.yield "call" end
    end,
    sleep = function(seconds)
      local timer = engine:timer(seconds)
      while not timer:done() do coroutine.yield "sleep" end
    end,
  }, engine
end

-- Runs a function as a coroutine, steps the engine while it waits; what it returned, and for what it waited.
local function run(engine, f)
  local waits = {}
  local thread = coroutine.create(f)
  local ok, value = coroutine.resume(thread)
  while ok and coroutine.status(thread) ~= "dead" do
    waits[value] = (waits[value] or 0) + 1
    engine:step(0.05)
    ok, value = coroutine.resume(thread)
  end
  assert(ok, value)
  return value, waits
end

describe("on a driver that yields", function()
  local servers, api, engine, drive

  setup(function()
    servers = moves.servers()
    drive, engine = yielding_drive()
    api = require "botapi.api"(drive)
  end)
  teardown(function()
    servers.close()
    engine:close()
  end)

  it("a whole move suspends its coroutine and ends as elsewhere", function()
    local id, token = moves.new_bot()
    servers.pair:put(id, { state = "logged_in", pending = 2, webhook = { url = "https://bot.example/h" } }, "cloud")
    servers.pair:rule { bot = id, method = "getMe", server = "local", answer = "restart" }
    local path, taken = moves.journal(), 0
    local report, waits = run(engine, function()
      return api.migrate(token, { from = { server = servers.cloud, as = "cloud" }, to = servers.near, journal = path,
        webhook = "keep", secret_token = false,
        confirm = function()
          drive.sleep(0.01)
          return true
        end,
        drain = function()
          drive.sleep(0.01)
          taken = taken + 1
        end })
    end)
    moves.remove(path)
    assert.equal("done", report.status)
    assert.equal(2, taken)
    assert.is_true(waits.call > 0 and waits.sleep > 0)
    assert.equal("https://bot.example/h", servers.pair:bot(id, "local").webhook.url)
  end)

  it("an error that drain raises after it has waited puts the webhook back: at once, or in Lua 5.1 by the next call",
  function()
    local id, token = moves.new_bot()
    servers.pair:put(id, { state = "logged_in", pending = 2, webhook = { url = "https://bot.example/h" } }, "cloud")
    local path, told = moves.journal(), nil
    local options = { from = { server = servers.cloud, as = "cloud" }, to = servers.near, journal = path,
      webhook = "keep", secret_token = false, on_event = function(event) told = event.report or told end,
      drain = function()
        drive.sleep(0.01)
        error("mine", 0)
      end }
    local ok, why = pcall(run, engine, function() return api.migrate(token, options) end)
    assert.is_false(ok)
    assert.matches("mine", why)
    local hook = servers.pair:bot(id, "cloud").webhook
    if _VERSION ~= "Lua 5.1" or rawget(_G, "jit") then
      assert.equal("done", told.put_back)
      assert.equal("https://bot.example/h", hook.url)
    else
      assert.is_nil(told)
      assert.is_nil(hook)
    end
    options.drain, options.accept_loss = nil, true
    assert.equal("done", (run(engine, function() return api.migrate(token, options) end)).status)
    moves.remove(path)
    assert.equal("https://bot.example/h", servers.pair:bot(id, "local").webhook.url)
  end)

  it("a bot waits between its attempts without blocking", function()
    local id, token = moves.new_bot()
    servers.one:rule { bot = id, method = "getMe", answer = { error_code = 429, retry_after = 1 } }
    local bot = api.bot(token, { server = servers.one.url, retries = 1 })
    local res, waits = run(engine, function() return bot:get_me() end)
    assert.is_true(res.ok)
    assert.is_true(waits.sleep > 0)
  end)

  it("a call that waits for its next attempt is refused when another coroutine has logged the bot out", function()
    local id, token = moves.new_bot()
    servers.one:rule { bot = id, method = "getMe", answer = { error_code = 429, retry_after = 1 } }
    local bot = api.bot(token, { server = servers.one.url, retries = 1 })
    local _, failure
    local thread = coroutine.create(function() _, failure = bot:get_me() end)
    local _, waits = coroutine.resume(thread)
    while waits ~= "sleep" do
      engine:step(0.05)
      _, waits = coroutine.resume(thread)
    end
    assert.is_true(run(engine, function() return bot:logout() end).ok)
    while coroutine.status(thread) ~= "dead" do
      engine:step(0.05)
      coroutine.resume(thread)
    end
    assert.equal("logged_out", failure.kind)
    assert.equal("getMe logOut", moves.asked(servers.one, id))
  end)
end)
