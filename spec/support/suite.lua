-- SPDX-License-Identifier: MIT
-- Runs what `make test`, `make check`, `make test-all`, `make lint` and `make sanitize` run, keeps what it printed,
-- counts. Words: specs, unit, core, each, install, lint, examples, canary, asan, valgrind, soak. The last line is
-- "N passed, N failed", and ", N skipped" where some were.

local canary = require "support.canary"

local LUA = os.getenv "LUA" or "lua5.4"
local BUILD = os.getenv "BUILD" or "build/" .. LUA
local LOGS = BUILD .. "/log/"

-- What runs under ASan: the specs whose subject is the C module. All else reaches it by the same few functions, in Lua;
-- what is measured in memory or in time (growth, churn, crowd) isn't so under ASan.
local UNDER_ASAN = {"address", "ca", "call", "canary", "drive_behaviours", "drive_lifetimes", "endpoint", "engine",
  "envelope", "facebook_logout", "facebook_session", "failure", "fork", "host", "interrupt", "journal", "late_delivery",
  "options", "params", "poller", "proxy", "redact", "regressions", "retry", "show", "token", "transport", "upload"}

-- But not single tests: of CPU time, of the number of threads at a moment, of a child that leaks what it has inherited,
-- on purpose, and with a clock that is preloaded, in the place of the sanitizers. And the table of faults is run once,
-- blocking: there is one path. Without spaces: busted --lua splits its words anew.
local NO_TESTS_UNDER_ASAN = {"CPU.time", "times.what.libcurl.in.C", "resolved.by.one.thread",
  "a.child.that.ends.its.Lua.state", "closes.all.that.is.known", "parent.s.pid.takes.nothing",
  "that.is.replaced.is.read.again", "the.time.of.an.upload", "takes.no.memory", "^on.an.engine"}

-- Specs of what is the same program whatever Lua runs them: nginx with a Lua of its own; the command and the emulator,
-- which are Lua 5.4's; packages and texts; and what takes a minute: moves that are killed at each event, and the walk
-- over all texts.
local OF_ONE_LUA = {"^architecture$", "^build$", "^canary_walk$", "^cli_", "^docs_", "^emulator_", "^fleet_list$",
  "^http$", "^install$", "^migrate_kill$", "^migrate_ways$", "^openresty_", "^packaging$", "^poller$", "^readme$",
  "^syntax$", "^types$", "_command$"}

-- What `core` runs besides those under ASan.
local ALSO_CORE = {"^api$", "^cli_", "^drive_", "_command$", "^repl$"}

-- `broken`: the logs of what failed, which are shown at the end, where one looks.
local total = {passed = 0, failed = 0, skipped = {}, logs = {}, broken = {}}

local function quote(word)
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

local function slurp(path)
  local file = io.open(path, "rb")
  local text = file and file:read "*a" or ""
  if file then file:close() end
  return text
end

