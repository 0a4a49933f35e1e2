-- SPDX-License-Identifier: MIT
-- Owns where the token comes from: files, commands, the environment, a prompt; never an argument.

local host = require "botapi.core".host
local terminal = require "botapi.cli.terminal"
local texts = require "botapi.text"

local token = {}

local function trimmed(text)
  return (text:match "^%s*([^\r\n]*)" or ""):match "^(.-)%s*$"
end

-- The only line of a text; nobody can tell which one of several is meant.
local function only_line(text, place)
  local line, rest = trimmed(text), text:match "^%s*[^\r\n]*(.*)$"
  if line == "" then return nil, place .. " is empty; it should contain the token" end
  if rest:find "%S" then return nil, place .. " has more than one line; it should contain the token alone" end
  return line
end

-- Permissions of the other users.
local READ, ENTER = 4, 1

local function others_may(permission, path)
  local mode, kind = host.mode(path)
  return mode and math.floor(mode / permission) % 2 == 1, kind
end

-- Whether other users reach a file and can read it.
local function is_open(path)
  local whole = path:sub(1, 1) == "/" and path or (host.current_directory() or "") .. "/" .. path
  local can_read, kind = others_may(READ, whole)
  if not can_read or kind ~= "file" then return false end
  for at in whole:gmatch "()/" do
    if not others_may(ENTER, at == 1 and "/" or whole:sub(1, at - 1)) then return false end
  end
  return true
end

--- What is said of a file with tokens that other users can read; nil where they can't.
-- @string path
-- @tparam ?string what it has ("a token")
function token.warning(path, what)
  if path == "-" or not is_open(path) then return nil end
  local shown = texts.path(path)
  return ("Note: every user of this machine can read %s, which has %s: chmod 600 %s"):format(shown,
    what or "a token", shown)
end

local function from_file(path)
  local file, why = path == "-" and io.stdin, nil
  if not file then file, why = io.open(path, "r") end
  if not file then return nil, "the token's file can't be read: " .. why end
  local text = file:read "*a" or ""
  if file ~= io.stdin then file:close() end
  return only_line(text, path == "-" and "standard input" or path)
end

-- Its first line: password managers print notes below.
local function from_command(command)
  local pipe = io.popen(command, "r")
  local text = pipe:read "*a" or ""
  local ok, how, code = pipe:close()
  if not ok then return nil, ("the token's command failed (%s %s)"):format(how or "exit", code or "?") end
  if trimmed(text) == "" then return nil, "the token's command printed nothing" end
  return trimmed(text)
end

local function credential()
  local directory = os.getenv "CREDENTIALS_DIRECTORY"
  local path = directory and directory ~= "" and directory .. "/bot_token"
  local file = path and io.open(path, "r")
  if file then file:close() end
  return file and path or nil
end

local function variable(name)
  local value = os.getenv(name)
  return value and value ~= "" and value or nil
end

local function from_person()
  if not terminal.can_ask() then return nil, "no token" end
  local line = host.read_secret "Token (not shown): "
  if not line or trimmed(line) == "" then return nil, "no token" end
  return trimmed(line)
end

local REMEDY = "\nUse --token-file FILE, --token-command CMD, or the environment variable\n"
  .. "BOT_TOKEN_FILE or BOT_TOKEN, never an argument."

--- The token, from the first place that is given.
-- @tparam table parsed token_file, token_command
-- @treturn ?string
-- @treturn ?string why there is none, and what to do
-- @treturn ?string what is said of its file
function token.read(parsed)
  local path = parsed.token_file or not parsed.token_command and (variable "BOT_TOKEN_FILE" or credential())
  local found, why
  if path then
    found, why = from_file(path)
  elseif parsed.token_command then
    found, why = from_command(parsed.token_command)
  elseif variable "BOT_TOKEN" then
    found, why = only_line(variable "BOT_TOKEN", "BOT_TOKEN")
  else
    found, why = from_person()
  end
  return found, why and why .. "." .. REMEDY, path and token.warning(path)
end

return token
