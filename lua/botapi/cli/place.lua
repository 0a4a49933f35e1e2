-- SPDX-License-Identifier: MIT
-- Owns what the command knows of a server: its names, and how much care it wants.

local read_side = require "botapi.migrate.options".side

local place = {}

local function is_loopback(base, options)
  local host = base:match "^%a+://%[?([^%]/]-)%]?:?%d*$" or base:match "^%a+://([^/:]+)" or ""
  return host:find "^127%.%d" ~= nil or host == "localhost" or host == "::1" or options.unix_socket ~= nil
end

--- A server as options of a call, with its names.
-- @tparam string server
-- @tparam table options of every call
-- @treturn ?table options, base, kind ("cloud", "bale", "local"), name, title, plain (without a scheme), loopback
-- @treturn ?string why it is none
function place.of(server, options)
  local own = { server = server }
  for name, value in pairs(options) do own[name] = value end
  local ok, side = pcall(read_side, { from = own }, "from")
  if not ok then
    return nil, (tostring(side):match "%((.*)%)$" or tostring(side)):gsub("^option 'from': ", "")
      :gsub("^option 'server': ", "server: "):gsub(", or set plain_http = true$", " or a private address")
  end
  side.plain = side.base:gsub("^%a+://", "")
  side.loopback = is_loopback(side.base, own)
  return side
end

return place
