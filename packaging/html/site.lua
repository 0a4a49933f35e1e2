-- SPDX-License-Identifier: MIT
-- Writes the documentation as HTML: the pages of the list below, LDoc's pages of the modules, a page of each file that
-- one of them links to, and what the search looks through.
--
--   site.lua MODULES DIRECTORY      MODULES: what LDoc has written by ldoc.ltp; both are relative to the tree's root

local highlight = require "highlight"
local to_html = require "to_html"

local MODULES, OUT = assert(arg[1]), assert(arg[2])

-- What stands beside every page, in this order.
local GROUPS = {
  { "Start", { "README.md", "botapi" }, { "docs/which.md" }, { "docs/install.md" }, { "examples/repl.md" },
    { "docs/questions.md" } },
  { "Guides", { "docs/moving.md", "Moving a bot" }, { "docs/command.md", "The command" },
    { "docs/fleet.md", "A fleet" }, { "docs/updates.md" }, { "docs/files.md" }, { "docs/loops.md" },
    { "docs/openresty.md" }, { "docs/frameworks.md" }, { "docs/testing.md", "Testing your bot" },
    { "docs/facebook.md", "A Facebook session" } },
  { "Reference", { "docs/functions.md" }, { "docs/options.md" }, { "docs/errors.md", "Errors" },
    { "docs/emulator.md", "The emulator" } },
  { "Modules" },
  { "Background", { "docs/reliability.md" }, { "SECURITY.md", "Security" }, { "docs/compared.md" } },
  { "Project", { "CONTRIBUTING.md" }, { "docs/internals/map.md", "Map of the sources" },
    { "docs/internals/engine.md", "The engine" }, { "docs/internals/transport.md", "The transport" },
    { "docs/internals/server.md", "What servers do" }, { "CHANGELOG.md" } },
}

-- --- files ----------------------------------------------------------------------

local function slurp(path)
  local file = io.open(path, "rb")
  local text = file and file:read "*a"
  if file then file:close() end
  return text
end

local function write(name, text)
  local file = assert(io.open(OUT .. "/" .. name, "wb"))
  assert(file:write(text))
  assert(file:close())
end

