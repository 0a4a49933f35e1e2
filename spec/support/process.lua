-- SPDX-License-Identifier: MIT
-- Child processes of the specs: started with a known pid, spoken to by lines, stopped by pid, dead when we are.

local errno = require "cqueues.errno"
local socket = require "cqueues.socket"

local process = {}
process.__index = process

-- Where the project is, from this file's own name: specs run from any directory.
local here = debug.getinfo(1, "S").source:match("^@(.*)spec/support/process%.lua$") or "./"
process.root = here == "" and "./" or here

-- The interpreter that runs this very code; children that load the core must be of the same kind.
process.lua = rawget(_G, "jit") and "luajit" or _VERSION:lower():gsub("%s", "")

local function quote(word)
  return "'" .. tostring(word):gsub("'", "'\\''") .. "'"
end

local function words(list)
  local quoted = {}
  for i, word in ipairs(list) do
    quoted[i] = quote(word)
  end
  return table.concat(quoted, " ")
end

process.quote, process.words = quote, words

local function slurp(path)
  local file = io.open(path, "r")
  if not file then
    return nil
  end
  local text = file:read("*a")
  file:close()
  return text
end

process.slurp = slurp

-- The pid of this process: Lua has no getpid, the kernel writes it into every line of stat.
function process.pid_of_self()
  return tonumber(slurp("/proc/self/stat"):match("^(%d+)"))
end

-- The directory of this test process below build/spec, made once; those of dead processes are swept away.
local directory
function process.directory()
  if directory then
    return directory
  end
  local base = process.root .. "build/spec/"
  assert(process.run("mkdir -p " .. quote(base)))
  local list = io.popen("ls " .. quote(base))
  for name in list:lines() do
    if name:match("^%d+$") and not slurp("/proc/" .. name .. "/stat") then
      process.run("rm -rf " .. quote(base .. name))
    end
  end
  list:close()
  local own = base .. process.pid_of_self() .. "/"
  -- an earlier process may have had this number
  assert(process.run(("rm -rf %s && mkdir -p %s"):format(quote(own), quote(own))))
  directory = own
  return own
end

-- Runs one shell command to its end: true, or nil and its number. Lua 5.1 gives the number alone.
function process.run(command)
  local ok, _, code = os.execute(command)
  if ok == true or ok == 0 then
    return true
  end
  return nil, code or ok
end

-- Runs one shell command to its end: all that it printed, stderr included where the command says so.
function process.capture(command)
  local pipe = assert(io.popen(command, "r"))
  local text = pipe:read("*a")
  pipe:close()
  return text
end

--- The same of a command that has to succeed: a file that was emptied isn't what its maker makes when it fails on it.
function process.made(command)
  local text, done = process.capture("{ " .. command .. "\n} && printf '\\001'"):match "^(.-)(\1?)$"
  if done == "" then error("failed: " .. command, 2) end
  return text
end

local count = 0

-- A shell starts the child and prints its exit code behind a byte that nothing else prints: pclose of 5.1 tells none.
-- The kernel kills the shell when we die, even by -9, and the child when the shell dies. The child's pid is told once
-- that holds; every word but the first execs, none forks.
local WATCHED = [[exec setpriv --pdeathsig KILL sh -c '"$@"; printf "\001exit %d\n" $?' sh ]]
local BOUND = [[ setpriv --pdeathsig KILL sh -c 'echo $$; exec "$@"' sh ]]
local EXIT = "^(.-)\1exit (%d+)$"

