-- SPDX-License-Identifier: MIT
-- Owns the URL of a webhook: how the real server reads it, and which ones a server takes.

local address = require "botapi.emulator.address"

local webhook_url = {}

local PORTS = {[80] = true, [88] = true, [443] = true, [8443] = true}   -- of a server that isn't local

-- "user@host:81" → "host", 81; without a port 0, and nil for a wrong one.
local function split_authority(text)
  local rest, port = text:match "^(.+):([^%]@:]*)$"
  if rest then
    text, port = rest, port:find "^%d+$" and tonumber(port) or 0
    if not (1 <= port and port <= 65535) then port = nil end
  else
    port = 0
  end
  return text:match "([^@]*)$", port
end

local function is_host(host)
  if host:find "^%[.*%]$" then return address.ipv6(host) ~= nil end
  local rest = host:gsub("%%[%da-f][%da-f]", "")
  return host ~= "" and host ~= "." and not rest:find "[^%l%d.%-_!$,~*'();&+=\128-\255]"
end

--- Reads a URL; without a scheme it is https. Returns scheme, host, port and path, or nil when it isn't one.
function webhook_url.parse(url)
  local scheme, rest = url:match "^([^:/?#@%[%]]*)://(.*)$"
  if not scheme then scheme, rest = "https", url end
  scheme = scheme:lower()
  if scheme ~= "http" and scheme ~= "https" then return nil end
  local authority, path = rest:match "^([^/?#]*)(.*)$"
  local host, port = split_authority(authority)
  host = host:lower()
  if not port or not is_host(host) then return nil end
  path = path:gsub("%s+$", ""):gsub("[%c ]", function(c)
    return c ~= "\127" and string.format("%%%02X", c:byte()) or nil
  end)
  if not path:find "^/" then path = "/" .. path end
  local default = scheme == "https" and 443 or 80
  if port == 0 then port = default end
  return {scheme = scheme, host = host, port = port, path = path,
    authority = port == default and host or host .. ":" .. port}
end

local SOMEWHERE = "198.51.100.1"   -- of a network for documentation: nobody has this address

-- The address of a host; nil for a name that might exist, of which nobody is asked; or nil and why it has none.
local function resolve(host)
  local ip = host == "localhost" and "127.0.0.1" or address.ipv4(host) or address.ipv6(host)
  if not ip and host:find "%.invalid%.?$" then
    return nil, "Failed to resolve host: Temporary failure in name resolution"
  end
  return ip
end

-- Why a server doesn't send to an address; nil: it does.
local function refuse(ip, port, is_public)
  if ip:find ":" then return is_public and "IPv6-only addresses are not allowed" or nil end
  if is_public and address.is_reserved(ip) then return "IP address " .. ip .. " is reserved" end
  if address.is_nowhere(ip) then return string.format("Failed to connect to [%s:%d]", ip, port) end
end

--- Chooses the address that a webhook is sent to: that of the URL's host, unless `fixed` names one. `is_public` says
-- that the server isn't a local one. Returns the address, or nil and why the server refuses the webhook.
function webhook_url.address(target, fixed, is_public)
  if is_public and target.scheme ~= "https" then return nil, "An HTTPS URL must be provided for webhook" end
  if is_public and not PORTS[target.port] then
    return nil, "Webhook can be set up only on ports 80, 88, 443 or 8443"
  end
  local ip, why
  if fixed then
    ip = address.ipv4(fixed) or address.ipv6(fixed)
    why = not ip and "Invalid IP address specified" or nil
  else
    ip, why = resolve(target.host)
  end
  if why then return nil, why end
  if not ip then return SOMEWHERE end
  why = refuse(ip, target.port, is_public)
  if why then return nil, why end
  return ip
end

return webhook_url
