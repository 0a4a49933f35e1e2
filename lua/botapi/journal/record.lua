-- SPDX-License-Identifier: MIT
-- The lines of a journal: tables to JSON and back, bot ids as strings, never a token.

local cjson = require "cjson.safe".new()
local json = require "botapi.json"
local redact = require "botapi.core".redact

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

-- The last line of defence: callers clean their texts, but the URL of a webhook has the token in its path at times.
-- A password in it is needed to set it again.
local style = { rank = rank, clean = function(text) return redact(text, nil, "tokens") end }

local function is_exact(value)
  return type(value) ~= "number" or tonumber(("%.14g"):format(value)) == value
end

--- A line, without its end; nil and why when a value has no JSON, or would be rounded when it is read.
function record.encode(fields)
  for name, value in pairs(fields) do
    if not is_exact(value) then return nil, name .. ": a number of at most 14 digits expected" end
  end
  local ok, line = pcall(json.encode, fields, style)
  return ok and line or nil, line
end

local function is_record(value)
  return type(value) == "table" and type(value.v) == "number" and type(value.id) == "number"
    and type(value.at) == "number" and type(value.type) == "string" and record.id_of(value.bot)
end

--- The fields of a line; nil for one that a crash has torn: what it would have said was never acted upon.
function record.decode(line)
  local fields = cjson.decode(line)
  if not is_record(fields) then
    return nil
  end
  for _, name in ipairs { "v", "id", "at", "of" } do      -- integers where Lua has them
    fields[name] = type(fields[name]) == "number" and math.floor(fields[name]) or nil
  end
  return fields
end

return record
