-- SPDX-License-Identifier: MIT
-- Values between the processes of the specs: one line of Lua source each.

local wire = {}

local function plain(value)
  local text = type(value) == "string" and ("%q"):format(value) or tostring(value)
  return (text:gsub("\\\n", "\\n"):gsub("\r", "\\13"):gsub("%z", "\\0"))
end

--- A string, number, boolean, nil, or a table of them as one line.
function wire.write(value)
  if type(value) ~= "table" then
    return plain(value)
  end
  local parts = {}
  for key, member in pairs(value) do
    parts[#parts + 1] = "[" .. wire.write(key) .. "]=" .. wire.write(member)
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

function wire.read(line)
  local loader = rawget(_G, "loadstring") or load
  return assert(loader("return " .. line))()
end

--- What a child that made a call prints for its parent: a table, or an error object by its members.
function wire.outcome(res, err, more)
  local told = more or {}
  told.res = res and {ok = res.ok, result = res.result, error_code = res.error_code, description = res.description}
  if err ~= nil then
    told.err = {kind = err.kind, sent = err.sent, message = err.message, curl_code = err.curl_code,
      http_status = err.http_status, text = tostring(err)}
  end
  return wire.write(told)
end

return wire
