-- SPDX-License-Identifier: MIT
-- Owns the webhook of a move: what was read, what is to be set, what can't be kept, and the token in its URL.

local core = require "botapi.core"
local facts = require "botapi.facts"

local webhook = {}

local unpack = table.unpack or unpack

local STARS = "***"             -- what the redactor leaves
-- What stands in the journal for the secret, and for stars of the URL's own: no URL has a space, and no word in them is
-- as long as a part that the redactor hides.
local SECRET, OWN_STARS = "{the token}", "{three stars}"

--- What getWebhookInfo told, reduced to what setWebhook takes, and `shown`, its URL for people; nil where none is set.
-- Never ip_address: it is what DNS said on the old server's side.
-- @tparam table res the answer
function webhook.read(res)
  local info = res.result
  if type(info) ~= "table" or type(info.url) ~= "string" or info.url == "" then return nil end
  return { url = info.url, shown = core.clean(info.url, res), max_connections = info.max_connections,
    allowed_updates = info.allowed_updates, has_certificate = info.has_custom_certificate == true }
end

--- The same with another URL: the one for people, or the one for the journal.
function webhook.copy(old, url)
  return old and { url = url, shown = old.shown, max_connections = old.max_connections,
    allowed_updates = old.allowed_updates, has_certificate = old.has_certificate }
end

local function kept(settings, old)
  return { url = old.url, max_connections = old.max_connections, allowed_updates = old.allowed_updates,
    secret_token = settings.secret_token or nil, certificate = settings.certificate }
end

--- The parameters for setWebhook on the new server; false where none is to be set.
function webhook.new(settings, old)
  if type(settings.webhook) == "table" then
    return settings.webhook.url ~= "" and settings.webhook
  end
  return settings.webhook == "keep" and old and kept(settings, old)
end

--- The parameters that put it back on the old server, after a step that was refused.
function webhook.restored(settings, old)
  local params = kept(settings, old)
  if type(settings.webhook) == "table" then
    params.secret_token = params.secret_token or settings.webhook.secret_token
    params.certificate = params.certificate or settings.webhook.certificate
  end
  return params
end

--- What the move would lose of it, as losses: `name`, `text`.
function webhook.losses(settings, old)
  local list = {}
  if old and settings.webhook == nil then
    list[1] = { name = "webhook",
      text = "the webhook " .. old.shown .. " would be erased, and nothing says what to set instead" }
  end
  if old and settings.webhook == "keep" then
    if settings.secret_token == nil then
      list[1] = { name = "secret", text = "the webhook's secret_token can't be read back" }
    end
    if old.has_certificate and not settings.certificate then
      list[#list + 1] = { name = "certificate", text = "the webhook's certificate can't be read back" }
    end
  end
  return list
end

--- Why the new server would refuse this URL; nil when it would take it.
-- @string url
-- @string kind of the server: "cloud" or "local"
function webhook.problem(url, kind)
  local scheme, authority = url:match "^(%a+)://([^/?#]*)"
  local known = scheme and (scheme:lower() == "https" or scheme:lower() == "http")
  if not known or authority == "" then return "http:// or https:// is expected" end
  if kind ~= "cloud" then return end
  if scheme:lower() ~= "https" then return "the cloud takes https only" end
  local port = authority:match ":(%d*)$"
  if not port or port == "" then return nil end
  for _, taken in ipairs(facts.WEBHOOK_PORTS) do
    if tonumber(port) == taken then return nil end
  end
  return ("the cloud takes the ports %d, %d, %d and %d only"):format(unpack(facts.WEBHOOK_PORTS))
end

local function replace(text, wanted, by)
  wanted, by = wanted:gsub("%W", "%%%0"), by:gsub("%%", "%%%%")
  return (text:gsub(wanted, by))
end

--- Functions for URLs that may hold the token: `for_journal` puts a placeholder where its secret was, and stars where
-- it has another form, or where the token is a userdata; `from_journal` puts the secret back, or returns nil where
-- there are stars; `for_people` writes stars only.
function webhook.urls(token)
  local secret = type(token) == "string" and token:match "^%d+:(.+)$"
  return {
    for_journal = function(url)
      url = replace(url, STARS, OWN_STARS)
      return core.redact(secret and replace(url, secret, SECRET) or url, token, "tokens")
    end,
    from_journal = function(url)
      if url:find(STARS, 1, true) or not secret and url:find(SECRET, 1, true) then return nil end
      url = secret and replace(url, SECRET, secret) or url
      return replace(url, OWN_STARS, STARS)
    end,
    for_people = function(url) return core.redact(url, token) end,
  }
end

return webhook
