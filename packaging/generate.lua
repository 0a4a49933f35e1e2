-- SPDX-License-Identifier: MIT
-- Writes the man page and the completions of bash, zsh and fish below the directory arg[1], from the command's parser.

if not pcall(require, "argparse") then
  io.stderr:write "no man page and no completions: lua-argparse is missing\n"
  os.exit(0)
end

local cli = require "botapi.cli"
local shells = require "botapi.cli.shells"
local topics = require "botapi.cli.topics"
local values = require "botapi.cli.values"

local VERSION = require "botapi"._VERSION

-- The day of the release, as packaging/epoch.sh has it.
local function date()
  local file = assert(io.open "CHANGELOG.md")
  local text = file:read "*a"
  file:close()
  return assert(text:match("\n## " .. VERSION:gsub("%.", "%%.") .. " %- ([%d-]+)\n"), "no such release in CHANGELOG.md")
end

-- --- roff -------------------------------------------------------------------

local function roff(text)
  return (text:gsub("\\", "\\e"):gsub("%-", "\\-"):gsub("^([.'])", "\\&%1"):gsub("\n([.'])", "\n\\&%1"))
end

local out = {}

local function add(...)
  out[#out + 1] = table.concat({ ... })
end

local function section(title) add('.SH "', title, '"') end

local function paragraph(text)
  add ".PP"
  add(roff(text))
end

local function entry(term, text)
  add ".TP"
  add(term)
  add(roff(text))
end

local function verbatim(text)
  add ".PP"
  add ".RS 4"
  add ".nf"
  add((roff(text):gsub("\n$", "")))
  add ".fi"
  add ".RE"
end

-- --- options and commands ---------------------------------------------------

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

local COMMON = 6                -- commands that have an option make it a common one

-- Options that stand in many commands with the same words: a list, and by their entries.
local function common_of(parsers)
  local list, count = {}, {}
  for _, name in ipairs(cli.commands) do
    for _, option in ipairs(parsers[name]._options) do
      local key = names_of(option) .. description(option)
      count[key] = (count[key] or 0) + 1
      if count[key] == COMMON then list[#list + 1] = option end
    end
  end
  return list, function(option) return count[names_of(option) .. description(option)] >= COMMON end
end

-- Those of one side are left out of the help, too: COMMON OPTIONS tells of them.
local function options_of(parser, is_common)
  for _, option in ipairs(parser._options) do
    if not option._hidden and not is_common(option) then entry(names_of(option), description(option)) end
  end
end

-- The usage without the common options, in words that stay together.
local function usage_of(parser, is_common)
  local hidden, n = {}, 0
  for _, option in ipairs(parser._options) do
    if is_common(option) and not option._hidden then
      hidden[option], n = true, n + 1
      option:hidden(true)
    end
  end
  local text = parser:get_usage():gsub("^Usage: ", ""):gsub("%s+", " ")
  for option in pairs(hidden) do option:hidden(false) end
  local name, rest = text:match "^(botapi %l+) ?(.*)$"
  rest = (n > 1 and "[COMMON OPTIONS] " or "") .. rest
  add ".HP 4"
  add("\\fB", (name:gsub(" ", "\\ ")), "\\fR ", (roff(rest):gsub("%b[]", function(each)
    return (each:gsub(" ", "\\ ")) end)))
end

-- Lines of an epilog that are no sentences are examples.
local function epilog_of(parser)
  for line in ((parser._epilog or "") .. "\n"):gmatch "(.-)\n" do
    local example = line:match "^Example: +(.*)$" or line:match "^ +(.*)$"
    if example then verbatim(example) elseif line ~= "" and line ~= "Example:" then paragraph(line) end
  end
end

local function command_of(name, parser, is_common)
  add('.SS "botapi ', name, '"')
  paragraph(description(parser))
  options_of(parser, is_common)
  epilog_of(parser)
end

-- --- sections ---------------------------------------------------------------

local function topic_of(topic)
  section(topic.title)
  if topic.example then verbatim((topic.example:gsub("^  ", ""):gsub("\n  ", "\n"))) end
  for _, row in ipairs(topic.rows) do
    local aside = row.aside and row.aside ~= "" and (" (a script: %s)"):format(row.aside) or ""
    entry("\\fB" .. roff(row[1]) .. "\\fR", row[2] .. aside)
  end
  for _, note in ipairs(topic.notes) do paragraph(note) end
end

local FILES = {
  { "~/.local/state/botapi/ID.jsonl", "The journal of a bot: each change, before and after its request; never the "
    .. "token. Mode 0600. Below $XDG_STATE_HOME, where that is set." },
  { "~/.local/state/botapi/ID.jsonl.lock", "Keeps a second process out while one writes the journal." },
  { "FILE.journal", "The journal of a fleet, beside its list FILE; --journal names another one." },
}

local EXAMPLES = {
  { "What would a logout mean? Nothing is changed:", "botapi logout -n" },
  { "Log out of the cloud without a question, in a script, if the token is the bot's:",
    "botapi logout --server telegram --confirm shop_bot --token-file bot.token" },
  { "Look at a move, then rehearse it on emulated servers, then move:",
    "botapi migrate --from telegram --to http://10.0.0.5:8081 -n",
    "botapi migrate --from telegram --to http://10.0.0.5:8081 --rehearse",
    "botapi migrate --from telegram --to http://10.0.0.5:8081" },
  { "Log a thousand bots out; after an interruption the same command continues:",
    "botapi fleet logout tokens --server telegram --yes" },
  { "Send a message:", "botapi call sendMessage chat_id=5 text='good night' --server telegram" },
  { "Test a program against an emulator:", "botapi emulator --as cloud -- ./run-tests" },
  { "Complete the command in this shell:", "source <(botapi completion bash)" },
}

local function lists()
  section "FILES"
  for _, each in ipairs(FILES) do entry("\\fI" .. roff(each[1]) .. "\\fR", each[2]) end
  section "EXAMPLES"
  for _, each in ipairs(EXAMPLES) do
    paragraph(each[1])
    verbatim(table.concat(each, "\n", 2))
  end
  section "SEE ALSO"
  paragraph "lua(1), curl(1), systemd.exec(5)"
  paragraph "The Bot API: https://core.telegram.org/bots/api"
end

local function heading()
  add('.\\" Made by packaging/generate.lua from the command\'s parser.')
  add('.TH BOTAPI 1 "', date(), '" "botapi ', VERSION, '" "User Commands"')
  add ".nh"
  add ".ad l"
  section "NAME"
  add "botapi \\- logs Telegram bots out, moves them, and says what happened"
end

local function man_page()
  local parser, parsers = cli.parser()
  local common, is_common = common_of(parsers)
  heading()
  section "SYNOPSIS"
  for _, name in ipairs(cli.commands) do usage_of(parsers[name], is_common) end
  section "DESCRIPTION"
  paragraph("A logOut erases the webhook and the waiting updates on that server, the cloud takes the bot back only "
    .. "after about ten minutes, and any later call to the old server silently logs the bot in again. So the commands "
    .. "check first, show what will happen, ask, and say for every failure whether the request was sent. The result "
    .. "goes to standard output, everything else to standard error.")
  paragraph(parser._epilog)
  section "COMMANDS"
  for _, name in ipairs(cli.commands) do command_of(name, parsers[name], is_common) end
  section "COMMON OPTIONS"
  paragraph("Each command that calls a server has these, as far as they fit it. migrate and fleet have those of a "
    .. "request also for one of their two servers, as --from-NAME and --to-NAME; such a one comes before that for "
    .. "both.")
  for _, option in ipairs(common) do entry(names_of(option), description(option)) end
  for _, topic in ipairs(topics) do topic_of(topic) end
  lists()
  return table.concat(out, "\n") .. "\n"
end

-- --- files ------------------------------------------------------------------

local function write(path, text)
  local file = assert(io.open(path, "w"))
  assert(file:write(text))
  assert(file:close())
end

local directory = assert(arg[1], "usage: generate.lua DIRECTORY")
write(directory .. "/botapi.1", man_page())
for shell, name in pairs { bash = "botapi.bash", zsh = "_botapi", fish = "botapi.fish" } do
  write(directory .. "/" .. name, shells[shell](values.of(cli.parser())))
end
