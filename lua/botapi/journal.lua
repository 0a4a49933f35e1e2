-- SPDX-License-Identifier: MIT
-- The journal: on the disk before the act, what is about to be done; and after it, what came of it.

--- A journal of the calls that change something, so that whatever interrupts them, the next run knows where it stands.
--
-- Lines of JSON in a file that is its owner's alone. An `intent` is on the disk before the request is sent, a `result`
-- after its answer; an intent without a result, or with one that says `unknown`, is unsettled. One process at a time
-- has a journal open: a forked child can't write its parent's; it closes its copy, and opens the journal itself once
-- the parent has closed it or ended. The token is never written: what looks like one becomes `***`. A server is the
-- same one however its URL is spelled; what is read has one spelling of it, see `identity` of `botapi.bot`.
--
-- Functions that touch the disk return nil, a message and an errno when that fails. `log` in the examples is an open
-- journal, `id` the number of an intent.
--
-- @module botapi.journal
-- @usage
-- local journal = require "botapi.journal"
-- local name = os.tmpname()
-- local log = assert(journal.open(name))
-- local id = assert(log:intent { bot = 123456789, server = "https://api.telegram.org", method = "logOut" })
-- assert(log:result(id, { outcome = "done", sent = "yes" }))
-- assert(log:left(123456789, "https://api.telegram.org").method == "logOut")
-- log:close()
-- os.remove(name)
-- os.remove(name .. ".lock")

local misuse = require "botapi.misuse"
local outcomes = require "botapi.outcome"
local place = require "botapi.journal.place"
local record = require "botapi.journal.record"
local servers = require "botapi.server"
local state = require "botapi.journal.state"
local store = require "botapi.journal.store"
local texts = require "botapi.text"

local journal = {}
local methods = {}
local meta = { __index = methods, __name = "botapi.journal" }

--- Where the journal of a bot is: below `$XDG_STATE_HOME`, else `~/.local/state`.
--
-- @tparam number|string bot its numeric id
-- @treturn ?string the path; nil when neither that variable nor `HOME` is an absolute path
-- @treturn ?string why there is none
-- @raise when `bot` isn't an id
-- @usage
-- local journal = require "botapi.journal"
-- assert(journal.path(123456789):find("/botapi/123456789.jsonl", 1, true))
function journal.path(bot)
  local id = record.id_of(bot) or misuse("path", "bot: a bot's numeric id expected")
  return place.path(id)
end

-- Opening -------------------------------------------------------------------------

local function check_path(name, path)
  if type(path) ~= "string" then
    misuse(name, "path: a string expected, got " .. type(path))
  end
end

-- A journal without lines, and what adds one: why it can't be gone on with. Lines that say nothing count in `torn`,
-- and those of them that no crash has cut in `damaged`.
local function new(path, options)
  local self = { path = path, now = options and options.now or os.time, state = state.new(), torn = 0, damaged = 0 }
  return setmetatable(self, meta), function(line, is_cut)
    local fields = record.decode(line)
    if fields and fields.v > record.VERSION then
      return path .. ": was written by a newer version of botapi"
    elseif fields and not state.is_stray(self.state, fields) then
      state.add(self.state, fields)
    else
      self.torn = self.torn + 1
      self.damaged = self.damaged + (is_cut and 0 or 1)
    end
  end
end

--- Opens a journal, which is made where there is none, with its directories.
--
-- @string path the file; beside it, `path.lock` keeps a second process out
-- @tparam ?table options `now`, a function that returns the time in seconds (`os.time`)
-- @return the journal, or nil
-- @treturn ?string why it can't be opened: also that another process has it, or that a newer version has written it
-- @treturn ?integer the errno
-- @treturn ?integer the process that has it, where it is known
-- @usage
-- local journal = require "botapi.journal"
-- local log, message = journal.open("/proc/no/such/journal")
-- assert(not log and message)
function journal.open(path, options)
  check_path("open", path)
  local self, add = new(path, options)
  local message, errno, holder
  self.store, message, errno, holder = store.open(path, add)
  if not self.store then
    return nil, message, errno, holder
  end
  return self
end

