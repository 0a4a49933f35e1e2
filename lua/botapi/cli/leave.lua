-- SPDX-License-Identifier: MIT
-- Owns what logout and close share: check, show, ask, note, send once, say what came of it.

local botapi = require "botapi"
local change = require "botapi.change"
local facts = require "botapi.facts"
local journal = require "botapi.journal"
local options = require "botapi.cli.options"
local outcomes = require "botapi.outcome"
local session = require "botapi.cli.session"
local texts = require "botapi.text"

local clock, minute = texts.clock, texts.minute

local leave = {}

---@class botapi.cli.Act            what differs between logout and close
---@field method string
---@field done string              a participle: "logged out"
---@field purpose string           "log it out"
---@field again string             what a call would do afterwards: "log it in again"
---@field proof string             the answers that settle an attempt
---@field plan fun(add: function, session: table, info: table)  adds the lines of the plan
---@field text fun(session: table, at: number): string  it was done
---@field already fun(session: table): string  it had been done before

---@class botapi.cli.Leaving        one run
---@field session botapi.cli.Session
---@field act botapi.cli.Act
---@field changes table            see `botapi.change`
---@field log? table               the journal; nil where there is none
---@field path? string             the journal's file
---@field at integer               when the request was sent, in seconds since 1970
---@field earlier? table           an attempt that was never answered, and is settled now
---@field info table               what getWebhookInfo said

-- Options ---------------------------------------------------------------------------------

--- Adds the options that both have.
function leave.describe(parser, method)
  options.add_consent(parser, ("Don't ask or check; send one %s."):format(method))
  options.add_retries(parser)
  options.add_force(parser)
  options.add_token(parser)
  options.add_common(parser)
end

-- Texts -----------------------------------------------------------------------------------

--- A bot that had left a server by logOut.
function leave.already_logged_out(self)
  return ("Already logged out: %s has left %s.\nUse the server that it runs on now; any call here may log it in again.")
    :format(self:name(), self.server.name)
end

--- `3 updates that wait`
function leave.waiting(n)
  return texts.counted(n, "update") .. (n == 1 and " that waits" or " that wait")
end

