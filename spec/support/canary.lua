-- SPDX-License-Identifier: MIT
-- The canary: a token and a proxy password that no text may ever show, and the search for them.

local canary = {}

canary.id = "110201543"
canary.secret = "AAHcaNaRy-Zq7_Kd3xW9pLm2vT8yBn4RsJ8"
canary.token = canary.id .. ":" .. canary.secret
canary.password = "pr0xyCaNaRy"

local WINDOW = 8  -- so many characters of the secret in a row are a leak

local function every(text, format)
  return (text:gsub(".", function(c) return format:format(c:byte()) end))
end

--- The forms in which a text may hold a token, each a name and a text.
function canary.forms(token)
  local id, secret = token:match "^(%d+):(.*)$"
  return {
    { "whole", token }, { "secret alone", secret },
    { "percent-encoded", every(token, "%%%02x") }, { "its colon percent-encoded", id .. "%3A" .. secret },
    { "encoded twice", every(secret, "%%25%02X") }, { "encoded three times", every(secret, "%%2525%02X") },
    { "cut on both sides", secret:sub(8, 19) }, { "cut at its end", token:sub(1, #id + 10) },
    { "JSON escapes", every(secret, "\\u%04x") }, { "JSON escapes in capitals", every(token, "\\u%04X") },
    { "between controls", (token:gsub(".", "%0\1")) },
    { "between C1 controls", (secret:gsub(".", "%0\194\155")) },
    { "between what has no width", (token:gsub(".", "%0\226\128\139")) },
    { "a webhook's URL", ("https://bot.example/%s/hook?key=%s"):format(token, every(secret, "%%%02X")) },
    { "a password in a URL", ("https://%s:%s@bot.example/"):format(id, secret) },
  }
end

local function char_of(hex) return string.char(tonumber(hex, 16)) end

-- What a reader of a text could make of it: without codes, and without what doesn't show.
local function decoded(text)
  for _ = 1, 3 do text = text:gsub("%%(%x%x)", char_of) end
  text = text:gsub("\\+u00(%x%x)", char_of):gsub("\\u{%x+}", ""):gsub("\194[\128-\159]", "")
    :gsub("\226\128\139", "")
  return (text:gsub("%c", ""))
end

local function window_in(text, secret)
  for i = 1, #secret - WINDOW + 1 do
    local part = secret:sub(i, i + WINDOW - 1)
    if text:find(part, 1, true) then
      return part
    end
  end
end

--- The part of a secret that a text shows, in any form; nil if none.
-- @tparam[opt] table secrets others than the canary's
function canary.shown(text, secrets)
  for _, secret in ipairs(secrets or {canary.secret, canary.password}) do
    local part = window_in(text, secret) or window_in(decoded(text), secret)
    if part then
      return part
    end
  end
end

--- A text with the secrets blacked out, so that a failing spec isn't a leak itself.
function canary.masked(text)
  for _, secret in ipairs {canary.secret, canary.password} do
    text = text:gsub(secret:gsub("%p", "%%%0"), "<SECRET>")
  end
  return text
end

-- What every Lua state holds anyway isn't reached from a value: the globals and the modules.
local function beginning()
  local seen = {[_G] = true, [package.loaded] = true, [canary] = true}
  for _, module in pairs(package.loaded) do
    seen[module] = true
  end
  return seen
end

local parts = {}

function parts.table(value, visit)
  for key, member in next, value do
    visit(key, "a key")
    visit(member, tostring(type(key) == "table" and "?" or key))
  end
end

parts["function"] = function(value, visit)
  local i = 1
  local name, member = debug.getupvalue(value, i)
  while name do
    visit(member, "upvalue " .. name)
    i = i + 1
    name, member = debug.getupvalue(value, i)
  end
end

function parts.userdata(value, visit)
  local get = debug.getuservalue or debug.getfenv
  if get then
    visit(get(value), "its user value")
  end
end

-- An envelope has what the server sent.
local function is_envelope(value)
  local meta = debug.getmetatable(value)
  return type(value) == "table" and meta ~= nil and meta == debug.getmetatable(canary.envelope)
end

-- Every string reachable from a value: members, metatables, upvalues, user values, and tostring of each. With
-- canary.envelope, an answer, the members of answers are none of our texts.
local function walk(value, path, seen, found)
  if type(value) == "string" then
    local part = canary.shown(value)
    if part then
      found[#found + 1] = path .. " shows " .. part
    end
    return
  end
  if value == nil or type(value) == "number" or type(value) == "boolean" or seen[value] then
    return
  end
  seen[value] = true
  local function visit(member, name)
    walk(member, path .. "." .. name, seen, found)
  end
  if parts[type(value)] and not is_envelope(value) then
    parts[type(value)](value, visit)
  end
  visit(debug.getmetatable(value), "metatable")
  visit(tostring(value), "tostring")
end

--- Where a value shows a secret: a list of sentences, empty when it doesn't.
function canary.search(value, name)
  local found = {}
  walk(value, name or "value", beginning(), found)
  return found
end

--- Raises, with the place, if an error object shows a secret in any way: its members, tostring, as a raised error.
function canary.check(value, name)
  local found = canary.search(value, name)
  local function raised(message)
    return debug.traceback(tostring(message))
  end
  local _, trace = xpcall(function() error(value) end, raised)
  if canary.shown(trace) then
    found[#found + 1] = "the traceback of it"
  end
  if #found > 0 then
    error("a secret is shown: " .. table.concat(found, "; "), 2)
  end
end

return canary
