-- SPDX-License-Identifier: MIT
-- Owns one emulator: its clock, Telegram, rules, recorded calls, servers and sockets.

local cqueues = require "cqueues"
local call_log = require "botapi.emulator.call_log"
local clock = require "botapi.emulator.clock"
local control = require "botapi.emulator.control"
local listener = require "botapi.emulator.listener"
local read_text = require "botapi.emulator.reader".read_text
local request = require "botapi.emulator.request"
local rules = require "botapi.emulator.rules"
local secrets = require "botapi.emulator.secrets"
local server = require "botapi.emulator.server"
local telegram = require "botapi.emulator.telegram"
local tls = require "botapi.emulator.tls"

local instance = {}
instance.__index = instance

--- An emulator that doesn't listen yet. Options: as, pair, bots (list of tokens), limits,
-- filter, host, port, tls, control.
function instance.new(options)
  math.randomseed(os.time() + math.floor(cqueues.monotime() * 1e6) % 2 ^ 20)
  local loop, time = cqueues.new(), clock.new()
  local self = setmetatable({
    options = options, loop = loop, spawn = function(run) loop:wrap(run) end,
    clock = time, telegram = telegram.new(time, options.bots), rules = rules.new(), call_log = call_log.new(time),
    secrets = secrets.new(options.bots), servers = {}, listeners = {},
    control_url = nil,               -- of a control API on a socket of its own
    is_stopped = false, code = nil,  -- the exit code
  }, instance)
  for i, as in ipairs(options.pair and {"cloud", "local"} or {options.as}) do
    local kind = as == "facebook" and require "botapi.emulator.facebook" or server
    self.servers[i] = kind.new(self, {as = as, limits = options.limits, pair = options.pair,
      filter = not (options.pair and as == "cloud") and options.filter or nil})
  end
  return self
end

local function is_control(target)
  return (target .. "/"):find "^/_emulator[/?]" ~= nil
end

local function is_loopback(peer)
  return peer:find "^127%." ~= nil or peer == "::1" or peer:find "^::ffff:127%." ~= nil
end

local function is_control_verb(verb)
  return verb == "PUT" or verb == "DELETE"
end

-- What the listener of one server does with its clients.
local function server_handler(self, each)
  local has_control = self.options.control == nil
  return {
    allows = function(verb, target) return has_control and is_control(target) and is_control_verb(verb) end,
    accept = function(client) return each:serve_accept(client) end,
    head = function(client, head)
      if has_control and is_control(head.target) or not self.rules.list[1] then return true end
      return each:serve_head(client, head)
    end,
    read = function(head, body)
      if has_control and is_control(head.target) then return read_text(head, body) end
      return request.read(head, body)
    end,
    serve = function(client, incoming)
      if has_control and is_control(incoming.target) and is_loopback(incoming.peer) then
        return control.serve(self, client, incoming)
      end
      return each:serve(client, incoming)
    end,
  }
end

-- The address of a control API: a port, HOST:PORT or a path.
local function control_address(text)
  if text:find "/" then return {path = text} end
  local host, port = text:match "^(.*):(%d+)$"
  return {host = host or "127.0.0.1", port = tonumber(port or text)}
end

local function open(self, at, handler)
  local opened, why = listener.open(at)
  if not opened then return nil, why end
  table.insert(self.listeners, opened)
  self.spawn(function() opened:run(self.spawn, handler) end)
  return opened
end

--- Opens the sockets. Returns the list of the servers' URLs, or nil and why not.
function instance:listen()
  local options, urls, context, opened, why = self.options, {}
  if options.tls then
    options.tls.names = self.servers[1].names
    context, why = tls.context(options.tls)
    if not context then return nil, why end
  end
  for i, each in ipairs(self.servers) do
    local port = options.port > 0 and options.port + i - 1 or 0
    opened, why = open(self, {host = options.host, port = port, tls = context}, server_handler(self, each))
    if not opened then return nil, string.format("can't listen on %s port %d: %s", options.host, port, why) end
    each.url = each.url_of and each:url_of(opened) or opened:url()
    urls[i] = each.url
  end
  if options.control and options.control ~= "off" then
    opened, why = open(self, control_address(options.control), {allows = is_control_verb,
      serve = function(client, incoming) return control.serve(self, client, incoming) end})
    if not opened then return nil, string.format("can't listen on %s for --control: %s", options.control, why) end
    self.control_url = opened:url()
  end
  return urls
end

--- Runs until stop is called.
function instance:run()
  self.spawn(function() self.clock:run() end)
  while not self.is_stopped do
    local ok, message = self.loop:step()
    if not ok then io.stderr:write("botapi emulator: ", tostring(message), "\n") end
    if self.loop:empty() then break end
  end
  for _, each in ipairs(self.listeners) do each:close() end
  self.telegram.files:clean()
end

--- Ends `run`; the code is the process's exit code.
function instance:stop(code)
  self.is_stopped, self.code = true, self.code or code
end

--- Resets everything, or one account.
function instance:reset(account)
  for _, each in ipairs(self.servers) do each:forget(account) end
  local bot = account and account.id
  self.rules:remove(function(rule) return not bot or rule.bot == bot end)
  self.call_log:forget(bot)
  self.telegram.files:forget(account)
  for key, each in pairs(self.telegram.accounts) do
    if not account or each == account then self.telegram.accounts[key] = nil end
  end
  if not account then
    self.secrets:forget()
    self.clock:reset()
  end
end

return instance
