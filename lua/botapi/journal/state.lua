-- SPDX-License-Identifier: MIT
-- What the records of a journal amount to: which intents are unsettled, and which servers a bot has left.

local state = {}

--- What a result says of its intent: whether it is settled, and whether the request was done.
state.outcomes = {
  done = { settled = true, done = true }, already = { settled = true, done = true },
  refused = { settled = true }, not_sent = { settled = true }, later = { settled = true },
  unknown = {},
}

local leaves = { logout = true, close = true }

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
  local intent, outcome = self.intents[record.of], state.outcomes[record.outcome] or {}
  if not intent then
    return
  end
  local pending = {}
  for _, other in ipairs(bot.pending) do
    local same = other.server == intent.server and other.method == intent.method and other.id <= intent.id
    if not (other == intent and outcome.settled or same and outcome.done) then
      pending[#pending + 1] = other
    end
  end
  bot.pending = pending
  if outcome.done and leaves[tostring(intent.method):lower()] then
    bot.departures[tostring(intent.server)] = { at = record.at, method = intent.method, server = intent.server }
  end
end

function apply.arrival(_, bot, record)
  bot.departures[tostring(record.server)] = nil
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
