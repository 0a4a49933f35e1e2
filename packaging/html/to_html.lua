-- SPDX-License-Identifier: MIT
-- Owns the way from Markdown to HTML: cmark-gfm, which is GitHub's own, and then what is ours: GitHub's anchors on
-- headings, colours of code, tables for a narrow screen. LDoc calls it for comments.

local highlight = require "highlight"

local COMMAND = "cmark-gfm --unsafe --github-pre-lang --extension table "

local function convert(text)
  local path = os.tmpname()
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
  local pipe = assert(io.popen(COMMAND .. path))
  local html = pipe:read "*a"
  pipe:close()
  os.remove(path)
  assert(html ~= "" or not text:find "%S", "cmark-gfm has failed (packaging/deps.sh docs)")
  return html
end

-- The anchor that GitHub gives a heading; the names of characters in HTML are all of punctuation.
local function slug(html)
  local text = html:gsub("<[^>]*>", ""):gsub("&%a+;", ""):lower()
  return (text:gsub("[^%w%s_\128-\255-]", ""):gsub("%s", "-"))
end

local function with_ids(html)
  local counts = {}
  return (html:gsub("<h(%d)>(.-)</h%1>", function(level, title)
    local name = slug(title)
    local count = counts[name] or 0
    counts[name] = count + 1
    return ('<h%s id="%s">%s</h%s>'):format(level, count == 0 and name or name .. "-" .. count, title, level)
  end))
end

-- A drawing keeps its lines, and is moved by keys where it is too wide.
local function code_block(language, code)
  return ('<pre class="%s"%s><code>%s</code></pre>'):format(language, language == "text" and ' tabindex="0"' or "",
    highlight.code(highlight.unescape(code), language))
end

-- Each cell has the name of its column, for a screen that is too narrow for columns; of two it needs none.
local function with_labels(row, heads)
  local i = 0
  return (row:gsub("<td", function(tag)
    i = i + 1
    local label = #heads > 2 and heads[i]:gsub("<[^>]*>", "") or ""
    return label ~= "" and ('%s data-label="%s"'):format(tag, label) or tag
  end))
end

-- A head without a word is none.
local function table_block(head, rest)
  local heads = {}
  for title in head:gmatch "<th%f[%A][^>]*>(.-)</th>" do heads[#heads + 1] = title end
  head = table.concat(heads):find "%S" and head:gsub("<th%f[%A]([^>]*)></th>", "<td%1></td>") or ""
  rest = rest:gsub("<tr>.-</tr>", function(row) return with_labels(row, heads) end)
  return '<div class="table" role="group" aria-label="Table" tabindex="0"><table>' .. head .. rest .. "</table></div>"
end

--- HTML of a text.
return function(text)
  local html = with_ids(convert(text):gsub("<!%-%-.-%-%->", ""):gsub("\n</code></pre>", "</code></pre>"))
  html = html:gsub('<pre lang="([^"]*)"><code>(.-)</code></pre>', code_block)
  return (html:gsub("<table>(.-</thead>)(.-)</table>", table_block))
end
