-- SPDX-License-Identifier: MIT
-- Owns what logout and close have in common: look, show, ask, note, send once, tell what came of it.

local change = require "botapi.change"
local core = require "botapi.core"
local CONVERGES = require "botapi.facts".CONVERGES
local journal = require "botapi.journal"
local outcomes = require "botapi.outcome"
local session = require "botapi.cli.session"
local texts = require "botapi.cli.leave_text"
local terminal = require "botapi.cli.terminal"

local leave = {}

-- The journal ---------------------------------------------------------------------------

-- Opened to write, or read for a rehearsal. Without a home there is none.
local function open_journal(self)
  local path, why = journal.path(self.bot.id)
  if not path then return self.out:note("Note: there is no journal: " .. why .. ".") end
  local log, message
  if self.parsed.dry_run then log, message = journal.read(path) else log, message = journal.open(path) end
  if not log then
    return self:finish { outcome = "not_sent", reason = "journal",
      failed = ("the journal can't be used: %s.\nNothing was sent; end the other run, or mend the file, and repeat.")
        :format(message) }
  end
  self.log, self.path = log, path
end

-- Looking -------------------------------------------------------------------------------

local function note_bot(self, res)
  local me = type(res.result) == "table" and res.result or {}
  self.bot.username, self.bot.first_name = me.username, me.first_name
end

-- The bot has gone before: that is what was wanted.
local function already(self, act, res)
  if self.log and not self.parsed.dry_run then
    local id = self.log:intent { bot = self.bot.id, server = self.client.identity, method = act.method }
    if id then self.log:result(id, { outcome = "already", sent = "yes" }) end
  end
  return self:finish { outcome = "already", sent = "yes", reason = self.api.reason(res), response = res,
    text = texts.already(self, act) }
end

local function not_looked(self, act, res, err)
  if res and self.api.reason(res) == "logged_out" then return already(self, act, res) end
  local failure = self:failure_of(res, err)
  failure.failed = ("%s was not %s: %s"):format(texts.name(self), act.done, self:explained(res, err))
  return self:finish(failure)
end

-- getMe; and getWebhookInfo for whom is asked.
local function look(self, act)
  local res, err = self.client:get_me()
  if not (res and res.ok) then return not_looked(self, act, res, err) end
  note_bot(self, res)
  if self.parsed.confirm then return nil end
  res, err = self.client:get_webhook_info()
  if not (res and res.ok and type(res.result) == "table") then return not_looked(self, act, res, err) end
  self.info = res.result
  self.looked = res
end

-- Asking --------------------------------------------------------------------------------

local function declined(self)
  return self:finish { outcome = "cancelled", reason = "declined" }
end

local function ask(self, act)
  if self.side.is_loopback then
    local answer = self.out:ask(act.question)
    if answer and answer:lower():find "^%s*y" then return nil end
    self.out:say "Nothing was sent."
    return declined(self)
  end
  local answer = self.out:ask(self.bot.username and act.ask or act.ask:gsub("name", "id"))
  if answer and self:is_meant(answer) then return nil end
  self.out:say(answer and answer ~= "" and ('You typed "%s". Nothing was sent.'):format(answer)
    or "Nothing was typed. Nothing was sent.")
  return declined(self)
end

local function consent(self, act)
  local parsed = self.parsed
  if parsed.confirm then
    if self:is_meant(parsed.confirm) then return nil end
    return self:finish { outcome = "cancelled", exit = outcomes.exits.usage, reason = "confirmation",
      failed = self:another_bot() }
  end
  local plan = texts.plan(self, act)
  if parsed.dry_run then
    return self:finish { outcome = "done", sent = "no", response = self.looked,
      text = plan .. "\n\nIt can be done. Nothing was changed." }
  end
  self.out:say(plan .. "\n")
  return ask(self, act)
end

-- Acting --------------------------------------------------------------------------------

local ends = {}

function ends.done(self, act) return { text = texts.done(self, act) } end

function ends.already(self, act) return { text = texts.already(self, act) } end

function ends.unknown(self, act, res, err)
  return { failed = texts.unknown(self, act, res, err) }
end

function ends.later(self, act, res, err)
  return { failed = ("not now: %s was not %s. %s"):format(texts.name(self), act.done, self:explained(res, err)) }
end

function ends.not_sent(self, _, res, err)
  return { failed = "nothing was sent: " .. self:explained(res, err) }
end

function ends.refused(self, act, res, err)
  return { failed = ("%s was not %s: %s"):format(texts.name(self), act.done, self:explained(res, err)) }
end

