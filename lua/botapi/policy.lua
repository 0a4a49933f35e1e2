-- SPDX-License-Identifier: MIT
-- Owns the options that say how a bot repeats its calls and what it tells: the one list, and its checks.

local misnamed = require "botapi.misnamed"

local policy = {}

local is_of_calls = {}

--- The call option `timeout`, as `core.options` has it: what a time limit can be is said there.
for _, option in ipairs(require "botapi.core".options()) do
  is_of_calls[option.name] = true
  if option.name == "timeout" then policy.timeout = option end
end

--- The longest time that an option takes, in seconds, and the shortest.
policy.MOST = policy.timeout.max
local LEAST = policy.timeout.min

--- Each option: `name`, `type`, of numbers `min` and `max`, `default`, `unit`, `meaning` for the manual.
policy.list = {
  { name = "retries", type = "integer", min = 0, max = policy.MOST, default = 0, unit = "",
    meaning = "how many more times a call is tried, where a repeat is safe" },
  { name = "max_wait", type = "number", min = 0, max = policy.MOST, default = 60, unit = "seconds",
    meaning = "a longer `retry_after` is returned at once" },
  { name = "deadline", type = "number", min = LEAST, max = policy.MOST, default = 120, unit = "seconds",
    meaning = "for all attempts and waits of a call; counts when it is given or `retries` is over 0" },
  { name = "may_have_left", type = "boolean", default = false, unit = "",
    meaning = "an earlier program may have logged the bot out here, so 401 is not yet the end of a logOut" },
  { name = "on_event", type = "function", unit = "",
    meaning = "called with a table for each step" },
  { name = "heartbeat", type = "number", min = LEAST, max = policy.MOST, default = 10, unit = "seconds",
    meaning = "the time between two `waiting` events" },
}

local by_name = {}

--- The defaults by name.
policy.defaults = {}

for _, option in ipairs(policy.list) do
  by_name[option.name], policy.defaults[option.name] = option, option.default
end

--- Those of moves, and where fleets have others: nobody stands beside each bot to try again.
policy.of_moves = { retries = 2, max_wait = policy.defaults.max_wait, deadline = policy.defaults.deadline }
policy.of_fleets = { retries = 2, max_wait = 3600 }

--- Whether a number of seconds can be a time limit.
function policy.is_limit(seconds) return LEAST <= seconds and seconds <= policy.MOST end

--- Whether an option is one of these.
function policy.has(name) return by_name[name] ~= nil end

--- Whether it is one of these or of the options of calls.
function policy.is_option(name) return by_name[name] ~= nil or is_of_calls[name] == true end

--- Why an option can't be given; nil: it is one of these, one of calls, or one of `known`.
-- @param name
-- @tparam ?table known names beside those, as keys
function policy.unknown(name, known)
  if policy.is_option(name) or known and known[name] ~= nil then return nil end
  local all = {}
  for _, names in ipairs { is_of_calls, by_name, known or {} } do
    for each in pairs(names) do all[#all + 1] = each end
  end
  table.sort(all)
  return misnamed("option", name, all)
end

--- Why a value can't be that of an option; nil: it can.
-- @string name the option's
-- @param value
-- @tparam table spec the types that it may have, and for numbers `min` and `max`
function policy.mismatch(name, value, spec)
  local fits = false
  for _, allowed in ipairs(spec) do fits = fits or type(value) == allowed end
  if not fits then return ("option '%s': %s expected, got %s"):format(name, spec[1], type(value)) end
  if spec.min and not (spec.min <= value and value <= spec.max) then
    return ("option '%s': out of range"):format(name)
  end
end

--- The same for an option of this list; nil also where it is none of them.
function policy.problem(name, value)
  local option = by_name[name]
  if not option then return nil end
  local is_integer = option.type == "integer"
  local problem = policy.mismatch(name, value, { is_integer and "number" or option.type, min = option.min,
    max = option.max })
  return problem or is_integer and value % 1 ~= 0 and ("option '%s': integer expected"):format(name) or nil
end

--- What a caller gave as a plain table, with what it inherits: of that, the names are known to whoever reads it.
-- @param options a table, or what isn't one and is returned as it is
-- @tparam ?table known names beside those of calls and of this list, as keys
function policy.plain(options, known)
  if type(options) ~= "table" or not getmetatable(options) then return options end
  local plain = {}
  for _, names in ipairs { is_of_calls, by_name, known or {} } do
    for name in pairs(names) do plain[name] = options[name] end
  end
  for name, value in next, options do plain[name] = value end
  return plain
end

--- Options of calls and these, apart. Only these are checked.
-- @param options what the caller gave: a table or nil
-- @tparam ?table known names beside these, as keys, which whoever reads them checks
-- @treturn ?table those of calls, and the known ones; nil: what was given is wrong
-- @treturn table|string these; or why
function policy.read(options, known)
  if options ~= nil and type(options) ~= "table" then
    return nil, "options: table expected, got " .. type(options)
  end
  local call, own = {}, {}
  for name, value in pairs(policy.plain(options, known) or {}) do
    local problem = policy.unknown(name, known) or policy.problem(name, value)
    if problem then return nil, problem end
    (by_name[name] and own or call)[name] = value
  end
  return call, own
end

return policy
