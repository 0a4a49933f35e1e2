-- SPDX-License-Identifier: MIT
-- Owns what a request asks for: its token, environment, method and arguments.

local json = require "botapi.emulator.json"

local request = {}

local function percent_decode(text)
  return (text:gsub("%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end))
end

local function form_decode(text)
  return percent_decode((text:gsub("%+", " ")))
end

local function add_form(params, text)
  for pair in text:gmatch "[^&]+" do
    local name, value = pair:match "^([^=]*)=?(.*)$"
    params[form_decode(name)] = form_decode(value)
  end
end

local function add_json(params, text)
  local value = json.decode(text)
  if type(value) ~= "table" or json.is_array(value) then return end
  for _, name in ipairs(json.names(value)) do
    if value[name] ~= json.null then params[name] = value[name] end
  end
end

-- One part of a multipart body: a field, or a file, of which the name and size are kept.
local function add_part(params, part)
  local head, content = part:match "^(.-)\r\n\r\n(.*)$"
  if not head then return end
  local from, to = head:lower():find "content%-disposition:[^\r\n]*"
  local disposition = from and head:sub(from, to)
  local name = disposition and disposition:match '[; ]name="([^"]*)"'
  if not name then return end
  local file = disposition:match 'filename="([^"]*)"'
  params[name] = file and json.object("file_name", file, "file_size", #content) or content
end

local function add_multipart(params, body, boundary)
  local mark = "--" .. boundary
  local _, from = body:find(mark, 1, true)
  while from do
    local start, stop = body:find("\r\n" .. mark, from, true)
    if not start then return end
    add_part(params, (body:sub(from + 1, start - 1):gsub("^\r\n", "")))
    from = stop
  end
end

-- Any content type is accepted, or none; a body that can't be parsed is ignored.
local function add_body(params, headers, body)
  local kind = headers["content-type"] or ""
  local boundary = kind:match 'boundary="?([^";]+)'
  if boundary and kind:lower():find("multipart/form-data", 1, true) then
    add_multipart(params, body, boundary)
  elseif kind:lower():find("urlencoded", 1, true) then
    add_form(params, body)
  elseif body:find "^%s*{" then
    add_json(params, body)
  end
end

--- The path of a target, percent-decoded (`+` stays `+`), and its query.
function request.path(target)
  local path, query = target:match "^([^?#]*)%??([^#]*)"
  return percent_decode(path), query
end

--- The token, id, test, method and query of a target; nil when its path is not a Bot API's.
function request.route(target)
  local path, query = request.path(target)
  local token, rest = path:match "^/bot([^/]*)(/.*)$"
  if not token then return nil end
  local test = rest:sub(1, 5) == "/test"
  if test then rest = rest:sub(6) end
  if rest:sub(1, 1) ~= "/" then return nil end
  return {token = token, test = test, method = rest:sub(2), query = query,
    id = tonumber((token:match "^([1-9]%d*):"))}
end

--- The arguments: those of the query, then those of the body. Files are tables of file_name and file_size.
function request.params(route, headers, body)
  local params = {}
  add_form(params, route.query)
  add_body(params, headers, body)
  return params
end

--- A parameter that holds JSON, as text or decoded already.
function request.decoded(value)
  if type(value) ~= "string" then return value end
  return json.decode(value)
end

return request
