-- SPDX-License-Identifier: MIT
-- Owns the emulator's process: what it prints, what ends it, and the command that it may run.

local cqueues = require "cqueues"
local signal = require "cqueues.signal"
local tls = require "botapi.emulator.tls"
local new_instance = require "botapi.emulator.instance".new

local process = {}

local DEFAULT_TOKEN = "123456789:emulated-token-of-a-test-bot-00"

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

-- Starts a command with our output; its input is what ours is. Its pid comes through a file.
local function start(program, environment)
  local pid_file = os.tmpname()
  local words = {}
  for _, word in ipairs(program) do words[#words + 1] = quote(word) end
  local lines = {"echo $$ > " .. quote(pid_file)}
  for _, pair in ipairs(environment) do
    lines[#lines + 1] = "export " .. pair[1] .. "=" .. quote(pair[2])
  end
  lines[#lines + 1] = "if [ -r /proc/$PPID/fd/0 ]; then exec < /proc/$PPID/fd/0; else exec < /dev/null; fi 2>/dev/null"
  lines[#lines + 1] = "exec " .. table.concat(words, " ")
  local pipe = io.popen(table.concat(lines, "\n"), "w")
  return {pipe = pipe, pid_file = pid_file}
end

local function pid_of(child)
  local file = io.open(child.pid_file)
  local pid = file and file:read "*n"
  if file then file:close() end
  return pid and string.format("%d", pid)
end

-- Has it ended? A child that nobody has waited for is a zombie; the last field is what waitpid would tell, which Lua
-- 5.1's close doesn't.
local function has_ended(child)
  local pid = pid_of(child)
  local file = pid and io.open("/proc/" .. pid .. "/stat")
  local stat = file and file:read "*a"
  if file then file:close() end
  child.status = stat and tonumber(stat:match "(%d+)%s*$")
  return stat ~= nil and stat:match "%) (%a)" == "Z"
end

local function exit_code(child)
  local _, how, code = child.pipe:close()
  os.remove(child.pid_file)
  child.pipe = nil
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

local function watch_stdin(instance)
  cqueues.poll {pollfd = 0, events = "r"}
  instance:stop(0)
end

local function environment_of(options, urls)
  local list = {{"BOTAPI_SERVER", urls[1]}, {"BOT_TOKEN", options.bots and options.bots[1] or DEFAULT_TOKEN}}
  if urls[2] then list[#list + 1] = {"BOTAPI_SERVER_LOCAL", urls[2]} end
  if options.tls and options.tls.ca then list[#list + 1] = {"BOTAPI_CA_FILE", options.tls.ca} end
  return list
end

local function announce(instance, urls)
  for _, url in ipairs(urls) do print(url) end
  if instance.control_url then print("control " .. instance.control_url) end
  local made = instance.options.tls
  if made and made.ca then print("ca " .. made.ca) end
  if instance.options.exit_with_stdin then print "ready" end   -- a program reads this: nothing more will come
  io.stdout:flush()
end

--- Runs an emulator until a signal, the end of standard input, or the end of its command.
-- @tparam table options of instance.new, and exit_with_stdin
-- @tparam[opt] table program
-- @treturn number the exit code
function process.run(options, program)
  local instance = new_instance(options)
  local urls, why = instance:listen()
  if not urls then
    io.stderr:write("botapi: ", why, "\n")
    return 3
  end
  local child = program and program[1] and start(program, environment_of(options, urls)) or nil
  if not child then announce(instance, urls) end
  signal.default(signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)
  signal.block(signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)
  signal.ignore(signal.SIGPIPE)
  instance.spawn(function() watch_signals(instance, child) end)
  if options.exit_with_stdin then instance.spawn(function() watch_stdin(instance) end) end
  instance:run()
  if options.tls then tls.clean(options.tls) end
  return instance.code or 0
end

return process
