-- SPDX-License-Identifier: MIT
-- Owns what README.md and the pages that it leads to have to say, beside their blocks, which
-- spec/system/docs_blocks_spec.lua runs; and that what `make docs` writes is current.

local blocks = require "support.blocks"
local botapi = require "botapi"
local process = require "support.process"

local function page(path) return process.slurp(process.root .. path) end

local readme = page "README.md"

describe("README.md", function()
  local function block_with(text)
    for _, block in ipairs(blocks.read(readme)) do
      if block.info == "lua" and block.text:find(text, 1, true) then return block end
    end
  end

  it("leads with the logout, then the move: on an emulator first, then with a warning", function()
    local texts = {}
    for i, block in ipairs(blocks.read(readme)) do texts[i] = block.text end
    assert.equal("make demo\n", texts[1])
    assert.is_truthy(texts[2]:find("botapi.logout(token)", 1, true))
    assert.is_truthy(texts[3]:match "^botapi migrate ")
    assert.is_truthy(texts[4]:find("botapi.migrate(", 1, true))
    assert.is_truthy(readme:find("act on Telegram's real cloud", 1, true) < readme:find(texts[2], 1, true))
  end)

  it("is read in one go, and leads to every page of docs/", function()
    assert.is_true(select(2, readme:gsub("\n", "\n")) < 200)
    for path in process.capture("cd " .. process.quote(process.root) .. " && ls docs/*.md"):gmatch "[^\n]+" do
      assert.is_truthy(readme:find("](" .. path .. ")", 1, true), path)
    end
  end)

  it("has ten lines at most that begin with check around logout", function()
    local block = assert(block_with "assert(botapi.check(botapi.logout(token)))")
    assert.is_true(select(2, block.text:gsub("\n", "\n")) <= 10)
  end)

  it("installs the packages that packaging/deps.sh would", function()
    local list = page "packaging/deps.sh"
    local count = 0
    for line in readme:gmatch "\n%l[%l-]+ %l+ ([^\n]*gcc [^\n]+)" do
      count = count + 1
      for package in line:gmatch "%S+" do
        assert.is_truthy((list .. " luarocks "):find("[ |]" .. package:gsub("%p", "%%%0") .. "[ |\n]"), package)
      end
    end
    assert.equal(3, count)                             -- Debian, Fedora, Alpine
  end)

  it("says of each way to install whether it was tried: what CI types, what specs run, or that it wasn't", function()
    local install = readme:match "\n## Install\n(.-)\n## "
    local ways = 0
    for way in install:gsub("\n%*%*", "\1"):gmatch "\1([^\1]+)" do
      ways = ways + 1
      assert.is_truthy(way:find("CI ", 1, true) or way:find("haven't been tried", 1, true), way)
    end
    assert.equal(5, ways)
    assert.is_truthy(install:find("\n```sh debian\n", 1, true))
    assert.is_truthy(page ".ci/run":find(" type-install ", 1, true))
  end)
end)

describe("a page that README.md leads to", function()
  it("lists the functions that there are", function()
    local listed = {}
    for name in page "docs/functions.md":gmatch "\n| `botapi%.([%a_]+)%(" do
      listed[name] = true
      assert.equal("function", type(botapi[name]), name)
    end
    for name, value in pairs(botapi) do
      if type(value) == "function" and name ~= "sleep" then assert.is_true(listed[name], name) end
    end
  end)

  it("has the figures of the benchmark", function()
    local results = page "bench/RESULTS.md":match "\n## In short\n\n(.-\n)\n"
    local figures = page "docs/compared.md"
      :match "<!%-%- figures: written by make bench %-%->\n(.-)<!%-%- end of the figures %-%->"
    assert.is_truthy(figures:match "^%- %S")
    assert.equal(results, figures)
  end)

  it("names a source for each fact about others", function()
    local compared = page "docs/compared.md"
    local table_of = compared:match "\n| | botapi | grammY.-\n\n"
    local rows = 0
    for row in table_of:gmatch "\n(| [^|%-][^\n]*)" do
      local _, sources = row:gsub("%[%d%]", "")
      assert.equal(4, sources, row)
      rows = rows + 1
    end
    assert.equal(7, rows)
    for n = 1, 6 do assert.is_truthy(compared:find(("[%d] "):format(n), 1, true)) end
  end)
end)

-- A text with six characters of a secret in a row is hidden: such a token would hide that word in whatever is shown.
describe("a token in an example", function()
  it("has no word in it", function()
    local files = process.capture("cd " .. process.quote(process.root)
      .. " && grep -rlE '[0-9]{4,}:[A-Za-z0-9_-]{16,}' README.md docs examples lua packaging types")
    local n = 0
    for path in files:gmatch "[^\n]+" do
      for token in page(path):gmatch "%d%d%d%d+:([%w_-]+)" do
        if #token >= 16 then
          n = n + 1
          assert.is_nil(token:match "%l%l%l%l", path .. ": " .. token)
        end
      end
    end
    assert.is_true(n > 10, n .. " tokens")
  end)
end)

describe("what make docs writes into the tree", function()
  for path, program in pairs { ["docs/options.md"] = "manual", ["docs/errors.md"] = "errors" } do
    it("is current: " .. path, function()
      local made = process.made(("cd %s && %s packaging/%s.lua"):format(process.quote(process.root), process.lua,
        program))
      assert.equal(made, page(path), "run make docs")
    end)
  end
end)
