-- SPDX-License-Identifier: MIT
-- nginx's life around calls: many at once, reloads, ends, a full pool, clients that leave, every context.

local cqueues = require "cqueues"
local faults = require "support.faults"
local nginx = require "support.nginx"
local process = require "support.process"

local missing = nginx.missing()

local LOCATIONS = [[
    location = /ready { return 204; }
    location = /call { content_by_lua_block { require("support.in_nginx").call() } }
    location = /fleet { content_by_lua_block { require("support.in_nginx").fleet() } }
    location = /live { content_by_lua_block { require("support.in_nginx").live() } }
    location = /aborted {
      lua_check_client_abort on;
      content_by_lua_block { require("support.in_nginx").call() }
    }
    location = /rewrite { rewrite_by_lua_block { require("support.in_nginx").call() ngx.exit(200) } }
    location = /access { access_by_lua_block { require("support.in_nginx").call() ngx.exit(200) } }
    location = /timer { content_by_lua_block { require("support.in_nginx").in_timer() } }
    location = /filter {
      header_filter_by_lua_block { require("support.in_nginx").in_filter() }
      return 200;
    }
]]

local function call(way, listener, rest)
  return ("/call?way=%s&url=%s%s"):format(way, listener.url, rest or "")
end

local function times(count, path)
  local list = {}
  for i = 1, count do list[i] = path end
  return list
end

local function tally(answers)
  local counts = {}
  for _, answer in ipairs(answers) do
    local what = answer and answer.body or "no answer"
    counts[what] = (counts[what] or 0) + 1
  end
  return counts
end

-- Asks `path` again and again while `fn` runs beside: the longest wait, and how often it was asked.
local function beside(web, path, fn)
  local loop, done, longest, asked = cqueues.new(), false, 0, 0
  loop:wrap(function()
    fn()
    done = true
  end)
  loop:wrap(function()
    while not done do
      local began = cqueues.monotime()
      assert(web:get(path).status == 204)
      longest = math.max(longest, cqueues.monotime() - began)
      asked = asked + 1
      cqueues.sleep(0.002)
    end
  end)
  assert(loop:loop(30))
  return longest, asked
end

local OK = "{ok = true, result = true}"