local function lines_of(command)
  local lines = {}
  local pipe = io.popen(command)
  for line in pipe:lines() do lines[#lines + 1] = line end
  pipe:close()
  return lines
end

-- A Lua program: its first line would run it on whatever /usr/bin/lua is.
local BUSTED = lines_of "command -v busted"[1]

local function now()
  return tonumber(slurp "/proc/uptime":match "^%S+")
end

-- --- one step ---------------------------------------------------------------

-- Runs a command, its output in a log: whether it exited with 0, the log, seconds, how it ended.
local function run(name, command, seconds)
  local log = LOGS .. name .. ".log"
  total.logs[#total.logs + 1] = log
  local began = now()
  local ok, how, code = os.execute(("timeout -k 5 %d %s >%s 2>&1 </dev/null"):format(seconds or 600, command,
    quote(log)))
  return ok == true, log, now() - began, how == "signal" and "signal " .. code or "exit " .. code
end

local function say(name, passed, failed, skipped, seconds)
  local text = ("%d passed, %d failed"):format(passed, failed)
  if skipped > 0 then text = text .. (", %d skipped"):format(skipped) end
  io.write(("%-32s %-40s %6.1f s\n"):format(name, text, seconds))
  io.flush()
end

local function show(log)
  io.write(("-"):rep(79), "\n", slurp(log):gsub("\n*$", "\n"), ("-"):rep(79), "\n")
end

-- A step that counts as one.
local function one(name, command, options)
  options = options or {}
  local ok, log, seconds = run(name, command, options.seconds)
  if options.silent and slurp(log):find "%S" then ok = false end
  total.passed = total.passed + (ok and 1 or 0)
  total.failed = total.failed + (ok and 0 or 1)
  say(name, ok and 1 or 0, ok and 0 or 1, 0, seconds)
  if options.show then show(log) elseif not ok then table.insert(total.broken, log) end
end

-- --- the specs --------------------------------------------------------------

local function read_counts(path)
  local text = slurp(path)
  local passed, failed = text:match "^(%d+) (%d+) %d+\n"
  local skipped = {}
  for line in text:gsub("^[^\n]*\n", ""):gmatch "[^\n]+" do skipped[#skipped + 1] = line end
  return tonumber(passed) or 0, tonumber(failed) or 0, skipped
end

-- One spec file in a process of its own: one that crashes or hangs fails alone.
local function spec(path, prefix, words)
  local name = path:match "([^/]*)_spec%.lua$"
  local counts = LOGS .. name .. ".counts"
  os.remove(counts)
  local command = "%s env BOTAPI_COUNTS=%s %s %s -v -o spec/support/counts.lua %s %s"
  local ok, log, seconds, ended = run(name, command:format(prefix or "", quote(counts), LUA, quote(BUSTED), words or "",
    quote(path)))
  local passed, failed, skipped = read_counts(counts)
  if not ok and failed == 0 or passed + failed + #skipped == 0 then
    io.write(path, ": ended with ", ended, " and counted no failure\n")
    failed = failed + 1
  end
  total.passed, total.failed = total.passed + passed, total.failed + failed
  for _, each in ipairs(skipped) do table.insert(total.skipped, name .. ": " .. each) end
  say(path, passed, failed, #skipped, seconds)
  if failed > 0 then table.insert(total.broken, log) end
end

local steps = {}

local function matches_one(name, patterns)
  for _, pattern in ipairs(patterns) do
    if name:match(pattern) then return true end
  end
end

local function forget_counts()
  assert(os.execute("rm -f " .. quote(LOGS) .. "*.counts"))
end

function steps.specs()
  forget_counts()
  for _, path in ipairs(lines_of "ls spec/*/*_spec.lua") do spec(path) end
end

-- What needs no privileges and takes seconds.
function steps.unit()
  forget_counts()
  for _, path in ipairs(lines_of "ls spec/unit/*_spec.lua") do spec(path) end
end

-- A part for where the whole takes too long: the C module, the transport, the loops and the command.
function steps.core()
  forget_counts()
  local chosen, left_out = {}, {}
  for _, name in ipairs(UNDER_ASAN) do chosen[name] = true end
  for _, path in ipairs(lines_of "ls spec/*/*_spec.lua") do
    local name = path:match "([^/]*)_spec%.lua$"
    if chosen[name] or matches_one(name, ALSO_CORE) then spec(path) else left_out[#left_out + 1] = name end
  end
  print("left out, being no part of the core: " .. table.concat(left_out, ", "))
end

-- Those that may differ between one Lua and another.
function steps.each()
  forget_counts()
  local left_out = {}
  for _, path in ipairs(lines_of "ls spec/*/*_spec.lua") do
    local name = path:match "([^/]*)_spec%.lua$"
    if matches_one(name, OF_ONE_LUA) then left_out[#left_out + 1] = name else spec(path) end
  end
  print("left out, since Lua 5.4 alone runs them: " .. table.concat(left_out, ", "))
end

-- What `make install` puts where for this Lua, and whether it runs.
function steps.install()
  spec("spec/system/install_spec.lua", nil, "--filter=make.install")
end

-- --- lint -------------------------------------------------------------------

-- Debian's clang-tidy brings the clang of its own version, whose name has the number.
local function clang()
  local version = lines_of("clang-tidy --version")
  local number = table.concat(version):match "version (%d+)" or ""
  return lines_of(("command -v clang-%s clang"):format(number))[1] or "clang"
end

-- A tool in Lua, by an interpreter that has its modules: /usr/bin/lua may be any.
local function in_lua(tool, module)
  for _, lua in ipairs {"lua5.1", "lua5.4", "lua5.3"} do
    if os.execute(("%s -e 'require %q' >/dev/null 2>&1"):format(lua, module)) then
      return lua .. " " .. lines_of("command -v " .. tool)[1]
    end
  end
  return tool
end

-- The module, where each warning is an error.
local function strictly(name, compiler, flags)
  local command = "env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -sB -j2 LUA=%s B=%s CC=%s WERROR=-Werror CFLAGS=%s %s"
  local directory = BUILD .. "/lint"
  one(name, command:format(LUA, directory, compiler, quote(flags), directory .. "/botapi/core.so"), {silent = true})
end

-- One process a source; what it prints is a complaint.
local function each_source(name, command)
  one(name, "sh -c " .. quote("ls src/*.c | xargs -P 2 -n 1 " .. command), {silent = true})
end

-- What clang finds by following paths it tells by itself: clang-tidy would do it a second time. A third of its default
-- number of steps takes a third of its 25 s, and no more has ever been found by the rest.
function steps.lint()
  local flags = " -std=c99 " .. lines_of("pkg-config --cflags " .. LUA .. " libcurl")[1]
  local exhaustive = #lines_of "cppcheck --help | grep check-level" > 0 and "--check-level=exhaustive " or ""
  local flexible = os.execute "gcc -fstrict-flex-arrays=3 -fsyntax-only -x c /dev/null 2>/dev/null"    -- from 13 on
  strictly("gcc", "gcc", "-O2 -g -fanalyzer -D_GNU_SOURCE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3"
    .. (flexible and " -fstrict-flex-arrays=3" or ""))
  strictly("clang", clang(), "-O1")
  each_source("clang-analyze", clang() .. " --analyze --analyzer-output text "
    .. "-Xclang -analyzer-config -Xclang max-nodes=75000" .. flags)
  each_source("clang-tidy", "sh -c 'clang-tidy --quiet --checks=-clang-analyzer-* \"$0\" --" .. flags .. " 2>&1 | "
    .. "grep -v \"warnings* generated.$\" | { ! grep . ; }'")
  one("cppcheck", "cppcheck --std=c99 --quiet --enable=warning,portability,performance --error-exitcode=1 --force "
    .. exhaustive .. "--inline-suppr -Isrc src", {silent = true})
  spec "spec/support/lint/words_spec.lua"
  one("luacheck", in_lua("luacheck", "luacheck.version")
    .. " --no-color -q bench examples lua packaging spec types")
  one("luarocks-lint", in_lua("luarocks", "luarocks.core.cfg") .. " --lua-version=5.4 lint botapi-scm-1.rockspec",
    {silent = true})
end

-- --- examples ---------------------------------------------------------------

function steps.examples()
  one("example-logout", "bin/botapi emulator -- " .. LUA .. " examples/logout.lua", {seconds = 60})
  one("example-demo", LUA .. " examples/demo.lua", {seconds = 30})
end

-- --- under sanitizers -------------------------------------------------------

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

-- A directory for the front of PATH: an interpreter that preloads the sanitizers, for itself and not for its children.
-- The slow unwinder, because OpenSSL has no frame pointers, and a stack of two frames says nothing.
local function sanitized_interpreter()
  local here = lines_of "pwd"[1]
  local directory = here .. "/build/asan/bin/"
  local reports = here .. "/build/asan/report"
  assert(os.execute("mkdir -p " .. quote(directory) .. " && rm -f " .. quote(reports) .. ".*"))
  local forget = here .. "/build/asan/forget.so"
  assert(os.execute(("gcc -std=c99 -O1 -shared -fPIC -o %s spec/support/forget.c"):format(quote(forget))))
  local libraries = lines_of "gcc -print-file-name=libasan.so; gcc -print-file-name=libubsan.so"
  libraries[3] = forget
  write(directory .. LUA, table.concat({"#!/bin/sh",
    ("export LD_PRELOAD='%s'"):format(table.concat(libraries, " ")),
    ("export ASAN_OPTIONS='detect_leaks=1:fast_unwind_on_malloc=0:log_path=%s'"):format(reports),
    ("export UBSAN_OPTIONS='print_stacktrace=1:log_path=%s'"):format(reports),
    ("export LSAN_OPTIONS='print_suppressions=0:suppressions=%s/spec/support/lint/leaks.supp'"):format(here),
    ("exec %s \"$@\""):format(lines_of("command -v " .. LUA)[1])}, "\n") .. "\n")
  assert(os.execute("chmod +x " .. quote(directory .. LUA)))
  return directory, reports, here .. "/build/asan/?.so;;"
end

-- Each report is a failure, whoever made it: a child that a spec only kills would tell nobody.
local function count_reports(reports)
  local files = lines_of("ls " .. reports .. ".* 2>/dev/null")
  for _, path in ipairs(files) do show(path) end
  total.passed = total.passed + (#files == 0 and 1 or 0)
  total.failed = total.failed + #files
  say("reports of the sanitizers", #files == 0 and 1 or 0, #files, 0, 0)
end

function steps.asan()
  local directory, reports, cpath = sanitized_interpreter()
  local prefix = ("env PATH=%s:\"$PATH\" LUA_CPATH=%s BOTAPI_SANITIZED=1 BOTAPI_SLOW=3"):format(quote(directory),
    quote(cpath))
  local left_out = ""
  for _, title in ipairs(NO_TESTS_UNDER_ASAN) do left_out = left_out .. " --filter-out=" .. quote(title) end
  for _, name in ipairs(UNDER_ASAN) do spec(lines_of("ls spec/*/" .. name .. "_spec.lua")[1], prefix, left_out) end
  count_reports(reports)
end

function steps.valgrind()
  one("valgrind", "bin/botapi emulator -- valgrind -q --leak-check=full --keep-debuginfo=yes --error-exitcode=9 "
    .. "--child-silent-after-fork=yes --suppressions=spec/support/lint/valgrind.supp "
    .. LUA .. " spec/support/tour.lua", {seconds = 300})
end

function steps.soak()
  one("soak", "bin/botapi emulator -- " .. LUA .. " spec/support/soak.lua", {seconds = 300, show = true})
end

-- --- the canary -------------------------------------------------------------

-- No output of the steps before may show a secret of the specs, nor the word that marks further ones.
function steps.canary()
  local began, found = now(), 0
  for _, log in ipairs(total.logs) do
    local text = slurp(log)
    local part = canary.shown(text) or text:match "CANARY"
    if part then
      found = found + 1
      io.write(log, ": shows a secret of the specs\n")
    end
  end
  total.passed = total.passed + (found == 0 and 1 or 0)
  total.failed = total.failed + found
  say("no secret in the output", found == 0 and 1 or 0, found, 0, now() - began)
end

-- --- all of it --------------------------------------------------------------

assert(os.execute("mkdir -p " .. quote(LOGS)))
for _, word in ipairs(arg) do
  assert(steps[word], "unknown word: " .. word)()
end
for _, log in ipairs(total.broken) do
  print("failed: " .. log)
  show(log)
end
for _, each in ipairs(total.skipped) do print("skipped: " .. each) end
print(("%s%d passed, %d failed"):format(os.getenv "LABEL" or "", total.passed, total.failed)
  .. (#total.skipped > 0 and (", %d skipped"):format(#total.skipped) or ""))
os.exit(total.failed == 0)
