-- SPDX-License-Identifier: MIT
-- Specifies that a move killed at any event loses no update, while updates come at random, and claims none that it has
-- lost.

local botapi = require "botapi"
local cjson = require "cjson.safe".new()
local journal = require "botapi.journal"
local moves = require "support.moves"
local process = require "support.process"

-- What both runs do in on_event: updates come at random, each listed once Telegram has it. `gap`: nobody can look any
-- more at the old server until the bot has left it; what comes there then stays behind.
local FEED = [[
return function(control_url, id, list, seed, gap)
  local emulator = setmetatable({ control_url = control_url }, { __index = require "botapi.emulator.client" })
  local file, state, n, has_taken = assert(io.open(list, "a")), seed, 0, false
  local function random()                 -- the same everywhere: Lua's own differs
    state = (state * 1103515245 + 12345) % 2147483648
    return state / 2147483648
  end
  local leaves = { close = true, logOut = true }
  return function(event)
    if event.type == "attempt" and event.method == "getUpdates" then gap, has_taken = false, true end
    if event.type == "answer" and event.method == "getWebhookInfo" and event.side == "from" then gap = has_taken end
    if event.type == "answer" and leaves[event.method] then gap = false end
    if random() > 0.15 then return end
    n = n + 1
    local text = ("%s %d-%d"):format(gap and "gap" or "due", seed, n)
    emulator:updates(id, { text = text })
    file:write(text, "\n")
    file:flush()
  end
end
]]

-- The killed one: it kills itself, by SIGKILL, in the event of a number.
local PROGRAM = [[
local core, moves = require "botapi.core", require "support.moves"
local env = os.getenv
local last, seen = tonumber(env "LAST"), 0
local options = assert((loadstring or load)(env "OPTIONS"))()
local feed = assert((loadstring or load)(env "FEED"))()(env "CONTROL", tonumber(env "ID"), env "LIST", last, false)
options.on_event = function(event)
  feed(event)
  seen = seen + 1
  if seen == last then os.execute("kill -9 " .. core.host.getpid()) end
end
options.drain = require "botapi.cli.drain".open(env "TAKEN")
print("ended " .. moves.hurried(20).migrate(env "TOKEN", options).status)
]]

describe("a move that is killed while updates come", function()
  local servers

  setup(function() servers = moves.servers() end)
  teardown(function() servers.close() end)

  local function literal(value)
    if type(value) ~= "table" then return type(value) == "string" and ("%q"):format(value) or tostring(value) end
    local members = {}
    for name, member in pairs(value) do members[#members + 1] = ("[%q] = %s"):format(name, literal(member)) end
    return "{" .. table.concat(members, ", ") .. "}"
  end

  local function new_move(how)
    local id, token = moves.new_bot()
    local path = moves.journal()
    servers.pair:put(id, { state = "logged_in", age = "2h", webhook = { url = "https://bot.example/h" } }, "cloud")
    if how == "close" then
      servers.pair:rule { bot = id, method = "close", answer = { error_code = 429, retry_after = 1 } }
    end
    return { id = id, token = token, path = path, list = path .. ".list", taken = path .. ".taken",
      options = { from = { server = servers.cloud, as = "local" }, to = servers.near, how = how, journal = path,
        webhook = false, secret_token = "CANARY_hook", continue = true } }
  end

  -- True when it was killed there.
  local function killed_at(last, move)
    local child = process.program(PROGRAM, { name = "move", env = { LAST = tostring(last), TOKEN = move.token,
      ID = tostring(move.id), CONTROL = servers.pair.control_url, LIST = move.list, TAKEN = move.taken, FEED = FEED,
      OPTIONS = "return " .. literal(move.options) } })
    child:wait(30)
    assert.equal("", (child:errors():gsub("Killed\n", "")))
    return not child:output():find "ended"
  end

  -- The same move, to its end.
  local function finish(last, move)
    local log = journal.read(move.path)
    local is_open = #log:unsettled(move.id) > 0
    local feed = assert((loadstring or load)(FEED))()
    feed = feed(servers.pair.control_url, move.id, move.list, 1000 + last, is_open)
    move.options.drain = require "botapi.cli.drain".open(move.taken)
    local report
    repeat
      report = moves.move(move.token, move.options, feed)
    until report.status ~= "refused"
    return report
  end

  -- How often each update was given: to drain, or in the queue of the new server.
  local function given(move)
    local counts, there = {}, 0
    local function count(update)
      local text = update.message.text
      counts[text] = (counts[text] or 0) + 1
    end
    for line in moves.slurp(move.taken):gmatch "[^\n]+" do count(cjson.decode(line)) end
    for _, update in ipairs(botapi.call(move.token, "getUpdates", nil, { server = servers.near }).result) do
      count(update)
      there = there + 1
    end
    return counts, there
  end

  -- Counts in `seen` what it looks at.
  local function check(last, move, report, seen)
    local where = ("killed at event %d: %s"):format(last, report.text)
    assert.is_true(report.status == "done" or report.status == "already", where)
    local counts, there = given(move)
    local taken = select(2, moves.slurp(move.taken):gsub("\n", ""))
    for text in moves.slurp(move.list):gmatch "[^\n]+" do
      local n = counts[text] or 0
      if text:find "^due" then
        seen.due = seen.due + 1
        assert.is_true(n == 1 or n == 2, text .. ": " .. n .. "; " .. where)
      end
    end
    for _, kept in ipairs(report.kept) do
      seen.kept = seen.kept + 1
      assert.is_true(tonumber(kept:match "^(%d+) updates?, taken from the old server$") <= taken, kept .. "; " .. where)
    end
    if report.waiting then
      seen.waiting = seen.waiting + 1
      assert.is_true(report.waiting <= there, where)
    end
  end

  local function at_every_event(how)
    local last, killed, seen = 0, true, { due = 0, kept = 0, waiting = 0 }
    while killed do
      last = last + 1
      local move = new_move(how)
      killed = killed_at(last, move)
      check(last, move, finish(last, move), seen)
      for _, path in ipairs { move.path, move.path .. ".lock", move.list, move.taken } do os.remove(path) end
    end
    assert.is_true(last > 25, tostring(last))
    assert.is_true(seen.due > 0 and seen.kept > 0)
    return seen
  end

  it("at every event by logOut gives each update once or twice", function() at_every_event "logout" end)

  it("at every event by close gives each update once or twice", function()
    assert.is_true(at_every_event "close".waiting > 0)
  end)
end)
