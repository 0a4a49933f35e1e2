-- SPDX-License-Identifier: MIT
-- Owns the command `botapi fleet`: the list of bots, the plan, the question, progress, the end.

local botapi = require "botapi"
local document = require "botapi.cli.document"
local drain = require "botapi.cli.drain"
local estimate = require "botapi.fleet.estimate"
local facts = require "botapi.facts"
local json = require "botapi.json"
local ledger = require "botapi.fleet.ledger"
local monotonic = require "botapi.core".host.monotonic
local options = require "botapi.cli.options"
local outcomes = require "botapi.outcome"
local policy = require "botapi.policy"
local read_options = require "botapi.fleet.options".read
local session = require "botapi.cli.session"
local source = require "botapi.fleet.source"
local tally = require "botapi.fleet.tally"
local terminal = require "botapi.cli.terminal"
local texts = require "botapi.text"
local token = require "botapi.cli.token"

local command = {}

local exits, null = outcomes.exits, json.null
local CONTINUE = "Run the same command to continue with the other bots."
local FRONTS = " answered by no Bot API server:\ncorrect its address, or what stands in front of it, before you run "
  .. "this again."
local MOVE_DIRECTORIES = "move %s (ID:*) into that of the new server,\nthen run the same "
  .. "command with --continue."
local DRAWN = 0.1               -- seconds between two drawings of the line
local HEARTBEAT = policy.defaults.heartbeat     -- and between two lines of a log
local defaults = read_options({}, {})

-- Options -------------------------------------------------------------------------------

function command.describe(parser)
  parser:summary "Log out, close or move thousands of bots."
  parser:description("Does one thing with each bot whose token is in FILE, one on each line: many at once, each once. "
    .. "A line that begins with { is a JSON object: token, and where this bot needs them server, webhook, "
    .. "secret_token, certificate (a path). "
    .. "When it is killed and started again, it continues. A bot that fails never stops the others.")
  parser:epilog "Example: botapi fleet logout tokens --server telegram --concurrency 50 --yes"
  parser:argument("action", "What to do."):choices { "logout", "close", "migrate" }
  parser:argument("file", "The list of bots (-: standard input)."):argname "FILE"
  options.add_server(parser)
  options.add_as(parser)
  options.add_sides(parser, "With migrate: the old server.", "With migrate: the new server.")
  parser:option("--webhook", "With migrate, on the new server: keep or none."):choices { "keep", "none" }
  parser:flag("--close", "With migrate between two local servers: close, don't log out.")
  parser:flag("--continue", "With --close: the directories of the bots that were closed before are in their new place.")
    :target "continue_move"
  parser:option("--drain", "With migrate: take the updates that wait on the old server; append them to FILE, as JSON "
    .. "Lines, each with its bot."):argname "FILE"
  parser:flag("--accept-loss", "With migrate: updates that wait may be lost.")
  parser:option("--journal", "File that records what was done, so that it is never done twice (FILE.journal).")
    :argname "F"
  parser:option("--shard", "Take one of N parts of the list, for N machines that share it: each bot is in one part.")
    :argname "I/N"
  parser:option("--concurrency", ("How many bots to process at the same time (%d)."):format(defaults.concurrency))
    :argname "N":convert(options.number)
  parser:option("--rate", "Most requests a second."):argname "N":convert(options.number)
  parser:option("--max-failures", "Start no more bots after N failures."):argname "N":convert(options.number)
  parser:flag("--again", "Ask bots again that were refused in an earlier run.")
  parser:flag("--force", "Also ask bots whose last attempt was never answered and is over 10 minutes old.")
  parser:flag("-y --yes", "Don't ask.")
  parser:flag("-n --dry-run", "Only count, estimate, and check that the server is there.")
  options.add_retries(parser, policy.of_fleets)
  options.add_common(parser, options.sides)
end

local SHOWN = 20                -- lines that can't be used

