-- SPDX-License-Identifier: MIT
-- What is done while memory fails: each scenario's body, and the judge of what came of it. Runs in memory/host.c.

local NAME, PLAIN, SECURE, CA = ...

local TOKEN = "110201543:CANARY-failing-memory-000000000000000000"
local KINDS = {token = true, network = true, tls = true, timeout = true, protocol = true, limit = true,
  cancelled = true, logged_out = true, busy = true, system = true}
local SENT = {no = true, yes = true, maybe = true}

local botapi, engine
local function at(prefix, options)
  options = options or {}
  options.server = ("http://127.0.0.1:%d%s"):format(PLAIN, prefix or "")
  options.timeout = options.timeout or 1
  return options
end

-- Made before memory fails: a note of an outcome allocates nothing.
local told = {res = {false, false, false, false, false, false}, err = {false, false, false, false, false, false}, n = 0}
local function note(res, err)
  local n = told.n + 1
  told.n = n
  told.res[n], told.err[n] = res or false, err or false
end

local many = {headers = {["X-One"] = "1", ["X-Two"] = "2"}, user_agent = "torture", max_response = 1000,
  connect_timeout = 1, proxy = "", reuse = true, test = true, plain_http = true}
local info = {url = "https://bot.example/hook", max_connections = 40, drop_pending_updates = true,
  allowed_updates = {"message", "callback_query"}}
local upload = {url = "https://bot.example/hook", certificate = "-----BEGIN CERTIFICATE-----\nCANARYnot\n"}
local OWN, large = "spec/torture/memory/scenarios.lua", ("x"):rep(300000)
local message = {chat_id = -1001234567890, text = "a b&c", reply_markup = {inline_keyboard = {{{text = "x"}}}}}

local scenarios = {}

-- A scenario that makes one call and notes what it returned.
-- `no_api`: what the peer counts is a CONNECT and a TLS hello.
local function call(name, fn, options, no_api)
  scenarios[name] = function()
    return function() note(fn(options)) end, no_api and 2 or 1
  end
end

call("logout", function(o) return botapi.logout(TOKEN, o) end, at())
call("close_instance", function(o) return botapi.close_instance(TOKEN, o) end, at())
call("get_webhook_info", function(o) return botapi.get_webhook_info(TOKEN, o) end, at())
call("delete_webhook", function(o) return botapi.delete_webhook(TOKEN, {drop_pending_updates = true}, o) end, at())
call("set_webhook", function(o) return botapi.set_webhook(TOKEN, info, o) end, at())
call("set_webhook_multipart", function(o) return botapi.set_webhook(TOKEN, upload, o) end, at())
call("call", function(o) return botapi.call(TOKEN, "sendMessage", message, o) end, at())
call("upload", function(o) return botapi.call(TOKEN, "sendDocument", {document = botapi.file(OWN)}, o) end, at())
call("upload_large", function(o) return botapi.call(TOKEN, "sendMediaGroup", {chat_id = 5, media = {
  {media = botapi.file {data = large, name = "x"}}}}, o) end, at())
call("upload_progress", function(o) return botapi.call(TOKEN, "sendDocument", {document = botapi.file {data = "x"}}, o)
end, at("", {on_progress = function() end}))
call("upload_missing", function(o) return botapi.call(TOKEN, "sendDocument", {
  document = botapi.file "/nonexistent/file"}, o) end, at())
call("options", function(o) return botapi.logout(TOKEN, o) end, at("", many))
call("resolve", function(o) return botapi.logout(TOKEN, o) end, {server = "http://bot:" .. PLAIN, timeout = 1,
  resolve = {"bot:" .. PLAIN .. ":127.0.0.1"}})
