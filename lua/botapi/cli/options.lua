-- SPDX-License-Identifier: MIT
-- Owns the options that several commands share, and what becomes of them: options of a call.

local core = require "botapi.core"
local policy = require "botapi.policy"
local server = require "botapi.server"

local unpack = table.unpack or unpack

local options = {}

--- The servers of a move.
options.sides = { "from", "to" }

-- Values --------------------------------------------------------------------------------

local function seconds(text)
  local number = tonumber(text)
  if not number or not policy.is_limit(number) then return nil, "'" .. text .. "' is not a number of seconds" end
  return number
end

--- A converter of numbers.
function options.number(text)
  return tonumber(text), "'" .. text .. "' is not a number"
end

--- Makes a converter of whole numbers.
function options.whole(least, most)
  return function(text)
    local number = text:match "^%d+$" and tonumber(text)
    if not number or number < least or number > most then
      return nil, ("'%s' is not a number from %d to %d"):format(text, least, most)
    end
    return number
  end
end

-- `Name: value`. What is wrong isn't repeated: it may be a secret.
local function header(text)
  local name, value = text:match "^([^%s:]+):[ \t]*(.-)[ \t]*$"
  if not name then return nil, "a header is written as 'NAME: VALUE'" end
  return { name = name, value = value }
end

-- Options of a call -----------------------------------------------------------------------

-- How the command writes them, where that doesn't follow from their types; `list`: it may be given again.
local written = {
  proxy = { argname = "URL" }, proxy_auth = { argname = "WAY" }, ca_file = { argname = "FILE" },
  cert_file = { argname = "FILE" }, key_file = { argname = "FILE" }, unix_socket = { argname = "PATH" },
  user_agent = { argname = "TEXT" }, resolve = { argname = "HOST:PORT:ADDRESS", list = true },
  headers = { name = "header", argname = "NAME:VALUE", list = true, convert = header },
}

local by_type = { number = { argname = "SEC", convert = function() return seconds end },
  integer = { argname = "N", convert = function(option) return options.whole(option.min, option.max) end } }

local function text_of(option)
  local text = option.meaning:gsub("^%l", string.upper):gsub('""', "an empty value")
  return option.min and ("%s (%s %s)."):format(text, option.default, option.unit) or text .. "."
end

-- The core's list but for the server, which each command names in its own way, and for functions.
local of_calls = {}
for _, option in ipairs(core.options()) do
  local how, usual = written[option.name] or {}, by_type[option.type]
  local target = how.name or option.name
  if option.name ~= "server" and option.type ~= "function" then
    of_calls[#of_calls + 1] = { name = option.name, target = target, flag = target:gsub("_", "-"), list = how.list,
      argname = how.argname or usual and usual.argname, text = text_of(option),
      convert = how.convert or usual and usual.convert(option) }
  end
end

local function add_one(parser, option, side)
  local name = "--" .. (side and side .. "-" or "") .. option.flag
  local text = side and ("As --%s, for --%s alone."):format(option.flag, side) or option.text
  if not option.argname then return parser:flag(name, text) end
  local added = parser:option(name, text):argname(option.argname)
  if option.convert then added:convert(option.convert) end
  return option.list and added:count "*" or added
end

