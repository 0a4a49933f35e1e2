-- SPDX-License-Identifier: MIT
-- Owns the check that types/ says what the modules do: functions, options, kinds, reasons, events; nothing more.

local bot_api = require "botapi.bot_api"
local botapi = require "botapi"
local process = require "support.process"

local function source(path) return assert(process.slurp(process.root .. path), path) end

local types = {}
for _, name in ipairs { "botapi", "botapi/bot_api", "botapi/emulator", "botapi/journal", "resty/botapi",
  "botapi/migrate/run", "botapi/fleet/run" } do
  types[name] = source("types/" .. name .. ".lua") .. "\n"
end

local function sorted(set)
  local list = {}
  for name in pairs(set) do list[#list + 1] = name end
  table.sort(list)
  return list
end

-- The functions that a text declares for a name: `function botapi.logout(`.
local function declared(text, name)
  local set = {}
  for each in text:gmatch("\nfunction " .. name .. "[.:]([%a_]+)%(") do set[each] = true end
  return sorted(set)
end

-- The fields of a class, each with its type.
local function fields(text, class)
  local body = assert(text:match("\n%-%-%-@class " .. class:gsub("%.", "%%.") .. "%f[ \n][^\n]*\n(.-)\n\n"), class)
  local set = {}
  for name, type_of in ("\n" .. body):gmatch "\n%-%-%-@field ([%a_]+)%?? ([^\n]+)" do set[name] = type_of end
  return set
end

-- The words of an alias, or of a field's type.
local function words(text)
  local set = {}
  for word in text:gmatch '"([%a_]+)"' do set[word] = true end
  return sorted(set)
end

local function functions_of(t)
  local set = {}
  for name, value in pairs(t) do
    if type(value) == "function" and not name:match "^__" then set[name] = true end
  end
  return set
end

local function methods_of(object)
  local set = functions_of(debug.getmetatable(object).__index)
  set.web = nil                         -- botapi.facebook's own
  return sorted(set)
end

describe("types/", function()
  it("are Lua, and name their modules", function()
    local list = process.capture("cd " .. process.quote(process.root) .. "types && find . -name '*.lua' | sort")
    local n = 0
    for path in list:gmatch "%./([^\n]+)" do
      n = n + 1
      local module = path:gsub("%.lua$", ""):gsub("/", ".")
      assert(loadfile(process.root .. "types/" .. path))
      assert.is_truthy(source("types/" .. path):find("\n---@meta " .. module .. "\n", 1, true), path)
      assert.is_truthy(process.slurp(process.root .. "lua/" .. path), path .. " is no module")
    end
    assert.equal(12, n)
  end)

  it("have the functions of botapi", function()
    local set = functions_of(botapi)
    -- those that are read when they are first used
    for _, name in ipairs { "bot", "migrate", "fleet", "check", "reason", "explain", "array", "download", "help" } do
      assert.is_not_nil(botapi[name])
      set[name] = true
    end
    assert.same(sorted(set), declared(types.botapi, "botapi"))
  end)

  it("have the methods of engines, calls, bots and sessions", function()
    local engine = botapi.engine()
    assert.same(methods_of(engine), declared(types.botapi, "engine"))
    assert.same(methods_of(engine:timer(0)), declared(types.botapi, "call"))
    engine:close()
    assert.same(sorted(functions_of(getmetatable(botapi.bot "malformed").__index)), declared(types.botapi, "bot"))
    local session = botapi.facebook.session { { key = "c_user", value = "1" }, { key = "xs", value = "2" } }
    assert.same(sorted(functions_of(botapi.facebook)), declared(types.botapi, "facebook"))
    assert.same(sorted(functions_of(getmetatable(session).__index)), declared(types.botapi, "session"))
  end)

  it("have the functions of the emulator, the journal and nginx", function()
    assert.same(sorted(functions_of(require "botapi.emulator")), declared(types["botapi/emulator"], "emulator"))
    assert.same(sorted(functions_of(require "botapi.emulator.client")), declared(types["botapi/emulator"], "client"))
    local journal = require "botapi.journal"
    assert.same(sorted(functions_of(journal)), declared(types["botapi/journal"], "journal"))
    local log = getmetatable(assert(journal.read "no such file")).__index
    assert.same(sorted(functions_of(log)), declared(types["botapi/journal"], "log"))
    assert.same({ "with" }, declared(types["resty/botapi"], "botapi"))
  end)

  for _, path in ipairs { "types/botapi.lua", "types/botapi/emulator.lua" } do
    it("have the program's lists of options, parameters, reasons, outcomes and faults: " .. path, function()
      local command = "cd %s && %s packaging/types.lua %s"
      local made = process.made(command:format(process.quote(process.root), process.lua, path))
      assert.equal(made, source(path), "run make docs")
    end)
  end

  it("are what botapi.help shows, function by function, with a line of 80 columns each", function()
    local made = process.made(("cd %s && %s packaging/pages.lua types/botapi.lua"):format(
      process.quote(process.root), process.lua))
    assert.equal(made, source "lua/botapi/manual.lua", "run make docs")
    local shown, set = {}, {}
    for name, line in tostring(botapi):gmatch "\n  ([%l_]+) +(%u[^\n]*)%f[\n]" do
      shown[name] = true
      assert.is_true(#line <= 59, line)
    end
    for _, name in ipairs(declared(types.botapi, "botapi")) do set[name] = true end
    set.facebook, set.emulator = true, true
    assert.same(set, shown)
    assert.matches("^botapi %d+%.%d+%.%d+: ", tostring(botapi))
  end)

  -- Its page, as a prompt shows it.
  local function help(name)
    return process.capture(('cd %s && %s -e \'require "botapi".help "%s"\''):format(process.quote(process.root),
      process.lua, name))
  end

  it("are what botapi.help shows of options and results, and no page leads to itself", function()
    for name, class in pairs { bot = "BotOptions", migrate = "MigrateOptions", fleet = "FleetOptions" } do
      local page = help(name)
      for option in pairs(fields(types.botapi, "botapi." .. class)) do
        assert.is_truthy(page:find("\n  " .. option .. " +%S"), name .. ": " .. option)
      end
    end
    for _, name in ipairs(declared(types.botapi, "botapi")) do
      local page = help(name)
      assert.is_nil(page:find("See `botapi.", 1, true), name)
      assert.matches("\nExample\n", page)
    end
    for _, name in ipairs { "logout", "get_me", "call", "set_webhook" } do
      local page = help(name)
      for _, line in ipairs { "\n  options +of every call", "\n  res +", "\n  err +the error object" } do
        assert.matches(line, page)
      end
    end
  end)

  it("are what botapi.help shows of an emulator: its methods, and an example that runs", function()
    local page = help "emulator"
    for _, name in ipairs(declared(types["botapi/emulator"], "client")) do
      if name ~= "start" then assert.is_truthy(page:find("\n  " .. name .. "(", 1, true), name) end
    end
    assert((loadstring or load)(page:match "\nExample\n(.*)$"))()
  end)

  it("have every method of the Bot API on bots, with every parameter", function()
    local text, made = types["botapi/bot_api"], process.made(("cd %s && %s packaging/bot_types.lua"):format(
      process.quote(process.root), process.lua))
    assert.equal(made, source "types/botapi/bot_api.lua", "run make docs")
    local bot, declared_here, n = botapi.bot "malformed", {}, 0
    for _, each in ipairs { text, types.botapi } do
      for _, name in ipairs(declared(each, "bot")) do declared_here[name] = true end
    end
    local alias = text:match "\n%-%-%-@alias botapi%.Method\n(.-)\n\n"
    for _, name in ipairs(bot_api.names()) do
      local entry = bot_api.find(name)
      assert.is_function(bot[entry.lua])
      assert.is_true(declared_here[entry.lua], name)
      if name ~= "close" then
        assert.is_truthy(text:find(("\nbot.%s = bot.%s\n"):format(name, entry.lua), 1, true), name)
      end
      assert.is_truthy(alias:find('"' .. name .. '"', 1, true))
      if entry.params[1] then
        local class = "botapi." .. (entry.same or name):gsub("^%l", string.upper)
        local given = fields(text:find("@class " .. class .. "\n", 1, true) and text or types.botapi, class)
        for _, param in ipairs(entry.params) do
          assert.is_truthy(given[param], name .. "." .. param)
          n = n + 1
        end
      end
    end
    assert.equal(897, n)
  end)

  it("have a place for each of these lists", function()
    local all, n = types.botapi .. types["botapi/emulator"], 0
    for name in source "packaging/types.lua":gmatch '%["(botapi%.%a+)"%] = ' do
      n = n + 1
      local _, aliases = all:gsub("\n%-%-%-@alias " .. name .. ' "[%a_]+"|"', "")
      local _, classes = all:gsub("\n%-%-%-@class " .. name .. "%f[ \n][^\n]*\n%-%-%-@field ", "")
      assert.equal(1, aliases + classes, name)
    end
    assert.equal(11, n)
  end)

  it("have the options of moves, fleets, sessions and emulators", function()
    assert.same(sorted(require "botapi.migrate.options".known), sorted(fields(types.botapi, "botapi.MigrateOptions")))
    assert.same(sorted(require "botapi.fleet.options".own), sorted(fields(types.botapi, "botapi.FleetOptions")))
    assert.same(sorted(require "botapi.facebook.options".own), sorted(fields(types.botapi, "botapi.FacebookOptions")))
    local known = {}
    for name in source "lua/botapi/emulator/launcher.lua":match "\nlocal known = (%b{})":gmatch "([%a_]+) = \"" do
      known[name] = true
    end
    assert.same(sorted(known), sorted(fields(types["botapi/emulator"], "botapi.EmulatorOptions")))
  end)

  it("have the state of moves and of fleets", function()
    local move = require "botapi.migrate.options".read { from = "http://127.0.0.1:1", to = "http://127.0.0.1:2",
      how = "logout" }
    local runs, declared_in = require "botapi.migrate.run", types["botapi/migrate/run"]
    local run = runs.new(botapi, "1:x", move)
    assert.same(sorted(run), sorted(fields(declared_in, "botapi.migrate.Run")))
    assert.same(sorted(run.plan), sorted(fields(types.botapi, "botapi.Plan")))
    assert.same(sorted(run.webhook), sorted(fields(declared_in, "botapi.migrate.Webhook")))
    assert.same(sorted(run.journal), sorted(fields(declared_in, "botapi.migrate.Journal")))
    assert.same(sorted(runs.ending "done"), sorted(fields(declared_in, "botapi.migrate.Ending")))
    runs, declared_in = require "botapi.fleet.run", types["botapi/fleet/run"]
    run = runs.new(botapi, {}, require "botapi.fleet.options".read({}, {}), {})
    assert.same(sorted(run), sorted(fields(declared_in, "botapi.fleet.Run")))
    assert.same(sorted(run.counts), sorted(fields(declared_in, "botapi.fleet.Counts")))
    assert.same(sorted(runs.task(run, "malformed")), sorted(fields(declared_in, "botapi.fleet.Task")))
    run.engine:close()
  end)

  -- Heard, not read: what these three tell on a pair of emulators, each in a run that meets a 429.
  it("have the events that are told", function()
    local emu = require "botapi.emulator".start { pair = true }
    local function run(class, act)
      local known = {}
      for _, name in ipairs { class, "botapi.BotEvent" } do
        for _, word in ipairs(words(fields(types.botapi, name).type)) do known[word] = true end
      end
      local heard = {}
      act(function(event)
        heard[event.type] = true
        if not known[event.type] then error("unknown event " .. event.type) end
      end)
      return heard
    end
    local function limited() emu:rule { method = "logOut", answer = { error_code = 429, retry_after = 0 } } end

    limited()
    local heard = run("botapi.BotEvent", function(tell)
      local bot = botapi.bot(emu:token(1), { server = emu.url, retries = 1, heartbeat = 0.1, on_event = tell })
      assert(bot:logout().ok and not bot.event_error, tostring(bot.event_error))
    end)
    assert.is_true(heard.attempt and heard.answer and heard.wait)

    heard = run("botapi.MigrateEvent", function(tell)
      local report = botapi.migrate(emu:token(2), { from = { server = emu.url, as = "cloud" }, to = emu.local_url,
        journal = process.directory() .. "types.jsonl", on_event = tell })
      assert(report.ok and not report.event_error, report.text .. tostring(report.event_error))
      for name in pairs(report) do assert.is_truthy(fields(types.botapi, "botapi.Migration")[name], name) end
    end)
    for _, name in ipairs { "check", "plan", "step", "intent", "result", "report" } do assert.is_true(heard[name]) end

    limited()
    heard = run("botapi.FleetEvent", function(tell)
      local report = botapi.fleet({ emu:token(3), emu:token(4) }, { server = emu.url, on_event = tell })
      assert(report.ok and not report.event_error, report.text .. tostring(report.event_error))
    end)
    for _, name in ipairs { "estimate", "result", "report" } do assert.is_true(heard[name]) end
    emu:close()
  end)
end)
