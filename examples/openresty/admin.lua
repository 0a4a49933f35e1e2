-- SPDX-License-Identifier: MIT
-- The admin endpoint: who may ask, which bots there are, what is known of them, and the one thing that it does.
-- luacheck: std ngx_lua, globals ngx.status

local bit = require "bit"
local ffi = require "ffi"
local botapi = require "resty.botapi"
local journal = require "botapi.journal"
local json = require("cjson.safe").new()
json.encode_invalid_numbers "null"      -- what a server sends may be infinite: 1e999
ffi.cdef "unsigned geteuid(void);"

local admin = {}

local LEAST_KEY = 32            -- characters of a bearer key
local PROBE_SECONDS = 10        -- how long the answer of a probe is good for
local LOCK_SECONDS = 180        -- more than a logout can take
local CLOUD = botapi.bot("0:none", { server = "telegram" }).identity

-- Of each logout. The page and proxies in front have to wait for longer than the deadline.
local OPTIONS = { retries = 2, deadline = 60, max_wait = 5 }

local expected                  -- the MAC of the key
local salt                      -- of this master process
local bots, names = {}, {}      -- by name: {name, id, server, base, identity, new}; the names in the file's order
local directory                 -- of the journals

-- --- set-up -----------------------------------------------------------------

local function read(variable)
  local path = os.getenv(variable)
  if not path then error("botapi admin: set " .. variable, 0) end
  local file, why = io.open(path)
  if not file then error("botapi admin: " .. variable .. ": " .. why, 0) end
  local text = file:read "*a"
  file:close()
  return text
end

-- What makes bot objects. The token is in a function, not in a table: no dump of a table shows it.
local function maker(token, server)
  return function(more)
    local options = { server = server, may_have_left = more }
    for key, value in pairs(OPTIONS) do options[key] = value end
    return botapi.bot(token, options)
  end
end

