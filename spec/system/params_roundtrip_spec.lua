-- SPDX-License-Identifier: MIT
-- Parameters there and back: 10,000 random tables go through the emulator and come back as they were.

local botapi = require "botapi"
local emulator = require "botapi.emulator"
local json = require "botapi.emulator.json"
local live = require "support.live"

local TABLES, IN_A_CALL = 10000, 100
local BOT = 77

-- Random values -------------------------------------------------------------------------

-- Numbers of its own, the same on each Lua: 31 bits.
local state = 20261130
local function random(most)
  state = (state * 16807) % 2147483647
  return state % most + 1
end

local function one_of(list) return list[random(#list)] end

local PIECES = {"a", "B", "7", " ", '"', "\\", "/", "\n", "\0", "\1", "\31", "\127", "&", "=", "+", "%41", "é", "€",
  "😀", "\226\128\168", "null", "]}"}

local function text()
  local parts = {}
  for i = 1, random(6) - 1 do parts[i] = one_of(PIECES) end
  return table.concat(parts)
end

local EXTREMES = {0, 1, -1, 9007199254740991, -9007199254740992, 2147483648, -1002147483648123, 100000000000000}
if math.type then
  for _, n in ipairs {math.maxinteger, math.mininteger, math.maxinteger - 1, 9007199254740993} do
    EXTREMES[#EXTREMES + 1] = n
  end
end

local function integer()
  if random(3) == 1 then return one_of(EXTREMES) end
  local n = random(2147483647) * (random(2) == 1 and 1 or -1)
  return random(2) == 1 and n or n * 2097152 + random(2097152) - 1
end

-- Of any size below 2^53: from there on a double is a whole number, which is refused.
local function float()
  local n = random(2147483647) / random(2147483647) * 2 ^ (random(2000) - 1000)
  while n >= 2 ^ 53 do n = n / 2 ^ 64 end
  return random(2) == 1 and n or -n
end

local LEAVES = {text, text, integer, integer, float, function() return random(2) == 1 end,
  function() return botapi.null end}

local any

local function list(depth)
  local made = {}
  for i = 1, random(5) - 1 do made[i] = any(depth + 1) end
  return (made[1] == nil or random(3) == 1) and botapi.array(made) or made
end

local function object(depth)
  local made = {}
  for _ = 1, random(5) - 1 do made[text()] = any(depth + 1) end
  return made
end

function any(depth)
  local kind = depth > 4 and 3 or random(3)
  if kind == 1 then return list(depth) end
  if kind == 2 then return object(depth) end
  return one_of(LEAVES)()
end

-- What came back ------------------------------------------------------------------------

local function is_list(value) return value[1] ~= nil or json.is_array(value) end

-- Where they differ; nil: nowhere. A float without a fraction may have become an integer.
local function difference(sent, got, place)
  if type(sent) ~= "table" or type(got) ~= "table" then
    if sent == got and type(sent) == type(got) and not (math.type and math.type(sent) == "integer"
      and math.type(got) ~= "integer") then return nil end
    return ("%s: sent %s, got %s"):format(place, tostring(sent), tostring(got))
  end
  if is_list(sent) ~= is_list(got) then return place .. ": one of them is a list" end
  for key, member in pairs(sent) do
    local found = difference(member, got[key], place .. "/" .. tostring(key))
    if found then return found end
  end
  for key in pairs(got) do
    if sent[key] == nil then return place .. ": more than was sent" end
  end
end

describe("parameters", function()
  local emu, before
  setup(function()
    before = live.note()
    emu = emulator.start {bot = BOT}
  end)
  teardown(function()
    emu:close()
    before:check()
  end)

  it("come back as they were: 10,000 random tables, by the emulator's record of calls", function()
    local calls, tables = {}, 0
    for i = 1, TABLES / IN_A_CALL do
      calls[i] = {}
      for k = 1, IN_A_CALL do calls[i]["p" .. k] = (random(2) == 1 and list or object)(0) end
      local res, err = botapi.call(emu:token(BOT), "sendMessage", calls[i], {server = emu.url})
      assert(res, tostring(err))
    end
    local recorded = emu:calls {bot = BOT, method = "sendMessage"}
    assert.equal(#calls, #recorded)
    for i, call in ipairs(recorded) do
      for name, value in pairs(calls[i]) do
        local back = assert(json.decode(call.params[name]))
        assert.is_nil(difference(value, back, name), call.params[name])
        tables = tables + 1
      end
    end
    assert.equal(TABLES, tables)
  end)
end)
