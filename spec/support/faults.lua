-- SPDX-License-Identifier: MIT
-- The client's side of the fault server: starts it, asks for listeners, reads what they saw.

local certs = require "support.certs"
local process = require "support.process"
local wire = require "support.wire"

local faults = {}
faults.__index = faults

local listener = {}
listener.__index = listener

-- Made once, and renamed: 64 MiB of nothing and a good answer, packed.
local function data_directory()
  local directory = process.root .. "build/faults/"
  local script = ([[
    set -e
    test -f %s/bomb.gz && test -f %s/ok.gz && exit 0
    mkdir -p %s && cd %s
    head -c 67108864 /dev/zero | gzip -9 >bomb.$$ && mv bomb.$$ bomb.gz
    printf '{"ok":true,"result":true}' | gzip -9 >ok.$$ && mv ok.$$ ok.gz
  ]]):gsub("%%s", function() return process.quote(directory) end)
  assert(process.run(script))
  return directory
end

--- Starts a fault server. `spec.within` puts it into a network namespace: `faults.start {within = ns:words()}`.
function faults.start(spec)
  spec = spec or {}
  local child = process.start {"lua5.4", process.root .. "spec/support/faultserver.lua", name = "faultserver",
    within = spec.within, env = {LUA_PATH = process.root .. "spec/?.lua;;", BOTAPI_FAULT_DATA = data_directory()}}
  child:expect("^ready$", 20)
  return setmetatable({child = child, certs = certs.directory()}, faults)
end

function faults:ask(command, options)
  local parts = {command}
  for key, value in pairs(options) do
    parts[#parts + 1] = key .. "=" .. tostring(value)
  end
  assert(self.child:send(table.concat(parts, " ")))
  local line, why = self.child:line(20)
  if not line then
    error(("the fault server is gone (%s): %s"):format(why, self.child:errors()), 2)
  end
  local told = wire.read(line)
  if told.failed then
    error(("fault server: %s: %s"):format(table.concat(parts, " "), told.failed), 2)
  end
  return told
end

--- A listener that plays a mode: `{mode = "ok", tls = "server", skip = 1, host = "127.0.0.1", unix = path}`.
-- `tls` names a certificate of support.certs, or "tls11" or "tls12". `client = "wanted"` or "required": clients are
-- asked for a certificate. `patient = true`: one that it refuses gets to read why. `skip`: how many requests are
-- answered well before.
-- It has `url`, `port`, `host`, and the methods count, wait, close.
function faults:open(options)
  options.certs = self.certs
  local told = self:ask("open", options)
  local host = options.host or "127.0.0.1"
  if host:find(":", 1, true) then
    host = "[" .. host .. "]"
  end
  local scheme = options.tls and "https" or "http"
  return setmetatable({server = self, id = told.id, port = told.port, host = host,
    url = ("%s://%s:%d"):format(scheme, options.tls and not options.host and "localhost" or host, told.port)}, listener)
end

function faults:stop()
  return self.child:wait()
end

-- Adds what specs compare: the number of requests, whole and partial ones, of one method or of all.
local function readable(told)
  function told.seen(method)
    local n = 0
    for _, request in ipairs(told.requests) do
      if not method or request.path:lower():match("/" .. method:lower() .. "$") then
        n = n + 1
      end
    end
    return n + told.partial
  end
  return told
end

--- What it saw: requests (list of verb, path, head, body, connection), partial, connections, open, handshakes, ends,
-- clients (for each handshake the name in the client's certificate).
-- Everything that had reached the machine when it was asked is in it.
function listener:count()
  return readable(self.server:ask("count", {id = self.id}))
end

--- The same, once so many requests came or so many connections ended, or after some seconds.
function listener:wait(options)
  options.id = self.id
  return readable(self.server:ask("wait", options))
end

--- The same for the last time; the port is free afterwards.
function listener:close()
  return readable(self.server:ask("close", {id = self.id}))
end

return faults
