-- SPDX-License-Identifier: MIT
-- Owns what a request asks for: its token, environment, method and arguments.

local arguments = require "botapi.emulator.arguments"
local multipart = require "botapi.emulator.multipart"
local upload = require "botapi.emulator.upload"

local request = {}

--- The path of a target, percent-decoded (`+` stays `+`), and its query.
function request.path(target)
  local path, query = target:match "^([^?#]*)%??(.*)$"
  if target:sub(#path + 1, #path + 1) == "#" then query = "" end
  return arguments.decode(path), query
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

--- The arguments of a query alone: texts by name.
function request.query(text)
  local found = arguments.new()
  found:add_form(text)
  return found.values
end

-- A body of another type is one file, whatever is in it.
local function read_file(opened, into)
  local file = upload.new ""
  local ok, why = opened:pass_all(function(bytes) return upload.write(file, bytes) end)
  if ok then into:add_file("file", file) end
  return ok, why
end

local function read_body(head, opened, into)
  local kind = head.type:lower()
  if kind:find("multipart/form-data", 1, true) then return multipart.read(head, opened, into) end
  local is_form = kind:find("application/x-www-form-urlencoded", 1, true)
  if not is_form and not kind:find("application/json", 1, true) then return read_file(opened, into) end
  local text, why = opened:text(into:room(), 413)
  if not text then return nil, why end
  into[is_form and "add_form" or "add_json"](into, text)
  return true
end

--- Reads a request's arguments, those of the query before those of the body: `arguments` of botapi.emulator.arguments.
-- `opened` is the body as a stream, or false. Returns true, or nil and the status that the request gets.
function request.read(head, opened)
  local into = arguments.new()
  local _, query = request.path(head.target)
  head.arguments = into
  local status = into:add_form(query)
  if status then return nil, status end
  if not opened then return true end
  return read_body(head, opened, into)
end

return request
