-- SPDX-License-Identifier: MIT
-- What the Lua language server knows of botapi; spec/unit/types_spec.lua holds it against the program.
---@meta botapi

---@alias botapi.Kind "token"|"network"|"tls"|"timeout"|"protocol"|"limit"|"cancelled"|"logged_out"|"busy"|"system"
---@alias botapi.Sent "no"|"yes"|"maybe"
---@alias botapi.Problem "cert_missing"|"cert_unreadable"|"cert_malformed"|"key_missing"|"key_unreadable"|"key_malformed"|"key_encrypted"|"key_mismatch"|"cert_wanted"|"cert_untrusted"|"cert_expired"|"cert_revoked"|"cert_refused"|"proxy_digest"|"proxy_ntlm"|"proxy_negotiate"|"proxy_basic"|"proxy_unknown"|"file_unwritable"|"file_elsewhere"|"file_other"|"file_large"|"file_missing"|"file_unreadable"|"file_kind"|"file_changed"|"file_key"
---@alias botapi.Refusal "logged_out"|"logging_out"|"closed"|"unauthorized"|"forbidden"|"not_found"|"method_not_found"|"conflict"|"misdirected"|"rate_limited"|"migrated"|"bad_request"|"server"
---@alias botapi.Reason botapi.Refusal|botapi.Kind
---@alias botapi.Server "telegram"|"bale"|"local"|string

---What a Bot API server answered.
---@class botapi.Envelope
---@field ok boolean
---@field result? any
---@field error_code? integer
---@field description? string
---@field parameters? { retry_after?: integer, migrate_to_chat_id?: integer }

---Why no Bot API answer came.
---@class botapi.Error
---@field kind botapi.Kind
---@field message string the method, the cause, and what follows of `sent`
---@field cause? string what happened
---@field sent botapi.Sent "no": not one byte of the request was written
---@field method? string
---@field http_status? integer
---@field retry_after? number seconds
---@field curl_code? integer
---@field errno? integer of what this machine refused, and of a unix socket
---@field problem? botapi.Problem what is known besides the kind
---@field malformed? boolean a member of the answer has a wrong type; the message names it
---@field location? string where the answer redirects to, which isn't followed
---@field page? "checkpoint"|"login" of botapi.facebook
---@field update_id? integer of Ctrl-C: the update that the body of `bot:updates` had in hand

---What `check` returns where there is no result: the members of the answer or of the error.
---@class botapi.Failure : botapi.Error
---@field reason botapi.Reason
---@field ok? boolean
---@field error_code? integer
---@field description? string
---@field parameters? { retry_after?: integer, migrate_to_chat_id?: integer }

