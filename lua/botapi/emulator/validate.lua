-- SPDX-License-Identifier: MIT
-- Owns the checks of what the control API accepts: members, durations, and messages that suggest the right name.

local json = require "botapi.emulator.json"
local nearest = require "botapi.nearest".of

local validate = {}

--- `; did you mean "delay"?`, from a list of names, or an empty text.
function validate.suggestion(name, candidates)
  local best = nearest(name, candidates)
  return best and string.format('; did you mean "%s"?', best) or ""
end

--- Is it a whole number that JSON keeps exact?
local function is_integer(value)
  return type(value) == "number" and math.floor(value) == value and math.abs(value) <= 2 ^ 53
end

validate.is_integer = is_integer

local function strings(value)
  for _, each in ipairs(json.is_array(value) and value or {false}) do
    if type(each) ~= "string" then return nil end
  end
  return value
end

local units = {ms = 0.001, s = 1, m = 60, h = 3600, d = 86400}

--- The seconds of a duration: a number, or "500ms", "2s", "10m", "1h", "7d"; nil for anything else.
function validate.duration(value)
  if type(value) == "string" then
    local number, unit = value:match "^([%d.]+)(%a*)$"
    number, unit = tonumber(number), units[unit == "" and "s" or unit]
    value = number and unit and number * unit
  end
  return type(value) == "number" and 0 <= value and value <= 1e10 and value or nil
end

-- Each kind of member: a function that returns the value to keep, or nil, and the words for what it accepts.
local kinds = {
  string = {function(v) return type(v) == "string" and v or nil end, "a string"},
  boolean = {function(v) if type(v) == "boolean" then return v end end, "true or false"},
  count = {function(v) return is_integer(v) and v >= 0 and v or nil end, "a whole number, 0 or more"},
  status = {function(v) return is_integer(v) and v >= 100 and v <= 999 and v or nil end, "a status from 100 to 999"},
  rate = {function(v) return type(v) == "number" and v > 0 and v or nil end, "a number above 0"},
  bot = {function(v)
    local id = tonumber(v)
    return is_integer(id) and id > 0 and id or nil
  end, "a bot's numeric id"},
  duration = {validate.duration, 'seconds, or a string like "2s" or "10m"'},
  object = {function(v) return type(v) == "table" and not json.is_array(v) and v or nil end, "an object"},
  strings = {strings, "an array of strings"},
  any = {function(v) return v end, "a value"},
}

--- Checks an object. `members` has for each name a kind or a list of allowed words; messages start with `what`, and
-- where they don't name an unknown member, also with `part`. Returns name → value, or nil and a message.
function validate.members(what, value, members, part)
  part = what .. (part or "")
  if type(value) ~= "table" or json.is_array(value) then return nil, part .. ": expected an object" end
  local result = {}
  for _, name in ipairs(json.names(value)) do
    local kind = members[name]
    if not kind then
      return nil, string.format('%s: unknown member "%s"%s', what, name, validate.suggestion(name, json.names(members)))
    end
    local accepted, words
    if type(kind) == "table" then
      for _, word in ipairs(kind) do accepted = accepted or word == value[name] and word or nil end
      words = "one of " .. table.concat(kind, ", ")
    else
      accepted, words = kinds[kind][1](value[name]), kinds[kind][2]
    end
    if accepted == nil then return nil, string.format('%s: "%s" must be %s', part, name, words) end
    result[name] = accepted
  end
  return result
end

return validate
