-- SPDX-License-Identifier: MIT
-- What the records of a journal amount to: which intents are unsettled, and which servers a bot has left.

local outcomes = require "botapi.outcome"

local state = {}

local LAST = 2 ^ 40             -- no journal has so many lines; the next numbers can still be written

--- That of no record at all.
function state.new()
  return { records = {}, intents = {}, bots = {}, last = 0 }
end

--- The records, unsettled intents and departures of one bot.
function state.bot(self, bot)
  self.bots[bot] = self.bots[bot] or { records = {}, pending = {}, departures = {} }
  return self.bots[bot]
end

local apply = {}

function apply.intent(self, bot, record)
  self.intents[record.id] = record
  bot.pending[#bot.pending + 1] = record
end

-- A request that was done settles each earlier one of the same kind: it converges.
function apply.result(self, bot, record)
  local intent, is_done = self.intents[record.of], outcomes.is_done(record.outcome)
  if not intent then
    return
  end
  local pending = {}
  for _, other in ipairs(bot.pending) do
    local same = other.server == intent.server and other.method == intent.method and other.id <= intent.id
    if not (other == intent and outcomes.is_settled(record.outcome) or same and is_done) then
      pending[#pending + 1] = other
    end
  end
  bot.pending = pending
  if is_done and outcomes.leaves(intent.method) then
    bot.departures[tostring(intent.server)] = { at = record.at, method = intent.method, server = intent.server,
      username = intent.username }
  end
end

function apply.arrival(_, bot, record)
  bot.departures[tostring(record.server)] = nil
end

--- Whether a record can't be one of this journal: a result whose intent isn't there, or is of another request than the
-- result says, so that one of the two lines is damaged; or a number that none can have.
function state.is_stray(self, record)
  if record.id > LAST then return true end
  if record.type ~= "result" then return false end
  local intent = self.intents[record.of]
  return not (intent and intent.bot == record.bot and intent.server == record.server and intent.method == record.method)
end

--- Adds one record.
function state.add(self, record)
  local bot = state.bot(self, record.bot)
  self.last = math.max(self.last, record.id)
  bot.records[#bot.records + 1] = record
  self.records[#self.records + 1] = record
  if apply[record.type] then
    apply[record.type](self, bot, record)
  end
end

return state
