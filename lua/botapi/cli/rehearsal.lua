-- SPDX-License-Identifier: MIT
-- Owns a rehearsal: two emulated servers and a bot on the first, with a webhook and updates that wait.

local rehearsal = {}
rehearsal.__index = rehearsal

local ID = 123456789

local function is_cloud(server)
  return server == "telegram" or server:find("//api.telegram.org", 1, true) ~= nil
end

--- Starts the servers.
-- @tparam table parsed from, to
-- @treturn ?table token, from, from_as, to, to_as, journal
-- @treturn ?string why it can't be
function rehearsal.start(parsed)
  local from_cloud, to_cloud = is_cloud(parsed.from), is_cloud(parsed.to)
  if from_cloud and to_cloud then return nil, "--from and --to are the same server." end
  local ok, emulator = pcall(require, "botapi.emulator")
  if not ok then return nil, "--rehearse needs the emulator: cqueues, luaossl and LuaSocket (Debian: lua-cqueues,\n"
    .. "lua-luaossl, lua-socket)." end
  local started, pair = pcall(emulator.start, { pair = true })
  if not started then return nil, "the emulator didn't start: " .. tostring(pair) end
  local self = setmetatable({ emulators = { pair }, token = pair:token(ID), journal = os.tmpname() }, rehearsal)
  self.from, self.from_as = pair.local_url, "local"
  if from_cloud then self.from, self.from_as = pair.url, "cloud" end
  self.to, self.to_as = pair.local_url, "local"
  if to_cloud then
    self.to, self.to_as = pair.url, "cloud"
  elseif not from_cloud then
    self.emulators[2] = emulator.start {}
    self.to = self.emulators[2].url
  end
  pair:put(ID, { username = "shop_bot", first_name = "Shop", state = "logged_in", age = "2h", pending = 14,
    webhook = { url = "https://shop.example/hook" } }, from_cloud and "cloud" or "local")
  return self
end

--- Ends them.
function rehearsal:close()
  for _, each in ipairs(self.emulators) do each:close() end
  os.remove(self.journal)
  os.remove(self.journal .. ".lock")
end

return rehearsal
