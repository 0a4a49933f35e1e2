-- SPDX-License-Identifier: MIT
-- The same behaviours inside nginx: in threads of nginx's, and stepped.

local behaviours = require "support.behaviours"
local faults = require "support.faults"
local loops = require "support.loops"
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
    if web then web:stop() end
    server:stop()
  end)

  for _, way in ipairs { "step", "thread" } do
    local ran, excluded = 0, {}
    describe(way == "step" and "stepped" or "in a thread", function()
      for n, behaviour in ipairs(behaviours) do
        if way == "thread" and behaviour.engine then
          excluded[#excluded + 1] = behaviour.title
        else
          it(behaviour.title, function()
            loops.try(behaviour, server, function(url, home)
              local answer = web:get(("/behave?way=%s&n=%d&url=%s&home=%s"):format(way, n, url, home or ""))
              local failures = { answer.status ~= 200 and "HTTP " .. answer.status or nil }
              for line in answer.body:gmatch "[^\n]+" do failures[#failures + 1] = line end
              return failures
            end)
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
