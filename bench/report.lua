-- SPDX-License-Identifier: MIT
-- Owns the text of the results: the machine, sections, tables, targets; no path and no name of a host.

local measure = require "measure"

local report = {}
report.__index = report

local function first(command)
  return (measure.shell(command) or "?"):match "[^\n]*"
end

local function machine()
  local cpu = first "sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1"
  local kb = tonumber(first "sed -n 's/^MemTotal: *\\([0-9]*\\).*/\\1/p' /proc/meminfo") or 0
  return ("%s, %s cores, %.0f GiB, Linux %s"):format(cpu ~= "" and cpu or "unknown CPU", first "nproc", kb / 2 ^ 20,
    first "uname -r | cut -d- -f1")
end

local versions = { { "libcurl", "curl-config --version | sed 's/.* //'" }, { "curl", "curl --version | cut -d' ' -f2" },
  { "OpenSSL", "openssl version | cut -d' ' -f2" }, { "Lua", "lua5.4 -v | cut -d' ' -f2" },
  { "LuaJIT", "luajit -v | cut -d' ' -f2" }, { "Node", "node --version" },
  { "nginx", "nginx -v 2>&1 | sed 's#.*/##'" } }

local VERSION = "sed -n 's/.*\"version\": *\"\\([^\"]*\\)\".*/\\1/p' "
  .. "%s/node_modules/%s/package.json | head -1"

local function peers(dir)
  local list = {}
  for _, name in ipairs { "grammy", "gramio", "telegraf", "node-telegram-bot-api" } do
    local version = first(VERSION:format(measure.quote(dir), name))
    if version ~= "" and version ~= "?" then list[#list + 1] = name .. " " .. version end
  end
  return list
end

local function head(at)
  local list = {}
  for _, row in ipairs(versions) do list[#list + 1] = row[1] .. " " .. first(row[2]) end
  for _, peer in ipairs(peers(at.peers)) do list[#list + 1] = peer end
  return { "# Results of `make bench`", "",
    ("Made by the benchmark itself on %s: %s."):format(os.date "!%Y-%m-%d", machine()), "",
    table.concat(list, ", ") .. ".", "",
    "The floor is `bench/floor.c`: the same requests by raw libcurl in C, with the same options. Every row of a table",
    "is measured in turn with the others, round by round; a ratio is the middle of the rounds' ratios, in brackets the",
    "least and the largest. nginx on the same machine answers a fixed body; it must have seen exactly the requests",
    "that were claimed. CPU is the client's alone, user and system. Each client runs on one core: that of nginx, but",
    "for the fleet, since in a virtual machine waking another core costs more than a call does, and not the same twice."
  }
end

--- A report.
function report.new(at)
  return setmetatable({ lines = head(at), targets = {}, shorts = {} }, report)
end

--- One of the figures that docs/compared.md has, too: a line of its own.
function report:short(text, ...)
  self.shorts[#self.shorts + 1] = "- " .. text:format(...)
end

function report:add(...)
  for _, line in ipairs { ... } do self.lines[#self.lines + 1] = line end
end

--- A section with its table.
-- @tparam string title
-- @tparam string text what is measured
-- @tparam {string,...} columns
-- @tparam {table,...} rows of texts
function report:table(title, text, columns, rows)
  self:add("", "## " .. title, "", text, "", "| " .. table.concat(columns, " | ") .. " |",
    "|" .. ("---|"):rep(#columns))
  for _, row in ipairs(rows) do self:add("| " .. table.concat(row, " | ") .. " |") end
end

--- What the project promises, and what came out.
function report:target(text, limit, value, unit)
  self.targets[#self.targets + 1] = { text, ("%.3g"):format(limit) .. (unit or ""),
    ("%.3g"):format(value) .. (unit or ""), value <= limit and "met" or "**missed**" }
end

local function finished(self)
  if self.finished then return end
  self.finished = true
  self:add("", "## In short", "", table.concat(self.shorts, "\n"))
  if self.targets[1] then
    self:table("Targets", "What the project has set itself.", { "", "at most", "is", "" }, self.targets)
  end
end

function report:print()
  finished(self)
  print(table.concat(self.lines, "\n"))
end

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

local BEGIN, END = "<!-- figures: written by make bench -->\n", "<!-- end of the figures -->"

--- Writes the results, and the figures of a page.
-- @string path of the results
-- @string page with a place for the figures
function report:write(path, page)
  finished(self)
  write(path, table.concat(self.lines, "\n") .. "\n")
  local file = assert(io.open(page))
  local text = file:read "*a"
  file:close()
  local _, from = text:find(BEGIN, 1, true)
  local to = text:find(END, from, true)
  write(page, text:sub(1, from) .. table.concat(self.shorts, "\n") .. "\n" .. text:sub(to))
end

--- Numbers as a table shows them.
function report.number(value)
  return value >= 100 and ("%.0f"):format(value) or ("%.3g"):format(value)
end

--- A ratio with its spread.
function report.ratio(middle, least, largest)
  return ("%.2f (%.2f-%.2f)"):format(middle, least, largest)
end

return report
