-- SPDX-License-Identifier: MIT
-- Owns the specs of the prompt: examples/repl.md is a real session, and Ctrl-C ends a call but not the session.

local process = require "support.process"
local socket = require "socket"
local support = require "spec.support.emulator"
local terminal = require "support.terminal"

-- With Lua 5.4 also LuaJIT is built, whose prompt differs most.
local LUAS = process.lua == "lua5.4" and { "lua5.4", "luajit" } or { process.lua }

local function built(lua) return process.root .. "build/" .. lua .. "/?.so;;" end

-- Before Lua 5.3 `-l` sets no global, or a line isn't printed by itself: it has to begin with "=".
local IS_OLD = { ["lua5.1"] = true, ["lua5.2"] = true, luajit = true }

local loader = rawget(_G, "loadstring") or load

local function as_typed(lua, line)
  return IS_OLD[lua] and loader("return " .. line) and "=" .. line or line
end

local START = { ["lua5.1"] = [[ -i -e 'botapi = require "botapi"']] }
START.luajit = START["lua5.1"]

local function start(lua, size)
  local repl = terminal.start(lua .. (START[lua] or " -i -l botapi"), { LUA_CPATH = built(lua) }, size)
  repl:await "\n>$"
  return repl
end

-- What is the run's own, and where a terminal has spaces for a tab.
local function normal(text)
  text = text:gsub("127%.0%.0%.1:%d%d%d+", "127.0.0.1:0"):gsub("in [%d.]+ s, [%d.]+ a second", "in 0 s")
  -- libcurl's own words, which change from version to version
  text = text:gsub("(logOut: )Failed to connect[^;\n]*", "%1(libcurl's text)")
  return (text:gsub("\n> =", "\n> "):gsub("[ \t]+", " "):gsub("%s+$", ""))
end

-- The lines that are typed, and all that is seen, of the examples' blocks.
local function transcript()
  local typed, seen = {}, {}
  for block in process.slurp(process.root .. "examples/repl.md"):gmatch "```\n(.-)```" do
    for line in block:gmatch "([^\n]*)\n" do
      if line:find "^> " then typed[#typed + 1] = line:sub(3) end
      local is_shown = line ~= "" or not (seen[#seen] or ""):find "^> token"
      if is_shown and not line:find "^%$" then seen[#seen + 1] = line end
    end
  end
  return typed, "\n" .. table.concat(seen, "\n")
end

for _, lua in ipairs(LUAS) do
  describe("examples/repl.md", function()
    it("is what a session with " .. lua .. " shows in a terminal", function()
      local typed, expected = transcript()
      assert.is_true(#typed > 25)
      local repl = start(lua, { 200, 300 })
      for _, line in ipairs(typed) do
        repl:line(as_typed(lua, line))
        repl:await "\n>$"
        socket.select(nil, nil, 0.05)   -- as a person at most: right after a logOut a server answers otherwise
      end
      local text = repl:screen():gsub("\n>$", "")
      repl:close()
      assert.equal(normal(expected), normal(text:sub(text:find "\n> ", -1)))
    end)
  end)
end

for _, lua in ipairs(LUAS) do
  describe("at the prompt of " .. lua, function()
    local here, emu, repl, id

    setup(function()
      here = support.start()
      emu = here.emu
    end)
    teardown(function() emu:close() end)

    before_each(function()
      id = support.new_id()
      repl = start(lua)
      repl:line(("token, there = '%d:CANARY-secret-at-a-prompt-00', {server = '%s'}"):format(id, here.url))
      repl:await "\n>$"
    end)
    after_each(function() repl:close() end)

    local function hang(line)
      emu:rule { method = "logOut", bot = id, answer = "silence" }
      repl:type(line, "Enter")
      assert(emu:calls { bot = id, method = "logOut", expect = 1, wait = 10 })
    end

    local function works_on()
      repl:type("print(botapi.get_me(token, there))", "Enter")
      repl:await "description = \"Logged out\"}.*\n>[^\n]*$"
    end

    it("Ctrl-C ends a call that hangs, says what became of it, and the next one works", function()
      hang "print(botapi.logout(token, there))"
      repl:type "C-c"
      repl:await "botapi: logOut: interrupted; it may have been carried out"
      works_on()
    end)

    it("Ctrl-C ends one in a coroutine", function()
      hang "coroutine.wrap(function() print('in it', botapi.logout(token, there)) end)()"
      repl:type "C-c"
      repl:await "interrupted"
      works_on()
    end)

    local function run(...)
      for _, line in ipairs { ... } do
        repl:line(line)
        repl:await "\n>$"
      end
    end

    it("Ctrl-C ends no emulator that was started there, and the next calls work", function()
      run("emu = require('botapi.emulator').start()", "there, mine = {server = emu.url}, emu:token(7)",
        "rule = emu:rule {method = 'logOut', answer = 'silence'}", "print(emu)")
      local control = setmetatable({ control_url = repl:screen():match "botapi.emulator: (%S+)" },
        require "botapi.emulator.client")
      repl:line "print(botapi.logout(mine, there))"
      assert(control:calls { method = "logOut", expect = 1, wait = 10 })
      repl:type "C-c"
      repl:await "botapi: logOut: interrupted; it may have been carried out"
      run "print(#emu:calls {method = 'logOut', expect = 1}, botapi.get_me(emu:token(8), there).ok)"
      repl:await "\n1%s+true\n"
      repl:line "print 'it waits' print(emu:calls {expect = 99, wait = 100})"
      repl:await "\nit waits"
      repl:type "C-c"
      repl:await "interrupted!"
      run "print(emu:state().as, botapi.get_me(emu:token(8), there).ok)"
      repl:await "\nlocal%s+true\n"
    end)

    it("a mistake says what was meant, with the line", function()
      run("bot = botapi.bot(token)", "res, err = botapi.logout 'malformed'")
      for wrong, said in pairs {
        ["bot.logout()"] = "stdin:1: bad argument to 'logout' %(a bot expected, got nil: call it with a colon, bot:lo",
        ["botapi.logout(bot)"] = "stdin:1: bad argument #1 to 'logout' %(token: string expected, got a bot: write bot",
        ["botapi.explain(err)"] = "stdin:1: bad argument to 'explain' %(res: an envelope expected, got an error: write",
        ["botapi.bot(token, {retrys = 3})"] = "stdin:1: bad argument to 'bot' %(unknown option 'retrys'; did you mean",
        ["botapi.getMe(token)"] = "stdin:1: botapi has no function 'getMe': did you mean 'get_me'%?",
        ["botapi.logout(token, {timout = 3})"] = "stdin:1: bad argument #2 to 'logout' %(unknown option 'timout'; did",
      } do
        run(wrong)
        repl:await(said)
      end
    end)

    it("a window that changes its size ends nothing", function()
      emu:rule { method = "logOut", bot = id, answer = { delay = "5m" } }
      repl:type("print(botapi.logout(token, there))", "Enter")
      assert(emu:calls { bot = id, method = "logOut", expect = 1, wait = 10 })
      repl:resize(100, 40)
      emu:advance "5m"
      repl:await "{ok = true, result = true}"
    end)
  end)
end
