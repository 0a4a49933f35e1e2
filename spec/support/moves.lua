-- SPDX-License-Identifier: MIT
-- Owns what the specs of the move share: emulators, bots of their own, journals, and the search for a secret.

local botapi = require "botapi"
local core = require "botapi.core"
local sleep = require "socket".sleep
local start = require "botapi.emulator".start

local moves = {}

local MARKER = "CANARY"         -- in every token
local last_id = 500000

--- The servers: a cloud and a local one over one Telegram, and two local ones of two others.
function moves.servers()
  local pair = start { pair = true }
  local one, two = start { as = "local" }, start { as = "local" }
  return {
    pair = pair, one = one, two = two, cloud = pair.url, near = pair.local_url,
    close = function()
      pair:close()
      one:close()
      two:close()
    end,
  }
end

--- The number of a bot that no other spec has, and its token.
function moves.new_bot()
  last_id = last_id + 1
  return last_id, last_id .. ":CANARY-s3cr3t-0f-n0-b0t-at-all_vwxyz"
end

--- The path of a journal that doesn't exist yet.
function moves.journal()
  local path = os.tmpname()
  os.remove(path)
  return path .. ".jsonl"
end

function moves.remove(path)
  os.remove(path)
  os.remove(path .. ".lock")
end

function moves.slurp(path)
  local file = io.open(path)
  local text = file and file:read "*a" or ""
  if file then file:close() end
  return text
end

--- A copy of a table, with more members.
function moves.with(members, more)
  local all = {}
  for name, value in pairs(members) do all[name] = value end
  for name, value in pairs(more or {}) do all[name] = value end
  return all
end

-- Where a value shows a secret; nil when it doesn't.
local function shown(value, path, seen)
  if type(value) == "string" then
    return value:find(MARKER, 1, true) and path or nil
  elseif type(value) ~= "table" then
    return tostring(value):find(MARKER, 1, true) and path or nil
  elseif seen[value] then
    return nil
  end
  seen[value] = true
  for key, member in pairs(value) do
    local found = shown(key, path .. " (a key)", seen) or shown(member, path .. "." .. tostring(key), seen)
    if found then return found end
  end
  return shown(tostring(value), path .. ":tostring()", seen)
end

--- Raises if a secret is in there.
function moves.check_clean(value, name)
  local found = shown(value, name, {})
  if found then error("a secret is shown: " .. found, 2) end
end

local quick

--- Moves a bot, ten seconds in one; what it tells and reports shows no secret. Returns the report and the events.
function moves.move(token, options, on_event)
  quick = quick or moves.hurried(10)
  -- nobody makes a move again within the 5 ms in which a logOut's end is told by 401
  if type(options.journal) == "string" and moves.slurp(options.journal) ~= "" then sleep(0.02) end
  local events = {}
  options.on_event = function(event)
    moves.check_clean(event, "event " .. event.type)
    events[#events + 1] = event
    if on_event then on_event(event) end
  end
  local report = quick.migrate(token, options)
  if report.event_error then error(report.event_error, 2) end
  moves.check_clean(report, "report")
  if type(options.journal) == "string" then
    moves.check_clean(moves.slurp(options.journal), "journal")
  end
  return report, events
end

-- What takes the time from the core when it is loaded.
local timed = { "botapi.bot", "botapi.migrate", "botapi.migrate.run", "botapi.migrate.checks",
  "botapi.migrate.steps", "botapi.migrate.patience" }

--- The functions of botapi, with `bot` and `migrate` for which a second is a part of one; `others` are in their place.
function moves.hurried(factor, others)
  local host = core.host
  local monotonic, loaded = host.monotonic, {}
  local api = setmetatable({ sleep = function(seconds) botapi.sleep(seconds / factor) end }, { __index = botapi })
  for name, f in pairs(others or {}) do api[name] = f end
  host.monotonic = function() return monotonic() * factor end
  for _, name in ipairs(timed) do loaded[name], package.loaded[name] = package.loaded[name], nil end
  api.bot, api.migrate = require "botapi.bot"(api), require "botapi.migrate"(api)
  host.monotonic = monotonic
  for _, name in ipairs(timed) do package.loaded[name] = loaded[name] end
  return api
end

-- The functions that a move calls, where `see(method, options)` comes first; what it returns is returned.
local function seen(see)
  local list = {}
  for name, own in pairs { call = false, get_me = "getMe", get_webhook_info = "getWebhookInfo" } do
    list[name] = function(token, ...)
      local first, _, third = ...
      local res, err = see(own or first, own and first or third)
      if res or err then return res, err end
      return botapi[name](token, ...)
    end
  end
  return list
end
moves.seen = seen

--- The functions of botapi, where a call of a method raises what `errors` has for it.
function moves.raising(errors)
  local api = setmetatable(seen(function(method)
    if errors[method] then error(errors[method], 0) end
  end), { __index = botapi })
  api.bot, api.migrate = require "botapi.bot"(api), require "botapi.migrate"(api)
  return api
end

--- What Ctrl-C raises while a method runs, or without one between two calls.
function moves.interruption(method, sent)
  local message = "interrupted; " .. (sent == "no" and "nothing was sent" or "it may have been carried out")
  return core.error { kind = "cancelled", interrupted = true, method = method, sent = sent,
    message = method and method .. ": " .. message or message }
end

--- The methods that a server was asked for, in their order: "getMe getWebhookInfo logOut".
function moves.asked(emulator, id, server)
  local names = {}
  for _, call in ipairs(emulator:calls { bot = id, server = server, kind = "api" }) do
    if call.method ~= "probe" then names[#names + 1] = call.method end     -- asked without the token
  end
  return table.concat(names, " ")
end

--- How often a method was executed.
function moves.executed(emulator, id, method, server)
  local n = 0
  for _, call in ipairs(emulator:calls { bot = id, method = method, server = server }) do
    if call.executed then n = n + 1 end
  end
  return n
end

return moves
