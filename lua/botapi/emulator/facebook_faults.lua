-- SPDX-License-Identifier: MIT
-- Owns the named faults of the emulated Facebook: one table for rules, the guide and the specs.

local REFUSED = [[for (;;);{"__ar":1,"error":%d,"errorSummary":"%s","errorDescription":"%s","payload":null}]]
local MENU = 'for (;;);{"__ar":1,"jsmods":{"instances":[["a",["b"],[[%s],{}]]],"markup":[%s]}}'
local ENTRY = '{"value":"logout","markup":{"__m":"__markup_0"}}'
local CLEARED = "c_user=deleted; expires=Thu, 01-Jan-1970 00:00:01 GMT; Max-Age=0; path=/; domain=.facebook.com; secure"

local function html(body)
  return "<!DOCTYPE html>\n<html><body>" .. body .. "</body></html>\n"
end

local function page(body) return {status = 200, type = "text/html; charset=utf-8", body = html(body)} end

local function script(body) return {status = 200, type = "application/x-javascript; charset=utf-8", body = body} end

local function redirect(location, executes)
  return {execute = executes or false, status = 302, type = "text/html; charset=utf-8", body = "",
    headers = {Location = location}}
end

--- Each: name, then (the rule's `then`), page (where it is meant to stand), sees (what a client sees).
local faults = {
  {name = "not_logged_in", page = "settings_menu", sees = "error 1357001",
    ["then"] = script(REFUSED:format(1357001, "Not Logged In", "Please log in to continue."))},
  {name = "refused", page = "settings_menu", sees = "another error, 1357004",
    ["then"] = script(REFUSED:format(1357004, "Sorry, something went wrong",
      "Please try closing and re-opening your browser window."))},
  {name = "no_entry", page = "settings_menu", sees = "a settings menu without an entry `logout`",
    ["then"] = script(MENU:format('{"value":"help"}', ""))},
  {name = "no_form", page = "settings_menu", sees = "its entry `logout`, and no form",
    ["then"] = script(MENU:format(ENTRY, '["__markup_0",{"__html":"<a href=\\"#\\">Log out</a>"},1]'))},
  {name = "not_json", page = "settings_menu", sees = "HTML in the place of JSON", ["then"] = page "<p>Hello</p>"},
  {name = "no_token", page = "home", sees = "a first page without fb_dtsg", ["then"] = page "<p>Hello</p>"},
  {name = "checkpoint", page = "any", sees = "302 to /checkpoint/", ["then"] = redirect "/checkpoint/block/?next"},
  {name = "checkpoint_page", page = "any", sees = "200, the page of a checkpoint",
    ["then"] = page '<form action="/checkpoint/block/?next" method="post"><input name="fb_dtsg" value="x"></form>'},
  {name = "login", page = "any", sees = "302 to /login.php", ["then"] = redirect "/login.php?next"},
  {name = "login_page", page = "any", sees = "200, the page that asks for a password",
    ["then"] = page '<form action="/login/"><input name="email"><input name="pass" type="password"></form>'},
  {name = "unavailable", page = "any", sees = "503", ["then"] = {status = 503, type = "text/html", body = html "503"}},
  {name = "elsewhere", page = "logout, home", sees = "302 to another host",
    ["then"] = redirect("https://elsewhere.example/?stype=lo", true)},
  {name = "messenger", page = "logout", sees = "302 to another host of Facebook's",
    ["then"] = redirect("https://www.messenger.com/?stype=lo", true)},
  {name = "nothing", page = "logout", sees = "200 and no sign of a logout", ["then"] = page "<p>Hello</p>"},
  {name = "cleared", page = "logout", sees = "200, and c_user cleared",
    ["then"] = {execute = true, status = 200, type = "text/html; charset=utf-8", body = html "",
      headers = {["Set-Cookie"] = CLEARED}}},
}

for _, fault in ipairs(faults) do faults[fault.name] = fault end

--- Adds them to those that rules know.
function faults.install()
  local known = require "botapi.emulator.faults"
  for _, fault in ipairs(faults) do
    known[#known + 1], known[fault.name] = fault, fault
  end
end

return faults
