-- SPDX-License-Identifier: MIT
-- Owns what each method does to a bot's session, and its response without a fault.

local bot_api = require "botapi.bot_api"
local handlers = require "botapi.emulator.lifecycle"
local responses = require "botapi.emulator.responses"
local json = require "botapi.emulator.json"
local parameters = require "botapi.emulator.parameters"
local result_of = require "botapi.emulator.results"
local upload = require "botapi.emulator.upload"

local methods = {}

-- The entry of a method that the emulated server has, by its name in any case.
local function entry_of(name)
  local entry = not name:find "_" and bot_api.find(name)
  return entry and not entry.since and entry or nil
end

--- The name as the Bot API writes it, or an unknown one unchanged.
function methods.canonical(name)
  local entry = entry_of(name)
  return entry and entry.name or name
end

--- The name of a server's directory of a bot.
function methods.directory(account, token)
  return (token or string.format("%.0f", account.id)) .. (account.test and ":T" or "")
end

-- The call as parameters.lua and results.lua take it. Telegram has any file that a bot names, but for those that the
-- emulator gave to another bot.
local function arguments_of(session, method, call)
  local account, files = session.account, session.telegram.files
  local arguments = parameters.arguments(method, call.params, {
    is_local = session.server.as == "local",
    knows_file = function(id, is_strict)
      if files:find(account, id) then return true end
      return not is_strict and not files:is_of_other(account, id)
    end,
  })
  arguments.account, arguments.files, arguments.now = account, files, session.clock:now()
  arguments.directory = methods.directory(account, call.token)
  return arguments
end

local MAX_UPLOAD = 50 * 1024 * 1024      -- bytes of a file that a server without --local takes
local MAX_DOWNLOAD = 20 * 1024 * 1024    -- and of one that it gives

local function has_large_upload(call)
  for _, value in pairs(call.values) do
    if upload.is_file(value) and value.file_size > MAX_UPLOAD then return true end
  end
  return false
end

local function get_file(call)
  local known = call.files:find(call.account, call:text "file_id")
  if not call.is_local and known.file_size > MAX_DOWNLOAD then return responses.named_error "big_file" end
  local path = call.files:fetch(known, call.directory)
  if not path then return responses.named_error "lost_file" end
  return responses.success(json.object("file_id", known.file_id, "file_unique_id", known.file_unique_id,
    "file_size", known.file_size, "file_path", call.is_local and path or known.place))
end

--- Runs a method of a bot that is logged in and returns the response. The call has method, params, token and delay: the
-- seconds that a logOut or a close takes.
function methods.run(session, call)
  local method = entry_of(call.method)
  if method and handlers[method.name] then return handlers[method.name](session, call.params, call) end
  if not method then return responses.named_error "method_not_found" end
  local arguments = arguments_of(session, method, call)
  if not arguments.is_local and has_large_upload(arguments) then return responses.named_error "large_upload" end
  local mistake = parameters.check(arguments)
  if mistake then return responses.error(400, mistake) end
  if method.name == "getFile" then return get_file(arguments) end
  return responses.success(result_of(arguments))
end

return methods
