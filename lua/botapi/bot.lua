-- SPDX-License-Identifier: MIT
-- Owns the bot object: a token with its options and its policy of repeats.

--- A bot: its token, its server, and what is tried again.
--
-- `bot = botapi.bot(token, options)`; its methods are those of `botapi`, without the token: `logout([options])`,
-- `close_instance([options])`, `get_me([options])`, `get_webhook_info([options])`,
-- `delete_webhook([params [, options]])`, `set_webhook(params [, options])` and `call(method [, params [, options]])`.
-- They return what the functions of the same name return. Options given to a method count for that call alone; `server`
-- and `test` are the bot's and raise there. `updates([options])` is an iterator over the bot's updates, which `stop()`
-- ends.
--
-- Every other method of the Bot API has two names here, `bot:send_message(params [, options])` and
-- `bot:sendMessage(params [, options])`, which do what `bot:call("sendMessage", params [, options])` does: the server
-- checks the parameters. The six above have their Bot API names, too, except close: `bot:close()` raises, since in Lua
-- that means to free. A name that is nearly that of a method raises, and says which was meant; for a method that is
-- newer than this library there is `bot:call`.
--
-- Options: those of every call, and those of a bot in `docs/options.md`. `deadline` also ends each attempt; a long
-- poll's own `timeout` comes on top of it. `on_event` is told each step, as a table: `type` is `attempt`, `answer`,
-- `failure`, `wait` or `waiting`, of `updates` also `conflict` and `malformed`; `method`, `server`, `attempt` (1 is the
-- first), `elapsed` (seconds since the call began); with an answer or a failure `http_status`, `reason` (nil: done),
-- `sent` (of all attempts so far), and `may_have_left` when a logOut may have been carried out; with a wait `wait`
-- (seconds) and `why`; during it `waiting`, with `left` (seconds), `wait` and `why`. Never the token. It must not
-- yield. An error raised in it is kept in `bot.event_error`, and the call goes on.
--
-- The error of a repeated call speaks of all its attempts: once a logOut may have been carried out, `sent` isn't "no"
-- any more, and the message says that an earlier attempt may have been; only an answer settles it.
--
-- Fields: `id` (the digits of the token, a string; nil for a malformed one), `server` (the base URL), `identity`
-- (the base URL in the one spelling of this server, and what makes it another server: the test environment, a unix
-- socket), `event_error`.
--
-- An answer to getMe, getWebhookInfo or getUpdates, or a refusal, in which a member has a wrong type is an error of the
-- kind `protocol`, with `malformed` true; its message names the member.
--
-- After its own logOut was answered with true or 400 `Logged out`, the bot refuses every call to that server with an
-- error of kind `logged_out`: any call would log it in again. `bot` in the examples is such an object.
--
-- @module botapi.bot
-- @usage
-- local botapi = require "botapi"
-- local bot = botapi.bot("123456:AAEm-ul8d_T0k3n-0f_N0-r3al_B0t-x1y2z", { server = "http://127.0.0.1:1", retries = 1 })
-- local res, err = bot:get_me()
-- assert(res == nil and err.kind == "network" and err.sent == "no")

local attach = require "botapi.attach"
local core = require "botapi.core"
local keep = require "botapi.keep"
local drive = require "botapi.drive"
local methods = require "botapi.methods"
local misuse = require "botapi.misuse"
local nearest = require "botapi.nearest"
local outcomes = require "botapi.outcome"
local policies = require "botapi.policy"
local retry = require "botapi.retry"
local servers = require "botapi.server"
local shape = require "botapi.shape"
local updates = require "botapi.updates"

keep "botapi.bot_api"

local monotonic = core.host.monotonic
local unpack = table.unpack or unpack

-- What belongs to the bot and the program, not to the way to one server.
local inherited = { timeout = true, connect_timeout = true, test = true }
local TIMEOUT = policies.timeout

-- Options -------------------------------------------------------------------------

-- Runs a check of the core, which raises the reason alone, and raises it in the caller's name. Nothing in it yields.
local function checked(name, check, ...)
  local ok, value = pcall(check, ...)
  if not ok then misuse(name, value) end
  return value
end

-- Raises where a method was called with a dot, so that its bot is missing. What inherits from a bot is one.
local function check_bot(bot, name)
  if type(bot) == "table" and type(bot.token) == "userdata" then return end
  misuse(name, ("a bot expected, got %s: call it with a colon, bot:%s()"):format(type(bot), name))
end

-- Call options and policy, apart.
local function split(name, options, known)
  local call, policy = policies.read(options, known)
  if not call then misuse(name, policy) end
  return call, policy
end

local function merged(base, over)
  local all = {}
  for key, value in pairs(base) do all[key] = value end
  for key, value in pairs(over or {}) do all[key] = value end
  return all
end

