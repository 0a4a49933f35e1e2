-- SPDX-License-Identifier: MIT
-- Owns the check of the policy's options: each with its type and range, and the same words from whoever takes it.

local botapi = require "botapi"
local policy = require "botapi.policy"

local WRONG = { integer = { "3", 1.5, -1, policy.MOST + 1, 0 / 0 }, number = { "3", -1, policy.MOST + 1, 0 / 0, true },
  boolean = { 1, "true" }, ["function"] = { true, "print" } }
local RIGHT = { boolean = { true, false }, ["function"] = { print } }

local takers = {
  bot = function(options) return botapi.bot("x", options) end,
  fleet = function(options) return botapi.fleet({}, options) end,
  migrate = function(options)
    options.from, options.to, options.journal = "http://127.0.0.1:1", "http://127.0.0.1:1", false
    return botapi.migrate("x", options)
  end,
}
-- Which options aren't a move's.
local refused = { migrate = { may_have_left = true, heartbeat = true } }

describe("an option of the policy", function()
  for _, option in ipairs(policy.list) do
    local name = option.name

    it(("'%s' takes its whole range and its default, and nothing else"):format(name), function()
      for _, value in ipairs(RIGHT[option.type] or { option.min, option.max, option.default }) do
        assert.is_nil(policy.problem(name, value))
      end
      for _, value in ipairs(WRONG[option.type]) do
        assert.is_truthy(policy.problem(name, value):find("option '" .. name .. "': ", 1, true))
      end
    end)

    for taker, take in pairs(takers) do
      if not (refused[taker] and refused[taker][name]) then
        it(("'%s' is refused by %s in the same words"):format(name, taker), function()
          for _, value in ipairs(WRONG[option.type]) do
            local ok, why = pcall(take, { [name] = value })
            assert.is_false(ok)
            local wanted = ("bad argument to '%s' (%s)"):format(taker, policy.problem(name, value))
            assert.is_truthy(tostring(why):find(wanted, 1, true), why)
          end
        end)
      end
    end
  end

  it("is kept apart from those of calls", function()
    local call, own = policy.read { timeout = 5, retries = 1, heartbeat = 2 }
    assert.same({ timeout = 5 }, call)
    assert.same({ retries = 1, heartbeat = 2 }, own)
  end)
end)
