-- SPDX-License-Identifier: MIT
-- Owns the state of a move: its fields, all made here, and the events that come of it.

local change = require "botapi.change"
local core = require "botapi.core"
local facts = require "botapi.facts"
local outcomes = require "botapi.outcome"
local text = require "botapi.migrate.text"
local webhook = require "botapi.migrate.webhook"

local monotonic = core.host.monotonic
local HEARTBEAT = require "botapi.policy".defaults.heartbeat        -- between two lines of a log while a step waits

-- The types of the state are in types/botapi/migrate/run.lua. `false` stands for what isn't known yet: no field is
-- added later.
local runs = {}

---@class botapi.migrate.Run
local methods = {}
local meta = { __index = methods }

-- Events ----------------------------------------------------------------------------

--- Tells an event. An error that is raised there is kept, and the move goes on, unless it is that of Ctrl-C.
function methods:tell(event)
  local on_event = self.settings.on_event
  if not on_event then return end
  local ok, raised = pcall(on_event, event)
  if not ok then self.event_error = raised end
  if not ok and core.interruption(raised) then error(raised, 0) end
end

--- A text without the token, which the journal's path may hold.
function methods:hidden(said) return (core.redact(said, self.from.token)) end

--- Adds a sentence to the report.
function methods:warn(message) self.warnings[#self.warnings + 1] = self:hidden(message) end

--- Seconds since it began.
function methods:elapsed() return monotonic() - self.began end

--- Waits at least so long for the new server, unless the caller said how long.
-- @number seconds
function methods:allow(seconds)
  local settings = self.settings
  if not settings.waits_as_given then settings.verify_timeout = math.max(settings.verify_timeout, seconds) end
end

--- Takes the name of the bot, fit to be shown, from an answer to getMe.
-- @treturn boolean whether it is the bot whose token this is
function methods:recognize(res)
  local me, bot, show = res.result, self.bot, self.urls.for_people
  if ("%.0f"):format(me.id) ~= bot.id then return false end
  bot.username = me.username and show(me.username) or bot.username
  bot.first_name = me.first_name and show(me.first_name) or bot.first_name
  return true
end

--- The URL of the webhook that is to be set, fit to be shown.
function methods:shown_webhook()
  local old, new = self.webhook.old, self.webhook.new
  return old and new.url == old.url and old.shown or self.urls.for_people(new.url)
end

--- Counts a request.
function methods:count(method, is_repeated)
  local counts = self.requests
  if not counts.by_method[method] then
    counts.order[#counts.order + 1] = method
    counts.by_method[method] = 0
  end
  counts.by_method[method] = counts.by_method[method] + 1
  counts.total = counts.total + 1
  if is_repeated then counts.repeated = counts.repeated + 1 end
end

local function widest_title(steps)
  local most = 0
  for _, step in ipairs(steps) do most = math.max(most, #step.title) end
  return most
end

--- Tells how the step that runs is.
-- @string state started, waiting, done or failed
-- @tparam ?table wait `why`, and what is known of `seconds`, `limit`, `again`, `first`
-- @tparam ?string kind "tick" for a line that is redrawn
function methods:tell_step(state, wait, kind)
  local step = self.steps[self.step]
  local event = { type = kind or "step", step = self.step, steps = #self.steps, name = step.name, state = state,
    title = step.title, widest = widest_title(self.steps), elapsed = monotonic() - step.began }
  for name, value in pairs(wait or {}) do event[name] = value end
  event.text, event.line = text.log_line(event), text.terminal_line(event)
  self:tell(event)
end

--- Tells that the step waits: each time as a tick; as a step for each reason, and then every ten seconds.
function methods:tell_wait(wait)
  local step = self.steps[self.step]
  self:tell_step("waiting", wait, "tick")
  wait.first = wait.why ~= step.told_why
  if not wait.first and monotonic() - step.told_at < HEARTBEAT then return end
  step.told_why, step.told_at = wait.why, monotonic()
  self:tell_step("waiting", wait)
end

local TICK = 1                  -- seconds between two looks of the person who waits at the line that is redrawn
local EARLY = 0.02              -- a sleep that ends earlier by more than that was ended by Ctrl-C

--- Sleeps, with a word every second.
-- @number seconds
-- @string why
-- @number began when the waiting began, by `elapsed`
-- @number limit how long it may take in all
-- @treturn boolean false when Ctrl-C has cut it short: on some drivers no error says so
function methods:wait(seconds, why, began, limit)
  local ends, left = monotonic() + seconds, seconds
  while left > 0 do
    self:tell_wait { seconds = self:elapsed() - began, limit = limit, why = why, again = left }
    local slice = math.min(left, TICK)
    self.api.sleep(slice)
    if ends - monotonic() > left - slice + EARLY then return false end
    left = ends - monotonic()
  end
  return true
end

-- A wait of a bot object.
local function bot_waits(self, event)
  if not self.step then return end
  self:tell_wait { seconds = event.elapsed, again = event.left or event.wait, limit = self.settings.deadline,
    why = event.why == "rate_limited" and "429" or "no answer yet" }
end

-- What a bot object tells.
local function observe(self, event)
  if event.type == "attempt" then
    self:count(event.method, event.attempt > 1)
    if event.side == "from" and outcomes.leaves(event.method) then self.tried_at = self.tried_at or os.time() end
  end
  self.changes:follow(event)
  if event.type ~= "waiting" then self:tell(event) end
  if event.type == "wait" or event.type == "waiting" then bot_waits(self, event) end
end

-- Making ----------------------------------------------------------------------------

-- A bot of one side. It repeats what is safe, and refuses all once it has logged out.
local function bot_of(self, token, side)
  local settings, given = self.settings, {}
  for name, value in pairs(settings[side].options) do given[name] = value end
  given.retries, given.max_wait, given.deadline = settings.retries, settings.max_wait, settings.deadline
  given.heartbeat = 1
  given.on_event = function(event)
    event.side = side
    observe(self, event)
  end
  return self.api.bot(token, given)
end

local function plan_of(settings, bot)
  return { bot = bot, from = settings.from, to = settings.to, how = settings.how, checks = {}, losses = {},
    steps = {}, pending = 0, webhook = false, to_set = false, sets_none = webhook.is_none(settings), resumed = false,
    has_left = false, unresumable = false, unanswered = false, settling = false, gone = settings.from_gone or false,
    is_anew = false, text = false }
end

--- The state of a move that hasn't asked anything yet.
-- @tparam table api
-- @tparam string token
-- @tparam table settings
-- @treturn botapi.migrate.Run
function runs.new(api, token, settings)
  local bot = {}
  local self = setmetatable({ api = api, settings = settings, began = monotonic(), bot = bot, from = false, to = false,
    changes = false, urls = webhook.urls(token), plan = plan_of(settings, bot), steps = {}, step = false,
    journal = { log = false, path = false, has_plan = false, has_begun = false },
    webhook = { old = false, kinds = false, new = false, taken_off = false, may_be_off = false, is_less = false,
      put_back = false, is_set = false, is_read_back = false, differs = false, stands = false, is_looked_at = false },
    updates = { drained = false, lost = 0, there = false, limit = facts.MAX_UPDATES },
    earlier = {}, unanswered = false, tried_at = false, left_at = false,
    has_arrived = false, requests = { total = 0, repeated = 0, by_method = {}, order = {} }, warnings = {},
    event_error = false }, meta)
  self.from, self.to = bot_of(self, token, "from"), bot_of(self, token, "to")
  bot.id = self.from.id
  self.changes = change.new { api = api, id = bot.id, warn = function(message) self:warn(message) end,
    tell = function(event) self:tell(event) end }
  return self
end

--- Why a move ends.
-- @string status
-- @tparam ?table known what else is known
-- @treturn botapi.migrate.Ending
function runs.ending(status, known)
  local ending = { status = status, cause = false, check = false, step = false, in_doubt = false, res = false,
    err = false, reason = false, message = false, tried_at = false, pid = false, wait = false }
  for name, value in pairs(known or {}) do
    assert(ending[name] ~= nil, name)
    ending[name] = value
  end
  return ending
end

return runs
