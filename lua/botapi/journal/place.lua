-- SPDX-License-Identifier: MIT
-- Owns where the journal of a bot is, and what helps where none can be there.

local place = {}

-- The errnos of a place where no file can be: EPERM, ENOENT, EACCES, ENOTDIR, ENOSPC, EROFS, EDQUOT of Linux.
local no_place = { [1] = true, [2] = true, [13] = true, [20] = true, [28] = true, [30] = true, [122] = true }

local function is_absolute(path) return path ~= nil and path:sub(1, 1) == "/" end

--- The path of a bot's journal: nil and why there is none.
function place.path(id)
  local base, home = os.getenv "XDG_STATE_HOME", os.getenv "HOME"
  if not is_absolute(base) then
    if not is_absolute(home) then return nil, "neither XDG_STATE_HOME nor HOME is an absolute path" end
    base = home .. "/.local/state"
  end
  return base .. "/botapi/" .. id .. ".jsonl"
end

--- What helps where a journal can't be in its usual place, as in a home that can only be read; nil: something else is
-- wrong, or it is meant for another place.
function place.elsewhere(id, path, errno)
  if not no_place[errno] or path ~= place.path(id) then return nil end
  return "set XDG_STATE_HOME to a directory that this user can write"
end

return place