-- One call, with its repeats ------------------------------------------------------

local function status_of(res, err)
  if err then return err.http_status end
  return res.error_code or res.ok and 200 or nil
end

-- An error that is raised there is kept in the bot, and the call goes on, unless it is that of Ctrl-C.
local function tell(bot, run, event)
  local on_event = run.policy.on_event
  if not on_event then return end
  event.method, event.server, event.attempt = run.method, bot.server, run.attempt
  event.elapsed = monotonic() - run.began
  local ok, raised = pcall(on_event, event)
  if not ok then bot.event_error = raised end
  if not ok and core.interruption(raised) then error(raised, 0) end
end

local function tell_outcome(bot, run, api, res, err)
  tell(bot, run, { type = err and "failure" or "answer", http_status = status_of(res, err),
    reason = api.reason(res, err), sent = outcomes.sent(res, err), may_have_left = run.may_have_left or nil })
end

local function is_logout(method)
  return type(method) == "string" and method:lower() == "logout"
end

local function refusal(bot, method)
  local cause = "this bot has logged out of " .. bot.server .. ", and a call would log it in again"
  return nil, core.error { kind = "logged_out", sent = "no", method = type(method) == "string" and method or nil,
    cause = cause, message = cause .. "; nothing was sent" }
end

local function note_logout(bot, run, api, res)
  if not res or not is_logout(run.method) then return end
  if res.ok and res.result or api.reason(res) == "logged_out" then
    bot.departed[bot.identity] = true      -- shared by all objects that came from one by `on`
  end
end

-- The options of one attempt: it ends with the deadline of all. Files have no limit by themselves, so only a deadline
-- that was given ends those.
local function attempt_options(run)
  local limit = run.has_file and run.policy.deadline or not run.has_file and run.deadline
  local left = limit and limit - (monotonic() - run.began)
  local timeout = run.options.timeout or run.has_file and math.huge or tonumber(TIMEOUT.default)
  if not left or timeout <= left then return run.options end
  return merged(run.options, { timeout = math.max(left, TIMEOUT.min) })
end

-- Whoever was told of the attempt may have logged the bot out.
local function send(bot, run, perform)
  if bot.departed[bot.identity] then return refusal(bot, run.method) end
  run.has_begun = true
  return perform(attempt_options(run))
end

local function attempt(bot, run, api, perform)
  run.attempt = run.attempt + 1
  tell(bot, run, { type = "attempt" })
  local res, err = (run.checked or shape.checked)(run.method, send(bot, run, perform))
  note_logout(bot, run, api, res)
  local outcome = { res = res, err = err, may_have_left = run.may_have_left }
  local wait, why = retry.wait(run.method, outcome, run.attempt, monotonic() - run.began, run.policy)
  if run.open then err = retry.remembered(err) end
  run.open = run.open or retry.may_have_left(run.method, outcome)
  run.may_have_left = run.may_have_left or run.open or nil
  tell_outcome(bot, run, api, res, err)
  return wait, why, res, err
end

local function new_run(bot, method, call, policy)
  policy = merged(bot.policy, policy)
  local limited = policy.deadline or (policy.retries or 0) > 0 and policies.defaults.deadline
  return { method = method, options = merged(bot.options, call), policy = policy, attempt = 0, began = monotonic(),
    deadline = limited or nil, may_have_left = is_logout(method) and policy.may_have_left or nil }
end

-- Waits for the next try, with a word to those who listen: nil, or the error when it was cut short. What Ctrl-C raises
-- there speaks of all tries.
local function pause(bot, run, api, wait, why)
  local ends = monotonic() + wait
  local beat = run.policy.on_event and (run.policy.heartbeat or policies.defaults.heartbeat) or wait
  local earlier = { method = run.method, sent = run.may_have_left and "maybe" or "no" }
  local left = wait
  tell(bot, run, { type = "wait", wait = wait, why = why })
  while left > 0 do
    local _, err = (run.sleep or api.sleep)(math.min(left, beat), earlier)
    if err then return err end
    left = ends - monotonic()
    if left > 0 then tell(bot, run, { type = "waiting", wait = wait, left = left, why = why }) end
  end
end

-- What came of a call whose wait for the next try was cut short.
local function cut_short(run, res, err, interrupted)
  if err and err.sent ~= "no" or run.may_have_left then return res, err end
  return nil, interrupted
end

-- Another call has logged the bot out during the wait: what may have been sent here stays in doubt.
local function overtaken(bot, run, res, err)
  if run.open then return res, err end
  return refusal(bot, run.method)
end