describe("nginx", function()
  if missing then
    pending(missing)
    return
  end
  local server, web
  lazy_setup(function() server = faults.start() end)
  lazy_teardown(function() server:stop() end)

  local function start(main, http)
    web = nginx.start { main = main, http = (http or "") .. '  init_by_lua_block { require "resty.botapi" }',
      server = LOCATIONS }
    return web
  end
  after_each(function()
    if not web then return end
    web:stop()
    local warnings, errors, access = web:warnings(), web:log "error", web:log "access"
    web = nil
    assert.same({}, warnings)
    assert.is_nil(errors:find("CANARY", 1, true))
    assert.is_nil(access:find("CANARY", 1, true))
  end)

  for _, way in ipairs { "step", "thread" } do
    local pool = "thread_pool botapi threads=64;"
    local vms = "  lua_worker_thread_vm_pool_size 64;\n"

    it("answers fifty requests at once, and others meanwhile: " .. way, function()
      start(pool, vms)
      local listener = server:open { mode = "slow" }
      local counts
      local longest, asked = beside(web, "/ready", function()
        local answers = {}
        local loop = cqueues.running()
        for _ = 1, 50 do
          loop:wrap(function() table.insert(answers, web:get(call(way, listener)) or false) end)
        end
        while #answers < 50 do cqueues.sleep(0.01) end
        counts = tally(answers)
      end)
      assert.same({ [OK] = 50 }, counts)
      assert.equal(50, listener:close().seen())
      assert.is_true(asked > 10, asked .. " answers meanwhile")
      assert.is_true(longest < 2, "the longest took " .. longest)
    end)

    it("answers what it has begun before it reloads, and before it quits: " .. way, function()
      start(pool, vms)
      for _, which in ipairs { "HUP", "QUIT" } do
        local listener = server:open { mode = "slow" }
        local answers, loop = {}, cqueues.new()
        for i = 1, 10 do
          loop:wrap(function() answers[i] = web:get(call(way, listener)) or false end)
        end
        loop:wrap(function()
          cqueues.sleep(0.1)                    -- so that all are on their way
          listener:wait { requests = 10 }
          web:signal(which)
        end)
        assert(loop:loop(20))
        assert.same({ [OK] = 10 }, tally(answers), which)
        assert.equal(10, listener:close().seen())
      end
    end)

    it("goes on when a client leaves, and asks once: " .. way, function()
      start(pool, vms)
      local listener = server:open { mode = "request_silence" }
      local answer = web:request("GET", (call(way, listener, "&timeout=1"):gsub("^/call", "/aborted")), nil, nil, 0.2)
      assert.is_nil(answer)
      local gone = {}
      web:await(function()
        local calls, pid = web:get "/live".body:match "^(%d+) (%d+)$"
        if calls == "0" then gone[pid] = true end
        return next(gone, (next(gone)))
      end, "no call is left in either worker")
      assert.equal(1, listener:close().seen())
      assert.equal(OK, web:get(call(way, server:open { mode = "ok" })).body)
    end)
  end

  it("runs a fleet, answers others meanwhile, and goes on with its journal", function()
    start("thread_pool botapi threads=4;")
    for _, way in ipairs { "step", "auto" } do
      local listener = server:open { mode = "slow" }
      local journal = process.directory() .. "fleet-" .. way
      local path = ("/fleet?way=%s&url=%s&bots=60&journal=%s"):format(way, listener.url, journal)
      local answer
      local _, asked = beside(web, "/ready", function() answer = web:get(path) end)
      assert.equal("60 done, 0 failed, 0 skipped, 60 requests", answer.body)
      assert.is_true(asked > 10, asked .. " answers meanwhile")
      assert.equal("0 done, 0 failed, 60 skipped, 0 requests", web:get(path).body)
      assert.equal(60, listener:close().seen())
      assert.is_nil(process.slurp(journal):find("CANARY", 1, true))
    end
  end)

  it("calls from rewrite, access, content and timer contexts, and raises where it can't wait", function()
    start("thread_pool botapi threads=4;")
    local listener = server:open { mode = "ok" }
    for _, where in ipairs { "/rewrite", "/access", "/call", "/timer" } do
      local answer = web:get((call("auto", listener):gsub("^/call", where)))
      assert.equal(OK, answer.body, where)
    end
    assert.equal("it raised", web:get((call("auto", listener):gsub("^/call", "/filter"))).headers["x-botapi"])
    assert.equal(4, listener:close().seen())
  end)

  it("says busy, sent no, when the pool is full and no other way is wanted", function()
    start("thread_pool botapi threads=2;", "  lua_worker_thread_vm_pool_size 2;\n")
    local listener = server:open { mode = "slow" }
    local counts = tally(web:get_all(times(30, call("thread", listener))))
    assert.equal(30, (counts[OK] or 0) + (counts["busy/no"] or 0))
    assert.is_true((counts["busy/no"] or 0) > 0)
    assert.equal(counts[OK], listener:close().seen())
  end)

  it("steps the calls that the full pool has no room for", function()
    start("thread_pool botapi threads=2;", "  lua_worker_thread_vm_pool_size 2;\n")
    local listener = server:open { mode = "slow" }
    assert.same({ [OK] = 30 }, tally(web:get_all(times(30, call("auto", listener)))))
    assert.equal(30, listener:close().seen())
  end)

  it("steps where no thread pool has the name", function()
    start ""
    local listener = server:open { mode = "ok" }
    assert.equal(OK, web:get(call("auto", listener)).body)
    assert.equal("busy/no", web:get(call("thread", listener)).body)
    assert.equal(1, listener:close().seen())
  end)
end)
