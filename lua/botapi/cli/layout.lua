-- SPDX-License-Identifier: MIT
-- Owns how a text is laid out for the columns of a terminal: it is broken between words, below where it began.

local layout = {}

local FILLED, USUAL = 73, 80    -- columns of the texts that botapi.text fills, and of the terminal that they are for
local BREAK = 6                 -- columns that a line broken by hand may be shorter
local COLOUR = "\27%[[%d;]*m"

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

local function margin(line) return #line:match "^ *" end

-- Was the line filled up, and does the next one go on with it?
local function goes_on(line, following)
  local word = following:match "^ *(%S+)"
  if not word or behind_term(following) then return false end
  if margin(following) ~= (behind_term(line) or margin(line)) then return false end
  return width(line) + 1 + width(word) > FILLED - BREAK
end

-- The paragraphs of a text, each in one line.
local function joined(lines)
  local list, last = {}, nil
  for _, line in ipairs(lines) do
    if last and goes_on(last, line) then
      list[#list] = list[#list] .. " " .. line:match "^ *(.*)$"
    else
      list[#list + 1] = line
    end
    last = line
  end
  return list
end

-- How far the rest of a line stands in.
local function indent_of(line, columns)
  local behind = behind_term(line)
  return (" "):rep(behind and behind <= columns / 2 and behind or behind and margin(line) + 2 or margin(line))
end

local function wrapped(line, columns)
  local indent, rows, row = indent_of(line, columns), {}, ""
  local left = behind_term(line) and 2 or 1         -- words that begin the first row
  for blanks, word in line:gmatch "( *)([^ ]+)" do
    if left < 1 and width(row .. blanks .. word) > columns then
      rows[#rows + 1], row = row, indent .. word    -- what fits in no row is the terminal's to break: it can be copied
    else
      row = row .. blanks .. word
    end
    left = left - 1
  end
  rows[#rows + 1] = row
  return table.concat(rows, "\n")
end

--- A text for a terminal: no line is longer, but for words that are. On a narrow or a wide one paragraphs are filled
-- anew.
-- @string text
-- @number columns
function layout.fit(text, columns)
  local lines = {}
  for line in (text .. "\n"):gmatch "(.-)\n" do lines[#lines + 1] = line end
  if columns < FILLED or columns > USUAL then lines = joined(lines) end
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
