-- SPDX-License-Identifier: MIT
-- Endurance: TORTURE_CALLS calls (a million) on one engine against an nginx of our own that fails at random. Memory,
-- descriptors and threads must stay where they were after the first tenth, and the claims match the server's count.

local shell = require "torture.shell"

local endurance = {}

local GROWTH = 2048  -- KiB, of which malloc's own unrest is most

-- About one request in twelve meets a fault.
local HTTP = [[
  split_clients "$request_id" $fate {
    91%  ok;
    2%   dropped;
    1%   html;
    1%   limited;
    1%   moved;
    1%   silent;
    1%   unauthorized;
    1%   nothing;
    *    large;
  }
  keepalive_requests 100000000;
  keepalive_timeout 600s;
  upstream nobody { server unix:@DIR@silent; }
]]

local SERVER = [[
    access_log off;
    location = /ready { access_log off; return 204; }
    location = /status { stub_status; }
    location / { rewrite ^ /$fate last; }
    location = /ok { internal; default_type application/json; return 200 '{"ok":true,"result":true}'; }
    location = /dropped { internal; return 444; }
    location = /html { internal; return 502 '<html>bad gateway</html>'; }
    location = /limited { internal; add_header Retry-After 3 always; return 429 '{"ok":false,"error_code":429}'; }
    location = /moved { internal; return 302 /elsewhere; }
    location = /unauthorized { internal; return 401 '{"ok":false,"error_code":401,"description":"Unauthorized"}'; }
    location = /nothing { internal; return 204; }
    location = /silent { internal; proxy_pass http://nobody; proxy_read_timeout 5s; }
    location = /large { internal; return 200 '{"ok":true,"result":{"text":"@LARGE@"}}'; }
]]

-- A socket that is listened to and never answers: nginx waits for it, and our call times out.
local function silent(path)
  local socket = require "cqueues.socket"
  local listener = socket.listen {path = path, unlink = true}
  assert(listener:listen())
  return listener
end

local function count(web)
  return tonumber(web:get "/status".body:match "requests%s*\n%s*%d+%s+%d+%s+(%d+)")
end

local function read(output)
  local lines = {}
  for done, kib, fds, threads in output:gmatch "(%d+) calls: (%d+) KiB, (%d+) descriptors, (%d+) threads" do
    lines[#lines + 1] = {done = tonumber(done), kib = tonumber(kib), fds = tonumber(fds), threads = tonumber(threads)}
  end
  return lines
end

local function judge(t, job, seen)
  local lines = read(job.output)
  local first, last = lines[1], lines[#lines]
  local ok, refused, no, yes, maybe = job.output:match "ok (%d+), refused (%d+), no (%d+), yes (%d+), maybe (%d+)"
  t:case("endurance", job.code == 0 and #lines == 10 and ok ~= nil, job)
  if not ok or #lines < 10 then return end
  t:case("endurance: memory grows", last.kib - first.kib < GROWTH, job)
  t:case("endurance: descriptors grow", last.fds <= first.fds + 8, job)
  t:case("endurance: threads grow", last.threads == first.threads, job)
  local answered = ok + refused + yes
  t:case(("endurance: %d requests, %d to %d claimed"):format(seen, answered, answered + maybe),
    answered <= seen and seen <= answered + maybe, job)
  t:figure(("%d calls in %.0f s: %d KiB after a tenth, %d at the end, %d and %d descriptors, %d thread; %d requests " ..
    "at the server, %d answered, %d maybe, %d not sent"):format(last.done, job.took, first.kib, last.kib, first.fds,
    last.fds, last.threads, seen, answered, maybe, no))
end

function endurance.run(t)
  shell.make("plain", "B=build/torture/plain all")
  local nginx = require "support.nginx"
  local web = nginx.start {tcp = true, connections = 4096, http = HTTP, server = (SERVER:gsub("@LARGE@",
    ("x"):rep(3000)))}
  local listener = silent(web.dir .. "silent")
  local calls = tonumber(os.getenv "TORTURE_CALLS") or 1000000
  local before = count(web)
  local job = shell.all({{name = "endurance", seconds = 900, command = ("env LUA_PATH='lua/?.lua;;' LUA_CPATH=" ..
    "'build/torture/plain/?.so;;' lua5.4 spec/torture/endurance/calls.lua %s %d %d"):format(web.url,
    nginx.free_port(), calls)}}, 1)[1]
  local seen = count(web) - before - 1  -- the count itself is one
  listener:close()
  web:stop()
  judge(t, job, seen)
end

return endurance
