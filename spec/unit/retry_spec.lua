-- SPDX-License-Identifier: MIT
-- Specifies the retry policy: what is tried again, after how long, and what ends it.

local retry = require "botapi.retry"

local function answer(code, description, retry_after)
  return { res = { ok = false, error_code = code, description = description,
    parameters = retry_after and { retry_after = retry_after } } }
end

local function failed(kind, sent, fields)
  local err = { kind = kind, sent = sent, message = "x" }
  for name, value in pairs(fields or {}) do
    err[name] = value
  end
  return { err = err }
end

local function with(outcome, may_have_left)
  return { res = outcome.res, err = outcome.err, may_have_left = may_have_left }
end

local function at(fraction)
  return function() return fraction end
end

-- Both results of a first attempt that took no time, with retries = 3.
local function first(method, outcome, options)
  options = options or {}
  options.retries = options.retries or 3
  return retry.wait(method, outcome, 1, 0, options)
end

local function is_final(method, outcome)
  local wait, why = first(method, outcome)
  assert.is_nil(wait)
  assert.equal("final", why)
end

local function is_tried_again(expected, method, outcome)
  local wait, why = first(method, outcome)
  assert.is_number(wait)
  assert.equal(expected, why)
end

local passing = {
  failed("network", "no"), failed("network", "no", { curl_code = 6 }), failed("network", "no", { curl_code = 7 }),
  failed("network", "no", { curl_code = 56, http_status = 502 }), failed("timeout", "no", { curl_code = 28 }),
  failed("busy", "no"), failed("tls", "no", { curl_code = 35 }),
}

local lost = {
  failed("network", "maybe"), failed("timeout", "maybe"), failed("protocol", "maybe"), failed("limit", "maybe"),
  failed("protocol", "yes", { http_status = 502 }), failed("protocol", "yes", { http_status = 500 }),
  answer(500, "Internal Server Error: restart"), answer(502, "Bad Gateway"), answer(nil, "internal server error"),
}

local final = {
  failed("network", "no", { http_status = 403 }), failed("network", "no", { http_status = 407 }),
  failed("tls", "no", { curl_code = 60 }), failed("tls", "no", { curl_code = 77 }), failed("tls", "no"),
  failed("token", "no"), failed("logged_out", "no"), failed("cancelled", "no"), failed("cancelled", "maybe"),
  failed("system", "no"), failed("protocol", "yes", { http_status = 200 }),
  failed("protocol", "yes", { http_status = 302 }), failed("protocol", "yes", { http_status = 404 }),
  answer(400, "Bad Request: chat not found"), answer(400, "Logged out"),
  answer(400, "Bad Request: already logging out"), answer(400, "Bad Request: the bot has already been closed"),
  answer(401, "Unauthorized"), answer(401, "Unauthorized: invalid token specified"), answer(403, "Forbidden"),
  answer(404, "Not Found"), answer(404, "Not Found: method not found"), answer(409, "Conflict: x"),
  answer(421, "Misdirected Request: unallowed token specified"),
}

