-- SPDX-License-Identifier: MIT
-- Connections that are kept: which calls take one, for how long, and what a call says when it dies at each moment.

local canary = require "support.canary"
local certs = require "support.certs"
local faults = require "support.faults"
local libcurl = require "support.libcurl"
local live = require "support.live"
local matrix = require "support.matrix"
local process = require "support.process"
local shim = require "support.shim"

local botapi = require "botapi"
local monotonic = require "botapi.core".host.monotonic

local server, before
lazy_setup(function() server = faults.start() end)
lazy_teardown(function() server:stop() end)
before_each(function() before = live.note() end)
after_each(function() before:check() end)

local LIFECYCLE = { logOut = true, close = true, setWebhook = true, deleteWebhook = true }

local function open(mode, tls, skip)
  return server:open { mode = mode, tls = tls and "server" or nil, skip = skip }
end

local function options(listener, more)
  local all = { server = listener.url, ca_file = certs.ca(), timeout = 10 }
  for key, value in pairs(more or {}) do all[key] = value end
  return all
end

local function call(listener, method, more)
  return botapi.call(canary.token, method, nil, options(listener, more))
end

describe("an open connection", function()
  it("is taken by every method but those of the lifecycle, in any spelling", function()
    local listener = open "ok"
    for _, method in ipairs { "getMe", "GETME", "getChat", "getUpdates", "sendMessage", "getNonsense", "logOutNow" } do
      assert.is_true(call(listener, method).ok)
    end
    assert.equal(1, listener:count().connections)
    local opened = 1
    for method in pairs(LIFECYCLE) do
      for _, name in ipairs { method, method:lower(), method:upper() } do
        assert.is_true(call(listener, name).ok)
        opened = opened + 1
        assert.equal(opened, listener:count().connections, name)
      end
    end
    listener:close()
  end)

  it("is taken or not as the option says, whatever the method", function()
    local listener = open "ok"
    assert.is_true(call(listener, "sendMessage").ok)
    for method in pairs(LIFECYCLE) do assert.is_true(call(listener, method, { reuse = true }).ok) end
    assert.equal(1, listener:count().connections)
    assert.is_true(call(listener, "sendMessage", { reuse = false }).ok)
    assert.equal(2, listener:close().connections)
  end)

  it("serves calls to one server alone", function()
    local one, other = open "ok", open "ok"
    for _ = 1, 3 do
      assert.is_true(call(one, "sendMessage").ok)
      assert.is_true(call(other, "sendMessage").ok)
    end
    assert.equal("1 1", one:close().connections .. " " .. other:close().connections)
  end)

  it("spares 200 messages in a row over TLS more than half of their time", function()
    local listener = open("ok", true)
    local function seconds(reuse)
      local began = monotonic()
      for _ = 1, 200 do assert.is_true(call(listener, "sendMessage", { reuse = reuse }).ok) end
      return monotonic() - began
    end
    local opening, kept = seconds(false), seconds(nil)
    assert.is_true(kept < opening / 2, ("%.3f s, %.3f s with reuse = false"):format(kept, opening))
    listener:close()
  end)

  it("serves those who come after a crowd", function()
    local listener = open "ok"
    local engine = botapi.engine()
    local function burst(n)
      for _ = 1, n do engine:start(canary.token, "sendMessage", nil, options(listener)) end
      while engine:step(1) > 0 do end
      for each in engine:finished() do assert.is_true(each:result().ok) end
    end
    burst(200)
    local opened = listener:count().connections
    burst(4)
    burst(4)
    assert.is_true(listener:count().connections <= opened + 4, listener:count().connections .. " connections")
    engine:close()
    assert.equal(208, listener:close().seen())
  end)
end)

-- When the server's end comes, in the modes of the fault server, and what the call must say.
local MOMENTS = {
  { "request_close", "network" }, { "request_reset", "network" }, { "request_silence", "timeout" },
  { "status_close", "network" }, { "header_reset", "network" }, { "headers_silence", "timeout" },
  { "body_close", "network" }, { "body_reset", "network" }, { "chunk_close", "network" },
}

