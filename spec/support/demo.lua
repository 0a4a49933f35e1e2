-- SPDX-License-Identifier: MIT
-- The admin endpoint of examples/openresty as its demo starts it, with its emulators, for the specs.

local json = require("cjson.safe").new()
local nginx = require "support.nginx"
local process = require "support.process"

local demo = {}
demo.__index = demo

function demo.missing()
  local file = io.open(process.root .. "build/lua5.4/botapi/core.so")
  if not file then return "the emulators need the module for Lua 5.4 (make)" end
  file:close()
end

--- Starts it: url, key, port, and the methods of support.nginx's client. `rate` of logouts, as nginx writes it: no
-- limit by default; `more`: so many bots more.
function demo.start(rate, more)
  local port = nginx.free_port()
  local child = process.start { "sh", process.root .. "examples/openresty/demo.sh", port, rate or "1000r/s",
    more or 0, name = "demo" }
  local url = child:expect("^(http://%S+)$", 30)
  local key = child:expect("^key (%S+)$", 10)
  local self = setmetatable({ child = child, url = url, key = key, port = port, client = nginx.at(port),
    dir = process.root .. "build/demo-openresty/" .. port .. "/" }, demo)
  self.emulator = tonumber(process.slurp(self.dir .. "emulator"):match "^http://127.0.0.1:(%d+)")
  self.client:await(function() return self.client:get "/admin/" end, "the endpoint starts")
  return self
end

--- A request with the key, unless `headers` has another one; a refusal by the limit of the rate is waited out.
function demo:ask(...)
  for _ = 1, 100 do
    local answer = self:ask_once(...)
    if answer.status ~= 429 then return answer end
    process.run "sleep 0.1"
  end
end

function demo:ask_once(verb, path, headers, body)
  local all = { Host = "127.0.0.1:" .. self.port, Authorization = "Bearer " .. self.key }
  for name, value in pairs(headers or {}) do all[name] = value or nil end
  return self.client:request(verb, path, all, body)
end

local function control(self, verb, what, body)
  local answer = nginx.at(self.emulator):request(verb, "/_emulator/" .. what, {
    Host = "127.0.0.1:" .. self.emulator, ["Content-Type"] = "application/json" }, body and json.encode(body))
  assert(answer.status < 300, answer.body)
end

--- Has the first emulator answer in another way: a rule of its control API.
function demo:rule(rule)
  control(self, "POST", "rules", rule)
end

function demo:forget_rules()
  control(self, "DELETE", "rules")
end

--- Moves the clock of the first emulator, which its delays go by.
function demo:advance(time)
  control(self, "POST", "clock", { advance = time })
end

--- How many calls with a token the emulators have counted.
function demo:calls()
  local told = nginx.at(self.emulator):request("GET", "/_emulator/calls", { Host = "localhost" })
  local _, count = told.body:gsub('"method"', "")
  return count, told.body
end

--- Waits until they have counted so many.
function demo:await_calls(count)
  self.client:await(function() return self:calls() >= count end, count .. " calls")
end

-- The pids of nginx's workers, as text.
local function workers(self)
  local master = process.slurp(self.dir .. "logs/nginx.pid"):match "%d+"
  return process.capture("ps -o pid= --ppid " .. master), master
end

--- Changes the configuration, by gsub, or another file of the endpoint, and has nginx load it; returns when the old
-- workers are gone, or with `go_on` when there are others.
function demo:reload(pattern, replacement, name, go_on)
  local path = self.dir .. (name or "nginx.conf")
  local text, n = process.slurp(path):gsub(pattern, replacement)
  assert(n > 0, pattern)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
  local before, master = workers(self)
  assert(process.run("kill -HUP " .. master))
  self.client:await(function()
    local now = workers(self)
    if go_on and #now > #before then return true end
    for pid in before:gmatch "%d+" do
      if now:find("%f[%d]" .. pid .. "%f[%D]") then return false end
    end
    return now:find "%d"
  end, "other workers")
end

function demo:log(which)
  return process.slurp(self.dir .. "logs/" .. which .. ".log") or ""
end

function demo:stop()
  return self.child:stop()
end

return demo
