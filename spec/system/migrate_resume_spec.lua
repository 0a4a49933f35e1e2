-- SPDX-License-Identifier: MIT
-- Specifies that a move killed at any moment comes to one end when it is made again.

local host = require "botapi.core".host
local moves = require "support.moves"
local process = require "support.process"

local URL = "https://bot.example/h"

-- The killed one: it kills itself, by SIGKILL, in the event of a number.
local PROGRAM = [[
local botapi, core = require "botapi", require "botapi.core"
local last, seen = tonumber(os.getenv "LAST"), 0
local options = assert((loadstring or load)(os.getenv "OPTIONS"))()
options.on_event = function(event)
  seen = seen + 1
  if seen == last then os.execute("kill -9 " .. core.host.getpid()) end
end
options.drain = options.drain and function() end
print("ended " .. botapi.migrate(os.getenv "TOKEN", options).status)
]]

local function literal(value)
  if type(value) ~= "table" then return type(value) == "string" and ("%q"):format(value) or tostring(value) end
  local members = {}
  for name, member in pairs(value) do members[#members + 1] = ("[%q] = %s"):format(name, literal(member)) end
  return "{" .. table.concat(members, ", ") .. "}"
end

describe("the webhook's URL in the journal", function()
  local webhook = require "botapi.migrate.webhook"
  local secret = "CANARY-secret-of-no-bot-at-all-there"
  local token = "123456:" .. secret
  local urls = webhook.urls(token)
  local hide, reveal, redact = urls.for_journal, urls.from_journal, urls.for_people

  it("is without the token, and whole again for the next run", function()
    for _, form in ipairs { token, secret, "123456%3A" .. secret, token .. "@h/" .. secret } do
      local url = "https://shop.example:8443/" .. form .. "/%41?a=b"
      assert.is_nil(hide(url):find("CANARY", 1, true))
      assert.equal(url, reveal(hide(url)))
      assert.is_nil(redact(url):find("CANARY", 1, true))
    end
  end)

  it("stays as it is where there is no token", function()
    for _, url in ipairs { "https://user:word@shop.example/h", "http://[fd00::1:2345:6789:abcd:ef01:2345]:8081/h",
      "https://shop.example/{token}" } do
      assert.equal(url, hide(url))
      assert.equal(url, reveal(url))
    end
  end)

  it("keeps stars of its own apart from those of the redactor", function()
    local url = "https://shop.example/***/" .. secret .. "?****"
    assert.is_nil(hide(url):find("***", 1, true))
    assert.equal(url, reveal(hide(url)))
  end)

  it("isn't put together again where its token isn't known, or was of another bot", function()
    local sealed = webhook.urls(require "botapi.core".token(token)).for_journal
    assert.is_nil(sealed("https://h/" .. secret):find("CANARY", 1, true))
    local encoded = secret:gsub(".", function(c) return ("%%%02x"):format(c:byte()) end)
    for _, hidden in ipairs { sealed("https://h/" .. token), hide("https://h/77:" .. ("x"):rep(35)),
      hide("https://h/" .. encoded) } do
      assert.equal("https://h/***", hidden)
      assert.is_nil(reveal(hidden))
    end
  end)
end)

describe("a move that is killed", function()
  local servers

  setup(function() servers = moves.servers() end)
  teardown(function() servers.close() end)

  -- Runs it to its event `last`; true when it was killed there.
  local function killed_at(last, token, options)
    local child = process.program(PROGRAM, { name = "move", env = { LAST = tostring(last), TOKEN = token,
      OPTIONS = "return " .. literal(options) } })
    child:wait(20)
    assert.equal("", (child:errors():gsub("Killed\n", "")))
    moves.check_clean(moves.slurp(options.journal), "journal")
    return not child:output():find "ended"
  end

  -- No read of the old server after a logOut was begun; logOut again only where its end wasn't known.
  local function check_old(emulator, id, server)
    local asked = moves.asked(emulator, id, server)
    assert.falsy(asked:match "logOut.*get", asked)
    assert.falsy(asked:match "logOut.*Webhook", asked)
    assert.equal(1, moves.executed(emulator, id, "logOut", server), asked)
    return select(2, asked:gsub("logOut", ""))
  end

  -- Kills at each event in turn until one run comes to its end by itself; each time made again, and checked.
  local function at_every_event(make_options, prepare, check)
    local last, killed = 0, true
    while killed do
      last = last + 1
      local id, token = moves.new_bot()
      local path = moves.journal()
      prepare(id)
      killed = killed_at(last, token, make_options(path))
      -- in the same second another setWebhook would be 429
      for _, emulator in ipairs { servers.pair, servers.one, servers.two } do emulator:advance(1) end
      local options = make_options(path)
      options.drain = options.drain and function() end
      local report = moves.move(token, options)
      check(report, id, last)
      local again = moves.move(token, options)
      assert.same({ "already", 0 }, { again.status, again.requests.total })
      moves.remove(path)
    end
    assert.is_true(last > 20, tostring(last))
  end

  local function ended(report, last)
    assert.is_true(report.status == "done" or report.status == "already",
      ("killed at event %d: %s: %s"):format(last, report.status, report.text))
  end

  it("at every event between the cloud and a local server ends with one login and the webhook set", function()
    local repeated = 0
    at_every_event(function(path)
      return { from = { server = servers.cloud, as = "cloud" }, to = servers.near, journal = path, webhook = "keep",
        secret_token = "CANARY_hook", accept_loss = true }
    end, function(id)
      servers.pair:put(id, { state = "logged_in", pending = 2, webhook = { url = URL } }, "cloud")
    end, function(report, id, last)
      ended(report, last)
      if check_old(servers.pair, id, "cloud") == 2 then repeated = repeated + 1 end
      local there = servers.pair:bot(id, "local")
      assert.equal(URL, there.webhook.url)
      assert.is_true(there.webhook.has_secret_token)
      assert.is_false(there.double_login)
      assert.equal("logged_out", servers.pair:bot(id, "cloud").state)
    end)
    assert.is_true(repeated >= 1)       -- at least after the answer and before its result
  end)

  it("at every event of a move that drains ends with one login and the webhook set", function()
    at_every_event(function(path)
      return { from = { server = servers.cloud, as = "cloud" }, to = servers.near, journal = path, webhook = "keep",
        secret_token = "CANARY_hook", drain = true }
    end, function(id)
      servers.pair:put(id, { state = "logged_in", pending = 2, webhook = { url = URL } }, "cloud")
    end, function(report, id, last)
      ended(report, last)
      check_old(servers.pair, id, "cloud")
      assert.same({}, report.lost)
      assert.equal(URL, servers.pair:bot(id, "local").webhook.url)
    end)
  end)

  it("at every event of a close between local servers ends closed there, and with the webhook here", function()
    at_every_event(function(path)
      return { from = servers.one.url, to = servers.two.url, how = "close", journal = path, webhook = "keep",
        secret_token = "CANARY_hook", continue = true, accept_loss = true }
    end, function(id)
      servers.one:put(id, { state = "logged_in", pending = 2, webhook = { url = URL } })
    end, function(report, id, last)
      ended(report, last)
      local asked = moves.asked(servers.one, id)
      assert.falsy(asked:match "close.*get", asked)
      assert.equal("closed", servers.one:bot(id).state)
      assert.equal(URL, servers.two:bot(id).webhook.url)
    end)
  end)

  it("goes on with logOut alone, even where the server has forgotten that it was done", function()
    local id, token = moves.new_bot()
    local path = moves.journal()
    local options = { from = servers.one.url, to = servers.two.url, how = "logout", journal = path, retries = 0 }
    servers.one:put(id, { state = "logged_in", age = "2h" })      -- the tombstone is there for a second
    servers.one:rule { bot = id, method = "logOut", answer = "lost_answer" }
    assert.equal("unknown", moves.move(token, options).status)
    servers.one:advance(60)
    local report = moves.move(token, options)
    moves.remove(path)
    assert.equal("done", report.status)
    assert.matches("^Go on moving ", report.plan.text)
    assert.matches("isn't known: only it is sent again", report.plan.text)
    assert.equal("getMe getWebhookInfo logOut logOut", moves.asked(servers.one, id))
    assert.equal("logged_out", servers.one:bot(id).state)
  end)

  it("goes on although both servers are spelled in another way, and doesn't ask the old one", function()
    local id, token = moves.new_bot()
    local path = moves.journal()
    local old, new = servers.one.url:match ":(%d+)$", servers.two.url:match ":(%d+)$"
    local function move(name)
      return moves.move(token, { from = ("http://%s:%s"):format(name, old), to = ("http://%s:%s/"):format(name, new),
        how = "logout", journal = path, retries = 0 })
    end
    servers.one:put(id, { state = "logged_in" })
    servers.two:rule { bot = id, method = "getMe", answer = "unauthorized" }
    assert.equal("partly", move("LocalHost").status)
    assert.equal("done", move("localhost").status)
    assert.equal("already", move("LOCALHOST").status)
    moves.remove(path)
    assert.equal("getMe getWebhookInfo logOut", moves.asked(servers.one, id))
  end)

  it("goes on only when it is told again what no journal keeps", function()
    local id, token = moves.new_bot()
    local path = moves.journal()
    local options = { from = { server = servers.cloud, as = "cloud" }, to = servers.near, journal = path,
      webhook = "keep", secret_token = "CANARY_hook", retries = 0 }
    servers.pair:put(id, { state = "logged_in", webhook = { url = URL } }, "cloud")
    servers.pair:rule { bot = id, method = "setWebhook", answer = "lost_request" }
    assert.equal("partly", moves.move(token, options).status)
    options.secret_token = nil
    local report = moves.move(token, options)
    assert.equal("refused", report.status)
    assert.equal("secret", report.plan.losses[1].name)
    options.secret_token = "CANARY_hook"
    assert.equal("done", moves.move(token, options).status)
    moves.remove(path)
    assert.is_true(servers.pair:bot(id, "local").webhook.has_secret_token)
  end)

  it("or ended by an error of its caller doesn't keep its own program out", function()
    local _, token = moves.new_bot()
    local path = moves.journal()
    local options = { from = { server = servers.cloud, as = "cloud" }, to = servers.near, journal = path,
      confirm = function() error "interrupted!" end }
    assert.is_false(pcall(moves.move, token, options))
    options.confirm = nil
    assert.equal("done", moves.move(token, options).status)
    moves.remove(path)
  end)

  it("and made again at once by two is refused to one", function()
    local id, token = moves.new_bot()
    local path = moves.journal()
    local options = { from = { server = servers.cloud, as = "cloud" }, to = servers.near, journal = path }
    local inner
    moves.move(token, { from = options.from, to = options.to, journal = path, confirm = function()
      inner = moves.move(token, { from = options.from, to = options.to, journal = path })
      return true
    end })
    moves.remove(path)
    assert.equal("refused", inner.status)
    assert.equal(host.getpid(), inner.pid)
    assert.equal(1, moves.executed(servers.pair, id, "logOut", "cloud"))
  end)
end)
