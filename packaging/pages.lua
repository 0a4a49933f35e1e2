-- SPDX-License-Identifier: MIT
-- Prints lua/botapi/manual.lua, what `botapi.help` shows, from the pages of types/botapi.lua. `make docs` writes it to
-- its place.

local filled = require "botapi.text".filled

local WIDTH = 78

-- A text in lines; the first one begins with a term, behind which the others stand.
local function behind(term, text)
  return term .. filled(text, (" "):rep(#term), WIDTH):sub(#term + 1)
end

-- A type of the language server, and what stands behind it: a space ends it, outside of brackets and not behind ":".
local function split_type(text)
  local depth = 0
  for at = 1, #text do
    local c = text:sub(at, at)
    if c:find "[%(<{]" then depth = depth + 1 elseif c:find "[%)>}]" then depth = depth - 1 end
    if c == " " and depth == 0 and text:sub(at - 1, at - 1) ~= ":" then return text:sub(1, at - 1), text:sub(at + 1) end
  end
  return text, ""
end

local EVERY_CALL = 'of every call: botapi.help "options"'

-- What an argument or a result is of which no more is said, by its type.
local PLAIN = { ["botapi.Options"] = EVERY_CALL, ["botapi.Envelope?"] = "the server's answer",
  ["botapi.Error?"] = "the error object, when there is no answer" }

-- What stands behind these options.
local PARENTS = { ["botapi.Options"] = "\nand those of every call: botapi.help \"options\"",
  ["botapi.BotOptions"] = "\nand those of a bot and of every call: botapi.help \"options\"" }

local readers = {}

function readers.param(page, rest)
  local name, mark, typed = rest:match "^([%w_]+)(%??) (.*)$"
  local type_of, text = split_type(typed)
  local item = { name = name, is_optional = mark == "?", text = text, type = type_of }
  table.insert(page.params, item)
  return item
end

-- The type, maybe a name, and the text behind a "#".
function readers.returned(page, rest)
  local typed, text = rest:match "^(.-)%s*#%s*(.*)$"
  local _, name = split_type(typed or rest)
  local item = { name = name:match "^[%w_]+" or "the result", text = text or "",
    type = split_type(typed or rest) }
  table.insert(page.returns, item)
  return item
end

readers["return"] = readers.returned

local function join(text, more) return text == "" and more or text .. " " .. more end

-- What stands above a function.
local function read(lines)
  local page, last, in_example = { text = "", example = {}, params = {}, returns = {} }, nil, false
  for _, line in ipairs(lines) do
    local kind, rest = line:match "^@(%a+) (.*)$"
    if line:find "^```" then
      in_example = not in_example
    elseif in_example then
      table.insert(page.example, "  " .. line)
    elseif kind then
      last = readers[kind](page, rest)
    elseif last then
      last.text = join(last.text, (line:gsub("^%s+", "")))
    else
      page.text = join(page.text, line)
    end
  end
  return page
end

-- `(token, method [, params [, options]])`
local function arguments_of(params)
  local text, depth = "", 0
  for i, param in ipairs(params) do
    if param.is_optional then depth = depth + 1 end
    text = text .. (param.is_optional and (i > 1 and " [" or "[") or "") .. (i > 1 and ", " or "") .. param.name
  end
  return "(" .. text .. ("]"):rep(depth) .. ")"
end

local function items(title, list, width)
  local lines = { "", title }
  width = width or 9
  for _, item in ipairs(list) do
    local text = item.text ~= "" and item.text or PLAIN[item.type]
    if text then
      lines[#lines + 1] = behind(("  %-" .. width .. "s "):format(item.name), text)
    end
  end
  return lines[3] and table.concat(lines, "\n") or nil
end

-- The fields of each class, and what it inherits from.
local function classes_of(path)
  local classes, class = {}, nil
  for line in io.lines(path) do
    local name, parent = line:match "^%-%-%-@class ([%w.]+)%s*:?%s*(%S*)"
    local field, rest = line:match "^%-%-%-@field ([%w_]+)%?? (.*)$"
    if name then
      class = { parent = parent }
      classes[name] = class
    elseif field and class then
      local _, text = split_type(rest)
      class[#class + 1] = { name = field, text = text }
    end
  end
  return classes
end

-- The options of a function that has more than every call has.
local function options_of(page, classes)
  for _, param in ipairs(page.params) do
    local class = param.name == "options" and param.type ~= "botapi.Options" and classes[param.type]
    if class then return items("Options", class, 15) .. (PARENTS[class.parent] or "") end
  end
end

local function page_of(page, classes)
  local parts = { filled(page.text, "", WIDTH) }
  parts[#parts + 1] = items("Arguments", page.params)
  parts[#parts + 1] = options_of(page, classes)
  parts[#parts + 1] = items("Returns", page.returns)
  parts[#parts + 1] = "\nExample\n" .. table.concat(page.example, "\n")
  return table.concat(parts, "\n")
end

local function write(name, arguments, text, page)
  local line = text:match "^(.-%.)%s" or text
  print(("  { name = %q, arguments = %q,\n    line = %q,"):format(name, arguments, line:gsub("^%l", string.upper)
    :gsub("%.$", "") .. "."))
  print(("    page = [=[\n%s]=] },"):format(page))
end

print [[
-- SPDX-License-Identifier: MIT
-- Owns the pages of `botapi.help`. Made by `make docs` from types/botapi.lua, which is the one to change.

return {]]
-- Calls `visit(owner, name, page)` for each function of a file.
local function each_function(path, visit)
  local lines = {}
  for line in io.lines(path) do
    local comment = line:match "^%-%-%-(.*)$"
    local owner, name = line:match "^function (%w+)[.:]([%w_]+)"
    if name then visit(owner, name, read(lines)) end
    lines = comment and lines or {}
    if comment then lines[#lines + 1] = comment end
  end
end

-- The emulator's page, of types/botapi/emulator.lua: how to start one, and its methods.
local function emulator_page(text, path)
  local methods, start = {}, nil
  each_function(path, function(owner, name, page)
    if owner == "emulator" then start = page
    elseif name ~= "start" then
      methods[#methods + 1] = { name = name .. arguments_of(page.params), text = page.text }
    end
  end)
  return table.concat({ text, items("Arguments of its function start", start.params),
    items("Methods of what that returns", methods, 29), "\nExample\n" .. table.concat(start.example, "\n") }, "\n")
end

local path = assert(arg[1], "usage: pages.lua FILE")
local classes = classes_of(path)
each_function(path, function(owner, name, page)
  if owner == "botapi" then write(name, arguments_of(page.params), page.text, page_of(page, classes)) end
end)
for line in io.lines(path) do
  local field, typed = line:match "^%-%-%-@field ([%l]+) (botapi%.%l.*)$"
  if field then
    local _, text = split_type(typed)
    local page = text:gsub("^%l", string.upper) .. ": docs/" .. field .. ".md"
    if field == "emulator" then page = emulator_page(page, (path:gsub("%.lua$", "/emulator.lua"))) end
    write(field, "", text, page)
  end
end
print "}"
