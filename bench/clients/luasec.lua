-- SPDX-License-Identifier: MIT
-- A peer: LuaSocket and LuaSec, as Lua programs call the Bot API by them. once|sequence URL CALLS

local http = require "socket.http"
local https = require "ssl.https"
local ltn12 = require "ltn12"

local mode, url, calls = ...
local target = url .. "/bot123456789:an-invented-secret-of-no-bot-at-all0/logOut"

local function call()
  local body = {}
  local request = url:find "^https" and https.request or http.request
  local given = { url = target, method = "POST", headers = { ["content-length"] = "0" }, sink = ltn12.sink.table(body) }
  if url:find "^https" then
    given.verify, given.capath, given.protocol = "peer", "/etc/ssl/certs", "any"
    given.options = { "all", "no_sslv2", "no_sslv3", "no_tlsv1" }
  end
  local ok, status = request(given)
  assert(ok and status == 200 and table.concat(body):find '"ok":true', tostring(status))
end

call()
if mode == "once" then return end
local wall, cpu = require "socket".gettime(), os.clock()
for _ = 1, tonumber(calls) do call() end
print(("%.6f %.6f 0"):format(os.clock() - cpu, require "socket".gettime() - wall))
