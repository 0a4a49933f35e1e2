-- SPDX-License-Identifier: MIT
-- Commands of the torture: run with a time limit and a log, several at once, and the certificates they share.

local shell = {}

shell.root = assert(io.popen "pwd"):read "*l" .. "/"
shell.build = shell.root .. "build/torture/"

function shell.quote(word)
  return "'" .. tostring(word):gsub("'", "'\\''") .. "'"
end

function shell.slurp(path)
  local file = io.open(path, "rb")
  local text = file and file:read "*a" or ""
  if file then file:close() end
  return text
end

function shell.lines(command)
  local list = {}
  local pipe = io.popen(command)
  for line in pipe:lines() do list[#list + 1] = line end
  pipe:close()
  return list
end

--- The path of a spec, whichever folder it is in.
function shell.spec(name)
  return (assert(shell.lines("ls spec/*/" .. name .. "_spec.lua")[1], name .. ": no such spec"))
end

function shell.now()
  return tonumber(shell.slurp "/proc/uptime":match "^%S+")
end

local logs = shell.build .. "log/"
os.execute("mkdir -p " .. shell.quote(logs))

-- A child of its own session that can't outlive its time: its exit code is the log's last line.
local function begin(job)
  job.log = logs .. job.name:gsub("[^%w._-]+", "-") .. ".log"
  local command = ("cd %s; timeout -k 5 %d sh -c %s >%s 2>&1 </dev/null; echo $?"):format(shell.quote(shell.root),
    job.seconds or 300, shell.quote(job.command), shell.quote(job.log))
  job.began = shell.now()
  job.pipe = io.popen(command)
end

local function finish(job)
  job.code = tonumber(job.pipe:read "*l")
  job.pipe:close()
  job.pipe = nil
  job.took = shell.now() - job.began
  job.output = shell.slurp(job.log)
end

--- Runs jobs {name=, command=, seconds=}, `width` at once; each gets code, output, took, log. `each(job)` is told.
function shell.all(jobs, width, each)
  local running = {}
  for _, job in ipairs(jobs) do
    if #running >= (width or 2) then
      local first = table.remove(running, 1)
      finish(first)
      if each then each(first) end
    end
    begin(job)
    running[#running + 1] = job
  end
  for _, job in ipairs(running) do
    finish(job)
    if each then each(job) end
  end
  return jobs
end

--- One command: its code, output and seconds.
function shell.run(name, command, seconds)
  local job = shell.all({{name = name, command = command, seconds = seconds}}, 1)[1]
  return job.code, job.output, job.took
end

--- Makes, with words for make: or stops the torture with make's own words.
function shell.make(name, words)
  local code, output = shell.run("make-" .. name, "make --no-print-directory -s " .. words, 600)
  if code ~= 0 then error(("make %s failed:\n%s"):format(words, output), 0) end
end

shell.WARN = "-Wall -Wextra -pedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wconversion -Wcast-qual " ..
  "-Wwrite-strings -Werror"
shell.SANITIZE = "-g -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined"

--- A certificate for localhost and www.facebook.com: the paths of ca, pem and key.
function shell.certificate()
  local at = shell.build .. "certs/"
  if shell.slurp(at .. "done") == "" then
    local script = [[set -e; mkdir -p @; cd @
      openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=botapi torture CA" \
        -addext basicConstraints=critical,CA:TRUE -keyout ca.key -out ca.pem
      openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -keyout server.key \
        -out server.csr
      echo 'subjectAltName=DNS:localhost,DNS:www.facebook.com,DNS:bot.example,IP:127.0.0.1' >names
      openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3650 -extfile names \
        -out server.pem
      echo done >done]]
    local code, output = shell.run("certificate", (script:gsub("@", (at:gsub("%%", "%%%%")))), 60)
    assert(code == 0, output)
  end
  return at .. "ca.pem", at .. "server.pem", at .. "server.key"
end

--- Links a C program of the torture with the module's own objects below build/torture/<name>.
function shell.program(name, sources, how)
  how = how or {}
  local flags = how.flags or shell.SANITIZE
  shell.make(name, ("B=build/torture/%s CFLAGS=%s build/torture/%s/botapi/core.so"):format(name, shell.quote(flags),
    name))
  local command = ("%s -std=c99 %s %s $(pkg-config --cflags lua5.4 libcurl) -Isrc -Ispec/torture -o " ..
    "build/torture/%s/%s %s $(ls build/torture/%s/obj/*.o | grep -v /loader.o) %s " ..
    "$(pkg-config --libs lua5.4 libcurl) -lssl -lcrypto -lpthread -ldl"):format(how.cc or "gcc", shell.WARN, flags,
    name, how.out or "host", sources, name, how.link or "")
  local code, output = shell.run("link-" .. name, command, 300)
  if code ~= 0 then error(output, 0) end
  return shell.build .. name .. "/" .. (how.out or "host")
end

return shell
