-- SPDX-License-Identifier: MIT
-- Sends a file, or saves one: file.lua up|down SERVER PATH.

local botapi = require "botapi"

local way, server, path = arg[1], arg[2], arg[3]
local options = { server = server }
local res, err
if way == "up" then
  res, err = botapi.call("1:a", "sendDocument", { chat_id = 1, document = botapi.file(path) }, options)
else
  res, err = botapi.download("1:a", "d/large", path, options)
end
assert(res and res.ok, tostring(err or res))
