-- SPDX-License-Identifier: MIT
-- The table of faults: for each mode of the fault server what a call must give, and the runner that tries it all on a
-- caller, over a fresh and a reused connection, plain and TLS, against the server's own count.

local assert = require "luassert"
local busted = require "busted"
local canary = require "support.canary"
local certs = require "support.certs"
local faultmodes = require "support.faultmodes"
local faults = require "support.faults"
local live = require "support.live"
local monotime = require("cqueues").monotime

local matrix = {}

local DONE = {ok = true, result = true}
local SILENT = 0.2 * (tonumber(os.getenv "BOTAPI_SLOW") or 1)  -- where a server says nothing; valgrind needs more

local function answers(mode, res, more)
  local row = more or {}
  row.mode, row.res = mode, res
  return row
end

local function error_of(code, description, more)
  return {ok = false, error_code = code, description = description, more = more}
end

-- `kind` and `sent` are one word, or several with | where the kernel's timing decides.
local function fails(mode, kind, sent, more)
  local row = more or {}
  row.mode, row.kind, row.sent = mode, kind, sent
  return row
end

local function silent(mode, sent, more)
  local row = fails(mode, "timeout", sent, more)
  row.timeout = SILENT
  return row
end

local function protocol(mode, status)
  return fails(mode, "protocol", "yes", {status = status or 200})
end

