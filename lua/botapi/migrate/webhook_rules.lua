-- SPDX-License-Identifier: MIT
-- Owns the rules of a webhook: what setWebhook takes on any server, and what the cloud refuses.

local base64 = require "botapi.base64"
local core = require "botapi.core"
local facts = require "botapi.facts"
local methods = require "botapi.methods"

local rules = {}

local unpack = table.unpack or unpack

local PEM = "%-%-%-%-%-BEGIN [%u%d ]-CERTIFICATE%-%-%-%-%-%s*\n([%w+/=%s]+)%-%-%-%-%-END [%u%d ]-CERTIFICATE%-%-%-%-%-"

-- What every server refuses ---------------------------------------------------------

-- Is there the text of a certificate, as long at least as its first bytes say?
local function is_whole(pem)
  local text = (pem:match(PEM) or ""):gsub("[%s=]", "")
  if #text < 8 then return false end
  local kind, form, third, fourth = base64.decode(text:sub(1, 8)):byte(1, 4)
  local length = form == 0x82 and 4 + third * 256 + fourth or form == 0x81 and 3 + third or 2 + form
  return kind == 0x30 and length <= math.floor(#text * 3 / 4)
end

local function check_one(name, value)
  local params = { url = "https://h/" }
  params[name] = value
  local ok, why = pcall(core.check_params, methods.setwebhook, params)
  return not ok and (why:gsub("^parameter '[%w_]+': ", "")) or nil
end

local function is_v4(text)
  local n = 0
  for part in (text .. "."):gmatch "([^.]*)%." do
    if not part:find "^%d%d?%d?$" or #part > 1 and part:find "^0" or tonumber(part) > 255 then return false end
    n = n + 1
  end
  return n == 4
end

-- A host as libcurl writes it, which knows every form of an address; and whether it is of a private network.
local function canonical(host)
  local ok, base, is_private = pcall(core.base, { server = "https://" .. host })
  if not ok then return nil end
  return (base:gsub("^https://", "")), is_private
end

--- An address in its one spelling; nil where it is none.
function rules.address(text)
  if is_v4(text) then return text end
  if not text:find "^[%x:.]*:[%x:.]*$" then return nil end
  local host = canonical("[" .. text .. "]")
  return host and host:sub(2, -2)
end

local function is_list(value)
  local n = 0
  for key, member in pairs(value) do
    if type(key) ~= "number" or type(member) ~= "string" then return false end
    n = n + 1
  end
  return n == #value
end

--- Why a value can't be a parameter of setWebhook on any server; nil when it can. Never shows it.
-- @string name of the parameter
-- @param value
-- @treturn ?string
function rules.refused(name, value)
  local why = check_one(name, value)
  if why then return why end
  if name == "ip_address" and not rules.address(value) then return "an IP address expected" end
  if name == "certificate" and not is_whole(value) then return "the text of its certificate is damaged or cut off" end
  if name == "allowed_updates" and not is_list(value) then return "a list of strings expected" end
end

--- Says which parameter no server takes, and why; nil when there is none.
-- @tparam table params of setWebhook
-- @treturn ?string
function rules.first_refused(params)
  local names = {}
  for name in pairs(params) do names[#names + 1] = name end
  table.sort(names, function(a, b) return tostring(a) < tostring(b) end)
  for _, name in ipairs(names) do
    local why = rules.refused(name, params[name])
    -- a name that isn't known isn't repeated: it may be a token in the wrong place
    if why then return methods.setwebhook.params[name] and ("parameter '%s': %s"):format(name, why) or why end
  end
  if params.url == nil then return "parameter 'url': missing" end
end

-- URLs --------------------------------------------------------------------------------

-- The parts of a URL as a server reads them: https where there is no scheme, the last colon for the port.
local function parts(url)
  local scheme, rest = url:match "^([^:/?#@%[%]]*)://(.*)$"
  local authority = (rest or url):match "^[^/?#]*"
  local head, mark, port = authority:match "^(.+)([:%]@])([^:%]@]*)$"
  local has_port = mark == ":"
  local host = (has_port and head or authority):match "[^@]*$"
  return { scheme = (scheme or "https"):lower(), has_scheme = scheme ~= nil, host = host, port = has_port and port }
end

local function is_port(text)
  return text:find "^%d+$" ~= nil and 1 <= tonumber(text) and tonumber(text) <= 65535
end

local function is_host(host)
  local inside = host:match "^%[(.*)%]$"
  if inside then return rules.address(inside) ~= nil and not is_v4(inside) end
  local plain = host:gsub("%%%x%x", "")
  return host ~= "" and host ~= "." and not plain:find "[^%w.%-_!$,~*'();&+=\128-\255]"
end

-- Why no server takes it.
local function malformed(url, is_kept)
  local at = parts(url)
  if at.scheme ~= "http" and at.scheme ~= "https" or not (at.has_scheme or is_kept) then
    return "http:// or https:// is expected"
  elseif not is_host(at.host) then
    return "its host isn't one that a server takes"
  elseif at.port and not is_port(at.port) then
    return "a port from 1 to 65535 is expected"
  end
end

local function number_of(address)
  local a, b, c, d = address:match "^(%d+)%.(%d+)%.(%d+)%.(%d+)$"
  return ((a * 256 + b) * 256 + c) * 256 + d
end

local function is_reserved(address)
  for _, block in ipairs(facts.RESERVED) do
    local size = 2 ^ (32 - block[2])
    if math.floor(number_of(address) / size) == math.floor(number_of(block[1]) / size) then return true end
  end
  return false
end

-- Why the cloud doesn't take an address.
local function unreachable(address)
  if not is_v4(address) then return "the cloud takes no IPv6 address" end
  if is_reserved(address) then return address .. " is a private or reserved address, and the cloud takes none" end
end

local function host_problem(host)
  if host:find "^%[" then return unreachable(host) end
  local name, is_private = canonical(host)
  if name and is_v4(name) then return unreachable(name) end
  if is_private then return "the cloud can't reach a name of a private network" end
end

local function port_problem(port)
  for _, taken in ipairs(facts.WEBHOOK_PORTS) do
    if not port or tonumber(port) == taken then return nil end
  end
  return ("the cloud takes the ports %d, %d, %d and %d only"):format(unpack(facts.WEBHOOK_PORTS))
end

--- Why a server would refuse this URL; nil when it would take it.
-- @string url
-- @string kind of the server: "cloud" or "local"
-- @tparam ?boolean is_kept a server has it already: one without a scheme was taken for https
function rules.url_problem(url, kind, is_kept)
  local problem = malformed(url, is_kept)
  if problem or kind ~= "cloud" then return problem end
  local at = parts(url)
  if at.scheme ~= "https" then return "the cloud takes https only" end
  return port_problem(at.port) or host_problem(at.host)
end

--- The first of these parameters that a server of this kind would refuse, or take for another value.
-- @tparam table new parameters of setWebhook, each of which `rules.refused` lets pass
-- @string kind of the server: "cloud" or "local"
-- @tparam ?boolean is_kept the URL is the old server's
-- @treturn ?string why
-- @treturn ?string the parameter's name
function rules.problem(new, kind, is_kept)
  local problem = rules.url_problem(new.url, kind, is_kept)
  if problem then return problem, "url" end
  if kind ~= "cloud" then return nil end
  if new.max_connections and new.max_connections > facts.WEBHOOK_CONNECTIONS then
    return ("the cloud takes 1 to %d"):format(facts.WEBHOOK_CONNECTIONS), "max_connections"
  end
  problem = new.ip_address and unreachable(new.ip_address)
  if problem then return problem, "ip_address" end
end

return rules
