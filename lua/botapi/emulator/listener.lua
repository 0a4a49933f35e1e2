-- SPDX-License-Identifier: MIT
-- Owns listening sockets, and the loop that reads each client's requests.

local cqueues = require "cqueues"
local socket = require "cqueues.socket"
local connection = require "botapi.emulator.connection"
local files = require "botapi.emulator.files"
local new_reader = require "botapi.emulator.reader".new
local responses = require "botapi.emulator.responses"

local listener = {}
listener.__index = listener

-- A socket that an earlier process has left may go; nothing else may.
local function is_free(path)
  local function is(what)
    local ok = os.execute("test " .. what .. " " .. files.quote(path))
    return ok == true or ok == 0                        -- Lua 5.1 has the code
  end
  return is "-S" or not is "-e" and not is "-h"
end

--- Listens at `host` and `port` (0: any), or at the `path` of a unix socket; `tls` is an openssl.ssl.context.
-- Returns a listener, or nil and why not.
function listener.open(at)
  if at.path and not is_free(at.path) then return nil, "there is a file of that name, which is no socket" end
  local options = at.path and {path = at.path, unlink = true} or {host = at.host, port = at.port, reuseaddr = true}
  local ok, listening, why = pcall(socket.listen, options)
  if not ok then return nil, tostring(listening) end
  if not listening then return nil, tostring(why) end
  listening:onerror(function(_, _, code) return code end)
  local done, code = listening:listen()
  if not done then return nil, require "cqueues.errno".strerror(code) end
  local self = setmetatable({socket = listening, tls = at.tls, path = at.path, closed = false}, listener)
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

local function serve(self, client, handler)
  connection.prepare(client)
  local _, peer = client:peername()
  peer = self.path and "unix" or type(peer) == "string" and peer or ""     -- "": it is gone
  if handler.accept and not handler.accept(client) then return end
  if self.tls and not client:starttls(self.tls) then return end
  local reader = new_reader(client)
  while true do
    local incoming, status = reader:request(handler)
    if not incoming then
      if status and status ~= "ended" then
        client:xwrite((responses.malformed(status)))
        client:shutdown "w"
        reader:drain()
      end
      return
    end
    incoming.peer, incoming.reader = peer, reader
    if not handler.serve(client, incoming) then return end
  end
end

--- Accepts clients until the listener is closed; each gets a coroutine of its own, made by `spawn`.
-- The handler has accept (optional), serve, and what reader:request takes.
function listener:run(spawn, handler)
  while not self.closed do
    local client, why = self.socket:accept {nodelay = true}
    if client then
      spawn(function()
        local ok, message = connection.pcall(serve, self, client, handler)
        client:close()
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
