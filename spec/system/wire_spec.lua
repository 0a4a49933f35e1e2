-- SPDX-License-Identifier: MIT
-- The bytes of a request are the same whoever makes it: blocking, on an engine, by a bot, a move, the command. The same
-- list judges what each event loop sends, in support.behaviours.

local botapi = require "botapi"
local certs = require "support.certs"
local faults = require "support.faults"
local process = require "support.process"
local requests = require "support.requests"
local world = require "support.world"

local CERTIFICATE = process.slurp(certs.ca())

local server, listener
lazy_setup(function() server = faults.start() end)
lazy_teardown(function() server:stop() end)
before_each(function() listener = server:open { mode = "ok" } end)

local function judge(by_bot)
  assert.same({}, requests.problems(listener:close().requests, world.token, by_bot))
end

-- Functions that start each call on an engine, by `begin` of its name or by engine:start, and step it to its end.
local function on_engine(begin)
  local core, engine = require "botapi.core", botapi.engine()
  local functions = {}
  for name in pairs(core.begin) do
    functions[name] = function(...)
      local call = begin(core, engine, name, ...)
      assert.is_true(call:wait(20))
      return call:result()
    end
  end
  return functions, engine
end

describe("what is sent", function()
  it("by the functions that block is what is written down", function()
    requests.run(botapi, world.token, listener.url)
    judge()
  end)

  it("on an engine, by the name of the function", function()
    local functions, engine = on_engine(function(core, engine, name, ...) return core.begin[name](engine, ...) end)
    requests.run(functions, world.token, listener.url)
    engine:close()
    judge()
  end)

  it("on an engine, by engine:start", function()
    local names = { logout = "logOut", close_instance = "close", get_me = "getMe", get_webhook_info = "getWebhookInfo",
      delete_webhook = "deleteWebhook", set_webhook = "setWebhook" }
    local functions, engine = on_engine(function(_, engine, name, token, ...)
      if name == "probe" then return engine:probe(token, ...) end
      if name == "call" then return engine:start(token, ...) end
      local options = select(select("#", ...), ...)
      return engine:start(token, names[name], select("#", ...) > 1 and ... or nil, options)
    end)
    requests.run(functions, world.token, listener.url)
    engine:close()
    judge()
  end)

  it("by a bot", function()
    requests.run_bot(botapi.bot(world.token, requests.options(listener.url)))
    judge(true)
  end)
end)

-- What an emulator of the new server has recorded of the one setWebhook.
local function check_hook(emu, id)
  local calls = emu:calls { bot = id, method = "setWebhook", server = "local" }
  assert.equal(1, #calls)
  local told = botapi.get_webhook_info(world.token, { server = emu.urls[2] }).result
  assert.is_true(told.has_custom_certificate)
  assert.equal("https://127.0.0.1:8443/hook", told.url)
  assert.is_true(emu:bot(id, "local").webhook.has_secret_token)
end

describe("a webhook's certificate arrives as a file", function()
  local emu, id, token
  before_each(function()
    emu = botapi.emulator.start { pair = true, bot = world.token }
    token, id = world.token, world.token:match "^%d+"
  end)
  after_each(function() emu:close() end)

  it("from a move", function()
    local report = botapi.migrate(token, { from = { server = emu.urls[1], as = "cloud" }, to = emu.urls[2],
      journal = false, webhook = { url = "https://127.0.0.1:8443/hook", certificate = CERTIFICATE,
        secret_token = "s" } })
    assert.equal("done", report.status, report.text)
    check_hook(emu, id)
  end)

  it("from the command", function()
    local directory = process.directory() .. "wire/"
    process.capture("mkdir -p " .. directory)
    for name, text in pairs { token = token, ["hook.pem"] = CERTIFICATE, secret = "s" } do
      local file = assert(io.open(directory .. name, "w"))
      file:write(text)
      file:close()
    end
    local said = process.capture(("XDG_STATE_HOME=%s %s migrate --token-file %s --from %s --to %s --yes "
      .. "--webhook https://127.0.0.1:8443/hook --webhook-certificate %s --webhook-secret-file %s 2>&1; echo $?")
      :format(directory, process.root .. "bin/botapi", directory .. "token", emu.urls[1], emu.urls[2],
        directory .. "hook.pem", directory .. "secret"))
    assert.is_truthy(said:find "\n0\n$", said)
    check_hook(emu, id)
  end)
end)
