-- SPDX-License-Identifier: MIT
-- Specifies the loop over updates: each at least once and in order, what it waits out, and how it ends.

local botapi = require "botapi"
local core = require "botapi.core"
local live = require "support.live"
local moves = require "support.moves"
local process = require "support.process"
local start = require "botapi.emulator".start

local monotonic = core.host.monotonic

local emu, before, id, token
local make = botapi.bot

lazy_setup(function() emu = start { as = "local" } end)
lazy_teardown(function() emu:close() end)
before_each(function()
  before = live.note()
  id, token = moves.new_bot()
end)
after_each(function()
  emu:unrule()
  before:check()
end)

-- A bot that notes its events by their types.
local function new_bot(options)
  local events = {}
  local all = { server = emu.url, on_event = function(event)
    events[event.type] = events[event.type] or {}
    table.insert(events[event.type], event)
  end }
  for name, value in pairs(options or {}) do all[name] = value end
  return make(token, all), events
end

-- Sends updates that are numbered from `first` on.
local function send(n, first, padding)
  local list = {}
  for i = 1, n do list[i] = { text = ("%d %s"):format((first or 1) + i - 1, padding or "") } end
  return emu:updates(id, list)
end

local function number_of(update) return tonumber(update.message.text:match "^%d+") end

local function rule(answer, more)
  local fault = { bot = id, method = "getUpdates", answer = answer }
  for name, value in pairs(more or {}) do fault[name] = value end
  emu:rule(fault)
end

local function pending() return emu:bot(id).pending end
local function calls(method) return emu:calls { bot = id, method = method } end

