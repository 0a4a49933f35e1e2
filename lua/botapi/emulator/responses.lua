-- SPDX-License-Identifier: MIT
-- Owns the responses of the Bot API: the envelope, and the exact text of each error that the emulator knows.

local http = require "botapi.emulator.http"
local json = require "botapi.emulator.json"

local responses = {}

-- Each error: its code, which is also the status, and its description.
local texts = {
  not_found = {404, "Not Found"},
  absolute_uri = {404, "Not Found: absolute URI is specified in the Request-Line"},
  method_not_found = {404, "Not Found: method not found"},
  invalid_token = {401, "Unauthorized: invalid token specified"},
  misdirected = {421, "Misdirected Request: unallowed token specified"},
  unauthorized = {401, "Unauthorized"},
  bale_unauthorized = {400, "Bad Request: Token not found"},
  logged_out = {400, "Logged out"},
  logging_out = {400, "Bad Request: already logging out"},
  closed = {400, "Bad Request: the bot has already been closed"},
  restart = {500, "Internal Server Error: restart"},
  aborted = {500, "Internal Server Error: request aborted"},
  webhook_active = {409, "Conflict: can't use getUpdates method while webhook is active; "
    .. "use deleteWebhook to delete the webhook first"},
  other_poller = {409, "Conflict: terminated by other getUpdates request; "
    .. "make sure that only one bot instance is running"},
  webhook_came = {409, "Conflict: terminated by setWebhook request"},
  supergroup = {400, "Bad Request: group chat was upgraded to a supergroup chat"},
  bad_url = {400, "Bad Request: invalid webhook URL specified"},
  long_secret = {400, "Bad Request: secret token is too long"},
  big_file = {400, "Bad Request: file is too big"},
  lost_file = {400, "Bad Request: wrong file_id or the file is temporarily unavailable"},
  large_upload = {413, "Request Entity Too Large"},
  bad_secret = {400, "Bad Request: secret token contains unallowed characters"},
}

--- An error with any code, description and parameters.
function responses.error(code, description, parameters)
  return {ok = false, error_code = code, description = description, parameters = parameters}
end

--- An error of this list.
function responses.named_error(name)
  local text = assert(texts[name], name)
  return responses.error(text[1], text[2])
end

--- 429, with the seconds in its description, its parameters and a header.
function responses.rate_limited(seconds)
  seconds = math.max(math.ceil(seconds), 1)
  return responses.error(429, string.format("Too Many Requests: retry after %d", seconds),
    json.object("retry_after", seconds))
end

--- Success; the result is any JSON value.
function responses.success(result, description)
  return {ok = true, result = result, description = description}
end

-- The members in the real server's order.
local function body_of(response)
  if response.ok then
    return json.encode(json.object("ok", true, "result", response.result, "description", response.description))
  end
  return json.encode(json.object("ok", false, "error_code", response.error_code,
    "description", response.description, "parameters", response.parameters))
end

--- The bytes of the whole HTTP response, or the response itself where its body is a file; and its status.
function responses.encode(response)
  if response.is_content then return response, response.status end
  local status = response.ok and 200 or response.error_code
  local headers = {{"Connection", "keep-alive"}, {"Content-Type", "application/json"}}
  local parameters = response.parameters
  if status == 429 and parameters and parameters.retry_after then
    headers[#headers + 1] = {"Retry-After", json.encode(parameters.retry_after)}
  end
  return http.response(status, headers, body_of(response)), status
end

--- The same for a response that is no JSON.
function responses.raw(status, content_type, body, more)
  local headers = {{"Connection", "keep-alive"}, {"Content-Type", content_type}}
  for _, name in ipairs(more and json.names(more) or {}) do
    headers[#headers + 1] = {name, tostring(more[name])}
  end
  return http.response(status, headers, body), status
end

--- The same for a request that isn't HTTP: the real server sends no type and no body.
function responses.malformed(status)
  return http.response(status, {}, ""), status
end

return responses
