-- SPDX-License-Identifier: MIT
-- The file of a journal: its owner's alone, locked, and each line on the disk before anything else happens.

local host = require "botapi.core".host

local store = {}
local methods = {}
local meta = { __index = methods }

local OWNER_ONLY = 384          -- 0600
local ENOENT = 2

--- The text of a file, empty where there is none; or nil, a message and an errno.
function store.read(path)
  local file, message, errno = io.open(path, "rb")
  if not file then
    return errno == ENOENT and "" or nil, message, errno
  end
  local text
  text, message, errno = file:read("*a")
  file:close()
  return text, message, errno
end

local function make_parent(path)
  local directory = path:match("^(.+)/[^/]*$")
  if not directory then
    return true
  end
  return host.mkdir_p(directory)
end

-- Locked first, then read: what another process wrote last is seen.
local function open_all(self, path)
  local made, message, errno = make_parent(path)
  if not made then
    return nil, message, errno
  end
  local holder
  self.lock, message, errno, holder = host.lock(path .. ".lock")
  if not self.lock then
    return nil, message, errno, holder
  end
  self.file, message, errno = host.append(path)
  if not self.file then
    return nil, message, errno
  end
  made, message, errno = host.chmod(path, OWNER_ONLY)
  if not made then
    return nil, message, errno
  end
  return store.read(path)
end

--- Opens a file for this process alone: the store and the text, or nil, a message, an errno and the pid that has it.
function store.open(path)
  local self = setmetatable({}, meta)
  local there, kind = host.mode(path)
  if there and kind ~= "file" then
    return nil, path .. ": is no file"
  end
  local text, message, errno, holder = open_all(self, path)
  if not text then
    self:close()
    return nil, message, errno, holder
  end
  self.torn = text ~= "" and text:sub(-1) ~= "\n"
  return self, text
end

--- Adds a line: true once it is on the disk. A line that a full disk has cut is ended first. After a failed fsync
-- nobody knows what the disk has: such a store takes no more.
function methods:append(line)
  if self.failed then
    return nil, self.failed[1], self.failed[2]
  end
  local ok, message, errno = self.file:write((self.torn and "\n" or "") .. line .. "\n")
  self.torn = not ok
  if not ok then
    return nil, message, errno
  end
  ok, message, errno = self.file:sync()
  self.failed = not ok and { message, errno } or nil
  return ok, message, errno
end

function methods:close()
  if self.file then
    self.file:close()
  end
  if self.lock then
    self.lock:release()
  end
end

return store
