-- SPDX-License-Identifier: MIT
-- Specifies that the logout of a Facebook session is the same on every event loop, many at once, and in nginx.

local live = require "support.live"
local loops = require "support.loops"
local nginx = require "support.nginx"
local support = require "support.facebook"

local list = loops.list()

describe("a Facebook session on", function()
  local emu, before
  lazy_setup(function()
    emu = require "botapi.emulator".start { as = "facebook" }
    loops.warm_up()
  end)
  lazy_teardown(function() emu:close() end)
  before_each(function()
    emu:reset()
    before = live.note()
  end)

  for _, loop in ipairs(list) do
    it(loop.name .. " is logged out without holding up the others, after a 5xx and a wait", function()
      local users, given = {}, emu:facebook()
      for i = 1, 5 do
        users[i] = support.new_user()
        emu:rule { method = "settings_menu", bot = tonumber(users[i]), answer = "unavailable" }
      end
      emu:rule { method = "logout", bot = tonumber(users[5]), answer = "checkpoint" }
      local failures = loop.run(function(w)
        local functions = {}
        for i, user in ipairs(users) do
          functions[i] = function()
            local res, err = w.api.facebook.logout(support.appstate(user), given)
            if i < 5 then w.equal(true, res and res.ok, user) else w.equal("checkpoint", err and err.page) end
          end
        end
        w.all(functions)
      end)
      assert.same({}, failures)
      for _, user in ipairs(users) do
        assert.equal(2, #emu:calls { method = "settings_menu", bot = tonumber(user) })
        assert.equal(1, #emu:calls { method = "logout", bot = tonumber(user) })
      end
      before:check()
    end)

    it(loop.name .. " refuses a second logout while the first one runs", function()
      local given, user = emu:facebook(), support.new_user()
      emu:rule { method = "settings_menu", bot = tonumber(user), answer = { delay = 0.2 } }
      local kinds = {}
      local failures = loop.run(function(w)
        local session = w.api.facebook.session(support.appstate(user), given)
        local function leave()
          local res, err = session:logout()
          kinds[#kinds + 1] = res and "ok" or err.kind .. "/" .. err.sent
        end
        w.all { leave, leave }
      end)
      assert.same({}, failures)
      assert.same({ "busy/no", "ok" }, kinds)
      assert.equal(1, #emu:calls { method = "logout", bot = tonumber(user) })
      before:check()
    end)
  end

  local missing = nginx.missing()
  if missing then
    pending(missing)
  else
    it("nginx is logged out", function()
      local web = nginx.start { server = [[
    location = /ready { return 204; }
    location = /logout { content_by_lua_block { require("support.facebook_nginx")() } }
]] }
      local user = support.new_user()
      emu:rule { method = "home", bot = tonumber(user), answer = "unavailable" }
      local port = emu:facebook().port
      local answer = web:get(("/logout?port=%d&user=%s&ca=%s"):format(port, user, emu.ca_file))
      web:stop()
      assert.equal("{ok = true, result = true} logged_out", answer.body)
      assert.equal(1, #emu:calls { method = "logout", bot = tonumber(user) })
    end)
  end
end)
