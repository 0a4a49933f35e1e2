-- SPDX-License-Identifier: MIT
-- Owns the command `botapi status`: who the bot is on a server, its webhook, what waits; or whether a server is there.

local already_logged_out = require "botapi.cli.leave".already_logged_out
local botapi = require "botapi"
local texts = require "botapi.text"
local options = require "botapi.cli.options"
local session = require "botapi.cli.session"

local command = {}

function command.describe(parser)
  parser:summary "Show a bot and its webhook as a server sees them."
  parser:description("Asks a server who the bot is, which webhook it has and how many updates wait. A bot that isn't "
    .. "logged in there is logged in by that. --no-token only asks whether a Bot API server is there.")
  options.add_server(parser):count "1"
  parser:flag("--no-token", "Only ask whether a Bot API server is there."):target "no_token"
  options.add_bot(parser)
end

local function probe(self)
  self.out:step("probe at " .. self.server.plain .. ": asking")
  self.attempts = 1
  local res, err = botapi.probe(self.server.base, self.server.options)
  if not res then
    return self:finish_failed(self.server.name .. " doesn't answer as a Bot API server: ", nil, err)
  end
  return self:finish { outcome = "done", sent = "yes", response = res,
    text = "Server   " .. self.server.title .. "\nA Bot API server answers there (asked without a token)." }
end

-- `2026-11-20 14:03:07, 3 hours ago`
local function date_and_age(at)
  at = tonumber(at) or 0
  return ("%s, %s"):format(os.date("%Y-%m-%d %H:%M:%S", at), texts.ago(math.max(os.time() - at, 0)))
end

-- The kinds of update that are sent; a server that was told none has all of its own.
local function kinds(info)
  if type(info.allowed_updates) ~= "table" or not info.allowed_updates[1] then return "the server's default" end
  local list = {}
  for i, kind in ipairs(info.allowed_updates) do list[i] = texts.said(kind) end
  return table.concat(list, ", ")
end

-- What a webhook has: name and value, one after the other.
local function hook_lines(add, info)
  if (info.url or "") == "" then return add("Webhook", "none") end
  add("Webhook", texts.said(info.url))
  add("", "certificate      " .. (info.has_custom_certificate and "its own" or "none"))
  add("", "ip_address       " .. (info.ip_address and texts.said(info.ip_address) or "not known"))
  if info.max_connections then add("", "max_connections  " .. texts.said(info.max_connections)) end
end

local function text_of(self, info)
  local lines = { self:head() }
  local function add(name, text) lines[#lines + 1] = ("%-8s %s"):format(name, text) end
  hook_lines(add, info)
  add("Updates", kinds(info))
  add("Waiting", texts.counted(info.pending_update_count or 0, "update"))
  if info.last_error_message then
    add("Error", ("%s (%s)"):format(texts.said(info.last_error_message), date_and_age(info.last_error_date)))
  end
  if info.last_synchronization_error_date then
    add("Sync", ("the server couldn't ask Telegram for updates (%s)"):format(
      date_and_age(info.last_synchronization_error_date)))
  end
  return table.concat(lines, "\n")
end

local function ask(self, departure)
  local res, err = self.client:get_me()
  if res and botapi.reason(res) == "logged_out" then
    return self:finish { outcome = "already", sent = "yes", reason = "logged_out", response = res,
      text = already_logged_out(self) }
  end
  if not (res and res.ok) then return self:finish_failed("", res, err) end
  self:note_bot(res)
  self:note_arrival(departure)
  res, err = self.client:get_webhook_info()
  if not (res and res.ok) then return self:finish_failed("", res, err) end
  return self:finish { outcome = "done", sent = "yes", response = res, text = text_of(self, res.result) }
end

-- Ctrl-C after the request was sent: all that may have happened is a login.
local function stopped(self, interruption)
  return self:stopped(interruption.sent ~= "no" and "stopped (sent: maybe). Nothing was changed, but the question may "
    .. "have logged the bot in on " .. self.server.name .. ".")
end

local function perform(self)
  local wrong = self:read_server(self.parsed.server)
  if not wrong and self.parsed.no_token then return probe(self) end
  wrong = wrong or self:read_token()
  if wrong then return self:misused(wrong) end
  local ended, departure = self:check_journal()
  if ended then return ended end
  return self.guard(function(interruption) return stopped(self, interruption) end, ask, self, departure)
end

function command.run(parsed) return session.run("status", parsed, perform) end

return command
