-- SPDX-License-Identifier: MIT
-- Owns the bot object: a token with its options and its policy of repeats.

--- A bot: its token, its server, and what is tried again.
--
-- `bot = botapi.bot(token, options)`; its methods are those of `botapi`, without the token: `logout([options])`,
-- `close_instance([options])`, `get_me([options])`, `get_webhook_info([options])`,
-- `delete_webhook([params [, options]])`, `set_webhook(params [, options])` and `call(method [, params [, options]])`.
-- They return what the functions of the same name return. Options given to a method count for that call alone; `server`
-- and `test` are the bot's and raise there.
--
-- Options: those of every call, and
--
-- * `retries` (0): how many more times a call is tried, where a repeat is safe
-- * `max_wait` (60 seconds): a longer `retry_after` is returned at once
-- * `deadline` (120 seconds): for all attempts and waits of a call; it also ends each attempt. It counts when it is
--   given or `retries` is over 0. A long poll's own `timeout` comes on top of it.
-- * `may_have_left` (false): an earlier program may have logged the bot out here, so 401 is not yet the end of a logOut
-- * `on_event`: a function that is told each step, as a table: `type` is `attempt`, `answer`, `failure`, `wait` or
--   `waiting`; `method`, `server`, `attempt` (1 is the first), `elapsed` (seconds since the call began); with an answer
--   or a failure `http_status`, `reason` (nil: done), `sent` (of all attempts so far), and `may_have_left` when a
--   logOut may have been carried out; with a wait `wait` (seconds) and `why`; during it `waiting`, with `left`
--   (seconds), `wait` and `why`. Never the token. It must not yield. An error raised in it is kept in
--   `bot.event_error`, and the call goes on.
-- * `heartbeat` (10 seconds): how often `waiting` is told
--
-- The error of a repeated call speaks of all its attempts: once a logOut may have been carried out, `sent` isn't "no"
-- any more, and the message says that an earlier attempt may have been; only an answer settles it.
--
-- Fields: `id` (the digits of the token, a string; nil for a malformed one), `server` (the base URL), `identity`
-- (the base URL, and what makes it another server: the test environment, a unix socket), `event_error`.
--
-- After its own logOut was answered with true or 400 `Logged out`, the bot refuses every call to that server with an
-- error of kind `logged_out`: any call would log it in again. `bot` in the examples is such an object.
--
-- @module botapi.bot
-- @usage
-- local botapi = require "botapi"
-- local bot = botapi.bot("123456:an-invented-secret-of-no-bot", { server = "http://127.0.0.1:1", retries = 1 })
-- local res, err = bot:get_me()
-- assert(res == nil and err.kind == "network" and err.sent == "no")

local core = require "botapi.core"
local methods = require "botapi.methods"
local outcomes = require "botapi.outcome"
local policies = require "botapi.policy"
local retry = require "botapi.retry"
local servers = require "botapi.server"

local monotonic = core.host.monotonic
local unpack = table.unpack or unpack

-- What belongs to the bot and the program, not to the way to one server.
local inherited = { timeout = true, connect_timeout = true, test = true }
local DEFAULT_TIMEOUT = 30
local LEAST = 0.001            -- the shortest timeout that a call takes

-- Options -------------------------------------------------------------------------

local function misuse(name, text, level)
  error(("bad argument to '%s' (%s)"):format(name, text), level + 1)
end

-- Runs a check of the core, which raises the reason alone, and raises it in the caller's name. Nothing in it yields.
local function checked(name, level, check, ...)
  local ok, value = pcall(check, ...)
  if not ok then misuse(name, value, level + 1) end
  return value
end

-- Call options and policy, apart.
local function split(name, options, level)
  local call, policy = policies.read(options)
  if not call then misuse(name, policy, level + 1) end
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
  return nil, core.error { kind = "logged_out", sent = "no", method = type(method) == "string" and method or nil,
    message = "this bot has logged out of " .. bot.server .. ", and a call would log it in again; nothing was sent" }
end

local function note_logout(bot, run, api, res)
  if not res or not is_logout(run.method) then return end
  if res.ok and res.result ~= false or api.reason(res) == "logged_out" then
    bot.departed[bot.identity] = true      -- shared by all objects that came from one by `on`
  end
end

-- The options of one attempt: it ends with the deadline of all.
local function attempt_options(run)
  local left = run.deadline and run.deadline - (monotonic() - run.began)
  local timeout = run.options.timeout or DEFAULT_TIMEOUT
  if not left or timeout <= left then return run.options end
  return merged(run.options, { timeout = math.max(left, LEAST) })
end

local function attempt(bot, run, api, perform)
  run.attempt = run.attempt + 1
  tell(bot, run, { type = "attempt" })
  local res, err = perform(attempt_options(run))
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
    local _, err = api.sleep(math.min(left, beat), earlier)
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

-- One value for an answer, two where there is none: as the functions of the same name.
local function run_call(bot, api, run, perform)
  local res, err = tried(bot, api, run, perform)
  if res ~= nil then return res end
  return nil, err
end

-- The class -----------------------------------------------------------------------

-- What a method was given, checked before anything is sent: the arguments of the function of that name, with the
-- options of a call at `n + 2`; those options, and the policy. `level` is that of the user's line.
local function read(bot, name, level, n, ...)
  local arguments = { bot.token, ... }
  local call, policy = split(name, arguments[n + 2], level + 1)
  if call.server ~= nil or call.test ~= nil then
    misuse(name, "options 'server' and 'test' are the bot's: use bot:on(server)", level + 1)
  end
  arguments[n + 2] = call
  checked(name, level + 1, core.reason[name], unpack(arguments, 1, n + 2))
  return arguments, call, policy
