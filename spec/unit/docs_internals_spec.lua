-- SPDX-License-Identifier: MIT
-- Owns the check of docs/internals: its map has every source file, its links lead somewhere, and every document that a
-- comment cites exists.

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
    local made = process.capture(("cd %s && lua5.4 packaging/map.lua"):format(quote(root)))
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
