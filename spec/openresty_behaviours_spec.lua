-- SPDX-License-Identifier: MIT
-- The same behaviours inside nginx: in threads of nginx's, and stepped.

local behaviours = require "support.behaviours"
local faults = require "support.faults"
local nginx = require "support.nginx"

local missing = nginx.missing()

local SERVER = [[
    location = /ready { return 204; }
    location = /behave { content_by_lua_block { require("support.in_nginx").behave() } }
]]

describe("the functions in nginx", function()
  if missing then
    pending(missing)
    return
  end
  local server, web
  lazy_setup(function()
    server = faults.start()
    web = nginx.start {
      main = "thread_pool botapi threads=32;",
      http = [[  lua_worker_thread_vm_pool_size 256;
  init_by_lua_block { require "resty.botapi" }
]],
      server = SERVER,
    }
  end)
  lazy_teardown(function()
    web:stop()
    server:stop()
  end)

  for _, way in ipairs { "step", "thread" } do
    local ran, excluded = 0, {}
    describe(way == "step" and "stepped" or "in a thread", function()
      for n, behaviour in ipairs(behaviours) do
        if behaviour.engine and way == "thread" then
          excluded[#excluded + 1] = behaviour.title
        else
          it(behaviour.title, function()
            local listener = server:open { mode = behaviour.mode }
            local answer = web:get(("/behave?way=%s&n=%d&url=%s"):format(way, n, listener.url))
            assert.equal("200 ", answer.status .. " " .. answer.body)
            assert.equal(behaviour.requests, listener:close().seen())
            ran = ran + 1
          end)
        end
      end
      it("in the same number", function()
        assert.equal(#behaviours, ran + #excluded)
        print(("behaviours in nginx, %s: %d; left out: %d %s"):format(way, ran, #excluded,
          table.concat(excluded, "; ")))
      end)
    end)
  end

  it("leave no warning and no token in a log", function()
    assert.same({}, web:warnings())
    assert.is_nil(web:log("error"):find("CANARY", 1, true))
    assert.is_nil(web:log("access"):find("CANARY", 1, true))
  end)
end)
