-- SPDX-License-Identifier: MIT
-- A peer: Lua-cURL of Debian, one easy handle. once|sequence URL CALLS _ fresh|reuse

local curl = require "curl"
local gettime = require "socket".gettime

local mode, url, calls, _, reuse = ...
local target = url .. "/bot123456789:an-invented-secret-of-no-bot-at-all0/logOut"

local body
local easy = curl.easy_init()
easy:setopt(curl.OPT_URL, target)
easy:setopt(curl.OPT_POST, 1)
easy:setopt(curl.OPT_POSTFIELDS, "")
easy:setopt(curl.OPT_POSTFIELDSIZE, 0)
easy:setopt(curl.OPT_NOSIGNAL, 1)
easy:setopt(curl.OPT_FRESH_CONNECT, reuse == "reuse" and 0 or 1)
easy:setopt(curl.OPT_WRITEFUNCTION, function(text)
  body = body .. text
  return #text
end)

local function call()
  body = ""
  local ok, why = easy:perform()
  assert(ok and body:find '"ok":true', tostring(why))
end

call()
if mode == "once" then return end
local wall, cpu = gettime(), os.clock()
for _ = 1, tonumber(calls) do call() end
print(("%.6f %.6f 0"):format(os.clock() - cpu, gettime() - wall))
