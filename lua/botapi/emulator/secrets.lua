-- SPDX-License-Identifier: MIT
-- Owns the secrets of the tokens that came, and keeps them out of what the control API says.

local secrets = {}
secrets.__index = secrets

local MIN_LENGTH = 24

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
  self.is_bare[secret] = self.is_bare[secret] or is_given or #secret >= MIN_LENGTH
end

--- Forgets all but those that were given.
function secrets:forget()
  self.is_bare, self.unusual = {}, {}
  for _, token in ipairs(self.tokens) do self:add(token, true) end
end

--- Replaces every token and every known secret in a text. JSON could break: it takes the strings in it.
function secrets:redact(text)
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
    return (#found >= MIN_LENGTH or is_bare[found] ~= nil) and start .. "<token>" or nil
  end
  local function secret(found)
    local behind = found:gsub("^3[aA]", "")   -- what stands after a percent-encoded colon
    return (is_bare[found] or is_bare[behind]) and "<token>" or nil
  end
  text = text:gsub("(%d:)([%w_%-]+)", token):gsub("(%d%%3[aA])([%w_%-]+)", token)
  return (text:gsub("[%w_%-]+", secret))
end

return secrets
