-- SPDX-License-Identifier: MIT
-- Owns the completion scripts of bash, zsh and fish: what values.lua finds in the parsers, the Bot API's methods and
-- their parameters, and the bots of the journals. Files are offered only where a file belongs.

local bot_api = require "botapi.bot_api"
local outcomes = require "botapi.outcome"
local values = require "botapi.cli.values"

local shells = {}             -- by name: each is given what values.of returns

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

-- A text in single quotes.
local function quoted(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

local function joined(list, form, separator)
  local out = {}
  for i, each in ipairs(list) do out[i] = form(each) end
  return table.concat(out, separator)
end

-- Puts each text in the place of its %NAME%.
local function filled(script, texts)
  return (script:gsub("%%([%u]+)%%", texts))
end

-- The ids of the bots that have a journal, and their names; the same for bash and zsh.
local BOTS = [=[
    local at="$HOME/.local/state"
    case "$XDG_STATE_HOME" in /*) at="$XDG_STATE_HOME" ;; esac
    [ -d "$at/botapi" ] || return
    command ls "$at/botapi" 2>/dev/null | command sed -n 's/^\([0-9]*\)\.jsonl$/\1/p'
    command cat "$at"/botapi/[0-9]*.jsonl 2>/dev/null |
        command sed -n 's/.*"username":"\([A-Za-z0-9_]*\)".*/\1/p' | command sort -u
]=]

-- bash -----------------------------------------------------------------------------------------

-- COMP_WORDS has =, : and @ as words of their own: they are put together again. What is completed is only the part
-- behind the last of them.
local BASH = [=[
_botapi_params() {
    case "$1" in
%PARAMS%
    esac
}

_botapi_bots() {
%BOTS%}

_botapi_files() {
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$1")
}

# What an option of a command takes; nothing: it is a flag.
_botapi_option() {
    case "$1 $2" in
%OPTIONS%
    esac
}

_botapi_argument() {
    case "$1 $2" in
%ARGUMENTS%
    esac
}

_botapi_offer() {
    local kind="$1" part="$2"
    case "$kind" in
        file) _botapi_files "$part" ;;
        bot) COMPREPLY=($(compgen -W "$(_botapi_bots)" -- "$part")) ;;
        method) COMPREPLY=($(compgen -W "%METHODS%" -- "$part")) ;;
        words\ *) COMPREPLY=($(compgen -W "${kind#words }" -- "$part")) ;;
    esac
}

_botapi_offer_param() {
    if [[ "$2" == *=@* ]]; then
        _botapi_files "$part"
    elif [[ "$2" != *=* ]]; then
        COMPREPLY=($(compgen -W "$(_botapi_params "$1")" -- "$part"))
        compopt -o nospace 2>/dev/null
    fi
}

_botapi() {
    local IFS=$' \t\n'
    local words=() i n=0 cmd= first= option= kind= word part="${COMP_WORDS[COMP_CWORD]}" ended=
    COMPREPLY=()
    for ((i = 1; i <= COMP_CWORD; i++)); do
        word="${COMP_WORDS[i]}"
        if [[ ${#words[@]} -gt 0 && ( "$word" == [=:@]* || "${words[-1]}" == *[=:@] ) ]]; then
            words[-1]+="$word"
        else
            words+=("$word")
        fi
    done
    case "$part" in [=:@]*) part="" ;; esac
    for word in "${words[@]:0:${#words[@]}-1}"; do
        if [[ -n "$ended" ]]; then
            n=$((n + 1))
        elif [[ -n "$option" ]]; then
            option=
        elif [[ "$word" == -- ]]; then
            ended=1 n=0
        elif [[ "$word" == -* ]]; then
            if [[ "$word" != *=* && -n "$(_botapi_option "$cmd" "$word")" ]]; then option="$word"; fi
        elif [[ -z "$cmd" ]]; then
            cmd="$word"
        else
            n=$((n + 1))
            if [[ $n == 1 ]]; then first="$word"; fi
        fi
    done
    word="${words[-1]}"
    if [[ -n "$ended" ]]; then
        if [[ $n == 0 ]]; then COMPREPLY=($(compgen -c -- "$part")); else _botapi_files "$part"; fi
    elif [[ -n "$option" ]]; then
        _botapi_offer "$(_botapi_option "$cmd" "$option")" "$part"
    elif [[ "$word" == --*=* ]]; then
        _botapi_offer "$(_botapi_option "$cmd" "${word%%=*}")" "$part"
    elif [[ "$word" == -* ]]; then
        case "$cmd" in
%FLAGS%
        esac
    elif [[ -z "$cmd" ]]; then
        COMPREPLY=($(compgen -W "%COMMANDS%" -- "$part"))
    elif [[ "$cmd" == call && $n -gt 0 ]]; then
        _botapi_offer_param "$first" "$word"
    else
        _botapi_offer "$(_botapi_argument "$cmd" "$n")" "$part"
    fi
}

complete -F _botapi botapi
]=]

