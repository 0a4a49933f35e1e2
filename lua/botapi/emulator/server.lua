-- SPDX-License-Identifier: MIT
-- Owns one Bot API server: which tokens it takes, its bots' sessions, and the way of a call through it.

local responses = require "botapi.emulator.responses"
local response_writer = require "botapi.emulator.response_writer"
local rate_limits = require "botapi.emulator.rate_limits"
local methods = require "botapi.emulator.methods"
local new_session = require "botapi.emulator.session".new
local request = require "botapi.emulator.request"
local call_log = require "botapi.emulator.call_log"

local server = {}
server.__index = server

-- Of docs/internals/server.md. Not those of botapi.facts: the emulator judges the library.
local MAX_ID = 2 ^ 54
local MAX_TOKEN = 80
local REMEMBERED = 1800    -- seconds: how long a 401 is remembered
local PENDING_LIMIT = 500
local NO_FAULT = {execute = true}

--- One server's view of a Telegram.
-- @tparam table instance telegram, clock, rules, calls, spawn, secrets: shared by all servers
-- @tparam table options as ("local", "cloud" or "bale"), limits
function server.new(instance, options)
  return setmetatable({
    instance = instance, telegram = instance.telegram, clock = instance.clock, rules = instance.rules,
    call_log = instance.call_log, spawn = instance.spawn,
    as = options.as, rate_limits = rate_limits.new(instance.clock, options),
    sessions = {}, refused = {}, started_at = instance.clock:now(),
  }, server)
end

--- A bot as this server sees it; made when first asked for.
function server:session(id, test)
  local account = self.telegram:account(id, test)
  local session = self.sessions[account]
  if not session then
    session = new_session(self, account)
    self.sessions[account] = session
  end
  return session
end