-- A line of the bots file.
local function add_bot(line, number)
  local name, token, server = line:match "^%s*([%w_-]+)%s+(%S+)%s*(%S*)%s*$"
  local at = "botapi admin: BOTAPI_BOTS_FILE, line " .. number .. ": "
  if not name then error(at .. "a name, a token and a server expected", 0) end
  if bots[name] then error(at .. "there is another " .. name, 0) end
  local new = maker(token, server ~= "" and server or "telegram")
  local ok, made = pcall(new)
  if not ok then error(at .. "its server isn't one", 0) end
  if not made.id then error(at .. "its token isn't one", 0) end
  bots[name] = { name = name, id = made.id, server = server ~= "" and server or "telegram", base = made.server,
    identity = made.identity, new = new }
  names[#names + 1] = name
end

-- Unknown to all but this master process.
local function random()
  local file = assert(io.open("/dev/urandom", "rb"))
  local bytes = file:read(32)
  file:close()
  return bytes
end

--- Reads the key and the bots. In the master: raises, and nginx doesn't start, when something is missing.
function admin.load()
  local key = read "BOTAPI_ADMIN_KEY_FILE":gsub("%s+$", "")
  if #key < LEAST_KEY then error("botapi admin: the key has less than " .. LEAST_KEY .. " characters", 0) end
  salt = random()
  expected = ngx.hmac_sha1(salt, key)
  directory = os.getenv "BOTAPI_JOURNAL" or error("botapi admin: set BOTAPI_JOURNAL", 0)
  local number = 0
  for line in (read "BOTAPI_BOTS_FILE" .. "\n"):gmatch "(.-)\n" do
    number = number + 1
    if line:find "%S" and not line:find "^%s*#" then add_bot(line, number) end
  end
end

-- The name of the user that this process runs as, or its number.
local function user()
  local id = tonumber(ffi.C.geteuid())
  local file = io.open "/etc/passwd"
  local text = file and file:read "*a" or ""
  if file then file:close() end
  return ("\n" .. text):match("\n([^:\n]+):[^:\n]*:" .. id .. ":") or tostring(id)
end

--- In each worker, at its start: logs an error when it can't open a journal, as a logout has to.
function admin.check_journal()
  local place = os.getenv "BOTAPI_JOURNAL" or ""
  local path = ("%s/.worker-%d"):format(place, ngx.worker.pid())
  local log, why = journal.open(path)
  if not log then
    return ngx.log(ngx.ERR, "botapi admin: BOTAPI_JOURNAL: this worker, of the user ", user(), ", can't write to ",
      place, ": ", why)
  end
  log:close()
  os.remove(path)
  os.remove(path .. ".lock")
end

-- --- answers ----------------------------------------------------------------

-- cjson writes a slash as "\/".
local function encode(value)
  return (json.encode(value):gsub("\\/", "/"))
end

local function answer(status, text)
  ngx.status = status
  ngx.header["Content-Type"] = "application/json; charset=utf-8"
  ngx.header["Cache-Control"] = "no-store"
  ngx.print(text, "\n")
  return ngx.exit(ngx.HTTP_OK)
end

-- `more`: other members.
local function refusal(status, description, more)
  local body = { ok = false, error_code = status, description = description }
  for name, value in pairs(more or {}) do body[name] = value end
  return encode(body)
end

--- Answers as the Bot API refuses; ends the request.
function admin.refuse(status, ...)
  return answer(status, refusal(status, ...))
end

-- --- who may ask ------------------------------------------------------------

-- Equal in a time that tells nothing: of MACs under a salt that nobody knows, byte for byte, to the end.
local function same(mac, other)
  local differences = #mac == #other and 0 or 1
  for i = 1, math.min(#mac, #other) do
    differences = bit.bor(differences, bit.bxor(mac:byte(i), other:byte(i)))
  end
  return differences == 0
end

-- The key in a header of its own: a proxy in front may want Authorization for itself.
local function check_key()
  local given = ngx.var.http_x_botapi_key or (ngx.var.http_authorization or ""):match "^[Bb]earer +(%S+)%s*$" or ""
  if same(ngx.hmac_sha1(salt, given), expected) then return end
  ngx.header["WWW-Authenticate"] = 'Bearer realm="botapi"'
  admin.refuse(401, "Unauthorized: the key is missing, or another one")
end

-- A page of another site can't send the key. This holds even if a browser ever sends it by itself. Browsers say whose
-- page asks, where the connection is safe; where they don't, a proxy in front has to pass on what they call this host.
local function check_site()
  local site, origin = ngx.var.http_sec_fetch_site, ngx.var.http_origin
  if site == "same-origin" or site == "none" then return end
  if site then admin.refuse(403, "Forbidden: asked by another site") end
  if origin and origin:match "^https?://(.+)$" ~= ngx.var.http_host then
    admin.refuse(403, "Forbidden: asked by another site, or a proxy in front doesn't pass the header Host on")
  end
end

local function check_method(method)
  if ngx.req.get_method() == method then return end
  ngx.header.Allow = method
  admin.refuse(405, "Method Not Allowed: " .. method .. " expected")
end

-- The body says the name again: what a script sends by mistake isn't enough.
local function check_confirmed(name)
  if not (ngx.var.http_content_type or ""):lower():find("^application/json") then
    admin.refuse(415, "Unsupported Media Type: application/json expected")
  end
  ngx.req.read_body()
  local body = json.decode(ngx.req.get_body_data() or "")
  if type(body) ~= "table" or body.name ~= name then
    admin.refuse(400, 'Bad Request: {"name": "' .. name .. '"} expected as the body')
  end
  if body.force ~= nil and type(body.force) ~= "boolean" then
    admin.refuse(400, 'Bad Request: "force" is true or false')
  end
  return body
end

-- --- what is known ----------------------------------------------------------

local function path_of(bot)
  return directory .. "/" .. bot.id .. ".jsonl"
end

local function lock_of(bot)
  return "lock " .. bot.id
end

-- From the journal alone: asking the server would log the bot in.
local function state_of(bot)
  if ngx.shared.botapi_admin:get(lock_of(bot)) then return { state = "running", text = "It is being logged out." } end
  local log, why = journal.read(path_of(bot))
  if not log then return { state = "unreadable", text = why } end
  local left = log:left(bot.id, bot.identity)
  if left then return { state = "left", at = left.at, text = "It has left this server." } end
  if log:damage() then return { state = "unreadable", text = log:damage() } end
  if #log:unsettled(bot.id) > 0 then
    return { state = "unsettled", text = "A logout was sent; what came of it isn't known. Log it out again." }
  end
  return { state = "unknown", text = "This endpoint hasn't logged it out." }
end

-- Whether a server is there, asked without a token, by one request in ten seconds.
local function server_of(bot)
  local known = ngx.shared.botapi_admin:get("probe " .. bot.base)
  if known then return known end
  local res, err = botapi.probe(bot.server, { timeout = 5, connect_timeout = 3 })
  known = res and "answers" or botapi.reason(res, err)
  ngx.shared.botapi_admin:set("probe " .. bot.base, known, PROBE_SECONDS)
  return known
end

local function probe_all()
  local threads, asked, found = {}, {}, {}
  for _, name in ipairs(names) do
    local bot = bots[name]
    if not asked[bot.base] then
      asked[bot.base] = true
      threads[#threads + 1] = ngx.thread.spawn(function() found[bot.base] = server_of(bot) end)
    end
  end
  for _, thread in ipairs(threads) do ngx.thread.wait(thread) end
  return found
end

--- GET /admin/bots: the bots and what is known of them. No request that goes out holds a token.
function admin.list()
  check_method "GET"
  check_key()
  check_site()
  local servers, lines = probe_all(), {}
  for i, name in ipairs(names) do
    local bot, state = bots[name], state_of(bots[name])
    lines[i] = encode { name = name, id = bot.id, server = bot.base, server_state = servers[bot.base],
      cloud = bot.identity == CLOUD, state = state.state, at = state.at, text = state.text }
  end
  answer(200, '{"ok":true,"result":{"bots":[' .. table.concat(lines, ",") .. "]}}")
end

-- --- what it does -----------------------------------------------------------

-- Whether it is known that the bot is logged out.
local function is_out(res, reason)
  return res ~= nil and res.ok and res.result and true or reason == "logged_out"
end

-- What a result of the journal says of its intent.
local function outcome_of(res, err, reason, unsettled)
  if is_out(res, reason) then return reason and "already" or "done" end
  if unsettled then return "unknown" end
  if err then return err.sent == "no" and "not_sent" or "unknown" end
  if res.ok then return res.result == false and "refused" or "unknown" end
  if reason == "rate_limited" then return "later" end
  return (reason == "server" or reason == "logging_out") and "unknown" or "refused"
end

-- Our own status: 200 it is logged out; 409 the server refused; 502, 503, 504 no answer of a Bot API server.
local function status_of(res, err, outcome)
  if res then return (outcome == "done" or outcome == "already") and 200 or 409 end
  return err.kind == "timeout" and 504 or err.kind == "busy" and 503 or 502
end

local function of_type(kind, value)
  if type(value) == kind then return value end
end

-- What of an answer or a failure is for people and scripts. `check` has cleaned it: a server that sends the token back
-- isn't repeated.
local function show(res, err, outcome)
  local result, failure = botapi.check(res, err)
  local shown = { ok = failure == nil, outcome = outcome, explanation = botapi.explain(res, err) }
  if not failure then
    shown.result = of_type("boolean", result)
    return encode(shown)
  end
  shown.description = of_type("string", failure.description) or of_type("string", failure.message)
  shown.error_code = of_type("number", failure.error_code)
  shown.kind, shown.sent, shown.reason = err and failure.kind, err and failure.sent, failure.reason
  shown.parameters = { retry_after = of_type("number", failure.retry_after) }
  if not next(shown.parameters) then shown.parameters = nil end
  return encode(shown)
end

local function unsent(why)
  ngx.log(ngx.ERR, "botapi admin: nothing was sent: ", why)
  return 500, refusal(500, "Nothing was sent: " .. why, { outcome = "not_sent" })
end

-- Returns a status and a text.
local function send(bot, log)
  local unsettled = #log:unsettled(bot.id) > 0
  local id, why = log:intent { bot = bot.id, server = bot.identity, method = "logOut" }
  if not id then return unsent("the journal can't be written: " .. why) end
  local res, err = bot.new(unsettled):logout()
  local outcome = outcome_of(res, err, botapi.reason(res, err), unsettled)
  log:result(id, { outcome = outcome, sent = err and err.sent or "yes" })
  return status_of(res, err, outcome), show(res, err, outcome)
end

-- Returns true, a status and a text; or false and what `fn` raised.
local function with_journal(path, fn)
  local log, why = journal.open(path)
  if not log then return true, unsent("the journal can't be opened: " .. tostring(why)) end
  local ok, status, text = pcall(fn, log)
  log:close()
  return ok, status, text
end

-- One logout of a bot at a time, in all workers, with its journal open. Whatever happens both are let go.
local function locked(bot, fn)
  local dict = ngx.shared.botapi_admin
  if not dict:add(lock_of(bot), true, LOCK_SECONDS) then
    return 409, refusal(409, "Conflict: " .. bot.name .. " is being logged out", { state = "running" })
  end
  local ok, status, text = with_journal(path_of(bot), fn)
  dict:delete(lock_of(bot))
  if not ok then error(status, 0) end
  return status, text
end

--- POST /admin/bots/<name>/logout, body {"name": "<name>"}: logs the bot out, once the journal has the intent.
-- `"force": true` also asks a server that the bot has left: that may log it in.
function admin.logout(name)
  check_method "POST"
  check_key()
  check_site()
  local bot = bots[name] or admin.refuse(404, "Not Found: there is no bot " .. name)
  local body = check_confirmed(name)
  answer(locked(bot, function(log)
    local left = log:left(bot.id, bot.identity)
    if left and not body.force then
      return 409, refusal(409, "Conflict: it has left this server; any request there could log it in again",
        { state = "left", at = left.at })
    end
    if log:damage() and not body.force then
      return unsent("the journal can't be read: " .. log:damage())
    end
    return send(bot, log)
  end))
end

return admin
