-- SPDX-License-Identifier: MIT
-- Owns the text of a move's end: what a person reads of the report. From its table alone.

local facts = require "botapi.facts"
local outcomes = require "botapi.outcome"
local text = require "botapi.migrate.text"
local texts = require "botapi.text"

local clock, minute, duration, filled = texts.clock, texts.minute, texts.duration, texts.filled

-- Each of these gets the report; `say`, which fills in a template and wraps it; and the words of who shows the text. It
-- returns lines, `false` for none, and true where the plan is among them, which has the warnings already.
local render = {}

local function sentence(template, values)
  return (template:gsub("{(%a+)}", values))
end

local function why(report)
  return filled(report.message or report.reason or "no reason is known", "  ")
end

-- It moved --------------------------------------------------------------------------

local function requests_line(requests)
  local list = {}
  for i, method in ipairs(requests.order) do list[i] = method .. " " .. requests.by_method[method] end
  local head = ("%d, %s repeated"):format(requests.total, requests.repeated == 0 and "none" or requests.repeated)
  return #list > 0 and head .. ": " .. table.concat(list, ", ") or head
end

local function left_line(report)
  local line = report.from.name .. (report.left_at and " at " .. clock(report.left_at) or "")
  return report.back_at and line .. "; it takes the bot back from about " .. minute(report.back_at) or line
end

