-- SPDX-License-Identifier: MIT
-- Prints docs/options.md, from the C module's table of options and the methods. `make docs` writes it to its place.

local core = require "botapi.core"
local methods = require "botapi.methods"
local policy = require "botapi.policy"

local function row(...)
  io.write("| ", table.concat({...}, " | "), " |\n")
end

local function code(text)
  return "`" .. text .. "`"
end

-- Plain digits: 1e+06 is no number for people.
local function number(n)
  return ("%.14g"):format(n)
end

local function range(o)
  if not o.max or o.max == 0 then return "" end
  local unit = o.type == "string" and "bytes" or o.unit
  return ("%s to %s %s"):format(number(o.min), number(o.max), unit):gsub("%s+$", "")
end

local function default(text)
  if text == nil then return "none" end
  text = tostring(text)
  local is_code = text:match '^[%d"]' or text:match "<" or text == "true" or text == "false"
  return is_code and code(text) or text
end

io.write [[
# Options and parameters

The tables on this page are made from the program's own by `make docs`.

## Options

Every function takes a table of options as its last argument. An unknown name, a wrong type or a value out of range
raises an error that names the option.

| option | type | range | default | meaning |
|---|---|---|---|---|
]]
for _, o in ipairs(core.options()) do
  row(code(o.name), o.type, (range(o)), default(o.default), o.meaning)
end

io.write [[

## Policy of a bot

`botapi.bot` takes these, too, and `botapi.fleet` with other defaults.

| option | type | range | default | meaning |
|---|---|---|---|---|
]]
for _, o in ipairs(policy.list) do
  row(code(o.name), o.type, (range(o)), default(o.default), o.meaning)
end

io.write [[

## Parameters

The named functions know the parameters of their method; an unknown one raises an error. `botapi.call` takes any
parameter. Strings are sent as they are, integers exactly, booleans as `true` and `false`, and tables as JSON.
]]

local named = {}
for _, method in pairs(methods) do
  if method.lua and next(method.params) then named[#named + 1] = method end
end
table.sort(named, function(a, b) return a.lua < b.lua end)

local function limits(p)
  if not p.min then return p.type end
  return ("%s, %d to %d%s"):format(p.type, p.min, p.max, p.type == "string" and " bytes" or "")
end

for _, method in ipairs(named) do
  io.write("\n### ", code("botapi." .. method.lua), " (", method.name, ")\n\n")
  io.write("| parameter | type | | meaning |\n|---|---|---|---|\n")
  local names = {}
  for name in pairs(method.params) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local p = method.params[name]
    row(code(name), limits(p), p.required and "required" or "", p.meaning)
  end
end

local readers = {}
for _, method in pairs(methods) do
  if method.reads then readers[#readers + 1] = method.name end
end
table.sort(readers)
for i, name in ipairs(readers) do readers[i] = code(name) end

io.write([[

## Methods that only read

For these methods `reuse` is on by default: they may use a connection that is still open. Every other method opens a
new one.

]], table.concat(readers, ", "), "\n")
