-- SPDX-License-Identifier: MIT
-- Builds the set of functions that users call, for one way to wait.

--- Makes the functions of `botapi` over a way to wait of your own, for another event loop: see the guide on loops.
-- @module botapi.api
-- @usage
-- local api = require "botapi.api"(require "botapi.drive.blocking")
-- assert(api.logout and api.bot and api.migrate)

local core = require "botapi.core"
local methods = require "botapi.methods"

-- Reads a module now, and compiles it when it is first required: most programs that make one call never need these, and
-- compiling takes longer than the rest of botapi. A program that can't open a file any more still finds them.
local function keep(name)
  if package.loaded[name] or package.preload[name] then return end
  local path = package.searchpath and package.searchpath(name, package.path)
  local file = path and io.open(path, "rb")
  if not file then return require(name) end     -- Lua 5.1, or a searcher of the user's own
  local parts = {}                              -- small ones: where a buffer grows, the collector isn't asked to help
  for part in function() return file:read(512) end do parts[#parts + 1] = part end
  file:close()
  package.preload[name] = function(...)
    local i = 0
    local function next_part()
      i = i + 1
      return parts[i]
    end
    return assert(load(next_part, "@" .. path))(...)
  end
end

for _, name in ipairs { "botapi.show", "botapi.reason", "botapi.reason.rows" } do keep(name) end

-- Loaded when first used: files that return function(api).
local CAPABILITIES = { bot = true, migrate = true, fleet = true, facebook = true }
-- Loaded when first used: modules of their own.
local MODULES = { emulator = true }
-- Loaded when first used: functions of botapi.reason.
local REASONS = { check = true, reason = true, explain = true }

-- Where a function's users find what the engine counts, itself first: token, method, params, options.
local PLACES = {
  plain = { [2] = 1, [5] = 2 },
  params = { [2] = 1, [4] = 2, [5] = 3 },
  call = { [2] = 1, [3] = 2, [4] = 3, [5] = 4 },
  check = { [2] = 2 },
  probe = { [2] = 1, [3] = 2 },
}

-- Raises in the words of the function that was called, at its caller: no function between them makes a tail call.
local function blame(message, name, places)
  local number, detail = tostring(message):match "^bad argument #(%d+) to .- (%(.*%))$"
  local place = number and places[tonumber(number)]
  if not place then error(message, 0) end
  error(("bad argument #%d to '%s' %s"):format(place, name, detail), 4)
end

-- A call on the driver's engine, awaited: true and its result, or false and why it can't be started.
local function run(drive, verb, ...)
  if drive.run then
    local ok, res, err = drive.run(verb, ...)
    if ok ~= nil then return ok, res, err end
  end
  local engine = drive.engine()
  local ok, call = pcall(engine[verb], engine, ...)
  if not ok then return false, call end
  drive.await(call)
  return true, call:result()
end

local function perform(drive, name, places, verb, ...)
  local ok, res, err = run(drive, verb, ...)
  if not ok then blame(res, name, places) end
  if err == nil then return res end
  return res, err
end

-- `return same(fn())` is no tail call of fn.
local function same(...) return ... end

local function check(method, params)
  local ok, why = pcall(core.check_params, method, params)
  if not ok then blame(why, method.lua, PLACES.check) end
end

-- The named functions, for a driver: as the core's are for blocking calls.
local function named(drive, method)
  if next(method.params) == nil then
    return function(token, options)
      return same(perform(drive, method.lua, PLACES.plain, "start", token, method.name, nil, options))
    end
  end
  return function(token, params, options)
    check(method, params)
    return same(perform(drive, method.lua, PLACES.params, "start", token, method.name, params, options))
  end
end

local function add_functions(api, drive)
  for _, method in pairs(methods) do
    if method.lua then api[method.lua] = named(drive, method) end
  end
  function api.call(token, method, params, options)
    return same(perform(drive, "call", PLACES.call, "start", token, method, params, options))
  end
  function api.probe(server, options)
    return same(perform(drive, "probe", PLACES.probe, "probe", server, options))
  end
end

local function add_blocking(api)
  for _, method in pairs(methods) do
    if method.lua then api[method.lua] = core[method.lua] end
  end
  api.call = core.call
  api.probe = core.probe
end

--- Builds the functions: the named ones, `call`, `probe`, `check`, `reason`, `explain`, `engine`, `sleep`, and what is
-- loaded when it is first used: `bot`, `migrate`, `fleet`, `facebook`. It is what `require "botapi.api"` returns.
-- @function api
-- @tparam table drive how to wait: `sleep(seconds)`, and `blocking = true` or `engine()` and `await(call)`; maybe
--   `run(verb, …)`, where calls may go another way: the engine's `start` or `probe`, to its end. It returns true and
--   the result, false and what was raised, or nil: the engine is to do it.
-- @treturn table the functions
-- @usage
-- local api = require "botapi.api"(require "botapi.drive.blocking")
-- assert(api.logout == require "botapi.core".logout)
return function(drive)
  local api = {
    _VERSION = core._VERSION,
    engine = core.engine,
    sleep = drive.sleep,
    drive = drive,
  }
  if drive.blocking then add_blocking(api) else add_functions(api, drive) end
  return setmetatable(api, {
    __index = function(t, name)
      local found
      if CAPABILITIES[name] then found = require("botapi." .. name)(t) end
      if MODULES[name] then found = require("botapi." .. name) end
      if REASONS[name] then found = require "botapi.reason"[name] end
      if found then rawset(t, name, found) end
      return found
    end,
  })
end
