-- SPDX-License-Identifier: MIT
-- Owns what a list says of one bot: its token, and what this bot alone needs.

local core = require "botapi.core"
local nearest = require "botapi.nearest"
local server = require "botapi.server"

local entry = {}

-- Each member, with its types. All but the token and the server are options of `botapi.migrate`.
local members = {
  token = { "string" }, secret_token = { "string", "boolean" }, certificate = { "string" },
  webhook = { "string", "table", "boolean" }, server = { "string" },
}

local names = {}
for name in pairs(members) do names[#names + 1] = name end
table.sort(names)

--- Is it the name of a member?
function entry.is_member(name) return members[name] ~= nil end

-- The name of a member that isn't known, where it can't be a part of a token.
local function shown(name)
  if type(name) ~= "string" or #name > 20 or not name:find "^%a[%a_]*$" then return "" end
  local meant = nearest.of(name, names)
  return (" '%s'%s"):format(name, meant and "; " .. nearest.question(meant) or "")
end

local function mismatch(name, value)
  local types = members[name]
  if not types then return "unknown member" .. shown(name) end
  for _, allowed in ipairs(types) do
    if type(value) == allowed then return nil end
  end
  return ("'%s': %s expected, got %s"):format(name, table.concat(types, " or "), type(value))
end

local function problem_of(given)
  if type(given) ~= "table" then return "a token or a table expected, got " .. type(given) end
  if type(rawget(given, "token")) == "userdata" then return "a token expected, got a bot: give its token" end
  local problem = core.not_plain(given)
  if problem then return problem end
  for name, value in next, given do
    problem = mismatch(name, value)
    if problem then return problem end
  end
  return given.token == nil and "'token' is missing" or nil
end

-- The old server's options with another address; `as` was said of the first.
local function from_there(from, address)
  local side = {}
  for name, value in pairs(type(from) == "table" and from or {}) do side[name] = value end
  side.server, side.as = address, nil
  return side
end

-- The options of this bot: those of all, and its own.
local function options_of(settings, given)
  local own, is_move = {}, settings.action == "migrate"
  for name, value in pairs(settings.bots) do own[name] = value end
  for name, value in pairs(is_move and given or {}) do
    if name ~= "token" and name ~= "server" then own[name] = value end
  end
  if given.server and is_move then
    own.from = from_there(own.from, given.server)
  else
    own.server = given.server or own.server
  end
  return own
end

-- The server that is asked, as `botapi.server` reads it; or what is wrong with the bot's options.
local function side_of(settings, own)
  if settings.action ~= "migrate" then
    return server.read { server = own.server, plain_http = own.plain_http, unix_socket = own.unix_socket,
      test = own.test }
  end
  local move, problem = require "botapi.migrate.options".read(own)
  return move and move.from, problem
end

--- Reads what stands in a list for one bot.
-- @tparam table settings of the fleet: `action`, `bots`
-- @param given a token, or a table of the members above
-- @treturn ?string the token, which may be malformed; nil: what was given is wrong
-- @treturn table|string the options of this bot; or what is wrong
-- @treturn ?string the identity of its server, where it isn't the fleet's
function entry.read(settings, given)
  if type(given) == "string" then return given, settings.bots end
  local problem = problem_of(given)
  if problem then return nil, problem end
  local own = options_of(settings, given)
  local side
  side, problem = side_of(settings, own)
  if not side then return nil, problem end
  return given.token, own, given.server and side.identity ~= settings.server and side.identity or nil
end

return entry
