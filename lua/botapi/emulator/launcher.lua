-- SPDX-License-Identifier: MIT
-- Owns the process of an emulator started from Lua: its command line, its first lines of output, its end.

local files = require "botapi.emulator.files"
local misnamed = require "botapi.misnamed"
local place = require "botapi.place"

local launcher = {}

-- Ends a child of ours by SIGTERM, and after two seconds by SIGKILL: a forked copy of us has none. It stays a zombie
-- until we wait for it.
local STOP = "pid=%d; grep -q \"^PPid:[[:space:]]*$PPID$\" /proc/$pid/status 2>/dev/null || exit; "
  .. "kill $pid 2>/dev/null; for i in $(seq 20); do "
  .. "grep -q ') Z' /proc/$pid/stat 2>/dev/null && exit; sleep 0.1; done; kill -9 $pid 2>/dev/null"

local ROOT = debug.getinfo(1, "S").source:match "^@(.*)/?botapi/emulator/launcher%.lua$"

local known = {as = "string", port = "number", host = "string", bot = "any", limits = "boolean", pair = "boolean",
  tls = "any", control = "any", filter = "string", lua = "string"}

local names = {}
for name in pairs(known) do names[#names + 1] = name end
table.sort(names)

local function check_options(options)
  for name, value in pairs(options) do
    if not known[name] then error(place() .. "emulator.start: " .. misnamed("option", name, names), 0) end
    if known[name] ~= "any" and type(value) ~= known[name] then
      error(("%semulator.start: option '%s' must be a %s"):format(place(), name, known[name]), 0)
    end
  end
end

local function arguments_of(options)
  local list = {"emulator", "--exit-with-stdin", "--as", options.as or "local", "--port",
    string.format("%d", options.port or 0), "--host", options.host or "127.0.0.1"}
  local function add(...)
    for _, word in ipairs {...} do list[#list + 1] = tostring(word) end
  end
  for _, token in ipairs(type(options.bot) == "table" and options.bot or {options.bot}) do add("--bot", token) end
  if options.limits then add "--limits" end
  if options.pair then add "--pair" end
  if options.filter then add("--filter", options.filter) end
  if options.tls then add "--tls" end
  if type(options.tls) == "table" then add("--cert", options.tls.cert, "--key", options.tls.key) end
  -- over TLS the control API has a plain port of its own
  if options.control or options.tls or options.as == "facebook" then add("--control", options.control or "0") end
  return list
end

-- Lua that keeps the new process, too, to absolute directories, where this one looks for its modules nowhere else.
local function path_guard()
  for entry in (package.path .. ";" .. package.cpath):gmatch "[^;]+" do
    if entry:sub(1, 1) ~= "/" then return "" end
  end
  return [[for _, at in ipairs {"path", "cpath"} do package[at] = (";" .. package[at]):gsub(";[^/;][^;]*", "") end ]]
end

-- The program, as one line of Lua. It goes to standard input, so that no token is in the process list.
local function program(options)
  local words = {}
  for i, word in ipairs(arguments_of(options)) do words[i] = string.format("%q", word) end
  return string.format("%spackage.path = %q .. package.path os.exit(require 'botapi.cli'.main {%s}, true)\n",
    path_guard(), ROOT == "" and "" or ROOT:gsub("/$", "") .. "/?.lua;", table.concat(words, ", "))
end

local function temporary_fifo()
  local path = os.tmpname()
  os.remove(path)
  os.execute("mkfifo -m 600 " .. files.quote(path))
  return path
end

-- Reads what the new process prints: its pid, its URLs, then "control URL" and "ca FILE".
local function read_greeting(self, output)
  self.pid, self.urls = tonumber(output:read "*l"), {}
  for line in output:lines() do
    if line == "ready" then break end
    local name, value = line:match "^(%a+) (.*)$"
    if name then self[name == "ca" and "ca_file" or name] = value else table.insert(self.urls, line) end
  end
  self.url, self.local_url = self.urls[1], self.urls[2]
  self.control_url, self.control = self.control or self.url, nil
end

local function run(self, options)
  local fifo, errors = temporary_fifo(), os.tmpname()
  -- The program is the first line of standard input; the process ends when the rest of it does. It is of a session of
  -- its own: Ctrl-C at this program's terminal isn't meant for it.
  local lua = options.lua or "lua5.4"
  local loader = "assert((loadstring or load)(io.read('*l')))()"
  self.pipe = io.popen("exec > " .. files.quote(fifo) .. " 2> " .. files.quote(errors) .. "; echo $$; "
    .. "exec $(command -v setsid) " .. files.quote(lua) .. " -e " .. files.quote(loader), "w")
  self.pipe:write(program(options))
  self.pipe:flush()
  return fifo, errors
end

--- Starts the process and waits until it is ready; fills in url, urls, local_url, control_url, ca_file, pid and more.
-- Returns whether it started, and what it wrote to standard error.
function launcher.start(self, options)
  check_options(options)
  local fifo, errors = run(self, options)
  local output = io.open(fifo, "r")
  local ok = pcall(read_greeting, self, output)
  output:close()
  os.remove(fifo)
  self.errors = errors
  return ok and self.url ~= nil, files.read(errors) or ""
end

--- Ends the process and waits for its end.
function launcher.stop(self)
  if self.pipe then
    if self.pid then os.execute(string.format(STOP, self.pid)) end
    self.pipe:close()
    self.pipe = nil
  end
  if self.errors then os.remove(self.errors) end
  self.errors = nil
end

return launcher
