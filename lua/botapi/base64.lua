-- SPDX-License-Identifier: MIT
-- Owns base64: bytes from its letters, and letters for bytes.

local base64 = {}

local LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local number_of, letter_of = {}, {}
for i = 1, #LETTERS do
  local letter = LETTERS:sub(i, i)
  number_of[letter], letter_of[i - 1] = i - 1, letter
end
number_of["-"], number_of["_"] = number_of["+"], number_of["/"]

-- Up to four letters as one byte less.
local function bytes_of(letters)
  local n = 0
  for i = 1, 4 do n = n * 64 + (number_of[letters:sub(i, i)] or 0) end
  return string.char(math.floor(n / 65536), math.floor(n / 256) % 256, n % 256):sub(1, #letters - 1)
end

-- Up to three bytes as one letter more.
local function letters_of(bytes)
  local first, second, third = bytes:byte(1, 3)
  local n = first * 65536 + (second or 0) * 256 + (third or 0)
  local letters = ""
  for i = 3, 3 - #bytes, -1 do letters = letters .. letter_of[math.floor(n / 64 ^ i) % 64] end
  return letters
end

--- The bytes of a text, of either alphabet, padded or not, with spaces anywhere; nil: it is none.
function base64.decode(text)
  local letters = text:gsub("%s", ""):gsub("=?=$", "")
  if #letters % 4 == 1 or letters:find "[^%w+/_-]" then return nil end
  return (letters:gsub("..?.?.?", bytes_of))
end

--- The text of some bytes, padded.
function base64.encode(bytes)
  return bytes:gsub("..?.?", letters_of) .. ("="):rep(-#bytes % 3)
end

return base64
