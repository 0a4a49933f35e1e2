-- SPDX-License-Identifier: MIT
-- Owns the emulator's process: what it prints, what ends it, and the command that it runs.

local cqueues = require "cqueues"
local signal = require "cqueues.signal"
local files = require "botapi.emulator.files"
local tls = require "botapi.emulator.tls"
local new_instance = require "botapi.emulator.instance".new

local process = {}

local DEFAULT_TOKEN = require "botapi.emulator.tokens".of "123456789"

-- Starts a command with our input and output. Its pid comes through a file.
local function start(program, environment)
  local pid_file = os.tmpname()
  local words = {}
  for i, word in ipairs(program) do words[i] = files.quote(word) end
  -- what the command would prefer to the emulator's token
  local lines = {"echo $$ > " .. files.quote(pid_file), "unset BOT_TOKEN_FILE CREDENTIALS_DIRECTORY"}
  for name, value in pairs(environment) do lines[#lines + 1] = "export " .. name .. "=" .. files.quote(value) end
  lines[#lines + 1] = "if [ -r /proc/$PPID/fd/0 ]; then exec < /proc/$PPID/fd/0; else exec < /dev/null; fi 2>/dev/null"
  lines[#lines + 1] = "exec " .. table.concat(words, " ")
  return {pipe = io.popen(table.concat(lines, "\n"), "w"), pid_file = pid_file, status = nil}
end

local function pid_of(child)
  return (files.read(child.pid_file) or ""):match "%d+"
end

-- Has it ended? It is a zombie until we wait for it. The last field is its status, which Lua 5.1's close lacks.
local function has_ended(child)
  local pid = pid_of(child)
  local stat = pid and files.read("/proc/" .. pid .. "/stat")
  child.status = stat and tonumber(stat:match "(%d+)%s*$")
  return stat ~= nil and stat:find "%) Z" ~= nil
end

local function exit_code(child)
  local _, how, code = child.pipe:close()
  os.remove(child.pid_file)
  if how then return how == "signal" and 128 + code or code end
  local status = child.status or 256
  return status < 256 and status > 0 and 128 + status % 128 or math.floor(status / 256)
end

local function watch_signals(instance, child)
  local listening = signal.listen(signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)
  if child and has_ended(child) then return instance:stop(exit_code(child)) end
  while not instance.is_stopped do
    local which = listening:wait()
    if which == signal.SIGCHLD then
      if child and has_ended(child) then return instance:stop(exit_code(child)) end
    elseif which then
      if not child then return instance:stop(0) end
      local pid = pid_of(child)
      if pid then os.execute("kill -" .. (which == signal.SIGINT and "INT " or "TERM ") .. pid .. " 2>/dev/null") end
    end
  end
end

-- By a controller of its own, which ends, too, where epoll refuses the descriptor: a file, say, which needs no wait.
local function stop_with_input(instance)
  local input = cqueues.new()
  input:wrap(function() cqueues.poll {pollfd = 0, events = "r"} end)
  instance.spawn(function()
    input:loop()
    instance:stop(0)
  end)
end

local function environment_of(options, urls)
  return {BOTAPI_SERVER = urls[1], BOT_TOKEN = options.bots and options.bots[1] or DEFAULT_TOKEN,
    BOTAPI_SERVER_LOCAL = urls[2], BOTAPI_CA_FILE = options.tls and options.tls.ca}
end

local function announcement(instance, urls)
  local lines = {}
  for i, url in ipairs(urls) do lines[i] = url end
  if instance.control_url then lines[#lines + 1] = "control " .. instance.control_url end
  local made = instance.options.tls
  if made and made.ca then lines[#lines + 1] = "ca " .. made.ca end
  if instance.options.exit_with_stdin then lines[#lines + 1] = "ready" end   -- for a program: nothing more follows
  return table.concat(lines, "\n") .. "\n"
end

--- Runs an emulator until a signal, the end of standard input, or the end of its command; returns the exit code.
-- Options are those of instance.new, and exit_with_stdin; `write` gets what is to be printed; returns an exit code
-- where it can't be.
function process.run(options, program, write)
  local instance = new_instance(options)
  local urls, why = instance:listen()
  if not urls then
    io.stderr:write("botapi: ", why, "\n")
    return 3
  end
  local child = program and program[1] and start(program, environment_of(options, urls)) or nil
  signal.default(signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)
  signal.block(signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)
  signal.ignore(signal.SIGPIPE)
  -- not before: a signal may come as soon as a URL is known
  local unwritten = not child and write(announcement(instance, urls))
  if unwritten then instance:stop(unwritten) end
  instance.spawn(function() watch_signals(instance, child) end)
  if options.exit_with_stdin then stop_with_input(instance) end
  instance:run()
  if options.tls then tls.clean(options.tls) end
  return instance.code or 0
end

return process
