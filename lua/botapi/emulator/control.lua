-- SPDX-License-Identifier: MIT
-- Owns the control API: its paths, and the JSON that it takes and returns.

local cqueues = require "cqueues"
local bot_state = require "botapi.emulator.bot_state"
local connection = require "botapi.emulator.connection"
local http = require "botapi.emulator.http"
local json = require "botapi.emulator.json"
local request = require "botapi.emulator.request"
local rules = require "botapi.emulator.rules"
local validate = require "botapi.emulator.validate"

local control = {}

-- Refusals are raised: a table of the status and the object to send.
local function refuse(message, status)
  error({status = status or 400, body = json.object("error", message)}, 0)
end

-- What a check returned; its message is a refusal.
local function checked(value, message)
  return value or refuse(message)
end

-- The account that a path names: "123", or "123/test" for the test environment.
local function account_of(instance, name)
  local id, test = name:match "^(%d+)(.*)$"
  id = tonumber(id)
  if not id or id < 1 or id >= 2 ^ 54 or (test ~= "" and test ~= "/test") then
    refuse('bot: "' .. name .. '" is not a numeric id')
  end
  return instance.telegram:account(math.tointeger and math.tointeger(id) or id, test == "/test")
end

local function server_of(instance, query)
  if not query.server then return instance.servers[1] end
  for _, each in ipairs(instance.servers) do
    if each.as == query.server then return each end
  end
  refuse('server: there is no "' .. query.server .. '" here')
end

