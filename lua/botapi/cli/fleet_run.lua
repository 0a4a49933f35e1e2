-- SPDX-License-Identifier: MIT
-- Owns one run of `botapi fleet`: the file of tokens, the plan, the question, the fleet.

local botapi = require "botapi"
local common = require "botapi.cli.common"
local fleet_options = require "botapi.fleet.options"
local estimate = require "botapi.fleet.estimate"
local json = require "botapi.json"
local ledger = require "botapi.fleet.ledger"
local outcomes = require "botapi.outcome"
local session = require "botapi.cli.session"
local shown = require "botapi.cli.fleet_shown"
local source = require "botapi.fleet.source"
local terminal = require "botapi.cli.terminal"
local texts = require "botapi.text"

local fleet_run = {}

-- Reading -------------------------------------------------------------------------------

local function open_file(self)
  local parsed = self.parsed
  if parsed.file == "-" then
    self.file = io.stdin
    return nil
  end
  local file, why = io.open(parsed.file, "r")
  if file then why = select(2, file:read(0)) end                 -- a directory can be opened
  if why then return "the tokens' file can't be read: " .. parsed.file .. ": " .. why:gsub("^.*: ", "") end
  self.file, self.count, self.wrong = file, source.count(file)
  -- a pipe such as <(COMMAND) is no place for a journal beside it
  if self.count and not parsed.file:find "^/dev/" then self.journal = parsed.file .. ".journal" end
end

local function side_of(self, name)
  if not self.parsed[name] then return nil, ("fleet %s needs --%s S"):format(self.parsed.action, name) end
  local side, why = common.read_server(self.parsed[name], self.parsed)
  if not side then return nil, "--" .. name .. ": " .. why end
  return side
end

local function move_options(self, options)
  local parsed = self.parsed
  local from, no_from = side_of(self, "from")
  if not from then return no_from end
  local to, no_to = side_of(self, "to")
  if not to then return no_to end
  self.side, self.to = from, to
  options.from, options.to = self.side.options, self.to.options
  options.how = parsed.close and "close" or "logout"
  options.accept_loss = parsed.accept_loss or nil
  if parsed.webhook then options.webhook = parsed.webhook == "keep" and "keep" or false end
end

local function misplaced(parsed)
  if parsed.action == "migrate" then return nil end
  for _, name in ipairs { "from", "to", "webhook", "close", "accept_loss" } do
    if parsed[name] then return ("--%s is for fleet migrate"):format((name:gsub("_", "-"))) end
  end
end

local function read_options(self, options)
  local parsed = self.parsed
  local wrong = misplaced(parsed)
  if wrong then return wrong end
  options.action, options.concurrency, options.rate = parsed.action, parsed.jobs or 100, parsed.rate
  options.max_failures, options.again, options.anyway = parsed.max_failures, parsed.again, parsed.anyway
  options.retries, options.max_wait = parsed.retries, parsed.max_wait
  if parsed.action == "migrate" then return move_options(self, options) end
  local why
  self.side, why = side_of(self, "server")
  if not self.side then return why end
  for name, value in pairs(self.side.options) do options[name] = value end
end

local function prepare(self, options)
  local parsed = self.parsed
  local wrong = read_options(self, options) or open_file(self)
  if wrong then return wrong end
  if parsed.journal then self.journal = parsed.journal end
  options.journal, options.count = self.journal, self.count
  if not (parsed.yes or parsed.dry_run) and not (self.count and terminal.is_asked()) then
    return "fleet asks before it acts; add --yes"
  end
end

-- The plan and the question -----------------------------------------------------------------

local acts = { logout = "Log out", close = "Close", migrate = "Move" }
local follows = {
  logout = { "erases   each bot's webhook and the updates that wait there, unread",
    "closes   the cloud to each bot for about 10 minutes" },
  close = { "closes   each bot there; its webhook and its updates stay in its directory" },
  migrate = { "moves    each bot as botapi migrate does; a loss that isn't accepted stops that bot" },
}