-- only: "tls" or "plain"; tls: what differs there; certificate: what the server shows; res = "any": an envelope or a
-- failure, the invariants alone are checked.
matrix.rows = {
  -- before a request
  fails("refused", "network", "no"),
  fails("accept_close", "network", "no|maybe", {tls = {kind = "network|tls", sent = "no"}}),
  fails("accept_cut", "network", "no|maybe", {tls = {kind = "network|tls", sent = "no"}}),
  fails("accept_reset", "network", "no|maybe", {tls = {kind = "network|tls", sent = "no"}}),
  silent("accept_silence", "maybe", {tls = {sent = "no"}}),
  fails("hello_close", "network|tls", "no", {only = "tls"}),
  fails("hello_cut", "network|tls", "no", {only = "tls"}),
  fails("hello_reset", "network|tls", "no", {only = "tls"}),
  fails("hello_plain", "tls", "no", {only = "tls"}),
  silent("hello_silence", "no", {only = "tls"}),
  fails("tls_close", "network|tls", "no|maybe", {only = "tls"}),
  fails("tls_cut", "network|tls", "no|maybe", {only = "tls"}),
  fails("tls_reset", "network|tls", "no|maybe", {only = "tls"}),
  silent("tls_silence", "maybe", {only = "tls"}),
  fails("ok", "tls", "no", {only = "tls", certificate = "expired"}),
  fails("ok", "tls", "no", {only = "tls", certificate = "not_yet"}),
  fails("ok", "tls", "no", {only = "tls", certificate = "wrong_host"}),
  fails("ok", "tls", "no", {only = "tls", certificate = "unknown_ca"}),
  fails("ok", "tls", "no", {only = "tls", certificate = "self_signed"}),
  fails("ok", "tls", "no", {only = "tls", certificate = "tls11"}),
  -- after the request
  fails("request_close", "network", "maybe"),
  fails("request_cut", "network", "maybe"),
  fails("request_reset", "network", "maybe"),
  silent("request_silence", "maybe"),
  fails("status_close", "network", "maybe"),
  fails("status_cut", "network", "maybe"),
  fails("status_reset", "network", "maybe"),
  silent("status_silence", "maybe"),
  fails("header_close", "network", "maybe"),
  fails("header_cut", "network", "maybe"),
  fails("header_reset", "network", "maybe"),
  silent("header_silence", "maybe"),
  fails("headers_close", "network", "maybe"),
  fails("headers_cut", "network", "maybe"),
  fails("headers_reset", "network", "maybe"),
  silent("headers_silence", "maybe"),
  fails("body_close", "network", "maybe"),
  fails("body_cut", "network", "maybe"),
  fails("body_reset", "network", "maybe"),
  silent("body_silence", "maybe"),
  fails("chunk_close", "network", "maybe"),
  fails("chunk_cut", "network", "maybe"),
  fails("chunk_reset", "network", "maybe"),
  silent("chunk_silence", "maybe"),
  fails("chunks_close", "network", "maybe"),
  fails("chunks_reset", "network", "maybe"),
  silent("chunks_silence", "maybe"),
  silent("trickle_endless", "maybe"),
  -- right, if odd
  answers("ok", DONE),
  answers("slow", DONE),
  answers("trickle", DONE),
  answers("chunked", DONE),
  answers("http10", DONE),
  answers("connection_close", DONE),
  answers("excess", DONE),
  answers("eof", DONE),
  answers("eof_untidy", DONE),
  answers("continue", DONE),
  answers("cookie", DONE),
  answers("encoded_unknown", DONE),
  answers("whitespace", DONE),
  answers("utf8_invalid", {ok = true}),
  answers("duplicate_keys", "any"),
  -- wrong lengths
  fails("length_big", "network", "maybe"),
  fails("length_small", "protocol", "yes"),
  fails("length_garbage", "any", "maybe|yes"),
  fails("length_beyond", "protocol|network", "maybe"),
  fails("length_twice", "any", "maybe|yes"),
  fails("length_negative", "any", "maybe|yes"),
  fails("eof_cut", "protocol", "maybe"),
  fails("eof_cut_untidy", "protocol", "maybe"),
  fails("chunked_broken", "protocol|network", "maybe"),
  fails("chunked_huge", "protocol|network", "maybe"),
  -- not HTTP/1.1
  fails("not_http", "protocol", "maybe"),
  fails("http09", "protocol", "maybe"),
  fails("http2", "protocol", "maybe"),
  fails("http3_status", "protocol", "maybe"),
  fails("status_garbage", "protocol", "maybe"),
  fails("switching", "protocol|network", "maybe"),
  -- too much
  fails("continue_storm", "limit", "maybe"),
  fails("headers_many", "limit", "maybe"),
  fails("headers_line", "limit", "maybe"),
  fails("headers_giant_line", "limit", "maybe"),
  fails("headers_endless", "limit", "maybe"),
  fails("body_giant", "limit", "maybe"),
  fails("body_endless", "limit", "maybe"),
  -- unasked transfer codings: never unpacked
  fails("bomb", "protocol", "maybe"),
  fails("bomb_chunked", "protocol", "maybe"),
  -- complete, and no envelope
  protocol("bomb_content"),
  protocol("encoded"),
  protocol("redirect_301", 301),
  protocol("redirect_302", 302),
  protocol("redirect_303", 303),
  protocol("redirect_307", 307),
  protocol("empty"),
  protocol("status_204", 204),
  protocol("html_200"),
  protocol("html_403", 403),
  protocol("html_502", 502),
  protocol("html_504", 504),
  protocol("nul"),
  protocol("nul_inside"),
  protocol("scalar_true"),
  protocol("scalar_number"),
  protocol("scalar_string"),
  protocol("scalar_null"),
  protocol("array"),
  protocol("ok_missing"),
  protocol("ok_string"),
  protocol("ok_number"),
  protocol("ok_null"),
  protocol("json_cut"),
  protocol("json_junk"),
  protocol("json_nan"),
  protocol("json_deep"),
  protocol("json_bom"),
  protocol("json_utf16"),
  protocol("echo_html", 404),
  protocol("echo_encoded", 302),
  protocol("echo_reason_html", 404),
  fails("rate_limited_html", "protocol", "yes", {status = 429, retry_after = 7}),
  -- the Bot API's own
  answers("unauthorized", error_of(401, "Unauthorized")),
  answers("unauthorized_challenge", error_of(401, "Unauthorized")),
  answers("not_found", error_of(404, "Not Found")),
  answers("misdirected", error_of(421, "Misdirected Request: unallowed token specified")),
  answers("logged_out", error_of(400, "Logged out")),
  answers("restart", error_of(500, "Internal Server Error: restart")),
  answers("envelope_502", error_of(502, "Bad Gateway")),
  answers("rate_limited", error_of(429, "Too Many Requests: retry after 7", {retry_after = 7})),
  answers("rate_limited_header", error_of(429, "Too Many Requests: retry after 7", {retry_after = 7})),
  answers("rate_limited_date", error_of(429, "Too Many Requests")),
  answers("rate_limited_bare", error_of(429, "Too Many Requests")),
  answers("migrated", error_of(400, "Bad Request: group chat was upgraded to a supergroup chat",
    {migrate_to_chat_id = -1002147483648123})),
  answers("bare_403", error_of(403, "Forbidden")),
  answers("ok_false_200", {ok = false}),
  answers("ok_true_500", "any"),
  answers("echo_reason", {ok = false, error_code = 404}),
}

