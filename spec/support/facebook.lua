-- SPDX-License-Identifier: MIT
-- Owns what the specs of the Facebook session share: appstates with secrets, the search for them, one fault's outcome.

local facebook = {}

local WORD = "CANARY"
local last = 100001234560000

--- A user that no other spec has.
function facebook.new_user()
  last = last + 1
  return ("%.0f"):format(last)
end

--- An appstate whose secrets hold the word that no text may show.
function facebook.appstate(user)
  return {
    { key = "c_user", value = user or facebook.new_user(), domain = ".facebook.com", path = "/", secure = true },
    { key = "xs", value = "23%3A" .. WORD .. "-xs%3A2%3A1700000000", domain = ".facebook.com", path = "/" },
    { name = "datr", value = WORD .. "-datr", domain = "facebook.com" },
    { key = "presence", value = WORD .. "-presence", domain = ".messenger.com", path = "/" },
  }
end

--- A text of it.
function facebook.json(appstate)
  return require "cjson".encode(appstate)
end

--- Raises where a text shows a secret.
function facebook.check_text(text, what)
  local plain = text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end)
  if plain:find(WORD, 1, true) or text:find(WORD, 1, true) then error((what or "a text") .. " shows a cookie", 2) end
  return text
end

--- Raises where a value shows one by its members, by tostring, or when it is raised.
function facebook.check(value)
  if value == nil then return end
  facebook.check_text(tostring(value), "tostring")
  for name, member in pairs(type(value) == "table" and value or {}) do
    facebook.check_text(tostring(name) .. tostring(member), tostring(name))
  end
  local _, trace = xpcall(function() error(value) end, function(why) return debug.traceback(tostring(why)) end)
  facebook.check_text(trace, "a traceback")
end

--- Raises where the emulator's control API shows one.
function facebook.check_calls(emu, filter)
  for _, call in ipairs(emu:calls(filter)) do facebook.check_text(require "cjson".encode(call), "a recorded call") end
end

return facebook
