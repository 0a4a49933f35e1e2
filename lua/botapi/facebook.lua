-- SPDX-License-Identifier: MIT
-- Owns the cookie session of the unofficial Facebook chat APIs: made of an appstate, and logged out once.

--- The logout of a Facebook session, for users of the unofficial chat APIs.
--
-- The endpoints are undocumented and may change any day. This module is tested against `botapi.emulator` only.
--
-- `botapi.facebook` is a table of functions of every driver: `require "botapi.cqueues".facebook` and so on suspend the
-- calling coroutine; `botapi.facebook` blocks.
--
-- An appstate is a list of cookies: a JSON string, a table, or `{path = "appstate.json"}`. Each cookie has `key` or
-- `name`, and `value`; `domain` (facebook.com) and `path` (/) may be missing. Of several with the same key, domain and
-- path the last one counts. `c_user` and `xs` are needed.
--
-- Options: those of every call but `server`, `test`, `plain_http`, `reuse` and `unix_socket`; `timeout` is for each
-- request, `max_response` is 16 MiB by default; and
--
-- * `retries` (2): how often each of the two pages that are only read is asked again after a 5xx
-- * `port` (443): of www.facebook.com, with `resolve` for an emulator
-- * `appstate_path`: a file that the session's cookies are taken out of after a success
-- * `on_event`: a function that is told each step, as a table: `type` is `attempt`, `answer`, `failure` or `wait`;
--   `method` is `home`, `settings_menu`, `logout` or `landing`; `server`, `attempt`, `elapsed`, and what is known of
--   `http_status`, `reason`, `sent`, `wait` (seconds). Never a cookie. It must not yield; an error raised in it is kept
--   in `session.event_error`.
--
-- What comes back: `{ok = true, result = true}` on evidence only, with a `description` where something after the logout
-- failed; `{ok = false, error_code, description}` where Facebook said no (1357001, not logged in: reason `logged_out`);
-- or `nil, err`, where `sent` speaks of the POST to /logout.php, and `err.page` is `"checkpoint"` or `"login"` where
-- Facebook showed one.
-- @module botapi.facebook
-- @usage
-- local botapi = require "botapi"
-- local session, err = botapi.facebook.session "[]"
-- assert(session == nil and err.kind == "token" and err.sent == "no")

local core = require "botapi.core"
local cookies = require "botapi.facebook.cookies"
local file = require "botapi.facebook.file"
local flow = require "botapi.facebook.flow"
local options = require "botapi.facebook.options"
local explain = require "botapi.facebook.words"

local monotonic = core.host.monotonic
local NOT_LOGGED_IN = 1357001

-- What no field of a session shows: jar, options and the rest, by session.
local states = setmetatable({}, { __mode = "k" })

local function misuse(name, problem)
  error(("bad argument to '%s' (%s)"):format(name, problem), 4)
end

-- The appstate --------------------------------------------------------------------------

local function unusable(why)
  return nil, core.error { kind = "token", sent = "no", method = "facebook.session",
    message = "facebook.session: " .. why .. "; nothing was sent" }
end

local function appstate_problem(appstate)
  if type(appstate) == "string" then return nil end
  if type(appstate) ~= "table" then return "appstate: a JSON string or a table expected, got " .. type(appstate) end
  if appstate.path ~= nil and appstate[1] == nil and type(appstate.path) ~= "string" then
    return "appstate: its path must be a string"
  end
end

-- The cookies of an appstate, or nil and what it lacks.
local function jar_of(appstate)
  local list, why = appstate, nil
  if type(appstate) == "table" and appstate.path ~= nil and appstate[1] == nil then
    appstate, why = file.read(appstate.path)
    list = appstate
  end
  if type(appstate) == "string" then list, why = file.decode(appstate) end
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
  local ok, why = file.wipe(path, jar, state.xs)
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
    return flow.failure { kind = "logged_out", sent = "no", message = "this session has logged out" }
  elseif is_busy(state) then
    return flow.failure { kind = "busy", sent = "no", message = "a logout of this session is under way" }
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

local function new_class(api)
  local class = { __name = "botapi.facebook", __index = {}, __tostring = show }

  --- Logs the session out: asks for the first page, the settings menu, /logout.php, and where that leads; each
  -- once, but for `retries`. After a success the session refuses, its cookies are forgotten, and the file of
  -- `appstate_path` is rewritten.
  -- @function session:logout
  -- @treturn ?table `{ok = true, result = true}`, or `{ok = false, error_code, description}`
  -- @treturn ?table the error object
  -- @usage
  -- local function leave(session)
  --   local res, err = session:logout()
  --   return res and res.ok, err
  -- end
  function class.__index.logout(session)
    return logout(session, api)
  end

  --- The cookies as they are now, as an appstate: secrets. An empty list after a logout.
  -- @function session:cookies
  -- @treturn table
  -- @usage
  -- local function count(session) return #session:cookies() end
  function class.__index.cookies(session)
    local jar = states[session].jar
    return jar and jar:export() or {}
  end

  return class
end

local function new_session(class, jar, settings)
  local session = setmetatable({}, class)
  states[session] = { jar = jar, call = settings.call, policy = settings.policy, user = jar:value "c_user",
    xs = { [jar:value "xs"] = true }, is_done = false, may_have_ended = false,
    owner = setmetatable({}, { __mode = "v" }) }
  return session
end

return function(api)
  local facebook, class = {}, new_class(api)

  -- Called by the user's functions: their line is the third from `misuse`.
  local function open(name, appstate, given)
    local settings, problem = options.read(given)
    problem = problem or appstate_problem(appstate)
    if problem then misuse(name, problem) end
    local jar, why = jar_of(appstate)
    if not jar then return unusable(why) end
    return new_session(class, jar, settings)
  end

  --- Makes a session of an appstate; sends nothing.
  -- @function session
  -- @tparam string|table appstate JSON, a list of cookies, or `{path = …}`
  -- @tparam[opt] table options
  -- @treturn ?table the session
  -- @treturn ?table an error object of kind `token`: what the appstate lacks
  -- @raise for what is the caller's own mistake: a wrong type, an unknown option
  -- @usage
  -- local facebook = require "botapi".facebook
  -- local session = assert(facebook.session { { key = "c_user", value = "100001" }, { key = "xs", value = "1:a" } })
  -- assert(#session:cookies() == 2)
  function facebook.session(appstate, given)
    local session, err = open("session", appstate, given)
    return session, err
  end

  --- Makes a session and logs it out.
  -- @function logout
  -- @tparam string|table appstate
  -- @tparam[opt] table options
  -- @treturn ?table the envelope
  -- @treturn ?table the error object
  -- @raise as `session`
  -- @usage
  -- local facebook = require "botapi".facebook
  -- local res, err = facebook.logout { path = "/nowhere/appstate.json" }
  -- assert(res == nil and err.kind == "token")
  function facebook.logout(appstate, given)
    local session, err = open("logout", appstate, given)
    if not session then return nil, err end
    return session:logout()
  end

  --- What happened and what to do next, in two sentences.
  -- @function explain
  -- @tparam ?table res the envelope
  -- @tparam ?table err the error object, when there is no envelope
  -- @treturn string
  -- @usage
  -- local facebook = require "botapi".facebook
  -- print(facebook.explain(facebook.logout "nonsense"))
  function facebook.explain(res, err)
    if res == nil and type(err) == "table" then return explain(err) end
    if type(res) == "table" and res.ok == true then return "The session was ended. Nothing is left to do." end
    return api.explain(res, err)
  end

  return facebook
end
