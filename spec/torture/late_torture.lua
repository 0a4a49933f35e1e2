-- SPDX-License-Identifier: MIT
-- Late delivery, further: answers that are lost, SYNs that are lost, and paths that heal in time and too late, plain
-- and TLS. What the server executed is at most what the claim allows, for ever after.

local canary = require "support.canary"
local certs = require "support.certs"
local netns = require "support.netns"
local process = require "support.process"
local wire = require "support.wire"

local try = netns.try(it, pending)

local PROGRAM = [[
  local url, ca, seconds, reuse = ...
  local botapi, wire = require "botapi", require "support.wire"
  local function hear() return io.stdin:read "*l" end
  local function say(text) io.stdout:write(text, "\n") io.stdout:flush() end
  local options = {server = url, ca_file = ca ~= "" and ca or nil, timeout = 20, reuse = reuse == "true" or nil}
  if options.reuse then assert(botapi.get_me("]] .. canary.token .. [[", options)) end
  say "ready" hear()
  options.timeout = tonumber(seconds)
  local res, err = botapi.logout("]] .. canary.token .. [[", options)
  say(wire.outcome(res, err)) hear()
]]

describe("late delivery", function()
  local net, server
  netns.stage({lazy_setup = lazy_setup, lazy_teardown = lazy_teardown, after_each = after_each}, function(made, started)
    net, server = made, started
    assert(process.run(("ip netns exec %s nft 'add table ip lossy; add chain ip lossy out { type filter hook " ..
      "output priority 0; }'"):format(net.server)))
  end)

  local function at_server(rule)
    assert(process.run(("ip netns exec %s nft %s"):format(net.server, process.quote(rule))))
  end

  after_each(function()
    if net then at_server "flush chain ip lossy out" end
  end)

  local function start(how)
    local listener = server:open {mode = "ok", host = netns.SERVERS[1], tls = how.tls and "server" or nil}
    local child = process.program(PROGRAM, {within = net:within "client"}, listener.url, how.tls and certs.ca() or "",
      how.seconds, tostring(how.reuse or false))
    child:expect "^ready$"
    return listener, child
  end

  -- After the path is whole again, the kernel's repeats of two seconds: then the last count.
  local function finish(listener, child, seconds)
    local line = assert(child:line(30), child:errors())
    local told = wire.read(line)
    net:heal()
    at_server "flush chain ip lossy out"
    process.run("sleep " .. (seconds or 1.5))
    child:send "go"
    child:wait()
    local saw = listener:close()
    assert.is_nil(canary.shown(line))
    return told, saw.seen "logOut", saw
  end

  for _, tls in ipairs {false, true} do
    local how = tls and "TLS" or "plain"

    for _, reuse in ipairs {false, true} do
      try(("an answer that is lost: maybe, and executed once, %s, %s"):format(how, reuse and "reused" or "fresh"),
        function()
          local listener, child = start {tls = tls, seconds = 0.7, reuse = reuse}
          -- Larger than an acknowledgement, and on a fresh TLS connection smaller than the server's part of the
          -- handshake and its tickets: the answer.
          at_server(("add rule ip lossy out tcp sport %d meta length > 60 %s drop"):format(listener.port,
            tls and not reuse and "meta length < 230" or ""))
          child:send "go"
          local told, seen = finish(listener, child)
          assert.is_nil(told.res, "an answer came")
          assert.equal("timeout/maybe", told.err.kind .. "/" .. told.err.sent)
          assert.equal(1, seen)
        end)
    end

    try("SYNs that are lost, and a path that heals after our time-out: nothing is ever executed, " .. how, function()
      local listener, child = start {tls = tls, seconds = 0.6}
      net:lose("tcp dport " .. listener.port)
      child:send "go"
      local told, seen, saw = finish(listener, child, 3.5)
      assert.equal("timeout/no", told.err.kind .. "/" .. told.err.sent)
      assert.equal(0, seen)
      assert.equal(0, saw.connections)
    end)

    try("a SYN that is lost, and a path that heals in time: executed once, " .. how, function()
      local listener, child = start {tls = tls, seconds = 15}
      local lost = net:lost()
      net:lose("tcp dport " .. listener.port)
      child:send "go"
      net:wait_lost(lost + 1)
      net:heal()
      local told, seen = finish(listener, child)
      assert.is_nil(told.err and told.err.text)
      assert.is_true(told.res.ok)
      assert.equal(1, seen)
    end)

    try("a request that is lost at first, and a path that heals in time: executed once, " .. how, function()
      local listener, child = start {tls = tls, seconds = 15, reuse = true}
      local lost = net:lost()
      net:lose("tcp dport " .. listener.port .. " meta length > 100")
      child:send "go"
      net:wait_lost(lost + 2)
      net:heal()
      local told, seen = finish(listener, child)
      assert.is_true(told.res and told.res.ok, told.err and told.err.text)
      assert.equal(1, seen)
    end)
  end
end)
