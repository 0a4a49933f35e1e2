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

--- In a coroutine of a cqueues controller, the same for all calls, which is empty after each.
function callers.cqueues()
  local loop, api = require "cqueues".new(), require "botapi.cqueues"
  return function(...)
    local args, res, err = {n = select("#", ...), ...}, nil, nil
    loop:wrap(function() res, err = of(api, (table.unpack or unpack)(args, 1, args.n)) end)
    assert(loop:loop())
    return res, err
  end
end

--- In a coroutine on libuv's loop, which ends when the call does.
function callers.luv()
  local uv, api = require "luv", require "botapi.luv"
  return function(...)
    local res, err, ended
    coroutine.wrap(function(...)
      res, err = of(api, ...)
      ended = true
    end)(...)
    uv.run()
    assert(ended, "the loop ended before the call")
    return res, err
  end
end

--- In a thread of copas.
function callers.copas()
  assert(require "support.copas".find())
  local copas, api = require "copas", require "botapi.copas"
  return function(...)
    local args, res, err, ended, why = {n = select("#", ...), ...}, nil, nil, false, nil
    copas.addthread(function()
      copas.setErrorHandler(function(said) why, ended = said, true end)
      res, err = of(api, (table.unpack or unpack)(args, 1, args.n))
      ended = true
    end)
    while not ended do
      copas.step(1)
    end
    assert(not why, why)
    return res, err
  end
end

return callers
