-- SPDX-License-Identifier: MIT
-- The public surface: which names there are, that botapi's are the core's, and that loading it does nothing else.

local botapi = require "botapi"
local core = require "botapi.core"
local faults = require "support.faults"
local live = require "support.live"
local process = require "support.process"

local TOKEN = "110201543:AAHCANARYabcdefghijklmnopqrst"
local CALLS = {"logout", "close_instance", "get_me", "get_webhook_info", "delete_webhook", "set_webhook", "call",
  "probe"}

describe("botapi", function()
  it("has the core's own functions: they are C, one and the same", function()
    for _, name in ipairs(CALLS) do
      assert.equal(core[name], botapi[name], name)
      assert.equal("C", debug.getinfo(botapi[name], "S").what, name)
    end
    assert.equal(core.engine, botapi.engine)
  end)

  it("has check, reason, explain, sleep and its version beside them", function()
    local reason = require "botapi.reason"
    for _, name in ipairs {"check", "reason", "explain"} do
      assert.equal(reason[name], botapi[name])
    end
    assert.equal("function", type(botapi.sleep))
    assert.is_truthy(botapi._VERSION:match("^%d+%.%d+%.%d+$"))
    assert.equal(core._VERSION, botapi._VERSION)
  end)

  it("has array and null, the same ones by whichever way calls wait", function()
    local other = require "botapi.api" {engine = core.engine, await = function() end}
    assert.equal("function", type(botapi.array))
    assert.equal(require "cjson".null, botapi.null)
    assert.is_true(rawequal(botapi.array, other.array) and rawequal(botapi.null, other.null))
    for _, loop in ipairs {"cqueues", "luv", "copas"} do
      local is_here, api = pcall(require, "botapi." .. loop)
      if is_here then assert.is_true(rawequal(botapi.array, api.array) and rawequal(botapi.null, api.null), loop) end
    end
  end)

  it("has nothing under a name that isn't one", function()
    assert.is_nil(botapi.nonsense)
    assert.is_nil(botapi[1])
  end)

  it("says which one was meant by a name that is nearly one, or a method's of the Bot API", function()
    for wrong, right in pairs { logOut = "'logout'", log_out = "'logout'", getMe = "'get_me'", migrat = "'migrate'",
      close = "'close_instance'", sendMessage = "bot:send_message()",
      send_mesage = 'botapi.call(token, "sendMessage")' } do
      local ok, why = pcall(function() return botapi[wrong] end)
      assert.is_false(ok)
      assert.matches("^[^\n]*api_spec%.lua:%d+: botapi has no function '" .. wrong .. "'", why)
      assert.is_truthy(why:find(right, 1, true), why)
    end
  end)

  it("loads with no output, no descriptor, no thread, no global and no environment changed", function()
    local child = process.program [[
      local lfs = require "lfs"
      local function count(path)
        local n = 0
        for _ in lfs.dir(path) do n = n + 1 end
        return n
      end
      local names = {}
      for name in pairs(_G) do names[name] = true end
      local fds, tasks = count "/proc/self/fd", count "/proc/self/task"
      require "botapi"
      for name in pairs(_G) do assert(names[name], name) end
      assert(count "/proc/self/fd" == fds, "a descriptor")
      assert(count "/proc/self/task" == tasks, "a thread")
      assert(package.loaded.cqueues == nil and package.loaded.socket == nil and package.loaded.luv == nil)
      io.stderr:write("loaded")
    ]]
    child:wait()
    assert.equal("loaded", child:errors())
    assert.equal(1, #child.lines)          -- its pid
  end)

  it("leaves lua-cjson as others have set it, and isn't changed by them", function()
    local child = process.program [[
      local cjson = require "cjson"
      local core = require "botapi.core"
      require("cjson.safe").decode_max_depth(2)
      cjson.encode_number_precision(3)
      cjson.encode_keep_buffer(false)
      core.check_params({params = {a = {type = "array"}}}, {a = {{{{12345}}}}})
      print(cjson.encode(12345678), pcall(cjson.decode, "NaN"))
    ]]
    child:wait()
    assert.equal("", child:errors())
    assert.is_truthy(child:output():find("1.23e+07\ttrue", 1, true), child:output())
  end)

  it("is loaded twice without harm", function()
    local child = process.program [[
      local core = require "botapi.core"
      core.logout("1:x", {server = "http://127.0.0.1:1"})
      package.loaded["botapi.core"] = nil
      local again = require "botapi.core"
      for _, each in ipairs {core, again} do
        local res, err = each.logout("1:x", {server = "http://127.0.0.1:1"})
        assert(res == nil and err.kind == "network", tostring(err))
      end
      collectgarbage()
      print(again.live().calls)
    ]]
    child:wait()
    assert.equal("", child:errors())
    assert.equal("0", child.lines[2])
  end)
end)

describe("botapi.api over any driver", function()
  local server, before
  lazy_setup(function() server = faults.start() end)
  lazy_teardown(function() server:stop() end)
  before_each(function() before = live.note() end)
  after_each(function() before:check() end)

  -- A driver that steps an engine of its own.
  local function driver()
    local drive = {}
    function drive.engine()
      drive.own = drive.own or core.engine()
      return drive.own
    end
    function drive.await(call)
      while not call:done() do
        drive.own:step(10)
      end
    end
    return drive
  end

  it("has the same functions with the same results", function()
    local drive = driver()
    local api = require "botapi.api"(drive)
    local listener = server:open {mode = "ok"}
    local options = {server = listener.url, timeout = 10}
    for _, name in ipairs(CALLS) do
      assert.equal("function", type(api[name]), name)
    end
    assert.same({ok = true, result = true}, api.logout(TOKEN, options))
    assert.same(botapi.get_me(TOKEN, options), api.get_me(TOKEN, options))
    assert.is_true(api.close_instance(TOKEN, options).ok)
    assert.is_true(api.get_webhook_info(TOKEN, options).ok)
    assert.is_true(api.delete_webhook(TOKEN, {drop_pending_updates = true}, options).ok)
    assert.is_true(api.set_webhook(TOKEN, {url = "x"}, options).ok)
    assert.is_true(api.call(TOKEN, "sendMessage", {text = "x"}, options).ok)
    local res, err = api.probe(listener.url)
    assert.is_nil(res)
    assert.equal("protocol", err.kind)
    res, err = api.logout("x", options)
    assert.is_nil(res)
    assert.equal("token/no", err.kind .. "/" .. err.sent)
    drive.own:close()
    local told = listener:close()
    assert.equal(9, #told.requests)
    assert.equal("drop_pending_updates=true", told.requests[6].body)
  end)

  it("raises for the same mistakes", function()
    local drive = driver()
    local api = require "botapi.api"(drive)
    for _, wrong in ipairs {function(a) a.logout() end, function(a) a.logout(5) end,
      function(a) a.logout(TOKEN, {nonsense = 1}) end, function(a) a.set_webhook(TOKEN, {}) end,
      function(a) a.set_webhook(TOKEN, {url = "x", timeout = 5}) end, function(a) a.call(TOKEN, "a/b") end,
      function(a) a.delete_webhook(TOKEN, {url = "x"}) end, function(a) a.probe("ftp://x") end} do
      assert.is_false(pcall(wrong, botapi))
      assert.is_false(pcall(wrong, api))
    end
    assert.equal(0, core.live().calls)
    drive.own:close()
  end)
end)
