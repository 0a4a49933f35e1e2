-- SPDX-License-Identifier: MIT
-- Owns IP addresses: how they may be written, their usual form, and which of them no public server sends to.

local address = {}

-- Networks and their lengths, as the real server has them.
local RESERVED = {{"0.0.0.0", 8}, {"10.0.0.0", 8}, {"100.64.0.0", 10}, {"127.0.0.0", 8}, {"169.254.0.0", 16},
  {"172.16.0.0", 12}, {"192.0.0.0", 24}, {"192.0.2.0", 24}, {"192.88.99.0", 24}, {"192.168.0.0", 16},
  {"198.18.0.0", 15}, {"198.51.100.0", 24}, {"203.0.113.0", 24}, {"224.0.0.0", 3}}
local NOWHERE = {{"0.0.0.0", 8}, {"224.0.0.0", 3}}   -- no connection can be begun to these

local function part_of(text)
  if text:find "^0[xX]%x+$" then return tonumber(text:sub(3), 16) end
  if text:find "^0[0-7]+$" then return tonumber(text, 8) end
  return text:find "^%d+$" and not text:find "^0." and tonumber(text) or nil
end

-- The number of an IPv4 address in any form that C's inet_addr reads: four parts or fewer, decimal, octal or
-- hexadecimal, of which the last one fills what is left. That function can't say 255.255.255.255.
local function ipv4_number(text)
  local parts = {}
  for part in (text .. "."):gmatch "([^.]*)%." do parts[#parts + 1] = part_of(part) or -1 end
  if #parts > 4 then return nil end
  local number = 0
  for i, part in ipairs(parts) do
    local room = i == #parts and 256 ^ (5 - i) or 256
    if part < 0 or part >= room then return nil end
    number = number * room + part
  end
  return number < 2 ^ 32 - 1 and number or nil
end

local function dotted(number)
  local parts = {}
  for i = 4, 1, -1 do
    parts[i] = string.format("%d", number % 256)
    number = math.floor(number / 256)
  end
  return table.concat(parts, ".")
end

--- The usual form of an IPv4 address: "127.1" → "127.0.0.1"; nil for anything else.
function address.ipv4(text)
  local number = ipv4_number(text)
  return number and dotted(number)
end

local function is_within(text, networks)
  local number = ipv4_number(text)
  for _, network in ipairs(networks) do
    local size = 2 ^ (32 - network[2])
    if math.floor(number / size) == math.floor(ipv4_number(network[1]) / size) then return true end
  end
  return false
end

--- Is an IPv4 address private, or kept for other uses than hosts of the internet?
function address.is_reserved(text)
  return is_within(text, RESERVED)
end

--- Is it an IPv4 address to which no connection can be begun?
function address.is_nowhere(text)
  return text ~= "0.0.0.0" and is_within(text, NOWHERE)
end

-- The 16-bit groups of one side of "::", or nil.
local function groups_of(text)
  local groups = {}
  for group in (text == "" and "" or text .. ":"):gmatch "([^:]*):" do
    local a, b, c, d = group:match "^(%d+)%.(%d+)%.(%d+)%.(%d+)$"
    if a and ipv4_number(group) then
      groups[#groups + 1], groups[#groups + 2] = a * 256 + b, c * 256 + d
    elseif group:find "^%x%x?%x?%x?$" then
      groups[#groups + 1] = tonumber(group, 16)
    else
      return nil
    end
  end
  return groups
end

local function eight_groups(text)
  local left, right = text:match "^(.-)::(.*)$"
  local groups, rest = groups_of(left or text), groups_of(right or "")
  if not groups or not rest then return nil end
  local missing = 8 - #groups - #rest
  if left and missing < 1 or not left and missing ~= 0 then return nil end
  for _ = 1, missing do groups[#groups + 1] = 0 end
  for _, group in ipairs(rest) do groups[#groups + 1] = group end
  return groups
end

-- The first of the longest runs of zeros, if it has two groups or more: where it begins, and its length.
local function longest_run(groups)
  local first, length, from = nil, 1, 1
  for i = 1, 9 do
    if groups[i] ~= 0 then
      if i - from > length then first, length = from, i - from end
      from = i + 1
    end
  end
  return first, length
end

--- The usual form of an IPv6 address: "[0:0::1]" → "::1"; nil for anything else.
function address.ipv6(text)
  local groups = eight_groups((text:gsub("^%[(.*)%]$", "%1")))
  if not groups then return nil end
  local first, length = longest_run(groups)
  if first == 1 and (length == 6 or length == 5 and groups[6] == 0xffff) then
    local ipv4 = dotted(groups[7] * 65536 + groups[8])
    return (length == 6 and "::" or "::ffff:") .. ipv4
  end
  local words, i = {}, 1
  while i <= 8 do
    local is_run = i == first
    words[#words + 1] = is_run and (i == 1 and ":" or "") .. (i + length > 8 and ":" or "")
      or string.format("%x", groups[i])
    i = i + (is_run and length or 1)
  end
  return table.concat(words, ":")
end

return address
