-- SPDX-License-Identifier: MIT
-- Owns one Bot API server: which tokens it accepts, its bots' sessions, and how it handles a call.

local condition = require "cqueues.condition"
local content = require "botapi.emulator.content"
local methods = require "botapi.emulator.methods"
local new_session = require "botapi.emulator.session".new
local call_log = require "botapi.emulator.call_log"
local rate_limits = require "botapi.emulator.rate_limits"
local request = require "botapi.emulator.request"
local response_writer = require "botapi.emulator.response_writer"
local responses = require "botapi.emulator.responses"

local server = {}
server.__index = server

-- Of docs/internals/server.md. Not those of botapi.facts: the emulator judges the library.
-- As digits, since not every Lua has integers of 64 bits.
local MAX_ID = "18014398509481983"
local MAX_INTEGER, MIN_INTEGER = "9223372036854775807", "9223372036854775808"   -- the second one after a minus
local MAX_TOKEN = 80
local MIN_SECRET = 24
local REMEMBERED = 1800    -- seconds: how long a 401 is remembered
local NO_FAULT = {execute = true}
local MOVED = "<html>\r\n<head><title>302 Found</title></head>\r\n<body>\r\n<center><h1>302 Found</h1></center>\r\n"
  .. "<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n"

-- How many connections a webhook may have: by default, and at most.
local LOCAL_CONNECTIONS, CONNECTIONS = {100, 100000}, {40, 100}

--- One server of an emulator, which shares the other parts with it. Options: as, limits, pair, and filter ({1, 2}: only
-- bots whose id leaves 1 when divided by 2).
function server.new(instance, options)
  return setmetatable({
    telegram = instance.telegram, clock = instance.clock, rules = instance.rules,
    call_log = instance.call_log, secrets = instance.secrets, spawn = instance.spawn,
    as = options.as, filter = options.filter,
    max_connections = options.as == "local" and LOCAL_CONNECTIONS or CONNECTIONS,
    label = options.pair and options.as or nil,   -- of its calls
    rate_limits = rate_limits.new(instance.clock, options),
    sessions = {},                                -- by account
    refused = {},                                 -- by token: until when it gets a 401
    started_at = instance.clock:now(),
    starts = 0,                                   -- how often it was started again
    stopping = condition.new(),                   -- signalled then, to end what is under way
    was_killed = false,                           -- and how that came
    clients = setmetatable({}, {__mode = "k"}),   -- each "busy" or "idle"
    url = nil,                                    -- set when it listens
  }, server)
end

--- A bot as this server sees it; made when first asked for.
function server:session(id, test)
  local account = self.telegram:account(id, test)
  self.sessions[account] = self.sessions[account] or new_session(self, account)
  return self.sessions[account]
end

--- Forgets everything about an account, or about all.
function server:forget(account)
  for each, session in pairs(self.sessions) do
    if not account or each == account then
      session:forget()
      self.sessions[each] = nil
    end
  end
  self.refused = {}
  if not account then
    self.started_at = self.clock:now()
    self.rate_limits:forget()
  end
end

--- Stops and starts the server, or has it killed and started: what was kept in memory is gone, what is in its files
-- stays. Connections end; calls under way get an error before, unless it's killed.
function server:restart(was_killed)
  self.starts, self.was_killed, self.started_at = self.starts + 1, was_killed, self.clock:now()
  self.refused = {}
  self.rate_limits:forget()
  for client, state in pairs(self.clients) do
    if was_killed or state == "idle" then pcall(client.shutdown, client, "rw") end   -- it raises for a closed one
  end
  for _, session in pairs(self.sessions) do session:restart(was_killed) end
  self.stopping:signal()
end

