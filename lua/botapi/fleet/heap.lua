-- SPDX-License-Identifier: MIT
-- Owns those who sleep, the soonest first: a binary heap by the field `wakes`.

local heap = {}

--- Adds an item.
-- @tparam table list the heap, a plain list
-- @tparam table item with `wakes`
function heap.push(list, item)
  local i = #list + 1
  while i > 1 do
    local parent = math.floor(i / 2)
    if list[parent].wakes <= item.wakes then break end
    list[i] = list[parent]
    i = parent
  end
  list[i] = item
end

-- Puts `item` where it belongs, from the top down.
local function sink(list, item, n)
  local i = 1
  while true do
    local child = i * 2
    if child > n then break end
    if child < n and list[child + 1].wakes < list[child].wakes then child = child + 1 end
    if list[child].wakes >= item.wakes then break end
    list[i] = list[child]
    i = child
  end
  list[i] = item
end

--- Takes the soonest off; nil: there is none.
function heap.pop(list)
  local top, n = list[1], #list
  if not top then return nil end
  local last = list[n]
  list[n] = nil
  if n > 1 then sink(list, last, n - 1) end
  return top
end

return heap
