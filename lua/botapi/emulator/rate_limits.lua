-- SPDX-License-Identifier: MIT
-- Owns the rate limits for new tokens: by address, and in all on the cloud.

local rate_limits = {}
rate_limits.__index = rate_limits

local MINUTE, HOUR = 60, 3600
-- New tokens in a minute and an hour, of docs/internals/server.md. Not botapi.facts: the emulator judges the library.
local FROM_ADDRESS, IN_ALL = {20, 600}, {1000, 10000}

--- The limits of one server; `limits` makes them count for loopback, too.
function rate_limits.new(clock, options)
  return setmetatable({clock = clock, everywhere = options.limits, as = options.as, seen = {}}, rate_limits)
end

--- Forgets what came.
function rate_limits:forget()
  self.seen = {}
end

local function is_reserved(address)
  return address:find "^127%." or address:find "^10%." or address:find "^192%.168%."
    or address:find "^172%.1[6-9]%." or address:find "^172%.2%d%." or address:find "^172%.3[01]%."
    or address == "::1" or address:find "^[fF][cCdD]" or address:find "^::ffff:127%."
end

-- The wait until fewer than `most` of these times lie in the last `span` seconds; nil: none.
local function wait_of(times, now, most, span)
  local oldest = times[#times - most + 1]
  if not oldest or oldest + span <= now then return nil end
  return oldest + span - now
end

local function check(self, key, most)
  local now, times = self.clock:now(), self.seen[key] or {}
  self.seen[key] = times
  local wait = wait_of(times, now, most[1], MINUTE) or wait_of(times, now, most[2], HOUR)
  if wait then return wait end
  times[#times + 1] = now
end

--- The seconds for which a new token must wait; nil: none. `forwarded` is the header X-Real-IP.
function rate_limits:wait_for(peer, forwarded)
  local address = not is_reserved(peer) and peer or forwarded or (self.everywhere and peer)
  if not address then return nil end
  local wait = check(self, address, FROM_ADDRESS)
  if wait then return wait end
  if self.as == "cloud" and self.everywhere then return check(self, "all", IN_ALL) end
end

return rate_limits