-- The numbers that a loop gives until it has had `last`; then it is stopped, or left.
local function numbers_until(bot, loop, last, leaves)
  local seen = {}
  for update in loop do
    seen[#seen + 1] = number_of(update)
    if seen[#seen] == last then
      if leaves then break end
      bot:stop()
    end
  end
  return seen
end

local function upto(n)
  local list = {}
  for i = 1, n do list[i] = i end
  return list
end

describe("the loop over updates", function()
  it("gives each once and in order, in as few answers as there may be, and confirms them", function()
    send(250)
    local bot = new_bot()
    local loop = bot:updates { timeout = 5 }
    assert.same(upto(250), numbers_until(bot, loop, 250))
    assert.is_nil(loop.error)
    assert.equal(0, pending())
    assert.equal(4, #calls "getUpdates")        -- three answers, and one that only confirms
  end)

  it("waits for those that come later", function()
    local bot = new_bot()
    rule({ result = {}, delay = 0.3 })
    local child = process.program([[
      local socket = require "socket"
      local emu = setmetatable({ control_url = ... }, require "botapi.emulator.client")
      socket.sleep(0.5)
      emu:updates(tonumber((select(2, ...))), { text = "1" })
    ]], {}, emu.control_url, tostring(id))
    assert.same({ 1 }, numbers_until(bot, bot:updates { timeout = 20 }, 1))
    child:wait()
  end)

  it("confirms an update when the body has come back, and not before", function()
    send(3)
    local bot = new_bot()
    local had = 0
    for update in bot:updates { limit = 1, timeout = 1 } do
      had = had + 1
      assert.equal(had, number_of(update))
      assert.equal(4 - had, pending())          -- the one in hand still waits on the server
      if had == 3 then bot:stop() end
    end
    assert.equal(0, pending())
  end)

  it("tells which update is in hand, as long as it is", function()
    send(1)
    local bot = new_bot()
    local loop = bot:updates()
    assert.is_nil(loop.in_hand)
    for update in loop do
      assert.equal(update, loop.in_hand)
      bot:stop()
    end
    assert.is_nil(loop.in_hand)
  end)

  it("confirms nothing where the body breaks or raises: all of that answer come again", function()
    send(5)
    local bot = new_bot()
    assert.same({ 1, 2, 3 }, numbers_until(bot, bot:updates(), 3, true))
    local ok = pcall(function()
      for update in bot:updates() do
        if number_of(update) == 1 then error "x" end
      end
    end)
    assert.is_false(ok)
    assert.equal(5, pending())
    assert.same({ 1, 2, 3, 4, 5 }, numbers_until(bot, bot:updates(), 5))
    assert.equal(0, pending())
  end)

  it("gives an update again whose body raised or broke, when the same object is looped over again", function()
    send(4)
    local bot = new_bot()
    local loop, seen = bot:updates { limit = 2, timeout = 1 }, {}
    local function body()
      for update in loop do
        seen[#seen + 1] = number_of(update)
        if #seen == 1 or #seen == 4 then error "x" end
        if #seen == 3 then break end
        if seen[#seen] == 4 then bot:stop() end
      end
    end
    for _ = 1, 4 do
      pcall(body)
      assert.equal(#seen < 5 and 4 or 0, pending())
    end
    assert.same({ 1, 1, 2, 2, 2, 3, 4 }, seen)
  end)

  it("confirms no update whose body stopped it and raised", function()
    send(3)
    local bot = new_bot()
    local loop = bot:updates()
    assert.is_false(pcall(function()
      for update in loop do
        if number_of(update) == 2 then
          bot:stop()
          error "x"
        end
      end
    end))
    for _ in loop do error "it has ended" end
    assert.equal(2, pending())
    assert.is_nil(loop.in_hand)
  end)

  it("goes on where it is called by hand", function()
    send(2)
    local bot = new_bot()
    local loop = bot:updates()
    assert.equal(1, number_of(loop()))
    assert.equal(2, number_of(loop()))
    bot:stop()
    assert.is_nil(loop())
    assert.equal(0, pending())
  end)

  it("confirms what was done when it is stopped, and no more", function()
    send(5)
    local bot = new_bot()
    assert.same({ 1, 2, 3 }, numbers_until(bot, bot:updates(), 3))
    assert.equal(2, pending())
    assert.same({ 4, 5 }, numbers_until(bot, bot:updates(), 5))
    assert.equal(0, pending())
  end)

  it("ends at once where it is stopped before, and asks for nothing", function()
    local bot = new_bot()
    local loop = bot:updates()
    bot:stop()
    assert.is_nil(loop:next())
    assert.is_nil(loop:next())
    assert.equal(0, #calls())
  end)

  it("leaves other bots alone when one is stopped", function()
    send(1)
    local bot, other = new_bot(), new_bot()
    local loop = other:updates()
    bot:stop()
    assert.equal(1, number_of(loop:next()))
  end)

  it("says which kinds are wanted, an empty list as well", function()
    send(1)
    local bot = new_bot()
    numbers_until(bot, bot:updates { allowed_updates = { "message" } }, 1)
    send(1)
    numbers_until(bot, bot:updates { allowed_updates = {} }, 1)
    local list = calls "getUpdates"
    assert.same({ '["message"]', "[]" }, { list[1].params.allowed_updates, list[3].params.allowed_updates })
  end)

  it("raises for options that are wrong, at the caller's line", function()
    local bot = new_bot()
    for _, wrong in ipairs { { limit = 0 }, { limit = 101 }, { limit = 1.5 }, { timeout = -1 }, { timeout = "x" },
      { on_conflict = "perhaps" }, { allowed_updates = "message" }, { unknown = 1 }, { retries = 1 }, { server = "x" },
      { max_response = 0 }, { on_event = 1 }, { allowed_updates = { print } } } do
      local ok, why = pcall(bot.updates, bot, wrong)
      assert.is_false(ok, next(wrong))
      assert.matches("bad argument to 'updates'", why)
    end
    local _, why = pcall(function() bot:updates { unknown = 1 } end)
    assert.matches("updates_spec%.lua:%d+: bad argument to 'updates' %(unknown option 'unknown'%)", why)
    assert.is_false(pcall(bot.updates, bot, "x"))
  end)

  it("shows no token", function()
    local bot = new_bot()
    local loop = bot:updates()
    assert.equal("botapi.updates: of bot " .. id .. ", open", tostring(loop))
    moves.check_clean(loop, "loop")
    bot:stop()
  end)
end)

describe("the loop over updates, when the bot leaves,", function()
  -- How many requests came behind the last logOut or close.
  local function after(method)
    local n
    for _, call in ipairs(calls()) do
      if call.method == method then n = 0 elseif n then n = n + 1 end
    end
    return n
  end

  it("ends, and sends nothing more, not even to confirm", function()
    send(3)
    local bot = new_bot()
    local seen = 0
    local loop = bot:updates()
    for _ in loop do
      seen = seen + 1
      assert.is_true(bot:logout().result)
      bot:stop()
    end
    assert.equal(1, seen)
    assert.is_nil(loop.error)
    assert.equal(0, after "logOut")
    assert.is_nil(bot:updates():next())
    assert.equal(0, after "logOut")
  end)

  it("ends after close, too", function()
    send(3)
    local bot = new_bot()
    for _ in bot:updates() do assert.is_true(bot:close_instance().result) end
    assert.equal(0, after "close")
  end)

  it("ends where it isn't known whether it has, and says so", function()
    send(3)
    local bot = new_bot()
    emu:rule { bot = id, method = "logOut", answer = "lost_answer" }
    local loop = bot:updates()
    for _ in loop do assert.equal("maybe", select(2, bot:logout()).sent) end
    assert.equal("network", loop.error.reason)
    assert.equal("maybe", loop.error.sent)
    assert.equal(0, after "logOut")
  end)

  -- A loop whose on_event does something when the first question is about to be sent.
  local function at_first_attempt(act)
    send(3)
    local bot, told = new_bot(), {}
    assert.is_true(bot:get_me().ok)     -- or there is nothing to close
    local loop = bot:updates { on_event = function(event)
      if event.method == "getUpdates" then told[#told + 1] = event.type .. " " .. tostring(event.sent) end
      if #told == 1 then act(bot) end
    end }
    assert.is_nil(loop:next())
    assert.is_nil(loop:next())
    assert.is_nil(bot.event_error)
    assert.same({ "attempt nil", "failure no" }, told)
    assert.equal(0, #calls "getUpdates")
    return loop
  end

  it("sends no question that was announced before, whatever on_event does then", function()
    assert.is_nil(at_first_attempt(function(bot) assert.is_true(bot:logout().result) end).error)
    assert.equal("logged_out", emu:bot(id).state)
    id, token = moves.new_bot()
    assert.is_nil(at_first_attempt(function(bot) assert.is_true(bot:close_instance().result) end).error)
    id, token = moves.new_bot()
    emu:rule { bot = id, method = "logOut", answer = "lost_answer" }
    local loop = at_first_attempt(function(bot) assert.equal("maybe", select(2, bot:logout()).sent) end)
    assert.equal("maybe", loop.error.sent)
    assert.equal("logged_out", emu:bot(id).state)
    id, token = moves.new_bot()
    assert.is_nil(at_first_attempt(function(bot) bot:stop() end).error)
  end)

  it("goes on where the request raised before anything was sent", function()
    local loop, seen, raised = require "cqueues".new(), {}, nil
    send(2)
    local bot = require "botapi.cqueues".bot(token, { server = emu.url })
    for _, method in ipairs { "logout", "close_instance" } do assert.is_false((pcall(bot[method], bot))) end
    loop:wrap(function()
      local updates = bot:updates { timeout = 1 }
      local update = updates:next()
      while update do
        seen[#seen + 1] = number_of(update)
        if #seen == 1 then
          local _ = ("x"):gsub("x", function() raised = { pcall(bot.logout, bot) } end)
          assert.equal("no", type(raised[2]) ~= "table" and "no" or raised[2].sent)
        else
          bot:stop()
        end
        update = updates:next()
      end
      assert.is_nil(updates.error)
    end)
    assert(loop:loop())
    assert.same({ 1, 2 }, seen)
    assert.is_false(raised[1])
    assert.same({ 2, 0 }, { #calls(), #calls "logOut" })
  end)

  it("sends no question that would only confirm, either", function()
    for _, answer in ipairs { { execute = true }, "lost_answer" } do
      id, token = moves.new_bot()
      send(1)
      local bot, asked = new_bot(), 0
      emu:rule { bot = id, method = "logOut", answer = answer }
      local loop = bot:updates { on_event = function(event)
        if event.type == "attempt" then asked = asked + 1 end
        if event.type == "attempt" and asked == 2 then bot:logout() end
      end }
      assert.same({ 1 }, numbers_until(bot, loop, 1))
      assert.same({ 2, 1, 1 }, { asked, #calls "getUpdates", #calls "logOut" })
      assert.equal("logged_out", emu:bot(id).state)
    end
  end)

  it("goes on where the server has refused that", function()
    send(2)
    local bot = new_bot()
    emu:rule { bot = id, method = "logOut", answer = { error_code = 400, description = "Bad Request: no" } }
    local seen = {}
    for update in bot:updates() do
      seen[#seen + 1] = number_of(update)
      if #seen == 1 then bot:logout() else bot:stop() end
    end
    assert.same({ 1, 2 }, seen)
    assert.equal(0, pending())
  end)
end)

describe("the loop over updates waits out", function()
  -- Each goes away by itself; all updates come, each once, and the loop has no error.
  local function waits_out(answer, more, options)
    send(3)
    rule(answer, more)
    local bot, events = new_bot(options and options.bot)
    local loop = bot:updates { timeout = 1 }
    local began = monotonic()
    assert.same(upto(3), numbers_until(bot, loop, 3))
    assert.is_nil(loop.error)
    assert.equal(0, pending())
    return events, monotonic() - began
  end

  it("a rate limit, for as long as the server asks", function()
    local events, took = waits_out { error_code = 429, retry_after = 1 }
    assert.is_true(took >= 1)
    assert.equal("rate_limited", events.wait[1].why)
    assert.is_true(1 <= events.wait[1].wait and events.wait[1].wait <= 2)
  end)

  for _, fault in ipairs { "restart", "bad_gateway", "gateway_timeout", "lost_answer", "lost_request", "truncated",
    "garbage" } do
    it(fault .. ", with pauses that grow", function()
      local events = waits_out(fault, { times = 3 })
      assert.equal(3, #events.wait)
      for n, least in ipairs { 0.25, 0.5, 1 } do
        assert.is_true(least <= events.wait[n].wait and events.wait[n].wait <= least * 2, events.wait[n].wait)
      end
    end)
  end

  it("an answer that doesn't come, as long as the call may take", function()
    local events = waits_out("silence", {}, { bot = { timeout = 0.3 } })
    assert.equal("timeout", events.failure[1].reason)
  end)

  it("a server that isn't there yet", function()
    local bot, events = new_bot { server = "http://127.0.0.1:1" }
    local loop
    loop = bot:updates { on_event = function(event)
      events[event.type] = event
      if event.type == "wait" then bot:stop() end
    end }
    assert.is_nil(loop:next())
    assert.equal("network", events.wait.why)
    assert.is_nil(loop.error)
  end)

  it("somebody else who asks, and says so once", function()
    local events = waits_out("conflict", { times = 3 })
    assert.equal(1, #events.conflict)
    assert.equal("conflict", events.conflict[1].reason)
    assert.matches("terminated by other getUpdates", events.conflict[1].why)
    assert.equal("conflict", events.wait[1].why)
  end)

  it("a server that answers at once without updates: it isn't asked without a pause", function()
    rule({ result = {} }, { times = 3 })
    send(1)
    local bot, events = new_bot()
    assert.same({ 1 }, numbers_until(bot, bot:updates { timeout = 5 }, 1))
    assert.equal(3, #events.wait)
    for n = 1, 3 do assert.equal("idle", events.wait[n].why) end
  end)

  it("a webhook that is set, if it is told so", function()
    local bot = new_bot()
    assert.is_true(bot:set_webhook { url = "https://bot.example/h" }.ok)
    local loop = bot:updates { on_conflict = "stop" }
    assert.is_nil(loop:next())
    assert.equal(409, loop.error.error_code)
    assert.equal("conflict", loop.error.reason)
  end)
end)

describe("the loop over updates ends with what lasts:", function()
  for name, code in pairs { unauthorized = 401, logged_out = 400, supergroup = 400 } do
    it(name, function()
      send(1)
      rule(name)
      local bot = new_bot()
      local loop = bot:updates()
      assert.is_nil(loop:next())
      assert.equal(code, loop.error.error_code)
      assert.equal(1, #calls())
      assert.matches("^botapi: " .. code, tostring(loop.error))
    end)
  end

  it("a token that was revoked while it ran", function()
    send(1)
    local bot = new_bot()
    local loop = bot:updates()
    for _ in loop do emu:revoke(id) end
    assert.equal("unauthorized", loop.error.reason)
  end)

  it("a malformed token", function()
    local loop = make("CANARY", { server = emu.url }):updates()
    assert.is_nil(loop:next())
    assert.equal("token", loop.error.kind)
  end)

  it("another web server, but not once a Bot API server was there", function()
    local page = { status = 404, type = "text/html", body = "<html>no bot here</html>" }
    rule(page)
    local bot = new_bot()
    local loop = bot:updates()
    assert.is_nil(loop:next())
    assert.equal("protocol", loop.error.kind)
    send(2)
    rule(page, { skip = 1 })
    loop = bot:updates { limit = 1 }
    assert.same({ 1, 2 }, numbers_until(bot, loop, 2))
    assert.is_nil(loop.error)
  end)
end)

describe("the loop over updates, of answers that are too large,", function()
  it("asks for fewer, and for more again", function()
    send(60, 1, ("x"):rep(3000))
    local bot = new_bot()
    local loop = bot:updates { max_response = 60000, timeout = 1 }
    assert.same(upto(60), numbers_until(bot, loop, 60, true))
    send(3, 61)
    assert.same({ 60, 61, 62, 63 }, numbers_until(bot, loop, 63, true))
    send(1, 64)
    assert.same({ 63, 64 }, numbers_until(bot, loop, 64))
    local limits = {}
    for i, call in ipairs(calls "getUpdates") do limits[i] = tonumber(call.params.limit) end
    assert.same({ 100, 25, 6 }, { limits[1], limits[2], limits[3] })
    assert.equal(100, limits[#limits - 1])
    assert.equal(0, pending())
  end)

  it("takes 100 of the longest by default", function()
    local list = {}
    for i = 1, 100 do list[i] = { text = i .. " " .. ("\240\159\152\128"):rep(2046) } end
    emu:updates(id, list)
    local bot, events = new_bot()
    assert.same(upto(100), numbers_until(bot, bot:updates(), 100))
    assert.is_nil(events.failure)
  end)

  it("ends where a single one is too large: no other could ever come", function()
    send(1, 1, ("x"):rep(3000))
    local bot = new_bot()
    local loop = bot:updates { max_response = 1000 }
    assert.is_nil(loop:next())
    assert.equal("limit", loop.error.kind)
    assert.equal(1, pending())
  end)
end)

describe("the loop over updates, of answers that are wrong,", function()
  local function update(n, more)
    local one = { update_id = 1000 + n, message = { text = tostring(n) } }
    for name, value in pairs(more or {}) do one[name] = value end
    return one
  end

  -- Instead of asking the emulator.
  local function answer(result, more) rule({ execute = false, result = result }, more) end

  it("gives the updates in it, in the order of their ids, and tells of the rest", function()
    answer({ update(2), { message = {} }, update(1), "x", update(4, { update_id = "1004" }) })
    local bot, events = new_bot()
    local loop = bot:updates()
    assert.equal(1, number_of(loop:next()))
    assert.equal(2, number_of(loop:next()))
    assert.equal(1, #events.malformed)
    assert.matches("update_id is missing", events.malformed[1].why)
    answer({ update(5) })
    assert.equal(5, number_of(loop:next()))
    local list = calls "getUpdates"
    assert.equal("1003", list[#list].params.offset)
  end)

  it("waits where there is no update in it, and goes on with the next", function()
    answer({ { message = {} } })
    answer({ a = 1 })
    answer("x")
    send(1)
    local bot, events = new_bot()
    local loop = bot:updates { timeout = 1 }
    assert.same({ 1 }, numbers_until(bot, loop, 1))
    assert.is_nil(loop.error)
    assert.equal(3, #events.wait)
  end)

  it("takes ids that begin anew further down", function()
    answer({ update(1) })
    local bot = new_bot()
    local loop = bot:updates()
    assert.equal(1, number_of(loop:next()))
    answer({ update(-900), update(-1001) })       -- below 0 an offset counts from the end
    assert.equal(-900, tonumber(loop:next().message.text))
    bot:stop()
    assert.is_nil(loop:next())
    local list = calls "getUpdates"
    assert.equal("101", list[#list].params.offset)
  end)
end)

describe("Ctrl-C in the loop over updates", function()
  local function interrupted(body, method)
    send(2)
    rule("silence", { method = method })
    local child = process.program([[
      local url, token, body = ...
      local botapi, core = require "botapi", require "botapi.core"
      local bot = botapi.bot(token, { server = url })
      local updates = bot:updates()
      local ok, raised = pcall(function() assert((loadstring or load)(body))(updates, bot) end)
      local err = core.interruption(raised)
      print(ok, err.kind, err.sent, err.update_id and ("%.0f"):format(err.update_id),
        updates.in_hand and updates.in_hand.message.text, tostring(err))
    ]], {}, emu.url, token, "local updates, bot = ... " .. body)
    assert(emu:calls { bot = id, method = method, expect = 1, wait = 20 })
    child:kill "INT"
    local line = child:line(20)
    assert.equal(0, child:wait(), child:errors())
    return line
  end

  it("says which update was in hand", function()
    local line = interrupted("for u in updates do bot:call('getChat', {chat_id = 1}) end", "getChat")
    local first = emu:calls { bot = id, method = "getUpdates" }[1]
    assert.is_nil(first.params.offset)
    local number = line:match "^false\tcancelled\tmaybe\t(%d+)\t1 \t"
    assert.is_truthy(number, line)
    assert.is_truthy(line:find("update " .. number .. " was in hand, and comes again", 1, true), line)
    assert.is_nil(line:find("CANARY", 1, true))
    assert.equal(2, pending())
  end)

  it("says of none while it waits for one", function()
    local line = interrupted("for u in updates do end", "getUpdates")
    assert.matches("^false\tcancelled\tmaybe\tnil\tnil\tbotapi: getUpdates: interrupted", line)
  end)

  it("that has ended a logOut ends the loop as well: nobody knows what became of it", function()
    send(1)     -- a second logOut would race with the first one's end
    rule("silence", { method = "logOut" })
    local child = process.program([[
      local url, token = ...
      local bot = require "botapi".bot(token, { server = url })
      local updates, raised = bot:updates(), 0
      for _ in updates do raised = raised + (pcall(bot.logout, bot) and 0 or 1) end
      print(raised, updates.error.kind, tostring(updates.error))
    ]], {}, emu.url, token)
    assert(emu:calls { bot = id, method = "logOut", expect = 1, wait = 20 })
    child:kill "INT"
    assert.matches("^1\tlogged_out\tbotapi: getUpdates: a request to leave", child:line(20))
    assert.equal(0, child:wait(), child:errors())
    assert.equal(1, #calls "getUpdates")
  end)

  it("that has ended a logOut ends later loops, too, until one is answered", function()
    send(1)
    rule({ error_code = 400, description = "Bad Request: no" }, { method = "logOut" })
    rule({ execute = false, delay = "60s" }, { method = "logOut" })
    local child = process.program([[
      local url, token = ...
      local bot = require "botapi".bot(token, { server = url })
      local raised = not pcall(bot.logout, bot)
      local updates = bot:updates()
      print(raised, updates:next(), updates.error.kind)
      print(bot:logout().error_code, bot:updates():next().message.text)
    ]], {}, emu.url, token)
    assert(emu:calls { bot = id, method = "logOut", expect = 1, wait = 20 })
    child:kill "INT"
    assert.equal("true\tnil\tlogged_out", child:line(20))
    assert.matches("^400\t1 ", child:line(20))
    assert.equal(0, child:wait(), child:errors())
  end)

  it("that came before a logOut was sent ends no loop", function()
    send(2)
    local raised = moves.interruption("logOut", "no")
    local bot = new_bot()
    local seen = {}
    for update in bot:updates() do
      seen[#seen + 1] = number_of(update)
      if #seen == 2 then bot:stop() end
      if #seen == 1 then pcall(bot.logout, bot, { on_event = function() error(raised, 0) end }) end
    end
    assert.same({ 1, 2 }, seen)
    assert.equal(0, #calls "logOut")
  end)
end)
