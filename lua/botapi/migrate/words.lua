-- SPDX-License-Identifier: MIT
-- Owns how the texts of a move say times, names and long sentences.

local words = {}

--- `14:03:07`, of a time in seconds since 1970.
function words.clock(at) return os.date("%H:%M:%S", at) end

--- `14:03`
function words.minute(at) return os.date("%H:%M", at) end

--- Seconds as people read them.
function words.duration(seconds)
  if seconds < 10 then return ("%.1f s"):format(seconds) end
  if seconds < 120 then return ("%.0f s"):format(seconds) end
  return ("%.0f min"):format(seconds / 60)
end

--- `3 updates`
function words.counted(n, unit)
  return ("%d %s%s"):format(n, unit, n == 1 and "" or "s")
end

--- `@shop_bot`, or its id.
function words.name_of(bot)
  if bot.username then return "@" .. bot.username end
  return bot.id and "bot " .. bot.id or "the bot"
end

--- A text in lines of at most 73 columns, each after an indent.
function words.filled(text, indent)
  local lines, line = {}, indent
  for word in text:gmatch "%S+" do
    if #line + #word > 72 and line ~= indent then
      lines[#lines + 1] = line
      line = indent
    end
    line = line == indent and line .. word or line .. " " .. word
  end
  lines[#lines + 1] = line
  return table.concat(lines, "\n")
end

return words