local function one_of(words, word)
  return words == "any" or ("|" .. words .. "|"):find("|" .. tostring(word) .. "|", 1, true) ~= nil
end

local KINDS = "token|network|tls|timeout|protocol|limit|cancelled|logged_out|busy|system"

local function is_integer(value)
  return type(value) == "number" and (math.type and math.type(value) == "integer" or not math.type)
end

local function check_envelope(res, want)
  assert.is_boolean(res.ok)
  if want == "any" then
    return
  end
  assert.equal(want.ok, res.ok)
  if want.result ~= nil then
    assert.equal(want.result, res.result)
  end
  if want.error_code then
    assert.equal(want.error_code, res.error_code)
    assert.is_true(is_integer(res.error_code), "error_code is an integer")
  end
  if want.description then
    assert.equal(want.description, res.description)
  end
  for name, value in pairs(want.more or {}) do
    assert.equal(value, res.parameters[name])
    assert.is_true(is_integer(res.parameters[name]), name .. " is an integer")
  end
end

-- The shape that every error has, whatever happened.
local function check_error(err)
  assert.is_not_nil(err, "neither an envelope nor an error")
  assert.is_true(one_of(KINDS, err.kind), "kind " .. tostring(err.kind))
  assert.is_true(one_of("no|yes|maybe", err.sent), "sent " .. tostring(err.sent))
  assert.is_string(err.message)
  assert.equal("botapi: " .. err.message, tostring(err))
  assert.is_nil(err.message:find("[%c]"))
end

local function check_failure(err, want)
  local told = ("%s/%s: %s"):format(tostring(err.kind), tostring(err.sent), tostring(err.message))
  assert.is_true(one_of(want.kind, err.kind), ("kind %s expected, got %s"):format(want.kind, told))
  assert.is_true(one_of(want.sent, err.sent), ("sent %s expected, got %s"):format(want.sent, told))
  if want.status then
    assert.equal(want.status, err.http_status)
  end
  if want.retry_after then
    assert.equal(want.retry_after, err.retry_after)
  end
end

--- The server's count of one call's requests against the claim: the invariant that is worth most.
function matrix.check_count(res, err, seen)
  assert.is_true(seen <= 1, ("%d requests reached the server"):format(seen))
  if res then
    assert.equal(1, seen)
  elseif err.sent == "no" then
    assert.equal(0, seen)
  elseif err.sent == "yes" then
    assert.equal(1, seen)
  end
end

-- What no request may ever carry, and what each must.
local function check_heads(requests)
  for _, request in ipairs(requests) do
    assert.equal("POST", request.verb)
    local head = request.head:lower()
    for _, name in ipairs {"cookie", "expect", "accept%-encoding", "te", "authorization", "transfer%-encoding",
      "upgrade"} do
      assert.is_nil(head:match("\r\n" .. name .. ":"), name:gsub("%%", "") .. " was sent")
    end
    assert.is_truthy(head:match("^post %S+ http/1%.1\r\n"))
    assert.is_truthy(head:match("\r\ncontent%-length: %d+\r\n"))
  end
end

