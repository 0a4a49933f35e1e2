-- SPDX-License-Identifier: MIT
-- Specifies that the state of a move, and that of a fleet, is made in one place: no other field is used.

local botapi = require "botapi"
local moves = require "support.moves"

-- Makes a table raise for each field that it doesn't have.
local function strict(t, name)
  local meta = getmetatable(t)
  local methods = meta and meta.__index or {}
  return setmetatable(t, {
    __index = function(_, key)
      return methods[key] or error(("%s.%s isn't declared"):format(name, tostring(key)), 2)
    end,
    __newindex = function(_, key) error(("%s.%s isn't declared"):format(name, tostring(key)), 2) end,
  })
end

local files = { "run", "checks", "steps", "resume", "report", "report_text", "patience", "options" }

-- botapi.migrate, where each part of a move's state is strict.
local function strict_migrate()
  local kept = { ["botapi.migrate"] = package.loaded["botapi.migrate"] }
  package.loaded["botapi.migrate"] = nil
  for _, file in ipairs(files) do
    local name = "botapi.migrate." .. file
    kept[name], package.loaded[name] = package.loaded[name] or false, nil
  end
  local runs = require "botapi.migrate.run"
  local new, ending = runs.new, runs.ending
  function runs.new(...)
    local run = new(...)
    for _, part in ipairs { "journal", "webhook", "updates", "plan" } do strict(run[part], part) end
    return strict(run, "run")
  end
  function runs.ending(...) return strict(ending(...), "ending") end
  local steps = require "botapi.migrate.steps"
  local of = steps.of
  function steps.of(run)
    local list = of(run)
    for _, step in ipairs(list) do strict(step, "step") end
    return list
  end
  local migrate = require "botapi.migrate"(botapi)
  for name, module in pairs(kept) do package.loaded[name] = module or nil end
  return migrate
end

describe("the state of a move", function()
  local servers, id, token, path, migrate

  setup(function() servers, migrate = moves.servers(), strict_migrate() end)
  teardown(function() servers.close() end)
  before_each(function()
    id, token = moves.new_bot()
    path = moves.journal()
    servers.pair:put(id, { state = "logged_in", username = "shop_bot", pending = 2,
      webhook = { url = "https://bot.example/h" } }, "cloud")
  end)
  after_each(function() moves.remove(path) end)

  local function move(more)
    return migrate(token, moves.with({ from = { server = servers.cloud, as = "cloud" }, to = servers.near,
      journal = path, retries = 0, webhook = "keep", secret_token = false, accept_loss = true,
      verify_timeout = 1 }, more))
  end

  local function rule(method, answer) servers.pair:rule { bot = id, method = method, answer = answer } end

  local cases = {
    ["done"] = { {} }, ["a dry run"] = { { dry_run = true } }, ["without a journal"] = { { journal = false } },
    ["drained"] = { { drain = function() end } }, ["declined"] = { { confirm = function() return false end } },
    ["the same server"] = { { from = "telegram", to = "telegram" } },
    ["losses"] = { { accept_loss = false } }, ["nobody there"] = { { to = "http://127.0.0.1:1" } },
    ["lost answer, and again"] = { {}, "logOut", "lost_answer" }, ["later"] = { {}, "logOut",
      { error_code = 429, retry_after = 900 } },
    ["refused"] = { {}, "logOut", { error_code = 403, description = "Forbidden: no" } },
    ["webhook refused"] = { {}, "setWebhook", { error_code = 400, description = "Bad Request: bad webhook" } },
    ["webhook off and back"] = { { drain = function() end }, "getUpdates", { error_code = 403 } },
    ["new server silent"] = { {}, "getMe", "restart" },
  }
  for name, case in pairs(cases) do
    it("has only what is declared: " .. name, function()
      if case[2] then rule(case[2], case[3]) end
      local first = move(case[1])
      assert.is_string(first.text)
      assert.is_string(move(case[1]).text)      -- what the journal says of it
    end)
  end

  it("has only what is declared: settled by a person", function()
    rule("logOut", "lost_answer")
    assert.equal("unknown", move().status)
    servers.pair:put(id, { state = "logged_in" }, "local")
    assert.equal("done", move { settle = true }.status)
  end)

  it("has only what is declared: ended by an error of the caller's", function()
    local ok, why = pcall(move, { drain = function() error("mine", 0) end })
    assert.is_false(ok)
    assert.equal(1, (why:find("mine", 1, true)), why)
    assert.is_string(move().text)
  end)

  it("has only what is declared: by close, with the directory moved by hand", function()
    servers.one:put(id, { state = "logged_in", username = "shop_bot", pending = 2, age = "2h" })
    local options = { from = servers.one.url, to = servers.two.url, how = "close", webhook = false }
    assert.equal("move_directory", move(options).status)
    options.continue = true
    assert.is_string(move(options).text)
  end)
end)

describe("the state of a fleet", function()
  local start = require "botapi.emulator".start
  local emu, new, task, runs

  setup(function()
    emu, runs = start {}, require "botapi.fleet.run"
    new, task = runs.new, runs.task
    function runs.new(...) return strict(new(...), "run") end
    function runs.task(...) return strict(task(...), "task") end
  end)
  teardown(function()
    runs.new, runs.task = new, task
    emu:close()
  end)

  for _, action in ipairs { "logout", "close", "migrate", "function" } do
    it("has only what is declared: " .. action, function()
      local path = moves.journal()
      local options = { server = emu.url, action = action, journal = path, max_wait = 5 }
      if action == "function" then options.action = function(bot) return bot:get_me() end end
      if action == "migrate" then
        options.server, options.from, options.to, options.how = nil, emu.url, "http://127.0.0.1:1", "logout"
        options.bot_journal = false
      end
      emu:rule { method = "logOut", times = 1, answer = { error_code = 429, retry_after = 1 } }
      local list = { emu:token(1), emu:token(1), "malformed", emu:token(2) }
      local report = botapi.fleet(list, options)
      assert.is_nil(report.by_reason.raised, report.text)
      assert.equal(4, report.total)
      assert.is_nil(botapi.fleet(list, options).by_reason.raised)
      emu:unrule()
      moves.remove(path)
    end)
  end
end)
