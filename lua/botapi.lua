-- SPDX-License-Identifier: MIT
-- The public module: the functions that block; and the documentation of what the C module registers for every module.

--- Logs bots out of Bot API servers, moves them, and tells the truth about what happened.
--
-- `require "botapi"` blocks the thread. `botapi.cqueues`, `botapi.luv`, `botapi.copas` and `resty.botapi` have the same
-- functions with the same arguments and results, and suspend the coroutine that calls.
--
-- What comes back: where a Bot API server answered, its answer, a table: `{ok = true, result = …}`, or
-- `{ok = false, error_code = …, description = …, parameters = …}`. Where none came, `nil` and an error object: `kind`,
-- `message`, `sent` (`"no"`: not one byte of the request was written; `"yes"`: an HTTP answer came, though not a Bot
-- API's; `"maybe"`: anything else), and where known `method`, `http_status`, `retry_after` (seconds), `curl_code`.
-- `kind` is `token`, `network`, `tls`, `timeout`, `protocol`, `limit`, `cancelled`, `logged_out`, `busy` or `system`.
-- What is the caller's own mistake raises an error that names the argument, option or parameter.
--
-- Options of every call, in a table: `server` (`"telegram"`, `"bale"`, `"local"` or a URL), `test`, `timeout` (30
-- seconds, for the whole call), `connect_timeout` (10 seconds), `proxy`, `ca_file`, `unix_socket`, `resolve`,
-- `headers`, `user_agent`, `max_response` (1048576 bytes), `plain_http`, `reuse`. `docs/options.md` has their types and
-- ranges, made from the program's own table.
--
-- `bot`, `migrate`, `fleet`, `facebook` and `emulator` are loaded when they are first used; each has a page of its own.
--
-- @module botapi
-- @usage
-- local botapi = require "botapi"
-- local res, err = botapi.logout("123456:not-a-real-token", {server = "http://127.0.0.1:1"})
-- assert(res == nil and err.sent == "no")

--- The version of this library, as a string: "major.minor.patch".
-- @field _VERSION

--- Calls
-- @section calls

--- Logs a bot out of a server (logOut): erases its webhook and the updates that wait there. Any later call to that
-- server logs it in again; Telegram's cloud takes it back only after about ten minutes.
-- @function logout
-- @string token the bot's token
-- @tparam[opt] table options of every call
-- @treturn ?table the server's answer, or nil
-- @treturn ?table the error object, when there is no answer; for a logout `sent = "maybe"` is settled by asking again
--   soon: true, or 400 `Logged out`
-- @raise for what is the caller's own mistake: a wrong type, an unknown option, a value out of range
-- @usage
-- local botapi = require "botapi"
-- local token, server = os.getenv "BOT_TOKEN", os.getenv "BOTAPI_SERVER"
-- assert(botapi.check(botapi.logout(token, {server = server, timeout = 10})))
-- assert(botapi.reason(botapi.logout(token, {server = server})) == "logged_out")

--- Closes a bot on a local server (close), so that its directory can be moved to another one. In the first ten minutes
-- after the server has opened the bot it answers 429. In Lua `close` means to free, hence the longer name.
-- @function close_instance
-- @string token the bot's token
-- @tparam[opt] table options of every call
-- @treturn ?table the server's answer, or nil
-- @treturn ?table the error object, when there is no answer
-- @raise for what is the caller's own mistake
-- @usage
-- local botapi = require "botapi"
-- local res = botapi.close_instance(os.getenv "BOT_TOKEN", {server = os.getenv "BOTAPI_SERVER"})
-- assert(res.ok or botapi.reason(res) == "closed")

--- Asks who the bot is (getMe). Logs it in on that server, if it wasn't.
-- @function get_me
-- @string token the bot's token
-- @tparam[opt] table options of every call
-- @treturn ?table the server's answer; its `result` has `id`, `username`, `first_name` and more
-- @treturn ?table the error object, when there is no answer
-- @raise for what is the caller's own mistake
-- @usage
-- local botapi = require "botapi"
-- local me = assert(botapi.check(botapi.get_me(os.getenv "BOT_TOKEN", {server = os.getenv "BOTAPI_SERVER"})))
-- print(me.id, me.username)

--- Asks for the bot's webhook (getWebhookInfo). Neither its `secret_token` nor its certificate is told by any server.
-- @function get_webhook_info
-- @string token the bot's token
-- @tparam[opt] table options of every call
-- @treturn ?table the server's answer; its `result` has `url` (empty: none), `pending_update_count` and more
-- @treturn ?table the error object, when there is no answer
-- @raise for what is the caller's own mistake
-- @usage
-- local botapi = require "botapi"
-- local server = {server = os.getenv "BOTAPI_SERVER"}
-- local webhook = assert(botapi.check(botapi.get_webhook_info(os.getenv "BOT_TOKEN", server)))
-- print(webhook.url, webhook.pending_update_count)

--- Takes the webhook off (deleteWebhook).
-- @function delete_webhook
-- @string token the bot's token
-- @tparam[opt] table params `drop_pending_updates`: a boolean
-- @tparam[opt] table options of every call
-- @treturn ?table the server's answer, or nil
-- @treturn ?table the error object, when there is no answer
-- @raise for what is the caller's own mistake, an unknown parameter, too
-- @usage
-- local botapi = require "botapi"
-- local server = {server = os.getenv "BOTAPI_SERVER"}
-- assert(botapi.check(botapi.delete_webhook(os.getenv "BOT_TOKEN", {drop_pending_updates = true}, server)))

--- Sets the webhook (setWebhook).
-- @function set_webhook
-- @string token the bot's token
-- @tparam table params `url` (a string, required), `certificate` (PEM text), `ip_address`, `max_connections` (an
--   integer, 1 to 100000), `allowed_updates` (a list of strings), `drop_pending_updates` (a boolean), `secret_token`
--   (1 to 256 of `A-Z a-z 0-9 _ -`)
-- @tparam[opt] table options of every call
-- @treturn ?table the server's answer, or nil
-- @treturn ?table the error object, when there is no answer
-- @raise for what is the caller's own mistake, an unknown parameter, too
-- @usage
-- local botapi = require "botapi"
-- local webhook = {url = "https://127.0.0.1:8443/hook", allowed_updates = {"message"}, secret_token = "s3cret"}
-- assert(botapi.check(botapi.set_webhook(os.getenv "BOT_TOKEN", webhook, {server = os.getenv "BOTAPI_SERVER"})))

--- Calls any method, sending its parameters as form fields: strings as they are, integers exactly, booleans, tables as
-- JSON. Methods that aren't known to only read open a connection of their own.
-- @function call
-- @string token the bot's token
-- @string method the Bot API's name: letters only
-- @tparam[opt] table params from names to values
-- @tparam[opt] table options of every call; `timeout` comes on top of the parameter `timeout` of getUpdates
-- @treturn ?table the server's answer, or nil
-- @treturn ?table the error object, when there is no answer
-- @raise for what is the caller's own mistake; also for an integer in a table that JSON would round
-- @usage
-- local botapi = require "botapi"
-- local params = {chat_id = -1002147483648123, text = "good night", reply_markup = {remove_keyboard = true}}
-- assert(botapi.check(botapi.call(os.getenv "BOT_TOKEN", "sendMessage", params, {server = os.getenv "BOTAPI_SERVER"})))

--- Asks whether a Bot API server is there, without a token, so that no bot is logged in by the question.
-- @function probe
-- @string server `"telegram"`, `"bale"`, `"local"` or a URL
-- @tparam[opt] table options of every call, but `server` and `test`
-- @treturn ?table what answered: a Bot API server says `{ok = false, error_code = 404, …}`, which is a yes
-- @treturn ?table the error object; kind `protocol` when something else answered
-- @raise for what is the caller's own mistake
-- @usage
-- local botapi = require "botapi"
-- assert(botapi.probe(os.getenv "BOTAPI_SERVER", {timeout = 5}))
-- assert(not botapi.probe("http://127.0.0.1:1"))

--- Sleeps, in the way of the module: blocking here, suspending the coroutine in those of event loops.
-- @function sleep
-- @number seconds 0 or more
-- @usage
-- require "botapi".sleep(0.01)

--- What came of a call
-- @section outcome

--- One channel for both kinds of failure, so that `assert` sees a refusal, too. See `botapi.reason`.
-- @function check
-- @tparam ?table res the envelope
-- @tparam ?table err the error object, when there is no envelope
-- @return the envelope's `result` (true where it has none), or nil
-- @treturn ?table the failure: the members of `res` or `err`, and `reason`; `tostring` makes one line of it
-- @raise when it gets neither an envelope nor an error object
-- @usage
-- local botapi = require "botapi"
-- local result, failure = botapi.check(botapi.logout("malformed"))
-- assert(result == nil and failure.reason == "token")

--- Why a call didn't do what it should, as one word for programs. See `botapi.reason`.
-- @function reason
-- @tparam ?table res the envelope
-- @tparam ?table err the error object, when there is no envelope
-- @treturn ?string nil when the answer is ok, else a word of `docs/errors.md`
-- @raise when it gets neither an envelope nor an error object
-- @usage
-- local botapi = require "botapi"
-- assert(botapi.reason {ok = false, error_code = 421, description = "Misdirected Request"} == "misdirected")

--- What happened and what to do next, in two sentences for people. See `botapi.reason`.
-- @function explain
-- @tparam ?table res the envelope
-- @tparam ?table err the error object, when there is no envelope
-- @treturn string the cause, and the next step; never with the token
-- @raise when it gets neither an envelope nor an error object
-- @usage
-- local botapi = require "botapi"
-- print(botapi.explain(botapi.logout("malformed")))

--- Above the calls
-- @section above

--- Makes a bot object, which holds token and options, repeats what is safe, and refuses calls to a server that the bot
-- has left. See `botapi.bot`.
-- @function bot
-- @string token the bot's token
-- @tparam[opt] table options of every call, and `retries` (0), `max_wait` (60 seconds), `deadline` (120 seconds),
--   `may_have_left`, `on_event`, `heartbeat` (10 seconds)
-- @return the bot
-- @raise for what is the caller's own mistake
-- @usage
-- local botapi = require "botapi"
-- local bot = botapi.bot(os.getenv "BOT_TOKEN", {server = os.getenv "BOTAPI_SERVER", retries = 3})
-- assert(botapi.check(bot:logout()))
-- assert(botapi.reason(bot:get_me()) == "logged_out")     -- refused here: nothing was sent

--- Moves a bot from one server to another. See `botapi.migrate`.
-- @function migrate
-- @string token the bot's token
-- @tparam table options `from`, `to`, `webhook` and more
-- @treturn table the report: `status`, `exit`, `text` and more
-- @raise for what is the caller's own mistake
-- @usage
-- local botapi = require "botapi"
-- local report = botapi.migrate(os.getenv "BOT_TOKEN", {from = {server = os.getenv "BOTAPI_SERVER", as = "cloud"},
--   to = "http://127.0.0.1:1", dry_run = true, journal = false})
-- assert(report.status == "not_sent")

--- Logs out, closes or moves any number of bots. See `botapi.fleet`.
-- @function fleet
-- @param tokens a list, or a function that returns the next token, and nil at the end
-- @tparam[opt] table options `action`, `concurrency`, `rate`, `journal` and more
-- @treturn table the report: `ok`, `exit`, `by_outcome`, `text` and more
-- @raise for what is the caller's own mistake
-- @usage
-- local botapi = require "botapi"
-- local report = botapi.fleet({os.getenv "BOT_TOKEN"}, {server = os.getenv "BOTAPI_SERVER"})
-- assert(report.ok and report.total == 1)

--- Engines: many calls at once, on any event loop
-- @section engines

--- Makes an engine. It is never shared between Lua states, and it keeps its running calls from the garbage collector.
-- @function engine
-- @tparam[opt] table settings `keep`: how many idle connections it keeps, 1 to 10000
-- @treturn engine
-- @raise for what is the caller's own mistake
-- @usage
-- local botapi = require "botapi"
-- local engine = botapi.engine {keep = 100}
-- engine:start(os.getenv "BOT_TOKEN", "getMe", nil, {server = os.getenv "BOTAPI_SERVER"})
-- while engine:step(1) > 0 do end
-- for call in engine:finished() do print(call:result()) end

--- An engine.
-- @type engine

--- Starts a call; returns at once and never waits.
-- @function engine:start
-- @string token the bot's token
-- @string method the Bot API's name
-- @tparam[opt] table params from names to values
-- @tparam[opt] table options of every call
-- @treturn call
-- @raise for what is the caller's own mistake, and when the engine is closed
-- @usage
-- local engine = require "botapi".engine()
-- local call = engine:start(os.getenv "BOT_TOKEN", "logOut", nil, {server = os.getenv "BOTAPI_SERVER"})
-- assert(call:wait(10) and call:result().ok)

--- Starts a probe.
-- @function engine:probe
-- @string server as of `probe`
-- @tparam[opt] table options of every call, but `server` and `test`
-- @treturn call
-- @raise for what is the caller's own mistake, and when the engine is closed
-- @usage
-- local engine = require "botapi".engine()
-- local call = engine:probe(os.getenv "BOTAPI_SERVER")
-- assert(call:wait(10) and call:result())

--- A "call" that is done after some time; its result is true. Drivers sleep with it.
-- @function engine:timer
-- @number seconds 0 to 1e9
-- @treturn call
-- @raise for what is the caller's own mistake, and when the engine is closed
-- @usage
-- local timer = require "botapi".engine():timer(0.01)
-- assert(timer:wait(1) and timer:result() == true)

--- Makes progress.
-- @function engine:step
-- @number[opt] seconds how long to wait at most, 0: not at all; without it until there is progress
-- @treturn integer how many calls still run
-- @raise when the engine is closed
-- @usage
-- local engine = require "botapi".engine()
-- engine:timer(0.01)
-- while engine:step(1) > 0 do end

--- Each call that is done and wasn't told or asked for its result yet, once.
-- @function engine:finished
-- @return an iterator, for `for`
-- @usage
-- local engine = require "botapi".engine()
-- engine:timer(0)
-- while engine:step(1) > 0 do end
-- for timer in engine:finished() do assert(timer:done()) end

--- A descriptor that is readable whenever `step` has something to do, deadlines included.
-- @function engine:pollfd
-- @treturn integer
-- @raise when no descriptor is left, when the engine is closed
-- @usage
-- assert(require "botapi".engine():pollfd() >= 0)

--- The same as `pollfd`, by the name that LuaSocket's select looks for.
-- @function engine:getfd
-- @treturn integer
-- @usage
-- assert(require "botapi".engine():getfd() >= 0)

--- Which events of the descriptor count, as cqueues asks.
-- @function engine:events
-- @treturn string `"r"`
-- @usage
-- assert(require "botapi".engine():events() == "r")

--- When the next deadline is, as cqueues asks.
-- @function engine:timeout
-- @treturn ?number seconds; nil: it depends on the descriptor alone
-- @raise when the engine is closed
-- @usage
-- local engine = require "botapi".engine()
-- assert(engine:timeout() == nil)
-- engine:timer(5)
-- assert(engine:timeout() <= 5)

--- Whether a step has something to do now, as LuaSocket's select asks.
-- @function engine:dirty
-- @treturn boolean
-- @raise when the engine is closed
-- @usage
-- assert(require "botapi".engine():dirty() == false)

--- Closes the engine: calls that run end with kind `cancelled`. Leaving a `local engine <close>` does the same.
-- @function engine:close
-- @usage
-- local engine = require "botapi".engine()
-- local timer = engine:timer(60)
-- engine:close()
-- assert(timer:done() and select(2, timer:result()).kind == "cancelled")

--- A call that an engine has started.
-- @type call

--- Whether it is done. Never waits.
-- @function call:done
-- @treturn boolean
-- @usage
-- assert(require "botapi".engine():timer(60):done() == false)

--- What came of it, as the functions return it.
-- @function call:result
-- @treturn ?table the server's answer, or nil; true of a timer
-- @treturn ?table the error object
-- @raise when it isn't done
-- @usage
-- local call = require "botapi".engine():start("malformed", "getMe")
-- assert(select(2, call:result()).kind == "token")

--- Steps its engine until it is done.
-- @function call:wait
-- @number[opt] seconds how long to wait at most
-- @treturn boolean whether it is done
-- @usage
-- local timer = require "botapi".engine():timer(0.01)
-- assert(timer:wait(1))

--- Ends it, kind `cancelled`; `sent` tells how far it was. Leaving a `local call <close>` does the same.
-- @function call:cancel
-- @usage
-- local timer = require "botapi".engine():timer(60)
-- timer:cancel()
-- assert(select(2, timer:result()).kind == "cancelled")

return require "botapi.api"(require "botapi.drive.blocking")
