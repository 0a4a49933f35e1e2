-- SPDX-License-Identifier: MIT
-- Owns what a caller may ask of a session: reads the options, says what is wrong with them.

local core = require "botapi.core"
local forms = require "botapi.facebook.forms"
local policy = require "botapi.policy"
local server = require "botapi.server"

local options = {}

local RETRIES = 2
local MAX_RESPONSE = 16 * 1024 * 1024

-- Options of every call that a session doesn't take.
local refused = { "server", "test", "plain_http", "reuse", "unix_socket" }

-- Each option of a session: its type, and of a whole number its range.
local own = { retries = { 0, 10 }, port = { 1, 65535 }, appstate_path = "string", on_event = "function" }
options.own = own

local function path_problem(path)
  return forms.has_cookies(path) and "option 'appstate_path': the name of a file expected, not cookies" or nil
end

local function problem_of(name, value)
  local wanted = own[name]
  if type(wanted) == "string" then
    local problem = policy.mismatch(name, value, { wanted })
    return problem or name == "appstate_path" and path_problem(value) or nil
  end
  if type(value) ~= "number" or not (wanted[1] <= value and value <= wanted[2]) or value % 1 ~= 0 then
    return ("option '%s': a whole number from %d to %d expected"):format(name, wanted[1], wanted[2])
  end
end

local function call_problem(call)
  for _, name in ipairs(refused) do
    if call[name] ~= nil then return ("unknown option '%s'"):format(name) end
  end
  local ok, why = pcall(core.base, call)        -- only checks: nothing in it yields
  return not ok and why or nil
end

local function has_header(headers, name)
  for each in pairs(headers or {}) do
    if each:lower() == name then return true end
  end
end

-- As a browser does: where the form comes from.
local function add_defaults(call, base)
  local headers = {}
  for name, value in pairs(call.headers or {}) do headers[name] = value end
  if not has_header(headers, "origin") then headers.Origin = base end
  if not has_header(headers, "referer") then headers.Referer = base .. "/" end
  call.headers, call.max_response = headers, call.max_response or MAX_RESPONSE
end

--- Reads the options of a session.
-- @param given what the caller gave
-- @treturn ?table `call`: the options of each call; `policy`: the session's own, with `base`, the URL of the site
-- @treturn ?string what is wrong
function options.read(given)
  if given ~= nil and type(given) ~= "table" then return nil, "options: table expected, got " .. type(given) end
  local call, mine = {}, {}
  for name, value in pairs(policy.plain(given, own) or {}) do
    local problem = policy.unknown(name, own) or own[name] and problem_of(name, value)
    if problem then return nil, problem end
    (own[name] and mine or call)[name] = value
  end
  local problem = call_problem(call)
  if problem then return nil, problem end
  mine.base, mine.retries = server.facebook(mine.port), mine.retries or RETRIES
  add_defaults(call, mine.base)
  return { call = call, policy = mine }
end

return options
