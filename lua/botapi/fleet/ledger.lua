-- SPDX-License-Identifier: MIT
-- Owns the journal of a fleet: which bot was asked and what came of it, on the disk in groups, never a token.

-- Lines of JSON: first {"type":"fleet", action, server; to, how of a move}, then for each bot {"type":"intent"} before
-- its first request and {"type":"result"} after its last. Nothing of the present run is kept in memory. Of earlier runs
-- there is, for each bot with a recorded outcome, one number: about 25 bytes, 25 MB for a million.

local host = require "botapi.core".host
local json = require "cjson.safe".new()

local ledger = {}
local methods = {}
local meta = { __index = methods }

local VERSION = 1
local OWNER_ONLY = 384          -- 0600
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
  self.begun = true
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
  local line = json.decode(text)
  if type(line) ~= "table" or not apply[line.type] then return nil end   -- torn by a crash, and never acted upon
  if type(line.v) == "number" and line.v > VERSION then return "was written by a newer version of botapi" end
  if line.type == "fleet" then return apply.fleet(self, line) end
  if type(line.bot) == "string" and type(line.at) == "number" then apply[line.type](self, line, key_of(line.bot)) end
end

-- A line at a time: a journal may be larger than memory.
local function read(self)
  local file = io.open(self.path, "rb")
  if not file then return nil end
  for text in file:lines() do
    local wrong = read_line(self, text)
    if wrong then
      file:close()
      return self.path .. ": " .. wrong
    end
  end
  local size = file:seek "end"
  if size > 0 then
    file:seek("end", -1)
    self.torn = file:read(1) ~= "\n"
  end
  file:close()
end

-- Opening ---------------------------------------------------------------------------

local function open_file(self)
  local directory = self.path:match "^(.+)/[^/]*$"
  local ok, why = true, nil
  if directory then ok, why = host.mkdir_p(directory) end
  if ok then self.lock, why = host.lock(self.path .. ".lock") end
  if self.lock then self.file, why = host.append(self.path) end
  if self.file then ok, why = host.chmod(self.path, OWNER_ONLY) end
  if ok and self.file then return nil end
  return why
end

--- Opens the journal of a fleet, which is made where there is none; `path.lock` keeps a second process out.
-- @tparam table given `path`, `action`, `server`, of a move `to` and `how`; and `again`: bots that were refused are
--   asked once more
-- @return the ledger, or nil
-- @treturn ?string why it can't be used
function ledger.open(given)
  local self = setmetatable({ path = given.path, action = given.action, server = given.server, to = given.to,
    how = given.how, again = given.again, settled = {}, open = {}, lines = {} }, meta)
  local there, kind = host.mode(given.path)
  local why = there and kind ~= "file" and given.path .. ": is no file" or open_file(self) or read(self)
  if not why then
    if self.torn then self.lines[1] = "" end
    if not self.begun then self:head() end
    local ok
    ok, why = self:sync()
    if ok then return self end
  end
  self:close()
  return nil, why
end

-- Writing ---------------------------------------------------------------------------

local function add(self, fields, ...)
  self.lines[#self.lines + 1] = ('{"v":%d,%s}'):format(VERSION, fields:format(...))
end

local function quoted(text)
  return (json.encode(text):gsub("\\/", "/"))
end

function methods:head()
  local move = self.to and (',"to":%s,"how":%s'):format(quoted(self.to), quoted(self.how)) or ""
  add(self, '"type":"fleet","at":%d,"action":%s,"server":%s%s', os.time(), quoted(self.action), quoted(self.server),
    move)
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
    outcome, result.reason and '"' .. result.reason .. '"' or "null", result.sent, result.attempts)
end

--- Puts what was noted on the disk: one write and one fsync, however many lines there are.
-- After a failure nobody knows what the disk has: such a journal takes no more.
-- @treturn ?boolean true, or nil
-- @treturn ?string why it failed
function methods:sync()
  if self.failed then return nil, self.failed end
  if not self.lines[1] then return true end
  local text = table.concat(self.lines, "\n") .. "\n"
  self.lines = {}
  local ok, why = self.file:write(text)
  if ok then ok, why = self.file:sync() end
  self.failed = not ok and why or nil
  return ok, why
end

-- Asking ----------------------------------------------------------------------------

--- What earlier runs say of a bot.
-- @treturn ?string its outcome, when it isn't to be asked again
-- @treturn ?number since when there is a try of which nobody knows what came
function methods:past(id)
  local key = key_of(id)
  return self.settled[key], self.open[key]
end

--- Lets the file go, for others to open.
function methods:close()
  if self.file then self.file:close() end
  if self.lock then self.lock:release() end
end

return ledger
