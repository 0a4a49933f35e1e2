-- SPDX-License-Identifier: MIT
-- What `make test-all` ends with: how many specs each Lua ran, and where that isn't as on the others.
-- Arguments: the Luas. Exit code 1: one failed, or ran another number for no reason that is known.

-- Why a spec has more or fewer tests on some Lua.
local REASONS = {
  drive_behaviours = "on Lua 5.1 no pcall around a wait catches what on_progress raises",
  drive_errors = "on Lua 5.1 an error that is raised into a wait isn't caught",
  drive_lifetimes = "coroutine.close came with Lua 5.4",
  drive_toy = "on Lua 5.1 no pcall around a wait catches what on_progress raises",
}

local function slurp(path)
  local file = io.open(path)
  local text = file and file:read "*a"
  if file then file:close() end
  return text
end

local function names_of(lua)
  local names = {}
  local pipe = io.popen("ls build/" .. lua .. "/log/*.counts 2>/dev/null")
  for path in pipe:lines() do names[#names + 1] = path:match "([^/]*)%.counts$" end
  pipe:close()
  return names
end

-- counts[name][lua] = how many tests, skipped ones as well
local counts, list, bad = {}, {}, false

for _, lua in ipairs(arg) do
  local passed, failed, skipped = 0, 0, 0
  for _, name in ipairs(names_of(lua)) do
    local numbers = {slurp("build/" .. lua .. "/log/" .. name .. ".counts"):match "^(%d+) (%d+) (%d+)"}
    passed, failed, skipped = passed + numbers[1], failed + numbers[2], skipped + numbers[3]
    if not counts[name] then
      counts[name] = {}
      list[#list + 1] = name
    end
    counts[name][lua] = math.tointeger(numbers[1] + numbers[2] + numbers[3])
  end
  bad = bad or failed > 0 or passed == 0
  print(("%-8s %d passed, %d failed, %d skipped, in %d files"):format(lua, passed, failed, skipped, #names_of(lua)))
end

table.sort(list)
for _, name in ipairs(list) do
  local shown, numbers, ran = {}, {}, 0
  for _, lua in ipairs(arg) do
    local count = counts[name][lua]
    if count then
      shown[#shown + 1] = lua .. " " .. count
      numbers[count] = true
      ran = ran + 1
    end
  end
  local same = next(numbers, (next(numbers))) == nil
  if ran > 1 and not same then
    bad = bad or not REASONS[name]
    print(("%s: %s: %s"):format(name, table.concat(shown, ", "), REASONS[name] or "for no known reason"))
  end
end
os.exit(not bad)
