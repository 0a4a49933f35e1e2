-- SPDX-License-Identifier: MIT
-- Owns the rate limits for new tokens: for each address, and on the cloud also for all together.

local rate_limits = {}
rate_limits.__index = rate_limits

-- Seconds, and new tokens in them, of docs/internals/server.md. Not botapi.facts: the emulator judges the library.
local FROM_ADDRESS, IN_ALL = {{60, 20}, {3600, 600}}, {{60, 1000}, {3600, 10000}}

--- The limits of one server; `limits` makes them count for loopback, too.
function rate_limits.new(clock, options)
  return setmetatable({clock = clock, everywhere = options.limits, as = options.as, seen = {}}, rate_limits)
end

--- Forgets all tokens.
function rate_limits:forget()
  self.seen = {}
end

local function is_reserved(address)
  return address:find "^127%." or address:find "^10%." or address:find "^192%.168%."
    or address:find "^172%.1[6-9]%." or address:find "^172%.2%d%." or address:find "^172%.3[01]%."
    or address == "::1" or address:find "^[fF][cCdD]" or address:find "^::ffff:127%."
end

-- Records a new token, or returns the seconds until there are fewer than allowed.
local function count(self, key, limits)
  local now, times = self.clock:now(), self.seen[key] or {}
  self.seen[key] = times
  for _, limit in ipairs(limits) do
    local oldest = times[#times - limit[2] + 1]
    if oldest and oldest + limit[1] > now then return oldest + limit[1] - now end
  end
  times[#times + 1] = now
end

--- The seconds for which a new token must wait; nil: none. `forwarded` is the header X-Real-IP.
function rate_limits:wait_for(peer, forwarded)
  local address = not is_reserved(peer) and peer or forwarded or (self.everywhere and peer)
  if not address then return nil end
  local wait = count(self, address, FROM_ADDRESS)
  if wait then return wait end
  if self.as == "cloud" and self.everywhere then return count(self, "all", IN_ALL) end
end

return rate_limits
