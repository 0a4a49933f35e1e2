-- SPDX-License-Identifier: MIT
-- Owns the help topics, which the man page has, too.

local exits = require "botapi.outcome".exits

-- What each exit code means, and what a script should do.
local meanings = {
  { "done", "done, or nothing to do; with -n: it can be done", "continue" },
  { "refused", "the server refused; nothing changed", "look at the message" },
  { "usage", "wrong usage, no token, or no confirmation", "correct the command" },
  { "not_sent", "nothing was sent", "repeat at any time" },
  { "unknown", "unknown: it may have been carried out", "repeat soon, or look" },
  { "later", "not now (429, lock-out); retry_after in the JSON", "wait" },
  { "partly", "partly done: the bot left, a later step failed", "repeat: it continues" },
  { "cancelled", "stopped by the user, nothing sent (else 4 or 6)", "" },
}

local rows = {}
for i, row in ipairs(meanings) do
  rows[i] = ("%5d   %-50s%s"):format(exits[row[1]], row[2], row[3]):gsub("%s+$", "")
end

return {
  { name = "exit-codes", title = "EXIT CODES", text = "Exit codes, and what a script should do\n\n"
    .. table.concat(rows, "\n") .. "\n\n74 is 0 with an output that couldn't be written, 70 a bug of this program.\n"
    .. "Later versions may add codes; treat an unknown code as failure.\n" },
  { name = "environment", title = "ENVIRONMENT", text = [[
Environment

  BOT_TOKEN_FILE         a file that contains the token
  CREDENTIALS_DIRECTORY  contains such a file, bot_token; set by systemd's
                         LoadCredential=
  BOT_TOKEN              the token itself
  XDG_STATE_HOME         where the journal is (~/.local/state): the file
                         botapi/ID.jsonl; it never contains the token
  https_proxy, no_proxy  as with curl; --proxy "" is none
  NO_COLOR               set and not empty: no colour
  TERM=dumb              no colour, and no line is redrawn

The token is read from the first of these that is given: --token-file,
--token-command, BOT_TOKEN_FILE, CREDENTIALS_DIRECTORY, BOT_TOKEN, a prompt.
There is no --token: every user of the machine can see a command line.
]] },
  { name = "json", title = "JSON", text = [[
JSON: one document on standard output, also for a failure

  {"v":1,"command":"logout","outcome":"done",
   "bot":{"id":123456789,"username":"shop_bot"},
   "server":"https://api.telegram.org","sent":"yes","reason":null,
   "attempts":1,"exit":0,"response":{"ok":true,"result":true}}

  v         1; members may be added, but none will change its meaning
  outcome   done, already, refused, not_sent, unknown, later, partly, cancelled
  bot       null if no token was read; username null if no server was asked
  sent      no, yes, maybe: whether the request that matters was sent
  reason    null, or one word: logged_out, unauthorized, timeout, ...
  attempts  how often the last method was called
  response  the server's answer, without the token; null if there is none
  retry_after  seconds; with outcome later, if the server says it

migrate prints a line for each step, {"v":1,"event":"step","step":1,"steps":4,
"name":"leave","state":"done","elapsed":1.2}, and at the end the document with
"event":"report".

fleet prints a line for each bot, {"v":1,"event":"bot","n":1,"bot":{"id":5},
"outcome":"done","sent":"yes","reason":null,"attempts":1}, and at the end one
with "event":"report": bots, skipped (settled by an earlier run), by_outcome,
by_reason, requests, exit. With -n there is one line, "event":"plan".
]] },
}
