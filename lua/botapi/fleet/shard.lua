-- SPDX-License-Identifier: MIT
-- Owns which of several machines that share a list each bot belongs to: by its id alone, so without talking.

local shard = {}

-- The largest prime below 2^26, and its golden section: products are exact in the numbers of every Lua.
local PRIME, FACTOR = 67108859, 41475556
local MOST = 100000             -- machines

local function is_whole(number, least, most)
  return type(number) == "number" and number % 1 == 0 and least <= number and number <= most
end

--- Reads the option: "I/N", or `{I, N}`.
-- @tparam string|table given
-- @treturn ?table `i`, `n`, `text`
-- @treturn ?string what is wrong
function shard.read(given)
  local i, n
  if type(given) == "table" then i, n = given[1], given[2] else i, n = given:match "^(%d+)/(%d+)$" end
  i, n = tonumber(i), tonumber(n)
  if not is_whole(n, 1, MOST) or not is_whole(i, 1, n) then
    return nil, ("option 'shard': I/N expected, where I is from 1 to N, and N at most %d"):format(MOST)
  end
  return { i = i, n = n, text = ("%d/%d"):format(i, n) }
end

--- The machine of a bot. What has no id is the first's.
-- @tparam string|false id digits
-- @int n how many machines there are
-- @treturn int from 1 to `n`
function shard.number(id, n)
  if not id then return 1 end
  local hash = 0
  for i = 1, #id do hash = (hash + id:byte(i)) * FACTOR % PRIME end
  for _ = 1, 2 do hash = (hash * hash + FACTOR) % PRIME end        -- so that no row of ids stays a row
  return math.floor(hash * n / PRIME) + 1
end

--- Whether a bot is of this shard.
-- @tparam table|false of as `read` makes it; false: there is but one
-- @tparam string|false id digits
function shard.has(of, id) return not of or shard.number(id, of.n) == of.i end

return shard
