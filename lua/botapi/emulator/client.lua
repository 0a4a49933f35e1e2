-- SPDX-License-Identifier: MIT
-- Owns the Lua client of an emulator: it uses the control API of a process that the launcher started.

--- An emulator as seen from Lua: what `require "botapi.emulator".start()` returns, `emu` in the examples.
-- Its functions block, in an event loop, too. A mistake raises an error.
-- @module botapi.emulator.client

local framed = require "botapi.framed"
local json = require "botapi.emulator.json"
local launcher = require "botapi.emulator.launcher"
local nearest = require "botapi.nearest"
local place = require "botapi.place"
local tokens = require "botapi.emulator.tokens"
local validate = require "botapi.emulator.validate"
local socket = require "socket"   -- LuaSocket blocks, whatever loop it is called in
local escape = require "socket.url".escape

local client = {}

local ANSWER_TIMEOUT = 30
local SLICE = 0.2               -- seconds of one wait

-- At the line of whoever uses the emulator.
local function fail(text) error(place() .. text, 0) end

--- Starts an emulator as a process of its own and returns when it answers.
-- The process ends with `close`, or when this program ends in whatever way.
-- @tparam[opt] table options as ("local", "cloud", "bale", "facebook"), port (0: any), host, bot (a token or a list:
--   the only valid ones), limits, pair, filter ("0/2": even ids only), tls (true, or {cert = FILE, key = FILE}),
--   control (a port, "host:port", a path), lua
-- @treturn botapi.emulator.client with url, pid; of a pair also local_url; with tls also ca_file
-- @raise what kept it from starting
-- @usage
-- local emu = require "botapi.emulator".start {as = "cloud"}
-- emu:close()
function client.start(options)
  options = options or {}
  local self = setmetatable({as = options.as or "local"}, client)
  local started, output = launcher.start(self, options)
  if started then return self end
  self:close()
  fail("emulator.start: it did not start: " .. (output:match "%S.*%S" or "no word from it"))
end

local function connect(url)
  local path = url:match "^unix:(.*)$"
  if path then
    local connection = require "socket.unix"()
    assert(connection:connect(path))
    return connection
  end
  local host, port = url:match "^http://%[?(.-)%]?:(%d+)$"
  if not host then fail("emulator: no control API at " .. url) end
  local connection, why = socket.connect(host, tonumber(port))
  if not connection then fail("emulator: it doesn't run any more: " .. why) end
  connection:setoption("tcp-nodelay", true)
  return connection
end

-- As the connection's own, until a time: between two waits Ctrl-C is heard.
local function receive(connection, what, ends)
  local found, why, part
  repeat
    found, why, part = connection:receive(what, part)
  until found or why ~= "timeout" or socket.gettime() > ends
  return found
end

local function read_response(connection, ends)
  local status, length = (receive(connection, "*l", ends) or ""):match "^HTTP/1%.1 (%d+)", nil
  if not status then return nil end
  repeat
    local line = receive(connection, "*l", ends)
    length = line and line:match "^Content%-Length: (%d+)" or length
  until not line or line == ""
  return tonumber(status), length and receive(connection, tonumber(length), ends)
end

local function exchange(self, verb, path, body, wait)
  if self.is_closed then fail "emulator: it is closed" end
  body = body and json.encode(body) or ""
  local bytes = verb .. " /_emulator" .. path .. " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " .. #body
    .. "\r\n\r\n" .. body
  for _ = 1, 2 do   -- the connection may have been closed since the last request
    local connection = self.connection or connect(self.control_url)
    self.connection = nil       -- until the answer is there: what Ctrl-C ends leaves one that nobody reads
    connection:settimeout(ANSWER_TIMEOUT)
    local sent, status, text = connection:send(bytes), nil, nil
    connection:settimeout(SLICE)
    if sent then status, text = read_response(connection, socket.gettime() + ANSWER_TIMEOUT + (wait or 0)) end
    if text then
      self.connection = connection
      return status, text
    end
    connection:close()
    if sent and verb ~= "GET" then break end
  end
  fail "emulator: no answer from its control API"
