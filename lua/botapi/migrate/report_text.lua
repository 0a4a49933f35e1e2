-- SPDX-License-Identifier: MIT
-- Owns the text of a move's end: what a person reads of the report. From its table alone.

local facts = require "botapi.facts"
local outcomes = require "botapi.outcome"
local text = require "botapi.migrate.text"
local texts = require "botapi.text"

local clock, minute, duration = texts.clock, texts.minute, texts.duration
local name_of, filled = texts.name_of, texts.filled

local function left_line(report)
  if not report.left_at then return report.from.name end
  local line = report.from.name .. " at " .. clock(report.left_at)
  if report.back_at then line = line .. "; it takes the bot back from about " .. minute(report.back_at) end
  return line
end

local function requests_line(requests)
  local list = {}
  for i, method in ipairs(requests.order) do list[i] = method .. " " .. requests.by_method[method] end
  local repeated = requests.repeated == 0 and "none" or tostring(requests.repeated)
  local head = ("%d, %s repeated"):format(requests.total, repeated)
  return #list > 0 and head .. ": " .. table.concat(list, ", ") or head
end

local function webhook_line(report)
  local webhook = report.webhook
  return webhook.url .. (webhook.read_back and ", set and read back" or webhook.set and ", set" or ", not set")
end

local function next_lines(out, report)
  out[#out + 1] = "Next"
  for i = 2, #report.by_hand do out[#out + 1] = filled(report.by_hand[i], "  ") end
end

local function add_warnings(out, report)
  for _, warning in ipairs(report.warnings) do out[#out + 1] = filled("Note: " .. warning .. ".", "") end
  return table.concat(out, "\n")
end

local function dry_run(report, words)
  local out = { text.plan(report.plan, words) .. "\n\nIt can be done. Nothing was changed." }
  if report.requests.by_method.getMe then
    out[2] = filled(("(getMe has logged the bot in on %s, if it wasn't.)"):format(report.from.name), "")
  end
  return table.concat(out, "\n")
end

local render = {}

function render.done(report, words)
  if report.cause == "dry_run" then return dry_run(report, words) end
  local out = { ("Moved: %s runs on %s (%s)."):format(name_of(report.bot), report.to.name,
    ("%.0f s"):format(report.seconds)) }
  local function add(name, value) out[#out + 1] = ("  %-10s %s"):format(name, value) end
  add("left", left_line(report))
  if report.webhook then add("webhook", webhook_line(report)) end
  for i = report.webhook and report.webhook.set and 2 or 1, #report.kept do add("kept", report.kept[i]) end
  for _, lost in ipairs(report.lost) do add("lost", lost) end
  add("requests", requests_line(report.requests))
  next_lines(out, report)
  return add_warnings(out, report)
end

function render.already(report)
  return ("Moved already: %s has left %s and runs on\n%s. Nothing was asked: a call to the old server\n"
    .. "would log it in there again."):format(name_of(report.bot), report.from.name, report.to.name)
end

local function why(report)
  return filled(report.message or report.reason or "for no reason that is known", "  ")
end

local function advice(report)
  return report.explanation and filled(report.explanation, "") or nil
end

-- Before anything else, also next time.
local function stop_first(report)
  return filled("Before the next try " .. report.by_hand[1] .. ".", "")
end

local function unmoved(report, first)
  local out = { first, why(report) }
  out[#out + 1] = advice(report)
  out[#out + 1] = report.put_back and "Its webhook is back. The bot is still on " .. report.from.name .. "."
    or report.step and "Nothing was changed: the bot is still on " .. report.from.name .. "." or "Nothing was sent."
  if report.step then out[#out + 1] = stop_first(report) end
  return add_warnings(out, report)
end

function render.refused(report, words)
  if report.plan.text and not report.step then
    local out = { text.plan(report.plan, words) }
    if report.message or report.reason then out[2], out[3] = why(report), advice(report) end
    return table.concat(out, "\n")
  end
  return unmoved(report, report.step and ("Not moved: %s stays on %s:"):format(name_of(report.bot), report.from.name)
    or ("Not moved: %s"):format(name_of(report.bot)))
end

function render.not_sent(report, words)
  if report.plan.text and not report.step then return render.refused(report, words) end
  return unmoved(report, ("Not moved: %s stays on %s:"):format(name_of(report.bot), report.from.name))
end

function render.later(report)
  local wait = report.retry_after and (" Run the same command again in %s."):format(duration(report.retry_after)) or ""
  return add_warnings({ ("Not now: %s asks to wait.\n%s\nNothing was changed.%s"):format(report.from.name, why(report),
    wait), stop_first(report) }, report)
end

function render.cancelled(report)
  if report.cause == "declined" then return "Not confirmed. Nothing was sent that changes anything." end
  if report.cause == "interrupted" then
    return add_warnings({ filled(("stopped; sent: no. %s is still on %s%s; the same command starts again."):format(
      name_of(report.bot), report.from.name, report.put_back and ", its webhook is back" or ""), "") }, report)
  end
  return add_warnings({ "Stopped before anything was changed.\n" .. why(report) }, report)
end

function render.move_directory(report, words)
  local lines = "Half way: %s is closed on %s.\nMove its directory (its name begins with %s) to\n"
    .. "%s's working directory, then\n%s: it goes on at step %d.\n"
  return lines:format(name_of(report.bot), report.from.name, report.bot.id, report.to.name, words.continue, report.step)
    .. filled(("Don't call %s with this token before: that would open it there again."):format(report.from.name), "")
end

local function what_is_missing(report)
  if not report.arrived then return "isn't known to run on\n" .. report.to.name .. " yet:" end
  local missing = report.failed == "read_back" and "its webhook was set and couldn't be read back" or
    "its webhook is not set"
  return ("runs on\n%s, but %s:"):format(report.to.name, missing)
end

-- Causes of a no for good of a local server, which is not the bot's fault.
local function local_causes(report)
  if report.arrived or report.to.kind ~= "local" then return nil end
  local by = { unauthorized = "a server with a wrong --api-id or --api-hash says this to every token",
    misdirected = "its --filter leaves this bot out" }
  return by[report.reason] and filled("Look there: " .. by[report.reason] .. ".", "")
end

local function what_waits(report)
  if not report.arrived then return "The old server is left; updates wait at Telegram." end
  return "Updates wait on the new server; none are lost."
end

local function put_back_failed(report)
  return add_warnings({ ("Not moved, and not as before: %s is on %s, without its webhook:"):format(
    name_of(report.bot), report.from.name), why(report),
    "Run the same command again: it knows the webhook from the journal." }, report)
end

-- Ended by an error or by Ctrl-C after the bot had left.
local function stopped_half_way(report)
  local name, from = name_of(report.bot), report.from.name
  local head = report.cause == "interrupted" and ("stopped (sent: yes): %s has left %s."):format(name, from)
    or ("Half way: %s has left %s, then:\n%s"):format(name, from, why(report))
  local go_on = report.resumable and "Run the same command: it goes on from there."
    or "Do the rest by hand: without a journal the same command would ask the old server again."
  return add_warnings({ head, filled(("%s Don't call %s with this token."):format(go_on, from), "") }, report)
end

function render.partly(report)
  if report.cause == "not_put_back" then return put_back_failed(report) end
  if report.cause == "interrupted" or report.cause == "raised" then return stopped_half_way(report) end
  local out = { ("Partly moved: %s has left %s and %s"):format(name_of(report.bot), report.from.name,
    what_is_missing(report)), why(report) }
  out[#out + 1] = local_causes(report)
  local go_on = report.resumable and ("Fix it, then run the same command: it goes on at step %d."):format(report.step)
    or "Fix it and do the rest by hand: without a journal the same command would ask the old server again."
  out[#out + 1] = filled(what_waits(report) .. " " .. go_on, "")
  return add_warnings(out, report)
end

local function too_old(report, words)
  return filled(("The try of %s was never settled and is too old for a repeat to prove anything: "
    .. "a repeat now may log the bot in here and out again. If it already runs elsewhere, %s; "
    .. "to log out here anyway: %s."):format(minute(report.tried_at), words.settle, words.force), "")
end

local function where_noted(report, words)
  if not report.journal then return "Not noted: there is no journal." end
  return words.noted .. texts.path(report.journal)
end

local function what_came(report)
  if report.cause == "interrupted" then return outcomes.STOPPED end
  return outcomes.what_came(report.answer, report.error, report.message)
end

-- The new server, where a person says that it runs, says no.
local function not_settled(report, words)
  return add_warnings({ ("Not settled: %s doesn't answer as %s:"):format(report.to.name, name_of(report.bot)),
    why(report), filled(("So it is still not known whether it left %s; nothing was sent there. If it runs elsewhere, "
      .. "name that server; to log out here anyway: %s."):format(report.from.name, words.force), "") }, report)
end

-- Nothing that changes anything is in doubt: a question got no answer, or what was begun was taken back.
local function unread(report, words)
  if report.plan.text and not report.step then
    return render.refused(report, words) .. "\nIt was only looked at: the same command starts again."
  end
  return unmoved(report, ("Not moved: %s stays on %s:"):format(name_of(report.bot), report.from.name))
end

local UNKNOWN = [[
it is not known whether %s was %s
  The request left at %s. %s
  Either the server never got it, or it did it and the answer was lost.

%s; %s or true settles it.
  Don't    start the bot elsewhere before that, and don't call getMe to
           look: if it is out, that may log it in again.]]

-- With a journal, the same move only sends it again; without, it would look first.
local REPEAT = [[
  Do       run the same command again before %s. It asks the same
           server]]
local REPEAT_ALONE = [[
  Do       send the same request alone, before %s. Not this move, which
           would look first]]

function render.unknown(report, words)
  if report.cause == "too_old" then return too_old(report, words) end
  if report.cause == "not_settled" then return not_settled(report, words) end
  if not report.in_doubt then return unread(report, words) end
  local at = report.tried_at or report.at
  local closing = report.how == "close"
  local what_to_do = (report.resumable and REPEAT or REPEAT_ALONE):format(minute(at + facts.CONVERGES))
  local body = UNKNOWN:format(name_of(report.bot), closing and "closed" or "logged out", clock(at), what_came(report),
    what_to_do, closing and '"already been closed"' or '"Logged out"')
  return add_warnings({ body, where_noted(report, words) }, report)
end

--- The report, as a person reads it at the end.
-- @tparam table report
-- @tparam ?table words instead of those of botapi.migrate.text
-- @treturn string
return function(report, words)
  return render[report.status](report, words or text.words)
end
