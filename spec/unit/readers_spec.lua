-- SPDX-License-Identifier: MIT
-- Specifies the readers of options: what is wrong is returned by them, and raised once, at the line of the user.

local botapi = require "botapi"

local move = { from = "http://127.0.0.1:1", to = "http://127.0.0.1:2", how = "logout", journal = false }

-- The options of a move with others in their place.
local function with(more)
  local options = {}
  for _, each in ipairs { move, more } do
    for name, value in pairs(each) do options[name] = value end
  end
  return options
end

-- What each reads, what is wrong with it, and the function that raises it.
local cases = {
  { "migrate.options", { with { how = 5 } }, "option 'how': string expected, got number", function(options)
    local report = botapi.migrate("1:x", options)
    return report
  end },
  { "migrate.options", { with { to = "ftp://h" } }, "option 'to': option 'server': ", function(options)
    local report = botapi.migrate("1:x", options)
    return report
  end },
  { "fleet.options", { {}, { rate = 0 } }, "option 'rate': out of range", function(tokens, options)
    local report = botapi.fleet(tokens, options)
    return report
  end },
  { "fleet.options", { {}, { action = "migrate" } }, "option 'from' is missing: a server", function(tokens, options)
    local report = botapi.fleet(tokens, options)
    return report
  end },
  { "fleet.options", { {}, { timeout = "5" } }, "option 'timeout': number expected, got string",
    function(tokens, options)
      local report = botapi.fleet(tokens, options)
      return report
    end },
  { "facebook.options", { { port = 0 } }, "option 'port': a whole number from 1 to 65535 expected", function(options)
    local session = botapi.facebook.session("[]", options)
    return session
  end },
}

describe("a reader of options", function()
  for _, case in ipairs(cases) do
    local module, arguments, why, call = (table.unpack or unpack)(case)

    it(("returns what is wrong, which is raised once (%s: %s)"):format(module, why), function()
      local settings, problem = require("botapi." .. module).read((table.unpack or unpack)(arguments))
      assert.is_nil(settings)
      assert.equal(1, (problem:find(why, 1, true)), problem)
      local ok, raised = pcall(call, (table.unpack or unpack)(arguments))
      assert.is_false(ok)
      assert.truthy(raised:find "readers_spec%.lua:%d+: bad argument to '%a+' %(", raised)
      assert.truthy(raised:find("(" .. problem .. ")", 1, true), raised)
    end)
  end

  it("raises for a token that is none, in the name of the move", function()
    local ok, raised = pcall(function()
      local report = botapi.migrate(nil, move)
      return report
    end)
    assert.is_false(ok)
    assert.truthy(raised:find "readers_spec%.lua:%d+: bad argument to 'migrate' %(token: ", raised)
  end)
end)

describe("options that are inherited", function()
  local function inherited(defaults)
    return { setmetatable({}, { __index = defaults }),
      setmetatable({}, { __index = function(_, name) return defaults[name] end }) }
  end

  it("are those of a bot", function()
    for _, given in ipairs(inherited { server = "local", retries = 3 }) do
      local call, own = require "botapi.policy".read(given)
      assert.same({ "local", 3 }, { call.server, own.retries })
    end
  end)

  it("are those of a move, and of each of its sides", function()
    local side = inherited { server = "http://127.0.0.1:8082", timeout = 7 }[2]
    for _, given in ipairs(inherited { from = "local", to = side, how = "logout", retries = 5 }) do
      local settings = assert(require "botapi.migrate.options".read(given))
      local to = settings.to
      assert.same({ "http://127.0.0.1:8082", 7, 5 }, { to.base, to.options.timeout, settings.retries })
    end
  end)

  it("are those of a Facebook session", function()
    for _, given in ipairs(inherited { port = 8443, timeout = 7 }) do
      local read = assert(require "botapi.facebook.options".read(given))
      assert.same({ 8443, 7 }, { read.policy.port, read.call.timeout })
    end
  end)
end)
