-- SPDX-License-Identifier: MIT
-- All measurements: bench.lua LUA…. The server is an nginx that answers after 100 ms; the dead name server is a socket
-- that nobody reads, in a mount namespace with a resolv.conf of its own.

local certs = require "support.certs"
local loops = require "support.loops"
local nginx = require "support.nginx"
local process = require "support.process"
local socket = require "cqueues.socket"

local SCENARIOS = { "idle", "calls", "dns", "tls" }

local SERVER = [[
    location = /ready { return 204; }
    location /bot { content_by_lua_block { ngx.sleep(0.1) ngx.say '{"ok":true,"result":true}' } }
    location = /bench {
      content_by_lua_block {
        local a = ngx.req.get_uri_args()
        require("in_nginx").run(a.way, a.scenario, a.url, a.ca)
      }
    }
]]

local tls_port = nginx.free_port()
local ca = certs.ca()
local directory = certs.directory()
local web = nginx.start {
  main = "thread_pool botapi threads=200 max_queue=1000;",
  http = ([[  access_log off; keepalive_requests 10000;
  lua_worker_thread_vm_pool_size 256;
  server {
    listen 127.0.0.1:%d ssl backlog=4096;
    ssl_certificate %s/server.pem;
    ssl_certificate_key %s/server.key;
    location /bot { content_by_lua_block { ngx.sleep(0.1) ngx.say '{"ok":true,"result":true}' } }
  }]]):format(tls_port, directory, directory), server = SERVER, tcp = true, connections = 4096 }
local tls_url = ("https://localhost:%d"):format(tls_port)

-- A name server that never answers, on an address of loopback that nothing else has.
local deaf = socket.listen { host = "127.0.0.53", port = 53, type = socket.SOCK_DGRAM }
pcall(deaf.listen, deaf)
local resolv = process.directory() .. "resolv.conf"
local file = assert(io.open(resolv, "w"))
file:write "nameserver 127.0.0.53\n"
file:close()
local DEAF = { "unshare", "-m", "sh", "-c", ('mount --bind %s /etc/resolv.conf && exec "$@"'):format(resolv), "sh" }

local function has(lua, loop)
  local command = "LUA_CPATH=%sbuild/%s/?.so';;' %s -e 'assert(require [[support.loops]].find %q)' >/dev/null 2>&1"
  return process.run(command:format(process.root, lua, lua, loop))
end

local function measure(lua, loop, scenario)
  local url = scenario == "tls" and tls_url or web.url
  local command = ("env LUA_CPATH=%sbuild/%s/?.so';;' %s %s %sbench/loops/ticker.lua %s %s %s %s 2>&1"):format(
    process.root, lua, scenario == "dns" and process.words(DEAF) or "", lua, process.root, loop, scenario, url, ca)
  io.write(("%-7s "):format(lua), process.capture(command))
  io.flush()
end

for _, lua in ipairs(arg) do
  for _, loop in ipairs(loops.names()) do
    if has(lua, loop) then
      for _, scenario in ipairs(SCENARIOS) do measure(lua, loop, scenario) end
    else
      print(("%-7s %s: not there for this Lua"):format(lua, loop))
    end
  end
end
local deaf_web = nginx.start { main = "thread_pool botapi threads=200 max_queue=1000;", server = SERVER, within = DEAF,
  http = "  access_log off; lua_worker_thread_vm_pool_size 256;" }
for _, way in ipairs { "step", "thread" } do
  for _, scenario in ipairs(SCENARIOS) do
    local client = scenario == "dns" and deaf_web or web
    io.write "nginx   "
    io.write(client:get(("/bench?way=%s&scenario=%s&url=%s&ca=%s"):format(way, scenario,
      scenario == "tls" and tls_url or web.url, ca)).body)
    io.flush()
  end
end
deaf_web:stop "TERM"
web:stop "TERM"