local function plan(run)
  local lines = { run.session:head() }
  run.act.plan(function(word, text)
    lines[#lines + 1] = text and ("  %-8s %s"):format(word, text) or word
  end, run.session, run.info)
  return table.concat(lines, "\n")
end

local function not_done(run) return ("%s was not %s: "):format(run.session:name(), run.act.done) end

-- It isn't known whether it was done.
local function unknown(run, cause)
  local act, name = run.act, run.session:name()
  local lines = {
    ("it is not known whether %s was %s"):format(name, act.done),
    ("  The request left at %s. %s"):format(clock(run.at), cause),
    "  Either the server never got it, or the answer was lost.\n",
    ("  Do       run the same command again before %s. It asks the same"):format(minute(run.at + facts.CONVERGES)),
    ("           server; %s settles it."):format(act.proof),
    "  Don't    start the bot elsewhere before that, and don't call getMe to",
    ("           check: if it is %s, that may %s."):format(act.done, act.again),
    run.path and "Exit 4. Noted in " .. texts.path(run.path) or "Exit 4. Not noted: there is no journal.",
  }
  return table.concat(lines, "\n")
end

local function pending(run)
  return run.session:finish { outcome = "unknown", sent = "maybe", reason = "unsettled",
    failed = ("it is not known whether %s was %s at %s.\nRun the command without -n: it sends only %s again, which "
      .. "settles it."):format(run.session:name(), run.act.done, clock(run.at), run.act.method) }
end

-- The attempt is too old for a repeat to prove anything.
local function too_old(run)
  return run.session:finish { outcome = "unknown", sent = "maybe", reason = "unsettled",
    failed = ("the attempt of %s was never answered; a repeat proves nothing now:\nit may log the bot in here and out "
      .. "again.\nIf the bot already runs elsewhere, `botapi migrate --settle --to S` asks there.\nTo repeat the request "
      .. "all the same, use --force."):format(minute(run.at)) }
end

-- The journal ---------------------------------------------------------------------------

-- Opened to write, or only read for -n. Without a home there is none.
local function open_journal(run)
  local self = run.session
  local path, why = journal.path(self.bot.id)
  if not path then return self.out:note("Note: there is no journal: " .. why .. ".") end
  local log, message
  if self.parsed.dry_run then log, message = journal.read(path) else log, message = journal.open(path) end
  if not log then
    return self:finish { outcome = "not_sent", reason = "journal",
      failed = ("the journal can't be used: %s.\nNothing was sent. End the other run, or repair the file, and repeat.")
        :format(message) }
  end
  run.log, run.path, run.changes.journal = log, path, log
end

-- Checking --------------------------------------------------------------------------------

-- The bot has gone before: that is what was wanted.
local function already(run, res)
  local self, log = run.session, run.log
  if log and not self.parsed.dry_run then
    local id = log:intent { bot = self.bot.id, server = self.client.identity, method = run.act.method }
    if id then log:result(id, { outcome = "already", sent = "yes" }) end
  end
  return self:finish { outcome = "already", sent = "yes", reason = botapi.reason(res), response = res,
    text = run.act.already(self) }
end

local function check_failed(run, res, err)
  if res and botapi.reason(res) == "logged_out" then return already(run, res) end
  return run.session:finish_failed(not_done(run), res, err)
end

local function confirmed(run)
  local self = run.session
  if self:is_meant(self.parsed.confirm) then return nil end
  return self:finish { outcome = "cancelled", exit = outcomes.exits.usage, reason = "confirmation",
    failed = self:another_bot() }
end

local function ask(run, res)
  local self, act = run.session, run.act
  if self.parsed.dry_run then
    return self:finish { outcome = "done", response = res,
      text = plan(run) .. "\n\nIt can be done. Nothing was changed." }
  end
  self.out:say(plan(run) .. "\n")
  local purpose = act.purpose
  local agreed
  if self.server.is_loopback then
    agreed = self:ask_yes(purpose:gsub("^%l", string.upper) .. "?")
  else
    agreed = self:ask_name(purpose)
  end
  return not agreed and self:finish { outcome = "cancelled", reason = "declined" } or nil
end

-- getMe; and, for the plan, getWebhookInfo. Returns the exit code of a command that ends here.
local function check(run)
  local self = run.session
  local res, err = self.client:get_me()
  if not (res and res.ok) then return check_failed(run, res, err) end
  self:note_bot(res)
  if self.parsed.confirm then return confirmed(run) end
  res, err = self.client:get_webhook_info()
  if not (res and res.ok and type(res.result) == "table") then return check_failed(run, res, err) end
  run.info = res.result
  return ask(run, res)
end

-- Acting --------------------------------------------------------------------------------

-- What is printed at the end, by outcome.
local endings = {}

function endings.done(run) return run.act.text(run.session, run.at) end

function endings.already(run) return run.act.already(run.session) end

function endings.unknown(run, res, err)
  return nil, unknown(run, outcomes.what_came(res, err, session.line(res, err)))
end

function endings.later(run, res, err) return nil, "not now: " .. not_done(run) .. session.explained(res, err) end

function endings.not_sent(_, res, err) return nil, "nothing was sent: " .. session.explained(res, err) end

function endings.refused(run, res, err) return nil, not_done(run) .. session.explained(res, err) end

local function finish(run, outcome, res, err)
  run.at = os.time()
  local sent = outcomes.sent(res, err)
  if outcome == "unknown" and sent == "no" then sent = "maybe" end
  local text, failed = (endings[outcome] or endings.not_sent)(run, res, err)
  return run.session:finish { outcome = outcome, sent = sent, reason = botapi.reason(res, err), response = res,
    retry_after = outcomes.retry_after(res, err), text = text, failed = failed }
end

-- Ctrl-C while the request was under way.
local function finish_stopped(run, interruption)
  local outcome = run.changes:abandon(interruption)
  if outcomes.is_done(outcome) then
    return run.session:finish { outcome = outcome, sent = "yes", text = endings[outcome](run) }
  end
  if outcome == "unknown" or run.earlier then
    return run.session:finish { outcome = "unknown", sent = "maybe", reason = "cancelled",
      failed = unknown(run, outcomes.STOPPED) }
  end
  return run.session:stopped()
end

local function send(run)
  local self, method = run.session, run.act.method
  run.at, self.attempts = os.time(), 0
  local policy = { may_have_left = run.earlier and method == "logOut" or nil }
  return finish(run, run.changes:send(self.client, method, nil, policy, { username = self.bot.username }))
end

local function act_now(run)
  return session.guard(function(interruption) return finish_stopped(run, interruption) end, send, run)
end

-- All of it -----------------------------------------------------------------------------

-- An attempt that was never answered: only the same request is sent again.
local function settle(run, unanswered)
  local self = run.session
  run.earlier, run.at = unanswered, unanswered.at
  self.bot.username = unanswered.username
  if self.parsed.dry_run then return pending(run) end
  local ended = self.parsed.confirm and self.bot.username and confirmed(run)
  if ended then return ended end
  if unanswered.age > facts.CONVERGES and not self.parsed.force then return too_old(run) end
  self.out:note(("The %s of %s was never answered: only it is sent again."):format(run.act.method, clock(run.at)))
  return act_now(run)
end

local function proceed(run)
  local self = run.session
  local departure, unanswered
  if run.log then departure, unanswered = self:past_of(run.log) end
  if unanswered and unanswered.method == run.act.method then return settle(run, unanswered) end
  local ended = self:refuse(departure, unanswered)
  if not ended and (self.parsed.dry_run or not self.parsed.yes) then ended = check(run) end
  return ended or act_now(run)
end

-- Why the command can't run.
local function problem(self)
  local parsed = self.parsed
  if parsed.yes and not parsed.server then
    return "--yes needs --server: without a question, name the server.\nAdd --server telegram, if that is meant."
  end
  return self:check_consent() or self:read_server(parsed.server or "telegram") or self:read_token()
end

local function perform(self, act)
  local wrong = problem(self)
  if wrong then return self:misused(wrong) end
  local changes = change.new { api = botapi, id = self.bot.id,
    warn = function(text) self.out:note("Note: " .. text .. ".") end }
  self.on_event = function(event) changes:follow(event) end
  local run = { session = self, act = act, changes = changes, at = os.time(), info = {} }
  local ended = open_journal(run)
  if ended then return ended end
  local ok, exit = pcall(proceed, run)
  if run.log then run.log:close() end
  if not ok then error(exit, 0) end
  return exit
end

--- Runs logout or close.
-- @string name the command's
-- @tparam table parsed
-- @tparam botapi.cli.Act act
-- @treturn number the exit code
function leave.run(name, parsed, act)
  return session.run(name, parsed, function(self) return perform(self, act) end)
end

return leave