-- Those of a move also for one side: the help names them in one line, completions and the man page one by one.
local function add_calls(parser, sides, without)
  parser:group("Options", unpack(parser._options))
  local group = {}
  for _, option in ipairs(of_calls) do
    if not (without and without[option.name]) then
      group[#group + 1] = add_one(parser, option)
      for _, side in ipairs(sides or {}) do add_one(parser, option, side):hidden(true) end
    end
  end
  parser:group("Options of each request" .. (sides and " (also for one side, as --from-NAME and --to-NAME)" or ""),
    unpack(group))
end

-- Options -------------------------------------------------------------------------------

--- Options of each command that calls a server.
-- @tparam ?table sides of a command that calls two: their names
-- @tparam ?table without a set of those of a call that it doesn't have
function options.add_common(parser, sides, without)
  parser:flag("--json", "Print the result as JSON; see: botapi help json.")
  parser:flag("-q --quiet", "Show no plan and no progress.")
  parser:flag("-v --verbose", "Show each request.")
  parser:option("--color", "When to use colour."):choices { "auto", "always", "never" }:default "auto"
    :show_default(false)
  add_calls(parser, sides, without)
end

--- Options of each command that calls a server as a bot.
-- @tparam ?table sides as of `add_common`
function options.add_bot(parser, sides)
  parser:flag("--force", "Call a server although the bot has left it.")
  parser:option("--token-file", "Read the token from FILE (-: standard input)."):argname "FILE"
  parser:option("--token-command", "Run CMD and use its output as the token."):argname "CMD"
  options.add_common(parser, sides)
end

--- The server.
function options.add_server(parser, more)
  return parser:option("--server", "telegram, bale, local, or a URL" .. (more or "") .. "."):argname "S"
end

local function add_as(parser, name, of)
  parser:option(name, ("What --%s is, where its address doesn't tell."):format(of)):choices { "cloud", "local" }
end

--- What the server is, for the commands that tell what follows from it.
function options.add_as(parser) add_as(parser, "--as", "server") end

--- The two servers of a move.
function options.add_sides(parser, from, to)
  parser:option("--from", from):argname "S"
  parser:option("--to", to):argname "S"
  for _, side in ipairs(options.sides) do add_as(parser, ("--%s-as"):format(side), side) end
end

--- What is asked before something changes.
function options.add_consent(parser, yes)
  parser:flag("-y --yes", yes)
  parser:option("--confirm", "Don't ask; check that it is bot NAME."):argname "NAME"
  parser:flag("-n --dry-run", "Only check and show the plan; change nothing.")
end

--- How often what is safe is tried again, and how long a server may ask to wait.
-- @tparam ?table other defaults than those of a bot
function options.add_retries(parser, other)
  other = other or policy.defaults
  parser:option("--retries", ("How often to repeat what is safe to repeat (%d)."):format(other.retries)):argname "N"
    :convert(options.whole(0, 1000))
  parser:option("--max-wait", ("Longest wait to accept from a server (%d)."):format(other.max_wait)):argname "SEC"
    :convert(seconds)
end

-- What becomes of them --------------------------------------------------------------------

-- A list that was never given is empty.
local function value_of(parsed, target)
  local value = parsed[target]
  if type(value) == "table" and not value[1] then return nil end
  return value
end

--- The name of an option for one side that was given; nil: there is none.
function options.given_for_one_side(parsed)
  for _, side in ipairs(options.sides) do
    if parsed[side .. "_as"] then return side .. "_as" end
    for _, option in ipairs(of_calls) do
      if value_of(parsed, side .. "_" .. option.target) ~= nil then return side .. "_" .. option.target end
    end
  end
end

local function header_table(list)
  local headers = {}
  for _, each in ipairs(list or {}) do headers[each.name] = each.value end
  return next(headers) and headers or nil
end

--- The options of a call.
-- @tparam table parsed
-- @tparam ?string side whose own come before those of both
function options.of_call(parsed, side)
  local call = {}
  for _, option in ipairs(of_calls) do
    local own = side and value_of(parsed, side .. "_" .. option.target)
    call[option.name] = own or value_of(parsed, option.target)
  end
  call.headers = header_table(call.headers)
  return call
end

-- An option of a call as it was written: for a side, or for both.
local function as_written(name, parsed, side)
  for _, option in ipairs(of_calls) do
    if option.name == name then
      local is_own = side and value_of(parsed, side .. "_" .. option.target) ~= nil
      return "--" .. (is_own and side .. "-" or "") .. option.flag
    end
  end
  return "--" .. (side or "server")
end

--- A server, as `botapi.server` reads it, with the options of a call.
-- @tparam ?string name as it was given
-- @tparam table parsed
-- @tparam ?string side "from" or "to", in a move
-- @treturn ?table the server
-- @treturn ?string why it is none
function options.read_server(name, parsed, side)
  local call = options.of_call(parsed, side)
  call.server = name
  local found, why = server.read(call, parsed[side and side .. "_as" or "as"])
  if found then return found end
  why = why:gsub("^option '([%l_]+)'", function(option) return as_written(option, parsed, side) end)
  return nil, (why:gsub("set plain_http = true$", "add --plain-http"))
end

--- One side of a move, as `botapi.migrate` takes it: the options of a call, and what the server is.
-- @tparam table found by `read_server`
-- @tparam ?string as
function options.side(found, as)
  local side = { as = as }
  for name, value in pairs(found.options) do side[name] = value end
  return side
end

return options
