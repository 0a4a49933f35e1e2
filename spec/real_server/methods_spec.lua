-- SPDX-License-Identifier: MIT
-- Owns the comparison of the emulator's methods with recordings of the real server: data/methods-*.jsonl and
-- data/updates-local.jsonl. No time passes in it: the emulator's clock stands still but for the recorded seconds.
-- Nothing is sent to the recorded webhooks: the emulator connects to this machine only, and when there is an update.

local cjson = require "cjson"
local mime = require "mime"
local socket = require "socket"
local support = require "spec.support.emulator"

local SECRET = "AAEmMx8l8xkq0bTIm6lWJ0V3wzpcVwdsaAA"
local LONG = 1        -- seconds: an answer that took longer was waited for by the server
local BACKGROUND = 0.15

-- Recorded answers that depend on where they were recorded, by file and scenario: why.
local NO_CHATS = "the simulated Telegram behind the server had no chats; for the emulator every chat is there"
local EXCEPTIONS = {
  ["methods-local"] = {
    ["setWebhook url underscore"] = "the machine had no network, so it could resolve no name; the emulator asks nobody",
    ["sendMessage chat"] = NO_CHATS,
  },
  ["methods-public"] = {["sendMessage chat"] = NO_CHATS},
  ["methods-public-http-url"] = {["sendMessage chat"] = NO_CHATS},
}

