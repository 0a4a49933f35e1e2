-- SPDX-License-Identifier: MIT
-- The options of every call: each row of the table with each wrong type, range, byte and name raises and names it.

local botapi = require "botapi"
local core = require "botapi.core"
local faults = require "support.faults"
local live = require "support.live"

local TOKEN = "110201543:AAHCANARYabcdefghijklmnopqrst"

-- A value of each type, and a wrong one never passes for a right one: true isn't "true", "5" isn't 5.
local VALUES = {string = "5", boolean = true, number = 5, table = {}, ["function"] = print, userdata = io.stdout,
  thread = coroutine.create(function() end)}
local LUA_TYPE = {string = "string", boolean = "boolean", number = "number", integer = "number", table = "table",
  ["function"] = "function"}

local rows = {}
for _, row in ipairs(core.options()) do
  rows[row.name] = row
end

-- Raises as every call does; core.base reads the options and nothing else.
local function raised(options)
  local ok, message = pcall(core.base, options)
  assert.is_false(ok, "it doesn't raise")
  return message
end

local function names(options, name)
  local message = raised(options)
  assert.is_truthy(message:find("option '" .. name .. "'", 1, true), message)
  return message
end

describe("the table of options", function()
  it("has every option once, with a type, a default, a unit and a meaning", function()
    local seen = {}
    for _, option in ipairs(core.options()) do
      assert.is_nil(seen[option.name], option.name)
      seen[option.name] = true
      assert.is_truthy(LUA_TYPE[option.type])
      for _, field in ipairs {"default", "unit", "meaning"} do
        assert.is_string(option[field])
      end
      assert.is_true(#option.meaning > 10)
    end
    assert.is_true(seen.server and seen.timeout)
  end)

  it("tells the defaults that hold", function()
    assert.equal("https://api.telegram.org", (core.base()))
    assert.equal("https://api.telegram.org", (core.base {}))
    assert.equal('"telegram"', rows.server.default)
    assert.equal("30", rows.timeout.default)
    assert.equal("10", rows.connect_timeout.default)
    assert.equal("1048576", rows.max_response.default)
  end)

  it("is a new one each time: changing it changes nothing", function()
    core.options()[1].name = "mine"
    assert.equal("server", core.options()[1].name)
  end)
end)

describe("an option", function()
  for name, row in pairs(rows) do
    it(("'%s' raises for every type but %s, and says what it got"):format(name, row.type), function()
      for kind, value in pairs(VALUES) do
        if kind ~= LUA_TYPE[row.type] then
          local message = names({[name] = value}, name)
          assert.is_truthy(message:find(row.type .. " expected, got " .. kind, 1, true), message)
        end
      end
    end)
  end

  for name, row in pairs(rows) do
    if row.min then
      it(("'%s' takes its whole range and raises beyond it, for NaN and for infinity"):format(name), function()
        for _, value in ipairs {row.min, row.max, (row.type == "integer") and 4096 or 1.5} do
          assert.is_string((core.base {[name] = value}))
        end
        for _, value in ipairs {row.min - 0.0005, row.max + 1, 0, -1, -0.001, 2 ^ 53, 1e300, 1 / 0, -1 / 0, 0 / 0,
          -(0 / 0)} do
          assert.is_truthy(names({[name] = value}, name):find("out of range", 1, true))
        end
      end)
    end
  end

  it("'max_response' raises for a fraction", function()
    assert.is_truthy(names({max_response = 1.5}, "max_response"):find("integer", 1, true))
    assert.is_string((core.base {max_response = 4096.0}))
  end)

  local LONGEST = {server = 2048, ca_file = 4096, cert_file = 4096, key_file = 4096, unix_socket = 107,
    user_agent = 256, proxy = 2048, proxy_auth = 16}
  -- Options whose own rules come later.
  local CHECKED = {server = true, proxy = true, proxy_auth = true, key_file = true}
  for name, longest in pairs(LONGEST) do
    it(("'%s' raises for control bytes, and when it is too long"):format(name), function()
      for byte = 0, 31 do
        assert.is_truthy(names({[name] = "a" .. string.char(byte)}, name):find("control character", 1, true))
      end
      assert.is_truthy(names({[name] = "\127"}, name):find("control character", 1, true))
      assert.is_truthy(names({[name] = ("a"):rep(longest + 1)}, name):find("too long", 1, true))
      if not CHECKED[name] then
        assert.is_string((core.base {[name] = ("a"):rep(longest)}))
      end
      if name ~= "proxy" then
        assert.is_truthy(names({[name] = ""}, name):find("empty", 1, true))
      end
    end)
  end

  it("'key_file' raises without 'cert_file'", function()
    assert.is_truthy(names({key_file = "key.pem"}, "key_file"):find("give cert_file, too", 1, true))
    assert.is_string((core.base {key_file = "key.pem", cert_file = "certificate.pem"}))
    assert.is_string((core.base {cert_file = "both.pem"}))
    assert.is_string((core.base(setmetatable({key_file = "key.pem"}, {__index = {cert_file = "certificate.pem"}}))))
  end)

  it("'proxy_auth' takes the names of ways to log in, and raises for all else", function()
    for _, name in ipairs {"basic", "digest", "any"} do
      assert.is_string((core.base {proxy_auth = name}))
    end
    for _, name in ipairs {"Basic", "none", "bearer", "any ", "digest,ntlm"} do
      assert.is_truthy(names({proxy_auth = name}, "proxy_auth"):find '"digest"')
    end
  end)

  it("'proxy_auth' raises for an http:// server whose request an HTTP proxy may get, unless it is basic", function()
    local proxy, far = "http://127.0.0.1:3128", "http://bot.example"
    for _, options in ipairs {{server = far}, {server = far, proxy = proxy},
      {server = "http://127.0.0.1", proxy = proxy}} do
      options.plain_http = true
      for _, name in ipairs {"digest", "any"} do
        options.proxy_auth = name
        assert.is_truthy(names(options, "proxy_auth"):find("twice", 1, true))
      end
      options.proxy_auth = "basic"
      assert.is_string((core.base(options)))
    end
    for _, options in ipairs {{server = far, proxy = ""}, {server = far, proxy = "socks5h://127.0.0.1"},
      {server = "http://127.0.0.1"}, {server = "https://bot.example", proxy = proxy}} do
      options.plain_http, options.proxy_auth = true, "digest"
      assert.is_string((core.base(options)))
    end
  end)

  it("'proxy' may be empty: none", function()
    assert.is_string((core.base {proxy = ""}))
  end)

  it("that nobody knows raises with its name", function()
    for _, name in ipairs {"tiemout", "Server", "timeout_", "max_respons", "x", ("x"):rep(32)} do
      assert.is_truthy(raised({[name] = 1}):find("unknown option '" .. name .. "'", 1, true))
    end
  end)

  it("whose name may be a token is unknown, and isn't repeated", function()
    for _, name in ipairs {TOKEN, "a b", "", "a\nb", ("x"):rep(33), "\0", "a-b"} do
      local message = raised {[name] = 1}
      assert.is_truthy(message:find("unknown option", 1, true), message)
      assert.is_true(name == "" or not message:find(name, 1, true), message)
    end
  end)

  it("whose name isn't a string raises", function()
    for _, key in ipairs {1, 1.5, true, print, {}} do
      assert.is_truthy(raised({[key] = "server"}):find("name must be a string", 1, true))
    end
  end)

  it("is wrong in the same way in every function, at the argument's own place", function()
    local engine = core.engine()
    local bad = {timeout = "CANARY"}
    local cases = {
      {2, botapi.logout, TOKEN, bad}, {2, botapi.close_instance, TOKEN, bad}, {2, botapi.get_me, TOKEN, bad},
      {2, botapi.get_webhook_info, TOKEN, bad}, {3, botapi.delete_webhook, TOKEN, nil, bad},
      {3, botapi.set_webhook, TOKEN, {url = ""}, bad}, {4, botapi.call, TOKEN, "getMe", nil, bad},
    }
    for i, case in ipairs(cases) do
      local ok, message = pcall((table.unpack or unpack)(case, 2, 6))
      assert.is_false(ok)
      assert.is_truthy(message:find("bad argument #" .. case[1] .. " to", 1, true), i .. ": " .. message)
      assert.is_truthy(message:find("option 'timeout': number expected, got string", 1, true), message)
    end
    local ok, message = pcall(function() engine:start(TOKEN, "getMe", nil, bad) end)
    assert.is_false(ok)
    assert.is_truthy(message:find("bad argument #4 to 'start'", 1, true), message)
    engine:close()
  end)

  it("table must be a table or nothing", function()
    for _, value in ipairs {"x", 5, true, print} do
      local ok, message = pcall(botapi.logout, TOKEN, value)
      assert.is_false(ok)
      assert.is_truthy(message:find("table expected", 1, true), message)
    end
  end)

  it("may be inherited, from a table or by a function, at any depth", function()
    local defaults = {server = "http://127.0.0.1:1", headers = {["X-A"] = "1"}, timeout = 5}
    local by_function = setmetatable({}, {__index = function(_, name) return defaults[name] end})
    for _, options in ipairs {setmetatable({}, {__index = defaults}), by_function,
      setmetatable({connect_timeout = 3}, {__index = setmetatable({}, {__index = defaults})})} do
      local _, err = botapi.logout(TOKEN, options)
      assert.equal("network/no", err.kind .. "/" .. err.sent)
      assert.is_truthy(err.message:find("127.0.0.1", 1, true), err.message)
    end
    local ok, why = pcall(botapi.logout, TOKEN, setmetatable({}, {__index = {timeout = "x"}}))
    assert.is_false(ok)
    assert.is_truthy(why:find("option 'timeout'", 1, true), why)
    ok, why = pcall(botapi.logout, TOKEN, setmetatable({}, {__index = function() error "mine" end}))
    assert.is_false(ok)
    assert.is_truthy(why:find("mine", 1, true), why)
  end)

  it("that is a table has no inherited content, which would be left out", function()
    local lists = {headers = {["X-A"] = "1"}, resolve = {"a.example:443:127.0.0.1"}}
    for name, content in pairs(lists) do
      for _, meta in ipairs {{__index = content}, {__pairs = function() return next, content end}} do
        for _, own in ipairs {{}, content} do
          local ok, why = pcall(botapi.logout, TOKEN, {server = "http://127.0.0.1:1", [name] = setmetatable(own, meta)})
          setmetatable(content, nil)
          assert.is_false(ok, name .. " is taken")
          assert.is_truthy(why:find("option '" .. name .. "': a plain table expected", 1, true), why)
        end
      end
      assert.is_string((core.base {server = "http://127.0.0.1:1", [name] = setmetatable(content, {__name = "x"})}))
    end
  end)

  it("table is left as it was", function()
    local before = live.note()
    local options = {server = "http://127.0.0.1:1", headers = {["X-A"] = "1"}, resolve = {"a:1:127.0.0.1"}}
    botapi.logout(TOKEN, options)
    assert.same({server = "http://127.0.0.1:1", headers = {["X-A"] = "1"}, resolve = {"a:1:127.0.0.1"}}, options)
    before:check()
  end)
end)

describe("an option that is wrong", function()
  it("leaves nothing behind, however often it is tried", function()
    local engine = core.engine()
    local function tried(times)
      for _ = 1, times do
        assert.is_false(pcall(engine.start, engine, TOKEN, "getMe", nil, {nonsense = 1}))
        assert.is_false(pcall(engine.start, engine, TOKEN, "getMe", {a = print}, nil))
        assert.is_false(pcall(engine.probe, engine, "ftp://x"))
        assert.is_false(pcall(engine.timer, engine, -1))
      end
      if rawget(_G, "jit") then require("jit").flush() end  -- compiled traces count as memory
      collectgarbage()
      collectgarbage()
      return collectgarbage "count"
    end
    local before = tried(200)
    local more = tried(2000) - before
    assert.is_true(more < 100, ("%.0f KiB more"):format(more))
    assert.equal(0, core.live().calls)
    engine:close()
  end)
end)

describe("unix_socket", function()
  it("holds no token: it would be shown as the server's name, and noted in journals", function()
    for _, form in ipairs {"%s", "a%ssock", "bot%s/sock"} do
      local message = names({server = "http://h", unix_socket = "/run/" .. form:format("110201543:AAHCANARY"
        .. ("x"):rep(26))}, "unix_socket")
      assert.is_truthy(message:find("its path holds a token", 1, true), message)
      assert.is_nil(message:find("CANARY", 1, true))
    end
  end)
end)

describe("headers", function()
  local server
  lazy_setup(function() server = faults.start() end)
  lazy_teardown(function() server:stop() end)

  it("raise for the names that are the library's, in any case", function()
    for _, name in ipairs {"Host", "Content-Length", "Transfer-Encoding", "Connection", "Content-Type", "Expect"} do
      for _, spelled in ipairs {name, name:lower(), name:upper()} do
        local message = names({headers = {[spelled] = "x"}}, "headers")
        assert.is_truthy(message:find("'" .. spelled .. "'", 1, true), message)
      end
    end
  end)

  it("raise for what would add a line, or isn't a header's name", function()
    for _, value in ipairs {"a\r\nb", "a\nb", "a\rb", "\n", "a\0b", "\1", "\127"} do
      names({headers = {["X-A"] = value}}, "headers")
    end
    for _, name in ipairs {"", "a b", "a:b", "a\r\n", "a\0", "\195\188", "(x)", "a/b", '"'} do
      names({headers = {[name] = "x"}}, "headers")
    end
  end)

  it("that may be secrets aren't shown", function()
    for name, told in pairs { ["X-Api_Key9"] = "'X-Api_Key9'", [("CANARY"):rep(6)] = "a header",
      ["CANARY|x"] = "a header" } do
      local message = names({headers = {[name] = "a\nb"}}, "headers")
      assert.is_truthy(message:find("the value of " .. told .. " holds a control character", 1, true), message)
    end
  end)

  it("raise for names and values that aren't strings, without showing them", function()
    for _, map in ipairs {{"X-A: CANARY"}, {["X-A"] = 5}, {["X-A"] = true}, {["X-A"] = {"CANARY"}}, {[true] = "x"}} do
      assert.is_nil(names({headers = map}, "headers"):find("CANARY", 1, true))
    end
  end)

  it("are sent once each, an empty one too, and only with their call", function()
    local listener = server:open {mode = "ok"}
    assert.is_true(botapi.logout(TOKEN, {server = listener.url, timeout = 10, user_agent = "agent/1",
      headers = {["X-Real-IP"] = "1.2.3.4", ["X-Empty"] = "", ["Accept"] = "application/json"}}).ok)
    assert.is_true(botapi.logout(TOKEN, {server = listener.url, timeout = 10}).ok)
    local told = listener:close()
    local head = told.requests[1].head
    assert.is_truthy(head:find("\r\nX-Real-IP: 1.2.3.4\r\n", 1, true))
    assert.is_truthy(head:find("\r\nX%-Empty: ?\r\n"))
    assert.is_truthy(head:find("\r\nAccept: application/json\r\n", 1, true))
    assert.is_truthy(head:find("\r\nUser-Agent: agent/1\r\n", 1, true))
    assert.is_nil(head:find("*/*", 1, true))
    local next_head = told.requests[2].head
    assert.is_nil(next_head:find("X-", 1, true))
    assert.is_truthy(next_head:find("\r\nUser-Agent: botapi/" .. botapi._VERSION .. "\r\n", 1, true))
  end)
end)

describe("resolve", function()
  it("raises for anything but a list of host:port:address", function()
    for _, list in ipairs {{}, {1}, {true}, {"nocolon"}, {{"a:1:b"}}, {"a:1:127.0.0.1", 5}, {a = "a:1:127.0.0.1"},
      {"a:1:127.0.0.1\n"}, {"a:1:\0"}} do
      names({resolve = list}, "resolve")
    end
  end)

  it("raises for what can't be a host's name, and so never matches", function()
    for _, host in ipairs {"a b", " a", "a ", "a..", "a..b", ".a", ".", "..", "a/b", "a?b", "a#b", "a@b", "a\\b",
      "a%20b",
      "a%2525", "a%2fb", "a%40b", "a%00b", "a%3ab", "*", "a*", "a,b", "a\"b", "<a>", "a%2e%2eb", "[a]", "http//a"} do
      local message = names({resolve = {host .. ":1:127.0.0.1"}}, "resolve")
      assert.is_truthy(message:find("can't be the name of a host", 1, true) or message:find("host:port", 1, true))
    end
    for _, host in ipairs {"a", "a.", "a-b_c.example", "7", "127.0.0.1", "xn--bcher-kva.example.", "a~1", "a%2eb"} do
      assert.is_string((core.base {resolve = {host .. ":1:127.0.0.1"}}), host)
    end
  end)
end)
