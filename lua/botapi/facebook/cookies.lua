-- SPDX-License-Identifier: MIT
-- Owns the cookies of a session: read from an appstate, given to a request, changed by an answer.

local forms = require "botapi.facebook.forms"
local netscape = require "botapi.facebook.netscape"

local cookies = {}
local jar = {}
jar.__index = jar

local HOME = "facebook.com"             -- where a cookie without a domain belongs
local FAMILY = { [HOME] = true, ["messenger.com"] = true }
local EXACT = 2 ^ 53                    -- beyond it a number may have been another one
local MAX_BYTES = 4000                  -- of name and value: libcurl leaves longer ones out
local NEEDED = { c_user = true, xs = true }
local WINDOW = 8                        -- so many bytes of a value in a row are a part of it

-- Reading -------------------------------------------------------------------------------

local function text_of(value)
  if type(value) == "string" then return value end
  local is_exact = type(value) == "number" and value % 1 == 0 and -EXACT < value and value < EXACT
  return is_exact and ("%.0f"):format(value) or nil
end

--- Is a host one of Facebook's sites?
function cookies.is_family(host)
  return FAMILY[host:match "([%w-]+%.%w+)$" or ""] == true
end

-- nil: it isn't one.
local function domain_of(cookie)
  local domain = cookie.domain
  if type(domain) ~= "string" or domain == "" then return HOME end
  domain = domain:lower():gsub("^%.", "")
  return domain:find "^[%w.-]+$" and domain or nil
end

local function path_of(cookie)
  local path = cookie.path
  if type(path) ~= "string" or path == "" then return "/" end
  return path:find "^/[^%c;]*$" and path or nil
end

-- Does www.facebook.com get the cookies of a domain?
local function is_sent(domain)
  return domain == HOME or domain == "www." .. HOME
end

-- One entry of the jar, or nil; and what is wrong with a cookie that www.facebook.com should get, without a word of it.
local function read_one(cookie)
  if type(cookie) ~= "table" then return nil, "isn't a table" end
  local domain, path = domain_of(cookie), path_of(cookie)
  if not domain or not cookies.is_family(domain) then return nil end
  local function unusable(why) return nil, is_sent(domain) and why or nil end
  local key, value = text_of(cookie.key) or text_of(cookie.name), text_of(cookie.value)
  if not key or not key:find "^[^%c%s;=]+$" then return unusable "has no usable key or name" end
  if not value or value:find "[%c;]" then return unusable "has no usable value" end
  if not path then return unusable "has a path that isn't one" end
  local given = {}
  for name, member in pairs(cookie) do given[name] = member end
  return { key = key, value = value, domain = domain, path = path, given = given }
end

local function id_of(entry)
  return table.concat({ entry.key, entry.domain, entry.path }, "\n")
end

