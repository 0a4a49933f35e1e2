-- SPDX-License-Identifier: MIT
-- Owns the control API: its paths, its JSON in and out.

local validate = require "botapi.emulator.validate"
local cqueues = require "cqueues"
local http = require "botapi.emulator.http"
local json = require "botapi.emulator.json"
local bot_state = require "botapi.emulator.bot_state"
local request = require "botapi.emulator.request"
local rules = require "botapi.emulator.rules"

local control = {}

local VERSION = "scm"

local function refuse(message, status)
  return nil, status or 400, json.object("error", message)
end

-- The account that a path names: "123", or "123/test" for the test environment.
local function account_of(instance, name)
  local id, test = name:match "^(%d+)(.*)$"
  id = tonumber(id)
  if not id or id < 1 or id >= 2 ^ 54 or (test ~= "" and test ~= "/test") then
    return refuse('bot: "' .. name .. '" is not a numeric id')
  end
  return instance.telegram:account(math.tointeger and math.tointeger(id) or id, test == "/test")
end

local function server_of(instance, query)
  if not query.server then return instance.servers[1] end
  for _, each in ipairs(instance.servers) do
    if each.as == query.server then return each end
  end
  return refuse('server: there is no "' .. query.server .. '" here')
end

-- Handlers: (instance, query, body, argument) → result, or nil, status, error ----------------------

local handlers = {}

handlers["GET "] = function(instance)
  local bots, list = 0, json.array()
  for _ in pairs(instance.telegram.accounts) do bots = bots + 1 end
  for i, each in ipairs(instance.servers) do list[i] = json.object("as", each.as, "url", each.url) end
  return json.object("version", VERSION, "as", instance.options.pair and "pair" or instance.options.as,
    "now", instance.clock:now(), "bots", bots, "rules", #instance.rules.list, "calls", instance.call_log.total,
    "servers", list)
end

handlers["POST reset"] = function(instance, _, body)
  local members, message = validate.members("reset", body or {}, {bot = "any"})
  if not members then return refuse(message) end
  local account, status, failure
  if members.bot ~= nil then
    account, status, failure = account_of(instance, bot_state.bot_name(members.bot))
    if not account then return nil, status, failure end
  end
  instance:reset(account)
  return json.object("ok", true)
end

