-- SPDX-License-Identifier: MIT
-- Writes the man page and the completions of bash, zsh and fish below the directory arg[1], from the command's parser.

if not pcall(require, "argparse") then
  io.stderr:write "no man page and no completions: lua-argparse is missing\n"
  os.exit(0)
end

local cli = require "botapi.cli"
local shells = require "botapi.cli.shells"
local topics = require "botapi.cli.topics"

local VERSION = arg[2] or "scm"

-- --- roff -------------------------------------------------------------------

local function roff(text)
  return (text:gsub("\\", "\\e"):gsub("%-", "\\-"):gsub("^([.'])", "\\&%1"):gsub("\n([.'])", "\n\\&%1"))
end

local out = {}

local function add(...)
  out[#out + 1] = table.concat({ ... })
end

local function verbatim(text)
  add ".nf"
  add((roff(text):gsub("\n$", "")))
  add ".fi"
end

local function description(element)
  local text = element._description or ""
  return type(text) == "string" and text or ""
end

-- `--server S`
local function names_of(option)
  local aliases = {}
  for _, alias in ipairs(option._aliases) do aliases[#aliases + 1] = "\\fB" .. roff(alias) .. "\\fR" end
  local argument = option._argname or option._choices and table.concat(option._choices, "|")
  argument = type(argument) == "table" and argument[1] or argument
  return table.concat(aliases, ", ") .. (argument and " \\fI" .. roff(argument) .. "\\fR" or "")
end

-- Those that the help leaves out are one entry: each says only of which option it is a form.
local function options_of(parser)
  local left_out = {}
  for _, option in ipairs(parser._options) do
    if option._hidden then
      left_out[#left_out + 1] = names_of(option)
    else
      add ".TP"
      add(names_of(option))
      add(roff(description(option)))
    end
  end
  if not left_out[1] then return end
  add ".TP"
  add(table.concat(left_out, ", "))
  add(roff("As the option without from- or to-, for one of the two servers alone; it comes before that for both."))
end

local function usage_of(parser)
  verbatim((parser:get_usage():gsub("^Usage: ", ""):gsub("\n       ", "\n    ")))
end

local function command_of(name, parser)
  add('.SS "botapi ', name, '"')
  usage_of(parser)
  add ".PP"
  add(roff(description(parser)))
  options_of(parser)
  if parser._epilog then
    add ".PP"
    verbatim(parser._epilog)
  end
end

local function man_page()
  local parser, parsers = cli.parser()
  add('.\\" Made by packaging/generate.lua from the command\'s parser.')
  add('.TH BOTAPI 1 "" "botapi ', VERSION, '" "User Commands"')
  add ".SH NAME"
  add "botapi \\- logs Telegram bots out, moves them, and says what happened"
  add ".SH SYNOPSIS"
  for _, name in ipairs(cli.commands) do usage_of(parsers[name]) end
  add ".SH DESCRIPTION"
  add(roff("A logOut erases the webhook and the waiting updates on that server, the cloud takes the bot back only "
    .. "after about ten minutes, and any later call to the old server silently logs the bot in again. So the commands "
    .. "check first, show what will happen, ask, and say for every failure whether the request was sent. The result "
    .. "goes to standard output, everything else to standard error."))
  add ".PP"
  verbatim(parser._epilog)
  add ".SH COMMANDS"
  for _, name in ipairs(cli.commands) do command_of(name, parsers[name]) end
  for _, topic in ipairs(topics) do
    add('.SH "', topic.title, '"')
    verbatim((topic.text:gsub("^[^\n]*\n\n", "")))
  end
  add ".SH FILES"
  add ".TP"
  add "\\fI~/.local/state/botapi/ID.jsonl\\fR"
  add(roff("The journal of a bot: each change, before and after its request; never the token. Mode 0600."))
  return table.concat(out, "\n") .. "\n"
end

-- --- files ------------------------------------------------------------------

local function write(path, text)
  local file = assert(io.open(path, "w"))
  assert(file:write(text))
  assert(file:close())
end

local directory = assert(arg[1], "usage: generate.lua DIRECTORY [VERSION]")
write(directory .. "/botapi.1", man_page())
write(directory .. "/botapi.bash", shells.bash(cli.parser()))
write(directory .. "/_botapi", shells.zsh(cli.parser()))
write(directory .. "/botapi.fish", shells.fish(cli.parser()))
