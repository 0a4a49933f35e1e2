-- SPDX-License-Identifier: MIT
-- Owns the command line: the parser, what is refused before it, and the way to the file of each command.

local argparse = require "argparse"
local outcomes = require "botapi.outcome"

local cli = {}

-- Each has a file botapi/cli/<name>.lua that returns {describe = function(parser), run = function(arguments, rest)}.
local commands = { "logout", "close", "status", "migrate", "fleet", "call", "facebook", "emulator", "completion",
  "help" }

local WIDTH = 80

local EPILOG = [[
The token comes from --token-file, --token-command, $BOT_TOKEN_FILE,
$CREDENTIALS_DIRECTORY/bot_token, $BOT_TOKEN or a prompt, never from an argument.
Topics: botapi help exit-codes, environment, json.]]

--- The parser of the whole command: what help, man page and completions are made from.
-- @treturn argparse.Parser
-- @treturn table the parsers of the commands, by name
function cli.parser()
  local parser = argparse("botapi", "Logs Telegram bots out, moves them, and tells the truth about it.", EPILOG)
  local parsers = {}
  parser:command_target "command"
  parser:require_command(true)
  parser:help_max_width(WIDTH):usage_max_width(WIDTH - 4):help_description_margin(25)
  parser:flag("--version", "Print the version."):action(function()
    print("botapi " .. require "botapi"._VERSION)
    os.exit(0)
  end)
  for _, name in ipairs(commands) do
    parsers[name] = parser:command(name)
    require("botapi.cli." .. name).describe(parsers[name])
  end
  return parser, parsers
end

--- The commands, in the order of the help.
cli.commands = commands

-- A token where everybody sees it ---------------------------------------------------

local SEEN = "A token on the command line is seen by every user of this machine and stays\n"
  .. "in the shell's history. Put it in a file that only you can read and give that:\n"
  .. "--token-file FILE (or - for standard input), or set BOT_TOKEN_FILE or BOT_TOKEN.\n"
  .. "Revoke the token with @BotFather if it was a real one.\n"

local function redact(text)
  return require "botapi.core".redact(text, nil, "tokens")
end

-- Most words have no colon: nothing is loaded for those.
local function has_token(word)
  return word == "--token" or word:find "^%-%-token=" ~= nil or word:find "[:%%]" and redact(word) ~= word
end

-- The emulator's own bots aren't anybody's.
local function shows_token(words)
  for i, word in ipairs(words) do
    local emulated = words[1] == "emulator" and (words[i - 1] == "--bot" or word:find "^%-%-bot=")
    if not emulated and has_token(word) then return true end
  end
  return false
end

-- What stands behind "--" belongs to another program.
local function split(arguments)
  local own, rest = {}, nil
  for _, argument in ipairs(arguments) do
    if rest then
      rest[#rest + 1] = argument
    elseif argument == "--" then
      rest = {}
    else
      own[#own + 1] = argument
    end
  end
  return own, rest
end

-- Running -----------------------------------------------------------------------------

local function misused(own, message)
  local known = false
  for _, name in ipairs(commands) do known = known or own[1] == name end
  io.stderr:write("botapi: ", redact(message), "\n",
    "Try: botapi ", known and own[1] .. " " or "", "--help\n")
  return outcomes.exits.usage
end

-- Ctrl-C where no command minds it: before the first request, or between two that only read.
local function stopped(why)
  if not require "botapi.core".interruption(why) then return nil end
  io.stderr:write "\n"
  local text = "stopped; sent: no. Nothing was changed; the same command starts again."
  local running = package.loaded["botapi.cli.session"]
  if running and running.current then
    return running.current:finish { outcome = "cancelled", sent = "no", reason = "cancelled", failed = text }
  end
  io.stderr:write("botapi: ", text, "\n")
  return outcomes.exits.cancelled
end

local INTERNAL = 70             -- sysexits' EX_SOFTWARE: no code of ours

local function broken(why)
  io.stderr:write("botapi: a mistake in this program, please report it: ", redact(tostring(why)), "\n")
  return INTERNAL
end

--- Runs the command.
-- @tparam table arguments list of strings
-- @treturn number the exit code
function cli.main(arguments)
  local own, rest = split(arguments)
  if shows_token(own) then
    io.stderr:write("botapi: ", SEEN)
    return outcomes.exits.usage
  end
  local parser = cli.parser()
  local ok, parsed = parser:pparse(own)
  if not ok then return misused(own, parsed) end
  return require("botapi.cli." .. parsed.command).run(parsed, rest)
end

--- Runs the command; neither Ctrl-C nor a mistake of ours shows a stack.
-- @tparam table arguments
-- @treturn number the exit code
function cli.run(arguments)
  require "botapi.core".watch_interrupts()
  local ok, exit = pcall(cli.main, arguments)
  if ok then return exit end
  return stopped(exit) or broken(exit)
end

return cli
