-- SPDX-License-Identifier: MIT
-- Owns when the next call may go out: the rate that was asked for, and the one that the server's 429s teach. Pure.

local gate = {}
local methods = {}
local meta = { __index = methods }

local LATE = 0.05       -- seconds: what a late wake-up may catch up
local SEVERAL = 3       -- so many more bots with a 429 than calls without: that is the server's limit, not a bot's
local MANY = 12         -- ... and up to so many where everybody waited as told, and still few passed
local LONGEST = 60      -- seconds: a pause is no longer, since flood waits of single bots may be days
local SHORTEST = 0.1    -- and no shorter, whatever a server says
local SLOWEST = 1       -- a second, and ...
local FEW = 2           -- ... so many in the time of a pause, whatever passed before: pauses do the rest
local PROBES = 20       -- so many calls in the time of a pause, where nothing had passed before it
local CAREFUL = 0.9     -- of what passed before
local FASTER = 1.5      -- so many times as fast ...
local ROW = 10          -- ... after so many answers, or half of what passed between two pauses; fewer are few

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
  return setmetatable({ rate = rate, learnt = nil, next_at = nil, closed_until = nil, before = nil, began = nil,
    passed = 0, row = ROW, in_row = 0, needed = SEVERAL, score = 0, seen = {}, shortest = LONGEST }, meta)
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

-- The 429s so far count no more.
local function forget(self)
  self.score, self.seen, self.shortest = 0, {}, LONGEST
end

--- A call goes out. With the first after a pause, that pause is over.
function methods:pass(now)
  if self.before then
    self.before, self.closed_until = nil, nil
    forget(self)
  end
  self.began = self.began or now
  local rate = current(self)
  if not rate then return end
  self.next_at = math.max(self.next_at or now, now - LATE) + 1 / rate
end

-- What a pause changes, and its mistake restores.
local UNDONE = { "learnt", "began", "passed", "row", "needed", "next_at" }

-- Everybody waits, and then goes no faster than what passed from the last pause to the end of this one.
local function close(self, now)
  local pause = math.max(self.shortest, SHORTEST)
  local rate = current(self)
  self.before = {}
  for _, name in ipairs(UNDONE) do self.before[name] = self[name] end
  local learnt = self.passed / (now - (self.began or now) + pause) * CAREFUL
  if self.passed == 0 then learnt = PROBES / pause end
  if rate then learnt = math.min(learnt, rate * CAREFUL) end
  self.learnt = math.max(learnt, SLOWEST, FEW / pause)
  self.needed = self.passed < ROW and pause < LONGEST and math.min(self.needed * 2, MANY) or SEVERAL
  self.row, self.in_row = math.max(ROW, self.passed / 2), 0
  self.closed_until, self.next_at = now + pause, now + pause
  self.began, self.passed = now + pause, 0
  return pause
end

-- As if that pause had never begun.
local function reopen(self)
  for _, name in ipairs(UNDONE) do self[name] = self.before[name] end
  self.before, self.closed_until = nil, nil
end

-- What was learnt fades.
local function grow(self)
  self.in_row = self.in_row + 1
  if not self.learnt or self.in_row < self.row then return end
  self.in_row, self.learnt = 0, self.learnt * FASTER
  if self.rate and self.learnt >= self.rate or self.learnt > 1000 then self.learnt = nil end
end

--- An answer came that isn't a 429. When enough of those that were in flight bring one, the pause was a mistake.
function methods:answered()
  self.score = math.max(self.score - 1, 0)
  if self.score == 0 then
    forget(self)
    if self.before then reopen(self) end
  end
  if self.before then return end
  self.passed = self.passed + 1
  if self.passed >= ROW then self.needed = SEVERAL end
  grow(self)
end

--- A 429 came for a bot. When several bots got one, and few calls an answer, everybody waits and then goes slower.
-- @treturn ?number seconds of the pause that begins; nil: it is that bot's affair
function methods:refused(id, retry_after, now)
  if not self.seen[id] then
    self.seen[id], self.score = true, self.score + 1
    self.shortest = math.min(self.shortest, retry_after or 1)
  end
  if self.before or self.score < self.needed then return nil end
  return close(self, now)
end

return gate
