-- SPDX-License-Identifier: MIT
-- Owns one bot on one server: its state, login, webhook, queue, long poll, and the lock-out after a logout.

local condition = require "cqueues.condition"
local responses = require "botapi.emulator.responses"

local session = {}
session.__index = session

-- Seconds, of docs/internals/server.md. Not those of botapi.facts: the emulator judges the library.
local YOUNG = 1800          -- after a session that was shorter the lock-out is as long
local CLOUD_LOCK_OUT = 600
local CLOSE_PAUSE = 600

-- Kinds of updates that are delivered only when allowed_updates names them.
local on_request = {chat_member = true, message_reaction = true, message_reaction_count = true}

--- What a server knows of a bot that it has never seen.
function session.new(server, account)
  return setmetatable({
    server = server, telegram = server.telegram, clock = server.clock, account = account,
    state = "new", since = server.clock:now(), locked_until = nil,
    logged_in_at = nil,   -- when the session began
    started_at = nil,     -- when its instance was started; nil: there is none
    epoch = 0,            -- how many instances have ended
    logins = 0, webhook = nil, queue = {}, allowed_updates = nil, poller = nil,
    is_closing = false, arrived = condition.new(),
  }, session)
end

--- Sets the state, which begins now.
function session:set_state(state)
  self.state, self.since = state, self.clock:now()
end

local function lock_out(self)
  if self.server.as == "cloud" then return CLOUD_LOCK_OUT end
  if self.server.as == "bale" then return 0 end
  return self.clock:now() - self.logged_in_at < YOUNG and YOUNG or 1
end

--- Ends a long poll that waits, with a response for it.
function session:end_poller(response)
  local poller = self.poller
  self.poller = nil
  if not poller then return end
  poller.response = response
  poller.wake:signal()
end

local function end_instance(self)
  self.started_at = nil
  self.epoch = self.epoch + 1
end

--- Logs in, as any request with the token does.
function session:login()
  local now = self.clock:now()
  if self.state ~= "logged_in" then
    local stays = self.state == "closed"
    self:set_state("logged_in")
    self.locked_until = nil
    if not stays then
      self.logged_in_at = now
      self.logins = self.logins + 1
      self.telegram:login(self.account, self)
    end
  end
  self.started_at = self.started_at or now
end

--- The error for a call that may not go on, else nil; then the bot is logged in.
function session:admit(method, token)
  if self.is_closing then return responses.named_error "restart" end
  if self.state == "logging_out" then
    return responses.named_error(method == "logOut" and "logging_out" or "logged_out")
  end
  if self.state == "logged_out" and self.clock:now() < self.locked_until then
    return responses.named_error "logged_out"
  end
  if method == "close" and not self.started_at then return responses.named_error "closed" end
  local refusal = self.server:check_token(self, token)
  if refusal then return refusal end
  self:login()
end

local function finish_logout(self)
  self.telegram:logout(self.account, self)
  self.webhook, self.queue, self.allowed_updates = nil, {}, nil
  self:set_state("logged_out")
  self.locked_until = self.clock:now() + lock_out(self)
  end_instance(self)
end

--- Logs out. With a delay, in seconds, the bot is in state logging_out for that long.
function session:logout(delay)
  self:end_poller(responses.success(require "botapi.emulator.json".array()))
  if not delay or delay <= 0 then return finish_logout(self) end
  self:set_state("logging_out")
  self.clock:after(delay, function()
    if self.state == "logging_out" then finish_logout(self) end
  end)
end

--- The seconds until `close` is allowed; nil: now. Only a young instance of a server that isn't young must wait.
function session:close_wait()
  local age = self.clock:now() - self.started_at
  if age >= CLOSE_PAUSE or self.started_at - self.server.started_at <= CLOSE_PAUSE then return nil end
  return CLOSE_PAUSE - age
end

--- Closes the instance; session, queue and webhook stay. During a delay, in seconds, the server sends 500 restart.
function session:close(delay)
  self:end_poller(responses.named_error "restart")
  self:set_state("closed")
  end_instance(self)
  if delay and delay > 0 then
    self.is_closing = true
    self.clock:after(delay, function() self.is_closing = false end)
  end
end

--- Does what a server does when the token was revoked at Telegram.
function session:revoke()
  self.telegram:logout(self.account, self)
  self:end_poller(responses.named_error "unauthorized")
  self:set_state("revoked")
  end_instance(self)
end

local function kind_of(update)
  for name in pairs(update) do
    if name ~= "update_id" then return name end
  end
end

local function is_allowed(self, update)
  local kind, list = kind_of(update), self.allowed_updates
  if not list or #list == 0 then return not on_request[kind] end
  for _, name in ipairs(list) do
    if name == kind then return true end
  end
  return false
end

--- Takes an update from Telegram into the queue, if its kind is wanted.
function session:receive(update)
  if is_allowed(self, update) then self:enqueue(update) end
end

--- Takes an update of any kind into the queue.
function session:enqueue(update)
  table.insert(self.queue, update)
  if self.poller then self.poller.wake:signal() end
  self.arrived:signal()
end

--- Forgets the updates before an offset, or with a negative one all but the last -offset.
function session:confirm(offset)
  local queue, kept = self.queue, {}
  for i, update in ipairs(queue) do
    local keep = update.update_id >= offset
    if offset < 0 then keep = i > #queue + offset end
    if keep then kept[#kept + 1] = update end
  end
  if #kept < #queue then self.queue = kept end
end

return session
