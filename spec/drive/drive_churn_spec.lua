-- SPDX-License-Identifier: MIT
-- Calls that end before their time, a thousand times: cancelled, abandoned, killed, their engine closed. BOTAPI_CHURN
-- sets how often; under a sanitizer each round counts what memory it leaves.

local botapi = require "botapi"
local core = require "botapi.core"
local faults = require "support.faults"
local live = require "support.live"
local loops = require "support.loops"
local process = require "support.process"
local token = require("support.world").token

local ROUNDS = tonumber(os.getenv "BOTAPI_CHURN") or 1000

-- The stages of a call that it is ended at: what the server does, and how many steps go before.
local STAGES = {
  { name = "before the first step", mode = "ok", steps = 0 },
  { name = "while it connects", mode = "ok", steps = 1 },
  { name = "in the TLS handshake", mode = "hello_silence", tls = "server", steps = 4, wait = 0.002 },
  { name = "before the answer", mode = "request_silence", steps = 4, wait = 0.002 },
  { name = "in the answer's head", mode = "header_silence", steps = 6, wait = 0.002 },
  { name = "in the answer's body", mode = "body_silence", steps = 6, wait = 0.002 },
  { name = "after the answer", mode = "ok", steps = 50, wait = 0.002 },
}

-- The ways that it is ended, on an engine of its own.
local ENDS = {
  function(_, call) call:cancel() end,
  function(engine) engine:close() end,
  function() end, -- the engine and the call are collected
}

describe("a thousand calls that end before their time", function()
  local server, before
  local listeners = {}
  lazy_setup(function()
    server = faults.start()
    for i, stage in ipairs(STAGES) do listeners[i] = server:open { mode = stage.mode, tls = stage.tls } end
    -- the loops and their engines have descriptors of their own, once they ran: the connections that they keep, too
    for _, loop in ipairs(loops.list()) do
      loop.run(function(w)
        local calls = {}
        for i = 1, 20 do calls[i] = function() w.api.get_me(token, { server = listeners[1].url }) end end
        w.all(calls)
      end)
    end
  end)
  lazy_teardown(function() server:stop() end)
  before_each(function() before = live.note() end)
  after_each(function() before:check() end)

  local function begin(engine, i)
    local stage = STAGES[i]
    local call = engine:start(token, "logOut", nil, { server = listeners[i].url, timeout = 10 })
    for _ = 1, stage.steps do
      if call:done() then break end
      engine:step(stage.wait or 0)
    end
    return call
  end

  it("leave nothing, and say what was sent", function()
    local sent = {}
    for round = 1, ROUNDS do
      local i, finish = (round - 1) % #STAGES + 1, ENDS[round % #ENDS + 1]
      local engine = botapi.engine()
      local call = begin(engine, i)
      finish(engine, call)
      if call:done() then
        local res, err = call:result()
        if err then
          assert.equal("cancelled", err.kind)
          sent[i] = sent[i] or err.sent
        else
          assert.is_true(res.ok)
        end
      end
    end
    assert.equal("no", sent[1])
    assert.equal("no", sent[3])
    if sent[4] then assert.equal("maybe", sent[4]) end
  end)

  it("leave nothing on one engine that goes on", function()
    local engine = botapi.engine()
    for round = 1, ROUNDS do
      begin(engine, (round - 1) % #STAGES + 1):cancel()
      if round % 100 == 0 then
        for _ in engine:finished() do end
        collectgarbage()
      end
    end
    for _ in engine:finished() do end
    assert.equal(0, engine:step(0))
    engine:close()
  end)

  it("leave nothing where the loop or the coroutine that waits is killed", function()
    local list = loops.list()
    for round = 1, math.ceil(ROUNDS / 10) do
      local i = (round - 1) % #STAGES + 1
      for _, loop in ipairs(list) do
        local opened = loop.open()
        if opened.kill then
          opened.kill(function()
            require(loop.module).logout(token, { server = listeners[i].url, timeout = 10 })
          end, STAGES[i].steps)
        end
      end
      if round % 20 == 0 then collectgarbage() end
    end
    for _ = 1, 4 do collectgarbage() end
    assert.equal(0, core.live().calls)
  end)

  it("leave nothing when the Lua state closes around them", function()
    for _ = 1, math.ceil(ROUNDS / 200) do
      local child = process.program([[
        local botapi, url, token = require "botapi", arg[1], arg[2]
        local engines = {}
        for i = 1, 20 do
          engines[i] = botapi.engine()
          for _ = 1, 10 do engines[i]:start(token, "logOut", nil, {server = url}) end
          for _ = 1, i % 5 do engines[i]:step(0) end
        end
        os.exit(0, true)
      ]], { name = "closing" }, listeners[4].url, token)
      assert.equal(0, (child:wait(60)), child:errors())
      assert.equal("", child:errors())
    end
  end)
end)
