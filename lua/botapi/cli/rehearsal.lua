-- SPDX-License-Identifier: MIT
-- Owns a rehearsal: two emulated servers and a bot on the first, with a webhook and updates that wait.

local server = require "botapi.server"

local rehearsal = {}
rehearsal.__index = rehearsal

local ID = 123456789

local function is_cloud(name)
  local found = server.read { server = name }
  return found ~= nil and found.kind == "cloud"
end

--- Starts the servers.
-- @tparam table parsed from, to
-- @treturn ?table token, journal; from, to: each `url` and `as`
-- @treturn ?string why it can't be
function rehearsal.start(parsed)
  local from_cloud, to_cloud = is_cloud(parsed.from), is_cloud(parsed.to)
  if from_cloud and to_cloud then return nil, "--from and --to are the same server." end
  local ok, emulator = pcall(require, "botapi.emulator")
  if not ok then return nil, "--rehearse needs the emulator: cqueues, luaossl and LuaSocket (Debian: lua-cqueues,\n"
    .. "lua-luaossl, lua-socket)." end
  local started, pair = pcall(emulator.start, { pair = true })
  if not started then return nil, "the emulator didn't start: " .. tostring(pair) end
  local second = not from_cloud and not to_cloud and emulator.start {} or nil
  local cloud, near = { url = pair.url, as = "cloud" }, { url = pair.local_url, as = "local" }
  pair:put(ID, { username = "shop_bot", first_name = "Shop", state = "logged_in", age = "2h", pending = 14,
    webhook = { url = "https://shop.example/hook" } }, from_cloud and "cloud" or "local")
  return setmetatable({ emulators = { pair, second }, token = pair:token(ID), journal = os.tmpname(),
    from = from_cloud and cloud or near,
    to = to_cloud and cloud or second and { url = second.url, as = "local" } or near }, rehearsal)
end

--- Ends them.
function rehearsal:close()
  for _, each in ipairs(self.emulators) do each:close() end
  os.remove(self.journal)
  os.remove(self.journal .. ".lock")
end

return rehearsal