for _, tls in ipairs { false, true } do
  local how = tls and "TLS" or "plain"

  describe("a call on a kept connection, " .. how .. ",", function()
    for _, moment in ipairs(MOMENTS) do
      for _, method in ipairs { "sendMessage", "getUpdates" } do
        it(("is maybe after %s, and %s isn't sent again"):format(moment[1], method), function()
          local listener = open(moment[1], tls, 1)
          assert.is_true(call(listener, "getMe").ok)
          local res, err = call(listener, method, { timeout = moment[2] == "timeout" and 0.3 or nil })
          local told = listener:close()
          assert.is_nil(res)
          assert.equal(moment[2] .. "/maybe", err.kind .. "/" .. err.sent)
          matrix.check_count(res, err, told.seen(method))
          assert.equal(told.requests[1].connection, told.requests[2].connection)
          canary.check(err, "err")
        end)
      end
    end

    for _, mode in ipairs { "idle_close", "idle_408" } do
      it("that ended before, " .. mode .. ", goes on another one", function()
        local listener = open(mode, tls)
        assert.is_true(call(listener, "getMe").ok)
        listener:wait { marks = 1 }
        local res, err = call(listener, "sendMessage")
        assert.is_nil(err)
        assert.is_true(res.ok)
        local told = listener:close()
        assert.equal("1/2", told.seen "sendMessage" .. "/" .. told.connections)
      end)
    end

    it("that can't be written any more is no, and isn't sent again", function()
      local file = process.directory() .. "dead" .. how
      local listener = open("ok", tls)
      local child = process.program([[
        local botapi, url, ca_file, file = require "botapi", ...
        local options = { server = url, ca_file = ca_file, timeout = 10 }
        assert(botapi.get_me("1:x", options).ok)
        io.open(file, "w"):close()
        local _, err = botapi.call("1:x", "sendMessage", { text = "x" }, options)
        print(err.kind, err.sent)
        assert(not io.open(file), "nothing was written")
        print(botapi.call("1:x", "sendMessage", { text = "x" }, options).ok)
      ]], { env = shim("deadwrite", { DEAD_FILE = file }) }, listener.url,
        certs.ca(), file)
      assert.equal("network\tno", child:line(30))
      assert.equal("true", child:line(30))
      assert.equal(0, child:wait(), child:errors())
      assert.equal(1, listener:close().seen "sendMessage")
    end)
  end)

  describe("a connection, " .. how .. ",", function()
    -- How many connections four calls take, with these seconds behind the first.
    local function connections_after(seconds, slept)
      local file = process.directory() .. "later" .. how .. seconds .. (slept or "")
      local listener = open("ok", tls)
      local child = process.program([[
        local botapi, url, ca_file, file = require "botapi", ...
        local options = { server = url, ca_file = ca_file, timeout = 500 }
        assert(botapi.call("1:x", "sendMessage", nil, options).ok)
        io.open(file, "w"):close()
        for _ = 1, 3 do assert(botapi.call("1:x", "sendMessage", nil, options).ok) end
      ]], { env = shim("later", { LATER_FILE = file,
        LATER_SECONDS = tostring(seconds), LATER_SLEPT = slept }) }, listener.url, certs.ca(), file)
      assert.equal(0, child:wait(), child:errors())
      local told = listener:close()
      assert.equal(4, told.seen())
      return told.connections
    end

    it("that was idle for under a minute is taken", function()
      assert.equal(1, connections_after(50))
    end)

    it("that was idle for over a minute is left, though libcurl would take it for two", function()
      local n = connections_after(62)
      -- since 8.22 libcurl drops the old one within a second, and new ones are opened until then (curl#22169)
      assert.is_true(n == 2 or n > 2 and libcurl.at_least "8.22", n)
    end)

    it("that was idle while the machine slept is left, though libcurl's clock stood still", function()
      -- libcurl drops it within a second, and new ones are opened until then
      assert.is_true(connections_after(62, "1") > 1)
    end)
  end)
end
