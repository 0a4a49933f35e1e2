-- SPDX-License-Identifier: MIT
-- Owns a run of `botapi facebook logout`: the appstate read, the session logged out, one end.

local botapi = require "botapi"
local common = require "botapi.cli.common"
local facebook_options = require "botapi.facebook.options"
local server = require "botapi.server"
local session = require "botapi.cli.session"
local texts = require "botapi.text"

local MOST = 4 * 1024 * 1024

-- Reading -------------------------------------------------------------------------------

local function check_call(parsed)
  if parsed.appstate:find "^%s*[%[{]" then
    return "--appstate takes a file's name: cookies on the command line are seen by\n"
      .. "every user of this machine. Put them in a file that only you can read."
  elseif parsed.appstate == "-" and parsed.rewrite then
    return "--rewrite needs a FILE: standard input can't be rewritten"
  end
end

local function appstate_of(parsed)
  if parsed.appstate ~= "-" then return { path = parsed.appstate } end
  return io.read(MOST) or ""
end

local function options_of(self)
  local parsed = self.parsed
  local options = common.call_options(parsed)
  options.retries, options.user_agent, options.port = parsed.retries, parsed.user_agent, parsed.port
  options.resolve = parsed.resolve and parsed.resolve[1] and parsed.resolve or nil
  options.appstate_path = parsed.rewrite and parsed.appstate or nil
  options.on_event = function(event)
    if event.method == "logout" then self.is_asked = true end
    self:observe(event)
  end
  return options
end

-- The session, or nil and why there is none.
local function open(self)
  local options = options_of(self)
  local settings, misuse = facebook_options.read(options)
  if not settings then return nil, misuse end
  local opened, err = botapi.facebook.session(appstate_of(self.parsed), options)
  return opened, err and err.message
end

-- The end -------------------------------------------------------------------------------

local function explained(res, err)
  local _, said = botapi.check(res, err)
  return tostring(said):gsub("^botapi: ", "") .. "\n" .. texts.filled(botapi.facebook.explain(res, err), "  ")
end

-- What Facebook showed can't be mended by a repeat; what failed on the way can.
local function outcome_of(err)
  local status = err.http_status or 0
  if err.sent ~= "no" then return "unknown" end
  if err.kind == "logged_out" then return "already" end
  if err.kind == "cancelled" then return "cancelled" end
  if status == 429 then return "later" end
  return err.kind == "protocol" and not (500 <= status and status < 600) and "refused" or "not_sent"
end

local function finish_answer(self, res)
  if res.ok then
    local note = res.description and "\nNote: " .. res.description .. "." or ""
    return self:finish { outcome = "done", sent = "yes", response = res,
      text = "Logged out: " .. tostring(self.session):gsub("^botapi%.facebook: a (.-),.*$", "the %1") .. "." .. note }
  end
  local reason = botapi.reason(res)
  local facts = { outcome = reason == "logged_out" and "already" or "refused", reason = reason, response = res,
    sent = self.is_asked and "yes" or "no" }
  if facts.outcome == "already" then
    facts.text = "Already logged out: " .. explained(res)
  else
    facts.failed = "the session was not logged out: " .. explained(res)
  end
  return self:finish(facts)
end

local function finish_failure(self, err)
  local facts = { outcome = outcome_of(err), sent = err.sent, reason = err.kind }
  local text = explained(nil, err)
  if facts.outcome == "already" then
    facts.text = "Already logged out: " .. text
  elseif facts.outcome == "unknown" then
    facts.failed = "it is not known whether the session was logged out: " .. text
  else
    facts.failed = "the session was not logged out: " .. text
  end
  return self:finish(facts)
end

-- Ctrl-C.
local function finish_stopped(self, raised)
  if not session.interrupted(raised) then error(raised, 0) end
  io.stderr:write "\n"
  if self.is_asked then
    return self:finish { outcome = "unknown", sent = "maybe", reason = "cancelled",
      failed = "stopped; it is not known whether the session was logged out.\nThe same command settles it." }
  end
  return self:finish { outcome = "cancelled", sent = "no", reason = "cancelled",
    failed = "stopped; sent: no. Nothing was changed; the same command starts again." }
end

--- Runs it.
-- @treturn number the exit code
return function(parsed)
  local self = session.new("facebook", parsed)
  self.side = { base = server.facebook(parsed.port) }
  local wrong = check_call(parsed)
  if wrong then return self:misused(wrong) end
  local why
  self.session, why = open(self)
  if not self.session then return self:misused(why, "token") end
  local ok, res, err = pcall(self.session.logout, self.session)
  if not ok then return finish_stopped(self, res) end
  if err then return finish_failure(self, err) end
  return finish_answer(self, res)
end