call("name", function(o) return botapi.logout(TOKEN, o) end, {server = "http://localhost:" .. PLAIN, timeout = 1})
call("download", function(o) return botapi.download(TOKEN, "d/x", function() end, o) end, at())
call("download_file", function(o) return botapi.download(TOKEN, "d/x", "/dev/null", o) end, at())
call("download_large", function(o) return botapi.download(TOKEN, "d/x", function() end, o) end, at "/big")
call("bad_token", function(o) return botapi.logout("CANARY without a colon", o) end, at())
call("refused", function(o) return botapi.logout(TOKEN, o) end, {server = "http://127.0.0.1:1", timeout = 1})
call("closed", function(o) return botapi.logout(TOKEN, o) end, at "/close")
call("reset", function(o) return botapi.logout(TOKEN, o) end, at "/reset")
call("half", function(o) return botapi.logout(TOKEN, o) end, at "/half")
call("garbage", function(o) return botapi.logout(TOKEN, o) end, at "/garbage")
call("html", function(o) return botapi.logout(TOKEN, o) end, at "/html")
call("echo", function(o)
  local res, err = botapi.logout(TOKEN, o)
  tostring(res)
  return res, err
end, at "/echo")
call("limited", function(o) return botapi.logout(TOKEN, o) end, at "/limit")
call("big", function(o) return botapi.logout(TOKEN, o) end, at "/big")
call("too_big", function(o) return botapi.logout(TOKEN, o) end, at("/big", {max_response = 5000}))
call("silent", function(o) return botapi.logout(TOKEN, o) end, at("/wait", {timeout = 0.02}))
call("proxy", function(o) return botapi.logout(TOKEN, o) end, {server = "https://bot.example",
  proxy = "http://user:CANARYpw@127.0.0.1:" .. PLAIN, timeout = 1}, true)
call("tls", function(o) return botapi.logout(TOKEN, o) end, {server = "https://localhost:" .. SECURE, ca_file = CA,
  resolve = {"localhost:" .. SECURE .. ":127.0.0.1"}, timeout = 3})
call("tls_unknown", function(o) return botapi.logout(TOKEN, o) end, {server = "https://localhost:" .. SECURE,
  resolve = {"localhost:" .. SECURE .. ":127.0.0.1"}, timeout = 3})

function scenarios.probe()
  return function()
    local res, err = botapi.probe(nil, at())
    note(res, err)
  end, 1
end

function scenarios.reused()
  local options = at("", {reuse = true})
  return function()
    note(botapi.get_me(TOKEN, options))
    note(botapi.logout(TOKEN, options))
  end, 2
end

-- curl#11101: libcurl before 8.1.1 keeps a pointer into the freed headers of a handle's last answer, and a first header
-- that begins with a blank makes it write there. Whoever uses a handle twice lets a server write into freed memory.
function scenarios.folded()
  local good, folded = at(), at "/folded"
  return function()
    note(botapi.logout(TOKEN, good))
    note(botapi.logout(TOKEN, folded))
  end, 2
end

function scenarios.engine()
  local good, bad, silent = at(), at "/close", at("/wait", {timeout = 0.02})
  return function()
    engine = botapi.engine {keep = 2}
    local one = engine:start(TOKEN, "logOut", nil, good)
    engine:start(TOKEN, "logOut", nil, bad)
    engine:start(TOKEN, "logOut", nil, silent)
    local pause = engine:timer(0.001)
    engine:pollfd()
    while engine:step(0.5) > 0 do engine:timeout() end
    note(one:result())
    for each in engine:finished() do
      if each ~= pause then note(each:result()) end
    end
    engine:close()
  end, 3
end

function scenarios.engine_wait()
  local good, silent = at(), at "/wait"
  return function()
    engine = botapi.engine()
    local one, two = engine:start(TOKEN, "logOut", nil, good), engine:start(TOKEN, "logOut", nil, silent)
    engine:probe(good.server, nil):wait(1)
    one:wait(1)
    two:wait(0.005)
    two:cancel()
    tostring(engine)
    tostring(two)
    note(one:result())
    note(two:result())
  end, 3
end

function scenarios.engine_closed()
  local silent = at "/wait"
  return function()
    engine = botapi.engine()
    local one, two = engine:start(TOKEN, "logOut", nil, silent), engine:start(TOKEN, "logOut", nil, silent)
    engine:timer(9)
    engine:step(0.01)
    engine:close()
    note(one:result())
    note(two:result())
  end, 2
end

function scenarios.engine_dropped()
  local silent = at "/wait"
  return function()
    local dropped = botapi.engine()
    dropped:start(TOKEN, "logOut", nil, silent)
    dropped:step(0.01)
    dropped = nil
    collectgarbage()
    return dropped
  end, 1
end

