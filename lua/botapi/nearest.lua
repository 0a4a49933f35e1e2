-- SPDX-License-Identifier: MIT
-- Owns which one of a list of names was meant by a mistyped one, and how names are compared.

local nearest = {}

local NEAR = 2                  -- characters to change, at most, and no more than half of them

--- Small letters by the large ones, whatever the locale: in a Turkish one "I" isn't the capital of "i".
nearest.small = {}
for byte = ("A"):byte(), ("Z"):byte() do nearest.small[string.char(byte)] = string.char(byte + 32) end

--- A name without case and underscores.
function nearest.key_of(name)
  return (name:gsub("[A-Z_]", function(c) return nearest.small[c] or "" end))
end

local function row_of(n)
  local row = {}
  for j = 0, n do row[j] = j end
  return row
end

-- How many characters to change, add or take away; two neighbours that have changed places are one change.
local function distance(a, b)
  local before, above = nil, row_of(#b)
  for i = 1, #a do
    local row = { [0] = i }
    for j = 1, #b do
      local same = a:byte(i) == b:byte(j)
      row[j] = math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (same and 0 or 1))
      local are_swapped = i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j)
      if are_swapped then row[j] = math.min(row[j], before[j - 2] + 1) end
    end
    before, above = above, row
  end
  return above[#b]
end

--- The first of the nearest names of a list, or nil when none is near. Case and underscores count for nothing.
function nearest.of(name, candidates)
  name = nearest.key_of(name)
  local best, least = nil, math.min(NEAR, math.floor(#name / 2)) + 1
  for _, candidate in ipairs(candidates) do
    local key = nearest.key_of(candidate)
    local is_possible = math.abs(#key - #name) < least
    local d = is_possible and distance(name, key)
    if d and d < least then best, least = candidate, d end
  end
  return best
end

--- What is asked of whoever wrote another name.
function nearest.question(name) return ("did you mean '%s'?"):format(name) end

return nearest
