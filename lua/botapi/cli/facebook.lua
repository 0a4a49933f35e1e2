-- SPDX-License-Identifier: MIT
-- Owns the command `botapi facebook logout`: the appstate read, the session logged out, one end.

local botapi = require "botapi"
local facebook_options = require "botapi.facebook.options"
local file = require "botapi.facebook.file"
local forms = require "botapi.facebook.forms"
local options = require "botapi.cli.options"
local outcomes = require "botapi.outcome"
local server = require "botapi.server"
local session = require "botapi.cli.session"

local command = {}

-- Options of a call that don't fit a session.
local without = { test = true, unix_socket = true, headers = true, max_response = true, plain_http = true,
  reuse = true }

function command.describe(parser)
  parser:summary "Log out a session of the Facebook chat APIs."
  parser:description("Logs out a session of the unofficial Facebook chat APIs, whose cookies are in FILE (an "
    .. "appstate). Facebook's pages for it are undocumented and may change any day; this is tested against an emulator "
    .. "only.")
  parser:epilog("It doesn't ask: FILE names the session, and nothing else is ended.\n"
    .. "Example: botapi facebook logout --appstate appstate.json --rewrite")
  parser:argument("action", "What to do."):choices { "logout" }
  parser:option("--appstate", "The cookies (-: standard input)."):argname "FILE":count "1"
  parser:flag("--rewrite", "After a success remove the cookies from FILE.")
  parser:option("--retries", ("How often to repeat the request for a page after a 5xx (%d).")
    :format(facebook_options.read().policy.retries)):argname "N":convert(options.whole(0, 10))
  parser:option("--port", "Port of www.facebook.com: an emulator's."):argname "N":convert(options.whole(1, 65535))
  options.add_common(parser, nil, without)
end

-- Reading -------------------------------------------------------------------------------

local function check_call(parsed)
  if parsed.appstate:find "^%s*[%[{]" or forms.has_cookies(parsed.appstate) then
    return "--appstate takes the name of a file: every user of this machine can see cookies on\n"
      .. "the command line. Put them in a file that only you can read."
  elseif parsed.appstate == "-" and parsed.rewrite then
    return "--rewrite needs a FILE: standard input can't be rewritten"
  end
end

local function appstate_of(parsed)
  if parsed.appstate ~= "-" then return { path = parsed.appstate } end
  return file.take(io.stdin)
end

local function options_of(run)
  local parsed = run.of.parsed
  local given = options.of_call(parsed)
  given.retries, given.port = parsed.retries, parsed.port
  given.appstate_path = parsed.rewrite and parsed.appstate or nil
  given.on_event = function(event)
    if event.method == "logout" then run.is_asked = true end
    run.of:observe(event)
  end
  return given
end

-- Makes the session, or returns why there is none.
local function open(run)
  local given = options_of(run)
  local settings, why = facebook_options.read(given)
  if not settings then return why end
  local appstate, unreadable = appstate_of(run.of.parsed)
  if not appstate then return unreadable end
  local err
  run.session, err = botapi.facebook.session(appstate, given)
  return err and err.message
end

-- The end -------------------------------------------------------------------------------

-- A repeat can't change what Facebook showed; what failed on the way may work next time.
local function outcome_of(err)
  local status = err.http_status or 0
  if err.sent ~= "no" then return "unknown" end
  if err.kind == "logged_out" then return "already" end
  if err.kind == "cancelled" then return "cancelled" end
  if status == 429 then return "later" end
  return err.kind == "protocol" and not (500 <= status and status < 600) and "refused" or "not_sent"
end

local function done_text(run, res)
  local note = res.description and "\nNote: " .. res.description .. "." or ""
  return "Logged out: " .. tostring(run.session):gsub("^botapi%.facebook: a (.-),.*$", "the %1") .. "." .. note
end

-- What stands before the explanation, by outcome.
local beginnings = { already = "Already logged out: ",
  unknown = "it is not known whether the session was logged out: " }

local function finish(run, res, err)
  local result = { outcome = "done", sent = err and err.sent or run.is_asked and "yes" or "no", response = res,
    reason = botapi.reason(res, err) }
  if res and res.ok then
    result.text = done_text(run, res)
    return run.of:finish(result)
  end
  result.outcome = err and outcome_of(err) or result.reason == "logged_out" and "already" or "refused"
  local text = (beginnings[result.outcome] or "the session was not logged out: ")
    .. session.explained(res, err, botapi.facebook.explain)
  result[outcomes.is_done(result.outcome) and "text" or "failed"] = text
  return run.of:finish(result)
end

-- Ctrl-C.
local function stopped(run)
  return run.of:stopped(run.is_asked
    and "stopped; it is not known whether the session was logged out.\nRun the same command to settle it.")
end

local function perform(self)
  self.server = { base = server.facebook(self.parsed.port) }
  ---@type botapi.cli.FacebookLogout
  local run = session.state { of = self, session = false, is_asked = false }
  local wrong = check_call(self.parsed)
  if wrong then return self:misused(wrong) end
  wrong = open(run)
  if wrong then return self:misused(wrong, "token") end
  return session.guard(function() return stopped(run) end, function() return finish(run, run.session:logout()) end)
end

function command.run(parsed) return session.run("facebook", parsed, perform) end

return command
