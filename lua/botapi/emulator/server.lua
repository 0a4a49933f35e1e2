-- SPDX-License-Identifier: MIT
-- Owns one Bot API server: which tokens it accepts, its bots' sessions, and how it handles a call.

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
local MAX_ID = 2 ^ 54
local MAX_TOKEN = 80
local REMEMBERED = 1800    -- seconds: how long a 401 is remembered
local NO_FAULT = {execute = true}
local MOVED = "<html>\r\n<head><title>302 Found</title></head>\r\n<body>\r\n<center><h1>302 Found</h1></center>\r\n"
  .. "<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n"

--- One server of an emulator, which shares the other parts with it. Options: as, limits, pair.
function server.new(instance, options)
  return setmetatable({
    telegram = instance.telegram, clock = instance.clock, rules = instance.rules,
    call_log = instance.call_log, secrets = instance.secrets, spawn = instance.spawn,
    as = options.as,
    label = options.pair and options.as or nil,   -- of its calls
    rate_limits = rate_limits.new(instance.clock, options),
    sessions = {},                                -- by account
    refused = {},                                 -- by token: until when it gets a 401
    started_at = instance.clock:now(),
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
      session:end_poller(responses.named_error "restart")
      session.webhook, session.state = nil, "new"
      session.arrived:signal()
      self.sessions[each] = nil
    end
  end
  self.refused = {}
  if not account then
    self.started_at = self.clock:now()
    self.rate_limits:forget()
  end
end

--- Forgets the 401s that it remembers for a bot.
function server:forget_refusals(account)
  local prefix = string.format("%.0f:", account.id)
  for token in pairs(self.refused) do
    if token:sub(1, #prefix) == prefix then self.refused[token] = nil end
  end
end

-- The error for a token that no bot can have; the order of the checks is the real server's.
local function malformed(self, token)
  local id = token:match "^([^:]*):"
  if self.as == "bale" then
    if id and id:find "^[1-9]%d*$" and tonumber(id) < MAX_ID then return nil end
    return responses.named_error "bale_unauthorized"
  end
  if token:sub(1, 1) == "0" or #token > MAX_TOKEN or not id then return responses.named_error "invalid_token" end
  if not id:find "^%-?[1-9]%d*$" then return responses.named_error "misdirected" end
  local number = tonumber(id)
  if math.abs(number) >= 2 ^ 63 then return responses.named_error "misdirected" end
  if number <= 0 or number >= MAX_ID then return responses.named_error "invalid_token" end
end

--- The error for a token that Telegram doesn't accept, else nil. A refusal is remembered.
function server:check_token(session, token)
  local name = self.as == "bale" and "bale_unauthorized" or "unauthorized"
  local secret = token:match ":(.*)$" or ""
  if self.as ~= "bale" and (#secret < 24 or secret:find "[^%w_-]") then return responses.named_error(name) end
  local until_when = self.refused[token]
  if until_when and self.clock:now() < until_when then return responses.named_error(name) end
  if self.telegram:accepts(session.account, token) then return nil end
  self.refused[token] = self.clock:now() + REMEMBERED
  if session.account.is_revoked and session.state ~= "revoked" then session:revoke() end
  return responses.named_error(name)
end

local function new_call(self, route, incoming)
  local call = {server = self.label, verb = incoming.verb, params = {}}
  if not route then return call end
  call.params = request.params(route, incoming.headers, incoming.body)
  call.method = methods.canonical(route.method ~= "" and route.method or tostring(call.params.method or ""))
  call.bot = route.id and route.id < MAX_ID and route.id or nil
  call.test = route.test or nil
  self.secrets:add(route.token)
  return call
end

-- Carries out a call. Returns the response, and a function that tells whether the bot's session ended since.
local function execute(self, route, call, incoming, delay)
  if not route then return responses.named_error "not_found" end
  local refusal = malformed(self, route.token)
  if refusal then return refusal end
  local session = self:session(call.bot, route.test)
  if session.state == "new" then
    local wait = self.rate_limits:wait_for(incoming.peer, incoming.headers["x-real-ip"])
    if wait then return responses.rate_limited(wait) end
  end
  refusal = session:admit(call.method, route.token)
  if refusal then return refusal end
  call.executed = true
  local epoch = session.epoch
  local response = methods.run(session, {method = call.method, params = call.params, delay = delay})
  return response, function()
    return session.epoch ~= epoch and call.method ~= "logOut" and call.method ~= "close"
  end
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

--- Handles one request: verb, target, headers, body, peer. Returns whether the connection is kept.
function server:serve(client, incoming)
  if self.as == "cloud" and incoming.target:match "^[^?]*" == "/" then
    local moved = responses.raw(302, "text/html", MOVED, {Location = "https://core.telegram.org/bots"})
    return client:xwrite(moved) and true
  end
  local route = request.route(incoming.target)
  if route and route.test and self.as == "bale" then route = nil end
  local call = self.call_log:add(new_call(self, route, incoming))
  local fault = self:fault_of(call, "answer") or NO_FAULT
  local delay, response, has_ended = fault.delay, nil, nil
  if fault.execute then response, has_ended = execute(self, route, call, incoming, delay) end
  call.params = call_log.cut(call.params)
  if delay then
    self.clock:sleep(math.min(delay, response_writer.PENDING_LIMIT))
    if delay >= response_writer.PENDING_LIMIT then client:close() return false end
    if has_ended and has_ended() then response = responses.named_error "unauthorized" end
  end
  return self:respond(client, call, fault, response_writer.bytes(response or responses.named_error "not_found", fault))
end

--- Applies a rule to a request whose body hasn't been read. Returns whether the connection is kept.
function server:serve_head(client, head)
  local call = new_call(self, request.route(head.target), {verb = head.verb, headers = {}, body = ""})
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

--- Runs the method that a webhook's response named.
function server:run_reply(session, params)
  local call = self.call_log:add {server = self.label, bot = session.account.id,
    method = methods.canonical(params.method), verb = "REPLY", params = params}
  if session.state ~= "logged_in" or call.method == "logOut" or call.method == "close" then return end
  call.executed = true
  local response = methods.run(session, {method = call.method, params = params})
  self.call_log:set_status(call, response.ok and 200 or response.error_code)
end

return server
