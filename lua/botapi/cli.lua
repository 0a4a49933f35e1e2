-- SPDX-License-Identifier: MIT
-- Owns the command line: the parser, and the way to the file of each command.

local argparse = require "argparse"

local cli = {}

-- Each has a file botapi/cli/<name>.lua that returns {describe = function(parser), run = function(arguments)}.
local commands = {"emulator"}

local function new_parser()
  local parser = argparse("botapi", "Logs Telegram bots out, and tells the truth about it.")
  parser:command_target "command"
  parser:require_command(true)
  for _, name in ipairs(commands) do
    local command = require("botapi.cli." .. name)
    command.describe(parser:command(name))
  end
  return parser
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

--- Runs the command.
-- @tparam table arguments list of strings
-- @treturn number the exit code
-- @usage os.exit(require "botapi.cli".main(arg))
function cli.main(arguments)
  local own, rest = split(arguments)
  local parser = new_parser()
  local ok, parsed = parser:pparse(own)
  if not ok then
    io.stderr:write("botapi: ", (parsed:gsub("%d+:[%w_%-]+", "<token>")), "\n")
    return 2
  end
  return require("botapi.cli." .. parsed.command).run(parsed, rest)
end

return cli
