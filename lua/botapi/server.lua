-- SPDX-License-Identifier: MIT
-- Owns what is known of a server without asking it: kind, names, identity, what is private.

local core = require "botapi.core"

local server = {}

local titles = { cloud = "Telegram's cloud", bale = "Bale", ["local"] = "a local server" }

local function host_of(base) return base:match "^%a+://%[([^%]%%]*)" or base:match "^%a+://([^/:]*)" end

-- By host; the core knows them by name.
local kinds = {}
for name, kind in pairs { telegram = "cloud", bale = "bale" } do
  kinds[host_of(core.base { server = name })] = kind
end

-- Identity ------------------------------------------------------------------------

local MOST_LINKS = 40           -- Linux follows no more in one path

local function push_parts(list, path)
  local parts = {}
  for part in path:gmatch "[^/]+" do parts[#parts + 1] = part end
  for i = #parts, 1, -1 do list[#list + 1] = parts[i] end
end

-- The one path of a file, from the root and without links, whether it is there or not: a server that was stopped has
-- taken its socket away.
local function one_path(path)
  local todo, done, links = {}, {}, 0
  push_parts(todo, path)
  if path:sub(1, 1) ~= "/" then push_parts(todo, core.host.current_directory() or "") end
  while todo[1] do
    local part = table.remove(todo)
    local target = links < MOST_LINKS and part ~= "." and part ~= ".."
      and core.host.link_target("/" .. table.concat(done, "/") .. "/" .. part)
    if target then
      links = links + 1
      if target:sub(1, 1) == "/" then done = {} end
      push_parts(todo, target)
    elseif part == ".." then
      done[#done] = nil
    elseif part ~= "." then
      done[#done + 1] = part
    end
  end
  return "/" .. table.concat(done, "/")
end

-- Base URLs hold no space.
local TEST, SOCKET = " (test)", " (unix:%s)"

-- What a server is for journals, and for "the same server": its base URL in the spelling that all of this server have
-- in common; and what makes of the same address another server: Telegram's test environment, a unix socket. Behind a
-- socket there is one server, whatever host and port the URL has.
local function identity_of(spelled, options)
  local socket = options.unix_socket and one_path(options.unix_socket)
  if socket then spelled = spelled:gsub("^(%a+://)[^/]*", "%1localhost") end
  return spelled .. (options.test and TEST or "") .. (socket and SOCKET:format(socket) or "")
end

--- The options of a call that lead to a server.
-- @string identity in any spelling
-- @treturn table `server`, `test`, `unix_socket`
function server.options_of(identity)
  local rest, socket = identity:match "^(.-) %(unix:(.*)%)$"
  local base = (rest or identity):match "^(.-) %(test%)$"
  return { server = base or rest or identity, test = base and true or nil, unix_socket = socket }
end

local function spell(identity)
  local options = server.options_of(identity)
  options.plain_http = true
  local ok, _, _, spelled = pcall(core.base, options)            -- only checks: nothing in it yields
  return ok and identity_of(spelled, options) or identity
end

-- A journal has few servers, and each of them in many lines.
local MOST = 100
local known, n = {}, 0

--- An identity in the one spelling, where an earlier version or a person wrote it in another; what is none stays.
-- @string identity
-- @treturn string
function server.spelled(identity)
  if not known[identity] then
    if n == MOST then known, n = {}, 0 end
    known[identity], n = spell(identity), n + 1
  end
  return known[identity]
end

-- Reading -------------------------------------------------------------------------

local function is_loopback(host, options)
  return host:find "^127%.%d" ~= nil or host == "localhost" or host == "::1" or options.unix_socket ~= nil
end

--- Reads which server the options of a call mean.
-- @tparam table options of a call
-- @tparam ?string as its kind, where the address doesn't tell
-- @treturn ?table `options`; `base`; `identity`; `kind` ("cloud", "bale" or "local"); for texts `name`, `plain`
--   (without a scheme) and `title`; `is_private`, `is_loopback`
-- @treturn ?string why it is none
function server.read(options, as)
  local ok, base, is_private, one = pcall(core.base, options)  -- only checks: nothing in it yields
  if not ok then return nil, base end
  local host = host_of(one)
  local kind = as or kinds[host] or "local"
  local plain = base:gsub("^%a+://", "")
  local name = kind == "local" and base or one:gsub("^https://", "")
  return { options = options, base = base, identity = identity_of(one, options), kind = kind, name = name,
    plain = plain, title = name .. ", " .. titles[kind], is_private = is_private,
    is_loopback = is_loopback(host, options) }
end

-- Where lines of `resolve` lead: "host:port:address[,address]", an IPv6 address in brackets or not.
local function leads_away(line)
  for address in line:match "^[^:]*:%d+:(.*)$":gmatch "[^,]+" do
    local host = address:find(":", 1, true) and address:sub(1, 1) ~= "[" and "[" .. address .. "]" or address
    local ok, _, is_private = pcall(core.base, { server = "http://" .. host, plain_http = true })
    if not (ok and is_private) then return true end
  end
end

--- Is it a server nearby, whose disk may be this one? Its name isn't enough where `resolve` says where names lead.
-- @tparam table options of a call, which are right
function server.is_nearby(options)
  local one = server.read(options)
  if not (one and one.is_private) then return false end
  for _, line in ipairs(options.resolve or {}) do
    if leads_away(line) then return false end
  end
  return true
end

--- The base URL of Facebook's web site.
-- @tparam ?number port
function server.facebook(port)
  return "https://www.facebook.com" .. (port and port ~= 443 and (":%d"):format(port) or "")
end

return server
