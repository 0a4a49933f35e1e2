-- SPDX-License-Identifier: MIT
-- Owns the command `botapi emulator`: its options, and the life of the process.

local command = {}

local function whole(most)
  return function(text)
    local number = text:match "^%d+$" and tonumber(text)
    if not number or number > most then return nil, "'" .. text .. "' is not a number from 0 to " .. most end
    return number
  end
end

--- Adds the command's options to its parser.
function command.describe(parser)
  parser:summary "Run a Bot API server to test bots against."
  parser:description "Runs a Bot API server to test bots against. Its URL is the first line that it prints."
  parser:epilog("With -- COMMAND: sets BOTAPI_SERVER and BOT_TOKEN, runs COMMAND, stops, and passes its exit code on.\n"
    .. "Guide: docs/emulator.md")
  parser:option("--port", "Port; 0 takes any."):argname "N":convert(whole(65535)):default "0"
  parser:option("--host", "Address to listen on."):argname "HOST":default "127.0.0.1"
  parser:option("--bot", "The only valid token; may be repeated. Without it any well-formed token is a bot.")
    :argname "TOKEN":count "*"
  parser:option("--as", "Which server to be."):choices {"local", "cloud", "bale", "facebook"}:default "local"
  parser:option("--control", "The control API: off, a port, HOST:PORT, or the path of a unix socket.")
    :argname "off|PORT|SOCKET"
  parser:flag("--limits", "Rate limits for new tokens, also for loopback.")
  parser:flag("--pair", "A cloud and a local server over one simulated Telegram; prints two URLs.")
  parser:flag("--tls", "HTTPS; without --cert a CA and a certificate are made for this run.")
  parser:option("--cert", "Certificate chain, PEM (with --tls)."):argname "FILE"
  parser:option("--key", "Its key, PEM (with --tls)."):argname "FILE"
  parser:flag("--exit-with-stdin", "End when standard input ends.")
end

local function options_of(parsed)
  if (parsed.cert == nil) ~= (parsed.key == nil) then return nil, "--cert and --key go together" end
  local is_facebook = parsed.as == "facebook"     -- which there is only with TLS
  local tls = (parsed.tls or parsed.cert or is_facebook) and {cert = parsed.cert, key = parsed.key} or nil
  return {as = parsed.as, pair = parsed.pair, limits = parsed.limits, host = parsed.host, port = parsed.port,
    control = parsed.control, tls = tls, exit_with_stdin = parsed["exit_with_stdin"],
    bots = parsed.bot and parsed.bot[1] and parsed.bot or nil}
end

--- Runs the emulator until it is told to end.
-- @tparam table parsed from the parser
-- @tparam[opt] table program a command to run and its arguments
-- @treturn number the exit code
function command.run(parsed, program)
  local options, why = options_of(parsed)
  if not options then
    io.stderr:write("botapi: ", why, "\n")
    return 2
  end
  local ok, process = pcall(require, "botapi.emulator.process")
  if not ok then
    io.stderr:write("botapi: the emulator needs cqueues, luaossl and lua-cjson (Debian: lua-cqueues lua-luaossl ",
      "lua-cjson)\n  ", tostring(process):match "^[^\n]*", "\n")
    return 3
  end
  return process.run(options, program)
end

return command
