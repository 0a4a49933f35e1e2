-- SPDX-License-Identifier: MIT
-- Client certificates: what each server is shown, what is wrong with a file, and what a server's refusal is called.

local botapi = require "botapi"
local canary = require "support.canary"
local certs = require "support.certs"
local faults = require "support.faults"
local live = require "support.live"
local process = require "support.process"

local server, before
local at = certs.directory()

local function both(err)
  return tostring(err.kind) .. "/" .. tostring(err.sent)
end

-- The options of a call with a client's certificate: `name` is that of a pair of support.certs.
local function options_of(listener, name, more)
  local options = {server = listener.url, ca_file = certs.ca(), timeout = 10,
    cert_file = name and at .. name .. ".pem" or nil, key_file = name and at .. name .. ".key" or nil}
  for key, value in pairs(more or {}) do options[key] = value end
  return options
end

describe("a client's certificate", function()
  lazy_setup(function() server = faults.start() end)
  lazy_teardown(function()
    server:stop()
    assert.equal("", server.child:errors())
  end)
  before_each(function() before = live.note() end)
  after_each(function() before:check() end)

  for _, tls in ipairs {"server", "tls12"} do
    it("is shown to a server that requires one, and the call is carried out once: " .. tls, function()
      local listener = server:open {mode = "ok", tls = tls, client = "required"}
      assert.is_true(botapi.logout(canary.token, options_of(listener, "client")).ok)
      local told = listener:close()
      assert.equal(1, told.seen())
      assert.same({"client"}, told.clients)
    end)
  end

  it("may be in one file with its key, in any order", function()
    local listener = server:open {mode = "ok", tls = "server", client = "required"}
    local whole = process.directory() .. "whole.pem"
    for _, order in ipairs {"client.pem client.key", "client.key client.pem"} do
      assert(process.run(("cd %s && cat %s >%s"):format(process.quote(at), order, process.quote(whole))))
      assert.is_true(botapi.get_me(canary.token, options_of(listener, nil, {cert_file = whole, reuse = false})).ok)
    end
    assert.same({"client", "client"}, listener:close().clients)
  end)

  it("isn't shown to a server that doesn't ask, nor over plain http", function()
    for _, tls in ipairs {"server", false} do
      local listener = server:open {mode = "ok", tls = tls or nil}
      assert.is_true(botapi.logout(canary.token, options_of(listener, "client")).ok)
      assert.same(tls and {""} or {}, listener:close().clients)
    end
    local listener = server:open {mode = "ok"}
    assert.is_true(botapi.logout(canary.token, {server = listener.url, cert_file = "/nowhere"}).ok)
    listener:close()
  end)

  it("never goes over a connection of another one's, or of none, though each is kept", function()
    local listener = server:open {mode = "ok", tls = "server", client = "wanted"}
    local order = {"client", false, "client_two", "client", false, "client_two", "client_two"}
    for _, name in ipairs(order) do
      assert.is_true(botapi.get_me(canary.token, options_of(listener, name, {reuse = true})).ok)
    end
    local told = listener:close()
    assert.equal(#order, told.seen())
    for i, request in ipairs(told.requests) do
      assert.equal(order[i] or "", told.clients[request.connection], i)
    end
    assert.equal(3, told.connections)
  end)
end)

-- The files of a certificate, replaced or rewritten while a connection that had the old one is kept.
describe("a client's certificate that changes at its path", function()
  lazy_setup(function() server = faults.start() end)
  lazy_teardown(function() server:stop() end)

  local pem, key = process.directory() .. "rolling.pem", process.directory() .. "rolling.key"
  local WAYS = {
    ["is replaced"] = "cp %s.pem %s.new && cp %s.key %s.new && mv %s.new %s && mv %s.new %s",
    ["is written over"] = "cat %s.pem >%s; cat %s.key >%s; : %s %s %s %s",
    ["is written over, and keeps its date"] = "cp -p %s %s.old; cat %s.pem >%s; cat %s.key >%s; touch -r %s.old %s",
    ["is behind a link"] = "ln -sf %s.pem %s; ln -sf %s.key %s; : %s %s %s %s",
  }
  local function put(name, way)
    local from = at .. name
    local values = {from, pem, from, key, pem, pem, key, key}
    if way:find "date" then values = {pem, pem, from, pem, from, key, pem, pem} end
    assert(process.run(WAYS[way]:format((table.unpack or unpack)(values))))
  end

  for way in pairs(WAYS) do
    it(way .. ": no call goes over a connection of the old one", function()
      local listener = server:open {mode = "ok", tls = "server", client = "wanted"}
      local options = {server = listener.url, ca_file = certs.ca(), timeout = 10, cert_file = pem, key_file = key,
        reuse = true}
      assert(process.run(("rm -f %s %s; cp %sclient.pem %s; cp %sclient.key %s"):format(pem, key, at, pem, at, key)))
      local other = options_of(listener, "client", {reuse = true})
      for _, each in ipairs {options, options, other} do assert.is_true(botapi.get_me(canary.token, each).ok) end
      put("client_two", way)
      for _, each in ipairs {options, options, other, options, options} do
        assert.is_true(botapi.get_me(canary.token, each).ok)
      end
      local told, seen = listener:close(), {}
      for i, request in ipairs(told.requests) do seen[i] = told.clients[request.connection] end
      local one, two = "client", "client_two"
      assert.same({one, one, one, two, two, one, two, two}, seen)
    end)
  end
end)

describe("a client's certificate that can't be used is told before a connection:", function()
  lazy_setup(function() server = faults.start() end)
  lazy_teardown(function() server:stop() end)

  local directory = process.directory() .. "pems/"
  local SCRIPT = [[
    set -e
    rm -rf %s && mkdir -p %s && cd %s
    cp %s/client.pem %s/client.key %s/client_two.key .
    openssl pkcs8 -topk8 -in client.key -passout pass:secret -out pkcs8.key
    openssl ec -aes128 -in client.key -passout pass:secret -out legacy.key
    sed -n '1,3p' client.pem >cut.pem
    sed -n '1,2p' client.key >cut.key
    sed '2s/^..../!!!!/' client.pem >letters.pem
    sed '2d' client.key >line.key
    openssl x509 -in client.pem -outform DER -out der.pem
    openssl pkey -in client.key -outform DER -out der.key
    cat client.pem pkcs8.key >both.pem
    : >empty; mkdir directory; mkfifo pipe
    (printf '\357\273\277'; cat client.pem) >bom.pem
    dd if=/dev/zero bs=1M count=2 of=huge 2>/dev/null
    echo '-----BEGIN OPENSSH PRIVATE KEY-----' >ssh.key
  ]]
  lazy_setup(function()
    local q = process.quote
    assert(process.run("{ " .. SCRIPT:format(q(directory), q(directory), q(directory), q(at), q(at), q(at))
      .. "\n} >/dev/null 2>&1"))
  end)

  local ROWS = {
    {"none.pem", "client.key", "cert_missing"}, {"client.pem/x", "client.key", "cert_missing"},
    {"client.pem", "none.key", "key_missing"}, {"client.pem", nil, "key_missing"},
    {"directory", "client.key", "cert_unreadable"}, {"client.pem", "directory", "key_unreadable"},
    {"pipe", "client.key", "cert_unreadable"}, {"client.pem", "pipe", "key_unreadable"},
    {"empty", "client.key", "cert_malformed"}, {"cut.pem", "client.key", "cert_malformed"},
    {"letters.pem", "client.key", "cert_malformed"}, {"der.pem", "client.key", "cert_malformed"},
    {"bom.pem", "client.key", "cert_malformed"}, {"huge", "client.key", "cert_malformed"},
    {"client.key", "client.key", "cert_malformed"},
    {"client.pem", "empty", "key_malformed"}, {"client.pem", "cut.key", "key_malformed"},
    {"client.pem", "line.key", "key_malformed"}, {"client.pem", "der.key", "key_malformed"},
    {"client.pem", "ssh.key", "key_malformed"}, {"client.pem", "client.pem", "key_malformed"},
    {"client.pem", "pkcs8.key", "key_encrypted"}, {"client.pem", "legacy.key", "key_encrypted"},
    {"both.pem", nil, "key_encrypted"},
  }
  for _, row in ipairs(ROWS) do
    it(("%s with %s: %s"):format(row[1], row[2] or "no key_file", row[3]), function()
      local listener = server:open {mode = "ok", tls = "server", client = "wanted"}
      local res, err = botapi.logout(canary.token, options_of(listener, nil,
        {cert_file = directory .. row[1], key_file = row[2] and directory .. row[2]}))
      assert.is_nil(res)
      assert.equal("tls/no", both(err))
      assert.equal(row[3], err.problem)
      assert.is_nil(err.curl_code)
      canary.check(err, "err")
      assert.equal(0, listener:close().connections)
    end)
  end

  it("a file without the right to read it", function()
    local listener = server:open {mode = "ok", tls = "server", client = "wanted"}
    local key = directory .. "closed.key"
    assert(process.run(("cp %s %s && chmod 0 %s"):format(process.quote(at .. "client.key"), process.quote(key),
      process.quote(key))))
    local child = process.program([[
      local url, ca, cert, key = ...
      local res, err = require "botapi".logout("]] .. canary.token .. [[", {server = url, ca_file = ca,
        cert_file = cert, key_file = key})
      print(res, err.kind, err.sent, err.problem)
    ]], {within = process.run "test $(id -u) -eq 0" and {"setpriv", "--inh-caps=-all", "--bounding-set=-all"} or nil},
      listener.url, certs.ca(), directory .. "client.pem", key)
    assert.equal("nil\ttls\tno\tkey_unreadable", child:line(), child:errors())
    child:wait()
    listener:close()
  end)

  it("a key of another certificate, before a request", function()
    local listener = server:open {mode = "ok", tls = "server", client = "wanted"}
    local res, err = botapi.logout(canary.token, options_of(listener, nil,
      {cert_file = directory .. "client.pem", key_file = directory .. "client_two.key"}))
    assert.is_nil(res)
    assert.same({"tls/no", "key_mismatch"}, {both(err), err.problem})
    assert.equal(0, listener:close().handshakes)
  end)

  it("a passphrase is never asked for at the terminal", function()
    local listener = server:open {mode = "ok", tls = "server", client = "wanted"}
    local pty = require "support.pty"
    for _, key in ipairs {"pkcs8.key", "legacy.key"} do
      local program = directory .. "ask.lua"
      local file = io.open(program, "w")
      file:write(([[
        local res, err = require "botapi".logout(%q, {server = %q, ca_file = %q, cert_file = %q, key_file = %q})
        print("told " .. tostring(err.problem) .. "/" .. err.sent)
      ]]):format(canary.token, listener.url, certs.ca(), directory .. "client.pem", directory .. key))
      file:close()
      local child = pty.start(process.lua .. " " .. process.quote(program))
      assert.equal("key_encrypted/no", child:expect("^told (%S+)"))
      child:wait()
      assert.is_nil(child:output():lower():find "pass ?phrase")
    end
    listener:close()
  end)
end)

describe("a server that wants a client's certificate", function()
  lazy_setup(function() server = faults.start() end)
  lazy_teardown(function() server:stop() end)

  -- With TLS 1.3 the server's alert comes for what was written after the handshake: `late` lets the request out first.
  local function refused(tls, name, late)
    local listener = server:open {mode = "ok", tls = tls, client = "required", patient = late}
    local proxy = late and server:open {mode = "proxy_late"}
    local res, err = botapi.logout(canary.token, options_of(listener, name, {proxy = proxy and proxy.url}))
    assert.is_nil(res)
    canary.check(err, "err")
    assert.equal(0, listener:close().seen())
    if proxy then proxy:close() end
    return err
  end

  local PROBLEMS = { client_unknown = "cert_untrusted", client_expired = "cert_expired", none = "cert_wanted" }

  for name, problem in pairs(PROBLEMS) do
    local given = name ~= "none" and name or nil
    it(("and gets %s is told as that, nothing was sent: TLS 1.2"):format(name), function()
      local err = refused("tls12", given)
      assert.same({"tls/no", problem}, {both(err), err.problem})
    end)

    it(("and gets %s is told as that, the request may have been sent: TLS 1.3"):format(name), function()
      local err = refused("server", given, true)
      assert.same({"tls/maybe", problem}, {both(err), err.problem})
    end)

    it(("and gets %s is told as that, even where it closes first: TLS 1.3"):format(name), function()
      for _ = 1, 10 do
        local err = refused("server", given)
        local closed = given and "cert_refused" or problem
        assert.equal(err.sent == "maybe" and problem or closed, err.problem, err.message)
        assert.equal("tls", err.kind)
        assert.is_nil(err.message:find "errno %d%d")
      end
    end)
  end

  it("isn't told of a proxy that wants one", function()
    for _, tls in ipairs {"tls12", "server"} do
      local listener = server:open {mode = "ok", tls = "server", client = "wanted"}
      local proxy = server:open {mode = "proxy_pass", tls = tls, client = "required"}
      for _ = 1, 5 do
        local res, err = botapi.logout(canary.token, options_of(listener, nil,
          {proxy = "https://localhost:" .. proxy.port}))
        assert.is_nil(res)
        assert.equal("no", err.sent)
        assert.is_nil(err.problem)
      end
      assert.equal(0, listener:close().connections)
      proxy:close()
      -- and what the server behind a proxy wants is
      listener = server:open {mode = "ok", tls = "tls12", client = "required"}
      proxy = server:open {mode = "proxy_pass", tls = "server", client = "wanted"}
      local _, err = botapi.logout(canary.token, options_of(listener, nil,
        {proxy = "https://localhost:" .. proxy.port}))
      assert.equal("cert_wanted", err.problem)
      listener:close()
      proxy:close()
    end
  end)

  it("isn't told of an https proxy of the environment that wants one", function()
    local proxy = server:open {mode = "proxy_pass", tls = "tls12", client = "required"}
    local child = process.program([[
      local ca = ...
      local _, err = require "botapi".logout("]] .. canary.token .. [[", {server = "https://bot.example", ca_file = ca})
      print(err.sent, err.problem)
    ]], {env = {https_proxy = "https://localhost:" .. proxy.port}}, certs.ca())
    assert.equal("no\tnil", child:line() or child:errors())
    child:wait()
    proxy:close()
  end)

  it("says what to do", function()
    local text = botapi.explain(nil, refused("tls12"))
    assert.is_truthy(text:find "^The server wants a certificate of the client.*[Gg]ive.*cert_file", text)
    assert.is_nil(text:find "reset")
  end)

  it("and refuses a revoked one is told as that", function()
    local q = process.quote
    local crl = process.directory() .. "crl.pem"
    assert(process.run(("cd %s && cp index index.before && openssl ca -config c -cert ca.pem -keyfile ca.key -revoke "
      .. "client_revoked.pem 2>/dev/null && openssl ca -config c -cert ca.pem -keyfile ca.key -gencrl -out %s "
      .. "2>/dev/null; mv index.before index"):format(q(at), q(crl))))
    for version, sent in pairs {["-tls1_2"] = "no", ["-tls1_3"] = "no|maybe"} do
      local judge = process.start {"openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", at .. "server.pem", "-key",
        at .. "server.key", "-CAfile", certs.ca(), "-CRL", crl, "-crl_check", "-Verify", "1", "-verify_return_error",
        "-www", version, name = "s_server"}
      local port = judge:expect("^ACCEPT .*:(%d+)$")
      local res, err = botapi.logout(canary.token, {server = "https://localhost:" .. port, ca_file = certs.ca(),
        cert_file = at .. "client_revoked.pem", key_file = at .. "client_revoked.key", timeout = 10})
      judge:stop "KILL"
      assert.is_nil(res)
      assert.equal("tls", err.kind, err.message)
      assert.is_truthy(("|" .. sent .. "|"):find("|" .. err.sent .. "|", 1, true))
      assert.equal(version == "-tls1_3" and err.sent == "no" and "cert_refused" or "cert_revoked", err.problem)
    end
  end)

  it("isn't taken for one that knows no common version of TLS", function()
    local listener = server:open {mode = "ok", tls = "tls11", client = "required"}
    local _, err = botapi.logout(canary.token, options_of(listener, "client"))
    assert.same({"tls/no"}, {both(err), err.problem})
    listener:close()
  end)
end)
