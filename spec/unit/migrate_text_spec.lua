-- SPDX-License-Identifier: MIT
-- Specifies the texts of a move, to the letter as people were promised them.

local core = require "botapi.core"
local text_of_report = require "botapi.migrate.report_text"
local text = require "botapi.migrate.text"
local words = require "botapi.cli.migrate".words

local cloud = { name = "api.telegram.org", title = "api.telegram.org, Telegram's cloud", kind = "cloud" }
local near = { name = "http://10.0.0.5:8081", title = "http://10.0.0.5:8081, a local server", kind = "local" }
local bot = { id = "123456789", username = "shop_bot", first_name = "Shop" }

local left_at = os.time { year = 2026, month = 3, day = 4, hour = 14, min = 3, sec = 7 }

local function steps()
  return {
    { name = "leave", text = "log out of api.telegram.org", leaves = true, state = "open" },
    { name = "arrive", text = "log in on http://10.0.0.5:8081 (up to 60 s)", state = "open" },
    { name = "set_webhook", text = "set the webhook there", state = "open" },
    { name = "read_back", text = "read it back", state = "open" },
  }
end

local function plan(more)
  local losses = {
    { state = "LOSS", text = "14 updates wait on the old server and can't be taken along", hint = "updates" },
    { state = "LOSS", text = "the webhook's secret_token can't be read back", hint = "secret" },
  }
  local made = { bot = bot, from = cloud, to = near, how = "logout", steps = steps(),
    losses = losses, checks = {
      { state = "ok", name = "probe", text = "http://10.0.0.5:8081 is a Bot API server (asked without the token)" },
      { state = "ok", name = "token", text = "the token is this bot's" },
      { state = "ok", text = "webhook https://shop.example/hook noted: max_connections 40, 2 kinds of update" },
      losses[1], losses[2],
    } }
  for name, value in pairs(more or {}) do made[name] = value end
  return made
end

local function report(more)
  local made = { bot = bot, from = cloud, to = near, how = "logout", plan = plan(), steps = steps(),
    seconds = 15, at = left_at, left_at = left_at, back_at = left_at + 600,
    kept = {}, lost = {}, warnings = {},
    resumable = true, journal = "/var/lib/botapi/123456789.jsonl",
    requests = { total = 7, repeated = 0, order = { "probe", "getMe", "getWebhookInfo", "logOut", "setWebhook" },
      by_method = { probe = 1, getMe = 2, getWebhookInfo = 2, logOut = 1, setWebhook = 1 } },
    by_hand = { "stop every program that uses this token on the old server",
      "point your programs at http://10.0.0.5:8081",
      "don't call api.telegram.org with this token, not even getMe: it would log the bot in there a second time",
      "with --local, file_path is a path on that machine" } }
  for name, value in pairs(more) do made[name] = value end
  return made
end

-- The texts as the command shows them.
local function report_text(made) return text_of_report(made, words) end
local function plan_text(made) return text.plan(made, words) end