end

-- `n` arguments stand before the options; without a method, the first one names it.
local function add_method(class, api, name, n, method)
  local perform = api[name]
  class.checks[name] = function(bot, level, ...) -- no tail call: `level` counts this function
    local arguments, call, policy = read(bot, name, level + 1, n, ...)
    return arguments, call, policy
  end
  class.__index[name] = function(bot, ...)
    local arguments, call, policy = class.checks[name](bot, 2, ...)
    local run = new_run(bot, method or arguments[2], call, policy)
    return run_call(bot, api, run, function(options)
      arguments[n + 2] = options
      return perform(unpack(arguments, 1, n + 2))
    end)
  end
end

-- The caller makes no tail call: the levels of errors count it.
local function new_bot(class, token, call, policy, departed, name)
  local secret = checked(name, 3, core.token, token)
  local bot = { token = secret, id = secret:id(), options = call, policy = policy, departed = departed }
  bot.server = checked(name, 3, core.base, call)
  bot.identity = servers.identity(bot.server, call)
  return setmetatable(bot, class)
end

local function add_methods(class, api)
  for _, entry in pairs(methods) do
    if entry.lua then add_method(class, api, entry.lua, next(entry.params) and 1 or 0, entry.name) end
  end
  add_method(class, api, "call", 2)

  -- The same bot on another server. Timeouts, policy and `test` (a token is good in one environment only) come along;
  -- what belongs to the way to this server doesn't: proxy, ca_file, unix_socket, resolve, headers, plain_http.
  function class.__index.on(bot, server, options)
    local call, policy = split("on", options, 2)
    if type(server) ~= "string" then
      misuse("on", "server: string expected, got " .. type(server), 2)
    end
    for key, value in pairs(bot.options) do
      if inherited[key] and call[key] == nil then call[key] = value end
    end
    call.server = server
    return (new_bot(class, bot.token, call, merged(bot.policy, policy), bot.departed, "on"))
  end
end

local function show(bot)
  return ("botapi.bot: %s on %s"):format(bot.id and "bot " .. bot.id or "a malformed token", bot.server)
end

--- The methods of a bot
-- @type bot

--- Logs out (logOut), repeated where that is safe. Afterwards the bot refuses every call to this server.
-- @function bot:logout
-- @tparam[opt] table options of a call and of the policy, for this call alone
-- @treturn ?table the server's answer, or nil
-- @treturn ?table the error object
-- @raise for what is the caller's own mistake, also `server` and `test`, which are the bot's
-- @usage
-- assert(bot:logout { retries = 3, deadline = 60 }.ok)

--- Closes the bot (close).
-- @function bot:close_instance
-- @tparam[opt] table options as of `logout`
-- @treturn ?table the server's answer, or nil
-- @treturn ?table the error object
-- @usage
-- print(bot:close_instance())

--- Asks who the bot is (getMe).
-- @function bot:get_me
-- @tparam[opt] table options as of `logout`
-- @treturn ?table the server's answer, or nil
-- @treturn ?table the error object
-- @usage
-- assert(bot:get_me { timeout = 5 }.result.id)

--- Asks for the webhook (getWebhookInfo).
-- @function bot:get_webhook_info
-- @tparam[opt] table options as of `logout`
-- @treturn ?table the server's answer, or nil
-- @treturn ?table the error object
-- @usage
-- print(bot:get_webhook_info().result.pending_update_count)

--- Takes the webhook off (deleteWebhook).
-- @function bot:delete_webhook
-- @tparam[opt] table params `drop_pending_updates`
-- @tparam[opt] table options as of `logout`
-- @treturn ?table the server's answer, or nil
-- @treturn ?table the error object
-- @usage
-- assert(bot:delete_webhook { drop_pending_updates = true }.ok)

--- Sets the webhook (setWebhook).
-- @function bot:set_webhook
-- @tparam table params as of `botapi.set_webhook`
-- @tparam[opt] table options as of `logout`
-- @treturn ?table the server's answer, or nil
-- @treturn ?table the error object
-- @usage
-- assert(bot:set_webhook { url = "https://127.0.0.1:8443/hook" }.ok)

--- Calls any method.
-- @function bot:call
-- @tparam string method the Bot API's name: letters only
-- @tparam[opt] table params from names to values
-- @tparam[opt] table options as of `logout`
-- @treturn ?table the server's answer, or nil
-- @treturn ?table the error object
-- @usage
-- assert(bot:call("sendMessage", { chat_id = 5, text = "good night" }).ok)

--- The same bot on another server: timeouts, `test` and policy come along, what belongs to the way there doesn't.
-- @function bot:on
-- @tparam string server as the option of that name
-- @tparam[opt] table options of a call and of the policy
-- @return the bot there
-- @raise for what is the caller's own mistake
-- @usage
-- local there = bot:on("local", { timeout = 5 })
-- assert(there.server == "http://127.0.0.1:8081" and there.id == bot.id)

return function(api)
  local class = { __name = "botapi.bot", __index = {}, __tostring = show, checks = {} }
  add_methods(class, api)

  --- Makes a bot.
  -- @function botapi.bot
  -- @tparam string token the bot's token
  -- @tparam[opt] table options of every call, and those above
  -- @return the bot
  -- @raise for what is the caller's own mistake: a wrong type, an unknown option, a number out of range
  -- @usage
  -- local botapi = require "botapi"
  -- local bot = botapi.bot(os.getenv "BOT_TOKEN", { server = "local", timeout = 5, deadline = 20 })
  -- print(bot)
  return function(token, options)
    local call, policy = split("bot", options, 2)
    return (new_bot(class, token, call, policy, {}, "bot"))
  end
end
