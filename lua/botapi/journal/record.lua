-- SPDX-License-Identifier: MIT
-- The lines of a journal: tables to JSON and back, bot ids as strings, never a token.

local core = require "botapi.core"
local json = require "botapi.json"
local server = require "botapi.server"

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
local style = { rank = rank, clean = function(text) return core.redact(text, nil, "tokens") end }

-- What members may be ---------------------------------------------------------------

local EXACT = 1e14              -- a number that is read has 14 digits
local LATEST = 2 ^ 40           -- seconds since 1970, which every calendar has

local function is_whole(value, most)
  return type(value) == "number" and 0 <= value and value < most and value % 1 == 0
end

local kinds = {
  count = { "a whole number of at most 14 digits", function(value) return is_whole(value, EXACT) end },
  time = { "a time in seconds", function(value) return is_whole(value, LATEST) end },
  text = { "a string", function(value) return type(value) == "string" end },
  flag = { "a boolean", function(value) return type(value) == "boolean" end },
}

local function is_list(value)
  if type(value) ~= "table" then return false end
  for _, each in pairs(value) do
    if type(each) ~= "string" then return false end
  end
  return true
end
kinds.list = { "a list of strings", is_list }

-- The members of each line; of types; and of what a move notes. Those with a "?" may be missing.
local EVERY = { v = "count", id = "count", at = "time", type = "text" }
local BY_TYPE = {
  intent = { server = "text", method = "text", username = "text?" },
  result = { of = "count", server = "text", method = "text", outcome = "text", reason = "text?", sent = "text?" },
  arrival = { server = "text" },
}
local NOTES = {
  plan = { from = "text", to = "text", how = "text?", gone = "flag?", pending = "count?", username = "text?",
    first_name = "text?", kinds = "list?", webhook = "webhook?" },
  drained = { taken = "count?", pending = "count?" },
  looked = { pending = "count?" },
  ["end"] = { status = "text?" },
}
local WEBHOOK = { url = "text", shown = "text?", max_connections = "count?", allowed_updates = "list?",
  has_certificate = "flag?" }

-- Why one of the members isn't what it must be; nil: each is.
local function wrong_member(value, members)
  for name, wanted in pairs(members) do
    local kind, it = kinds[wanted:match "%a+"], value[name]
    local may_lack = it == nil and wanted:sub(-1) == "?"
    if not (may_lack or kind[2](it)) then return ("%s: %s expected"):format(name, kind[1]) end
  end
end

kinds.webhook = { "a webhook", function(value) return type(value) == "table" and not wrong_member(value, WEBHOOK) end }

-- Why a table is no record. What a newer version's line has, and one of an unknown type, is theirs.
local function wrong_record(value)
  if type(value) ~= "table" then return "an object expected" end
  local wrong = wrong_member(value, EVERY)
  if wrong then return wrong end
  if type(value.bot) ~= "string" or not record.id_of(value.bot) then return "bot: a bot's numeric id expected" end
  if value.v > record.VERSION then return nil end
  local members = BY_TYPE[value.type] or value.type == "note" and value.what ~= nil and NOTES[value.what]
  return wrong_member(value, members or {})
end

-- Lines -----------------------------------------------------------------------------

local function is_exact(value)
  return type(value) ~= "number" or tonumber(("%.14g"):format(value)) == value
end

--- A line, without its end; nil and why when a value has no JSON, or would be rounded when it is read.
function record.encode(fields)
  for name, value in pairs(fields) do
    if not is_exact(value) then return nil, name .. ": a number of at most 14 digits expected" end
  end
  local wrong = wrong_record(fields)
  if wrong then return nil, wrong end
  local ok, line = pcall(json.encode, fields, style)
  return ok and line or nil, line
end

-- A server has one spelling, whoever has written it, and when.
local function spell(fields, name)
  if type(fields[name]) == "string" then fields[name] = server.spelled(fields[name]) end
end

--- The fields of a line; nil for one that a crash has cut, of which nothing was done, and for a damaged one.
function record.decode(line)
  local fields = core.decode(line)
  if wrong_record(fields) then
    return nil
  end
  for _, name in ipairs { "v", "id", "at", "of" } do      -- integers where Lua has them
    fields[name] = type(fields[name]) == "number" and math.floor(fields[name]) or nil
  end
  spell(fields, "server")
  if fields.type == "note" and fields.what == "plan" then
    spell(fields, "from")
    spell(fields, "to")
  end
  return fields
end

return record
