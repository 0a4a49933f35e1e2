-- SPDX-License-Identifier: MIT
-- Owns what a caller may ask of a move: reads the options, says what is wrong with them.

local facts = require "botapi.facts"
local misnamed = require "botapi.misnamed"
local policy = require "botapi.policy"
local rules = require "botapi.migrate.webhook_rules"
local server = require "botapi.server"
local webhook = require "botapi.migrate.webhook"

local options = {}

-- How long to wait for the new server: a 401 or a lock-out of the cloud passes, with some minutes to spare.
local CLOUD_WAIT, LOCAL_WAIT = facts.REMEMBERED + 300, 60
local CLOSE_WAIT = facts.CLOSE_PAUSE + 60

local SECONDS = { "number", min = 0, max = policy.MOST }
local TIMEOUT = { "number", min = 0.001, max = policy.MOST }

-- Each option: its types, and for numbers `min` and `max`; of those of botapi.policy nothing.
local known = {
  from = { "string", "table" }, to = { "string", "table" }, how = { "string" },
  webhook = { "string", "table", "boolean" }, secret_token = { "string", "boolean" }, certificate = { "string" },
  max_connections = { "number" }, allowed_updates = { "table" }, ip_address = { "string" },
  accept_loss = { "boolean" }, drain = { "function" }, dry_run = { "boolean" }, confirm = { "function" },
  ready = { "function" }, continue = { "boolean" }, settle = { "boolean" }, from_gone = { "boolean" },
  force = { "boolean" },
  journal = { "string", "boolean" }, on_event = {}, verify_timeout = SECONDS,
  close_timeout = SECONDS, retries = {}, max_wait = {}, deadline = {}, timeout = TIMEOUT, connect_timeout = TIMEOUT,
  test = { "boolean" },
}
options.known = known

local names = {}
for name in pairs(known) do names[#names + 1] = name end
table.sort(names)

local function option_problem(name, value)
  local spec = type(name) == "string" and known[name]
  if not spec then return misnamed("option", name, names) end
  if policy.has(name) then return policy.problem(name, value) end
  return policy.mismatch(name, value, spec)
end

-- Why a value is none of those that an option takes.
local function none_of(name, value, ...)
  for _, allowed in ipairs { ... } do
    if value == allowed then return nil end
  end
  return ("option '%s': \"%s\" expected"):format(name, table.concat({ ... }, "\" or \""))
end

-- What goes with webhook = "keep"; the secret and the certificate also serve to put the old webhook back.
local function kept_problem(given)
  for _, name in ipairs(webhook.options) do
    local value, is_old = given[name], name == "secret_token" or name == "certificate"
    if value ~= nil and not is_old and given.webhook ~= "keep" then
      return ("option '%s' goes with webhook = \"keep\"; a table has it as a member"):format(name)
    end
    local why = value and rules.refused(name, value)
    if why then return ("option '%s': %s"):format(name, why) end
  end
end

local function webhook_problem(given)
  local params = given.webhook
  if params == true or given.secret_token == true then
    return "options 'webhook' and 'secret_token': true says nothing"
  end
  if type(params) ~= "table" then return kept_problem(given) end
  local why = rules.first_refused(params)
  return why and "option 'webhook': " .. why or kept_problem(given)
end

local function problem_of(given)
  if type(given) ~= "table" then return "options: table expected, got " .. type(given) end
  for name, value in pairs(given) do
    local problem = option_problem(name, value)
    if problem then return problem end
  end
  return type(given.webhook) == "string" and none_of("webhook", given.webhook, "keep")
    or given.how and none_of("how", given.how, "logout", "close")
    or webhook_problem(given)
end

-- Servers -------------------------------------------------------------------------

-- The call options of one side; `as` is ours: a cloud behind another name.
local function call_options(given, name)
  local side = given[name]
  local call = { timeout = given.timeout, connect_timeout = given.connect_timeout, test = given.test }
  for key, value in pairs(type(side) == "table" and policy.plain(side) or { server = side }) do
    if key ~= "as" then call[key] = value end
  end
  return call
end

-- One side of a move, as botapi.server reads it: `given[name]` is a server, or a table of options of every call.
local function side_of(given, name)
  if given[name] == nil then return nil, "option '" .. name .. "' is missing: a server" end
  local as = type(given[name]) == "table" and given[name].as or nil
  local problem = as and none_of(name .. ".as", as, "cloud", "local")
  if problem then return nil, problem end
  local side, why = server.read(call_options(given, name), as)
  return side, not side and ("option '%s': %s"):format(name, why) or nil
end

-- Together ------------------------------------------------------------------------

-- Between local servers the caller decides; where a side is the cloud, it is logOut.
local function how_problem(how, from, to)
  local is_local = from.kind == "local" and to.kind == "local"
  if not is_local and how == "close" then
    return "option 'how': \"close\" moves between two local servers only; to or from the cloud it is \"logout\""
  elseif is_local and not how then
    return "option 'how' is missing: between two local servers it is \"logout\" or \"close\""
  end
end

--- Reads the options of a move.
-- @param given what the caller gave
-- @treturn ?table settings: `from` and `to` as `botapi.server` reads them, the rest with its defaults
-- @treturn ?string what is wrong
function options.read(given)
  given = policy.plain(given, known)
  local problem = problem_of(given)
  if problem then return nil, problem end
  local settings = { how = "logout", close_timeout = CLOSE_WAIT }
  for name, value in pairs(policy.of_moves) do settings[name] = value end
  for name, value in pairs(given) do settings[name] = value end
  for _, name in ipairs { "from", "to" } do
    settings[name], problem = side_of(given, name)
    if problem then return nil, problem end
  end
  problem = how_problem(given.how, settings.from, settings.to)
  if problem then return nil, problem end
  settings.waits_as_given = given.verify_timeout ~= nil
  settings.verify_timeout = given.verify_timeout or settings.to.kind == "cloud" and CLOUD_WAIT or LOCAL_WAIT
  return settings
end

return options
