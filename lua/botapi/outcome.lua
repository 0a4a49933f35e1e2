-- SPDX-License-Identifier: MIT
-- Owns what became of a request: outcomes with their exit codes, `sent`, `retry_after`, and how a cause is told.

local facts = require "botapi.facts"
local methods = require "botapi.methods"

local outcome = {}

-- The outcomes ----------------------------------------------------------------------

--- All outcomes, in the order in which counts show them. Each: `name`; `exit`, the command's exit code; `text` for
-- counts; `is_done`: the bot is where it was wanted; `is_settled`: what the request did is known; `is_recorded`: the
-- journal takes it as the result of a request.
outcome.list = {
  { name = "done", exit = 0, text = "done", is_done = true, is_settled = true, is_recorded = true },
  { name = "already", exit = 0, text = "already so", is_done = true, is_settled = true, is_recorded = true },
  { name = "refused", exit = 1, text = "refused by the server", is_settled = true, is_recorded = true },
  { name = "not_sent", exit = 3, text = "nothing sent", is_settled = true, is_recorded = true },
  { name = "later", exit = 5, text = "not now", is_settled = true, is_recorded = true },
  { name = "unknown", exit = 4, text = "unknown: it may have happened", is_recorded = true },
  { name = "partly", exit = 6, text = "partly done" },
  { name = "cancelled", exit = 130, text = "cancelled" },
}

--- Exit codes by outcome, and that of a wrong call of the command.
outcome.exits = { usage = 2 }

--- The command's where its output can't be written: sysexits' EX_IOERR, no code of an outcome.
outcome.NO_OUTPUT = 74

local by_name, by_exit = {}, {}
for _, each in ipairs(outcome.list) do
  by_name[each.name], outcome.exits[each.name] = each, each.exit
  by_exit[each.exit] = by_exit[each.exit] or each.name
end

--- The outcome that an exit code stands for.
function outcome.of_exit(exit) return by_exit[exit] end

--- The outcome of a move's status: one that waits for its directory is partly done.
function outcome.of_status(status)
  return status == "move_directory" and "partly" or status
end

--- Whether a word is the status of a move: whoever has another word in that place made no report.
function outcome.is_status(word)
  return type(word) == "string" and by_name[outcome.of_status(word)] ~= nil
end

-- What the list says of an outcome, as functions of its name.
for _, what in ipairs { "is_done", "is_settled", "is_recorded" } do
  outcome[what] = function(name) return by_name[name] ~= nil and by_name[name][what] == true end
end

--- What the journal notes of an outcome: of a request that was cancelled nothing was sent.
function outcome.recorded(name)
  return name == "cancelled" and "not_sent" or name
end

-- What answers and errors say -------------------------------------------------------

--- Whether a method takes the bot off its server.
function outcome.leaves(method)
  local known = type(method) == "string" and methods[method:lower()]
  return known and known.already ~= nil or false
end

--- Whether the request was sent: "yes", "no" or "maybe".
function outcome.sent(res, err)
  return res ~= nil and "yes" or err and err.sent or "maybe"
end

--- The seconds that the server, or what stands before it, asks to wait: one at least. nil when it says nothing that can
-- be waited: no number, less than a second, or years.
function outcome.retry_after(res, err)
  local said = err
  if res ~= nil then said = res.parameters end
  local seconds = type(said) == "table" and said.retry_after
  if type(seconds) ~= "number" then return nil end
  local longest = require "botapi.core".longest_wait    -- not before: the command's emulator needs no C module
  return 1 <= seconds and seconds <= longest and seconds or nil
end

--- Whether a rate limit refused it.
-- @tparam ?string reason of the answer or the error
function outcome.is_limited(reason, err)
  return reason == "rate_limited" or err ~= nil and err.http_status == 429
end

--- Whether something in front of the Bot API server answered, or another web server: such a request has hardly reached
-- one, and the same one again gets the same answer.
-- @tparam ?table err
function outcome.is_front(err)
  local status = err and err.kind == "protocol" and err.sent == "yes" and not err.malformed and err.http_status or 0
  return 200 <= status and status < 500 and status ~= 429
end

local function of_error(err)
  if err.sent == "no" then return err.kind == "cancelled" and "cancelled" or "not_sent" end
  return err.http_status == 429 and "later" or "unknown"
end

-- What an answer says of a request that changes something.
local function of_answer(method, res, reason)
  local known = methods[method:lower()]
  if res.ok and res.result == nil then return "unknown" end
  if res.ok then return res.result and "done" or "refused" end
  if known and known.already == reason then return "already" end
  if reason == "rate_limited" then return "later" end
  if reason == "server" or known == methods.logout and reason == "logging_out" then return "unknown" end
  return "refused"
end

--- The outcome of a request that changes something.
-- @string method the Bot API's name
-- @tparam ?string reason of `res` or `err`
-- @tparam ?boolean may_have_left an earlier try may have been done: only true or `Logged out` is an end
-- @treturn string done, already, refused, not_sent, later, unknown or cancelled
function outcome.of_change(method, res, err, reason, may_have_left)
  local name = res and of_answer(method, res, reason) or not res and of_error(err)
  if may_have_left and outcome.leaves(method) and not outcome.is_done(name) then return "unknown" end
  return name
end

--- Whether a logOut whose answer was lost is so young that a repeat proves what became of it. One that is dated in the
-- future isn't: nobody knows how old it is.
-- @int at seconds since 1970
function outcome.is_fresh(at)
  local age = os.time() - at
  return 0 <= age and age <= facts.CONVERGES
end

--- The outcome of a request that got no good answer, whatever it was to do.
-- @treturn string later, refused, not_sent, cancelled or unknown
function outcome.of_failure(res, err, reason)
  if not res then return of_error(err) end
  return reason == "rate_limited" and "later" or "refused"
end

--- The same of one that only reads: when it is cancelled, nothing is in doubt. `unknown`: it was sent, and all that it
-- may have changed is a login.
function outcome.of_read(res, err, reason)
  if err and err.kind == "token" then return "refused" end
  if err and err.kind == "cancelled" then return "cancelled" end
  return outcome.of_failure(res, err, reason)
end

-- Causes ----------------------------------------------------------------------------

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
outcome.STOPPED = "It was stopped then (sent: maybe)."

--- What came in the place of an answer that settles it, as a sentence.
-- @tparam ?string message what `res` says
function outcome.what_came(res, err, message)
  if res and res.ok then return "The answer was ok, and had no result." end
  if err and err.malformed and err.cause then return (err.cause:gsub("^%l", string.upper)) .. "." end
  if err and err.http_status then return ("HTTP %d came in place of an answer."):format(err.http_status) end
  if err then return err.kind == "network" and came[err.curl_code] or came[err.kind] or "No answer came." end
  if res then return ("The answer was %d %s."):format(res.error_code or 0, (message:gsub("^%d+ ", ""))) end
  return "No answer came."
end

return outcome
