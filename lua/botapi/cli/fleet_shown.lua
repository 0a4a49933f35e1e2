-- SPDX-License-Identifier: MIT
-- Owns how a fleet is shown: a progress line, a line for each bot that isn't done, the summary, JSON lines.

local core = require "botapi.core"
local document = require "botapi.cli.document"
local facts = require "botapi.facts"
local json = require "botapi.json"
local outcomes = require "botapi.outcome"
local tally = require "botapi.fleet.tally"
local texts = require "botapi.text"

local exits = outcomes.exits
local monotonic = core.host.monotonic

local shown = {}
shown.__index = shown

local DRAWN = 0.1               -- seconds between two drawings of the line
local HEARTBEAT = require "botapi.policy".defaults.heartbeat        -- and between two lines of a log

--- A view of a fleet.
-- @tparam botapi.cli.session of its command
function shown.new(of)
  return setmetatable({ of = of, out = of.out, began = monotonic(), last = 0, logged = monotonic() }, shown)
end

-- Progress --------------------------------------------------------------------------------

local function left(self, counts, rate)
  local count = self.of.count
  if not count or rate <= 0 then return "" end
  local seconds = (count - counts.total) / rate
  return "   about " .. texts.duration(math.max(seconds, 0)) .. " left"
end

local function progress_line(self, counts)
  local seconds = monotonic() - self.began
  local rate = seconds > 0 and (counts.total - counts.skipped) / seconds or 0
  local parts = { ("%d%s  done %d"):format(counts.total, self.of.count and " of " .. self.of.count or "",
    counts.ok + (counts.earlier.done or 0) + (counts.earlier.already or 0)) }
  for _, outcome in ipairs(outcomes.list) do
    local name = outcome.name
    local n = counts.by_outcome[name] + (name == "refused" and counts.earlier.refused or 0)
    if n > 0 and not outcome.is_done then parts[#parts + 1] = ("%s %d"):format(name, n) end
  end
  return ("%s   %.1f/s%s"):format(table.concat(parts, "  "), rate, left(self, counts, rate))
end

local function show_progress(self, counts)
  local now = monotonic()
  if self.out.redraws then
    if now - self.last < DRAWN then return end
    self.last = now
    self.out:draw(progress_line(self, counts))
  elseif now - self.logged >= HEARTBEAT then
    self.logged = now
    self.out:note(texts.clock() .. " " .. progress_line(self, counts))
  end
end

-- Events ----------------------------------------------------------------------------------

local function line_of(self, event)
  local line = self.of.lines[event.n]
  self.of.lines[event.n] = nil
  return line and ("line %d"):format(line) or ("token %d"):format(event.n)
end

local function bot_line(self, event)
  local said = event.message
  if not said and (event.res or event.err) then
    local _, failure = require "botapi".check(event.res, event.err)
    said = failure and tostring(failure):gsub("^botapi: ", "")
  end
  return ("%s: %s%s%s"):format(event.bot and "bot " .. event.bot or line_of(self, event), event.outcome,
    event.reason and " (" .. event.reason .. ")" or "", said and ": " .. said or "")
end

local function bot_document(self, event)
  return document.encode(json.object("v", 1, "event", "bot", "n", event.n,
    "bot", event.bot and json.object("id", tonumber(event.bot)) or json.null, "outcome", event.outcome,
    "sent", event.sent or "no", "reason", event.reason or json.null, "attempts", event.attempts), self.of.clean)
end

local see = {}

function see.estimate(self, event)
  self.out:note(event.text)
end

function see.result(self, event)
  self.counts = event.progress
  if not outcomes.is_done(event.outcome) then self.out:say(bot_line(self, event)) end
  if self.of.parsed.json then self.out:document(bot_document(self, event)) end
  show_progress(self, event.progress)
end

function see.progress(self, event)
  show_progress(self, event.progress)
end

function see.wait(self, event)
  self.out:step(("bot %s: again in %.1f s (%s)"):format(event.bot, event.wait, event.reason or "it asked to wait"))
end

function see.slow(self, event)
  self.out:note(("%s several bots got a 429: all wait %.0f s, then at most %.2f a second"):format(texts.clock(),
    event.wait, event.rate or 0))
end

function see.interrupted(self, event)
  self.counts, self.ended = event.progress, event
end

--- Sees an event of botapi.fleet.
function shown:see(event)
  if see[event.type] then see[event.type](self, event) end
end

-- The end -----------------------------------------------------------------------------------

local function document_of(self, counts, exit)
  local by_outcome, by_reason = {}, {}
  for name, n in pairs(counts.by_outcome) do by_outcome[name] = n > 0 and n or nil end
  for name, n in pairs(counts.by_reason) do by_reason[name] = n end
  return document.encode(json.object("v", 1, "event", "report", "command", "fleet", "action", self.of.parsed.action,
    "outcome", outcomes.of_exit(exit), "server", self.of.side.base, "bots", counts.total, "skipped", counts.skipped,
    "by_outcome", by_outcome, "by_reason", by_reason, "requests", counts.requests or json.null, "exit", exit),
    self.of.clean)
end

--- Shows the report.
-- @treturn number the exit code
function shown:finish(report)
  self.out:clear()
  if self.of.parsed.json then
    self.out:document(document_of(self, report, report.exit))
    if report.exit ~= 0 then self.out:say(report.text) end
  else
    self.out:result(report.text)
  end
  local by = report.by_outcome
  if self.of.journal and report.stopped ~= "journal" then
    if report.stopped or by.not_sent + by.later + by.unknown + by.partly + by.cancelled > 0 then
      self.out:note "The same command goes on with those that are left."
    end
    local refused = by.refused + (report.earlier.refused or 0)
    if refused > 0 then
      self.out:note(("%s refused; --again asks once more."):format(texts.counted(refused, "bot") .. (refused == 1
        and " was" or " were")))
    end
  end
  return report.exit
end

-- The exit code of a fleet that Ctrl-C ended, and what is said of those in hand. Without an event of it nobody knows.
local function exit_of(ended)
  if not ended then return exits.unknown, "some that were in hand may have been asked" end
  if ended.in_hand > 0 then return exits.unknown, ("%d that were in hand may have been asked"):format(ended.in_hand) end
  if ended.sent == 0 then return exits.cancelled, "nothing was sent" end
  local exit = tally.exit(ended.progress)
  return exit == exits.not_sent and exits.partly or exit, "those in hand have an answer or weren't asked"
end

--- Ctrl-C: those in hand may have been asked.
-- @treturn number the exit code
function shown:stopped()
  local counts = self.counts or tally.new()
  local exit, said = exit_of(self.ended)
  local next_step = self.of.journal and "The same command goes on with those that are left."
    or "Without a journal nothing tells which."
  if exit == exits.unknown and self.of.journal then
    next_step = ("Run the same command before %s: it settles those, and goes on."):format(
      texts.minute(os.time() + facts.CONVERGES))
  end
  self.out:keep()
  self.out:fail(("stopped: %s told of, %s.%s"):format(texts.counted(counts.total, "bot"), said,
    exit == exits.cancelled and "" or "\n" .. next_step))
  if self.of.parsed.json then self.out:document(document_of(self, counts, exit)) end
  return exit
end

return shown
