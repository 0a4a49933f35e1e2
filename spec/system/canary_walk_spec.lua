-- SPDX-License-Identifier: MIT
-- A walk over every text and file that the product writes, on servers that put the token, in every form, wherever a
-- server can put a text: it is in none of them.

local botapi = require "botapi"
local canary = require "support.canary"
local cjson = require "cjson.safe".new()
local moves = require "support.moves"
local replies = require "support.replies"

local function raw(status_line, headers, body)
  return { raw = ("HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s"):format(status_line, headers or "", #body, body) }
end

local function json(value) return raw("200 OK", nil, cjson.encode(value)) end

local function refused(code, text, parameters)
  return raw(code .. " X", nil, cjson.encode { ok = false, error_code = code, description = text,
    parameters = parameters })
end

local REFUSAL = '{"ok":false}'

-- Everywhere that a server, or what stands in front of it, can put a text.
local carriers = {
  description = function(text) return refused(400, "Bad Request: " .. text) end,
  logged_out = function(text) return refused(400, "Logged out " .. text) end,
  unauthorized = function(text) return refused(401, text) end,
  forbidden = function(text) return refused(403, text) end,
  conflict = function(text) return refused(409, text) end,
  limit = function(text) return refused(429, text, { retry_after = 5000 }) end,
  failure = function(text) return refused(500, text) end,
  long_description = function(text) return refused(400, ("x"):rep(180) .. text .. ("y"):rep(300)) end,
  parameter = function(text) return refused(429, "x", { retry_after = text }) end,
  code = function(text) return json { ok = false, error_code = text, description = "x" } end,
  key = function(text) return json { ok = false, error_code = 400, description = "x", [text] = { [text] = text } } end,
  result = function(text) return json { ok = true, result = text } end,
  member = function(text)
    return json { ok = true, result = { id = text, username = text, first_name = text, url = text } }
  end,
  info = function(text)
    return json { ok = true, result = { id = 1, username = text, first_name = text, url = text, [text] = text,
      last_error_message = text, ip_address = text, allowed_updates = { text }, pending_update_count = 1 } }
  end,
  odd_info = function(text)
    return json { ok = true, result = { id = 1, url = "", allowed_updates = { [text] = text } } }
  end,
  phrase = function(text) return raw("404 " .. text, nil, REFUSAL) end,
  phrase_of_page = function(text) return raw("404 " .. text, nil, "<html>" .. text) end,
  location = function(text) return raw("302 Found", "Location: https://h/" .. text .. "\r\n", text) end,
  location_alone = function(text) return raw("307 " .. text, "Location: " .. text .. "\r\n", "") end,
  wait = function(text) return raw("429 X", "Retry-After: " .. text .. "\r\n", REFUSAL) end,
  header = function(text) return raw("200 OK", text .. ": " .. text .. "\r\n", "") end,
  encoding = function(text) return raw("200 OK", "Content-Encoding: " .. text .. "\r\n", "x") end,
  transfer = function(text) return { raw = "HTTP/1.1 200 OK\r\nTransfer-Encoding: " .. text .. "\r\n\r\nx" } end,
  length = function(text) return { raw = "HTTP/1.1 200 OK\r\nContent-Length: " .. text .. "\r\n\r\nx" } end,
  chunk = function(text)
    return { raw = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" .. text .. "\r\nx" }
  end,
  trailer = function(text)
    return { raw = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" .. text .. "\r\n\r\n" }
  end,
  cookie = function(text) return raw("200 OK", "Set-Cookie: " .. text .. "=" .. text .. "\r\n", "[]") end,
  version = function(text) return { raw = "HTTP/9.9 " .. text .. "\r\n\r\n" } end,
  no_http = function(text) return { raw = text .. "\r\n\r\n" } end,
  page = function(text) return raw("200 OK", nil, "<p>" .. text) end,
  broken = function(text) return raw("200 OK", nil, '{"ok":true,"result":"' .. text) end,
}

-- What was found of one walk: a line each.
local function finds()
  local list = {}
  local self = { list = list }

  --- Looks at a value: its strings at every depth, and tostring of it.
  function self.look(where, value)
    for _, found in ipairs(canary.search(value, where)) do list[#list + 1] = canary.masked(found) end
  end

  function self.done() assert.same({}, list) end
  return self
end

describe("a walk", function()
  local servers, id, token, path

  -- Another bot, and a form of its token.
  local function new_bot(i)
    id = moves.new_bot()
    token = id .. ":" .. canary.secret
    return canary.forms(token)[i]
  end

  setup(function()
    servers = moves.servers()
    canary.envelope = assert(replies.json '{"ok":true,"result":true}')
  end)
  teardown(function()
    servers.close()
    canary.envelope = nil
  end)
  before_each(function()
    new_bot(1)
    path = moves.journal()
  end)
  after_each(function()
    moves.remove(path)
    servers.pair:unrule()
  end)

  local function trace(raised) return debug.traceback(tostring(raised)) end

  -- All that is made of what a call returned.
  local function look_at(walk, where, res, err)
    walk.look(where, { res = res, err = err })
    walk.look(where .. ": reason", botapi.reason(res, err))
    walk.look(where .. ": explain", botapi.explain(res, err))
    local result, failure = botapi.check(res, err)
    if failure then walk.look(where .. ": check", failure) end
    if not failure and result ~= nil then walk.look(where .. ": tostring", tostring(res)) end
    walk.look(where .. ": raised", select(2, xpcall(function() error(err or res) end, trace)))
    walk.look(where .. ": assert", select(2, xpcall(function() assert(nil, tostring(failure or res)) end, trace)))
  end

  for carrier, answer in pairs(carriers) do
    it("over the texts of a call finds nothing of a server's " .. carrier, function()
      local walk = finds()
      for _, form in ipairs(canary.forms(token)) do
        servers.pair:unrule()
        servers.pair:rule { bot = id, times = 0, answer = answer(form[2]) }
        local options = { server = servers.near, timeout = 0.3 }
        look_at(walk, "logout, " .. form[1], botapi.logout(token, options))
        look_at(walk, "call, " .. form[1], botapi.call(token, "sendMessage", { text = form[2] }, options))
        local bot = botapi.bot(token, { server = servers.near, timeout = 0.3, on_event = function(event)
          walk.look("event, " .. form[1], event)
        end })
        look_at(walk, "bot:get_webhook_info, " .. form[1], bot:get_webhook_info())
        walk.look("bot, " .. form[1], tostring(bot))
      end
      walk.done()
    end)
  end
  -- Moves and fleets ------------------------------------------------------------------

  local function rule(method, answer, server)
    servers.pair:rule { bot = id, method = method, times = 0, answer = answer, server = server }
  end

  local function me(text)
    return json { ok = true, result = { id = id, is_bot = true, username = text, first_name = text } }
  end

  local function info(text, url)
    return json { ok = true, result = { url = url, has_custom_certificate = false, pending_update_count = 2,
      max_connections = 3, ip_address = text, last_error_message = text, last_error_date = 5,
      allowed_updates = { text } } }
  end

  -- What a hostile server says during a move, by the form and a URL that holds it.
  local says = {
    nothing = function() end,
    me = function(text) rule("getMe", me(text)) end,
    webhook = function(text, url)
      rule("getMe", me(text))
      rule("getWebhookInfo", info(text, url), "cloud")
    end,
    webhook_there = function(text, url) rule("getWebhookInfo", info(text, url), "local") end,
    refused_webhook = function(text) rule("setWebhook", refused(400, "Bad Request: " .. text)) end,
    refused_leave = function(text) rule("logOut", refused(403, text)) end,
    front = function(text) rule("logOut", raw("301 " .. text, "Location: https://h/" .. text .. "\r\n", text)) end,
    front_there = function(text) rule("getMe", raw("302 " .. text, "Location: " .. text .. "\r\n", text), "local") end,
    odd_me = function(text) rule("getMe", json { ok = true, result = { id = 1, username = { [text] = text } } }) end,
    unread_there = function(text) rule("getMe", refused(401, text), "local") end,
    no_answer = function(text) rule("deleteWebhook", { raw = text }) end,
    updates = function(text) rule("getUpdates", json { ok = true, result = { { update_id = text } } }) end,
    probe = function(text) rule("probe", refused(421, text), "local") end,
  }

  local function move(walk, where, webhook, drain)
    local quick = moves.hurried(20)
    local function look(what, value) walk.look(where .. ": " .. what, value) end
    local report = quick.migrate(token, { from = { server = servers.cloud, as = "cloud" }, to = servers.near,
      journal = path, retries = 0, verify_timeout = 2, webhook = webhook, secret_token = false,
      accept_loss = not drain or nil, drain = drain and function() end or nil,
      on_event = function(event) look("event " .. event.type, event) end,
      confirm = function(plan)
        look("plan", plan)
        return true
      end })
    look("report", report)
    look("journal", moves.slurp(path))
    local log = botapi.journal or require "botapi.journal"
    look("journal, read", assert(log.read(path)):records(tostring(id)))
  end

  for name, say in pairs(says) do
    it("over a move finds nothing where a hostile server has a part in it: " .. name, function()
      local walk = finds()
      for i = 1, #canary.forms(token) do
        local form = new_bot(i)
        local text = form[2]
        local url = text:find "://" and text or "https://bot.example/" .. text:gsub("%c", ""):gsub("\194\155", "")
        servers.pair:unrule()
        servers.pair:put(id, { state = "logged_in", pending = 1, webhook = { url = url } }, "cloud")
        say(text, url)
        move(walk, form[1] .. ", keep", "keep")
        servers.pair:unrule()
        move(walk, form[1] .. ", then none", false, true)
        moves.remove(path)
      end
      walk.done()
    end)
  end

  it("over a fleet finds nothing in its events, its report and its journal", function()
    local walk = finds()
    for _, carrier in ipairs { "description", "info", "key", "phrase_of_page", "location_alone", "no_http" } do
      local list, answer = {}, carriers[carrier]
      servers.pair:unrule()
      for i = 1, #canary.forms(token) do
        local form = new_bot(i)
        list[i] = token
        servers.pair:rule { bot = id, times = 0, answer = answer(form[2]) }
      end
      for _, action in ipairs { "logout", "close", "migrate", false } do
        local options = { action = action or function(bot) return bot:get_me() end, journal = path, timeout = 0.3,
          retries = 0, on_event = function(event) walk.look(carrier .. ", event " .. event.type, event) end }
        if action == "migrate" then
          options.from, options.to = { server = servers.cloud, as = "cloud" }, { server = servers.near, timeout = 0.3 }
          options.timeout, options.accept_loss = nil, true
          options.from.timeout, options.verify_timeout = 0.3, 1
        else
          options.server = servers.near
        end
        walk.look(carrier .. ", report", botapi.fleet(list, options))
        walk.look(carrier .. ", journal", moves.slurp(path))
        moves.remove(path)
      end
    end
    for _, form in ipairs(canary.forms(token)) do
      local text = form[2]
      for name, action in pairs {
        ["nil"] = function() return nil, text end, ["false"] = function() return false, text end,
        report = function() return { status = "refused", reason = text, message = text } end,
        answer = function() return { ok = false, error_code = 400, description = text } end,
        raised = function() error(text) end, raised_table = function() error { text } end,
      } do
        local where = "a function's " .. name .. ", " .. form[1]
        walk.look(where, botapi.fleet({ token }, { server = servers.near, journal = path, action = action,
          on_event = function(event)
            event.report, event.res = event.type ~= "result" and event.report or nil, nil       -- its own words
            walk.look(where .. ", event " .. event.type, event)
          end }))
        walk.look(where .. ", journal", moves.slurp(path))
        moves.remove(path)
      end
    end
    walk.done()
  end)
end)
