-- SPDX-License-Identifier: MIT
-- Owns what is made of the functions of users when it is first used, and what a wrong name is told.

local core = require "botapi.core"
local misuse = require "botapi.misuse"

local function of_api(api, fn) return api.drive.blocking and core.framed(fn) or fn end

local framed_array            -- one for all: what it makes is the same everywhere

local function array()
  framed_array = framed_array or core.framed(require "botapi.json".array)
  return framed_array
end

local function check_migrate(_, given)
  local settings, why = require "botapi.migrate.options".read(given)
  if not settings then misuse("migrate", why) end
end

local makers = {
  bot = function(api) return of_api(api, require "botapi.bot"(api)) end,
  migrate = function(api, wrapped) return wrapped(api.drive, require "botapi.migrate"(api), check_migrate) end,
  fleet = function(api) return of_api(api, require "botapi.fleet"(api)) end,
  facebook = function(api) return require "botapi.facebook"(api) end,
  array = array,
  null = function() return require "botapi.json".null end,
  download = function(api) return of_api(api, require "botapi.download".of(api)) end,
  emulator = function() return require "botapi.emulator" end,
  check = function() return require "botapi.reason".check end,
  reason = function() return require "botapi.reason".reason end,
  explain = function() return require "botapi.reason".explain end,
  help = function() return core.framed(require "botapi.help".show) end,
}

-- Of a name that is nearly that of a function, or a method's of the Bot API, raises which one was meant; any other is
-- nil, as a field of somebody's own may be.
local function refuse_misnamed(name)
  local meant = require "botapi.help".meant(name)
  if meant then core.raise(("botapi has no function '%s': %s"):format(name, meant)) end
end

--- Makes what has a name, and keeps it with the functions.
-- @tparam table api the functions
-- @string name
-- @tparam function wrapped makes what users get of a function: of the driver, the function and its check
return function(api, name, wrapped)
  local make = makers[name]
  if not make then return refuse_misnamed(name) end
  local found = make(api, wrapped)
  rawset(api, name, found)
  return found
end