describe("a call of any method", function()
  it("is tried again when nothing was sent and the cause may pass", function()
    for _, method in ipairs { "getMe", "sendMessage", "logOut" } do
      for _, outcome in ipairs(passing) do
        is_tried_again("unsent", method, outcome)
      end
    end
  end)

  it("is not tried again when the answer or the failure is final", function()
    for _, method in ipairs { "getMe", "sendMessage", "logOut", "close" } do
      for _, outcome in ipairs(final) do
        is_final(method, outcome)
      end
    end
  end)

  it("is not tried again when it was sent or may have been, except logOut", function()
    for _, method in ipairs { "getMe", "sendMessage", "close", "setWebhook" } do
      for _, outcome in ipairs(lost) do
        is_final(method, outcome)
      end
    end
  end)

  it("is never tried again unless retries are asked for", function()
    for _, list in ipairs { passing, lost, { answer(429, "x", 1) } } do
      for _, outcome in ipairs(list) do
        for _, options in ipairs { {}, { retries = 0, deadline = 1000 } } do
          local wait, why = retry.wait("logOut", outcome, 1, 0, options)
          assert.is_nil(wait)
          assert.equal("off", why)
        end
      end
    end
  end)

  it("is tried again as often as asked for", function()
    for attempt = 1, 3 do
      assert.is_number((retry.wait("getMe", passing[1], attempt, 0, { retries = 3 })))
    end
    assert.same({ nil, "retries" }, { retry.wait("getMe", passing[1], 4, 0, { retries = 3 }) })
  end)

  it("is not tried again when attempts and waits would pass the deadline", function()
    local options = { retries = 3, deadline = 10, random = at(0.5) }   -- a wait of 0.25 s
    assert.equal(0.25, (retry.wait("getMe", passing[1], 1, 9.7, options)))
    assert.same({ nil, "deadline" }, { retry.wait("getMe", passing[1], 1, 9.75, options) })
    assert.same({ nil, "deadline" }, { retry.wait("getMe", passing[1], 1, 120, { retries = 3 }) })
    assert.is_number((retry.wait("getMe", passing[1], 1, 119, { retries = 3 })))
  end)

  it("waits with full jitter, longer each time, up to 30 seconds and to max_wait", function()
    local function bounds(attempt, options)
      options.retries = 1000
      options.deadline = 1e9
      options.random = at(0)
      local low = retry.wait("getMe", passing[1], attempt, 0, options)
      options.random = at(0.999999)
      local high = retry.wait("getMe", passing[1], attempt, 0, options)
      return low, math.floor(high * 1000 + 0.5) / 1000
    end
    for attempt, most in pairs { [1] = 0.5, [2] = 1, [3] = 2, [6] = 16, [7] = 30, [999] = 30 } do
      assert.same({ 0, most }, { bounds(attempt, {}) })
    end
    assert.same({ 0, 5 }, { bounds(9, { max_wait = 5 }) })
  end)

  it("takes its chance from the system", function()
    local waits, count = {}, 0
    for _ = 1, 50 do
      local wait = first("getMe", passing[1])
      count = count + (waits[wait] and 0 or 1)
      waits[wait] = true
      assert.is_true(0 <= wait and wait < 0.5)
    end
    assert.equal(50, count)
  end)

  it("waits as long as it may when the system has no chance left", function()
    assert.equal(0.5, (first("getMe", passing[1], { random = function() return nil, "x", 1 end })))
  end)
end)

describe("a rate limit", function()
  it("is waited for, never less than the server asks, and with a random part", function()
    for _, fraction in ipairs { 0, 0.5, 0.999 } do
      local wait, why = first("getMe", answer(429, "x", 7), { random = at(fraction) })
      assert.equal(7 + fraction, wait)
      assert.equal("rate_limited", why)
    end
    assert.equal(55, (first("getMe", answer(429, "x", 50), { random = at(1) })))
  end)

  it("ends the call when it is longer than max_wait", function()
    assert.is_number((first("getMe", answer(429, "x", 60))))
    assert.same({ nil, "max_wait" }, { first("getMe", answer(429, "x", 61)) })
    assert.is_number((first("getMe", answer(429, "x", 100), { max_wait = 100 })))
  end)

  it("ends the call when it is longer than the deadline", function()
    assert.same({ nil, "deadline" }, { first("getMe", answer(429, "x", 20), { deadline = 20 }) })
  end)

  it("counts as an attempt", function()
    assert.same({ nil, "retries" }, { retry.wait("getMe", answer(429, "x", 1), 2, 0, { retries = 1 }) })
  end)

  it("without a time is waited for as a failure is, a second at least", function()
    for _, outcome in ipairs { answer(429, "x"), answer(400, "bot limit exceed"), answer(nil, "local_rate_limited"),
        answer(429, "x", "soon"), answer(429, "x", -1), answer(429, "x", 0 / 0),
        answer(429, "x", 0), answer(429, "x", 0.999), answer(429, "x", 1 / 0), answer(429, "x", 1e9),
        failed("protocol", "yes", { http_status = 429 }) } do
      local wait, why = first("sendMessage", outcome, { random = at(0.5) })
      assert.equal(1, wait)
      assert.equal("rate_limited", why)
      assert.equal(8, (retry.wait("sendMessage", outcome, 6, 0, { retries = 9, random = at(0.5) })))
    end
  end)

  it("is waited for a second at least, whatever time the server says", function()
    for _, said in ipairs { 0, 0.001, 0.999, 1 } do
      assert.equal(1, (first("sendMessage", answer(429, "x", said), { random = at(0) })))
    end
    assert.same({ nil, "max_wait" }, { first("sendMessage", answer(429, "x", 0), { max_wait = 0 }) })
    assert.same({ nil, "max_wait" }, { first("sendMessage", answer(429, "x"), { max_wait = 0 }) })
  end)

  it("of what stands before the server counts, too", function()
    local outcome = failed("protocol", "yes", { http_status = 429, retry_after = 5 })
    assert.equal(5, (first("sendMessage", outcome, { random = at(0) })))
    assert.same({ nil, "max_wait" }, { first("sendMessage", outcome, { max_wait = 4 }) })
  end)
end)

