-- SPDX-License-Identifier: MIT
-- Owns how texts for people say times, counts, names, paths and long sentences.

local hidden = require "botapi.core".hidden

local text = {}

-- Times ---------------------------------------------------------------------------

local MINUTE, HOUR, DAY = 60, 3600, 86400
local units = { { DAY, "day" }, { HOUR, "hour" }, { MINUTE, "minute" }, { 1, "second" } }

--- `14:03:07`, of a time in seconds since 1970, or of now.
function text.clock(at) return os.date("%H:%M:%S", at) end

--- `14:03`
function text.minute(at) return os.date("%H:%M", at) end

--- How long something took: `1.2 s`, `63 s`, `12 min`.
function text.duration(seconds)
  if seconds < 10 then return ("%.1f s"):format(seconds) end
  if seconds < 2 * MINUTE then return ("%.0f s"):format(seconds) end
  return ("%.0f min"):format(seconds / MINUTE)
end

--- How long something may take, rounded up: `60 s`, `35 min`, `3 h`.
function text.limit(seconds)
  if seconds <= 2 * MINUTE then return ("%d s"):format(math.max(1, math.ceil(seconds))) end
  if seconds <= 2 * HOUR then return ("%d min"):format(math.ceil(seconds / MINUTE)) end
  return ("%d h"):format(math.ceil(seconds / HOUR))
end

--- How long to wait, in words: at most two units, and never less than it is.
function text.wait(seconds)
  seconds = math.ceil(math.min(math.max(seconds, 0), 1e9))
  if seconds < 2 * MINUTE then return text.counted(seconds, "second") end
  local i = 1
  while seconds < units[i][1] do i = i + 1 end
  local unit, lower = units[i], units[i + 1]
  local whole = math.ceil(seconds / lower[1]) * lower[1]
  local rest = (whole % unit[1]) / lower[1]
  local said = text.counted(math.floor(whole / unit[1]), unit[2])
  return rest == 0 and said or said .. " " .. text.counted(rest, lower[2])
end

--- How long ago something was: `45 seconds ago`, to the nearest unit from one and a half of it on.
function text.ago(seconds)
  local i = 1
  while units[i + 1] and seconds < 1.5 * units[i][1] do i = i + 1 end
  local n = units[i][1] == 1 and seconds or seconds / units[i][1] + 0.5
  return text.counted(math.floor(n), units[i][2]) .. " ago"
end

-- Counts, names, paths ------------------------------------------------------------

--- `3 updates`
function text.counted(n, unit)
  return ("%d %s%s"):format(n, unit, n == 1 and "" or "s")
end

-- A text with something else for each character that a terminal may obey or can't show, and each byte that is no UTF-8.
local function replaced(shown, replacement)
  local parts, from = {}, 1
  for first, last, code in function() return hidden(shown, from) end do
    parts[#parts + 1] = shown:sub(from, first - 1) .. replacement(code)
    from = last + 1
  end
  return table.concat(parts) .. shown:sub(from)
end

--- `@shop_bot`, or its id. What can't be seen goes: marks in its place would part a token that stands there.
function text.name_of(bot)
  if not bot.username then return bot.id and "bot " .. bot.id or "the bot" end
  local name = replaced(tostring(bot.username), function() return "" end)
  return "@" .. name:gsub("[^%w_]", "?")
end

local function escaped(code) return ("\\u{%x}"):format(code) end

--- A text as it may be shown: what would be obeyed, or couldn't be seen, is written as its code; line ends stay.
-- @string shown
-- @tparam[opt] function escape gets a code point and returns what is written for it
function text.visible(shown, escape)
  return replaced(shown, escape or escaped)
end

--- What a server says, as a part of a line: visible, and without line ends.
function text.said(value)
  return (text.visible(tostring(value)):gsub("[\t\n]", " "))
end

--- What any value says of itself: the value of a caller's may have a `__tostring` that fails.
function text.of(value)
  local ok, said = pcall(tostring, value)
  return ok and type(said) == "string" and said or ("a %s that can't be shown"):format(type(value))
end

--- A path, with `~` for the home directory.
function text.path(path)
  local home = os.getenv "HOME"
  if home and #home > 1 and path:sub(1, #home + 1) == home .. "/" then return "~" .. path:sub(#home + 1) end
  return path
end

-- Sentences -----------------------------------------------------------------------

--- A text in lines, each after an indent.
-- @tparam[opt] number width the most columns of a line (73)
function text.filled(long, indent, width)
  local lines, line = {}, indent
  for word in long:gmatch "%S+" do
    if #line + #word >= (width or 73) and line ~= indent then
      lines[#lines + 1] = line
      line = indent
    end
    line = line == indent and line .. word or line .. " " .. word
  end
  lines[#lines + 1] = line
  return table.concat(lines, "\n")
end

return text
