-- SPDX-License-Identifier: MIT
-- Owns the updates of one bot that wait on one server: their ids, and what an offset confirms.

local json = require "botapi.emulator.json"

local queue = {}
queue.__index = queue

-- Of the real server; docs/internals/server.md.
local FIRST_ID, LAST_FIRST_ID = 2000001, 1000000000   -- the first id is a random one between these
local FAR_ABOVE = 10                                  -- an offset this far above the next id confirms nothing
local MAX_BYTES = 4 * 1024 * 1024                     -- of one answer
local OVERHEAD = 50                                   -- bytes counted for each update besides its own

--- A queue that has never had an update.
function queue.new()
  return setmetatable({list = {}, next_id = nil}, queue)
end

--- How many updates wait.
function queue:size()
  return #self.list
end

-- The update with its id as the first member.
local function numbered(update, id)
  local copy, names = {update_id = id}, {"update_id"}
  for _, name in ipairs(json.names(update)) do
    if name ~= "update_id" then copy[name], names[#names + 1] = update[name], name end
  end
  return json.ordered(copy, names)
end

--- Appends an update. Its own update_id counts, else it gets the next one. Returns the id.
function queue:push(update)
  self.next_id = self.next_id or math.random(FIRST_ID, LAST_FIRST_ID)
  local id = update.update_id or self.next_id
  self.next_id = update.update_id and #self.list == 0 and id + 1 or math.max(self.next_id, id + 1)
  table.insert(self.list, numbered(update, id))
  return id
end

local function keep(self, is_kept)
  local kept = {}
  for i, update in ipairs(self.list) do
    if is_kept(i, update) then kept[#kept + 1] = update end
  end
  if #kept < #self.list then self.list = kept end
end

--- Forgets all updates but the last `count`. The ids go on from where they are.
function queue:clear(count)
  local first = #self.list - (count or 0) + 1
  keep(self, function(i) return i >= first end)
end

--- Forgets the newest updates, down to `count`.
function queue:cut(count)
  while #self.list > count do table.remove(self.list) end
end

--- Forgets an update that was delivered.
function queue:remove(update)
  if self.list[1] == update then return table.remove(self.list, 1) end
  keep(self, function(_, each) return each ~= update end)
end

--- The offset from which getUpdates reads: a negative one first forgets all but the last -offset updates.
function queue:start(offset)
  if offset < 0 then self:clear(-offset) end
  if offset > 0 then return offset end
  return self.list[1] and self.list[1].update_id or self.next_id or 0
end

--- Up to `limit` updates from an offset above 0, as an array. Those before it are forgotten, but not by an offset that
-- is far above them all.
function queue:take(offset, limit)
  if self.next_id and offset <= self.next_id + FAR_ABOVE then
    keep(self, function(_, update) return update.update_id >= offset end)
  end
  local taken, bytes = json.array(), 0
  for i = 1, math.min(limit, #self.list) do
    bytes = bytes + OVERHEAD + #json.encode(self.list[i])
    if bytes >= MAX_BYTES then break end
    taken[i] = self.list[i]
  end
  return taken
end

return queue
