-- SPDX-License-Identifier: MIT
-- libFuzzer on the four targets of fuzz/, for FUZZ_SECONDS each, from the small corpus of the repository.

local shell = require "torture.shell"

local fuzz = {}

local TARGETS = {"envelope", "endpoint", "options", "call"}
local FLAGS = "-g -O1 -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined " ..
  "-fno-sanitize-recover=undefined"
-- glibc 2.43 says _Generic in strchr and others: gcc knows it for a system's header, clang doesn't.
local WARN = shell.WARN .. " -Wno-c11-extensions"

-- But for the loader, which defines the same function as what it opens.
local function objects()
  local list = {}
  for _, path in ipairs(shell.lines "ls src/*.c | grep -v loader.c") do
    list[#list + 1] = "build/torture/fuzz/obj/" .. path:match "([%w_]+)%.c$" .. ".o"
  end
  return table.concat(list, " ")
end

local function build()
  local built = objects()
  shell.make("fuzz", ("B=build/torture/fuzz CC=clang WARN= CFLAGS=%s %s"):format(shell.quote(FLAGS), built))
  for _, target in ipairs(TARGETS) do
    local code, output = shell.run("link-fuzz-" .. target, ("clang -std=c99 %s -g -O1 -fsanitize=fuzzer,address," ..
      "undefined -fno-sanitize-recover=undefined $(pkg-config --cflags lua5.4 libcurl) -Isrc -Ispec/torture/fuzz " ..
      "-o build/torture/fuzz/%s spec/torture/fuzz/%s.c spec/torture/fuzz/common.c spec/torture/peer.c %s " ..
      "$(pkg-config --libs lua5.4 libcurl) -lssl -lcrypto -lpthread -ldl"):format(WARN, target, target, built),
      300)
    if code ~= 0 then error(output, 0) end
  end
end

local function command(target, seconds)
  local dictionary = "spec/torture/fuzz/" .. target .. ".dict"
  local words = shell.slurp(dictionary) ~= "" and "-dict=" .. dictionary or ""
  return ("mkdir -p build/torture/fuzz/work/%s; ASAN_OPTIONS=detect_leaks=1 LUA_PATH='lua/?.lua;;' " ..
    "build/torture/fuzz/%s -max_total_time=%d -timeout=20 -rss_limit_mb=2048 -detect_leaks=1 -artifact_prefix=" ..
    "build/torture/fuzz/work/%s- %s build/torture/fuzz/work/%s spec/torture/fuzz/corpus/%s"):format(target, target,
    seconds, target, words, target, target)
end

--- `t` counts; a target is one case.
function fuzz.run(t, seconds)
  seconds = seconds or tonumber(os.getenv "FUZZ_SECONDS") or 60
  build()
  local jobs, told = {}, {}
  for i, target in ipairs(TARGETS) do
    jobs[i] = {name = "fuzz-" .. target, target = target, command = command(target, seconds), seconds = seconds + 120}
  end
  shell.all(jobs, 2, function(job)
    local runs = job.output:match "Done (%d+) runs"
    told[#told + 1] = ("%s %s"):format(job.target, runs or "?")
    t:case(job.name, job.code == 0 and runs ~= nil, job)
  end)
  t:figure(("inputs in %d s each: %s"):format(seconds, table.concat(told, ", ")))
end

return fuzz
