-- SPDX-License-Identifier: MIT
-- Owns the bytes of responses as the real server sends them, and the reason phrase of each status.

local http = {}

-- The reason phrases of the real server; what isn't here is sent as "Internal Server Error", as there.
local reasons = {
  [200] = "OK", [201] = "Created", [202] = "Accepted", [204] = "No Content", [206] = "Partial Content",
  [301] = "Moved Permanently", [302] = "Found", [303] = "See Other", [304] = "Not Modified",
  [307] = "Temporary Redirect", [308] = "Permanent Redirect", [400] = "Bad Request", [401] = "Unauthorized",
  [403] = "Forbidden", [404] = "Not Found", [405] = "Method Not Allowed", [406] = "Not Acceptable",
  [408] = "Request Timeout", [409] = "Conflict", [410] = "Gone", [411] = "Length Required",
  [412] = "Precondition Failed", [413] = "Request Entity Too Large", [414] = "Request-URI Too Long",
  [415] = "Unsupported Media Type", [416] = "Range Not Satisfiable", [417] = "Expectation Failed",
  [418] = "I'm a teapot", [421] = "Misdirected Request", [426] = "Upgrade Required", [429] = "Too Many Requests",
  [431] = "Request Header Fields Too Large", [480] = "Temporarily Unavailable", [501] = "Not Implemented",
  [502] = "Bad Gateway", [503] = "Service Unavailable", [504] = "Gateway Timeout",
  [505] = "HTTP Version Not Supported",
}

--- The reason phrase of a status.
function http.reason(status)
  return reasons[status] or "Internal Server Error"
end

--- The head of a response whose body has so many bytes; headers are a list of {name, value}.
function http.head(status, headers, length)
  local lines = {"HTTP/1.1 " .. status .. " " .. http.reason(status)}
  for _, header in ipairs(headers) do lines[#lines + 1] = header[1] .. ": " .. header[2] end
  lines[#lines + 1] = string.format("Content-Length: %.0f", length)
  return table.concat(lines, "\r\n") .. "\r\n\r\n"
end

--- A whole response.
function http.response(status, headers, body)
  return http.head(status, headers, #body) .. body
end

return http
