-- SPDX-License-Identifier: MIT
-- Owns the emulated Facebook: sessions of cookies, and the pages of their logout.

local faults = require "botapi.emulator.facebook_faults"
local response_writer = require "botapi.emulator.response_writer"
local http = require "botapi.emulator.http"
local json = require "botapi.emulator.json"
local request = require "botapi.emulator.request"
local server = require "botapi.emulator.server"

local facebook = setmetatable({}, {__index = server})
facebook.__index = facebook

--- The names that its certificate is for.
facebook.names = {"www.facebook.com", "facebook.com", "m.facebook.com", "www.messenger.com", "messenger.com"}

local HTML, SCRIPT = "text/html; charset=utf-8", "application/x-javascript; charset=utf-8"
local NO_FAULT = {execute = true}
local DELETED = "=deleted; expires=Thu, 01-Jan-1970 00:00:01 GMT; Max-Age=0; path=/; domain=.facebook.com; secure"
local REVISION = "1009876543"
local SHOWN = {"pmid", "__a", "__req", "__rev", "ref"}  -- what is not secret in a form

--- Any c_user and xs are logged in, until they log out.
function facebook.new(instance, options)
  faults.install()
  local self = setmetatable(server.new(instance, options), facebook)
  self.ended, self.visits = {}, {}
  return self
end

--- Its address, as its users write it.
function facebook.url_of(_, opened)
  return "https://www.facebook.com:" .. opened.port
end

--- Forgets who has logged out.
function facebook:forget(account)
  server.forget(self, account)
  self.ended, self.visits = {}, {}
end

local function cookies_of(headers)
  local found = {}
  for name, value in (headers.cookie or ""):gmatch "([^=;%s]+)=([^;]*)" do found[name] = value end
  return found
end

-- The session of a request, live or not; nil without its cookies.
local function login_of(cookies)
  if not (cookies.c_user or ""):find "^%d+$" or (cookies.xs or "") == "" then return nil end
  return cookies.c_user .. ":" .. cookies.xs
end

local pages = {["GET /"] = "home", ["POST /bluebar/modern_settings_menu/"] = "settings_menu",
  ["POST /logout.php"] = "logout"}

local function page_of(incoming)
  local path, query = request.path(incoming.target)
  local name = pages[incoming.verb .. " " .. path]
  return name == "home" and query:find("stype=lo", 1, true) and "landing" or name
end

