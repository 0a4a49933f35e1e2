-- SPDX-License-Identifier: MIT
-- Owns the colours of code in HTML: comments and strings of Lua and of shell, and Lua's keywords.

local highlight = {}

local ENTITIES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }
local CHARACTERS = {}
for character, entity in pairs(ENTITIES) do CHARACTERS[entity] = character end

--- A text as HTML shows it.
function highlight.escape(text) return (text:gsub('[&<>"]', ENTITIES)) end

--- What HTML shows.
function highlight.unescape(html) return (html:gsub("&%a+;", CHARACTERS)) end

local escape = highlight.escape

local KEYWORDS = {}
for word in ("and break do else elseif end false for function goto if in local nil not or repeat return then true "
  .. "until while"):gmatch "%a+" do
  KEYWORDS[word] = true
end

-- Where a string that begins at `from` ends, with this quote.
local function string_end(text, from, quote)
  local at = from + 1
  while true do
    local found = text:find("[\\\n" .. quote .. "]", at)
    if not found then return nil end
    local char = text:sub(found, found)
    if char == quote then return found end
    if char == "\n" then return nil end
    at = found + 2
  end
end

local function lua_token(text, at)
  local long = text:match("^%-?%-?%[(=*)%[", at)
  local is_comment = text:find("^%-%-", at)
  if long and (is_comment or text:sub(at, at) == "[") then
    local _, stop = text:find("]" .. long .. "]", at, true)
    return stop or #text, is_comment and "comment" or "string"
  end
  if is_comment then return (text:find("\n", at, true) or #text + 1) - 1, "comment" end
  local quote = text:match("^[\"']", at)
  local stop = quote and string_end(text, at, quote)
  if stop then return stop, "string" end
  local word = text:match("^[%a_][%w_]*", at)
  if word then return at + #word - 1, KEYWORDS[word] and "keyword" end
  return at
end

-- A comment begins behind a blank or at the head of a line.
local function sh_token(text, at)
  if text:find("^#", at) and (at == 1 or text:find("^%s", at - 1)) then
    return (text:find("\n", at, true) or #text + 1) - 1, "comment"
  end
  return at
end

local TOKENS = { lua = lua_token, nginx = sh_token, sh = sh_token }

--- Code as HTML. `language`: "lua", "sh", "nginx" or another one, which has no colours.
function highlight.code(text, language)
  local token = TOKENS[language]
  if not token then return escape(text) end
  local out, at = {}, 1
  while at <= #text do
    local stop, class = token(text, at)
    local piece = escape(text:sub(at, stop))
    out[#out + 1] = class and ('<span class="%s">%s</span>'):format(class, piece) or piece
    at = stop + 1
  end
  return table.concat(out)
end

return highlight
