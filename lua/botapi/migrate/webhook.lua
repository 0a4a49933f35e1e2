-- SPDX-License-Identifier: MIT
-- Owns the webhook of a move: what was read, what is to be set, what can't be kept, what came of it, and the token in
-- its URL.

local core = require "botapi.core"
local facts = require "botapi.facts"
local rules = require "botapi.migrate.webhook_rules"
local texts = require "botapi.text"

local webhook = {}

local STARS = "***"             -- what the redactor leaves
-- What stands in the journal for the secret, and for stars of the URL's own: no URL has a space, and no word in them is
-- as long as a part that the redactor hides.
local SECRET, OWN_STARS = "{the token}", "{three stars}"

--- The kinds of update that getWebhookInfo told, fit to be shown; none for the default.
-- @tparam table res the answer
function webhook.kinds(res)
  local list = {}
  for i, kind in ipairs(res.result.allowed_updates or {}) do list[i] = core.clean(kind, res) end
  return list
end

--- What getWebhookInfo told, reduced to what setWebhook takes, and `shown`, its URL for people; nil where none is set.
-- Never ip_address: it is what DNS said on the old server's side.
-- @tparam table res the answer
function webhook.read(res)
  local info = res.result
  if (info.url or "") == "" then return nil end
  return { url = info.url, shown = core.clean(info.url, res), max_connections = info.max_connections,
    allowed_updates = info.allowed_updates and webhook.kinds(res),
    has_certificate = info.has_custom_certificate == true }
end

--- The same with another URL: the one for people, or the one for the journal.
function webhook.copy(old, url)
  return old and { url = url, shown = old.shown, max_connections = old.max_connections,
    allowed_updates = old.allowed_updates, has_certificate = old.has_certificate }
end

-- What the move sets ----------------------------------------------------------------

-- What an option of a move, or a member of its table, may say of it in place of what was set on the old server.
webhook.options = { "secret_token", "certificate", "max_connections", "allowed_updates", "ip_address" }

-- The old server's list of kinds; an empty one is the default. It is there without a webhook, too.
local function kinds_of(state) return state.old and state.old.allowed_updates or state.kinds or {} end

-- What it had, as far as the new server takes so many.
local function connections_of(state, kind)
  local most = state.old and state.old.max_connections
  return most and kind == "cloud" and math.min(most, facts.WEBHOOK_CONNECTIONS) or most or nil
end

-- A list always goes along, an empty one for the default: without one the new server keeps a list of its own.
local function complete(given, state, kind)
  local params = {}
  for name, value in pairs(given) do params[name] = value or nil end
  params.allowed_updates = params.allowed_updates or kinds_of(state)
  params.max_connections = params.max_connections or connections_of(state, kind)
  return params
end

--- Did the caller say that there is to be none?
function webhook.is_none(settings)
  return settings.webhook == false or type(settings.webhook) == "table" and settings.webhook.url == ""
end

--- The parameters for setWebhook on the new server; false where none is to be set. What isn't said is as it was.
-- @tparam table settings
-- @tparam botapi.migrate.Webhook state
function webhook.new(settings, state)
  if type(settings.webhook) == "table" then
    return not webhook.is_none(settings) and complete(settings.webhook, state, settings.to.kind)
  elseif settings.webhook ~= "keep" or not state.old then
    return false
  end
  local given = { url = state.old.url }
  for _, name in ipairs(webhook.options) do given[name] = settings[name] end
  return complete(given, state, settings.to.kind)
end

--- The parameters that put it back on the old server, after a step that was refused.
function webhook.restored(settings, old)
  local given = type(settings.webhook) == "table" and settings.webhook or {}
  return { url = old.url, max_connections = old.max_connections, allowed_updates = old.allowed_updates or {},
    secret_token = settings.secret_token or given.secret_token,
    certificate = old.has_certificate and (settings.certificate or given.certificate) or nil }
end

--- Does what puts the webhook back lack what it had, or may have had? Of another URL they are only guessed.
function webhook.is_less(settings, old, params)
  local is_guessed = type(settings.webhook) == "table" and settings.webhook.url ~= old.url
  local has_secret = settings.secret_token ~= nil or params.secret_token ~= nil and not is_guessed
  local has_certificate = settings.certificate ~= nil or params.certificate ~= nil and not is_guessed
  return not has_secret or old.has_certificate and not has_certificate
end

local AS_IT_WAS, DEFAULT_KINDS = " (as it was)", "the default kinds"

-- What no server tells.
local function hidden_line(value, is_missing)
  return value and "as given" or is_missing and "not given" or "none"
