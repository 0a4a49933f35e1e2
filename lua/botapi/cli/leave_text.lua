-- SPDX-License-Identifier: MIT
-- Owns the texts of logout and close.

local facts = require "botapi.facts"
local outcomes = require "botapi.outcome"
local say = require "botapi.text"

local texts = {}

local clock, counted, filled, minute = say.clock, say.counted, say.filled, say.minute

--- `@shop_bot`, or its id.
function texts.name(self) return say.name_of(self.bot) end

--- `Bot` and `Server`: who and where.
function texts.head(self)
  local bot = self.bot
  local name = bot.username and "@" .. bot.username or "bot"
  local first = bot.first_name and (' "%s"'):format(bot.first_name) or ""
  return ("Bot      %s%s (id %s)\nServer   %s"):format(name, first, bot.id, self.side.title)
end

-- The plan --------------------------------------------------------------------------------

local function waiting(n)
  return counted(n, "update") .. (n == 1 and " that waits" or " that wait")
end

local plans = {}

function plans.logOut(self, info, lines)
  local function add(word, text) lines[#lines + 1] = ("  %-8s %s"):format(word, text) end
  local n = info.pending_update_count or 0
  lines[#lines + 1] = "\nLogging out"
  if (info.url or "") ~= "" then add("erases", "the webhook " .. info.url) end
  if n > 0 then add("loses", waiting(n) .. " here, unread") end
  if self.side.kind == "cloud" then
    add("closes", "this server to the bot for about 10 minutes")
  else
    add("ends", "the bot's session on this server")
  end
  lines[#lines + 1] = "Stop every program that uses this token first: any call to this server\n"
    .. "logs the bot in again. For a restart none of this is needed."
end

function plans.close(_, info, lines)
  local function add(word, text) lines[#lines + 1] = ("  %-8s %s"):format(word, text) end
  local n = info.pending_update_count or 0
  lines[#lines + 1] = "\nClosing"
  if n > 0 then add("keeps", waiting(n) .. " here, in its directory") end
  if (info.url or "") ~= "" then
    add("keeps", "the webhook " .. info.url)
    add("", "(delete it first: two servers would serve it)")
  end
  add("frees", "the bot's directory, to be moved to another local server")
  lines[#lines + 1] = "Stop every program that uses this token first: any call to this server\nopens the bot again."
end

--- What will happen, as it stands before the question.
function texts.plan(self, act)
  local lines = { texts.head(self) }
  plans[act.method](self, self.info or {}, lines)
  return table.concat(lines, "\n")
end

-- The end ---------------------------------------------------------------------------------

local function here_again(self)
  local kind = self.side.kind
  if kind == "cloud" then return "here again from about " .. minute(self.at + facts.LOCK_OUT) .. "." end
  if kind == "bale" then return "any call here may log it in again." end
  return "any call here logs it in again."
end

--- It was done.
function texts.done(self, act)
  if act.method == "close" then
    return ("Closed: %s is no longer open on %s (%s).\nMove its directory (named %s) now; any call here opens it "
      .. "again."):format(texts.name(self), self.side.name, clock(self.at), self.bot.id)
  end
  local where = self.side.kind == "bale" and "Its programs can stop now; "
    or "It can log in on another server now; "
  return ("Logged out: %s has left %s (%s).\n%s%s"):format(texts.name(self), self.side.name, clock(self.at), where,
    here_again(self))
end

--- It had been done before.
function texts.already(self, act)
  if act.method == "close" then
    return ("Already closed: %s isn't open on %s.\nMove its directory (named %s); any call here opens it again.")
      :format(texts.name(self), self.side.name, self.bot.id)
  end
  return ("Already logged out: %s has left %s.\nGo to the server that it runs on now; any call here may log it in "
    .. "again."):format(texts.name(self), self.side.name)
end

local function cause(self, res, err)
  local _, said = self.api.check(res, err)
  return outcomes.what_came(res, err, tostring(said):gsub("^botapi: ", ""))
end

local function noted(self)
  if not self.path then return "Exit 4. Not noted: there is no journal." end
  return "Exit 4. Noted in " .. say.path(self.path)
end

--- It isn't known.
function texts.unknown(self, act, res, err, why)
  local closing = act.method == "close"
  local lines = {
    ("it is not known whether %s was %s"):format(texts.name(self), act.done),
    ("  The request left at %s. %s"):format(clock(self.at), why or cause(self, res, err)),
    "  Either the server never got it, or it did it and the answer was lost.\n",
    ("  Do       run the same command again before %s. It asks the same"):format(minute(self.at + facts.CONVERGES)),
    ("           server; %s or true settles it."):format(closing and '"already been closed"' or '"Logged out"'),
    "  Don't    start the bot elsewhere before that, and don't call getMe to",
    ("           look: if it is %s, that may %s it in again."):format(closing and "closed" or "out",
      closing and "open" or "log"):gsub("open it in again", "open it again"),
    noted(self),
  }
  return table.concat(lines, "\n")
end

--- An earlier try isn't settled, and this run may not settle it.
function texts.unsettled(self, act, intent)
  return ("it is not known whether %s was %s at %s.\nRun the command without -n: it sends only %s again, which "
    .. "settles it."):format(texts.name(self), act.done, clock(intent.at), act.method)
end

--- The same, some minutes on: a repeat proves nothing.
function texts.too_old(_, intent)
  return filled(("The try of %s was never settled and is too old for a repeat to prove anything: a repeat now "
    .. "may log the bot in here and out again."):format(minute(intent.at)), "") .. "\n"
    .. filled("If it already runs elsewhere, `botapi migrate --settle` with `--to` checks there; to log out here "
      .. "anyway: --anyway.", "")
end

--- What is done about it.
function texts.repeating(_, act, intent)
  return ("The %s of %s was never answered: only it is sent again."):format(act.method, clock(intent.at))
end

return texts
