-- SPDX-License-Identifier: MIT
-- Owns the help topics: as data, of which the man page is made, and as text.

local exits = require "botapi.outcome".exits
local filled = require "botapi.text".filled

-- What each exit code means, and what a script should do.
local meanings = {
  { "done", "done, or nothing to do; with -n: it can be done", "continue" },
  { "refused", "refused by the server or a check; nothing changed", "look at the message" },
  { "usage", "wrong usage, no token, or no confirmation", "correct the command" },
  { "not_sent", "nothing was sent", "repeat at any time" },
  { "unknown", "unknown: it may have been carried out", "repeat soon, or look" },
  { "later", "not now (429, lock-out); retry_after in the JSON", "wait" },
  { "partly", "partly done: the bot left, a later step failed", "repeat: it continues" },
  { "cancelled", "stopped by the user, nothing sent (else 4 or 6)", "" },
}

-- A row has a term and a text; `aside` stands in a column of its own.
local codes = {}
for i, row in ipairs(meanings) do
  codes[i] = { ("%d"):format(exits[row[1]]), row[2], aside = row[3] }
end

local topics = {
  { name = "exit-codes", title = "EXIT STATUS", head = "Exit codes, and what a script should do", rows = codes,
    notes = { "74 is 0 with an output that couldn't be written, 70 a bug of this program.",
      "Later versions may add codes; treat an unknown code as failure." } },
  { name = "environment", title = "ENVIRONMENT", head = "Environment", rows = {
    { "BOT_TOKEN_FILE", "a file that contains the token" },
    { "CREDENTIALS_DIRECTORY", "contains such a file, bot_token; set by systemd's LoadCredential=" },
    { "BOT_TOKEN", "the token itself" },
    { "XDG_STATE_HOME", "where the journal is (~/.local/state): the file botapi/ID.jsonl; it never contains the "
      .. "token" },
    { "https_proxy, no_proxy", 'as with curl, but --proxy counts whatever no_proxy says; --proxy "" is none' },
    { "NO_COLOR", "set and not empty: no colour" },
    { "TERM=dumb", "no colour, and no line is redrawn" },
  }, notes = { "The token is read from the first of these that is given: --token-file, --token-command, "
    .. "BOT_TOKEN_FILE, CREDENTIALS_DIRECTORY, BOT_TOKEN, a prompt.",
    "There is no --token: every user of the machine can see a command line." } },
  { name = "json", title = "JSON", head = "JSON: one document on standard output, also for a failure", example = [[
  {"v":1,"command":"logout",
   "outcome":"done",
   "bot":{"id":123456789,
          "username":"shop_bot"},
   "server":"https://api.telegram.org",
   "sent":"yes","reason":null,
   "attempts":1,"exit":0,
   "response":{"ok":true,"result":true}}]], rows = {
    { "v", "1; members may be added, but none will change its meaning" },
    { "outcome", "done, already, refused, not_sent, unknown, later, partly, cancelled" },
    { "bot", "null if no token was read; username null if no server was asked" },
    { "sent", "no, yes, maybe: whether the request that matters was sent" },
    { "reason", "null, or one word: logged_out, unauthorized, timeout, ..." },
    { "attempts", "how often the last method was called" },
    { "response", "the server's answer, without the token; null if there is none" },
    { "retry_after", "seconds; with outcome later, if the server says it" },
  }, notes = { 'migrate prints a line for each step, {"v":1, "event":"step", "step":1, "steps":4, "name":"leave", '
    .. '"state":"done", "elapsed":1.2}, and at the end the document with "event":"report".',
    'fleet prints a line for each bot, {"v":1, "event":"bot", "n":1, "bot":{"id":5}, "outcome":"done", "sent":"yes", '
    .. '"reason":null, "attempts":1}, and at the end one with "event":"report": bots, skipped (settled by an earlier '
    .. 'run), by_outcome, by_reason, requests, exit. With -n there is one line, "event":"plan".' } },
}

-- As text --------------------------------------------------------------------------------

local WIDTH, ASIDE = 80, 50     -- columns of a line, and before an aside

local function row_text(row, width, columns)
  if row.aside then
    local place = columns < WIDTH and "%s\n        " or "%-" .. ASIDE .. "s"
    return (("%5s   " .. place .. "%s"):format(row[1], row[2], row.aside):gsub("%s+$", ""))
  end
  local indent = (" "):rep(width + 4)
  if #indent > columns / 2 then return "  " .. row[1] .. "\n" .. filled(row[2], "      ", columns) end
  return "  " .. row[1] .. (" "):rep(width + 2 - #row[1]) .. filled(row[2], indent, columns):sub(#indent + 1)
end

--- A topic as text, in lines of at most so many columns where it is filled.
-- @tparam table topic
-- @tparam ?number columns of the terminal
function topics.text(topic, columns)
  columns = math.min(columns or WIDTH, WIDTH)
  local rows, notes, width = {}, {}, 0
  for _, row in ipairs(topic.rows) do width = math.max(width, #row[1]) end
  for i, row in ipairs(topic.rows) do rows[i] = row_text(row, width, columns) end
  for i, note in ipairs(topic.notes) do notes[i] = filled(note, "", columns) end
  return table.concat({ topic.head .. (topic.example and "\n\n" .. topic.example or ""), table.concat(rows, "\n"),
    table.concat(notes, "\n") }, "\n\n") .. "\n"
end

return topics