--- Reads a journal that another process may have open; nothing can be written to it. Where there is none, it is empty.
--
-- @string path the file
-- @tparam ?table options as of `open`
-- @return the journal, or nil
-- @treturn ?string why it can't be read
-- @treturn ?integer the errno
-- @usage
-- local journal = require "botapi.journal"
-- assert(#journal.read("no such file"):records() == 0)
function journal.read(path, options)
  check_path("read", path)
  local self, add = new(path, options)
  local ok, message, errno = store.read(path, add)
  if not ok then
    return nil, message, errno
  end
  return self
end

-- Writing -------------------------------------------------------------------------

-- A line and its number: the journal's own members, and the caller's, which replace none of them.
local function compose(self, kind, own, fields)
  if not self.store then
    misuse(kind, "journal: isn't open for writing")
  end
  own.v, own.id, own.type = record.VERSION, self.state.last + 1, kind
  own.at = math.floor(self.now())
  own.utc = os.date("!%Y-%m-%dT%H:%M:%SZ", own.at)
  for name, value in pairs(fields) do
    if type(name) ~= "string" or own[name] ~= nil then
      misuse(kind, tostring(name) .. ": is no name for a member, or the journal's own")
    end
    own[name] = value
  end
  own.bot = record.id_of(own.bot) or misuse(kind, "bot: a bot's numeric id expected")
  local line, why = record.encode(own)
  return line or misuse(kind, why), own.id
end

local function append(self, line, id)
  self.state.last = id
  local ok, message, errno = self.store:append(line)
  if not ok then
    return nil, message, errno
  end
  state.add(self.state, record.decode(line))
  return id
end

local function check_fields(kind, fields, ...)
  if type(fields) ~= "table" then
    misuse(kind, "fields: a table expected, got " .. type(fields))
  end
  for _, name in ipairs { ... } do
    if type(fields[name]) ~= "string" then
      misuse(kind, name .. ": a string expected, got " .. type(fields[name]))
    end
  end
end

--- Notes what is about to be done; it is on the disk when this returns. Send nothing when it fails.
--
-- @tparam table fields `bot` (id), `server` (base URL), `method`, and whatever else helps the next run
-- @treturn ?integer the intent's number, or nil
-- @treturn ?string why it couldn't be written
-- @treturn ?integer the errno
-- @usage
-- local id = assert(log:intent { bot = 123, server = "https://api.telegram.org", method = "logOut" })
function methods:intent(fields)
  check_fields("intent", fields, "server", "method")
  return append(self, compose(self, "intent", {}, fields))
end

--- Notes what came of an intent, also of one of an earlier run.
--
-- @int id the intent's number
-- @tparam table fields `outcome` (`done`, `already`, `refused`, `not_sent`, `later` or `unknown`), and whatever else
-- @treturn ?integer the record's number, or nil
-- @treturn ?string why it couldn't be written
-- @treturn ?integer the errno
-- @usage
-- assert(log:result(id, { outcome = "done", sent = "yes" }))
function methods:result(id, fields)
  local intent = self.state.intents[id] or misuse("result", "id: no intent has this number")
  check_fields("result", fields, "outcome")
  if not outcomes.is_recorded(fields.outcome) then
    misuse("result", "outcome: done, already, refused, not_sent, later or unknown expected")
  end
  local own = { of = id, bot = intent.bot, server = intent.server, method = intent.method }
  return append(self, compose(self, "result", own, fields))
end

--- Notes that a bot is logged in on a server (again), so that it counts no more as one that has left it.
--
-- @tparam table fields `bot`, `server`, and whatever else
-- @treturn ?integer the record's number, or nil
-- @treturn ?string why it couldn't be written
-- @treturn ?integer the errno
-- @usage
-- assert(log:arrival { bot = 123, server = "http://127.0.0.1:8081" })
function methods:arrival(fields)
  check_fields("arrival", fields, "server")
  return append(self, compose(self, "arrival", {}, fields))
end

--- Notes anything else that the next run wants to know, such as the webhook that is to be set again.
--
-- @tparam table fields `bot`, and whatever else
-- @treturn ?integer the record's number, or nil
-- @treturn ?string why it couldn't be written
-- @treturn ?integer the errno
-- @usage
-- assert(log:note { bot = 123, webhook = "https://shop.example/hook" })
function methods:note(fields)
  check_fields("note", fields)
  return append(self, compose(self, "note", {}, fields))
end

-- Reading -------------------------------------------------------------------------

local function bot_of(self, name, bot)
  return state.bot(self.state, record.id_of(bot) or misuse(name, "bot: a bot's numeric id expected"))
end

local function aged(self, fields)
  local copy = { age = math.max(0, self.now() - fields.at) }
  for name, value in pairs(fields) do
    copy[name] = value
  end
  return copy
end

--- All records in their order.
--
-- @tparam ?number|string bot only those of this bot
-- @treturn {table,...} of records; not to be changed
-- @usage
-- for _, record in ipairs(log:records(123)) do print(record.type, record.utc) end
function methods:records(bot)
  return bot == nil and self.state.records or bot_of(self, "records", bot).records
end

--- The intents of a bot of which it isn't known whether they were done, oldest first.
--
-- @tparam number|string bot its id
-- @treturn {table,...} of intents, each with its `age` in seconds
-- @usage
-- for _, intent in ipairs(log:unsettled(123)) do print(intent.method, intent.age) end
function methods:unsettled(bot)
  local list = {}
  for i, intent in ipairs(bot_of(self, "unsettled", bot).pending) do
    list[i] = aged(self, intent)
  end
  return list
end

--- Whether a bot has left a server: then any call there would log it in again.
--
-- @tparam number|string bot its id
-- @string server the base URL
-- @treturn ?table nil, or the departure: `at`, `age` (seconds), `method`, `server`
-- @usage
-- if log:left(123, "https://api.telegram.org") then print "asking there would log it in again" end
function methods:left(bot, server)
  if type(server) ~= "string" then misuse("left", "server: a string expected, got " .. type(server)) end
  local departure = bot_of(self, "left", bot).departures[servers.spelled(server)]
  return departure and aged(self, departure)
end

--- Why the journal may have said more: lines of it are damaged. A line that a crash has cut isn't: nothing was done.
-- What isn't in a damaged journal may have been: ask no server that the bot may have left.
--
-- @treturn ?string nil where none is, or the path and how many are
-- @usage
-- assert(not log:damage())
function methods:damage()
  if self.damaged == 0 then return nil end
  return ("%s: damaged (%s)"):format(self.path, texts.counted(self.damaged, "line"))
end

--- Closes the journal, for others to open; it can still be read.
-- @usage
-- log:close()
function methods:close()
  if self.store then
    self.store:close()
  end
  self.store = nil
end

meta.__close = methods.close

function meta.__tostring(self)
  return "botapi.journal (" .. self.path .. ")"
end

return journal
