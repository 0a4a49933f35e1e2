-- SPDX-License-Identifier: MIT
-- Owns the comparison of docs/command.md and docs/testing.md with the program.

local process = require "support.process"

local root = process.root

local function doc(name) return assert(process.slurp(root .. "docs/" .. name)) end

-- The options of some commands' parsers.
local function options_of(parsers)
  local known = {}
  for _, parser in pairs(parsers) do
    for _, option in ipairs(parser._options) do
      for _, alias in ipairs(option._aliases) do known[alias] = true end
    end
  end
  return known
end

-- The page says that there is no --token.
local function check_options(text, known)
  local n = 0
  for option in text:gmatch "%f[%w-](%-%-%a[%w-]+)" do
    if option ~= "--token" then assert.is_true(known[option], option) end
    n = n + 1
  end
  assert.is_true(n > 0)
end

describe("docs/command.md", function()
  local text = doc "command.md"

  it("has the list of the commands that make docs writes", function()
    local made = process.made(("cd %s && %s packaging/commands.lua"):format(process.quote(root), process.lua))
    assert.equal(made, text, "run make docs")
    for _, name in ipairs(require "botapi.cli".commands) do
      assert.truthy(text:find("\n| `botapi " .. name .. "` | %u[^\n|]*%. |\n"), name)
    end
  end)

  it("has only options that there are", function()
    check_options(text, options_of(select(2, require "botapi.cli".parser())))
  end)

  it("has the exit codes of the help, word for word", function()
    local topics, topic = require "botapi.cli.topics", nil
    for _, each in ipairs(topics) do
      if each.name == "exit-codes" then topic = topics.text(each) end
    end
    for code in text:gmatch "\n| (%d+) |" do assert.truthy(topic:find("\n +" .. code .. "   %a"), code) end
    for code in topic:gmatch "\n +(%d+)   %a" do assert.truthy(text:find("\n| " .. code .. " | ", 1, true), code) end
  end)
end)

describe("docs/fleet.md", function()
  it("has only options of the fleet's command", function()
    local _, parsers = require "botapi.cli".parser()
    check_options(doc "fleet.md", options_of { parsers.fleet })
  end)
end)

describe("docs/testing.md", function()
  local text = doc "testing.md"

  it("names who has run each client's setting", function()
    local _, n = text:gsub("\n| [%a][^\n]*documentation[^\n]*|", "")
    local _, run = text:gsub("\n| [%a][^\n]*run by `spec/emulator/emulator_npm_spec.lua` |", "")
    assert.same({ 5, 5 }, { n, run })
  end)

  it("gives the settings that the specs run", function()
    local clients = process.slurp(root .. "spec/npm/clients.js")
    for _, setting in ipairs { "client: { apiRoot: server }", "telegram: { apiRoot: server }",
      "new Api(token, { apiRoot: server })", "api: { baseURL: `${server}/bot` }", "apiBaseUrl: `${server}/bot`" } do
      assert.truthy(text:find(setting, 1, true), setting)
      assert.truthy(clients:find(setting, 1, true), setting)
    end
  end)

  it("has a logout from an emulated cloud that says when the cloud takes the bot back, and not without --as", function()
    local line = text:match "\n(bin/botapi emulator %-%-as cloud[^\n]+)\n"
    local function said(command)
      return process.capture("cd " .. process.quote(root) .. " && " .. command .. " 2>&1")
    end
    assert.truthy(said(line):find "here again from about")
    assert.falsy(said(line:gsub("%-%-as cloud %-%-yes", "--yes")):find "here again from about")
  end)

  it("has a rehearsal and control requests that work", function()
    local script = [[
      id=4711; token=$id:AAEm-ul8d_T0k3n-0f_N0-r3al_B0t-x1y2z
      curl -s "$BOTAPI_SERVER/_emulator/bots/$id/updates" -d '{"text":"/start"}'
      curl -s "$BOTAPI_SERVER/bot$token/sendMessage?chat_id=5&text=hi" >/dev/null
      curl -s "$BOTAPI_SERVER/_emulator/calls?bot=$id&method=sendMessage&expect=1&wait=5s"]]
    local said = process.capture("cd " .. process.quote(root) .. " && bin/botapi emulator -- sh -c "
      .. process.quote(script) .. " 2>&1")
    assert.truthy(said:find('"update_ids":[', 1, true), said)
    assert.truthy(said:find('"sendMessage"', 1, true), said)
  end)
end)
