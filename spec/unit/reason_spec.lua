-- SPDX-License-Identifier: MIT
-- Specifies check, reason and explain: each row of what servers answer and each kind of error.

local reason = require "botapi.reason"
local rows = require "botapi.reason.rows"

local function answer(code, description, parameters)
  return { ok = false, error_code = code, description = description, parameters = parameters }
end

local function limited(seconds)
  return answer(429, "Too Many Requests: retry after " .. seconds, { retry_after = seconds })
end

-- Title, answer, reason, and what the explanation must name: the cause, and the next step.
local answers = {
  { "logged out", answer(400, "Logged out"), "logged_out", "done", "new server.*10 minutes" },
  { "logging out", answer(400, "Bad Request: already logging out"), "logging_out", "still running", "logOut again" },
  { "closed", answer(400, "Bad Request: the bot has already been closed"), "closed", "nothing to close", "Go on" },
  { "a malformed token", answer(401, "Unauthorized: invalid token specified"), "unauthorized", "80 bytes",
    "@BotFather" },
  { "a revoked token, or a logOut that is ending", answer(401, "Unauthorized"), "unauthorized", "revoked.*logOut",
    "in a second.*@BotFather" },
  { "a right that is missing", answer(403, "Forbidden: bot was kicked"), "forbidden", "bot was kicked", "right" },
  { "a wrong address", answer(404, "Not Found"), "not_found", "/bot.*malformed", "without /bot" },
  { "an unknown method", answer(404, "Not Found: method not found"), "method_not_found", "method", "name" },
  { "getUpdates beside a webhook", answer(409, "Conflict: can't use getUpdates method while webhook is active; "
    .. "use deleteWebhook to delete the webhook first"), "conflict", "webhook is set", "deleteWebhook.*doesn't help" },
  { "two pollers", answer(409, "Conflict: terminated by other getUpdates request; make sure that only one bot "
    .. "instance is running"), "conflict", "Another program", "Stop it.*doesn't help" },
  { "another conflict", answer(409, "Conflict: whatever"), "conflict", "whatever", "call again" },
  { "a bot of another server", answer(421, "Misdirected Request: unallowed token specified"), "misdirected",
    "%-%-filter.*plain integer", "own server" },
  { "a short wait", limited(7), "rate_limited", "short time", "7 seconds" },
  { "a wait as for close", limited(599), "rate_limited", "close in the first", "9 minutes 59" },
  { "a flood wait", limited(3725), "rate_limited", "1 hour 3 minutes", "Stop all calls" },
  { "a wait without measure", answer(429, "Too Many Requests"), "rate_limited", "doesn't say", "a minute" },
  { "a supergroup", answer(400, "Bad Request: group chat was upgraded to a supergroup chat",
    { migrate_to_chat_id = -1002147483648123 }), "migrated", "%-1002147483648123", "in place of the old" },
  { "a supergroup without its id", answer(400, "Bad Request: group chat was upgraded to a supergroup chat"),
    "migrated", "doesn't say its new chat id", "update" },
  { "a session that Facebook doesn't know", answer(1357001), "logged_out", "Facebook", "cookies" },
  { "a server that restarts", answer(500, "Internal Server Error: restart"), "server", "stopping", "settles it" },
  { "a server that fails", answer(502, "Bad Gateway"), "server", "502", "repeat a logOut" },
  { "parameters that are too large", answer(413, "Request Entity Too Large"), "bad_request", "larger", "1 MiB" },
  { "any other refusal", answer(400, "Bad Request: chat not found"), "bad_request", "chat not found", "Correct" },
  { "a refusal without a word", answer(418), "bad_request", "it doesn't say why", "Correct" },
  { "Bale's wrong token", answer(400, "Bad Request: Token not found"), "unauthorized", "Bale", "Bale's @BotFather" },
  { "Bale's limit of a bot", answer(400, "bot limit exceed"), "rate_limited", "Bale", "a minute" },
  { "Bale's limit at its front", answer(nil, "local_rate_limited"), "rate_limited", "front", "some seconds" },
  { "Bale's missing right", answer(nil, "permission_denied"), "forbidden", "permit", "right" },
  { "Bale's failure", answer(nil, "internal server error"), "server", "internal error", "again after" },
}

local function failed(kind, sent, fields)
  local err = { kind = kind, sent = sent, message = kind .. " failed" }
  for name, value in pairs(fields or {}) do
    err[name] = value
  end
  return err
