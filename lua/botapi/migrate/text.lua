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
  secret = 'secret_token = "..."; or false, if it has none',
  certificate = 'certificate = "...", its PEM text',
  continue = "make the same call with continue = true",
  settle = "settle = true with the same `to` checks there",
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

local function point_of_no_return(plan)
  if plan.from.kind == "cloud" then return "from here the way back is closed for about 10 minutes" end
  if plan.how == "close" then return "from here the bot is open on neither server" end
  return "from here the old server has forgotten the bot"
end

local function step_lines(out, plan)
  out[#out + 1] = "\nSteps"
  for i, step in ipairs(plan.steps) do
    out[#out + 1] = ("  %d  %s%s"):format(i, step.text, step.earlier and " (done before)" or "")
    if step.leaves and not step.earlier then out[#out + 1] = "     --- " .. point_of_no_return(plan) .. " ---" end
  end
end

local function plan_end(plan)
  local n = #plan.losses
  if n == 1 then return "\n1 loss isn't accepted yet. Nothing was changed." end
  if n > 1 then return ("\n%d losses aren't accepted yet. Nothing was changed."):format(n) end
  for _, check in ipairs(plan.checks) do
    if check.state == "FAIL" then return "\nIt can't be done like this. Nothing was changed." end
  end
end

local function title(bot)
  local first = bot.first_name and not bot.username and (' "%s"'):format(bot.first_name) or ""
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
    out[#out + 1] = ("\nWhether the %s of %s was done isn't known: it counts as done if the bot answers on\n%s.")
      :format(plan.unanswered.method, minute(plan.unanswered.at), plan.to.name)
  elseif plan.unanswered then
    out[#out + 1] = ("\nWhether the %s of %s was done isn't known: only it is sent again."):format(
      plan.unanswered.method, minute(plan.unanswered.at))
  end
  step_lines(out, plan)
  if plan.unresumable then out[#out + 1] = "\nThere is no journal: interrupted, this is not resumable." end
  out[#out + 1] = plan_end(plan) or "\nStop every program that uses this token first: any call to the old server\n"
    .. "logs the bot in again."
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

--- A line of a terminal, redrawn: `  1  log out of api.telegram.org        done     1.2 s`
function text.terminal_line(event)
  local right = event.state == "started" and "" or duration(event.elapsed)
  if event.state == "waiting" and event.limit then
    local so_far, why = waiting(event)
    right = so_far .. why
  elseif event.state == "waiting" then
    right = event.why
  end
  return (("  %d  %-34s %-8s %s"):format(event.step, event.title, event.state, right):gsub("%s+$", ""))
end

return text
