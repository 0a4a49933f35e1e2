-- SPDX-License-Identifier: MIT
-- Owns what a caller may ask of a fleet: reads the options, says what is wrong with them.

local core = require "botapi.core"
local entry = require "botapi.fleet.entry"
local policy = require "botapi.policy"
local server = require "botapi.server"
local shard = require "botapi.fleet.shard"

local options = {}

local ACTIONS = { logout = true, close = true, migrate = true }
local SOON = 5                  -- seconds: the bots wait that long by themselves, the fleet longer

-- Each option of the fleet: its types, and for numbers `min` and `max`. The others are the bots'.
local own = {
  action = { "string", "function" }, concurrency = { "number", min = 1, max = 10000 },
  rate = { "number", min = 0.001, max = policy.MOST }, journal = { "string" }, on_event = { "function" },
  max_failures = { "number", min = 0, max = policy.MOST }, count = { "number", min = 0, max = 1e15 },
  max_wait = { "number", min = 0, max = policy.MOST }, patience = { "number", min = 0, max = policy.MOST },
  again = { "boolean" }, force = { "boolean" }, bot_journal = { "boolean" }, shard = { "string", "table" },
  continue = { "boolean" },
}
options.own = own

local defaults = { action = "logout", concurrency = 100, max_wait = policy.of_fleets.max_wait, patience = 86400 }

-- Beside its own, a fleet has the options of its bots, or those of their moves.
local function unknown(name, action)
  if action ~= "migrate" then return policy.unknown(name, own) end
  local all = {}
  for each in pairs(own) do all[each] = true end
  for each in pairs(require "botapi.migrate.options".known) do all[each] = true end
  return policy.unknown(name, all)
end

-- The fleet's options with their defaults, and those of its bots.
local function split(given)
  local settings, rest = {}, {}
  for name, value in pairs(defaults) do settings[name] = value end
  for name, value in pairs(given) do
    local problem = unknown(name, given.action) or own[name] and policy.mismatch(name, value, own[name])
    if problem then return nil, problem end
    (own[name] and settings or rest)[name] = value
  end
  if type(settings.action) == "string" and not ACTIONS[settings.action] then
    return nil, "option 'action': \"logout\", \"close\", \"migrate\" or a function expected"
  end
  return settings, rest
end

-- Whether an earlier run has closed the bot, so that its directory can have been moved since.
local function was_closed(plan)
  for _, step in ipairs(plan.steps) do
    if step.name == "leave" then return step.earlier end
  end
end

-- Of a fleet that moves.
local function read_move(settings, rest)
  rest.journal = settings.bot_journal
  rest.ready = rest.ready or settings.continue and was_closed or nil
  local move, problem = require "botapi.migrate.options".read(rest)
  if not move then return problem end
  if move.how == "close" and settings.bot_journal == false and (settings.continue or not rest.ready) then
    return "option 'bot_journal': without the bots' journals a move by close can't go on after the directories"
  end
  settings.side, settings.to, settings.how = move.from, move.to.identity, move.how
end

-- Of one that calls a bot's method or a function.
local function read_bots(settings, rest)
  for _, name in ipairs { "bot_journal", "continue" } do
    if settings[name] ~= nil then return ("option '%s' is for migrate"):format(name) end
  end
  rest.retries = rest.retries or policy.of_fleets.retries
  rest.max_wait = math.min(SOON, settings.max_wait)
  if rest.reuse == nil and type(settings.action) == "string" then rest.reuse = true end
  local call, problem = policy.read(rest)
  if not call then return problem end
  settings.side, problem = server.read(call)
  return problem
end

-- What is wrong with an entry of a list. Malformed tokens are results, as those of an iterator are.
local function list_problem(settings, tokens)
  for i = 1, type(tokens) == "table" and #tokens or 0 do
    local token, problem = entry.read(settings, tokens[i])
    if not token then return ("tokens[%d]: %s"):format(i, problem) end
  end
end

-- How many bots of a list are of this shard.
local function count(settings, tokens)
  if not settings.shard then return #tokens end
  local n = 0
  for _, given in ipairs(tokens) do
    local id = core.token(type(given) == "table" and given.token or given):id()
    if shard.has(settings.shard, id) then n = n + 1 end
  end
  return n
end

--- Reads the options of a fleet.
-- @tparam any tokens a list or an iterator
-- @tparam ?table given what the caller gave
-- @treturn ?table settings; `bots`: the options of each bot; `side`: the server that is asked; `server`, `to`, `how`:
--   what the journal is for
-- @treturn ?string what is wrong
function options.read(tokens, given)
  if type(tokens) ~= "table" and type(tokens) ~= "function" then
    return nil, "tokens: a list or an iterator expected, got " .. type(tokens)
  end
  if given ~= nil and type(given) ~= "table" then return nil, "options: table expected, got " .. type(given) end
  local settings, rest = split(given or {})
  if not settings then return nil, rest end
  local problem
  if settings.shard ~= nil then
    settings.shard, problem = shard.read(settings.shard)
    if problem then return nil, problem end
  end
  problem = (settings.action == "migrate" and read_move or read_bots)(settings, rest)
  settings.bots = rest
  problem = problem or list_problem(settings, tokens)
  if problem then return nil, problem end
  settings.server, settings.concurrency = settings.side.identity, math.floor(settings.concurrency)
  settings.count = settings.count or type(tokens) == "table" and count(settings, tokens) or nil
  return settings
end

return options