end

local function refused(kind, errno, curl_code)
  return failed(kind, "no", { errno = errno, curl_code = curl_code, cause = "X" })
end

local function problem(word, curl, status)
  return failed(word:find "^proxy" and "network" or "tls", "no",
    { problem = word, curl_code = curl, http_status = status })
end

local errors = {
  { "a malformed token", failed("token", "no"), "malformed", "@BotFather" },
  { "a missing certificate", problem("cert_missing"), "cert_file doesn't exist", "path" },
  { "a certificate out of reach", problem("cert_unreadable"), "cert_file can't be read", "user" },
  { "a certificate that is none", problem("cert_malformed"), "no whole certificate", "BEGIN CERTIFICATE" },
  { "a missing key", problem("key_missing"), "key_file doesn't exist, or there is no key", "key_file" },
  { "a key out of reach", problem("key_unreadable"), "key_file can't be read", "nobody else" },
  { "a key that is none", problem("key_malformed"), "no whole key", "BEGIN PRIVATE KEY" },
  { "a passphrase", problem("key_encrypted"), "passphrase", "openssl pkey" },
  { "a key of another certificate", problem("key_mismatch", 58), "isn't the certificate's", "one pair" },
  { "a server that wants a certificate", problem("cert_wanted", 35), "wants a certificate", "cert_file" },
  { "a client's CA that isn't known", problem("cert_untrusted", 35), "CA of the client's",
    "CA that the server trusts" },
  { "a client's certificate that has expired", problem("cert_expired", 35), "client's certificate has expired",
    "[Rr]enew" },
  { "a client's certificate that was revoked", problem("cert_revoked", 35), "revoked", "new one" },
  { "a client's certificate that is refused", problem("cert_refused", 55), "refused", "log" },
  { "a Digest proxy", problem("proxy_digest", 56, 407), "by Digest", "proxy_auth to 'digest'" },
  { "an NTLM proxy", problem("proxy_ntlm", 56, 407), "by NTLM", "proxy_auth to 'ntlm'" },
  { "a Kerberos proxy", problem("proxy_negotiate", 56, 407), "Kerberos", "proxy_auth to 'negotiate'" },
  { "a proxy that wants Basic", problem("proxy_basic", 56, 407), "Basic", "eave proxy_auth out" },
  { "a full disk", failed("system", "maybe", { problem = "file_unwritable", errno = 28, method = "download",
    cause = "the file can't be written: No space left on device" }), "can't be written: .*No space",
    "space on the disk" },
  { "a file on another disk", failed("system", "no", { problem = "file_elsewhere", errno = 2 }), "on its own disk",
    "mount" },
  { "a file of another size", failed("protocol", "yes", { problem = "file_other", cause = "the file is shorter" }),
    "isn't the file that it had told of: the file is shorter", "again" },
  { "a pipe that takes no more", failed("timeout", "no", { problem = "file_unwritable", cause = "p: takes no more" }),
    "wasn't taken in the time allowed: p: takes no more", "Check what reads it" },
  { "a file that is too large", failed("limit", "no", { problem = "file_large" }), "larger than max_size",
    "aise max_size" },
  { "a proxy that wants what nobody knows", problem("proxy_unknown", 56, 407), "doesn't know", "libcurl" },
  { "a login at a proxy for http", failed("protocol", "yes", { http_status = 407 }), "wants a login", "https://" },
  { "a front that may want a certificate", failed("protocol", "yes", { http_status = 400 }), "nginx", "cert_file" },
  { "a dead name of the proxy", failed("network", "no", { curl_code = 5 }),
    "proxy doesn't resolve, or it isn't a proxy's URL", "https_proxy" },
  { "a file that isn't there", failed("system", "no", { problem = "file_missing", errno = 2, cause = "X" }),
    "is missing: X", "path" },
  { "a file out of reach", failed("system", "no", { problem = "file_unreadable", errno = 13, cause = "X" }),
    "out of reach: X", "owner and mode" },
  { "a pipe in a file's place", failed("system", "no", { problem = "file_kind", cause = "X" }),
    "a pipe, a device or a file of /proc: X", "regular file" },
  { "a file that changes", failed("system", "maybe", { problem = "file_changed", cause = "X" }),
    "broken off: X", "copy" },
  { "a file with a key", failed("system", "no", { problem = "file_key", cause = "X" }), "with its key: X",
    "certificate alone" },
  { "a name in another script", failed("system", "no", { curl_code = 3 }), "libcurl can't read", "xn%-%-" },
  { "a login of the environment's proxy", failed("system", "no", { curl_code = 5 }), "environment's proxy",
    "https_proxy" },
  { "a dead name", failed("network", "no", { curl_code = 6 }), "name of the server", "DNS" },
  { "a closed port", failed("network", "no", { curl_code = 7 }), "accepts a connection.*or the proxy's",
    "runs.*port.*firewall.*proxy" },
  { "a SOCKS proxy's refusal", failed("network", "no", { curl_code = 97 }), "SOCKS", "option proxy" },
  { "a proxy that wants a password", failed("network", "no", { curl_code = 56, http_status = 407 }), "password",
    "user:password@" },
  { "a proxy that forbids", failed("network", "no", { curl_code = 56, http_status = 403 }), "forbids", "proxy = ''" },
  { "a proxy that fails", failed("network", "no", { curl_code = 56, http_status = 502 }), "HTTP 502", "proxy" },
  { "an answer that is cut", failed("network", "maybe", { curl_code = 18, http_status = 200 }), "middle",
    "check before" },
  { "a repeat that was prevented", failed("network", "maybe", { curl_code = 42 }), "second time", "check before" },
  { "no answer", failed("network", "maybe", { curl_code = 52 }), "without an answer", "check before" },
  { "a break in the request", failed("network", "maybe", { curl_code = 55 }), "while the request", "check before" },
  { "a reset", failed("network", "maybe", { curl_code = 56 }), "reset, or the answer was malformed", "check before" },
  { "another failure of the network", failed("network", "maybe", { curl_code = 45 }), "failed", "check before" },
  { "a certificate", failed("tls", "no", { curl_code = 60 }), "CA is unknown.*expired.*name",
    "ca_file.*SSL_CERT_FILE isn't honoured" },
  { "missing certificates", failed("tls", "no", { curl_code = 77 }), "can't be read",
    "ca_file.*SSL_CERT_FILE isn't honoured" },
  { "a handshake", failed("tls", "no", { curl_code = 35 }), "handshake", "TLS 1.2" },
  { "another failure of TLS", failed("tls", "no", { curl_code = 58 }), "secure", "certificate" },
  { "no connection in time", failed("timeout", "no", { curl_code = 28 }), "no connection", "connect_timeout" },
  { "no answer in time", failed("timeout", "maybe", { curl_code = 28 }), "whole answer",
    "Raise timeout.*check before" },
  { "not HTTP", failed("protocol", "maybe", { curl_code = 1 }), "doesn't speak HTTP", "port" },
  { "a broken encoding", failed("protocol", "maybe", { curl_code = 61 }), "encoding", "in front of the server" },
  { "a cache's answer", failed("protocol", "yes", { http_status = 304 }), "from a cache.*304", "caches" },
  { "a redirect", failed("protocol", "yes", { http_status = 302 }), "redirects.*302.*token", "trust" },
  { "a redirect to a place", failed("protocol", "yes", { http_status = 302, location = "https://h/" }),
    "redirects.*302.*to https://h/,.*token", "trust" },
  { "a request that is too large", failed("protocol", "yes", { http_status = 413 }), "413", "less" },
  { "headers that are too large", failed("protocol", "yes", { http_status = 431 }), "431", "headers" },
  { "another web server", failed("protocol", "yes", { http_status = 404 }), "no Bot API", "option server" },
  { "a limit before the server", failed("protocol", "yes", { http_status = 429, retry_after = 90 }), "rate",
    "90 seconds" },
  { "a limit without measure", failed("protocol", "yes", { http_status = 429 }), "how long", "a minute" },
  { "a refusal before the server", failed("protocol", "yes", { http_status = 403 }), "HTTP 403", "firewalls" },
  { "the cloud's front", failed("protocol", "yes", { http_status = 502 }), "front.*502", "Wait.*check before" },
  { "a server that fails", failed("protocol", "yes", { http_status = 500 }), "failed.*500", "Wait.*check before" },
  { "a malformed answer", failed("protocol", "yes", { malformed = true, message = "getMe: in the answer id is bad" }),
    "malformed: getMe: in the answer id is bad", "its version" },
  { "a malformed limit", failed("protocol", "yes", { http_status = 429, malformed = true }), "429.*malformed",
    "a minute" },
  { "a login page", failed("protocol", "yes", { http_status = 200 }), "login page", "option server" },
  { "garbage", failed("protocol", "maybe"), "cut or isn't HTTP", "option server" },
  { "an answer that is too large", failed("limit", "maybe", { curl_code = 23 }), "larger", "max_response" },
  { "a call that was cancelled", failed("cancelled", "maybe"), "cancelled", "check before" },
  { "a bot that has logged out", failed("logged_out", "no"), "again on the server that it left", "bot:on" },
  { "a full host", failed("busy", "no"), "free slot", "have ended" },
  { "a machine at its end", failed("system", "no", { curl_code = 27 }), "memory", "ulimit" },
  { "a unix socket that isn't there", refused("network", 2, 7), "no socket %(X%)", "unix_socket.*server runs" },
  { "a unix socket where nobody listens", refused("network", 111, 7), "Nothing listens there %(X%)", "server runs" },
  { "a unix socket of others", refused("network", 13, 7), "may not use the socket %(X%)", "write the socket" },
  { "a file in a unix socket's place", refused("network", 88, 7), "What is there is no socket %(X%)", "unix_socket" },
  { "another failure of a unix socket", refused("network", 20, 7), "socket can't be used %(X%)", "unix_socket" },
  { "no thread", refused("system", 11, 6), "no thread.*%(X%)", "ulimit %-u" },
  { "a full disk", refused("system", 28), "full: X", "Free some space" },
  { "a full quota", refused("system", 122), "quota.*X", "space.*quota" },
  { "a disk that can't be written", refused("system", 30), "only be read: X", "Mount" },
  { "a broken disk", refused("system", 5), "fails: X", "dmesg" },
  { "a file at its limit", refused("system", 27), "may not grow any more: X", "ulimit %-f" },
  { "a file of others", refused("system", 13), "may not use the file: X", "owner and mode" },
  { "a link of others", refused("system", 1), "doesn't permit it: X", "only its owner" },
  { "no descriptor here", refused("system", 24, 6), "process has no descriptor left: X", "ulimit %-n" },
  { "no descriptor anywhere", refused("system", 23), "machine has no descriptor left: X", "file%-max" },
  { "no memory", refused("system", 12), "no memory left: X", "Free some" },
  { "anything else that is refused", refused("system", 9), "refuses.*X", "what it names" },
  { "a kind of tomorrow", failed("tomorrow", "maybe"), "this version", "check before" },
}

