-- SPDX-License-Identifier: MIT
-- The ways to make a call, all as caller(method, token, params, options) → res, err: what support.matrix runs on.

local callers = {}

--- The blocking functions: the named one where there is one, else botapi.call.
function callers.blocking()
  local botapi = require "botapi"
  local named = {logOut = botapi.logout, getMe = botapi.get_me, close = botapi.close_instance,
    getWebhookInfo = botapi.get_webhook_info}
  return function(method, token, params, options)
    if named[method] and params == nil then
      return named[method](token, options)
    end
    return botapi.call(token, method, params, options)
  end
end

-- Steps until a call is done: the engine must never need more steps than there are things to do.
local function finish(engine, call)
  local steps = 0
  while not call:done() do
    engine:step(1)
    steps = steps + 1
    assert(steps < 1000000, "the engine spins")
  end
  return call:result()
end

--- An engine of its own, stepped. The second value closes it.
function callers.engine()
  local engine
  local function call(method, token, params, options)
    engine = engine or require("botapi").engine()
    return finish(engine, engine:start(token, method, params, options))
  end
  local function close()
    if engine then
      engine:close()
      engine = nil
    end
  end
  return call, close
end

-- The named function of a driver's module, or its `call`.
local function of(api, method, token, params, options)
  local named = {logOut = api.logout, getMe = api.get_me, close = api.close_instance,
    getWebhookInfo = api.get_webhook_info}
  if named[method] and params == nil then
    return named[method](token, options)
  end
  return api.call(token, method, params, options)
end

-- In a coroutine of an event loop, the same for all calls, with nothing left in it after each.
local function in_loop(name)
  local entry = assert(require "support.loops".find(name))
  local loop, api = entry.open(), require(entry.module)
  return function(...)
    local args, res, err, ended = {n = select("#", ...), ...}, nil, nil, false
    loop.run(function()
      res, err = of(api, (table.unpack or unpack)(args, 1, args.n))
      ended = true
    end, assert)
    assert(ended, "the loop ended before the call")
    return res, err
  end
end

--- Any other name is an event loop's, of support.loops.
setmetatable(callers, {__index = function(_, name)
  return function() return in_loop(name) end
end})

return callers
