-- SPDX-License-Identifier: MIT
-- Owns whole files read and written, and words quoted for the shell.

local files = {}

--- The text of a file, or nil and why it can't be read.
function files.read(path)
  local file, why = io.open(path)
  if not file then return nil, why end
  local text = file:read "*a"
  file:close()
  return text
end

--- Writes a file. Returns true, or nil and why not.
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
