-- SPDX-License-Identifier: MIT
-- Owns bodies of multipart/form-data: their parts are fields and files.

local arguments = require "botapi.emulator.arguments"
local head = require "botapi.emulator.head"
local upload = require "botapi.emulator.upload"

local multipart = {}

local MAX_HEADS = 256 * 1024   -- bytes of the request's head and those of its parts together
local MAX_BOUNDARY = 70

-- What separates the parts; nil when the type names none.
local function boundary_of(kind)
  local _, stop = kind:lower():find("boundary", 1, true)
  local equals = stop and kind:find("=", stop + 1, true)
  local boundary = equals and kind:match("^[^;]*", equals + 1) or ""
  boundary = boundary:match '^"(.*)"$' or boundary
  return boundary ~= "" and #boundary <= MAX_BOUNDARY and boundary or nil
end

-- The text in quotes that begins at `at`, and the position after it; nil when it is malformed.
local function quoted(text, at)
  local parts = {}
  while true do
    local stop = text:find('["\\]', at)
    if not stop then return nil end
    parts[#parts + 1] = text:sub(at, stop - 1)
    at = stop + 1
    if text:sub(stop, stop) == '"' then return table.concat(parts), at end
    if at > #text then return nil end
    parts[#parts + 1], at = text:sub(at, at), at + 1
  end
end

-- The value that begins at `at`, and the position after it and its semicolon; nil when it is malformed.
local function read_value(text, at)
  at = text:find("[^ \t\r\n\v%z]", at) or #text + 1
  if text:sub(at, at) ~= '"' then
    local stop = text:find(";", at, true) or #text + 1
    return head.trim(text:sub(at, stop - 1)), stop + 1
  end
  local value
  value, at = quoted(text, at + 1)
  if not value then return nil end
  local stop = text:find("[^ \t\r\n\v%z]", at) or #text + 1
  if stop <= #text and text:sub(stop, stop) ~= ";" then return nil end
  return value, stop + 1
end

-- The values that Content-Disposition has behind "form-data;"; nil when it is malformed.
local function disposition_of(text)
  if text:sub(1, 10) ~= "form-data;" then return nil end
  local values, at = {}, 11
  while true do
    local equals = text:find("=", at, true)
    if not equals then return values end
    local value, after = read_value(text, equals + 1)
    if not value then return nil end
    values[head.trim(text:sub(at, equals - 1))], at = arguments.decode(value), after
  end
end

-- The name, file name and type of a part; nil when its head is malformed.
local function parse_part(text)
  local fields = head.fields((text .. "\r\n"):sub(3))
  if not fields then return nil end
  local name, file_name, kind = nil, nil, ""
  for _, field in ipairs(fields) do
    if field[1] == "content-type" then kind = field[2] end
    if field[1] == "content-disposition" then
      local values = disposition_of(field[2])
      if not values then return nil end
      name, file_name = values.name or name, values.filename or file_name
    end
  end
  return name ~= "" and name or nil, file_name, kind
end

local function read_file(self, name, file_name)
  if self.arguments:is_full() then return nil, 413 end
  local file = upload.new(file_name)
  local ok, why = self.body:pass_until(self.mark, function(bytes) return upload.write(file, bytes) end)
  if ok then self.arguments:add_file(name, file) end
  return ok, why
end

local function read_field(self, name, kind)
  local text, why = self.body:text_until(self.mark, self.arguments:room(), 413)
  if not text then return nil, why end
  if kind:sub(1, 33) ~= "application/x-www-form-urlencoded" then
    self.arguments:add(name, text)
    return true
  end
  why = self.arguments:add_form(text)
  return not why, why
end

local function read_part(self, size)
  local text, why = self.body:text_until("\r\n\r\n", MAX_HEADS - size, 431)
  if not text then return nil, why end
  local name, file_name, kind = parse_part(text)
  if not name then return nil, 400 end
  local read = file_name and read_file or read_field
  local ok, status = read(self, name, file_name or kind)
  return ok and size + #text, status
end

--- Adds what a body holds to arguments; `request` is the head of its request. Returns true; or nil and why not.
function multipart.read(request, body, into)
  local boundary = boundary_of(request.type)
  if not boundary then return nil, 400 end
  local self = {body = body, arguments = into, mark = "\r\n--" .. boundary}
  local size, after, why = request.size, body:pass_until("--" .. boundary, function() end)
  while after do
    size, why = read_part(self, size)
    if not size then break end
    after, why = body:peek(2)
    if after == "--" then return body:pass_all(function() end) end
  end
  return nil, why or 400
end

return multipart
