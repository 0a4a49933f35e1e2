-- SPDX-License-Identifier: MIT
-- Writes for LDoc, below the directory arg[1], the head of lua/botapi.lua and of other modules, each with what
-- types/botapi.lua says of its functions.

-- Whose functions are methods, and the page that each is on.
local OBJECTS = { engine = "An engine", call = "A call that an engine has started", bot = "The methods of a bot",
  updates = "The updates of a bot",
  session = "A session" }
local PAGES = { botapi = "botapi", engine = "botapi", call = "botapi", bot = "botapi.bot", updates = "botapi.bot",
  facebook = "botapi.facebook",
  session = "botapi.facebook" }

-- The type that a text begins with, without blanks, and the rest: `fun(): string? a function`.
local function split(text)
  local depth, from = 0, 1
  repeat
    local at, c = text:match("()([%s(<{)>}])", from)
    if not at then return text, "" end
    depth = depth + (c:find "[(<{]" and 1 or c:find "[)>}]" and -1 or 0)
    from = at + 1
  until depth == 0 and c == " " and text:sub(at - 1, at - 1) ~= ":"
  return text:sub(1, from - 2), text:sub(from)
end

-- LDoc's way to say it: no blanks, and what may be nil begins with a question mark.
local function named(type_of)
  type_of = type_of:gsub("botapi%.Method|", ""):gsub("%b{}", "table"):gsub("%b<>", "")
  type_of = type_of:gsub("fun%b():?[^|]*", "function"):gsub("%s", "")
  return type_of:find "%?$" and "?" .. type_of:sub(1, -2) or type_of
end

local write = {}

function write.param(out, text)
  local name, optional, rest = text:match "^(%w+)(%??) (.*)$"
  local type_of, meaning = split(rest)
  out[#out + 1] = ("-- @tparam%s %s %s %s"):format(optional == "?" and "[opt]" or "", named(type_of), name, meaning)
end

write["return"] = function(out, text)
  local type_of, meaning = split((text:gsub(" # ", " ")))
  out[#out + 1] = ("-- @treturn %s %s"):format(named(type_of), meaning)
end

-- Of the comment lines above a function.
local function describe(lines, name)
  local out, usage = { "--- " .. lines[1] }, {}
  local is_usage = false
  for i = 2, #lines do
    local line = lines[i]
    local tag, text = line:match "^@(%w+) (.*)$"
    if line:find "^```" then is_usage = not is_usage
    elseif is_usage then usage[#usage + 1] = "-- " .. line
    elseif tag then write[tag](out, text)
    else out[#out + 1] = "-- " .. line end
  end
  out[#out + 1] = "-- @function " .. name
  if usage[1] then out[#out + 1] = "-- @usage\n" .. table.concat(usage, "\n") end
  return table.concat(out, "\n") .. "\n"
end

local pages = {}
for _, name in pairs(PAGES) do pages[name] = {} end
local lines, last = {}, "botapi"

for line in io.lines "types/botapi.lua" do
  local comment, title = line:match "^%-%-%-(.*)$", line:match "^%-%- %-%-%- (.-) %-*$"
  local object, mark, name = line:match "^function (%w+)([.:])([%w_]+)"
  local page = pages[PAGES[object]]
  if page and lines[1] then
    if object ~= last and OBJECTS[object] then
      page[#page + 1] = ("--- %s.\n-- @type %s\n"):format(OBJECTS[object], object)
    end
    page[#page + 1] = describe(lines, mark == ":" and object .. ":" .. name or name)
    last = object
  end
  if title and last == "botapi" then
    pages.botapi[#pages.botapi + 1] = ("--- %s\n-- @section %s\n"):format(title:gsub("^%l", string.upper),
      title:match "%a+")
  end
  if comment then lines[#lines + 1] = comment else lines = {} end
end

for name, page in pairs(pages) do
  local source = assert(io.open(("lua/%s.lua"):format((name:gsub("%.", "/")))))
  local head = source:read "*a":match "\n(%-%-%- .-\n)\n"
  source:close()
  local file = assert(io.open(("%s/%s.lua"):format(assert(arg[1], "usage: reference.lua DIRECTORY"), name), "w"))
  assert(file:write(head, "\n", table.concat(page, "\n")))
  assert(file:close())
end
