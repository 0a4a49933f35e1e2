-- SPDX-License-Identifier: MIT
-- Owns what the members of an answer must be: checked once, where an answer comes in.

local core = require "botapi.core"

local shape = {}

local MOST = 2 ^ 54             -- ids are below it
local MANY = 1e14               -- more than anybody counts; fewer have the 14 digits that lua-cjson and journals keep

-- Types ---------------------------------------------------------------------------

-- What each type is called, and whether a value has it. NaN and what is infinite have no remainder.
local function is_whole(value) return type(value) == "number" and value % 1 == 0 and math.abs(value) < MOST end

local types = {
  id = { "a whole number, 0 or more", function(value) return is_whole(value) and value >= 0 end },
  count = { "a whole number of at most 14 digits, 0 or more",
    function(value) return is_whole(value) and 0 <= value and value < MANY end },
  whole = { "a whole number", is_whole },
  number = { "a number", function(value) return type(value) == "number" end },
  text = { "a string", function(value) return type(value) == "string" end },
  flag = { "true or false", function(value) return type(value) == "boolean" end },
  object = { "an object", function(value) return type(value) == "table" end },
}

-- Members -------------------------------------------------------------------------

-- Why a member isn't what it should be; nil: it is, or isn't there.
local function member_problem(value, name, type_name)
  local known = types[type_name]
  if value == nil or known[2](value) then return nil end
  return ("%s is not %s"):format(name, known[1])
end

local function members_problem(value, members, prefix)
  for _, member in ipairs(members) do
    local problem = member_problem(value[member[1]], prefix .. member[1], member[2])
    if problem then return problem end
  end
end

local function list_problem(list, name, problem_of)
  if list == nil then return nil end
  if type(list) ~= "table" then return name .. " is not a list" end
  local most = 0
  for key in pairs(list) do
    if not is_whole(key) then return name .. " is not a list" end
    most = math.max(most, key)
  end
  for i = 1, most do            -- a null leaves a hole
    local member = ("%s[%d]"):format(name, i)
    local problem = list[i] == nil and member .. " is null" or problem_of(list[i], member)
    if problem then return problem end
  end
end

-- What methods return -------------------------------------------------------------

local ME = { { "id", "id" }, { "username", "text" }, { "first_name", "text" } }
local INFO = { { "url", "text" }, { "has_custom_certificate", "flag" }, { "pending_update_count", "count" },
  { "max_connections", "count" }, { "ip_address", "text" }, { "last_error_date", "count" },
  { "last_error_message", "text" } }

local function update_problem(update, name)
  if type(update) ~= "table" then return name .. " is not an object" end
  if update.update_id == nil then return name .. ".update_id is missing" end
  return member_problem(update.update_id, name .. ".update_id", "count")
end

local results = {}

function results.getme(me)
  if type(me) ~= "table" then return "result is not an object" end
  return me.id == nil and "result.id is missing" or members_problem(me, ME, "")
end

function results.getwebhookinfo(info)
  if type(info) ~= "table" then return "result is not an object" end
  return members_problem(info, INFO, "")
    or list_problem(info.allowed_updates, "allowed_updates", function(kind, name)
      return member_problem(kind, name, "text")
    end)
end

function results.getupdates(list)
  if list == nil then return "result is missing" end
  return list_problem(list, "result", update_problem)
end

--- Those of a list that are updates, in the order of their ids.
-- @param list what getUpdates returned
-- @treturn ?table nil: it is no list
-- @treturn ?string what is wrong with one of the others
function shape.usable_updates(list)
  if type(list) ~= "table" then return nil end
  local usable, problem = {}, results.getupdates(list)
  for _, update in pairs(list) do
    if not update_problem(update, "") then usable[#usable + 1] = update end
  end
  table.sort(usable, function(a, b) return a.update_id < b.update_id end)
  return usable, problem
end

-- All -----------------------------------------------------------------------------

local REFUSAL = { { "error_code", "whole" }, { "parameters", "object" } }
local PARAMETERS = { { "retry_after", "number" }, { "migrate_to_chat_id", "whole" } }

local function problem_of(method, res)
  if res.ok then return results[method:lower()] and results[method:lower()](res.result) end
  return members_problem(res, REFUSAL, "") or members_problem(res.parameters or {}, PARAMETERS, "parameters.")
end

--- An answer as it came; or, where a member that this library relies on has another type than the Bot API says, an
-- error of the kind `protocol` that names it.
-- @string method the Bot API's name
-- @tparam ?table res
-- @tparam ?table err
-- @treturn ?table the answer
-- @treturn ?table the error object
function shape.checked(method, res, err)
  local problem = res and problem_of(method, res)
  if not problem then return res, err end
  local code, cause = is_whole(res.error_code) and res.error_code or nil, "in the answer " .. problem
  return nil, core.error { kind = "protocol", sent = "yes", method = method, http_status = code, malformed = true,
    cause = cause, message = method .. ": " .. cause }
end

return shape
