-- SPDX-License-Identifier: MIT
-- Runs what the documentation shows: blocks of Markdown and LDoc's @usage, with every server on this machine.

local emulator = require "botapi.emulator"
local process = require "support.process"

local unpack = table.unpack or unpack

local blocks = {}

-- What a program has beside it that copied it.
function package.preload.framework_shim() return dofile(process.root .. "examples/framework_shim.lua") end

--- The fenced blocks of a text, each with its `info`, its `text` and the `line` that it begins at; and the lines that
-- are indented as code, which nobody checks.
function blocks.read(markdown)
  local found, loose, line, open, blank = {}, {}, 0, nil, true
  for text in (markdown .. "\n"):gmatch "([^\n]*)\n" do
    line = line + 1
    if open and text == "```" then
      open.text = table.concat(open, "\n") .. "\n"
      found[#found + 1], open = open, nil
    elseif open then
      open[#open + 1] = text
    elseif text:match "^```" then
      open = { line = line, info = text:sub(4) }
    elseif blank and text:match "^    [^ ]" then
      loose[#loose + 1] = line
    end
    blank = text == ""
  end
  return found, loose
end

-- A call's servers ------------------------------------------------------------------

-- The place of the options among the arguments.
local OPTIONS_AT = { logout = 2, close_instance = 2, get_me = 2, get_webhook_info = 2, delete_webhook = 3,
  set_webhook = 3, call = 4, bot = 2, fleet = 2, migrate = 2 }

blocks.calls = OPTIONS_AT

-- Every server that the documentation names is one of a pair of emulators; what isn't on this machine raises.
local function place_of(emu, server)
  local as = { telegram = "cloud", ["local"] = "local", ["http://10.0.0.5:8081"] = "local" }
  if server == nil then server = "telegram" end
  if as[server] == "cloud" then return emu.url end
  if as[server] == "local" then return emu.local_url end
  assert(server:match "^https?://127%.0%.0%.1" or server:match "^https?://localhost", server .. " isn't here")
  return server
end

local function moved(emu, side)
  local options = type(side) == "table" and side or { server = side }
  local copy = {}
  for name, value in pairs(options) do copy[name] = value end
  copy.as = copy.as or (options.server == "telegram" and "cloud" or "local")
  copy.server = place_of(emu, options.server)
  return copy
end

-- The options of a call, so that it goes to an emulator.
local function redirected(emu, name, options)
  local copy = {}
  for key, value in pairs(options or {}) do copy[key] = value end
  if copy.journal and type(copy.journal) == "string" then copy.journal = process.directory() .. copy.journal end
  if name == "migrate" or copy.action == "migrate" then
    copy.from, copy.to = moved(emu, copy.from), moved(emu, copy.to)
    if copy.journal == nil then copy.journal = false end
  else
    copy.server = place_of(emu, copy.server)
  end
  return copy
end

local function with_options(emu, name, fn)
  local at = OPTIONS_AT[name]
  return function(...)
    local arguments, count = { ... }, select("#", ...)
    local callback = name ~= "fleet" and type(arguments[count]) == "function" and table.remove(arguments, count)
    arguments[at] = redirected(emu, name, arguments[at])
    if callback then arguments[at + 1] = callback end     -- as luv's functions take it
    return fn(unpack(arguments, 1, callback and at + 1 or at))
  end
end

-- The engine behind each one that a block has.
local engines = setmetatable({}, { __mode = "k" })

-- An engine whose calls go to an emulator.
local function engine_of(emu, real)
  local methods = {}
  function methods.start(_, token, method, params, options)
    return real:start(token, method, params, redirected(emu, method, options))
  end
  function methods.probe(_, server, options) return real:probe(place_of(emu, server), options) end
  local engine = setmetatable({}, { __index = function(_, name)
    return methods[name] or function(_, ...) return real[name](real, ...) end
  end })
  engines[engine] = real
  return engine
end

--- The functions of a module, on a pair of emulators.
function blocks.bound(emu, api)
  local copy = {}
  for name in pairs(OPTIONS_AT) do copy[name] = with_options(emu, name, api[name]) end
  function copy.probe(server, options) return api.probe(place_of(emu, server), options) end
  function copy.engine(settings) return engine_of(emu, api.engine(settings)) end
  return setmetatable(copy, { __index = api })
end

-- botapi.api for a driver of the block's own.
local function api_of(emu, api)
  return function(driver)
    if driver.blocking then return api(driver) end     -- as it is: its functions are those of botapi.core
    local own = {}
    for name, value in pairs(driver) do own[name] = value end
    function own.engine()
      local engine = driver.engine()
      return engines[engine] or engine
    end
    return blocks.bound(emu, api(own))
  end
end

-- What a block sees -------------------------------------------------------------------

local BOT = 123456789

--- A pair of emulators where the bot of the documentation has a webhook on both.
function blocks.servers()
  local emu = emulator.start { pair = true }
  for _, server in ipairs { "cloud", "local" } do
    emu:put(BOT, { username = "shop_bot", webhook = { url = "https://bot.example/hook" } }, server)
  end
  return emu
end

local function variables_of(emu)
  return { BOT_TOKEN = emu:token(BOT), BOTAPI_SERVER = emu.url, WEBHOOK_SECRET = "s3cret", HOME = process.directory() }
end

local function printer(printed)
  return function(...)
    local words = { ... }
    for i = 1, select("#", ...) do words[i] = tostring(words[i]) end
    printed[#printed + 1] = table.concat(words, "\t")
  end
end

-- Has the module the functions of botapi, for a loop or for none?
local function is_api(name)
  local loop = name:match "^botapi%.(%l+)$"
  return name == "botapi" or loop and process.slurp(process.root .. "lua/botapi/drive/" .. loop .. ".lua") ~= nil
end

--- The globals of a block: the environment's variables, what it prints, the library on emulators, and `names`.
function blocks.environment(emu, printed, names)
  local variables = variables_of(emu)
  local env = { token = variables.BOT_TOKEN, tokens = { emu:token(71), emu:token(72) }, secret = "s3cret", emu = emu,
    print = printer(printed) }
  env.os = setmetatable({ getenv = function(name) return variables[name] end }, { __index = os })
  env.io = setmetatable({ read = function() return "shop_bot" end }, { __index = io })
  function env.require(name)
    local module = require(name)
    if name == "botapi.api" then return api_of(emu, module) end
    return is_api(name) and blocks.bound(emu, module) or module
  end
  for name, value in pairs(names or {}) do env[name] = value end
  return setmetatable(env, { __index = _G })
end

local function load_block(text, name, env)
  if not setfenv then return assert(load(text, name, "t", env)) end
  return setfenv(assert(loadstring(text, name)), env)
end

--- Runs one and looks for what it promises: the texts behind "-->" of its lines.
function blocks.run(text, name, emu, names)
  local printed = {}
  load_block(text, name, blocks.environment(emu, printed, names))()
  local said = table.concat(printed, "\n")
  for promise in text:gmatch "%-%->%s*([^\n]+)" do
    if not said:find(promise, 1, true) then error(name .. ": not printed: " .. promise .. "\n" .. said, 0) end
  end
end

-- Shell -------------------------------------------------------------------------------

--- Runs a block of shell at the top of the tree, as a person does who has set nothing; `prefix` is a command that gets
-- `sh -c` and the block.
function blocks.shell(text, prefix)
  local log = process.directory() .. "block.log"
  local command = "unset MAKEFLAGS MAKELEVEL LUA BUILD LUA_PATH LUA_CPATH LUA_PATH_5_4 LUA_CPATH_5_4; "
    .. ("cd %s && %s sh -ec %s >%s 2>&1 </dev/null"):format(process.quote(process.root), prefix or "",
      process.quote(text), process.quote(log))
  local ok = process.run(command)
  return ok, process.slurp(log)
end

local function is_target(name)
  local makefile = process.slurp(process.root .. "Makefile")
  return makefile:find("\n" .. name:gsub("%-", "%%-") .. "[%w%- ]*:") ~= nil
end

-- What an option may be of: the command, or one of its subcommands.
local function check_botapi(words)
  local _, parsers = require "botapi.cli".parser()
  local parser = parsers[words[2]]
  if not parser then return words[2] == "completion" or words[2] == "help" end
  local known = {}
  for _, option in ipairs(parser._options) do
    for _, alias in ipairs(option._aliases) do known[alias] = true end
  end
  for i = 3, #words do
    if words[i] == "--" then break end
    if words[i]:match "^%-" and not known[words[i]] then return false, words[i] end
  end
  return true
end

local function check_make(words)
  for i = 2, #words do
    if words[i]:match "^[%l-]+$" and not is_target(words[i]) then return false, words[i] end
  end
  return true
end

local CHECKS = { botapi = check_botapi, ["bin/botapi"] = check_botapi, make = check_make }

-- The commands of a block: lines without comments, variables and continuations, split where one ends.
local function commands_of(text)
  local list = {}
  text = text:gsub("\\\n%s*", " ")
  for typed in text:gmatch "[^\n]+" do
    local line = typed:gsub("%s#.*$", ""):gsub("'[^']*'", "'…'"):gsub("[%[%]]", ""):gsub("^%s*[%d*]+%)%s*", "")
    for part in line:gsub("&&", ";"):gsub("|", ";"):gmatch "[^;]+" do
      local words = {}
      for word in part:gmatch "%S+" do
        if #words > 0 or not word:match "^[%u_%d]+=" then words[#words + 1] = word end
      end
      if words[1] then list[#list + 1] = words end
    end
  end
  return list
end

--- Why a block of shell that isn't run can't be right; nil: its targets, subcommands and options are there.
function blocks.check_shell(text)
  for _, words in ipairs(commands_of(text)) do
    local check = CHECKS[words[1]]
    local ok, what = true, nil
    if check then ok, what = check(words) end
    if not ok then return table.concat(words, " ") .. ": there is no " .. tostring(what or words[2]) end
  end
end

return blocks
