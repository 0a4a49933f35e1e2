-- SPDX-License-Identifier: MIT
-- Owns the answers of the Bot API: the envelope, and each error text that the emulator knows, exact.

local http = require "botapi.emulator.http"
local json = require "botapi.emulator.json"

local responses = {}

-- Each error once: status = error_code, description. %d is filled in.
local texts = {
  not_found = {404, "Not Found"},
  method_not_found = {404, "Not Found: method not found"},
  invalid_token = {401, "Unauthorized: invalid token specified"},
  misdirected = {421, "Misdirected Request: unallowed token specified"},
  unauthorized = {401, "Unauthorized"},
  bale_unauthorized = {400, "Bad Request: Token not found"},
  logged_out = {400, "Logged out"},
  logging_out = {400, "Bad Request: already logging out"},
  closed = {400, "Bad Request: the bot has already been closed"},
  restart = {500, "Internal Server Error: restart"},
  webhook_active = {409, "Conflict: can't use getUpdates method while webhook is active; "
    .. "use deleteWebhook to delete the webhook first"},
  other_poller = {409, "Conflict: terminated by other getUpdates request; "
    .. "make sure that only one bot instance is running"},
  webhook_came = {409, "Conflict: terminated by setWebhook request"},
  supergroup = {400, "Bad Request: group chat was upgraded to a supergroup chat"},
  https_wanted = {400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"},
  bad_url = {400, "Bad Request: bad webhook: invalid webhook URL specified"},
  bad_secret = {400, "Bad Request: secret token contains unallowed characters"},
}

--- An error with any code, description and parameters.
function responses.failure(code, description, parameters)
  return {ok = false, error_code = code, description = description, parameters = parameters}
end

--- An error of the list, by its name.
function responses.known(name, parameters)
  local text = assert(texts[name], name)
  return responses.failure(text[1], text[2], parameters)
end

--- 429, with the seconds in its description, its parameters and a header.
function responses.rate_limited(seconds)
  seconds = math.max(math.ceil(seconds), 1)
  return responses.failure(429, string.format("Too Many Requests: retry after %d", seconds),
    json.object("retry_after", seconds))
end

--- Success; the result is any JSON value.
function responses.success(result, description)
  return {ok = true, result = result, description = description}
end

--- The body of a response, its members in the real server's order.
function responses.body(answer)
  if answer.ok then
    return json.encode(json.object("ok", true, "result", answer.result, "description", answer.description))
  end
  return json.encode(json.object("ok", false, "error_code", answer.error_code,
    "description", answer.description, "parameters", answer.parameters))
end

--- The bytes of the whole HTTP response, and its status.
function responses.serialise(answer)
  local status = answer.ok and 200 or answer.error_code
  local headers = {{"Connection", "keep-alive"}, {"Content-Type", "application/json"}}
  local parameters = answer.parameters
  if status == 429 and parameters and parameters.retry_after then
    headers[#headers + 1] = {"Retry-After", json.encode(parameters.retry_after)}
  end
  return http.answer(status, headers, responses.body(answer)), status
end

--- The same for a response that is no JSON.
function responses.raw(status, content_type, body, more)
  local headers = {{"Connection", "keep-alive"}, {"Content-Type", content_type}}
  for _, name in ipairs(more and json.names(more) or {}) do
    headers[#headers + 1] = {name, tostring(more[name])}
  end
  return http.answer(status, headers, body), status
end

--- The same for a request that isn't HTTP: the real server sends no type and no body.
function responses.malformed(status)
  return http.answer(status, {}, ""), status
end

return responses