local function bash_kind(value)
  return value.words and "words " .. table.concat(value.words, " ") or value.kind
end

local function bash_options(model)
  return joined(values.of_options(model), function(option)
    return joined(option.groups, function(group)
      local pattern = option.groups[2] and joined(group.commands, function(name)
        return quoted(name .. " " .. option.name)
      end, "|") or "*" .. quoted(" " .. option.name)
      return ("        %s) echo %s ;;"):format(pattern, quoted(bash_kind(group.value)))
    end, "\n")
  end, "\n")
end

local function bash_arguments(model)
  local list = {}
  for _, command in ipairs(model.commands) do
    for i, argument in ipairs(command.arguments) do
      list[#list + 1] = ("        '%s %d') echo %s ;;"):format(command.name, i - 1, quoted(bash_kind(argument)))
    end
  end
  return table.concat(list, "\n")
end

local function names_of(options)
  return joined(options, function(option) return table.concat(option.names, " ") end, " ")
end

local function command_names(model)
  return joined(model.commands, function(command) return command.name end, " ")
end

local BASH_FLAGS = '            %s) COMPREPLY=($(compgen -W "%s" -- "$part")) ;;'

local function bash_flags(model)
  return BASH_FLAGS:format("''", names_of(model.options)) .. "\n" .. joined(model.commands, function(command)
    return BASH_FLAGS:format(command.name, names_of(command.options))
  end, "\n")
end

function shells.bash(model)
  return filled(BASH, { PARAMS = cases("        %s)\n            echo '%s'\n            ;;", "|", "%s="), BOTS = BOTS,
    OPTIONS = bash_options(model), ARGUMENTS = bash_arguments(model), METHODS = table.concat(methods(), " "),
    FLAGS = bash_flags(model), COMMANDS = command_names(model) })
end

-- zsh ------------------------------------------------------------------------------------------

-- `line` is what _arguments has found so far. The end is for a file below fpath, and for `source <(...)`.
local ZSH = [=[
#compdef botapi

_botapi() {
  local context state state_descr line
  typeset -A opt_args
  _arguments -s -S \
%OPTIONS%
    ': :_botapi_cmds' \
    '*:: :->args' \
    && return 0
  case $words[1] in
%COMMANDS%
  esac
  return 1
}

_botapi_cmds() {
  local -a commands=(
%NAMES%
  )
  _describe command commands
}

_botapi_journals() {
%BOTS%}

_botapi_bots() {
  local -a bots=(${(f)"$(_botapi_journals)"})
  compadd -a bots
}

_botapi_methods() {
  local -a methods=(%METHODS%)
  compadd -a methods
}

_botapi_params() {
  local -a params
  if [[ "$PREFIX" == *=@* ]]; then
    compset -P '*=@'
    _files
    return
  elif [[ "$PREFIX" == *=* ]]; then
    return 1
  fi
  case $line[1] in
%PARAMS%
  esac
  compadd -S '' -a params
}

if [[ "$funcstack[1]" == _botapi ]]; then
  _botapi "$@"
else
  if (( ! $+functions[compdef] )); then
    autoload -Uz compinit && compinit
  fi
  compdef _botapi botapi
fi
]=]

local zsh_actions = { file = "_files", bot = "_botapi_bots", method = "_botapi_methods", parameter = "_botapi_params",
  none = " " }

local function zsh_action(value)
  return ": :" .. (value.words and "(" .. table.concat(value.words, " ") .. ")" or zsh_actions[value.kind])
end

-- One for each of its names, which exclude each other.
local function zsh_option(option)
  local before = option.again and "*" or #option.names > 1 and "(" .. table.concat(option.names, " ") .. ")" or ""
  local text = option.text:gsub("[%[%]:\\]", "\\%0")
  return joined(option.names, function(name)
    local mark = option.value and name:find "^%-%-" and "=" or ""
    return "    " .. quoted(("%s%s%s[%s]%s"):format(before, name, mark, text,
      option.value and zsh_action(option.value) or "")) .. " \\"
  end, "\n")
end

local function zsh_command(command)
  local specs = { joined(command.options, zsh_option, "\n") }
  for _, argument in ipairs(command.arguments) do
    specs[#specs + 1] = "    " .. quoted((argument.again and "*" or "") .. zsh_action(argument)) .. " \\"
  end
  if command.name == "emulator" then specs[#specs + 1] = "    '*:: :_normal' \\" end
  return ("  %s)\n  _arguments -s -S \\\n%s\n    && return 0\n    ;;"):format(command.name, table.concat(specs, "\n"))
end

function shells.zsh(model)
  return filled(ZSH, { OPTIONS = joined(model.options, zsh_option, "\n"), BOTS = BOTS,
    COMMANDS = joined(model.commands, zsh_command, "\n"), METHODS = table.concat(methods(), " "),
    NAMES = joined(model.commands, function(each) return "    " .. quoted(each.name .. ":" .. each.text) end, "\n"),
    PARAMS = cases("    %s)\n      params=(%s)\n      ;;", "|", "%s=") })
end

-- fish -----------------------------------------------------------------------------------------

local FISH = [=[
# The command and its arguments before the cursor, without options.
function __fish_botapi_words
    set -l is_value 0
    for word in (commandline -poc)[2..-1]
        if test $is_value = 1
            set is_value 0
        else if contains -- $word %VALUES%
            set is_value 1
        else if not string match -q -- '-*' $word
            echo $word
        end
    end
end

# Is it this command, with so many arguments so far?
function __fish_botapi_at
    set -l words (__fish_botapi_words)
    test "$words[1]" = "$argv[1]"
    and test (count $argv) = 1 -o (count $words) = "$argv[2]"
end

function __fish_botapi_bots
    set -l at $HOME/.local/state
    if string match -q -- '/*' $XDG_STATE_HOME
        set at $XDG_STATE_HOME
    end
    for path in $at/botapi/*.jsonl
        string match -r -- '[0-9]+(?=\.jsonl$)' $path
        string match -r -a -g -- '"username":"([A-Za-z0-9_]*)"' <$path | sort -u
    end
end

function __fish_botapi_params
    set -l words (__fish_botapi_words)
    switch "$words[2]"
%PARAMS%
    end
end

complete -c botapi -f
%COMMANDS%
complete -c botapi -n '__fish_botapi_at call 1' -xa '%METHODS%'
complete -c botapi -n '__fish_botapi_at call; and not __fish_botapi_at call 1' -a '(__fish_botapi_params)'
]=]

local fish_values = { file = "-rF", bot = "-xa '(__fish_botapi_bots)'", none = "-x" }

local function fish_value(value)
  return value.words and "-xa " .. quoted(table.concat(value.words, " ")) or fish_values[value.kind]
end

local function fish_quoted(text) return "'" .. text:gsub("[\\']", "\\%0") .. "'" end

local function fish_option(option, condition)
  local parts = { "complete -c botapi" .. condition }
  for _, name in ipairs(option.names) do
    parts[#parts + 1] = name:find "^%-%-" and "-l " .. name:sub(3) or "-s " .. name:sub(2)
  end
  if option.value then parts[#parts + 1] = fish_value(option.value) end
  return table.concat(parts, " ") .. " -d " .. fish_quoted(option.text)
end

local function fish_command(command)
  local condition = (" -n '__fish_botapi_at %s'"):format(command.name)
  local lines = { ("complete -c botapi -n '__fish_botapi_at \"\"' -xa %s -d %s"):format(command.name,
    fish_quoted(command.text)) }
  for _, option in ipairs(command.options) do lines[#lines + 1] = fish_option(option, condition) end
  for i, argument in ipairs(command.arguments) do
    if argument.words or argument.kind == "file" then
      lines[#lines + 1] = ("complete -c botapi -n '__fish_botapi_at %s %d' %s"):format(command.name, i,
        argument.words and fish_value(argument) or "-F")
    end
  end
  return table.concat(lines, "\n")
end

function shells.fish(model)
  return filled(FISH, { VALUES = joined(values.of_options(model), function(option) return option.name end, " "),
    PARAMS = cases("        case %s\n            printf '%%s\\n' %s", " ", "%s="),
    METHODS = table.concat(methods(), " "),
    COMMANDS = joined(model.options, function(option)
      return fish_option(option, " -n '__fish_botapi_at \"\"'")
    end, "\n") .. "\n" .. joined(model.commands, fish_command, "\n") })
end

return shells
