-- SPDX-License-Identifier: MIT
-- Specifies facebook.session: what an appstate may be, what it must have, its options, and that no text shows a cookie.

local facebook = require "botapi".facebook
local process = require "support.process"
local support = require "support.facebook"

local function named(list)
  local found = {}
  for _, cookie in ipairs(list) do found[cookie.key .. "@" .. cookie.domain .. cookie.path] = cookie.value end
  return found
end

local function write(name, text)
  local path = process.directory() .. name
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
  return path
end

describe("facebook.session", function()
  local C_USER, XS = { key = "c_user", value = "100001" }, { key = "xs", value = "1:CANARY" }

  it("takes JSON, a table, or a file", function()
    local appstate = support.appstate()
    local path = write("appstate.json", support.json(appstate))
    local kinds = { support.json(appstate), appstate, { path = path } }
    for i = 1, 3 do
      local session = assert(facebook.session(kinds[i]))
      assert.equal(4, #session:cookies())
      assert.same(named(assert(facebook.session(appstate)):cookies()), named(session:cookies()))
    end
  end)

  it("takes key or name, a number as value, and fills in domain and path", function()
    local session = assert(facebook.session { { name = "c_user", value = 100001234567890 }, XS })
    assert.same({ ["c_user@facebook.com/"] = "100001234567890", ["xs@facebook.com/"] = "1:CANARY" },
      named(session:cookies()))
  end)

  it("keeps what else a cookie has", function()
    local session = assert(facebook.session { { key = "c_user", value = "1", hostOnly = false, expires = "2099-01-01" },
      XS })
    assert.same({ key = "c_user", value = "1", domain = "facebook.com", path = "/", hostOnly = false,
      expires = "2099-01-01" }, session:cookies()[1])
  end)

  it("merges what has the same key, domain and path: the last one counts", function()
    local session = assert(facebook.session { C_USER,
      { key = "xs", value = "old", domain = ".facebook.com", path = "/" },
      { name = "xs", value = "new", domain = "Facebook.com" }, { key = "xs", value = "p", path = "/p" },
      { key = "xs", value = "m", domain = ".messenger.com" } })
    assert.same({ ["c_user@facebook.com/"] = "100001", ["xs@Facebook.com/"] = "new", ["xs@facebook.com/p"] = "p",
      ["xs@.messenger.com/"] = "m" }, named(session:cookies()))
  end)

  it("passes over the cookies of other sites, usable or not", function()
    local session = assert(facebook.session { C_USER, { key = "", value = {}, domain = ".other.example" },
      { key = "a", value = "CANARY;x", domain = "other.example" }, { key = "a", domain = "[::1]:80" }, XS,
      { key = "a", value = "1", path = "x", domain = "localhost" },
      { key = "a", value = "1", domain = "xfacebook.com" }, { key = "a", value = 0 / 0, domain = ".messenger.com" },
      { key = "m", value = "1", domain = "m.facebook.com" } })
    assert.same({ ["c_user@facebook.com/"] = "100001", ["xs@facebook.com/"] = "1:CANARY", ["m@m.facebook.com/"] = "1" },
      named(session:cookies()))
  end)

  it("raises for a table that inherits, whose content can't be listed", function()
    local function inheriting(t) return setmetatable({}, { __index = t }) end
    local function listing(t) return setmetatable({}, { __pairs = function() return next, t, nil end }) end
    for _, wrap in ipairs { inheriting, listing } do
      local appstates = { wrap { C_USER, XS }, wrap { path = "/nowhere" }, wrap { c_user = "1", xs = "CANARY" },
        { C_USER, wrap(XS) }, { cookies = wrap { C_USER, XS } }, { cookies = { C_USER, wrap(XS) } } }
      for _, appstate in ipairs(appstates) do
        local ok, why = pcall(function()
          local session = facebook.session(appstate)
          return session
        end)
        assert.is_false(ok)
        assert.matches("session_spec%.lua:%d+: bad argument to 'session' %(appstate: a plain table expected", why)
        support.check_text(why)
      end
    end
    assert(facebook.session(setmetatable({ C_USER, XS }, { __name = "mine" })))
  end)

  it("gives copies: changing one changes nothing", function()
    local appstate = support.appstate()
    local session = assert(facebook.session(appstate))
    session:cookies()[1].value = "2"
    appstate[1].value = "3"
    assert.is_truthy(session:cookies()[1].value:find "^10000")
  end)

  local broken = {
    { "an empty list", {} },
    { "no c_user", { XS } },
    { "no xs", { C_USER } },
    { "an empty xs", { C_USER, { key = "xs", value = "" } } },
    { "a c_user that is no number", { { key = "c_user", value = "CANARY" }, XS } },
    { "those of another host", { { key = "c_user", value = "1", domain = ".messenger.com" },
      { key = "xs", value = "CANARY", domain = ".messenger.com" } } },
    { "a value that ends it", { C_USER, { key = "xs", value = "CANARY; domain=x" } } },
    { "a line end", { C_USER, { key = "xs", value = "CANARY\r\nX: y" } } },
    { "a NUL", { C_USER, { key = "xs", value = "CANARY\0" } } },
    { "a value that is too long", { C_USER, { key = "xs", value = ("CANARY"):rep(1000) } } },
    { "a cookie without a name", { C_USER, XS, { value = "CANARY" } } },
    { "a name that isn't one", { C_USER, XS, { key = "CANARY=x", value = "y" } } },
    { "a value that isn't text", { C_USER, XS, { key = "x", value = {} } } },
    { "a number that isn't exact", { { key = "c_user", value = 2 ^ 53 }, XS } },
    { "a path that isn't one", { C_USER, XS, { key = "x", value = "y", path = "CANARY" } } },
    { "what isn't a table", { C_USER, XS, "CANARY" } },
    { "text that isn't JSON", "[{CANARY" },
    { "no text", "" },
    { "JSON that is no list", '{"c_user":"CANARY"}' },
    { "JSON that is a word", '"CANARY"' },
    { "a file that isn't there", { path = "/nowhere/appstate.json" } },
    { "a directory", { path = "/" } },
  }
  for _, case in ipairs(broken) do
    it("refuses " .. case[1] .. ", of kind token", function()
      local session, err = facebook.session(case[2])
      assert.is_nil(session)
      assert.same({ "token", "no" }, { err.kind, err.sent })
      support.check(err)
      support.check_text(facebook.explain(nil, err))
      local res, same = facebook.logout(case[2])
      assert.is_nil(res)
      assert.equal(err.kind, same.kind)
    end)
  end

  it("raises for the caller's mistakes, at the caller, and shows no cookie", function()
    local appstate = support.appstate()
    local mistakes = {
      { "appstate: a string or a table expected, got nil", function() return facebook.session(nil) end },
      { "got number", function() return facebook.session(5) end },
      { "appstate: its path must be a string", function() return facebook.session { path = 5 } end },
      { "appstate: its path must be the name of a file", function()
        return facebook.session { path = "c_user=100001; xs=CANARY" }
      end },
      { "option 'appstate_path': the name of a file", function()
        return facebook.session(appstate, { appstate_path = support.json(appstate) })
      end },
      { "options: table expected, got string", function() return facebook.session(appstate, "CANARY") end },
      { "unknown option 'nonsense'", function() return facebook.session(appstate, { nonsense = 1 }) end },
      { "option 'timeout'", function() return facebook.session(appstate, { timeout = "x" }) end },
      { "option 'headers'", function() return facebook.session(appstate, { headers = { [5] = "x" } }) end },
      { "option 'port'", function() return facebook.session(appstate, { port = 0 }) end },
      { "option 'port'", function() return facebook.session(appstate, { port = 0 / 0 }) end },
      { "option 'retries'", function() return facebook.session(appstate, { retries = 1.5 }) end },
      { "option 'retries'", function() return facebook.session(appstate, { retries = 11 }) end },
      { "option 'appstate_path'", function() return facebook.session(appstate, { appstate_path = true }) end },
      { "option 'on_event'", function() return facebook.session(appstate, { on_event = {} }) end },
    }
    for _, name in ipairs { "server", "test", "plain_http", "reuse", "unix_socket" } do
      table.insert(mistakes, { "unknown option '" .. name .. "'", function()
        return facebook.session(appstate, { [name] = "local" })
      end })
    end
    for _, mistake in ipairs(mistakes) do
      local ok, why = pcall(mistake[2])
      assert.is_false(ok)
      assert.is_truthy(why:find(mistake[1], 1, true), why)
      assert.is_truthy(why:find("bad argument to 'session'", 1, true), why)
      support.check_text(why)
    end
    local ok, why = pcall(function()
      local res = facebook.logout(appstate, { nonsense = 1 })
      return res
    end)
    assert.is_false(ok)
    assert.is_truthy(why:find "facebook_session_spec%.lua:%d+: bad argument to 'logout'", why)
  end)

  it("shows the end of the user's id and no cookie, whatever prints it", function()
    local session = assert(facebook.session(support.appstate "100001234567890"))
    assert.equal("botapi.facebook: a session of user …7890", tostring(session))
    support.check(session)
    assert.is_nil(next(session))
    local ok, why = pcall(function() return session .. "" end)
    assert.is_false(ok)
    support.check_text(tostring(why))
  end)

  it("knows a part of a cookie in a text, plain, encoded or decoded", function()
    local encoded = "%43%41%4E%41%52%59%2D%78%73"
    local cookies = require "botapi.facebook.cookies"
    local plain = assert(cookies.new { C_USER, { key = "xs", value = "CANARY-xs" } })
    local coded = assert(cookies.new { C_USER, { key = "xs", value = encoded } })
    for _, jar in ipairs { plain, coded } do
      assert.is_nil(jar:clean("it is xCANARY-xsx", {}))
      assert.is_nil(jar:clean("it is " .. encoded, {}))
      assert.is_nil(jar:clean("a token12345678", { "token1234" }))
      assert.equal("nothing of it: CAN", jar:clean("nothing\nof it: CAN", {}))
      assert.equal(200, #jar:clean(("x"):rep(500), {}))
    end
  end)

  it("is collected with its cookies", function()
    local weak = setmetatable({}, { __mode = "k" })
    for _ = 1, 10 do weak[assert(facebook.session(support.appstate()))] = true end
    collectgarbage()
    collectgarbage()
    assert.is_nil(next(weak))
  end)
end)
