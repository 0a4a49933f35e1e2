-- SPDX-License-Identifier: MIT
-- A fleet on the emulator: each bot once, failures told and not spread, waits per bot, order of disk and words.

local api_for = require "botapi.api"
local botapi = require "botapi"
local core = require "botapi.core"
local live = require "support.live"
local loops = require "support.loops"
local netns = require "support.netns"
local process = require "support.process"
local start = require "botapi.emulator".start

local function token(id) return ("%d:CANARY-secret-of-bot-%07d"):format(id, id) end

local function tokens(first, n)
  local list = {}
  for i = 1, n do list[i] = token(first + i - 1) end
  return list
end

-- All that a fleet says: the report, its events by type, and every text in them.
local function watch(options)
  local seen = { texts = {} }
  local function gather(value, depth)
    if type(value) == "string" then seen.texts[#seen.texts + 1] = value end
    if type(value) == "table" and depth < 6 then
      for name, each in pairs(value) do
        gather(name, depth + 1)
        gather(each, depth + 1)
      end
      if getmetatable(value) then seen.texts[#seen.texts + 1] = tostring(value) end
    end
  end
  options.on_event = function(event)
    seen[event.type] = seen[event.type] or {}
    table.insert(seen[event.type], event)
    gather(event, 0)
  end
  return seen
end

describe("a fleet", function()
  local emu, before
  local function fleet(list, options)
    options.server = options.server or emu.url
    local seen = watch(options)
    return botapi.fleet(list, options), seen
  end

  local function result_of(seen, id)
    for _, event in ipairs(seen.result) do
      if event.bot == tostring(id) then return event end
    end
  end

  lazy_setup(function() emu = start {} end)
  lazy_teardown(function() emu:close() end)
  before_each(function()
    emu:reset()
    before = live.note()
  end)
  after_each(function() before:check() end)

  it("asks each bot exactly once", function()
    local report, seen = fleet(tokens(1000, 500), { concurrency = 30 })
    assert.is_true(report.ok)
    assert.equal("500 500 0", ("%d %d %d"):format(report.total, report.requests, report.exit))
    assert.equal(report.text, tostring(report))
    assert.matches("{.*done = 500,.*}", tostring(report.by_outcome))
    assert.equal(500, #seen.result)
    local calls = emu:calls { method = "logOut" }
    assert.equal(500, #calls)
    local asked = {}
    for _, call in ipairs(calls) do
      assert.is_nil(asked[call.bot])
      asked[call.bot] = true
    end
  end)

  it("takes no more tokens than it has places, however many there are", function()
    local taken, told, most = 0, 0, 0
    local report = botapi.fleet(function()
      taken = taken + 1
      most = math.max(most, taken - told)
      if taken <= 3000 then return token(10000 + taken) end
    end, { server = emu.url, concurrency = 25, on_event = function(event)
      if event.type == "result" then told = told + 1 end
    end })
    assert.equal(3000, report.total)
    assert.is_true(most <= 51, most .. " tokens were taken ahead")
  end)

  it("doesn't read a million tokens when it is stopped by failures", function()
    local taken = 0
    local report = botapi.fleet(function()
      taken = taken + 1
      if taken <= 1e6 then return token(taken) end
    end, { server = "http://127.0.0.1:1", concurrency = 10, retries = 0, max_failures = 20 })
    assert.equal("max_failures", report.stopped)
    assert.is_true(taken < 100, taken .. " tokens were read")
    assert.equal(3, report.exit)
  end)

  it("keeps its memory, however many tokens pass", function()
    local taken, peak = 0, 0
    local report = botapi.fleet(function()
      taken = taken + 1
      if taken % 20000 == 0 then
        collectgarbage()
        peak = math.max(peak, collectgarbage "count")
      end
      if taken <= 200000 then return "no token" end
    end, { server = emu.url })
    collectgarbage()
    assert.equal(200000, report.by_reason.token)
    assert.is_true(peak < collectgarbage "count" + 2048, ("%.0f KiB at the peak"):format(peak))
    assert.equal(0, report.requests)
  end)

  it("goes on when bots fail, and tells why", function()
    emu:revoke(1003)
    emu:rule { method = "logOut", bot = 1005, times = 0, answer = "lost_answer" }
    emu:put(1007, { state = "logged_out" })
    local list = tokens(1000, 20)
    list[12] = "malformed"
    local report, seen = fleet(list, { retries = 0 })
    assert.equal("refused unauthorized", result_of(seen, 1003).outcome .. " " .. result_of(seen, 1003).reason)
    assert.equal("unknown maybe", result_of(seen, 1005).outcome .. " " .. result_of(seen, 1005).sent)
    assert.equal("already", result_of(seen, 1007).outcome)
    assert.equal(16, report.by_outcome.done)
    assert.equal(1, report.by_reason.token)
    assert.equal(4, report.exit)
    assert.equal(3, report.failed)
  end)

  it("repeats by the bot's rules, and settles what was lost", function()
    emu:rule { method = "logOut", bot = 1002, times = 1, answer = "lost_answer" }
    emu:rule { method = "logOut", bot = 1004, times = 1, answer = "lost_request" }
    local report, seen = fleet(tokens(1000, 10), { retries = 3 })
    assert.is_true(report.ok)
    assert.equal("already 2", result_of(seen, 1002).outcome .. " " .. result_of(seen, 1002).attempts)
    assert.equal("done 2", result_of(seen, 1004).outcome .. " " .. result_of(seen, 1004).attempts)
    assert.equal(12, report.requests)
    assert.is_not_nil(emu:calls { method = "logOut", expect = 12 })
  end)

  it("sleeps while its last bot waits", function()
    emu:rule { method = "logOut", bot = 1001, times = 1, answer = { error_code = 429, retry_after = 1 } }
    local cpu, began = os.clock(), core.host.monotonic()
    assert.equal(0, fleet(tokens(1001, 1), {}).exit)
    local share = (os.clock() - cpu) / (core.host.monotonic() - began)
    assert.is_true(share < 0.3, share .. " of a core")
  end)

  it("lets one bot wait that gets a 429, and no other", function()
    emu:rule { method = "logOut", bot = 1001, times = 1, answer = { error_code = 429, retry_after = 2 } }
    local order = {}
    local began, others = core.host.monotonic(), nil
    local report = botapi.fleet(tokens(1000, 200), { server = emu.url, concurrency = 2, on_event = function(event)
      if event.type ~= "result" then return end
      order[#order + 1] = event.bot
      if #order == 199 then others = core.host.monotonic() - began end
    end })
    assert.is_true(report.ok)
    assert.equal("1001", order[200])
    assert.is_true(others < 1.5, ("the others took %.1f s"):format(others))
    assert.is_true(report.seconds >= 2)
  end)

  it("makes all wait and go slower when several bots get one", function()
    for id = 1000, 1005 do         -- three more than the others, in whichever order the answers come
      emu:rule { method = "logOut", bot = id, times = 1, answer = { error_code = 429, retry_after = 1 } }
    end
    local report, seen = fleet(tokens(1000, 8), { concurrency = 6 })
    assert.is_true(report.ok)
    assert.equal(1, #seen.slow)
    assert.equal(1, seen.slow[1].wait)
    assert.is_true(seen.slow[1].rate < 30)
    assert.equal(14, report.requests)
  end)

  it("doesn't wait longer than it may", function()
    emu:rule { method = "logOut", bot = 1000, times = 0, answer = { error_code = 429, retry_after = 7200 } }
    local report, seen = fleet(tokens(1000, 3), {})
    assert.equal("later rate_limited", result_of(seen, 1000).outcome .. " " .. result_of(seen, 1000).reason)
    assert.equal(6, report.exit)
    assert.is_true(report.seconds < 5)
  end)

  it("sends no faster than it is told, evenly", function()
    local report = fleet(tokens(1000, 60), { rate = 60, concurrency = 50 })
    assert.is_true(report.seconds >= 0.93 and report.seconds < 2.5, ("%.2f s"):format(report.seconds))
    local times = {}
    for _, call in ipairs(emu:calls { method = "logOut" }) do times[#times + 1] = call.at end
    table.sort(times)
    for i = 31, #times do         -- 24 are due; the emulator may stand still for a tenth of a second
      assert.is_true(times[i] - times[i - 30] >= 0.3, "30 calls within three tenths of a second")
    end
  end)

  it("tells nothing of a bot that its journal doesn't have", function()
    local path = process.directory() .. "order.journal"
    local missing = 0
    botapi.fleet(tokens(1000, 50), { server = emu.url, journal = path, concurrency = 7, on_event = function(event)
      if event.type ~= "result" then return end
      if not process.slurp(path):find(('"result","bot":"%s"'):format(event.bot), 1, true) then missing = missing + 1 end
    end })
    assert.equal(0, missing)
  end)

  it("asks again what isn't settled, and nothing else", function()
    local path = process.directory() .. "again.journal"
    emu:revoke(1001)
    emu:rule { method = "logOut", bot = 1002, times = 0, answer = { error_code = 429, retry_after = 7200 } }
    fleet(tokens(1000, 5), { journal = path })
    emu:unrule()
    emu:forget()
    local report = fleet(tokens(1000, 5), { journal = path })
    assert.equal("4 1 6", ("%d %d %d"):format(report.skipped, report.requests, report.exit))
    assert.equal(1, #emu:calls { method = "logOut", bot = 1002 })
    report = fleet(tokens(1000, 5), { journal = path, again = true })
    assert.equal(1, report.requests)
    assert.equal(1, #emu:calls { method = "logOut", bot = 1001 })
  end)

  it("doesn't repeat a try that is too old to prove anything", function()
    local path = process.directory() .. "old.journal"
    local file = assert(io.open(path, "w"))
    file:write(('{"v":1,"type":"fleet","at":1,"action":"logout","server":"%s"}\n'):format(emu.url),
      ('{"v":1,"type":"intent","bot":"1000","at":%d}\n'):format(os.time() - 700),
      ('{"v":1,"type":"intent","bot":"1001","at":%d}\n{"v":1,"type":"resu'):format(os.time() - 5))
    file:close()
    local report, seen = fleet(tokens(1000, 2), { journal = path })
    assert.equal("unknown too_old", result_of(seen, 1000).outcome .. " " .. result_of(seen, 1000).reason)
    assert.equal("done", result_of(seen, 1001).outcome)
    assert.equal("1 4", report.requests .. " " .. report.exit)
    report = fleet(tokens(1000, 2), { journal = path, force = true })
    assert.equal("1 0", report.requests .. " " .. report.exit)
  end)

  it("uses no journal of another fleet", function()
    local path = process.directory() .. "other.journal"
    fleet({}, { journal = path })
    local report = fleet(tokens(1000, 2), { journal = path, action = "close" })
    assert.equal("journal 3 0", ("%s %d %d"):format(report.stopped, report.exit, report.requests))
    assert.is_truthy(report.message:find("another fleet", 1, true))
  end)

  it("asks no bot while a line of its journal is damaged, but goes on after one that was cut", function()
    local path = process.directory() .. "damaged.journal"
    local function spill(text)
      local file = assert(io.open(path, "wb"))
      file:write(text)
      file:close()
    end
    assert.equal(0, fleet(tokens(1000, 2), { journal = path }).exit)
    local whole = process.slurp(path)
    for _, damaged in ipairs { whole:gsub("{", "X"), whole:gsub("}", "X"), ("\0"):rep(#whole), whole .. "x\n",
      whole:gsub('"v":2', '"v":"x"'), whole:gsub('"at":%d+', '"at":"x"'), whole:gsub('"bot":"1001"', '"bot":7'),
      whole:gsub('"outcome":"done"', '"outcome":{}') } do
      if type(damaged) == "string" then
        spill(damaged)
        local report = fleet(tokens(1000, 2), { journal = path })
        assert.equal("journal 3 0", ("%s %d %d"):format(report.stopped, report.exit, report.requests))
        assert.is_truthy(report.message:find("is damaged; restore it, or", 1, true), report.message)
        assert.equal(damaged, process.slurp(path))
      end
    end
    spill(whole .. '{"v":2,"type":"rest"}\n' .. whole:match('[^\n]+"intent"[^\n]+'):sub(1, 30))
    for _, count in ipairs { 1, 0 } do
      assert.equal(count, fleet(tokens(1000, 3), { journal = path }).requests)
    end
  end)

  it("goes on with its journal however the server is spelled", function()
    local path = process.directory() .. "spelled.journal"
    local port = emu.url:match ":(%d+)$"
    assert.equal(0, fleet(tokens(1000, 2), { journal = path, server = "http://LOCALHOST:" .. port }).exit)
    local report = fleet(tokens(1000, 3), { journal = path, server = "http://localhost:" .. port .. "/" })
    assert.equal("2 1 0", ("%d %d %d"):format(report.skipped, report.requests, report.exit))
  end)

  it("knows a bot's own server in a journal, however it was spelled there", function()
    local path = process.directory() .. "own.journal"
    local file = assert(io.open(path, "w"))
    file:write('{"v":2,"type":"fleet","at":1,"action":"logout","server":"https://h"}\n',
      '{"v":2,"type":"intent","bot":"7","at":1,"server":"http://BOX:81 (unix:/gone//us.sock)"}\n',
      '{"v":2,"type":"result","bot":"7","at":1,"outcome":"done","sent":"yes","attempts":1,',
      '"server":"http://BOX:81 (unix:/gone//us.sock)"}\n')
    file:close()
    local log = assert(require "botapi.fleet.ledger".open { path = path, action = "logout", server = "https://h" })
    assert.equal("done", (log:earlier("7", "http://localhost (unix:/gone/us.sock)")))
    log:close()
  end)

  it("goes on with a journal of version 1, which knew a server by its URL alone", function()
    local function is_taken(head, given)
      local path = process.directory() .. "head.journal"
      local file = assert(io.open(path, "w"))
      file:write('{"type":"fleet","at":1,"action":"logout",', head, "}\n")
      file:close()
      given.path, given.action = path, "logout"
      local log = require "botapi.fleet.ledger".open(given)
      if log then log:close() end
      return log ~= nil
    end
    assert.is_true(is_taken('"v":1,"server":"https://API.telegram.org:443"', { server = "https://api.telegram.org" }))
    assert.is_true(is_taken('"v":1,"server":"http://BOX"', { server = "http://localhost (test) (unix:/run/bot)" }))
    assert.is_true(is_taken('"v":1,"server":"http://BOX","to":"http://[FD00::1]"', { server = "http://box",
      to = "http://[fd00::1] (test)" }))
    assert.is_false(is_taken('"v":1,"server":"http://box"', { server = "http://box:81" }))
    assert.is_false(is_taken('"v":1,"server":"http://box"', { server = "http://box", to = "http://other" }))
    assert.is_false(is_taken('"v":1,"server":"http://box","to":"http://other"', { server = "http://box" }))
    assert.is_true(is_taken('"v":2,"server":"http://BOX (test)"', { server = "http://box (test)" }))
    assert.is_false(is_taken('"v":2,"server":"http://box"', { server = "http://box (test)" }))
  end)

  it("sends nothing more once its journal can't be written", function()
    local report = fleet(tokens(1000, 50), { journal = "/dev/full/x" })
    assert.equal("journal 0", report.stopped .. " " .. report.requests)
  end)

  it("tells no bot as done that a full disk hasn't", function()
    local able, why = netns.available()
    if not able then return pending(why) end
    local directory = process.directory() .. "full"
    assert(process.run("mkdir -p " .. process.quote(directory)))
    local child = process.program([[
      local botapi, url, path = require "botapi", ...
      local list, told = {}, {done = 0, unknown = 0}
      for i = 1, 300 do list[i] = ("%d:CANARY-secret-of-a-bot-0123456789abc"):format(70000 + i) end
      local report = botapi.fleet(list, {server = url, journal = path, concurrency = 20, on_event = function(event)
        if event.type == "result" then told[event.outcome] = (told[event.outcome] or 0) + 1 end
      end})
      local kept = 0
      for line in io.lines(path) do kept = kept + (line:find('"outcome":"done"', 1, true) and 1 or 0) end
      print(report.stopped, told.done <= kept, told.done > 0, told.unknown > 0, report.exit)
    ]], { within = { "unshare", "-m", "sh", "-c", "mount -t tmpfs -o size=16k none " .. directory
      .. ' && exec "$@"', "sh" } }, emu.url, directory .. "/journal")
    local line = child:line(30)
    child:wait()
    assert.equal("journal\ttrue\ttrue\ttrue\t4", line, child:errors())
  end)

  it("returns a report where no descriptor is left", function()
    local child = process.program([[
      local botapi, url = require "botapi", ...
      local given, files = {server = url, retries = 0}, {}
      botapi.fleet({}, given)                   -- what it loads is loaded
      for _ = 1, 50 do files[#files + 1] = io.open "/dev/null" end
      local report = botapi.fleet({"123456:CANARY-secret-of-a-bot"}, given)
      print(report.exit, report.by_outcome.not_sent, report.by_reason.system)
    ]], { within = { "sh", "-c", 'ulimit -n 40; exec "$@"', "sh" } }, emu.url)
    local line = child:line(20)
    child:wait()
    assert.equal("3\t1\t1", line, child:errors())
  end)

  it("tells each second how far it is, also while all wait", function()
    emu:rule { method = "logOut", times = 2, answer = { error_code = 429, retry_after = 2 } }
    local report, seen = fleet(tokens(1000, 2), {})
    assert.is_true(report.ok)
    assert.is_true(#seen.progress >= 1 and seen.progress[1].progress.total <= 2)
  end)

  it("uses no journal of a move to another place", function()
    local path = process.directory() .. "move.journal"
    local function move(to)
      return botapi.fleet({}, { action = "migrate", from = emu.url, to = to, how = "logout", journal = path,
        bot_journal = false })
    end
    assert.is_nil(move("http://127.0.0.1:1").stopped)
    assert.is_nil(move("http://127.0.0.1:1").stopped)
    local report = move "http://127.0.0.1:2"
    assert.equal("journal", report.stopped)
    assert.is_truthy(report.message:find("to http://127.0.0.1:1", 1, true), report.message)
  end)

  it("says which loss stops a move, and does it once that is accepted", function()
    local pair = start { pair = true }
    pair:put(5003, { pending = 5 }, "cloud")
    local path = process.directory() .. "loss.journal"
    local function move(accept)
      local given = { action = "migrate", from = pair.urls[1], to = pair.urls[2], how = "logout", bot_journal = false,
        journal = path, accept_loss = accept }
      local seen = watch(given)
      return botapi.fleet(tokens(5002, 2), given), seen
    end
    local report, seen = move(nil)
    local stopped = result_of(seen, 5003)
    assert.equal("not_sent loss", stopped.outcome .. " " .. stopped.reason)
    assert.is_truthy(stopped.message:find("5 updates", 1, true), stopped.message)
    assert.equal(1, report.by_outcome.done)
    report = move(true)
    pair:close()
    assert.equal("1 1", report.by_outcome.done .. " " .. report.skipped)
  end)

  it("asks no bot twice that stands in the list twice", function()
    local list = tokens(1000, 3)
    list[4] = list[1]
    emu:rule { method = "logOut", bot = 1000, answer = { execute = true, delay = "300ms" } }
    local report = fleet(list, { concurrency = 10 })
    assert.equal("3 1", ("%d %d"):format(report.requests, report.by_reason.twice))
  end)

  it("closes", function()
    for id = 1000, 1004 do emu:put(id, { state = "logged_in", age = "2h" }) end
    local report = fleet(tokens(1000, 5), { action = "close" })
    assert.is_true(report.ok)
    assert.equal(5, #emu:calls { method = "close" })
  end)

  it("runs a function for each bot, with waits of its own", function()
    local report, seen = fleet(tokens(1000, 20), { concurrency = 5, action = function(bot, api)
      local me = bot:get_me()
      api.sleep(0.01)
      if bot.id == "1004" then error("it breaks, " .. token(1004)) end
      if bot.id == "1005" then return nil, "not this one" end
      return me
    end })
    assert.equal("18 1 1", ("%d %d %d"):format(report.by_outcome.done, report.by_outcome.unknown,
      report.by_outcome.refused))
    assert.equal("raised", result_of(seen, 1004).reason)
    assert.equal("not this one", result_of(seen, 1005).message)
    assert.equal(20, #emu:calls { method = "getMe" })
  end)

  -- Values whose own functions fail, as whoever reads them finds.
  local function boo() error "boo" end
  local ODD = {
    { __tostring = boo }, { __tostring = function() return 5 end }, { __tostring = function() return {} end },
    { __tostring = function() error(setmetatable({}, { __tostring = boo })) end }, { __name = {} }, { __name = boo },
    { __index = boo }, { __eq = function() return true end, __lt = boo, __le = boo, __len = boo, __concat = boo },
    { __eq = boo, __call = boo, __pairs = boo, __metatable = false }, { __metatable = { __tostring = boo } },
    { __tostring = function() coroutine.yield(1) end }, { __index = function(t) return t end },
  }
  local function odd(i) return setmetatable({}, ODD[i]) end

  it("survives whatever a function raises, returns or yields: one bot ends, and the others are asked", function()
    local ways = {
      function(value) error(value) end, function(value) return value end, function(value) return nil, value end,
      function(value) coroutine.yield(value) end, function(value) coroutine.yield(value, 3) end,
      function(value) return { status = value } end, function(value) return { status = "done", sent = value } end,
      function(value) return { status = "refused", reason = value, message = value, sent = value, plan = value } end,
      function(value) return nil, { kind = value, sent = value, message = value } end,
      function(value) return nil, { kind = "timeout", sent = value, retry_after = value } end,
      function(value) return { ok = false, parameters = value, error_code = value, description = value } end,
      function(value, api) api.sleep(value) end, function(value, api) return api.reason(value, value) end,
      function(value, api) return api.get_me(value) end,
      function(value, _, bot) return bot:call(value, value, value) end,
    }
    for n, way in ipairs(ways) do
      local path = process.directory() .. "odd" .. n .. ".journal"
      local report, seen = fleet(tokens(1000, #ODD + 1), { journal = path, concurrency = 2, action = function(bot, api)
        local i = tonumber(bot.id) - 999
        if ODD[i] then return way(odd(i), api, bot) end
        return bot:get_me()
      end })
      assert.equal(#ODD + 1, report.total, "way " .. n .. ": " .. report.text)
      assert.equal("done", result_of(seen, 1000 + #ODD).outcome, "way " .. n)
      for line in io.lines(path) do
        local _, members = assert(line:match "^({.*})$", line), core.decode(line)
        assert.is_table(members, line)
        if members.type == "result" then
          assert.is_truthy(("yes no maybe"):find(members.sent, 1, true), line)
        end
      end
    end
  end)

  it("takes no word of a function's for `sent` that isn't one, and no number that can't be slept", function()
    local seen
    local words = { "x\"}\n{", 5, true, "", false }
    local path = process.directory() .. "words.journal"
    fleet(tokens(1000, 5), { journal = path, action = function(bot)
      return { status = "refused", sent = words[tonumber(bot.id) - 999] }
    end })
    for line in io.lines(path) do
      local members = assert(core.decode(line), line)
      assert.is_true(members.type ~= "result" or members.sent == "no", line)
    end
    local times = { -1, 0 / 0, 1 / 0, "x", true }
    seen = select(2, fleet(tokens(1000, 6), { action = function(bot, api)
      api.sleep(times[tonumber(bot.id) - 999] or 0)
      return true
    end }))
    for id = 1000, 1004 do assert.equal("raised", result_of(seen, id).reason) end
    assert.equal("done", result_of(seen, 1005).outcome)
  end)

  it("says what was raised where it says something, and its type where it can't", function()
    local _, seen = fleet(tokens(1000, 2), { action = function(bot)
      error(setmetatable({}, { __tostring = bot.id == "1000" and boo or function() return "mine" end }))
    end })
    assert.equal("a table that can't be shown", result_of(seen, 1000).message)
    assert.equal("mine", result_of(seen, 1001).message)
  end)

  it("survives an entry whose own functions fail", function()
    for i, meta in ipairs(ODD) do
      local n = 0
      emu:reset()
      local report, seen = fleet(function()
        n = n + 1
        return n == 1 and odd(i) or n == 2 and setmetatable({ token = token(1000) }, meta)
          or n == 3 and token(1001) or nil
      end, {})
      assert.equal(3, report.total)
      assert.equal("done", result_of(seen, 1001).outcome)
    end
  end)

  it("survives an error in on_event, and keeps it", function()
    local report = botapi.fleet(tokens(1000, 3), { server = emu.url, on_event = function() error "mine" end })
    assert.is_true(report.ok)
    assert.is_truthy(tostring(report.event_error):find "mine")
  end)

  it("never says a token", function()
    emu:revoke(1003)
    emu:rule { method = "logOut", bot = 1005, times = 0, answer = "garbage" }
    local path = process.directory() .. "canary.journal"
    local report, seen = fleet(tokens(1000, 20), { journal = path, retries = 1 })
    assert.is_true(#seen.texts > 100)
    for _, text in ipairs(seen.texts) do assert.is_nil(text:find("CANARY", 1, true), text) end
    assert.is_nil(report.text:find("CANARY", 1, true))
    assert.is_nil(process.slurp(path):find("CANARY", 1, true))
  end)

  it("writes a line for each record, whatever a reason holds", function()
    local path = process.directory() .. "reasons.journal"
    local log = assert(require "botapi.fleet.ledger".open { path = path, action = "logout", server = "http://h:1" })
    log:intent "1"
    log:result("1", { outcome = "refused", reason = 'a"\n' .. token(1), sent = "yes", attempts = 1 })
    log:intent "2"
    assert(log:sync())
    log:close()
    local text = process.slurp(path)
    assert.equal(4, select(2, text:gsub("\n", "")))
    assert.is_truthy(text:find('"outcome":"refused","reason":"a\\"\\n***","sent":"yes","attempts":1}', 1, true), text)
    log = assert(require "botapi.fleet.ledger".open { path = path, action = "logout", server = "http://h:1" })
    assert.same({ "refused" }, { (log:earlier "1") })
    assert.is_number(select(2, log:earlier "2"))
    log:close()
  end)

  it("estimates before it begins, and knows of servers that take few new bots", function()
    local _, seen = fleet({}, { server = "telegram", count = 100000 })
    assert.is_true(seen.estimate[1].limited_seconds > 30000)
    assert.is_truthy(seen.estimate[1].text:find("10,000 an hour", 1, true))
    _, seen = fleet({}, { server = "https://bots.example", count = 1200 })
    assert.equal(3600, seen.estimate[1].limited_seconds)
    _, seen = fleet({}, { count = 1200 })
    assert.is_nil(seen.estimate[1].limited_seconds)
  end)

  for _, case in ipairs {
    { "an unknown action", { action = "erase" }, "action" }, { "an unknown option", { colour = "red" }, "colour" },
    { "a wrong type", { concurrency = "many" }, "concurrency" }, { "a rate of none", { rate = 0 }, "rate" },
    { "a call's wrong option", { timeout = "soon" }, "timeout" }, { "NaN", { rate = 0 / 0 }, "rate" },
  } do
    it("raises for " .. case[1], function()
      local ok, why = pcall(botapi.fleet, {}, case[2])
      assert.is_false(ok)
      assert.is_truthy(tostring(why):find("bad argument to 'fleet'", 1, true), why)
      assert.is_truthy(tostring(why):find(case[3], 1, true), why)
    end)
  end

  it("takes each option of a bot", function()
    local given = { retries = 0, max_wait = 1, deadline = 5, may_have_left = false, heartbeat = 5 }
    for _, option in ipairs(require "botapi.policy".list) do
      local name = option.name
      assert.is_true(name == "on_event" or given[name] ~= nil, name)
      assert.equal(0, fleet({}, { [name] = given[name] }).total, name)
    end
  end)

  it("raises for tokens that are none", function()
    assert.is_false(pcall(botapi.fleet, "123:abc", {}))
  end)
end)

describe("a fleet's own function", function()
  it("may return any table: none ends the others", function()
    local list = { { status = "200 OK" }, { status = 5 }, { status = {} }, { reason = "a\nb" }, { exit = {} },
      { ok = false, error_code = "x", description = {} }, { ok = true, result = 5 } }
    local i = 0
    local function action()
      i = i + 1
      return list[i] or { ok = true, result = true }
    end
    local given = { server = "http://127.0.0.1:1", concurrency = 1, action = action }
    local report = botapi.fleet(tokens(9000, #list + 1), given)
    assert.equal(#list + 1, report.total)
    assert.equal(report.total - 1, report.by_outcome.done)
    assert.equal(1, report.by_outcome.refused)
  end)
end)

describe("a fleet whose server asks for a wait", function()
  local emu
  lazy_setup(function() emu = start {} end)
  lazy_teardown(function() emu:close() end)

  -- What no server means, and what a front sends that isn't one.
  for _, said in ipairs { '{"retry_after":0}', '{"retry_after":-5}', '{"retry_after":0.001}', '{"retry_after":"x"}',
    '{"retry_after":1e999}', '{"retry_after":{}}', "{}", "5" } do
    it("counts the tries that were asked for where a 429 says no time that can be waited: " .. said, function()
      local id = 7700001
      emu:reset()
      emu:rule { method = "logOut", times = 0, answer = { status = 429,
        body = '{"ok":false,"error_code":429,"description":"x","parameters":' .. said .. "}" } }
      local report = botapi.fleet({ emu:token(id) }, { server = emu.url, retries = 1 })
      assert.equal(1, report.by_outcome.later + report.by_outcome.refused)
      assert.equal(2, #emu:calls { method = "logOut" })
    end)
  end
end)

describe("a fleet of moves", function()
  it("moves each bot", function()
    local pair = start { pair = true }
    local list = tokens(5000, 12)
    local report = botapi.fleet(list, { action = "migrate", from = pair.urls[1], to = pair.urls[2], how = "logout",
      concurrency = 4, bot_journal = false })
    local states = {}
    for i = 1, 12 do states[pair:bot(4999 + i, "local").state] = true end
    pair:close()
    assert.is_true(report.ok, report.text)
    assert.equal(12, report.by_outcome.done)
    assert.same({ logged_in = true }, states)
  end)

  it("takes sides as a move does, with the kind of the server said", function()
    local estimate
    local report = botapi.fleet({}, { action = "migrate", from = { server = "http://127.0.0.1:1", as = "cloud" },
      to = "http://127.0.0.1:2", on_event = function(event) estimate = estimate or event end })
    assert.equal(0, report.total)
    assert.equal("estimate", estimate.type)
  end)
end)

describe("a fleet in a loop", function()
  for _, loop in ipairs((loops.list())) do
    it("runs beside others in " .. loop.name, function()
      local emu = start {}
      emu:rule { method = "logOut", bot = 1001, times = 1, answer = { error_code = 429, retry_after = 1 } }
      local failures = loop.run(function(w)
        local ticks, ended = 0, false
        w.all { function()
          local report = w.api.fleet(tokens(1000, 100), { server = emu.url, concurrency = 10 })
          w.check(report.ok and report.requests == 101, report.text)
          ended = true
        end, function()
          while not ended do
            w.api.sleep(0.01)
            ticks = ticks + 1
          end
        end }
        w.check(ticks > 20, "the loop goes on: " .. ticks)
      end)
      emu:close()
      assert.same({}, failures)
    end)
  end

  it("steps its engine between sleeps where nothing better is known", function()
    local emu = start {}
    local blocking = require "botapi.drive.blocking"
    local api = api_for { engine = blocking.engine, await = blocking.await, sleep = blocking.sleep }
    local report = api.fleet(tokens(1000, 100), { server = emu.url, concurrency = 10 })
    emu:close()
    assert.is_true(report.ok, report.text)
  end)
end)
