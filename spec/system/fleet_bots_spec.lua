-- SPDX-License-Identifier: MIT
-- Fleets with what each bot needs: secrets, servers and webhooks in the list, shards, and moves by close.

local botapi = require "botapi"
local live = require "support.live"
local process = require "support.process"
local start = require "botapi.emulator".start

local HOOK = "https://hook.example/h"

local function token(id) return ("%d:CANARY-secret-of-bot-%07d"):format(id, id) end

local journals = 0

local function new_path()
  journals = journals + 1
  return process.directory() .. "bots" .. journals .. ".journal"
end

-- A fleet, and its result for each bot; nothing that it tells shows a secret.
local function fleet(list, options)
  local results = {}
  options.on_event = function(event)
    if event.type ~= "result" then return end
    results[#results + 1] = event
    results[event.bot or event.n] = ("%s %s"):format(event.outcome, event.reason or "")
    results.said = (results.said or "") .. tostring(event.message)
  end
  local report = botapi.fleet(list, options)
  assert.is_nil((report.text .. (results.said or "")):find("CANARY", 1, true))
  assert.is_nil(report.event_error)
  return report, results
end

local function executed(emu, filter)
  local ids = {}
  for _, call in ipairs(emu:calls(filter)) do
    if call.executed then ids[#ids + 1] = call.bot end
  end
  table.sort(ids)
  return ids
end

describe("a list with what each bot needs", function()
  local emu, other, before

  lazy_setup(function() emu, other = start {}, start {} end)
  lazy_teardown(function()
    emu:close()
    other:close()
  end)
  before_each(function()
    emu:reset()
    other:reset()
    before = live.note()
  end)
  after_each(function() before:check() end)

  it("asks the server that stands with the bot, and that of the fleet for the others", function()
    local report, results = fleet({ token(1), { token = token(2), server = other.url }, { token = token(3) } },
      { server = emu.url })
    assert.is_true(report.ok, report.text)
    assert.same({ 1, 3 }, executed(emu, { method = "logOut" }))
    assert.same({ 2 }, executed(other, { method = "logOut" }))
    assert.equal("done ", results["2"])
  end)

  it("may come from an iterator", function()
    local i = 0
    local report = fleet(function()
      i = i + 1
      return i <= 4 and { token = token(i), server = i % 2 == 0 and other.url or nil } or nil
    end, { server = emu.url })
    assert.is_true(report.ok, report.text)
    assert.same({ 1, 3 }, executed(emu, { method = "logOut" }))
    assert.same({ 2, 4 }, executed(other, { method = "logOut" }))
  end)

  it("is remembered by bot and server", function()
    local path = new_path()
    local list = { token(1), { token = token(1), server = other.url }, { token = token(2), server = other.url } }
    assert.is_true(fleet(list, { server = emu.url, journal = path }).ok)
    list[3].server = nil
    local report = fleet(list, { server = emu.url, journal = path })
    assert.equal("2 1", report.skipped .. " " .. report.requests)
    assert.same({ 1, 2 }, executed(emu, { method = "logOut" }))
    assert.same({ 1, 2 }, executed(other, { method = "logOut" }))
  end)

  for _, case in ipairs {
    { "a member that isn't known", { token = token(2), secrettoken = "x" }, "unknown member 'secrettoken'" },
    { "a member that may be a secret", { token = token(2), [token(3)] = "x" }, "unknown member" },
    { "a number as a name", { token(2) }, "unknown member" },
    { "a wrong type", { token = token(2), secret_token = 5 }, "'secret_token': string or boolean expected, got" },
    { "a server that is none", { token = token(2), server = "ftp://h" }, "server" },
    { "a server that must not be asked", { token = token(2), server = "http://h.example" }, "plain_http" },
    { "no token", { server = "local" }, "'token' is missing" },
    { "a number", 5, "a token or a table expected, got number" },
  } do
    it("that has " .. case[1] .. " raises, and nothing is sent", function()
      local ok, why = pcall(botapi.fleet, { token(1), case[2] }, { server = emu.url })
      assert.is_false(ok)
      assert.is_truthy(why:find("tokens[2]: ", 1, true), why)
      assert.is_truthy(why:find(case[3], 1, true), why)
      assert.is_nil(why:find("CANARY", 1, true))
      assert.equal(0, #emu:calls {})
    end)

    it("that has " .. case[1] .. " is a failure where an iterator gives it", function()
      local given = { token(1), case[2], token(4) }
      local i = 0
      local report, results = fleet(function()
        i = i + 1
        return given[i]
      end, { server = emu.url })
      assert.equal("2 1", report.by_outcome.done .. " " .. report.by_reason.entry)
      assert.is_truthy(results.said:find(case[3], 1, true), results.said)
      assert.same({ 1, 4 }, executed(emu, {}))
    end)
  end

  it("that has a malformed token says what is wrong with it", function()
    local report, results = fleet({ token(1) .. ",mine", { token = "0" .. token(2) }, token(3) }, { server = emu.url })
    assert.equal("1 2", report.by_outcome.done .. " " .. report.by_reason.token)
    assert.is_truthy(results.said:find("separates columns", 1, true), results.said)
    assert.is_truthy(results.said:find("a bot's number", 1, true), results.said)
    assert.same({ 3 }, executed(emu, {}))
  end)
end)

describe("a fleet that keeps webhooks", function()
  local pair

  lazy_setup(function() pair = start { pair = true } end)
  lazy_teardown(function() pair:close() end)
  before_each(function() pair:reset() end)

  local function move(list, more)
    local options = { action = "migrate", from = pair.urls[1], to = pair.urls[2], how = "logout", bot_journal = false,
      webhook = "keep" }
    for name, value in pairs(more or {}) do options[name] = value end
    return fleet(list, options)
  end

  it("sets each with the secret of its bot, and leaves alone the bot whose secret isn't there", function()
    for id = 11, 13 do
      pair:put(id, { state = "logged_in", webhook = { url = HOOK, secret_token = "hook" .. id } }, "cloud")
    end
    local report, results = move({ { token = token(11), secret_token = "hook11" }, token(12),
      { token = token(13), secret_token = false }, token(14) })
    assert.equal("3 1", report.by_outcome.done .. " " .. report.by_reason.loss)
    assert.equal("not_sent loss", results["12"])
    assert.is_truthy(results.said:find("secret_token can't be read back", 1, true), results.said)
    assert.same({ 11, 13, 14 }, executed(pair, { method = "logOut" }))
    assert.is_true(pair:bot(11, "local").webhook.has_secret_token)
    assert.is_false(pair:bot(13, "local").webhook.has_secret_token)
    assert.equal("logged_in", pair:bot(12, "cloud").state)
    assert.equal("new", pair:bot(12, "local").state)
    local set = pair:calls { method = "setWebhook", bot = 11 }
    assert.equal("1 hook11", #set .. " " .. set[1].params.secret_token)
  end)

  it("takes another webhook, and none, for one bot", function()
    for id = 21, 22 do pair:put(id, { state = "logged_in", webhook = { url = HOOK } }, "cloud") end
    local report = move { { token = token(21), webhook = { url = HOOK .. "2" } },
      { token = token(22), webhook = false } }
    assert.is_true(report.ok, report.text)
    assert.equal(HOOK .. "2", pair:bot(21, "local").webhook.url)
    assert.is_nil((pair:calls { method = "setWebhook", bot = 22 })[1])
  end)

  it("moves a bot from the server that stands with it", function()
    local third = start { as = "cloud" }
    third:put(31, { state = "logged_in" })
    local report = move({ { token = token(31), server = third.url } },
      { from = { server = pair.urls[1], as = "cloud" } })
    assert.equal(1, report.by_outcome.done, report.text)
    assert.same({ 31 }, executed(third, { method = "logOut" }))
    assert.same({}, executed(pair, { method = "logOut" }))
    third:close()
  end)

  it("names what is wrong with a webhook before anything is sent", function()
    for _, wrong in ipairs { { webhook = true }, { webhook = "same" }, { certificate = "/etc/hook.pem" },
      { secret_token = "a b" } } do
      wrong.token = token(2)
      local ok, why = pcall(move, { token(1), wrong })
      assert.is_false(ok)
      assert.is_truthy(why:find("tokens[2]: ", 1, true), why)
    end
    assert.equal(0, #pair:calls {})
  end)
end)

describe("the shards of a fleet", function()
  local emu

  lazy_setup(function() emu = start {} end)
  lazy_teardown(function() emu:close() end)
  before_each(function() emu:reset() end)

  local function list_of(n)
    local list = {}
    for i = 1, n do list[i] = i % 3 == 0 and { token = token(100 + i) } or token(100 + i) end
    return list
  end

  local function shuffled(list)
    for i = #list, 2, -1 do
      local k = math.random(i)
      list[i], list[k] = list[k], list[i]
    end
    return list
  end

  it("are each bot exactly once, in whatever order each machine has the list", function()
    local total = 0
    for i, shard in ipairs { { 1, 3 }, "2/3", "3/3" } do
      local report = fleet(shuffled(list_of(120)), { server = emu.url, shard = shard, journal = new_path() })
      assert.is_true(report.ok, report.text)
      assert.is_true(report.total > 20, "shard " .. i .. " has " .. report.total)
      total = total + report.total
    end
    local ids = {}
    for i = 1, 120 do ids[i] = 100 + i end
    assert.equal(120, total)
    assert.same(ids, executed(emu, { method = "logOut" }))
  end)

  it("estimate their own bots, and count what is malformed once", function()
    local counted, wrong = 0, 0
    for i = 1, 4 do
      local list = list_of(50)
      list[51] = "malformed"
      local report = botapi.fleet(list, { server = emu.url, shard = { i, 4 }, on_event = function(event)
        if event.type == "estimate" then counted = counted + event.bots end
      end })
      wrong = wrong + (report.by_reason.token or 0)
    end
    assert.equal("51 1", counted .. " " .. wrong)
    assert.equal(50, #emu:calls { method = "logOut" })
  end)

  it("have journals of their own", function()
    local path = new_path()
    assert.is_true(fleet(list_of(30), { server = emu.url, shard = "1/2", journal = path }).ok)
    for _, shard in ipairs { "2/2", "1/3", false } do
      local report = fleet(list_of(30), { server = emu.url, shard = shard or nil, journal = path })
      assert.equal("journal 0", report.stopped .. " " .. report.requests)
      assert.is_truthy(report.message:find("shard 1/2", 1, true), report.message)
    end
  end)

  it("are refused when they are none", function()
    for _, wrong in ipairs { "3/2", "half", { 1 } } do
      assert.is_false((pcall(botapi.fleet, {}, { server = emu.url, shard = wrong })))
    end
  end)
end)

describe("a fleet of moves by close", function()
  local one, two

  lazy_setup(function() one, two = start { as = "local" }, start { as = "local" } end)
  lazy_teardown(function()
    one:close()
    two:close()
  end)
  before_each(function()
    one:reset()
    two:reset()
    for id = 41, 46 do one:put(id, { state = "logged_in", age = "2h" }) end
    one:put(42, { webhook = { url = HOOK } })
  end)

  -- A process, since the journals of its bots are in the state directory: the outcomes by bot, and the exit code.
  local function move(state, journal, more)
    local child = process.program([[
      local botapi = require "botapi"
      local one, two, journal, more = ...
      local function token(id) return ("%d:CANARY-secret-of-bot-%07d"):format(id, id) end
      local given = { action = "migrate", from = one, to = two, how = "close", journal = journal, webhook = "keep",
        max_failures = 2 }
      if more == "continue" then given.continue = true end
      local list, said = {}, {}
      for id = 41, 45 do list[#list + 1] = { token = token(id), secret_token = "hook" } end
      if more == "continue" then list[#list + 1] = { token = token(46), secret_token = "hook" } end
      given.on_event = function(event)
        if event.type == "result" then said[#said + 1] = event.bot .. ":" .. (event.reason or event.outcome) end
      end
      local report = botapi.fleet(list, given)
      table.sort(said)
      print(report.exit .. " " .. table.concat(said, " "))
    ]], { env = { XDG_STATE_HOME = state } }, one.url, two.url, journal, more or "")
    local line = child:line(60)
    child:wait()
    return line or child:errors()
  end

  it("close each bot, wait for the directories, and go on when told so, with those that were closed", function()
    local state, journal = process.directory() .. "state" .. journals, new_path()
    one:rule { bot = 44, method = "close", times = 1, answer = { error_code = 400, description = "Bad Request: no" } }
    local waiting = "41:move_directory 42:move_directory 43:move_directory 44:bad_request 45:move_directory"
    assert.equal("6 " .. waiting, move(state, journal))
    assert.same({ 41, 42, 43, 45 }, executed(one, { method = "close" }))
    assert.same({ 42 }, executed(one, { method = "deleteWebhook" }))
    assert.equal(0, #two:calls { method = "getMe" })

    one:forget()
    assert.equal("6 41:move_directory 42:move_directory 43:move_directory 45:move_directory", move(state, journal))
    assert.equal(0, #one:calls {})
    assert.equal(0, #two:calls { method = "getMe" })

    assert.equal("6 41:done 42:done 43:done 45:done 46:move_directory", move(state, journal, "continue"))
    assert.same({ 46 }, executed(one, { method = "close" }))
    assert.same({ 41, 42, 43, 45 }, executed(two, { method = "getMe" }))
    assert.same({ 42 }, executed(two, { method = "setWebhook" }))
    assert.equal("new", two:bot(46).state)

    two:forget()
    assert.equal("6 46:done", move(state, journal, "continue"))
    assert.same({ 46 }, executed(two, { method = "getMe" }))
    assert.is_nil(process.slurp(journal):find("CANARY", 1, true))
    assert.is_truthy(process.slurp(journal):find('"reason":"move_directory"', 1, true))
  end)

  it("close no bot that couldn't go on later", function()
    local ok, why = pcall(botapi.fleet, { token(41) }, { action = "migrate", from = one.url, to = two.url,
      how = "close", bot_journal = false })
    assert.is_false(ok)
    assert.is_truthy(why:find("bot_journal", 1, true), why)
    assert.equal(0, #one:calls {})
  end)

  it("go on at once where ready says that a directory has been moved", function()
    local report = fleet({ token(41) }, { action = "migrate", from = one.url, to = two.url, how = "close",
      bot_journal = false, ready = function() return true end })
    assert.is_true(report.ok, report.text)
    assert.same({ 41 }, executed(two, { method = "getMe" }))
  end)
end)

describe("a fleet of moves", function()
  local pair

  lazy_setup(function() pair = start { pair = true } end)
  lazy_teardown(function() pair:close() end)
  before_each(function() pair:reset() end)

  local function move(list, more)
    local options = { action = "migrate", from = pair.urls[1], to = pair.urls[2], how = "logout", bot_journal = false }
    for name, value in pairs(more) do options[name] = value end
    return fleet(list, options)
  end

  it("gives the updates of each bot with its number, where they are taken", function()
    pair:put(51, { state = "logged_in", pending = 3 }, "cloud")
    pair:put(52, { state = "logged_in", pending = 2 }, "cloud")
    local taken = {}
    local report = move({ token(51), token(52) }, { drain = function(update, _, bot)
      taken[bot] = (taken[bot] or 0) + (update.update_id and 1 or 0)
    end })
    assert.is_true(report.ok, report.text)
    assert.same({ ["51"] = 3, ["52"] = 2 }, taken)
  end)

  it("isn't done where the function that takes the updates fails, and the webhook is back", function()
    -- Lua 5.1 yields in no pcall: there it isn't put back, and what has become of the bot isn't known
    local yields = _VERSION ~= "Lua 5.1" or rawget(_G, "jit")
    pair:put(51, { state = "logged_in", pending = 3, webhook = { url = HOOK } }, "cloud")
    local report, results = move({ token(51), token(52) }, { webhook = false, drain = function() error "no room" end })
    assert.equal(yields and "not_sent raised" or "unknown raised", results["51"])
    assert.equal(yields and 6 or 4, report.exit)
    assert.is_truthy(results.said:find("no room", 1, true), results.said)
    assert.same({ 52 }, executed(pair, { method = "logOut" }))
    assert.same(yields and { url = HOOK } or {}, { url = (pair:bot(51, "cloud").webhook or {}).url })
  end)

  it("records no bot as refused where a check of ours stopped it", function()
    local path = new_path()
    local report, results = move({ token(41) }, { to = pair.urls[1], journal = path })
    assert.equal("not_sent check", results["41"])
    assert.equal(3, report.exit)
    assert.is_truthy(process.slurp(path):find('"outcome":"not_sent"', 1, true))
  end)
end)
