-- SPDX-License-Identifier: MIT
-- Owns the journal of a fleet: which bot was asked and what came of it, on the disk in groups, never a token.

-- Lines of JSON: first {"type":"fleet", action, server; shard; to, how of a move}, then for each bot {"type":"intent"}
-- before its first request and {"type":"result"} after its last; with `server`, where it isn't the fleet's. Nothing of
-- the present run is kept in memory. Of earlier runs there is, for each bot with a recorded outcome, one number: about
-- 25 bytes, 25 MB for a million. Version 1 had base URLs in the first line; since 2 servers are identities, see
-- `botapi.server`.

local core = require "botapi.core"
local json = require "botapi.json"
local machine = require "botapi.machine"
local outcomes = require "botapi.outcome"
local servers = require "botapi.server"
local store = require "botapi.journal.store"

local ledger = {}
local methods = {}
local meta = { __index = methods }

local VERSION = 2
local EXACT = 15                -- digits that every Lua's numbers hold

-- A bot whose result is one of these isn't asked again.
local final = { done = true, already = true, refused = true }

-- A number needs less memory than a string.
local function key_of(id, server)
  if server then return id .. " " .. server end
  return #id <= EXACT and tonumber(id) or id
end

-- Reading ---------------------------------------------------------------------------

local apply = {}

-- Whether a line means this server; none for none.
local function is_same(line, written, identity)
  if type(written) ~= "string" or not identity then return written == nil and not identity end
  if line.v == 1 then written = written .. (identity:match " .*" or "") end
  return servers.spelled(written) == identity
end

function apply.fleet(self, line)
  if self.action and (line.action ~= self.action or line.how ~= self.how or line.shard ~= self.shard
    or not (is_same(line, line.server, self.server) and is_same(line, line.to, self.to))) then
    return ("is of another fleet: %s on %s%s%s"):format(tostring(line.action), tostring(line.server),
      line.to and (" to %s (%s)"):format(tostring(line.to), tostring(line.how)) or "",
      line.shard and ", shard " .. tostring(line.shard) or "")
  end
  self.has_head = true
end

-- The oldest try of which nobody knows what came.
function apply.intent(self, line, key)
  self.open[key] = self.open[key] or line.at
end

function apply.result(self, line, key)
  if final[line.outcome] and not (self.again and line.outcome == "refused") then
    self.settled[key] = line.outcome
  end
  if line.outcome ~= "unknown" then self.open[key] = nil end
end

local function is_damaged(line)
  return type(line) ~= "table" or type(line.type) ~= "string" or apply[line.type] and type(line.v) ~= "number"
end

-- Whether the line of a bot is one, as this version writes it.
local function is_of_bot(line)
  return type(line.bot) == "string" and type(line.at) == "number"
    and (line.server == nil or type(line.server) == "string")
    and (line.type == "intent" or type(line.outcome) == "string")
end

local DAMAGED = "a line of it is damaged; restore it, or take that line out: its bot may be asked again"

-- Of a line that a crash has cut nothing was done, and one of an unknown type is none of ours.
local function read_line(self, text, is_cut)
  local line = core.decode(text)
  if is_damaged(line) then return not is_cut and DAMAGED or nil end
  if not apply[line.type] then return nil end
  if line.v > VERSION then return "was written by a newer version of botapi" end
  if line.type == "fleet" then return apply.fleet(self, line) end
  if not is_of_bot(line) then return DAMAGED end
  apply[line.type](self, line, key_of(line.bot, line.server and servers.spelled(line.server)))
end

-- Opening ---------------------------------------------------------------------------

--- What the journal of a fleet is for, as `open` takes it.
-- @tparam table settings by botapi.fleet.options
-- @string path
function ledger.of(settings, path)
  return { path = path, server = settings.server, to = settings.to, how = settings.how, again = settings.again,
    shard = settings.shard and settings.shard.text or nil,
    action = type(settings.action) == "string" and settings.action or "function" }
end

--- Opens the journal of a fleet, which is made where there is none; `path.lock` keeps a second process out.
-- @tparam table given `path`, `action`, `server` (an identity), of a move `to` (another) and `how`, of a shard `shard`;
--   and `again`: bots that were refused are asked once more
-- @return the ledger, or nil
-- @treturn ?string why it can't be used
function ledger.open(given)
  local self = setmetatable({ action = given.action, server = given.server, to = given.to, how = given.how,
    shard = given.shard, again = given.again, settled = {}, open = {}, lines = {}, has_head = false, failed = false,
    store = false }, meta)
  local ok, why, errno
  self.store, why, errno = store.open(given.path, function(text, is_cut)
    local wrong = read_line(self, text, is_cut)
    return wrong and given.path .. ": " .. wrong
  end)
  if not self.store then return nil, machine.told(why, errno) end
  if not self.has_head then self:head() end
  ok, why = self:sync()
  if ok then return self end
  self:close()
  return nil, why
end

-- Writing ---------------------------------------------------------------------------

-- By hand: the members are always the same, and there are two lines for each of a million bots.
local function add(self, fields, ...)
  self.lines[#self.lines + 1] = ('{"v":%d,%s}'):format(VERSION, fields:format(...))
end

function methods:head()
  local move = self.to and (',"to":%s,"how":%s'):format(json.encode(self.to), json.encode(self.how)) or ""
  local shard = self.shard and (',"shard":%s'):format(json.encode(self.shard)) or ""
  add(self, '"type":"fleet","at":%d,"action":%s,"server":%s%s%s', os.time(), json.encode(self.action),
    json.encode(self.server), move, shard)
end

local function own_server(server)
  return server and (',"server":%s'):format(json.encode(server)) or ""
end

--- Notes that a bot is about to be asked; nothing may be sent before `sync`.
-- @string id of the bot
-- @tparam ?string server where it isn't the fleet's
function methods:intent(id, server)
  add(self, '"type":"intent","bot":"%s","at":%d%s', id, os.time(), own_server(server))
end

--- Notes what came of it; nothing may be told before `sync`.
-- @tparam string id of the bot
-- @tparam table result `outcome`, `reason`, `sent`, `attempts`
-- @tparam ?string server where it isn't the fleet's
function methods:result(id, result, server)
  add(self, '"type":"result","bot":"%s","at":%d,"outcome":"%s","reason":%s,"sent":"%s","attempts":%d%s', id,
    os.time(), outcomes.recorded(result.outcome), json.encode(result.reason and core.redact(result.reason)),
    result.sent, result.attempts, own_server(server))
end

--- Puts what was noted on the disk: one write and one fsync, however many lines there are.
-- After a failure nobody knows what the disk has: such a journal takes no more.
-- @treturn ?boolean true, or nil
-- @treturn ?string why it failed
function methods:sync()
  if self.failed then return nil, self.failed end
  if not self.lines[1] then return true end
  local ok, why, errno = self.store:append(table.concat(self.lines, "\n"))
  self.lines = {}
  self.failed = not ok and machine.told(why, errno)
  return ok, self.failed
end

-- Asking ----------------------------------------------------------------------------

--- What earlier runs say of a bot.
-- @string id
-- @tparam ?string server where it isn't the fleet's
-- @treturn ?string its outcome, when it isn't to be asked again
-- @treturn ?number since when there is a try of which nobody knows what came
function methods:earlier(id, server)
  local key = key_of(id, server)
  return self.settled[key], self.open[key]
end

--- Lets the file go, for others to open.
function methods:close()
  self.store:close()
end

return ledger