function scenarios.crowd()
  local options, jobs = at(), {}
  for i = 1, 40 do jobs[i] = false end
  return function()
    engine = botapi.engine()
    for i = 1, 40 do jobs[i] = engine:start(TOKEN, "logOut", nil, options) end
    while engine:step(1) > 0 do end
    for i = 1, 6 do note(jobs[i]:result()) end
    engine:close()
  end, 40
end

function scenarios.web()
  local url = ("https://www.facebook.com:%d/page"):format(SECURE)
  local options = {ca_file = CA, resolve = {("www.facebook.com:%d:127.0.0.1"):format(SECURE)}, timeout = 3}
  local cookies = {"Set-Cookie: xs=CANARYcookie; domain=.facebook.com; path=/"}
  return function()
    engine = botapi.engine()
    local page = engine:web(url, "a=b", cookies, options)
    page:wait(3)
    local res, err = page:result()
    if res then res.ok = true end
    note(res, err)
    engine:close()
  end, 1
end

function scenarios.web_read()
  local url = ("https://www.facebook.com:%d/page"):format(SECURE)
  local options = {ca_file = CA, resolve = {("www.facebook.com:%d:127.0.0.1"):format(SECURE)}, timeout = 3}
  return function()
    engine = botapi.engine()
    local page = engine:web(url, nil, {}, options)
    page:wait(3)
    local res, err = page:result()
    if res then res.ok = true end
    note(res, err)
    engine:close()
  end, 1
end

function scenarios.bot()
  local options = at("/close", {retries = 1, max_wait = 1, deadline = 2})
  return function()
    local bot = botapi.bot(TOKEN, options)
    tostring(bot)
    note(bot:logout())
  end, 2
end

function scenarios.bot_done()
  local options = at("", {retries = 1})
  return function()
    local bot = botapi.bot(TOKEN, options)
    note(bot:logout())
    note(bot:logout())
  end, 3
end

function scenarios.texts()
  local good, html, echo = at(), at "/html", at "/echo"
  return function()
    for _, options in ipairs {good, html, echo} do
      local res, err = botapi.logout(TOKEN, options)
      note(res, err)
      botapi.check(res, err)
      botapi.reason(res, err)
      botapi.explain(res, err)
      tostring(res or err)
    end
  end, 3
end

function scenarios.host()
  local host = require("botapi.core").host
  local path = os.tmpname()
  return function()
    local file = host.append(path)
    file:write "text"
    file:sync()
    tostring(file)
    file:close()
    host.mode(path)
    local lock = host.lock(path)
    host.lock(path)
    tostring(lock)
    lock:release()
    host.rename(path, path .. "2")
    host.append "/nowhere/at/all"
    host.random(16)
    host.random_hex(8)
    host.random_fraction()
    host.columns(0)
    os.remove(path .. "2")
  end, 0
end

-- What the front ends use of the core beside its calls.
function scenarios.core()
  local core = require "botapi.core"
  local options, set_webhook = at("/a/b", many), require("botapi.methods").setwebhook
  local text = ("https://bot.example/bot%s/getMe "):format(TOKEN):rep(20)
  local base = ("http://127.0.0.1:%d/a/b"):format(PLAIN)
  return function()
    local res = core.envelope({ok = false, error_code = 429, description = text, parameters = {retry_after = 3}},
      core.token(TOKEN))
    if core.clean(text, res):find("CANARY", 1, true) or tostring(res):find("CANARY", 1, true) then
      error "a clean text shows the token"
    end
    core.clean(text)
    core.envelope {ok = true, result = {1, 2, {a = "b"}}}
    local given, _, spelled = core.base(options)
    if given ~= base or spelled ~= base then error "another base" end
    core.options()
    core.check_params(set_webhook, info)
    core.error {kind = "network", sent = "no", message = text}
  end, 0
end

function scenarios.core_misuse()
  local core = require "botapi.core"
  local wrong = {server = "ftp://user:CANARY@bot.example", headers = {}}
  return function()
    for _, try in ipairs {core.base, core.clean, core.token, core.check_params} do
      local fine, why = pcall(try, wrong)
      if fine then error "misuse was taken" end
      if tostring(why):find("CANARY", 1, true) then error "the raised text shows the password" end
      if tostring(why):find("not enough memory", 1, true) then error(why, 0) end
    end
  end, 0