end

-- A decoded value as plain Lua: null is nil.
local function without_null(value)
  if value == json.null then return nil end
  if type(value) ~= "table" then return value end
  local plain = {}
  for name, each in pairs(value) do plain[name] = without_null(each) end
  return plain
end

-- What it says, which shows what it holds. The module that does it needs the C module, which an emulator doesn't.
local function readable(value)
  local ok, module = pcall(require, "botapi.readable")
  return ok and module.mark(value) or value
end

-- The result. A refusal is the caller's mistake and raises; but 417 says that other calls came than expected.
local function ask(self, verb, path, body, wait)
  local status, text = exchange(self, verb, path, body, wait)
  local value = without_null(json.decode(text))
  if status == 200 then return readable(value) end
  if status == 417 then return nil, value.error, readable(value.calls) end
  fail("emulator: " .. tostring(value and value.error or status))
end

local function id_of(bot)
  if not tonumber(bot) then fail(("emulator: a bot's id expected, got %s"):format(type(bot))) end
  return string.format("%.0f", tonumber(bot))
end

--- A well-formed token of a bot.
-- @function client:token
-- @tparam number id of the bot
-- @treturn string
-- @usage
-- local token = emu:token(123)
function client.token(_, id)
  return tokens.of(id_of(id))
end

--- The options with which botapi.facebook reaches an emulator of `{as = "facebook"}`.
-- @treturn table port, resolve, ca_file
-- @usage
-- print(emu:facebook().port)
function client:facebook()
  local port = self.url:match ":(%d+)$"
  return {port = tonumber(port), resolve = {"www.facebook.com:" .. port .. ":127.0.0.1"}, ca_file = self.ca_file}
end

--- Adds a rule: a stub or a fault.
-- @tparam table rule method, bot, match, skip, times, answer (also as [1], or as `then`, a keyword of Lua)
-- @treturn number its id
-- @raise when the emulator doesn't understand it
-- @usage
-- emu:rule {method = "logOut", bot = 123, answer = "lost_answer"}
function client:rule(rule)
  local body = {}
  for name, value in pairs(rule) do
    body[name == 1 and "then" or name] = value
  end
  return ask(self, "POST", "/rules", body).id
end