-- Handlers: (instance, query, body, the path's account or id) → result --------------------------

local handlers = {}

handlers["GET "] = function(instance)
  local bots, list = #json.names(instance.telegram.accounts), json.array()
  for i, each in ipairs(instance.servers) do list[i] = json.object("as", each.as, "url", each.url) end
  return json.object("version", instance.options.version, "as", instance.options.pair and "pair" or instance.options.as,
    "now", instance.clock:now(), "bots", bots, "rules", #instance.rules.list, "calls", instance.call_log.total,
    "servers", list)
end

handlers["POST reset"] = function(instance, _, body)
  local bot = checked(validate.members("reset", body or {}, {bot = "any"})).bot
  instance:reset(bot ~= nil and account_of(instance, bot_state.id_text(bot)) or nil)
  return json.object("ok", true)
end

handlers["POST restart"] = function(instance, query, body)
  local given = checked(validate.members("restart", body or {}, {killed = "boolean"}))
  server_of(instance, query):restart(given.killed == true)
  return json.object("ok", true)
end

handlers["GET bots"] = function(instance, query)
  local server, accounts, list = server_of(instance, query), instance.telegram.accounts, json.array()
  for i, key in ipairs(json.names(accounts)) do list[i] = bot_state.view(instance, server, accounts[key]) end
  return list
end

handlers["GET bots/"] = function(instance, query, _, account)
  return bot_state.view(instance, server_of(instance, query), account)
end

handlers["PUT bots/"] = function(instance, query, body, account)
  local server = server_of(instance, query)
  checked(bot_state.change(server:session(account.id, account.test), body or {}))
  return bot_state.view(instance, server, account)
end

handlers["DELETE bots/"] = function(instance, query, _, account)
  local server = server_of(instance, query)
  account.is_revoked = true
  for _, each in ipairs(instance.servers) do each:session(account.id, account.test):revoke() end
  return bot_state.view(instance, server, account)
end

handlers["POST updates"] = function(instance, _, body, account)
  if type(body) ~= "table" then refuse "updates: expected an Update, an array of them, or {\"text\": …}" end
  local list, ids = json.is_array(body) and body or {body}, json.array()
  for _, update in ipairs(list) do
    if type(update) ~= "table" or next(update) == nil then refuse "updates: expected an object" end
    if update.update_id ~= nil and not validate.is_integer(update.update_id) then
      refuse 'updates: "update_id" must be a whole number'
    end
  end
  for _, update in ipairs(list) do ids[#ids + 1] = instance.telegram:deliver(account, update) end
  return json.object("update_ids", ids)
end

handlers["POST rules"] = function(instance, _, body)
  return json.object("id", instance.rules:add(checked(rules.check(body))))
end

handlers["GET rules"] = function(instance)
  local list = json.array()
  for i, rule in ipairs(instance.rules.list) do list[i] = rules.view(rule) end
  return list
end

handlers["GET rules/"] = function(instance, _, _, id)
  return rules.view(instance.rules:find(tonumber(id)) or refuse("rule: there is no rule " .. id, 404))
end

handlers["DELETE rules"] = function(instance)
  return json.object("removed", instance.rules:remove(function() return true end))
end

handlers["DELETE rules/"] = function(instance, _, _, id)
  local removed = instance.rules:remove(function(rule) return rule.id == tonumber(id) end)
  if removed == 0 then refuse("rule: there is no rule " .. id, 404) end
  return json.object("removed", removed)
end

local filters = {bot = "bot", method = "string", since = "count", status = "count", kind = {"api", "webhook"},
  server = {"cloud", "local", "bale"}, expect = "string", wait = "duration"}

handlers["GET calls"] = function(instance, query)
  for name, value in pairs(query) do
    if filters[name] == "count" then query[name] = tonumber(value) or value end
  end
  local filter = checked(validate.members("calls", query, filters))
  local expect, wait = filter.expect, filter.wait or 0
  filter.expect, filter.wait = nil, nil
  if not expect then return instance.call_log:select(filter) end
  if not (expect:find "^%d+$" or expect:find "^%d+%.%.%d*$") then
    refuse 'calls: "expect" must be like 2, 1.. or 1..3'
  end
  local found, message, seen = instance.call_log:expect(filter, expect, wait)
  return found or error({status = 417, body = json.object("error", message, "calls", seen)}, 0)
end

handlers["DELETE calls"] = function(instance)
  instance.call_log:forget()
  return json.object("ok", true)
end

handlers["GET clock"] = function(instance)
  return json.object("now", instance.clock:now(), "frozen", instance.clock.frozen_at ~= nil)
end

handlers["POST clock"] = function(instance, _, body)
  local change = checked(validate.members("clock", body, {advance = "duration", freeze = "boolean"}))
  if change.freeze ~= nil then instance.clock:freeze(change.freeze) end
  if change.advance then instance.clock:advance(change.advance) end
  for _ = 1, 3 do cqueues.sleep(0) end   -- what the timers have woken runs before the response
  return handlers["GET clock"](instance)
end

-- "bots/123/updates" → "updates", "123"; "rules/5" → "rules/", "5"
local function route_of(path)
  local rest = path:match "^/_emulator/?(.*)$" or ""
  local bot = rest:match "^bots/(.+)/updates$"
  if bot then return "updates", bot end
  local kind, argument = rest:match "^(%a+/)(.+)$"
  return kind or rest:gsub("/$", ""), argument
end

-- A host that no DNS can lead here: an address, or a name that always means this machine.
local function is_local(host)
  host = host:lower():gsub(":%d*$", "")
  return host:find "^%d[%d.]*$" or host:find "^%[[%x:.]+%]$" or ("." .. host):find "^[%w.-]*%.localhost%.?$"
end

-- A page of the web in a browser on this machine is nobody who may rule the emulator: browsers say where a request is
-- from, and by which name they came. None of them reaches a unix socket.
local function is_foreign(incoming)
  local headers, is_unix = incoming.headers, incoming.peer == "unix"
  local site = headers["sec-fetch-site"]
  if headers.origin or site and site ~= "none" and site ~= "same-origin" then return true end
  return not is_unix and not is_local(headers.host or "")
end

local function run(instance, incoming)
  if is_foreign(incoming) then refuse("the control API isn't for web pages of another origin", 403) end
  local path, text = request.path(incoming.target)
  local body, message
  if incoming.body:find "%S" then
    body, message = json.decode(incoming.body)
    if message then refuse("body: not JSON, " .. message) end
  end
  local route, argument = route_of(path)
  local handler = handlers[incoming.verb .. " " .. route] or refuse("there is no " .. incoming.verb .. " " .. path, 404)
  if route == "bots/" or route == "updates" then argument = account_of(instance, argument) end
  return handler(instance, request.query(text), body, argument)
end

--- Responds to a request to the control API. Returns whether the connection is kept.
function control.serve(instance, client, incoming)
  local ok, result = connection.pcall(run, instance, incoming)
  local status = ok and 200 or type(result) == "table" and result.status or error(result, 0)
  local body = json.encode(ok and result or result.body, function(text) return instance.secrets:redact(text) end)
  local bytes = http.response(status, {{"Content-Type", "application/json"}}, body .. "\n")
  if not client:xwrite(bytes) then return false end
  return (incoming.headers["connection"] or ""):lower() ~= "close"
end

return control
