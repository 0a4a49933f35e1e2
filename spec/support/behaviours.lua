-- SPDX-License-Identifier: MIT
-- What the functions do on every event loop: one list, run by support.loops in each loop, inside nginx, too.
--
-- A behaviour is {title, mode = of the fault server, requests = how many it must count, body = function(w, url)}.
-- `w`, the world: w.api, the functions; w.token; w.all(functions), which runs them side by side; w.now(), seconds;
-- w.check(truth, text) and w.equal(expected, given, text), which note a failure and go on.
-- `judge`: a function of what the server saw, which returns what is wrong with it as a list of texts.
-- `engine`: it needs the driver's engine, which calls in nginx's threads don't have. `emulator`: its urls are those of
-- an emulator's pair.

local core = require "botapi.core"
local files = require "support.files"
local requests = require "support.requests"
local yields_in_pcall = require "botapi.drive".yields_in_pcall
local world = require "support.world"

local unpack = table.unpack or unpack

local SLOW = 0.2 -- how long the mode "slow" takes

local behaviours = {}

local function behaviour(title, spec)
  spec.title = title
  behaviours[#behaviours + 1] = spec
end

local function many(count, make)
  local list = {}
  for i = 1, count do list[i] = make(i) end
  return list
end

-- pcall around what raises before it yields: no yield crosses it, so Lua 5.1 can.
local function raises(w, part, fn, ...)
  local ok, why = pcall(fn, ...)
  w.check(not ok, "it raises: " .. part)
  w.check(tostring(why):find(part, 1, true), ("%q is in %q"):format(part, tostring(why)))
end

behaviour("gives the server's envelope alone, which tostring shows", { mode = "ok", requests = 2,
  body = function(w, url)
    w.equal(1, select("#", w.api.get_me(w.token, { server = url })))
    local res, err = w.api.logout(w.token, { server = url })
    w.equal(nil, err, "no error")
    w.equal("{ok = true, result = true}", tostring(res))
    w.equal(true, (w.api.check(res, err)))
  end })

behaviour("puts on the wire what is written down, for each function", { mode = "ok", requests = requests.count,
  body = function(w, url) requests.run(w.api, w.token, url) end,
  judge = function(seen) return requests.problems(seen, world.token) end })

behaviour("puts the same on the wire from a bot", { mode = "ok", requests = requests.count - 1,
  body = function(w, url) requests.run_bot(w.api.bot(w.token, requests.options(url))) end,
  judge = function(seen) return requests.problems(seen, world.token, true) end })

behaviour("sends marked lists and null as what they are, and honours inherited options", { mode = "ok", requests = 2,
  body = function(w, url)
    local params = { a = { x = w.api.array(), y = w.api.null, z = {} }, b = w.api.null, entities = {} }
    w.equal(true, w.api.call(w.token, "sendMessage", params, { server = url }).ok)
    w.equal(true, w.api.get_me(w.token, setmetatable({}, { __index = { server = url } })).ok)
  end,
  judge = function(seen)
    local body = seen[1].body:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end)
    local wanted = 'a={"x":[],"y":null,"z":{}}&entities=[]'
    return body == wanted and {} or { ("sent %s in place of %s"):format(body, wanted) }
  end })

