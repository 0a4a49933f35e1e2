-- SPDX-License-Identifier: MIT
-- What a call has for its owner while it runs: chunks of a file, progress; and all that can end it meanwhile.

local certs = require "support.certs"
local core = require "botapi.core"
local faults = require "support.faults"
local files = require "support.files"
local fork = require "support.fork"
local live = require "support.live"
local loops = require "support.loops"
local monotime = require("cqueues").monotime
local socket = require "socket"

local TOKEN = "110201543:AAHCANARYabcdefghijklmnopqrst"
local MANY, LARGEST = 3 * 1024 * 1024, 64 * 1024

local server, before
lazy_setup(function()
  server = faults.start()
  loops.warm_up()
end)
lazy_teardown(function() server:stop() end)
before_each(function() before = live.note() end)
after_each(function() before:check() end)

local function name(size, stop, ending, flags)
  return ("d/%d_%d_%s%s"):format(size, stop or size, ending or "keep", flags and "_" .. flags or "")
end

local function begin(engine, listener, path, to, options)
  options = options or {}
  options.server = listener.url
  return engine:download(TOKEN, path, to or {}, options)
end

-- Steps until the call has news or is done.
local function step_until_told(engine, call)
  local limit = monotime() + 10
  while not call:done() do
    engine:step(1)
    assert.is_true(monotime() < limit, "the engine hangs")
  end
end

