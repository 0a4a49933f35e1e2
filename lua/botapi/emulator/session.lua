-- SPDX-License-Identifier: MIT
-- Owns one bot on one server: its state, login, webhook, queue, long poll, and the lock-out after a logout.

local condition = require "cqueues.condition"
local new_queue = require "botapi.emulator.queue".new
local responses = require "botapi.emulator.responses"
local update_kinds = require "botapi.emulator.update_kinds"
local webhook = require "botapi.emulator.webhook"

local session = {}
session.__index = session

-- Seconds, of docs/internals/server.md. Not those of botapi.facts: the emulator judges the library.
local YOUNG = 1800          -- after a session that was shorter the lock-out is as long
local CLOUD_LOCK_OUT = 600
local CLOSE_PAUSE = 600
local ENDING = 0.005        -- an instance takes so long to end, after the `true` of its logOut or close
local CONFLICT_PAUSE = 3    -- a 409 within this time of another one is held back for as long

--- What a server knows of a bot that it has never seen.
function session.new(server, account)
  return setmetatable({
    server = server, telegram = server.telegram, clock = server.clock, account = account,
    state = "new", since = server.clock:now(),
    locked_until = nil,   -- when the lock-out ends
    locked_by = nil,      -- the name of the error that every call gets until then
    logged_in_at = nil,   -- when the session began
    started_at = nil,     -- when its instance was started; nil: there is none
    ending_until = nil,   -- until when the last instance ends
    epoch = 0,            -- how many instances have ended
    ended_by = nil,       -- the name of the error that ended the calls of the last one
    logins = 0,
    queue = new_queue(),  -- the server's own: it outlives sessions
    allowed = nil,        -- the kinds of updates that were asked for; nil: the default
    webhook = nil,        -- the one that runs
    saved_webhook = nil,  -- the one in the server's database, which it starts with an instance
    next_webhook_at = 0,  -- when setWebhook may come again
    poller = nil, poll_offset = nil, poll_at = nil, next_conflict_at = 0,
    arrived = condition.new(),
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

--- Ends a long poll that waits: with a response, after some seconds; or with what is in the queue.
function session:end_poller(response, delay)
  local poller = self.poller
  self.poller = nil
  if not poller then return end
  poller.response, poller.delay = response, delay
  poller.wake:signal()
end

--- A 409: the response, and the seconds for which it's held back. A poller that fails again and again gets slow ones.
function session:conflict(name)
  local now = self.clock:now()
  if now < self.next_conflict_at then return responses.named_error(name), CONFLICT_PAUSE end
  self.next_conflict_at = now + CONFLICT_PAUSE
  return responses.named_error(name), 0
end

-- Ends the instance: nothing is left of it but what the server keeps. Calls in flight get the error of this name.
local function end_instance(self, name)
  self:end_poller()
  webhook.stop(self)
  self.telegram:disconnect(self.account, self)
  self.started_at, self.poll_offset = nil, nil
  self.next_webhook_at, self.next_conflict_at = 0, 0
  self.epoch, self.ended_by = self.epoch + 1, name
end

--- What a call in flight gets instead of its response when the instance with this epoch has ended meanwhile, else nil.
function session:late_response(method, epoch)
  if self.epoch == epoch or method == "close" then return nil end
  if method == "logOut" and self.ended_by ~= "aborted" then return nil end
  return responses.named_error(self.ended_by)
end

--- Takes a value of allowed_updates, if it says anything.
function session:allow(value)
  local is_given, wanted = update_kinds.read(value)
  if is_given then self.allowed = wanted end
end

--- Logs in, as any request with the token does, and starts an instance.
function session:login(method)
  local now = self.clock:now()
  if self.state ~= "logged_in" and self.state ~= "closed" then
    self.logged_in_at, self.allowed = now, nil
    self.logins = self.logins + 1
  end
  if self.state ~= "logged_in" then self:set_state "logged_in" end
  self.locked_until, self.locked_by = nil, nil
  if self.started_at then return end
  self.started_at = now
  self.telegram:connect(self.account, self)
  local saved = self.saved_webhook
  if saved and method ~= "setWebhook" and method ~= "deleteWebhook" then webhook.start(self, saved) end
end

-- For a moment after the `true` of a logOut or a close.
local function while_ending(self, method)
  if method == "close" then
    if self.state == "logged_out" then self.locked_until = self.ending_until end
    return responses.success(true)
  end
  if self.state ~= "logged_out" then return responses.named_error "restart" end
  return responses.named_error(method == "logOut" and "unauthorized" or "logged_out")
end

local function erase(self, name)
  end_instance(self, name)
  self.saved_webhook, self.allowed = nil, nil
end

local function lock(self, seconds, name)
  self:set_state "logged_out"
  self.locked_until, self.locked_by = self.clock:now() + seconds, name
end

-- Calls in flight get the error of this name, "unauthorized"; or "aborted", when it was cut short and locks nobody out.
local function finish_logout(self, name)
  local seconds = lock_out(self)
  erase(self, name)
  self.queue:clear()
  self.ending_until = self.clock:now() + math.min(ENDING, seconds)
  lock(self, name == "aborted" and math.min(ENDING, seconds) or seconds, "logged_out")
end

-- While Telegram carries out a logOut.
local function while_logging_out(self, method)
  if method == "logOut" then return responses.named_error "logging_out" end
  if method ~= "close" then return responses.named_error "logged_out" end
  finish_logout(self, "aborted")
  return responses.success(true)
end

--- The response for a call that may not go on, else nil; then the bot is logged in.
function session:admit(method, token)
  local now = self.clock:now()
  if self.state == "logging_out" then return while_logging_out(self, method) end
  if self.ending_until and now < self.ending_until then return while_ending(self, method) end
  if self.locked_until and now < self.locked_until then return responses.named_error(self.locked_by) end
  if method == "close" and not self.started_at then return responses.named_error "closed" end
  local refusal = self.server:check_token(self, token)
  if refusal then return refusal end
  self:login(method)
end

--- Logs out. With a delay, in seconds, the bot is in state logging_out for that long.
function session:logout(delay)
  self:end_poller()
  if not delay or delay <= 0 then return finish_logout(self, "unauthorized") end
  self:set_state "logging_out"
  local epoch = self.epoch
  self.clock:after(delay, function()
    if self.state == "logging_out" and self.epoch == epoch then finish_logout(self, "unauthorized") end
  end)
end

--- The seconds until `close` is allowed; nil: now. Only a young instance of a server that isn't young must wait.
function session:close_wait()
  local left = math.floor(CLOSE_PAUSE - (self.clock:now() - self.started_at))
  if left <= 0 or self.started_at - self.server.started_at <= CLOSE_PAUSE then return nil end
  return left
end

--- Closes the instance, which takes so many seconds; session, queue and webhook stay on this server.
function session:close(delay)
  end_instance(self, "aborted")
  self:set_state "closed"
  self.ending_until = self.clock:now() + (delay or 0) + ENDING
end

-- What becomes of a logOut that was under way: a stopped server erases everything, and locks nobody out when it is
-- there again; a killed one carries the logOut out at its next start, and then keeps answering 401.
local function interrupt_logout(self, was_killed)
  erase(self, "aborted")
  if was_killed then return lock(self, YOUNG, "unauthorized") end
  self.queue:clear()
  self:set_state "logged_out"
end

--- Does what the stop or the kill of the server, and its next start, do to a bot. A webhook logs its bot in again.
function session:restart(was_killed)
  self.ending_until, self.locked_until, self.locked_by = nil, nil, nil
  if self.state == "logging_out" then
    interrupt_logout(self, was_killed)
  elseif self.started_at then
    end_instance(self, "aborted")
    self:set_state "closed"
  end
  if self.saved_webhook and not self.account.is_revoked then self:login() end
end

--- Does what a server does when the token was revoked at Telegram.
function session:revoke()
  erase(self, "unauthorized")
  self:set_state "revoked"
end

--- Forgets everything, as if the server had never seen the bot.
function session:forget()
  erase(self, "unauthorized")
  self.queue = new_queue()
  self.ending_until, self.locked_until, self.locked_by = nil, nil, nil
  self:set_state "new"
end

--- Takes an update from Telegram into the queue, if its kind is wanted. Returns its id, else nil.
function session:receive(update)
  if update_kinds.allows(self.allowed, update) then return self:enqueue(update) end
end

--- Takes an update of any kind into the queue. Returns its id.
function session:enqueue(update)
  local id = self.queue:push(update)
  if self.poller then self.poller.wake:signal() end
  self.arrived:signal()
  return id
end

return session
