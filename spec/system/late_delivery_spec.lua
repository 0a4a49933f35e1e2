-- SPDX-License-Identifier: MIT
-- Late delivery: what a call reported as failed is not executed later, when the path is whole again; see
-- docs/internals/transport.md.

local canary = require "support.canary"
local certs = require "support.certs"
local netns = require "support.netns"
local process = require "support.process"
local wire = require "support.wire"

local try = netns.try(it, pending)

-- Every child starts so; `say` prints a line for the parent, `hear` waits for its word.
local PRELUDE = [[
  local url, ca = ...
  local TOKEN = "]] .. canary.token .. [["
  local botapi, wire = require "botapi", require "support.wire"
  local function say(...) io.stdout:write(table.concat({...}, " "), "\n") io.stdout:flush() end
  local function hear() return io.stdin:read("*l") end
  local function options(more)
    more = more or {}
    more.server, more.ca_file, more.timeout = url, ca ~= "" and ca or nil, more.timeout or 0.5
    return more
  end
]]

-- A plain client without any of our care: it shows that the trap is there, and that this spec would see it.
local CARELESS = [[
  local host, port = url:match("//([%d.]+):(%d+)")
  local socket = require "socket"
  local s = assert(socket.connect(host, tonumber(port)))
  say "ready" hear()
  s:send("POST /bot1:a/logOut HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nX-Filler: " .. ("x"):rep(100) .. "\r\n\r\n")
  hear()
  s:close()
  say "failed" hear()
]]

local BLOCKING = [[
  say "ready" hear()
  local _, err = botapi.logout(TOKEN, options())
  say(wire.outcome(nil, err)) hear()
]]

local REUSED = [[
  assert(botapi.get_me(TOKEN, options {timeout = 10}))
  say "ready" hear()
  local _, err = botapi.logout(TOKEN, options {reuse = true})
  say(wire.outcome(nil, err)) hear()
]]

-- Cancelled once the parent has seen the request get lost; `hear` blocks nothing that matters: the kernel sends.
local CANCELLED = [[
  local engine = botapi.engine()
  say "ready" hear()
  local call = engine:start(TOKEN, "logOut", nil, options {timeout = 20})
  for _ = 1, 20 do engine:step(0.01) end
  say "sent" hear()
  call:cancel()
  local _, err = call:result()
  say(wire.outcome(nil, err)) hear()
]]

local COLLECTED = [[
  local engine = botapi.engine()
  say "ready" hear()
  local call = engine:start(TOKEN, "logOut", nil, options {timeout = 20})
  for _ = 1, 20 do engine:step(0.01) end
  say "sent" hear()
  engine:close()
  local _, err = call:result()
  say(wire.outcome(nil, err)) hear()
]]

local KILLED = [[
  say "ready" hear()
  botapi.logout(TOKEN, options {timeout = 20})
]]

-- A child that was forked while the request was under way holds a copy of the socket.
local FORKED = [[
  local fork = require "support.fork"
  local engine = botapi.engine()
  say "ready" hear()
  local call = engine:start(TOKEN, "logOut", nil, options {timeout = 1})
  for _ = 1, 20 do engine:step(0.01) end
  local pid = fork.fork()
  if pid == 0 then fork.pause() end
  while not call:done() do engine:step(1) end
  local _, err = call:result()
  say(wire.outcome(nil, err)) hear()
  fork.kill(pid, 9) fork.wait(pid)
]]

-- The same with a child that was executed: it never gets a copy.
local EXECUTED = [[
  local engine = botapi.engine()
  say "ready" hear()
  local call = engine:start(TOKEN, "logOut", nil, options {timeout = 1})
  for _ = 1, 20 do engine:step(0.01) end
  local child = io.popen("exec cat", "w")
  while not call:done() do engine:step(1) end
  local _, err = call:result()
  say(wire.outcome(nil, err)) hear()
  child:close()
]]

-- Executed while the request was under way, and still there when we are killed: the descriptor closed at exec, or
-- the kernel would keep the socket for it.
local SURVIVED = [[
  local engine = botapi.engine()
  say "ready" hear()
  local call = engine:start(TOKEN, "logOut", nil, options {timeout = 20})
  for _ = 1, 20 do engine:step(0.01) end
  local child = io.popen("sleep 30 </dev/null >/dev/null 2>&1 & echo $!")
  say("survivor", child:read("*l"))
  while not call:done() do engine:step(1) end
]]

