-- SPDX-License-Identifier: MIT
-- A peer: lua-http. once|sequence URL CALLS

local request = require "http.request"
local monotime = require "cqueues".monotime

local mode, url, calls = ...
local target = url .. "/bot123456789:an-invented-secret-of-no-bot-at-all0/logOut"

local function call()
  local r = request.new_from_uri(target)
  r.headers:upsert(":method", "POST")
  r.version = 1.1
  r:set_body ""
  local headers, stream = assert(r:go(10))
  local body = assert(stream:get_body_as_string())
  assert(headers:get ":status" == "200" and body:find '"ok":true')
  stream:shutdown()
end

call()
if mode == "once" then return end
local wall, cpu = monotime(), os.clock()
for _ = 1, tonumber(calls) do call() end
print(("%.6f %.6f 0"):format(os.clock() - cpu, monotime() - wall))
