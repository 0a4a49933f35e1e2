-- SPDX-License-Identifier: MIT
-- Owns the file of an appstate: read it, and take a session's cookies out of it.

local core = require "botapi.core"
local machine = require "botapi.machine"

local file = {}

local MAX_BYTES = 4 * 1024 * 1024

--- Decodes an appstate.
-- @treturn ?table list of cookies
-- @treturn ?string why not, without a word of it
function file.decode(text)
  local list = core.decode(text)
  if type(list) ~= "table" then return nil, "the appstate isn't JSON" end
  if next(list) ~= nil and list[1] == nil then return nil, "the appstate isn't a list of cookies" end
  return list
end

--- Reads a file.
-- @treturn ?string
-- @treturn ?string why not
function file.read(path)
  local handle, why, errno = io.open(path, "rb")
  if not handle then return nil, "the appstate can't be read: " .. machine.told(why, errno) end
  local text, message, code = handle:read(MAX_BYTES + 1)
  handle:close()
  if not text then
    return nil, "the appstate can't be read: " .. machine.told(message or "the file is empty", code)
  end
  if #text > MAX_BYTES then return nil, "the appstate is larger than 4 MiB" end
  return text
end

-- The cookies that stay, as they are written; nil where the file is another session's by now.
local function remaining(list, items, jar, xs)
  local kept = {}
  for i, cookie in ipairs(list) do
    local is_gone = jar:has_had(cookie)
    local key = type(cookie) == "table" and (cookie.key or cookie.name)
    if is_gone and key == "xs" and not xs[cookie.value] then return nil, "it has another session's cookies by now" end
    if not is_gone then kept[#kept + 1] = items[i] end
  end
  return kept
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

-- What a link to the old file, or the disk, would still show.
local function blank(old, length)
  if not old then return end
  old:seek "set"
  old:write("[]", (" "):rep(length - 2))
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
  blank(old, length)
  return true
end

--- Takes a session's cookies out of a file, in one step. The other cookies stay as they are written, and the file keeps
-- its owner and mode.
-- @tparam table jar of the session, which knows all that it has ever had
-- @tparam table xs a set of the values that its cookie xs has had
-- @treturn ?boolean
-- @treturn ?string why not
function file.wipe(path, jar, xs)
  local text, why = file.read(path)
  if not text then return nil, why end
  local list, wrong = file.decode(text)
  if not list then return nil, wrong end
  local kept, other = remaining(list, core.items(text) or {}, jar, xs)
  if not kept then return nil, other end
  return replace(path, "[" .. table.concat(kept, ",") .. "]\n", #text)
end

return file
