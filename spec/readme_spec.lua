-- SPDX-License-Identifier: MIT
-- Runs README.md: every block of Lua and every marked block of shell, against an emulator; and what it lists is there.

local botapi = require "botapi"
local emulator = require "botapi.emulator"
local process = require "support.process"

local readme = process.slurp(process.root .. "README.md")

-- The blocks of a language, with the line that each begins at.
local function blocks(info)
  local found, line, open = {}, 0, nil
  for text in readme:gmatch "([^\n]*)\n" do
    line = line + 1
    if open and text == "```" then
      open.text = table.concat(open, "\n") .. "\n"
      found[#found + 1], open = open, nil
    elseif open then
      open[#open + 1] = text
    elseif text == "```" .. info then
      open = {line = line}
    end
  end
  return found
end

-- The place of the last argument of each function that is for options.
local OPTIONS_AT = {logout = 2, close_instance = 2, get_me = 2, get_webhook_info = 2, delete_webhook = 3,
  set_webhook = 3, call = 4}

-- The library, but a call that names no server goes to the emulator: no spec speaks to a real one.
local function bound(server)
  local copy = setmetatable({}, {__index = botapi})
  for name, at in pairs(OPTIONS_AT) do
    copy[name] = function(...)
      local arguments = table.pack(...)
      local options = {server = server}
      for key, value in pairs(arguments[at] or {}) do options[key] = value end
      arguments[at] = options
      return botapi[name](table.unpack(arguments, 1, math.max(arguments.n, at)))
    end
  end
  return copy
end

-- What a block sees: its own environment variables, and what it prints.
local function environment(emu, printed)
  local variables = {BOT_TOKEN = emu:token(123456789), BOTAPI_SERVER = emu.url}
  local env = {os = setmetatable({getenv = function(name) return variables[name] end}, {__index = os})}
  function env.require(name) return name == "botapi" and bound(emu.url) or require(name) end
  function env.print(...)
    local words = table.pack(...)
    for i = 1, words.n do words[i] = tostring(words[i]) end
    printed[#printed + 1] = table.concat(words, "\t", 1, words.n)
  end
  return setmetatable(env, {__index = _G})
end

local function load_block(block, env)
  local name = "=README.md:" .. block.line
  if not setfenv then return assert(load(block.text, name, "t", env)) end
  return setfenv(assert(loadstring(block.text, name)), env)
end

-- What a block promises: the text behind "-->" of its lines, in order.
local function promised(block)
  local list = {}
  for text in block.text:gmatch "%-%->%s*([^\n]+)" do list[#list + 1] = text end
  return list
end

describe("README.md", function()
  local emu
  before_each(function() emu = emulator.start() end)
  after_each(function() emu:close() end)

  for _, block in ipairs(blocks "lua") do
    it(("has Lua that runs, in line %d"):format(block.line), function()
      local printed = {}
      load_block(block, environment(emu, printed))()
      for _, text in ipairs(promised(block)) do
        assert.is_truthy(table.concat(printed, "\n"):find(text, 1, true), "not printed: " .. text)
      end
    end)
  end

  for _, block in ipairs(blocks "sh run") do
    it(("has shell that runs, in line %d"):format(block.line), function()
      local log = process.directory() .. "readme.log"
      local command = "unset MAKEFLAGS MAKELEVEL; cd %s && { %s\n} >%s 2>&1 </dev/null"
      command = command:format(process.quote(process.root), block.text, process.quote(log))
      assert(process.run(command), process.slurp(log))
    end)
  end

  it("leads with check around logout", function()
    local first = blocks "lua"[1].text
    assert.is_truthy(first:find("assert(botapi.check(botapi.logout(token)))", 1, true))
    assert.is_true(select(2, first:gsub("\n", "\n")) <= 10)
  end)

  it("lists the functions that there are", function()
    local listed = {}
    for name in readme:gmatch "\n| `botapi%.([%a_]+)%(" do
      listed[#listed + 1] = name
      assert.equal("function", type(botapi[name]), name)
    end
    assert.equal(9, #listed)
    for name in pairs(OPTIONS_AT) do assert.is_truthy(readme:find("| `botapi." .. name .. "(", 1, true), name) end
  end)

  it("links to files that are there", function()
    for path in readme:gmatch "%]%(([^):]+)%)" do
      assert.is_truthy(process.slurp(process.root .. path), path)
    end
  end)
end)

describe("docs/options.md", function()
  it("is what make docs would write", function()
    local made = process.capture(("cd %s && %s packaging/manual.lua"):format(process.quote(process.root), process.lua))
    assert.equal(made, process.slurp(process.root .. "docs/options.md"), "run make docs")
  end)
end)
