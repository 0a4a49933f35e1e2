-- SPDX-License-Identifier: MIT
-- Owns the command line: the parser, tokens as arguments refused, and the file of each command run.

local argparse = require "argparse"
local outcomes = require "botapi.outcome"

local cli = {}

-- Each has a file botapi/cli/<name>.lua that returns {describe = function(parser), run = function(parsed, rest)}:
-- `describe` adds its options to its parser; `run` returns the exit code. `rest` is what stands behind "--".
local commands = { "logout", "close", "status", "migrate", "fleet", "call", "download", "facebook", "emulator",
  "completion", "help" }

local WIDTH, NARROW = 80, 60    -- columns: of what is printed elsewhere, and where the help's two columns are too much

local EPILOG = "The token is read from --token-file, --token-command, $BOT_TOKEN_FILE, "
  .. "$CREDENTIALS_DIRECTORY/bot_token, $BOT_TOKEN or a prompt. It is never an argument.\n"
  .. "Topics: botapi help exit-codes, environment, json."

local is_command = {}
for _, name in ipairs(commands) do is_command[name] = true end

local INTERNAL = 70     -- sysexits' EX_SOFTWARE, no code of ours

-- The exit code of a command: what it did counts, where its output was lost.
local function ended(code)
  local terminal = package.loaded["botapi.cli.terminal"]
  local why = terminal and terminal.failure()
  if not why then return code end
  io.stderr:write("botapi: standard output can't be written: ", why, "\n")
  return code == outcomes.exits.done and outcomes.NO_OUTPUT or code
end

-- An option that prints and ends the program. Argparse's own doesn't notice that nothing can be written.
local function printing(text_of)
  return { action = function()
    require "botapi.cli.terminal".page(text_of() .. "\n")
    os.exit(ended(outcomes.exits.done))
  end }
end

-- The help as wide as the terminal that it is for.
local function set_width(parser, columns)
  parser:help_max_width(columns):usage_max_width(columns - 4):help_description_margin(columns < NARROW and 8 or 25)
end

local function add_help(parser)
  return parser:add_help(printing(function()
    set_width(parser, require "botapi.cli.terminal".width() or WIDTH)
    return parser:get_help()
  end))
end

--- The parser of the whole command: what help, man page and completions are made from.
-- @tparam ?string only a command: only its file is loaded, and the others have no options
-- @treturn argparse.Parser
-- @treturn table the parsers of the commands, by name
-- @treturn table the names in the order of the help
function cli.parser(only)
  local parser = add_help(argparse("botapi", "Logs Telegram bots out, moves them, and says what happened.", EPILOG))
  local parsers = {}
  parser:command_target "command"
  parser:require_command(true)
  set_width(parser, WIDTH)
  parser:flag("--version", "Print the version.")(printing(function() return "botapi " .. require "botapi"._VERSION end))
  for _, name in ipairs(commands) do
    parsers[name] = add_help(parser:command(name))
    if not is_command[only] or name == only then require("botapi.cli." .. name).describe(parsers[name], is_command) end
  end
  return parser, parsers, commands
end

--- The commands, in the order of the help.
cli.commands = commands

-- A token on the command line ---------------------------------------------------

local EXPOSED = "Every user of this machine can see a token on the command line, and the\n"
  .. "shell's history keeps it. Put it in a file that only you can read, and use\n"
  .. "--token-file FILE (- is standard input), or set BOT_TOKEN_FILE or BOT_TOKEN.\n"
  .. "If it was a real token, revoke it with @BotFather.\n"

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
    local list = rest or own
    if argument == "--" and not rest then rest = {} else list[#list + 1] = argument end
  end
  return own, rest
end

-- Running -----------------------------------------------------------------------------

local function say(text)
  local terminal = require "botapi.cli.terminal"
  io.stderr:write(terminal.fitted(terminal.ERR, text))
end

local function misused(own, message)
  say("botapi: " .. redact(message) .. "\nTry: botapi " .. (is_command[own[1]] and own[1] .. " " or "") .. "--help\n")
  return outcomes.exits.usage
end

--- Runs the command.
-- @tparam table arguments list of strings
-- @treturn number the exit code
function cli.main(arguments)
  local own, rest = split(arguments)
  if shows_token(own) then
    say("botapi: " .. EXPOSED)
    return outcomes.exits.usage
  end
  local parser = cli.parser(own[1])
  local ok, parsed = parser:pparse(own)
  if not ok then return misused(own, parsed) end
  return require("botapi.cli." .. parsed.command).run(parsed, rest, cli.parser)
end

--- Runs the command; neither Ctrl-C nor a bug shows a traceback.
-- @tparam table arguments
-- @treturn number the exit code
function cli.run(arguments)
  local core = require "botapi.core"
  core.watch_interrupts()
  core.host.fill_streams()
  core.host.outlive_limit()
  local ok, result = pcall(cli.main, arguments)
  if ok then return ended(result) end
  if core.interruption(result) then return outcomes.exits.cancelled end
  io.stderr:write("botapi: this is a bug, please report it: ", redact(tostring(result)), "\n")
  return INTERNAL
end

return cli
