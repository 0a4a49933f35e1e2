-- SPDX-License-Identifier: MIT
-- Owns the named faults: one table for rules, the guide and the specs.

local responses = require "botapi.emulator.responses"

local HTML = "<html>\r\n<head><title>%s</title></head>\r\n<body>\r\n<center><h1>%s</h1></center>\r\n"
  .. "<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n"

-- A page of the nginx before the cloud.
local function page(text)
  return string.format(HTML, text, text)
end

local function error_of(name, parameters)
  local response = responses.named_error(name)
  return {error_code = response.error_code, description = response.description, parameters = parameters}
end

--- Each has a name, `then` (that of a rule, in full), what a client sees, and what it may claim as `sent`.
local faults = {
  {name = "lost_answer", ["then"] = {execute = true, bytes = 0, ["end"] = "reset"},
    sees = "a reset, 0 bytes", sent = "maybe"},
  {name = "lost_request", ["then"] = {execute = false, bytes = 0, ["end"] = "reset"},
    sees = "a reset, 0 bytes", sent = "maybe"},
  {name = "silence", ["then"] = {execute = true, bytes = 0, ["end"] = "hang"},
    sees = "nothing at all", sent = "maybe"},
  {name = "slow", ["then"] = {execute = true, delay = 5},
    sees = "the answer, 5 s late", sent = "yes once it came, else maybe"},
  {name = "truncated", ["then"] = {execute = true, bytes = "half", ["end"] = "close"},
    sees = "half of the answer, then the end", sent = "maybe"},
  {name = "garbage", ["then"] = {execute = true, raw = "\22\3\1\0\2\2\40 this is not HTTP\r\n\r\n", ["end"] = "close"},
    sees = "bytes that are not HTTP", sent = "maybe"},
  {name = "trickle", ["then"] = {execute = true, rate = 100},
    sees = "the answer, a byte at a time, 100 a second", sent = "yes once it came, else maybe"},
  {name = "rate_limited", ["then"] = {error_code = 429, retry_after = 3},
    sees = "429 `Too Many Requests: retry after 3`", sent = "yes"},
  {name = "unauthorized", ["then"] = error_of "unauthorized", sees = "401 `Unauthorized`", sent = "yes"},
  {name = "logged_out", ["then"] = error_of "logged_out", sees = "400 `Logged out`", sent = "yes"},
  {name = "closing", ["then"] = error_of "logging_out", sees = "400 `Bad Request: already logging out`", sent = "yes"},
  {name = "conflict", ["then"] = error_of "other_poller",
    sees = "409 `Conflict: terminated by other getUpdates request; …`", sent = "yes"},
  {name = "restart", ["then"] = error_of "restart", sees = "500 `Internal Server Error: restart`", sent = "yes"},
  {name = "supergroup", ["then"] = error_of("supergroup", {migrate_to_chat_id = -1002147483648123}),
    sees = "400 with `parameters.migrate_to_chat_id`", sent = "yes"},
  {name = "bad_gateway", ["then"] = {execute = true, status = 502, type = "text/html", body = page "502 Bad Gateway"},
    sees = "502, HTML of the cloud's front", sent = "yes"},
  {name = "gateway_timeout", ["then"] = {execute = true, status = 504, type = "text/html",
    body = page "504 Gateway Time-out"},
    sees = "504, HTML of the cloud's front", sent = "yes"},
}

for _, fault in ipairs(faults) do faults[fault.name] = fault end

return faults
