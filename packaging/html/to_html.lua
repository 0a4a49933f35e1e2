-- SPDX-License-Identifier: MIT
-- Owns the way from Markdown, as far as this tree uses it, to HTML: headings with GitHub's anchors, paragraphs, lists,
-- tables, fenced code, links, pictures. LDoc calls it for comments: what begins with <pre> is HTML already.

local highlight = require "highlight"

local escape = highlight.escape

-- --- within a line --------------------------------------------------------------

-- Puts away what is HTML already: a byte, a number, a byte.
local function stash(kept, html)
  kept[#kept + 1] = html
  return "\1" .. #kept .. "\2"
end

local function code_spans(text, kept)
  return (text:gsub("(`+)(.-)%1", function(_, code)
    return stash(kept, "<code>" .. escape(code:match "^%s*(.-)%s*$") .. "</code>")
  end))
end

local function inline(text)
  local kept = {}
  text = escape(code_spans(text, kept))
  text = text:gsub("!%[([^%]]*)%]%(([^()%s]+)%)", function(alt, target)
    return stash(kept, ('<img src="%s" alt="%s">'):format(target, alt))
  end)
  text = text:gsub("%[([^%]]+)%]%(([^()%s]+)%)", function(label, target)
    return stash(kept, '<a href="' .. target .. '">') .. label .. "</a>"
  end)
  text = text:gsub("%*%*(.-)%*%*", "<strong>%1</strong>"):gsub("%*(%a[%w ]*)%*", "<em>%1</em>")
  local count
  repeat
    text, count = text:gsub("\1(%d+)\2", function(n) return kept[tonumber(n)] end)
  until count == 0
  return text
end

-- --- blocks ---------------------------------------------------------------------

local reader = {}
reader.__index = reader

function reader:line() return self.lines[self.at] end

function reader:put(...)
  for _, piece in ipairs { ... } do self.out[#self.out + 1] = piece end
end

-- The anchor that GitHub gives a heading.
local function slug(text)
  return (text:lower():gsub("[^%w%s_\128-\255-]", ""):gsub("^%s+", ""):gsub("%s+$", ""):gsub("%s", "-"))
end

function reader:anchor(text)
  local name = slug(text)
  local count = self.anchors[name] or 0
  self.anchors[name] = count + 1
  return count == 0 and name or name .. "-" .. count
end

local blocks = {}

function blocks.heading(self, line)
  local level, text = line:match "^(#+)%s+(.-)%s*$"
  if not level then return false end
  self:put(('<h%d id="%s">%s</h%d>'):format(#level, self:anchor(text), inline(text), #level))
  self.at = self.at + 1
  return true
end

function blocks.fence(self, line)
  local info = line:match "^```(.*)$"
  if not info then return false end
  local code = {}
  self.at = self.at + 1
  while self:line() and self:line() ~= "```" do
    code[#code + 1] = self:line()
    self.at = self.at + 1
  end
  self.at = self.at + 1
  local language = info:match "^%S*"
  -- a drawing keeps its lines, and is moved by keys where it is too wide
  self:put(('<pre class="%s"%s><code>%s</code></pre>'):format(language, language == "text" and ' tabindex="0"' or "",
    highlight.code(table.concat(code, "\n"), language)))
  return true
end

-- LDoc's own, and a comment of one line.
function blocks.html(self, line)
  if line:match "^<!%-%-.*%-%->$" or line:match '^<a name="[^"]*"></a>$' then
    self.at = self.at + 1
    return true
  end
  if not line:match "^<pre" then return false end
  repeat
    self:put(self:line())
    self.at = self.at + 1
  until not self:line() or self.lines[self.at - 1]:find("</pre>", 1, true)
  return true
end

local function cells_of(line)
  local cells = {}
  for cell in line:gsub("\\|", "\3"):match "^|(.*)|%s*$":gsub("$", "|"):gmatch "([^|]*)|" do
    cells[#cells + 1] = inline((cell:match "^%s*(.-)%s*$":gsub("\3", "|")))
  end
  return cells
end

local function head_row(cells)
  local head = "<thead><tr><th>" .. table.concat(cells, "</th><th>") .. "</th></tr></thead>"
  return (head:gsub("<th></th>", "<td></td>"))
end

-- Each cell has the name of its column, for a screen that is too narrow for columns; of two it needs none.
local function row(cells, head)
  local out = {}
  for i, cell in ipairs(cells) do
    local label = (#head > 2 and head[i] or ""):gsub("<[^>]*>", "")
    out[i] = ("<td%s>%s</td>"):format(label ~= "" and (' data-label="%s"'):format(label) or "", cell)
  end
  return "<tr>" .. table.concat(out) .. "</tr>"
end

-- A head without a word is none.
function blocks.table(self, line)
  local rule = self.lines[self.at + 1]
  if not (line:match "^|" and rule and rule:match "^|[%s|:-]+$") then return false end
  local head = cells_of(line)
  self:put '<div class="table" role="group" aria-label="Table" tabindex="0"><table>'
  if table.concat(head):find "%S" then self:put(head_row(head)) end
  self:put "<tbody>"
  self.at = self.at + 2
  while self:line() and self:line():match "^|" do
    self:put(row(cells_of(self:line()), head))
    self.at = self.at + 1
  end
  self:put "</tbody></table></div>"
  return true
end

local function item_of(line)
  local text = line:match "^ ? ? ?[-*] +(.*)$"
  if text then return "ul", text end
  local number, rest = line:match "^ ? ? ?(%d+)%. +(.*)$"
  if number then return "ol", rest end
end

-- Ends an item or a paragraph without a blank line.
local function begins_block(line)
  return line:match "^#+%s" or line:match "^```" or line:match "^<pre" or line:match "^<!%-%-" or line:match "^|"
    or item_of(line)
end

-- Goes on over a blank line, if another item follows.
function blocks.list(self, line)
  local kind = item_of(line)
  if not kind then return false end
  self:put("<" .. kind .. ">")
  while self:line() and item_of(self:line()) == kind do
    local text = { select(2, item_of(self:line())) }
    self.at = self.at + 1
    while self:line() and self:line():find "%S" and not begins_block(self:line()) do
      text[#text + 1] = self:line():match "^%s*(.*)$"
      self.at = self.at + 1
    end
    self:put("<li>" .. inline(table.concat(text, "\n")) .. "</li>")
    local after = self.lines[self.at + 1]
    if self:line() and not self:line():find "%S" and after and item_of(after) == kind then self.at = self.at + 1 end
  end
  self:put("</" .. kind .. ">")
  return true
end

local ORDER = { "heading", "fence", "html", "table", "list" }

function blocks.paragraph(self)
  local text = {}
  repeat
    text[#text + 1] = self:line()
    self.at = self.at + 1
  until not self:line() or not self:line():find "%S" or begins_block(self:line())
  self:put("<p>" .. inline(table.concat(text, "\n")) .. "</p>")
end

local function read_block(self)
  local line = self:line()
  if not line:find "%S" then self.at = self.at + 1 return end
  for _, name in ipairs(ORDER) do
    if blocks[name](self, line) then return end
  end
  blocks.paragraph(self)
end

--- HTML of a text.
return function(text)
  local self = setmetatable({ lines = {}, at = 1, out = {}, anchors = {} }, reader)
  for line in (text:gsub("\r", "") .. "\n"):gmatch "([^\n]*)\n" do self.lines[#self.lines + 1] = line end
  while self:line() do read_block(self) end
  return table.concat(self.out, "\n")
end
