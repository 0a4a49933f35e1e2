-- SPDX-License-Identifier: MIT
-- Owns the counts of a fleet and what they amount to: the report, its exit code, the table for people.

local outcomes = require "botapi.outcome"
local readable = require "botapi.readable"
local texts = require "botapi.text"

local exits = outcomes.exits

local tally = {}

--- Counts of nothing yet.
-- @treturn botapi.fleet.Counts
function tally.new()
  local counts = { total = 0, ok = 0, failed = 0, skipped = 0, by_outcome = {}, by_reason = {}, earlier = {},
    stopped = false }
  for _, outcome in ipairs(outcomes.list) do counts.by_outcome[outcome.name] = 0 end
  return counts
end

--- Counts a bot.
function tally.add(counts, result)
  counts.total = counts.total + 1
  counts.by_outcome[result.outcome] = counts.by_outcome[result.outcome] + 1
  if outcomes.is_done(result.outcome) then
    counts.ok = counts.ok + 1
  else
    counts.failed = counts.failed + 1
    local reason = result.reason or result.outcome
    counts.by_reason[reason] = (counts.by_reason[reason] or 0) + 1
  end
end

--- Counts a bot whose outcome an earlier run has recorded.
function tally.skip(counts, outcome)
  counts.total, counts.skipped = counts.total + 1, counts.skipped + 1
  counts.earlier[outcome] = (counts.earlier[outcome] or 0) + 1
end

-- Where none was done and none refused, the worst of these.
local worst = { "later", "not_sent", "cancelled" }

--- The exit code: 4 when the outcome of a bot is unknown, 6 when some were done and others not.
function tally.exit(counts)
  local by, earlier = counts.by_outcome, counts.earlier
  local refused = by.refused + (earlier.refused or 0)
  local done = counts.ok + (earlier.done or 0) + (earlier.already or 0)
  if by.unknown > 0 then return exits.unknown end
  if counts.failed == 0 and refused == 0 and not counts.stopped then return exits.done end
  if done > 0 or by.partly > 0 then return exits.partly end
  if refused > 0 then return exits.refused end
  for _, name in ipairs(worst) do
    if by[name] > 0 then return exits[name] end
  end
  return exits.not_sent
end

local function sorted(map)
  local names = {}
  for name in pairs(map) do names[#names + 1] = name end
  table.sort(names, function(a, b) return map[a] > map[b] or map[a] == map[b] and a < b end)
  return names
end

-- The summary that people read: by outcome, and what failed by reason.
local function summary(report)
  local lines = {}
  local function add(n, text) lines[#lines + 1] = ("%9d  %s"):format(n, text) end
  for _, outcome in ipairs(outcomes.list) do
    local n = report.by_outcome[outcome.name]
    if n > 0 then add(n, outcome.text) end
  end
  if report.skipped > 0 then add(report.skipped, "settled by an earlier run") end
  if report.failed > 0 then
    lines[#lines + 1] = "Not done, by reason"
    for _, reason in ipairs(sorted(report.by_reason)) do add(report.by_reason[reason], reason) end
  end
  lines[#lines + 1] = ("%s in %s, %.1f a second, %s"):format(texts.counted(report.total, "bot"),
    texts.duration(report.seconds), report.rate, texts.counted(report.requests, "request"))
  if report.message then lines[#lines + 1] = "Stopped: " .. report.message end
  return table.concat(lines, "\n")
end

--- The report at the end of a fleet.
-- @tparam botapi.fleet.Counts counts
-- @number seconds how long it took
-- @int requests
-- @tparam ?string message why it ended early
-- @treturn table
function tally.report(counts, seconds, requests, message)
  local report = {}
  for name, value in pairs(counts) do report[name] = value end
  report.seconds, report.requests = seconds, requests
  report.rate = seconds > 0 and (report.total - report.skipped) / seconds or 0
  report.stopped, report.message = counts.stopped or nil, message
  report.exit = tally.exit(counts)
  report.ok = report.exit == 0
  report.text = summary(report)
  return readable.report(report, "by_outcome", "by_reason", "earlier")
end

return tally
