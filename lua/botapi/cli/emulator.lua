-- SPDX-License-Identifier: MIT
-- Owns the command `botapi emulator`: its options, and the start of the process.

local outcomes = require "botapi.outcome"

local command = {}

-- Not by botapi.cli.terminal, which needs the C module: the emulator doesn't.
local function write(text)
  local ok, why = io.stdout:write(text)
  if ok then ok, why = io.stdout:flush() end
  if ok then return nil end
  io.stderr:write("botapi: standard output can't be written: ", why, "\n")
  return outcomes.NO_OUTPUT
end

local function port(text)
  local number = text:match "^%d+$" and tonumber(text)
  if not number or number > 65535 then return nil, "'" .. text .. "' is not a port" end
  return number
end

-- "1/3" → {1, 3}
local function filter(text)
  local remainder, modulo = text:match "^(%d+)/(%d+)$"
  remainder, modulo = tonumber(remainder), tonumber(modulo)
  if not modulo or remainder >= modulo then return nil, "'" .. text .. "' is not like 0/2, the remainder first" end
  return {remainder, modulo}
end

function command.describe(parser)
  parser:summary "Run a Bot API server to test bots against."
  parser:description "Runs a Bot API server to test bots against. Its URL is the first line of output."
  parser:epilog("With -- COMMAND: sets BOTAPI_SERVER and BOT_TOKEN, runs COMMAND, and exits with its exit code.\n"
    .. "Guide: docs/emulator.md")
  parser:option("--port", "Port; 0: any free one."):argname "N":convert(port):default "0"
  parser:option("--host", "Address to listen on."):argname "HOST":default "127.0.0.1"
  parser:option("--bot", "A valid token; may be repeated. Without it every well-formed token is.")
    :argname "TOKEN":count "*"
  parser:option("--as", "Which server to emulate."):choices {"local", "cloud", "bale", "facebook"}:default "local"
  parser:option("--control", "The control API: off, a port, HOST:PORT, or the path of a unix socket.")
    :argname "off|PORT|SOCKET"
  parser:option("--filter", "Take only bots whose id divided by M leaves R; of a pair the local server's.")
    :argname "R/M":convert(filter)
  parser:flag("--limits", "Limit new tokens, also for clients on this machine.")
  parser:flag("--pair", "A cloud and a local server over one simulated Telegram; prints two URLs.")
  parser:flag("--tls", "Use HTTPS; without --cert with a CA and certificate made for this run.")
  parser:option("--cert", "Certificate chain, PEM (with --tls)."):argname "FILE"
  parser:option("--key", "Its key, PEM (with --tls)."):argname "FILE"
  parser:flag("--exit-with-stdin", "End when standard input ends.")
end

-- The C module has it, without which the emulator runs, too.
local function version()
  local ok, core = pcall(require, "botapi.core")
  return ok and core._VERSION or "unknown"
end

local function options_of(parsed)
  if (parsed.cert == nil) ~= (parsed.key == nil) then return nil, "--cert and --key go together" end
  local is_facebook = parsed.as == "facebook"     -- which there is only with TLS
  local tls = (parsed.tls or parsed.cert or is_facebook) and {cert = parsed.cert, key = parsed.key} or nil
  return {version = version(), as = parsed.as, pair = parsed.pair, limits = parsed.limits, filter = parsed.filter,
    host = parsed.host, port = parsed.port, control = parsed.control, tls = tls,
    exit_with_stdin = parsed["exit_with_stdin"], bots = parsed.bot and parsed.bot[1] and parsed.bot or nil}
end

function command.run(parsed, program)
  local options, why = options_of(parsed)
  if not options then
    io.stderr:write("botapi: ", why, "\n")
    return outcomes.exits.usage
  end
  local ok, process = pcall(require, "botapi.emulator.process")
  if not ok then
    io.stderr:write("botapi: the emulator needs cqueues, luaossl and lua-cjson (Debian: lua-cqueues lua-luaossl ",
      "lua-cjson)\n  ", tostring(process):match "^[^\n]*", "\n")
    return outcomes.exits.not_sent
  end
  return process.run(options, program, write)
end

return command
