-- SPDX-License-Identifier: MIT
-- Five thousand calls in flight on one engine: all are answered, none is lost, none is sent twice.

local botapi = require "botapi"
local live = require "support.live"
local nginx = require "support.nginx"
local process = require "support.process"

local CALLS = 5000

-- Holds every request until it is told to let them go; counts them by bot.
local HTTP = "  lua_shared_dict bots 4m;\n  keepalive_timeout 60;\n"
local SERVER = [[
    access_log off;
    location = /ready { return 204; }
    location ~ ^/bot(\d+) {
      content_by_lua_block {
        local bots = ngx.shared.bots
        bots:incr(ngx.var[1], 1, 0)
        bots:incr("all", 1, 0)
        while not bots:get "go" do ngx.sleep(0.05) end
        ngx.header["Content-Type"] = "application/json"
        ngx.print('{"ok":true,"result":' .. ngx.var[1] .. '}')
      }
    }
    location = /count { content_by_lua_block { ngx.print(ngx.shared.bots:get "all" or 0) } }
    location = /go { content_by_lua_block { ngx.shared.bots:set("go", true) } }
    location = /twice {
      content_by_lua_block {
        local bots, once, other = ngx.shared.bots, 0, 0
        for _, key in ipairs(bots:get_keys(0)) do
          if tonumber(key) then
            if bots:get(key) == 1 then once = once + 1 else other = other + 1 end
          end
        end
        ngx.print(once, " once, ", other, " otherwise")
      }
    }
]]

local function resident()
  collectgarbage()
  collectgarbage()
  return tonumber(process.slurp("/proc/self/status"):match "VmRSS:%s*(%d+)")
end

describe("five thousand calls on one engine", function()
  local missing = nginx.missing()
  if missing then
    pending(missing)
    return
  end
  local web, before
  lazy_setup(function()
    before = live.note()
    web = nginx.start { http = HTTP, server = SERVER, tcp = true, connections = 8192 }
  end)
  lazy_teardown(function()
    if web then web:stop "TERM" end -- requests may be held
    before:check()
  end)

  it("are in flight together, and each is answered once", function()
    local engine, ids = botapi.engine(), {}
    local was = resident()
    for i = 1, CALLS do
      local token = ("%d:CANARY-of-a-crowd-000000000000000000"):format(10000000 + i)
      ids[engine:start(token, "sendMessage", nil, { server = web.url, timeout = 60 })] = 10000000 + i
    end
    local longest = 0
    local monotime = require("cqueues").monotime
    local function step()
      local began = monotime()
      engine:step(0)
      longest = math.max(longest, monotime() - began)
    end
    web:await(function()
      for _ = 1, 20 do step() end
      return web:get("/count").body == tostring(CALLS)
    end, "all are at the server")
    assert.equal(CALLS, engine:step(0))
    local each = (resident() - was) / CALLS
    assert.equal(200, web:get("/go").status)
    local answered = 0
    repeat
      local running = engine:step(1)
      for call in engine:finished() do
        local res = assert(call:result())
        assert.equal(ids[call], res.result)
        ids[call] = nil
        answered = answered + 1
      end
    until running == 0
    assert.equal(CALLS, answered)
    assert.is_nil(next(ids))
    assert.equal(CALLS .. " once, 0 otherwise", web:get("/twice").body)
    engine:close()
    print(("%d calls in flight: %.1f KiB each, longest step(0) %.1f ms"):format(CALLS, each, longest * 1000))
  end)
end)
