-- SPDX-License-Identifier: MIT
-- Instructions per call by callgrind, which no noise touches: by part, and of the functions that matter with all that
-- they call. Two runs of different length are subtracted, so that starting costs nothing.

local measure = require "measure"
local programs = require "programs"

-- Where calls go, and the two numbers of calls that are compared.
local ways = { { scheme = "http", reuse = "reuse", few = 100, many = 500, name = "reused" },
  { scheme = "http", reuse = "fresh", few = 100, many = 500, name = "fresh" },
  { scheme = "https", reuse = "fresh", few = 10, many = 50, name = "fresh TLS" } }

-- Where an object's or a source file's instructions are counted; the first that fits.
local parts = {
  { "libcurl", "libcurl" }, { "OpenSSL", "libssl" }, { "OpenSSL", "libcrypto" }, { "cjson", "cjson%.so" },
  { "Lua", "lua5%.4" }, { "Lua", "liblua" }, { "C library", "libc%.so" }, { "C library", "ld%-linux" },
  { "C library", "vgpreload" }, { "the C program", "floor" },
}

local sources = {
  { "options, address, params", { "options.c", "endpoint.c", "params.c", "secret.c" } },
  { "envelope, failure", { "envelope.c", "failure.c" } },
  { "call, engine, poller", { "start.c", "call.c", "engine.c", "engine_object.c", "queue.c", "timeline.c", "poller.c",
    "sockets.c", "list.c" } },
  { "transfer, buffer", { "transfer.c", "buffer.c" } },
}

local watched = { "ba_options_read", "ba_endpoint_path", "ba_endpoint_server", "ba_params_read", "ba_transfer_setup",
  "ba_transfer_detach", "ba_transfer_set_reuse", "ba_envelope_push", "ba_queue_next", "ba_poller_wait",
  "ba_poller_watch", "ba_sockets_note", "curl_multi_add_handle", "curl_multi_socket_action",
  "curl_multi_remove_handle", "curl_easy_setopt", "curl_easy_getinfo" }

local function annotate(file, inclusive)
  local text = assert(measure.shell(("callgrind_annotate --auto=no --threshold=100 --show=Ir --inclusive=%s %s"):format(
    inclusive and "yes" or "no", measure.quote(file))))
  local costs = {}
  for line in text:gmatch "[^\n]+" do
    local n, where = line:match "^%s*([%d,]+)%s+%(%s*[%d.]+%%%)%s+(.*)$"
    if n and not where:find "PROGRAM TOTALS" then
      costs[where] = (costs[where] or 0) + tonumber((n:gsub(",", "")))
    end
  end
  return costs
end

local function profile(at, command, calls)
  local file = at.bin .. "/callgrind.out"
  assert(measure.shell(("env %s valgrind --tool=callgrind --callgrind-out-file=%s %s"):format(
    command.env, measure.quote(file), command.run(calls))))
  return annotate(file, false), annotate(file, true)
end

local function subtract(many, few, way)
  local rest = {}
  for where, n in pairs(many) do rest[where] = (n - (few[where] or 0)) / (way.many - way.few) end
  return rest
end

local function source_part(where)
  local source = where:match "([%w_]+%.c):" or ""
  for _, row in ipairs(sources) do
    for _, name in ipairs(row[2]) do
      if name == source then return row[1] end
    end
  end
end

local function part_of(where)
  local object = where:match "%[(.*)%]$"
  local is_own = object and (object:find "binding%.so" or object:find "core%.so")
  if where:find "^src/" or is_own then return source_part(where) or "the module's rest" end
  for _, row in ipairs(parts) do
    if object and object:find(row[2]) then return row[1] end
  end
  return where:find "^%./" and "C library" or "other"       -- inlined, and so without an object
end

local function by_part(costs)
  local sums, total = {}, 0
  for where, n in pairs(costs) do
    local part = part_of(where)
    sums[part] = (sums[part] or 0) + n
    total = total + n
  end
  return sums, total
end

local function rows_of(all)
  local names, seen = {}, {}
  for _, one in ipairs(all) do
    for part in pairs(one.parts) do
      if not seen[part] then names[#names + 1] = part end
      seen[part] = true
    end
  end
  table.sort(names, function(a, b) return (all[2].parts[a] or 0) > (all[2].parts[b] or 0) end)
  local rows = {}
  local function row(name, value)
    local cells = { name }
    for _, one in ipairs(all) do
      cells[#cells + 1] = ("%.0f (%.0f %%)"):format(value(one), value(one) / one.total * 100)
    end
    rows[#rows + 1] = cells
  end
  for _, name in ipairs(names) do row(name, function(one) return one.parts[name] or 0 end) end
  row("**all**", function(one) return one.total end)
  return rows
end

local function inclusive_rows(all)
  local rows = {}
  for _, name in ipairs(watched) do
    local cells, any = { "`" .. name .. "`" }, false
    for _, one in ipairs(all) do
      local n = 0
      for where, cost in pairs(one.inclusive) do
        if where:match ":([%w_]+)" == name then n = math.max(n, cost) end
      end
      any = any or n > 1
      cells[#cells + 1] = n > 0 and ("%.0f"):format(n) or ""
    end
    if any then rows[#rows + 1] = cells end
  end
  return rows
end

local function commands(at, way)
  local url = at.server[way.scheme]
  local lua = at.programs[1]
  local env, run = lua.command:match "^(.-) (lua5%.4 .*)$"
  return {
    { env = "", run = function(calls) return programs.floor(at, url, calls, 1, way.reuse) end },
    { env = env, run = function(calls) return ("%s sequence %s %d 1 %s"):format(run, url, calls, way.reuse) end },
  }
end

-- What is libcurl's work, and what it calls below.
local function share(one)
  local theirs = 0
  for _, part in ipairs { "libcurl", "C library", "OpenSSL" } do theirs = theirs + (one.parts[part] or 0) end
  return theirs / one.total
end

return function(at, out)
  local all, columns = {}, { "" }
  for _, way in ipairs(ways) do
    for i, command in ipairs(commands(at, way)) do
      local few, few_all = profile(at, command, way.few)
      local many, many_all = profile(at, command, way.many)
      local one = { inclusive = subtract(many_all, few_all, way) }
      one.parts, one.total = by_part(subtract(many, few, way))
      all[#all + 1] = one
      columns[#columns + 1] = (i == 1 and "floor, " or "botapi, ") .. way.name
    end
  end
  out:table("Instructions of one call, by part", "By callgrind, in user space, lua5.4; each part by itself.", columns,
    rows_of(all))
  out:table("Instructions of one call, by function", "With all that the function calls.", columns, inclusive_rows(all))
  for i, way in ipairs(ways) do
    local floor, ours = all[2 * i - 1], all[2 * i]
    out:add("", ("In user space botapi takes %.2f times the floor's instructions on a %s connection; %.0f %% of its "
      .. "own are libcurl's, OpenSSL's and the C library's."):format(ours.total / floor.total, way.name,
      share(ours) * 100))
  end
end
