-- SPDX-License-Identifier: MIT
-- Owns what a caller may ask of a fleet: reads the options, raises for what is the caller's own mistake.

local api_for = require "botapi.api"
local blocking = require "botapi.drive.blocking"
local policy = require "botapi.policy"
local server = require "botapi.server"

local options = {}

local TOLD = 5                  -- the level of who called fleet, from the functions that raise
local ACTIONS = { logout = true, close = true, migrate = true }

-- Each: its type, and for numbers the least and the largest value; of those of botapi.policy nothing. The others are
-- the bots'.
local own = {
  action = { "string" }, concurrency = { "number", 1, 10000 }, rate = { "number", 0.001, policy.MOST },
  journal = { "string" }, on_event = {}, max_failures = { "number", 0, policy.MOST },
  count = { "number", 0, 1e15 }, max_wait = {}, patience = { "number", 0, policy.MOST },
  again = { "boolean" }, anyway = { "boolean" }, bot_journal = { "boolean" },
}

options.own = own

local defaults = { action = "logout", concurrency = 100, max_wait = policy.of_fleets.max_wait, patience = 86400 }

local function misuse(text)
  error("bad argument to 'fleet' (" .. text .. ")", TOLD)
end

local function check(name, value, spec)
  if name == "action" and type(value) == "function" then return end
  local problem = policy.problem(name, value)
  if problem then misuse(problem) end
  if policy.has(name) then return end
  if type(value) ~= spec[1] then misuse(("option '%s': %s expected, got %s"):format(name, spec[1], type(value))) end
  if spec[2] and not (spec[2] <= value and value <= spec[3]) then
    misuse(("option '%s': out of range"):format(name))
  end
  if name == "action" and not ACTIONS[value] then
    misuse "option 'action': \"logout\", \"close\", \"migrate\" or a function expected"
  end
end

-- Runs a check of a bot's or a move's options and raises what it raises, in our name.
local function checked(fn, ...)
  local ok, value = pcall(fn, ...)
  if not ok then misuse(tostring(value):match "%((.*)%)$" or "wrong options") end
  return value
end

local function split(given)
  local settings, rest = {}, {}
  for name, value in pairs(defaults) do settings[name] = value end
  for name, value in pairs(given) do
    if own[name] then
      check(name, value, own[name])
      settings[name] = value
    else
      rest[name] = value
    end
  end
  return settings, rest
end

local function server_of(rest)
  local side, why = server.read((policy.split(rest)))
  return side or misuse(why)
end

-- The bots repeat what passes soon; a longer 429 is the fleet's affair.
local SOON = 5

local function bot_options(settings, rest)
  if settings.action == "migrate" then
    if settings.bot_journal ~= nil then rest.journal = settings.bot_journal end
    local move = checked(require "botapi.migrate.options".read, rest)
    settings.side, settings.to, settings.how = move.from, move.to.base, move.how
    return rest
  end
  if settings.bot_journal ~= nil then misuse "option 'bot_journal' is for migrate" end
  rest.retries = rest.retries or policy.of_fleets.retries
  rest.max_wait = math.min(SOON, settings.max_wait)
  if rest.reuse == nil and type(settings.action) == "string" then rest.reuse = true end
  checked(api_for(blocking).bot, "", rest)
  return rest
end

--- Reads the options of a fleet.
-- @tparam any tokens a list or an iterator
-- @tparam ?table given what the caller gave
-- @treturn table settings; `bots`: the options of each bot; `side`: the server that is asked; `server`, `to`, `how`:
--   what the journal is for
-- @raise for what is the caller's own mistake
function options.read(tokens, given)
  if type(tokens) ~= "table" and type(tokens) ~= "function" then
    misuse("tokens: a list or an iterator expected, got " .. type(tokens))
  end
  if given ~= nil and type(given) ~= "table" then misuse("options: table expected, got " .. type(given)) end
  local settings, rest = split(given or {})
  settings.bots = bot_options(settings, rest)
  settings.concurrency = math.floor(settings.concurrency)
  settings.side = settings.side or server_of(rest)
  settings.server = settings.side.base
  settings.count = settings.count or type(tokens) == "table" and #tokens or nil
  return settings
end

return options
