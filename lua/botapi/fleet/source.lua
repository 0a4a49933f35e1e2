-- SPDX-License-Identifier: MIT
-- Owns tokens in a file: one a line, read as they are wanted.

local source = {}

-- The token of a line; nil for an empty one and for a comment.
local function token_of(line)
  local text = line:match "^%s*(.-)%s*$"
  if text == "" or text:sub(1, 1) == "#" then return nil end
  return text
end

--- The tokens of a file, an iterator for `botapi.fleet`.
-- @tparam file file open for reading
-- @treturn function
function source.tokens(file)
  return function()
    for line in file:lines() do
      local token = token_of(line)
      if token then return token end
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
    if not token:find "^[1-9]%d*:%S+$" then wrong = wrong + 1 end
  end
  if not file:seek("set", 0) then return nil end
  return n, wrong
end

return source