local function quote(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

local function lines_of(command)
  local pipe, lines = assert(io.popen(command)), {}
  for line in pipe:lines() do lines[#lines + 1] = line end
  pipe:close()
  return lines
end

-- --- the pages that there are ------------------------------------------------------

local pages, by_path = {}, {}

-- docs/moving.md is moving.html, examples/bot.lua is examples-bot.lua.html.
local function name_of(path)
  if path == "README.md" then return "index.html" end
  return path:gsub("^docs/", ""):gsub("%.md$", ""):gsub("/", "-") .. ".html"
end

-- What the first heading says; without an argument it isn't Markdown.
local function heading_of(text) return text and (text:match "^# ([^\n]+)":gsub("`", "")) end

-- A page of a path, made when it is first linked to.
local function page_of(path, title)
  local page = by_path[path]
  if not page then
    title = title or heading_of(path:find "%.md$" and slurp(path))
    page = { path = path, name = name_of(path), title = title }
    by_path[path] = page
    pages[#pages + 1] = page
  end
  return page
end

-- `examples/` and `../LICENSE`, as they are meant from the directory of a path.
local function resolve(path, link)
  local parts = {}
  for part in ((path:match "^(.*/)" or "") .. link):gmatch "[^/]+" do
    if part == ".." then table.remove(parts) elseif part ~= "." then parts[#parts + 1] = part end
  end
  return table.concat(parts, "/")
end

local function is_picture(path) return path:find "%.png$" or path:find "%.svg$" end

local function copy_picture(path)
  local name = path:match "[^/]+$"
  write(name, assert(slurp(path), path))
  return name
end

-- The page that LDoc has of a source.
local function module_of(path)
  local name = path:match "^lua/(.*)%.lua$"
  return name and by_path[(name:gsub("/", "."))]
end

-- A link of a page: to another page, a picture, or somewhere else on the web.
local function relink(page, target)
  if target:find "^%a+:" or target:find "^#" then return target end
  local link, anchor = target:match "^([^#]*)(.*)$"
  local path = resolve(page.path, link)
  if is_picture(path) then return copy_picture(path) end
  return (module_of(path) or page_of(path)).name .. anchor
end

-- --- what a page has ----------------------------------------------------------------

local makers = {}

-- A page that is called by its file's name is called by its title here.
local function label_of(page, target, label)
  local other = label:find "^[%w/_]+%.md$" and by_path[resolve(page.path, target:match "^[^#]*")]
  return other and other.title or label
end

function makers.guide(page)
  return (to_html(slurp(page.path)):gsub('<a href="([^"]*)">(.-)</a>', function(target, label)
    local link = relink(page, target)
    return ('<a href="%s">%s</a>'):format(link, label_of(page, target, label))
  end):gsub('<img src="([^"]*)"', function(target) return ('<img src="%s"'):format(relink(page, target)) end))
end

-- LDoc has its links below ../modules/, and some to Lua's manual; a comment names a guide by its path.
function makers.module(page)
  local body = slurp(page.file):gsub('href="%.%./modules/', 'href="'):gsub("<p>%s*</p>", "")
  body = body:gsub('<a class="type" href="https?:[^"]*">(.-)</a>', "%1")
  return (body:gsub("<code>([%w/]+%.md)</code>", function(path)
    return by_path[path] and ('<a href="%s">%s</a>'):format(by_path[path].name, by_path[path].title)
  end))
end

function makers.directory(page)
  local items = {}
  for _, name in ipairs(lines_of("LC_ALL=C ls " .. quote(page.path))) do
    local path = page.path .. "/" .. name
    items[#items + 1] = ('<li><a href="%s">%s</a></li>'):format(page_of(path).name, highlight.escape(name))
  end
  return ("<h1>%s</h1>\n<ul>\n%s\n</ul>"):format(highlight.escape(page.path), table.concat(items, "\n"))
end

function makers.source(page)
  local text = assert(slurp(page.path), page.path)
  local language = page.path:match "%.(%a+)$" or text:match "^#!/usr/bin/env (%a+)" or text:match "^#!/bin/(sh)"
  return ("<h1>%s</h1>\n<pre class=\"source\"><code>%s</code></pre>"):format(highlight.escape(page.path),
    highlight.code(text, ({ conf = "nginx" })[language] or language))
end

local function kind_of(page)
  if page.file then return "module" end
  if page.path:find "%.md$" then return "guide" end
  return lines_of("test -d " .. quote(page.path) .. " && echo directory")[1] or "source"
end

-- --- the frame ------------------------------------------------------------------------

local INLINE = { a = "", code = "", em = "", span = "", strong = "" }

-- The text of HTML, its blocks with a blank between them.
local function plain(html)
  local text = html:gsub("</?(%a%w*)[^>]*>", function(tag) return INLINE[tag] or " " end)
  return (highlight.unescape(text):gsub("%s+", " "):match "^%s*(.-)%s*$")
end

local function with_anchors(body)
  return (body:gsub('<h([234]) id="([^"]*)">(.-)</h%1>', function(level, id, title)
    return ('<h%s id="%s">%s<a class="anchor" href="#%s" aria-label="Link to this section">#</a></h%s>'):format(level,
      id, title, id, level)
  end))
end

-- What stands below the title of a page with more than three sections.
local function contents(body)
  local items = {}
  for id, title in body:gmatch '<h2 id="([^"]*)">(.-)</h2>' do
    items[#items + 1] = ('<a href="#%s">%s</a>'):format(id, plain(title))
  end
  if #items < 4 then return body end
  return (body:gsub("</h1>", function(tag)
    return tag .. '\n<details class="contents"><summary>On this page</summary>' .. table.concat(items, "\n")
      .. "</details>"
  end, 1))
end

local function navigation(current)
  local out = {}
  for _, group in ipairs(GROUPS) do
    out[#out + 1] = ("<h2>%s</h2>\n<ul>"):format(group[1])
    for i = 2, #group do
      local page = by_path[group[i][1]]
      out[#out + 1] = ('<li><a href="%s"%s>%s</a></li>'):format(page.name,
        page == current and ' aria-current="page"' or "", page.title)
    end
    out[#out + 1] = "</ul>"
  end
  return table.concat(out, "\n")
end

local function framed(frame, page)
  local values = { TITLE = page.title == "botapi" and "botapi" or page.title .. " · botapi",
    BODY = with_anchors(contents(page.body)), PAGES = navigation(page) }
  return (frame:gsub("%$(%u+)", values))
end

-- --- the search -------------------------------------------------------------------------

local function json(text) return '"' .. text:gsub('[\\"]', "\\%0"):gsub("%c", " ") .. '"' end

-- Each heading begins a section, which has a place of its own.
local function sections_of(page)
  local list = {}
  local body = page.body:gsub("^", "<h1>" .. page.title .. "</h1>\1"):gsub("<h[1-4][^>]*>", "\2%0")
  for part in body:gmatch "\2([^\2]*)" do
    local id, title, text = part:match '^<h%d id="([^"]*)">(.-)</h%d>(.*)$'
    if not title then title, text = part:match "^<h%d>(.-)</h%d>(.*)$" end
    list[#list + 1] = { id = id, title = plain(title), text = plain(text:gsub("\1", "")) }
  end
  return list
end

local function texts()
  local out = {}
  for _, page in ipairs(pages) do
    for _, section in ipairs(page.kind == "source" and {} or sections_of(page)) do
      local is_page = not section.id
      if section.text ~= "" then
        out[#out + 1] = ("{url:%s,title:%s,text:%s,is_page:%s}"):format(
          json(page.name .. (section.id and "#" .. section.id or "")),
          json(is_page and page.title or page.title .. " – " .. section.title), json(section.text), tostring(is_page))
      end
    end
  end
  return "window.botapi_texts = [\n" .. table.concat(out, ",\n") .. "\n];\n"
end

-- --- all of it ---------------------------------------------------------------------------

for _, group in ipairs(GROUPS) do
  if group[1] == "Modules" then
    local names = lines_of("ls " .. quote(MODULES) .. "/modules | sed 's/[.]html$//' | LC_ALL=C sort")
    for _, name in ipairs(names) do
      page_of(name, name).file = MODULES .. "/modules/" .. name .. ".html"
      group[#group + 1] = { name }
    end
  end
  for i = 2, #group do page_of(group[i][1], group[i][2]) end
end

local frame = slurp "packaging/html/page.html"
local at = 1
while pages[at] do                        -- a page may add others
  local page = pages[at]
  page.kind = kind_of(page)
  page.body = makers[page.kind](page)
  page.title = page.title or plain(page.body:match "<h1[^>]*>(.-)</h1>")
  at = at + 1
end
for _, page in ipairs(pages) do write(page.name, framed(frame, page)) end
write("texts.js", texts())
for _, name in ipairs { "style.css", "search.js" } do write(name, slurp("packaging/html/" .. name)) end
