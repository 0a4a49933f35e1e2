-- SPDX-License-Identifier: MIT
-- Owns the pages of `botapi.help`. Made by `make docs` from types/botapi.lua, which is the one to change.

return {
  { name = "logout", arguments = "(token [, options])",
    line = "Logs a bot out of a server (logOut).",
    page = [=[
Logs a bot out of a server (logOut). That erases its webhook and the updates
that wait there. Any later call to that server logs it in again; Telegram's
cloud takes it back only after about ten minutes.

Arguments
  token     the bot's token
  options   of every call: botapi.help "options"

Returns
  res       the server's answer
  err       the error object, when there is no answer; for a logout `sent =
            "maybe"` is settled by asking again soon: true, or 400 `Logged
            out`

Example
  local botapi = require "botapi"
  local token, server = os.getenv "BOT_TOKEN", os.getenv "BOTAPI_SERVER"
  assert(botapi.check(botapi.logout(token, {server = server, timeout = 10})))]=] },
  { name = "download", arguments = "(token, file, to [, options])",
    line = "Downloads a file of the bot.",
    page = [=[
Downloads a file of the bot. The file: a `file_id`, which getFile is asked
about first; a `file_path`, which has a "/", but not first; or a table with
one of them, such as a Document or a PhotoSize. A path is written beside
itself, synced and renamed: it has the old file or the whole new one. A
function gets the bytes in order, in strings of at most 64 KiB, and the server
waits while it runs; `false` ends the download, and what it raises is raised.
A file of another size than `file_size` is a failure of kind `protocol`, a
full disk one of kind `system`, with `errno`. `sent` speaks of the request for
the file.

Arguments
  token     the bot's token
  file      as above
  to        a path, or what gets the bytes

Options
  max_size        bytes: a larger file is a failure of kind `limit`
  on_progress     bytes; about ten times a second, and at the end
  resume          what came before a failure stays beside the path, and the
                  next try goes on there
and those of every call: botapi.help "options"

Returns
  res       its `result` has what is known of the file, `path`, and `resumed`
            where a part was there
  err       the error object, when there is no answer

Example
  local botapi = require "botapi"
  local token, server = os.getenv "BOT_TOKEN", os.getenv "BOTAPI_SERVER"
  local path = os.tmpname()
  local res = botapi.download(token, "documents/file_1.pdf", path, {server = server, max_size = 20e6})
  assert(res.error_code == 404)
  os.remove(path)]=] },
  { name = "close_instance", arguments = "(token [, options])",
    line = "Closes a bot on a local server (close).",
    page = [=[
Closes a bot on a local server (close). Its directory can then be moved to
another one. In the first ten minutes after the server has opened the bot it
answers 429. In Lua `close` means to free, hence the longer name.

Arguments
  token     the bot's token
  options   of every call: botapi.help "options"

Returns
  res       the server's answer
  err       the error object, when there is no answer

Example
  local botapi = require "botapi"
  local res = botapi.close_instance(os.getenv "BOT_TOKEN", {server = os.getenv "BOTAPI_SERVER"})
  assert(res.ok or botapi.reason(res) == "closed")]=] },
  { name = "get_me", arguments = "(token [, options])",
    line = "Asks who the bot is (getMe).",
    page = [=[
Asks who the bot is (getMe). Logs it in on that server, if it wasn't.

Arguments
  token     the bot's token
  options   of every call: botapi.help "options"

Returns
  res       the server's answer; its `result` has `id`, `username`,
            `first_name` and more
  err       the error object, when there is no answer

Example
  local botapi = require "botapi"
  local me = assert(botapi.check(botapi.get_me(os.getenv "BOT_TOKEN", {server = os.getenv "BOTAPI_SERVER"})))
  print(me.id, me.username)]=] },
  { name = "get_webhook_info", arguments = "(token [, options])",
    line = "Asks for the bot's webhook (getWebhookInfo).",
    page = [=[
Asks for the bot's webhook (getWebhookInfo). Neither its `secret_token` nor
its certificate is told by any server.

Arguments
  token     the bot's token
  options   of every call: botapi.help "options"

Returns
  res       the server's answer; its `result` has `url` (empty: none),
            `pending_update_count` and more
  err       the error object, when there is no answer

Example
  local botapi = require "botapi"
  local server = {server = os.getenv "BOTAPI_SERVER"}
  local webhook = assert(botapi.check(botapi.get_webhook_info(os.getenv "BOT_TOKEN", server)))
  print(webhook.url, webhook.pending_update_count)]=] },
  { name = "delete_webhook", arguments = "(token [, params [, options]])",
    line = "Takes the webhook off (deleteWebhook).",
    page = [=[
Takes the webhook off (deleteWebhook).

Arguments
  token     the bot's token
  params    `drop_pending_updates`: a boolean
  options   of every call: botapi.help "options"

Returns
  res       the server's answer
  err       the error object, when there is no answer

Example
  local botapi = require "botapi"
  local server = {server = os.getenv "BOTAPI_SERVER"}
  assert(botapi.check(botapi.delete_webhook(os.getenv "BOT_TOKEN", {drop_pending_updates = true}, server)))]=] },
  { name = "set_webhook", arguments = "(token, params [, options])",
    line = "Sets the webhook (setWebhook).",
    page = [=[
Sets the webhook (setWebhook).

Arguments
  token     the bot's token
  params    `url`, and what else docs/options.md has
  options   of every call: botapi.help "options"

Returns
  res       the server's answer
  err       the error object, when there is no answer

Example
  local botapi = require "botapi"
  local webhook = {url = "https://bot.example/hook", allowed_updates = {"message"}, secret_token = "s3cret"}
  assert(botapi.check(botapi.set_webhook(os.getenv "BOT_TOKEN", webhook, {server = os.getenv "BOTAPI_SERVER"})))]=] },
  { name = "call", arguments = "(token, method [, params [, options]])",
    line = "Calls any method of the Bot API.",
    page = [=[
Calls any method of the Bot API. Its parameters are sent as form fields:
strings as they are, integers exactly, booleans, tables as JSON, files by
`botapi.file`. Raises for what JSON can't say, and names its place:
docs/options.md.

Arguments
  token     the bot's token
  method    the Bot API's name: letters only
  params    from names to values
  options   of every call; `timeout` comes on top of the parameter `timeout`
            of getUpdates

Returns
  res       the server's answer
  err       the error object, when there is no answer

Example
  local botapi = require "botapi"
  local params = {chat_id = -1002147483648123, text = "good night", reply_markup = {remove_keyboard = true}}
  local server = {server = os.getenv "BOTAPI_SERVER"}
  assert(botapi.check(botapi.call(os.getenv "BOT_TOKEN", "sendMessage", params, server)))]=] },
  { name = "array", arguments = "([list])",
    line = "Marks a list, so that it is `[]` in JSON where it is empty.",
    page = [=[
Marks a list, so that it is `[]` in JSON where it is empty. Where the Bot API
has a list, an empty table is one by itself.

Arguments
  list      without a metatable; nil: a new one

Returns
  the result the same table

Example
  local botapi = require "botapi"
  local params = {chat_id = 1, text = "a", a_list_of_tomorrow = botapi.array()}
  local server = {server = os.getenv "BOTAPI_SERVER"}
  assert(botapi.check(botapi.call(os.getenv "BOT_TOKEN", "sendMessage", params, server)))]=] },
  { name = "file", arguments = "(file [, more])",
    line = "A file to send: by its path, or bytes in memory.",
    page = [=[
A file to send: by its path, or bytes in memory. It is opened and read while a
call sends it, never copied; a call that is tried again opens it again. As a
parameter of any method, and anywhere inside of parameters that are tables,
where `attach://` names are made of it: docs/files.md.

Arguments
  file      the path; or what is in it, its name ("file") and its MIME type
            (by the name's ending)
  more      of a path: another name than the path's own, and the type

Example
  local botapi = require "botapi"
  local report = botapi.file {data = "good night", name = "report.txt", type = "text/plain"}
  assert(tostring(report) == "botapi.file: report.txt, 10 bytes")
  local photo = botapi.file("/var/lib/bot/photo.jpg", {name = "cat.jpg"})]=] },
  { name = "probe", arguments = "(server [, options])",
    line = "Asks whether a Bot API server is there, without a token.",
    page = [=[
Asks whether a Bot API server is there, without a token. So no bot is logged
in by the question.

Arguments
  server    `"telegram"`, `"bale"`, `"local"` or a URL
  options   of every call, but `server` and `test`

Returns
  res       what answered: a Bot API server says `{ok = false, error_code =
            404, …}`, which is a yes
  err       the error object; kind `protocol` when something else answered

Example
  local botapi = require "botapi"
  assert(botapi.probe(os.getenv "BOTAPI_SERVER", {timeout = 5}))
  assert(not botapi.probe("http://127.0.0.1:1"))]=] },
  { name = "sleep", arguments = "(seconds)",
    line = "Sleeps, in the way of the module.",
    page = [=[
Sleeps, in the way of the module. That blocks here, and suspends the coroutine
in those of event loops.

Arguments
  seconds   0 or more

Returns
  done      true; nil where it was cut short, or no descriptor was left;
            nothing in nginx
  err       the error object then

Example
  require "botapi".sleep(0.01)]=] },
  { name = "help", arguments = "([name])",
    line = "Prints what a function is for, and how to call it.",
    page = [=[
Prints what a function is for, and how to call it. Without a name it lists the
functions.

Arguments
  name      of a function; or "options"

Example
  require "botapi".help "logout"]=] },
  { name = "check", arguments = "([res [, err]])",
    line = "Returns the result of a call, or nil and why there is none.",
    page = [=[
Returns the result of a call, or nil and why there is none. One channel for
both kinds of failure, so that `assert` sees a refusal, too. Raises when it
gets neither an envelope nor an error object.

Returns
  result    the envelope's `result` (true where it has none), or nil
  failure   the members of `res` or `err`, `reason`, and `retry_after`, also
            where it was that of `parameters`; `tostring` makes one line of
            it. Its strings have no control bytes, no token, at most 200 bytes

Example
  local botapi = require "botapi"
  local result, failure = botapi.check(botapi.logout("malformed"))
  assert(result == nil and failure.reason == "token")]=] },
  { name = "reason", arguments = "([res [, err]])",
    line = "Says why a call failed, as one word for programs.",
    page = [=[
Says why a call failed, as one word for programs. Raises when it gets neither
an envelope nor an error object.

Returns
  the result nil when the answer is ok, else a word of `docs/errors.md`

Example
  local botapi = require "botapi"
  assert(botapi.reason {ok = false, error_code = 421, description = "Misdirected Request"} == "misdirected")]=] },
  { name = "explain", arguments = "([res [, err]])",
    line = "Says what happened and what to do next, in two sentences.",
    page = [=[
Says what happened and what to do next, in two sentences. They are for people.
Raises when it gets neither an envelope nor an error object.

Returns
  the result the cause, and the next step; never with the token

Example
  local botapi = require "botapi"
  print(botapi.explain(botapi.logout("malformed")))]=] },
  { name = "bot", arguments = "(token [, options])",
    line = "Makes a bot object, which keeps the token.",
    page = [=[
Makes a bot object, which keeps the token. It has all methods of the Bot API,
repeats what is safe, and refuses calls to a server that the bot has left. The
guide: docs/reliability.md.

Arguments
  token     the bot's token
  options   of every call, and those below

Options
  retries         (0) how many more times a call is tried, where a repeat is
                  safe
  max_wait        (60 seconds) a longer `retry_after` is returned at once
  deadline        (120 seconds) for all attempts and waits of a call; counts
                  when it is given or `retries` is over 0
  may_have_left   (false) an earlier program may have logged the bot out here,
                  so 401 is not yet the end of a logOut
  on_event        called with a table for each step
  heartbeat       (10 seconds) the time between two `waiting` events
and those of every call: botapi.help "options"

Example
  local botapi = require "botapi"
  local bot = botapi.bot(os.getenv "BOT_TOKEN", {server = os.getenv "BOTAPI_SERVER", retries = 3})
  assert(botapi.check(bot:logout()))
  assert(botapi.reason(bot:get_me()) == "logged_out")     -- refused here: nothing was sent]=] },
  { name = "migrate", arguments = "(token, options)",
    line = "Moves a bot from one server to another.",
    page = [=[
Moves a bot from one server to another. The guide: docs/moving.md.

Arguments
  token     the bot's token
  options   as below

Options
  from            a server, or a table of options of every call with `server`
                  in it; `as = "cloud"` there: the cloud is behind that
                  address
  to              the same of the new server
  how             between two local servers: "logout", or "close", where the
                  bot's directory goes along
  webhook         "keep", parameters for setWebhook, or false: none
  secret_token    of the webhook to keep, since no server tells it; false:
                  none
  certificate     the same: its PEM text
  max_connections in place of what was there, beside webhook = "keep"
  allowed_updates the same; empty: the default
  ip_address      the same
  accept_loss     updates that wait on the old server may be lost
  drain           takes the updates that wait, one at a time
  dry_run         looks only: nothing is changed
  confirm         sees the plan; nothing is changed unless it returns true
  continue        of "close": the directory is in its new place
  ready           the same, asked when it counts
  journal         its path; false: none, so that what is interrupted can't go
                  on
  settle          an earlier logOut whose answer was lost is known to have
                  happened
  from_gone       the old server is gone for good and isn't asked
  force           repeats an old logOut, and deals with a server that the bot
                  has left
  verify_timeout  seconds to wait for the new server to take the bot, 60; to
                  the cloud 2100
  close_timeout   seconds to wait while close is refused with 429, 660
  timeout         seconds, of every call
  connect_timeout seconds, of every call
  test            Telegram's test environment, on both sides
  retries         of every request, 2
  max_wait        seconds, 60: a longer `retry_after` isn't waited for
  deadline        seconds, 120: of every request with its repeats
  on_event        called with a table for each step

Returns
  the result the report: `status`, `exit`, `text` and more

Example
  local botapi = require "botapi"
  local report = botapi.migrate(os.getenv "BOT_TOKEN", {from = {server = os.getenv "BOTAPI_SERVER", as = "cloud"},
    to = "http://127.0.0.1:1", dry_run = true, journal = false})
  assert(report.status == "not_sent")]=] },
  { name = "fleet", arguments = "(tokens [, options])",
    line = "Logs out, closes or moves any number of bots.",
    page = [=[
Logs out, closes or moves any number of bots. The guide: docs/fleet.md.

Arguments
  tokens    a list, or an iterator
  options   as below; with `action = "migrate"` those of `botapi.migrate`, too

Options
  action          "logout" by default, "close", "migrate" with its options, or
                  a function
  concurrency     100: how many bots at a time
  rate            requests a second
  journal         a path: a run that was cut short goes on with it
  again           bots that an earlier run's servers refused are asked again
  force           so are those that may have been logged out long ago
  max_failures    when more bots have failed, no others begin
  max_wait        seconds, 3600: the longest `retry_after` that is waited for
  patience        seconds, 86400: what one bot waits in all
  count           how many bots an iterator gives
  on_event        called with a table for each bot and for progress
  bot_journal     of migrate: its option `journal`, for each bot
  shard           "i/n", or {i, n}
  continue        of migrate by close
and those of a bot and of every call: botapi.help "options"

Returns
  the result the report: `ok`, `exit`, `by_outcome`, `text` and more

Example
  local botapi = require "botapi"
  local report = botapi.fleet({os.getenv "BOT_TOKEN"}, {server = os.getenv "BOTAPI_SERVER"})
  assert(report.ok and report.total == 1)]=] },
  { name = "engine", arguments = "([settings])",
    line = "Makes an engine, which runs many calls at once.",
    page = [=[
Makes an engine, which runs many calls at once. It is never shared between Lua
states, and it keeps its running calls from the garbage collector.

Arguments
  settings  `keep`: how many idle connections it keeps, 1 to 10000

Example
  local botapi = require "botapi"
  local engine = botapi.engine {keep = 100}
  engine:start(os.getenv "BOT_TOKEN", "getMe", nil, {server = os.getenv "BOTAPI_SERVER"})
  while engine:step(1) > 0 do end
  for call in engine:finished() do print(call:result()) end]=] },
  { name = "facebook", arguments = "",
    line = "Ends sessions of the unofficial Facebook chat APIs.",
    page = [=[
Ends sessions of the unofficial Facebook chat APIs: docs/facebook.md]=] },
  { name = "emulator", arguments = "",
    line = "A Bot API server to test against.",
    page = [=[
A Bot API server to test against: docs/emulator.md

Arguments of its function start
  options   `as` ("local", "cloud", "bale", "facebook"), `pair`, `port`,
            `bot`, `tls` and more: docs/emulator.md

Methods of what that returns
  token(id)                     a well-formed token of a bot
  facebook()                    the options for botapi.facebook, of an
                                emulator of it
  rule(rule)                    adds a stub or a fault, and returns its id:
                                `method`, `bot`, `match`, `skip`, `times`,
                                `answer`
  rules()                       the rules that still stand
  unrule([id])                  removes a rule, or all
  calls([filter])               the calls that came: `bot`, `method`,
                                `status`, `since`, `kind`; it waits with
                                `expect` and `wait`
  forget()                      forgets the calls
  advance(time)                 moves its clock: seconds, or "10m"
  clock([change])               shows its clock, or changes it: `advance`,
                                `freeze`
  bot(id [, server])            a bot as the server sees it: `state`,
                                `pending` and more
  put(id, change [, server])    changes a bot: `state`, `age`, `pending`,
                                `username`, `webhook` and more
  revoke(id)                    revokes a bot's token
  updates(id, update)           sends it an Update, a list of them, or `{text
                                = "/start"}`
  reset([id])                   back to the start: one bot, or all
  restart([how [, server]])     stops the server and starts it; `{killed =
                                true}`: by SIGKILL
  state()                       what the emulator says of itself
  close()                       ends it

Example
  local emu = require "botapi.emulator".start()
  local token = emu:token(123)
  emu:rule {method = "logOut", answer = "lost_answer"}
  local res, err = require "botapi".logout(token, {server = emu.url})
  assert(not res and err.sent == "maybe" and #emu:calls {method = "logOut"} == 1)
  emu:close()]=] },
}
