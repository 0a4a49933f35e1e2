-- SPDX-License-Identifier: MIT
-- Owns the comparison of what the command prints with the files in spec/golden; with GOLDEN=write it writes them.

local luassert = require "luassert"
local process = require "support.process"

local golden = {}

--- A text without times and durations, which are the run's own: nothing else may differ.
function golden.normal(text)
  text = text:gsub("%d%d:%d%d:%d%d", "hh:mm:ss"):gsub("%f[%d]%d%d:%d%d%f[^%d:]", "hh:mm")
  text = text:gsub("%d+%.%d s%f[%W]", "0.0 s"):gsub("%(%d+ s%)", "(0 s)"):gsub("(waiting  )%d+( s of)", "%10%2")
  return (text:gsub("again in %d+ s", "again in 0 s"):gsub("[ \t]+\n", "\n"):gsub("%s+$", ""))
end

local normal = golden.normal

-- The lines as a terminal shows them.
local function folded(text, columns)
  local lines = {}
  for line in (text .. "\n"):gmatch "(.-)\n" do
    for i = 1, math.max(#line, 1), columns do lines[#lines + 1] = line:sub(i, i + columns - 1) end
  end
  return table.concat(lines, "\n")
end

local function path_of(name) return process.root .. "spec/golden/" .. name .. ".txt" end

local function write(name, text)
  local file = assert(io.open(path_of(name), "w"))
  file:write(text, "\n")
  file:close()
end

--- Raises unless a text is that of a file.
-- @string name of the file
-- @string text
-- @tparam ?number columns of a terminal where the file shows which lines are too long for it
function golden.same(name, text, columns)
  local seen = columns and normal(folded(normal(text), columns)) or normal(text)
  if os.getenv "GOLDEN" == "write" then write(name, seen) end
  local wanted = assert(process.slurp(path_of(name)), "no golden file " .. name)
  luassert.equal(normal(wanted), seen)
end

return golden
