-- SPDX-License-Identifier: MIT
-- The matrix of faults on one path, TORTURE_PATH: every row of support.matrix, plain and TLS, fresh and reused, the
-- claim held against the server's count. Each path is a process of its own: see matrix.lua.

local canary = require "support.canary"
local certs = require "support.certs"
local faultmodes = require "support.faultmodes"
local faults = require "support.faults"
local live = require "support.live"
local matrix = require "support.matrix"
local monotime = require("cqueues").monotime
local paths = require "torture.paths"

local NAME = assert(os.getenv "TORTURE_PATH", "TORTURE_PATH isn't set")
local ONLY = os.getenv "TORTURE_ONLY" or ""

local path, why = paths[NAME]()
if not path then
  pending(NAME .. ": " .. why)
  return
end

local server, before

local function open(row, tls, reuse)
  local socket = path.unix and path.unix()
  local listener = server:open {mode = row.mode, tls = tls and (row.certificate or "server") or nil,
    skip = reuse and 1 or 0, unix = socket, host = not socket and path.host or nil}
  listener.path = socket
  return listener
end

local function options_for(listener, tls, more)
  local options = path.options(listener, tls)
  for name, value in pairs(more) do
    options[name] = value
  end
  return options
end

-- Behind a reverse proxy the answer may be the proxy's: at most one request, none where none was sent.
local function judge_loosely(res, err, told)
  local seen = told.seen("logOut")
  assert.is_true(seen <= 1, seen .. " requests reached the server")
  if res then
    assert.is_boolean(res.ok)
    assert.is_true(not res.ok or seen == 1, "an answer to nothing")
  else
    assert.is_truthy(("|no|yes|maybe|"):find("|" .. tostring(err.sent) .. "|", 1, true))
    assert.is_true(err.sent ~= "no" or seen == 0, "sent isn't no")
  end
end

local function list_of(listener, row, tls, reuse)
  local want = matrix.expectation(row, tls)
  local list = {}
  if reuse then
    list[1] = {method = "getMe", token = canary.token,
      options = options_for(listener, tls, {timeout = 10, reuse = true})}
  end
  list[#list + 1] = {method = "logOut", token = canary.token,
    options = options_for(listener, tls, {timeout = want.timeout or 10, reuse = reuse or nil})}
  return list, want
end

local function try(row, tls, reuse)
  local listener = open(row, tls, reuse)
  local list, want = list_of(listener, row, tls, reuse)
  local began = monotime()
  local outcomes = path.calls(list)
  local took = monotime() - began
  local told = listener:close()
  local last = outcomes[#list]
  if path.loose then
    return judge_loosely(last.res, last.err, told)
  end
  if reuse then
    assert.is_truthy(outcomes[1].res and outcomes[1].res.ok, "the first call failed: " .. tostring(outcomes[1].err))
    if told.requests[2] then
      assert.equal(told.requests[1].connection, told.requests[2].connection)
    end
  end
  matrix.judge(want, last.res, last.err, told)
  canary.check(last.err, "err")
  assert.is_nil(last.text and canary.shown(last.text))
  if want.kind == "timeout" then
    assert.is_true(took >= want.timeout - 0.01 and took < want.timeout + 2, ("it took %.3f s"):format(took))
  end
end

-- Faults before the request have no meaning on a connection that is already open.
local function reusable(row)
  local mode = faultmodes[row.mode]
  return not mode.at and not mode.refuse and not row.certificate
end

local function fits(row, tls)
  if tls and path.tls == false or not tls and path.plain == false then
    return false
  end
  if (path.unix or path.host == "::1") and faultmodes[row.mode].refuse then
    return false  -- the fault server keeps such a port for IPv4 alone
  end
  return row.only == nil or row.only == (tls and "tls" or "plain")
end

describe("on the path " .. NAME, function()
  lazy_setup(function()
    certs.ca()
    server = faults.start()
    -- what the path's loop opens then, it keeps
    path.calls {{method = "getMe", token = canary.token, options = {server = "http://127.0.0.1:1"}}}
  end)
  lazy_teardown(function()
    server:stop()
    if path.close then
      path.close()
    end
  end)
  before_each(function() before = not path.remote and live.note() end)
  after_each(function()
    if before then
      before:check()
    end
  end)

  if path.nobody then
    it("nobody listens: network, nothing was sent", function()
      local outcome = path.calls {{method = "logOut", token = canary.token, options = path.nobody()}}[1]
      assert.equal("network/no", outcome.err.kind .. "/" .. outcome.err.sent)
      canary.check(outcome.err, "err")
    end)
  end

  for _, row in ipairs(matrix.rows) do
    for _, tls in ipairs {false, true} do
      if row.mode:match(ONLY) and fits(row, tls) then
        for _, reuse in ipairs(reusable(row) and {false, true} or {false}) do
          it(("%s%s, %s, %s"):format(row.mode, row.certificate and " " .. row.certificate or "", tls and "TLS" or
            "plain", reuse and "reused" or "fresh"), function()
            try(row, tls, reuse)
          end)
        end
      end
    end
  end
end)