local function plan(self, options)
  local lines = { ("%s %s"):format(acts[self.parsed.action], self.count and texts.counted(self.count, "bot")
    or "the bots of " .. (self.parsed.file == "-" and "standard input" or self.parsed.file)) }
  local function add(name, text) lines[#lines + 1] = ("  %-8s %s"):format(name, text) end
  add(self.to and "from" or "server", self.side.title)
  if self.to then add("to", self.to.title) end
  if self.wrong and self.wrong > 0 then add("wrong", texts.counted(self.wrong, "line") .. " without a token") end
  add("journal", self.journal or "none: an interrupted fleet can't go on")
  add("time", estimate(self.count, options, self.side).text:gsub("^%d+ bots?: ", ""))
  lines[#lines + 1] = ""
  for i, line in ipairs(follows[self.parsed.action]) do
    if i == 1 or self.side.kind == "cloud" then lines[#lines + 1] = "  " .. line end
  end
  lines[#lines + 1] = "Stop every program that uses these tokens first."
  return table.concat(lines, "\n")
end

local function agreed(self)
  local answer = self.out:ask(("\nType the number of bots to go on: "))
  if answer and answer:match "^%s*(.-)%s*$" == tostring(self.count) then return true end
  self.out:say "Nothing was sent."
  return false
end

-- How many an earlier run has settled, nil without one; why the journal can't be used.
local function look_back(self, options)
  local file = self.journal and io.open(self.journal)
  if not file then return nil end
  file:close()
  local move = self.to and { to = self.to.base, how = options.how } or {}
  local log, why = ledger.open { path = self.journal, action = self.parsed.action, server = self.side.base,
    to = move.to, how = move.how }
  if not log then return nil, why end
  local settled = 0
  for _ in pairs(log.settled) do settled = settled + 1 end
  log:close()
  return settled
end

local function plan_document(self, options, settled)
  local time = estimate(self.count, options, self.side)
  local null = json.null
  return json.encode(json.object("v", 1, "event", "plan", "command", "fleet", "action", self.parsed.action,
    "server", self.side.base, "to", self.to and self.to.base or null, "bots", self.count or null,
    "wrong", self.wrong or null, "journal", self.journal or null, "settled", settled or null,
    "seconds", time.seconds or null, "limited_seconds", time.limited_seconds or null), { clean = self.clean })
end

local function is_there(self, side)
  local given = {}
  for name, value in pairs(side.options) do
    if name ~= "server" then given[name] = value end
  end
  local res, err = botapi.probe(side.base, given)
  if not res then return self:finish { outcome = "not_sent", reason = err.kind, failed = self:explained(nil, err) } end
end

-- Looks only: are the servers there, and how much is left to do?
local function dry_run(self, options)
  local settled, why = look_back(self, options)
  if why then return self:finish { outcome = "not_sent", reason = "journal", failed = why } end
  local exit = is_there(self, self.side) or self.to and is_there(self, self.to)
  if exit then return exit end
  if self.parsed.json then
    self.out:document(plan_document(self, options, settled))
  else
    self.out:result(plan(self, options))
    if settled then self.out:result(("\nSettled by an earlier run: %d"):format(settled)) end
  end
  return 0
end

-- All of it -----------------------------------------------------------------------------------

local function run_fleet(self, options)
  local view = shown.new(self)
  options.on_event = function(event) view:see(event) end
  self.lines = {}
  local tokens = source.tokens(self.file, self.lines)
  local settings, misuse = fleet_options.read(tokens, options)
  if not settings then return self:misused(misuse) end
  local ok, report = pcall(botapi.fleet, tokens, options)
  if ok then return view:finish(report) end
  if not session.interrupted(report) then error(report, 0) end
  return view:stopped()
end

--- Runs it.
-- @treturn number the exit code
function fleet_run.run(parsed)
  local self = session.new("fleet", parsed)
  local options = {}
  local wrong = prepare(self, options)
  if wrong then return self:misused(wrong) end
  if parsed.dry_run then return dry_run(self, options) end
  if not parsed.yes then
    self.out:say(plan(self, options))
    if not agreed(self) then return outcomes.exits.cancelled end
  end
  return run_fleet(self, options)
end

return fleet_run