-- Takes all chunks: how many bytes, how many chunks, and the result.
local function take_all(engine, call)
  local judge, bytes, chunks = files.judge(), 0, 0
  repeat
    step_until_told(engine, call)
    local chunk = call:news()
    if chunk then
      assert.is_true(#chunk <= LARGEST)
      assert.is_true(judge(chunk), "other bytes")
      bytes, chunks = bytes + #chunk, chunks + 1
    end
  until chunk == nil
  return bytes, chunks, call:result()
end

describe("a download in chunks", function()
  it("gives all bytes, in chunks of at most 64 KiB", function()
    local listener, engine = server:open { mode = "file" }, core.engine()
    local bytes, chunks, res = take_all(engine, begin(engine, listener, name(MANY)))
    assert.equal(MANY, bytes)
    assert.is_true(chunks >= MANY / LARGEST)
    assert.equal(MANY, res.size)
    assert.is_false(res.resumed)
    engine:close()
    assert.equal(1, listener:close().seen())
  end)

  it("gives all bytes over TLS, at its owner's pace, however slow", function()
    local listener, engine = server:open { mode = "file", tls = "server" }, core.engine()
    local call = begin(engine, listener, name(MANY), nil, { ca_file = certs.ca() })
    local judge, bytes, chunk = files.judge(), 0
    repeat
      step_until_told(engine, call)
      for _ = 1, 3 do engine:step(0.005) end            -- it is paused by now
      chunk = call:news()
      assert.is_true(not chunk or judge(chunk), "other bytes")
      bytes = bytes + (chunk and #chunk or 0)
    until chunk == nil
    assert.equal(MANY, bytes)
    assert.equal(MANY, call:result().size)
    engine:close()
    assert.equal(1, listener:close().seen())
  end)

  it("is reported by finished() each time that it has news, and once at its end", function()
    local listener, engine = server:open { mode = "file" }, core.engine()
    local call = begin(engine, listener, name(MANY))
    local bytes, told, ends = 0, 0, 0
    local limit = monotime() + 10
    while engine:step(1) > 0 or ends == 0 do
      for each in engine:finished() do
        assert.equal(call, each)
        told = told + 1
        local chunk = call:news()
        while chunk do
          bytes = bytes + #chunk
          chunk = call:news()
        end
        if chunk == nil then ends = ends + 1 end
      end
      assert.is_true(monotime() < limit, "the engine hangs")
    end
    assert.equal(1, ends)
    assert.is_true(told > 2)
    assert.equal(MANY, bytes)
    assert.equal(MANY, call:result().size)
    engine:close()
    assert.equal(1, listener:close().seen())
  end)

  it("waits for its owner: wait returns, result raises, the bytes stay on the way", function()
    local listener, engine = server:open { mode = "file" }, core.engine()
    local call = begin(engine, listener, name(64 * 1024 * 1024))
    assert.is_true(call:wait(10))
    assert.is_true(call:done())
    assert.error_matches(function() call:result() end, "isn't done yet")
    for _ = 1, 20 do engine:step(0.01) end
    assert.equal(1, engine:step(0))
    local chunk = call:news()
    assert.is_true(LARGEST / 2 <= #chunk and #chunk <= LARGEST)
    assert.is_false(call:news() == nil)
    call:cancel()
    while call:news() do end
    local _, err = call:result()
    assert.equal("cancelled", err.kind)
    assert.equal("maybe", err.sent)
    engine:close()
    assert.equal(1, listener:close().seen())
  end)

  it("makes the descriptor readable when there are news, also those of a resumed call", function()
    local listener, engine = server:open { mode = "file" }, core.engine()
    local call = begin(engine, listener, name(MANY))
    local bytes, limit = 0, monotime() + 10
    repeat
      while not call:done() do
        assert.is_truthy(socket.select({ engine }, nil, 5)[1], "nothing would wake a loop")
        engine:step(0)
        assert.is_true(monotime() < limit)
      end
      local chunk = call:news()
      bytes = bytes + (chunk and #chunk or 0)
    until chunk == nil
    assert.equal(MANY, bytes)
    call:result()
    engine:close()
    listener:close()
  end)

  it("gives what had come before a failure, then the failure", function()
    for _, ending in ipairs { "close", "reset" } do
      local listener, engine = server:open { mode = "file" }, core.engine()
      local bytes, _, _, err = take_all(engine, begin(engine, listener, name(MANY, MANY - 7, ending)))
      assert.is_true(bytes <= MANY - 7)
      if ending == "close" then assert.equal(MANY - 7, bytes) end
      assert.equal("network", err.kind)
      assert.equal("maybe", err.sent)
      assert.equal("download", err.method)
      engine:close()
      assert.equal(1, listener:close().seen())
    end
  end)

  it("ends at its time limit while its owner takes nothing", function()
    local listener, engine = server:open { mode = "file" }, core.engine()
    local call = begin(engine, listener, name(MANY), nil, { timeout = 0.3 })
    step_until_told(engine, call)
    local limit = monotime() + 5
    while engine:step(1) > 0 do assert.is_true(monotime() < limit) end
    while call:news() do end
    local _, err = call:result()
    assert.equal("timeout", err.kind)
    engine:close()
    listener:close()
  end)

  it("without a time limit ends when nothing comes any more, but not for the silence of its owner", function()
    local listener, engine = server:open { mode = "file" }, core.engine()
    local call = begin(engine, listener, name(MANY, MANY - 9, "hold"), { idle = 0.2 })
    step_until_told(engine, call)
    local until_when = monotime() + 0.5
    while monotime() < until_when do engine:step(0.05) end
    assert.equal(1, engine:step(0))
    local bytes, _, _, err = take_all(engine, call)
    assert.equal(MANY - 9, bytes)
    assert.equal("timeout", err.kind)
    assert.equal("maybe", err.sent)
    engine:close()
    assert.equal(1, listener:close().seen())
  end)

  it("goes on for as long as something comes", function()
    local listener, engine = server:open { mode = "file" }, core.engine()
    local size = 60 * 64256
    local bytes = take_all(engine, begin(engine, listener, name(size, size, "keep", "s"), { idle = 0.15 }))
    assert.equal(size, bytes)
    engine:close()
    listener:close()
  end)

  it("is cancelled, and closed with its engine, while it is paused", function()
    for _, ending in ipairs { "cancel", "close" } do
      local listener, engine = server:open { mode = "file" }, core.engine()
      local call = begin(engine, listener, name(MANY))
      step_until_told(engine, call)
      for _ = 1, 5 do engine:step(0.01) end
      if ending == "cancel" then call:cancel() else engine:close() end
      local chunk = call:news()
      assert.is_true(chunk == nil or type(chunk) == "string")
      assert.equal("cancelled", select(2, call:result()).kind)
      assert.is_nil(call:news())
      engine:close()
      listener:close()
    end
  end)

  it("belongs to its owner alone once it was reported: nobody else would take its news", function()
    local listener, engine = server:open { mode = "file" }, core.engine()
    local call = begin(engine, listener, name(MANY))
    step_until_told(engine, call)
    for each in engine:finished() do assert.equal(call, each) end
    call = nil -- luacheck: ignore 311
    collectgarbage()
    collectgarbage()
    assert.equal(0, engine:step(0))
    local other = begin(engine, listener, name(MANY))     -- and once its news were taken, it is the engine's again
    step_until_told(engine, other)
    for _ in engine:finished() do end
    other:news()
    other = nil -- luacheck: ignore 311
    collectgarbage()
    collectgarbage()
    assert.equal(1, engine:step(0))
    engine:close()
    listener:close()
  end)

  it("ends in a forked child, and goes on in its parent", function()
    local listener, engine = server:open { mode = "file" }, core.engine()
    local call = begin(engine, listener, name(MANY))
    step_until_told(engine, call)
    local pid = fork.fork()
    if pid == 0 then
      while call:news() do end
      local _, err = call:result()
      fork.exit(err and err.kind == "cancelled" and 0 or 1)
    end
    assert.equal(0, fork.wait(pid))
    local bytes = take_all(engine, call)
    assert.equal(MANY, bytes)
    engine:close()
    assert.equal(1, listener:close().seen())
  end)

  it("keeps its bytes while its owner takes none and other calls begin: its connection had answered a call", function()
    local listener, engine = server:open { mode = "file" }, core.engine()
    local first = engine:start(TOKEN, "getFile", { file_id = "1_1_keep" }, { server = listener.url })
    assert.is_true(first:wait(10))
    assert(first:result())
    local call = begin(engine, listener, name(MANY))
    assert.is_true(call:wait(10))
    for _ = 1, 20 do engine:step(0.01) end              -- it is paused by now
    local other = engine:start(TOKEN, "getFile", { file_id = "1_1_keep" }, { server = listener.url })
    while not other:done() do engine:step(0.1) end
    assert(other:result())
    local bytes, _, res, err = take_all(engine, call)
    assert.is_truthy(res, tostring(err))
    assert.equal(MANY, bytes)
    engine:close()
    assert.equal(3, listener:close().seen())
  end)

  it("is one of many on an engine, each at its owner's pace", function()
    local listener, engine = server:open { mode = "file" }, core.engine()
    local bytes, left = {}, 20
    for i = 1, left do bytes[begin(engine, listener, name(MANY / 4 + i))] = { at = 0, size = MANY / 4 + i } end
    local limit = monotime() + 20
    while left > 0 do
      engine:step(1)
      for call in engine:finished() do
        local chunk = call:news()
        bytes[call].at = bytes[call].at + (chunk and #chunk or 0)
        while chunk and call:done() do
          chunk = call:news()
          bytes[call].at = bytes[call].at + (chunk and #chunk or 0)
        end
        if chunk == nil then
          left = left - 1
          assert.equal(bytes[call].size, bytes[call].at)
          assert.equal(bytes[call].size, call:result().size)
        end
      end
      assert.is_true(monotime() < limit, "the engine hangs")
    end
    engine:close()
    assert.equal(20, listener:close().seen())
  end)

  it("refuses a path that leads out of the server's directory, before anything is sent", function()
    local engine = core.engine()
    for _, path in ipairs { "", "../x", "a/../b", "a/./b", "/etc/passwd", "a//b", "a\0b", "a\nb", ("x"):rep(4097), "a/",
      "a\\..\\b" } do
      assert.error_matches(function() engine:download(TOKEN, path, {}, {}) end, "bad argument")
      assert.is_truthy(core.file_path(path), path)
    end
    engine:close()
  end)
end)

-- What every way to wait does, by a driver's await.
local function body(w, url)
  local engine = w.api.drive.engine()
  local call = engine:download(w.token, name(MANY), {}, { server = url })
  local judge, bytes, chunk = files.judge(), 0
  repeat
    w.api.drive.await(call)
    chunk = call:news()
    w.check(not chunk or judge(chunk), "other bytes")
    bytes = bytes + (chunk and #chunk or 0)
  until chunk == nil
  w.equal(MANY, bytes)
  w.equal(MANY, call:result().size)
end

describe("news", function()
  it("end the wait of a blocking program, and the call goes on", function()
    local world = require "support.world"
    local w = world.new(require "botapi", monotime)
    local listener = server:open { mode = "file" }
    body(w, listener.url)
    assert.same({}, w.failures)
    assert.equal(1, listener:close().seen())
  end)

  for _, loop in ipairs(loops.list()) do
    it("end the wait of a coroutine, and the call goes on: " .. loop.name, function()
      loops.try({ mode = "file", requests = 1 }, server, function(url) return loop.run(body, url) end)
    end)
  end
end)
