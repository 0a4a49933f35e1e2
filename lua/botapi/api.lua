-- SPDX-License-Identifier: MIT
-- Builds the set of functions that users call, for one way to wait.
local core = require "botapi.core"
local methods = require "botapi.methods"
local reason = require "botapi.reason"

-- Loaded when first used: files that return function(api).
local CAPABILITIES = { bot = true, migrate = true, fleet = true, facebook = true }
-- Loaded when first used: modules of their own.
local MODULES = { emulator = true }

-- Where a function's users find what engine:start calls its arguments.
local PLACES = {
  plain = { [2] = 1, [5] = 2 },
  params = { [2] = 1, [4] = 2, [5] = 3 },
  call = { [2] = 1, [3] = 2, [4] = 3, [5] = 4 },
}

-- Raises in the words of the function that was called, at its caller.
local function blame(message, name, places)
  local number, detail = tostring(message):match "^bad argument #(%d+) to .- (%(.*%))$"
  local place = number and places[tonumber(number)]
  if not place then error(message, 0) end
  error(("bad argument #%d to '%s' %s"):format(place, name, detail), 4)
end

-- A driver's call: started on its engine, awaited, its result returned.
local function perform(drive, name, places, token, method, params, options)
  if drive.perform then
    return drive.perform(token, method, params, options)
  end
  local engine = drive.engine()
  local ok, call = pcall(engine.start, engine, token, method, params, options)
  if not ok then blame(call, name, places) end
  drive.await(call)
  return call:result()
end

-- The named functions, for a driver: as the core's are for blocking calls.
local function named(drive, method)
  if next(method.params) == nil then
    return function(token, options)
      return perform(drive, method.lua, PLACES.plain, token, method.name, nil, options)
    end
  end
  return function(token, params, options)
    core.check_params(method, params)
    return perform(drive, method.lua, PLACES.params, token, method.name, params, options)
  end
end

local function add_functions(api, drive)
  for _, method in pairs(methods) do
    if method.lua then api[method.lua] = named(drive, method) end
  end
  function api.call(token, method, params, options)
    return perform(drive, "call", PLACES.call, token, method, params, options)
  end
  function api.probe(server, options)
    if drive.probe then return drive.probe(server, options) end
    local call = drive.engine():probe(server, options)
    drive.await(call)
    return call:result()
  end
end

local function add_blocking(api)
  for _, method in pairs(methods) do
    if method.lua then api[method.lua] = core[method.lua] end
  end
  api.call = core.call
  api.probe = core.probe
end

--- Builds the functions of design: the named ones, `call`, `probe`, `check`,
-- `reason`, `explain`, `engine`, `sleep`, and `bot` and `migrate`.
-- @tparam table drive how to wait: `sleep(seconds)`, and either
--   `blocking = true` or `engine()` and `await(call)`
-- @treturn table the functions
-- @usage
-- local api = require "botapi.api"(require "botapi.drive.blocking")
-- assert(api.logout == require "botapi.core".logout)
return function(drive)
  local api = {
    _VERSION = core._VERSION,
    engine = core.engine,
    check = reason.check,
    reason = reason.reason,
    explain = reason.explain,
    sleep = drive.sleep,
    drive = drive,
  }
  if drive.blocking then add_blocking(api) else add_functions(api, drive) end
  return setmetatable(api, {
    __index = function(t, name)
      local found
      if CAPABILITIES[name] then found = require("botapi." .. name)(t) end
      if MODULES[name] then found = require("botapi." .. name) end
      if found then rawset(t, name, found) end
      return found
    end,
  })
end