-- Until it is answered, or may not be tried again. `perform` makes one call with the options that it gets.
local function tried(bot, api, run, perform)
  if bot.departed[bot.identity] then return refusal(bot, run.method) end
  local wait, why, res, err = attempt(bot, run, api, perform)
  while wait do
    local interrupted = pause(bot, run, api, wait, why)
    if interrupted then return cut_short(run, res, err, interrupted) end
    if bot.departed[bot.identity] then return overtaken(bot, run, res, err) end
    wait, why, res, err = attempt(bot, run, api, perform)
  end
  return res, err
end

-- Whether what a call has raised can be caught: in Lua 5.1 nothing waits inside of a pcall.
local function can_catch(api) return api.drive.blocking or drive.yields_in_pcall end

-- Whether a call that has raised has sent nothing.
local function is_unsent(run, raised)
  local err = core.interruption(raised) or raised
  return not run.may_have_left and (not run.has_begun or type(err) == "table" and err.sent == "no")
end

local function end_leave(bot, api, run, ok, res, err)
  if not ok then
    updates.give_up(bot, run.leaving, is_unsent(run, res))
    error(res, 0)
  end
  local outcome = outcomes.of_change(run.method, res, err, api.reason(res, err), run.may_have_left)
  updates.release(bot, run.leaving, outcome, (select(2, api.check(res, err))))
  return res, err
end

-- Raises where the caller can't wait, with what the call itself would raise where that can be caught.
local function check_place(api)
  if api.drive.blocking then return end
  local check = not can_catch(api) and api.drive.check or api.drive.engine
  check()
end

-- A request to take the bot off its server: loops that ask for updates would log it in again.
local function leave(bot, api, run, perform)
  check_place(api)
  run.leaving = updates.hold(bot, run.deadline or run.options.timeout or tonumber(TIMEOUT.default))
  if can_catch(api) then return end_leave(bot, api, run, pcall(tried, bot, api, run, perform)) end
  return end_leave(bot, api, run, true, tried(bot, api, run, perform))
end

local function tell_in_hand(bot, ok, ...)
  if ok then return ... end
  updates.tell_in_hand(bot, (...))
  error((...), 0)
end

-- Ctrl-C in the body of a loop over updates tells which one was in hand.
local function watched(bot, api, fn, ...)
  if not (can_catch(api) and updates.has_in_hand(bot)) then return fn(bot, api, ...) end
  return tell_in_hand(bot, pcall(fn, bot, api, ...))
end

-- One value for an answer, two where there is none: as the functions of the same name.
local function run_call(bot, api, run, perform)
  local res, err = watched(bot, api, outcomes.leaves(run.method) and leave or tried, run, perform)
  if res ~= nil then return res end
  return nil, err
end

-- The class -----------------------------------------------------------------------

-- Raises where the options of a method name another server.
local function refuse_others(call, name)
  if call.server == nil and call.test == nil then return end
  misuse(name, "options 'server' and 'test' are the bot's: use bot:on(server)")
end

-- What a method was given, checked before anything is sent: the arguments of the function that carries it out, with the
-- options of a call among them; those options, and the policy.
local function read(bot, how, ...)
  check_bot(bot, how.name)
  local arguments = how.is_general and { bot.token, how.method, ... } or { bot.token, ... }
  local call, policy = split(how.name, arguments[how.options])
  refuse_others(call, how.name)
  arguments[how.options] = call
  checked(how.name, core.reason[how.by], unpack(arguments, 1, how.options))
  return arguments, call, policy
end

-- `how`: `name`, of the method of a bot; `by`, the function that carries it out, `options`, which of its arguments
-- these are; `method`, of the Bot API (without it, the second argument names it); `is_general`: the user doesn't give
-- the method, though the function takes it.
local function new_method(api, how)
  local perform, wrap = api[how.by], api.drive.wrap
  local function run_method(bot, ...)
    local arguments, call, policy = read(bot, how, ...)
    local run = new_run(bot, how.method or arguments[2], call, policy)
    run.has_file = attach.holds_file(arguments[how.options - 1])
    return run_call(bot, api, run, function(options)
      arguments[how.options] = options
      return perform(unpack(arguments, 1, how.options))
    end)
  end
  return wrap and wrap(run_method, function(bot, ...) read(bot, how, ...) end) or run_method
end

-- Methods by name -----------------------------------------------------------------

local CALL_OPTIONS = 4          -- the options of `call` are its fourth argument, behind the token

-- Fields of bots that may be nil.
local is_field = { id = true, event_error = true }

-- Methods of bots that are none of the Bot API.
local OWN = { "call", "download", "on", "stop", "updates" }

-- A name of nobody's is nil, as a field of the user's may be; where it is nearly a method's, it says which was meant.
local function mistyped(bot_api, name)
  local own = nearest.of(name, OWN)
  if own then return nil, nearest.question(own) end
  local meant = bot_api.find(bot_api.nearest(name) or "")
  if not meant or meant.name == "close" then return nil end
  return nil, nearest.question(name:find "%u" and meant.name or meant.lua)
end

