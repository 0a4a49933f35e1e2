-- SPDX-License-Identifier: MIT
-- Owns sockets that wait for clients, and the loop that reads each client's requests.

local cqueues = require "cqueues"
local socket = require "cqueues.socket"
local responses = require "botapi.emulator.responses"
local http = require "botapi.emulator.http"
local protect = require "botapi.emulator.protect"

local listener = {}
listener.__index = listener

local function prepare(connection)
  connection:setmode("bn", "bn")
  connection:onerror(function(_, _, why) return why end)
end

--- Listens.
-- @tparam table at host and port (0: any), or path of a unix socket; tls: an openssl.ssl.context
-- @treturn listener|nil
-- @treturn string|nil why not
function listener.open(at)
  local options = {host = at.host, port = at.port, path = at.path, reuseaddr = true}
  if at.path then options = {path = at.path, unlink = true} end
  local ok, listening, why = pcall(socket.listen, options)
  if not ok then return nil, tostring(listening) end
  if not listening then return nil, tostring(why) end
  listening:onerror(function(_, _, code) return code end)
  local done, code = listening:listen()
  if not done then return nil, require "cqueues.errno".strerror(code) end
  local self = setmetatable({socket = listening, tls = at.tls, path = at.path, connections = 0}, listener)
  if not at.path then
    local _, host, port = listening:localname()
    self.host, self.port = host, port
  end
  return self
end

--- The address as a URL.
function listener:url()
  if self.path then return "unix:" .. self.path end
  local host = self.host:find(":", 1, true) and "[" .. self.host .. "]" or self.host
  return (self.tls and "https" or "http") .. "://" .. host .. ":" .. self.port
end

local function serve(self, connection, handler)
  prepare(connection)
  local _, peer = connection:peername()
  peer = type(peer) == "string" and peer or ""
  if handler.accept and not handler.accept(connection, peer) then return end
  if self.tls and not connection:starttls(self.tls) then return end
  local reader = http.reader(connection)
  while true do
    local incoming, status = reader:request(handler)
    if not incoming then
      if status and status ~= "ended" then
        connection:xwrite((responses.malformed(status)))
        connection:shutdown "w"
        reader:drain()
      end
      return
    end
    if not handler.serve(connection, incoming, peer) then return end
  end
end

--- Takes clients until the listener is closed; each gets a coroutine of its own.
-- @tparam function spawn runs a function as a coroutine
-- @tparam table handler accept, head, serve
function listener:run(spawn, handler)
  while not self.closed do
    local connection, why = self.socket:accept {nodelay = true}
    if connection then
      spawn(function()
        self.connections = self.connections + 1
        local ok, message = protect(serve, self, connection, handler)
        self.connections = self.connections - 1
        connection:close()
        if not ok then io.stderr:write("botapi emulator: a connection failed: ", tostring(message), "\n") end
      end)
    elseif not self.closed then
      self.socket:clearerr()
      cqueues.sleep(why and 0.05 or 0)
    end
  end
end

--- Stops listening.
function listener:close()
  self.closed = true
  self.socket:close()
  if self.path then os.remove(self.path) end
end

return listener
