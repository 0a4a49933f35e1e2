-- SPDX-License-Identifier: MIT
-- Prints docs/options.md, from the C module's table of options and the methods. `make docs` writes it to its place.

local bot_api = require "botapi.bot_api"
local core = require "botapi.core"
local methods = require "botapi.methods"
local policy = require "botapi.policy"

local function row(...)
  io.write("| ", table.concat({...}, " | "), " |\n")
end

local function code(text)
  return "`" .. text .. "`"
end

-- Plain digits: 1e+06 is no number for people.
local function number(n)
  return ("%.14g"):format(n)
end

local function range(o)
  if not o.max or o.max == 0 then return "" end
  local unit = o.type == "string" and "bytes" or o.unit
  return ("%s to %s %s"):format(number(o.min), number(o.max), unit):gsub("%s+$", "")
end

local function default(text)
  if text == nil then return "none" end
  text = tostring(text)
  local is_code = text:match '^[%d"]' or text:match "<" or text == "true" or text == "false"
  return is_code and code(text) or text
end

io.write [[
# Options and parameters

The tables on this page are made from the program's own by `make docs`.

## Options

Every function takes a table of options as its last argument. An unknown name, a wrong type or a value out of range
raises an error that names the option, and the one that was probably meant. `botapi.help "options"` prints them.
[The command](command.md) has all but `server` as `--connect-timeout` and so on, in a move also for one side.

| option | type | range | default | meaning |
|---|---|---|---|---|
]]
for _, o in ipairs(core.options()) do
  row(code(o.name), o.type, (range(o)), default(o.default), o.meaning)
end

io.write [[

## Policy of a bot

`botapi.bot` takes these, too, and `botapi.fleet` with other defaults.

| option | type | range | default | meaning |
|---|---|---|---|---|
]]
for _, o in ipairs(policy.list) do
  row(code(o.name), o.type, (range(o)), default(o.default), o.meaning)
end

io.write [[

## Parameters

The named functions know the parameters of their method; an unknown one raises an error. `botapi.call` takes any
parameter. Strings are sent as they are, numbers exactly, booleans as `true` and `false`, and tables as JSON.

| in Lua | in JSON |
|---|---|
| a table with the keys 1, 2, 3 … | a list |
| a table whose keys are strings | an object, its names in order |
| an empty table | a list where the Bot API has one (`results`, `inline_keyboard`, `entities` …), else an object |
| `botapi.array(t)`, `botapi.array()` | a list, also where it is empty |
| `botapi.null` | `null`; a parameter that is null is left out, because a server would take the word for its value |
| an integer | all its digits: 64 bits where Lua has them, also LuaJIT's `1LL`; 53 bits in other Luas |
| another number | as many digits as it takes to read the same number back |
| lua-cjson's `null`, `empty_array`, `array_mt` and `empty_array_mt`, dkjson's types | what they are there |

```lua
local botapi = require "botapi"
local token = os.getenv "BOT_TOKEN"
local keyboard = {inline_keyboard = {{{text = "Yes", callback_data = "yes"}}}}
local message = assert(botapi.check(botapi.call(token, "sendMessage", {chat_id = 1, text = "Really?",
  reply_markup = keyboard})))
-- an empty list takes the keyboard away
assert(botapi.check(botapi.call(token, "editMessageReplyMarkup", {chat_id = 1, message_id = message.message_id,
  reply_markup = {inline_keyboard = {}}})))
```

What JSON can't say raises an error that names the place, such as `reply_markup.inline_keyboard[1]`: a list with a hole
(`{1, nil, 3}`), a table that is both a list and an object, keys that are neither, a table that holds itself or is more
than 100 levels deep, more than about 32 MiB of tables, an infinite number, a float of more than 53 bits without a
fraction, which may have been another integer, and functions. So do tables whose metatable has `__index` or `__pairs`:
what is inherited can't be listed.
]]

local named = {}
for _, method in pairs(methods) do
  if method.lua and next(method.params) then named[#named + 1] = method end
end
table.sort(named, function(a, b) return a.lua < b.lua end)

local function limits(p)
  if not p.min then return p.type end
  return ("%s, %d to %d%s"):format(p.type, p.min, p.max, p.type == "string" and " bytes" or "")
end

for _, method in ipairs(named) do
  io.write("\n### ", code("botapi." .. method.lua), " (", method.name, ")\n\n")
  io.write("| parameter | type | | meaning |\n|---|---|---|---|\n")
  local names = {}
  for name in pairs(method.params) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local p = method.params[name]
    row(code(name), limits(p), p.required and "required" or "", p.meaning)
  end
end

local lifecycle, readers = {}, {}
for _, name in ipairs(bot_api.names()) do
  local entry, function_of = bot_api.find(name), methods[name:lower()]
  if function_of and function_of.lifecycle then lifecycle[#lifecycle + 1] = code(name) end
  if entry.reads then readers[#readers + 1] = code(name) end
end
table.sort(lifecycle)
table.sort(readers)

io.write([[

## Connections that are kept

A call may use a connection that an earlier one has left open, if it goes to the same server in the same way. That saves
a TLS handshake. It never takes one that the server has closed or that was idle for a minute, and even there the request
is sent at most once. These methods decide where the bot is and who gets its updates, so each opens a new connection:

]], table.concat(lifecycle, ", "), [[


`reuse = true` lets them use an open one; `reuse = false` gives any call a new one. An open connection can end at the
very moment when a request is written. Such a call fails with the kind `network`; `sent` is `"maybe"` if the request was
written, which only an answer could settle, and `"no"` if it wasn't.

## Methods that only read

They change nothing on the server, so they may be repeated whatever `sent` says.

]], table.concat(readers, ", "), "\n")
