-- SPDX-License-Identifier: MIT
-- Proxies of the fault server that want a login: they send challenges and judge the answers by themselves, for Digest
-- after RFC 7616.

local digest = require "openssl.digest"
local canary = require "support.canary"

local login = {}

login.user, login.password = "user", canary.password

local REALM = "a proxy, \"quoted\""

local function hex(text)
  return (text:gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end

local LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

--- Base64 of any bytes.
function login.encode(bytes)
  local out = {}
  for i = 1, #bytes, 3 do
    local a, b, c = bytes:byte(i, i + 2)
    local n = a * 65536 + (b or 0) * 256 + (c or 0)
    for k = 0, 3 do
      local d = math.floor(n / 64 ^ (3 - k)) % 64 + 1
      out[#out + 1] = (k < 2 or k == 2 and b or k == 3 and c) and LETTERS:sub(d, d) or "="
    end
  end
  return table.concat(out)
end

--- The bytes of base64.
function login.decode(text)
  local bits, have, out = 0, 0, {}
  for letter in text:gmatch "[%w+/]" do
    bits = bits % 2 ^ 12 * 64 + LETTERS:find(letter, 1, true) - 1
    have = have + 6
    if have >= 8 then
      have = have - 8
      out[#out + 1] = string.char(math.floor(bits / 2 ^ have) % 256)
    end
  end
  return table.concat(out)
end

--- What the client says of itself: the scheme and the rest; nil: nothing.
function login.said(request)
  local line = request.head:match "\r\n[Pp]roxy%-[Aa]uthorization: ([^\r\n]*)"
  if line then return line:match "^(%S+) ?(.*)$" end
end

local function refuse(conn, challenges, ending)
  local lines = {}
  for i, challenge in ipairs(challenges) do lines[i] = "Proxy-Authenticate: " .. challenge .. "\r\n" end
  conn:send("HTTP/1.1 407 Proxy Authentication Required\r\n" .. table.concat(lines) .. "Content-Length: 3\r\n"
    .. (ending == "close" and "Connection: close\r\n" or "") .. "\r\nno\n")
  return ending or "keep"
end

-- Basic -----------------------------------------------------------------------------

function login.basic(conn, request, pass)
  local scheme, rest = login.said(request)
  if scheme == "Basic" and login.decode(rest) == login.user .. ":" .. login.password then return pass() end
  return refuse(conn, { 'Basic realm="p"' })
end

-- Digest ----------------------------------------------------------------------------

local function parameters_of(text)
  local found = {}
  for name, value in text:gmatch '(%w+)="((\\?.)-)"' do found[name] = value end
  for name, value in text:gmatch '(%w+)=("?[^",]+"?)' do
    found[name] = found[name] or value:gsub('"', "")
  end
  return found
end

-- Is this the answer to the challenge that this connection's listener has sent?
local function is_right(given, request, nonce, algorithm)
  local name = algorithm == "MD5" and "md5" or "sha256"
  local function hash(...)
    return hex(digest.new(name):final(table.concat({ ... }, ":")))
  end
  local a1 = hash(login.user, REALM, login.password)
  local a2 = hash(request.verb, request.path)
  return given.username == login.user and given.nonce == nonce and given.uri == request.path and given.qop == "auth"
    and given.nc == "00000001" and #given.cnonce >= 8
    and given.response == hash(a1, nonce, given.nc, given.cnonce, "auth", a2)
end

--- A proxy of Digest with this algorithm; `ending` "close": it closes after its challenge.
function login.digest(algorithm, ending)
  return function(conn, request, pass)
    local scheme, rest = login.said(request)
    local nonce = conn.listener.nonce
    conn.listener.nonce = nil   -- for one answer
    if scheme == "Digest" and nonce and is_right(parameters_of(rest), request, nonce, algorithm) then return pass() end
    nonce = hex(digest.new "sha256":final(tostring(math.random()) .. os.time()))
    conn.listener.nonce = nonce
    local realm = REALM:gsub('"', '\\"')
    return refuse(conn, { ('Digest realm="%s", nonce="%s", algorithm=%s, qop="auth"'):format(realm, nonce, algorithm) },
      ending)
  end
end

-- NTLM ------------------------------------------------------------------------------

local function little(n, bytes)
  local out = {}
  for i = 1, bytes do
    out[i] = string.char(n % 256)
    n = math.floor(n / 256)
  end
  return table.concat(out)
end

-- A challenge: no target, OEM names and NTLM, eight bytes to answer.
local CHALLENGE = "NTLMSSP\0" .. little(2, 4) .. little(0, 4) .. little(48, 4) .. little(0x202, 4) .. "\1\2\3\4\5\6\7\8"
  .. ("\0"):rep(16)

-- The third message: the user's name in it, and an answer of 24 bytes; the password isn't in it.
local function is_third(message)
  local function field(at)
    local a, b = message:byte(at, at + 1)
    local c, d = message:byte(at + 4, at + 5)
    return message:sub(c + 256 * d + 1, c + 256 * d + a + 256 * b)
  end
  return message:sub(1, 12) == "NTLMSSP\0" .. little(3, 4) and field(37) == login.user and #field(21) >= 24
    and not message:find(login.password, 1, true)
end

function login.ntlm(conn, request, pass)
  local scheme, rest = login.said(request)
  local message = scheme == "NTLM" and login.decode(rest) or ""
  if message:sub(1, 12) == "NTLMSSP\0" .. little(1, 4) then
    conn.challenged = true
    return refuse(conn, { "NTLM " .. login.encode(CHALLENGE) })
  end
  if conn.challenged and is_third(message) then return pass() end
  return refuse(conn, { "NTLM" })
end

-- Others ----------------------------------------------------------------------------

--- A web server in the place of a proxy: it repeats what it was told, as a Bot API server's words.
function login.echo(conn, request)
  local scheme, rest = login.said(request)
  local body = ('{"ok":false,"error_code":400,"description":"Bad Request: no %s %s here, nor %s"}'):format(scheme, rest,
    (login.decode(rest):match ":(.*)"))
  conn:send(("HTTP/1.1 400 %s %s\r\nContent-Length: %d\r\n\r\n%s"):format(scheme, rest, #body, body))
  return "keep"
end

--- A proxy that nobody gets through, and that offers these schemes.
function login.offers(...)
  local challenges = { ... }
  return function(conn) return refuse(conn, challenges) end
end

return login
