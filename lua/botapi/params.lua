-- SPDX-License-Identifier: MIT
-- A method's parameters: a Lua table in, the body of a request out, or its parts. The C module loads it when it first
-- needs it.

local attach = require "botapi.attach"
local core = require "botapi.core"
local json = require "botapi.json"
local keep = require "botapi.keep"
local misnamed = require "botapi.misnamed"
local policy = require "botapi.policy"
local values = require "botapi.value"

keep "botapi.bot_api"

local LONGEST_NAME = 64

local POLL = "timeout"          -- an option, and a parameter of getUpdates

local is_option = {}
for _, option in ipairs(core.options()) do is_option[option.name] = true end

local bad = values.refuse

local function refuse(why) error({ mistake = why }, 0) end

-- What a method knows -------------------------------------------------------------------

local LUA_TYPES = { boolean = "boolean", integer = "number", array = "table", string = "string", file = "string" }

local function check_range(name, info, n, what)
  if info.min and not (info.min <= n and n <= info.max) then
    bad(name, ("%s out of range: %d to %d"):format(what, info.min, info.max))
  end
end

local function check_value(name, info, value)
  if info.type == "file" and core.is_file(value) then return end
  if type(value) ~= LUA_TYPES[info.type] then
    bad(name, ("%s expected, got %s"):format(info.type, type(value)))
  elseif info.type == "integer" then
    check_range(name, info, value, "a value")
    if value % 1 ~= 0 then bad(name, "integer expected") end
  elseif type(value) == "string" then
    check_range(name, info, #value, "a length")
    if info.pattern and not value:match(info.pattern) then
      bad(name, "only these characters are allowed: " .. info.allowed)
    end
  end
end

local CERTIFICATE_NAME = "file.pem"

-- A certificate goes to the server as it is.
local function check_certificate(name, text)
  if text:find("PRIVATE KEY-----", 1, true) then
    bad(name, "holds a PRIVATE KEY, which no server may have: give the certificate alone")
  end
  if ("\n" .. text):find "\n%-%-%-%-%-BEGIN [%u%d ]-CERTIFICATE%-%-%-%-%-" then return end
  local is_path = text ~= "" and not text:find("\n", 1, true)
  bad(name, "the PEM text of a certificate expected, " .. (is_path and "not the path of its file"
    or "with a line -----BEGIN CERTIFICATE-----"))
end

local function check_name(name)
  if type(name) ~= "string" then refuse "a parameter's name must be a string" end
  if not name:find "^[A-Za-z0-9_]+$" or #name > LONGEST_NAME then
    refuse "a parameter's name is letters, digits and _"
  end
end

local function refuse_name(name, known)
  local names = {}
  for each in next, known do names[#names + 1] = each end
  table.sort(names)
  refuse(misnamed("parameter", name, names))
end

local function check_required(given, known)
  for name, info in next, known do
    if info.required and (given[name] == nil or given[name] == json.null) then bad(name, "missing") end
  end
end

-- Options stand elsewhere; `known`, where the method is.
local function check_option(name, info, known)
  if policy.has(name) then bad(name, "that is an option of bots: give it to botapi.bot or to a bot's method") end
  if is_option[name] and not info and (known or name ~= POLL) then
    bad(name, "that is an option: pass it after the parameters")
  end
end

-- Which lists an empty table is one of, for values.style: as a named function or else the Bot API has it.
local function levels_for(method, known)
  return function(name, is_parameter)
    local info = is_parameter and known and known[name]
    if info then return info.type == "array" and 1 or 0 end
    local bot_api = require "botapi.bot_api"
    local entry = is_parameter and method and bot_api.find(method)
    local kind = entry and entry.kinds[name]
    if kind and not bot_api.is_list(kind) then return 0 end
    return bot_api.lists[name] or kind and 1 or 0
  end
end

-- In one order, so that the same parameters are the same bytes.
local function names_of(given)
  local names = {}
  for name in next, given do
    check_name(name)
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

-- One field that is sent: `name`, and `text` or `file`. `reader`: what the fields of a call share.
local function read_field(name, value, info, reader)
  local is_certificate = info and info.type == "file"
  if core.is_file(value) then return { name = name, file = value, is_certificate = is_certificate } end
  if type(value) == "string" and is_certificate then
    check_certificate(name, value)
    return { name = name, file = core.file { data = value, name = CERTIFICATE_NAME }, is_certificate = true }
  end
  if type(value) == "string" then return { name = name, text = value } end
  reader.style = reader.style or values.style(levels_for(reader.method, reader.known))
  if type(value) == "table" then value = attach.replaced(value, reader.given, reader.attached) end
  return { name = name, text = json.encode(value, reader.style, name) }
end

-- The fields that are sent, and whether there is a file among them. What is null isn't given: servers would take the
-- word for the value.
local function read(given, known, is_strict, method)
  local fields, has_file, attached = {}, false, {}
  local reader = { given = given, known = known, method = method, attached = attached }
  local names = names_of(given)
  for _, name in ipairs(names) do
    local info = known and known[name]
    check_option(name, info, known)
    if is_strict and not info then refuse_name(name, known) end
  end
  if is_strict then check_required(given, known) end
  for _, name in ipairs(names) do
    local value, info = given[name], known and known[name]
    if not rawequal(value, json.null) then      -- LuaJIT's NULL pointers are equal to it
      if is_strict then check_value(name, info, value) end
      local field = read_field(name, value, info, reader)
      fields[#fields + 1] = field
      has_file = has_file or field.file ~= nil
    end
  end
  for _, file in ipairs(attached) do
    if file then fields[#fields + 1] = { name = attached[file], file = file } end
  end
  return fields, has_file or #attached > 0
end

-- Bodies ------------------------------------------------------------------------------

local function form(fields)
  for i, field in ipairs(fields) do fields[i] = field.name .. "=" .. core.escape(field.text) end
  return table.concat(fields, "&")
end

--- Reads parameters.
-- @tparam ?table given
-- @tparam ?table known what is known of the method's parameters: their types decide how they are sent; nil: nothing is
--   known of the method
-- @tparam boolean is_strict they are checked, and there are no others
-- @tparam ?string method its name
-- @treturn ?string the body, a form
-- @treturn ?table where there are files, its parts in its place: each `name`, and `text` or `file`; `is_certificate`: a
--   private key may not be in it
-- @raise a table, whose `mistake` is what the caller did wrong
return function(given, known, is_strict, method)
  local fields, has_file = read(given or {}, known, is_strict, method)
  if has_file then return nil, fields end
  return form(fields)
end