handlers["GET bots"] = function(instance, query)
  local server, status, failure = server_of(instance, query)
  if not server then return nil, status, failure end
  local keys, list = {}, json.array()
  for key in pairs(instance.telegram.accounts) do keys[#keys + 1] = key end
  table.sort(keys)
  for i, key in ipairs(keys) do list[i] = bot_state.view(instance, server, instance.telegram.accounts[key]) end
  return list
end

handlers["GET bots/"] = function(instance, query, _, name)
  local account, status, failure = account_of(instance, name)
  if not account then return nil, status, failure end
  local server
  server, status, failure = server_of(instance, query)
  if not server then return nil, status, failure end
  return bot_state.view(instance, server, account)
end

handlers["PUT bots/"] = function(instance, query, body, name)
  local account, status, failure = account_of(instance, name)
  if not account then return nil, status, failure end
  local server
  server, status, failure = server_of(instance, query)
  if not server then return nil, status, failure end
  local ok, message = bot_state.merge(server:session(account.id, account.test), body or {})
  if not ok then return refuse(message) end
  return bot_state.view(instance, server, account)
end

handlers["DELETE bots/"] = function(instance, query, _, name)
  local account, status, failure = account_of(instance, name)
  if not account then return nil, status, failure end
  account.is_revoked = true
  for _, each in ipairs(instance.servers) do each:session(account.id, account.test):revoke() end
  return bot_state.view(instance, server_of(instance, query) or instance.servers[1], account)
end

handlers["POST updates"] = function(instance, _, body, name)
  local account, status, failure = account_of(instance, name)
  if not account then return nil, status, failure end
  if type(body) ~= "table" then return refuse "updates: expected an Update, an array of them, or {\"text\": …}" end
  local list, ids = json.is_array(body) and body or {body}, json.array()
  for _, update in ipairs(list) do
    if type(update) ~= "table" or next(update) == nil then return refuse "updates: expected an object" end
    if update.update_id ~= nil and not validate.is_integer(update.update_id) then
      return refuse 'updates: "update_id" must be a whole number'
    end
  end
  for i, update in ipairs(list) do ids[i] = instance.telegram:deliver(account, update) end
  return json.object("update_ids", ids)
end

handlers["POST rules"] = function(instance, _, body)
  local rule, message = rules.check(body)
  if not rule then return refuse(message) end
  return json.object("id", instance.rules:add(rule))
end

handlers["GET rules"] = function(instance)
  local list = json.array()
  for i, rule in ipairs(instance.rules.list) do list[i] = rules.view(rule) end
  return list
end

handlers["GET rules/"] = function(instance, _, _, id)
  local rule = instance.rules:find(tonumber(id))
  if not rule then return refuse("rule: there is no rule " .. id, 404) end
  return rules.view(rule)
end

handlers["DELETE rules"] = function(instance)
  return json.object("removed", instance.rules:remove(function() return true end))
end

handlers["DELETE rules/"] = function(instance, _, _, id)
  local removed = instance.rules:remove(function(rule) return rule.id == tonumber(id) end)
  if removed == 0 then return refuse("rule: there is no rule " .. id, 404) end
  return json.object("removed", removed)
end

local filters = {bot = "bot", method = "string", since = "number", status = "number", kind = {"api", "webhook"},
  server = {"cloud", "local", "bale"}, expect = "string", wait = "duration"}

local function call_filter(query)
  local numbers, members = {}, {}
  for name, value in pairs(query) do
    numbers[name] = filters[name] == "number" and tonumber(value) or value
  end
  for name, kind in pairs(filters) do members[name] = kind == "number" and "count" or kind end
  local filter, message = validate.members("calls", numbers, members)
  if not filter then return nil, message end
  local expect, wait = filter.expect, filter.wait
  filter.expect, filter.wait = nil, nil
  if expect and not (expect:find "^%d+$" or expect:find "^%d+%.%.%d*$") then
    return nil, 'calls: "expect" must be like 2, 1.. or 1..3'
  end
  return filter, nil, expect, wait or 0
end

handlers["GET calls"] = function(instance, query)
  local filter, message, expect, wait = call_filter(query)
  if not filter then return refuse(message) end
  local found, text, seen
  if expect then
    found, text, seen = instance.call_log:expect(filter, expect, wait)
  else
    found = instance.call_log:select(filter)
  end
  if found then return found end
  return nil, 417, json.object("error", text, "calls", seen)
end

handlers["DELETE calls"] = function(instance)
  instance.call_log:forget()
  return json.object("ok", true)
end

local function clock_view(instance)
  return json.object("now", instance.clock:now(), "frozen", instance.clock.frozen_at ~= nil)
end

handlers["GET clock"] = clock_view

handlers["POST clock"] = function(instance, _, body)
  local members, message = validate.members("clock", body, {advance = "duration", freeze = "boolean"})
  if not members then return refuse(message) end
  if members.freeze ~= nil then instance.clock:freeze(members.freeze) end
  if members.advance then instance.clock:advance(members.advance) end
  for _ = 1, 3 do cqueues.sleep(0) end   -- those that a timer woke go first
  return clock_view(instance)
end

-- Routing ---------------------------------------------------------------------------------------

-- "bots/123/updates" → "updates", "123"; "rules/5" → "rules/", "5"
local function place_of(path)
  local rest = path:match "^/_emulator/?(.*)$" or ""
  local bot = rest:match "^bots/(.+)/updates$"
  if bot then return "updates", bot end
  local kind, argument = rest:match "^(%a+)/(.+)$"
  if kind then return kind .. "/", argument end
  return (rest:gsub("/$", ""))
end

local function answer(instance, incoming)
  local path, text = request.path(incoming.target)
  local query = request.params({query = text}, {}, "")
  local body, message
  if incoming.body:find "%S" then
    body, message = json.decode(incoming.body)
    if message then return refuse("body: not JSON, " .. message) end
  end
  local place, argument = place_of(path)
  local handler = handlers[incoming.verb .. " " .. place]
  if handler then return handler(instance, query, body, argument) end
  return refuse("there is no " .. incoming.verb .. " " .. path, 404)
end

--- Answers a request to the control API.
-- @treturn boolean does the connection go on?
function control.serve(instance, connection, incoming)
  local result, status, failure = answer(instance, incoming)
  local body = json.encode(result or failure, function(text) return instance:redact(text) end)
  local bytes = http.answer(result and 200 or status, {{"Content-Type", "application/json"}}, body)
  if not connection:xwrite(bytes) then return false end
  return (incoming.headers["connection"] or ""):lower() ~= "close"
end

return control
