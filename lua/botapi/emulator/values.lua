-- SPDX-License-Identifier: MIT
-- Owns how the real server reads the value of a parameter: as a text, a number, or yes or no.

local values = {}

--- A value as text; that of a parameter that isn't there is empty.
function values.text(value)
  if value == nil or type(value) == "table" then return "" end
  local is_whole = type(value) == "number" and value % 1 == 0 and math.abs(value) < 2 ^ 53
  return is_whole and string.format("%.0f", value) or tostring(value)
end

--- The digits at the beginning of a text as a whole number of 32 bits, which may wrap around; none is 0. Without a text
-- it is `default`. It is kept between `least` and `most`, if they are given.
function values.integer(value, default, least, most)
  local text = values.text(value)
  local number = default
  if text ~= "" then
    local sign, digits = text:match "^(%-?)(%d*)"
    number = 0
    for digit in digits:gmatch "." do number = (number * 10 + tonumber(digit)) % 2 ^ 32 end
    if sign == "-" then number = (-number) % 2 ^ 32 end
    if number >= 2 ^ 31 then number = number - 2 ^ 32 end
  end
  if least then number = math.max(least, math.min(number, most)) end
  return math.tointeger and math.tointeger(number) or number
end

--- Does a value say yes?
function values.is_true(value)
  local word = values.text(value):lower():match "^%s*(.-)%s*$"
  return word == "true" or word == "yes" or word == "1"
end

return values