function render.done(report, say, words)
  if report.cause == "dry_run" then
    return { text.plan(report.plan, words) .. "\n\nIt can be done. Nothing was changed.",
      report.requests.by_method.getMe and say "(getMe has logged the bot in on {from}, if it wasn't.)" or false }, true
  end
  local webhook = report.webhook
  local out = { say("Moved: {bot} runs on {to} ", true) .. ("(%.0f s)."):format(report.seconds) }
  local function add(name, value) out[#out + 1] = ("  %-10s %s"):format(name, value) end
  add("left", left_line(report))
  if webhook then
    local state = webhook.read_back and "set and read back" or webhook.set and "set" or "not set"
    add("webhook", webhook.url .. ", " .. state)
  end
  for i = webhook and webhook.set and 2 or 1, #report.kept do add("kept", report.kept[i]) end
  for _, lost in ipairs(report.lost) do add("lost", lost) end
  add("requests", requests_line(report.requests))
  out[#out + 1] = "Next"
  for i = 2, #report.by_hand do out[#out + 1] = filled(report.by_hand[i], "  ") end
  return out
end

function render.already(_, say)
  return { say("Already moved: {bot} has left {from} and runs on {to}. No server was asked: a call to the old one "
    .. "would log the bot in there again.") }
end

-- It didn't ------------------------------------------------------------------------

-- The plan and what is wrong with it, where no step had begun; else why the bot stays.
local function unmoved(report, say, words)
  local advice = report.explanation and filled(report.explanation, "") or false
  if report.plan.text and not report.step then
    local is_explained = (report.message or report.reason) ~= nil
    return { text.plan(report.plan, words), is_explained and why(report), is_explained and advice }, true
  end
  local stays = report.put_back and "The webhook is set again. The bot is still on {from}."
    or report.step and "Nothing was changed: the bot is still on {from}." or "Nothing was sent."
  local is_early = report.status == "refused" and not report.step
  local head = is_early and "Not moved: {bot}" or "Not moved: {bot} stays on {from}:"
  return { say(head, true), why(report), advice,
    say(stays, true), report.step and say "Before the next try {stop}." or false }
end

render.refused, render.not_sent = unmoved, unmoved

function render.later(report, say)
  return { say "Not moved yet: {from} asks for a wait.", why(report), "Nothing was changed."
    .. (report.retry_after and (" Run the same command again in %s."):format(duration(report.retry_after)) or ""),
    say "Before the next try {stop}." }
end

function render.cancelled(report, say)
  if report.cause == "declined" then return { "Not confirmed. Nothing was sent that changes anything." } end
  if report.cause == "interrupted" then
    local put_back = report.put_back and ", its webhook is set again" or ""
    return { say("stopped; sent: no. {bot} is still on {from}" .. put_back .. "; the same command starts again.") }
  end
  return { "Stopped before anything was changed.", why(report) }
end

-- The bot has left ------------------------------------------------------------------

function render.move_directory(_, say)
  return { say("Halfway: {bot} is closed on {from}.\nMove its directory (its name begins with {id}) to\n"
    .. "{to}'s working directory, then\n{continue}: it goes on at step {step}.", true),
    say "Until then, don't call {from} with this token: that would open the bot there again." }
end

-- Causes of a lasting refusal by a local server, which are not the bot's fault.
local local_causes = {
  unauthorized = "Look there: a server with a wrong --api-id or --api-hash says this to every token.",
  misdirected = "Look there: its --filter leaves this bot out.",
}

local BY_HAND = "do the rest by hand: without a journal the same command would ask the old server again."

-- Ended by Ctrl-C or by an error of the caller's.
local function stopped(report, say)
  local is_interrupted = report.cause == "interrupted"
  local head = is_interrupted and "stopped (sent: yes): {bot} has left {from}."
    or "Halfway: {bot} has left {from}, then:"
  local rest = report.resumable and "Run the same command: it goes on from there." or "Now " .. BY_HAND
  return { say(head, true), not is_interrupted and why(report), say(rest .. " Don't call {from} with this token.") }
end

function render.partly(report, say)
  if report.cause == "not_put_back" then
    return { say("Not moved: {bot} is still on {from}, but without its webhook:", true), why(report),
      "Run the same command again: it knows the webhook from the journal." }
  elseif report.cause == "interrupted" or report.cause == "raised" then
    return stopped(report, say)
  end
  local missing = report.failed == "read_back" and "was set and couldn't be read back" or "is not set"
  local head, waits = "runs on\n{to}, but its webhook " .. missing, "Updates wait on the new server; none are lost."
  if not report.arrived then
    head, waits = "isn't known to run on\n{to} yet", "Its updates wait at Telegram."
  end
  local cause = not report.arrived and report.to.kind == "local" and local_causes[report.reason]
  return { say("Partly moved: {bot} has left {from} and " .. head .. ":", true), why(report),
    cause and filled(cause, "") or false, say(waits .. " Fix it" .. (report.resumable
      and ", then run the same command: it goes on at step {step}." or " and " .. BY_HAND)) }
end

-- The bot may have left -------------------------------------------------------------

local UNKNOWN = [[
it is not known whether {bot} was {done}
  The request left at {at}. {came}
  Either the server never got it, or it did it and the answer was lost.

{again}; {proof} or true settles it.
  Don't    start the bot elsewhere before that, and don't call getMe to
           look: if it is out, that may log it in again.]]

-- With a journal, the same move only sends it again; without, it would look first.
local REPEAT = "  Do       run the same command again before %s. It asks the same\n           server"
local REPEAT_ALONE = "  Do       send the same request alone, before %s. Not this move, which\n"
  .. "           would look first"

local function in_doubt(report, words)
  local at, is_close = report.tried_at or report.at, report.how == "close"
  local came = report.cause == "interrupted" and outcomes.STOPPED
    or outcomes.what_came(report.answer, report.error, report.message)
  return { sentence(UNKNOWN, { bot = texts.name_of(report.bot), done = is_close and "closed" or "logged out",
    at = clock(at), came = came, proof = is_close and '"already been closed"' or '"Logged out"',
    again = (report.resumable and REPEAT or REPEAT_ALONE):format(minute(at + facts.CONVERGES)) }),
    report.journal and words.noted .. texts.path(report.journal) or "Not noted: there is no journal." }
end

function render.unknown(report, say, words)
  if report.cause == "too_old" then
    return { say("The request of {tried} was never answered, and is too old for a repeat to prove anything: a repeat "
      .. "now may log the bot in here and out again. If the bot already runs elsewhere, {settle}; to log out here in "
      .. "any case: {force}.") }
  elseif report.cause == "not_settled" then
    return { say("Not settled: {to} doesn't answer as {bot}:", true), why(report), say("So it is still not known "
      .. "whether the bot left {from}; nothing was sent there. If it runs elsewhere, name that server; to log out "
      .. "here in any case: {force}.") }
  elseif report.in_doubt then
    return in_doubt(report, words)
  end
  local out, has_plan = unmoved(report, say, words)
  if has_plan then table.insert(out, "It was only looked at: the same command starts again.") end
  return out, has_plan
end

--- The report, as a person reads it at the end.
-- @tparam table report
-- @tparam ?table words instead of those of botapi.migrate.text
-- @treturn string
return function(report, words)
  words = words or text.words
  local values = { bot = texts.name_of(report.bot), from = report.from.name, to = report.to.name, step = report.step,
    id = report.bot.id, stop = report.by_hand[1], tried = report.tried_at and minute(report.tried_at),
    continue = words.continue, settle = words.settle, force = words.force }
  local function say(template, as_it_is)
    return as_it_is and sentence(template, values) or filled(sentence(template, values), "")
  end
  local out, has_plan = render[report.status](report, say, words)
  local lines = {}
  for _, line in ipairs(out) do lines[#lines + 1] = line or nil end
  for _, warning in ipairs(has_plan and {} or report.warnings) do
    lines[#lines + 1] = filled("Note: " .. warning .. ".", "")
  end
  return table.concat(lines, "\n")
end
