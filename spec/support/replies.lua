-- SPDX-License-Identifier: MIT
-- One call against any bytes: a server inside this process that says what a spec wants, the engine in LuaSocket's loop.

local socket = require "socket"

local replies = {}

replies.id = "110201543"
replies.secret = "AAHcaNaRy-CANARY_Kd3xW9pLm2vT8yBn4Rs"
replies.token = replies.id .. ":" .. replies.secret

--- The bytes of an answer with its length.
function replies.http(body, status, headers)
  -- not by format: up to Lua 5.2 its %s ends at a NUL byte
  return "HTTP/1.1 " .. (status or "200 OK") .. "\r\nContent-Type: application/json\r\n" .. (headers or "")
    .. "Content-Length: " .. #body .. "\r\n\r\n" .. body
end

local function listen()
  local listener = assert(socket.bind("127.0.0.1", 0))
  local _, port = listener:getsockname()
  return listener, "http://127.0.0.1:" .. port
end

-- Takes what has come of a request, answers it once it is whole: true then.
local function serve(conn, request, bytes)
  local whole, _, part = conn:receive(65536)
  request[#request + 1] = whole or part
  local text = table.concat(request)
  local stop = select(2, text:find("\r\n\r\n", 1, true))
  if not stop or #text < stop + tonumber(text:match("\r\nContent%-Length: (%d+)")) then
    return false
  end
  conn:settimeout(5)
  conn:send(bytes)
  conn:close()
  return true
end

--- Makes one call that is answered with these bytes: res, err, and the request as the server got it.
-- `more`: token, method, and `start(engine, url)` for another call than getMe.
function replies.to(bytes, more)
  more = more or {}
  local core = require "botapi.core"
  local listener, url = listen()
  local engine = core.engine()
  local start = more.start or function()
    return engine:start(more.token or replies.token, more.method or "getMe", nil, {server = url, timeout = 10,
      max_response = more.max_response})
  end
  local call = start(engine, url)
  local conn, request, answered = nil, {}, false
  while not call:done() do
    local waiting = {engine}
    if not answered then
      waiting[2] = conn or listener
    end
    for _, ready in ipairs((socket.select(waiting, nil, 10))) do
      if ready == listener then
        conn = listener:accept()
        conn:settimeout(0)
      elseif ready == conn then
        answered = serve(conn, request, bytes)
      end
    end
    engine:step(0)
  end
  listener:close()
  local res, err = call:result()
  engine:close()
  return res, err, table.concat(request)
end

--- The same for a body of JSON and a status line's "200 OK".
function replies.json(body, status, headers, more)
  return replies.to(replies.http(body, status, headers), more)
end

return replies
