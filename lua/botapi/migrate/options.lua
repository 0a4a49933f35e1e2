-- SPDX-License-Identifier: MIT
-- Owns what a caller may ask of a move: reads the options, raises for what is the caller's own mistake.

local core = require "botapi.core"
local facts = require "botapi.facts"
local methods = require "botapi.methods"
local policy = require "botapi.policy"
local server = require "botapi.server"

local options = {}

local TOLD = 5                  -- the level of who called migrate, from the functions that raise

-- How long to wait for the new server: a 401 or a lock-out of the cloud passes, with some minutes to spare.
local CLOUD_WAIT, LOCAL_WAIT = facts.REMEMBERED + 300, 60
local CLOSE_WAIT = facts.CLOSE_PAUSE + 60

-- Each option: its types, and for numbers the least value; of those of botapi.policy nothing.
local known = {
  from = { "string", "table" }, to = { "string", "table" }, how = { "string" },
  webhook = { "string", "table", "boolean" }, secret_token = { "string", "boolean" }, certificate = { "string" },
  accept_loss = { "boolean" }, drain = { "function" }, dry_run = { "boolean" }, confirm = { "function" },
  ready = { "function" }, continue = { "boolean" }, settle = { "boolean" }, anyway = { "boolean" },
  journal = { "string", "boolean" }, on_event = {}, dialect = { "string" },
  verify_timeout = { "number", 0 }, close_timeout = { "number", 0 }, retries = {}, max_wait = {},
  deadline = {}, timeout = { "number", 0.001 }, connect_timeout = { "number", 0.001 }, test = { "boolean" },
}
options.known = known

local function misuse(text)
  error("bad argument to 'migrate' (" .. text .. ")", TOLD)
end

local function check_type(name, value, spec)
  for _, allowed in ipairs(spec) do
    if type(value) == allowed then return end
  end
  misuse(("option '%s': %s expected, got %s"):format(name, spec[1], type(value)))
end

local function check_options(given)
  if type(given) ~= "table" then misuse("options: table expected, got " .. type(given)) end
  for name, value in pairs(given) do
    local spec = type(name) == "string" and known[name]
    -- what isn't known isn't repeated: it may be a token in the wrong place
    if not spec then misuse("unknown option " .. (tostring(name):match "^[%l_]+$" or "")) end
    local problem = policy.problem(name, value)
    if problem then misuse(problem) end
    if not policy.has(name) then check_type(name, value, spec) end
    if spec[1] == "number" and not (spec[2] <= value and value <= policy.MOST) then
      misuse("option '" .. name .. "': out of range")
    end
  end
end

local function one_of(name, value, ...)
  for _, allowed in ipairs { ... } do
    if value == allowed then return end
  end
  misuse(("option '%s': \"%s\" expected"):format(name, table.concat({ ... }, "\" or \"")))
end

-- Servers -------------------------------------------------------------------------

-- The call options of one side; `as` is ours: a cloud behind another name.
local function call_options(given, name)
  local side = given[name]
  local call = { timeout = given.timeout, connect_timeout = given.connect_timeout, test = given.test }
  for key, value in pairs(type(side) == "table" and side or { server = side }) do
    if key ~= "as" then call[key] = value end
  end
  return call
end

-- One side of a move, as botapi.server reads it: `given[name]` is a server, or a table of options of every call.
local function side_of(given, name)
  if given[name] == nil then misuse("option '" .. name .. "' is missing: a server") end
  local as = type(given[name]) == "table" and given[name].as or nil
  if as then one_of(name .. ".as", as, "cloud", "local") end
  local side, why = server.read(call_options(given, name), as)
  return side or misuse(("option '%s': %s"):format(name, why))
end

-- Together ------------------------------------------------------------------------

-- logOut when a side is the cloud; between local servers the caller decides.
local function how_of(given, from, to)
  if given.how then one_of("how", given.how, "logout", "close") end
  local cloudy = from.kind ~= "local" or to.kind ~= "local"
  if cloudy and given.how == "close" then
    misuse "option 'how': \"close\" moves between two local servers only; to or from the cloud it is \"logout\""
  end
  if not cloudy and not given.how then
    misuse "option 'how': between two local servers, \"logout\" or \"close\" is to be said"
  end
  return given.how or "logout"
end

local function check_webhook(given)
  local webhook = given.webhook
  if type(webhook) == "string" then one_of("webhook", webhook, "keep") end
  if webhook == true or given.secret_token == true then
    misuse "options 'webhook' and 'secret_token': true says nothing"
  end
  local params = type(webhook) == "table" and webhook or { url = "https://h/", certificate = given.certificate,
    secret_token = given.secret_token or nil }
  local ok, why = pcall(core.check_params, methods.setwebhook, params)
  if not ok then misuse("option 'webhook': " .. why) end
end

--- Reads the options of a move.
-- @tparam table given what the caller gave
-- @treturn table settings: `from` and `to` as `botapi.server` reads them, the rest with its defaults
-- @raise for what is the caller's own mistake
function options.read(given)
  check_options(given)
  check_webhook(given)
  local settings = { dialect = "lua" }
  for name, value in pairs(policy.of_moves) do settings[name] = value end
  for name, value in pairs(given) do settings[name] = value end
  one_of("dialect", settings.dialect, "lua", "command")
  settings.from, settings.to = side_of(given, "from"), side_of(given, "to")
  settings.how = how_of(given, settings.from, settings.to)
  settings.verify_timeout = given.verify_timeout
    or settings.to.kind == "cloud" and CLOUD_WAIT or LOCAL_WAIT
  settings.close_timeout = given.close_timeout or CLOSE_WAIT
  return settings
end

return options
