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

-- What came in the place of an answer: by the error's kind, and for a connection by libcurl's code.
local came = {
  timeout = "No answer came in time.",
  cancelled = "It was stopped before an answer came.",
  protocol = "What came isn't an answer of a Bot API server.",
  limit = "The answer was larger than allowed.",
  tls = "The secure connection broke before an answer came.",
  network = "The connection broke before an answer came.",
  [18] = "The connection ended in the middle of the answer.",
  [52] = "The connection was closed before an answer came.",
  [55] = "The connection broke while the request was written.",
  [56] = "The connection was reset before an answer came.",
}

--- In its place after Ctrl-C.
words.STOPPED = "It was stopped then (sent: maybe)."

--- What came in the place of an answer that settles it, as a sentence.
-- @tparam ?table res
-- @tparam ?table err
-- @tparam ?string message what `res` says
function words.what_came(res, err, message)
  if err and err.http_status then return ("HTTP %d came in place of an answer."):format(err.http_status) end
  if err then return err.kind == "network" and came[err.curl_code] or came[err.kind] or "No answer came." end
  if res then return ("The answer was %d %s."):format(res.error_code or 0, (message:gsub("^%d+ ", ""))) end
  return "No answer came."
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
