-- SPDX-License-Identifier: MIT
-- Owns what people are told when nobody knows whether a bot has left: what may have happened, what to do, what not.

local explain = require "botapi.reason".explain
local facts = require "botapi.facts"
local outcomes = require "botapi.outcome"
local texts = require "botapi.text"

local doubt = {}

local HEAD = "it is not known whether {bot} was {done}\n  The request left at {at}. {came}\n"

-- The answer was lost on the way.
local LOST = [[
  Either the server never got it, or it did it and the answer was lost.

  Do       {again} before {before}. It asks the same
           server; {proof} settles it.
  Don't    start the bot elsewhere before that, and don't call getMe to
           look: if it is {out}, that may {back}.]]

-- 401 after a logOut of which nothing is known.
local ENDED = [[
  A server that was killed while a logOut ran finishes it when it starts
  again, and then says this for up to half an hour, never "Logged out". It
  says the same of a token that was revoked.

  Do       see whether that server was restarted since, or the token was
           revoked: the bot has left then. To go on from there:
           {onward}.
  Don't    repeat this in the next half hour: the answer would be the same.]]

-- Another web server, or what stands in front of the right one.
local FRONT = [[
{explained}

  Do       correct the server's address, or what stands in front of it,
           before this is sent again: until then it gets the same answer.
  Don't    start the bot elsewhere before that.]]

-- A Bot API server, which doesn't say what it did.
local UNSAID = [[
  It may have done it all the same.

  Do       {again} once, before {before}: {proof}
           settles it. Does the same come, ask who runs the server what it
           means.
  Don't    start the bot elsewhere before that, and don't call getMe to
           look: if it is {out}, that may {back}.]]

local by_method = {
  logOut = { done = "logged out", out = "out", back = "log it in again", proof = '"Logged out" or true' },
  close = { done = "closed", out = "closed", back = "open it again", proof = '"already been closed" or true' },
}

local function template(known)
  if known.method == "logOut" and known.reason == "unauthorized" then return ENDED end
  if known.res and known.res.ok or known.err and known.err.malformed then return UNSAID end
  return outcomes.is_front(known.err) and FRONT or LOST
end

--- The text.
-- @tparam table known `method`; `bot`, its name; `at`, when the request left (seconds since 1970); `came`, what came in
--   the place of an answer; `res`, `err` and `reason` of that; `again` and `go_on`, what is to be done, in the words
--   of who shows the text
-- @treturn string
function doubt.text(known)
  local words = by_method[known.method]
  local values = { bot = known.bot, at = texts.clock(known.at), before = texts.minute(known.at + facts.CONVERGES),
    came = known.came, again = known.again, onward = known.go_on, done = words.done, out = words.out,
    back = words.back, proof = words.proof, explained = known.err and texts.filled(explain(nil, known.err), "  ") }
  return ((HEAD .. template(known)):gsub("{(%a+)}", values))
end

return doubt