describe("logOut", function()
  it("is tried again, promptly, when its answer was lost or the server failed", function()
    for _, method in ipairs { "logOut", "logout", "LOGOUT" } do
      for _, outcome in ipairs(lost) do
        is_tried_again("unsettled", method, outcome)
        assert.is_true(first(method, outcome, { random = at(0.999) }) < 1)
        assert.is_true(first(method, outcome, { random = at(0) }) > 0.02)   -- right after a logOut the next one is 401
        assert.is_true(retry.wait(method, outcome, 9, 0, { retries = 10, random = at(0.999) }) < 1)
      end
    end
  end)

  it("is tried again only as often as asked for while answers are lost", function()
    assert.same({ nil, "retries" }, { retry.wait("logOut", lost[1], 2, 0, { retries = 1 }) })
  end)

  local closing = { answer(401, "Unauthorized"), answer(400, "Bad Request: already logging out") }

  it("asks again after a second, until the deadline, while an earlier attempt of its own may be ending", function()
    for _, outcome in ipairs(closing) do
      for _, attempt in ipairs { 1, 2, 4 } do
        local wait, why = retry.wait("logOut", with(outcome, true), attempt, 118, { retries = 1 })
        assert.equal(1, wait)
        assert.equal("closing", why)
      end
      assert.same({ nil, "deadline" }, { retry.wait("logOut", with(outcome, true), 2, 119, { retries = 1 }) })
    end
    assert.equal(1, (retry.wait("logOut", with(closing[2], true), 100, 50, { retries = 1 })))
  end)

  it("takes 401 for final after some seconds: a server that was killed meanwhile says it for half an hour", function()
    assert.is_nil((retry.wait("logOut", with(closing[1], true), 5, 4, { retries = 1 })))
  end)

  it("takes 401 and already logging out as final when it has lost no answer", function()
    for _, outcome in ipairs(closing) do
      is_final("logOut", with(outcome, false))
      is_final("logOut", outcome)
    end
  end)

  it("alone may be ending", function()
    for _, outcome in ipairs(closing) do
      is_final("close", with(outcome, true))
    end
  end)

  it("is over with Logged out, also after a lost answer", function()
    is_final("logOut", with(answer(400, "Logged out"), true))
    is_final("logOut", with(answer(403, "Forbidden"), true))
    is_final("logOut", with({ res = { ok = true, result = true } }, true))
  end)
end)

describe("remembered", function()
  local core = require "botapi.core"

  it("makes a new error of one that says no, and keeps its other fields", function()
    local last = core.error { kind = "network", sent = "no", method = "logOut", curl_code = 7, http_status = 502,
      cause = "nothing was sent there; a; b" }
    local err = retry.remembered(last)
    assert.same({ kind = "network", sent = "maybe", method = "logOut", curl_code = 7, http_status = 502,
      cause = "nothing was sent there; a; b",
      message = "logOut: nothing was sent there; a; b; an earlier attempt may have been carried out" }, err)
    assert.equal("botapi: " .. err.message, tostring(err))
    assert.equal("no", last.sent)
  end)

  it("returns every other as it is, and nothing for an answer", function()
    for _, sent in ipairs { "maybe", "yes" } do
      local err = core.error { kind = "timeout", sent = sent, message = "late" }
      assert.equal(err, retry.remembered(err))
    end
    assert.is_nil(retry.remembered(nil))
  end)
end)

describe("may_have_left", function()
  it("is true of a logOut that may have happened", function()
    for _, outcome in ipairs(lost) do
      assert.is_true(retry.may_have_left("logOut", outcome))
      assert.is_true(retry.may_have_left("LOGOUT", outcome))
    end
  end)

  it("is false of everything else", function()
    for _, list in ipairs { passing, final, { { res = { ok = true, result = true } }, answer(429, "x", 5) } } do
      for _, outcome in ipairs(list) do
        assert.is_false(retry.may_have_left("logOut", outcome))
      end
    end
    for _, outcome in ipairs(lost) do
      assert.is_false(retry.may_have_left("getMe", outcome))
    end
  end)
end)
