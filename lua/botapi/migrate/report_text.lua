-- SPDX-License-Identifier: MIT
-- Owns the text of a move's end: what a person reads of the report. From its table alone.

local doubt = require "botapi.doubt"
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
  if report.plan.gone then return report.from.name .. ", which wasn't asked: it is gone" end
  local line = report.from.name .. (report.left_at and " at " .. clock(report.left_at) or "")
  return report.back_at and line .. "; it takes the bot back from about " .. minute(report.back_at) or line
end

function render.done(report, say, words)
  if report.cause == "dry_run" then
    return { text.plan(report.plan, words) .. "\n\nIt can be done. Nothing was changed.",
      report.requests.by_method.getMe and say "(getMe has logged the bot in on {from}, if it wasn't.)" or false }, true
  end
  local webhook = report.webhook
  local took = report.plan.resumed and "" or (" (%.0f s)"):format(report.seconds)        -- of earlier runs nobody knows
  local out = { say("Moved: {bot} runs on {to}", true) .. took .. "." }
  local function add(name, value) out[#out + 1] = ("  %-10s %s"):format(name, value) end
  add("left", left_line(report))
  if webhook then
    local state = webhook.read_back and "set and read back" or webhook.set and "set" or "not set"
    add("webhook", webhook.url .. ", " .. state)
  elseif report.webhook_there == false then
    add("webhook", "none on " .. report.to.name)
  end
  for i = webhook and webhook.read_back and 2 or 1, #report.kept do add("kept", report.kept[i]) end
  for _, lost in ipairs(report.lost) do add("lost", lost) end
  if report.waiting then add("waiting", texts.counted(report.waiting, "update") .. " on " .. report.to.name) end
  add("requests", requests_line(report.requests))
  out[#out + 1] = "Next"
  for i = 2, #report.by_hand do out[#out + 1] = filled(report.by_hand[i], "  ") end
  return out
end

function render.already(report, say)
  if not report.left_at then
    return { say("Already moved: {bot} runs on {to}. No server was asked: {from} was gone. If it comes back, log the "
      .. "bot out there.") }
  end
  return { say("Already moved: {bot} has left {from} and runs on {to}. No server was asked: a call to the old one "
    .. "would log the bot in there again.") }
end

-- It didn't ------------------------------------------------------------------------

local BEFORE = "Before you try again: {stop}."

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
    say(stays, true), report.step and say(BEFORE) or false }
end

render.refused, render.not_sent = unmoved, unmoved

function render.later(report, say, words)
  if report.check == "back" then
    return { text.plan(report.plan, words), say "Run the same command again in {wait}." }, true
  end
  return { say "Not moved yet: {from} asks for a wait.", why(report), "Nothing was changed."
    .. (report.retry_after and (" Run the same command again in %s."):format(duration(report.retry_after)) or ""),
    say(BEFORE) }
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

function render.move_directory(report, say)
  local head = report.plan.gone and "Halfway: {from} is gone." or "Halfway: {bot} is closed on {from}."
  return { say(head .. "\nMove its directory ({id}:*) to\n"
    .. "{to}'s working directory, then\n{continue}: it goes on at step {step}.", true),
    say("The directory's whole name is the token: while mv runs, the other users of the machine see it in the list of "
    .. "processes. Until the directory is moved, don't call {from} with this token: that would open the bot there "
    .. "again.") }
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

-- What is said of the webhook where its step failed.
local function unfinished(report)
  if report.failed == "read_back" then return "was set and couldn't be read back" end
  if report.failed == "look" then return report.webhook_there and "there couldn't be deleted" or "there isn't known" end
  return "is not set"
end

-- The webhook is set, and not as it was asked for.
local function differing(report, say)
  local out = { say "Partly moved: {bot} has left {from} and runs on {to}, but its webhook isn't set as asked:" }
  for _, difference in ipairs(report.webhook.differs) do out[#out + 1] = filled(difference, "  ") end
  out[#out + 1] = say("Updates already go to it. " .. (report.resumable
    and "Ask for what {to} can do, then run the same command: it goes on at step {step}." or "Now " .. BY_HAND))
  return out
end

function render.partly(report, say)
  if report.cause == "not_put_back" then
    return { say("Not moved: {bot} is still on {from}, but without its webhook:", true), why(report),
      "Run the same command again: it knows the webhook from the journal." }
  elseif report.cause == "interrupted" or report.cause == "raised" then
    return stopped(report, say)
  end
  if report.webhook and report.webhook.differs then return differing(report, say) end
  local head, waits = "runs on {to}, but its webhook " .. unfinished(report),
    "Updates wait on the new server; none are lost."
  if not report.arrived then
    head, waits = "isn't known to run on {to} yet", "Its updates wait at Telegram."
  end
  local cause = not report.arrived and report.to.kind == "local" and local_causes[report.reason]
  return { say("Partly moved: {bot} has left {from} and " .. head .. ":"), why(report),
    cause and filled(cause, "") or false, say(waits .. " Fix it" .. (report.resumable
      and ", then run the same command: it goes on at step {step}." or " and " .. BY_HAND)) }
end

-- The bot may have left -------------------------------------------------------------

-- With a journal, the same move only sends it again; without, it would look first.
local REPEAT = "run the same command again"
local REPEAT_ALONE = "send the same request alone, not this move (which would look\n           first),"

local function in_doubt(report, words)
  local came = report.cause == "interrupted" and outcomes.STOPPED
    or outcomes.what_came(report.answer, report.error, report.message)
  return { doubt.text { method = report.how == "close" and "close" or "logOut", bot = texts.name_of(report.bot),
    at = report.tried_at or report.at, came = came, reason = report.reason, res = report.answer, err = report.error,
    again = report.resumable and REPEAT or REPEAT_ALONE, go_on = words.go_on },
    report.journal and words.noted .. texts.path(report.journal) or "Not noted: there is no journal." }
end

function render.unknown(report, say, words)
  if report.cause == "too_old" then
    local why_not = report.tried_at > report.at and "dated in the future, so that nobody knows how old it is"
      or "too old for a repeat to prove anything"
    return { say("The request of {tried} was never answered, and is " .. why_not .. ": a repeat now may log the bot in "
      .. "here and out again. If the bot already runs elsewhere, {settle}; to log out here in any case: {force}.") }
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
    wait = report.retry_after and texts.wait(report.retry_after), continue = words.continue,
    settle = words.settle, force = words.force }
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
