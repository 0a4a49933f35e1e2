-- SPDX-License-Identifier: MIT
-- Owns tokens in a file: one a line, read as they are wanted.

local source = {}

-- The token of a line; nil for an empty one and for a comment. A byte order mark is no part of the first.
local function token_of(line)
  local text = line:gsub("^\239\187\191", ""):match "^%s*(.-)%s*$"
  if text == "" or text:sub(1, 1) == "#" then return nil end
  return text
end

local WELL_FORMED = "^[1-9]%d*:%S+$"

--- The tokens of a file, an iterator for `botapi.fleet`.
-- @tparam file file open for reading
-- @tparam[opt] table lines gets the line of each token that isn't one, by the token's number
-- @treturn function
function source.tokens(file, lines)
  local line, n = 0, 0
  return function()
    for text in file:lines() do
      line = line + 1
      local token = token_of(text)
      if token then
        n = n + 1
        if lines and not token:find(WELL_FORMED) then lines[n] = line end
        return token
      end
    end
  end
end

--- How many tokens a file has, and how many lines that are none. It is read, and rewound.
-- @tparam file file open for reading, and seekable
-- @treturn ?integer nil: it can't be rewound
-- @treturn ?integer
function source.count(file)
  if not file:seek("cur") then return nil end
  local n, wrong = 0, 0
  for token in source.tokens(file) do
    n = n + 1
    if not token:find(WELL_FORMED) then wrong = wrong + 1 end
  end
  if not file:seek("set", 0) then return nil end
  return n, wrong
end

return source
