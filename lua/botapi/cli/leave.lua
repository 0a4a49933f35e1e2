-- SPDX-License-Identifier: MIT
-- Owns what logout and close share: check, show, ask, note, send once, say what came of it.

local botapi = require "botapi"
local change = require "botapi.change"
local doubt = require "botapi.doubt"
local journal = require "botapi.journal"
local machine = require "botapi.machine"
local methods = require "botapi.methods"
local options = require "botapi.cli.options"
local outcomes = require "botapi.outcome"
local painted = require "botapi.cli.terminal".painted
local place = require "botapi.journal.place"
local session = require "botapi.cli.session"
local texts = require "botapi.text"

local clock, minute = texts.clock, texts.minute

local leave = {}

-- Options ---------------------------------------------------------------------------------

--- Adds the options that both have.
function leave.describe(parser, method)
  options.add_consent(parser, ("Don't ask or check; send one %s."):format(method))
  options.add_retries(parser)
  options.add_bot(parser)
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
  return painted(table.concat(lines, "\n"))
end

local function not_done(run) return ("%s was not %s: "):format(run.session:name(), run.act.done) end

-- It isn't known whether it was done.
local function unknown(run, came, res, err)
  local log = run.changes.journal
  local text = doubt.text { method = run.act.method, bot = run.session:name(), at = run.at, came = came,
    reason = (res or err) and botapi.reason(res, err), res = res, err = err, again = "run the same command again",
    go_on = "`botapi migrate --settle --to S`" }
  return ("%s\nExit %d. %s"):format(text, outcomes.exits.unknown,
    log and "Noted in " .. texts.path(log.path) or "Not noted: there is no journal.")
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
      .. "again.\nIf the bot already runs elsewhere, `botapi migrate --settle --to S` asks\nthere, and takes your "
      .. "word that it has left.\nTo repeat the request all the same, use --force."):format(minute(run.at)) }
end

-- The journal ---------------------------------------------------------------------------

-- What helps where it can't be opened.
local function advice(bot, path, errno)
  local fix, elsewhere = machine.step(errno), place.elsewhere(bot, path, errno)
  if fix and elsewhere then return fix .. " Or " .. elsewhere .. "." end
  if elsewhere then return elsewhere:gsub("^%l", string.upper) .. "." end
  return fix or "End the other run, or repair the file, and repeat."
end

-- Opened to write, or only read for -n. Without a home there is none.
local function open_journal(run)
  local self = run.session
  local path, why = journal.path(self.bot.id)
  if not path then return self.out:note("Note: there is no journal: " .. why .. ".") end
  local log, message, errno = (self.parsed.dry_run and journal.read or journal.open)(path)
  if not log then
    return self:finish { outcome = "not_sent", reason = "journal",
      failed = ("the journal can't be used: %s.\nNothing was sent. %s"):format(message,
        advice(self.bot.id, path, errno)) }
  end
  run.changes.journal = log
end

-- Checking --------------------------------------------------------------------------------

-- The bot has gone before: that is what was wanted.
local function already(run, res)
  local self, log = run.session, run.changes.journal
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

-- Ends the command where --confirm names another bot.
local function check_name(run)
  local self = run.session
  if self:is_meant(self.parsed.confirm) then return nil end
  return self:finish { outcome = "cancelled", exit = outcomes.exits.usage, reason = "confirmation",
    failed = self:another_bot() }
end

local function ask(run, res)
  local self = run.session
  if self.parsed.dry_run then
    return self:finish { outcome = "done", response = res,
      text = plan(run) .. "\n\nIt can be done. Nothing was changed." }
  end
  self.out:say(plan(run) .. "\n")
  if self:agrees(run.act.purpose, self.server.is_loopback) then return nil end
  return self:finish { outcome = "cancelled", reason = "declined" }
end

-- getMe; and, for the plan, getWebhookInfo. Returns the exit code of a command that ends here.
local function check(run)
  local self = run.session
  local res, err = self.client:get_me()
  if not (res and res.ok) then return check_failed(run, res, err) end
  self:note_bot(res)
  local ended = self.parsed.confirm and check_name(run)
  if ended then return ended end
  res, err = self.client:get_webhook_info()
  if not (res and res.ok) then return check_failed(run, res, err) end
  run.info = res.result
  if not self.parsed.confirm then return ask(run, res) end
  self.out:note(plan(run) .. "\n")
end

-- Acting --------------------------------------------------------------------------------

-- What is printed at the end, by outcome.
local endings = {}

function endings.done(run) return run.act.text(run.session, run.at, run.info) end

function endings.already(run) return run.act.already(run.session) end

