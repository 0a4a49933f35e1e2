-- SPDX-License-Identifier: MIT
-- Owns the completion scripts of bash, zsh and fish: what argparse makes of the parser, and what `botapi call` can have
-- behind it, the Bot API's methods and their parameters.

local bot_api = require "botapi.bot_api"
local outcomes = require "botapi.outcome"

local shells = {}             -- by name: each is given the parser, and those of the commands

-- What can stand behind `call` --------------------------------------------------------------

-- Those that take a bot off its server have commands of their own.
local function methods()
  local list = {}
  for _, name in ipairs(bot_api.names()) do
    if not outcomes.leaves(name) then list[#list + 1] = name end
  end
  return list
end

-- Methods that have the same parameters, in a row with these: {methods = list, params = list}.
local function rows()
  local list, by_params = {}, {}
  for _, name in ipairs(methods()) do
    local params = bot_api.find(name).params
    local key = table.concat(params, " ")
    if key ~= "" and not by_params[key] then
      by_params[key] = { methods = {}, params = params }
      list[#list + 1] = by_params[key]
    end
    if key ~= "" then table.insert(by_params[key].methods, name) end
  end
  return list
end

-- The options of `call` whose value is a word of its own.
local function options_with_values(parser)
  local list = {}
  for _, option in ipairs(parser._options) do
    if option._minargs > 0 then
      for _, alias in ipairs(option._aliases) do list[#list + 1] = alias end
    end
  end
  return list
end

-- A case for each row; `form` is one's text, with the methods and the parameters.
local function cases(form, separator, param)
  local list = {}
  for i, row in ipairs(rows()) do
    local params = {}
    for j, name in ipairs(row.params) do params[j] = param:format(name) end
    list[i] = form:format(table.concat(row.methods, separator), table.concat(params, " "))
  end
  return table.concat(list, "\n")
end

local OTHERWISE = "argparse writes something else"

-- Replaces what argparse has written once; `text` may hold anything.
local function replaced(script, before, text)
  local from, to = script:find(before, 1, true)
  assert(from and not script:find(before, to + 1, true), OTHERWISE)
  return script:sub(1, from - 1) .. text .. script:sub(to + 1)
end

-- Shells ------------------------------------------------------------------------------------

-- Bash takes `=` for a word. COMP_WORDS[1] is `call`.
local BASH = [=[
_botapi_params() {
    case "$1" in
%s
    esac
}

_botapi_call() {
    local values=" %s "
    local i word method
    for ((i = 2; i < COMP_CWORD; i++)); do
        word="${COMP_WORDS[i]}"
        if [[ "$values" == *" $word "* ]]; then
            i=$((i + 1))
            if [[ "${COMP_WORDS[i]}" == "=" ]]; then i=$((i + 1)); fi
        elif [[ "$word" != -* ]]; then
            method="$word"
            break
        fi
    done
    if [[ "$cur" == "=" || "$prev" == "=" || "$prev" == "@" ]]; then
        return
    elif [[ -z "$method" ]]; then
        COMPREPLY=($(compgen -W "%s" -- "$cur"))
    else
        COMPREPLY=($(compgen -W "$(_botapi_params "$method")" -- "$cur"))
        compopt -o nospace 2>/dev/null
    fi
}

]=]

-- What argparse writes for a file splits its name at blanks and types it as it is, for the shell to run.
local FILES = 'COMPREPLY=($(compgen -f -- "$cur"))'
local BASH_FILES = [=[
_botapi_files() {
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
}

]=]

local BASH_END = '\n    if [[ "$cur" = -* ]]; then\n'
local BASH_CALL = '\n    if [[ "$cmd" = call ]]; then\n        _botapi_call\n    fi\n' .. BASH_END

function shells.bash(parser, parsers)
  local own = BASH:format(cases("        %s)\n            echo '%s'\n            ;;", "|", "%s="),
    table.concat(options_with_values(parsers.call), " "), table.concat(methods(), " "))
  local script, n = parser:get_bash_complete():gsub(FILES:gsub("%W", "%%%0"), "_botapi_files")
  assert(n > 0 and not script:find("compgen -f", 1, true), OTHERWISE)
  return BASH_FILES .. own .. replaced(script, BASH_END, BASH_CALL)
end

-- `line` is what _arguments has found so far. Behind = and @ there may be a file.
local ZSH = [=[
_botapi_methods() {
  local -a methods=(%s)
  compadd -a methods
}

_botapi_params() {
  local -a params
  if [[ "$PREFIX" == *=* ]]; then
    compset -P '*='
    compset -P '@'
    _files
    return
  fi
  case $line[1] in
%s
  esac
  compadd -S '' -a params
}

]=]

-- Marks that argparse writes for arguments.
local METHODS, PARAMS = "METHODS", "PARAMS"

function shells.zsh(parser, parsers)
  for _, argument in ipairs(parsers.call._arguments) do
    argument._choices = { argument._name == "method" and METHODS or PARAMS }
  end
  local script = parser:get_zsh_complete()
  script = replaced(script, ":(" .. METHODS .. ")", ":_botapi_methods")
  script = replaced(script, ":(" .. PARAMS .. ")", ":_botapi_params")
  local functions = ZSH:format(table.concat(methods(), " "), cases("    %s)\n      params=(%s)\n      ;;", "|", "%s="))
  return replaced(script, "\n_botapi_cmds() {\n", "\n" .. functions .. "_botapi_cmds() {\n")
end

local FISH = [=[

function __fish_botapi_method
    set -l is_value 0
    for word in (commandline -poc)[3..-1]
        if test $is_value = 1
            set is_value 0
        else if contains -- $word %s
            set is_value 1
        else if not string match -q -- '-*' $word
            echo $word
            return 0
        end
    end
    return 1
end

function __fish_botapi_params
    switch (__fish_botapi_method)
%s
    end
end

complete -c botapi -n '__fish_botapi_seen_command call; and not __fish_botapi_method >/dev/null' -xa '%s'
complete -c botapi -n '__fish_botapi_seen_command call; and __fish_botapi_method >/dev/null' -a '(__fish_botapi_params)'
]=]

function shells.fish(parser, parsers)
  return parser:get_fish_complete() .. FISH:format(table.concat(options_with_values(parsers.call), " "),
    cases("        case %s\n            printf '%%s\\n' %s", " ", "%s="), table.concat(methods(), " "))
end

return shells
