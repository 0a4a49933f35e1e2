-- SPDX-License-Identifier: MIT
-- Owns the whole emulator in one process: clock, Telegram, rules, calls, the servers and their sockets.

local cqueues = require "cqueues"
local call_log = require "botapi.emulator.call_log"
local clock = require "botapi.emulator.clock"
local control = require "botapi.emulator.control"
local listener = require "botapi.emulator.listener"
local rules = require "botapi.emulator.rules"
local server = require "botapi.emulator.server"
local telegram = require "botapi.emulator.telegram"
local tls = require "botapi.emulator.tls"

local instance = {}
instance.__index = instance

local CONTROL_PREFIX = "/_emulator"
local MIN_SECRET = 24

-- Secrets ---------------------------------------------------------------------------------------

--- Remembers the secret of a token, so that it's kept out of what the control API says.
-- A short one is no secret by itself, only behind a bot's id: else a client that errs could take common words away.
-- @tparam string token
-- @tparam[opt] boolean stays was it given with --bot?
function instance:note_secret(token, stays)
  local secret = token:match ":(.*)$"
  if not secret or secret == "" then return end
  local kind = (stays or #secret >= MIN_SECRET) and "bare" or "behind_id"
  if self.secrets[secret] == kind or self.secrets[secret] == "bare" then return end
  self.secrets[secret] = kind
  if secret:find "[^%w_-]" then self.odd_secrets[#self.odd_secrets + 1] = secret end
end

local function forget_secrets(self)
  self.secrets, self.odd_secrets = {}, {}
  for _, token in ipairs(self.options.bots or {}) do self:note_secret(token, true) end
end

-- Replaces a secret in a text, as plain bytes; those that count only behind an id there alone.
local function replace(text, secret, is_bare)
  local parts, from = {}, 1
  local start, stop = text:find(secret, 1, true)
  while start do
    local before = text:sub(math.max(from, start - 4), start - 1)
    local counts = is_bare or before:find "%d:$" or before:find "%d%%3[aA]$"
    parts[#parts + 1] = text:sub(from, start - 1) .. (counts and "<token>" or secret)
    from = stop + 1
    start, stop = text:find(secret, from, true)
  end
  return parts[1] and table.concat(parts) .. text:sub(from) or text
end

--- Takes every token and every known secret out of a text. Not for JSON, which it could break: for the strings in it.
-- @tparam string text
-- @treturn string
function instance:redact(text)
  local secrets = self.secrets
  for _, secret in ipairs(self.odd_secrets) do text = replace(text, secret, secrets[secret] == "bare") end
  local function token(start, found)
    return (#found >= MIN_SECRET or secrets[found]) and start .. "<token>" or nil
  end
  local function secret(found)
    local bare = found:gsub("^3[aA]", "")   -- what stands behind a percent-encoded colon
    return (secrets[found] == "bare" or secrets[bare] == "bare") and "<token>" or nil
  end
  text = text:gsub("(%d:)([%w_%-]+)", token):gsub("(%d%%3[aA])([%w_%-]+)", token)
  return (text:gsub("[%w_%-]+", secret))
end

-- The instance -------------------------------------------------------------------------------------

--- An emulator that doesn't listen yet.
-- @tparam table options as, pair, bots (list of tokens), limits, host, port, tls, control
function instance.new(options)
  local self = setmetatable({options = options, loop = cqueues.new(), servers = {}, listeners = {}}, instance)
  self.spawn = function(run) self.loop:wrap(run) end
  self.clock = clock.new()
  self.telegram = telegram.new(self.clock, options.bots)
  self.rules, self.call_log = rules.new(), call_log.new(self.clock)
  for _, as in ipairs(options.pair and {"cloud", "local"} or {options.as}) do
    local kind = as == "facebook" and require "botapi.emulator.facebook" or server
    self.servers[#self.servers + 1] = kind.new(self, {as = as, limits = options.limits})
  end
  forget_secrets(self)
  return self
end

-- Listening -------------------------------------------------------------------------------------

local function is_control(target)
  return target == CONTROL_PREFIX or target:find("^" .. CONTROL_PREFIX .. "[/?]") ~= nil
end

local function is_loopback(peer)
  return peer == "" or peer:find "^127%." ~= nil or peer == "::1" or peer:find "^::ffff:127%." ~= nil
end

-- What the listener of one server does with its clients.
local function api_handler(self, each)
  local here = self.options.control == nil
  return {
    allows = function(verb, target)
      return here and is_control(target) and (verb == "PUT" or verb == "DELETE")
    end,
    accept = function(connection) return each:serve_accept(connection) end,
    head = function(connection, head)
      if here and is_control(head.target) or not self.rules.list[1] then return true end
      local goes_on = each:serve_head(connection, head)
      return goes_on == nil or goes_on
    end,
    serve = function(connection, incoming, peer)
      if here and is_control(incoming.target) and is_loopback(peer) then
        return control.serve(self, connection, incoming)
      end
      return each:serve(connection, incoming, peer)
    end,
  }
end

local function control_handler(self)
  return {
    allows = function(verb) return verb == "PUT" or verb == "DELETE" end,
    serve = function(connection, incoming) return control.serve(self, connection, incoming) end,
  }
end

local function control_address(place)
  if place:find "/" then return {path = place} end
  local host, port = place:match "^(.*):(%d+)$"
  return {host = host or "127.0.0.1", port = tonumber(port or place)}
end

local function open(self, at, handler)
  local opened, why = listener.open(at)
  if not opened then return nil, why end
  table.insert(self.listeners, opened)
  self.spawn(function() opened:run(self.spawn, handler) end)
  return opened
end

--- Opens the sockets.
-- @treturn table|nil list of the servers' URLs
-- @treturn string|nil why not
function instance:listen()
  local options, urls = self.options, {}
  local context, why
  if options.tls then
    options.tls.names = self.servers[1].names
    context, why = tls.context(options.tls)
    if not context then return nil, why end
  end
  for i, each in ipairs(self.servers) do
    local port = options.port > 0 and options.port + i - 1 or 0
    local opened
    opened, why = open(self, {host = options.host, port = port, tls = context}, api_handler(self, each))
    if not opened then return nil, string.format("can't listen on %s port %d: %s", options.host, port, why) end
    each.url = each.url_of and each:url_of(opened) or opened:url()
    urls[i] = each.url
  end
  if options.control and options.control ~= "off" then
    local opened
    opened, why = open(self, control_address(options.control), control_handler(self))
    if not opened then return nil, string.format("can't listen on %s for --control: %s", options.control, why) end
    self.control_url = opened:url()
  end
  return urls
end

--- Runs until stop is called.
function instance:run()
  self.spawn(function() self.clock:run() end)
  while not self.stopped do
    local ok, message = self.loop:step()
    if not ok then io.stderr:write("botapi emulator: ", tostring(message), "\n") end
    if self.loop:empty() then break end
  end
  for _, each in ipairs(self.listeners) do each:close() end
end

--- Ends run.
-- @tparam number code the exit code of the process
function instance:stop(code)
  self.stopped, self.code = true, self.code or code
end

--- Back to the start: all bots, rules, calls and the clock; or one bot.
-- @tparam[opt] table account
function instance:reset(account)
  for _, each in ipairs(self.servers) do each:forget(account) end
  local bot = account and account.id
  self.rules:remove(function(rule) return not bot or rule.bot == bot end)
  self.call_log:forget(bot)
  for key, each in pairs(self.telegram.accounts) do
    if not account or each == account then self.telegram.accounts[key] = nil end
  end
  if not account then
    forget_secrets(self)
    self.clock:reset()
  end
end

return instance
