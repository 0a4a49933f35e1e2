-- SPDX-License-Identifier: MIT
-- Owns the forms that an appstate can have: the cookies of a text or a table, and the same text without some of them.

local base64 = require "botapi.base64"
local core = require "botapi.core"
local netscape = require "botapi.facebook.netscape"

local forms = {}

local BOM = "\239\187\191"

-- A text without the space around it, and the space before and behind it.
local function trimmed(text)
  local first = text:find "%S" or #text + 1
  local body = text:sub(first):match "^.*%S" or ""
  return body, text:sub(1, first - 1), text:sub(first + #body)
end

-- Tables and JSON -----------------------------------------------------------------------

-- Of an object of names and values: what is neither text nor number is no cookie.
local function pairs_of(object)
  local list = {}
  for name, value in pairs(object) do
    if type(name) == "string" and (type(value) == "string" or type(value) == "number") then
      list[#list + 1] = { key = name, value = value }
    end
  end
  table.sort(list, function(a, b) return a.key < b.key end)
  return list
end

-- The list or the object that has the cookies.
local function holder(appstate)
  local is_around = appstate[1] == nil and type(appstate.cookies) == "table"
  return is_around and appstate.cookies or appstate, is_around
end

--- The cookies of a table: a list of them, an object of names and values, or an object with one of these as `cookies`.
-- @treturn table a list
function forms.list(appstate)
  local held = holder(appstate)
  return held[1] ~= nil and held or pairs_of(held)
end

local function json_list(text)
  local appstate = core.decode(text)
  return type(appstate) == "table" and forms.list(appstate) or nil
end

-- The name and the value of a member, and where the text of its value begins.
local function read_member(member)
  local name, value = next(core.decode("{" .. member .. "}"))
  return name, value, member:match '^"[^"]*"%s*:%s*()'
end

-- An array or object without some of what is in it: `change` gets the text of each, and returns it, another, or nil.
local function changed(text, change)
  local kept, open, close = {}, "[", "]"
  if text:find "^%s*{" then open, close = "{", "}" end
  for _, item in ipairs(core.items(text)) do kept[#kept + 1] = change(item) end
  return open .. table.concat(kept, ",") .. close
end

local function held_without(text, is_gone)
  local is_list = text:find "^%["
  return changed(text, function(item)
    if is_list then return not is_gone(core.decode(item)) and item or nil end
    local name, value = read_member(item)
    return not is_gone { key = name, value = value } and item or nil
  end)
end

local function json_without(text, is_gone)
  text = trimmed(text)
  local _, is_around = holder(core.decode(text))
  if not is_around then return held_without(text, is_gone) .. "\n" end
  return changed(text, function(member)
    local name, value, start = read_member(member)
    if name ~= "cookies" or type(value) ~= "table" then return member end
    return member:sub(1, start - 1) .. held_without(member:sub(start), is_gone)
  end) .. "\n"
end

-- Netscape's file -----------------------------------------------------------------------

local LINE = "[^\n]*\n?"

local function read_line(line)
  return (netscape.read((line:gsub("\r?\n?$", ""))))
end

local function netscape_list(text)
  local list = {}
  for line in text:gmatch(LINE) do list[#list + 1] = read_line(line) end
  return (list[1] or text:find "^# [%w ]*HTTP Cookie File") and list or nil
end

local function netscape_without(text, is_gone)
  return (text:gsub(LINE, function(line)
    local cookie = read_line(line)
    return cookie and is_gone(cookie) and "" or line
  end))
end

-- A header ------------------------------------------------------------------------------

-- What stands before the cookies, they themselves, and the space behind them; nil: it isn't one line.
local function parts_of(text)
  local line, before, after = trimmed(text)
  if line:find "[\r\n]" then return nil end
  local name = line:match "^[Cc][Oo][Oo][Kk][Ii][Ee]:%s*" or ""
  return before .. name, line:sub(#name + 1), after
end

local function read_pair(text)
  local name, value = text:match "^%s*([%w!#$%%&'*+.^_`|~-]+)%s*=(.*)$"
  return name and { key = name, value = (trimmed(value)) }
end

local function header_list(text)
  local list, _, line = {}, parts_of(text)
  for pair in (line or ""):gmatch "[^;]+" do list[#list + 1] = read_pair(pair) end
  return list[1] and list or nil
end

local function header_without(text, is_gone)
  local kept, before, line, after = {}, parts_of(text)
  for pair in line:gmatch "[^;]+" do
    local cookie = read_pair(pair)
    if not (cookie and is_gone(cookie)) then kept[#kept + 1] = trimmed(pair) end
  end
  return before .. table.concat(kept, "; ") .. after
end

-- Base64 --------------------------------------------------------------------------------

local function base64_list(text)
  local inner = text:find "%S" and base64.decode(text)
  return inner and forms.read(inner) or nil
end

-- With the letters, the padding and the lines of the text that it replaces.
local function base64_without(text, is_gone)
  local letters = base64.encode(forms.without(base64.decode(text), is_gone))
  if text:find "[_-]" then letters = letters:gsub("%+", "-"):gsub("/", "_") end
  if #text:gsub("%s", "") % 4 ~= 0 then letters = letters:gsub("=", "") end
  local first, line_end = text:match "^%s*(%S+)(%s+)%S"
  if first then letters = trimmed(letters:gsub(("."):rep(#first), "%0" .. line_end)) end
  return letters .. select(3, trimmed(text))
end

-- All -----------------------------------------------------------------------------------

-- `list`: a text's cookies, nil where it isn't of that form; `without`: the text without those that are gone. The first
-- that fits counts.
local FORMS = {
  { list = json_list, without = json_without },
  { list = netscape_list, without = netscape_without },
  { list = base64_list, without = base64_without },
  { list = header_list, without = header_without },
}

--- What an appstate has to be, for people.
forms.NEEDED = "it needs the cookies c_user and xs of facebook.com, as a JSON list of cookies, a JSON object with such "
  .. "a list (cookies) or with names and values, a Cookie header, a Netscape cookie file, or base64 of one of these"

-- The mark that some editors write first, the text, its form, and its cookies.
local function take_apart(text)
  local mark = text:sub(1, #BOM) == BOM and BOM or ""
  text = text:sub(#mark + 1)
  for _, form in ipairs(FORMS) do
    local list = form.list(text)
    if list then return mark, text, form, list end
  end
end

--- The cookies of a text.
-- @treturn ?table a list
-- @treturn ?string why there is none, without a word of it
function forms.read(text)
  local _, _, _, list = take_apart(text)
  if list then return list end
  local why = text:find "^%s*[%[{]" and "the appstate begins like JSON and isn't JSON; "
    or "the appstate isn't in a known form; "
  return nil, why .. forms.NEEDED
end

--- A text that `read` has taken, without some cookies. All else is as it was written, but for the space in JSON.
-- @tparam string text
-- @tparam function is_gone gets a cookie
function forms.without(text, is_gone)
  local mark, body, form = take_apart(text)
  return mark .. form.without(body, is_gone)
end

--- Whether a text that should be the name of a file has cookies itself.
function forms.has_cookies(text)
  local list = forms.read(text) or {}
  for _, cookie in ipairs(list) do
    local name = type(cookie) == "table" and (cookie.key or cookie.name)
    if name == "c_user" or name == "xs" then return true end
  end
  return #list > 1
end

return forms
