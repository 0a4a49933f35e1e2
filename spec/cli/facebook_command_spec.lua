-- SPDX-License-Identifier: MIT
-- Specifies `botapi facebook logout`: its exit codes, its JSON, and that it shows no cookie; and docs/facebook.md.

local base64 = require "botapi.base64"
local cjson = require "cjson.safe".new()
local command = require "support.command"
local process = require "support.process"
local support = require "support.facebook"

local quote = process.quote

describe("botapi facebook logout", function()
  local emu, directory
  lazy_setup(function()
    emu = require "botapi.emulator".start { as = "facebook" }
    directory = process.directory()
  end)
  lazy_teardown(function() emu:close() end)
  before_each(function() emu:reset() end)

  local function write(name, text)
    local path = directory .. name
    local file = assert(io.open(path, "wb"))
    file:write(text)
    file:close()
    return path
  end

  -- Runs it: the exit code, standard output, standard error.
  local function run(words, stdin)
    local given = emu:facebook()
    local code, out, said = command.run(("facebook logout %s --port %d --resolve %s --ca-file %s <%s"):format(words,
      given.port, given.resolve[1], quote(given.ca_file), quote(stdin or "/dev/null")))
    support.check_text(out .. said)
    return code, out, said
  end

  local function with_file(words)
    local path = write("appstate.json", support.json(support.appstate()))
    local code, out, said = run("--appstate " .. quote(path) .. " " .. words)
    return code, out, said, path
  end

  it("ends with 0, and leaves the file alone", function()
    local code, out, said, path = with_file ""
    assert.equal(0, code)
    assert.is_truthy(out:find "^Logged out: the session of user …%d%d%d%d%.\n$", out)
    assert.equal("", said)
    assert.is_truthy(process.slurp(path):find("c_user", 1, true))
    assert.equal(4, #emu:calls())
  end)

  it("takes the cookies out of the file, with --rewrite", function()
    local code, _, _, path = with_file "--rewrite"
    assert.equal(0, code)
    assert.equal("[]\n", process.slurp(path))
  end)

  it("reads standard input", function()
    local path = write("in.json", support.json(support.appstate()))
    assert.equal(0, (run("--appstate -", path)))
    assert.equal(2, (run("--appstate - --rewrite", path)))
  end)

  it("reads every form, from a file and from standard input, and keeps it with --rewrite", function()
    local user, xs = support.new_user(), "CANARY-xs"
    local header = ("c_user=%s; xs=%s"):format(user, xs)
    local list = ('[{"name":"c_user","value":"%s"},{"name":"xs","value":"%s"}]'):format(user, xs)
    local forms = {
      { '{"cookies":' .. list .. "}", '{"cookies":[]}\n' },
      { ('{"c_user":"%s","xs":"%s"}'):format(user, xs), "{}\n" },
      { "Cookie: " .. header .. "\n", "Cookie: \n" },
      { base64.encode(header) .. "\n", "\n" },
      { ("# Netscape HTTP Cookie File\r\n#HttpOnly_.facebook.com\tTRUE\t/\tTRUE\t0\txs\t%s\r\n"
        .. ".facebook.com\tTRUE\t/\tTRUE\t0\tc_user\t%s\r\n"):format(xs, user), "# Netscape HTTP Cookie File\r\n" },
    }
    for _, form in ipairs(forms) do
      local path = write("form", form[1])
      assert.equal(0, (run("--appstate -", path)))
      emu:reset()
      assert.equal(0, (run("--rewrite --appstate " .. quote(path))))
      assert.equal(form[2], process.slurp(path))
      emu:reset()
    end
  end)

  it("names the forms and the cookies that are needed, where there is none", function()
    local _, _, said = run("--appstate " .. quote(write("broken", "CANARY")))
    for _, word in ipairs { "c_user", "xs", "JSON", "Cookie header", "Netscape", "base64" } do
      assert.is_truthy(said:find(word, 1, true), said)
    end
  end)

  it("refuses what is too large on standard input, where the rest may be a part of a cookie", function()
    local path = write("large", ("\n"):rep(4 * 1024 * 1024) .. "c_user=1; xs=CANARY")
    local code, _, said = run("--appstate -", path)
    assert.equal(2, code)
    assert.is_truthy(said:find("larger than 4 MiB", 1, true), said)
  end)

  it("refuses cookies in any form on the command line, and shows none", function()
    local appstate = support.json(support.appstate())
    for _, text in ipairs { "c_user=1; xs=CANARY", "xs=CANARY", "Cookie: xs=CANARY", "datr=CANARY; sb=CANARY", appstate,
      "\239\187\191" .. appstate, base64.encode(appstate), '{"xs":"CANARY"}', "[CANARY" } do
      local code, _, said = run("--appstate " .. quote(text))
      assert.equal(2, code)
      assert.is_truthy(said:find("takes the name of a file", 1, true), said)
      assert.is_nil(said:find(text, 1, true))
    end
    local part = base64.encode(appstate):sub(1, -20)
    local code, _, said = run("--appstate " .. quote(part))
    assert.equal(2, code)
    assert.is_nil(said:find(part:sub(1, 20), 1, true))
  end)

  it("shows its steps with -v", function()
    local code, _, said = with_file "-v"
    assert.equal(0, code)
    for _, step in ipairs { "home", "settings_menu", "logout", "landing" } do
      assert.is_truthy(said:find(step .. " at www.facebook.com", 1, true), said)
    end
  end)

  -- Fault, step, exit code, outcome, sent, reason.
  local cases = {
    { "not_logged_in", "settings_menu", 0, "already", "no", "logged_out" },
    { "login", "home", 0, "already", "no", "logged_out" },
    { "refused", "settings_menu", 1, "refused", "no", "bad_request" },
    { "checkpoint", "home", 1, "refused", "no", "protocol" },
    { "no_form", "settings_menu", 1, "refused", "no", "protocol" },
    { "unavailable", "home", 3, "not_sent", "no", "protocol" },
    { "lost_answer", "settings_menu", 3, "not_sent", "no", "network" },
    { "lost_answer", "logout", 4, "unknown", "maybe", "network" },
    { "elsewhere", "logout", 4, "unknown", "yes", "protocol" },
    { "unavailable", "logout", 4, "unknown", "yes", "protocol" },
    { "rate_limited", "home", 5, "later", "no", "protocol" },
  }
  for _, case in ipairs(cases) do
    it(("ends with %d for %s at %s, in JSON, too"):format(case[3], case[1], case[2]), function()
      emu:rule { method = case[2], times = 0, answer = case[1] }
      local code, out = with_file "--json --retries 0"
      local document = assert(cjson.decode(out), out)
      assert.same({ case[3], case[3], case[4], case[5], case[6], "facebook" },
        { code, document.exit, document.outcome, document.sent, document.reason, document.command })
      local again, text, said = with_file "--retries 0"
      assert.equal(code, again)
      assert.equal(code == 0, text ~= "")
      assert.equal(code ~= 0, said:find("^botapi: ") ~= nil)
    end)
  end

  it("ends with 2 for an appstate that can't be used, and for one on the command line", function()
    for _, text in ipairs { "", "CANARY", "[]", '[{"key":"c_user","value":"CANARY"}]' } do
      local path = write("broken.json", text)
      assert.equal(2, (run("--appstate " .. quote(path))))
    end
    assert.equal(2, (run "--appstate /nowhere"))
    assert.equal(2, (run("--appstate " .. quote(support.json(support.appstate())))))
    assert.equal(2, (run ""))
    assert.equal(2, (run "--appstate x --retries 99"))
    assert.equal(2, (run "--appstate x --timeout 0"))
    assert.equal(0, #emu:calls())
  end)

  it("that is interrupted says whether the session may have ended", function()
    local path = write("stop.json", support.json(support.appstate()))
    for step, expected in pairs { home = 130, logout = 4 } do
      emu:reset()
      emu:rule { method = step, answer = "silence" }
      local given = emu:facebook()
      local child = process.start { "bin/botapi", "facebook", "logout", "--appstate", path, "--port",
        tostring(given.port), "--resolve", given.resolve[1], "--ca-file", given.ca_file }
      assert(emu:calls { method = step, expect = 1, wait = 10 })
      local arguments = io.open("/proc/" .. child.pid .. "/cmdline"):read "*a"
      support.check_text(arguments, "the process list")
      child:kill "INT"
      assert.equal(expected, child:wait(10))
      support.check_text(child:output() .. child:errors())
    end
  end)
end)

describe("docs/facebook.md", function()
  local text = process.slurp(process.root .. "docs/facebook.md")
  local emu
  lazy_setup(function() emu = require "botapi.emulator".start { as = "facebook" } end)
  lazy_teardown(function() emu:close() end)

  -- The library; what names no port goes to the emulator: no spec speaks to Facebook.
  local function bound()
    local botapi = require "botapi"
    local function logout(appstate, options)
      local all = emu:facebook()
      for name, value in pairs(options or {}) do all[name] = value end
      return botapi.facebook.logout(appstate, all)
    end
    local facebook = setmetatable({ logout = logout }, { __index = botapi.facebook })
    return setmetatable({ facebook = facebook }, { __index = botapi })
  end

  local function environment(printed)
    local env = { require = function(name) return name == "botapi" and bound() or require(name) end }
    function env.print(...)
      for _, each in ipairs { ... } do printed[#printed + 1] = tostring(each) end
    end
    return setmetatable(env, { __index = _G })
  end

  local function run(block, printed)
    local chunk
    if setfenv then
      chunk = setfenv(assert(loadstring(block)), environment(printed))
    else
      chunk = assert(load(block, "=docs/facebook.md", "t", environment(printed)))
    end
    chunk()
  end

  it("has Lua that runs and prints what it promises", function()
    local path = process.directory() .. "documented.json"
    local file = assert(io.open(path, "w"))
    file:write(support.json(support.appstate()))
    file:close()
    local n = 0
    for block in text:gmatch "```lua\n(.-)```" do
      local printed = {}
      run((block:gsub('"appstate%.json"', function() return ("%q"):format(path) end)), printed)
      for promise in block:gmatch "%-%->%s*([^\n]+)" do
        assert.is_truthy(table.concat(printed, "\n"):find(promise, 1, true), promise)
      end
      n = n + 1
    end
    assert.equal(3, n)
  end)

  it("has each fault of the emulator's Facebook, and only options that there are", function()
    for _, fault in ipairs(require "botapi.emulator.facebook_faults") do
      local row = ("| `%s` | %s | %s |"):format(fault.name, fault.page, fault.sees)
      assert.is_truthy(text:find(row, 1, true), fault.name)
    end
    local _, parsers = require "botapi.cli".parser()
    local known = { ["--as"] = true, ["--cacert"] = true }
    for _, option in ipairs(parsers.facebook._options) do
      for _, alias in ipairs(option._aliases) do known[alias] = true end
    end
    for option in text:gmatch "%f[%w-](%-%-%a[%w-]+)" do assert.is_true(known[option], option) end
  end)
end)
