-- SPDX-License-Identifier: MIT
-- A fleet that is killed at any moment: journal and server agree on each bot, and no bot is asked twice without need.

local host = require "botapi.core".host
local json = require "cjson.safe"
local process = require "support.process"
local start = require "botapi.emulator".start

local BOTS, KILLS = 2000, 20

-- The fleet, as a process of its own: the secrets have a marker.
local PROGRAM = [[
  local botapi = require "botapi"
  io.stdout:setvbuf "line"              -- print of Lua 5.1 and LuaJIT doesn't flush
  local url, journal, n = ...
  local i = 0
  print "begins"
  local report = botapi.fleet(function()
    i = i + 1
    if i <= tonumber(n) then return ("%d:CANARY-secret-of-bot-%07d"):format(7000 + i, i) end
  end, { server = url, journal = journal, concurrency = 20, rate = 1500, count = tonumber(n) })
  print(report.exit .. " " .. report.total .. " " .. report.skipped)
]]

local function read_journal(path)
  local results, intents = {}, {}
  for line in io.lines(path) do
    local record = json.decode(line)
    if record and record.type == "result" then
      results[record.bot] = results[record.bot] or {}
      table.insert(results[record.bot], record.outcome)
    elseif record and record.type == "intent" then
      intents[record.bot] = (intents[record.bot] or 0) + 1
    end
  end
  return results, intents
end

describe("a fleet that is killed at random moments", function()
  local emu, path, killed, last

  lazy_setup(function()
    emu = start {}
    emu:rule { method = "logOut", times = 0, answer = { execute = true, delay = "10ms" } }
    path = process.directory() .. "kill.journal"
    killed = 0
    math.randomseed(tonumber(os.getenv "SEED") or os.time())
    repeat
      local child = process.program(PROGRAM, { name = "fleet" }, emu.url, path, BOTS)
      child:expect "begins"
      local line, why = child:line(killed < KILLS and math.random() * 0.07 or 30)
      if not line and why == "timeout" then
        child:kill "KILL"
        killed = killed + 1
      end
      child:wait()
      last = line
    until line
  end)

  lazy_teardown(function() emu:close() end)

  it("goes on to its end, each time with those that are left", function()
    assert.equal(KILLS, killed)
    local exit, total = last:match "^(%d+) (%d+)"
    assert.equal("0 " .. BOTS, exit .. " " .. total)
  end)

  it("has exactly one final outcome for each bot, and the server had each", function()
    local results = read_journal(path)
    local calls = {}
    for _, call in ipairs(emu:calls { method = "logOut" }) do calls[call.bot] = (calls[call.bot] or 0) + 1 end
    for i = 1, BOTS do
      local of = results[tostring(7000 + i)]
      assert.is_truthy(of and #of == 1 and (of[1] == "done" or of[1] == "already"), "bot " .. 7000 + i)
      assert.is_truthy(calls[7000 + i], "bot " .. 7000 + i)
    end
  end)

  it("sends a bot two logOuts only where the first had no recorded answer", function()
    local _, intents = read_journal(path)
    local repeated, spare = 0, 0
    for _, call in ipairs(emu:calls { method = "logOut" }) do
      local id = tostring(call.bot)
      intents[id] = intents[id] - 1
      assert.is_true(intents[id] >= 0, "more logOuts than intents: bot " .. id)
    end
    for _, n in pairs(intents) do spare = spare + n end
    for id, of in pairs(read_journal(path)) do repeated = repeated + (#of - 1) * #id end
    assert.equal(0, repeated)
    -- an intent without a call: killed between the disk and the network; never more than the window, each time
    assert.is_true(spare <= killed * 20, spare .. " intents without a call")
  end)

  it("lets no second fleet use its journal at the same time", function()
    local lock = assert(host.lock(path .. ".lock"))
    local report = require "botapi".fleet({}, { server = emu.url, journal = path })
    lock:release()
    assert.equal("journal", report.stopped)
    assert.equal(3, report.exit)
  end)

  it("never writes a token", function()
    assert.is_nil(process.slurp(path):find("CANARY", 1, true))
    assert.equal("600", process.capture("stat -c %a " .. process.quote(path)):match "%d+")
  end)
end)

-- A move by close, as a process of its own, whose state directory has the journals of the bots.
local MOVE = [[
  local botapi = require "botapi"
  io.stdout:setvbuf "line"
  local from, to, journal, n, continue = ...
  local i = 0
  print "begins"
  local report = botapi.fleet(function()
    i = i + 1
    if i <= tonumber(n) then return ("%d:CANARY-secret-of-bot-%07d"):format(8000 + i, i) end
  end, { action = "migrate", from = from, to = to, how = "close", journal = journal, concurrency = 5,
    continue = continue == "continue" or nil, count = tonumber(n) })
  local by = report.by_outcome
  print(report.exit .. " " .. (report.by_reason.move_directory or 0) .. " " .. by.done + by.already + report.skipped)
]]

describe("a fleet of moves by close that is killed at random moments", function()
  local MOVED = 40
  local from, to, path, state

  lazy_setup(function()
    from, to = start { as = "local" }, start { as = "local" }
    for i = 1, MOVED do from:put(8000 + i, { state = "logged_in", age = "2h" }) end
    -- of five at a time, 40 take 8 times as long, which is more than six fleets have until they are killed
    local slow = { execute = true, delay = "100ms" }
    from:rule { method = "close", times = 0, answer = slow }
    to:rule { method = "getMe", times = 0, answer = slow }
    path, state = process.directory() .. "close.journal", process.directory() .. "close-state"
    math.randomseed(tonumber(os.getenv "SEED") or os.time())
  end)
  lazy_teardown(function()
    from:close()
    to:close()
  end)

  -- Killed so often, and then until its end: what it says there.
  local function run(kills, continue)
    local killed = 0
    local line
    repeat
      local child = process.program(MOVE, { env = { XDG_STATE_HOME = state } }, from.url, to.url, path, MOVED, continue)
      child:expect "begins"
      local why
      line, why = child:line(killed < kills and math.random() * 0.08 or 60)
      if not line and why == "timeout" then
        child:kill "KILL"
        killed = killed + 1
      end
      child:wait()
    until line
    assert.equal(kills, killed)
    return line
  end

  it("closes each bot, and none of them goes on before its directory can have been moved", function()
    assert.equal(("6 %d 0"):format(MOVED), run(6, "not yet"))
    for i = 1, MOVED do assert.equal("closed", from:bot(8000 + i).state) end
    assert.equal(0, #to:calls { method = "getMe" })
  end)

  it("goes on with each when it is told so, and asks the old server nothing more", function()
    local before = #from:calls {}
    assert.equal(("0 0 %d"):format(MOVED), run(6, "continue"))
    for i = 1, MOVED do assert.equal("logged_in", to:bot(8000 + i).state) end
    assert.equal(before, #from:calls {})
  end)
end)
