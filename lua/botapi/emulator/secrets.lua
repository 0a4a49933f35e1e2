-- SPDX-License-Identifier: MIT
-- Owns the secrets of the tokens that came, and keeps them out of what the control API says.

local secrets = {}
secrets.__index = secrets

local MIN_LENGTH = 24
local MIN_PART = 12       -- characters of a known secret that count alone
local MIN_BEGIN = 6       -- and behind a bot's id

-- The characters of a secret as a Lua pattern.
local function pattern_of(secret)
  return (secret:gsub("%W", function(c) return c == "\0" and "%z" or "%" .. c end))
end

--- The secrets of an emulator; `tokens` are those given with --bot.
function secrets.new(tokens)
  local self = setmetatable({
    tokens = tokens or {},
    is_bare = {},  -- by secret: is it replaced wherever it stands, or only after a bot's id?
    unusual = {},  -- those with characters that no token has
    all = false,   -- the bare ones in a row, a line each, once they are asked for
  }, secrets)
  self:forget()
  return self
end

--- Remembers the secret of a token. A short one that wasn't given with --bot counts only after a bot's id; otherwise a
-- client's mistake could blank out common words.
function secrets:add(token, is_given)
  local secret = token:match ":(.*)$"
  if not secret or secret == "" then return end
  if self.is_bare[secret] == nil and secret:find "[^%w_-]" then self.unusual[#self.unusual + 1] = secret end
  if not self.is_bare[secret] then self.all = false end
  self.is_bare[secret] = self.is_bare[secret] or is_given or #secret >= MIN_LENGTH
end

-- Whether it stands in a known secret.
function secrets:is_part(found)
  if not self.all then
    local list = {}
    for secret, is_bare in pairs(self.is_bare) do list[#list + 1] = is_bare and secret or nil end
    self.all = table.concat(list, "\n")
  end
  return self.all:find(found, 1, true) ~= nil
end

--- Forgets all but those that were given.
function secrets:forget()
  self.is_bare, self.unusual, self.all = {}, {}, false
  for _, token in ipairs(self.tokens) do self:add(token, true) end
end

local function char_of(hex) return string.char(tonumber(hex, 16)) end

-- A text without codes (a percent sign may be encoded, too), controls, and what has no width.
local function decoded(text)
  if not text:find "[%%\\%c\128-\255]" then return text end
  for _ = 1, 3 do text = text:gsub("%%(%x%x)", char_of) end
  text = text:gsub("\\u00(%x%x)", char_of):gsub("\194[\128-\159]", ""):gsub("\226\128[\139-\143]", "")
  return (text:gsub("%c", ""))
end

-- Replaces every token and every known secret that stands as it is.
local function replaced(self, text)
  local is_bare = self.is_bare
  for _, secret in ipairs(self.unusual) do
    local pattern = pattern_of(secret)
    if is_bare[secret] then
      text = text:gsub(pattern, "<token>")
    else
      text = text:gsub("(%d:)" .. pattern, "%1<token>"):gsub("(%d%%3[aA])" .. pattern, "%1<token>")
    end
  end
  local function token(start, found)
    local is_token = #found >= MIN_LENGTH or is_bare[found] ~= nil or #found >= MIN_BEGIN and self:is_part(found)
    return is_token and start .. "<token>" or nil
  end
  local function secret(found)
    local behind = found:gsub("^3[aA]", "")   -- what stands after a percent-encoded colon
    local is_secret = is_bare[found] or is_bare[behind] or #found >= MIN_PART and self:is_part(found)
    return is_secret and "<token>" or nil
  end
  text = text:gsub("(%d:)([%w_%-]+)", token):gsub("(%d%%3[aA])([%w_%-]+)", token)
  return (text:gsub("[%w_%-]+", secret))
end

--- Replaces every token and every known secret in a text; one that holds them in another form, too, is decoded.
-- JSON could break: it takes the strings in it.
function secrets:redact(text)
  local shown = replaced(self, text)
  local plain = decoded(shown)
  local rest = replaced(self, plain)
  return rest ~= plain and rest or shown
end

return secrets