-- The last one counts of those with the same key, domain and path.
function jar:put(entry)
  local id = id_of(entry)
  local is_new = not self.ids[id]
  self.ids[id] = true
  if entry.key == "xs" then self.sessions[entry.value] = true end
  for i, each in ipairs(is_new and {} or self.list) do
    if id_of(each) == id then
      self.list[i] = entry
      return
    end
  end
  self.list[#self.list + 1] = entry
end

local function check_needed(self)
  if not self:value "c_user" and not self:value "xs" then
    return "the appstate has no cookie of a session; " .. forms.NEEDED
  end
  for _, key in ipairs { "c_user", "xs" } do
    local value = self:value(key)
    if not value or value == "" then return "the appstate has no cookie " .. key .. " of facebook.com" end
    if #value > MAX_BYTES then return "the appstate's cookie " .. key .. " is too long" end
  end
  if not self:value "c_user":find "^%d+$" then return "the appstate's cookie c_user isn't a number" end
end

--- Reads a list of cookies. Those of other sites are passed over.
-- @tparam table list each with `key` or `name`, `value`, and perhaps `domain` and `path`
-- @treturn ?table the jar
-- @treturn ?string what is wrong, without a word of a cookie
function cookies.new(list)
  local self = setmetatable({ list = {}, ids = {}, sessions = {} }, jar)
  for i, cookie in ipairs(list) do
    local entry, why = read_one(cookie)
    if why then return nil, ("cookie %d of the appstate %s"):format(i, why) end
    if entry then self:put(entry) end
  end
  local why = check_needed(self)
  if why then return nil, why end
  return self
end

-- Using ---------------------------------------------------------------------------------

--- The value of a cookie that www.facebook.com gets.
function jar:value(key)
  for _, entry in ipairs(self.list) do
    if entry.key == key and is_sent(entry.domain) then return entry.value end
  end
end

--- What a request is given: lines of Set-Cookie.
function jar:lines()
  local lines = {}
  for _, entry in ipairs(self.list) do
    if is_sent(entry.domain) then
      lines[#lines + 1] = ("Set-Cookie: %s=%s; domain=.%s; path=%s; secure"):format(entry.key, entry.value,
        entry.domain, entry.path)
    end
  end
  return lines
end

--- The cookies as an appstate has them.
-- @treturn table a list of copies
function jar:export()
  local list = {}
  for i, entry in ipairs(self.list) do
    local copy = {}
    for name, member in pairs(entry.given) do copy[name] = member end
    copy.key, copy.value, copy.path = entry.key, entry.value, entry.path
    copy.domain = entry.given.domain or entry.domain
    list[i] = copy
  end
  return list
end

--- Whether this jar has, or once had, a cookie of another list.
-- @tparam table cookie as in an appstate
function jar:has_had(cookie)
  local entry = read_one(cookie)
  return entry ~= nil and self.ids[id_of(entry)] == true
end

--- Whether a cookie of another list is the xs of another session, in the place of this one's.
-- @tparam table cookie as in an appstate
function jar:is_of_another(cookie)
  local entry = self:has_had(cookie) and read_one(cookie)
  return entry and entry.key == "xs" and not self.sessions[entry.value]
end

-- Changing ------------------------------------------------------------------------------

-- A line of libcurl's jar; nil for one that was cleared, or isn't one.
local function read_line(line, now)
  local cookie, expires = netscape.read(line)
  local domain = cookie and domain_of(cookie)
  local is_expired = expires and expires ~= 0 and expires <= now
  if not domain or is_expired or cookie.value == "" or cookie.value == "deleted" then return nil end
  return { key = cookie.key, value = cookie.value, domain = domain, path = cookie.path, expires = cookie.expires }
end

local function take(self, found, old)
  if old and old.value == found.value then
    old.is_seen = true
    return
  end
  local given = { domain = found.domain, expires = found.expires, secure = true }
  if old and old.given.name ~= nil then given.name = found.key end
  self:put { key = found.key, value = found.value, domain = found.domain, path = found.path, given = given,
    is_seen = true }
end

--- Takes over what an answer left in libcurl's jar: new values, new cookies, and those that are gone.
-- @tparam table lines of Netscape's format
function jar:update(lines)
  local before, left, now = {}, {}, os.time()
  for _, entry in ipairs(self.list) do before[id_of(entry)] = entry end
  for _, line in ipairs(lines) do
    local found = read_line(line, now)
    if found then
      left[id_of(found)] = true
      take(self, found, before[id_of(found)])
    end
  end
  for i = #self.list, 1, -1 do
    local entry = self.list[i]
    -- what libcurl never took wasn't cleared by anybody
    if is_sent(entry.domain) and not left[id_of(entry)] and (entry.is_seen or NEEDED[entry.key]) then
      table.remove(self.list, i)
    end
  end
end

-- Secrets -------------------------------------------------------------------------------

local function decoded(text)
  return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

local function shows(text, secret)
  for i = 1, #secret - WINDOW + 1 do
    if text:find(secret:sub(i, i + WINDOW - 1), 1, true) then return true end
  end
  return false
end

--- A text of Facebook's for people: one short line, or nil where it shows a part of a cookie.
-- @tparam table more further secrets
function jar:clean(text, more)
  text = text:gsub("[%c]+", " "):sub(1, 200)
  local secrets = {}
  for _, entry in ipairs(self.list) do secrets[#secrets + 1] = entry.value end
  for _, each in ipairs(more) do secrets[#secrets + 1] = each end
  for _, secret in ipairs(secrets) do
    for _, form in ipairs { secret, decoded(secret) } do
      if shows(text, form) or shows(decoded(text), form) then return nil end
    end
  end
  return text
end

return cookies
