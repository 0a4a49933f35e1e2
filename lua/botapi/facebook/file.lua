-- SPDX-License-Identifier: MIT
-- Owns the file of an appstate: read it, and take a session's cookies out of it.

local core = require "botapi.core"
local forms = require "botapi.facebook.forms"
local machine = require "botapi.machine"

local file = {}

local MAX_BYTES = 4 * 1024 * 1024

local function unreadable(why, errno)
  return nil, "the appstate can't be read: " .. machine.told(why, errno)
end

--- Reads what is left of an open file.
-- @treturn ?string
-- @treturn ?string why not
function file.take(handle)
  local text, why, errno = handle:read(MAX_BYTES + 1)
  if not text then return unreadable(why or "the file is empty", errno) end
  if #text > MAX_BYTES then return nil, "the appstate is larger than 4 MiB" end
  return text
end

--- Reads a file.
-- @treturn ?string
-- @treturn ?string why not, without the path: what was given as one may be a part of an appstate
function file.read(path)
  local handle, message, errno = io.open(path, "rb")
  if not handle then return unreadable(message:sub(#path + #": " + 1), errno) end
  local text, why = file.take(handle)
  handle:close()
  return text, why
end

local function write_new(path, text, old)
  local handle, why, errno = core.host.create(path)         -- mode 0600
  if not handle then return nil, why, errno end
  local ok
  ok, why, errno = handle:match(old)
  if ok then ok, why, errno = handle:write(text) end
  if ok then ok, why, errno = handle:sync() end
  handle:close()
  return ok, why, errno
end

-- A link to the old file, and the disk, are to show no more than the new one.
local function overwrite(old, text, length)
  if not old then return end
  old:seek "set"
  old:write(text, ("\n"):rep(length - #text))
  old:close()
end

local function replace(path, text, length)
  local aside = ("%s.%s.new"):format(path, assert(core.host.random_hex(6)))
  local ok, why, errno = write_new(aside, text, path)
  local old = ok and io.open(path, "r+b")
  if ok then ok, why, errno = core.host.rename(aside, path) end
  if not ok then
    if old then old:close() end
    os.remove(aside)
    return nil, machine.told(why, errno)
  end
  overwrite(old, text, length)
  return true
end

--- Takes a session's cookies out of a file, in one step. The file keeps its form, its owner and mode, and its other
-- cookies, as they are written.
-- @tparam table jar of the session, which knows all that it has ever had
-- @treturn ?boolean
-- @treturn ?string why not
function file.wipe(path, jar)
  local text, why = file.read(path)
  if not text then return nil, why end
  local list, wrong = forms.read(text)
  if not list then return nil, wrong end
  for _, cookie in ipairs(list) do
    if jar:is_of_another(cookie) then return nil, "it has another session's cookies by now" end
  end
  return replace(path, forms.without(text, function(cookie) return jar:has_had(cookie) end), #text)
end

return file
