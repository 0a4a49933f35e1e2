-- SPDX-License-Identifier: MIT
-- Owns the cookie session of the unofficial Facebook chat APIs: made of an appstate, and logged out once.

--- The logout of a Facebook session, for users of the unofficial chat APIs.
--
-- `botapi.facebook` is a table of functions of every driver: `require "botapi.cqueues".facebook` and so on suspend the
-- calling coroutine; `botapi.facebook` blocks. The guide on Facebook says what an appstate is, which options there are,
-- what comes back and what it means. It is tested against `botapi.emulator` only.
--
-- @module botapi.facebook
-- @usage
-- local botapi = require "botapi"
-- local session, err = botapi.facebook.session "[]"
-- assert(session == nil and err.kind == "token" and err.sent == "no")

local core = require "botapi.core"
local cookies = require "botapi.facebook.cookies"
local file = require "botapi.facebook.file"
local flow = require "botapi.facebook.flow"
local forms = require "botapi.facebook.forms"
local misuse = require "botapi.misuse"
local named = require "botapi.named"
local options = require "botapi.facebook.options"
local explain = require "botapi.facebook.words"

local monotonic = core.host.monotonic
local NOT_LOGGED_IN = 1357001

-- What no field of a session shows: jar, options and the rest, by session.
local states = setmetatable({}, { __mode = "k" })

-- The appstate --------------------------------------------------------------------------

local function unusable(why)
  return nil, core.error { kind = "token", sent = "no", method = "facebook.session", cause = why }
end

local function is_path(appstate)
  return type(appstate) == "table" and appstate.path ~= nil and appstate[1] == nil
end

-- Why a table can't be read whole: what it, or a table in it, inherits can't be listed.
local function table_problem(appstate)
  local why = core.not_plain(appstate)
  if not why and type(appstate.cookies) == "table" then why = core.not_plain(appstate.cookies) end
  for _, cookie in ipairs(why and {} or forms.list(appstate)) do
    if type(cookie) == "table" then why = why or core.not_plain(cookie) end
  end
  return why
end

local function appstate_problem(appstate)
  if type(appstate) == "string" then return nil end
  if type(appstate) ~= "table" then return "appstate: a string or a table expected, got " .. type(appstate) end
  local why = table_problem(appstate)
  if why then return "appstate: " .. why end
  if not is_path(appstate) then return nil end
  if type(appstate.path) ~= "string" then return "appstate: its path must be a string" end
  if forms.has_cookies(appstate.path) then return "appstate: its path must be the name of a file, not cookies" end
end

-- The cookies of an appstate, or nil and what it lacks.
local function list_of(appstate)
  if is_path(appstate) then
    local text, why = file.read(appstate.path)
    if not text then return nil, why end
    appstate = text
  end
  if type(appstate) == "string" then return forms.read(appstate) end
  return forms.list(appstate)
end

local function jar_of(appstate)
  local list, why = list_of(appstate)
  if not list then return nil, why end
  return cookies.new(list)
end

-- One logout ----------------------------------------------------------------------------

-- The coroutine that runs; nil for the main thread, which can't be in two places.
local function this_coroutine()
  local running, is_main = coroutine.running()
  return not is_main and running or nil
end

local function is_busy(state)
  local owner = state.owner[1]
  return owner ~= nil and owner ~= this_coroutine() and coroutine.status(owner) ~= "dead"
end

local function run_of(session, state, api)
  local function tell(event)
    if not state.policy.on_event then return end
    local ok, raised = pcall(state.policy.on_event, event)
    if not ok then session.event_error = raised end
  end
  return { api = api, state = state, jar = state.jar, options = state.call, base = state.policy.base,
    retries = state.policy.retries, tell = tell, began = monotonic(), secrets = {}, step = false, attempt = 0 }
end

-- The session has ended: its cookies go, from here and, if asked, from the file.
local function wipe(state, res, err)
  local jar, path = state.jar, state.policy.appstate_path
  state.jar, state.is_done = nil, true
  if not path then return end
  local ok, why = file.wipe(path, jar)
  if ok then return end
  local outcome, member = res or err, res and "description" or "message"
  local note = ("the file %s still has its cookies: %s"):format(path, why)
  outcome[member] = outcome[member] and outcome[member] .. "; " .. note or note
end

-- By an answer that proves it, or by "not logged in" after a logout that may have been carried out.
local function has_ended(res, err, may_have_ended_before)
  if res and res.ok then return true end
  return may_have_ended_before and (res and res.error_code == NOT_LOGGED_IN or err and err.kind == "logged_out")
end

local function logout(session, api)
  local state = states[session]
  if state.is_done then
    return flow.failure { kind = "logged_out", sent = "no", cause = "this session has logged out" }
  elseif is_busy(state) then
    return flow.failure { kind = "busy", sent = "no", cause = "a logout of this session is under way" }
  end
  local may_have_ended_before = state.may_have_ended
  state.owner[1] = this_coroutine()
  local res, err = flow.run(run_of(session, state, api))
  state.owner[1] = nil
  if has_ended(res, err, may_have_ended_before) then wipe(state, res, err) end
  return res, err
end

-- The class -----------------------------------------------------------------------------

local function show(session)
  local state = states[session]
  return ("botapi.facebook: a session of user …%s%s"):format(state.user:sub(-4),
    state.is_done and ", logged out" or "")
end

local function check_session(session, name)
  if session ~= nil and states[session] then return end
  misuse(name, ("a session expected, got %s: call it with a colon, session:%s()"):format(type(session), name))
end

-- types/botapi.lua has the pages of the functions.
local function new_class(api)
  local class = { __name = "botapi.facebook", __index = {}, __tostring = show }

  function class.__index.logout(session)
    check_session(session, "logout")
    return logout(session, api)
  end

  function class.__index.cookies(session)
    check_session(session, "cookies")
    local jar = states[session].jar
    return jar and jar:export() or {}
  end

  return class
end

local function new_session(class, jar, settings)
  local session = setmetatable({}, class)
  states[session] = { jar = jar, call = settings.call, policy = settings.policy, user = jar:value "c_user",
    is_done = false, may_have_ended = false,
    owner = setmetatable({}, { __mode = "v" }) }
  return session
end

return function(api)
  local facebook, class = {}, new_class(api)

  local function open(name, appstate, given)
    local settings, problem = options.read(given)
    problem = problem or appstate_problem(appstate)
    if problem then misuse(name, problem) end
    local jar, why = jar_of(appstate)
    if not jar then return unusable(why) end
    return new_session(class, jar, settings)
  end

  function facebook.session(appstate, given)
    local session, err = open("session", appstate, given)
    return session, err
  end

  function facebook.logout(appstate, given)
    local session, err = open("logout", appstate, given)
    if not session then return nil, err end
    return session:logout()
  end

  function facebook.explain(res, err)
    if res == nil and type(err) == "table" then return explain(err) end
    if type(res) == "table" and res.ok == true then return "The session was ended. Nothing is left to do." end
    return api.explain(res, err)
  end

  for _, functions in ipairs { facebook, class.__index } do
    for name, fn in pairs(functions) do functions[name] = api.drive.blocking and core.framed(fn) or fn end
  end
  return named(facebook, "botapi.facebook")
end
