-- SPDX-License-Identifier: MIT
-- Owns the head of a request: its first line and its fields, read as the real server reads them.

local head = {}

local VERSIONS = {["HTTP/1.1"] = true, ["HTTP/1.0"] = true}

-- These count where they stand last; of other fields the first one counts.
local OF_THE_BODY = {["content-length"] = true, ["content-type"] = true, ["content-encoding"] = true,
  ["transfer-encoding"] = true}

--- A text without white space around it. In linear time: a field may be nothing but spaces.
function head.trim(text)
  local from = text:find "[^ \t\r\n\v%z]"
  if not from then return "" end
  return text:sub(from, #text - text:reverse():find "[^ \t\r\n\v%z]" + 1)
end

-- Where the field ends whose value begins at `at`: a line that begins with white space goes on with it.
local function end_of_field(text, at)
  repeat
    local from = text:find("\r", at, true)
    if not from or text:sub(from + 1, from + 1) ~= "\n" then return nil end
    at = from + 2
    local c = text:sub(at, at)
  until c ~= " " and c ~= "\t"
  return at
end

--- Reads fields, each ended by CR LF: a list of {name in lower case, value}; nil when they are malformed.
function head.fields(text)
  local list, at = {}, 1
  while at <= #text do
    local colon = text:find(":", at, true)
    local after = colon and end_of_field(text, colon + 1)
    if not after then return nil end
    list[#list + 1] = {head.trim(text:sub(at, colon - 1)):lower(), head.trim(text:sub(colon + 1, after - 1))}
    at = after
  end
  return list
end

-- The digits that a text begins with, as a number of 64 bits, which may wrap around; none is 0. More than 32 bits are
-- infinite.
local function length_of(text)
  local high, low = 0, 0
  for digit in text:match "^%d*":gmatch "." do
    low = low * 10 + tonumber(digit)
    high = (high * 10 + math.floor(low / 2 ^ 32)) % 2 ^ 32
    low = low % 2 ^ 32
  end
  return high > 0 and math.huge or low
end

-- Verb and target, or nil and the status. A response, "HTTP/1.1 200 OK", counts as a request without a target.
local function parse_line(line, allows)
  local verb, rest = line:match "^([^ ]*) (.*)$"
  if not verb then return nil, 501 end
  if verb:sub(1, 4) == "HTTP" then return VERSIONS[verb] and verb, VERSIONS[verb] and "" or 505 end
  local target, version = rest:match "^(.*) ([^ ]*)$"
  if verb ~= "GET" and verb ~= "POST" and not (allows and target and allows(verb, target)) then return nil, 501 end
  if not target then return nil, 400 end
  if not VERSIONS[version] then return nil, 505 end
  return verb, target
end

--- Reads a head, whose last field ends with CR LF: verb, target, headers by name, its size, and of the body type,
-- encoding, transfer and length. Or nil and the status that it gets. `allows(verb, target)` may allow more verbs than
-- GET and POST.
function head.parse(text, allows)
  local line, rest = text:match "^([^\r]*)\r(.*)$"
  local verb, target = parse_line(line, allows)
  if not verb then return nil, target end
  local fields = rest:sub(1, 1) == "\n" and head.fields(rest:sub(2))
  if not fields then return nil, 400 end
  local headers, of_body = {}, {}
  for _, field in ipairs(fields) do
    local name, value = field[1], field[2]
    headers[name] = headers[name] or value
    if OF_THE_BODY[name] then of_body[name] = value end
  end
  return {verb = verb, target = target, headers = headers, size = #text,
    type = of_body["content-type"] or "application/octet-stream",
    encoding = (of_body["content-encoding"] or ""):lower(), transfer = (of_body["transfer-encoding"] or ""):lower(),
    length = length_of(of_body["content-length"] or "")}
end

return head
