-- SPDX-License-Identifier: MIT
-- Owns the specs of the prompt: examples/repl.md is a real session, and Ctrl-C ends a call but not the session.

local process = require "support.process"
local support = require "spec.support.emulator"
local terminal = require "support.terminal"

local quote = process.quote

-- What is the run's own.
local function normal(text)
  text = text:gsub("127%.0%.0%.1:%d%d%d+", "127.0.0.1:0")
  -- libcurl's own words, which change from version to version
  text = text:gsub("(logOut: )Failed to connect[^;\n]*", "%1(libcurl's text)")
  return (text:gsub("%s+$", ""))
end

-- The lines that are typed, and all that is seen, of the examples' blocks.
local function transcript()
  local typed, seen = {}, {}
  for block in process.slurp(process.root .. "examples/repl.md"):gmatch "```\n(.-)```" do
    for line in block:gmatch "[^\n]+" do
      if line:find "^> " then typed[#typed + 1] = line:sub(3) end
      if not line:find "^%$" then seen[#seen + 1] = line end
    end
  end
  return typed, table.concat(seen, "\n")
end

describe("examples/repl.md", function()
  it("is what a session with lua5.4 -i -l botapi shows", function()
    local typed, expected = transcript()
    assert.is_true(#typed > 15)
    local path = terminal.directory() .. "typed"
    local file = assert(io.open(path, "w"))
    file:write(table.concat(typed, "\n"), "\n")
    file:close()
    -- as slowly as a person at most: right after a logOut a server answers otherwise
    local text = process.capture(("{ while IFS= read -r line; do sleep 0.05; printf '%%s\\n' \"$line\"; done <%s; } "
      .. "| lua5.4 -i -l botapi 2>&1"):format(quote(path)))
    text = text:gsub("^Lua 5%.4[^\n]*\n", ""):gsub("\n> *\n*$", "")
    local echoed = text:find("> emu = require", 1, true) ~= nil
    if not echoed then expected = expected:gsub("> [^\n]*\n", "> ") end    -- a Lua without readline
    assert.equal(normal(expected), normal(text))
  end)
end)

for _, lua in ipairs { "lua5.4", "luajit" } do
  describe("at the prompt of " .. lua, function()
    local here, emu, repl, id
    local built = process.root .. "build/" .. lua .. "/?.so;;"

    setup(function()
      here = support.start()
      emu = here.emu
    end)
    teardown(function() emu:close() end)

    before_each(function()
      id = support.new_id()
      repl = terminal.start(lua .. " -i", { LUA_CPATH = built })
      repl:await "\n>"
      repl:type("botapi = require 'botapi'", "Enter")
      repl:type(("token, there = '%d:CANARY-secret-at-a-prompt-00', {server = '%s'}"):format(id, here.url), "Enter")
    end)
    after_each(function() repl:close() end)

    local function hang(line)
      emu:rule { method = "logOut", bot = id, answer = "silence" }
      repl:type(line, "Enter")
      assert(emu:calls { bot = id, method = "logOut", expect = 1, wait = 10 })
    end

    local function works_on()
      repl:type("print(botapi.get_me(token, there))", "Enter")
      local screen = repl:await "description = \"Logged out\"}"
      assert.truthy(screen:find "\n>[^\n]*$")
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
