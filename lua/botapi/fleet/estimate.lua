-- SPDX-License-Identifier: MIT
-- Owns how long a fleet is going to take, as far as it can be known before it begins.

local new_bots = require "botapi.facts".NEW_BOTS
local texts = require "botapi.text"

local A_CALL = 0.5      -- seconds: logOut's true comes when Telegram has answered

local function limit_of(side)
  if side.kind == "cloud" then return new_bots.cloud end
  return not side.is_private and new_bots.address or nil
end

-- The first minute's, then the first hour's, then so many an hour.
local function limited(n, limit)
  if n <= limit.minute then return 0 end
  if n <= limit.hour then return (n / limit.minute - 1) * 60 end
  return (n / limit.hour - 1) * 3600
end

--- What there is to say.
-- @tparam ?number n how many bots, where it is known
-- @tparam table settings `concurrency`, `rate`
-- @tparam table side the server, as `botapi.server` reads it
-- @treturn table `bots`, `seconds`, and of a server that limits new bots `limited_seconds`; `text`
return function(n, settings, side)
  local rate = math.min(settings.rate or math.huge, settings.concurrency / A_CALL)
  local limit = limit_of(side)
  local event = { type = "estimate", bots = n, rate = rate }
  if not n then
    event.text = ("an unknown number of bots, at most about %.0f a second"):format(rate)
    if limit then event.text = event.text .. "; of bots that aren't logged in there yet, " .. limit.text end
    return event
  end
  event.seconds = n / rate
  event.text = ("%s: about %s"):format(texts.counted(n, "bot"), texts.limit(event.seconds))
  if limit and limited(n, limit) > event.seconds then
    event.limited_seconds = limited(n, limit)
    event.text = ("%s; if they aren't logged in there yet, about %s: %s"):format(event.text,
      texts.limit(event.limited_seconds), limit.text)
  end
  return event
end
