-- SPDX-License-Identifier: MIT
-- Owns the specs of a server that is stopped or killed and started again, and of one with a filter.

local support = require "spec.support.emulator"

local LOGGED_OUT = '{"ok":false,"error_code":400,"description":"Logged out"}'
local UNAUTHORIZED = '{"ok":false,"error_code":401,"description":"Unauthorized"}'

describe("emulator: a server that was", function()
  local here, emu, id

  setup(function()
    here = support.start()
    emu = here.emu
  end)
  teardown(function() emu:close() end)
  before_each(function() id = support.new_id() end)

  -- A logOut that Telegram has not answered yet, as an open connection.
  local function begin_logout()
    emu:put(id, {pending = 3, webhook = {url = "https://shop.example/hook"}})
    emu:rule {method = "logOut", bot = id, ["then"] = {delay = "3s"}}
    local logout = here.begin(id, "logOut")
    assert(emu:calls {bot = id, method = "logOut", expect = 1, wait = 5})
    return logout
  end

  it("killed while a logOut ran sends no answer, and afterwards 401 for 1800 s; the updates stay", function()
    local logout = begin_logout()
    emu:restart {killed = true}
    assert.equal("", logout:rest())
    for _, method in ipairs {"getMe", "logOut", "close"} do
      assert.equal(UNAUTHORIZED, here.call(id, method).body)
    end
    local bot = emu:bot(id)
    assert.same({"logged_out", 3}, {bot.state, bot.pending})
    assert.is_nil(bot.webhook)
    emu:advance(1799)
    assert.equal(UNAUTHORIZED, here.call(id, "getMe").body)
    emu:advance(2)
    assert.equal(200, here.call(id, "getMe").status)
    assert.same({2, 3}, {emu:bot(id).logins, emu:bot(id).pending})
    logout:close()
  end)

  it("killed again after that forgets its 401", function()
    begin_logout():close()
    emu:restart {killed = true}
    emu:restart {killed = true}
    assert.equal(200, here.call(id, "getMe").status)
  end)

  it("stopped while a logOut ran aborts it, erases everything and locks nobody out", function()
    local logout = begin_logout()
    emu:restart()
    assert.equal('{"ok":false,"error_code":500,"description":"Internal Server Error: request aborted"}',
      logout:read().body)
    assert.equal("", logout:rest())
    local bot = emu:bot(id)
    assert.same({"logged_out", 0}, {bot.state, bot.pending})
    assert.is_nil(bot.webhook)
    assert.equal(200, here.call(id, "getMe").status)
    assert.equal(2, emu:bot(id).logins)
    logout:close()
  end)

  it("started again locks nobody out", function()
    here.call(id, "logOut")
    emu:advance "10ms"
    assert.equal(LOGGED_OUT, here.call(id, "getMe").body)
    emu:restart {killed = true}
    assert.equal(200, here.call(id, "getMe").status)
  end)

  it("killed ends a getUpdates that waits without an answer, stopped with an empty list", function()
    local poll = here.begin(id, "getUpdates", "timeout=50")
    assert(emu:calls {bot = id, expect = 1, wait = 5})
    emu:restart {killed = true}
    assert.equal("", poll:rest())
    poll = here.begin(id, "getUpdates", "timeout=50&offset=5")
    assert(emu:calls {bot = id, expect = 2, wait = 5})
    emu:restart()
    assert.equal('{"ok":true,"result":[]}', poll:read().body)
    poll:close()
  end)

  it("started again logs in the bots that have a webhook, and those only", function()
    local other = support.new_id()
    emu:put(id, {pending = 2, webhook = {url = "https://shop.example/hook"}})
    emu:put(other, {pending = 2})
    here.call(id, "close")
    here.call(other, "close")
    emu:restart()
    assert.same({"logged_in", 2}, {emu:bot(id).state, emu:bot(id).pending})
    assert.same({"closed", 2}, {emu:bot(other).state, emu:bot(other).pending})
    assert.equal(1, emu:bot(id).logins)
  end)

  it("started again ends connections that are idle", function()
    local peer = support.connect(here.url):send("GET /bot" .. emu:token(id) .. "/getMe HTTP/1.1\r\n\r\n")
    assert.equal(200, peer:read().status)
    emu:restart()
    assert.equal("", peer:rest())
    peer:close()
  end)
end)

describe("emulator: a server with --filter", function()
  local here, emu

  setup(function()
    here = support.start {filter = "1/2"}
    emu = here.emu
  end)
  teardown(function() emu:close() end)

  it("answers 421 for the bots that are left out, and 401 for a wrong token of others, and logs none in", function()
    local wrong = here.get("/bot100000000:x/getMe")
    assert.equal('{"ok":false,"error_code":421,"description":"Misdirected Request: unallowed token specified"}',
      wrong.body)
    assert.equal(UNAUTHORIZED, here.get("/bot100000001:x/getMe").body)
    assert.equal(0, emu:bot(100000001).logins)
    assert.equal(200, here.call(100000001, "getMe").status)
    assert.equal(421, here.call(100000000, "getMe").status)
  end)

  it("and of a pair leaves them out on the local server only", function()
    local pair = support.start {pair = true, filter = "0/2"}
    local path = "/bot100000001:x/getMe"
    assert.same({401, 421}, {support.get(pair.emu.url, path).status, support.get(pair.emu.local_url, path).status})
    pair.emu:close()
  end)
end)
