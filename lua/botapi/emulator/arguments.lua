-- SPDX-License-Identifier: MIT
-- Owns the arguments of a call as the real server has them: texts and files by name, of two with a name the first one.

local json = require "botapi.emulator.json"
local upload = require "botapi.emulator.upload"

local read_string, skip_space = json.read_string, json.skip_space

local arguments = {}
arguments.__index = arguments

local MAX_LENGTH = 1024 * 1024   -- bytes of forms and JSON together
local MAX_DEPTH = 100
local MAX_FILES = 50

--- No arguments yet. `values` holds texts and files, `shown` the same with the values of JSON as they were sent.
function arguments.new()
  return setmetatable({values = {}, shown = {}, length = 0, files = 0}, arguments)
end

--- Adds an argument; `shown` is what the record of calls shows for it, if that isn't its text.
function arguments:add(name, text, shown)
  if self.values[name] ~= nil then return end
  self.values[name] = text
  if shown ~= json.null then self.shown[name] = shown == nil and text or shown end
end

--- Adds a file, which counts more than a text.
function arguments:add_file(name, file)
  self.files = self.files + 1
  if type(self.values[name]) == "table" then return end
  self.values[name] = file
  self.shown[name] = upload.summary(file)
end

--- Are there as many files as there may be?
function arguments:is_full()
  return self.files == MAX_FILES
end

--- How many bytes of a form, of JSON or of one field there may still be.
function arguments:room()
  return MAX_LENGTH - self.length
end

--- A text with each %XX replaced by its byte.
function arguments.decode(text)
  return (text:gsub("%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end))
end

local function form_decode(text)
  return arguments.decode((text:gsub("%+", " ")))
end

--- Adds those of a form. Returns nil, or the status of a request with too long ones.
function arguments:add_form(text)
  if #text > self:room() then return 413 end
  self.length = self.length + #text
  for pair in text:gmatch "[^&]+" do
    local name, value = pair:match "^([^=]*)=?(.*)$"
    self:add(form_decode(name), form_decode(value))
  end
end

-- JSON, read as loosely as the real server does ------------------------------------------------------
-- Each of these functions returns the position after what it reads, or nil when that is malformed.

local skip_value

-- Skips what stands between brackets; `skip_member` skips one member.
local function skip_members(text, at, close, skip_member)
  at = skip_space(text, at + 1)
  if text:sub(at, at) == close then return at + 1 end
  repeat
    at = skip_member(skip_space(text, at))
    if not at then return nil end
    at = skip_space(text, at)
    local c = text:sub(at, at)
    at = at + 1
    if c ~= close and c ~= "," then return nil end
  until c == close
  return at
end

-- Skips `"name" :` and returns the name, too.
local function read_name(text, at)
  local name
  at, name = read_string(text, at)
  at = at and skip_space(text, at)
  if not at or text:sub(at, at) ~= ":" then return nil end
  return at + 1, name
end

local WORDS = {t = "true", f = "false", n = "null"}

function skip_value(text, at, depth)
  if depth < 0 then return nil end
  at = skip_space(text, at)
  local c = text:sub(at, at)
  if c == '"' then return (read_string(text, at)) end
  if c == "[" then
    return skip_members(text, at, "]", function(from) return skip_value(text, from, depth - 1) end)
  end
  if c == "{" then
    return skip_members(text, at, "}", function(from)
      from = read_name(text, from)
      return from and skip_value(text, from, depth - 1)
    end)
  end
  local word = WORDS[c]
  if word then return text:sub(at, at + #word - 1) == word and at + #word or nil end
  local _, stop = text:find("^[-+.%deE]+", at)
  return stop and not c:find "[eE]" and stop + 1 or nil
end

-- Adds the member that begins at `at`. A value that is no string is the text of its JSON.
local function add_member(self, text, at)
  local from, name, value, shown
  from, name = read_name(text, at)
  from = from and skip_space(text, from)
  if not from then return nil end
  if text:sub(from, from) == '"' then
    at, value = read_string(text, from)
  else
    at = skip_value(text, from, MAX_DEPTH)
    value = at and text:sub(from, at - 1)
    shown = value and json.decode(value)
  end
  if at then self:add(name, value, shown) end
  return at
end

--- Adds the members of an object, up to where it is malformed; a text alone is the argument "content".
function arguments:add_json(text)
  local at = skip_space(text, 1)
  local c = text:sub(at, at)
  if c == '"' then
    local stop, content = read_string(text, at)
    if stop == #text + 1 then self:add("content", content) end
    return
  end
  if c ~= "{" then return end
  at = at + 1
  repeat
    at = skip_space(text, at)
    if text:sub(at, at) == "}" then return end
    at = add_member(self, text, at)
    at = at and skip_space(text, at)
    c = at and text:sub(at, at)
    if c == "," then at = at + 1 end
  until c ~= "," and c ~= "}"
end

return arguments
