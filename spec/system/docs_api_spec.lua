-- SPDX-License-Identifier: MIT
-- Owns the check that LDoc knows every public function, with its types and an example that runs.

local blocks = require "support.blocks"
local botapi = require "botapi"
local nginx = require "support.nginx"
local process = require "support.process"

local quote = process.quote

local function ldoc(words)
  local errors = process.directory() .. "ldoc.err"
  local command = "cd %s && mkdir -p build/made/reference && lua5.4 packaging/reference.lua build/made/reference && "
    .. "LUA_PATH=\"$PWD/spec/?.lua;$PWD/packaging/html/?.lua;;\" ldoc -q --testing --fatalwarnings "
    .. "-c docs/config.ld %s . 2>%s"
  local said = process.capture(command:format(quote(process.root), words, quote(errors)))
  return said, process.slurp(errors)
end

local dumped, warnings = ldoc "--filter support.ldoc.print"
local items = assert((loadstring or load)(dumped:match "return {.*"))()

local by_name = {}
for _, item in ipairs(items) do
  if item.type ~= "topic" and item.name ~= "dumbo" then
    by_name[item.module .. " " .. item.name:gsub("^[%w]+:", "")] = item
  end
end

-- --- what there is ------------------------------------------------------------

local function functions_of(t)
  local names = {}
  for name, value in pairs(t) do
    if type(value) == "function" and not name:match "^__" then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

-- The methods of a userdata.
local function methods_of(object)
  local names = {}
  for name in pairs(debug.getmetatable(object).__index) do
    if name ~= "web" then names[#names + 1] = name end        -- botapi.facebook's own
  end
  return names
end

local emulator = require "botapi.emulator"
local client = require "botapi.emulator.client"
local journal = require "botapi.journal"
local bot = botapi.bot "malformed"
local log = assert(journal.read "no such file")
local session = botapi.facebook.session { { key = "c_user", value = "1" }, { key = "xs", value = "2" } }

local api = functions_of(botapi)
for _, name in ipairs { "bot", "migrate", "fleet", "array", "download" } do
  if not table.concat(api, " "):find(name, 1, true) then api[#api + 1] = name end
end

local public = {
  ["botapi"] = api,
  ["botapi engine"] = methods_of(botapi.engine()),
  ["botapi call"] = methods_of(botapi.engine():timer(0)),
  ["botapi.bot"] = functions_of(getmetatable(bot).__index),
  ["botapi.bot updates"] = functions_of(getmetatable(bot:updates()).__index),
  ["botapi.emulator"] = functions_of(emulator),
  ["botapi.emulator.client"] = functions_of(client),
  ["botapi.facebook"] = functions_of(botapi.facebook),
  ["botapi.facebook session"] = functions_of(getmetatable(session).__index),
  ["botapi.journal"] = functions_of(journal),
  ["botapi.journal log"] = functions_of(getmetatable(log).__index),
  ["resty.botapi"] = { "with" },
}

-- --- the examples -------------------------------------------------------------

local function temporary_journal()
  local path = process.directory() .. "documented.jsonl"
  os.remove(path)
  local opened = assert(journal.open(path))
  return opened, assert(opened:intent { bot = 123, server = "https://api.telegram.org", method = "logOut" })
end

local function run_in_nginx(text)
  local server = nginx.start { http = 'init_by_lua_block { token = "malformed" }',
    server = "location = /ready { return 204; }\nlocation = /usage { content_by_lua_block {\n" .. text .. "\n} }\n" }
  local answer = server:get "/usage"
  server:stop()
  assert.equal(200, answer.status, server:log "error")
end

-- Each in turn on servers of its own: what one changes, no other sees.
local function run(item, text)
  if item.module == "resty.botapi" then
    if not nginx.missing() then run_in_nginx(text) end
    return
  end
  local emu = blocks.servers()
  local names = {}
  if item.module == "botapi.journal" then names.log, names.id = temporary_journal() end
  if item.module == "botapi.bot" then
    names.bot = botapi.bot(emu:token(5), { server = emu.url })
  end
  if text:find("emu:facebook", 1, true) then
    names.emu = emulator.start { as = "facebook" }
  end
  local ok, why = pcall(blocks.run, text, "=" .. item.module .. "." .. item.name, emu, names)
  if names.log then names.log:close() end
  if names.emu then names.emu:close() end
  emu:close()
  assert(ok, why)
end

describe("the reference", function()
  it("is made without a warning", function()
    assert.equal("", (warnings:gsub("reading configuration[^\n]*\n?", "")))
  end)

  for module, names in pairs(public) do
    for _, name in ipairs(names) do
      it(("has %s of %s: what it does, types, an example"):format(name, module), function()
        local item = by_name[module:match "^%S+" .. " " .. name]
        assert(item, "no LDoc")
        assert.is_truthy(item.summary:find "%a")
        for i, type_of in ipairs(item.types) do
          assert.is_true(type_of ~= "" or item.params[i] == "tokens", item.params[i] .. " has no type")
        end
        assert.equal(1, #item.usage, "@usage")
      end)
    end
  end

  for _, item in ipairs(items) do
    for _, text in ipairs(item.usage) do
      it(("has an example that runs: %s %s"):format(item.module, item.name), function()
        local loop = text:match 'require "(%a+)"\n'
        local ok, why = true, nil
        if loop then ok, why = (loop == "copas" and require "support.copas".find or pcall)(require, loop) end
        if not ok then return pending(loop .. " isn't here for this Lua: " .. why) end
        run(item, text)
      end)
    end
  end
end)
