-- SPDX-License-Identifier: MIT
-- Owns a line of Netscape's cookie file, as libcurl and extensions of browsers write it: as a cookie of an appstate.

local netscape = {}

-- domain, for its hosts too, path, secure, expires, name, value
local FIELDS = "^([^\t]+)\t[^\t]*\t([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$"

local function date_of(expires)
  return expires > 0 and expires < 2 ^ 37 and os.date("!%Y-%m-%dT%H:%M:%S.000Z", math.floor(expires)) or nil
end

--- Reads a line.
-- @tparam string line without its end
-- @treturn ?table the cookie; nil: it is a comment, or no cookie
-- @treturn ?number when it expires, in seconds since 1970; 0: with the browser's session
function netscape.read(line)
  local rest, is_hidden = line:gsub("^#HttpOnly_", "")
  local domain, path, secure, time, name, value = rest:match(FIELDS)
  if not domain or domain:find "^#" then return nil end
  local expires = tonumber(time) or 0
  return { key = name, value = value, domain = domain, path = path, expires = date_of(expires),
    secure = secure:upper() == "TRUE", httpOnly = is_hidden == 1 or nil }, expires
end

return netscape