---Options of every call.
---@class botapi.Options
---@field server? botapi.Server ("telegram") the Bot API server: "telegram", "bale", "local" (http://127.0.0.1:8081) or a URL
---@field test? boolean (false) Telegram's test environment
---@field timeout? number (30 seconds) time limit of the whole call; getUpdates adds its own timeout
---@field connect_timeout? number (10 seconds) time limit to resolve the name, connect and finish the TLS handshake
---@field proxy? string (the environment's) a proxy's URL (http, https, socks4, socks4a, socks5, socks5h); "" is none
---@field proxy_auth? string ("basic") how to log in at an HTTP proxy: "basic", "digest", "ntlm", "negotiate", or "any" that it offers
---@field ca_file? string (libcurl's) a PEM file of the certificates to trust instead of the system's
---@field cert_file? string a PEM file of the client's certificate, for a server that asks for one
---@field key_file? string (cert_file's) a PEM file of the certificate's key, without a passphrase
---@field unix_socket? string the path of a unix socket to connect to instead of the server's host
---@field resolve? string[] addresses to use for names, each as "host:port:address[,address]"
---@field headers? table<string, string> more request headers, by name
---@field user_agent? string (botapi/<version>) the User-Agent header
---@field max_response? integer (1048576 bytes) the largest answer that is taken; that of getUpdates is 16777216 by default
---@field plain_http? boolean (false) allow http:// for a server that isn't nearby: the token crosses the network unencrypted
---@field reuse? boolean (all methods but logOut, close, setWebhook and deleteWebhook) let the call use a connection that is still open; its request is still sent at most once
---@field on_progress? fun(done: integer, total: integer) called with how many bytes of the files were sent, and how many there are, some times a second and at the end

---@class botapi.DeleteWebhook
---@field drop_pending_updates? boolean forget the updates that still wait on the server

---@class botapi.SetWebhook
---@field allowed_updates? string[] the kinds of update that are wanted; empty: the default
---@field certificate? string|botapi.InputFile the certificate of the webhook: its PEM text, or a botapi.file
---@field drop_pending_updates? boolean forget the updates that still wait on the server
---@field ip_address? string the address that is used in place of what DNS says
---@field max_connections? integer 1 to 100000: connections to the webhook at the same time
---@field secret_token? string 1 to 256 bytes: comes back in X-Telegram-Bot-Api-Secret-Token
---@field url string where the updates go, https; empty: no webhook

---What `botapi.file` makes; it can't be changed, and `tostring` shows its name and size.
---@class botapi.InputFile

---@class botapi
---@field _VERSION string
---@field null lightuserdata JSON's null, and lua-cjson's. A parameter that is null is left out
---@field facebook botapi.facebook ends sessions of the unofficial Facebook chat APIs
---@field emulator botapi.emulator a Bot API server to test against
local botapi = {}

---@class botapi.File
---@field file_id? string
---@field file_unique_id? string
---@field file_size? number
---@field file_path? string

---@class botapi.DownloadOptions : botapi.Options
---@field max_size? number bytes: a larger file is a failure of kind `limit`
---@field on_progress? fun(done: number, total: number?) bytes; about ten times a second, and at the end
---@field resume? boolean what came before a failure stays beside the path, and the next try goes on there

-- --- calls -------------------------------------------------------------------

---Logs a bot out of a server (logOut). That erases its webhook and the updates that wait there. Any later call to that
---server logs it in again; Telegram's cloud takes it back only after about ten minutes.
---```lua
---local botapi = require "botapi"
---local token, server = os.getenv "BOT_TOKEN", os.getenv "BOTAPI_SERVER"
---assert(botapi.check(botapi.logout(token, {server = server, timeout = 10})))
---```
---@param token string the bot's token
---@param options? botapi.Options
---@return botapi.Envelope? res
---@return botapi.Error? err # the error object, when there is no answer; for a logout `sent = "maybe"` is settled by
---  asking again soon: true, or 400 `Logged out`
function botapi.logout(token, options) end

---Downloads a file of the bot. The file: a `file_id`, which getFile is asked about first; a `file_path`, which has a "/", but not first; or a table with
---one of them, such as a Document or a PhotoSize. A path is written beside itself, synced and renamed: it has the old file or the whole
---new one. A function gets the bytes in order, in strings of at most 64 KiB, and the server waits while it runs; `false`
---ends the download, and what it raises is raised. A file of another size than `file_size` is a failure of kind
---`protocol`, a full disk one of kind `system`, with `errno`. `sent` speaks of the request for the file.
---```lua
---local botapi = require "botapi"
---local token, server = os.getenv "BOT_TOKEN", os.getenv "BOTAPI_SERVER"
---local path = os.tmpname()
---local res = botapi.download(token, "documents/file_1.pdf", path, {server = server, max_size = 20e6})
---assert(res.error_code == 404)
---os.remove(path)
---```
---@param token string the bot's token
---@param file string|botapi.File as above
---@param to string|fun(bytes: string): boolean? a path, or what gets the bytes
---@param options? botapi.DownloadOptions
---@return botapi.Envelope? res # its `result` has what is known of the file, `path`, and `resumed` where a part was there
---@return botapi.Error? err
function botapi.download(token, file, to, options) end

---Closes a bot on a local server (close). Its directory can then be moved to another one. In the first ten minutes
---after the server has opened the bot it answers 429. In Lua `close` means to free, hence the longer name.
---```lua
---local botapi = require "botapi"
---local res = botapi.close_instance(os.getenv "BOT_TOKEN", {server = os.getenv "BOTAPI_SERVER"})
---assert(res.ok or botapi.reason(res) == "closed")
---```
---@param token string the bot's token
---@param options? botapi.Options
---@return botapi.Envelope? res
---@return botapi.Error? err
function botapi.close_instance(token, options) end

---Asks who the bot is (getMe). Logs it in on that server, if it wasn't.
---```lua
---local botapi = require "botapi"
---local me = assert(botapi.check(botapi.get_me(os.getenv "BOT_TOKEN", {server = os.getenv "BOTAPI_SERVER"})))
---print(me.id, me.username)
---```
---@param token string the bot's token
---@param options? botapi.Options
---@return botapi.Envelope? res # the server's answer; its `result` has `id`, `username`, `first_name` and more
---@return botapi.Error? err
function botapi.get_me(token, options) end

---Asks for the bot's webhook (getWebhookInfo). Neither its `secret_token` nor its certificate is told by any server.
---```lua
---local botapi = require "botapi"
---local server = {server = os.getenv "BOTAPI_SERVER"}
---local webhook = assert(botapi.check(botapi.get_webhook_info(os.getenv "BOT_TOKEN", server)))
---print(webhook.url, webhook.pending_update_count)
---```
---@param token string the bot's token
---@param options? botapi.Options
---@return botapi.Envelope? res # the server's answer; its `result` has `url` (empty: none), `pending_update_count`
---  and more
---@return botapi.Error? err
function botapi.get_webhook_info(token, options) end

---Takes the webhook off (deleteWebhook).
---```lua
---local botapi = require "botapi"
---local server = {server = os.getenv "BOTAPI_SERVER"}
---assert(botapi.check(botapi.delete_webhook(os.getenv "BOT_TOKEN", {drop_pending_updates = true}, server)))
---```
---@param token string the bot's token
---@param params? botapi.DeleteWebhook `drop_pending_updates`: a boolean
---@param options? botapi.Options
---@return botapi.Envelope? res
---@return botapi.Error? err
function botapi.delete_webhook(token, params, options) end

---Sets the webhook (setWebhook).
---```lua
---local botapi = require "botapi"
---local webhook = {url = "https://bot.example/hook", allowed_updates = {"message"}, secret_token = "s3cret"}
---assert(botapi.check(botapi.set_webhook(os.getenv "BOT_TOKEN", webhook, {server = os.getenv "BOTAPI_SERVER"})))
---```
---@param token string the bot's token
---@param params botapi.SetWebhook `url`, and what else docs/options.md has
---@param options? botapi.Options
---@return botapi.Envelope? res
---@return botapi.Error? err
function botapi.set_webhook(token, params, options) end

---Calls any method of the Bot API. Its parameters are sent as form fields: strings as they are, integers exactly,
---booleans, tables as JSON, files by `botapi.file`. Raises for what JSON can't say, and names its place: docs/options.md.
---```lua
---local botapi = require "botapi"
---local params = {chat_id = -1002147483648123, text = "good night", reply_markup = {remove_keyboard = true}}
---local server = {server = os.getenv "BOTAPI_SERVER"}
---assert(botapi.check(botapi.call(os.getenv "BOT_TOKEN", "sendMessage", params, server)))
---```
---@param token string the bot's token
---@param method botapi.Method|string the Bot API's name: letters only
---@param params? table<string, string|number|boolean|table|botapi.InputFile> from names to values
---@param options? botapi.Options of every call; `timeout` comes on top of the parameter `timeout` of getUpdates
---@return botapi.Envelope? res
---@return botapi.Error? err
function botapi.call(token, method, params, options) end

---Marks a list, so that it is `[]` in JSON where it is empty. Where the Bot API has a list, an empty table is one by
---itself.
---```lua
---local botapi = require "botapi"
---local params = {chat_id = 1, text = "a", a_list_of_tomorrow = botapi.array()}
---local server = {server = os.getenv "BOTAPI_SERVER"}
---assert(botapi.check(botapi.call(os.getenv "BOT_TOKEN", "sendMessage", params, server)))
---```
---@param list? table without a metatable; nil: a new one
---@return table # the same table
function botapi.array(list) end

---A file to send: by its path, or bytes in memory. It is opened and read while a call sends it, never copied; a call that
---is tried again opens it again. As a parameter of any method, and anywhere inside of parameters that are tables, where
---`attach://` names are made of it: docs/files.md.
---```lua
---local botapi = require "botapi"
---local report = botapi.file {data = "good night", name = "report.txt", type = "text/plain"}
---assert(tostring(report) == "botapi.file: report.txt, 10 bytes")
---local photo = botapi.file("/var/lib/bot/photo.jpg", {name = "cat.jpg"})
---```
---@param file string|{ data: string, name?: string, type?: string } the path; or what is in it, its name ("file") and its
---  MIME type (by the name's ending)
---@param more? { name?: string, type?: string } of a path: another name than the path's own, and the type
---@return botapi.InputFile
function botapi.file(file, more) end

---Asks whether a Bot API server is there, without a token. So no bot is logged in by the question.
---```lua
---local botapi = require "botapi"
---assert(botapi.probe(os.getenv "BOTAPI_SERVER", {timeout = 5}))
---assert(not botapi.probe("http://127.0.0.1:1"))
---```
---@param server botapi.Server `"telegram"`, `"bale"`, `"local"` or a URL
---@param options? botapi.Options of every call, but `server` and `test`
---@return botapi.Envelope? res # what answered: a Bot API server says `{ok = false, error_code = 404, …}`, which is a
---  yes
---@return botapi.Error? err # the error object; kind `protocol` when something else answered
function botapi.probe(server, options) end

---Sleeps, in the way of the module. That blocks here, and suspends the coroutine in those of event loops.
---```lua
---require "botapi".sleep(0.01)
---```
---@param seconds number 0 or more
---@return boolean? done # true; nil where it was cut short, or no descriptor was left; nothing in nginx
---@return botapi.Error? err # the error object then
function botapi.sleep(seconds) end

---Prints what a function is for, and how to call it. Without a name it lists the functions.
---```lua
---require "botapi".help "logout"
---```
---@param name? string of a function; or "options"
function botapi.help(name) end

-- --- what came of a call -----------------------------------------------------

---Returns the result of a call, or nil and why there is none. One channel for both kinds of failure, so that `assert`
---sees a refusal, too. Raises when it gets neither an envelope nor an error object.
---```lua
---local botapi = require "botapi"
---local result, failure = botapi.check(botapi.logout("malformed"))
---assert(result == nil and failure.reason == "token")
---```
---@param res? botapi.Envelope
---@param err? botapi.Error
---@return any result # the envelope's `result` (true where it has none), or nil
---@return botapi.Failure? failure # the members of `res` or `err`, `reason`, and `retry_after`, also where it was that
---  of `parameters`; `tostring` makes one line of it. Its strings have no control bytes, no token, at most 200 bytes
function botapi.check(res, err) end

---Says why a call failed, as one word for programs. Raises when it gets neither an envelope nor an error object.
---```lua
---local botapi = require "botapi"
---assert(botapi.reason {ok = false, error_code = 421, description = "Misdirected Request"} == "misdirected")
---```
---@param res? botapi.Envelope
---@param err? botapi.Error|botapi.Failure
---@return botapi.Reason? # nil when the answer is ok, else a word of `docs/errors.md`
function botapi.reason(res, err) end

---Says what happened and what to do next, in two sentences. They are for people. Raises when it gets neither an
---envelope nor an error object.
---```lua
---local botapi = require "botapi"
---print(botapi.explain(botapi.logout("malformed")))
---```
---@param res? botapi.Envelope
---@param err? botapi.Error|botapi.Failure
---@return string # the cause, and the next step; never with the token
function botapi.explain(res, err) end

-- --- above the calls ---------------------------------------------------------

---Makes a bot object, which keeps the token. It has all methods of the Bot API, repeats what is safe, and refuses calls
---to a server that the bot has left. The guide: docs/reliability.md.
---```lua
---local botapi = require "botapi"
---local bot = botapi.bot(os.getenv "BOT_TOKEN", {server = os.getenv "BOTAPI_SERVER", retries = 3})
---assert(botapi.check(bot:logout()))
---assert(botapi.reason(bot:get_me()) == "logged_out")     -- refused here: nothing was sent
---```
---@param token string the bot's token
---@param options? botapi.BotOptions of every call, and those below
---@return botapi.Bot
function botapi.bot(token, options) end

---Moves a bot from one server to another. The guide: docs/moving.md.
---```lua
---local botapi = require "botapi"
---local report = botapi.migrate(os.getenv "BOT_TOKEN", {from = {server = os.getenv "BOTAPI_SERVER", as = "cloud"},
---  to = "http://127.0.0.1:1", dry_run = true, journal = false})
---assert(report.status == "not_sent")
---```
---@param token string the bot's token
---@param options botapi.MigrateOptions as below
---@return botapi.Migration # the report: `status`, `exit`, `text` and more
function botapi.migrate(token, options) end

---Logs out, closes or moves any number of bots. The guide: docs/fleet.md.
---```lua
---local botapi = require "botapi"
---local report = botapi.fleet({os.getenv "BOT_TOKEN"}, {server = os.getenv "BOTAPI_SERVER"})
---assert(report.ok and report.total == 1)
---```
---@param tokens (string|botapi.FleetEntry)[]|fun(): string|botapi.FleetEntry|nil a list, or an iterator
---@param options? botapi.FleetOptions as below; with `action = "migrate"` those of `botapi.migrate`, too
---@return botapi.Fleet # the report: `ok`, `exit`, `by_outcome`, `text` and more
function botapi.fleet(tokens, options) end

-- --- engines: many calls at once, on any event loop --------------------------------------------------------------------

---Makes an engine, which runs many calls at once. It is never shared between Lua states, and it keeps its running calls from the garbage collector.
---```lua
---local botapi = require "botapi"
---local engine = botapi.engine {keep = 100}
---engine:start(os.getenv "BOT_TOKEN", "getMe", nil, {server = os.getenv "BOTAPI_SERVER"})
---while engine:step(1) > 0 do end
---for call in engine:finished() do print(call:result()) end
---```
---@param settings? { keep?: integer } `keep`: how many idle connections it keeps, 1 to 10000
---@return botapi.Engine
function botapi.engine(settings) end

---@class botapi.Engine
local engine = {}

---Starts a call; returns at once and never waits.
---```lua
---local engine = require "botapi".engine()
---local call = engine:start(os.getenv "BOT_TOKEN", "logOut", nil, {server = os.getenv "BOTAPI_SERVER"})
---assert(call:wait(10) and call:result().ok)
---```
---@param token string the bot's token
---@param method botapi.Method|string the Bot API's name
---@param params? table<string, string|number|boolean|table|botapi.InputFile> from names to values
---@param options? botapi.Options
---@return botapi.Call
function engine:start(token, method, params, options) end

---Starts a probe.
---```lua
---local engine = require "botapi".engine()
---local call = engine:probe(os.getenv "BOTAPI_SERVER")
---assert(call:wait(10) and call:result())
---```
---@param server botapi.Server as of `probe`
---@param options? botapi.Options of every call, but `server` and `test`
---@return botapi.Call
function engine:probe(server, options) end

---A "call" that is done after some time; its result is true, or nil and an error object when it ended before. Drivers
---sleep with it.
---```lua
---local timer = require "botapi".engine():timer(0.01)
---assert(timer:wait(1) and timer:result() == true)
---```
---@param seconds number 0 to 1e9
---@return botapi.Call
function engine:timer(seconds) end

---Starts the download of a file in chunks, which `news` gives; the result is `{size =}`. Without `timeout` it ends when
---nothing has come for 30 seconds.
---```lua
---local engine = require "botapi".engine()
---local call = engine:download(os.getenv "BOT_TOKEN", "documents/file_1.pdf", {}, {server = os.getenv "BOTAPI_SERVER"})
---repeat
---  call:wait()
---  local chunk = call:news()
---until chunk == nil
---assert(call:result().error_code == 404)
---```
---@param token string the bot's token
---@param path string the `file_path`
---@param to table `size`, where it is known: another one is a failure; `most`, the largest that is taken
---@param options? botapi.Options
---@return botapi.Call
function engine:download(token, path, to, options) end

---Makes progress.
---```lua
---local engine = require "botapi".engine()
---engine:timer(0.01)
---while engine:step(1) > 0 do end
---```
---@param seconds? number how long to wait at most, 0: not at all; without it until there is progress
---@return integer running # how many calls still run
function engine:step(seconds) end

---Each call that is done and wasn't told or asked for its result yet, once; and each that has news, whenever it has.
---```lua
---local engine = require "botapi".engine()
---engine:timer(0)
---while engine:step(1) > 0 do end
---for timer in engine:finished() do assert(timer:done()) end
---```
---@return fun(): botapi.Call? # an iterator, for `for`
function engine:finished() end

---A descriptor that is readable whenever `step` has something to do, deadlines included. Raises when no descriptor is
---left, when the engine is closed. Once it was asked for, a call that begins while none is left ends with kind `system`:
---a loop couldn't watch the engine.
---```lua
---assert(require "botapi".engine():pollfd() >= 0)
---```
---@return integer
function engine:pollfd() end

---The same as `pollfd`, by the name that LuaSocket's select looks for.
---```lua
---assert(require "botapi".engine():getfd() >= 0)
---```
---@return integer
function engine:getfd() end

---Which events of the descriptor count, as cqueues asks.
---```lua
---assert(require "botapi".engine():events() == "r")
---```
---@return string # `"r"`
function engine:events() end

---When the next deadline is, as cqueues asks.
---```lua
---local engine = require "botapi".engine()
---assert(engine:timeout() == nil)
---engine:timer(5)
---assert(engine:timeout() <= 5)
---```
---@return number? seconds # seconds; nil: it depends on the descriptor alone
function engine:timeout() end

---Whether a deadline has passed, as LuaSocket's select asks; an answer makes the descriptor readable alone.
---```lua
---assert(require "botapi".engine():dirty() == false)
---```
---@return boolean
function engine:dirty() end

---For a loop that can't watch the descriptor any longer: calls that run end with kind `system`, and the descriptor is
---closed. The next call opens the engine again, which may have another descriptor then.
---```lua
---local engine = require "botapi".engine()
---local timer = engine:timer(60)
---engine:fail "the handle was closed"
---assert(timer:done() and select(2, timer:result()).cause == "the handle was closed")
---```
---@param why string the calls' `cause`
function engine:fail(why) end

---Closes the engine: calls that run end with kind `cancelled`. Leaving a `local engine <close>` does the same.
---```lua
---local engine = require "botapi".engine()
---local timer = engine:timer(60)
---engine:close()
---assert(timer:done() and select(2, timer:result()).kind == "cancelled")
---```
function engine:close() end

---@class botapi.Call
local call = {}

---Whether it is done, or has news. Never waits.
---```lua
---assert(require "botapi".engine():timer(60):done() == false)
---```
---@return boolean
function call:done() end

---What came of it, as the functions return it. Raises when it isn't done.
---```lua
---local call = require "botapi".engine():start("malformed", "getMe")
---assert(select(2, call:result()).kind == "token")
---```
---@return any res # the server's answer, or nil; true of a timer
---@return botapi.Error? err
function call:result() end

---Takes what a call that runs has for its owner, and lets it go on: a chunk of a download, or how many bytes of a file
---have moved, and how many there are, where that is known. nil: it has ended, and `result` has what came of it; false:
---nothing is new.
---```lua
---local timer = require "botapi".engine():timer(0)
---assert(timer:news() == false and timer:wait(1) and timer:news() == nil)
---```
---@return string|number|false? news
---@return number? total
function call:news() end

---Steps its engine until it is done, or has news.
---```lua
---local timer = require "botapi".engine():timer(0.01)
---assert(timer:wait(1))
---```
---@param seconds? number how long to wait at most
---@return boolean done # whether it is
function call:wait(seconds) end

---The option `on_progress` of a call that sends files, for drivers, which call it; nil where there is none.
---```lua
---assert(require "botapi".engine():timer(60):on_progress() == nil)
---```
---@return (fun(done: integer, total: integer))?
function call:on_progress() end

---Ends it, kind `cancelled`; `sent` tells how far it was. Leaving a `local call <close>` does the same.
---```lua
---local timer = require "botapi".engine():timer(60)
---timer:cancel()
---assert(select(2, timer:result()).kind == "cancelled")
---```
function call:cancel() end

-- --- the bot object ---------------------------------------------------------------

---@class botapi.BotOptions : botapi.Options
---@field retries? integer (0) how many more times a call is tried, where a repeat is safe
---@field max_wait? number (60 seconds) a longer `retry_after` is returned at once
---@field deadline? number (120 seconds) for all attempts and waits of a call; counts when it is given or `retries` is over 0
---@field may_have_left? boolean (false) an earlier program may have logged the bot out here, so 401 is not yet the end of a logOut
---@field on_event? fun(event: botapi.BotEvent) called with a table for each step
---@field heartbeat? number (10 seconds) the time between two `waiting` events

---@class botapi.BotEvent
---@field type "attempt"|"answer"|"failure"|"wait"|"waiting"|"conflict"|"malformed"
---@field method string
---@field server string
---@field attempt integer
---@field elapsed number seconds
---@field http_status? integer
---@field reason? botapi.Reason
---@field sent? botapi.Sent
---@field may_have_left? boolean
---@field wait? number seconds
---@field left? number seconds
---@field why? string

---@class botapi.Bot
---@field id? string
---@field server string
---@field identity string
---@field event_error? any
local bot = {}

---Logs out (logOut), repeated where that is safe. Afterwards the bot refuses every call to this server. Raises for
---`server` and `test`, which are the bot's.
---```lua
---assert(bot:logout { retries = 3, deadline = 60 }.ok)
---```
---@param options? botapi.BotOptions of a call and of the policy, for this call alone
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:logout(options) end

---Downloads a file, as `botapi.download`. getFile and a request that wasn't sent are repeated as the policy says; what has
---begun isn't. `deadline` counts where it is given.
---```lua
---assert(bot:download("documents/file_1.pdf", function(bytes) io.write(bytes) end).error_code == 404)
---```
---@param file string|botapi.File
---@param to string|fun(bytes: string): boolean? a path, or what gets the bytes
---@param options? botapi.DownloadOptions and those of `logout`
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:download(file, to, options) end

---Closes the bot (close).
---```lua
---print(bot:close_instance())
---```
---@param options? botapi.BotOptions as of `logout`
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:close_instance(options) end

---Asks who the bot is (getMe).
---```lua
---assert(bot:get_me { timeout = 5 }.result.id)
---```
---@param options? botapi.BotOptions as of `logout`
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:get_me(options) end

---Asks for the webhook (getWebhookInfo).
---```lua
---print(bot:get_webhook_info().result.pending_update_count)
---```
---@param options? botapi.BotOptions as of `logout`
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:get_webhook_info(options) end

---Takes the webhook off (deleteWebhook).
---```lua
---assert(bot:delete_webhook { drop_pending_updates = true }.ok)
---```
---@param params? botapi.DeleteWebhook `drop_pending_updates`
---@param options? botapi.BotOptions as of `logout`
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:delete_webhook(params, options) end

---Sets the webhook (setWebhook).
---```lua
---assert(bot:set_webhook { url = "https://bot.example/hook" }.ok)
---```
---@param params botapi.SetWebhook as of `botapi.set_webhook`
---@param options? botapi.BotOptions as of `logout`
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:set_webhook(params, options) end

---Calls any method.
---```lua
---assert(bot:call("sendMessage", { chat_id = 5, text = "good night" }).ok)
---```
---@param method botapi.Method|string the Bot API's name: letters only
---@param params? table<string, string|number|boolean|table|botapi.InputFile> from names to values
---@param options? botapi.BotOptions as of `logout`
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:call(method, params, options) end

---Asks for updates, and gives one after the other: each is confirmed when the body comes back for the next one. What passes
---is waited out; docs/updates.md says what, and how the loop ends.
---```lua
---local updates = bot:updates { allowed_updates = { "message" }, timeout = 50 }
---bot:stop() -- only here: else the loop waits for updates
---for update in updates do print(update.message.text) end
---assert(updates.error == nil)
---```
---@param options? botapi.UpdatesOptions
---@return botapi.Updates # an iterator
function bot:updates(options) end

---Ends the loops of `bot:updates`: when their body comes back, or at once where they wait for an update. What was done is
---confirmed.
---```lua
---bot:stop()
---```
function bot:stop() end

---The same bot on another server: timeouts, `test` and policy come along, what belongs to the way there doesn't.
---```lua
---local there = bot:on("local", { timeout = 5 })
---assert(there.server == "http://127.0.0.1:8081" and there.id == bot.id)
---```
---@param server botapi.Server as the option of that name
---@param options? botapi.BotOptions of a call and of the policy
---@return botapi.Bot # the bot there
function bot:on(server, options) end

---@class botapi.UpdatesOptions
---@field allowed_updates? string[] the kinds of updates that are wanted
---@field timeout? integer (50 seconds) how long the server waits for an update
---@field limit? integer (100) updates in one answer at most
---@field on_conflict? "wait"|"stop" ("wait") what to do while somebody else takes the updates
---@field max_response? integer (16777216 bytes) the largest answer that is taken
---@field on_event? fun(event: botapi.BotEvent)
---@field heartbeat? number seconds

---@class botapi.Updates
---@field error? botapi.Failure why the loop has ended; nil: it was stopped, or the bot has left
---@field in_hand? table the update that the body works on
---@overload fun(): table?
local updates = {}

---The next update, which `for` asks for by calling the object; the one before counts as done, unless a `for` begins: then
---it comes again. Waits for it. In Lua 5.1 a coroutine can't be suspended in the head of a `for`: there it is called by this
---name.
---```lua
---local updates = bot:updates()
---bot:stop()
---assert(updates:next() == nil)
---```
---@return table? update nil: the loop has ended, see `error`
function updates:next() end

-- --- the move -----------------------------------------------------------------------

---@class botapi.Side : botapi.Options
---@field as? "cloud"|"local"

---@class botapi.MigrateOptions
---@field from botapi.Server|botapi.Side a server, or a table of options of every call with `server` in it; `as = "cloud"` there: the cloud is behind that address
---@field to botapi.Server|botapi.Side the same of the new server
---@field how? "logout"|"close" between two local servers: "logout", or "close", where the bot's directory goes along
---@field webhook? "keep"|false|botapi.SetWebhook "keep", parameters for setWebhook, or false: none
---@field secret_token? string|false of the webhook to keep, since no server tells it; false: none
---@field certificate? string the same: its PEM text
---@field max_connections? integer in place of what was there, beside webhook = "keep"
---@field allowed_updates? string[] the same; empty: the default
---@field ip_address? string the same
---@field accept_loss? boolean updates that wait on the old server may be lost
---@field drain? fun(update: table, left: integer, text?: string) takes the updates that wait, one at a time
---@field dry_run? boolean looks only: nothing is changed
---@field confirm? fun(plan: botapi.Plan): boolean? sees the plan; nothing is changed unless it returns true
---@field continue? boolean of "close": the directory is in its new place
---@field ready? fun(plan: botapi.Plan): boolean? the same, asked when it counts
---@field journal? string|boolean its path; false: none, so that what is interrupted can't go on
---@field settle? boolean an earlier logOut whose answer was lost is known to have happened
---@field from_gone? boolean the old server is gone for good and isn't asked
---@field force? boolean repeats an old logOut, and deals with a server that the bot has left
---@field verify_timeout? number seconds to wait for the new server to take the bot, 60; to the cloud 2100
---@field close_timeout? number seconds to wait while close is refused with 429, 660
---@field timeout? number seconds, of every call
---@field connect_timeout? number seconds, of every call
---@field test? boolean Telegram's test environment, on both sides
---@field retries? integer of every request, 2
---@field max_wait? number seconds, 60: a longer `retry_after` isn't waited for
---@field deadline? number seconds, 120: of every request with its repeats
---@field on_event? fun(event: botapi.MigrateEvent|botapi.BotEvent) called with a table for each step

---@class botapi.Plan
---@field bot { id?: string, username?: string, first_name?: string }
---@field from table
---@field to table
---@field how "logout"|"close"
---@field checks { state: "ok"|"LOSS"|"FAIL", name: string, text: string }[]
---@field losses table[]
---@field steps { name: string, text: string, state: string }[]
---@field pending integer
---@field webhook table|false what is set on the old server
---@field to_set table|false what is to be set on the new one: pairs of a name and a value, for people
---@field sets_none boolean the caller wants no webhook there
---@field resumed boolean an earlier run has begun it
---@field has_left boolean the bot had left before any run
---@field unanswered table|false an earlier try to leave of which no answer is known
---@field settling boolean the new server is asked whether it worked
---@field gone boolean the old server isn't asked
---@field is_anew boolean the bot had left both servers
---@field unresumable boolean there is no journal
---@field text string|false

---@class botapi.MigrateEvent
---@field type "check"|"plan"|"step"|"tick"|"intent"|"result"|"report"
---@field state? string
---@field name? string
---@field message? string
---@field plan? botapi.Plan
---@field step? integer
---@field steps? integer
---@field elapsed? number seconds
---@field text? string
---@field line? string
---@field method? string
---@field server? string
---@field report? botapi.Migration

---@alias botapi.MigrateStatus "move_directory"|"done"|"already"|"refused"|"not_sent"|"later"|"unknown"|"partly"|"cancelled"

---@alias botapi.MigrateCause "dry_run"|"declined"|"interrupted"|"raised"|"journal"|"too_old"|"not_settled"|"not_put_back"

---@class botapi.Migration
---@field status botapi.MigrateStatus
---@field exit integer
---@field ok boolean
---@field text string
---@field bot table
---@field from table
---@field to table
---@field plan botapi.Plan
---@field steps table[]
---@field step? integer
---@field seconds number
---@field left_at? number seconds since 1970
---@field back_at? number seconds since 1970
---@field kept string[]
---@field lost string[]
---@field waiting? integer updates that were seen on the new server
---@field by_hand string[]
---@field requests { total: integer, repeated: integer, by_method: table<string, integer> }
---@field sent? botapi.Sent
---@field resumable? boolean
---@field journal? string
---@field warnings string[]
---@field reason? string
---@field message? string
---@field explanation? string
---@field answer? botapi.Envelope
---@field error? botapi.Error
---@field retry_after? number seconds
---@field event_error? any
---@field how "logout"|"close"
---@field cause? botapi.MigrateCause
---@field check? string the check that failed
---@field failed? string the step that failed
---@field in_doubt boolean
---@field pid? integer the process that has the journal
---@field at integer seconds since 1970
---@field tried_at? integer seconds since 1970: an earlier try that was never settled
---@field arrived boolean
---@field drained? integer
---@field put_back? string
---@field webhook? { url: string, set: boolean, read_back: boolean, differs?: string[] }
---@field webhook_there? string|false the URL that was seen on the new server; nil: it wasn't looked at

-- --- a fleet ------------------------------------------------------------------------

---@class botapi.FleetEntry
---@field token string
---@field server? string
---@field webhook? "keep"|table|false of migrate
---@field secret_token? string|false of migrate
---@field certificate? string of migrate: the bytes of a PEM file

---@class botapi.FleetOptions : botapi.BotOptions
---@field action? "logout"|"close"|"migrate"|(fun(bot: botapi.Bot, api: botapi): any, any) "logout" by default, "close", "migrate" with its options, or a function
---@field concurrency? integer 100: how many bots at a time
---@field rate? number requests a second
---@field journal? string a path: a run that was cut short goes on with it
---@field again? boolean bots that an earlier run's servers refused are asked again
---@field force? boolean so are those that may have been logged out long ago
---@field max_failures? integer when more bots have failed, no others begin
---@field max_wait? number seconds, 3600: the longest `retry_after` that is waited for
---@field patience? number seconds, 86400: what one bot waits in all
---@field count? integer how many bots an iterator gives
---@field on_event? fun(event: botapi.FleetEvent) called with a table for each bot and for progress
---@field bot_journal? boolean of migrate: its option `journal`, for each bot
---@field shard? string|integer[] "i/n", or {i, n}
---@field continue? boolean of migrate by close

---@class botapi.FleetEvent
---@field type "estimate"|"result"|"wait"|"slow"|"progress"|"report"|"interrupted"
---@field bots? integer
---@field seconds? number
---@field limited_seconds? number
---@field text? string
---@field bot? string
---@field n? integer
---@field outcome? botapi.FleetOutcome
---@field reason? botapi.Reason
---@field sent? botapi.Sent|integer
---@field attempts? integer
---@field res? botapi.Envelope
---@field err? botapi.Error
---@field wait? number seconds
---@field rate? number
---@field progress? botapi.Fleet the counts so far
---@field in_hand? integer
---@field check? string of migrate
---@field message? string
---@field report? botapi.Fleet

---@alias botapi.FleetOutcome "done"|"already"|"refused"|"not_sent"|"later"|"unknown"|"partly"|"cancelled"

---@class botapi.Fleet
---@field ok boolean
---@field exit integer
---@field total integer
---@field failed integer
---@field skipped integer
---@field by_outcome table<botapi.FleetOutcome, integer>
---@field by_reason table<string, integer>
---@field seconds number
---@field rate number
---@field requests integer
---@field text string
---@field stopped? "max_failures"|"journal"
---@field message? string
---@field event_error? any

-- --- Facebook -------------------------------------------------------------------------

---@class botapi.FacebookOptions : botapi.Options
---@field retries? integer 2
---@field port? integer 443
---@field appstate_path? string
---@field on_event? fun(event: table)

---@class botapi.facebook
local facebook = {}

---@alias botapi.Appstate string|table

---Makes a session of an appstate; sends nothing.
---```lua
---local facebook = require "botapi".facebook
---local session = assert(facebook.session { { key = "c_user", value = "100001" }, { key = "xs", value = "1:a" } })
---assert(#session:cookies() == 2)
---```
---@param appstate botapi.Appstate a text or a table in one of the forms that the guide lists, or `{path = …}`
---@param options? botapi.FacebookOptions
---@return botapi.FacebookSession? session
---@return botapi.Error? err # of kind `token`: what the appstate lacks
function facebook.session(appstate, options) end

---Makes a session and logs it out.
---```lua
---local facebook = require "botapi".facebook
---local res, err = facebook.logout { path = "/nowhere/appstate.json" }
---assert(res == nil and err.kind == "token")
---```
---@param appstate botapi.Appstate
---@param options? botapi.FacebookOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function facebook.logout(appstate, options) end

---What happened and what to do next, in two sentences.
---```lua
---local facebook = require "botapi".facebook
---print(facebook.explain(facebook.logout "nonsense"))
---```
---@param res? botapi.Envelope
---@param err? botapi.Error
---@return string
function facebook.explain(res, err) end

---@class botapi.FacebookSession
---@field event_error? any
local session = {}

---Logs the session out: asks for the first page, the settings menu, /logout.php, and where that leads; each once, but
---for `retries`. After a success the session refuses, its cookies are forgotten, and the file of `appstate_path` is
---rewritten.
---```lua
---local function leave(session)
---  local res, err = session:logout()
---  return res and res.ok, err
---end
---```
---@return botapi.Envelope? res
---@return botapi.Error? err
function session:logout() end

---The cookies as they are now, as an appstate: secrets. An empty list after a logout.
---```lua
---local function count(session) return #session:cookies() end
---```
---@return table[]
function session:cookies() end

return botapi