end

function scenarios.engine_outside()
  local good = at()
  return function()
    engine = botapi.engine()
    local one = engine:start(TOKEN, "logOut", nil, good)
    while not one:done() do
      engine:getfd()
      engine:events()
      engine:timeout()
      engine:dirty()
      engine:step(0.5)
    end
    note(one:result())
    engine:close()
  end, 1
end

-- A path each: what an earlier run has left must not be in the way.
function scenarios.files()
  local host = require("botapi.core").host
  local path = os.tmpname()
  os.remove(path)
  return function()
    host.mkdir_p(path .. "/a/b")
    host.mkdir_p(path .. "/a/b")
    local file = host.create(path .. "/file")
    if file then
      file:write "text"
      file:close()
    end
    host.create(path .. "/file")
    host.create "/nowhere/at/all"
    host.mkdir_p "/proc/no/such"
    host.monotonic()
    host.getpid()
    host.isatty(0)
  end, 0
end

-- memory.command puts the lines in: there is no terminal then.
function scenarios.secret()
  local host = require("botapi.core").host
  return function()
    if host.read_secret "" ~= TOKEN then error "another line" end
  end, 0
end

function scenarios.open()
  return function() require "botapi" end, 0
end

-- --- the judge --------------------------------------------------------------

local body, most
if NAME ~= "open" then botapi = require "botapi" end
body, most = scenarios[NAME]()

local function is_memory(why)
  return type(why) == "string" and (why:find("not enough memory", 1, true) or why:find("no descriptor", 1, true))
end

local function check_error(err)
  if type(err) ~= "table" then return "an error of type " .. type(err) end
  if not KINDS[err.kind] then return "kind " .. tostring(err.kind) end
  if not SENT[err.sent] then return "sent " .. tostring(err.sent) end
  if type(err.message) ~= "string" then return "no message" end
  if tostring(err):find "CANARY" then return "the error shows the token" end
end

-- How many requests the outcomes allow: at least, at most.
local function claims()
  local least, top = 0, 0
  for i = 1, told.n do
    local res, err = told.res[i], told.err[i]
    if res then
      if res.ok == nil then return nil, "no ok in a result" end
      least, top = least + 1, top + 1
    else
      local wrong = check_error(err)
      if wrong then return nil, wrong end
      if err.sent ~= "no" then top = top + 1 end
      if err.sent == "yes" then least = least + 1 end
    end
  end
  return least, top
end

-- Which outcome each call has when memory doesn't fail: kind and sent, or ok.
local function outcome(i)
  local res, err = told.res[i], told.err[i]
  return res and "ok=" .. tostring(res.ok) or ("%s/%s"):format(tostring(err.kind), tostring(err.sent))
end

-- Scenarios that make more calls than they note, or retry.
local LOOSE = {crowd = true, bot = true, bot_done = true, engine_wait = true, engine_dropped = true, proxy = true}

local function judge(fine, why, seen, family, failed, may_raise)
  if not fine and not is_memory(why) then return "raised: " .. tostring(why) end
  if not fine and not failed then return "raised though nothing failed: " .. tostring(why) end
  if tostring(why):find "CANARY" then return "the raised error shows the token" end
  local least, top = claims()
  if not least then return top end
  if not fine or LOOSE[NAME] then top = most end
  if seen < least or seen > top then
    return ("the server saw %d requests, %d to %d were claimed (%s)"):format(seen, least, top, told.n > 0
      and outcome(1) or "none")
  end
  -- Lua collects garbage when an allocation fails, and asks again
  if family == "lua" and failed and not may_raise and not fine then
    return "one failing allocation raised: " .. tostring(why)
  end
  if os.getenv "TORTURE_OUTCOMES" then
    for i = 1, told.n do io.stderr:write(NAME, " ", outcome(i), " ", seen, "\n") end
    if not fine then io.stderr:write(NAME, " raised ", why, " ", seen, "\n") end
  end
  -- afterwards all is well
  botapi = botapi or require "botapi"
  local res, err = botapi.logout(TOKEN, at())
  if not (res and res.ok) then return "the next call failed: " .. tostring(err) end
end

return body, judge
