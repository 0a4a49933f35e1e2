-- SPDX-License-Identifier: MIT
-- Owns the options that several commands share, and what becomes of them: options of a call.

local policy = require "botapi.policy"

local common = {}

local function seconds(text)
  local number = tonumber(text)
  if not number or not policy.is_limit(number) then
    return nil, "'" .. text .. "' is not a number of seconds"
  end
  return number
end
common.seconds = seconds

local function whole(text)
  local number = text:match "^%d+$" and tonumber(text)
  if not number or number > 1000 then return nil, "'" .. text .. "' is not a number from 0 to 1000" end
  return number
end

--- Options of each command that calls a server.
function common.everywhere(parser)
  parser:option("--timeout", "For each request as a whole (30)."):argname "SEC":convert(seconds)
  parser:option("--connect-timeout", "To get a connection (10)."):argname "SEC":convert(seconds)
  parser:option("--proxy", "A proxy's URL; empty: none."):argname "URL"
  parser:option("--ca-file", "Certificates to trust, PEM."):argname "FILE"
  parser:flag("--json", "The result as JSON; see: botapi help json.")
  parser:flag("-q --quiet", "No plan and no progress.")
  parser:flag("-v --verbose", "Show each step.")
  parser:option("--color", "When to use colour."):choices { "auto", "always", "never" }:default "auto"
    :show_default(false)
end

--- Where the token comes from.
function common.token(parser)
  parser:option("--token-file", "Read the token from FILE; -: standard input."):argname "FILE"
  parser:option("--token-command", "Run CMD and take what it prints as the token."):argname "CMD"
end

--- The server.
function common.server(parser, more)
  return parser:option("--server", "telegram, bale, local, or a URL" .. (more or "") .. "."):argname "S"
end

--- What is asked before the act.
function common.consent(parser, yes)
  parser:flag("-y --yes", yes)
  parser:option("--confirm", "Look whether it is bot NAME, and don't ask."):argname "NAME"
  parser:flag("-n --dry-run", "Look only; change nothing.")
end

--- What overrides a journal that says no.
function common.anyway(parser)
  parser:flag("--anyway", "Ask a server that the bot has left.")
end

--- How often what is safe is tried again, and how long a server may ask to wait.
function common.retries(parser, defaults)
  defaults = defaults or policy.defaults
  parser:option("--retries", ("Try what is safe again, N times (%d)."):format(defaults.retries)):argname "N"
    :convert(whole)
  parser:option("--max-wait", ("The longest wait that a server may ask for (%d)."):format(defaults.max_wait))
    :argname "SEC":convert(seconds)
end

--- The options of a call.
function common.call_options(parsed)
  return { timeout = parsed.timeout, connect_timeout = parsed.connect_timeout, proxy = parsed.proxy,
    ca_file = parsed.ca_file }
end

--- A server, as `botapi.server` reads it, with the options of a call.
-- @tparam ?string name as it was given
-- @tparam table parsed
-- @treturn ?table the server
-- @treturn ?string why it is none
function common.read_server(name, parsed)
  local options = common.call_options(parsed)
  options.server = name
  local side, why = require "botapi.server".read(options)
  if side then return side end
  why = why:gsub("^option 'server': ", "server: "):gsub(", or set plain_http = true$", " or a private address")
  return nil, why
end

return common
