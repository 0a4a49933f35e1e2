-- SPDX-License-Identifier: MIT
-- Owns the command `botapi call`: any method, its parameters as NAME=VALUE, its result as JSON.

local common = require "botapi.cli.common"

local command = {}

-- These have commands of their own, which ask.
local own = { logout = "logout", close = "close" }

--- Adds the command's options to its parser.
function command.describe(parser)
  parser:summary "Call any method of the Bot API."
  parser:description("Calls a method of the Bot API and prints its result as JSON. A value is sent as it stands: "
    .. "numbers and JSON as text, as the Bot API takes them. Any call logs the bot in on that server, if it wasn't.")
  parser:epilog("Example: botapi call sendMessage chat_id=5 text='good night' --server telegram")
  parser:argument("method", "The method, such as getMe."):argname "METHOD"
  parser:argument("params", "Its parameters."):argname "NAME=VALUE":args "*"
  common.server(parser):count "1"
  common.anyway(parser)
  common.token(parser)
  common.everywhere(parser)
end

local function read_params(words)
  local params = {}
  for _, word in ipairs(words) do
    local name, value = word:match "^([%w_]+)=(.*)$"
    if not name then return nil, "a parameter is NAME=VALUE, such as chat_id=5." end
    if params[name] then return nil, "the parameter " .. name .. " is given twice." end
    params[name] = value
  end
  return params
end

local function check_method(method)
  if not method:find "^%a+$" then return "a method is a word of letters, such as getMe." end
  local other = own[method:lower()]
  if other then return ("%s has a command of its own, which looks and asks: botapi %s."):format(method, other) end
end

local function finish(self, res, err)
  if res and res.ok then
    return self:finish { outcome = "done", sent = "yes", response = res,
      document = require "botapi.cli.document".encode(res.result, self.clean, "result") }
  end
  local failure = self:failure_of(res, err)
  failure.failed = self:explained(res, err)
  return self:finish(failure)
end

local function call(self, method, params, departure)
  local ok, res, err = pcall(self.client.call, self.client, method, next(params) and params or nil)
  if ok then
    if res and res.ok then require "botapi.cli.status".note_arrival(self, departure) end
    return finish(self, res, err)
  end
  local sent = require "botapi.cli.session".interrupted(res)
  if not sent then error(res, 0) end
  io.stderr:write "\n"
  local unknown = sent ~= "no"
  return self:finish { outcome = unknown and "unknown" or "cancelled", sent = sent, reason = "cancelled",
    failed = unknown and ("stopped (sent: maybe): it is not known whether %s was done.\nLook before you repeat it.")
      :format(method) or "stopped; sent: no. The same command starts again." }
end

--- Runs it.
-- @treturn number the exit code
function command.run(parsed)
  local self = require "botapi.cli.session".new("call", parsed)
  local params, why = read_params(parsed.params)
  local wrong = check_method(parsed.method) or why or self:read_server(parsed.server) or self:read_token()
  if wrong then return self:misused(wrong) end
  -- what the method was asked for stays whole, a token of another bot included
  self.clean = require "botapi.cli.document".cleaner(self.token, "own")
  local departure, unsettled = self:read_past()
  local refusal = self:refuses(departure, unsettled)
  if refusal then
    return self:finish { outcome = "refused", reason = departure and "logged_out" or "unsettled", failed = refusal }
  end
  return call(self, parsed.method, params, departure)
end

return command
