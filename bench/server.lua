-- SPDX-License-Identifier: MIT
-- Owns the benchmark's nginx: its configuration below build/bench, its life, and how many requests it has seen.

local http = require "socket.http"
local measure = require "measure"
local socket = require "socket"

local server = {}
server.__index = server

local quote, shell = measure.quote, measure.shell

local function slurp(path)
  local file = assert(io.open(path))
  local text = file:read "*a"
  file:close()
  return text
end

local function free_port()
  local s = assert(socket.bind("127.0.0.1", 0))
  local _, port = s:getsockname()
  s:close()
  return port
end

--- Starts one.
-- @tparam table given root, name; and `main`, `server`: more of the configuration; `free`: on any core
-- @treturn table http, https (base URLs), `port`
function server.start(given)
  local dir = given.root .. "/build/bench/" .. given.name
  assert(shell("mkdir -p " .. quote(dir)))
  local values = { ROOT = given.root, DIR = dir, HTTP = free_port(), HTTPS = free_port(), MAIN = given.main or "",
    SERVER = given.server or "", AFFINITY = given.free and "" or "worker_cpu_affinity 01;",
    CERTS = given.root .. "/build/certs", MODULES = "/usr/lib/nginx/modules",
    USER = assert(shell "id -u"):match "^0" and "user root;" or "" }
  local text = slurp(given.root .. "/bench/nginx.conf"):gsub("@(%u+)@", values):gsub("@(%u+)@", values)
  local file = assert(io.open(dir .. "/nginx.conf", "w"))
  file:write(text)
  file:close()
  local self = setmetatable({ http = "http://127.0.0.1:" .. values.HTTP, https = "https://127.0.0.1:" .. values.HTTPS,
    dir = dir }, server)
  self.pipe = io.popen(("exec nginx -p %s -c %s -e %s"):format(quote(dir), quote(dir .. "/nginx.conf"),
    quote(dir .. "/error.log")), "w")
  for _ = 1, 100 do
    if pcall(self.requests, self) then return self end
    socket.sleep(0.05)
  end
  error("the benchmark's nginx didn't start: " .. slurp(dir .. "/error.log"))
end

--- How many requests it has seen, but for those of this function.
function server:requests()
  local text = assert(http.request(self.http .. "/status"))
  self.asked = (self.asked or 0) + 1
  return tonumber(text:match "%d+ %d+ (%d+)") - self.asked
end

--- Runs something and checks that the server saw exactly so many requests.
function server:expect(n, what, fn)
  local before = self:requests()
  local result = fn()
  local seen = self:requests() - before
  if seen ~= n then error(("%s: %d requests at the server, %d expected"):format(what, seen, n), 0) end
  return result
end

function server:stop()
  local pid = slurp(self.dir .. "/nginx.pid"):match "%d+"
  os.execute("kill -QUIT " .. pid)
  self.pipe:close()
end

return server