function endings.unknown(run, res, err)
  return nil, unknown(run, outcomes.what_came(res, err, session.line(res, err)), res, err)
end

function endings.later(run, res, err) return nil, "not now: " .. not_done(run) .. session.explained(res, err) end

function endings.not_sent(_, res, err) return nil, "nothing was sent: " .. session.explained(res, err) end

function endings.refused(run, res, err) return nil, not_done(run) .. session.explained(res, err) end

-- What has changed though the rest failed.
local function what_is_off(run)
  if not run.taken_off then return "" end
  return "\nIts webhook" .. (run.taken_off == true and ", if it had one," or " " .. texts.said(run.taken_off))
    .. " was taken off: set it again, if the bot stays here."
end

local function finish(run, outcome, res, err)
  run.at = os.time()
  local sent = outcomes.sent(res, err)
  if outcome == "unknown" and sent == "no" then sent = "maybe" end
  local text, failed = (endings[outcome] or endings.not_sent)(run, res, err)
  return run.session:finish { outcome = outcome, sent = sent, reason = botapi.reason(res, err), response = res,
    retry_after = outcomes.retry_after(res, err), text = text, failed = failed and failed .. what_is_off(run) }
end

-- Ctrl-C while the request was under way.
local function finish_stopped(run, interruption)
  local outcome, request = run.changes:abandon(interruption)
  if request and not outcomes.leaves(request.method) then
    return run.session:stopped(outcome ~= "not_sent" and "stopped: the webhook is off, or may be. "
      .. run.session:name() .. " was not " .. run.act.done .. ".")
  end
  if outcomes.is_done(outcome) then
    return run.session:finish { outcome = outcome, sent = "yes", text = endings[outcome](run) }
  end
  return run.session:stopped((outcome == "unknown" or run.earlier) and unknown(run, outcomes.STOPPED))
end

-- What has to be gone first: the exit code of a command that ends here.
local function prepare(run)
  if not run.session.parsed.delete_webhook or run.earlier then return nil end
  local outcome, res, err = run.changes:send(run.session.client, "deleteWebhook")
  if outcome ~= "done" then return run.session:finish_failed("the webhook was not taken off: ", res, err) end
  run.taken_off = run.info.url ~= "" and (run.info.url or true)
  run.info.url = ""
end

local function send(run)
  local self, method = run.session, run.act.method
  local ended = prepare(run)
  if ended then return ended end
  run.at, self.attempts = os.time(), 0
  local policy = { may_have_left = run.earlier and method == "logOut" or nil }
  return finish(run, run.changes:send(self.client, method, nil, policy, { username = self.bot.username }))
end

local function act_now(run)
  return session.guard(function(interruption) return finish_stopped(run, interruption) end, send, run)
end

-- The journal knows that the bot has left by the same request.
local function gone(run, departure)
  local self, method = run.session, run.act.method
  self.bot.username = departure.username
  local ended = self.parsed.confirm and check_name(run)
  if ended then return ended end
  return self:finish { outcome = "already", sent = "no", reason = methods[method:lower()].already,
    text = ("%s\nNothing was sent: the journal says that this was done %s. If a program\nhas called the server since, "
      .. "use --force, which sends %s again."):format(run.act.already(self), texts.ago(departure.age), method) }
end

-- All of it -----------------------------------------------------------------------------

-- An attempt that was never answered: only the same request is sent again.
local function settle(run, unanswered)
  local self = run.session
  run.earlier, run.at = unanswered, unanswered.at
  self.bot.username = unanswered.username
  if self.parsed.dry_run then return pending(run) end
  local ended = self.parsed.confirm and self.bot.username and check_name(run)
  if ended then return ended end
  if not outcomes.is_fresh(unanswered.at) and not self.parsed.force then return too_old(run) end
  self.out:note(("The %s of %s was never answered: only it is sent again."):format(run.act.method, clock(run.at)))
  return act_now(run)
end

local function proceed(run)
  local self = run.session
  local departure, unanswered = self:past_of(run.changes.journal)
  local ended = self:refuse_damage(run.changes.journal, departure)
  if ended then return ended end
  if unanswered and unanswered.method == run.act.method then return settle(run, unanswered) end
  local is_gone = departure and not unanswered and departure.method == run.act.method
  if is_gone and not self.parsed.force then return gone(run, departure) end
  ended = self:refuse(departure, unanswered)
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
  ---@type botapi.cli.Leaving
  local run = session.state { session = self, act = act, changes = changes, at = os.time(), earlier = false, info = {},
    taken_off = false }
  local ended = open_journal(run)
  if ended then return ended end
  local ok, exit = pcall(proceed, run)
  if changes.journal then changes.journal:close() end
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
