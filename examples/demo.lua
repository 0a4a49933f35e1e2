#!/usr/bin/env lua5.4
-- SPDX-License-Identifier: MIT
-- What `make demo` shows: an emulator of the Bot API server on this machine, a bot that logs out of it, and what goes
-- wrong elsewhere. Prints the Lua that it runs and what comes back; raises where that isn't as it should be.

local botapi = require "botapi"
local emulator = require "botapi.emulator"

local emu = emulator.start()

-- Nothing listens at its address any more.
local function address_of_nobody()
  local gone = emulator.start()
  gone:close()
  return gone.url
end

-- A title, the Lua, and what must hold afterwards.
local scenes = {
  {"A bot logs out.", [[
res, err = botapi.logout(token, {server = server})
print(res)
print(botapi.check(res, err))]],
    function(env) return env.res.ok == true and env.res.result == true end},

  {"The same again, a second later: the server says why not, and `explain` what it means.", [[
emu:advance(1)
res, err = botapi.logout(token, {server = server})
print(res)
print(botapi.reason(res, err))
print(botapi.explain(res, err))]],
    function(env) return botapi.reason(env.res) == "logged_out" end},

  {"A wrong token.", [[
res, err = botapi.logout("110201543:wrong", {server = server})
print(res)
print(botapi.explain(res, err))]],
    function(env) return env.res.error_code == 401 end},

  {"No server there: nothing was sent, so a repeat is safe.", [[
res, err = botapi.logout(token, {server = nobody})
print(res, err)
print(err.kind, err.sent)
print(botapi.explain(res, err))]],
    function(env) return env.res == nil and env.err.kind == "network" and env.err.sent == "no" end},

  {"The server does it, and its answer is lost on the way: nobody can know, and nobody pretends to.", [[
emu:rule {method = "logOut", answer = "lost_answer"}
res, err = botapi.logout(another, {server = server})
print(res, err)
print(err.kind, err.sent)
print(botapi.explain(res, err))]],
    function(env) return env.res == nil and env.err.sent == "maybe" end},

  {"Asked again, a second later, the server settles it.", [[
emu:advance(1)
res, err = botapi.logout(another, {server = server})
print(res)
print(#emu:calls {method = "logOut", status = 200} .. " logouts were executed")]],
    function(env) return botapi.reason(env.res) == "logged_out" end},
}

local function indented(text, mark)
  return mark .. text:gsub("\n", "\n" .. mark)
end

local env = setmetatable({botapi = botapi, emu = emu, server = emu.url, nobody = address_of_nobody(),
  token = emu:token(123456789), another = emu:token(987654321)}, {__index = _G})

function env.print(...)
  local words = {...}
  for i = 1, select("#", ...) do words[i] = tostring(words[i]) end
  print(indented(table.concat(words, "  "), "    --> "))
end

-- Lua 5.1 and LuaJIT load a string by a function of its own, and its globals are set afterwards.
local function scene_of(code, name)
  if not setfenv then return assert(load(code, name, "t", env)) end
  return setfenv(assert(loadstring(code, name)), env)
end

print("A Bot API server runs at " .. emu.url .. " (botapi emulator).\n")
for i, scene in ipairs(scenes) do
  local title, code, holds = scene[1], scene[2], scene[3]
  print(("%d. %s\n"):format(i, title))
  print(indented(code, "    "))
  scene_of(code, "=scene " .. i)()
  assert(holds(env), "scene " .. i .. " isn't as it should be")
  print ""
end
emu:close()
