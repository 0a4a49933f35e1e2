-- SPDX-License-Identifier: MIT
-- Owns the options that several commands share, and what becomes of them: options of a call.

local core = require "botapi.core"
local policy = require "botapi.policy"
local server = require "botapi.server"

local options = {}

local defaults = {}
for _, option in ipairs(core.options()) do defaults[option.name] = option.default end

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

-- Options -------------------------------------------------------------------------------

--- Options of each command that calls a server.
function options.add_common(parser)
  parser:option("--timeout", ("Time limit of each request (%s)."):format(defaults.timeout)):argname "SEC"
    :convert(seconds)
  parser:option("--connect-timeout", ("Time limit for connecting (%s)."):format(defaults.connect_timeout))
    :argname "SEC":convert(seconds)
  parser:option("--proxy", "URL of a proxy; an empty value: no proxy."):argname "URL"
  parser:option("--ca-file", "Certificates to trust (PEM)."):argname "FILE"
  parser:flag("--json", "Print the result as JSON; see: botapi help json.")
  parser:flag("-q --quiet", "Show no plan and no progress.")
  parser:flag("-v --verbose", "Show each request.")
  parser:option("--color", "When to use colour."):choices { "auto", "always", "never" }:default "auto"
    :show_default(false)
end

--- Options of each command that calls a server as a bot.
function options.add_bot(parser)
  parser:flag("--force", "Call a server although the bot has left it.")
  parser:option("--token-file", "Read the token from FILE (-: standard input)."):argname "FILE"
  parser:option("--token-command", "Run CMD and use its output as the token."):argname "CMD"
  options.add_common(parser)
end

--- The server.
function options.add_server(parser, more)
  return parser:option("--server", "telegram, bale, local, or a URL" .. (more or "") .. "."):argname "S"
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

--- The options of a call.
function options.of_call(parsed)
  return { timeout = parsed.timeout, connect_timeout = parsed.connect_timeout, proxy = parsed.proxy,
    ca_file = parsed.ca_file }
end

--- A server, as `botapi.server` reads it, with the options of a call.
-- @tparam ?string name as it was given
-- @tparam table parsed
-- @treturn ?table the server
-- @treturn ?string why it is none
function options.read_server(name, parsed)
  local call = options.of_call(parsed)
  call.server = name
  local found, why = server.read(call)
  if found then return found end
  why = why:gsub("^option 'server': ", "server: "):gsub(", or set plain_http = true$", " or a private address")
  return nil, why
end

return options
