-- SPDX-License-Identifier: MIT
-- Owns the check of docs/internals: its map has every source file, its links lead somewhere, and every document that a
-- comment cites exists; and of SECURITY.md: the specs that it names are there.

local process = require "support.process"

local quote, root = process.quote, process.root

local function lines_of(command)
  local lines = {}
  for line in process.capture(("cd %s && %s"):format(quote(root), command)):gmatch "[^\n]+" do
    lines[#lines + 1] = line
  end
  return lines
end

-- The comments of a file, each with its line; strings that look like one do no harm.
local function comments_of(path)
  local list, n, inside = {}, 0, false
  local is_c = path:match "%.[ch]$"
  local mark = path:match "%.lua$" and "%-%-(.*)$" or "#(.*)$"
  for line in process.slurp(root .. path):gmatch "([^\n]*)\n" do
    n = n + 1
    local text
    if is_c then
      text = inside and line or line:match "/%*.*$"
      if text then inside = not text:find("*/", 1, true) end
    else
      text = line:match(mark)
    end
    if text then list[#list + 1] = { line = n, text = text } end
  end
  return list
end

local function exists(path)
  return process.slurp(root .. path) ~= nil
end

describe("docs/internals", function()
  it("has a map that make docs wrote of the files that there are", function()
    local made = process.made(("cd %s && lua5.4 packaging/map.lua"):format(quote(root)))
    assert.equal(made, process.slurp(root .. "docs/internals/map.md"), "run make docs")
  end)

  for _, page in ipairs(lines_of "ls docs/internals/*.md") do
    it("links to files that are there: " .. page, function()
      for path in process.slurp(root .. page):gmatch "%]%(([^):#]+)#?[^):]*%)" do
        assert.is_true(exists("docs/internals/" .. path), path)
      end
    end)

    it("names files that are there: " .. page, function()
      for path in process.slurp(root .. page):gmatch "`([%l]+/[%w_/.-]+%.%l+)`" do
        assert.is_true(exists(path), path)
      end
    end)
  end

  it("is what comments cite, by paths from the root of the tree and without numbers of sections", function()
    local missing = {}
    for _, path in ipairs(lines_of("find src lua spec bin packaging -type f -not -path '*/node_modules/*'"
      .. " -not -path 'spec/golden/*' -not -name '*.json' -not -path '*/corpus/*'")) do
      for _, comment in ipairs(comments_of(path)) do
        local place = path .. ":" .. comment.line .. ": "
        for cited in comment.text:gmatch "[%w_/.-]+%.md%f[%W]" do
          if not exists(cited) then missing[#missing + 1] = place .. cited end
        end
        if comment.text:find("§", 1, true) or comment.text:find "Trap %d" then
          missing[#missing + 1] = place .. comment.text
        end
      end
    end
    assert.same({}, missing)
  end)
end)

describe("SECURITY.md", function()
  -- The specs of one cell: a file, and titles of it.
  local function missing_in(cell)
    local missing, n = {}, 0
    for path, titles in (cell .. ";"):gmatch '`(spec/[%w_/]+_spec%.lua)`: (.-);' do
      local text = process.slurp(root .. path) or ""
      for title in titles:gmatch '"([^"]+)"' do
        n = n + 1
        local is_there = false
        for line in text:gmatch "[^\n]+" do
          is_there = is_there or (line:find "it%(" or line:find "describe%(") and line:find(title, 1, true) ~= nil
        end
        if not is_there then missing[#missing + 1] = path .. ": " .. title end
      end
    end
    if n == 0 then missing[1] = "no spec: " .. cell end
    return missing
  end

  it("names a spec that there is for each promise", function()
    local all, rows = {}, 0
    local section = process.slurp(root .. "SECURITY.md"):match "### The specs that prove it\n(.-)\n## "
    for cell in section:gmatch "\n| [^|\n]+ | ([^|\n]+) |" do
      if cell ~= "spec" then
        rows = rows + 1
        for _, missing in ipairs(missing_in(cell)) do all[#all + 1] = missing end
      end
    end
    assert.is_true(rows >= 24, tostring(rows))
    assert.same({}, all)
  end)

  it("would miss a spec that isn't there", function()
    assert.same({ "spec/unit/docs_internals_spec.lua: no such title at all, in no line" },
      missing_in('`spec/unit/docs_internals_spec.lua`: "' .. "no such title at all" .. ', in no line"'))
    assert.equal(1, #missing_in "nothing")
  end)
end)
