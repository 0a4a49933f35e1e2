-- SPDX-License-Identifier: MIT
-- Owns what the emulator's specs share: an emulator for a file, bots of their own, and raw exchanges.

local socket = require "socket"
local start = require "botapi.emulator".start

local support = {}

local last_id = 100000

--- A bot that no other spec uses.
function support.new_id()
  last_id = last_id + 1
  return last_id
end

local Peer = {}
Peer.__index = Peer

--- A connection to a URL's host and port.
function support.connect(url)
  local host, port = url:match "^%a+://([^:/]+):(%d+)"
  local connection = assert(socket.connect(host, tonumber(port)))
  connection:setoption("tcp-nodelay", true)
  connection:settimeout(10)
  return setmetatable({socket = connection}, Peer)
end

function Peer:send(bytes)
  assert(self.socket:send(bytes))
  return self
end

--- Reads one answer; nil and a reason when none comes.
function Peer:read()
  local lines, line, why = {}, self.socket:receive "*l", nil
  while line and line ~= "" do
    lines[#lines + 1] = line
    line = self.socket:receive "*l"
  end
  if not lines[1] then return nil, why end
  local head = table.concat(lines, "\n")
  local length = tonumber(head:match "Content%-Length: (%d+)")
  local body = length == 0 and "" or length and self.socket:receive(length) or nil
  return {head = head, status = tonumber(head:match " (%d+)"), body = body}
end

--- Everything until the other side ends; raises where it doesn't end.
function Peer:rest()
  local bytes, why, part = self.socket:receive "*a"
  if not bytes and why ~= "closed" then error("not closed: " .. why, 2) end
  return bytes or part
end

function Peer:close()
  self.socket:close()
end

--- One request of bytes, one answer, on a connection of its own.
function support.exchange(url, bytes)
  local peer = support.connect(url):send(bytes)
  local answer = peer:read()
  peer:close()
  return answer
end

--- GET a path.
function support.get(url, path)
  return support.exchange(url, "GET " .. path .. " HTTP/1.1\r\nHost: h\r\n\r\n")
end

--- The bytes of a POST.
function support.post_bytes(path, content_type, body, more)
  local kind = content_type and "Content-Type: " .. content_type .. "\r\n" or ""
  return "POST " .. path .. " HTTP/1.1\r\nHost: localhost\r\n" .. kind .. (more or "")
    .. "Content-Length: " .. #body .. "\r\n\r\n" .. body
end

--- A started emulator with helpers bound to it.
function support.start(options)
  local emu = start(options)
  local here = {emu = emu, url = emu.url}
  function here.get(path) return support.get(emu.url, path) end
  function here.call(id, method, query)
    return here.get("/bot" .. emu:token(id) .. "/" .. method .. (query and "?" .. query or ""))
  end
  function here.post(id, method, body, content_type)
    return support.exchange(emu.url, support.post_bytes("/bot" .. emu:token(id) .. "/" .. method,
      content_type or "application/json", body))
  end
  --- Sends a request and returns the open connection.
  function here.begin(id, method, query)
    return support.connect(emu.url):send("GET /bot" .. emu:token(id) .. "/" .. method
      .. (query and "?" .. query or "") .. " HTTP/1.1\r\n\r\n")
  end
  return here
end

return support