-- A method of which there is a function, under one of its names.
local function named_method(api, known, name)
  return new_method(api, { name = name, by = known.lua, options = next(known.params) and 3 or 2, method = known.name })
end

-- The method of a name as Lua or as the Bot API writes it; or nil, and maybe what is wrong with the name.
local function by_name(api, name)
  if is_field[name] or type(name) ~= "string" or not name:find "^%l[%a_]+$" then return nil end
  local bot_api = require "botapi.bot_api"
  local entry = bot_api.find(name)
  if not entry or name ~= entry.name and name ~= bot_api.snake(entry.name) then return mistyped(bot_api, name) end
  if name == "close" then return nil, "the Bot API's close is bot:close_instance()" end
  local known = methods[entry.name:lower()]
  if known and known.lua then return named_method(api, known, name) end
  return new_method(api, { name = name, by = "call", options = CALL_OPTIONS, method = entry.name, is_general = true })
end

local function of_api(api, method) return api.drive.blocking and core.framed(method) or method end

-- Those that are made when they are first used.
local function later(api)
  return setmetatable({}, { __index = function(made, name)
    local method, why = by_name(api, name)
    if why then core.raise(("bot has no method '%s': %s"):format(name, why)) end
    if method then rawset(made, name, of_api(api, method)) end
    return rawget(made, name)
  end })
end

local function new_bot(class, secret, call, policy, shared, name)
  local bot = { token = secret, id = secret:id(), options = call, policy = policy, departed = shared.departed,
    family = shared.family }
  local server, problem = servers.read(call)
  if not server then misuse(name, problem) end
  bot.server, bot.identity = server.base, server.identity
  return setmetatable(bot, class)
end

local function add_methods(class, api)
  for _, entry in pairs(methods) do
    if entry.lua then class.__index[entry.lua] = named_method(api, entry, entry.lua) end
  end
  class.__index.call = new_method(api, { name = "call", by = "call", options = CALL_OPTIONS })
  updates.add(class.__index, api, { new_run = new_run, tried = tried, tell = tell, pause = pause,
    checked = checked, check_bot = check_bot })

  -- The same bot on another server. Timeouts, policy and `test` (a token is good in one environment only) come along;
  -- what belongs to the way to this server doesn't: proxy, proxy_auth, ca_file, cert_file, key_file, unix_socket,
  -- resolve, headers, plain_http.
  function class.__index.on(bot, server, options)
    check_bot(bot, "on")
    local call, policy = split("on", options)
    if type(server) ~= "string" then misuse("on", "server: string expected, got " .. type(server)) end
    for key, value in pairs(bot.options) do
      if inherited[key] and call[key] == nil then call[key] = value end
    end
    call.server = server
    return new_bot(class, bot.token, call, merged(bot.policy, policy), bot, "on")
  end
end

-- The file is asked for with the bot's options and its policy of repeats, as getFile is before. A download has no limit
-- for the whole but one that was given.
local function add_download(class, api)
  local of = {}

  function of.ask(bot, file, to, options)
    check_bot(bot, "download")
    local downloads = require "botapi.download"
    local call, policy = split("download", options, downloads.options)
    refuse_others(call, "download")
    local ask, problem = downloads.check(bot.token, file, to, merged(bot.options, call))
    if not ask then misuse("download", problem) end
    ask.policy = merged(bot.policy, policy)
    return ask
  end

  function of.get_file(bot, ask, perform)
    return run_call(bot, api, new_run(bot, "getFile", ask.call, ask.policy), perform)
  end

  function of.try(bot, ask, perform)
    local run = new_run(bot, "download", ask.call, ask.policy)
    if not ask.policy.deadline then run.deadline = nil end
    return run_call(bot, api, run, function(options)
      local left = run.deadline and math.max(run.deadline - (monotonic() - run.began), TIMEOUT.min)
      return perform(merged(options, { timeout = options.timeout or left }))
    end)
  end

  local download                -- loaded when it is first used
  function class.__index.download(...)
    download = download or require "botapi.download".of_bots(api, of)
    local res, err = download(...)
    if err == nil then return res end
    return res, err
  end
end

local function show(bot)
  return ("botapi.bot: %s on %s"):format(bot.id and "bot " .. bot.id or "a malformed token", bot.server)
end

return function(api)
  local class = { __name = "botapi.bot", __index = {}, __tostring = show }
  add_methods(class, api)
  add_download(class, api)
  for name, method in pairs(class.__index) do class.__index[name] = of_api(api, method) end
  setmetatable(class.__index, { __index = later(api) })

  return function(token, options)
    local secret = checked("bot", core.token, token)    -- first: where it is wrong the options are, too
    local call, policy = split("bot", options)
    return new_bot(class, secret, call, policy, { departed = {}, family = updates.family() }, "bot")
  end
end
