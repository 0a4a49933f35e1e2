-- SPDX-License-Identifier: MIT
-- What the outcome of a session's logout means, as data, and the sentences that are made of it.

local rows = require "botapi.reason.rows"
local sentences = require "botapi.reason".sentences

-- The first row that matches counts: by `kind`, `sent`, `page` and the HTTP status.
local ROWS = {
  { page = "checkpoint",
    cause = "Facebook asks the owner of the account to confirm it (a checkpoint).",
    fix = "log in with a browser, answer it there, and log out there" },
  { kind = "token",
    cause = "The appstate can't be used: {said}.",
    fix = "export it again from the library or browser that made the session" },
  { kind = "logged_out", page = "login",
    cause = "Facebook asks for a password: this session isn't logged in.",
    fix = "nothing is left to end; throw its cookies away" },
  { kind = "logged_out",
    cause = "This session object has logged out, and its cookies are gone.",
    fix = "make a new session from a new appstate, if there is one" },
  { kind = "busy",
    cause = "A logout of this session is under way, or the host has no free slot.",
    fix = "wait for it" },
  { kind = "protocol", sent = "no", from = 500, to = 599,
    cause = "Facebook failed (HTTP {code}), more than once.",
    fix = "wait some minutes and try again" },
  { kind = "protocol", from = 429, to = 429,
    cause = "Facebook limits the rate (HTTP 429).",
    fix = "wait an hour and try again" },
  { kind = "protocol", sent = "no",
    cause = "What Facebook answered isn't what this flow knows: {said}.",
    fix = "try with the user_agent of the browser that made the session, or log out in a browser" },
  { kind = "protocol",
    cause = "Facebook's answer to the logout proves nothing: {said}." },
  { kind = "tls",
    cause = "The connection to Facebook can't be made secure: {said}.",
    fix = "check ca_file, this machine's clock, and what stands between" },
  { cause = "The exchange with Facebook failed: {said}." },
}

-- A certificate's or a proxy's login, as of any call.
local at = 0
for _, row in ipairs(rows.errors) do
  if row.problem then
    at = at + 1
    table.insert(ROWS, at, row)
  end
end

local CONSEQUENCES = {
  no = "nothing was changed, and a repeat is safe",
  maybe = "it isn't known whether the session was ended: the same logout again, soon, settles it",
  yes = "it isn't known whether the session was ended: the same logout again, soon, settles it",
}

--- What happened and what to do next, in two sentences.
-- @tparam table err an error object of botapi.facebook
return function(err)
  local facts = { kind = err.kind, problem = err.problem, sent = err.sent, page = err.page, code = err.http_status,
    said = err.cause or tostring(err.message) }
  return sentences(ROWS, facts, CONSEQUENCES[err.sent] or CONSEQUENCES.maybe)
end