-- The documented words.
local kinds = { "token", "network", "tls", "timeout", "protocol", "limit", "cancelled", "logged_out", "busy", "system" }
local reasons = { "logged_out", "logging_out", "closed", "unauthorized", "forbidden", "not_found", "method_not_found",
  "conflict", "misdirected", "rate_limited", "migrated", "bad_request", "server" }

local function sentences(text)
  return (select(2, (text .. " "):gsub("%. ", "")))
end

describe("reason", function()
  for _, row in ipairs(answers) do
    it(("knows %s: %s"):format(row[1], row[3]), function()
      assert.equal(row[3], reason.reason(row[2]))
    end)
  end

  it("is nil when the answer is ok", function()
    assert.is_nil(reason.reason { ok = true, result = true })
    assert.is_nil(reason.reason { ok = true, result = false })
  end)

  it("is the kind of an error", function()
    for _, kind in ipairs(kinds) do
      assert.equal(kind, reason.reason(nil, failed(kind, "no")))
    end
  end)

  it("is known from the description where error_code is missing", function()
    for _, row in ipairs(answers) do
      local res = answer(nil, row[2].description, row[2].parameters)
      if res.description and res.description ~= "Request Entity Too Large" then
        assert.equal(row[3], reason.reason(res), row[1])
      end
    end
  end)

  it("goes by the code where the description is missing or not a string", function()
    for code, expected in pairs {
      [302] = "bad_request", [400] = "bad_request", [401] = "unauthorized", [402] = "bad_request",
      [403] = "forbidden", [404] = "not_found", [409] = "conflict", [421] = "misdirected", [429] = "rate_limited",
      [500] = "server", [599] = "server", [600] = "bad_request",
    } do
      assert.equal(expected, reason.reason(answer(code)))
      assert.equal(expected, reason.reason(answer(code, { "Logged out" }, "none")))
    end
  end)

  it("doesn't take a refusal for a logout because of words inside it", function()
    assert.equal("bad_request", reason.reason(answer(400, "Bad Request: user Logged out")))
    assert.equal("unauthorized", reason.reason(answer(401, "Logged out")))
  end)

  it("is one of the documented list", function()
    local seen = {}
    for _, row in ipairs(rows.answers) do
      seen[row.reason] = true
    end
    for _, name in ipairs(reasons) do
      assert.is_true(seen[name], name)
      seen[name] = nil
    end
    assert.same({}, seen)
  end)
end)

