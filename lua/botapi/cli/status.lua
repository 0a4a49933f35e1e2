-- SPDX-License-Identifier: MIT
-- Owns the command `botapi status`: who the bot is on a server, its webhook, what waits; or whether a server is there.

local common = require "botapi.cli.common"
local counted = require "botapi.text".counted

local command = {}

--- Adds the command's options to its parser.
function command.describe(parser)
  parser:summary "Show a bot and its webhook as a server sees them."
  parser:description("Asks a server who the bot is, which webhook it has and how many updates wait. A bot that isn't "
    .. "logged in there is logged in by that. --no-token only asks whether a Bot API server is there.")
  common.server(parser):count "1"
  parser:flag("--no-token", "Only whether a Bot API server is there."):target "no_token"
  common.anyway(parser)
  common.token(parser)
  common.everywhere(parser)
end

local function failed(self, text, res, err)
  local failure = self:failure_of(res, err)
  failure.failed = text .. self:explained(res, err)
  return self:finish(failure)
end

local function probe(self)
  local options = common.call_options(self.parsed)
  self.out:step("probe at " .. self.side.plain .. ": asking")
  self.attempts = 1
  local res, err = self.api.probe(self.side.base, options)
  if not res then return failed(self, self.side.name .. " doesn't answer as a Bot API server: ", nil, err) end
  return self:finish { outcome = "done", sent = "yes", response = res,
    text = "Server   " .. self.side.title .. "\nA Bot API server answers there (asked without a token)." }
end

local function status_text(self, info)
  local texts = require "botapi.cli.leave_text"
  local url = (info.url or "") ~= "" and info.url or "none"
  local lines = { texts.head(self), "Webhook  " .. url,
    "Waiting  " .. counted(info.pending_update_count or 0, "update") }
  if info.last_error_message then
    lines[#lines + 1] = ("Error    %s (%s)"):format(info.last_error_message,
      os.date("%Y-%m-%d %H:%M:%S", info.last_error_date or 0))
  end
  return table.concat(lines, "\n")
end

-- Asked although it had left: it is logged in there again, and the journal is told.
local function note_arrival(self, departure)
  if not departure then return end
  local journal = require "botapi.journal"
  local log = journal.open(journal.path(self.bot.id))
  if not log then return end
  log:arrival { bot = self.bot.id, server = self.client.identity }
  log:close()
end
command.note_arrival = note_arrival

local function ask(self, departure)
  local res, err = self.client:get_me()
  if res and self.api.reason(res) == "logged_out" then
    return self:finish { outcome = "already", sent = "yes", reason = "logged_out", response = res,
      text = require "botapi.cli.leave_text".already(self, { method = "logOut" }) }
  end
  if not (res and res.ok) then return failed(self, "", res, err) end
  local me = type(res.result) == "table" and res.result or {}
  self.bot.username, self.bot.first_name = me.username, me.first_name
  note_arrival(self, departure)
  res, err = self.client:get_webhook_info()
  if not (res and res.ok and type(res.result) == "table") then return failed(self, "", res, err) end
  return self:finish { outcome = "done", sent = "yes", response = res, text = status_text(self, res.result) }
end

-- Ctrl-C after the request was sent: all that may have happened is a login.
local function stopped(self, raised)
  if require "botapi.cli.session".interrupted(raised) ~= "maybe" then error(raised, 0) end
  io.stderr:write "\n"
  return self:finish { outcome = "unknown", sent = "maybe", reason = "cancelled",
    failed = "stopped (sent: maybe). Nothing was changed, but the question may have logged the bot in on "
      .. self.side.name .. "." }
end

--- Runs it.
-- @treturn number the exit code
function command.run(parsed)
  local self = require "botapi.cli.session".new("status", parsed)
  local wrong = self:read_server(parsed.server)
  if not wrong and parsed.no_token then return probe(self) end
  wrong = wrong or self:read_token()
  if wrong then return self:misused(wrong) end
  local departure, unsettled = self:read_past()
  local refusal = self:refuses(departure, unsettled)
  if refusal then
    return self:finish { outcome = "refused", reason = departure and "logged_out" or "unsettled", failed = refusal }
  end
  local ok, exit = pcall(ask, self, departure)
  return ok and exit or stopped(self, exit)
end

return command