--- The rules that still stand, newest first.
-- @treturn {table,...} with `left` and `hits`
-- @usage
-- print(#emu:rules())
function client:rules() return ask(self, "GET", "/rules") end

--- Removes a rule, or all.
-- @tparam[opt] number id of the rule
-- @usage
-- emu:unrule()
function client:unrule(id) return ask(self, "DELETE", id and "/rules/" .. id_of(id) or "/rules") end

--- The calls that came.
-- @tparam[opt] table filter bot, method, since, status, kind; expect (2, "1..", 0) and wait (seconds or "2s")
-- @treturn table|nil list; nil when the expectation wasn't met in time
-- @treturn string|nil the sentence that says what came instead
-- @treturn table|nil the calls that did come
-- @usage
-- assert(emu:calls {method = "logOut", bot = 123, expect = "0..", wait = 1})
function client:calls(filter)
  local words = {}
  for name, value in pairs(filter or {}) do
    if type(value) == "number" then value = value % 1 == 0 and string.format("%.0f", value) or value end
    words[#words + 1] = name .. "=" .. escape(tostring(value))
  end
  return ask(self, "GET", "/calls?" .. table.concat(words, "&"), nil, filter and validate.duration(filter.wait) or 0)
end

--- Forgets the calls.
-- @usage
-- emu:forget()
function client:forget() return ask(self, "DELETE", "/calls") end

--- Moves the emulator's clock on; due timers have fired when this returns.
-- @tparam number|string time seconds, or "10m"
-- @usage
-- emu:advance "10m"
function client:advance(time) return ask(self, "POST", "/clock", {advance = time}) end

--- Shows the clock, or changes it.
-- @tparam[opt] table change advance, freeze
-- @treturn table now, in seconds, and more
-- @usage
-- emu:clock {freeze = true}
function client:clock(change) return ask(self, change and "POST" or "GET", "/clock", change) end

--- A bot as the server sees it.
-- @tparam number id
-- @tparam[opt] string server of a pair: "cloud" or "local"
-- @treturn table id, username, state, pending, webhook and more
-- @usage
-- print(emu:bot(123).state)
function client:bot(id, server)
  return ask(self, "GET", "/bots/" .. id_of(id) .. (server and "?server=" .. server or ""))
end

--- Changes a bot.
-- @tparam number id
-- @tparam table change state, age, pending, username, first_name, webhook, revoked
-- @tparam[opt] string server of a pair
-- @usage
-- emu:put(123, {username = "shop_bot", pending = 14})
function client:put(id, change, server)
  return ask(self, "PUT", "/bots/" .. id_of(id) .. (server and "?server=" .. server or ""), change)
end

--- Revokes a bot's token.
-- @tparam number id of the bot
-- @usage
-- emu:revoke(123)
function client:revoke(id) return ask(self, "DELETE", "/bots/" .. id_of(id)) end

--- Sends updates to a bot.
-- @tparam number id
-- @tparam table update an Update, a list of them, or {text = "/start"}
-- @treturn table list of update ids
-- @usage
-- emu:updates(124, {text = "/start"})
function client:updates(id, update) return ask(self, "POST", "/bots/" .. id_of(id) .. "/updates", update).update_ids end

--- Back to the start, all of it or one bot.
-- @tparam[opt] number id of the bot
-- @usage
-- emu:reset(123)
function client:reset(id) return ask(self, "POST", "/reset", id and {bot = id} or nil) end

--- Stops the server and starts it again, as SIGTERM or SIGKILL and a new start do. Webhooks and updates that wait stay;
-- a logOut that is under way is aborted, or with `killed` carried out at the start, which answers 401 from then on.
-- @tparam[opt] table how killed (false)
-- @tparam[opt] string server of a pair
-- @usage
-- emu:restart {killed = true}
function client:restart(how, server)
  return ask(self, "POST", "/restart" .. (server and "?server=" .. server or ""), how or {})
end

--- What the emulator says of itself: version, as, now, bots, rules, calls, servers.
-- @treturn table
-- @usage
-- print(emu:state().version)
function client:state() return ask(self, "GET", "") end

--- Ends the process and waits for its end. May be called again.
-- @usage
-- emu:close()
function client:close()
  if self.connection then self.connection:close() end
  self.connection, self.is_closed = nil, true
  launcher.stop(self)
end

-- The class -------------------------------------------------------------------------

client.start = framed(client.start)

local names = {}                -- of its methods
for name in pairs(client) do
  if name ~= "start" then names[#names + 1] = name end
end
table.sort(names)

local function is_emulator(value) return type(value) == "table" and value.token == client.token end

-- A method that says so where it was called with a dot.
local function checked(name, method)
  return function(self, ...)
    if is_emulator(self) then return method(self, ...) end
    fail(("bad argument to '%s' (an emulator expected, got %s: call it with a colon, emu:%s())"):format(name,
      type(self), name))
  end
end

for _, name in ipairs(names) do
  client[name] = framed(checked(name, client[name]))
end

-- Fields that may be nil, whatever they are like.
local is_field = {url = true, urls = true, local_url = true, control_url = true, control = true, ca_file = true,
  pid = true, pipe = true, errors = true, connection = true, is_closed = true}

-- Of a name that no method has raises which one was meant, or which there are.
function client.__index(_, name)
  if client[name] ~= nil or is_field[name] or type(name) ~= "string" or not name:find "^%a" then return client[name] end
  local meant = nearest.of(name, names)
  local hint = meant and nearest.question(meant) or "it has " .. table.concat(names, ", ")
  fail(("an emulator has no method '%s': %s"):format(name, hint))
end

client.__gc = client.close
client.__close = client.close

function client.__tostring(self)
  return "botapi.emulator: " .. (self.is_closed and "closed" or tostring(self.url))
end

return client
