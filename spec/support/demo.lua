-- SPDX-License-Identifier: MIT
-- The admin endpoint of examples/openresty as its demo starts it, with its emulators, for the specs.

local nginx = require "support.nginx"
local process = require "support.process"

local demo = {}
demo.__index = demo

function demo.missing()
  local file = io.open(process.root .. "build/lua5.4/botapi/core.so")
  if not file then return "the emulators need the module for Lua 5.4 (make)" end
  file:close()
end

--- Starts it: url, key, port, and the methods of support.nginx's client.
function demo.start()
  local port = nginx.free_port()
  local child = process.start { "sh", process.root .. "examples/openresty/demo.sh", port, "1000r/s", name = "demo" }
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

--- How many calls with a token the emulators have counted.
function demo:calls()
  local told = nginx.at(self.emulator):request("GET", "/_emulator/calls", { Host = "localhost" })
  local _, count = told.body:gsub('"method"', "")
  return count, told.body
end

function demo:log(which)
  return process.slurp(self.dir .. "logs/" .. which .. ".log") or ""
end

function demo:stop()
  return self.child:stop()
end

return demo
