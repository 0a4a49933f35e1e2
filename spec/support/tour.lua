-- SPDX-License-Identifier: MIT
-- What valgrind watches: each function, each way to fail, the engine, cancel, collected calls. Needs an emulator:
-- botapi emulator -- lua5.4 spec/support/tour.lua

local botapi = require "botapi"

local server = assert(os.getenv "BOTAPI_SERVER")
local options = {server = server, timeout = 60, headers = {["X-Tour"] = "1"}, user_agent = "tour"}
local count = 0

local function token()
  count = count + 1
  return ("%d:emulated-secret-of-a-bot-0123456789x"):format(1000 + count)
end

local function functions()
  assert(botapi.check(botapi.logout(token(), options)))
  assert(botapi.check(botapi.get_me(token(), options)))
  assert(botapi.check(botapi.get_webhook_info(token(), options)))
  assert(botapi.check(botapi.delete_webhook(token(), {drop_pending_updates = true}, options)))
  assert(botapi.set_webhook(token(), {url = "", allowed_updates = {"message"}, max_connections = 5}, options))
  assert(botapi.call(token(), "sendMessage", {chat_id = -1002147483648123, text = "a", reply_markup = {a = {1}}},
    options))
  assert(botapi.close_instance(token(), options))
  assert(botapi.probe(server, {timeout = 60}))
end

local function failures()
  local bad = {
    {"no token", options}, {token(), {server = "http://127.0.0.1:1", timeout = 60}},
    {token(), {server = server, unix_socket = "/nowhere", timeout = 60}},
    {token(), {server = server, max_response = 1, timeout = 60}},
    {token(), {server = "https" .. server:match "://.*", connect_timeout = 1}},
    {token(), {server = "https://localhost:1", ca_file = "/nowhere", timeout = 60}},
    {token(), {server = "https://localhost:1", proxy = "http://127.0.0.1:1", timeout = 60}},
  }
  for _, case in ipairs(bad) do
    local res, err = botapi.logout(case[1], case[2])
    assert(res == nil and #tostring(err) > 0 and #botapi.explain(res, err) > 0)
  end
  for _, wrong in ipairs {{tiemout = 1}, {timeout = 0 / 0}, {server = "ftp://h"}, {headers = {Host = "a"}}} do
    assert(not pcall(botapi.logout, token(), wrong))
  end
  assert(not pcall(botapi.set_webhook, token(), {url = {}}, options))
end

local function engine()
  local e = botapi.engine()
  local calls = {}
  for i = 1, 20 do calls[i] = e:start(token(), "getMe", nil, options) end
  calls[20]:cancel()
  e:start(token(), "logOut", nil, options)      -- nobody keeps it
  calls[1]:wait(60)
  collectgarbage()
  while e:step(1) > 0 do
    for call in e:finished() do call:result() end
  end
  e:start(token(), "getMe", nil, options)       -- still runs when the engine closes
  e:close()
end

functions()
failures()
engine()
collectgarbage()