describe("a problem", function()
  it("of the documented list has a row of its own, and each row's is in the list", function()
    local listed, told = {}, {}
    for _, row in ipairs(rows.problems) do listed[row[1]] = true end
    for _, row in ipairs(rows.errors) do
      if row.problem then told[row.problem] = true end
    end
    assert.same(listed, told)
  end)
end)

describe("explain", function()
  for _, row in ipairs(answers) do
    it("tells cause and next step of " .. row[1], function()
      local text = reason.explain(row[2])
      assert.matches(row[4], text)
      assert.matches("%. .*" .. row[5], text)
    end)
  end

  for _, row in ipairs(errors) do
    it(("tells cause and next step of %s (%s)"):format(row[1], row[2].kind), function()
      local text = reason.explain(nil, row[2])
      assert.matches(row[3], text)
      assert.matches("%. .*" .. row[4], text)
    end)
  end

  it("has two sentences for everything, and no hole in them", function()
    for _, row in ipairs(answers) do
      assert.equal(2, sentences(reason.explain(row[2])), reason.explain(row[2]))
      assert.is_nil(reason.explain(row[2]):find("[{}\n]"))
    end
    for _, row in ipairs(errors) do
      assert.equal(2, sentences(reason.explain(nil, row[2])), reason.explain(nil, row[2]))
      assert.is_nil(reason.explain(nil, row[2]):find("[{}\n]"))
    end
  end)

  it("gives no two causes the same text or the same next step for an answer", function()
    local texts = {}
    for _, row in ipairs(answers) do
      if row[1] ~= "a refusal without a word" then
        local cause, step = reason.explain(row[2]):match("^(.-)%. (.*)$")
        assert.is_nil(texts[cause], cause)
        assert.is_nil(texts[step], step)
        texts[cause], texts[step] = true, true
      end
    end
    for _, row in ipairs(errors) do
      local cause = reason.explain(nil, row[2]):match("^(.-)%. ")
      assert.is_nil(texts[cause], cause)
      texts[cause] = true
    end
  end)

  it("has no row that nothing leads to", function()
    local texts = {}
    for _, row in ipairs(answers) do
      texts[#texts + 1] = reason.explain(row[2])
    end
    for _, row in ipairs(errors) do
      texts[#texts + 1] = reason.explain(nil, row[2])
    end
    local all = table.concat(texts, "\n")
    for _, list in ipairs { rows.answers, rows.errors } do
      for _, row in ipairs(list) do
        local cause = row.cause:gsub("%p", "%%%0"):gsub("%%{%a+%%}", ".-")
        assert.is_truthy(all:find(cause), row.cause)
      end
    end
  end)

  it("tells a proxy's refusal by its status, whichever code libcurl has for it", function()
    for _, status in ipairs { 403, 407, 502 } do
      local text = reason.explain(nil, failed("network", "no", { curl_code = 56, http_status = status }))
      assert.matches("proxy", text)
      for _, code in ipairs { 5, 7, 97 } do
        assert.equal(text, reason.explain(nil, failed("network", "no", { curl_code = code, http_status = status })))
      end
    end
  end)

  it("says of each kind of error what was sent", function()
    for _, kind in ipairs { "network", "tls", "timeout", "protocol", "limit", "cancelled", "busy", "system" } do
      assert.matches("othing was sent, so the call may be repeated%.$", reason.explain(nil, failed(kind, "no")))
      assert.matches("t isn't known whether the call was carried out: check before",
        reason.explain(nil, failed(kind, "maybe")))
      assert.matches("n answer came, though not a Bot API's, so the call may have been carried out: check before",
        reason.explain(nil, failed(kind, "yes")))
    end
  end)

  it("tells of a logOut without an answer that logOut settles it and nothing else may be called", function()
    for _, sent in ipairs { "maybe", "yes" } do
      local text = reason.explain(nil, failed("network", sent, { method = "logOut" }))
      assert.matches("call logOut again soon, where true or 400 Logged out settles it, and nothing else there", text)
      assert.equal(text, reason.explain(nil, failed("network", sent, { method = "LOGOUT" })))
    end
  end)

  it("tells of a close without an answer that close settles it, since any look opens the bot again", function()
    local failures = { failed("network", "maybe", { method = "close" }),
      failed("timeout", "maybe", { method = "CLOSE" }),
      failed("protocol", "yes", { method = "close", http_status = 502 }) }
    for _, err in ipairs(failures) do
      local text = reason.explain(nil, err)
      assert.matches("call close again: true or 400 'the bot has already been closed' settles it, and nothing else"
        .. " there", text, 1, true)
      assert.is_nil(text:find "check before")
    end
    assert.matches("othing was sent", reason.explain(nil, failed("network", "no", { method = "close" })))
    assert.matches("for close, true or 400 'the bot has already been closed'",
      reason.explain(answer(500, "Internal Server Error: restart")))
    assert.matches("repeat a logOut or a close (call nothing else before it)",
      reason.explain(answer(502, "Bad Gateway")), 1, true)
  end)

  it("says that max_response doesn't help against headers that are too large", function()
    assert.matches("Raise max_response .* no option allows larger headers", reason.explain(nil, failed("limit", "maybe",
      { message = "the answer is larger than max_response" })))
  end)

  it("tells of a method that only reads that it may be repeated", function()
    for _, sent in ipairs { "maybe", "yes" } do
      assert.matches("only reads, so it may be repeated",
        reason.explain(nil, failed("network", sent, { method = "getMe" })))
      assert.matches("check before you repeat it",
        reason.explain(nil, failed("network", sent, { method = "getUpdates" })))
    end
  end)

  it("takes an error that doesn't say what was sent as one that may have been", function()
    assert.matches("isn't known", reason.explain(nil, { kind = "network" }))
  end)

  it("says waits as people do, and never less than they are", function()
    for seconds, words in pairs { [1] = "1 second ", [59] = "59 seconds ", [60] = "60 seconds ", [119] = "119 seconds ",
        [120] = "2 minutes ", [121] = "2 minutes 1 second ", [599] = "9 minutes 59 seconds ", [1.5] = "2 seconds " } do
      assert.matches("Wait for " .. words, reason.explain(limited(seconds)), 1, true)
    end
    for seconds, words in pairs { [601] = "10 minutes 1 second", [3600] = "1 hour", [3601] = "1 hour 1 minute",
        [7199] = "2 hours", [86399] = "24 hours", [86401] = "1 day 1 hour", [1209600] = "14 days" } do
      assert.matches("again after " .. words .. ".", reason.explain(limited(seconds)), 1, true)
    end
  end)

  it("isn't led astray by numbers that are none", function()
    assert.matches("doesn't say", reason.explain(limited(-5)))
    for _, value in ipairs { "7", true, {}, 0 / 0, 1 / 0, -1 / 0, 1e300 } do
      assert.matches("doesn't say", reason.explain(answer(429, "x", { retry_after = value })))
      assert.matches("it doesn't say why", reason.explain(answer(value)))
      assert.matches("connection to the server failed", reason.explain(nil, failed("network", "maybe",
        { http_status = value, curl_code = value })))
    end
  end)

  it("repeats the server's words as words", function()
    assert.matches("call: Bad Request: 100% {wait} {said} %1. Correct",
      reason.explain(answer(400, "Bad Request: 100% {wait} {said} %1...")), 1, true)
  end)

  it("has nothing to complain about when the answer is ok", function()
    assert.matches("did it", reason.explain { ok = true, result = true })
    for _, result in ipairs { 1, "x", {}, 0 / 0 } do
      assert.matches("Nothing is left to do", reason.explain { ok = true, result = result })
      assert.is_nil(reason.explain { ok = true, result = result }:find("did it", 1, true))
    end
    assert.matches("isn't known what it did", reason.explain { ok = true })
  end)
end)

describe("check", function()
  it("gives the result", function()
    local user = { id = 1 }
    assert.equal(user, reason.check { ok = true, result = user })
    assert.equal(1, select("#", reason.check { ok = true, result = user }))
    assert.is_true(reason.check { ok = true, result = true })
    assert.is_false(reason.check { ok = true, result = false })
  end)

  it("gives true where the server sent no result, so that assert holds", function()
    assert.is_true(reason.check { ok = true })
  end)

  it("makes one failure of a refusal", function()
    local result, failure = reason.check(limited(7))
    assert.is_nil(result)
    assert.equal("rate_limited", failure.reason)
    assert.is_false(failure.ok)
    assert.equal(429, failure.error_code)
    assert.equal(7, failure.parameters.retry_after)
    assert.equal("botapi: 429 Too Many Requests: retry after 7", tostring(failure))
  end)

  it("has the wait of an answer where an error has it", function()
    assert.equal(7, select(2, reason.check(limited(7))).retry_after)
    assert.equal(9, select(2, reason.check(nil, failed("protocol", "yes", { retry_after = 9 }))).retry_after)
    local _, failure = reason.check(limited(7))
    assert.equal(7, select(2, reason.check(failure)).retry_after)
    for _, parameters in ipairs { {}, "x", { retry_after = "7" }, { retry_after = 0 / 0 } } do
      assert.is_nil(select(2, reason.check(answer(429, "x", parameters))).retry_after)
    end
  end)

  it("makes one failure of an error", function()
    local result, failure = reason.check(nil, failed("timeout", "maybe", { curl_code = 28, method = "logOut" }))
    assert.is_nil(result)
    assert.equal("timeout", failure.reason)
    assert.equal("timeout", failure.kind)
    assert.equal("maybe", failure.sent)
    assert.equal("logOut", failure.method)
    assert.equal(28, failure.curl_code)
    assert.equal("botapi: timeout failed", tostring(failure))
  end)

  it("makes an error of assert that a person can read", function()
    local ok, failure = pcall(function() assert(reason.check(answer(401, "Unauthorized"))) end)
    assert.is_false(ok)
    assert.equal("botapi: 401 Unauthorized", tostring(failure))
  end)

  it("makes one line of whatever is missing", function()
    local line = function(...) return tostring(select(2, reason.check(...))) end
    assert.equal("botapi: 500 the server refused the call", line(answer(500)))
    assert.equal("botapi: the server refused the call", line(answer("x", {})))
    assert.equal("botapi: local_rate_limited", line(answer(nil, "local_rate_limited")))
    assert.equal("botapi: nil", line(nil, { kind = "system" }))
  end)

  it("leaves what it was given as it was", function()
    local res = answer(400, "a\nb", { list = { "c\nd" } })
    local _, failure = reason.check(res)
    assert.same(answer(400, "a\nb", { list = { "c\nd" } }), res)
    assert.equal("c d", failure.parameters.list[1])
  end)

  it("strips control bytes from every string, member names too", function()
    local _, failure = reason.check(answer(400, "a\r\nb\27[31mc\0d\127", { ["e\nf"] = { { "g\tih\7" } } }))
    assert.is_nil(failure.description:find("%c"))
    assert.is_nil(tostring(failure):find("%c"))
    for name, value in pairs(failure.parameters) do
      assert.equal("e f", name)
      assert.is_nil(value[1][1]:find("%c"))
    end
  end)

  it("cuts strings at 200 bytes, and never inside a character", function()
    local _, failure = reason.check(answer(400, ("a"):rep(1000), { x = "a" .. ("\195\164"):rep(200) }))
    assert.equal(("a"):rep(197) .. "…", failure.description)
    assert.equal("a" .. ("\195\164"):rep(98) .. "…", failure.parameters.x)
  end)

  it("survives a table that holds itself", function()
    local res = answer(400, "x", {})
    res.parameters.self = res.parameters
    local _, failure = reason.check(res)
    assert.equal(failure.parameters, failure.parameters.self)
  end)

  it("has its own reason, whatever the server calls so", function()
    local res = answer(400, "Logged out")
    res.reason, res.kind = "server", "network"
    local _, failure = reason.check(res)
    assert.equal("logged_out", failure.reason)
    assert.equal("botapi: 400 Logged out", tostring(failure))
  end)

  it("gives a failure that reason and explain take, first or second", function()
    for _, arguments in ipairs { { answer(400, "Logged out") }, { nil, failed("tls", "no", { curl_code = 60 }) } } do
      local _, failure = reason.check(arguments[1], arguments[2])
      assert.equal(failure.reason, reason.reason(nil, failure))
      assert.equal(reason.explain(arguments[1], arguments[2]), reason.explain(nil, failure))
    end
    local _, failure = reason.check(answer(400, "Logged out"))
    assert.equal("logged_out", reason.reason(failure))
  end)
end)

describe("the token", function()
  local core = require "botapi.core"
  local canary = require "support.canary"
  local faults = require "support.faults"
  local server
  lazy_setup(function() server = faults.start() end)
  lazy_teardown(function() server:stop() end)

  local function logout(mode)
    return core.logout(canary.token, { server = server:open({ mode = mode }).url, timeout = 10 })
  end

  local function check_all(res, err)
    local _, failure = reason.check(res, err)
    canary.check(failure, "failure")
    assert.is_nil(canary.shown(reason.explain(res, err)))
    assert.is_nil(canary.shown(reason.explain(nil, failure)))
    assert.is_nil(canary.shown(reason.reason(res, err)))
    return failure
  end

  it("is in no text about an answer that holds it", function()
    local res = logout("echo_json")
    assert.is_truthy(canary.shown(res.description))   -- else this spec shows nothing
    local failure = check_all(res)
    assert.matches("^Not Found: /bot[^/]+/logOut$", failure.description)
    res.error_code = 400                              -- now the text repeats the server's words
    res.parameters = { [res.description] = { { res.description } } }
    check_all(res)
    assert.matches("The server refused the call: Not Found: /bot", reason.explain(res), 1, true)
  end)

  it("is in no text about an error whose server sent it back", function()
    for _, mode in ipairs { "echo_reason", "echo_html", "echo_reason_html", "echo_encoded" } do
      check_all(logout(mode))
    end
  end)
end)

describe("misuse", function()
  for _, name in ipairs { "check", "reason", "explain" } do
    it("of " .. name .. " raises, names the argument and repeats no text", function()
      local function raises(pattern, ...)
        local arguments, n = { ... }, select("#", ...)
        local unpack = table.unpack or unpack -- luacheck: ignore
        local ok, message = pcall(function() reason[name](unpack(arguments, 1, n)) end)
        assert.is_false(ok)
        assert.matches("reason_spec.*'" .. name .. "' %(" .. pattern .. ": ", message)
        assert.is_nil(message:find("canary", 1, true))
      end
      raises("err")
      raises("err", nil, nil)
      raises("err", nil, "canary")
      raises("err", nil, {})
      raises("err", nil, { kind = 1 })
      raises("res", "canary")
      raises("res", true)
      raises("res", {})
      raises("res", { ok = "true" })
      raises("res", { ok = 1, error_code = 400 })
      raises("res", { kind = "network" })
      raises("res", false, failed("network", "no"))
    end)
  end
end)

describe("the rows", function()
  local function names_of(list)
    local names = {}
    for i, each in ipairs(list) do names[i] = each[1] end
    return names
  end

  it("describe the kinds, the values of sent and the reasons that there are", function()
    assert.same(kinds, names_of(rows.kinds))
    assert.same({ "no", "yes", "maybe" }, names_of(rows.sent))
    assert.same(reasons, names_of(rows.reasons))
  end)

  it("have a cause for every kind", function()
    local seen = {}
    for _, row in ipairs(rows.errors) do
      seen[row.kind or "none"] = true
    end
    for _, kind in ipairs(kinds) do
      assert.is_true(seen[kind], kind)
      seen[kind] = nil
    end
    assert.same({ none = true }, seen)
  end)
end)

describe("an answer that is ok and false", function()
  it("isn't told as done", function()
    local botapi = require "botapi"
    assert.is_nil(botapi.explain({ ok = true, result = false }):find("The server did it", 1, true))
    assert.is_truthy(botapi.explain({ ok = true, result = true }):find("The server did it", 1, true))
  end)
end)

describe("a server's name in another script", function()
  it("that libcurl can't read isn't told as a lack of memory", function()
    local botapi = require "botapi"
    local _, err = botapi.logout("123456:any-secret-of-24-characters", { server = "https://b\195\188cher.invalid",
      timeout = 5 })
    assert.equal("no", err.sent)
    assert.is_nil(botapi.explain(nil, err):find("memory", 1, true))
  end)
end)
