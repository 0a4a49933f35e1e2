-- SPDX-License-Identifier: MIT
-- Proxies in front of the admin endpoint, as docs/openresty.md has them: nginx, HAProxy and Caddy, on loopback.

local blocks = require "support.blocks"
local certs = require "support.certs"
local nginx = require "support.nginx"
local process = require "support.process"

local front = {}
front.__index = front

local PAGE = "docs/openresty.md"

front.USER, front.PASSWORD = "ann", "a-password-of-the-specs"

local function line_of(command)
  return (process.capture(command):gsub("%s+$", ""))
end

local function absolute(path)
  return line_of("cd " .. process.quote(path) .. " && pwd") .. "/"
end

local function save(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
  return path
end

-- The recipe that has a text in it, with this machine's values: pairs of plain texts, each of which has to be there.
local function recipe(mark, values)
  local text
  for _, block in ipairs((blocks.read(process.slurp(process.root .. PAGE)))) do
    if block.text:find(mark, 1, true) then text = block.text end
  end
  for _, pair in ipairs(values) do
    local from, to = assert(text:find(pair[1], 1, true))
    text = text:sub(1, from - 1) .. pair[2] .. text:sub(to + 1)
  end
  return text
end

-- By name: what is run, and with which files. `at` has `dir`, `port`, `to` (the endpoint's port), `pem` and `key`.
local kinds = {}

-- Who is root lets nginx be: others don't enter every directory that a tree can be in.
local NGINX = (process.capture "id -u" == "0\n" and "user root;\n" or "") .. [[
daemon off;
pid nginx.pid;
events {}
http {
  access_log access.log;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
%s
}
]]

local function run_nginx(at, text)
  local conf = save(at.dir .. "front.conf", NGINX:format(text))
  return { "nginx", "-p", at.dir, "-c", conf, "-e", at.dir .. "error.log" }
end

function kinds.nginx(at)
  local hash = line_of("openssl passwd -apr1 " .. front.PASSWORD)
  save(at.dir .. "users", front.USER .. ":" .. hash .. "\n")
  assert(process.run("chmod -R a+rX " .. process.quote(at.dir)))
  return run_nginx(at, recipe("proxy_pass", { { "listen 443 ssl", ("listen 127.0.0.1:%d ssl"):format(at.port) },
    { "/etc/ssl/bots.pem", at.pem }, { "/etc/ssl/bots.key", at.key }, { "/etc/nginx/bots.users", at.dir .. "users" },
    { "127.0.0.1:8088", "127.0.0.1:" .. at.to } }))
end

-- No recipe: what people have who read none.
function kinds.plain(at)
  return run_nginx(at, ([[
  server {
    listen 127.0.0.1:%d;
    location /tools/bots/ { proxy_pass http://127.0.0.1:%d/admin/; }
  }]]):format(at.port, at.to))
end

function kinds.haproxy(at)
  local both = save(at.dir .. "bots.pem", process.slurp(at.pem) .. process.slurp(at.key))
  local conf = save(at.dir .. "haproxy.cfg", recipe("userlist", { { "$5$…", line_of("openssl passwd -5 "
    .. front.PASSWORD) }, { ":443", "127.0.0.1:" .. at.port }, { "/etc/haproxy/bots.pem", both },
    { "127.0.0.1:8088", "127.0.0.1:" .. at.to } }))
  return { "haproxy", "-db", "-f", conf }
end

local CADDY = [[
{
  admin off
  auto_https disable_redirects
  storage file_system %sstorage]]

function kinds.caddy(at)
  local site = ("https://localhost:%d {\n  bind 127.0.0.1\n  tls %s %s"):format(at.port, at.pem, at.key)
  local text = recipe("reverse_proxy", { { "{", CADDY:format(at.dir) }, { "bots.example.org {", site }, { "$2a$14$…",
    line_of("caddy hash-password --plaintext " .. front.PASSWORD) }, { "127.0.0.1:8088", "127.0.0.1:" .. at.to } })
  local conf = save(at.dir .. "Caddyfile", text)
  return { "caddy", "run", "--adapter", "caddyfile", "--config", conf }
end

--- Why there is no such proxy here; nil: there is.
function front.missing(kind)
  local program = kind == "plain" and "nginx" or kind
  if process.run("command -v " .. program .. " >/dev/null") then return nil end
  return program .. " isn't installed (make deps)"
end

--- Starts one before the endpoint at port `to`: `url` of the page, `login` for curl. "plain" is nginx with nothing but
-- a proxy_pass, without TLS and login.
function front.start(kind, to)
  local dir = process.directory() .. "front-" .. kind .. "-" .. to .. "/"
  assert(process.run("mkdir -p " .. process.quote(dir)))
  local certificate = absolute(certs.directory()) .. "server"
  local at = { dir = absolute(dir), port = nginx.free_port(), to = to, pem = certificate .. ".pem",
    key = certificate .. ".key" }
  local command = kinds[kind](at)
  command.name, command.env = kind, { HOME = at.dir, XDG_CONFIG_HOME = at.dir, XDG_DATA_HOME = at.dir }
  local self = setmetatable({ child = process.start(command), port = at.port, dir = at.dir }, front)
  self.host = "localhost:" .. at.port
  self.scheme = kind == "plain" and "http" or "https"
  self.url = ("%s://%s%s"):format(self.scheme, self.host, kind == "plain" and "/tools/bots/" or "/admin/")
  local ok, why = pcall(nginx.await, nil, function() return self:ask "" ~= 0 end, kind .. " starts")
  if ok then return self end
  self:stop()
  error(why .. ": " .. self.child:errors(), 2)
end

--- A request by curl: its status, 0 where none came, its body and its headers. `options` of curl, as one text.
function front:ask(path, options)
  local command = "curl -s -i -m 20 --resolve localhost:%d:127.0.0.1 --cacert %s %s %s"
  local said = process.capture(command:format(self.port, process.quote(certs.ca()), options or "",
    process.quote(self.url .. path)))
  local head, body = said:match "^(.-)\r\n\r\n(.*)$"
  return tonumber(said:match "^HTTP/[%d.]+ (%d+)") or 0, body, head
end

--- Requests one right behind the other, by one curl: which statuses came.
-- @tparam {string,...} list the options of each
-- @treturn table status → true
function front:burst(path, list)
  local each, seen = {}, {}
  for i, options in ipairs(list) do
    each[i] = ("-s -o /dev/null -w '%%{http_code}\\n' -m 20 --resolve localhost:%d:127.0.0.1 --cacert %s %s %s"):format(
      self.port, process.quote(certs.ca()), options, process.quote(self.url .. path))
  end
  for status in process.capture("curl " .. table.concat(each, " --next ")):gmatch "%d+" do
    seen[tonumber(status)] = true
  end
  return seen
end

--- The options of curl for the proxy's login.
function front.login()
  return ("-u %s:%s"):format(front.USER, front.PASSWORD)
end

--- The page's URL, with the login in it.
function front:url_with_login()
  return (self.url:gsub("//", ("//%s:%s@"):format(front.USER, front.PASSWORD), 1))
end

function front:stop()
  return self.child:stop()
end

return front
