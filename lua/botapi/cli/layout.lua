-- SPDX-License-Identifier: MIT
-- Owns how a text is laid out for the columns of a terminal: it is broken between words, below where it began.

local layout = {}

local COLOUR = "\27%[[%d;]*m"
local HANGING = 2               -- columns that the rest of a broken line stands further in

--- How many columns a text of one line takes; colours take none.
function layout.width(line)
  return #line:gsub(COLOUR, ""):gsub("[\128-\191]", "")
end

local width = layout.width

-- `  ok    text`, `Bot      text`: where the text begins; nil: there is no term before it.
local function behind_term(line)
  local term = line:match "^ *%S+   *%f[%S]"
  return term and width(term)
end

-- How far the rest of a line stands in, always further than the line, which tells it from the next one: as a rule, and
-- where a word has no room there.
local function indents_of(line, columns)
  local behind, least = behind_term(line), #line:match "^ *" + HANGING
  return (" "):rep(behind and behind <= columns / 2 and behind or least), (" "):rep(least)
end

local function wrapped(line, columns)
  local indent, least = indents_of(line, columns)
  local rows, row, left = {}, "", behind_term(line) and 2 or 1      -- `left`: words that begin the first row
  for blanks, word in line:gmatch "( *)([^ ]+)" do
    local has_room = width(indent .. word) <= columns or width(least .. word) > columns
    if width(row .. blanks .. word) > columns and (left < 1 or left == 1 and not has_room) and row ~= "" then
      rows[#rows + 1] = row
      row = (has_room and indent or least) .. word  -- what fits in no row is the terminal's to break: it can be copied
    else
      row = row .. blanks .. word
    end
    left = left - 1
  end
  rows[#rows + 1] = row
  return table.concat(rows, "\n")
end

--- A text for a terminal: no line is longer, but for words that are. Lines are broken, and never joined: two lines may
-- be two records, or code.
-- @string text
-- @number columns
function layout.fit(text, columns)
  local lines = {}
  for line in (text .. "\n"):gmatch "(.-)\n" do lines[#lines + 1] = line end
  for i, line in ipairs(lines) do
    if width(line) > columns then lines[i] = wrapped(line, columns) end
  end
  return table.concat(lines, "\n")
end

--- How many rows a terminal of so many columns takes for lines that were written to it.
function layout.rows(text, columns)
  local n = 0
  for line in (text .. "\n"):gmatch "(.-)\n" do n = n + math.max(math.ceil(width(line) / columns), 1) end
  return n
end

return layout
