-- SPDX-License-Identifier: MIT
-- Owns what became of a request, as values, and how its cause is told.

local outcome = {}

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
-- @tparam ?table res
-- @tparam ?table err
-- @tparam ?string message what `res` says
function outcome.what_came(res, err, message)
  if err and err.http_status then return ("HTTP %d came in place of an answer."):format(err.http_status) end
  if err then return err.kind == "network" and came[err.curl_code] or came[err.kind] or "No answer came." end
  if res then return ("The answer was %d %s."):format(res.error_code or 0, (message:gsub("^%d+ ", ""))) end
  return "No answer came."
end

return outcome
