-- SPDX-License-Identifier: MIT
-- Bots that are killed by SIGKILL at random while they take 1,000 updates from a server that loses answers: each update
-- is in their hands at least once, and none twice but where it had to be, on every loop.

local loops = require "support.loops"
local moves = require "support.moves"
local nginx = require "support.nginx"
local polling = require "support.polling"
local process = require "support.process"
local start = require "botapi.emulator".start

local UPDATES, MOST_KILLS = 1000, 200
local LOSSES = { "lost_answer", "lost_request", "truncated", "bad_gateway" }

local emu, web
lazy_setup(function() emu = start { as = "local" } end)
lazy_teardown(function()
  emu:close()
  if web then web:stop() end
end)

-- A process that is killed by its pid: that of its first line, in nginx.
local begin = {}

function begin.process(name, token)
  local child = process.program("require('support.polling').main(...)", {}, name, emu.url, token, tostring(UPDATES))
  return child, child.pid
end

function begin.nginx(_, token)
  web = web or nginx.start { http = [[  init_by_lua_block { require "resty.botapi" }]], server = [[
    location = /poll { content_by_lua_block { require("support.in_nginx").poll() } }
]] }
  local child = process.start { "curl", "-sN", "--unix-socket", web.dir .. "socket",
    ("http://localhost/poll?url=%s&token=%s&last=%d"):format(emu.url, token, UPDATES), name = "curl" }
  return child, tonumber(child:expect "^pid (%d+)$")
end

-- One life: what it said until it was killed, after so many lines, or ended by itself.
local function live(how, name, token, lines)
  local child, pid = begin[how](name, token)
  local said = {}
  local line = child:line(30)
  while line do
    said[#said + 1] = line
    if #said == lines then process.run("kill -KILL " .. pid) end
    line = child:line(30)
  end
  child:wait()
  return said
end

-- What of a life may come again: the updates of the last answer, and where its last question may not have arrived,
-- those of the answer before.
local function open_ones(said)
  local open, newer = {}, {}
  for _, line in ipairs(said) do
    if line == "ask" then
      if next(newer) then open = newer end
      newer = {}
    else
      newer[line] = true
    end
  end
  for text in pairs(newer) do open[text] = true end
  return open
end

-- Counts what a life had in hand. Twice is too often but where the lives before had left it open.
local function judge(said, seen, open)
  local had = {}
  for _, line in ipairs(said) do
    if tonumber(line) then
      assert.is_nil(had[line], "twice in one life: " .. line)
      assert.is_true(not seen[line] or open[line] ~= nil, "again, although it was confirmed: " .. line)
      had[line], seen[line] = true, (seen[line] or 0) + 1
    end
  end
end

local function send(id)
  local list = {}
  for i = 1, UPDATES do list[i] = { text = tostring(i) } end
  emu:updates(id, list)
end

local function try(how, name)
  local id, token = moves.new_bot()
  local seen, open, kills, again = {}, {}, 0, 0
  send(id)
  math.randomseed(id)
  repeat
    emu:rule { bot = id, method = "getUpdates", skip = math.random(0, 3), answer = LOSSES[math.random(#LOSSES)] }
    local said = live(how, name, token, math.random(1, 120))
    judge(said, seen, open)
    local ended = (said[#said] or ""):match "^end (.*)"
    assert.is_true(ended == nil or ended == "nil", ended)
    if not ended then kills = kills + 1 end
    assert.is_true(kills <= MOST_KILLS, "it never ends")
    -- what an earlier life has left open stays so until a question confirms it
    for text in pairs(open_ones(said)) do open[text] = true end
    emu:unrule()
  until ended or seen[tostring(UPDATES)] and emu:bot(id).pending == 0   -- killed when all was confirmed
  for i = 1, UPDATES do
    assert.is_truthy(seen[tostring(i)], "lost: " .. i)
    again = again + seen[tostring(i)] - 1
  end
  assert.is_true(again <= kills * 2 * polling.LIMIT)
  assert.is_true(kills >= 5)
  print(("%s: %d kills, %d of %d updates came again"):format(name, kills, again, UPDATES))
end

describe("a bot that is killed at random loses no update, and has none twice without need:", function()
  it("blocking", function() try("process", "blocking") end)

  local list, left_out = loops.list()
  for _, loop in ipairs(list) do
    it(loop.name, function() try("process", loop.name) end)
  end
  for _, loop in ipairs(left_out) do
    it(loop.name, function() pending(loop.why) end)
  end

  if nginx.missing() then
    pending(nginx.missing())
  else
    it("nginx", function() try("nginx", "nginx") end)
  end
end)
