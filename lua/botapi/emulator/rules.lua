-- SPDX-License-Identifier: MIT
-- Owns rules: what a rule may say, and which one applies to a call.

local validate = require "botapi.emulator.validate"
local faults = require "botapi.emulator.faults"
local http = require "botapi.emulator.http"
local json = require "botapi.emulator.json"

local rules = {}
rules.__index = rules

local MAX_USED_UP = 100

local rule_members = {method = "string", bot = "bot", match = "object", skip = "count", times = "count",
  server = {"cloud", "local", "bale"}, ["then"] = "any", answer = "any"}

local then_members = {execute = "boolean", delay = "duration", bytes = "any", rate = "rate",
  ["end"] = {"keep", "close", "reset", "hang"}, at = {"answer", "request", "accept"},
  error_code = "status", description = "string", retry_after = "count", parameters = "object", result = "any",
  status = "status", type = "string", body = "string", headers = "object", raw = "string"}

local function unknown_fault(name)
  local known = {}
  for i, fault in ipairs(faults) do known[i] = fault.name end
  local meant = validate.suggestion(name, known)
  if meant == "" then meant = "; there are " .. table.concat(known, ", ") end
  return string.format('rule: unknown fault "%s"%s', name, meant)
end

local function check_bytes(fault)
  local bytes = fault.bytes
  if bytes == nil or bytes == "half" then return true end
  return type(bytes) == "number" and bytes >= 0 and math.floor(bytes) == bytes
end

local function is_raw(fault)
  return fault.status or fault.body or fault.raw or fault.type or fault.headers
end

-- Fills in the description and the parameters that an error leaves out.
local function complete_error(fault)
  if fault.retry_after and not fault.error_code then fault.error_code = 429 end
  if not fault.error_code then return end
  if fault.retry_after then
    fault.parameters = json.object("retry_after", fault.retry_after)
    fault.description = fault.description or "Too Many Requests: retry after " .. json.encode(fault.retry_after)
  end
  fault.description = fault.description or http.reason(fault.error_code)
end

local function check_then(value)
  if type(value) == "string" then
    if not faults[value] then return nil, unknown_fault(value) end
    value = faults[value]["then"]
  end
  local fault, message = validate.members("rule", value, then_members, ": then")
  if not fault then return nil, message end
  if not check_bytes(fault) then return nil, 'rule: "bytes" must be a whole number, 0 or more, or "half"' end
  if (fault.error_code or fault.retry_after) and (is_raw(fault) or fault.result ~= nil) then
    return nil, "rule: an error, a result and a raw answer exclude each other"
  end
  complete_error(fault)
  if fault.execute == nil then fault.execute = not (fault.error_code or is_raw(fault)) end
  if fault.at == "accept" or fault.at == "request" then fault.execute = false end
  return fault
end

-- `then` has another name: in Lua it is a keyword.
local function name_then(rule)
  if rule["then"] ~= nil and rule.answer ~= nil then return 'rule: "answer" is "then" by another name: give one' end
  if rule["then"] == nil then rule["then"], rule.answer = rule.answer, nil end
  if rule["then"] == nil then return 'rule: "then" is missing' end
end

--- Checks a rule as it came. Returns the rule, or nil and a message.
function rules.check(value)
  local rule, message = validate.members("rule", value, rule_members)
  message = message or name_then(rule)
  if message then return nil, message end
  rule.fault, message = check_then(rule["then"])
  if not rule.fault then return nil, message end
  if rule.fault.at == "accept" and (rule.method or rule.bot or rule.match) and rule.method ~= "*" then
    return nil, 'rule: at "accept" nothing is known yet: leave out method, bot and match'
  end
  rule.method, rule.skip, rule.times = rule.method or "*", rule.skip or 0, rule.times or 1
  return rule
end

--- The rules of an emulator.
function rules.new()
  return setmetatable({
    list = {},     -- those that apply, the newest first
    used_up = {},  -- the last hundred of them
    last_id = 0,
  }, rules)
end

--- Adds a checked rule before the others, and returns its id.
function rules:add(rule)
  self.last_id = self.last_id + 1
  rule.id, rule.hits, rule.seen = self.last_id, 0, 0
  table.insert(self.list, 1, rule)
  return rule.id
end

--- Removes the rules for which `wanted` returns true, and returns their number.
function rules:remove(wanted)
  local kept, removed = {}, 0
  for _, rule in ipairs(self.list) do
    if wanted(rule) then removed = removed + 1 else kept[#kept + 1] = rule end
  end
  self.list = kept
  return removed
end

-- Has a value all members of another? Form fields are text: "5" is 5.
local function contains(value, wanted)
  if type(wanted) == "table" then
    if type(value) == "string" then value = json.decode(value) end
    if type(value) ~= "table" then return false end
    for name, each in pairs(wanted) do
      if not contains(value[name], each) then return false end
    end
    return true
  end
  if wanted == json.null then return value == nil end
  if type(value) == type(wanted) then return value == wanted end
  if type(wanted) == "number" then return tonumber(value) == wanted end
  return value ~= nil and type(value) ~= "table" and tostring(value) == tostring(wanted)
end

local function applies(rule, call, at)
  local fault = rule.fault
  if (fault.at or "answer") ~= at then return false end
  if rule.server and rule.server ~= call.server then return false end
  if at == "accept" then return true end
  if rule.method ~= "*" and rule.method:lower() ~= (call.method or ""):lower() then return false end
  if rule.bot and rule.bot ~= call.bot then return false end
  return not rule.match or contains(call.params or {}, rule.match)
end

--- The newest rule that matches a call (method, bot, params, server) at "accept", "request" or "answer"; counts it.
function rules:take(call, at)
  for i, rule in ipairs(self.list) do
    if applies(rule, call, at) then
      rule.seen = rule.seen + 1
      if rule.seen > rule.skip then
        rule.hits = rule.hits + 1
        if rule.times > 0 and rule.hits >= rule.times then table.insert(self.used_up, table.remove(self.list, i)) end
        if #self.used_up > MAX_USED_UP then table.remove(self.used_up, 1) end
        return rule
      end
    end
  end
end

--- A rule by its id, used up or not.
function rules:find(id)
  for _, list in ipairs {self.list, self.used_up} do
    for _, rule in ipairs(list) do
      if rule.id == id then return rule end
    end
  end
end

--- A rule as the control API shows it.
function rules.view(rule)
  return json.object("id", rule.id, "server", rule.server, "method", rule.method, "bot", rule.bot,
    "match", rule.match, "skip", rule.skip, "times", rule.times, "then", rule["then"],
    "left", rule.times > 0 and rule.times - rule.hits or json.null, "hits", rule.hits)
end

return rules
