-- SPDX-License-Identifier: MIT
-- Owns the texts of a move before its end: plan and progress. From the tables alone.

local text = {}

local texts = require "botapi.text"

local clock, minute, duration = texts.clock, texts.minute, texts.duration

-- The plan --------------------------------------------------------------------------

--- How a program names what it adds to the call, and what follows. Who shows the texts elsewhere has words of its own.
text.words = {
  updates = "take them first with drain, or accept with accept_loss = true",
  webhook = 'webhook = "keep", a table for setWebhook, or false',
  max_connections = "max_connections = N", ip_address = 'ip_address = "..."', url = 'webhook = { url = "..." }',
  secret = 'secret_token = "..."; or false, if it has none',
  certificate = 'certificate = "...", its PEM text',
  continue = "make the same call with continue = true",
  back = "wait; or restart that server, and say force = true",
  gone = "from_gone = true goes on without it, if it is gone for good",
  unknown_webhook = "a table for setWebhook, or false",
  settle = "settle = true with the same `to` checks there",
  go_on = "the same call with settle = true",
  force = "force = true",
  noted = "Noted in ",
}

-- The token first, as people ask; the new server was asked before it.
local function in_order(checks)
  local list = {}
  for _, check in ipairs(checks) do
    table.insert(list, check.name == "token" and 1 or #list + 1, check)
  end
  return list
end

local function check_lines(out, plan, words)
  out[#out + 1] = "\nChecks"
  for _, check in ipairs(in_order(plan.checks)) do
    out[#out + 1] = "  " .. ("%-4s"):format(check.state) .. "  " .. check.text
    if check.hint then out[#out + 1] = "        (" .. words[check.hint] .. ")" end
  end
end

-- Names in a column, and long lists in several lines.
local function webhook_lines(out, plan)
  out[#out + 1] = "\nWebhook there"
  if not plan.to_set then
    out[#out + 1] = "  none; one that is set there is deleted"
    return
  end
  for _, pair in ipairs(plan.to_set) do
    out[#out + 1] = ("  %-15s  %s"):format(pair[1], (texts.filled(pair[2], (" "):rep(19)):gsub("^ +", "")))
  end
end

local function point_of_no_return(plan)
  if plan.from.kind == "cloud" then return "from here the way back is closed for about 10 minutes" end
  if plan.how == "close" then return "from here the bot is open on neither server" end
  return "from here the bot has left the old server"
end

local function step_lines(out, plan)
  out[#out + 1] = "\nSteps"
  for i, step in ipairs(plan.steps) do
    out[#out + 1] = ("  %d  %s%s"):format(i, step.text, step.earlier and " (done before)" or "")
    if step.leaves and not step.earlier then out[#out + 1] = "     --- " .. point_of_no_return(plan) .. " ---" end
  end
end

local function plan_end(plan)
  for _, check in ipairs(plan.checks) do
    if check.state == "FAIL" then return "\nIt can't be done like this. Nothing was changed." end
  end
  local n = #plan.losses
  if n == 1 then return "\n1 loss isn't accepted yet. Nothing was changed." end
  if n > 1 then return ("\n%d losses aren't accepted yet. Nothing was changed."):format(n) end
end

local function title(bot)
  local first = bot.first_name and not bot.username and (' "%s"'):format(texts.said(bot.first_name)) or ""
  return texts.name_of(bot) .. first .. (bot.username and (" (id %s)"):format(bot.id) or "")
end

--- The plan, as it stands before the question.
-- @tparam table plan
-- @tparam ?table words instead of `text.words`
function text.plan(plan, words)
  local out = { (plan.resumed and "Go on moving " or "Move ") .. title(plan.bot),
    "  from  " .. plan.from.title, "  to    " .. plan.to.title }
  if #plan.checks > 0 then check_lines(out, plan, words or text.words) end
  if plan.settling then
    out[#out + 1] = ("\nWhether the %s of %s was done isn't known:\nit counts as done if the bot answers on %s.\n"
      .. "That shows only that it runs there: that it has left the old server is your word.")
      :format(plan.unanswered.method, minute(plan.unanswered.at), plan.to.name)
  elseif plan.unanswered then
    out[#out + 1] = ("\nWhether the %s of %s was done isn't known: only it is sent again."):format(
      plan.unanswered.method, minute(plan.unanswered.at))
  end
  if plan.to_set or plan.sets_none then webhook_lines(out, plan) end
  step_lines(out, plan)
  if plan.unresumable then out[#out + 1] = "\nThere is no journal: interrupted, this is not resumable." end
  out[#out + 1] = plan_end(plan) or plan.gone and "\nIf the old server comes back, log the bot out there: it would be "
    .. "logged in\non both." or "\nStop every program that uses this token first: any call to the old server\n"
    .. (plan.how == "close" and "opens the bot there again." or "logs the bot in again.")
  return table.concat(out, "\n")
end

-- Progress --------------------------------------------------------------------------

local function waiting(event)
  local again = event.again and event.again > 0 and (", again in %.0f s"):format(math.ceil(event.again)) or ""
  return ("%.0f s of %.0f"):format(event.seconds or 0, event.limit or 0), (" (%s%s)"):format(event.why or "busy", again)
end

--- A line of a log: `14:03:07 1/4 log out of api.telegram.org: done, 1.2 s`
function text.log_line(event)
  local state = event.state
  if state == "waiting" and event.first then
    state = "waiting, " .. (event.why or "busy")
  elseif state == "waiting" then
    state = "still waiting, " .. waiting(event)
  elseif state ~= "started" then
    state = state .. ", " .. duration(event.elapsed)
  end
  return ("%s %d/%d %s: %s"):format(clock(), event.step, event.steps, event.title, state)
end

local TITLE, LEAST = 34, 15     -- columns of a step's title, and of one that has to give way

-- A step's title, as wide as the widest of the move's, where the rest of its line allows it.
local function title_column(step_title, widest, room)
  local width = math.max(math.min(math.max(TITLE, widest), room), LEAST)
  if #step_title > width then step_title = step_title:sub(1, width - 3) .. "..." end
  return step_title .. (" "):rep(width - #step_title)
end

--- A line of a terminal, redrawn: `  1  log out of api.telegram.org        done     1.2 s`
-- @tparam table event
-- @tparam ?number columns of the terminal: a title that is too long is cut, so that the state can be read
function text.terminal_line(event, columns)
  local right = event.state == "started" and "" or duration(event.elapsed)
  if event.state == "waiting" and event.limit then
    local so_far, why = waiting(event)
    right = so_far .. why
  elseif event.state == "waiting" then
    right = event.why
  end
  local state = (("%-8s %s"):format(event.state, right):gsub("%s+$", ""))
  local room = columns and columns - #state - 7 or math.huge
  return ("  %d  %s %s"):format(event.step, title_column(event.title, event.widest or #event.title, room), state)
end

return text
