-- SPDX-License-Identifier: MIT
-- Prints docs/errors.md, from the rows of lua/botapi/reason/rows.lua. `make docs` writes it to its place.
-- luacheck: max line length 140 (the page's own lines)

local rows = require "botapi.reason.rows"

local function row(...)
  io.write("| ", table.concat({...}, " | "), " |\n")
end

local function code(text)
  return "`" .. text .. "`"
end

local function words(list)
  for _, each in ipairs(list) do row(code(each[1]), each[2]) end
end

io.write [==[
# When a call fails

The tables on this page are made from the program's own by `make docs`.

| what happened | what the caller gets |
|---|---|
| a Bot API server answered | the envelope, a table: `{ok = true, result = …}`, or `{ok = false, error_code = …, description = …}` |
| no Bot API answer came | `nil, err`, where `err` is an error object |
| the caller made a mistake | a raised error that names the argument, option or parameter |

Nothing that depends on the network, the server, the environment or the content of the token raises an error.
`botapi.check` turns a refusal into `nil` and a failure as well, so that `assert` catches both:

```lua
local botapi = require "botapi"
botapi.logout(token)
os.execute "sleep 1"
local result, failure = botapi.check(botapi.logout(token))   -- once more
if not result then
  print(failure)                           --> botapi: 400 Logged out
  print(failure.reason)                    --> logged_out
  print(botapi.explain(nil, failure))      -- the cause, and the next step
end
```

The failure has the members of the envelope or of the error object, and `reason`. After a 429 it has `retry_after`, in
seconds, whether that came in the envelope's `parameters` or in the error object.

## The error object

`tostring(err)` is `botapi: ` followed by the message: the method, the `cause`, and what follows of `sent`. The fields
are `kind`, `message`, `cause` and `sent`, and where they are known `method`, `http_status`, `retry_after` (seconds),
`curl_code`, `errno` (of what this machine refused: a descriptor, a thread, a file, or of a unix socket), `problem` (see
below), `location` (where a redirect leads) and `malformed` (true: a member of the answer has a wrong type, and the
message names it). None of them ever holds the token.

### kind

| kind | what it means |
|---|---|
]==]
words(rows.kinds)
io.write [[

### sent

| sent | what it means |
|---|---|
]]
words(rows.sent)
io.write [[

### problem

Where more is known than the kind, `problem` is a word for it:

| problem | what it means |
|---|---|
]]
words(rows.problems)
io.write [[

If `sent` is `no` and there is an `http_status`, the status came from a proxy.

When a bot object retries a call, `sent` covers all attempts. If an earlier attempt at a logOut may have been carried out
and the last attempt wasn't sent, `sent` is `maybe`, and the message ends with "an earlier attempt may have been carried
out". `kind`, `http_status` and `curl_code` describe the last attempt.

Ctrl-C during a blocking call raises an error object of kind `cancelled` with `interrupted = true`, `sent` and `method`. In
Lua 5.1, whose prompt shows only texts, the text of that object is raised. If the call was made in a coroutine, it and the
coroutine's later calls return `nil` and an error of that kind, and the object is raised on the main thread once the
coroutine yields or ends (LuaJIT: it is raised in the coroutine). Other signals don't end a call: their handlers run
during it, and it goes on.

## reason

`botapi.reason(res, err)` is `nil` when the answer is ok. When there is no answer it is the error's `kind`. Otherwise it
is one of these:

| reason | what the server means |
|---|---|
]]
words(rows.reasons)
io.write [[

Bale's answers have other codes or none; they are mapped to the same words.

## explain

`botapi.explain(res, err)` returns two sentences: the cause, and the next step. The words in braces are filled in. In each
table the first row that matches applies.

For an answer:

| reason | cause | next step |
|---|---|---|
]]
for _, answer in ipairs(rows.answers) do row(code(answer.reason), answer.cause, answer.step) end
io.write [[

For an error. The `…` stands for the advice that depends on `sent` and on the method, from the last table:

| kind | cause | next step |
|---|---|---|
]]
for _, failed in ipairs(rows.errors) do
  local fix = failed.fix and failed.fix:sub(1, 1):upper() .. failed.fix:sub(2) .. "; …" or "…"
  if failed.kind then row(code(failed.kind), failed.cause, failed.step or fix) end
end
io.write [[

| sent | logOut | close | methods that only read | any other method |
|---|---|---|---|---|
]]
for _, sent in ipairs(rows.sent) do
  local texts = rows.consequences[sent[1]]
  local any = texts.any
  row(code(sent[1]), texts.logout or any, texts.close or any, texts.reads or any, any)
end
