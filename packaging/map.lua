-- SPDX-License-Identifier: MIT
-- Prints docs/internals/map.md with the list of the files in src/, lua/ and spec/ brought up to date: each file's line
-- is the first sentence of its own head. `make docs` writes it to its place.

local PAGE = "docs/internals/map.md"
local BEGIN, END = "<!-- files: written by make docs -->\n", "<!-- end of the files -->"

-- A new folder needs a sentence here.
local FOLDERS = {
  { "src", "The C module. `spec/unit/architecture_spec.lua` says which file may know Lua, and which libcurl." },
  { "lua", "The public module." },
  { "lua/botapi", "The other public modules, and what the features share." },
  { "lua/botapi/drive", "How to wait, one file for each event loop." },
  { "lua/botapi/reason", "What outcomes mean, as data." },
  { "lua/botapi/journal", "The journal of a bot." },
  { "lua/botapi/migrate", "The move of one bot." },
  { "lua/botapi/fleet", "One action on many bots." },
  { "lua/botapi/cli", "The command `botapi`." },
  { "lua/botapi/emulator", "The emulated Bot API server." },
  { "lua/botapi/facebook", "The logout of a Facebook session." },
  { "lua/resty", "The public module for OpenResty." },
  { "lua/resty/botapi", "What runs in a thread of nginx's." },
  { "spec/unit", "Specs that take seconds and need no privileges: `make check` runs them." },
  { "spec/system", "Specs of calls, moves and fleets against servers, and of packages." },
  { "spec/drive", "Specs of the event loops, nginx among them." },
  { "spec/cli", "Specs of the command." },
  { "spec/emulator", "Specs of the emulator." },
  { "spec/real_server", "The emulator against recordings of the real server, which are in `data/`." },
  { "spec/support", "What the specs share." },
  { "spec/torture", "`make torture`: planted bugs, failing memory, threads, coverage." },
  { "spec/golden", "What the command prints, to compare." },
  { "spec/npm", "Public programs in JavaScript: clients, run on the emulator, and axe-core, on web pages." },
}

local function lines_of(command)
  local pipe, lines = io.popen(command), {}
  for line in pipe:lines() do lines[#lines + 1] = line end
  pipe:close()
  return lines
end

local function slurp(path)
  local file = assert(io.open(path))
  local text = file:read "*a"
  file:close()
  return text
end

-- The first sentence of the comment that follows the licence.
local function head(path)
  local text = slurp(path):match "SPDX%-License%-Identifier: MIT[^\n]*\n(.*)"
  local comment = text:match "^/%* (.-) ?%*/"
  if not comment then
    comment = ""
    for line in text:gmatch "([^\n]*)\n" do
      local words = line:match "^%-%- (.*)"
      if not words or words:find "^luacheck:" then break end
      comment = comment .. words .. "\n"
    end
  end
  local text_of = comment:gsub("%s+", " ")
  local sentence = (text_of:match "^(.-)%. [%u(]" or text_of):gsub("^Owns ", ""):gsub("%.?%s*$", "")
  if not sentence:match "^%S*[_/.]" then sentence = sentence:gsub("^%l", string.upper) end
  return (sentence:gsub("|", "\\|"))
end

-- A source and its header are one line.
local function files_in(folder)
  local list = {}
  for _, path in ipairs(lines_of("LC_ALL=C ls " .. folder .. "/*.c " .. folder .. "/*.h " .. folder
    .. "/*.lua 2>/dev/null")) do
    local name = path:match "[^/]+$"
    local stem = name:match "^(.*)%.h$"
    local source = stem and list[stem .. ".c"]
    if source then source.names = source.names .. "`, `" .. name
    else
      list[#list + 1] = { names = name, path = path }
      list[name] = list[#list]
    end
  end
  table.sort(list, function(a, b) return a.names < b.names end)
  return list
end

local sections, known = {}, {}
for _, folder in ipairs(FOLDERS) do
  local rows = { ("### %s/\n\n%s\n\n| file | what it owns |\n|---|---|"):format(folder[1], folder[2]) }
  for _, file in ipairs(files_in(folder[1])) do
    rows[#rows + 1] = ("| `%s` | %s |"):format(file.names, head(file.path))
  end
  sections[#sections + 1] = table.concat(rows, "\n") .. "\n"
  known[folder[1]] = true
end
for _, folder in ipairs(lines_of "find src lua -type d; find spec -mindepth 1 -maxdepth 1 -type d") do
  assert(known[folder], folder .. " has no sentence")
end

local page = slurp(PAGE)
local from, to = select(2, page:find(BEGIN, 1, true)), page:find(END, 1, true)
io.write(page:sub(1, from), "\n", table.concat(sections, "\n"), "\n", page:sub(to))
