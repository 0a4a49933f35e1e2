-- SPDX-License-Identifier: MIT
-- Owns the numbers of the servers that this library relies on. Where each was seen stands in docs/internals/server.md.
-- The emulator has numbers of its own: a mistake here must not become a mistake of the judge.

local facts = {}

--- Seconds before Telegram's cloud takes a bot back that has logged out of it (the Bot API's documentation of logOut).
facts.LOCK_OUT = 600

--- Seconds in which a repeat of logOut proves what became of the first. Later a server may have taken the bot back, and
-- the repeat would log it in and out again.
facts.CONVERGES = facts.LOCK_OUT

--- Seconds that a server remembers a token it refused with 401, and for which it answers `Logged out` to a bot whose
-- session was young (the server's source).
facts.REMEMBERED = 1800

--- Seconds after a server has opened a bot in which it refuses close with 429 (the documentation of close).
facts.CLOSE_PAUSE = 600

--- How many bots that weren't logged in there a server lets log in (the server's source): the cloud in all, every other
-- from one address that isn't private.
facts.NEW_BOTS = {
  cloud = { minute = 1000, hour = 10000, text = "the cloud takes 1,000 new bots a minute and 10,000 an hour" },
  address = { minute = 20, hour = 600,
    text = "a Bot API server takes 20 new bots a minute and 600 an hour from one address" },
}

--- The ports that the cloud takes in the URL of a webhook (the documentation of setWebhook).
facts.WEBHOOK_PORTS = { 443, 80, 88, 8443 }

--- The most connections to a webhook that the cloud opens (the server's source): more are taken for so many.
facts.WEBHOOK_CONNECTIONS = 100

--- The IPv4 addresses at which the cloud takes no webhook (the server's source): the first one of each block, and the
-- bits that the block has in common.
facts.RESERVED = {
  { "0.0.0.0", 8 }, { "10.0.0.0", 8 }, { "100.64.0.0", 10 }, { "127.0.0.0", 8 }, { "169.254.0.0", 16 },
  { "172.16.0.0", 12 }, { "192.0.0.0", 24 }, { "192.0.2.0", 24 }, { "192.88.99.0", 24 }, { "192.168.0.0", 16 },
  { "198.18.0.0", 15 }, { "198.51.100.0", 24 }, { "203.0.113.0", 24 }, { "224.0.0.0", 3 },
}

--- The most updates that one getUpdates gives (its documentation).
facts.MAX_UPDATES = 100

--- Who asks for updates with the same offset within so many seconds gets one only, whatever `limit` says (the server's
-- source).
facts.SAME_OFFSET = 0.5

return facts
