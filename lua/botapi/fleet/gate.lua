-- SPDX-License-Identifier: MIT
-- Owns when the next call may go out: the rate that was asked for, and the one that the server's 429s teach. Pure.

local gate = {}
local methods = {}
local meta = { __index = methods }

local LATE = 0.05       -- seconds: what a late wake-up may catch up
local SEVERAL = 3       -- different bots with a 429 ...
local RECENT = 20       -- ... among so many answers: that is the server's limit, not a bot's
local LONGEST = 60      -- seconds: a pause is no longer, since flood waits of single bots may be days
local SLOWEST = 1 / 60
local CAREFUL = 0.9     -- of what passed before
local ROW = 10          -- so many answers without a 429: twice as fast

--- A gate.
-- @tparam ?number rate calls a second at most; nil: no limit
-- @treturn table the gate; times are seconds on the caller's clock
-- @usage
-- local gate = require "botapi.fleet.gate"
-- local g = gate.new(10)
-- assert(g:wait(0) == 0)
-- g:pass(0)
-- assert(g:wait(0) > 0.09 and g:wait(0.1) == 0)
function gate.new(rate)
  return setmetatable({ rate = rate, learnt = nil, next_at = nil, closed_until = nil, began = nil, passed = 0,
    answers = {}, at = 0, in_row = 0 }, meta)
end

local function current(self)
  local learnt = self.learnt
  return learnt and self.rate and math.min(learnt, self.rate) or learnt or self.rate
end

--- The calls a second that may go out now; nil: any number.
function methods:limit() return current(self) end

--- Seconds until the next call may go out; 0: now.
function methods:wait(now)
  local wait = 0
  if self.closed_until then wait = self.closed_until - now end
  if current(self) and self.next_at then wait = math.max(wait, self.next_at - now) end
  return math.max(wait, 0)
end

--- A call goes out.
function methods:pass(now)
  self.began = self.began or now
  local rate = current(self)
  if not rate then return end
  self.next_at = math.max(self.next_at or now, now - LATE) + 1 / rate
end

-- The answers of late in a ring: an id for a 429, else false.
local function note(self, id)
  self.at = self.at % RECENT + 1
  self.answers[self.at] = id
end

--- An answer came that isn't a 429. What was learnt fades.
function methods:answered()
  note(self, false)
  self.passed = self.passed + 1
  self.in_row = self.in_row + 1
  if not self.learnt or self.in_row < ROW then return end
  self.in_row, self.learnt = 0, self.learnt * 2
  if self.rate and self.learnt >= self.rate or self.learnt > 1000 then self.learnt = nil end
end

local function several(self)
  local seen, n, shortest = {}, 0, math.huge
  for _, each in pairs(self.answers) do
    if each and not seen[each.id] then
      seen[each.id], n = true, n + 1
      shortest = math.min(shortest, each.wait)
    end
  end
  return n >= SEVERAL, shortest
end

--- A 429 came for a bot. When several bots got one, everybody waits, and then goes no faster than what passed before.
-- @treturn ?number seconds of the pause that begins; nil: it is that bot's affair
function methods:refused(id, retry_after, now)
  note(self, { id = id, wait = math.min(retry_after or 1, LONGEST) })
  self.in_row = 0
  local found, pause = several(self)
  if not found or self.closed_until and now < self.closed_until then return nil end
  local span = now - (self.began or now) + pause
  local passed = math.max(self.passed, 1) / math.max(span, 0.1) * CAREFUL
  local before = current(self)
  self.learnt = math.max(SLOWEST, math.min(passed, before and before * CAREFUL or passed))
  self.closed_until, self.next_at = now + pause, now + pause
  self.began, self.passed, self.answers = now + pause, 0, {}
  return pause
end

return gate