--- What a row says for plain or TLS: a copy with its `tls` members laid over it.
function matrix.expectation(row, tls)
  local want = {}
  for name, value in pairs(row) do
    want[name] = value
  end
  for name, value in pairs(tls and row.tls or {}) do
    want[name] = value
  end
  return want
end

--- Judges one call's outcome by a row of the table and the server's report.
function matrix.judge(want, res, err, told)
  if res then
    assert.is_nil(err)
    assert.is_truthy(want.res, ("%s/%s expected, got %s"):format(tostring(want.kind), tostring(want.sent),
      tostring(res)))
    check_envelope(res, want.res)
  else
    check_error(err)
    if want.res ~= "any" then
      assert.is_nil(want.res, "an envelope expected, got " .. tostring(err))
      check_failure(err, want)
    end
  end
  matrix.check_count(res, err, told.seen("logOut"))
  check_heads(told.requests)
end

local function options_for(url, want, tls, reuse)
  return {server = url, ca_file = tls and certs.ca() or nil, timeout = want.timeout or 10, reuse = reuse or nil}
end

-- One case: the calls, then the verdict. `reuse`: a getMe before it opens the connection that it takes.
local function try(server, caller, row, tls, reuse)
  local want = matrix.expectation(row, tls)
  local listener = server:open {mode = row.mode, tls = tls and (row.certificate or "server") or nil,
    skip = reuse and 1 or 0}
  if reuse then
    local opened, why = caller("getMe", canary.token, nil, options_for(listener.url, {}, tls, true))
    assert.is_truthy(opened and opened.ok, "the first call failed: " .. tostring(why))
  end
  local began = monotime()
  local res, err = caller("logOut", canary.token, nil, options_for(listener.url, want, tls, reuse))
  local took = monotime() - began
  local told = listener:close()
  matrix.judge(want, res, err, told)
  canary.check(err, "err")
  if want.kind == "timeout" then
    assert.is_true(took >= want.timeout - 0.01 and took < want.timeout + 0.5, ("it took %.3f s"):format(took))
  end
  if reuse and told.requests[2] then
    assert.equal(told.requests[1].connection, told.requests[2].connection)
  end
end

-- Faults before the request have no meaning on a connection that is already open.
local function reusable(row)
  local mode = faultmodes[row.mode]
  return not mode.at and not mode.refuse and not row.certificate
end

--- Every row as specs, on `caller(method, token, params, options)` → res, err.
-- `options`: `name` for the titles; `reuse = false` where a caller can't; `remote = true` when the calls are made by
-- another process, whose descriptors can't be counted here; `only` = a pattern of mode names.
function matrix.run(caller, options)
  options = options or {}
  local server, before
  busted.describe((options.name or "a call") .. " against each fault", function()
    busted.lazy_setup(function()
      server = faults.start()
      -- what the caller's loop opens then, it keeps
      if not options.remote then caller("getMe", "1:x", nil, {server = "http://127.0.0.1:1"}) end
    end)
    busted.lazy_teardown(function()
      server:stop()
      assert.equal("", server.child:errors())
    end)
    busted.before_each(function()
      before = not options.remote and live.note()
    end)
    busted.after_each(function()
      if before then
        before:check()
      end
    end)
    local function case(row, tls, reuse)
      local title = ("%s%s, %s, %s: %s"):format(row.mode, row.certificate and " " .. row.certificate or "",
        tls and "TLS" or "plain", reuse and "reused" or "fresh", row.res and "an answer" or
        matrix.expectation(row, tls).kind .. ", sent " .. matrix.expectation(row, tls).sent)
      busted.it(title, function()
        try(server, caller, row, tls, reuse)
      end)
    end
    for _, row in ipairs(matrix.rows) do
      if row.mode:match(options.only or "") then
        for _, tls in ipairs {false, true} do
          if row.only == nil or row.only == (tls and "tls" or "plain") then
            case(row, tls, false)
            if options.reuse ~= false and reusable(row) then
              case(row, tls, true)
            end
          end
        end
      end
    end
  end)
end

return matrix
