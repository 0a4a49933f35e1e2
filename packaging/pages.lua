-- SPDX-License-Identifier: MIT
-- Prints lua/botapi/manual.lua, what `botapi.help` shows, from the pages of types/botapi.lua. `make docs` writes it to
-- its place.

local unpack = table.unpack or unpack

local WIDTH = 78

-- A text in lines, each after an indent; the first one has another.
local function filled(text, indent, first)
  local lines, line = {}, first or indent
  local is_empty = true
  for word in text:gmatch "%S+" do
    if not is_empty and #line + 1 + #word > WIDTH then
      lines[#lines + 1], line, is_empty = line, indent, true
    end
    line, is_empty = line .. ((is_empty and line == indent or line:sub(-1) == " ") and "" or " ") .. word, false
  end
  lines[#lines + 1] = line
  return table.concat(lines, "\n")
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

local readers = {}

function readers.param(page, rest)
  local name, mark, typed = rest:match "^([%w_]+)(%??) (.*)$"
  local _, text = split_type(typed)
  local item = { name = name, is_optional = mark == "?", text = text }
  table.insert(page.params, item)
  return item
end

-- The type, maybe a name, and the text behind a "#".
function readers.returned(page, rest)
  local typed, text = rest:match "^(.-)%s*#%s*(.*)$"
  local _, name = split_type(typed or rest)
  local item = { name = name:match "^[%w_]+" or "the result", text = text or "" }
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

local function items(title, list)
  local lines = { "", title }
  for _, item in ipairs(list) do
    if item.text ~= "" then
      lines[#lines + 1] = filled(item.text, (" "):rep(12), ("  %-9s "):format(item.name))
    end
  end
  return lines[3] and table.concat(lines, "\n") or nil
end

local function page_of(page)
  local parts = { filled(page.text, "") }
  parts[#parts + 1] = items("Arguments", page.params)
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
local lines, fields = {}, {}
for line in io.lines((assert(arg[1], "usage: pages.lua FILE"))) do
  local comment, name = line:match "^%-%-%-(.*)$", line:match "^function botapi%.([%w_]+)"
  local field, typed = line:match "^%-%-%-@field ([%l]+) (botapi%.%l.*)$"
  if name then
    local page = read(lines)
    write(name, arguments_of(page.params), page.text, page_of(page))
  elseif field then
    local _, text = split_type(typed)
    fields[#fields + 1] = { field, "", text, text:gsub("^%l", string.upper) .. ": docs/" .. field .. ".md" }
  end
  lines = comment and lines or {}
  if comment then lines[#lines + 1] = comment end
end
for _, field in ipairs(fields) do write(unpack(field)) end
print "}"
