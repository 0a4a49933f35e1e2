-- SPDX-License-Identifier: MIT
-- Owns the journal of a fleet: which bot was asked and what came of it, on the disk in groups, never a token.

-- Lines of JSON: first {"type":"fleet", action, server; to, how of a move}, then for each bot {"type":"intent"} before
-- its first request and {"type":"result"} after its last. Nothing of the present run is kept in memory. Of earlier runs
-- there is, for each bot with a recorded outcome, one number: about 25 bytes, 25 MB for a million.

local cjson = require "cjson.safe".new()
local json = require "botapi.json"
local redact = require "botapi.core".redact
local store = require "botapi.journal.store"

local ledger = {}
local methods = {}
local meta = { __index = methods }

local VERSION = 1
local EXACT = 15                -- digits that every Lua's numbers hold

-- A bot whose result is one of these isn't asked again.
local final = { done = true, already = true, refused = true }

-- A number needs less memory than a string.
local function key_of(id)
  return #id <= EXACT and tonumber(id) or id
end

-- Reading ---------------------------------------------------------------------------

local apply = {}

function apply.fleet(self, line)
  if self.action and (line.action ~= self.action or line.server ~= self.server or line.to ~= self.to
    or line.how ~= self.how) then
    return ("is of another fleet: %s on %s%s"):format(tostring(line.action), tostring(line.server),
      line.to and (" to %s (%s)"):format(tostring(line.to), tostring(line.how)) or "")
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

local function read_line(self, text)
  local line = cjson.decode(text)
  if type(line) ~= "table" or not apply[line.type] then return nil end   -- torn by a crash, and never acted upon
  if type(line.v) == "number" and line.v > VERSION then return "was written by a newer version of botapi" end
  if line.type == "fleet" then return apply.fleet(self, line) end
  if type(line.bot) == "string" and type(line.at) == "number" then apply[line.type](self, line, key_of(line.bot)) end
end

-- Opening ---------------------------------------------------------------------------

--- Opens the journal of a fleet, which is made where there is none; `path.lock` keeps a second process out.
-- @tparam table given `path`, `action`, `server`, of a move `to` and `how`; and `again`: bots that were refused are
--   asked once more
-- @return the ledger, or nil
-- @treturn ?string why it can't be used
function ledger.open(given)
  local self = setmetatable({ action = given.action, server = given.server, to = given.to, how = given.how,
    again = given.again, settled = {}, open = {}, lines = {}, has_head = false, failed = false, store = false }, meta)
  local ok, why
  self.store, why = store.open(given.path, function(text)
    local wrong = read_line(self, text)
    return wrong and given.path .. ": " .. wrong
  end)
  if not self.store then return nil, why end
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
  add(self, '"type":"fleet","at":%d,"action":%s,"server":%s%s', os.time(), json.encode(self.action),
    json.encode(self.server), move)
end

--- Notes that a bot is about to be asked; nothing may be sent before `sync`.
function methods:intent(id)
  add(self, '"type":"intent","bot":"%s","at":%d', id, os.time())
end

--- Notes what came of it; nothing may be told before `sync`.
-- @tparam string id of the bot
-- @tparam table result `outcome`, `reason`, `sent`, `attempts`
function methods:result(id, result)
  local outcome = result.outcome == "cancelled" and "not_sent" or result.outcome
  add(self, '"type":"result","bot":"%s","at":%d,"outcome":"%s","reason":%s,"sent":"%s","attempts":%d', id, os.time(),
    outcome, json.encode(result.reason and redact(result.reason)), result.sent, result.attempts)
end

--- Puts what was noted on the disk: one write and one fsync, however many lines there are.
-- After a failure nobody knows what the disk has: such a journal takes no more.
-- @treturn ?boolean true, or nil
-- @treturn ?string why it failed
function methods:sync()
  if self.failed then return nil, self.failed end
  if not self.lines[1] then return true end
  local ok, why = self.store:append(table.concat(self.lines, "\n"))
  self.lines = {}
  self.failed = not ok and why
  return ok, why
end

-- Asking ----------------------------------------------------------------------------

--- What earlier runs say of a bot.
-- @treturn ?string its outcome, when it isn't to be asked again
-- @treturn ?number since when there is a try of which nobody knows what came
function methods:earlier(id)
  local key = key_of(id)
  return self.settled[key], self.open[key]
end

--- Lets the file go, for others to open.
function methods:close()
  self.store:close()
end

return ledger
