-- SPDX-License-Identifier: MIT
-- Owns the reading of what Facebook answers: its JSON, its forms, and which page it is. Pure.

local page = {}

local decode = require "botapi.core".decode

-- Parts ---------------------------------------------------------------------------------

-- A member of a member of …; nil where one of them is missing or no table.
local function at(value, ...)
  for i = 1, select("#", ...) do
    if type(value) ~= "table" then return nil end
    value = value[select(i, ...)]
  end
  return value
end

local ENTITIES = { amp = "&", lt = "<", gt = ">", quot = '"', apos = "'" }

local function character(code)
  return code and code < 128 and string.char(code) or nil
end

local function unescaped(text)
  text = text:gsub("&#[xX](%x+);", function(hex) return character(tonumber(hex, 16)) end)
  text = text:gsub("&#(%d+);", function(digits) return character(tonumber(digits)) end)
  return (text:gsub("&(%a+);", ENTITIES))
end

local function attribute(tag, name)
  local start = "%f[%w_-]" .. name .. "%s*=%s*"
  local value = tag:match(start .. '"([^"]*)"') or tag:match(start .. "'([^']*)'")
  return value and unescaped(value)
end

-- The inputs of a page, by name; the first of a name counts.
local function inputs(html)
  local found = {}
  for tag in html:gmatch "<input([^<>]*)>" do
    local name = attribute(tag, "name")
    if name and not found[name] then found[name] = attribute(tag, "value") or "" end
  end
  return found
end

local function is_here(text)
  return text ~= nil and text ~= ""
end

-- Pages ---------------------------------------------------------------------------------

--- The path of a URL.
function page.path(url)
  return url:match "^%a[%w+.-]*://[^/?#]*([^?#]*)" or ""
end

--- Whether an answer asks for a checkpoint: by where it leads, or by its page.
-- @tparam table answer `location`, `body`
function page.is_checkpoint(answer)
  if answer.location then return page.path(answer.location):find "^/checkpoint" ~= nil end
  local body = answer.body:gsub("\\/", "/")
  return body:find("/checkpoint/block/?next", 1, true) ~= nil or body:find 'action="[^"<>]*/checkpoint/' ~= nil
end

--- Whether it leads to, or is, the page that asks for a password.
-- @tparam table answer `location`, `body`
function page.is_login(answer)
  if answer.location then return page.path(answer.location):find "^/login" ~= nil end
  return inputs(answer.body).pass ~= nil
end

local TOKENS = { '"DTSGInitialData",%[%],{"token":"([^"]+)"', '"DTSGInitData",%[%],{"token":"([^"]+)"' }

--- What the forms of a logged-in page need.
-- @string body of the first page
-- @treturn ?table fb_dtsg, and revision where it is told
function page.tokens(body)
  local token = inputs(body).fb_dtsg
  for _, pattern in ipairs(TOKENS) do
    if not is_here(token) then token = body:match(pattern) end
  end
  if not is_here(token) then return nil end
  return { fb_dtsg = token, revision = body:match 'revision":%s*(%d+)' }
end

--- Decodes JSON behind `for (;;);`.
function page.decode(body)
  local text = body:gsub("^%s*for%s*%(%s*;%s*;%s*%)%s*;", "", 1)
  local data = text:find "^%s*{" and decode(text)
  return type(data) == "table" and data or nil
end

local function whole(value)
  local number = tonumber(value)
  if not number or number % 1 ~= 0 or number == 0 or math.abs(number) >= 2 ^ 53 then return nil end
  return math.tointeger and math.tointeger(number) or number
end

--- The refusal that an answer is.
-- @tparam table data as decoded
-- @treturn ?number its code
-- @treturn ?string its words
function page.refusal(data)
  local code = whole(data.error)
  if not code then return nil end
  local said = {}
  for _, name in ipairs { "errorSummary", "errorDescription" } do
    local text = data[name]
    if type(text) == "string" and text ~= "" then said[#said + 1] = unescaped((text:gsub("<[^<>]*>", ""))) end
  end
  return code, table.concat(said, ": ")
end

-- The logout form -----------------------------------------------------------------------

local function entry_of(data)
  local list = at(data, "jsmods", "instances", 1, 3, 1)
  for _, each in ipairs(type(list) == "table" and list or {}) do
    if at(each, "value") == "logout" then return each end
  end
end

local function html_of(data, id)
  local rows = at(data, "jsmods", "markup")
  for _, row in ipairs(type(rows) == "table" and rows or {}) do
    if at(row, 1) == id then return at(row, 2, "__html") end
  end
end

--- The fields of the logout form, out of the settings menu.
-- @tparam table data as decoded
-- @treturn ?table fb_dtsg, ref, h
-- @treturn ?string what is missing
function page.logout_form(data)
  local entry = entry_of(data)
  if not entry then return nil, "the settings menu has no entry named logout" end
  local id = at(entry, "markup", "__m")
  local html = id ~= nil and html_of(data, id)
  if type(html) ~= "string" then return nil, "the settings menu has no page for its entry logout" end
  local action = attribute(html:match "<form([^<>]*)>" or "", "action")
  if not action or not action:find "/logout%.php" then return nil, "the settings menu has no logout form" end
  local found = inputs(html)
  if not (is_here(found.fb_dtsg) and found.ref and is_here(found.h)) then
    return nil, "the logout form has not all of fb_dtsg, ref and h"
  end
  return { fb_dtsg = found.fb_dtsg, ref = found.ref, h = found.h }
end

-- Forms ---------------------------------------------------------------------------------

local function escaped(text)
  return (text:gsub("[^%w%-._~]", function(c) return ("%%%02X"):format(c:byte()) end))
end

--- A form's body.
-- @tparam table fields list of {name, value}; one without a value is left out
function page.form(fields)
  local list = {}
  for _, field in ipairs(fields) do
    if field[2] then list[#list + 1] = escaped(field[1]) .. "=" .. escaped(field[2]) end
  end
  return table.concat(list, "&")
end

--- The number that goes with an fb_dtsg: 2, and the code of each of its characters.
function page.jazoest(fb_dtsg)
  return "2" .. fb_dtsg:gsub(".", function(c) return ("%d"):format(c:byte()) end)
end

return page