describe("late delivery", function()
  local net, server, survivor
  netns.stage({lazy_setup = lazy_setup, lazy_teardown = lazy_teardown, after_each = after_each}, function(made, started)
    net, server = made, started
  end)
  after_each(function()
    if survivor then
      process.run("kill " .. survivor)
      survivor = nil
    end
  end)

  local function start(program, listener, tls)
    return process.program(PRELUDE .. program, {within = net:within "client"}, listener.url, tls and certs.ca() or "")
  end

  -- A network in which the requests of one child get lost. `everything`: not only they, but every packet.
  local function lose(listener, everything)
    local lost = net:lost()
    net:lose("tcp dport " .. listener.port .. (everything and "" or " meta length > 100"))
    return lost
  end

  -- Runs a program to its "failure", heals the path, and says what the server got and the client's kernel still holds.
  local function run(program, how)
    how = how or {}
    local listener = server:open {mode = "ok", host = netns.SERVERS[1], tls = how.tls and "server" or nil}
    local child = start(program, listener, how.tls)
    child:expect("^ready$")
    local lost = lose(listener, how.everything)
    child:send("go")
    net:wait_lost(lost + 1)
    if how.steered then
      if how.steered ~= "careless" then
        child:expect("^sent$")
      end
      child:send("go")
    end
    local told
    if how.kill then
      survivor = how.survivor and child:expect("^survivor (%d+)$")
      child:kill("KILL")
      child:wait()
    else
      local line = assert(child:line(20))
      told = line ~= "failed" and wire.read(line) or nil
    end
    local states, queued = net:sockets(listener.port)
    net:heal()
    return {listener = listener, child = child, told = told, states = states, queued = queued}
  end

  -- Nothing is left that the kernel could still send, and the server has seen a reset and no request.
  local function not_delivered(ran, connections)
    assert.equal(0, ran.queued, "bytes are still queued, in state " .. table.concat(ran.states, " "))
    assert.same({}, ran.states)
    local saw = ran.listener:wait {closed = connections or 1, seconds = 20}
    assert.equal("reset", saw.ends[1])
    ran.child:send("go")
    ran.child:wait()
    assert.equal(0, ran.listener:close().seen("logOut"))
  end

  local function failed(ran, kind)
    assert.is_truthy(ran.told and ran.told.err, "no error was told: " .. ran.child:errors())
    assert.equal(kind .. "/maybe", ran.told.err.kind .. "/" .. ran.told.err.sent)
  end

  try("happens to a client without care, which is what the others are compared with", function()
    local ran = run(CARELESS, {steered = "careless"})
    assert.is_true(ran.queued > 0)
    local saw = ran.listener:wait {requests = 1, seconds = 10}
    assert.equal(1, saw.seen("logOut"))
    ran.child:send("go")
    ran.child:wait()
    ran.listener:close()
  end)

  try("doesn't happen after a time-out", function()
    local ran = run(BLOCKING)
    failed(ran, "timeout")
    not_delivered(ran)
  end)

  try("doesn't happen after a time-out on a reused connection", function()
    local ran = run(REUSED)
    failed(ran, "timeout")
    not_delivered(ran)
  end)

  try("doesn't happen after a time-out on a reused TLS connection", function()
    local ran = run(REUSED, {tls = true})
    failed(ran, "timeout")
    not_delivered(ran)
  end)

  try("doesn't happen after cancel", function()
    local ran = run(CANCELLED, {steered = true})
    failed(ran, "cancelled")
    not_delivered(ran)
  end)

  try("doesn't happen after the engine was closed", function()
    local ran = run(COLLECTED, {steered = true})
    failed(ran, "cancelled")
    not_delivered(ran)
  end)

  try("doesn't happen after kill -9", function()
    not_delivered(run(KILLED, {kill = true}))
  end)

  try("doesn't happen after kill -9 while an executed child lives on", function()
    not_delivered(run(SURVIVED, {kill = true, survivor = true}))
  end)

  try("doesn't happen after a time-out while a forked child holds the socket", function()
    local ran = run(FORKED)
    failed(ran, "timeout")
    not_delivered(ran)
  end)

  try("doesn't happen after a time-out while an executed child lives on", function()
    local ran = run(EXECUTED)
    failed(ran, "timeout")
    not_delivered(ran)
  end)

  try("doesn't happen when even the reset is lost: no socket is left to send again", function()
    local ran = run(REUSED, {everything = true})
    failed(ran, "timeout")
    assert.same({}, ran.states)
    ran.child:send("go")
    ran.child:wait()
    assert.equal(0, ran.listener:close().seen("logOut"))
  end)

  -- With small buffers the kernel takes the first records alone; a server decrypts one, and closes.
  for title, tls in pairs {["over TLS"] = true, ["without TLS"] = false} do
    try("isn't denied when only a part of a long request has left: " .. title, function()
      local function buffers(usual, most, mtu)
        assert(process.run(("ip netns exec %s sh -c 'for f in rmem wmem; do sysctl -qw net.ipv4.tcp_$f=\"4096 %d %d\"; "
          .. "done; ip link set lo mtu %d'"):format(net.server, usual, most, mtu)))
      end
      buffers(4096, 4096, 1500)
      local listener = server:open {mode = "part_reset", tls = tls and "server" or nil}
      local child = process.program(PRELUDE .. [[
        for _, n in ipairs {20000, 60000, 500000} do
          say(wire.outcome(botapi.call(TOKEN, "sendMessage", {text = ("x"):rep(n)}, options {timeout = 10})))
        end
      ]], {within = net:within "server"}, listener.url, tls and certs.ca() or "")
      for i = 1, 3 do
        local told = wire.read(child:line())
        assert.equal("maybe", told.err.sent)
        listener:wait {closed = i, seconds = 10}
      end
      assert.equal(0, child:wait(), child:errors())
      local saw = listener:close()
      assert.equal(3, saw.seen())
      assert.is_true(saw.partial > 0)
      buffers(131072, 6291456, 65536)
    end)
  end

  try("doesn't cost patience: a reused connection waits as long as its present call, not as its first", function()
    local listener = server:open {mode = "ok", host = netns.SERVERS[1]}
    local child = start([[
      assert(botapi.get_me(TOKEN, options {timeout = 0.4}))
      say "ready" hear()
      local res, err = botapi.logout(TOKEN, options {timeout = 8, reuse = true})
      say(wire.outcome(res, err)) hear()
    ]], listener)
    child:expect("^ready$")
    local lost = lose(listener)
    child:send("go")
    net:wait_lost(lost + 2)  -- the first repeat came 0.2 s after the first try; the next one comes at 0.6 s
    net:heal()
    local told = wire.read(child:line())
    child:send("go")
    child:wait()
    local saw = listener:close()
    assert.is_nil(told.err and told.err.text)
    assert.is_true(told.res.ok)
    assert.equal(1, saw.seen("logOut"))
  end)

  try("says sent = no when not even a connection came about", function()
    local listener = server:open {mode = "ok", host = netns.SERVERS[1]}
    local child = start(BLOCKING, listener)
    child:expect("^ready$")
    lose(listener, true)
    child:send("go")
    local told = wire.read(child:line())
    assert.equal("timeout/no", told.err.kind .. "/" .. told.err.sent)
    assert.same({}, (net:sockets(listener.port)))
    net:heal()
    child:send("go")
    child:wait()
    assert.equal(0, listener:close().connections)
  end)

  try("is not bought with rudeness: an answered connection is closed by FIN", function()
    local listener = server:open {mode = "ok", host = netns.SERVERS[1]}
    local child = start([[
      local engine = botapi.engine()
      local call = engine:start(TOKEN, "logOut", nil, options {timeout = 10})
      while not call:done() do engine:step(1) end
      assert(call:result().ok)
      engine:close()
      assert(botapi.logout(TOKEN, options {timeout = 10}).ok)
      say "done" hear()
    ]], listener)
    child:expect("^done$")
    child:send("go")
    child:wait()
    local saw = listener:wait {closed = 2}
    assert.same({"eof", "eof"}, saw.ends)
    listener:close()
  end)

  try("leaves no doubt at the server: a call that failed ends by RST", function()
    local listener = server:open {mode = "request_silence", host = netns.SERVERS[1]}
    local child = start(BLOCKING, listener)
    child:expect("^ready$")
    child:send("go")
    assert.equal("maybe", wire.read(child:line()).err.sent)
    local saw = listener:wait {closed = 1}
    assert.same({"reset"}, saw.ends)
    child:send("go")
    child:wait()
    listener:close()
  end)
end)