end

local function connections_line(new, given, state)
  local had, most = state.old and state.old.max_connections, new.max_connections
  if not most then return "the server's default" end
  if given.max_connections then return ("%d"):format(most) end
  return ("%d"):format(most) .. (most == had and AS_IT_WAS or (" (it was %d; the cloud opens no more)"):format(had))
end

local function kinds_line(new, given, state)
  local list = table.concat(new.allowed_updates, ", ")
  local is_kept = not given.allowed_updates and (state.old or state.kinds)
  return (list == "" and DEFAULT_KINDS or list) .. (is_kept and AS_IT_WAS or "")
end

--- What is to be set, for people: pairs of a parameter's name and its value.
-- @tparam table settings
-- @tparam botapi.migrate.Webhook state
-- @string url fit to be shown
function webhook.lines(settings, state, url)
  local new, given = state.new, type(settings.webhook) == "table" and settings.webhook or settings
  local is_kept = settings.webhook == "keep"
  local needs = settings.to.kind == "local" and rules.problem(new, "cloud", true)
  local lines = {
    { "url", url .. (is_kept and AS_IT_WAS or "") },
    { "secret_token", hidden_line(new.secret_token, is_kept and settings.secret_token == nil) },
    { "certificate", hidden_line(new.certificate, is_kept and state.old.has_certificate) },
    { "max_connections", connections_line(new, given, state) },
    { "allowed_updates", kinds_line(new, given, state) },
    { "ip_address", new.ip_address or "looked up there: one that was set is not kept" },
  }
  if needs then lines[#lines + 1] = { "note", "only a server that was started with --local takes it: " .. needs } end
  if new.drop_pending_updates then
    lines[#lines + 1] = { "note", "drop_pending_updates: updates that wait by then are lost" }
  end
  return lines
end

-- What came of it -------------------------------------------------------------------

-- A list of kinds as servers write it: each name once, in lower case, in one order.
local function normal(list)
  local names, seen = {}, {}
  for _, name in ipairs(type(list) == "table" and list or {}) do
    name = tostring(name):lower()
    if not seen[name] then names[#names + 1] = name end
    seen[name] = true
  end
  table.sort(names)
  return #names == 0 and DEFAULT_KINDS or table.concat(names, ", ")
end

-- Each parameter that is read back: its value in what was sent (nil: any will do), and in what getWebhookInfo says.
local read_back = {
  { "url", function(new) return new.url end, function(info) return info.url end },
  { "certificate", function(new) return new.certificate and "one of its own" or "none" end,
    function(info) return info.has_custom_certificate == true and "one of its own" or "none" end },
  { "max_connections", function(new) return new.max_connections end, function(info) return info.max_connections end },
  { "allowed_updates", function(new) return normal(new.allowed_updates) end,
    function(info) return normal(info.allowed_updates) end },
  { "ip_address", function(new) return new.ip_address and rules.address(new.ip_address) end,
    function(info) return type(info.ip_address) == "string" and rules.address(info.ip_address) or info.ip_address end },
}

--- What getWebhookInfo shows to be otherwise than it was sent, as sentences.
-- @tparam table new parameters of setWebhook
-- @tparam table info the result of getWebhookInfo
-- @tparam function show a URL for people
-- @treturn {string,...}
function webhook.differences(new, info, show)
  local list = {}
  for _, each in ipairs(read_back) do
    local wanted, found = each[2](new), each[3](info)
    if wanted ~= nil and wanted ~= found then
      list[#list + 1] = ("%s: asked for %s, set is %s"):format(each[1], show(tostring(wanted)),
        found == nil and "none" or show(tostring(found)))
    end
  end
  return list
end

-- What can't be kept ----------------------------------------------------------------

--- What the move would lose of it, as losses: `name`, `text`.
function webhook.losses(settings, old)
  local list = {}
  if old and settings.webhook == nil then
    list[1] = { name = "webhook", text = "the webhook " .. old.shown .. " would be erased" }
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

-- The token in its URL --------------------------------------------------------------

local function replace(text, wanted, by)
  wanted, by = wanted:gsub("%W", "%%%0"), by:gsub("%%", "%%%%")
  return (text:gsub(wanted, by))
end

--- Functions for URLs that may hold the token: `for_journal` puts a placeholder where its secret was, and stars where
-- it has another form, or where the token is a userdata; `from_journal` puts the secret back, or returns nil where
-- there are stars; `for_people` writes stars only, in one line.
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
    for_people = function(url) return texts.said((core.redact(url, token))) end,
  }
end

return webhook
