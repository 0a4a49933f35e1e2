-- SPDX-License-Identifier: MIT
-- Owns the file of a journal: its owner's alone, locked, and each line on the disk before anything else happens.

local host = require "botapi.core".host

local store = {}
local methods = {}
local meta = { __index = methods }

local OWNER_ONLY = 384          -- 0600
local ENOENT = 2
local BLOCK = 65536             -- a journal may be larger than memory

-- Visits each line of a text that isn't empty: what stands behind the last line's end, or nil and why it stopped.
local function visit_lines(text, visit)
  local from, stop = 1, text:find("\n", 1, true)
  while stop do
    local wrong = stop > from and visit(text:sub(from, stop - 1))
    if wrong then return nil, wrong end
    from, stop = stop + 1, text:find("\n", stop + 1, true)
  end
  return text:sub(from)
end

-- As `read`. Not file:lines(): in Lua 5.1 that loses what stands behind a NUL.
local function read(file, visit)
  local rest = ""
  local block, message, errno = file:read(BLOCK)
  while block do
    local wrong
    rest, wrong = visit_lines(rest .. block, visit)
    if not rest then return nil, wrong end
    block, message, errno = file:read(BLOCK)
  end
  if message then return nil, message, errno end
  local wrong = rest ~= "" and visit(rest)
  if wrong then return nil, wrong end
  return true, rest ~= ""
end

--- Reads the lines of a file, none where there is no file.
-- @string path
-- @tparam function visit gets each; what it returns is why the file can't be used
-- @treturn ?boolean true, or nil
-- @return whether its last line has no end; or why it failed
-- @treturn ?integer the errno
function store.read(path, visit)
  local file, message, errno = io.open(path, "rb")
  if not file then
    if errno == ENOENT then return true, false end
    return nil, message, errno
  end
  local ok, torn
  ok, torn, errno = read(file, visit)
  file:close()
  return ok, torn, errno
end

-- Locked first, then read: what another process wrote last is seen.
local function open_all(self, path, visit)
  local directory = path:match("^(.+)/[^/]*$")
  local ok, message, errno, holder = true, nil, nil, nil
  if directory then ok, message, errno = host.mkdir_p(directory) end
  if ok then
    self.lock, message, errno, holder = host.lock(path .. ".lock")
    ok = self.lock
  end
  if ok then
    self.file, message, errno = host.append(path)
    ok = self.file
  end
  if ok then ok, message, errno = host.chmod(path, OWNER_ONLY) end
  if not ok then return nil, message, errno, holder end
  return store.read(path, visit)
end

--- Opens a file for this process alone, and reads its lines.
-- @string path
-- @tparam function visit as of `read`
-- @return the store; or nil, a message, an errno and the pid that has it
function store.open(path, visit)
  local self = setmetatable({}, meta)
  local there, kind = host.mode(path)
  if there and kind ~= "file" then
    return nil, path .. ": is no file"
  end
  local ok, torn, errno, holder = open_all(self, path, visit)
  if not ok then
    self:close()
    return nil, torn, errno, holder
  end
  self.torn = torn
  return self
end

--- Adds a line, or several with "\n" between them: true once they are on the disk. A line that a full disk has cut is
-- ended first. After a failed fsync nobody knows what the disk has: such a store takes no more.
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

--- Lets the file go, for others to open.
function methods:close()
  if self.file then
    self.file:close()
  end
  if self.lock then
    self.lock:release()
  end
end

return store
