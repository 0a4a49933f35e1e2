-- SPDX-License-Identifier: MIT
-- nginx with its Lua module for the specs: a directory of its own, a unix socket, its logs, and a small client.

local cqueues = require "cqueues"
local process = require "support.process"
local socket = require "cqueues.socket"

local nginx = {}
nginx.__index = nginx

-- Where nginx's modules are, or nil: no nginx with Lua here.
local function modules()
  local said = process.capture "nginx -V 2>&1"
  local path = said:match "%-%-modules%-path=(%S+)"
  local file = path and io.open(path .. "/ngx_http_lua_module.so")
  if not file then return nil end
  file:close()
  return path
end

--- Why these specs can't run here; nil: they can.
function nginx.missing()
  if not modules() then return "nginx with its Lua module isn't installed (make deps)" end
  local file = io.open(process.root .. "build/luajit/botapi/core.so")
  if not file then return "the module isn't built for LuaJIT (make LUA=luajit)" end
  file:close()
end

local MAIN = [[
daemon off;
@USER@
worker_processes 2;
pid @DIR@nginx.pid;
error_log @DIR@error.log info;
load_module @MODULES@/ndk_http_module.so;
load_module @MODULES@/ngx_http_lua_module.so;
@MAIN@
events { worker_connections @CONNECTIONS@; }
http {
  access_log @DIR@access.log combined;
  client_body_temp_path @DIR@body;
  proxy_temp_path @DIR@proxy;
  fastcgi_temp_path @DIR@fastcgi;
  uwsgi_temp_path @DIR@uwsgi;
  scgi_temp_path @DIR@scgi;
  lua_package_path "@ROOT@lua/?.lua;@ROOT@spec/?.lua;;";
  lua_package_cpath "@ROOT@build/luajit/?.so;;";
@HTTP@
  server {
    listen unix:@DIR@socket;
@LISTEN@
@SERVER@
  }
}
]]

local function absolute(path)
  return (process.capture("cd " .. process.quote(path) .. " && pwd"):gsub("%s+$", "")) .. "/"
end

--- The client alone, for a server on a port of loopback.
function nginx.at(port)
  return setmetatable({ address = { host = "127.0.0.1", port = port } }, nginx)
end

function nginx.free_port()
  local listener = socket.listen("127.0.0.1", 0)
  assert(listener:listen())
  local _, _, port = listener:localname()
  listener:close()
  return port
end

local count = 0

--- Starts one: `nginx.start {main = "thread_pool botapi threads=4;", http = "…", server = "location …"}`.
-- In each text `@DIR@` and `@ROOT@` are replaced. `tcp = true`: it has a `url`, too; `connections`: at most so many;
-- `env` and `within` as of process.start.
function nginx.start(spec)
  count = count + 1
  local dir = absolute(process.directory()) .. "nginx" .. count .. "/"
  assert(process.run("mkdir -p " .. process.quote(dir)))
  local values = { DIR = dir, ROOT = absolute(process.root == "./" and "." or process.root), MODULES = modules(),
    USER = process.capture "id -u" == "0\n" and "user root;" or "", MAIN = spec.main or "", HTTP = spec.http or "",
    SERVER = spec.server, CONNECTIONS = spec.connections or 1024 }
  local port = spec.tcp and nginx.free_port()
  values.LISTEN = port and ("    listen 127.0.0.1:%d backlog=4096;"):format(port) or ""
  local text = MAIN
  for _ = 1, 2 do text = text:gsub("@(%u+)@", values) end -- twice: values hold names, too
  local file = assert(io.open(dir .. "nginx.conf", "w"))
  file:write(text)
  file:close()
  local child = process.start { "nginx", "-p", dir, "-c", dir .. "nginx.conf", "-e", dir .. "error.log",
    name = "nginx", env = spec.env, within = spec.within }
  local self = setmetatable({ child = child, dir = dir, address = { path = dir .. "socket" },
    url = port and ("http://127.0.0.1:%d"):format(port) }, nginx)
  local ok, why = pcall(self.await, self, function() return self:get "/ready" end, "it starts")
  if ok then return self end
  self:stop "TERM"
  error(tostring(why) .. "; " .. child:errors() .. (self:log "error" or ""), 2)
end

--- Asks until `fn` says yes, for twenty seconds.
function nginx.await(_, fn, what)
  local until_when = cqueues.monotime() + 20
  while not fn() do
    if cqueues.monotime() > until_when then error("waited in vain: " .. what, 2) end
    cqueues.sleep(0.01)
  end
end

local function read_answer(connection)
  local status = connection:read "*L"
  if not status then return nil, "no answer" end
  local headers, line = {}, connection:read "*L"
  while line and line ~= "\r\n" do
    local name, value = line:match "^([^:]+):%s*(.-)\r\n$"
    headers[name:lower()] = value
    line = connection:read "*L"
  end
  local length = tonumber(headers["content-length"])
  local body = connection:read(length and length > 0 and length or "*a")
  return { status = tonumber(status:match " (%d+)"), headers = headers, body = body or "" }
end

--- One request; HTTP/1.0, so that the body ends with the connection. `leave`: goes away after so many seconds.
function nginx:request(verb, path, headers, body, leave)
  local connection = socket.connect(self.address)
  connection:onerror(function(_, _, why) return why end)
  connection:setmode("b", "bn")
  connection:settimeout(leave or 20)
  local lines = { ("%s %s HTTP/1.0\r\n"):format(verb, path) }
  for name, value in pairs(headers or {}) do lines[#lines + 1] = ("%s: %s\r\n"):format(name, value) end
  if body then lines[#lines + 1] = ("Content-Length: %d\r\n"):format(#body) end
  local answer, why
  if connection:write(table.concat(lines) .. "\r\n" .. (body or "")) then answer, why = read_answer(connection) end
  connection:close()
  return answer, why
end

function nginx:get(path, headers)
  return self:request("GET", path, headers)
end

--- Many requests at once; their answers in the same order.
function nginx:get_all(paths)
  local answers, loop = {}, cqueues.new()
  for i, path in ipairs(paths) do
    loop:wrap(function() answers[i] = self:get(path) or false end)
  end
  assert(loop:loop(30))
  return answers
end

--- A log's text: "error" or "access".
function nginx:log(which)
  return process.slurp(self.dir .. which .. ".log")
end

--- The lines of the error log that are warnings, or worse.
function nginx:warnings()
  local found = {}
  for line in (self:log "error" or ""):gmatch "[^\n]+" do
    if line:match "%[warn%]" or line:match "%[error%]" or line:match "%[crit%]" or line:match "%[alert%]"
      or line:match "%[emerg%]" or line:match "^nginx:" then
      found[#found + 1] = line
    end
  end
  return found
end

--- The pids of the workers, a set.
function nginx:workers()
  local pids = {}
  for pid in process.capture("ps -o pid= --ppid " .. self.child.pid):gmatch "%d+" do pids[pid] = true end
  return pids
end

--- A signal to the master, by its pid: "HUP", "QUIT", "TERM".
function nginx:signal(which)
  return self.child:kill(which)
end

function nginx:stop(which)
  return self.child:stop(which or "QUIT")
end

return nginx
