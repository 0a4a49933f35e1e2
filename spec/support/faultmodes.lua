-- SPDX-License-Identifier: MIT
-- What each mode of the fault server does: name → when (`at`) and what (`play(conn, request)`, returning the ending).

local files = require "support.files"
local login = require "support.proxylogin"

local modes = {}

local OK = '{"ok":true,"result":true}'
local ME = '{"ok":true,"result":{"id":110201543,"is_bot":true,"first_name":"Canary","username":"canary_bot",' ..
  '"can_join_groups":true,"can_read_all_group_messages":false,"supports_inline_queries":false}}'
local REASON = {[200] = "OK", [204] = "No Content", [301] = "Moved Permanently", [302] = "Found", [303] = "See Other",
  [307] = "Temporary Redirect", [400] = "Bad Request", [401] = "Unauthorized", [403] = "Forbidden", [404] = "Not Found",
  [407] = "Proxy Authentication Required", [413] = "Request Entity Too Large", [421] = "Misdirected Request",
  [429] = "Too Many Requests", [500] = "Internal Server Error", [502] = "Bad Gateway",
  [504] = "Gateway Timeout"}

-- An answer as the real server writes it; `extra` is whole header lines.
local function answer(status, body, extra, kind)
  return ("HTTP/1.1 %d %s\r\nConnection: keep-alive\r\nContent-Type: %s\r\n%sContent-Length: %d\r\n\r\n%s"):format(
    status, REASON[status], kind or "application/json", extra or "", #body, body)
end

local function failure(status, description, parameters)
  local tail = parameters and ',"parameters":' .. parameters or ""
  return ('{"ok":false,"error_code":%d,"description":"%s"%s}'):format(status, description, tail)
end

local function good(request)
  return request.path:match("/getMe$") and ME or OK
end

-- A mode that writes one text after the request and ends so.
local function says(text, ending)
  return {play = function(conn)
    conn:send(text)
    return ending
  end}
end

local function body(text, status)
  return says(answer(status or 200, text), "keep")
end

modes.refused = {refuse = true}

modes.ok = {play = function(conn, request)
  conn:send(answer(200, good(request)))
  return "keep"
end}

-- Reads the first bytes of a request, which over TLS are a whole record, and no more.
modes.part_reset = {at = "tls", play = function(conn)
  conn:more()
  return "reset"
end}

-- The four ways to stop at each stage: name_close, name_cut (TLS without its goodbye), name_reset, name_silence.
local ENDINGS = {close = "close", cut = "cut", reset = "reset", silence = "hold"}
local STAGES = {
  {name = "accept", at = "accept"},
  {name = "hello", at = "hello"},
  {name = "tls", at = "tls"},
  {name = "request", text = ""},
  {name = "status", text = "HTTP/1.1 2"},
  {name = "header", text = "HTTP/1.1 200 OK\r\nContent-Le"},
  {name = "headers", text = "HTTP/1.1 200 OK\r\nContent-Length: 25\r\n"},
  {name = "body", text = "HTTP/1.1 200 OK\r\nContent-Length: 25\r\n\r\n" .. '{"ok":true,'},
  {name = "chunk", text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n19\r\n" .. '{"ok":true,'},
  {name = "chunks", text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n19\r\n" .. OK .. "\r\n"},
}
for _, stage in ipairs(STAGES) do
  for word, ending in pairs(ENDINGS) do
    modes[stage.name .. "_" .. word] = {at = stage.at, play = function(conn)
      if stage.text and stage.text ~= "" then
        conn:send(stage.text)
      end
      if stage.at then
        conn:finish(ending)
      end
      return ending
    end}
  end
end

modes.hello_plain = {at = "hello", play = function(conn)
  conn:send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
  conn:finish("cut")
end}

-- A file, named by what becomes of it: SIZE_STOP_ENDING_FLAGS. STOP bytes are sent of SIZE, then the ENDING. Flags: "n"
-- no ranges; "w" a range that begins elsewhere; "t" another size in a range; "l" getFile says a byte less; "u" no
-- length; "s" slow; "g" 416 to every range. Its bytes are those of support.files.
modes.file = {play = function(conn, request)
  if not request.path:find "^/file/" then
    local id = request.body:match "file_id=([%w_]+)"
    if not id then
      conn:send(answer(400, failure(400, "Bad Request: invalid file_id")))
      return "keep"
    end
    local size, flags = id:match "^(%d+)_%d+_%l+_?(%l*)"
    conn:send(answer(200, ('{"ok":true,"result":{"file_id":"%s","file_unique_id":"u%s","file_size":%d,' ..
      '"file_path":"d/%s"}}'):format(id, id:match "^%d+", size - (flags:find "l" and 1 or 0), id)))
    return "keep"
  end
  local size, stop, ending, flags = request.path:match "/d/(%d+)_(%d+)_(%l+)_?(%l*)$"
  if not size then
    conn:send(answer(404, failure(404, "Not Found")))
    return "keep"
  end
  size, stop = tonumber(size), tonumber(stop)
  local from = not flags:find "n" and tonumber(request.head:match "\r\nRange: bytes=(%d+)%-") or nil
  if from and flags:find "g" then
    conn:send(answer(416, failure(416, "Requested Range Not Satisfiable")))
    return "keep"
  end
  local first = from and from + (flags:find "w" and 1 or 0)
  local range = from and ("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes %d-%d/%d\r\n"):format(first, size - 1,
    size + (flags:find "t" and 1 or 0))
  local length = flags:find "u" and "" or ("Content-Length: %d\r\n"):format(size - (from or 0))
  conn:send((range or "HTTP/1.1 200 OK\r\n") .. length .. "\r\n")
  for part in files.parts(from or 0, stop) do
    if not conn:send(part) then return "close" end
    if flags:find "s" then conn:sleep(0.005) end
  end
  conn:mark()
  return ending
end}

-- What befalls a connection that is kept: it is closed while idle, or speaks while it wasn't asked. The first request
-- is answered well; each marks when the misdeed is done.
modes.idle_close = {play = function(conn, request)
  conn:send(answer(200, good(request)))
  conn:finish("close")
  conn:mark()
end}
-- The first connection alone.
modes.idle_close_once = {play = function(conn, request)
  conn:send(answer(200, good(request)))
  if conn.number > 1 then return "keep" end
  conn:finish("close")
  conn:mark()
end}
modes.idle_408 = {play = function(conn, request)
  conn:send(answer(200, good(request)))
  conn:sleep(0.02)
  conn:send("HTTP/1.1 408 Request Time-out\r\nConnection: close\r\nContent-Length: 3\r\n\r\nno\n")
  conn:finish("close")
  conn:mark()
end}
modes.idle_answer = {play = function(conn, request)
  if request.path:match("/getMe$") then
    conn:send(answer(200, good(request)))
    conn:sleep(0.02)
    conn:send(answer(200, OK))
    conn:mark()
  else
    conn:send(answer(401, failure(401, "Unauthorized")))
  end
  return "keep"
end}

-- Large bodies, which nobody keeps: the head stays in the buffer, so that what never was whole counts as a partial
-- request. Reads until `part` of the body has come, and nothing more afterwards; false once the peer is gone.
local function read_part(conn, part)
  local stop
  repeat
    stop = select(2, conn.buffer:find("\r\n\r\n", 1, true))
  until stop or not conn:more()
  if not stop then return false end
  local head = conn.buffer:sub(1, stop)
  local length = tonumber(head:lower():match "\r\ncontent%-length:%s*(%d+)")
  local got = #conn.buffer - stop
  conn.buffer = head
  while got < length * part do
    if not conn:more() then return false end
    got, conn.buffer = got + #conn.buffer - stop, head
  end
  conn.reading = true
  return true, length - got
end

local function drop(conn, left)
  local head = conn.buffer
  while left > 0 and conn:more() do left, conn.buffer = left - (#conn.buffer - #head), head end
end

local TOO_LARGE = answer(413, failure(413, "Request Entity Too Large"))

-- At each tenth of the body: an answer, after which the rest is read, or isn't; silence; an end.
for tenth = 0, 9 do
  local function at_tenth(play)
    return {at = "tls", play = function(conn)
      local there, left = read_part(conn, tenth / 10)
      return there and play(conn, left) or "keep"
    end}
  end
  modes["upload_413_" .. tenth] = at_tenth(function(conn, left)
    conn:send(TOO_LARGE)
    drop(conn, left)
    return "close"
  end)
  modes["upload_413_close_" .. tenth] = at_tenth(function(conn)
    conn:send(TOO_LARGE)
    return "close"
  end)
  modes["upload_silence_" .. tenth] = at_tenth(function(conn)
    while not conn.closed do conn:sleep(0.02) end
  end)
  modes["upload_close_" .. tenth] = at_tenth(function() return "cut" end)
  modes["upload_reset_" .. tenth] = at_tenth(function() return "reset" end)
end

-- Reads no more at the half of the body until it is told to go on: the command `resume`.
modes.upload_pause = {at = "tls", play = function(conn)
  local there, left = read_part(conn, 0.5)
  if not there then return "keep" end
  conn:mark()
  while not conn.listener.resumed and not conn.closed do conn:sleep(0.005) end
  conn.reading = false
  drop(conn, left)
  conn:send(answer(200, OK))
  return "close"
end}

-- Answers when it is told to.
modes.upload_late = {at = "tls", play = function(conn)
  if not read_part(conn, 1) then return "keep" end
  conn:mark()
  while not conn.listener.resumed and not conn.closed do conn:sleep(0.005) end
  conn:send(answer(200, OK))
  return "close"
end}

-- The whole body is read, and dropped.
modes.upload = {at = "tls", play = function(conn)
  if not read_part(conn, 1) then return "keep" end
  conn:mark()
  conn:send(answer(200, OK))
  return "close"
end}

-- The second part has more than the answer to getMe: one to a call that wasn't made. Over TLS it is one record.
modes.idle_surplus = {play = function(conn, request)
  if not request.path:match("/getMe$") then
    conn:send(answer(401, failure(401, "Unauthorized")))
    return "keep"
  end
  local head, text = answer(200, ME):match "^(.-\r\n\r\n)(.*)$"
  conn:send(head)
  conn:send(text .. answer(200, OK))
  conn:mark()
  return "keep"
end}

-- Slow but right.
modes.slow = {play = function(conn, request)
  conn:sleep(0.2)
  conn:send(answer(200, good(request)))
  return "keep"
end}

modes.trickle = {play = function(conn, request)
  for byte in answer(200, good(request)):gmatch(".") do
    conn:send(byte)
    conn:sleep(0.001)
  end
  return "keep"
end}

modes.trickle_endless = {play = function(conn)
  conn:send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{")
  while conn:send(" ") do
    conn:sleep(0.02)
  end
  return "cut"
end}

-- Lengths.
modes.length_big = modes.body_close
modes.length_small = says("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n" .. OK, "close")
modes.length_garbage = says("HTTP/1.1 200 OK\r\nContent-Length: 0x19\r\n\r\n" .. OK, "close")
modes.length_beyond = says("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n" ..
  '{"ok":true,"resu', "close")
modes.length_capitals = says("HTTP/1.1 200 OK\r\nCONTENT-LENGTH: 25\r\n\r\n" .. OK, "keep")
modes.length_twice = says("HTTP/1.1 200 OK\r\nContent-Length: 25\r\nContent-Length: 3\r\n\r\n" .. OK, "close")
modes.length_negative = says("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n" .. OK, "close")
modes.excess = {play = function(conn, request)
  conn:send(answer(200, good(request)) .. "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
  return "keep"
end}
modes.eof = says("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" .. OK, "close")
modes.eof_cut = says("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" .. '{"ok":true,"resu', "close")
modes.eof_cut_untidy = says("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" .. '{"ok":true,"resu', "cut")
modes.eof_untidy = says("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" .. OK, "cut")
modes.empty = body("")
modes.status_204 = says("HTTP/1.1 204 No Content\r\n\r\n", "keep")
modes.http10 = says("HTTP/1.0 200 OK\r\nContent-Length: 25\r\n\r\n" .. OK, "close")
modes.connection_close = says("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 25\r\n\r\n" .. OK, "close")

-- Chunks.
local CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
modes.chunked = says(CHUNKED .. '5\r\n{"ok"\r\n14;x=y\r\n' .. OK:sub(6) .. "\r\n0\r\nX-Trailer: 1\r\n\r\n", "keep")
modes.chunked_broken = says(CHUNKED .. "zz\r\n" .. OK .. "\r\n0\r\n\r\n", "close")
modes.chunked_huge = says(CHUNKED .. "fffffffffffffffff\r\n" .. OK .. "\r\n0\r\n\r\n", "close")

-- Not HTTP/1.1.
modes.not_http = says("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", "close")
modes.http09 = says(OK, "close")
modes.http2 = says("\0\0\18\4\0\0\0\0\0" .. "\0\3\0\0\0\128\0\4\0\1\0\0\0\5\0\255\255\255", "close")
modes.http3_status = says("HTTP/3 200\r\nContent-Length: 25\r\n\r\n" .. OK, "close")
modes.status_garbage = says("HTTP/1.1 xyz OK\r\nContent-Length: 25\r\n\r\n" .. OK, "close")

-- Redirects, to the same server: a client that follows is seen by the count.
for _, status in ipairs {301, 302, 303, 307} do
  modes["redirect_" .. status] = {play = function(conn, request)
    conn:send(answer(status, "", "Location: " .. request.path .. "\r\n", "text/html"))
    return "keep"
  end}
end

-- 1xx.
modes.continue = {play = function(conn, request)
  conn:send(("HTTP/1.1 100 Continue\r\n\r\n"):rep(3) .. answer(200, good(request)))
  return "keep"
end}
modes.continue_storm = {play = function(conn, request)
  local block = ("HTTP/1.1 100 Continue\r\n\r\n"):rep(400)
  for _ = 1, 40 do
    if not conn:send(block) then
      return "cut"
    end
  end
  conn:send(answer(200, good(request)))
  return "keep"
end}
modes.switching = says("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n" ..
  "\0\0\0\4", "close")

-- Too much.
modes.headers_many = {play = function(conn, request)
  local lines = ("X-Filler: " .. ("a"):rep(88) .. "\r\n"):rep(800)
  conn:send(answer(200, good(request), lines))
  return "keep"
end}
modes.headers_line = {play = function(conn, request)
  conn:send(answer(200, good(request), "X-Filler: " .. ("a"):rep(80000) .. "\r\n"))
  return "keep"
end}
modes.headers_giant_line = {play = function(conn, request)
  conn:send(answer(200, good(request), "X-Filler: " .. ("a"):rep(300000) .. "\r\n"))
  return "keep"
end}
modes.headers_endless = {play = function(conn)
  conn:send("HTTP/1.1 200 OK\r\n")
  local lines = ("X-Filler: " .. ("a"):rep(88) .. "\r\n"):rep(100)
  while conn:send(lines) do end
  return "cut"
end}
modes.body_giant = {play = function(conn)
  conn:send("HTTP/1.1 200 OK\r\nContent-Length: 3000025\r\n\r\n" .. OK)
  local block = (" "):rep(100000)
  for _ = 1, 30 do
    if not conn:send(block) then
      return "cut"
    end
  end
  return "keep"
end}
modes.body_endless = {play = function(conn)
  conn:send(CHUNKED)
  local chunk = "10000\r\n" .. (" "):rep(65536) .. "\r\n"
  while conn:send(chunk) do end
  return "cut"
end}

local function packed(name)
  local file = assert(io.open(os.getenv("BOTAPI_FAULT_DATA") .. name, "rb"))
  local data = file:read("*a")
  file:close()
  return data
end
modes.bomb = {play = function(conn)
  conn:send("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n")
  conn:send(packed("bomb.gz"))
  return "close"
end}
modes.bomb_chunked = {play = function(conn)
  local data = packed("bomb.gz")
  conn:send("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n")
  conn:send(("%x\r\n"):format(#data) .. data .. "\r\n0\r\n\r\n")
  return "close"
end}
modes.bomb_content = {play = function(conn)
  local data = packed("bomb.gz")
  conn:send(answer(200, data, "Content-Encoding: gzip\r\n"))
  return "keep"
end}
modes.encoded = {play = function(conn)
  conn:send(answer(200, packed("ok.gz"), "Content-Encoding: gzip\r\n"))
  return "keep"
end}
modes.encoded_unknown = {play = function(conn, request)
  conn:send(answer(200, good(request), "Content-Encoding: x-none\r\n"))
  return "keep"
end}

modes.cookie = {play = function(conn, request)
  conn:send(answer(200, good(request), "Set-Cookie: canary=1; Path=/\r\nAlt-Svc: h2=\":443\"; ma=3600\r\n" ..
    "Strict-Transport-Security: max-age=3600\r\n"))
  return "keep"
end}

-- Front proxies.
local HTML = "<html>\r\n<head><title>%s</title></head>\r\n" ..
  "<body>\r\n<center><h1>%s</h1></center>\r\n</body>\r\n</html>\r\n"
for status, title in pairs {[403] = "403 Forbidden", [502] = "502 Bad Gateway", [504] = "504 Gateway Time-out"} do
  modes["html_" .. status] = says(answer(status, HTML:format(title, title), "", "text/html"), "keep")
end
modes.html_200 = says(answer(200, HTML:format("Welcome", "Welcome"), "", "text/html"), "keep")

-- Bodies that are no envelope, and those that nearly are.
modes.nul = body('{"ok":true}\0junk')
modes.nul_inside = body('{"ok":true,"result":"a\0b"}')
modes.scalar_true = body("true")
modes.scalar_number = body("1")
modes.scalar_string = body('"ok"')
modes.scalar_null = body("null")
modes.array = body('[{"ok":true,"result":true}]')
modes.ok_missing = body('{"result":true}')
modes.ok_string = body('{"ok":"true","result":true}')
modes.ok_number = body('{"ok":1,"result":true}')
modes.ok_null = body('{"ok":null,"result":true}')
modes.json_cut = body('{"ok":true,"resu')
modes.json_junk = body('{"ok":true,"result":true}junk')
modes.json_nan = body('{"ok":true,"result":NaN}')
modes.json_deep = body('{"ok":true,"result":' .. ("["):rep(5000) .. ("]"):rep(5000) .. "}")
modes.json_bom = body("\239\187\191" .. OK)
modes.json_utf16 = body((OK:gsub(".", "%0\0")))
modes.whitespace = body(" \r\n\t" .. OK .. "\r\n\r\n")
modes.utf8_invalid = body('{"ok":true,"result":true,"description":"a\255\254b"}')
modes.duplicate_keys = body('{"ok":false,"ok":true,"result":true}')

-- Answers of the Bot API.
modes.unauthorized = body(failure(401, "Unauthorized"), 401)
modes.unauthorized_challenge = says(answer(401, failure(401, "Unauthorized"),
  'WWW-Authenticate: Digest realm="x", nonce="y", qop="auth"\r\nWWW-Authenticate: Negotiate\r\n' ..
  'WWW-Authenticate: NTLM\r\nWWW-Authenticate: Basic realm="x"\r\n'), "keep")
modes.not_found = body(failure(404, "Not Found"), 404)
modes.misdirected = body(failure(421, "Misdirected Request: unallowed token specified"), 421)
modes.logged_out = body(failure(400, "Logged out"), 400)
modes.restart = body(failure(500, "Internal Server Error: restart"), 500)
modes.envelope_502 = body(failure(502, "Bad Gateway"), 502)
modes.rate_limited = says(answer(429, failure(429, "Too Many Requests: retry after 7", '{"retry_after":7}'),
  "Retry-After: 7\r\n"), "keep")
modes.rate_limited_once = {play = function(conn)
  local listener = conn.listener
  local limited = failure(429, "Too Many Requests: retry after 1", '{"retry_after":1}')
  conn:send(listener.played == 1 and answer(429, limited, "Retry-After: 1\r\n") or answer(200, OK))
  return "keep"
end}
modes.rate_limited_header = says(answer(429, failure(429, "Too Many Requests: retry after 7"),
  "Retry-After: 7\r\n"), "keep")
modes.rate_limited_date = says(answer(429, failure(429, "Too Many Requests"),
  "Retry-After: Fri, 31 Dec 2038 23:59:59 GMT\r\n"), "keep")
modes.rate_limited_bare = body(failure(429, "Too Many Requests"), 429)
modes.rate_limited_html = says(answer(429, "<html>slow down</html>", "Retry-After: 7\r\n", "text/html"), "keep")
modes.migrated = body(failure(400, "Bad Request: group chat was upgraded to a supergroup chat",
  '{"migrate_to_chat_id":-1002147483648123}'), 400)
modes.bare_403 = body('{"ok":false}', 403)
modes.ok_false_200 = body('{"ok":false}', 200)
modes.ok_true_500 = body(OK, 500)

-- The token, sent back wherever a server can put it.
modes.echo_html = {play = function(conn, request)
  conn:send(answer(404, "<p>no " .. request.path .. "</p>", "X-Path: " .. request.path .. "\r\n", "text/html"))
  return "keep"
end}
modes.echo_json = {play = function(conn, request)
  conn:send(answer(404, failure(404, "Not Found: " .. request.path)))
  return "keep"
end}
modes.echo_reason = {play = function(conn, request)
  conn:send(("HTTP/1.1 404 no %s\r\nContent-Length: 12\r\n\r\n{\"ok\":false}"):format(request.path))
  return "keep"
end}
modes.echo_reason_html = {play = function(conn, request)
  conn:send(("HTTP/1.1 404 no %s\r\nContent-Length: 3\r\n\r\nno\n"):format(request.path))
  return "keep"
end}
modes.echo_encoded = {play = function(conn, request)
  local encoded = request.path:gsub(".", function(c) return ("%%%02X"):format(c:byte()) end)
  conn:send(("HTTP/1.1 302 to %s\r\nLocation: /%s\r\nContent-Length: 0\r\n\r\n"):format(encoded, encoded))
  return "keep"
end}

-- Proxies: what they say to CONNECT. The log holds the CONNECT heads.
modes.proxy_403 = says("HTTP/1.1 403 Forbidden\r\nContent-Length: 3\r\n\r\nno\n", "close")
modes.proxy_407 = says('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="p"\r\n' ..
  "Content-Length: 3\r\n\r\nno\n", "keep")
modes.proxy_502 = says(answer(502, "<html></html>", "", "text/html"), "close")
modes.proxy_200_json = says("HTTP/1.1 500 No\r\nContent-Length: 25\r\n\r\n" .. OK, "close")
modes.proxy_redirect = says(answer(302, "", "Location: http://127.0.0.1:1/\r\n"), "close")
modes.proxy_garbage = says("SSH-2.0-OpenSSH_9.2p1\r\n", "close")
modes.proxy_tunnel_close = says("HTTP/1.1 200 Connection established\r\n\r\n", "close")
modes.proxy_tunnel_reset = says("HTTP/1.1 200 Connection established\r\n\r\n", "reset")
modes.proxy_tunnel_silence = says("HTTP/1.1 200 Connection established\r\n\r\n", "hold")
modes.proxy_half = says("HTTP/1.1 200 Conn", "close")
modes.proxy_endless = {play = function(conn)
  conn:send("HTTP/1.1 200 OK\r\n")
  local lines = ("X-Filler: " .. ("a"):rep(88) .. "\r\n"):rep(100)
  while conn:send(lines) do end
  return "cut"
end}
local function pass(conn, request, delay)
  local host, port = request.path:match("^%[?([^%]]-)%]?:(%d+)$")
  local address = (host:match("^[%d.]+$") or host:find(":", 1, true)) and host or "127.0.0.1"  -- names are all ours
  local there = require "cqueues.socket".connect {host = address, port = tonumber(port), nodelay = true}
  there:onerror(function(_, _, why) return why end)
  there:settimeout(5)
  if not there:connect() then
    conn:send("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
    return "close"
  end
  there:settimeout(nil)
  conn:send("HTTP/1.1 200 Connection established\r\n\r\n")
  conn:pipe(there, delay)
  return "cut"
end

modes.proxy_pass = {play = function(conn, request) return pass(conn, request) end}
-- What the server says comes a little later.
modes.proxy_late = {play = function(conn, request) return pass(conn, request, 0.05) end}
-- Those that want a login first.
for name, judge in pairs {
  basic = login.basic, md5 = login.digest "MD5", sha256 = login.digest "SHA-256",
  md5_close = login.digest("MD5", "close"), ntlm = login.ntlm, echo = login.echo, only_ntlm = login.offers "NTLM",
  only_negotiate = login.offers "Negotiate", only_other = login.offers 'Bearer realm="p"',
  both = login.offers("Negotiate", 'Digest realm="p", nonce="n", qop="auth"'),
} do
  modes["proxy_login_" .. name] = {play = function(conn, request)
    return judge(conn, request, function() return pass(conn, request) end)
  end}
end

return modes
