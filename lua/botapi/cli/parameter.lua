-- SPDX-License-Identifier: MIT
-- Owns what the command's NAME=VALUE stands for: a text, a file, or what comes from standard input.

local bot_api = require "botapi.bot_api"
local core = require "botapi.core"
local machine = require "botapi.machine"

local parameter = {}

local BLOCK = 65536
local STDIN_NAME = "stdin"      -- how the server calls what has no name

-- Where there may be room for a large file: /tmp is memory on some machines.
local function directories()
  local chosen = os.getenv "TMPDIR"
  return chosen and chosen ~= "" and { chosen } or { "/var/tmp", "/tmp" }
end

local function open_unnamed()
  local file, path, errno
  for _, directory in ipairs(directories()) do
    file, path, errno = core.host.unnamed(directory)
    if file then return file, path end
  end
  return nil, machine.told(path, errno)
end

-- Standard input as a file, since a server wants to know its length first: nil and why not.
local function spooled()
  local file, path = open_unnamed()
  if not file then return nil, "standard input can't be kept: " .. path end
  local block, why = io.stdin:read(BLOCK)
  while block do
    local ok, message, errno = file:write(block)
    if not ok then return nil, "standard input can't be kept: " .. machine.told(message, errno) end
    block, why = io.stdin:read(BLOCK)
  end
  if why then return nil, "standard input can't be read: " .. why end
  parameter.kept = file                 -- it goes with the program
  return core.file(path, { name = STDIN_NAME })
end

-- Whether a parameter of this name is a file in any method; nil: none has it.
local function is_file_somewhere(name)
  local found
  for _, method in ipairs(bot_api.names()) do
    local kind = bot_api.find(method).kinds[name]
    if kind and bot_api.is_file(kind) then return true end
    if kind then found = false end
  end
  return found
end

-- Whether a file may be meant: not where it is known that none can be, as in chat_id=@channel, also of a method that
-- is newer than the table.
local function takes_file(method, name)
  local entry = bot_api.find(method)
  local kind = entry and entry.kinds[name]
  if kind then return bot_api.is_file(kind) end
  return is_file_somewhere(name) ~= false
end

local function file_of(name, path)
  if path == "" then return nil, ("%s=@ names no file."):format(name) end
  local ok, file = pcall(core.file, path)
  if not ok then return nil, ("%s=@ names no file that can be: its path is too long."):format(name) end
  return file
end

--- What the words NAME=VALUE stand for. Standard input isn't read yet.
-- @tparam table words
-- @string method
-- @treturn ?table parameters
-- @treturn ?string the name of the one that comes from standard input; without parameters what is wrong
function parameter.read(words, method)
  local params, from_stdin = {}, nil
  for _, word in ipairs(words) do
    local name, value = word:match "^([%w_]+)=(.*)$"
    if not name then return nil, "a parameter is NAME=VALUE, such as chat_id=5." end
    if params[name] then return nil, "the parameter " .. name .. " is given twice." end
    local marks, rest = value:match "^(@@?)(.*)$"
    if not marks or not takes_file(method, name) then
      params[name] = value
    elseif marks == "@@" then
      params[name] = "@" .. rest
    elseif rest == "-" then
      if from_stdin then return nil, "only one parameter can come from standard input." end
      params[name], from_stdin = core.file { data = "", name = STDIN_NAME }, name
    else
      local file, why = file_of(name, rest)
      if not file then return nil, why end
      params[name] = file
    end
  end
  return params, from_stdin
end

--- Reads standard input for the parameter that comes from there.
-- @treturn ?string why it can't be
function parameter.fill(params, name)
  if not name then return nil end
  local file, why = spooled()
  params[name] = file
  return why
end

return parameter
