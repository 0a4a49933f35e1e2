-- SPDX-License-Identifier: MIT
-- OpenResty: an endpoint that makes one call for each request, in nginx's threads (a) or stepped in the worker (b).

local http = require "socket.http"
local measure = require "measure"
local programs = require "programs"
local server = require "server"

local ROUNDS, CALLS, AT_ONCE = 5, 2000, 50

local MAIN = "thread_pool botapi threads=16 max_queue=4096;"

-- Each way an endpoint; and a light thread that wakes each millisecond and remembers its longest delay.
local SERVER = [[
    location /a/ { content_by_lua_block { require "in_worker".call { thread_pool = "botapi", fallback = false } } }
    location /b/ { content_by_lua_block { require "in_worker".call { thread_pool = false } } }
    location /nothing/ { content_by_lua_block { ngx.print '{"ok":true,"result":true}' } }
    location = /stall { content_by_lua_block { require "in_worker".stall() } }
    set $backend @BACKEND@;
]]

local ways = { { "nothing", "no call: what the endpoint itself costs" }, { "a", "(a) nginx's threads" },
  { "b", "(b) stepped in the worker" } }

local function stall(front)
  return tonumber((http.request(front.http .. "/stall")))
end

local function entry(at, front, way, calls)
  return { name = way[1], run = function()
    stall(front)
    local took = at.server:expect(way[1] == "nothing" and 0 or calls + 1, "openresty " .. way[1], function()
      return measure.client(programs.floor(at, front.http .. "/" .. way[1], calls, AT_ONCE, "reuse"), measure.SAME)
    end)
    took.rate, took.stall = calls / took.wall, stall(front)
    return took
  end }
end

return function(at, out)
  local slow = at.server.http
  local front = server.start { root = at.root, name = "openresty", main = MAIN, free = true,
    server = SERVER:gsub("@BACKEND@", slow) }
  local list, rows = {}, {}
  local calls = math.max(100, math.floor(CALLS * at.share))
  for i, way in ipairs(ways) do list[i] = entry(at, front, way, calls) end
  local ok, all = pcall(measure.rounds, list, math.max(2, math.floor(ROUNDS * at.share)))
  front:stop()
  if not ok then error(all, 0) end
  for _, way in ipairs(ways) do
    local mine = all[way[1]]
    local rate, least, most = measure.of(mine, "rate")
    local _, _, worst = measure.of(mine, "stall")
    rows[#rows + 1] = { way[2], ("%.0f (%.0f-%.0f)"):format(rate, least, most), ("%.1f"):format(worst * 1e3) }
  end
  out:short("one worker of OpenResty, a logOut for each request: %.0f requests a second, stepped in the worker",
    (measure.of(all.b, "rate")))
  out:table("OpenResty", ("One worker, %d requests at once, each makes one logOut over a fresh plain connection. The "
    .. "worst delay is that of a light thread that sleeps 1 ms at a time. (lua-resty-http: Debian has no package.)")
    :format(AT_ONCE), { "", "requests a second", "worst delay, ms" }, rows)
end
