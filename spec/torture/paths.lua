-- SPDX-License-Identifier: MIT
-- The paths that a call can take: loops, sockets, proxies. Each says how it makes calls and how a listener is reached:
-- {calls(list) → outcomes, server(listener, tls) → options, close(), tls/plain, loose}.

local callers = require "support.callers"
local certs = require "support.certs"
local cqueues = require "cqueues"
local nginx = require "support.nginx"
local process = require "support.process"
local socket = require "cqueues.socket"

local paths = {}

local function one_by_one(caller)
  return function(list)
    local outcomes = {}
    for i, call in ipairs(list) do
      local res, err = caller(call.method, call.token, nil, call.options)
      outcomes[i] = {res = res, err = err}
    end
    return outcomes
  end
end

local function straight(listener, tls)
  return {server = listener.url, ca_file = tls and certs.ca() or nil}
end

local function looped(name)
  paths[name] = function()
    local caller, close = callers[name]()
    return {calls = one_by_one(caller), options = straight, close = close}
  end
end

for _, name in ipairs {"blocking", "engine", "cqueues", "luv"} do
  looped(name)
end

-- --- in nginx ---------------------------------------------------------------

local function source(value)
  if type(value) ~= "table" then
    return type(value) == "string" and ("%q"):format(value) or tostring(value)
  end
  local parts = {}
  for key, member in pairs(value) do
    parts[#parts + 1] = "[" .. source(key) .. "]=" .. source(member)
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

local shown = {__tostring = function(err) return err.text end}

-- What nginx told, as if the call had been made here.
local function outcome(told)
  if told.err then
    told.err.text = told.text
    setmetatable(told.err, shown)
  end
  return {res = told.res, err = told.err, text = told.text}
end

local function in_nginx(way)
  local missing = nginx.missing()
  if missing then
    return nil, missing
  end
  local web = nginx.start {
    main = "thread_pool botapi threads=1;",
    http = [[  lua_worker_thread_vm_pool_size 1;
  client_body_buffer_size 1m;
  init_by_lua_block { require "resty.botapi" }
]],
    server = [[
    location = /ready { return 204; }
    location = /calls { content_by_lua_block { require("torture.in_nginx").calls() } }
    location = /live { content_by_lua_block { require("torture.in_nginx").live() } }
]]}
  local function calls(list)
    local answer = assert(web:request("POST", "/calls?way=" .. way, {}, source(list), 60))
    assert(answer.status == 200, "nginx: HTTP " .. answer.status)
    local outcomes = assert(load("return " .. answer.body))()
    for i, told in ipairs(outcomes) do
      outcomes[i] = outcome(told)
    end
    return outcomes
  end
  local function close()
    local live = web:get "/live".body
    local warnings, log = web:warnings(), web:log "error" .. web:log "access"
    web:stop()
    assert(live == "0", live .. " calls are left in nginx")
    assert(#warnings == 0, warnings[1])
    assert(not log:find("CaNaRy", 1, true), "nginx's log shows the token")
  end
  return {calls = calls, options = straight, close = close, remote = true}
end

paths["resty-step"] = function() return in_nginx "step" end
paths["resty-thread"] = function() return in_nginx "thread" end

-- --- other sockets ----------------------------------------------------------

function paths.unix()
  local sockets = 0
  return {calls = one_by_one(callers.blocking()), unix = function()
    sockets = sockets + 1
    return process.directory() .. "path" .. sockets
  end, options = function(listener, tls)
    return {server = tls and "https://localhost" or "http://localhost", unix_socket = listener.path,
      ca_file = tls and certs.ca() or nil}
  end, nobody = function()
    return {server = "http://localhost", unix_socket = process.directory() .. "nobody"}
  end}
end

function paths.ipv6()
  return {calls = one_by_one(callers.blocking()), host = "::1", options = straight, nobody = function()
    return {server = "http://[::1]:1", timeout = 5}
  end}
end

-- --- proxies ----------------------------------------------------------------

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

local function await(port)
  local limit = cqueues.monotime() + 20
  while cqueues.monotime() < limit do
    local probe = socket.connect("127.0.0.1", port)
    probe:onerror(function(_, _, why) return why end)
    if probe:connect(1) then
      probe:close()
      return
    end
    probe:close()
    cqueues.sleep(0.02)
  end
  error("nothing listens on port " .. port)
end

-- A daemon in the foreground with a configuration of its own; `text` holds @PORT@ and @DIR@.
local function daemon(name, text, words)
  local port, file = nginx.free_port(), process.directory() .. name .. ".conf"
  write(file, (text:gsub("@PORT@", tostring(port)):gsub("@DIR@", function() return process.directory() end)))
  local command = {name = name}
  for i, word in ipairs(words) do
    command[i] = word == "@FILE@" and file or word
  end
  local child = process.start(command)
  local ok, why = pcall(await, port)
  if not ok then
    error(why .. ": " .. child:errors(), 0)
  end
  return port, function() child:stop "KILL" end
end

function paths.tinyproxy()
  local port, close = daemon("tinyproxy", [[
Port @PORT@
Listen 127.0.0.1
Timeout 600
MaxClients 200
LogLevel Critical
LogFile "@DIR@tinyproxy.log"
Allow 127.0.0.1
]], {"tinyproxy", "-d", "-c", "@FILE@"})
  return {calls = one_by_one(callers.blocking()), close = close, plain = false, host = "127.0.0.1",
    options = function(listener)
      return {server = listener.url, ca_file = certs.ca(), proxy = "http://127.0.0.1:" .. port}
    end}
end

function paths.dante()
  local port, close = daemon("dante", [[
logoutput: stderr
errorlog: stderr
internal: 127.0.0.1 port = @PORT@
external: 127.0.0.1
clientmethod: none
socksmethod: none
user.privileged: root
user.unprivileged: nobody
client pass {
  from: 127.0.0.0/8 to: 0.0.0.0/0
  log: error
}
socks pass {
  from: 127.0.0.0/8 to: 0.0.0.0/0
  protocol: tcp
  log: error
}
]], {"danted", "-f", "@FILE@"})
  return {calls = one_by_one(callers.blocking()), close = close, host = "127.0.0.1", options = function(listener, tls)
    return {server = listener.url, ca_file = tls and certs.ca() or nil, proxy = "socks5h://127.0.0.1:" .. port,
      plain_http = not tls or nil}
  end}
end

-- --- reverse proxies, before a local Bot API server -------------------------

-- Their own answers stand where the server's fail: the invariants alone are judged.
function paths.nginx()
  local web = nginx.start {tcp = true, server = [[
    location = /ready { return 204; }
    location ~ ^/p(\d+)(/.*)$ {
      proxy_pass http://127.0.0.1:$1$2;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_read_timeout 5s;
    }
]]}
  return {calls = one_by_one(callers.blocking()), close = function() web:stop() end, loose = true, tls = false,
    options = function(listener)
      return {server = web.url .. "/p" .. listener.port}
    end}
end

function paths.haproxy()
  local port, close = daemon("haproxy", [[
global
  maxconn 200
defaults
  mode http
  timeout connect 2s
  timeout client 10s
  timeout server 5s
frontend front
  bind 127.0.0.1:@PORT@
  http-request set-var(txn.port) path,word(1,/),bytes(1)
  http-request set-dst ipv4(127.0.0.1)
  http-request set-dst-port var(txn.port)
  http-request replace-path ^/p[0-9]+(/.*) \1
  default_backend back
backend back
  http-reuse never
  server local 0.0.0.0:0
]], {"haproxy", "-db", "-f", "@FILE@"})
  return {calls = one_by_one(callers.blocking()), close = close, loose = true, tls = false,
    options = function(listener)
      return {server = ("http://127.0.0.1:%d/p%d"):format(port, listener.port)}
    end}
end

return paths
