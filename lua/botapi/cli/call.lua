-- SPDX-License-Identifier: MIT
-- Owns the command `botapi call`: any method, its parameters as NAME=VALUE, its result as JSON.

local bot_api = require "botapi.bot_api"
local botapi = require "botapi"
local core = require "botapi.core"
local document = require "botapi.cli.document"
local options = require "botapi.cli.options"
local outcomes = require "botapi.outcome"
local parameter = require "botapi.cli.parameter"
local policies = require "botapi.policy"
local session = require "botapi.cli.session"

local command = {}

function command.describe(parser)
  parser:summary "Call any method of the Bot API."
  parser:description("Calls a method of the Bot API and prints its result as JSON. A value is sent as it stands: "
    .. "numbers and JSON as text, as the Bot API takes them. NAME=@FILE sends a file, NAME=@- what comes from standard "
    .. "input, and NAME=@@TEXT a text that begins with @. What can't be a file, as in chat_id=@channel, is sent as it "
    .. "stands. Any call logs the bot in on that server, if it wasn't.")
  parser:epilog("Example: botapi call sendMessage chat_id=5 text='good night' --server telegram\n"
    .. "         botapi call sendDocument chat_id=5 document=@a.pdf --server telegram")
  parser:argument("method", "The method, such as getMe."):argname "METHOD"
  parser:argument("params", "Its parameters."):argname "NAME=VALUE":args "*"
  options.add_server(parser):count "1"
  options.add_bot(parser)
end

-- What the library would raise, in the command's words where it is the name of an option.
local function check_params(method, params, token)
  local ok, why = pcall(core.reason.call, token or "", method, params)
  if ok then return nil end
  for name in pairs(params) do
    if policies.is_option(name) then return name .. " is no parameter: options of the command begin with --." end
  end
  return why .. "."
end

local function check_method(method)
  if not method:find "^%a+$" then return "the name of a method has only letters, such as getMe." end
  if outcomes.leaves(method) then
    return ("%s has a command of its own, which checks and asks: botapi %s."):format(method, method:lower())
  end
end

-- A request that changes something, and is answered with false.
local function is_undone(self, res)
  local known = bot_api.find(self.parsed.method)
  return known ~= nil and not known.reads and res.result == false
end

-- What a server's "method not found" is about: a name that is nearly one of the table's, or a newer method. Whatever
-- the name is, the server was asked: it may know more.
local function hint_on(method)
  local entry = bot_api.find(method)
  if entry then return entry.since and (" It came with Bot API %s."):format(entry.since) or "" end
  local meant = bot_api.nearest(method)
  return meant and (" Did you mean %s?"):format(meant) or ""
end

local function explainer(method)
  return function(res, err)
    local text = botapi.explain(res, err)
    return botapi.reason(res, err) == "method_not_found" and text .. hint_on(method) or text
  end
end

local function finish(self, departure, res, err)
  if not (res and res.ok) or is_undone(self, res) then
    return self:finish_failed("", res, err, explainer(self.parsed.method))
  end
  self:note_arrival(departure)
  return self:finish { outcome = "done", sent = "yes", response = res,
    document = document.encode(res.result, self.clean, "result") }
end

local function stopped(self, interruption)
  return self:stopped(interruption.sent ~= "no"
    and ("stopped (sent: maybe): it is not known whether %s was carried out.\nCheck that before you repeat it."):format(
      self.parsed.method))
end

local function check_stdin(parsed, from_stdin)
  if from_stdin and parsed.token_file == "-" then
    return "standard input can't be both the token and the parameter " .. from_stdin .. "."
  end
end

local MEGABYTE = 1e6

-- A line on a terminal that says how much was sent.
local function progress(out)
  return function(done, total)
    out:draw(("%.1f of %.1f MB sent"):format(done / MEGABYTE, total / MEGABYTE))
  end
end

local function perform(self)
  local parsed = self.parsed
  local params, from_stdin = parameter.read(parsed.params, parsed.method)
  local wrong = check_method(parsed.method) or not params and from_stdin or check_params(parsed.method, params)
    or check_stdin(parsed, from_stdin)
    or self:read_server(parsed.server) or self:read_token() or check_params(parsed.method, {}, self.token)
  if wrong then return self:misused(wrong) end
  -- the result stays whole, with another bot's token, too: it is what was asked for
  self.clean = document.cleaner(self.secrets, "own")
  local ended, departure = self:check_journal()
  if ended then return ended end
  return self.guard(function(interruption) return stopped(self, interruption) end, function()
    local why = parameter.fill(params, from_stdin)
    if why then
      return self:finish { outcome = "not_sent", reason = "system", failed = why .. "; nothing was sent." }
    end
    return finish(self, departure, self.client:call(parsed.method, next(params) and params or nil,
      { on_progress = progress(self.out) }))
  end)
end

function command.run(parsed) return session.run("call", parsed, perform) end

return command