--- Forgets everything about a bot, or about all.
-- @param[opt] account
function server:forget(account)
  for each, session in pairs(self.sessions) do
    if not account or each == account then
      session:end_poller(responses.known "restart")
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
function server:remember_no_refusals(account)
  local prefix = string.format("%.0f:", account.id)
  for token in pairs(self.refused) do
    if token:sub(1, #prefix) == prefix then self.refused[token] = nil end
  end
end

-- Tokens ----------------------------------------------------------------------------------------

-- Why no bot can have this token, in the order of the real server: docs/internals/server.md.
local function malformed(self, token)
  local id = token:match "^([^:]*):"
  if self.as == "bale" then
    return not (id and id:find "^[1-9]%d*$" and tonumber(id) < MAX_ID) and responses.known "bale_unauthorized" or nil
  end
  if token:sub(1, 1) == "0" or #token > MAX_TOKEN or not id then return responses.known "invalid_token" end
  if not id:find "^%-?[1-9]%d*$" then return responses.known "misdirected" end
  local number = tonumber(id)
  if math.abs(number) >= 2 ^ 63 then return responses.known "misdirected" end
  if number <= 0 or number >= MAX_ID then return responses.known "invalid_token" end
end

--- Is this token good at Telegram? A no is remembered.
-- @treturn table|nil the answer that refuses it
function server:check_token(session, token)
  local name = self.as == "bale" and "bale_unauthorized" or "unauthorized"
  local secret = token:match ":(.*)$" or ""
  if self.as ~= "bale" and (#secret < 24 or secret:find "[^%w_-]") then return responses.known(name) end
  local until_when = self.refused[token]
  if until_when and self.clock:now() < until_when then return responses.known(name) end
  if self.telegram:accepts(session.account, token) then return nil end
  self.refused[token] = self.clock:now() + REMEMBERED
  if session.account.is_revoked and session.state ~= "revoked" then session:revoke() end
  return responses.known(name)
end

-- Calls -----------------------------------------------------------------------------------------

local function new_call(self, route, incoming)
  local call = {server = #self.instance.servers > 1 and self.as or nil, verb = incoming.verb, params = {}}
  if not route then return call end
  call.params = request.params(route, incoming.headers, incoming.body)
  local method = route.method
  if method == "" then method = tostring(call.params.method or "") end
  call.method = methods.canonical(method)
  local id = route.id and route.id < MAX_ID and route.id or nil
  call.bot = id
  if route.test then call.test = true end
  self.instance:note_secret(route.token)
  return call
end

-- Does what a call asks for.
local function execute(self, route, call, peer, delay, headers)
  if not route then return responses.known "not_found" end
  local refusal = malformed(self, route.token)
  if refusal then return refusal end
  local session = self:session(call.bot, route.test)
  if session.state == "new" and self.rate_limits then
    local wait = self.rate_limits:wait_for(route.token, peer, headers["x-real-ip"])
    if wait then return responses.rate_limited(wait) end
  end
  refusal = session:admit(call.method, route.token)
  if refusal then return refusal end
  call.executed = true
  local epoch = session.epoch
  local answer = methods.run(session, {method = call.method, params = call.params, delay = delay})
  return answer, session, epoch
end

-- A call that is under way when the bot logs out gets 401.
local function late(self, answer, session, epoch, method, delay)
  if not delay then return answer end
  local dropped = delay >= PENDING_LIMIT
  self.clock:sleep(math.min(delay, PENDING_LIMIT))
  if dropped then return nil end
  if session and session.epoch ~= epoch and method ~= "logOut" and method ~= "close" then
    return responses.known "unauthorized"
  end
  return answer
end

--- Answers one request of the Bot API.
-- @param connection a cqueues socket
-- @tparam table incoming verb, target, headers, body
-- @tparam string peer address of the client
-- @treturn boolean does the connection go on?
function server:serve(connection, incoming, peer)
  if self.as == "cloud" and incoming.target:match "^[^?]*" == "/" then
    return connection:xwrite((responses.raw(302, "text/html", "<html>\r\n<head><title>302 Found</title></head>\r\n"
      .. "<body>\r\n<center><h1>302 Found</h1></center>\r\n<hr><center>nginx/1.18.0</center>\r\n</body>\r\n"
      .. "</html>\r\n", {Location = "https://core.telegram.org/bots"}))) and true
  end
  local route = request.route(incoming.target)
  if route and route.test and self.as == "bale" then route = nil end
  local call = self.call_log:add(new_call(self, route, incoming))
  local rule = self.rules:take({method = call.method, bot = call.bot, params = call.params, server = self.as}, "answer")
  local fault = rule and rule.fault or NO_FAULT
  call.rule = rule and rule.id
  local answer, session, epoch
  if fault.execute then
    answer, session, epoch = execute(self, route, call, peer, fault.delay, incoming.headers)
  end
  call.params = call_log.cut(call.params)
  answer = late(self, answer or responses.known "not_found", session, epoch, call.method, fault.delay)
  if not answer then connection:close() return false end
  local bytes, status = response_writer.bytes(answer, fault)
  self.call_log:set_status(call, status)
  return response_writer.send(connection, bytes, fault, call, self.clock)
end

--- Does a rule take the request before its body is read?
-- @treturn boolean|nil does the connection go on? nil: no rule took it
function server:serve_head(connection, head)
  local route = request.route(head.target)
  local call = new_call(self, route, {verb = head.verb, headers = {}, body = ""})
  local sight = {method = call.method, bot = call.bot, params = call.params, server = self.as}
  local rule = self.rules:take(sight, "request")
  if not rule then return nil end
  call = self.call_log:add(call)
  call.rule = rule.id
  if rule.fault.delay then self.clock:sleep(rule.fault.delay) end
  if rule.fault["end"] == nil or rule.fault["end"] == "keep" then
    local bytes, status = response_writer.bytes(nil, rule.fault)
    self.call_log:set_status(call, status)
    response_writer.send(connection, bytes, rule.fault, call, self.clock)
    connection:close()
    return false
  end
  return response_writer.finish(connection, rule.fault, self.clock)
end

--- Does a rule take the connection before anything is read?
-- @treturn boolean does it go on?
function server:serve_accept(connection)
  if not self.rules.list[1] then return true end
  local rule = self.rules:take({server = self.as}, "accept")
  if not rule then return true end
  if rule.fault.delay then self.clock:sleep(rule.fault.delay) end
  return response_writer.finish(connection, rule.fault, self.clock)
end

-- Webhooks --------------------------------------------------------------------------------------

--- Notes the delivery of an update to a webhook.
function server:record_webhook(session, update)
  local call = self.call_log:add {server = #self.instance.servers > 1 and self.as or nil, kind = "webhook",
    bot = session.account.id, verb = "POST", params = update}
  call.executed = true
  return call
end

--- Runs the method that a webhook's answer named.
function server:run_reply(session, params)
  local call = self.call_log:add {server = #self.instance.servers > 1 and self.as or nil, bot = session.account.id,
    method = methods.canonical(params.method), verb = "REPLY", params = params}
  if session.state ~= "logged_in" or call.method == "logOut" or call.method == "close" then return end
  call.executed = true
  local answer = methods.run(session, {method = call.method, params = params})
  self.call_log:set_status(call, answer.ok and 200 or answer.error_code)
end

return server
