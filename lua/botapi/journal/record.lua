-- SPDX-License-Identifier: MIT
-- The lines of a journal: tables to JSON and back, bot ids as strings, never a token.

local json = require "cjson.safe".new()

local record = {}

record.VERSION = 1

--- A bot's id as the string that is written: it has up to 17 digits, a number of lua-cjson 14. nil for anything else.
function record.id_of(bot)
  if type(bot) == "number" and bot >= 1 and bot < 2 ^ 54 and bot % 1 == 0 then
    return ("%.0f"):format(bot)
  end
  return type(bot) == "string" and bot:match("^[1-9]%d*$") or nil
end

-- The first members of a line, for people; the others follow by name.
local rank = { v = 1, id = 2, at = 3, utc = 4, type = 5, of = 6, bot = 7, server = 8, method = 9 }

local function by_rank(a, b)
  local x, y = rank[a] or 99, rank[b] or 99
  return x < y or x == y and a < b
end

local function hide(number, colon, secret)
  return #secret >= 20 and "***" or number .. colon .. secret
end

-- The last line of defence: callers clean their texts, but a webhook's URL has the token in its path at times.
local function redacted(line)
  line = line:gsub("(%d+)(:)([^%s\"'/\\?#&,;<>(){}]+)", hide)
  return (line:gsub("(%d+)(%%3[aA])([^%s\"'/\\?#&,;<>(){}]+)", hide))
end

--- A line, without its end; nil and why when a value has no JSON, or would be rounded.
function record.encode(fields)
  local names, members = {}, {}
  for name in pairs(fields) do
    names[#names + 1] = name
  end
  table.sort(names, by_rank)
  for i, name in ipairs(names) do
    local value, why = json.encode(fields[name])
    if not value then
      return nil, name .. ": " .. why
    elseif type(fields[name]) == "number" and tonumber(value) ~= fields[name] then
      return nil, name .. ": a number of at most 14 digits expected"
    end
    members[i] = json.encode(name) .. ":" .. value
  end
  return redacted(("{" .. table.concat(members, ",") .. "}"):gsub("\\/", "/"))
end

local function is_record(value)
  return type(value) == "table" and type(value.v) == "number" and type(value.id) == "number"
    and type(value.at) == "number" and type(value.type) == "string" and record.id_of(value.bot)
end

--- The fields of a line; nil for one that a crash has torn: what it would have said was never acted upon.
function record.decode(line)
  local fields = json.decode(line)
  if not is_record(fields) then
    return nil
  end
  for _, name in ipairs { "v", "id", "at", "of" } do      -- integers where Lua has them
    fields[name] = type(fields[name]) == "number" and math.floor(fields[name]) or nil
  end
  return fields
end

return record
