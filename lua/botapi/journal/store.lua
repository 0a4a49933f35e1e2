-- SPDX-License-Identifier: MIT
-- Owns the file of a journal: its owner's alone, locked, and each line on the disk before anything else happens.

local core = require "botapi.core"

local host = core.host

local store = {}
local methods = {}
local meta = { __index = methods }

local ENOENT = 2
local BLOCK = 65536             -- a journal may be larger than memory
local BEGIN = '{"v":'           -- of each line
local CUT = "\24"               -- ASCII's "cancel" ends a line that was cut: any other one is whole, or damaged

-- Whether a line without an end is the beginning of one: what a crash leaves, before anything was done.
local function is_beginning(line)
  return line:sub(1, #BEGIN) == BEGIN:sub(1, #line) and not line:find "%c" and core.decode(line) == nil
end

-- A line that isn't empty, and whether it is one that was cut.
local function visit_line(line, visit, is_cut)
  if line:sub(-1) == CUT then line, is_cut = line:gsub(CUT .. "+$", ""), true end
  return line ~= "" and visit(line, is_cut and is_beginning(line)) or nil
end

-- Visits each line of a text: what stands behind the last line's end, or nil and why it stopped.
local function visit_lines(text, visit)
  local from, stop = 1, text:find("\n", 1, true)
  while stop do
    local wrong = visit_line(text:sub(from, stop - 1), visit)
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
  local wrong = visit_line(rest, visit, true)
  if wrong then return nil, wrong end
  return true, rest == "" and "" or core.decode(rest) == nil and CUT .. "\n" or "\n"
end

-- Whether a path is a file, or free for one. What isn't a file may never end, or keep whoever opens it waiting.
local function check(path)
  local ok, message, errno = host.owned(path)
  if not ok then return nil, message, errno end
  local there, kind = host.mode(path)
  if there and kind ~= "file" then return nil, path .. ": is no file" end
  return true
end

--- Reads the lines of a file, none where there is no file.
-- @string path
-- @tparam function visit gets each, and whether a crash has cut it; what it returns is why the file can't be used
-- @treturn ?boolean true, or nil
-- @return what its last line lacks of an end; or why it failed
-- @treturn ?integer the errno
function store.read(path, visit)
  local ok, message, errno = check(path)
  if not ok then return nil, message, errno end
  local file
  file, message, errno = io.open(path, "rb")
  if not file then
    if errno == ENOENT then return true, "" end
    return nil, message, errno
  end
  ok, message, errno = read(file, visit)
  file:close()
  return ok, message, errno
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
  if ok then ok, message, errno = self.file:restrict() end
  if not ok then return nil, message, errno, holder end
  return store.read(path, visit)
end

--- Opens a file for this process alone, and reads its lines.
-- @string path
-- @tparam function visit as of `read`
-- @return the store; or nil, a message, an errno and the pid that has it
function store.open(path, visit)
  local self = setmetatable({}, meta)
  local ok, message, errno = check(path)
  if not ok then return nil, message, errno end
  local holder
  ok, message, errno, holder = open_all(self, path, visit)
  if not ok then
    self:close()
    return nil, message, errno, holder
  end
  self.ending = message
  return self
end

--- Adds a line, or several with "\n" between them: true once they are on the disk. A line that a full disk has cut is
-- ended first. After a failed fsync nobody knows what the disk has: such a store takes no more.
function methods:append(line)
  if self.failed then
    return nil, self.failed[1], self.failed[2]
  end
  local ok, message, errno = self.file:write(self.ending .. line .. "\n")
  self.ending = ok and "" or CUT .. "\n"
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
