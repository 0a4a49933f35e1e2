-- SPDX-License-Identifier: MIT
-- Owns what the command reads of a journal: to show it, and to settle what it leaves open.

local journal = require "botapi.journal"
local outcomes = require "botapi.outcome"
local session = require "botapi.cli.session"
local texts = require "botapi.text"

local history = {}

-- A record as a line for people.
local says = {}

function says.intent(record)
  return ("%s at %s: begun"):format(record.method, record.server)
end

function says.result(record)
  return ("%s at %s: %s%s"):format(record.method or "?", record.server or "?", record.outcome,
    record.reason and " (" .. record.reason .. ")" or "")
end

function says.arrival(record)
  return ("runs on %s"):format(record.server)
end

function says.note(record)
  if record.what == "plan" then return ("planned: from %s to %s (%s)"):format(record.from, record.to, record.how) end
  if record.what == "end" then return "the move ended: " .. tostring(record.status) end
  return tostring(record.what)
end

local function line_of(record)
  local text = says[record.type] and says[record.type](record) or record.type
  return os.date("%Y-%m-%d %H:%M:%S", record.at) .. "  " .. text
end

local function lines_of(self, log, path)
  local lines = { "Journal  " .. texts.path(path) }
  for _, record in ipairs(log:records(self.bot.id)) do lines[#lines + 1] = line_of(record) end
  if #lines == 1 then lines[2] = "Nothing is noted of this bot." end
  for _, intent in ipairs(log:unsettled(self.bot.id)) do
    lines[#lines + 1] = ("Unsettled: %s at %s, %s. The same command again settles it, soon;\notherwise: botapi migrate "
      .. "--settle --to S, where it runs."):format(intent.method, intent.server, texts.ago(intent.age))
  end
  return lines
end

--- botapi migrate --show
-- @treturn number the exit code
function history.show(parsed)
  local self = session.new("migrate", parsed)
  local wrong = self:read_token()
  if wrong then return self:misused(wrong) end
  local path, why = journal.path(self.bot.id)
  if not path then return self:misused("there is no journal: " .. why .. ".") end
  local log, message = journal.read(path)
  if not log then
    return self:finish { outcome = "refused", reason = "journal", failed = "the journal can't be read: " .. message
      .. ".\nMend the file, or move it away." }
  end
  return self:finish { outcome = "done", sent = "no", text = table.concat(lines_of(self, log, path), "\n"),
    response = log:records(self.bot.id) }
end

-- The last plan of a bot.
local function last_plan(log, id)
  local plan = nil
  for _, record in ipairs(log:records(id)) do
    if record.type == "note" and record.what == "plan" then plan = record end
  end
  return plan
end

--- What --settle is about: fills `from`, `to` and `close` in where the journal knows them.
-- @treturn ?string why there is nothing to settle
function history.unsettled_sides(parsed, id)
  local path, why = journal.path(id)
  local log = path and journal.read(path)
  if not log then return "there is no journal to settle: " .. tostring(why) .. "." end
  local open = log:unsettled(id)
  local plan = last_plan(log, id)
  local intent = open[1]
  for _, each in ipairs(open) do
    if outcomes.leaves(each.method) then intent = each end
  end
  if not intent then return "nothing is unsettled: every try of this bot was answered." end
  if intent.server:find(" ", 1, true) then
    return "that try went to " .. intent.server .. ",\nwhich only Lua reaches: call botapi.migrate with settle = true."
  end
  parsed.from, parsed.close = parsed.from or intent.server, intent.method == "close" or parsed.close
  parsed.to = parsed.to or plan and plan.from == intent.server and plan.to or nil
  if not parsed.to then return "--settle needs --to: the server that the bot runs on now; getMe asks there." end
end

return history