local function response(status, kind, body, more)
  local headers = {{"Connection", "keep-alive"}, {"Content-Type", kind}}
  for _, each in ipairs(more or {}) do headers[#headers + 1] = each end
  return {status = status, headers = headers, body = body}
end

local function refuse(name)
  local page = faults[name]["then"]
  return response(page.status, page.type, page.body)
end

local function html(body)
  return "<!DOCTYPE html>\n<html><body>" .. body .. "</body></html>\n"
end

local function login_page()
  return response(200, HTML, html('<form id="login_form" action="/login/" method="post">'
    .. '<input type="text" name="email"><input type="password" name="pass"></form>'))
end

-- The secrets of a session's forms: always the same for a session, and different for each form.
local function token_of(login, kind)
  local sum = 5381
  for i = 1, #login do sum = (sum * 33 + login:byte(i)) % 2 ^ 32 end
  return ("AQ%s%08x:emulated"):format(kind, sum)
end

local function jazoest(token)
  return "2" .. token:gsub(".", function(c) return ("%d"):format(c:byte()) end)
end

local FORM = '<form class="_w0d" action="https://www.facebook.com/logout.php?ref=mb" method="post" data-nocookies="1">'
  .. '<input type="hidden" name="fb_dtsg" value="%s" autocomplete="off" />'
  .. '<input type="hidden" autocomplete="off" name="ref" value="mb" />'
  .. '<input type="hidden" autocomplete="off" name="h" value="%s" /><input type="submit" value="Log Out"></form>'

local function menu(login)
  local form = FORM:format(token_of(login, "menu"), token_of(login, "h"))
  local id = "__markup_a588f507_0_1"
  local entries = json.array {json.object("value", "help"),
    json.object("value", "logout", "markup", json.object("__m", id))}
  local jsmods = json.object(
    "instances", json.array {json.array {"__inst_1", json.array {"Menu"}, json.array {entries, json.object()}}},
    "markup", json.array {json.array {"__markup_a588f507_0_0", json.object("__html", "<b>Help</b>"), 1},
      json.array {id, json.object("__html", form), 1}})
  local body = json.encode(json.object("__ar", 1, "payload", json.null, "jsmods", jsmods))
  return response(200, SCRIPT, "for (;;);" .. body)
end

-- Pages: (self, login, form, cookies, host) → response, whether it was carried out -----------------

local serve = {}

function serve.home(self, login)
  if not login or self.ended[login] then return login_page() end
  self.visits[login] = (self.visits[login] or 0) + 1
  local page = html('<form action="/search/"><input type="hidden" name="fb_dtsg" value="' .. token_of(login, "home")
    .. '" /></form><script>{"client_revision":' .. REVISION .. ',"x":1}</script>')
  return response(200, HTML, page, {{"Set-Cookie", "fr=emulated." .. self.visits[login]
    .. "; expires=Fri, 01-Jan-2100 00:00:00 GMT; path=/; domain=.facebook.com; secure; httponly"}}), true
end

-- Refuses a client that lost a cookie or filled in the form wrongly.
function serve.settings_menu(self, login, form, cookies)
  if not login or self.ended[login] then return refuse "not_logged_in" end
  local token = token_of(login, "home")
  local is_right = form.pmid == "0" and form.__user == cookies.c_user and form.__a == "1" and form.__req
    and form.__rev == REVISION and form.fb_dtsg == token and form.jazoest == jazoest(token)
    and cookies.fr == "emulated." .. (self.visits[login] or 0)
  if not is_right then return refuse "refused" end
  return menu(login), true
end

function serve.logout(self, login, form, _, host)
  if not login or self.ended[login] then return response(302, HTML, "", {{"Location", "/login.php"}}) end
  local is_right = form.fb_dtsg == token_of(login, "menu") and form.ref == "mb" and form.h == token_of(login, "h")
  if not is_right then return response(200, HTML, html "Hello") end
  self.ended[login] = true
  return response(302, HTML, "", {{"Location", "https://" .. host .. "/?stype=lo&lh=emulated"},
    {"Set-Cookie", "c_user" .. DELETED}, {"Set-Cookie", "xs" .. DELETED .. "; httponly"}}), true
end

function serve.landing(_, _)
  local page = login_page()
  page.headers[#page.headers + 1] = {"Set-Cookie", "fr" .. DELETED}
  return page, true
end

-- A fault replaces the response only: what the request does is done before.
local function bytes_of(found, fault)
  if not found or fault.status or fault.raw or fault.error_code then return response_writer.bytes(nil, fault) end
  return http.response(found.status, found.headers, found.body), found.status
end

-- What is recorded of a request: no cookie, no token of a form.
local function new_call(self, incoming, cookies)
  local params = {}
  for _, name in ipairs(SHOWN) do params[name] = incoming.arguments.shown[name] end
  return self.call_log:add {verb = incoming.verb, method = page_of(incoming), params = params,
    bot = tonumber((cookies.c_user or ""):match "^%d+$")}
end

--- Handles one request. Returns whether the connection is kept.
function facebook:serve(client, incoming)
  local form, cookies = incoming.arguments.values, cookies_of(incoming.headers)
  local call = new_call(self, incoming, cookies)
  local fault = self:fault_of(call, "answer") or NO_FAULT
  local found, executed
  if fault.execute and call.method then
    found, executed = serve[call.method](self, login_of(cookies), form, cookies, incoming.headers.host or "")
    call.executed = executed or false
  elseif fault.execute then
    found = response(404, HTML, html "404")
  end
  if fault.delay then self.clock:sleep(fault.delay) end
  return self:respond(client, call, fault, bytes_of(found, fault))
end

--- Rules apply to a page only when the whole request has been read.
function facebook.serve_head() return true end

return facebook
