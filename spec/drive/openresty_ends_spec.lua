-- SPDX-License-Identifier: MIT
-- Light threads, requests and clients that end while a call runs in nginx; and code below C functions, where none can.

local cqueues = require "cqueues"
local faults = require "support.faults"
local nginx = require "support.nginx"
local process = require "support.process"

local missing = nginx.missing()

local LOCATIONS = [[
    location = /ready { return 204; }
    location = /connections { stub_status; }
    location = /call { content_by_lua_block { require("support.in_nginx").call() } }
    location = /content { content_by_lua_block { require("support.in_nginx").ended() } }
    location = /rewrite {
      rewrite_by_lua_block { require("support.in_nginx").ended() }
      content_by_lua_block { ngx.print "ended" }
    }
    location = /access {
      access_by_lua_block { require("support.in_nginx").ended() }
      content_by_lua_block { ngx.print "ended" }
    }
    location = /timer { content_by_lua_block { require("support.in_nginx").ended_timer() } }
    location = /aborted {
      lua_check_client_abort on;
      content_by_lua_block { require("support.in_nginx").ended() }
    }
    location = /below { content_by_lua_block { require("support.in_nginx").below() } }
]]

local OK = "{ok = true, result = true}"

describe("nginx, when something ends while a call runs,", function()
  if missing then
    pending(missing)
    return
  end
  local server, web
  lazy_setup(function() server = faults.start() end)
  lazy_teardown(function() server:stop() end)
  before_each(function()
    web = nginx.start { main = "thread_pool botapi threads=8;", server = LOCATIONS,
      http = '  lua_worker_thread_vm_pool_size 8;\n  init_by_lua_block { require "resty.botapi" }' }
  end)
  after_each(function()
    web:stop()
    assert.same({}, web:warnings())
  end)

  local files = 0

  -- One request to `path`, whose call hangs for a second; once it hangs, the request is told to go on. Its answer, and
  -- the server's listener. `leave`: the client goes away after so many seconds.
  local function ask(path, leave)
    files = files + 1
    local go = process.directory() .. "go" .. files
    local listener = server:open { mode = "request_silence" }
    local loop, answer = cqueues.new(), nil
    loop:wrap(function()
      answer = web:request("GET", ("%s&url=%s&timeout=1&go=%s"):format(path, listener.url, go), nil, nil, leave)
    end)
    loop:wrap(function()
      assert.equal(1, listener:wait({ requests = 1, seconds = 10 }).seen())
      if not leave then assert(io.open(go, "w")):close() end
    end)
    assert(loop:loop(30))
    return answer, listener
  end

  local function open_connections()
    return tonumber(web:get "/connections".body:match "Active connections: (%d+)") - 1 -- this one
  end

  -- No client's connection is open, the workers end after a reload, and the new ones work.
  local function check_nothing_left()
    web:await(function() return open_connections() == 0 end, "no connection is open")
    local old = web:workers()
    assert.is_truthy(next(old))
    web:signal "HUP"
    web:await(function()
      local now = web:workers()
      for pid in pairs(old) do
        if now[pid] then return false end
      end
      return next(now) ~= nil
    end, "the old workers are gone")
  end

  local CASES = {
    { "a killed light thread", "kill" },
    { "a light thread that is killed when another one ends first", "first" },
    { "a light thread that catches errors and is killed", "kill&from=pcall" },
    { "ngx.exit in another light thread", "exit", exits = true },
    { "ngx.exit while a coroutine calls", "exit&from=coroutine", exits = true },
  }

  for _, way in ipairs { "step", "thread" } do
    for _, case in ipairs(CASES) do
      it(("frees all that it held: %s: %s"):format(case[1], way), function()
        local paths = { "/content", "/rewrite", "/access" }
        if not case.exits then paths[4] = "/timer" end
        local asked = {}
        for _, path in ipairs(paths) do
          local quiet = not case.exits and path ~= "/content" and "&quiet=1" or ""
          local answer, listener = ask(("%s?way=%s&ending=%s%s"):format(path, way, case[2], quiet))
          assert.equal(200, answer and answer.status, path)
          -- nothing is claimed of a call that nobody waits for
          local expected = not case.exits and path == "/content" and "ended, it goes on" or "ended"
          assert.equal(expected, answer.body, path)
          -- the answer came while the call hung: in a thread it goes on
          if way == "thread" and path ~= "/timer" then assert.same({}, listener:count().ends, path) end
          asked[#asked + 1] = listener
        end
        check_nothing_left()
        for _, listener in ipairs(asked) do
          assert.equal(1, #listener:wait({ closed = 1, seconds = 10 }).ends)
          assert.equal(1, listener:close().seen())
        end
        local good = server:open { mode = "ok" }
        assert.equal(OK, web:get(("/call?way=%s&url=%s"):format(way, good.url)).body)
      end)
    end

    it("gives the result to a light thread that outlives the others: " .. way, function()
      local answer, listener = ask(("/content?way=%s&ending=none"):format(way))
      assert.equal("timeout/maybe", answer.body)
      assert.equal(1, listener:close().seen())
      check_nothing_left()
    end)

    for _, from in ipairs { "thread", "pcall", "coroutine" } do
      it(("frees all that a client held that leaves: from a %s: %s"):format(from, way), function()
        local answer, listener = ask(("/aborted?way=%s&ending=none&from=%s"):format(way, from), 0.3)
        assert.is_nil(answer)
        check_nothing_left()
        assert.equal(1, #listener:wait({ closed = 1, seconds = 10 }).ends)
        assert.equal(1, listener:close().seen())
      end)
    end

    for _, what in ipairs { "require", "gsub", "sort", "metamethod" } do
      it(("refuses at once what can't wait, and says what to write: below %s: %s"):format(what, way), function()
        local good = server:open { mode = "ok" }
        local workers = web:workers()
        for _, makes in ipairs { "call", "bot", "sleep", "fleet" } do
          local answer = web:get(("/below?way=%s&what=%s&makes=%s&url=%s"):format(way, what, makes, good.url))
          assert.is_truthy(answer, makes .. ": the worker has ended")
          assert.is_truthy(answer.body:find("run it after the C function has returned", 1, true), answer.body)
        end
        assert.equal(OK, web:get(("/call?way=%s&url=%s"):format(way, good.url)).body)
        assert.same(workers, web:workers())
        assert.equal(1, good:close().seen())
      end)
    end
  end

  it("cancels a stepped call whose light thread is killed: its connection is reset", function()
    local _, listener = ask "/content?way=step&ending=kill"
    assert.same({ "reset" }, listener:wait({ closed = 1, seconds = 10 }).ends)
    assert.equal(0, open_connections())
  end)
end)
