-- SPDX-License-Identifier: MIT
-- Owns durations as people write them: seconds, or "500ms", "2s", "10m", "1h", "7d".

local units = {ms = 0.001, s = 1, m = 60, h = 3600, d = 86400}

--- Reads a duration.
-- @param value a number of seconds, or a string of a number and a unit
-- @treturn number|nil seconds; nil when it isn't a duration of 0 or more
-- @usage duration "10m" --> 600
local function duration(value)
  if type(value) == "string" then
    local number, unit = value:match "^([%d.]+)(%a*)$"
    number, unit = tonumber(number), units[unit == "" and "s" or unit]
    value = number and unit and number * unit
  end
  if type(value) ~= "number" or not (0 <= value and value <= 1e10) then return nil end
  return value
end

return duration
