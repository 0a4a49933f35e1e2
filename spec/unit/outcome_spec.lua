-- SPDX-License-Identifier: MIT
-- Owns the check of the outcomes: their exit codes, and what each answer and error of a request comes to.

local outcome = require "botapi.outcome"
local reason = require "botapi.reason".reason

local LIMITED = { ok = false, error_code = 429, description = "Too Many Requests", parameters = { retry_after = 7 } }

local function refusal(code, description)
  return { ok = false, error_code = code, description = description }
end

local function failure(kind, sent, status)
  return { kind = kind, sent = sent, message = "m", http_status = status }
end

describe("an outcome", function()
  it("has its exit code, and from the code the first outcome is found again", function()
    local exits = { done = 0, already = 0, refused = 1, not_sent = 3, unknown = 4, later = 5, partly = 6,
      cancelled = 130, usage = 2 }
    assert.same(exits, outcome.exits)
    for name, exit in pairs(exits) do
      if name ~= "already" and name ~= "usage" then assert.equal(name, outcome.of_exit(exit)) end
    end
  end)

  it("is done, settled and recorded as it says, and an unknown word is neither", function()
    local function names(question)
      local list = {}
      for _, each in ipairs(outcome.list) do
        if question(each.name) then list[#list + 1] = each.name end
      end
      return table.concat(list, " ")
    end
    assert.equal("done already", names(outcome.is_done))
    assert.equal("done already refused not_sent later", names(outcome.is_settled))
    assert.equal("done already refused not_sent later unknown", names(outcome.is_recorded))
    for _, word in ipairs { "nonsense", false } do
      assert.is_false(outcome.is_done(word) or outcome.is_settled(word) or outcome.is_recorded(word))
    end
    assert.equal("not_sent", outcome.recorded "cancelled")
    assert.equal("partly", outcome.of_status "move_directory")
  end)
end)

describe("what became of a request", function()
  local changes = {
    { "logOut", { ok = true, result = true }, nil, "done" },
    { "logOut", { ok = true, result = false }, nil, "refused" },
    { "logOut", refusal(400, "Logged out"), nil, "already" },
    { "close", refusal(400, "Logged out"), nil, "refused" },
    { "close", refusal(400, "Bad Request: the bot has already been closed"), nil, "already" },
    { "logOut", refusal(400, "Bad Request: already logging out"), nil, "unknown" },
    { "setWebhook", refusal(400, "Bad Request: already logging out"), nil, "refused" },
    { "setWebhook", refusal(500, "Internal Server Error: restart"), nil, "unknown" },
    { "logOut", refusal(401, "Unauthorized"), nil, "refused" },
    { "close", LIMITED, nil, "later" },
    { "logOut", nil, failure("protocol", "yes", 429), "later" },
    { "logOut", nil, failure("network", "no", 429), "not_sent" },
    { "logOut", nil, failure("network", "no"), "not_sent" },
    { "logOut", nil, failure("cancelled", "no"), "cancelled" },
    { "logOut", nil, failure("cancelled", "maybe"), "unknown" },
    { "logOut", nil, failure("protocol", "yes", 504), "unknown" },
  }

  for _, row in ipairs(changes) do
    local method, res, err, wanted = row[1], row[2], row[3], row[4]
    local said = res and (res.description or tostring(res.result)) or err.kind .. ", sent: " .. err.sent
    it(("is %s for %s after %s"):format(wanted, method, said), function()
      local word = reason(res, err)
      assert.equal(wanted, outcome.of_change(method, res, err, word))
      -- in doubt before, only an end is an end
      local doubtful = outcome.leaves(method) and not outcome.is_done(wanted) and "unknown" or wanted
      assert.equal(doubtful, outcome.of_change(method, res, err, word, true))
    end)
  end

  it("leaves nothing in doubt where it only read and was cancelled", function()
    local function of(kind, sent)
      local err = failure(kind, sent)
      return outcome.of_read(nil, err, reason(nil, err))
    end
    assert.equal("refused", of("token", "no"))
    assert.equal("cancelled", of("cancelled", "maybe"))
    assert.equal("not_sent", of("network", "no"))
    assert.equal("unknown", of("timeout", "maybe"))
    assert.equal("later", outcome.of_read(LIMITED, nil, reason(LIMITED)))
    assert.equal("refused", outcome.of_read(refusal(401, "Unauthorized"), nil, "unauthorized"))
  end)

  it("tells whether it was sent", function()
    assert.equal("yes", outcome.sent { ok = false })
    assert.equal("no", outcome.sent(nil, { sent = "no" }))
    assert.equal("maybe", outcome.sent(nil, nil))
  end)
end)

describe("what came in the place of an answer", function()
  local function came(err) return outcome.what_came(nil, err) end

  it("is said of the HTTP status, of libcurl's code, or of the error's kind", function()
    assert.equal("HTTP 504 came in place of an answer.", came { kind = "protocol", http_status = 504 })
    assert.equal("The connection was reset before an answer came.", came { kind = "network", curl_code = 56 })
    assert.equal("The connection broke before an answer came.", came { kind = "network", curl_code = 7 })
    assert.equal("No answer came in time.", came { kind = "timeout", curl_code = 28 })
    assert.equal("The secure connection broke before an answer came.", came { kind = "tls", curl_code = 56 })
    assert.equal("No answer came.", came { kind = "system" })
    assert.equal("No answer came.", came())
  end)

  it("is said of an answer by its code", function()
    assert.equal("The answer was 502 Bad Gateway.", outcome.what_came({ error_code = 502 }, nil, "502 Bad Gateway"))
  end)
end)

describe("a wait that a server asks for", function()
  it("is read from an answer and from an error", function()
    assert.equal(7, outcome.retry_after(LIMITED))
    assert.equal(3, outcome.retry_after(nil, { retry_after = 3 }))
    assert.equal(1, outcome.retry_after(nil, { retry_after = 1 }))
  end)

  it("is none where it isn't a number of seconds", function()
    for _, value in ipairs { "7", -1, 0, 0.999, 1 / 0, 1e9, 0 / 0, {}, true } do
      assert.is_nil(outcome.retry_after { parameters = { retry_after = value } })
      assert.is_nil(outcome.retry_after(nil, { retry_after = value }))
    end
    for _, parameters in ipairs { "x", 5, {} } do assert.is_nil(outcome.retry_after { parameters = parameters }) end
    assert.is_nil(outcome.retry_after({}, { retry_after = 3 }))
    assert.is_nil(outcome.retry_after())
  end)
end)

describe("a method that leaves", function()
  it("is logOut or close, in any case", function()
    for _, method in ipairs { "logOut", "logout", "close", "CLOSE" } do assert.is_true(outcome.leaves(method)) end
    for _, method in ipairs { "getMe", "nonsense", "", 5, false } do assert.is_false(outcome.leaves(method)) end
  end)
end)
