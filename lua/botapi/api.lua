-- SPDX-License-Identifier: MIT
-- Builds the set of functions that users call, for one way to wait.

--- Makes the functions of `botapi` over a way to wait of your own, for another event loop: see the guide on loops.
-- @module botapi.api
-- @usage
-- local api = require "botapi.api"(require "botapi.drive.blocking")
-- assert(api.logout and api.bot and api.migrate)

local core = require "botapi.core"

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

for _, name in ipairs { "show", "reason", "reason.rows", "facts", "outcome", "text" } do keep("botapi." .. name) end

-- What is made of the functions when it is first used.
local LATER = {
  bot = function(api) return require "botapi.bot"(api) end,
  migrate = function(api) return require "botapi.migrate"(api) end,
  fleet = function(api) return require "botapi.fleet"(api) end,
  facebook = function(api) return require "botapi.facebook"(api) end,
  emulator = function() return require "botapi.emulator" end,
  check = function() return require "botapi.reason".check end,
  reason = function() return require "botapi.reason".reason end,
  explain = function() return require "botapi.reason".explain end,
}

-- A function of users over a driver. What is wrong with its arguments is raised by `begin`, or `check`, at the line of
-- the user, so each is called by the function itself.
local function awaited(drive, name)
  local begin, check = core.begin[name], core.check[name]
  if drive.run then
    return function(...)
      check(...)
      local done, res, err = drive.run(name, ...)
      if done then
        if err == nil then return res end
        return res, err
      end
      local call = begin(drive.engine(), ...)
      drive.await(call)
      return call:result()
    end
  end
  return function(...)
    local call = begin(drive.engine(), ...)
    drive.await(call)
    return call:result()
  end
end

--- Builds the functions: the named ones, `call`, `probe`, `check`, `reason`, `explain`, `engine`, `sleep`, and what is
-- loaded when it is first used: `bot`, `migrate`, `fleet`, `facebook`. It is what `require "botapi.api"` returns.
-- @function api
-- @tparam table drive how to wait: `sleep(seconds)`, and `blocking = true` or `engine()` and `await(call)`; maybe
--   `run(name, …)`, where calls may go another way: the function of that name with these arguments, to its end. It
--   returns true and the result, or nil: the engine is to do it.
-- @treturn table the functions
-- @usage
-- local api = require "botapi.api"(require "botapi.drive.blocking")
-- assert(select(2, api.logout "malformed").kind == "token")
local function functions_for(drive)
  local api = {
    _VERSION = core._VERSION,
    engine = core.engine,
    sleep = drive.sleep,
    drive = drive,
  }
  for name in pairs(core.begin) do
    api[name] = drive.blocking and core[name] or awaited(drive, name)
  end
  return setmetatable(api, {
    functions_for = functions_for,      -- for a fleet, whose bots wait in a way of their own
    __index = function(t, name)
      local make = LATER[name]
      local found = make and make(t)
      rawset(t, name, found)
      return found
    end,
  })
end

return functions_for
