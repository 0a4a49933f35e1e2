-- SPDX-License-Identifier: MIT
-- The fault server, a process of its own: every listener plays one mode of `support.faultmodes`, bytes under full
-- control, and every request head that reaches it is logged. Spoken to by `support.faults` through stdin and stdout.

local cqueues = require "cqueues"
local context = require "openssl.ssl.context"
local errno = require "cqueues.errno"
local luasocket = require "socket"
local pkey = require "openssl.pkey"
local socket = require "cqueues.socket"
local x509 = require "openssl.x509"
local store = require "openssl.x509.store"
local goodbye = require "support.native" "goodbye"
local modes = require "support.faultmodes"
local wire = require "support.wire"

local loop = cqueues.new()
local listeners, last = {}, 0
local CHUNK = 65536

local function slurp(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

-- Asks clients for a certificate of the CA: "wanted" goes on without one, "required" doesn't.
local function ask_clients(made, asks, directory)
  local trusted = store.new()
  trusted:add(x509.new(slurp(directory .. "ca.pem")))
  made:setStore(trusted)
  made:setVerify(context.VERIFY_PEER + (asks == "required" and context.VERIFY_FAIL_IF_NO_PEER_CERT or 0))
end

-- TLS contexts by certificate name; "tls11" is the good certificate behind a server that knows TLS 1.1 only, "tls12"
-- one without TLS 1.3.
local contexts = {}
local function tls_context(listener)
  local tls, directory = listener.tls, listener.certs
  local name = tls .. (listener.client or "")
  if not contexts[name] then
    local file = tls:find "^tls1" and "server" or tls
    local made = context.new("TLS", true)
    if tls == "tls12" then made:setOptions(context.OP_NO_TLSv1_3) end
    if listener.client then ask_clients(made, listener.client, directory) end
    if tls == "tls11" then
      made:setOptions(context.OP_NO_TLSv1_2 + context.OP_NO_TLSv1_3)
      made:setCipherList("ALL:@SECLEVEL=0")
    end
    made:setCertificate(x509.new(slurp(directory .. file .. ".pem")))
    made:setPrivateKey(pkey.new(slurp(directory .. file .. ".key")))
    contexts[name] = made
  end
  return contexts[name]
end

-- One connection. `log` is its listener's; `buffer` holds the bytes that no request has claimed yet.
local conn = {}
conn.__index = conn

-- Reads once, without waiting. False once the peer is gone: `ended` then says "eof" or "reset".
function conn:absorb()
  if self.ended then
    return false
  end
  local data, why = self.sock:recv(-CHUNK, "b")
  if data and #data > 0 then
    self.buffer = self.buffer .. data
    self.listener.bytes = self.listener.bytes + #data
    return true
  end
  if why == errno.EAGAIN or why == errno.ETIMEDOUT then
    return true, "nothing"
  end
  self.ended = (why == nil or why == errno.EPIPE) and "eof" or "reset"
  return false
end

-- Waits until there is something to read; false once the peer is gone.
function conn:more()
  local before = #self.buffer
  repeat
    local alive, nothing = self:absorb()
    if not alive then
      return false
    end
    if nothing then
      self.reading = true
      cqueues.poll(self.sock)
      self.reading = false
    end
    if self.closed then
      return false
    end
  until #self.buffer > before
  return true
end

-- Are these bytes of HTTP, not of a TLS hello?
function conn:speaks()
  return self.tls or not self.listener.tls
end

-- Takes one whole request off the buffer and logs it; nil while it isn't whole.
function conn:take()
  local stop = select(2, self.buffer:find("\r\n\r\n", 1, true))
  if not stop or not self:speaks() then
    return nil
  end
  local head = self.buffer:sub(1, stop)
  local length = tonumber(head:lower():match("\r\ncontent%-length:%s*(%d+)")) or 0
  if #self.buffer < stop + length then
    return nil
  end
  local request = {head = head, body = self.buffer:sub(stop + 1, stop + length), connection = self.number,
    verb = head:match("^(%S+)"), path = head:match("^%S+ (%S+)")}
  self.buffer = self.buffer:sub(stop + length + 1)
  local log = self.listener.log
  log[#log + 1] = request
  return request
end

-- The next request, waiting for it; nil once the peer is gone. What was left of one is logged by `finish`.
function conn:request()
  while true do
    local request = self:take()
    if request then
      return request
    end
    if not self:more() then
      return nil
    end
  end
end

function conn:send(text)
  return self.sock:write(text)
end

-- Something has happened that the client's side may wait for: `wait` with marks=n.
function conn:mark()
  self.listener.marks = self.listener.marks + 1
  self.listener.changed:signal()
end

function conn.sleep(_, seconds)
  cqueues.sleep(seconds)
end

-- Reads, counts and answers nothing until the peer goes.
function conn:hold()
  while self:request() do end
end

-- Some of the first bytes, whatever they are: a TLS hello.
function conn:taste()
  self:more()
  self.buffer = ""
end

local function linger(sock)
  local view = luasocket.tcp()
  view:setfd(sock:pollfd())
  view:setoption("linger", {on = true, timeout = 0})
  view:setfd(-1)
end

function conn:say_goodbye()
  local ssl = self.sock:checktls()
  if ssl then
    self.sock:flush("n", 1)   -- what was written goes before it
    goodbye(ssl)
  end
end

-- "close": with TLS's goodbye. "cut": FIN alone. "reset": RST. "keep": nothing. "hold": silence.
function conn:finish(ending)
  if self.closed or ending == "keep" then
    return
  end
  if ending == "hold" then
    return self:hold()
  end
  if ending == "reset" then
    linger(self.sock)
  elseif ending == "close" then
    self:say_goodbye()
    self.sock:shutdown("w")
  end
  self:bury()
end

-- Off the books: what it read of a request that never became whole counts as a partial one.
function conn:bury()
  if self.closed then
    return
  end
  self.closed = true
  while self:take() do end
  if #self.buffer > 0 and self:speaks() then
    self.listener.partial[#self.listener.partial + 1] = self.buffer
  end
  self.listener.open[self] = nil
  self.listener.ends[#self.listener.ends + 1] = self.ended or "ours"
  self.sock:close()
  self.listener.changed:signal()
end

-- The name in the certificate that the client has shown; "" without one.
local function client_of(sock)
  local certificate = sock:checktls():getPeerCertificate()
  return certificate and tostring(certificate:getSubject()):match "CN=([%w_]+)" or ""
end

function conn:starttls()
  if not self.listener.tls or self.tls then
    return true
  end
  self.sock:settimeout(20)
  local ok = self.sock:starttls(tls_context(self.listener))
  self.sock:settimeout(nil)
  self.tls = ok and true or false
  if ok then
    self.listener.handshakes = self.listener.handshakes + 1
    table.insert(self.listener.clients, client_of(self.sock))
  end
  return ok
end

-- Copies between a tunnel's two sides until either is gone; what the far one says, `delay` seconds later.
function conn:pipe(other, delay)
  local function copy(from, to)
    while not self.closed do
      local data, why = from:recv(-CHUNK, "b")
      if data and #data > 0 then
        if delay and from == other then cqueues.sleep(delay) end
        if self.closed or not to:write(data) then
          break
        end
      elseif why == errno.EAGAIN then
        cqueues.poll(from)
      else
        break
      end
    end
    if self.closed then  -- from outside: the far side goes, too
      other:shutdown("rw")
    else
      from:shutdown("r")
      to:shutdown("w")
    end
  end
  other:setmode("bn", "bn")
  other:onerror(function(_, _, why) return why end)
  other:write(self.buffer)
  self.buffer = ""
  local running = 2
  local condition = require "cqueues.condition".new()
  for _, pair in ipairs {{self.sock, other}, {other, self.sock}} do
    cqueues.running():wrap(function()
      copy(pair[1], pair[2])
      running = running - 1
      condition:signal()
    end)
  end
  while running > 0 do
    condition:wait()
  end
  other:close()
end

local function play(self)
  local mode, listener = self.listener.mode, self.listener
  if mode.at == "accept" then
    return mode.play(self)
  end
  if mode.at == "hello" then
    self:taste()
    return mode.play(self)
  end
  if not self:starttls() then
    if listener.patient then    -- an RST for what comes after its end would overtake the alert
      self:say_goodbye()
      self.sock:shutdown "w"
      cqueues.sleep(0.3)
    end
    return self:finish("close")
  end
  if mode.at == "tls" then
    return mode.play(self)
  end
  local request = self:request()
  while request do
    listener.played = listener.played + 1
    local good = listener.played <= listener.skip
    local ending = (good and modes.ok.play or mode.play)(self, request) or "keep"
    self:finish(ending)
    if self.closed then
      return
    end
    request = self:request()
  end
end

local function serve(listener, sock)
  sock:setmode("bn", "bn")
  sock:onerror(function(_, _, why) return why end)
  listener.connections = listener.connections + 1
  local self = setmetatable({sock = sock, listener = listener, buffer = "", number = listener.connections}, conn)
  listener.open[self] = true
  loop:wrap(function()
    local ok, why = pcall(play, self)
    if not ok and not self.closed then
      io.stderr:write(tostring(why), "\n")
    end
    if not self.ended then
      pcall(conn.finish, self, "close")
    end
    self:bury()
  end)
end

local commands = {}

-- A port on which nothing listens stays ours while it is bound: nobody else can come to listen there.
local function refuse(listener)
  listener.bound = assert(luasocket.tcp4())
  assert(listener.bound:bind(listener.host, listener.port or 0))
  local _, port = listener.bound:getsockname()
  return tonumber(port)
end

local function listen(listener)
  local at = listener.unix and {path = listener.unix, unlink = true, mode = "rw-------"}
    or {host = listener.host, port = listener.port or 0, reuseaddr = true}
  listener.sock = assert(socket.listen(at))
  assert(listener.sock:listen())
  listener.sock:onerror(function(_, _, why) return why end)
  if not listener.unix then
    local _, _, port = listener.sock:localname()
    listener.port = port
  end
  loop:wrap(function()
    while listener.sock do
      local accepted = listener.sock:accept({nodelay = true}, 0)
      if accepted then
        serve(listener, accepted)
      else
        cqueues.poll(listener.sock)
      end
    end
  end)
  return listener.port or 0
end

-- open mode= [tls=certificate] [client=wanted|required] [patient=true] [skip=n] [host=] [port=] [unix=path]
-- [certs=directory/]
function commands.open(options)
  last = last + 1
  local listener = {mode = assert(modes[options.mode], "no such mode"), tls = options.tls, certs = options.certs,
    host = options.host or "127.0.0.1", port = tonumber(options.port), unix = options.unix,
    skip = tonumber(options.skip or 0), played = 0, marks = 0, connections = 0, handshakes = 0, bytes = 0,
    client = options.client, patient = options.patient ~= nil,
    log = {}, partial = {}, open = {}, ends = {}, clients = {}, changed = require "cqueues.condition".new()}
  listeners[last] = listener
  return {id = last, port = (listener.mode.refuse and refuse or listen)(listener)}
end

-- True while some socket of this network still holds bytes that our port hasn't acknowledged. By netlink: /proc/net/tcp
-- takes 20 ms to read once some thousand closed connections linger.
local function unsent_towards(port)
  local list = io.popen(("ss -tnH dst :%d"):format(port))
  local unsent = false
  for line in list:lines() do
    local state, queue = line:match("^(%S+)%s+%d+%s+(%d+)")
    unsent = unsent or state ~= "TIME-WAIT" and tonumber(queue or 0) > 0
  end
  list:close()
  return unsent
end

-- Everything that has reached this machine for the listener is accepted and read: two rounds of the loop in which
-- nothing was ready, after no client socket holds unacknowledged bytes.
local function settle(listener)
  local limit = cqueues.monotime() + 2
  for _ = 1, 3 do
    cqueues.sleep(0)  -- what waits to be accepted is open after that
  end
  while next(listener.open) and not listener.unix and unsent_towards(listener.port) and cqueues.monotime() < limit do
    cqueues.sleep(0.002)
  end
  repeat
    local before = listener.bytes + listener.connections + #listener.ends
    for _ = 1, 3 do
      cqueues.sleep(0)
    end
    for self in pairs(listener.open) do
      if self:speaks() and not self.reading then
        while select(2, self:absorb()) ~= "nothing" and not self.ended do end
        while self:take() do end
      end
    end
  until listener.bytes + listener.connections + #listener.ends == before
end

local function report(listener)
  local partial = #listener.partial
  local open = 0
  for self in pairs(listener.open) do
    open = open + 1
    if #self.buffer > 0 and self:speaks() then
      partial = partial + 1
    end
  end
  return {requests = listener.log, partial = partial, connections = listener.connections, open = open,
    handshakes = listener.handshakes, clients = listener.clients, marks = listener.marks, ends = listener.ends}
end

-- resume id=n: a mode that has stopped goes on.
function commands.resume(options)
  listeners[tonumber(options.id)].resumed = true
  return {}
end

-- count id=n: what came so far, read to the last byte.
function commands.count(options)
  local listener = assert(listeners[tonumber(options.id)])
  settle(listener)
  return report(listener)
end

-- wait id=n [requests=n] [closed=n] [marks=n] [seconds=s]: until so many requests came, connections ended, marks were
-- made.
function commands.wait(options)
  local listener = assert(listeners[tonumber(options.id)])
  local limit = cqueues.monotime() + tonumber(options.seconds or 5)
  local requests, closed, marks = tonumber(options.requests or 0), tonumber(options.closed or 0),
    tonumber(options.marks or 0)
  while #listener.log < requests or #listener.ends < closed or listener.marks < marks do
    local left = limit - cqueues.monotime()
    if left <= 0 then
      break
    end
    listener.changed:wait(math.min(left, 0.01))
  end
  return report(listener)
end

-- close id=n: the last report; the port is free afterwards.
function commands.close(options)
  local id = tonumber(options.id)
  local listener = assert(listeners[id])
  settle(listener)
  local told = report(listener)
  if listener.bound then
    listener.bound:close()
  end
  if listener.sock then
    local sock = listener.sock
    listener.sock = nil
    sock:close()
  end
  for self in pairs(listener.open) do
    pcall(conn.finish, self, "close")
  end
  listeners[id] = nil
  return told
end

local function answer(line)
  local name, rest = line:match("^(%S+)%s*(.*)$")
  local options = {}
  for key, value in rest:gmatch("(%w+)=(%S+)") do
    options[key] = value
  end
  local ok, result = pcall(assert(commands[name], "no such command"), options)
  return wire.write(ok and result or {failed = tostring(result)})
end

loop:wrap(function()
  local input = socket.dup(io.stdin)
  input:setmode("bn", "bn")
  input:onerror(function(_, _, why) return why end)
  for line in input:lines("*l") do
    io.stdout:write(answer(line), "\n")
    io.stdout:flush()
  end
  os.exit(0)
end)

io.stdout:write("ready\n")
io.stdout:flush()
assert(loop:loop())