behaviour("sends what a bot's method of the Bot API's name is given as call does", { mode = "ok", requests = 3,
  body = function(w, url)
    local bot, given = w.api.bot(w.token, { server = url }), { chat_id = 5, text = "good night" }
    w.equal(true, bot:call("sendMessage", given).ok)
    w.equal(true, bot:send_message(given, { timeout = 20 }).ok)
    w.equal(1, select("#", bot:sendMessage(given)))
    raises(w, "bad argument to 'send_message' (unknown option 'wait')", bot.send_message, bot, given, { wait = 1 })
    raises(w, "did you mean 'send_message'", function() return bot:send_mesage(given) end)
  end,
  judge = function(seen)
    local problems = {}
    for i, request in ipairs(seen) do
      local is_same = request.path == seen[1].path and request.body == seen[1].body
      if not is_same then problems[#problems + 1] = ("request %d differs from the first"):format(i) end
    end
    return problems
  end })

behaviour("downloads a file, whole, to a function that may wait", { mode = "file", requests = 2,
  body = function(w, url)
    local size, bytes, judge = 1000000, 0, files.judge()
    local res, err = w.api.download(w.token, ("%d_%d_keep"):format(size, size), function(chunk)
      w.check(judge(chunk), "other bytes")
      bytes = bytes + #chunk
      w.api.sleep(0.001)
    end, { server = url })
    w.check(res and res.ok, tostring(err))
    w.equal(size, bytes)
  end })

behaviour("downloads a file to a path, and says why it can't", { mode = "file", requests = 3,
  body = function(w, url)
    local size, path = 1000000, os.tmpname()
    local res, err = w.api.download(w.token, ("%d_%d_keep"):format(size, size), path, { server = url })
    w.check(res and res.ok, tostring(err))
    local file = io.open(path, "rb")
    w.check(files.is(file:read "*a", size), "other bytes")
    file:close()
    res, err = w.api.download(w.token, ("d/%d_%d_close"):format(size, size / 2), path, { server = url })
    w.equal(nil, res)
    w.equal("network", err and err.kind)
    w.equal("maybe", err and err.sent)
    os.remove(path)
  end })

local MEGABYTE = ("0123456789abcdef"):rep(65536)

behaviour("sends files from memory and from the disk, and tells how much of them was sent", { mode = "ok", requests = 2,
  body = function(w, url)
    local path = os.tmpname()
    local file = assert(io.open(path, "wb"))
    file:write(MEGABYTE)
    file:close()
    local told = {}
    local options = { server = url, on_progress = function(done, total) told[#told + 1] = { done, total } end }
    w.equal(true, w.api.call(w.token, "sendDocument", { document = w.api.file(path, { name = "m" }) }, options).ok)
    w.check(#told > 0, "it tells")
    w.equal("1048576/1048576", told[#told] and table.concat(told[#told], "/"))
    for i = 2, #told do w.check(told[i][1] > told[i - 1][1], "it grows") end
    os.remove(path)
    local media = { { media = w.api.file { data = MEGABYTE, name = "m" } } }
    w.equal(true, w.api.bot(w.token, { server = url }):call("sendMediaGroup", { media = media }).ok)
  end,
  judge = function(seen)
    local problems = {}
    for i, request in ipairs(seen) do
      local found = request.body:find('filename="m"\r\nContent-Type: application/octet-stream\r\n\r\n' .. MEGABYTE
        .. "\r\n--", 1, true)
      if not found then problems[#problems + 1] = ("the file isn't in request %d"):format(i) end
    end
    return problems
  end })

-- Where a yield crosses pcall.
if yields_in_pcall then
  behaviour("cancels a call whose on_progress raises, and raises that", { mode = "upload_pause", requests = 1,
    body = function(w, url)
      local raised = {}
      local ok, why = pcall(w.api.call, w.token, "sendDocument", { document = w.api.file { data = MEGABYTE:rep(24) } },
        { server = url, on_progress = function() error(raised) end })
      w.check(not ok and why == raised, "it raises what was raised: " .. tostring(why))
    end })
end

behaviour("gives a file that isn't there as nil and an error object", { mode = "ok", requests = 0,
  body = function(w, url)
    local res, err = w.api.call(w.token, "sendDocument", { document = w.api.file "/nonexistent/a" }, { server = url })
    w.equal(nil, res)
    w.equal("system/no/document", err.kind .. "/" .. err.sent .. "/" .. tostring(err.parameter))
  end })

behaviour("gives a refusal as an envelope", { mode = "unauthorized", requests = 1, body = function(w, url)
  local res, err = w.api.logout(w.token, { server = url })
  w.equal(nil, err)
  w.equal(401, res.error_code)
  w.equal("401", tostring(res.error_code))
  w.equal("unauthorized", w.api.reason(res, err))
end })

behaviour("gives a failure as nil and an error object", { mode = "refused", requests = 0, body = function(w, url)
  local res, err = w.api.logout(w.token, { server = url })
  w.equal(nil, res)
  w.equal("network/no", err.kind .. "/" .. err.sent)
  w.equal("botapi: " .. err.message, tostring(err))
  w.equal("network", w.api.reason(res, err))
  w.check(#w.api.explain(res, err) > 10, "it is explained")
end })

behaviour("keeps numbers exact", { mode = "migrated", requests = 1, body = function(w, url)
  local res = w.api.call(w.token, "sendMessage", { chat_id = 1, text = "a" }, { server = url })
  w.equal("-1002147483648123", ("%.0f"):format(res.parameters.migrate_to_chat_id))
  w.check(tostring(res):find("-1002147483648123", 1, true), tostring(res))
end })

behaviour("sends nothing for a malformed token", { mode = "ok", requests = 0, body = function(w, url)
  local res, err = w.api.logout("CANARY: no token", { server = url })
  w.equal(nil, res)
  w.equal("token/no", err.kind .. "/" .. err.sent)
end })

behaviour("takes a token that was put away", { mode = "ok", requests = 1, body = function(w, url)
  w.equal(true, w.api.logout(core.token(w.token), { server = url }).ok)
end })

behaviour("raises for the caller's own mistakes", { mode = "ok", requests = 0, body = function(w, url)
  raises(w, "unknown option 'wait'", w.api.logout, w.token, { server = url, wait = 1 })
  raises(w, "timeout", w.api.delete_webhook, w.token, { timeout = 1 }, { server = url })
  raises(w, "token", w.api.logout, 42, { server = url })
  raises(w, "method", w.api.call, w.token, "log-out", nil, { server = url })
  raises(w, "scheme", w.api.probe, "ftp://127.0.0.1")
end })

-- What a function raises, called from this file: without the name that it goes by.
local function raised(name, api, ...)
  local ok, why = pcall(function(...)
    local res = api[name](...)
    return res
  end, ...)
  return ok and "nothing" or (tostring(why):gsub("to '[^']*' ", "", 1))
end

behaviour("raises in the words of the blocking functions, at the caller", { mode = "ok", requests = 0,
  body = function(w, url)
    local blocking, options, wrong = require "botapi", { server = url }, { server = url, wait = 1 }
    for i, mistake in ipairs {
      { "logout" }, { "logout", 42, options }, { "logout", w.token, 5 }, { "logout", w.token, wrong },
      { "get_me", w.token, { timeout = -1 } }, { "close_instance", w.token, { server = "ftp://127.0.0.1" } },
      { "delete_webhook", w.token, { timeout = 1 }, options }, { "delete_webhook", w.token, 5, options },
      { "delete_webhook", w.token, nil, wrong }, { "set_webhook", w.token, nil, options },
      { "set_webhook", w.token, { url = "", bad = 1 }, options }, { "set_webhook", w.token, { url = "" }, wrong },
      { "call", w.token, nil, nil, options }, { "call", w.token, "log-out", nil, options },
      { "call", w.token, "getMe", 5, options }, { "call", w.token, "getMe", { a = print }, options },
      { "call", w.token, "getMe", nil, wrong }, { "probe", "ftp://127.0.0.1" }, { "probe", {} },
      { "probe", url, { wait = 1 } },
    } do
      local name = mistake[1]
      local expected = raised(name, blocking, unpack(mistake, 2, 5))
      local given = raised(name, w.api, unpack(mistake, 2, 5))
      w.check(expected:find("^%S+:%d+: bad argument #%d %("), expected)
      -- in Lua 5.1 a caller of luv's functions, which call on, is forgotten
      if not given:find("^bad") then w.equal(expected, given, i .. ", " .. name) end
      w.equal(expected:match "bad.*", given:match "bad.*", i .. ", " .. name)
    end
  end })

behaviour("ends at its timeout", { mode = "request_silence", requests = 1, body = function(w, url)
  local began = w.now()
  local res, err = w.api.logout(w.token, { server = url, timeout = 0.15 })
  w.equal(nil, res)
  w.equal("timeout/maybe", err.kind .. "/" .. err.sent)
  local took = w.now() - began
  w.check(took > 0.14 and took < 5, "it took " .. took)
end })

behaviour("repeats nothing when the connection breaks", { mode = "request_reset", requests = 1,
  body = function(w, url)
    local _, err = w.api.get_me(w.token, { server = url })
    w.equal("network/maybe", err.kind .. "/" .. err.sent)
  end })

behaviour("sends parameters", { mode = "ok", requests = 2, body = function(w, url)
  w.equal(true, w.api.set_webhook(w.token, { url = "https://example.org/a", max_connections = 3 },
    { server = url }).ok)
  w.equal(true, w.api.call(w.token, "setMyCommands", { commands = { { command = "a", description = "b" } } },
    { server = url }).ok)
end })

behaviour("probes without a token", { mode = "not_found", requests = 1, body = function(w, url)
  local res, err = w.api.probe(url, { timeout = 5 })
  w.equal(nil, err)
  w.equal("{ok = true, result = true}", tostring(res))
end })

behaviour("runs calls side by side", { mode = "slow", requests = 20, body = function(w, url)
  local began, answered = w.now(), 0
  w.all(many(20, function()
    return function()
      local res = w.api.logout(w.token, { server = url })
      if res and res.ok then answered = answered + 1 end
    end
  end))
  w.equal(20, answered)
  w.check(w.now() - began < 20 * SLOW / 2, "they overlap: " .. (w.now() - began))
end })

behaviour("answers each of two hundred calls once", { mode = "ok", requests = 200, body = function(w, url)
  local answers = {}
  w.all(many(200, function(i)
    return function()
      local res = w.api.logout(w.token, { server = url })
      if res and res.ok then answers[i] = (answers[i] or 0) + 1 end
    end
  end))
  for i = 1, 200 do w.equal(1, answers[i], "call " .. i) end
end })

behaviour("wakes each call when it is done, not with the others", { mode = "slow", requests = 1,
  body = function(w, url)
    local order = {}
    w.all {
      function()
        w.api.logout(w.token, { server = url })
        order[#order + 1] = "slow"
      end,
      function()
        w.api.logout(w.token, { server = "http://127.0.0.1:1" })
        order[#order + 1] = "refused"
      end,
      function()
        w.api.sleep(SLOW / 4)
        order[#order + 1] = "slept"
      end,
    }
    w.equal("refused slept slow", table.concat(order, " "))
  end })

behaviour("sleeps without keeping others from running", { mode = "slow", requests = 1, body = function(w, url)
  local ticks, done = 0, false
  w.all {
    function()
      w.api.logout(w.token, { server = url })
      done = true
    end,
    function()
      while not done do
        w.api.sleep(0.005)
        ticks = ticks + 1
      end
    end,
  }
  w.check(ticks >= 5, ticks .. " ticks")
end })

behaviour("makes one call after another in one coroutine", { mode = "ok", requests = 30, body = function(w, url)
  for _ = 1, 10 do
    w.equal(true, w.api.get_me(w.token, { server = url }).ok)
    w.equal(true, w.api.logout(w.token, { server = url }).ok)
    w.equal(true, w.api.get_webhook_info(w.token, { server = url }).ok)
  end
end })

behaviour("ends a call that another coroutine cancels", { mode = "request_silence", requests = 1, engine = true,
  body = function(w, url)
    local drive = w.api.drive
    local call = drive.engine():start(w.token, "logOut", nil, { server = url, timeout = 10 })
    local began = w.now()
    w.all {
      function() drive.await(call) end,
      function()
        w.api.sleep(0.1)
        call:cancel()
      end,
    }
    local _, err = call:result()
    w.equal("cancelled/maybe", err.kind .. "/" .. err.sent)
    w.check(w.now() - began < 5, "at once")
  end })

behaviour("has bots, which refuse after their logout", { mode = "ok", requests = 1, body = function(w, url)
  local bot = w.api.bot(w.token, { server = url, retries = 2 })
  w.equal(true, bot:logout().ok)
  local res, err = bot:get_me()
  w.equal(nil, res)
  w.equal("logged_out/no", err.kind .. "/" .. err.sent)
end })

behaviour("has bots, which wait without blocking and try again", { mode = "refused", requests = 0,
  body = function(w, url)
    local attempts, ticks, done = 0, 0, false
    w.all {
      function()
        local bot = w.api.bot(w.token, { server = url, retries = 2, on_event = function(event)
          if event.type == "attempt" then attempts = attempts + 1 end
        end })
        local _, err = bot:logout()
        w.equal("network/no", err.kind .. "/" .. err.sent)
        done = true
      end,
      function()
        while not done do
          w.api.sleep(0.005)
          ticks = ticks + 1
        end
      end,
    }
    w.equal(3, attempts)
    w.check(ticks >= 2, ticks .. " ticks")
  end })

behaviour("migrates", { emulator = true, body = function(w, cloud, home)
  local report = w.api.migrate(w.token, { from = { server = cloud, as = "cloud" }, to = { server = home, as = "local" },
    webhook = false, journal = false })
  w.equal("done", report.status, tostring(report.message))
end })

-- The emulator's control, which blocks for a moment.
local function control(url)
  return setmetatable({ control_url = url }, require "botapi.emulator.client")
end

local BOT = tonumber(world.token:match "^%d+")

-- What a loop over updates gives, by their texts; Lua 5.1 can't wait in the head of a `for`.
local function texts_of(updates, each)
  local texts = {}
  local update = updates:next()
  while update do
    texts[#texts + 1] = update.message.text
    if each then each(#texts) end
    update = updates:next()
  end
  return table.concat(texts, " ")
end

behaviour("gives updates, and takes a question back when it is stopped elsewhere", { emulator = true,
  body = function(w, cloud)
    local emu = control(cloud)
    emu:updates(BOT, { { text = "a" }, { text = "b" }, { text = "c" } })
    local bot = w.api.bot(w.token, { server = cloud })
    local updates = bot:updates { limit = 2 }
    local texts
    local began = w.now()
    w.all { function() texts = texts_of(updates) end, function()
      w.api.sleep(0.5)
      bot:stop()
    end }
    w.equal("a b c", texts)
    w.equal(nil, updates.error)
    w.check(w.now() - began < 10, "the question wasn't taken back")
    w.equal(0, emu:bot(BOT, "cloud").pending)
  end })

behaviour("asks for no updates once the bot has left, while another coroutine logs it out, too", { emulator = true,
  body = function(w, cloud)
    local emu = control(cloud)
    emu:updates(BOT, { text = "a" })
    emu:rule { method = "logOut", answer = { delay = 0.5 } }
    local bot = w.api.bot(w.token, { server = cloud })
    local texts
    local began = w.now()
    w.all { function() texts = texts_of(bot:updates()) end, function()
      w.api.sleep(0.3)
      w.equal(true, bot:logout().result)
    end }
    w.equal("a", texts)
    w.check(w.now() - began < 10, "the question wasn't taken back")
    local calls = emu:calls { bot = BOT }
    w.equal("logOut", calls[#calls].method)
    w.equal("logged_out", emu:bot(BOT, "cloud").state)
  end })

behaviour("shows no token that a server sends back", { mode = "echo_json", requests = 1,
  body = function(w, url)
    local res, err = w.api.logout(w.token, { server = url })
    w.equal(404, res.error_code)
    for _, text in ipairs { tostring(res), w.api.explain(res, err), tostring(select(2, w.api.check(res, err))) } do
      w.check(not text:find("CANARY", 1, true), "the token is shown")
    end
  end })

return behaviours
