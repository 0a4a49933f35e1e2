-- SPDX-License-Identifier: MIT
-- Owns the files that bots know, as Telegram does: their identifiers, and their content on the disk of the servers.

local files = require "botapi.emulator.files"
local upload = require "botapi.emulator.upload"

local known_files = {}
known_files.__index = known_files

local MAX_KEPT = 4 * 1024 * 1024 * 1024   -- bytes of all of them; the oldest are forgotten first
local EMULATED_SIZE = 1024                -- bytes of a file that nobody has uploaded, where nothing else is said

-- A file: file_id, file_unique_id, file_name, file_size; `place`, where it is in a server's directory of the bot
-- ("documents/file_7.pdf"); `path`, where it is on the disk, nil while it isn't there; `is_lost`, when it is no more.

--- No files. Their directory is made when one is needed, and removed by `clean`.
function known_files.new()
  return setmetatable({
    directory = nil,
    directories = {}, made = 0,   -- those of bots, by their names
    count = 0,       -- identifiers so far
    kept = {},       -- the files on the disk, the oldest first
    kept_size = 0,
  }, known_files)
end

local folders = {photo = "photos", video = "videos", animation = "animations", sticker = "stickers", audio = "music",
  voice = "voice", video_note = "video_notes"}

-- Makes a server's directory of a bot. Its name is a token: it comes by a renaming, since commands are in the process
-- list.
local function make_directory(self, bot)
  if not self.directory then
    self.directory = os.tmpname()
    os.remove(self.directory)
  end
  self.made = self.made + 1
  local path = self.directory .. "/" .. self.made
  local command = "mkdir -p -m 700 " .. files.quote(self.directory) .. " " .. files.quote(path .. "/documents")
  for _, folder in pairs(folders) do command = command .. " " .. files.quote(path .. "/" .. folder) end
  os.execute(command)
  os.rename(path, self.directory .. "/" .. bot)
end

-- The path of a file in a server's directory of a bot, which is made.
local function path_of(self, bot, file)
  if not self.directories[bot] then make_directory(self, bot) end
  self.directories[bot] = true
  return self.directory .. "/" .. bot .. "/" .. file.place
end

-- Takes the file at a position of `kept` from the disk.
local function lose(self, i)
  local file = table.remove(self.kept, i)
  os.remove(file.path)
  file.path, file.is_lost = nil, true
  self.kept_size = self.kept_size - file.file_size
end

local function keep(self, file, path)
  file.path = path
  table.insert(self.kept, file)
  self.kept_size = self.kept_size + file.file_size
  while self.kept_size > MAX_KEPT do lose(self, 1) end
end

--- Makes a file known to a bot and returns it. `kind` is what it is in a message: "document", "photo", …; `about` may
-- have its file_id, file_unique_id, file_name and file_size.
function known_files:add(account, kind, about)
  self.count = self.count + 1
  local number, extension = self.count, (about.file_name or ""):match "%.%w+$" or ""
  local file = {file_id = about.file_id or string.format("emulated_file_%.0f_%d", account.id, number),
    file_unique_id = about.file_unique_id or "emulated_" .. number,
    file_name = about.file_name, file_size = tonumber(about.file_size) or EMULATED_SIZE,
    place = (folders[kind] or "documents") .. "/file_" .. number .. extension}
  account.files[file.file_id] = file
  return file
end

--- Makes an uploaded file known to a bot, whose directory on the server has a name.
function known_files:add_upload(account, directory, kind, uploaded)
  local file = self:add(account, kind, uploaded)
  local path = path_of(self, directory, file)
  file.is_lost = not upload.save(uploaded, path)
  if not file.is_lost then keep(self, file, path) end
  return file
end

--- The file that a bot knows by an identifier, or nil.
function known_files.find(_, account, file_id) return account.files[file_id] end

--- Is this an identifier that the emulator gave to another bot?
function known_files.is_of_other(_, account, file_id)
  local id = file_id:match "^emulated_file_(%d+)_%d+$"
  return id ~= nil and id ~= string.format("%.0f", account.id)
end

--- Puts a file into the server's directory of a bot, as getFile does. Returns its path, or nil when its content isn't
-- kept any more. That of a file that nobody has uploaded is zeros.
function known_files:fetch(file, directory)
  if file.path or file.is_lost then return file.path end
  local path = path_of(self, directory, file)
  local handle = io.open(path, "wb")
  if not handle then return nil end
  if file.file_size > 0 then
    handle:seek("set", file.file_size - 1)
    handle:write "\0"
  end
  handle:close()
  keep(self, file, path)
  return path
end

--- Makes the files known that an update names.
function known_files:note(account, value, kind)
  if type(value) ~= "table" then return end
  if type(value.file_id) == "string" and not account.files[value.file_id] then self:add(account, kind, value) end
  for name, each in pairs(value) do self:note(account, each, type(name) == "string" and name or kind) end
end

--- The file at a place in a server's directory of a bot, open, and its size; or nil.
function known_files:open(account, directory, place)
  local path = self.directory and self.directory .. "/" .. directory .. "/" .. place
  for _, file in pairs(account.files) do
    if path and file.path == path then return io.open(path, "rb"), file.file_size end
  end
end

--- Forgets the files of an account, or all of them.
function known_files:forget(account)
  for i = #self.kept, 1, -1 do
    local file = self.kept[i]
    if not account or account.files[file.file_id] == file then lose(self, i) end
  end
end

--- Removes the directory.
function known_files:clean()
  if self.directory then os.execute("rm -rf " .. files.quote(self.directory)) end
  self.directory = nil
end

return known_files
