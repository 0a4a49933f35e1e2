-- SPDX-License-Identifier: MIT
-- Owns what is known of a server without asking it: kind, names, identity, what is private.

local core = require "botapi.core"

local server = {}

local titles = { cloud = "Telegram's cloud", bale = "Bale", ["local"] = "a local server" }

-- By base URL; the core knows them by name.
local kinds = { [core.base { server = "telegram" }] = "cloud", [core.base { server = "bale" }] = "bale" }

local function is_loopback(base, options)
  local host = base:match "^%a+://%[?([^%]/]-)%]?:?%d*$" or base:match "^%a+://([^/:]+)" or ""
  return host:find "^127%.%d" ~= nil or host == "localhost" or host == "::1" or options.unix_socket ~= nil
end

--- What a server is for journals, and for "the same server": its base URL; and what makes of the same address another
-- server: Telegram's test environment, a unix socket.
-- @string base
-- @tparam table options of a call
-- @treturn string
function server.identity(base, options)
  return base .. (options.test and " (test)" or "")
    .. (options.unix_socket and " (unix:" .. options.unix_socket .. ")" or "")
end

--- Reads which server the options of a call mean.
-- @tparam table options of a call
-- @tparam ?string as its kind, where the address doesn't tell
-- @treturn ?table `options`; `base`; `kind` ("cloud", "bale" or "local"); for texts `name`, `plain` (without a scheme)
--   and `title`; `is_private`, `is_loopback`
-- @treturn ?string why it is none
function server.read(options, as)
  local ok, base, is_private = pcall(core.base, options)       -- only checks: nothing in it yields
  if not ok then return nil, base end
  local kind = as or kinds[base] or "local"
  local plain = base:gsub("^%a+://", "")
  local name = kind == "local" and base or base:gsub("^https://", "")
  return { options = options, base = base, kind = kind, name = name, plain = plain,
    title = name .. ", " .. titles[kind], is_private = is_private, is_loopback = is_loopback(base, options) }
end

--- The base URL of Facebook's web site.
-- @tparam ?number port
function server.facebook(port)
  return "https://www.facebook.com" .. (port and port ~= 443 and (":%d"):format(port) or "")
end

return server