local function open_list(run)
  local path, file, why = run.session.parsed.file, io.stdin, nil
  if path ~= "-" then file, why = io.open(path, "r") end
  if file and path ~= "-" then why = select(2, file:read(0)) end  -- a directory can be opened
  if why then return "the list can't be read: " .. path .. ": " .. why:gsub("^.*: ", "") end
  run.list = source.new(file)
  -- not beside a pipe such as <(COMMAND)
  if path ~= "-" and not run.list.is_kept and not path:find "^/dev/" then
    local of = run.settings.shard
    run.journal = run.journal or ("%s%s.journal"):format(path, of and (".%d-of-%d"):format(of.i, of.n) or "")
  end
end

-- `tokens: 2 of 5 lines are bots`; the others are empty, comments, or can't be used.
local function list_text(run)
  local path = run.session.parsed.file
  return ("%s: %d of %s %s"):format(path == "-" and "standard input" or texts.said(path), run.all,
    texts.counted(run.lines, "line"), run.all == 1 and "is a bot" or "are bots")
end

-- Before anything is sent: which lines can't be used.
local function check_list(run)
  local wrong
  run.count, run.all, wrong, run.lines = run.list:check(run.settings)
  local warning = run.all > 0 and token.warning(run.session.parsed.file, "tokens")
  if warning then run.session.out:note(warning) end
  if not wrong[1] then return nil end
  local lines = { ("%s can't be used, so nothing was sent (%s):"):format(texts.counted(#wrong, "line"),
    list_text(run)) }
  for i = 1, math.min(#wrong, SHOWN) do
    lines[i + 1] = ("  line %d: %s"):format(wrong[i].line, texts.said(wrong[i].text))
  end
  if #wrong > SHOWN then lines[SHOWN + 2] = ("  and %d more"):format(#wrong - SHOWN) end
  return table.concat(lines, "\n")
end

local function read_side(run, name)
  local parsed = run.session.parsed
  if not parsed[name] then return nil, ("fleet %s needs --%s S"):format(run.action, name) end
  return options.read_server(parsed[name], parsed, name ~= "server" and name or nil)
end

local function read_move(run)
  local parsed, given = run.session.parsed, run.options
  local from, no_from = read_side(run, "from")
  local to, no_to = read_side(run, "to")
  if no_from or no_to then return no_from or no_to end
  run.to = to
  run.session.server = from
  given.from, given.to = options.side(from, parsed.from_as), options.side(to, parsed.to_as)
  given.how = parsed.close and "close" or "logout"
  given.accept_loss, given.continue = parsed.accept_loss or nil, parsed.continue_move or nil
  if parsed.continue_move and not parsed.close then return "--continue is for --close" end
  local write, wrong = drain.option(parsed)
  if wrong then return wrong end
  -- one file for the updates of all bots: each line says whose it is
  given.drain = write and function(update, left, bot, text)
    return write(json.object("bot", tonumber(bot), "update", update), left,
      text and ('{"bot":%s,"update":%s}'):format(bot, text))
  end
  if parsed.webhook then given.webhook = parsed.webhook == "keep" and "keep" or false end
end

local function read_calls(run)
  local parsed = run.session.parsed
  local of_move = options.given_for_one_side(parsed)
  for _, name in ipairs { "from", "to", "webhook", "close", "continue_move", "accept_loss", "drain" } do
    of_move = parsed[name] and name or of_move
  end
  if of_move then return ("--%s is for fleet migrate"):format((of_move:gsub("_move", ""):gsub("_", "-"))) end
  local server, why = read_side(run, "server")
  if not server then return why end
  run.session.server = server
  for name, value in pairs(server.options) do run.options[name] = value end
end

-- Reads all: why the fleet can't begin.
local function prepare(run)
  local parsed, given = run.session.parsed, run.options
  for _, name in ipairs { "action", "concurrency", "rate", "max_failures", "again", "force", "retries", "max_wait",
    "shard" } do
    given[name] = parsed[name]
  end
  local wrong = (run.action == "migrate" and read_move or read_calls)(run)
  if wrong then return wrong end
  if not (parsed.yes or parsed.dry_run or terminal.can_ask()) then
    return "fleet asks before it changes anything; add --yes"
  end
  local settings
  settings, wrong = read_options({}, given)
  if not settings then return wrong end
  run.settings, run.journal = settings, parsed.journal or false
  wrong = open_list(run) or check_list(run)
  given.journal, given.count = run.journal or nil, run.count or nil
  return wrong
end

-- The plan ------------------------------------------------------------------------------

-- What is said of each action; the third of logout only for the cloud.
local acts = {
  logout = { "Log out", "erases   each bot's webhook and the updates that wait there, unread",
    "closes   the cloud to each bot for about 10 minutes" },
  close = { "Close", "closes   each bot there; its webhook and its updates stay in its directory" },
  migrate = { "Move", "moves    each bot as botapi migrate does; a loss that isn't accepted stops that bot" },
}
local CLOSING = "then     you move their directories, and --continue goes on with those bots"
local CONTINUING = "goes on  with those that were closed before: their directories are in their new place"

-- `Log out 300 bots`: those that are left.
local function purpose(run) return ("%s %s"):format(acts[run.action][1], texts.counted(run.left, "bot")) end

local function journal_text(run)
  if not run.journal then return "none: an interrupted fleet can't continue" end
  if not run.settled then return run.journal end
  return ("%s: %d settled by an earlier run, %d left"):format(run.journal, run.settled, run.left)
end

local function plan(run)
  local self, act = run.session, acts[run.action]
  local lines, of = { purpose(run) }, run.settings.shard
  local function add(name, text) lines[#lines + 1] = ("  %-8s %s"):format(name, text) end
  add("list", list_text(run))
  add(run.to and "from" or "server", self.server.title)
  if run.to then add("to", run.to.title) end
  if of then add("shard", ("%s of a list of %s"):format(of.text, texts.counted(run.all, "bot"))) end
  add("journal", journal_text(run))
  if run.left > 0 then add("time", estimate(run.left, run.settings, self.server).text:gsub("^%d+ bots?: ", "")) end
  lines[#lines + 1] = "\n  " .. act[2]
  if self.server.kind == "cloud" and act[3] then lines[#lines + 1] = "  " .. act[3] end
  if self.parsed.close then lines[#lines + 1] = "  " .. (self.parsed.continue_move and CONTINUING or CLOSING) end
  lines[#lines + 1] = "Stop every program that uses these tokens first."
  return terminal.painted(table.concat(lines, "\n"))
end

-- Nothing is asked where no bot is left: nothing is going to be sent.
local function agreed(run)
  local out, what = run.session.out, purpose(run):gsub("^%u", string.lower)
  if run.left == 0 then
    out:note(plan(run))
    return true
  end
  out:say(plan(run))
  local answer = out:ask(("\nTo %s, type %d: "):format(what, run.left))
  answer = (answer or ""):match "^%s*(.-)%s*$"
  if answer == tostring(run.left) then return true end
  out:say(answer == "" and "Nothing was sent." or session.mistyped(answer, what, "the number of bots", run.left))
  return false
end

-- Counts the bots that an earlier run has settled, if there was one. Why the journal can't be used.
local function read_journal(run)
  local file = run.journal and io.open(run.journal)
  if not file then return nil end
  file:close()
  local log, why = ledger.open(ledger.of(run.settings, run.journal))
  if not log then return why end
  run.settled = run.list:count_settled(run.settings, log)
  run.left = run.count - run.settled
  run.options.count = run.left          -- of the estimate
  log:close()
end

local function plan_document(run)
  local self = run.session
  local time = estimate(run.left, run.settings, self.server)
  return json.encode(json.object("v", 1, "event", "plan", "command", "fleet", "action", run.action,
    "server", self.server.base, "to", run.to and run.to.base or null, "lines", run.lines, "bots", run.count,
    "shard", run.settings.shard and run.settings.shard.text or null, "journal", run.journal or null,
    "settled", run.settled or null, "left", run.left, "seconds", time.seconds or null,
    "limited_seconds", time.limited_seconds or null),
    { clean = self.clean })
end

-- Ends the command where a server isn't there.
local function probe(run, server)
  local res, err = botapi.probe(server.base, server.options)
  if res then return nil end
  return run.session:finish { outcome = "not_sent", reason = err.kind, failed = session.explained(nil, err) }
end

local function dry_run(run)
  local self = run.session
  local ended = probe(run, self.server) or run.to and probe(run, run.to)
  if ended then return ended end
  if self.parsed.json then
    self.out:document(plan_document(run))
  else
    self.out:result(plan(run) .. "\n\nNothing was changed.")
  end
  return exits.done
end

-- Progress ------------------------------------------------------------------------------

local function time_left(run, rate)
  if rate <= 0 then return "" end
  return "   about " .. texts.duration(math.max((run.count - run.counts.total) / rate, 0)) .. " left"
end

local function progress_line(run)
  local counts, seconds = run.counts, monotonic() - run.began
  local rate = seconds > 0 and (counts.total - counts.skipped) / seconds or 0
  local parts = { ("%d of %d  done %d"):format(counts.total, run.count,
    counts.ok + (counts.earlier.done or 0) + (counts.earlier.already or 0)) }
  for _, outcome in ipairs(outcomes.list) do
    local name = outcome.name
    local n = counts.by_outcome[name] + (name == "refused" and counts.earlier.refused or 0)
    if n > 0 and not outcome.is_done then parts[#parts + 1] = ("%s %d"):format(name, n) end
  end
  return ("%s   %.1f/s%s"):format(table.concat(parts, "  "), rate, time_left(run, rate))
end

local function show_progress(run, counts)
  run.counts = counts
  local out, now = run.session.out, monotonic()
  if now - run.shown_at < (out.redraws and DRAWN or HEARTBEAT) then return end
  run.shown_at = now
  if out.redraws then out:draw(progress_line(run)) else out:note(texts.clock() .. " " .. progress_line(run)) end
end

-- What the user of the command adds to the list where a check stopped a bot.
local hints = { secret = 'give "secret_token" in the list', certificate = 'give "certificate" in the list',
  updates = "--drain FILE takes them, --accept-loss gives them up",
  webhook = "--webhook, or \"webhook\" in the list, says what to set" }

-- What the server said, or what came in the place of that.
local function said_of(event)
  local res, err = event.res, event.err
  if res and res.ok and res.result or not (res or err) then return nil end
  return session.line(res, err) .. (err and err.location and "; it leads to " .. err.location or "")
end

local function bot_line(event)
  local said = event.message or said_of(event)
  if event.reason == "loss" and hints[event.check] then said = ("%s; %s"):format(said, hints[event.check]) end
  if event.reason == "move_directory" then said = ("closed; its directory is %s:*"):format(event.bot) end
  local name = event.bot and "bot " .. event.bot or "token " .. event.n
  local outcome = terminal.paint(event.reason == "loss" and "LOSS" or "FAIL", event.outcome)
  return ("%s: %s%s%s"):format(name, outcome, event.reason and " (" .. event.reason .. ")" or "",
    said and ": " .. said or "")
end

local function bot_document(run, event)
  return document.encode(json.object("v", 1, "event", "bot", "n", event.n,
    "bot", event.bot and json.object("id", tonumber(event.bot)) or null, "outcome", event.outcome,
    "sent", event.sent or "no", "reason", event.reason or null, "attempts", event.attempts), run.session.clean)
end

-- Events of botapi.fleet.
local see = {}

function see.estimate(run, event) run.session.out:note(event.text) end

function see.result(run, event)
  local out = run.session.out
  if not outcomes.is_done(event.outcome) then out:say(bot_line(event)) end
  if outcomes.is_front(event.err) then run.fronts = run.fronts + 1 end
  if run.session.parsed.json then out:document(bot_document(run, event)) end
  show_progress(run, event.progress)
end

function see.progress(run, event) show_progress(run, event.progress) end

function see.wait(run, event)
  run.session.out:step(("bot %s: next attempt in %.1f s (%s)"):format(event.bot, event.wait,
    event.reason or "it asked to wait"))
end

function see.slow(run, event)
  run.session.out:note(("%s several bots got a 429: all wait %.0f s, then at most %.2f a second"):format(texts.clock(),
    event.wait, event.rate or 0))
end

function see.interrupted(run, event) run.counts, run.interrupted = event.progress, event end

-- The end -----------------------------------------------------------------------------------

local function print_document(run, counts, exit)
  if not run.session.parsed.json then return end
  local by_outcome = {}
  for name, n in pairs(counts.by_outcome) do by_outcome[name] = n > 0 and n or nil end
  run.session.out:document(document.encode(json.object("v", 1, "event", "report", "command", "fleet",
    "action", run.action, "outcome", outcomes.of_exit(exit), "server", run.session.server.base, "bots", counts.total,
    "skipped", counts.skipped, "by_outcome", by_outcome, "by_reason", counts.by_reason,
    "requests", counts.requests or null, "exit", exit), run.session.clean))
end

-- `1 bot was`, `2 bots were`.
local function bots_were(n) return texts.counted(n, "bot") .. (n == 1 and " was" or " were") end

-- What the same command would do.
local function show_next(run, report)
  local out, by, closed = run.session.out, report.by_outcome, report.by_reason.move_directory or 0
  if closed > 0 then
    local what = closed == 1 and "its directory" or "their directories"
    out:note(bots_were(closed) .. " closed: " .. MOVE_DIRECTORIES:format(what))
  end
  if not run.journal or report.stopped == "journal" then return end
  if run.fronts > 0 then out:note(bots_were(run.fronts) .. FRONTS) end
  if report.stopped or by.not_sent + by.later + by.unknown + by.partly - closed + by.cancelled > run.fronts then
    out:note(CONTINUE)
  end
  local refused = by.refused + (report.earlier.refused or 0)
  if refused > 0 then
    out:note(("%s refused; --again asks again."):format(bots_were(refused)))
  end
end

local function finish(run, report)
  local self = run.session
  self.out:clear()
  print_document(run, report, report.exit)
  if not self.parsed.json then
    self.out:result(report.text)
  elseif report.exit ~= exits.done then
    self.out:say(report.text)
  end
  show_next(run, report)
  return report.exit
end

-- The exit code of a fleet that Ctrl-C ended, and what is said of the bots in hand. Without its event nobody knows.
local function exit_of(interrupted)
  if not interrupted then return exits.unknown, "some others may have been asked" end
  local n = interrupted.in_hand
  if n > 0 then return exits.unknown, ("%d more may have been asked"):format(n) end
  if interrupted.sent == 0 then return exits.cancelled, "nothing was sent" end
  local exit = tally.exit(interrupted.progress)
  return exit == exits.not_sent and exits.partly or exit, "no request is without an answer"
end

-- Ctrl-C.
local function stopped(run)
  local exit, said = exit_of(run.interrupted)
  local next_step = run.journal and CONTINUE or "Without a journal nothing tells which."
  if run.journal and exit == exits.unknown then
    next_step = ("Run the same command before %s: it settles those, and continues."):format(
      texts.minute(os.time() + facts.CONVERGES))
  end
  run.session.out:fail(("stopped: %s finished, %s.%s"):format(texts.counted(run.counts.total, "bot"), said,
    exit == exits.cancelled and "" or "\n" .. next_step))
  print_document(run, run.counts, exit)
  return exit
end

-- All of it -----------------------------------------------------------------------------------

local function perform(self)
  ---@type botapi.cli.Fleet
  local run = session.state { session = self, options = {}, settings = defaults, action = self.parsed.action,
    to = false, list = false, count = 0, settled = false, left = 0, all = 0, lines = 0, journal = false,
    counts = tally.new(), interrupted = false, fronts = 0, began = monotonic(), shown_at = monotonic() }
  local wrong = prepare(run)
  if wrong then return self:misused(wrong) end
  run.left = run.count
  local why = read_journal(run)
  if why and not self.parsed.yes then return self:finish { outcome = "not_sent", reason = "journal", failed = why } end
  if self.parsed.dry_run then return dry_run(run) end
  if not self.parsed.yes and not agreed(run) then return exits.cancelled end
  run.began, run.shown_at = monotonic(), monotonic()
  run.options.on_event = function(event)
    if see[event.type] then see[event.type](run, event) end
  end
  return session.guard(function() return stopped(run) end, function()
    return finish(run, botapi.fleet(run.list:bots(), run.options))
  end)
end

function command.run(parsed) return session.run("fleet", parsed, perform) end

return command
