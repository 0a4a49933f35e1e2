-- SPDX-License-Identifier: MIT
-- Owns the list of what is compared: the library, the floor, the peers; and how each is started.

local measure = require "measure"

local quote = measure.quote

local programs = {}

local FLOOR = "C, raw libcurl"
local OWN = "C, raw libcurl, a handle a call"

-- Each: the command that runs client.lua-like arguments, and the ways that it can go.
local function list_of(at)
  local clients = at.root .. "/bench/clients/"
  local function lua(interpreter, client) return interpreter .. " " .. quote(clients .. client) end
  local list = {
    { name = "botapi, lua5.4", ours = true, command = at.with("lua5.4", lua("lua5.4", "botapi.lua")) },
    { name = "botapi, luajit", ours = true, command = at.with("luajit", lua("luajit", "botapi.lua")) },
    { name = "LuaSec, lua5.4", needs = "lua5.4 -e 'require [[ssl.https]]'", command = lua("lua5.4", "luasec.lua"),
      fresh = true, plain = "LuaSocket, lua5.4" },
    { name = "lua-http, luajit", needs = "luajit -e 'require [[http.request]]'", command = lua("luajit",
      "luahttp.lua"), fresh = true },
    { name = "Lua-cURL, lua5.1", needs = "lua5.1 -e 'require [[curl]]'", command = lua("lua5.1", "luacurl.lua"),
      fresh = true, reuse = true },
  }
  for _, name in ipairs { "grammy", "gramio", "telegraf", "node-telegram-bot-api" } do
    list[#list + 1] = { name = name .. ", node", needs = "test -d " .. quote(at.peers .. "/node_modules/" .. name),
      command = ("PEERS=%s NODE_EXTRA_CA_CERTS=%s NODE_NO_WARNINGS=1 node %s %s"):format(quote(at.peers), quote(at.ca),
        quote(clients .. "node.mjs"), name), node = true, reuse = true }
  end
  return list
end

--- The programs that there are on this machine; those that lack something are named on standard error.
-- @tparam table at root, peers, ca, bin (directory of floor and spend)
function programs.available(at)
  function at.with(vm, command)
    return ("LUA_PATH=%s LUA_CPATH=%s %s"):format(quote(at.root .. "/lua/?.lua;;"),
      quote(at.root .. "/build/" .. vm .. "/?.so;;"), command)
  end
  local found = {}
  for _, program in ipairs(list_of(at)) do
    if not program.needs or measure.shell(program.needs) then
      found[#found + 1] = program
    else
      io.stderr:write("bench: left out, since it isn't installed: ", program.name, "\n")
    end
  end
  return found
end

programs.FLOOR = FLOOR
programs.OWN = OWN

--- The command of the floor; `reuse` may end in " own": each call has a handle of its own.
function programs.floor(at, url, calls, at_once, reuse)
  return ("%s %s/bot123456789:an-invented-secret-of-no-bot-at-all0/logOut %d %d %s"):format(quote(at.bin .. "/floor"),
    url, calls, at_once, reuse)
end

return programs
