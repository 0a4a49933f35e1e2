-- SPDX-License-Identifier: MIT
-- Owns the record of calls: each request, what it did and what was sent back; and the wait for a number of them.

local cqueues = require "cqueues"
local condition = require "cqueues.condition"
local json = require "botapi.emulator.json"

local call_log = {}
call_log.__index = call_log

-- The members of a call, in the order in which the control API shows them.
local MEMBERS = {"seq", "at", "server", "kind", "bot", "test", "method", "verb", "params", "status", "executed",
  "answered", "rule"}
local MAX_KEPT = 100000   -- the oldest are forgotten first
local MAX_SHOWN = 65536   -- bytes of one argument

--- An empty record.
function call_log.new(clock)
  return setmetatable({clock = clock, changed = condition.new(), total = 0, list = {}, first = 1, last = 0}, call_log)
end

--- Forgets every call, or those of one bot.
function call_log:forget(bot)
  local old, first, last = self.list, self.first, self.last
  self.list, self.first, self.last = {}, 1, 0
  for i = first, bot and last or 0 do
    if old[i].bot ~= bot then self:keep(old[i]) end
  end
end

function call_log:keep(call)
  self.last = self.last + 1
  self.list[self.last] = call
  if self.last - self.first < MAX_KEPT then return end
  self.list[self.first] = nil
  self.first = self.first + 1
end

--- Records a call when it arrives, and fills in its other members; status, executed, answered and rule change later.
function call_log:add(call)
  self.total = self.total + 1
  call.seq, call.at = self.total, self.clock:now()
  call.kind = call.kind or "api"
  call.executed, call.answered = false, "none"
  self:keep(json.ordered(call, MEMBERS))
  self.changed:signal()
  return call
end

--- Records the status of a call's response, and wakes those who wait for such a call.
function call_log:set_status(call, status)
  call.status = status
  self.changed:signal()
end

--- The arguments to record: very long texts are cut.
function call_log.cut(params)
  local copy = {}
  for name, value in pairs(params) do
    if type(value) == "string" and #value > MAX_SHOWN then value = value:sub(1, MAX_SHOWN) .. "…" end
    copy[name] = value
  end
  return setmetatable(copy, getmetatable(params))
end

local function matches(call, filter)
  for name, wanted in pairs(filter) do
    if name == "since" then
      if call.seq <= wanted then return false end
    elseif name == "method" then
      if (call.method or ""):lower() ~= wanted:lower() then return false end
    elseif call[name] ~= wanted then
      return false
    end
  end
  return true
end

--- The calls that match a filter: bot, method, since (a seq), status, kind, server.
function call_log:select(filter)
  local found, bot = json.array(), filter.bot
  for i = self.first, self.last do
    local call = self.list[i]
    if (not bot or call.bot == bot) and matches(call, filter) then found[#found + 1] = call end
  end
  return found
end

-- "expected 1 logOut of bot 123, saw 2"
local function sentence(filter, expect, seen)
  local text = "expected " .. expect .. " " .. (filter.method or "calls")
  if filter.bot then text = text .. " of bot " .. string.format("%.0f", filter.bot) end
  for _, name in ipairs {"status", "kind", "since", "server"} do
    if filter[name] then text = text .. ", " .. name .. " " .. json.encode(filter[name]):gsub('"', "") end
  end
  return text .. ", saw " .. seen
end

--- Waits, for `wait` real seconds, until as many calls came as expected: "2", "1.." or "1..3".
-- "0" is met when the wait is over and none came; a number that is exceeded fails at once.
-- Returns the calls, or nil, a sentence that says what came instead, and the calls that did come.
function call_log:expect(filter, expect, wait)
  local least, most = expect:match "^(%d+)%.%.(%d*)$"
  least = tonumber(least or expect)
  most = most == "" and math.huge or tonumber(most) or least
  local deadline = cqueues.monotime() + wait
  while true do
    local found = self:select(filter)
    local left = deadline - cqueues.monotime()
    if #found > most then return nil, sentence(filter, expect, #found), found end
    if #found >= least and (least > 0 or left <= 0) then return found end
    if left <= 0 then return nil, sentence(filter, expect, #found), found end
    self.changed:wait(left)
  end
end

return call_log
