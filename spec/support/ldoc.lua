-- SPDX-License-Identifier: MIT
-- Prints what LDoc has found, as a Lua table, for spec/system/docs_api_spec.lua: ldoc --filter support.ldoc.print.

local ldoc = {}

local function list(values)
  local words = {}
  for _, value in ipairs(values or {}) do words[#words + 1] = ("%q"):format(tostring(value)) end
  return "{" .. table.concat(words, ", ") .. "}"
end

local function usage_of(item)
  local usage = item.usage
  return list(type(usage) == "string" and { usage } or usage)
end

-- The type of each parameter, "" where none is told.
local function types_of(item)
  local types = {}
  local modifiers = item.modifiers and item.modifiers.param or {}
  for i in ipairs(item.params or {}) do types[i] = modifiers[i] and modifiers[i].type or "" end
  return list(types)
end

local function show(item, module)
  io.write(("  {module = %q, name = %q, type = %q, summary = %q, params = %s, types = %s, returns = %d, usage = %s},\n")
    :format(module, item.name, item.type, item.summary or "", list(item.params), types_of(item),
      #(item.ret or {}), usage_of(item)))
end

function ldoc.print(modules)
  io.write "return {\n"
  for _, module in ipairs(modules) do
    show(module, module.name)
    for _, item in ipairs(module.items) do show(item, module.name) end
  end
  io.write "}\n"
end

return ldoc
