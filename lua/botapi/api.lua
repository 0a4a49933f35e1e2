-- SPDX-License-Identifier: MIT
-- Builds the set of functions that users call, for one way to wait.

--- Makes the functions of `botapi` over a way to wait of your own, for another event loop: see the guide on loops.
-- @module botapi.api
-- @usage
-- local api = require "botapi.api"(require "botapi.drive.blocking")
-- assert(api.logout and api.bot and api.migrate)

local core = require "botapi.core"
local keep = require "botapi.keep"

for _, name in ipairs { "json", "show", "policy", "params", "value", "attach", "reason", "reason.rows", "facts",
  "machine", "outcome", "text", "nearest", "misnamed", "misuse", "place", "later" } do
  keep("botapi." .. name)
end

local LONGEST_SLEEP = 1e9       -- as of an engine's timer

-- What users get: of a loop that takes more than the function does, and of one that blocks, as at a prompt.
local function wrapped(drive, fn, check)
  if drive.blocking then return core.framed(fn) end
  return drive.wrap and drive.wrap(fn, check) or fn
end

local function check_sleep(seconds)
  if type(seconds) == "number" and seconds >= 0 and seconds <= LONGEST_SLEEP then return end
  require "botapi.misuse"("sleep", "seconds: a number from 0 to 1e9 expected")
end

-- A driver's own, whose arguments are checked here.
local function sleep_of(drive)
  return function(seconds, ...)
    check_sleep(seconds)
    return drive.sleep(seconds, ...)
  end
end

-- Waits for a call, and tells its `on_progress` meanwhile: what that raises cancels the call and is raised.
local function follow(drive, call)
  local on_progress = call:on_progress()
  drive.await(call)
  local done, total = call:news()
  while done ~= nil do
    local ok, raised = true, nil
    if done then ok, raised = pcall(on_progress, done, total) end
    if not ok then
      call:cancel()
      error(raised, 0)
    end
    drive.await(call)
    done, total = call:news()
  end
end

-- The result of a call of this driver's engine.
local function waited(drive, call)
  if call:on_progress() then follow(drive, call) else drive.await(call) end
  return call:result()
end

-- A function of users over a driver.
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
      return waited(drive, call)
    end
  end
  return function(...)
    local call = begin(drive.engine(), ...)
    return waited(drive, call)
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
    file = core.file,
    sleep = wrapped(drive, sleep_of(drive), check_sleep),
    drive = drive,
  }
  for name in pairs(core.begin) do
    api[name] = wrapped(drive, drive.blocking and core[name] or awaited(drive, name), core.check[name])
  end
  return setmetatable(api, {
    functions_for = functions_for,      -- for a fleet, whose bots wait in a way of their own
    __index = function(t, name) return require "botapi.later"(t, name, wrapped) end,
    __tostring = function() return require "botapi.help".list() end,
    __name = "botapi",
  })
end

return functions_for