local function read(name)
  local list = {}
  for line in io.lines("spec/real_server/data/" .. name .. ".jsonl") do list[#list + 1] = cjson.decode(line) end
  return list
end

-- An answer without what varies by nature.
local function comparable(answer, token)
  answer = answer:gsub(token:gsub("%p", "%%%0"), "{token}"):gsub('"id":' .. token:match "^%d+", '"id":{id}')
  answer = answer:gsub('"(first_name)":"[^"]*"', '"%1":"N"'):gsub('"(username)":"[^"]*"', '"%1":"N"')
  answer = answer:gsub(',"last_error_date":%d+,"last_error_message":"[^"]*"', "")
  return (answer:gsub('"update_id":%d+', '"update_id":N'):gsub("Content%-Length: %d+", "Content-Length: L"))
end

local function bytes_of(step, token)
  local lines = {step.verb .. " " .. step.path:gsub("{token}", token) .. " HTTP/1.1", "Host: x"}
  for _, header in ipairs(step.headers) do lines[#lines + 1] = header[1] .. ": " .. header[2] end
  if step.body == cjson.null then return table.concat(lines, "\r\n") .. "\r\n\r\n" end
  local body = step.body.text or mime.unb64(step.body.base64)
  lines[#lines + 1] = "Content-Length: " .. #body
  return table.concat(lines, "\r\n") .. "\r\n\r\n" .. body
end

local function is_answered(peer)
  return #socket.select({peer.socket}, nil, 0.02) > 0
end

-- An answer as it came: all bytes of it.
local function take(peer)
  local answer = assert(peer:read())
  peer:close()
  return answer.head:gsub("\n", "\r\n") .. "\r\n\r\n" .. (answer.body or "")
end

-- Lets the rest of the recorded time pass; the answer must not be there before.
local function await(emu, sent, now)
  local left = sent.at + sent.step.seconds - now
  if left < LONG then return take(sent.peer), now end
  emu:advance(left - LONG)
  assert.is_false(is_answered(sent.peer), sent.step.path .. " is answered too early")
  emu:advance(LONG)
  return take(sent.peer), now + left
end

-- Makes the steps one after the other. Returns the answers.
local function play(emu, url, steps, token)
  local answers, waiting, now = {}, {}, 0
  local function pass(seconds)
    if seconds > 0 then emu:advance(seconds) end
    now = now + seconds
  end
  for i, step in ipairs(steps) do
    local is_long = step.background or step.seconds >= LONG
    pass(step.wait + (is_long and 0 or step.seconds))
    local sent = {step = step, peer = support.connect(url):send(bytes_of(step, token)), at = now}
    if is_long then assert(emu:calls {bot = tonumber(token:match "^%d+"), expect = i, wait = 5}) end
    if step.background then
      waiting[i] = sent
      pass(BACKGROUND)
    else
      sent.at = is_long and now or now - step.seconds
      answers[i], now = await(emu, sent, now)
    end
  end
  for i = 1, #steps do
    if waiting[i] then answers[i], now = await(emu, waiting[i], now) end
  end
  return answers
end

-- The first step whose answer isn't the recorded one, as two texts; nil: there is none.
local function difference(steps, answers, token)
  for i, step in ipairs(steps) do
    local expected, got = comparable(step.answer, token), comparable(answers[i], token)
    if expected ~= got then return i .. ": " .. expected, i .. ": " .. got end
  end
end

for _, file in ipairs {"methods-local", "methods-public", "methods-public-http-url"} do
  describe("the real server, " .. file .. ",", function()
    local here, emu

    setup(function()
      here = support.start {as = file == "methods-local" and "local" or "cloud"}
      emu = here.emu
      emu:clock {freeze = true}
    end)
    teardown(function() emu:close() end)

    local function compare(scenario)
      local token = support.new_id() .. ":" .. SECRET
      return difference(scenario.steps, play(emu, here.url, scenario.steps, token), token)
    end

    local scenarios, excepted = read(file), 0
    for _, scenario in ipairs(scenarios) do
      local reason = EXCEPTIONS[file][scenario.name]
      if reason then
        excepted = excepted + 1
        it("answers otherwise: " .. scenario.name .. " (" .. reason .. ")", function()
          assert.is_not_nil(compare(scenario))
        end)
      else
        it("is told apart by no answer: " .. scenario.name, function()
          local expected, got = compare(scenario)
          assert.equal(expected, got)
        end)
      end
    end

    it("has at most five exceptions in a hundred scenarios", function()
      assert.is_true(excepted <= #scenarios * 0.05)
    end)
  end)
end

describe("the real server, updates-local,", function()
  local here, emu

  setup(function()
    here = support.start()
    emu = here.emu
    emu:clock {freeze = true}
  end)
  teardown(function() emu:close() end)

  -- Telegram gives the bot so many messages.
  local function give(id, count)
    local list = {}
    for i = 1, count do list[i] = {text = "message " .. i} end
    emu:updates(id, list)
  end

  local function query_of(args, first)
    local words = {}
    for name, value in pairs(args) do
      local n = name == "offset" and value:match "^first([+-]%d+)$"
      words[#words + 1] = name .. "=" .. (n and ("%.0f"):format(first + n) or value)
    end
    return table.concat(words, "&")
  end

  -- The update_ids of an answer, counted from the first update of the scenario; and that one's id.
  local function ids_of(answer, first)
    local ids = {}
    for i, update in ipairs(cjson.decode(answer.body).result) do
      first = first or update.update_id
      ids[i] = update.update_id - first
    end
    return ids, first
  end

  -- Calls a method and compares its answer. Returns the id of the first update, once it's known.
  local function call(id, step, first)
    local answer = here.call(id, step.method, query_of(step.args, first))
    if step.updates_from_first == cjson.null then
      local got = answer.head:gsub("\n", "\r\n") .. "\r\n\r\n" .. answer.body
      assert.equal(comparable(step.answer, "1:x"), comparable(got, "1:x"))
      return first
    end
    local ids, known = ids_of(answer, first)
    assert.same(step.updates_from_first, ids)
    return known
  end

  for _, scenario in ipairs(read "updates-local") do
    it("is told apart by no answer: " .. scenario.name, function()
      local id, first = support.new_id(), nil
      emu:put(id, {state = "logged_in"})
      for _, step in ipairs(scenario.steps) do
        if step.telegram_gives_updates then give(id, step.telegram_gives_updates) end
        if step.wait then emu:advance(step.wait) end
        if step.method then first = call(id, step, first) end
      end
    end)
  end
end)
