-- SPDX-License-Identifier: MIT
-- Specifies the journal: on the disk before the act, one process at a time, nothing lost by a crash, never a token.

local host = require "botapi.core".host
local journal = require "botapi.journal"

local BOT, OTHER = 123456789, 987654321
local CLOUD, NEAR = "https://api.telegram.org", "http://127.0.0.1:8081"
local SECRET = "AAHcaNaRy-Zq7_Kd3xW9pLm2vT8yBn4RsJ5"

local lua = rawget(_G, "jit") and "luajit" or _VERSION:lower():gsub("%s", "")
local home, path, clock

local function now()
  return clock
end

local function open()
  return assert(journal.open(path, { now = now }))
end

local function slurp(name)
  local file = assert(io.open(name, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

local function spill(name, text)
  local file = assert(io.open(name, "wb"))
  file:write(text)
  file:close()
end

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

-- What a Lua program prints that has `journal`, as a process of its own.
local function run(program, before)
  local name = home .. "/program.lua"
  spill(name, "local journal = require 'botapi.journal'\n" .. program)
  local pipe = assert(io.popen(("%s env LUA_PATH=%s LUA_CPATH=%s %s %s 2>&1"):format(before or "", quote(package.path),
    quote(package.cpath), lua, quote(name))))
  local text = pipe:read("*a")
  pipe:close()
  return text
end

local function intent(log, fields)
  local whole = { bot = BOT, server = CLOUD, method = "logOut" }
  for name, value in pairs(fields or {}) do
    whole[name] = value
  end
  return assert(log:intent(whole))
end

local function ids(list)
  local numbers = {}
  for i, record in ipairs(list) do
    numbers[i] = record.id
  end
  return numbers
end

before_each(function()
  home = os.tmpname()
  os.remove(home)
  assert(host.mkdir_p(home))
  path = home .. "/state/botapi/1.jsonl"
  clock = 1795183386
end)

after_each(function()
  collectgarbage()
  os.execute("rm -rf " .. quote(home))
end)

describe("a journal", function()
  it("is made with its directories, for its owner alone", function()
    local log = open()
    assert.equal(384, (host.mode(path)))
    assert.equal(384, (host.mode(path .. ".lock")))
    assert.equal(448, (host.mode(home .. "/state/botapi")))
    assert.same({}, log:records())
    log:close()
  end)

  it("takes a file that others may read from them", function()
    assert(host.mkdir_p(home .. "/state/botapi"))
    spill(path, "")
    os.execute("chmod 644 " .. path)
    open():close()
    assert.equal(384, (host.mode(path)))
  end)

  -- A file of somebody's, and a directory with that mode in which a link to it has a journal's place.
  local function linked(mode, name)
    local victim = home .. "/victim"
    spill(victim, "kept\n")
    os.execute(("chmod 644 %s && mkdir -p -m %s %s && ln -s %s %s"):format(victim, mode, home .. "/there", victim,
      home .. "/there/" .. name))
    return home .. "/there/1.jsonl", victim
  end

  for _, name in ipairs { "1.jsonl", "1.jsonl.lock" } do
    it("follows no link in a directory that others can write: " .. name, function()
      local at, victim = linked("1777", name)
      local log, why, errno = journal.open(at)
      assert.is_nil(log)
      assert.truthy(why:find("in a directory that others can write", 1, true), why)
      assert.equal(1, errno)
      assert.equal("kept\n", slurp(victim))
      assert.equal(420, (host.mode(victim)))
      if name == "1.jsonl" then assert.is_nil((journal.read(at))) end
    end)
  end

  it("takes no file with a second name there", function()
    local victim = home .. "/victim"
    spill(victim, "")
    os.execute(("mkdir -m 1777 %s && ln %s %s"):format(home .. "/there", victim, home .. "/there/1.jsonl"))
    assert.is_nil((journal.open(home .. "/there/1.jsonl")))
    assert.equal("", slurp(victim))
  end)

  it("follows its owner's own link, and leaves the mode of the file there as it is", function()
    local at, target = linked("755", "1.jsonl")
    spill(target, "")
    local log = assert(journal.open(at))
    assert(log:note { bot = 1, what = "x" })
    log:close()
    assert.equal(420, (host.mode(target)))
    assert.truthy(slurp(target):find('"what":"x"', 1, true))
    assert.equal(1, #journal.read(at):records())
  end)

  it("writes lines that people and other programs can read", function()
    local log = open()
    local id = intent(log, { step = 1, from = "a/b" })
    clock = clock + 1
    assert(log:result(id, { outcome = "refused", sent = "yes", error_code = 400, description = 'a "b"\n' }))
    log:close()
    assert.equal('{"v":1,"id":1,"at":1795183386,"utc":"2026-11-20T14:03:06Z","type":"intent","bot":"123456789",'
      .. '"server":"https://api.telegram.org","method":"logOut","from":"a/b","step":1}\n'
      .. '{"v":1,"id":2,"at":1795183387,"utc":"2026-11-20T14:03:07Z","type":"result","of":1,"bot":"123456789",'
      .. '"server":"https://api.telegram.org","method":"logOut","description":"a \\"b\\"\\n","error_code":400,'
      .. '"outcome":"refused","sent":"yes"}\n', slurp(path))
  end)

  it("gives the next run all that it was told", function()
    local log = open()
    intent(log, { step = 1, webhook = { url = "https://shop.example/hook", allowed_updates = { "message" } } })
    assert(log:note { bot = OTHER, text = "a\\/b" })
    log:close()
    local records = open():records()
    assert.equal(2, #records)
    assert.same({ url = "https://shop.example/hook", allowed_updates = { "message" } }, records[1].webhook)
    assert.equal("a\\/b", records[2].text)
  end)

  it("keeps ids of 17 digits, as a number or as a string", function()
    local log = open()
    intent(log, { bot = 18014398509481982 })
    intent(log, { bot = "18014398509481982" })
    log:close()
    log = open()
    assert.equal(2, #log:unsettled(18014398509481982))
    assert.equal(2, #log:records("18014398509481982"))
    assert.same({}, log:records("18014398509481981"))
    log:close()
  end)

  it("numbers its records as integers, and goes on where the last run ended", function()
    local log = open()
    assert.equal("1", tostring(intent(log)))
    log:close()
    log = open()
    assert.equal("2", tostring(intent(log)))
    assert.same({ "1", "2" }, { tostring(log:unsettled(BOT)[1].id), tostring(log:records()[2].id) })
    log:close()
  end)

  it("has each line on the disk before it returns", function()
    local log = open()
    local real, steps = log.store.file, {}
    log.store.file = {
      write = function(_, text) steps[#steps + 1] = "write" return real:write(text) end,
      sync = function() steps[#steps + 1] = "sync " .. #slurp(path) return real:sync() end,
      close = function() return real:close() end,
    }
    intent(log)
    assert.same({ "write", "sync " .. #slurp(path) }, steps)
    log:close()
  end)

  it("shows its path", function()
    local log = open()
    assert.equal("botapi.journal (" .. path .. ")", tostring(log))
    log:close()
  end)
end)

describe("an intent", function()
  it("is unsettled until it has a result that says what came of it", function()
    for outcome, settled in pairs { done = true, already = true, refused = true, not_sent = true, later = true,
        unknown = false } do
      local log = open()
      local id = intent(log)
      assert.same({ id }, ids(log:unsettled(BOT)))
      assert(log:result(id, { outcome = outcome }))
      assert.same(settled and {} or { id }, ids(log:unsettled(BOT)), outcome)
      log:close()
      assert.same(settled and {} or { id }, ids(assert(journal.read(path)):unsettled(BOT)), outcome)
      os.remove(path)
    end
  end)

  it("tells its age, also in the next run", function()
    local log = open()
    intent(log)
    log:close()
    clock = clock + 720
    log = open()
    assert.equal(720, log:unsettled(BOT)[1].age)
    assert.equal("logOut", log:unsettled(BOT)[1].method)
    clock = clock - 5000
    assert.equal(0, log:unsettled(BOT)[1].age)
    log:close()
  end)

  it("is settled by a later one of the same kind that was done, and by no other", function()
    local log = open()
    local lost = intent(log)
    local elsewhere = intent(log, { server = NEAR })
    local other = intent(log, { method = "setWebhook" })
    local again = intent(log)
    assert(log:result(again, { outcome = "refused" }))
    assert.same({ lost, elsewhere, other }, ids(log:unsettled(BOT)))
    again = intent(log)
    local later = intent(log)
    assert(log:result(again, { outcome = "already" }))
    assert.same({ elsewhere, other, later }, ids(log:unsettled(BOT)))
    log:close()
  end)

  it("of another bot is another matter", function()
    local log = open()
    local one, two = intent(log), intent(log, { bot = OTHER })
    assert(log:result(two, { outcome = "done" }))
    assert.same({ one }, ids(log:unsettled(BOT)))
    assert.same({}, log:unsettled(OTHER))
    assert.is_nil(log:left(BOT, CLOUD))
    assert.is_truthy(log:left(OTHER, CLOUD))
    log:close()
  end)

  it("can be settled by a later run", function()
    local log = open()
    local id = intent(log)
    log:close()
    log = open()
    assert(log:result(id, { outcome = "done", by = "settle" }))
    assert.same({}, log:unsettled(BOT))
    log:close()
  end)
end)

describe("a departure", function()
  it("is remembered when logOut or close was done, with its time", function()
    for _, method in ipairs { "logOut", "LOGOUT", "close" } do
      local log = open()
      local id = intent(log, { method = method })
      assert.is_nil(log:left(BOT, CLOUD))
      assert(log:result(id, { outcome = "done" }))
      log:close()
      clock = clock + 720
      local departure = assert(journal.read(path, { now = now })):left(BOT, CLOUD)
      assert.equal(720, departure.age)
      assert.equal(method, departure.method)
      assert.is_nil(assert(journal.read(path)):left(BOT, NEAR))
      os.remove(path)
    end
  end)

  it("is one also when the bot had left already, and none otherwise", function()
    for outcome, has_left in pairs { already = true, refused = false, not_sent = false, unknown = false,
        later = false } do
      local log = open()
      assert(log:result(intent(log), { outcome = outcome }))
      assert.equal(has_left, log:left(BOT, CLOUD) ~= nil, outcome)
      log:close()
      os.remove(path)
    end
    local log = open()
    assert(log:result(intent(log, { method = "setWebhook" }), { outcome = "done" }))
    assert.is_nil(log:left(BOT, CLOUD))
    log:close()
  end)

  it("ends with an arrival there, and begins anew with the next logOut", function()
    local log = open()
    assert(log:result(intent(log), { outcome = "done" }))
    assert(log:arrival { bot = BOT, server = NEAR })
    assert.is_truthy(log:left(BOT, CLOUD))
    assert(log:arrival { bot = BOT, server = CLOUD })
    assert.is_nil(log:left(BOT, CLOUD))
    assert(log:result(intent(log), { outcome = "done" }))
    assert.is_truthy(log:left(BOT, CLOUD))
    log:close()
  end)
end)

describe("a server", function()
  local SPELLINGS = { "https://API.telegram.org", "https://api.telegram.org:443", "https://api.telegram.org./bot/",
    "telegram" }

  it("is the same one however it is spelled: for departures, arrivals and attempts", function()
    for _, spelling in ipairs(SPELLINGS) do
      local log = open()
      local lost = intent(log, { server = spelling })
      assert.equal(CLOUD, log:unsettled(BOT)[1].server)
      assert(log:result(intent(log), { outcome = "done" }))
      assert.same({}, log:unsettled(BOT), lost)
      assert.is_truthy(log:left(BOT, spelling))
      log:close()
      log = open()
      assert.is_truthy(log:left(BOT, CLOUD))
      assert(log:arrival { bot = BOT, server = spelling })
      assert.is_nil(log:left(BOT, CLOUD))
      log:close()
      os.remove(path)
    end
  end)

  it("is found again by its IPv6 address, and is written whole", function()
    for _, address in ipairs { "[fd00::8081:1]:8081", "[2001:db8:85a3::8a2e:370:7334]:8081", "[fe80::1%25eth0]:8081",
      "[2001:0db8:0085:0003:1234:5678:9abc:def0]:18081" } do
      local log = open()
      intent(log, { server = "http://" .. address:upper():gsub("ETH", "eth") })
      assert(log:result(1, { outcome = "done" }))
      log:close()
      assert.is_nil(slurp(path):find("*", 1, true))
      log = open()
      assert.is_truthy(log:left(BOT, "http://" .. address))
      assert.equal("http://" .. address:gsub("%[2001:0db8:0085:0003", "[2001:db8:85:3"), log:records()[1].server)
      log:close()
      os.remove(path)
    end
  end)

  it("is read in one spelling from a journal of an earlier version, in a plan, too", function()
    assert(host.mkdir_p(home .. "/state/botapi"))
    local function line(id, kind, more)
      return ('{"v":1,"id":%d,"at":%d,"utc":"","type":"%s","bot":"5",%s}\n'):format(id, id, kind, more)
    end
    local api, dotted = '"server":"https://API.telegram.org"', '"server":"https://api.telegram.org."'
    spill(path, line(1, "note", '"from":"https://API.telegram.org","to":"http://BOX:80 (test)","what":"plan"')
      .. line(2, "note", '"from":"https://H","to":"local","what":"mine"')
      .. line(3, "intent", api .. ',"method":"logOut"')
      .. line(4, "intent", dotted .. ',"method":"logOut"')
      .. line(5, "result", '"of":4,"method":"logOut","outcome":"done",' .. dotted)
      .. line(6, "intent", '"server":"http://LOCALHOST:81 (unix:/run//bot)","method":"close"'))
    local log = open()
    local plan, mine = log:records(5)[1], log:records(5)[2]
    assert.same({ CLOUD, "http://box (test)" }, { plan.from, plan.to })
    assert.same({ "https://H", "local" }, { mine.from, mine.to })
    assert.equal(4, log:left(5, CLOUD).at - 1)
    assert.same({ 6 }, ids(log:unsettled(5)))
    assert.equal("http://localhost (unix:/run/bot)", log:unsettled(5)[1].server)
    log:close()
  end)

  it("that isn't a string raises", function()
    local log = open()
    local ok, message = pcall(log.left, log, BOT, nil)
    assert.is_false(ok)
    assert.matches("bad argument to 'left' %(server: a string expected, got nil%)", message)
    log:close()
  end)
end)

describe("a second process", function()
  it("can't open the journal, and is told who has it", function()
    local log = open()
    local text = run(("print(select(2, journal.open(%q)), select(4, journal.open(%q)))"):format(path, path))
    assert.equal(("%s.lock: in use by process %d\t%d\n"):format(path, host.getpid(), host.getpid()), text)
    log:close()
    assert.matches("^nil\tnil\n$", run(("print(select(2, journal.open(%q)), (select(4, journal.open(%q))))")
      :gsub("select%(2, (journal.open%b())%)", "nil"):format(path, path)))
  end)

  it("can open it when the first was killed, and sees its intent", function()
    run(([[
      local host = require "botapi.core".host
      local log = journal.open(%q)
      log:intent { bot = %d, server = %q, method = "logOut" }
      os.execute("kill -9 " .. host.getpid())
      log:result(1, { outcome = "done" })
    ]]):format(path, BOT, CLOUD))
    local log = open()
    assert.same({ 1 }, ids(log:unsettled(BOT)))
    log:close()
  end)

  it("may read it at any time", function()
    local log = open()
    intent(log)
    assert.equal(1, #assert(journal.read(path)):unsettled(BOT))
    log:close()
  end)
end)

describe("a crash", function()
  it("at any byte leaves a journal that has all the lines before, and can be gone on with", function()
    local log = open()
    local id = intent(log)
    assert(log:result(id, { outcome = "done" }))
    log:close()
    local whole = slurp(path)
    for size = 0, #whole do
      local cut = whole:sub(1, size)
      local _, complete = cut:gsub("}\n?", "")
      spill(path, cut)
      log = open()
      assert.equal(complete, #log:records(), cut)
      assert.equal(cut:match("[^}\n]$") and 1 or 0, log.torn, cut)
      id = intent(log, { method = "close" })
      log:close()
      local records = assert(journal.read(path)):records()
      assert.equal(complete + 1, #records, cut)
      assert.equal(id, records[#records].id)
    end
  end)

  it("that leaves zeros or garbage does not stop the journal", function()
    local log = open()
    intent(log)
    log:close()
    spill(path, slurp(path) .. "\0\0\0\0\n{\"v\":1}\n[]\n\"x\"\nnull\n\n" .. ("\255"):rep(100))
    log = open()
    assert.equal(1, #log:records())
    assert.equal(6, log.torn)
    intent(log)
    log:close()
    assert.equal(2, #assert(journal.read(path)):records())
  end)

  it("is told from damage, also by the next run that ends the line", function()
    local log = open()
    assert(log:result(intent(log), { outcome = "done" }))
    log:close()
    local whole = slurp(path)
    for size = 0, #whole do
      spill(path, whole:sub(1, size))
      log = open()
      assert.is_nil(log:damage(), size)
      assert(log:note { bot = BOT })
      log:close()
      log = assert(journal.read(path))
      assert.is_nil(log:damage(), size)
      assert.equal("note", log:records()[#log:records()].type)
    end
    for _, damage in ipairs { "\0\0", "x", "{}", '{"v":1}', '{"v":1,"id":\0', '{"v":1,"id"\n', "\n \n" } do
      spill(path, whole .. damage)
      log = assert(journal.read(path))
      assert.equal(path .. ": damaged (1 line)", log:damage(), damage)
      assert.is_truthy(log:left(BOT, CLOUD))
    end
  end)

  it("keeps lines of unknown types, whatever they hold", function()
    local log = open()
    intent(log)
    log:close()
    spill(path, slurp(path) .. '{"v":1,"id":2,"at":1,"type":"rest","bot":"1","server":{},"method":7,"of":"x"}\n')
    log = open()
    assert.is_nil(log:damage())
    assert.equal(2, #log:records())
    log:close()
  end)

  it("of the disk: a line that was cut is ended before the next one", function()
    local text = run(([[
      local log = assert(journal.open(%q))
      local fields = { bot = %d, server = %q, method = "logOut", filler = ("x"):rep(700) }
      assert(log:intent(fields))
      print(log:intent(fields))
      fields.filler = nil
      print(log:intent(fields))
    ]]):format(path, BOT, CLOUD), "ulimit -f 2; trap '' XFSZ;")
    assert.matches("^nil\t" .. path .. ": .-\t27\n", text)          -- EFBIG: 1 KiB is full
    assert.equal(1, #assert(journal.read(path)):records())
    local log = open()
    intent(log)
    log:close()
    log = assert(journal.read(path))
    assert.equal(2, #log:records())
    assert.equal(1, log.torn)
  end)
end)

describe("damage", function()
  it("is a result that says something else than its intent", function()
    local log = open()
    assert(log:result(intent(log), { outcome = "done" }))
    log:close()
    local whole = slurp(path)
    for _, change in ipairs { { '"server":"[^"]+"', '"server":"x"' }, { '"method":"logOut"', '"method":"getMe"' },
      { '"bot":"%d+"', '"bot":"77"' } } do
      for which = 1, 2 do
        local n = 0
        spill(path, (whole:gsub("[^\n]+", function(line)
          n = n + 1
          return n == which and line:gsub(change[1], change[2]) or nil
        end)))
        log = assert(journal.read(path))
        assert.equal(path .. ": damaged (1 line)", log:damage(), change[2] .. which)
        assert.is_nil(log:left(BOT, CLOUD))
      end
    end
  end)

  it("is a member that the next run would use, and of another kind", function()
    local lines = {
      '{"v":1,"id":1,"at":5,"utc":"","type":"intent","bot":"5","server":"https://h","method":"logOut","username":"a"}',
      '{"v":1,"id":2,"at":5,"type":"result","of":1,"bot":"5","server":"https://h","method":"logOut","outcome":"done",'
        .. '"reason":"x","sent":"yes"}',
      '{"v":1,"id":3,"at":5,"type":"note","bot":"5","what":"plan","from":"https://h","to":"https://i","how":"logout",'
        .. '"gone":true,"pending":3,"username":"a","first_name":"b","kinds":["c"],"webhook":{"url":"https://u",'
        .. '"shown":"https://u","max_connections":3,"allowed_updates":["d"],"has_certificate":false}}',
      '{"v":1,"id":4,"at":5,"type":"note","bot":"5","what":"drained","taken":3,"pending":3}',
      '{"v":1,"id":5,"at":5,"type":"note","bot":"5","what":"looked","pending":3}',
      '{"v":1,"id":6,"at":5,"type":"note","bot":"5","what":"end","status":"done"}',
    }
    assert(host.mkdir_p(home .. "/state/botapi"))
    local bad = { at = { "1e18", "-1", "1e308", "-1e308", "5.5", "1099511627776", "1e999" },
      number = { "1e18", "-1", "1e308", "5.5", "{}", '"3"', "1e999" }, string = { "{}", "7", "true", "[]" },
      other = { '"x"', "7", '{"a":1}' } }
    local tried = 0
    for i, line in ipairs(lines) do
      for before, name, value, after in line:gmatch '()"(%w[%w_]*)":([^,}]+)()' do
        local kind = name == "at" and "at" or value:find '^"' and "string" or tonumber(value) and "number" or "other"
        local is_free = name == "v" or name == "utc" or name == "what" or name == "type"
        for _, each in ipairs(is_free and {} or bad[kind]) do
          local text = line:sub(1, before - 1) .. ('"%s":%s'):format(name, each) .. line:sub(after)
          spill(path, text .. "\n")
          local log = assert(journal.read(path))
          assert.equal(path .. ": damaged (1 line)", log:damage(), text)
          tried = tried + 1
        end
      end
      spill(path, table.concat(lines, "\n", 1, i) .. "\n")
      assert.is_nil(journal.read(path):damage(), line)
    end
    assert.is_true(tried > 100, tried)
  end)

  it("is a number of a record after which there can be none", function()
    assert(host.mkdir_p(home .. "/state/botapi"))
    spill(path, '{"v":1,"id":99999999999999,"at":5,"type":"intent","bot":"5","server":"https://h","method":"logOut"}\n')
    local log = open()
    assert.is_truthy(log:damage())
    assert(log:note { bot = BOT })
    log:close()
  end)
end)

describe("a failure of the disk", function()
  it("is reported, and the line is not taken for written", function()
    local log = open()
    log.store.file:close()
    log.store.file = {
      write = function() return nil, "x: No space left on device", 28 end,
      close = function() end,
    }
    assert.same({ nil, "x: No space left on device", 28 },
      { log:intent { bot = BOT, server = CLOUD, method = "logOut" } })
    assert.same({}, log:unsettled(BOT))
    log:close()
  end)

  it("in the middle of a line doesn't spoil the next one", function()
    local log = open()
    local real, limit = log.store.file, 20
    log.store.file = {
      write = function(_, text)
        real:write(text:sub(1, limit))
        if #text > limit then
          return nil, "x: No space left on device", 28
        end
        return true
      end,
      sync = function() return real:sync() end,
      close = function() return real:close() end,
    }
    assert.is_nil((log:intent { bot = BOT, server = CLOUD, method = "logOut" }))
    limit = 1000
    intent(log)
    intent(log)
    log:close()
    log = assert(journal.read(path))
    assert.equal(2, #log:records())
    assert.equal(1, log.torn)
    assert.is_nil(slurp(path):find("\n\n", 1, true))
  end)

  it("loses no line to a long one, or to what a crash has filled with NULs", function()
    local log = open()
    intent(log, { text = ("x"):rep(200000) })
    log:close()
    local file = io.open(path, "ab")
    file:write(("\0"):rep(70000), "\n")
    file:close()
    log = open()
    intent(log, { text = "last" })
    log:close()
    log = assert(journal.read(path))
    assert.equal(1, log.torn)
    assert.equal(200000, #log:records()[1].text)
    assert.equal("last", log:records()[2].text)
  end)

  it("at fsync ends the journal, since nobody knows what the disk has", function()
    local log = open()
    local real, count = log.store.file, 0
    log.store.file = {
      write = function(_, text) count = count + 1 return real:write(text) end,
      sync = function() return nil, "x: Input/output error", 5 end,
      close = function() return real:close() end,
    }
    for _ = 1, 2 do
      assert.same({ nil, "x: Input/output error", 5 },
        { log:intent { bot = BOT, server = CLOUD, method = "logOut" } })
    end
    assert.equal(1, count)
    log:close()
  end)

  it("at opening is reported, and leaves the lock to others", function()
    assert.is_nil((journal.open("/proc/botapi/1.jsonl")))
    assert.is_nil((journal.open(home)))
    assert.is_nil((journal.read(home)))
    local log, message = journal.open("/dev/null")
    assert.is_nil(log)
    assert.equal("/dev/null: is no file", message)
    open():close()
    spill(path, '{"v":2,"id":1,"at":1,"type":"intent","bot":"1"}\n')
    for _, f in ipairs { journal.open, journal.read } do
      log, message = f(path)
      assert.is_nil(log)
      assert.equal(path .. ": was written by a newer version of botapi", message)
    end
    os.remove(path)
    open():close()
  end)
end)

describe("the token", function()
  it("is never written, whatever member has it", function()
    local log = open()
    local token = BOT .. ":" .. SECRET
    intent(log, {
      url = "https://shop.example/" .. token .. "/hook?x=1", plain = token, [token] = 1,
      encoded = "bot" .. BOT .. "%3A" .. SECRET, lower = BOT .. "%3a" .. SECRET,
      parted = token:gsub(".", "%0\1"), twice = token:gsub(".", function(c) return ("%%25%02x"):format(c:byte()) end),
      login = "https://" .. token .. "@shop.example/",
      deep = { { token, [token] = { token } } }, text = "the token is '" .. token .. "'.",
    })
    log:close()
    local text = slurp(path):gsub("\\u%x%x%x%x", ""):gsub("%%25", "%%")
      :gsub("%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end)
    assert.is_nil(text:find(SECRET, 1, true))
    assert.is_nil(text:find("caNaRy", 1, true))
    local record = assert(journal.read(path)):records()[1]
    assert.equal("https://shop.example/***/hook?x=1", record.url)
    assert.equal("the token is '***'.", record.text)
  end)

  it("isn't seen where there is none", function()
    local log = open()
    local fields = { bot = BOT, server = "http://10.0.0.5:8081", method = "logOut", when = "14:03:06",
      six = "http://[fd00::1:2345:6789:abcd:ef01:2345]:8081/abcdefghijklmnopqrstuvwxyz",
      login = "https://user:word@shop.example/hook" }
    assert(log:intent(fields))
    log:close()
    local record = assert(journal.read(path)):records()[1]
    for name, value in pairs(fields) do
      assert.equal(tostring(value), tostring(record[name]))
    end
  end)
end)

-- Raises with the place of the caller, which luassert cuts off.
local function raises(pattern, f)
  local ok, message = pcall(f)
  assert.is_false(ok)
  assert.matches("journal_spec%.lua:%d+: bad argument to " .. pattern, message)
end

describe("the path", function()
  local function path_with(variables)
    return run("print(journal.path(42))", "env -u XDG_STATE_HOME -u HOME " .. variables)
  end

  it("is below XDG_STATE_HOME, else below HOME", function()
    assert.equal("/var/x/botapi/42.jsonl\n", path_with("XDG_STATE_HOME=/var/x HOME=/home/me"))
    assert.equal("/home/me/.local/state/botapi/42.jsonl\n", path_with("HOME=/home/me"))
    assert.equal("/home/me/.local/state/botapi/42.jsonl\n", path_with("XDG_STATE_HOME=x HOME=/home/me"))
    assert.equal("/home/me/.local/state/botapi/42.jsonl\n", path_with("XDG_STATE_HOME= HOME=/home/me"))
  end)

  it("is none without either, and says so", function()
    assert.equal("nil\tneither XDG_STATE_HOME nor HOME is an absolute path\n", path_with(""))
  end)

  it("takes ids only, so that no other file is reached", function()
    for _, bot in ipairs { "../x", "", "0", "1/2", 0, -1, 1.5, 0 / 0, 2 ^ 60, true } do
      raises("'path' %(bot: ", function() journal.path(bot) end)
    end
  end)
end)

describe("misuse", function()
  it("raises at the caller's line and names the argument", function()
    local log = open()
    local id = intent(log)
    raises("'open' %(path: ", function() journal.open() end)
    raises("'read' %(path: ", function() journal.read(1) end)
    raises("'intent' %(fields: ", function() log:intent() end)
    raises("'intent' %(server: ", function() log:intent { bot = BOT, method = "logOut" } end)
    raises("'intent' %(method: ", function() log:intent { bot = BOT, server = CLOUD } end)
    raises("'intent' %(bot: ", function() log:intent { server = CLOUD, method = "logOut" } end)
    raises("'intent' %(at: ", function() log:intent { bot = BOT, server = CLOUD, method = "x", at = 1 } end)
    raises("'intent' %(utc: ", function() log:intent { bot = BOT, server = CLOUD, method = "x", utc = "x" } end)
    raises("'intent' %(1: ", function() log:intent { "x", bot = BOT, server = CLOUD, method = "x" } end)
    raises("'note' %(f: ", function() log:note { bot = BOT, f = print } end)
    raises("'note' %(n: ", function() log:note { bot = BOT, n = -1002147483648123 } end)
    raises("'result' %(reason: ", function() log:result(id, { outcome = "done", reason = {} }) end)
    raises("'intent' %(username: ", function() log:intent { bot = BOT, server = CLOUD, method = "x", username = 5 } end)
    raises("'note' %(bot: ", function() log:note {} end)
    raises("'arrival' %(server: ", function() log:arrival { bot = BOT } end)
    raises("'result' %(id: ", function() log:result(99, { outcome = "done" }) end)
    raises("'result' %(outcome: ", function() log:result(id, {}) end)
    raises("'result' %(outcome: ", function() log:result(id, { outcome = "dome" }) end)
    raises("'result' %(of: ", function() log:result(id, { outcome = "done", of = 2 }) end)
    raises("'result' %(server: ", function() log:result(id, { outcome = "done", server = NEAR }) end)
    raises("'unsettled' %(bot: ", function() log:unsettled() end)
    raises("'left' %(bot: ", function() log:left("x", CLOUD) end)
    raises("'records' %(bot: ", function() log:records(false) end)
    assert.equal(1, #log:records())
    log:close()
  end)

  it("raises when it is written to and isn't open, but it can still be read", function()
    local log = open()
    intent(log)
    log:close()
    log:close()
    raises("'note' %(journal: ", function() log:note { bot = BOT } end)
    raises("'note' %(journal: ", function() journal.read(path):note { bot = BOT } end)
    assert.equal(1, #log:unsettled(BOT))
  end)
end)
