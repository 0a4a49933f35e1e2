-- SPDX-License-Identifier: MIT
-- Owns which one of a list of names was meant by a mistyped one.

local NEAR = 2                  -- characters to change, at most

-- How many characters to change, add or take away.
local function distance(a, b)
  local row = {}
  for j = 0, #b do row[j] = j end
  for i = 1, #a do
    local diagonal = row[0]
    row[0] = i
    for j = 1, #b do
      local cost = a:byte(i) == b:byte(j) and 0 or 1
      local best = math.min(row[j] + 1, row[j - 1] + 1, diagonal + cost)
      diagonal, row[j] = row[j], best
    end
  end
  return row[#b]
end

--- The first of the nearest names of a list, or nil when none is near.
return function(name, candidates)
  local best, least = nil, NEAR + 1
  for _, candidate in ipairs(candidates) do
    local is_possible = math.abs(#candidate - #name) < least
    local d = is_possible and distance(name, candidate)
    if d and d < least then best, least = candidate, d end
  end
  return best
end
