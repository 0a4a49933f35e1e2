-- SPDX-License-Identifier: MIT
-- Owns the language of shapes: what JSON has to look like, and the real server's words for what doesn't.

-- A shape is a function of a decoded value and of `has_file`, which says whether a text names a file. It returns the
-- words of the first mistake, or nil. A field is one of an object, the field's name and has_file. Source of the words:
-- JsonBuilder.cpp of tdlib, which the real server reads JSON with.

local json = require "botapi.emulator.json"

local shape = {}

--- What the server calls the type of a value: Null, Boolean, Number, String, Array or Object; nil for a missing one.
local function type_of(value)
  if value == json.null then return "Null" end
  if type(value) == "table" then return json.is_array(value) and "Array" or "Object" end
  return value ~= nil and type(value):gsub("^%l", string.upper) or nil
end

shape.type_of = type_of

--- Is it a whole number of so many bits, or a text of one?
function shape.is_integer(value, bits)
  local number = tonumber(value)
  if not number or math.abs(number) >= 2 ^ (bits - 1) then return false end
  return type(value) == "number" and number % 1 == 0 or type(value) == "string" and value:find "^%-?%d+$" ~= nil
end

-- Fields -----------------------------------------------------------------------------------------

local function field_of_type(wanted)
  return function(object, name)
    local found = type_of(object[name])
    if found and found ~= wanted then return string.format('Field "%s" must be of type %s', name, wanted) end
  end
end

shape.boolean, shape.list = field_of_type "Boolean", field_of_type "Array"
shape.object_field, shape.double = field_of_type "Object", field_of_type "Number"

--- A text, or a number.
function shape.text(object, name)
  local found = type_of(object[name])
  if found and found ~= "String" and found ~= "Number" then
    return string.format('Field "%s" must be of type String', name)
  end
end

local function integer_of(bits)
  return function(object, name)
    local found = type_of(object[name])
    if not found then return nil end
    if found ~= "String" and found ~= "Number" then return string.format('Field "%s" must be a Number', name) end
    if not shape.is_integer(object[name], bits) then
      return string.format('Field "%s" must be a valid Number', name)
    end
  end
end

shape.integer, shape.long = integer_of(32), integer_of(64)

--- A field that an object must have.
function shape.required(field)
  return function(object, name, has_file)
    if object[name] == nil then return string.format('Can\'t find field "%s"', name) end
    return field(object, name, has_file)
  end
end

--- A field of a type (a field as well) that holds what a shape describes.
function shape.of(inner, type_field)
  return function(object, name, has_file)
    local wrong = type_field and type_field(object, name)
    if wrong or object[name] == nil then return wrong end
    return inner(object[name], has_file)
  end
end

--- A field with one of the words of a list; else the words are those.
function shape.one_of(list, words)
  local known = {}
  for word in list:gmatch "%S+" do known[word] = true end
  return function(object, name)
    local wrong = shape.text(object, name)
    if wrong or object[name] == nil then return wrong end
    return not known[tostring(object[name]):lower()] and words or nil
  end
end

--- A text that must not be empty.
function shape.non_empty(words)
  return function(object, name) return shape.text(object, name) or object[name] == "" and words or nil end
end

--- A field that names a file; `must_be_new`: one that comes with the request.
function shape.file(words, must_be_new)
  return function(object, name, has_file)
    return shape.text(object, name) or not has_file(tostring(object[name] or ""), must_be_new) and words or nil
  end
end

-- Shapes -----------------------------------------------------------------------------------------

--- An object, its fields in the order of the checks: {name, field, name, field, …}; `more` checks it as a whole.
function shape.object(words, fields, more)
  return function(value, has_file)
    if type_of(value) ~= "Object" then return words end
    for i = 1, #fields, 2 do
      local wrong = fields[i + 1](value, fields[i], has_file)
      if wrong then return wrong end
    end
    return more and more(value, has_file)
  end
end

--- The fields of what is known to be an object.
function shape.fields(list) return shape.object(nil, list) end

--- An object with the first fields, then `type`, on which the other fields depend: variants by the type's name.
-- `unknown` has the words for another type, or makes them of it.
function shape.by_type(words, first, variants, unknown)
  local fields = {}
  for i, each in ipairs(first) do fields[i] = each end
  fields[#fields + 1], fields[#fields + 2] = "type", shape.required(shape.text)
  return shape.object(words, fields, function(value, has_file)
    local variant = variants[tostring(value.type)]
    if variant then return variant(value, has_file) end
    return type(unknown) == "function" and unknown(tostring(value.type)) or unknown
  end)
end

--- An array; the words for an item begin with a prefix. Options: prefix, most (items), too_many (the words), least (the
-- words for an empty one).
function shape.array(words, item, options)
  options = options or {}
  return function(value, has_file)
    if type_of(value) ~= "Array" then return words end
    if options.most and #value > options.most then return options.too_many end
    for _, each in ipairs(value) do
      local wrong = item(each, has_file)
      if wrong then return (options.prefix or "") .. wrong end
    end
    return #value == 0 and options.least or nil
  end
end

--- A plain value of a type.
function shape.item(wanted, words)
  return function(value)
    if type_of(value) ~= wanted then return words end
  end
end

--- A shape whose words begin with a prefix.
function shape.prefixed(prefix, inner)
  return function(value, has_file)
    local wrong = inner(value, has_file)
    return wrong and prefix .. wrong
  end
end

--- A shape, or null.
function shape.unless_null(inner)
  return function(value, has_file)
    if type_of(value) ~= "Null" then return inner(value, has_file) end
  end
end

return shape
