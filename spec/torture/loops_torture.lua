-- SPDX-License-Identifier: MIT
-- What surrounds a loop: another locale, set before or afterwards, and a fork in the midst of its calls.

local faults = require "support.faults"
local locales = require "support.locales"
local loops = require "support.loops"
local process = require "support.process"

local PRELUDE = [[
  local loops = require "support.loops"
  local api_for, toy = require "botapi.api", require "support.toy_loop"
  local function find(name)
    if name ~= "toy" then return assert(loops.find(name)) end
    local loop, api = { spawn = toy.spawn }, api_for(toy.driver)
    function loop.run(fn)
      toy.spawn(fn)
      toy.run()
    end
    return { run = function(body) return loops.run(loop, api, body) end }
  end
  local function tell(failures)
    io.stdout:write(#failures == 0 and "done" or table.concat(failures, "; "), "\n")
    io.stdout:flush()
  end
]]

local LOCALE = PRELUDE .. [[
  local name, url, locale, when = ...
  if when == "before" then assert(os.setlocale(locale)) end
  local loop = find(name)
  if when == "afterwards" then assert(os.setlocale(locale)) end
  tell(loop.run(function(w)
    w.api.sleep(0.25)
    local res, err = w.api.call(w.token, "sendLocation", { latitude = 52.5, markup = { 0.25 } },
      { server = url:gsub("^http", "HTTP"), timeout = 10.5 })
    w.check(res and res.ok, tostring(err))
  end))
]]

-- The child has the loop's memory and descriptors; it closes the loop's engine, and makes a call of its own.
local FORK = PRELUDE .. [[
  local fork = require "support.fork"
  local name, good, slow, closes = ...
  local function child(token, engine)
    if closes == "closes all" then fork.close_from(3) end
    local own = fork.open "socket"
    engine:close()
    local res = require "botapi".get_me(token, { server = good, timeout = 10 })
    fork.exit(res and res.ok and fork.is_open(own) and 0 or 1)
  end
  tell(find(name).run(function(w)
    local function call(url)
      local res, err = w.api.logout(w.token, { server = url, timeout = 10 })
      w.check(res and res.ok, tostring(err))
    end
    w.all {
      function() call(slow) end,
      function()
        w.api.sleep(0.05)
        local pid = fork.fork()
        if pid == 0 then child(w.token, w.api.drive.engine()) end
        w.equal(0, fork.wait(pid), "the child")
        call(good)
      end }
  end))
]]

local names = { "toy" }
for _, loop in ipairs(loops.list()) do names[#names + 1] = loop.name end

describe("around a loop", function()
  local server, directory
  lazy_setup(function()
    server = faults.start()
    directory = locales.make()
  end)
  lazy_teardown(function() server:stop() end)

  local function run(text, env, ...)
    local child = process.program(text, { env = env }, ...)
    assert.equal("done", child:line(30) or child:errors())
    assert.equal(0, child:wait(30), child:errors())
    assert.equal("", child:errors())
  end

  for _, name in ipairs(names) do
    for _, locale in ipairs(locales.names) do
      for _, when in ipairs { "before", "afterwards" } do
        it(("%s: %s changes nothing, set %s"):format(name, locale, when), function()
          if not directory then return pending "no locales here: apt-get install locales" end
          local listener = server:open { mode = "length_capitals" }
          run(LOCALE, { LOCPATH = directory }, name, listener.url, locale, when)
          local told = listener:close()
          assert.equal(1, told.seen())
          local body = told.requests[1].body
          assert.is_truthy(body:find("latitude=52.5", 1, true) and body:find("%5B0.25%5D", 1, true), body)
        end)
      end
    end

    for _, closes in ipairs { "closes all", "closes nothing" } do
      it(("%s: a forked child that %s takes nothing from the calls in flight"):format(name, closes), function()
        local good, slow = server:open { mode = "ok" }, server:open { mode = "slow" }
        run(FORK, nil, name, good.url, slow.url, closes)
        local told = good:close()
        assert.same({ 1, 1, 1 }, { slow:close().seen "logOut", told.seen "logOut", told.seen "getMe" })
      end)
    end
  end
end)