describe("the text of a move", function()
  it("is the plan, the token first, with each loss and what takes it away", function()
    assert.equal([[
Move @shop_bot (id 123456789)
  from  api.telegram.org, Telegram's cloud
  to    http://10.0.0.5:8081, a local server

Checks
  ok    the token is this bot's
  ok    http://10.0.0.5:8081 is a Bot API server (asked without the token)
  ok    webhook https://shop.example/hook noted: max_connections 40, 2 kinds of update
  LOSS  14 updates wait on the old server and can't be taken along
        (--drain FILE takes them first, --accept-loss gives them up)
  LOSS  the webhook's secret_token can't be read back
        (--webhook-secret-file FILE)

Webhook there
  url              https://shop.example/hook (as it was)
  allowed_updates  message, edited_message, channel_post,
                   edited_channel_post, callback_query

Steps
  1  log out of api.telegram.org
     --- from here the way back is closed for about 10 minutes ---
  2  log in on http://10.0.0.5:8081 (up to 60 s)
  3  set the webhook there
  4  read it back

2 losses aren't accepted yet. Nothing was changed.]], plan_text(plan { to_set = {
      { "url", "https://shop.example/hook (as it was)" },
      { "allowed_updates", "message, edited_message, channel_post, edited_channel_post, callback_query" } } }))
  end)

  it("says to stop every program before anything is done", function()
    assert.matches("\nStop every program that uses this token first: any call to the old server\nlogs the bot",
      text.plan(plan { losses = {}, checks = {} }))
  end)

  it("is one line for each step, in a terminal and in a log", function()
    local done = { step = 1, steps = 4, state = "done", elapsed = 1.2, title = steps()[1].text }
    local waits = { step = 2, steps = 4, state = "waiting", elapsed = 7, seconds = 7, limit = 60, why = "429",
      again = 3, title = "log in on http://10.0.0.5:8081" }
    assert.equal("  1  log out of api.telegram.org        done     1.2 s", text.terminal_line(done))
    assert.equal("  2  log in on http://10.0.0.5:8081     waiting  7 s of 60 (429, again in 3 s)",
      text.terminal_line(waits))
    assert.matches("^%d%d:%d%d:%d%d 1/4 log out of api.telegram.org: done, 1.2 s$", text.log_line(done))
    assert.matches("^%d%d:%d%d:%d%d 2/4 log in on http://10.0.0.5:8081: still waiting, 7 s of 60$",
      text.log_line(waits))
    waits.first = true
    assert.matches(": waiting, 429$", text.log_line(waits))
  end)

  it("has the states of all steps in one column, whichever title is the widest", function()
    local done = { step = 1, state = "done", elapsed = 1.2, title = "read it back", widest = 45 }
    assert.equal(45 + 7, text.terminal_line(done):find("done", 1, true))
    done.title = "take the webhook off http://10.0.0.5:8081/bot"
    assert.equal(45 + 7, text.terminal_line(done):find("done", 1, true))
  end)

  it("says how long a move took, where one run has made the whole of it", function()
    assert.equal("Moved: @shop_bot runs on http://10.0.0.5:8081 (15 s).\n",
      report_text(report { status = "done" }):match "^[^\n]*\n")
    assert.equal("Moved: @shop_bot runs on http://10.0.0.5:8081.\n",
      report_text(report { status = "done", plan = plan { resumed = true } }):match "^[^\n]*\n")
  end)

  it("cuts a title that is too long, not the state of its step", function()
    local event = { step = 2, state = "done", elapsed = 0.1,
      title = "take the updates that wait on http://10.0.0.5:8081" }
    local function line(columns) return text.terminal_line(event, columns) end
    assert.equal("  2  take the updates that wait on http:/... done     0.1 s", line(60))
    assert.equal("  2  take the updates that wait on http://10.0.0.5:8081 done     0.1 s", line(80))
    assert.equal("  2  take the upd... done     0.1 s", line(30))
    for columns = 36, 90 do assert.is_true(#line(columns) < columns, columns) end
  end)

  it("is what can't be done, before what isn't accepted", function()
    local made = plan()
    made.checks[6] = { state = "FAIL", text = "the webhook's URL: the cloud takes https only", hint = "url" }
    assert.matches("\nIt can't be done like this. Nothing was changed.$", plan_text(made))
  end)

  it("says what a call to the old server does to a bot that is closed", function()
    assert.matches("opens the bot there again.$", plan_text(plan { how = "close", losses = {}, checks = {} }))
  end)

  it("is the report", function()
    assert.equal([[
Moved: @shop_bot runs on http://10.0.0.5:8081 (15 s).
  left       api.telegram.org at 14:03:07; it takes the bot back from about 14:13
  webhook    https://shop.example/hook, set and read back
  lost       14 updates (accepted)
  requests   7, none repeated: probe 1, getMe 2, getWebhookInfo 2, logOut 1, setWebhook 1
Next
  point your programs at http://10.0.0.5:8081
  don't call api.telegram.org with this token, not even getMe: it would
  log the bot in there a second time
  with --local, file_path is a path on that machine]], report_text(report { status = "done",
      lost = { "14 updates (accepted)" },
      webhook = { url = "https://shop.example/hook", set = true, read_back = true } }))
  end)

  it("is what is missing when it has partly moved", function()
    assert.equal([[
Partly moved: @shop_bot has left api.telegram.org and runs on
http://10.0.0.5:8081, but its webhook is not set:
  400 Bad Request: bad webhook: Failed to resolve host
Updates wait on the new server; none are lost. Fix it, then run the same
command: it goes on at step 3.]], report_text(report { status = "partly", arrived = true, step = 3,
      failed = "set_webhook", message = "400 Bad Request: bad webhook: Failed to resolve host" }))
  end)

  it("is what differs from what was asked for", function()
    assert.equal([[
Partly moved: @shop_bot has left api.telegram.org and runs on
http://10.0.0.5:8081, but its webhook isn't set as asked:
  max_connections: asked for 500, set is 100
Updates already go to it. Ask for what http://10.0.0.5:8081 can do, then
run the same command: it goes on at step 4.]], report_text(report { status = "partly", arrived = true, step = 4,
      failed = "read_back", message = "x", webhook = { url = "https://shop.example/hook", set = true, read_back = false,
        differs = { "max_connections: asked for 500, set is 100" } } }))
  end)

  it("says that there is no webhook only where that was seen", function()
    local seen = report_text(report { status = "done", webhook_there = false })
    assert.truthy(seen:find("\n  webhook    none on http://10.0.0.5:8081\n", 1, true), seen)
    assert.is_nil(report_text(report { status = "done" }):find("webhook", 1, true))
  end)

  it("is what to do and what not when nobody knows", function()
    assert.equal([[
it is not known whether @shop_bot was logged out
  The request left at 14:03:07. The connection was reset before an answer came.
  Either the server never got it, or it did it and the answer was lost.

  Do       run the same command again before 14:13. It asks the same
           server; "Logged out" or true settles it.
  Don't    start the bot elsewhere before that, and don't call getMe to
           look: if it is out, that may log it in again.
Exit 4. Noted in /var/lib/botapi/123456789.jsonl]], report_text(report { status = "unknown", left_at = false,
      in_doubt = true, tried_at = left_at,
      error = core.error { kind = "network", sent = "maybe", message = "reset", curl_code = 56 } }))
  end)

  for _, each in ipairs {
    { "a time-out", { kind = "timeout", curl_code = 28 }, "No answer came in time." },
    { "a reset", { kind = "network", curl_code = 56 }, "The connection was reset before an answer came." },
    { "an end without an answer", { kind = "network", curl_code = 52 },
      "The connection was closed before an answer came." },
    { "half an answer", { kind = "network", curl_code = 18 }, "The connection ended in the middle of the answer." },
    { "a cancelled call", { kind = "cancelled" }, "It was stopped before an answer came." },
    { "a front's page", { kind = "protocol", http_status = 502 }, "HTTP 502 came in place of an answer." },
    { "no HTTP", { kind = "protocol", curl_code = 1 }, "What came isn't an answer of a Bot API server." },
  } do
    it("names what happened when nobody knows: " .. each[1], function()
      each[2].sent, each[2].message = "maybe", "x"
      local said = report_text(report { status = "unknown", left_at = false, in_doubt = true, tried_at = left_at,
        error = core.error(each[2]) })
      assert.truthy(said:find("The request left at 14:03:07. " .. each[3] .. "\n", 1, true), said)
    end)
  end

  it("is how to go on where a restarted server says 401", function()
    local said = report_text(report { status = "unknown", left_at = false, in_doubt = true, tried_at = left_at,
      reason = "unauthorized", answer = { ok = false, error_code = 401, description = "Unauthorized" },
      message = "401 Unauthorized" })
    assert.matches("To go on from there:\n           the same command with %-%-settle%.\n", said)
  end)

  it("is why a repeat proves nothing any more", function()
    assert.equal([[
The request of 14:03 was never answered, and is too old for a repeat to
prove anything: a repeat now may log the bot in here and out again. If
the bot already runs elsewhere, `botapi migrate --settle` with `--to`
checks there; to log out here in any case: --force.]], report_text(report { status = "unknown", cause = "too_old",
      tried_at = left_at }))
  end)
end)
