-- SPDX-License-Identifier: MIT
-- Owns the help topics, which the man page has, too.

return {
  { name = "exit-codes", title = "EXIT CODES", text = [[
Exit codes: what a script does next

    0   done, or already so; with -n: it can be done     go on
    1   the server refused; nothing changed              look
    2   usage, no token, confirmation missing            fix the call
    3   nothing was sent                                 repeat freely
    4   unknown: it may have happened                    same command, soon;
                                                         or a person
    5   not now: 429, lock-out; retry_after in the JSON  wait
    6   partly done: the bot has left the old server,    same command goes on
        a later step failed
  130   stopped by the person, nothing sent (else 4      as you like
        or 6)

More may come; treat an unknown code as failure.
]] },
  { name = "environment", title = "ENVIRONMENT", text = [[
Environment

  BOT_TOKEN_FILE         a file with the token
  CREDENTIALS_DIRECTORY  bot_token in it is such a file, as systemd's
                         LoadCredential= makes it
  BOT_TOKEN              the token itself
  XDG_STATE_HOME         where the journal is: botapi/ID.jsonl below it
                         (~/.local/state); it never has the token
  https_proxy, no_proxy  as with curl; --proxy "" is none
  NO_COLOR               set and not empty: no colour
  TERM=dumb              no colour, and no line is redrawn

The token's first place counts: --token-file, --token-command, BOT_TOKEN_FILE,
CREDENTIALS_DIRECTORY, BOT_TOKEN, a prompt. There is no --token: what stands on
a command line is seen by every user of the machine.
]] },
  { name = "json", title = "JSON", text = [[
JSON: one document on standard output, also for a failure

  {"v":1,"command":"logout","outcome":"done",
   "bot":{"id":123456789,"username":"shop_bot"},
   "server":"https://api.telegram.org","sent":"yes","reason":null,
   "attempts":1,"exit":0,"response":{"ok":true,"result":true}}

  v         1; a member may be added, none will change its meaning
  outcome   done, already, refused, not_sent, unknown, later, partly, cancelled
  bot       null where no token was read; username null where nobody was asked
  sent      no, yes, maybe: whether the request that matters was sent
  reason    null, or one word: logged_out, unauthorized, timeout, ...
  attempts  how often the last method was asked
  response  what the server answered, without the token; null: nothing
  retry_after  seconds, with outcome later where the server says it

migrate prints a line for each step, {"v":1,"event":"step","step":1,"steps":4,
"name":"leave","state":"done","elapsed":1.2}, and last the document with
"event":"report".

fleet prints a line for each bot, {"v":1,"event":"bot","n":1,"bot":{"id":5},
"outcome":"done","sent":"yes","reason":null,"attempts":1}, and last one with
"event":"report": bots, skipped (settled by an earlier run), by_outcome,
by_reason, requests, exit. With -n there is one line, "event":"plan".
]] },
}
