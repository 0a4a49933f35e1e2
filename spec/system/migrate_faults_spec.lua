-- SPDX-License-Identifier: MIT
-- Specifies what each fault of each request of a move comes to: the report, the exit code, what is asked twice, and
-- that the same call ends it with the webhook set.

local core = require "botapi.core"
local moves = require "support.moves"

local URL = "https://bot.example/h"

-- What comes once. `refused`: no connection; nothing is sent.
local faults = {
  refused = function() return nil, core.error { kind = "network", sent = "no", curl_code = 7, message = "refused" } end,
  reset = "lost_answer",
  soon = { error_code = 429, retry_after = 1 },
  late = { error_code = 429, retry_after = 900 },
  restart = "restart",
  front = "bad_gateway",
}

-- Each request after the checks: which one of its kind it is on its server, and the status for each fault.
local requests = {
  { "deleteWebhook", "from", 1, drain = true,
    reset = "unknown", late = "later", restart = "unknown", front = "unknown" },
  { "getUpdates", "from", 1, drain = true,
    reset = "unknown", late = "later", restart = "refused", front = "unknown" },
  { "getWebhookInfo", "from", 2, drain = true,
    reset = "unknown", late = "later", restart = "refused", front = "unknown" },
  { "logOut", "from", 1, late = "later" },
  { "close", "from", 1, reset = "unknown", late = "later", restart = "unknown", front = "unknown" },
  { "getMe", "to", 1, late = "partly" },
  { "setWebhook", "to", 1, reset = "partly", late = "partly", restart = "partly", front = "partly" },
  { "getWebhookInfo", "to", 1, reset = "partly", late = "partly", restart = "partly", front = "partly" },
}

local exits = { done = 0, refused = 1, unknown = 4, later = 5, partly = 6 }

describe("a fault of", function()
  local servers, id, token, path

  setup(function() servers = moves.servers() end)
  teardown(function() servers.close() end)
  before_each(function()
    id, token = moves.new_bot()
    path = moves.journal()
  end)
  after_each(function() moves.remove(path) end)

  -- Where the move is: the emulators and names of both sides.
  local function sides(request)
    if request[1] == "close" then
      return { emu = servers.one, url = servers.one.url }, { emu = servers.two, url = servers.two.url }
    end
    return { emu = servers.pair, name = "cloud", url = servers.cloud, as = "cloud" },
      { emu = servers.pair, name = "local", url = servers.near }
  end

  -- The functions that a move calls; the n-th call of the method there is refused.
  local function api_of(request, fault, url)
    local n = 0
    return moves.hurried(10, type(fault) == "function" and moves.seen(function(method, options)
      if method ~= request[1] or options.server ~= url then return end
      n = n + 1
      if n == request[3] then return fault() end
    end) or nil)
  end

  local function options_of(request, from, to)
    return { from = { server = from.url, as = from.as }, to = to.url, journal = path, webhook = "keep",
      secret_token = "CANARY_hook", drain = request.drain and function() end, accept_loss = not request.drain or nil,
      how = request[1] == "close" and "close" or nil, ready = request[1] == "close" and function() return true end
        or nil }
  end

  local function check_asked(from, request, name, fault)
    local asked = moves.asked(from.emu, id, from.name)
    local is_there = name == "later" or request[1] == "close" and fault == "soon"
    if not is_there then         -- a 429 says that it is
      assert.falsy(asked:match "logOut.* get" or asked:match "logOut.*Webhook" or asked:match "close.*get", asked)
    end
    local n = select(2, asked:gsub("deleteWebhook", ""))
    assert.is_true(n <= ((request[1] == "deleteWebhook" or is_there) and 2 or 1) + (name == "done" and 0 or 1), asked)
    assert.equal(1, moves.executed(from.emu, id, request[1] == "close" and "close" or "logOut", from.name), asked)
  end

  for _, request in ipairs(requests) do
    for name, fault in pairs(faults) do
      local expected = request[name] or "done"
      it(("%s on the side of %s, %s, ends as %s; and then it goes on"):format(request[1], request[2], name, expected),
      function()
        local from, to = sides(request)
        local at = request[2] == "from" and from or to
        from.emu:put(id, { state = "logged_in", pending = 2, webhook = { url = URL } }, from.name)
        if type(fault) ~= "function" then
          at.emu:rule { bot = id, method = request[1], server = at.name, skip = request[3] - 1, answer = fault }
        end
        local report = api_of(request, fault, at.url).migrate(token, options_of(request, from, to))
        moves.check_clean(report, "report")
        assert.same({ expected, exits[expected] }, { report.status, report.exit }, report.text)
        if expected ~= "done" then
          local back = expected ~= "partly" and not report.in_doubt
          assert.equal(back and URL or nil, back and from.emu:bot(id, from.name).webhook.url or nil, report.text)
          at.emu:advance(1)   -- in the same second another setWebhook would be 429
          report = api_of(request, "", at.url).migrate(token, options_of(request, from, to))
        end
        assert.equal("done", report.status, report.text)
        assert.equal(URL, to.emu:bot(id, to.name).webhook.url)
        assert.is_true(to.emu:bot(id, to.name).webhook.has_secret_token)
        check_asked(from, request, expected, name)
      end)
    end
  end
end)