local function environment(env)
  local list = {}
  for name, value in pairs(env or {}) do
    list[#list + 1] = name .. "=" .. quote(value)
  end
  table.sort(list)
  return #list > 0 and " env " .. table.concat(list, " ") .. " " or ""
end

-- Both ends are cqueues sockets: reads have a deadline, writes to a dead child raise no SIGPIPE.
local function endpoint(file)
  local s = assert(socket.dup(file))
  s:onerror(function(_, _, why) return why end)
  s:setmode("bn", "bn")
  s:setmaxline(16 * 1024 * 1024)  -- a report of many requests is one line
  return s
end

--- Starts a child: `process.start {"lua5.4", "x.lua", within = {"ip", "netns", "exec", "a"}, env = {A = "1"}}`.
-- Its stdin is a pipe from us (`send`), its stdout is read by `line`, its stderr goes to the file `child.err`.
function process.start(spec)
  count = count + 1
  local base = process.directory() .. count .. "-" .. (spec.name or "child")
  local fifo = base .. ".fifo"
  assert(process.run("mkfifo " .. quote(fifo)))
  local command = words(spec.within or {}) .. environment(spec.env) .. BOUND .. words(spec)
  local pipe = assert(io.popen("exec <" .. quote(fifo) .. " 2>" .. quote(base .. ".err") ..
    "; " .. WATCHED .. command, "r"))
  local input = assert(io.open(fifo, "w"))
  os.remove(fifo)
  local self = setmetatable({pipe = pipe, input = endpoint(input), from = endpoint(pipe), lines = {},
    out = base .. ".out", err = base .. ".err"}, process)
  input:close()  -- the copy in self.input is close-on-exec: no later child keeps this one's stdin open
  self.copy = assert(io.open(self.out, "w"))
  self.pid = assert(tonumber(self:line(10)))
  return self
end

--- A Lua program as a child of the same interpreter, with the search paths of this process; `...` are its arguments.
-- What it loads by `require "support.x"` and botapi are the same files.
function process.program(text, spec, ...)
  count = count + 1
  local path = process.directory() .. count .. ".lua"
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
  local command = {within = spec and spec.within, env = spec and spec.env, name = spec and spec.name or "program",
    process.lua, path}
  for i = 1, select("#", ...) do
    command[#command + 1] = tostring((select(i, ...)))
  end
  return process.start(command)
end

-- The next line of its stdout: or nil and "eof" or "timeout".
function process:line(seconds)
  if not self.from or self.code then
    return nil, "eof"
  end
  self.from:settimeout(seconds or 20)
  local line, why = self.from:read("*L")
  if not line then
    self.from:clearerr()
    return nil, why == errno.ETIMEDOUT and "timeout" or "eof"
  end
  line = line:gsub("\n$", "")
  local rest, code = line:match(EXIT)
  if code then
    self.code = tonumber(code)
    if rest == "" then
      return nil, "eof"
    end
    line = rest
  end
  self.copy:write(line, "\n")
  self.copy:flush()
  self.lines[#self.lines + 1] = line
  return line
end

-- Reads lines until one has the pattern: its captures, or the whole line.
function process:expect(pattern, seconds)
  local line, why
  repeat
    line, why = self:line(seconds)
    if not line then
      error(("waited for %q, got %s; stderr: %s"):format(pattern, why, self:errors()), 2)
    end
  until line:find(pattern)
  return line:match(pattern)
end

function process:send(line)
  if not self.pipe then
    return nil, "eof"
  end
  self.input:settimeout(20)
  return self.input:write(line .. "\n")
end

function process:errors()
  return slurp(self.err) or ""
end

-- All that it has printed and that was read.
function process:output()
  return table.concat(self.lines, "\n")
end

function process:kill(which)
  return process.run(("kill -%s %d"):format(which or "TERM", self.pid))
end

-- Closes its stdin, reads what it still prints, waits for its end. Its exit code, or 128 + signal.
function process:wait(seconds)
  if not self.pipe then
    return self.code
  end
  self.input:close()
  local line, why
  repeat
    line, why = self:line(seconds or 20)
  until not line
  if why == "timeout" then
    self:kill("KILL")
    self:line(20)
  end
  self.from:close()
  self.copy:close()
  self.pipe:close()
  self.pipe, self.from, self.copy = nil, nil, nil
  return self.code, why == "timeout" and "it had to be killed" or nil
end

function process:stop(which)
  if not self.pipe then
    return self.code
  end
  self:kill(which)
  return self:wait()
end

return process
