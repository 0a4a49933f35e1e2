-- SPDX-License-Identifier: MIT
-- Owns a stage for the command: a network of its own where api.telegram.org, tapi.bale.ai and 10.0.0.5 are emulators.

local netns = require "support.netns"
local process = require "support.process"
local terminal = require "support.terminal"
local start = require "botapi.emulator".start

local quote = process.quote

local stage = {}
stage.__index = stage

local made = 0

local function write(path, text, mode)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
  if mode then process.run(("chmod %s %s"):format(mode, quote(path))) end
  return path
end

local function certificate(base)
  assert(process.run(("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=stage "
    .. "-addext subjectAltName=DNS:api.telegram.org,DNS:tapi.bale.ai -keyout %s -out %s 2>/dev/null")
    :format(quote(base .. ".key"), quote(base .. ".pem"))))
end

--- An empty stage. Close it in the teardown.
function stage.new()
  made = made + 1
  local base = terminal.directory() .. "stage" .. made
  local self = setmetatable({ base = base, emulators = {}, processes = {}, ca_file = base .. ".pem" }, stage)
  certificate(base)
  local hosts = write(base .. ".hosts", "127.0.0.1 localhost api.telegram.org tapi.bale.ai\n")
  self.holder = process.start { within = netns.private { net = true, files = { ["/etc/hosts"] = hosts } },
    "sh", "-c", "ip addr add 10.0.0.5/32 dev lo && echo up; cat", name = "stage" }
  self.holder:expect "^up$"
  self.within = ("nsenter -t %d -m -n --wd"):format(self.holder.pid)
  self.lua = write(base .. ".lua.sh", "#!/bin/sh\nexec " .. self.within .. ' lua5.4 "$@"\n', "755")
  return self
end

--- An emulator on it; its control API is a unix socket.
function stage:emulator(options)
  options.lua, options.control = self.lua, ("%s.%d.sock"):format(self.base, #self.emulators + 1)
  local emu = start(options)
  table.insert(self.emulators, emu)
  return emu
end

--- api.telegram.org or tapi.bale.ai itself, with TLS on 443.
function stage:cloud(as)
  return self:emulator { as = as or "cloud", port = 443, tls = { cert = self.ca_file, key = self.base .. ".key" } }
end

local FRONT = [[
daemon off; master_process off; pid BASE.pid; error_log BASE.log;
events {}
http {
  access_log off; client_body_temp_path BASE.body; proxy_temp_path BASE.proxy; fastcgi_temp_path BASE.f;
  uwsgi_temp_path BASE.u; scgi_temp_path BASE.s;
  server { listen 127.0.0.1:443 ssl; ssl_certificate BASE.pem; ssl_certificate_key BASE.key;
    location / { proxy_pass http://10.0.0.5:8080; proxy_http_version 1.1; proxy_set_header Host $host; } }
}
]]

--- A pair over one Telegram: api.telegram.org, and http://10.0.0.5:8081.
function stage:pair()
  local emu = self:emulator { pair = true, host = "10.0.0.5", port = 8080 }
  local base = self.base
  local config = write(base .. ".conf", (FRONT:gsub("BASE%.pid", base .. ".nginx"):gsub("BASE", base)))
  local front = process.start { within = { "nsenter", "-t", tostring(self.holder.pid), "-m", "-n", "--wd" },
    "nginx", "-c", config, "-e", base .. ".log", name = "front" }
  table.insert(self.processes, front)
  for _ = 1, 500 do
    if process.run(self.within .. " curl -s -o /dev/null --cacert " .. quote(self.ca_file)
      .. " https://api.telegram.org/") then return emu end
  end
  error("the front didn't start: " .. front:errors())
end

--- A bot as the golden texts have it.
function stage.shop(emu, id, server, more)
  local change = { username = "shop_bot", first_name = "Shop", state = "logged_in", age = "2h", pending = 14,
    webhook = { url = "https://shop.example/hook", max_connections = 40, allowed_updates = { "message", "poll" } } }
  for name, value in pairs(more or {}) do change[name] = value end
  emu:put(id, change, server)
end

function stage:close()
  for _, emu in ipairs(self.emulators) do emu:close() end
  for _, each in ipairs(self.processes) do each:stop() end
  self.holder:stop()
end

return stage
