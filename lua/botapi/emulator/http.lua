-- SPDX-License-Identifier: MIT
-- Owns HTTP/1.1 as the real server speaks it: a buffered reader of requests, and the bytes of responses.

local http = {}

local MAX_HEAD = 256 * 1024
local MAX_BODY = 1024 * 1024
local MAX_CHUNK_LINE = 1024
local READ_SIZE = 16384
local MAX_DRAINED = 4096
local MAX_UPLOAD = 64 * 1024 * 1024   -- bytes of a body with files

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

--- A whole response; headers are a list of {name, value}.
function http.response(status, headers, body)
  local lines = {"HTTP/1.1 " .. status .. " " .. http.reason(status)}
  for _, header in ipairs(headers) do lines[#lines + 1] = header[1] .. ": " .. header[2] end
  lines[#lines + 1] = "Content-Length: " .. #body
  return table.concat(lines, "\r\n") .. "\r\n\r\n" .. body
end

-- The reader ----------------------------------------------------------------------------------

local reader = {}
reader.__index = reader

--- A reader with a buffer, of a cqueues socket in mode "bn".
function http.reader(socket)
  return setmetatable({socket = socket, buffer = ""}, reader)
end

--- Adds what arrives to the buffer. Returns false at the end of the stream.
function reader:fill()
  local bytes = self.socket:xread(-READ_SIZE)
  if not bytes or bytes == "" then return false end
  self.buffer = self.buffer .. bytes
  return true
end

--- Takes n bytes; nil if the stream ends before.
function reader:take(n)
  if #self.buffer < n then
    local parts, size = {self.buffer}, #self.buffer
    while size < n do
      local bytes = self.socket:xread(-READ_SIZE)
      if not bytes or bytes == "" then return nil end
      parts[#parts + 1], size = bytes, size + #bytes
    end
    self.buffer = table.concat(parts)
  end
  local bytes = self.buffer:sub(1, n)
  self.buffer = self.buffer:sub(n + 1)
  return bytes
end

-- Takes everything up to a mark, and the mark; nil at the end of the stream, nil and "long" beyond the limit.
function reader:take_until(mark, limit)
  local from = 1
  while true do
    local _, stop = self.buffer:find(mark, from, true)
    if stop then
      if stop > limit then return nil, "long" end
      return self:take(stop)
    end
    if #self.buffer > limit then return nil, "long" end
    from = math.max(#self.buffer - #mark + 2, 1)
    if not self:fill() then return nil end
  end
end

local function read_chunks(self)
  local parts, size = {}, 0
  while true do
    local line, why = self:take_until("\r\n", MAX_CHUNK_LINE)
    if not line then return nil, why and 400 end
    local digits = line:match "^%s*(%x%x?%x?%x?%x?%x?%x?%x?)%X"
    local n = digits and tonumber(digits, 16)
    if not n then return nil, 400 end
    size = size + n
    if size > MAX_BODY then return nil, 413 end
    if n == 0 then break end
    local chunk = self:take(n + 2)
    if not chunk then return nil end
    if chunk:sub(-2) ~= "\r\n" then return nil, 400 end
    parts[#parts + 1] = chunk:sub(1, n)
  end
  repeat
    local line, why = self:take_until("\r\n", MAX_CHUNK_LINE)
    if not line then return nil, why and 400 end
  until line == "\r\n"
  return table.concat(parts)
end

local function read_body(self, headers)
  local encoding, length = headers["transfer-encoding"], headers["content-length"]
  if encoding then
    if encoding:lower() ~= "chunked" then return nil, 501 end
    return read_chunks(self)
  end
  if not length then return "" end
  length = length:match "^%d+$" and tonumber(length)
  if not length then return nil, 400 end
  local limit = (headers["content-type"] or ""):lower():find("multipart/", 1, true) and MAX_UPLOAD or MAX_BODY
  if length > limit then return nil, 413 end
  return self:take(length)
end

local function parse_headers(text)
  local headers = {}
  for line in text:gmatch "([^\r\n]+)\r?\n" do
    local name, value = line:match "^([^:%s]+):[ \t]*(.-)[ \t]*$"
    if not name then return nil end
    headers[name:lower()] = value
  end
  return headers
end

local function parse_head(head, allows)
  local line, rest = head:match "^(.-)\r?\n(.*)$"
  local verb, target, version = line:match "^(%S+) +(%S+) +HTTP/(%d+%.%d+)$"
  if not verb then return nil, 400 end
  if version ~= "1.1" and version ~= "1.0" then return nil, 505 end
  local headers = parse_headers(rest)
  if not headers then return nil, 400 end
  if verb ~= "GET" and verb ~= "POST" and not (allows and allows(verb, target)) then return nil, 501 end
  return {verb = verb, target = target, version = version, headers = headers}
end

--- Reads the next request: verb, target, headers (names in lower case), body.
-- The handler may have `allows(verb, target)`, for more verbs than GET and POST, and `head(socket, request)`, which is
-- called before the body is read and returns false when it has ended the connection.
-- Without a request it returns nil, and the status that a malformed one gets or "ended"; only nil at the stream's end.
function reader:request(handler)
  while self.buffer:sub(1, 2) == "\r\n" do self.buffer = self.buffer:sub(3) end
  local head, why = self:take_until("\r\n\r\n", MAX_HEAD)
  if not head then return nil, why and 431 end
  local request, status = parse_head(head, handler.allows)
  if not request then return nil, status end
  if handler.head and not handler.head(self.socket, request) then return nil, "ended" end
  request.body, status = read_body(self, request.headers)
  if not request.body then return nil, status end
  return request
end

--- Discards what the client still sends, for a second at most; otherwise closing would be a reset.
function reader:drain()
  self.socket:settimeout(1)
  for _ = 1, MAX_DRAINED do
    if not self:fill() then return end
    self.buffer = ""
  end
end

return http
