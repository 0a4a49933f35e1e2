-- SPDX-License-Identifier: MIT
-- Owns the command `botapi call`: any method, its parameters as NAME=VALUE, its result as JSON.

local document = require "botapi.cli.document"
local options = require "botapi.cli.options"
local outcomes = require "botapi.outcome"
local session = require "botapi.cli.session"

local command = {}

function command.describe(parser)
  parser:summary "Call any method of the Bot API."
  parser:description("Calls a method of the Bot API and prints its result as JSON. A value is sent as it stands: "
    .. "numbers and JSON as text, as the Bot API takes them. Any call logs the bot in on that server, if it wasn't.")
  parser:epilog("Example: botapi call sendMessage chat_id=5 text='good night' --server telegram")
  parser:argument("method", "The method, such as getMe."):argname "METHOD"
  parser:argument("params", "Its parameters."):argname "NAME=VALUE":args "*"
  options.add_server(parser):count "1"
  options.add_bot(parser)
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
  if not method:find "^%a+$" then return "the name of a method has only letters, such as getMe." end
  if outcomes.leaves(method) then
    return ("%s has a command of its own, which checks and asks: botapi %s."):format(method, method:lower())
  end
end

local function finish(self, departure, res, err)
  if not (res and res.ok) then return self:finish_failed("", res, err) end
  self:note_arrival(departure)
  return self:finish { outcome = "done", sent = "yes", response = res,
    document = document.encode(res.result, self.clean, "result") }
end

local function stopped(self, interruption)
  return self:stopped(interruption.sent ~= "no"
    and ("stopped (sent: maybe): it is not known whether %s was carried out.\nCheck that before you repeat it."):format(
      self.parsed.method))
end

local function perform(self)
  local parsed = self.parsed
  local params, why = read_params(parsed.params)
  local wrong = check_method(parsed.method) or why or self:read_server(parsed.server) or self:read_token()
  if wrong then return self:misused(wrong) end
  -- the result stays whole, with another bot's token, too: it is what was asked for
  self.clean = document.cleaner(self.token, "own")
  local ended, departure = self:check_journal()
  if ended then return ended end
  return self.guard(function(interruption) return stopped(self, interruption) end, function()
    return finish(self, departure, self.client:call(parsed.method, next(params) and params or nil))
  end)
end

function command.run(parsed) return session.run("call", parsed, perform) end

return command