--- Forgets the 401s that it remembers for a bot.
function server:forget_refusals(account)
  local prefix = string.format("%.0f:", account.id)
  for token in pairs(self.refused) do
    if token:sub(1, #prefix) == prefix then self.refused[token] = nil end
  end
end

-- Is a whole number, as digits without leading zeros, at most another one?
local function at_most(digits, limit)
  return #digits < #limit or #digits == #limit and digits <= limit
end

-- Does the filter leave this id out?
local function is_left_out(self, id)
  return self.filter ~= nil and tonumber(id) % self.filter[2] ~= self.filter[1]
end

-- The error for a token that no bot can have; the order of the checks is the real server's.
local function malformed(self, token)
  local sign, id = token:match "^(%-?)([1-9]%d*):"
  local is_bot = id and sign == "" and at_most(id, MAX_ID)
  if self.as == "bale" then return not is_bot and responses.named_error "bale_unauthorized" or nil end
  if token:sub(1, 1) == "0" or #token > MAX_TOKEN or not token:find(":", 1, true) then
    return responses.named_error "invalid_token"
  end
  if not id or not at_most(id, sign == "" and MAX_INTEGER or MIN_INTEGER) or is_left_out(self, id) then
    return responses.named_error "misdirected"
  end
  if not is_bot then return responses.named_error "invalid_token" end
end

-- What a canonical text in base64url ends with, by its length modulo 4: the last bits are zero.
local LAST = {[0] = "", [2] = "[AQgw]$", [3] = "[AEIMQUYcgkosw048]$"}

-- Is a secret base64url in its only form, and long enough? The server asks this before it asks Telegram.
local function is_canonical(secret)
  local text, padding = secret:match "^([%w_-]*)(=?=?)$"
  if not text or #secret < MIN_SECRET or padding ~= "" and #secret % 4 ~= 0 then return false end
  local last = LAST[#text % 4]
  return last ~= nil and text:find(last) ~= nil
end

local function unauthorized(self)
  return responses.named_error(self.as == "bale" and "bale_unauthorized" or "unauthorized")
end

local function key_of(session, token)
  return session.account.test and token .. "/test" or token
end

-- Refuses a token, now and as long as the server remembers it.
local function refuse(self, session, token)
  self.refused[key_of(session, token)] = self.clock:now() + REMEMBERED
  return unauthorized(self)
end

local function is_refused(self, session, token)
  local until_when = self.refused[key_of(session, token)]
  return until_when ~= nil and self.clock:now() < until_when
end

-- The error for a secret that Telegram needn't be asked about, else nil. A token given with --bot is always right.
local function wrong_secret(self, session, token, method)
  if self.as == "bale" or self.telegram:is_given(token) or is_canonical(token:match ":(.*)$") then return nil end
  if method == "close" then return responses.named_error "closed" end   -- it doesn't know this token
  return refuse(self, session, token)
end

--- The error for a token that Telegram doesn't accept, else nil. A refusal is remembered.
function server:check_token(session, token)
  if self.telegram:accepts(session.account, token) then return nil end
  if session.account.is_revoked and session.state ~= "revoked" then session:revoke() end
  return refuse(self, session, token)
end

local function new_call(self, route, incoming)
  local call = {server = self.label, verb = incoming.verb, params = {}}
  if not route then return call end
  local found = incoming.arguments
  call.params = found and found.shown or request.query(route.query)
  local name = found and found.values.method
  call.method = methods.canonical(route.method ~= "" and route.method or type(name) == "string" and name or "")
  call.bot = route.id and at_most(route.token:match "^%d*", MAX_ID) and route.id or nil
  call.test = route.test or nil
  self.secrets:add(route.token)
  return call
end

-- The file that a target names, of which servers with --local have none: "/file/bot<token>/documents/file_1.pdf".
local function file_response(self, target, range)
  local token, place = request.path(target):match "^/file/bot([^/]*)/(.+)$"
  local id = token and self.as ~= "local" and not malformed(self, token) and tonumber(token:match "^%d+")
  if not id then return nil end
  local of_test = place:match "^test/(.+)"
  local account = self.telegram:account(id, of_test ~= nil)
  local handle, size
  if self.telegram:accepts(account, token) then
    handle, size = self.telegram.files:open(account, methods.directory(account, token), of_test or place)
  end
  return handle and content.response(handle, size, range)
end

-- Carries out a call. Returns the response, and a function for another one when the bot's instance ended meanwhile.
local function execute(self, route, call, incoming, delay)
  if incoming.target:sub(1, 1) ~= "/" then return responses.named_error "absolute_uri" end
  if not route then
    return file_response(self, incoming.target, incoming.headers.range) or responses.named_error "not_found"
  end
  local refusal = malformed(self, route.token)
  if refusal then return refusal end
  local session = self:session(call.bot, route.test)
  if is_refused(self, session, route.token) then return unauthorized(self) end
  if session.state == "new" and call.method ~= "close" then
    local seconds = self.rate_limits:wait_for(incoming.peer, incoming.headers["x-real-ip"])
    if seconds then return responses.rate_limited(seconds) end
  end
  refusal = wrong_secret(self, session, route.token, call.method) or session:admit(call.method, route.token)
  if refusal then
    call.executed = refusal.ok
    return refusal
  end
  call.executed = true
  local epoch = session.epoch
  local response = methods.run(session, {method = call.method, params = incoming.arguments.values,
    token = route.token, delay = delay})
  return response, function() return session:late_response(call.method, epoch) end
end

-- Waits until the response of a call is due. Returns false when none comes, else what the client gets instead, if any.
local function wait(self, client, starts, delay, late)
  if delay then self.clock:sleep(math.min(delay, response_writer.PENDING_LIMIT), self.stopping) end
  local is_stopped = self.starts ~= starts
  if is_stopped and self.was_killed or not is_stopped and (delay or 0) >= response_writer.PENDING_LIMIT then
    client:close()
    return false
  end
  return delay and (late and late() or is_stopped and responses.named_error "aborted") or nil
end

--- The fault of the rule that applies to a call at "accept", "request" or "answer", if any; the call records the rule.
function server:fault_of(call, at)
  local rule = self.rules:take({method = call.method, bot = call.bot, params = call.params, server = self.as}, at)
  if not rule then return nil end
  call.rule = rule.id
  return rule.fault
end

--- Records the status of a call's response and sends it. Returns whether the connection is kept.
function server:respond(client, call, fault, bytes, status)
  self.call_log:set_status(call, status)
  return response_writer.send(client, bytes, fault, call, self.clock)
end

--- Handles one request: verb, target, headers, arguments, peer, reader. Returns whether the connection is kept.
function server:serve(client, incoming)
  if self.as == "cloud" and incoming.target:match "^[^?]*" == "/" then
    local moved = responses.raw(302, "text/html", MOVED, {Location = "https://core.telegram.org/bots"})
    return client:xwrite(moved) and true
  end
  local route = request.route(incoming.target)
  if route and route.test and self.as == "bale" then route = nil end
  local call = self.call_log:add(new_call(self, route, incoming))
  local fault = self:fault_of(call, "answer") or NO_FAULT
  local starts, response, late = self.starts, nil, nil
  self.clients[client] = "busy"
  if fault.execute then response, late = execute(self, route, call, incoming, fault.delay) end
  call.params = call_log.cut(call.params)
  local other = wait(self, client, starts, fault.delay, late)
  if other == false then return false end
  if incoming.reader:has_left() then
    client:close()
    return false
  end
  response = other or response or responses.named_error "not_found"
  local is_kept = self:respond(client, call, fault, response_writer.bytes(response, fault))
  self.clients[client] = is_kept and "idle" or nil
  return is_kept and self.starts == starts
end

--- Applies a rule to a request whose body hasn't been read. Returns whether the connection is kept.
function server:serve_head(client, head)
  local call = new_call(self, request.route(head.target), {verb = head.verb})
  local fault = self:fault_of(call, "request")
  if not fault then return true end
  self.call_log:add(call)
  if fault.delay then self.clock:sleep(fault.delay) end
  if (fault["end"] or "keep") ~= "keep" then return response_writer.finish(client, fault, self.clock) end
  self:respond(client, call, fault, response_writer.bytes(nil, fault))
  client:close()
  return false
end

--- Applies a rule to a connection before anything is read. Returns whether it is kept.
function server:serve_accept(client)
  local fault = self:fault_of({}, "accept")
  if not fault then return true end
  if fault.delay then self.clock:sleep(fault.delay) end
  return response_writer.finish(client, fault, self.clock)
end

--- Records the delivery of an update to a webhook.
function server:record_delivery(session, update)
  local call = self.call_log:add {server = self.label, kind = "webhook", bot = session.account.id, verb = "POST",
    params = update}
  call.executed = true
  return call
end

--- Runs the method that a webhook's response named; `reply` has its arguments.
function server:run_reply(session, reply)
  local call = self.call_log:add {server = self.label, bot = session.account.id,
    method = methods.canonical(reply.values.method), verb = "REPLY", params = call_log.cut(reply.shown)}
  if session.state ~= "logged_in" then return end
  call.executed = true
  local response = methods.run(session, {method = call.method, params = reply.values})
  self.call_log:set_status(call, response.ok and 200 or response.error_code)
end

return server