function ends.cancelled(self)
  return { failed = ("stopped; sent: no. %s is where it was; the same command starts again."):format(
    texts.name(self)) }
end

local function finish_act(self, act, outcome, res, err)
  self.at = os.time()
  local facts = ends[outcome](self, act, res, err)
  local failure = self:failure_of(res or not err and { ok = true } or nil, err)
  facts.outcome, facts.sent, facts.reason = outcome, failure.sent, failure.reason
  facts.response, facts.retry_after = res, failure.retry_after
  if outcome == "unknown" and facts.sent == "no" then facts.sent = "maybe" end
  return self:finish(facts)
end

-- Ctrl-C while the request was under way.
local function finish_stopped(self, act, raised)
  local interruption = core.interruption(raised)
  if not interruption then error(raised, 0) end
  local outcome = self.changes:abandon(interruption)
  io.stderr:write "\n"
  if outcomes.is_done(outcome) then
    return self:finish { outcome = outcome, sent = "yes", text = ends[outcome](self, act).text }
  end
  local unknown = outcome == "unknown" or self.earlier ~= nil
  return self:finish { outcome = unknown and "unknown" or "cancelled", sent = unknown and "maybe" or "no",
    reason = "cancelled", failed = unknown and texts.unknown(self, act, nil, nil, outcomes.STOPPED)
      or ends.cancelled(self).failed }
end

local function act_now(self, act)
  self.at, self.attempts = os.time(), 0
  self.changes = change.new { api = self.api, id = self.bot.id, journal = self.log,
    warn = function(text) self.out:note("Note: " .. text .. ".") end }
  local policy = { unsettled = self.earlier and act.method == "logOut" or nil }
  local noted = { username = self.bot.username }      -- a later run may not ask for it
  local ok, outcome, res, err = pcall(self.changes.send, self.changes, self.client, act.method, nil, policy, noted)
  if not ok then return finish_stopped(self, act, outcome) end
  return finish_act(self, act, outcome, res, err)
end

-- All of it -----------------------------------------------------------------------------

local function check_call(self, act)
  local parsed = self.parsed
  if parsed.yes and parsed.confirm then return "--yes and --confirm don't go together: choose one." end
  if parsed.yes and not parsed.server then
    return "--yes needs --server: a default must not carry the consequence.\nAdd --server telegram, if that is meant."
  end
  if not (parsed.yes or parsed.confirm or parsed.dry_run or terminal.is_asked()) then
    return act.name .. " asks before it acts; add --confirm NAME (or --yes)"
  end
end

-- A try of which it isn't known whether it was done: only the same request again.
local function settle(self, act, unsettled)
  self.earlier, self.at = unsettled, unsettled.at
  self.bot.username = unsettled.username
  local old = unsettled.age > CONVERGES
  if self.parsed.dry_run then
    return self:finish { outcome = "unknown", sent = "maybe", reason = "unsettled",
      failed = texts.unsettled(self, act, unsettled) }
  elseif self.parsed.confirm and self.bot.username and not self:is_meant(self.parsed.confirm) then
    return consent(self, act)
  elseif old and not self.parsed.anyway then
    return self:finish { outcome = "unknown", sent = "maybe", reason = "unsettled",
      failed = texts.too_old(self, unsettled) }
  end
  self.out:note(texts.repeating(self, act, unsettled))
  return act_now(self, act)
end

local function proceed(self, act)
  local departure, unsettled = nil, nil
  if self.log then departure, unsettled = self:past_of(self.log) end
  if unsettled and unsettled.method == act.method then return settle(self, act, unsettled) end
  local refusal = self:refuses(departure, unsettled)
  if refusal then
    return self:finish { outcome = "refused", reason = departure and "logged_out" or "unsettled", failed = refusal }
  end
  if not (self.parsed.yes and not self.parsed.dry_run) then
    local ended = look(self, act) or consent(self, act)
    if ended then return ended end
  end
  return act_now(self, act)
end

--- Runs logout or close.
-- @tparam table parsed
-- @tparam table act name, method, done (a participle), question, ask
-- @treturn number the exit code
function leave.run(parsed, act)
  local self = session.new(act.name, parsed)
  local wrong = check_call(self, act) or self:read_server(parsed.server or "telegram") or self:read_token()
  if wrong then return self:misused(wrong) end
  local observe = self.observe
  self.observe = function(_, event)
    if self.changes then self.changes:follow(event) end
    return observe(self, event)
  end
  local ended = open_journal(self)
  if ended then return ended end
  local ok, exit = pcall(proceed, self, act)
  if self.log then self.log:close() end
  if not ok then error(exit, 0) end
  return exit
end

return leave
