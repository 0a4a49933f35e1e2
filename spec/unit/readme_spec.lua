-- SPDX-License-Identifier: MIT
-- Owns what README.md has to say, beside its blocks, which spec/system/docs_blocks_spec.lua runs; and that what
-- `make docs` writes is current.

local blocks = require "support.blocks"
local botapi = require "botapi"
local process = require "support.process"

local readme = process.slurp(process.root .. "README.md")

describe("README.md", function()
  local function block_with(text)
    for _, block in ipairs(blocks.read(readme)) do
      if block.info == "lua" and block.text:find(text, 1, true) then return block end
    end
  end

  it("leads with the move", function()
    assert.is_truthy(blocks.read(readme)[1].text:match "^botapi migrate ")
    assert.is_truthy(blocks.read(readme)[2].text:find("botapi.migrate(", 1, true))
  end)

  it("has ten lines at most that begin with check around logout", function()
    local block = assert(block_with "assert(botapi.check(botapi.logout(token)))")
    assert.is_true(select(2, block.text:gsub("\n", "\n")) <= 10)
  end)

  it("lists the functions that there are", function()
    local listed = {}
    for name in readme:gmatch "\n| `botapi%.([%a_]+)%(" do
      listed[name] = true
      assert.equal("function", type(botapi[name]), name)
    end
    for name, value in pairs(botapi) do
      if type(value) == "function" and name ~= "sleep" then assert.is_true(listed[name], name) end
    end
  end)

  it("has the figures of the benchmark", function()
    local results = process.slurp(process.root .. "bench/RESULTS.md"):match "\n## In short\n\n(.-\n)\n"
    local figures = readme:match "<!%-%- figures: written by make bench %-%->\n(.-)<!%-%- end of the figures %-%->"
    assert.is_truthy(figures:match "^%- %S")
    assert.equal(results, figures)
  end)

  it("has the kinds of failure, as docs/errors.md and the program have them", function()
    local errors = process.slurp(process.root .. "docs/errors.md")
    for _, kind in ipairs(require "botapi.reason.rows".kinds) do
      local row = errors:match("\n| `" .. kind[1] .. "` | [^\n]+")
      assert.is_truthy(row, kind[1])
      assert.is_truthy(readme:find(row, 1, true), row)
    end
  end)

  it("names a source for each fact about others", function()
    local table_of = readme:match "\n| | botapi | grammY.-\n\n"
    local rows = 0
    for row in table_of:gmatch "\n(| [^|%-][^\n]*)" do
      local _, sources = row:gsub("%[%d%]", "")
      assert.equal(4, sources, row)
      rows = rows + 1
    end
    assert.equal(7, rows)
    for n = 1, 6 do assert.is_truthy(readme:find(("[%d] "):format(n), 1, true)) end
  end)

  it("installs the packages that packaging/deps.sh would", function()
    local list = process.slurp(process.root .. "packaging/deps.sh")
    for line in readme:gmatch "apt%-get install ([^\n]+)" do
      for package in line:gmatch "%S+" do
        assert.is_truthy(package:match "^%./" or list:find(" " .. package .. " ", 1, true), package)
      end
    end
  end)
end)

describe("what make docs writes into the tree", function()
  for page, program in pairs { ["docs/options.md"] = "manual", ["docs/errors.md"] = "errors" } do
    it("is current: " .. page, function()
      local made = process.capture(("cd %s && %s packaging/%s.lua"):format(process.quote(process.root), process.lua,
        program))
      assert.equal(made, process.slurp(process.root .. page), "run make docs")
    end)
  end
end)
