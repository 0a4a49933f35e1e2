-- SPDX-License-Identifier: MIT
-- Owns whole files read and written, and words quoted for the shell.

local files = {}

--- Reads a file.
-- @treturn string|nil nil when it can't be read
-- @treturn string|nil why not
function files.read(path)
  local file, why = io.open(path)
  if not file then return nil, why end
  local text = file:read "*a"
  file:close()
  return text
end

--- Writes a file.
-- @treturn boolean|nil
-- @treturn string|nil why not
function files.write(path, text)
  local file, why = io.open(path, "w")
  if not file then return nil, why end
  file:write(text)
  file:close()
  return true
end

--- A word for the shell.
function files.quote(word)
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

return files
