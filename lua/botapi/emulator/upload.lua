-- SPDX-License-Identifier: MIT
-- Owns the content of an uploaded file: in memory while it is small, else in a temporary file without a name.

local json = require "botapi.emulator.json"

local upload = {}

local IN_MEMORY = 1024 * 1024
local MAX_SIZE = 4000 * 1024 * 1024
local PIECE = 65536

--- An empty file. Its content is `parts`, a list of texts, or a file handle `stored`.
function upload.new(name)
  return {file_name = name, file_size = 0, parts = {}, stored = nil}
end

--- Adds bytes. Returns nil, or the status of a request whose file is too big or can't be kept.
function upload.write(file, bytes)
  file.file_size = file.file_size + #bytes
  if file.file_size > MAX_SIZE then return 413 end
  if file.parts and file.file_size > IN_MEMORY then
    file.stored = io.tmpfile()
    bytes, file.parts = table.concat(file.parts) .. bytes, nil
  end
  if file.parts then
    table.insert(file.parts, bytes)
  elseif not file.stored or not file.stored:write(bytes) then
    return 500
  end
end

--- Is a value a file?
function upload.is_file(value)
  return type(value) == "table" and (value.parts ~= nil or value.stored ~= nil)
end

--- What the record of calls keeps of a file: not its content.
function upload.summary(file)
  return json.object("file_name", file.file_name, "file_size", file.file_size)
end

-- The next piece of the content; nil at its end.
local function pieces(file)
  if file.stored then
    file.stored:seek "set"
    return function() return file.stored:read(PIECE) end
  end
  local i = 0
  return function()
    i = i + 1
    return file.parts[i]
  end
end

--- The content as one text.
function upload.text(file)
  local parts = {}
  for bytes in pieces(file) do parts[#parts + 1] = bytes end
  return table.concat(parts)
end

--- Writes the content to a path. Returns whether it could.
function upload.save(file, path)
  local copy = io.open(path, "wb")
  local ok = copy ~= nil
  for bytes in pieces(file) do ok = ok and copy:write(bytes) ~= nil end
  return ok and copy:close() == true
end

return upload
